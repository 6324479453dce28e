"""Nothing is told of fewer people than a mart's least: what is hidden of a row, of a figure, of counts together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import pytest

from msoko_pipeline.indicators.registers.measures import measured, sliced
from schemas.declared import DECLARED_MARTS, MadeRows, mart
from schemas.fields import columns_of, field
from schemas.measure import ALL, KNOWN, count, mean, share, total

YEAR, LEAST = 2026, 5
OPTIONS: dict[str, dict[str, Any]] = {
    "toy_open": {},
    "toy_groups": {"least": LEAST},
    "toy_cells": {"least": LEAST, "least_cell": LEAST},
    "toy_map": {"least": 2 * LEAST, "least_cell": LEAST},
}


class People(MadeRows):
    """People with a rating."""

    subject: str = field("Предмет", isin=["RU", "MA"])
    person: str = field("Кто")
    rating: str = field("Уровень", isin=["low", "high"])
    hours: pd.Int64Dtype = field("Часов", unit="ч")


def declare(name: str, **options: Any) -> None:
    @mart(name, of=People, title="Пример", slices=((), ("subject",)), base="people", **options)
    class Toy:
        """Пример."""

        people = count("Людей", "person", unit="чел.")
        low = count("Низкий", "person", unit="чел.", where={"rating": "low"})
        high = count("Высокий", "person", unit="чел.", where={"rating": "high"})
        hours = total("hours", "Часов", unit="ч")
        lacking = share(
            "Доля низких", part=low, item="8.1", better="down", source="пример",
            whole=count("Чей уровень известен", "person", unit="чел.", where={"rating": KNOWN}),
        )  # fmt: skip
        each = mean("Часов на каждого", "hours", unit="ч", item="8.3", better="up", source="пример")


@pytest.fixture(scope="module", autouse=True)
def _toys() -> Iterator[None]:
    for name, options in OPTIONS.items():
        declare(name, **options)
    yield
    for name in OPTIONS:
        del DECLARED_MARTS[name]


def told(name: str, *groups: tuple[str | None, str | None, int], subject: str = ALL) -> dict[str, Any]:
    """The row of a school. groups: subject, rating, how many people of it."""
    people = [(YEAR, "A", of, f"{of}{rating}{number}", rating, 10)
              for of, rating, number_of in groups for number in range(number_of)]  # fmt: skip
    connection = duckdb.connect()
    frame = pd.DataFrame(people, columns=["year", "org_id", "subject", "person", "rating", "hours"])
    units = pd.DataFrame({"year": [YEAR], "org_id": ["A"], "level": ["school"], "unit_id": ["A"]})
    for place, rows in (("facts", frame.astype({"subject": "string", "rating": "string"})), ("units", units)):
        connection.register(f"_{place}", rows)
        connection.execute(f"create table {place} as select * from _{place}")
    declared = DECLARED_MARTS[name]
    facts, places = (nw.from_native(connection.table(place)) for place in ("facts", "units"))
    counted = measured(sliced(facts, places, declared), places, None, declared)
    (row,) = counted[counted["subject"] == subject].to_dict("records")
    return {key: None if pd.isna(value) else value for key, value in row.items()}


@pytest.mark.parametrize(
    ("name", "low", "high", "expected"),
    [
        ("toy_open", 1, 2, {"people": 3, "low": 1, "hours": 30, "lacking_whole": 3, "each": 10.0}),
        # fewer than five: how many they are, and nothing else
        ("toy_groups", 1, 3, {"people": 4, "low": None, "hours": None, "lacking_pct": None, "each": None,
                              "small_base": True}),
        ("toy_groups", 1, 4, {"people": 5, "low": 1, "hours": 50, "lacking_pct": 20.0, "each": 10.0}),
        ("toy_groups", 0, 5, {"low": 0, "lacking_pct": 0.0}),
        # cells too: one of twelve is one teacher, and the other count would tell it
        ("toy_cells", 1, 11, {"people": 12, "low": None, "high": None, "lacking_pct": None, "lacking_part": None,
                              "lacking_whole": None, "hours": 120}),
        ("toy_cells", 0, 12, {"low": 0, "high": 12, "lacking_pct": 0.0}),
        ("toy_cells", 5, 7, {"low": 5, "high": 7, "lacking_whole": 12}),
        # a greater least for the group than for its cells
        ("toy_map", 4, 5, {"people": 9, "low": None, "hours": None, "each": None}),
        ("toy_map", 5, 5, {"people": 10, "low": 5, "lacking_pct": 50.0, "each": 10.0}),
        ("toy_map", 4, 6, {"people": 10, "low": None, "lacking_pct": None, "each": 10.0}),
    ],
)  # fmt: skip
def test_of_few_people_nothing_is_told(name: str, low: int, high: int, expected: dict[str, Any]) -> None:
    row = told(name, ("RU", "low", low), ("RU", "high", high))
    assert {key: row[key] for key in expected} == expected


def test_a_figure_of_few_is_hidden_where_the_row_is_of_many() -> None:
    row = told("toy_groups", ("RU", "low", 2), ("RU", "high", 2), ("RU", None, 6))
    assert (row["people"], row["hours"]) == (10, 100)
    assert (row["lacking_whole"], row["lacking_pct"], row["lacking_ci_high"]) == (None, None, None)


def test_whoever_tells_no_subject_is_in_no_slice_by_it() -> None:
    groups = (("RU", "low", 6), (None, "high", 7))
    assert told("toy_groups", *groups)["people"] == 13
    assert told("toy_groups", *groups, subject="RU")["people"] == 6


def test_what_may_be_hidden_may_be_empty() -> None:
    nullable = {name: {spec.name: spec.nullable for spec in columns_of(DECLARED_MARTS[name].model)} for name in OPTIONS}
    assert nullable["toy_groups"] == nullable["toy_open"] | {"low": True, "high": True}
