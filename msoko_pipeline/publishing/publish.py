"""Publication: the staged years into the warehouse in one transaction, with the operational tables and the record of it.

Readers see the publication before or this one, never a mixture; what fails is rolled back as a whole.
Light at the top (no pandas, no Arrow): `last_inputs` must answer at once when there is nothing to do.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from msoko_pipeline.publishing import shape
from msoko_pipeline.publishing.engine import connect, exists, writing
from msoko_pipeline.settings import Settings

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from msoko_pipeline.publishing.tables import Warehouse

Progress = Callable[[str, int, int], None]
STEP = "Публикация"


@dataclass(frozen=True)
class Publication:
    """A publication that has happened.

    publication_id: its number; published_at: UTC, ISO 8601; years: those replaced; row_counts: table → rows of these
    years; diff: table → {added, changed, removed}, and `compared: False` where the old rows were too many to compare.
    """

    publication_id: str
    published_at: str
    years: tuple[int, ...]
    row_counts: dict[str, int]
    diff: dict[str, dict[str, int | bool]]


def publish(
    settings: Settings,
    years: Sequence[int],
    *,
    files: pa.Table | pd.DataFrame,
    issues: Iterable[Path],
    quarantine: Iterable[Path],
    inputs: Mapping[int, str],
    rule_version: str,
    progress: Progress | None = None,
) -> Publication:
    """Replace the given years in all published tables, and the operational tables, in one transaction.

    years: may be none (then only the operational tables change); staged marts of each must be there, empty ones too.
    files: rows of ops.file, the whole register. issues, quarantine: Parquet files with rows of ops.issue and
    ops.quarantine about files in the register; they replace all rows about those files. inputs: year → hash of what
    the year follows from (a year left out counts as not published from anything). progress: called with the step,
    tables done, tables in all.

    Raises WarehouseError when the database cannot be used, StagedError when rows are not as declared, and whatever
    the database says against the rows; in each case nothing has changed.
    """
    from msoko_pipeline.publishing import diff, rows
    from msoko_pipeline.publishing.tables import prepare, warehouse
    from schemas.marts import MARTS
    from schemas.ops import OPS

    chosen = tuple(sorted(set(years)))
    _refuse_incomplete(settings, chosen)
    register = rows.of_frame(files, OPS["file"])
    told = {"issue": list(issues), "quarantine": list(quarantine)}
    about_files = {name: _about_known_files(name, paths, register) for name, paths in told.items()}
    engine = connect(settings.warehouse)
    try:
        with writing(engine) as connection:
            made_anew = prepare(connection)
            tables = warehouse(engine.dialect.name)
            before = _last(connection, engine)
            published_at = _moment(before)
            stamps = {"rule_version": rule_version, "published_at": published_at}
            counts: dict[str, int] = {}
            changes: dict[str, diff.Change] = {}
            for number, name in enumerate(MARTS, 1):
                counts[name], changes[name] = _replace(connection, tables, settings, chosen, name, stamps)
                if progress:
                    progress(STEP, number, len(MARTS))
            _replace_operational(connection, tables, register, about_files)
            held = {} if made_anew or before is None else _inputs(before)
            held = {year: told for year, told in held.items() if year not in chosen}
            held |= {year: inputs[year] for year in chosen if year in inputs}
            done = Publication(_number(published_at), published_at, chosen, counts, changes)
            _record(connection, tables, done, held, rule_version)
    finally:
        engine.dispose()
    for year in chosen:
        for name in MARTS:
            diff.keep(settings, year, name, published_at)
    return done


def last_inputs(settings: Settings) -> dict[int, str]:
    """Year → hash of the inputs its rows in the warehouse follow from.

    Empty where nothing was published, or where the tables are not as declared and all must be published again.
    Raises WarehouseError.
    """
    if not exists(settings.warehouse):
        return {}
    engine = connect(settings.warehouse)
    try:
        with engine.connect() as connection:
            last = _last(connection, engine)
            if last is None:
                return {}
            marts, ours = _declaration(settings, engine.dialect.name)
            return {} if shape.stale(connection, marts, ours) else _inputs(last)
    finally:
        engine.dispose()


def last_publication(settings: Settings) -> dict[str, str] | None:
    """The last row of ops.publication (`years`, `row_counts`, `diff` and the rest are text); None before the first."""
    if not exists(settings.warehouse):
        return None
    engine = connect(settings.warehouse)
    try:
        with engine.connect() as connection:
            return _last(connection, engine)
    finally:
        engine.dispose()


def _declaration(settings: Settings, dialect: str) -> tuple[shape.Shape, shape.Shape]:
    """The shape of marts and of all tables as declared; pandera is asked only when the declarations have changed."""
    place = settings.staging / "published" / f"tables-{dialect}.json"
    known = shape.kept(place, dialect)
    if known is None:
        from msoko_pipeline.publishing.tables import warehouse

        tables = warehouse(dialect)
        known = shape.declared(tables.marts.values()), shape.declared(tables)
        shape.keep(place, dialect, *known)
    return known


def _last(connection: sa.Connection, engine: sa.Engine) -> dict[str, str] | None:
    schema, name = ("ops", "publication") if engine.dialect.name == "postgresql" else (None, "ops_publication")
    if not sa.inspect(connection).has_table(name, schema=schema):
        return None
    table = sa.table(name, sa.column("published_at"), sa.column("publication_id"), schema=schema)
    newest = sa.select(sa.text("*")).select_from(table).order_by(table.c.published_at.desc()).limit(1)
    row = connection.execute(newest).mappings().first()
    return dict(row) if row else None


def _inputs(publication: Mapping[str, str]) -> dict[int, str]:
    return {int(year): told for year, told in json.loads(publication["inputs"] or "{}").items()}


def _moment(before: Mapping[str, str] | None) -> str:
    """Now, in milliseconds; later than the last publication even where the clock was set back."""
    now = datetime.now(UTC)
    if before is not None:
        now = max(now, datetime.fromisoformat(before["published_at"]) + timedelta(milliseconds=1))
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _number(published_at: str) -> str:
    return f"{''.join(c for c in published_at if c.isalnum())}-{secrets.token_hex(3)}"


def _refuse_incomplete(settings: Settings, years: Iterable[int]) -> None:
    """Look at all staged tables before the transaction begins. Raises StagedError, naming everything that is wrong."""
    from msoko_pipeline.publishing import rows
    from schemas.marts import MARTS

    wrong = []
    for year in years:
        for name, model in MARTS.items():
            path = rows.staged(settings, year, name)
            said = rows.columns_wrong(path, model) if path.exists() else "таблица не подготовлена"
            if said:
                wrong.append(f"{name}, {year} год: {said}")
    if wrong:
        raise rows.StagedError("К публикации готово не всё. " + ". ".join(wrong))


def _about_known_files(name: str, paths: Iterable[Path], register: pa.Table) -> pa.Table:
    """Rows of an operational table. Raises StagedError where one is about a file that the register does not have:
    such a row would be written again and again."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from msoko_pipeline.publishing import rows
    from schemas.ops import OPS

    found = rows.read_many(paths, OPS[name])
    strangers = set(pc.unique(found["sha256"].cast(pa.string())).to_pylist()) - set(register["sha256"].to_pylist())
    if strangers:
        raise rows.StagedError(f"ops.{name}: строки о файлах, которых нет в реестре: {', '.join(sorted(strangers))}")
    return found


def _replace(
    connection: sa.Connection, tables: Warehouse, settings: Settings, years: tuple[int, ...], name: str,
    stamps: Mapping[str, str],
) -> tuple[int, dict[str, int | bool]]:  # fmt: skip
    """One mart: compare, delete the years, write the staged rows. Returns the rows written and what changed."""
    from msoko_pipeline.publishing import diff, load, rows
    from schemas.marts import MARTS

    table, model = tables.marts[name], MARTS[name]
    change, written = diff.nothing(), 0
    for year in years:
        change = diff.plus(change, diff.against(connection, table, settings, year, name, model))
    if years:
        load.clear(connection, table, years)
    for year in years:
        try:
            written += load.insert(connection, table, rows.read(rows.staged(settings, year, name), model), stamps)
        except Exception as error:
            error.add_note(f"Таблица «{name}», {year} год: строки не записаны, публикация отменена")
            raise
    load.analyze(connection, [table] if written else [])
    return written, change


def _replace_operational(
    connection: sa.Connection, tables: Warehouse, register: pa.Table, about_files: Mapping[str, pa.Table]
) -> None:
    from msoko_pipeline.publishing import load

    file = tables.ops["file"]
    connection.execute(file.delete())
    load.insert(connection, file, register)
    for name, found in about_files.items():
        table = tables.ops[name]
        connection.execute(table.delete().where(table.c.sha256.in_(sa.select(file.c.sha256))))
        load.insert(connection, table, found)


def _record(
    connection: sa.Connection, tables: Warehouse, done: Publication, held: Mapping[int, str], rule_version: str
) -> None:
    def text(told: Any) -> str:
        return json.dumps(told, ensure_ascii=False)

    row = {
        "publication_id": done.publication_id,
        "published_at": done.published_at,
        "years": ", ".join(map(str, done.years)),
        "inputs": text({str(year): held[year] for year in sorted(held)}),
        "row_counts": text(done.row_counts),
        "diff": text(done.diff),
        "rule_version": rule_version,
    }
    connection.execute(tables.ops["publication"].insert(), [row])
