"""Rules of rows that several registers keep; each answers True for a row that it has nothing against."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue


def school_year(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """First and last day (ISO) of the school year that ends in each row's reporting year. rows: year."""
    year, days = rows["year"].astype("Int64"), catalogue.school_year_days()
    return (year - 1).astype("string") + "-" + days["from"], year.astype("string") + "-" + days["to"]


def within_school_year(rows: pd.DataFrame, *dates: str) -> pd.Series:
    """Whether the days (ISO, NULL is allowed) lie in the school year of the row."""
    first, last = school_year(rows)
    inside = pd.concat([(rows[day] >= first) & (rows[day] <= last) for day in dates], axis=1)
    return inside.astype("boolean").fillna(True).all(axis=1).astype(bool)


def in_order(rows: pd.DataFrame, first: str, last: str) -> pd.Series:
    """Whether a day is not after another; where one is not told there is nothing against it."""
    return (rows[first] <= rows[last]).astype("boolean").fillna(True).astype(bool)


def days_of_the_school_year(*dates: str) -> Any:
    """The dataframe check of a register whose days (columns) lie in the school year of the row."""

    @pa.dataframe_check(error="row_date_out_of_year")
    def check(cls: Any, rows: pd.DataFrame) -> pd.Series:
        return within_school_year(rows, *dates)

    return check


def days_in_order(first: str, last: str, error: str = "row_dates_reversed") -> Any:
    """The dataframe check of a register one of whose days (columns) is not after another."""

    @pa.dataframe_check(error=error)
    def check(cls: Any, rows: pd.DataFrame) -> pd.Series:
        return in_order(rows, first, last)

    return check


def _organisation(rows: pd.DataFrame) -> list[str]:
    """What the rows of one organisation agree in."""
    return ["year", "org_ref" if "org_ref" in rows else "org_id"]


def whole_of_parts(rows: pd.DataFrame, code: str, counted: str, whole: str = "ALL") -> pd.Series:
    """Whether the row of all codes together counts at least as many as the row of any one code of the organisation."""
    of_one = [rows[name] for name in _organisation(rows)]
    greatest = rows[counted].where(rows[code] != whole).groupby(of_one, dropna=False)
    enough = rows[counted] >= greatest.transform("max")
    return ((rows[code] != whole) | enough).fillna(True).astype(bool)


def alike_within(rows: pd.DataFrame, column: str) -> pd.Series:
    """Whether all rows of the organisation tell the same number, where they tell any."""
    values = rows.groupby(_organisation(rows), dropna=False)[column].transform("nunique")
    return (values <= 1).astype(bool)
