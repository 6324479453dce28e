"""How a step reads the tables of the indicators and the facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from msoko_pipeline.home import engine, holding
from msoko_pipeline.home.engine import Relation
from msoko_pipeline.home.year_tables import path, path_of, years_having
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS

__all__ = ["among", "computed", "facts", "path", "path_of", "table", "typed", "waiting", "years_having"]


def table(connection: Any, settings: Settings, years: Sequence[int], name: str) -> pd.DataFrame:
    """A table of the indicators over those of the years that have it, in a settled order: equal data, equal sums."""
    computed_years = years_having(settings, years, name)
    if not computed_years:
        raise LookupError(f"Показатели не посчитаны: {name}, {', '.join(map(str, years))}")
    return _settled(connection, engine.read(connection, computed_years, path_of(settings, name)))


def computed(connection: Any, settings: Settings, years: Iterable[int], name: str) -> pd.DataFrame:
    """`table`; where none of the years has it, no rows."""
    computed_years = years_having(settings, sorted(years), name)
    return table(connection, settings, computed_years, name) if computed_years else pd.DataFrame({"year": []})


def facts(
    connection: Any, settings: Settings, kind: str, years: Sequence[int], schools: Relation | None = None
) -> pd.DataFrame:
    """Facts of a kind that hold in the years; without any, the columns alone. schools: see `holding.every`."""
    rows = holding.current(connection, settings, kind, years, schools=schools)
    if rows is None:
        return pd.DataFrame(columns=list(KINDS[kind].model.to_schema().columns))
    return _settled(connection, rows)


def _settled(connection: Any, rows: Relation) -> pd.DataFrame:
    return engine.select(connection, "select * from rows order by all", rows=rows)


def waiting(settings: Settings) -> dict[int, int]:
    """Running number of a file → its rows that wait because their organisation is unknown."""
    rows: dict[int, int] = {}
    for name in ("waiting_logins", "waiting_names"):
        for file in sorted((settings.home / "indicators").glob(f"year=*/{name}.parquet")):
            lines = pq.read_table(file, columns=["seq", "rows"], partitioning=None)
            for seq, count in zip(lines["seq"].to_pylist(), lines["rows"].to_pylist(), strict=True):
                rows[int(seq)] = rows.get(int(seq), 0) + int(count)
    return rows


def typed(rows: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """The columns by name and type, and no others; NULL where the rows lack one."""
    return rows.reindex(columns=list(columns)).astype(columns)


def among(rows: pd.DataFrame, others: pd.DataFrame, key: Sequence[str]) -> pd.Series:
    """Whether each row's key is that of a row of `others`."""
    ours, theirs = (pd.MultiIndex.from_frame(frame[[*key]]) for frame in (rows, others))
    return pd.Series(ours.isin(theirs), index=rows.index)
