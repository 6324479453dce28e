"""Figures of declared marts under the names that indicators of works have: what values and dynamics are drawn from.

What a figure lacks of the key, a procedure too, stands there as all together (ALL, NO_GRADE).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pyarrow.parquet as pq

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import path, path_of
from msoko_pipeline.settings import Settings
from schemas.declared import DeclaredMart
from schemas.indicators import OF_THE_KEY, indicator_id, slices
from schemas.kinds import DECLARED_MARTS
from schemas.measure import ALL, NO_GRADE, Figure, Mean, Share


def read_shares(connection: Any, settings: Settings, years: Sequence[int]) -> nw.LazyFrame[Any] | None:
    """Figures of the marts of measures as indicators: WORK, indicator_id, kind, numerator, denominator, given (the
    value of no share), sd, least, greatest; None without any.

    Of each mart the rows of `indicators.slices`, which have the figure: a share whose part exceeds the whole has none.
    """
    is_made = False
    for mart, declared in DECLARED_MARTS.items():
        years_with_rows = [year for year in years if _has_rows(settings, year, mart)]
        if years_with_rows and (queries := [*_queries(mart, declared)]):
            engine.keep(connection, engine.read(connection, years_with_rows, path_of(settings, mart)), f"mart_{mart}")
            # a statement a mart: some hundreds of queries in one would need buffers for all of them at once
            start = "insert into register_shares" if is_made else "create or replace table register_shares as"
            connection.execute(f"{start} {' union all '.join(queries)}")
            connection.execute(f"drop table mart_{mart}")
            is_made = True
    return engine.table(connection, "register_shares") if is_made else None


def _has_rows(settings: Settings, year: int, mart: str) -> bool:
    file = path(settings, year, mart)
    return file.exists() and pq.read_metadata(file).num_rows > 0


def _queries(mart: str, declared: DeclaredMart) -> Iterator[str]:
    """The query of each figure of a mart that is an indicator."""
    key = {"procedure": f"'{ALL}'", "subject": f"'{ALL}'", "grade": f"{NO_GRADE}::bigint"}
    key |= {name: name for name in OF_THE_KEY if name in declared.dimensions}
    if declared.procedure:
        code, stage = declared.procedure
        key["procedure"] = f"'{code}-' || {stage}" if code else stage
    columns = ", ".join(f"{column} as {name}" for name, column in key.items())
    for name, values in slices(declared).items():
        figure = declared.figures[name]
        value = declared.value_of(name)
        rows = [f"{value} is not null", *(f"{dimension} = '{code}'" for dimension, code in values.items())]
        yield (
            f"select year, level, unit_id, {columns}, '{indicator_id(mart, name)}' as indicator_id, "
            f"{_numbers(name, figure, value)} from mart_{mart} where {' and '.join(rows)}"
        )


def _numbers(name: str, figure: Figure, value: str) -> str:
    """The numbers of a figure under the names that those of works have."""
    sides = ("total", "rows") if isinstance(figure, Mean) else ("part", "whole")
    bounds = figure.bounds if isinstance(figure, Mean) else (None, None)
    numbers = {
        "numerator": f"{name}_{sides[0]}", "denominator": f"{name}_{sides[1]}",
        "given": "null" if isinstance(figure, Share) else value,
        "sd": f"{name}_sd" if isinstance(figure, Mean) else "null",
        "least": _literal(bounds[0]), "greatest": _literal(bounds[1]),
    }  # fmt: skip
    return ", ".join(
        (f"'{figure.kind}' as kind", *(f"{number}::double as {column}" for column, number in numbers.items()))
    )


def _literal(number: float | None) -> str:
    return "null" if number is None else str(number)
