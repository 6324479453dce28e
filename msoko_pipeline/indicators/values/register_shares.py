"""Shares of registers under the names that indicators of works have: what their values and dynamics are drawn from.

A share of a register is of no procedure: what it lacks of the key stands there as all together (ALL, NO_GRADE).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import pyarrow.parquet as pq

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import path, path_of
from msoko_pipeline.settings import Settings
from schemas.indicators import OF_THE_KEY, indicator_id, slices
from schemas.kinds import DECLARED_MARTS
from schemas.measure import ALL, NO_GRADE, DeclaredMart


def of_registers(rows: pd.DataFrame) -> pd.Series:
    """Whether each row (procedure) is of a register: one declaration counts it the same way every year."""
    return rows["procedure"] == ALL


def read_shares(connection: Any, settings: Settings, years: Sequence[int]) -> nw.LazyFrame[Any] | None:
    """Shares of the marts of measures as indicators: WORK, indicator_id, numerator, denominator; None without any.

    Of each mart the rows of `indicators.slices`, which have the share: those whose part exceeds the whole have none.
    """
    queries: list[str] = []
    for mart, declared in DECLARED_MARTS.items():
        if years_with_rows := [year for year in years if _has_rows(settings, year, mart)]:
            engine.read_years(connection, f"mart_{mart}", years_with_rows, path_of(settings, mart))
            queries += _queries(mart, declared)
    if not queries:
        return None
    connection.execute(f"create or replace view register_shares as {' union all '.join(queries)}")
    return engine.table(connection, "register_shares")


def _has_rows(settings: Settings, year: int, mart: str) -> bool:
    file = path(settings, year, mart)
    return file.exists() and pq.read_metadata(file).num_rows > 0


def _queries(mart: str, declared: DeclaredMart) -> Iterator[str]:
    """The query of each share of a mart that is an indicator."""
    whole = {"subject": f"'{ALL}'", "grade": f"{NO_GRADE}::bigint"}
    subject, grade = (name if name in declared.dimensions else whole[name] for name in OF_THE_KEY)
    for name, values in slices(declared).items():
        rows = [f"{name}_pct is not null", *(f"{dimension} = '{value}'" for dimension, value in values.items())]
        yield (
            f"select year, '{ALL}' as procedure, level, unit_id, {subject} as subject, {grade} as grade, "
            f"'{indicator_id(mart, name)}' as indicator_id, {name}_part::double as numerator, "
            f"{name}_whole::double as denominator from mart_{mart} where {' and '.join(rows)}"
        )
