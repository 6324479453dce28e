"""Figures that cannot be, in any published table: what the declarations of the marts say of every column and pair.

Which columns are looked at is read from `schemas.marts` (units, ranges, names), `publishing.consistency` and
`schemas/layouts/public.yaml` (of what whole a count is a part, which shares it tells), so a new mart is looked at too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from msoko_pipeline.publishing.consistency import RULES
from schemas import catalogue
from schemas.fields import ColumnSpec, columns_of
from schemas.indicators import indicators
from schemas.marts import MARTS

RESIDUE = 1e-9
"""No figure of a town is as small without being 0: it is what rounding has left. Chances alone are."""
CHANCE = re.compile(r"вероятн|случа|как часто|^p\b|\bp с поправкой|то же p", re.IGNORECASE)
BOUND = re.compile(r"^(?P<of>.*?)(?P<end>_?ci_)?low(?P<rest>_pct|_\d+)?$")
RANGES = {"%": (0.0, 100.0), "отметка": (2.0, 5.0), "балл": (0.0, np.inf), "тестовый балл": (0.0, 100.0),
          "коэффициент, не больше 1": (-np.inf, 1.0)}  # fmt: skip
"""Of what is a row's value in the unit that the row, or its indicator, names."""
SLACK = 1e-9

Found = Iterator[tuple[str, str, pd.Series]]
"""Column, what is wrong, and of which rows."""


def impossible(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """`mart.column: what is wrong (rows, one of them)` for every column of the published tables."""
    said = []
    units = _units(tables)
    for mart, table in tables.items():
        rows = _numbers(mart, table)
        if "indicator_id" in rows and "unit" not in rows:
            rows = rows.assign(unit=rows["indicator_id"].map(units))
        for look in (_ranges, _left_by_rounding, _bounds, _by_unit, _sums, _parts, _nothing):
            for column, what, wrong in look(mart, rows):
                if (at := wrong.fillna(value=False).to_numpy(bool)).any():
                    example = rows.loc[at, column].iloc[0] if column in rows else ""
                    said.append(f"{mart}.{column}: {what} ({at.sum()}, {example})")
    return said


def _units(tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    named = {name: one["unit"] for name, one in indicators().items()}
    told = tables.get("indicator")
    return named if told is None else named | dict(zip(told["indicator_id"], told["unit"], strict=True))


def _specs(mart: str) -> list[ColumnSpec]:
    return [spec for spec in columns_of(MARTS[mart]) if spec.dtype.startswith(("Int", "Float"))]


def _numbers(mart: str, table: pd.DataFrame) -> pd.DataFrame:
    """The table with every declared number as float, whatever the database gave."""
    return table.astype({spec.name: "float64" for spec in _specs(mart) if spec.name in table})


def _ranges(mart: str, rows: pd.DataFrame) -> Found:
    """What is declared, and by the unit: shares and chances within 0…100, probabilities 0…1, counts from 0 on."""
    schema = MARTS[mart].to_schema()
    for spec in _specs(mart):
        if spec.name not in rows:
            continue
        low, high = (0.0, np.inf) if spec.dtype.startswith("Int") else (-np.inf, np.inf)
        if spec.name.endswith("_pct") or spec.unit == "%":
            low, high = 0.0, 100.0
        if re.search(r"(^|_)p_(value|adjusted)$", spec.name):
            low, high = 0.0, 1.0
        for check in schema.columns[spec.name].checks:
            told = check.statistics or {}
            low, high = told.get("min_value", low), told.get("max_value", high)
        yield spec.name, f"вне {low:g}…{high:g}", (rows[spec.name] < low) | (rows[spec.name] > high)
        yield spec.name, "бесконечность", np.isinf(rows[spec.name])


def _left_by_rounding(mart: str, rows: pd.DataFrame) -> Found:
    for spec in _specs(mart):
        if spec.name in rows and ("ci_" in spec.name or not CHANCE.search(spec.title)):
            size = rows[spec.name].abs()
            yield spec.name, "остаток округления вместо 0", (size > 0) & (size < RESIDUE)
            if spec.unit == "%":
                rest = (100 - rows[spec.name]).abs()
                yield spec.name, "остаток округления вместо 100", (rest > 0) & (rest < RESIDUE)


def _bounds(mart: str, rows: pd.DataFrame) -> Found:
    """Pairs …low, …high: in order, both or neither, and a confidence interval around its value."""
    names = [spec.name for spec in _specs(mart) if spec.name in rows]
    for place, low in enumerate(names):
        match = BOUND.match(low)
        if match is None:
            continue
        high = f"{match['of']}{match['end'] or ''}high{match['rest'] or ''}"
        if high not in names:
            continue
        yield low, f"больше {high}", rows[low] > rows[high] + SLACK
        yield low, f"есть одна граница из двух ({high})", rows[low].isna() != rows[high].isna()
        if match["end"]:
            percents = [name for name in names[:place] if name.endswith("_pct")]
            value = next(
                name for name in (f"{match['of']}_pct", match["of"], "value", *percents[::-1]) if name in names
            )
            outside = (rows[value] < rows[low] - SLACK) | (rows[value] > rows[high] + SLACK)
            yield value, f"вне своего интервала ({low}, {high})", outside
            yield low, f"есть, а значения ({value}) нет", rows[low].notna() & rows[value].isna()


def _by_unit(mart: str, rows: pd.DataFrame) -> Found:
    """Values of marts whose rows have units of their own."""
    if "unit" not in rows:
        return
    for spec in _specs(mart):
        if spec.name in rows and re.fullmatch(r"(value|previous)(_value|_\d+)?|ci_(low|high)", spec.name):
            for unit, (low, high) in RANGES.items():
                wrong = (rows[spec.name] < low) | (rows[spec.name] > high)
                yield spec.name, f"вне {low:g}…{high:g} ({unit})", wrong & (rows["unit"] == unit)
    if {"numerator", "denominator"} <= {*rows}:
        part_over_whole = rows["numerator"] > rows["denominator"] + SLACK
        is_share = rows["unit"] == "%"
        if "indicator_id" in rows:  # the numerator of a mean is a sum
            is_share &= ~rows["indicator_id"].isin(n for n, one in indicators().items() if one["kind"] == "mean")
        yield "numerator", "больше целого (denominator)", part_over_whole & is_share


def _sums(mart: str, rows: pd.DataFrame) -> Found:
    """The rules of consistency, row by row."""
    for rule in RULES:
        terms = [(factor, column) for factor, column in rule.terms() if column in rows]
        if rule.mart != mart or rule.per or len(terms) < len([*rule.terms()]):
            continue
        total = sum((factor * rows[column] for factor, column in terms), pd.Series(0.0, index=rows.index))
        wrong = (total < -np.inf) if rule.low is None else (total < rule.low)
        wrong |= False if rule.high is None else (total > rule.high)
        if rule.where:
            wrong &= rows[rule.where[0]] == rule.where[1] if rule.where[0] in rows else False
        yield terms[-1][1], f"нарушено: {rule.title}", wrong


def _declared(mart: str) -> list[tuple[list[str], str, list[str], str | None]]:
    """Counts, the whole that they are parts of, shares that they tell; value of `kind` of the rows concerned."""
    told = catalogue.public()["marts"].get(mart, {})
    parts = [part for part in told.get("parts", ()) if part.get("of", "sum") != "sum"]
    shares = [([], whole, [share]) for share, whole in told.get("shares", {}).items()]
    return [(*each, told.get("kind")) for each in [(p["cells"], p["of"], p["tells"]) for p in parts] + shares]


def _wholes(mart: str) -> Iterator[tuple[str, str, list[str], str | None]]:
    """Shares of one known whole: the share, its whole, its numerator where it is one count, value of `kind`."""
    told: dict[str, list[tuple[str, list[str], str | None]]] = {}
    for cells, whole, tells, kind in _declared(mart):
        for share in (name for name in tells if name.endswith("_pct") or name == "value"):
            told.setdefault(share, []).append((whole, cells, kind))
    for share, of in told.items():
        single = [each for each in of if len(each[1]) == 1] or of
        if len({whole for whole, *_ in single}) == 1:
            whole, cells, kind = single[-1]
            yield share, whole, cells if len(cells) == 1 else [], kind


def _parts(mart: str, rows: pd.DataFrame) -> Found:
    for cells, whole, _, kind in _declared(mart):
        concerned = rows["kind"] == kind if kind else pd.Series(True, index=rows.index)
        for cell in cells:
            if {cell, whole} <= {*rows}:
                yield cell, f"больше целого ({whole})", (rows[cell] > rows[whole]) & concerned


def _nothing(mart: str, rows: pd.DataFrame) -> Found:
    """A share of nobody is no data; so is one whose count nobody told, and what has data has a share."""
    for share, whole, cell, kind in _wholes(mart):
        if not {share, whole} <= {*rows}:
            continue
        concerned = rows["kind"] == kind if kind else pd.Series(True, index=rows.index)
        yield share, f"доля от ничего ({whole})", rows[share].notna() & ~(rows[whole] > 0) & concerned
        for numerator in (name for name in cell if name in rows):
            unknown = rows[numerator].isna() & (rows[share] == 0) & concerned
            yield share, f"0, а числитель ({numerator}) неизвестен", unknown
            untold = rows[numerator].notna() & (rows[whole] > 0) & rows[share].isna() & concerned
            yield share, f"нет, а числитель ({numerator}) и целое ({whole}) есть", untold
    for value, whole in (("value", "denominator"), ("value_1", "denominator_1"), ("value_2", "denominator_2")):
        if {value, whole} <= {*rows}:
            yield value, f"значение от нуля ({whole})", rows[value].notna() & (rows[whole] == 0)
            if "numerator" in rows:
                unknown = rows["numerator"].notna() & rows[value].notna() & rows[whole].isna()
                share = rows["unit"] == "%" if "unit" in rows else True  # a number of things has no whole
                yield value, f"доля от неизвестного ({whole})", unknown & share
