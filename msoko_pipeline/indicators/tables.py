"""Where the tables of the indicators lie, and how a step reads them and the facts: `home/indicators/year=…`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from msoko_pipeline.indicators import engine
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS


def path(settings: Settings, year: int, table: str) -> Path:
    return settings.home / "indicators" / f"year={year}" / f"{table}.parquet"


def path_of(settings: Settings, table: str) -> Callable[[int], Path]:
    """Year → the file of a table of that year."""
    return lambda year: path(settings, year, table)


def table(connection: Any, settings: Settings, years: Sequence[int], name: str) -> pd.DataFrame:
    """A table of the indicators over those of the years that have it, in a settled order: equal data, equal sums."""
    known = [year for year in years if path(settings, year, name).exists()]
    if not known:
        raise LookupError(f"Показатели не посчитаны: {name}, {', '.join(map(str, years))}")
    engine.read_years(connection, f"_{name}", known, path_of(settings, name))
    return connection.execute(f"select * from _{name} order by all").df()


def facts(connection: Any, settings: Settings, kind: str, years: Sequence[int]) -> pd.DataFrame:
    """Facts of a kind that hold in the years; without any, the columns alone."""
    if not engine.current(connection, settings, kind, years, f"_{kind}"):
        return pd.DataFrame(columns=list(KINDS[kind].model.to_schema().columns))
    return connection.execute(f"select * from _{kind} order by all").df()


def typed(rows: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """The columns by name and type, and no others; NULL where the rows lack one."""
    return rows.reindex(columns=list(columns)).astype(columns)


def among(rows: pd.DataFrame, told: pd.DataFrame, key: Sequence[str]) -> pd.Series:
    """Whether each row's key is that of a row of `told`."""
    ours, theirs = (pd.MultiIndex.from_frame(frame[[*key]]) for frame in (rows, told))
    return pd.Series(ours.isin(theirs), index=rows.index)
