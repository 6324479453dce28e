"""Drawn cases of declared marts: rows as a form has them, and what the mart says of them.

A case: mart, given (headers of the register, cells as people write them; who it is of in the column of the
organisation), gives (где: an organisation or «город»; dimensions in the words of the form; measures by their columns).
Organisations are of one town and one year.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd

from msoko_pipeline.indicators.registers.measures import measured, sliced
from msoko_pipeline.text.cells import as_listed
from schemas.declared import DECLARED_MARTS, DeclaredMart
from schemas.fields import ColumnSpec, columns_of
from schemas.kinds import REGISTERS
from schemas.measure import ALL, NO_GRADE
from tests.spec.tables import table

YEAR, TOWN = 2026, "город"
ROUNDED = 0.005  # figures are drawn with two decimals
Rows = Callable[[pd.DataFrame], pd.DataFrame]


def facts(drawn: str, register: str) -> pd.DataFrame:
    """The rows of a drawn form as the lake has them, org_id for the organisation that a row names."""
    by_title = {spec.title: spec for spec in columns_of(REGISTERS[register].model)}
    rows = table(drawn)
    values = {by_title[title].name: _values(rows[title], by_title[title]) for title in rows}
    every = {spec.name: values.get(spec.name, _nothing(len(rows), spec)) for spec in by_title.values()}
    place = "org_ref" if "org_ref" in every else "org_id"
    return pd.DataFrame(every | {"year": YEAR, "org_id": every[place]}, index=rows.index)


def _values(cells: pd.Series, spec: ColumnSpec) -> pd.Series:
    codes = {as_listed(spelling): code for spelling, code in (spec.codes or {}).items()}
    known = [None if pd.isna(cell) else codes[as_listed(_word(cell))] if codes else cell for cell in cells]
    return pd.Series(known, index=cells.index, dtype=_dtype(spec))


def _word(cell: Any) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


def _nothing(rows: int, spec: ColumnSpec) -> pd.Series:
    return pd.Series([None] * rows, dtype=_dtype(spec))


def _dtype(spec: ColumnSpec) -> str:
    return "string" if spec.dtype.startswith("str") else spec.dtype


def contingents(drawn: str | None) -> pd.DataFrame | None:
    """Pupils of the contingent form: Школа, Класс, Учеников."""
    return None if drawn is None else table(drawn).set_axis(["org_id", "grade", "pupils"], axis=1)


def units_of(organisations: pd.Series) -> pd.DataFrame:
    """year, org_id, level, unit_id: each organisation and the town of all."""
    units = [(YEAR, org, level, org if level == "school" else TOWN)
             for org in pd.unique(organisations) for level in ("school", "municipality")]  # fmt: skip
    return pd.DataFrame(units, columns=["year", "org_id", "level", "unit_id"]).astype({"year": "int64"})


def marts_rows(rows: pd.DataFrame, name: str, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
    """The mart of rows of organisations of one town. pupils: org_id, grade, pupils of the contingent."""
    connection = duckdb.connect()
    declared = DECLARED_MARTS[name]

    def relation(called: str, frame: pd.DataFrame) -> Any:
        connection.register(f"_{called}", frame)
        connection.execute(f"create table {called} as select * from _{called}")
        return nw.from_native(connection.table(called))

    none = pd.DataFrame({"org_id": pd.array([], "string"), "grade": [], "pupils": []})
    having = (none if pupils is None else pupils).assign(year=YEAR)
    units = units_of(pd.concat([rows["org_id"], having["org_id"]]) if "org_id" in rows else having["org_id"])
    of_units = relation("units", units)
    of_pupils = relation("pupils", having.astype({"grade": "Int64", "pupils": "Int64"}))
    return measured(sliced(relation("facts", rows), of_units, declared), of_units, of_pupils, declared)


def differences(computed: pd.DataFrame, gives: str, declared: DeclaredMart) -> list[str]:
    """What the mart says otherwise than the drawn table, a line each; empty where it says the same."""
    wrong = []
    for line in table(gives).to_dict("records"):
        chosen = computed[computed["unit_id"] == line.pop("где")]
        for name in declared.dimensions:
            drawn = line.pop(name, None)
            value = (NO_GRADE if name == "grade" else ALL) if pd.isna(drawn) else drawn
            codes = {as_listed(spelling): code for spelling, code in (declared.specs[name].codes or {}).items()}
            chosen = chosen[chosen[name] == codes.get(as_listed(_word(value)), value)]
        (row,) = chosen.to_dict("records")
        for name, value in line.items():
            if pd.isna(value) or pd.isna(row[name]):
                is_same = pd.isna(value) and pd.isna(row[name])
            else:
                is_same = abs(float(row[name]) - value) < ROUNDED
            wrong += [] if is_same else [f"{row['unit_id']} {name}: {row[name]}, not {value}"]
    return wrong
