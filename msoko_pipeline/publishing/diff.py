"""What a publication changes: per table the rows added, changed and removed, against what the warehouse holds.

The old rows are read back from the warehouse where they are few. Many rows would take longer to read than to write,
so the Parquet of every publication is kept, named by the moment of publication that the
warehouse's own rows bear: where the names agree, it is the same rows. Rows meet by their key, values by a 64-bit hash.
"""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from msoko_pipeline.home import store
from msoko_pipeline.home.engine import sql_type
from msoko_pipeline.publishing import rows
from msoko_pipeline.publishing.rows import Model
from msoko_pipeline.settings import Settings
from schemas.fields import columns_of

READ_BACK = 200_000  # rows of a year that are read from the warehouse for comparison: about a second
MEMORY = "512MB"

Change = dict[str, int | bool]
"""added, changed, removed: rows. `compared: false` where the old rows were too many to read: then added and removed
are only by how much the table grew or shrank."""


def nothing() -> Change:
    return {"added": 0, "changed": 0, "removed": 0}


def plus(one: Change, other: Change) -> Change:
    """Changes of two years of one table together."""
    total: Change = {name: one[name] + other[name] for name in nothing()}
    if not (one.get("compared", True) and other.get("compared", True)):
        total["compared"] = False
    return total


def against(
    connection: sa.Connection, table: sa.Table, settings: Settings, year: int, mart: str, model: Model, new: Path
) -> Change:
    """Compare the Parquet rows that are about to be published with those of the year that the warehouse holds now."""
    of_year = table.c.year == year
    published_at = connection.scalar(sa.select(table.c.published_at).where(of_year).limit(1))
    if published_at is None:
        return {**nothing(), "added": rows.count(new)}
    before = kept(settings, year, mart, published_at)
    if before.exists():
        with suppress(duckdb_error(), OSError):  # a kept copy that is damaged is as good as none
            return nothing() if filecmp.cmp(before, new, shallow=False) else compare(before, new, model)
    old = all_removed(connection, table, year)["removed"]
    if old > READ_BACK:
        grown = rows.count(new) - old
        return {**nothing(), "added": max(grown, 0), "removed": max(-grown, 0), "compared": False}
    return compare(_read_back(connection, table, year, model), new, model)


def all_removed(connection: sa.Connection, table: sa.Table, year: int) -> Change:
    """The change where no row of the year stays."""
    rows_held = sa.select(sa.func.count()).select_from(table).where(table.c.year == year)
    return {**nothing(), "removed": connection.scalar(rows_held) or 0}


def duckdb_error() -> type[Exception]:
    import duckdb

    return duckdb.Error


def compare(old: Path | pa.Table, new: Path | pa.Table, model: Model) -> Change:
    """Rows of `new` against those of `old`, by the model's key columns; both hold the declared columns."""
    import duckdb

    with duckdb.connect(config={"memory_limit": MEMORY}) as database:
        before, after = (_hashes(database, name, source, model) for name, source in (("was", old), ("is", new)))
        counts = database.execute(
            f"with o as ({before}), n as ({after}) select count(*) filter (o.k is null), "
            "count(*) filter (o.v <> n.v), count(*) filter (n.k is null) from o full join n using (k)"
        ).fetchone()
    added, changed, removed = counts or (0, 0, 0)
    return {"added": added, "changed": changed, "removed": removed}


@contextmanager
def keeping(settings: Settings, years: Iterable[int], marts: Iterable[str]) -> Iterator[Callable[[str], None]]:
    """Around the transaction: gives the function that copies these staged marts of the years as published at a moment.

    What is published is these copies, so staging may go on meanwhile. They replace the older ones when all went well,
    and go when it did not.
    """
    copied: list[Path] = []

    def keep(published_at: str) -> None:
        for year in years:
            for mart in marts:
                target = kept(settings, year, mart, published_at)
                target.parent.mkdir(parents=True, exist_ok=True)
                copied.append(target)
                shutil.copyfile(rows.staged(settings, year, mart), target)

    try:
        yield keep
    except BaseException:
        for path in copied:
            path.unlink(missing_ok=True)
        raise
    for folder in {path.parent for path in copied}:
        for path in set(folder.glob("*.parquet")) - set(copied):
            path.unlink()


def kept(settings: Settings, year: int, mart: str, published_at: str) -> Path:
    """Where the rows published at that moment are kept, if they are."""
    moment = "".join(c for c in published_at if c.isalnum())
    return settings.staging / "published" / f"year={year}" / f"{mart}@{moment}.parquet"


def _hashes(database: Any, name: str, source: Path | pa.Table, model: Model) -> str:
    if isinstance(source, Path):
        origin = store.as_sql([source])
    else:
        database.register(f"_{name}", source)
        origin = f"_{name}"
    columns = {spec.name: f'"{spec.name}"::{sql_type(spec.dtype)}' for spec in columns_of(model)}
    key = ", ".join(columns[spec.name] for spec in columns_of(model) if spec.key)
    values = ", ".join(columns[spec.name] for spec in columns_of(model) if not spec.key)
    return f"select hash({key}) as k, hash({values}) as v from {origin}"


def _read_back(connection: sa.Connection, table: sa.Table, year: int, model: Model) -> pa.Table:
    names = [spec.name for spec in columns_of(model)]
    records = connection.execute(sa.select(*(table.c[name] for name in names)).where(table.c.year == year)).all()
    columns = [pa.array(list(values)) for values in zip(*records, strict=True)]
    return rows.conform(pa.table(columns, names=names), model, table.fullname)
