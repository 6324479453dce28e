"""Declared measures on a few rows counted by hand: what a share is of, what counts once, what is unknown."""

from __future__ import annotations

from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import pytest

from msoko_pipeline.indicators.registers.measures import measured, sliced
from schemas.declared import DECLARED_MARTS, mart
from schemas.fields import columns_of
from schemas.measure import ALL, NO_GRADE, Made
from schemas.sources.career import Career

YEAR = 2026
UNITS = [(YEAR, org, level, org if level == "school" else "town")
         for org in ("A", "B", "C") for level in ("school", "municipality")]  # fmt: skip
PUPILS = [(YEAR, "A", 6, 50), (YEAR, "A", 7, 40), (YEAR, "A", 4, 60), (YEAR, "B", 6, 30), (YEAR, "C", 6, 500)]
CAREER = [  # year, org_id, project, event, held_on, grade, pupils, teachers; of B one class has no contingent
    (YEAR, "A", "bilet", "Урок", "2025-10-01", 6, 20, 2),
    (YEAR, "A", "bilet", "Проба", "2025-11-01", 6, 30, None),
    (YEAR, "A", "horizons", "Урок", "2025-10-01", 4, 60, 3),
    (YEAR, "B", "bilet", "Урок", "2025-10-01", 6, 15, 1),
    (YEAR, "B", "bilet", "Урок", "2025-10-01", 9, 12, 1),
]


def frame(connection: Any, name: str, columns: str, rows: list[tuple[Any, ...]]) -> Any:
    table = pd.DataFrame(rows, columns=columns.split()).convert_dtypes()
    connection.register(f"_{name}", table)
    connection.execute(f"create table {name} as select * from _{name}")
    return nw.from_native(connection.table(name))


def found(name: str, columns: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    connection = duckdb.connect()
    facts, mart = frame(connection, "facts", columns, rows), DECLARED_MARTS[name]
    units = frame(connection, "units", "year org_id level unit_id", UNITS)
    pupils = frame(connection, "pupils", "year org_id grade pupils", PUPILS)
    return measured(sliced(facts, units, mart), units, pupils, mart)


@pytest.fixture(scope="module")
def career() -> pd.DataFrame:
    return found("career_guidance", "year org_id project event held_on grade pupils teachers", CAREER)


def row(told: pd.DataFrame, unit: str, **slice_of: Any) -> dict[str, Any]:
    whole = {"project": ALL, "grade": NO_GRADE, "event": ALL} | slice_of
    (one,) = told[(told[["unit_id", *whole]] == pd.Series({"unit_id": unit, **whole})).all(axis=1)].to_dict("records")
    return one


@pytest.mark.parametrize(
    ("unit", "slice_of", "expected"),
    [
        ("A", {}, {"schools": 1, "events": 3, "visits": 110, "teacher_visits": 5}),
        ("town", {}, {"schools": 2, "events": 3, "visits": 137, "teacher_visits": 7}),
        ("town", {"project": "bilet"}, {"schools": 2, "events": 2, "visits": 77, "teacher_visits": 4}),
        ("town", {"grade": 6}, {"schools": 2, "events": 2, "visits": 65, "teacher_visits": 3}),
        ("town", {"project": "bilet", "event": "Урок"}, {"schools": 2, "visits": 47}),
        # of class 6 of A the greater event counts: 30 of 50; its class 7 sat nothing: 0 of 40
        ("A", {}, {"bilet_part": 30, "bilet_whole": 90, "bilet_pct": pytest.approx(100 / 3)}),
        ("A", {}, {"coverage_part": 90, "coverage_whole": 150}),
        # class 9 of B has no contingent: neither its 12 pupils nor anybody else of it; C has sent nothing
        ("B", {}, {"bilet_part": 15, "bilet_whole": 30, "bilet_pct": 50.0}),
        ("town", {}, {"bilet_part": 45, "bilet_whole": 120, "bilet_pct": 37.5}),
        ("town", {"grade": 6}, {"bilet_part": 45, "bilet_whole": 80}),
        ("town", {"project": "bilet"}, {"bilet_part": 45, "bilet_whole": 120}),
        # a slice of another project has no such share; a project that a school has not named has not been there
        ("A", {"project": "horizons"}, {"bilet_pct": None, "bilet_whole": None, "coverage_pct": 40.0}),
        ("B", {}, {"proektoria_part": 0, "proektoria_whole": 30, "proektoria_pct": 0.0}),
        ("B", {"grade": 9}, {"bilet_part": None, "bilet_whole": None, "visits": 12}),
    ],
)
def test_career_guidance(career: pd.DataFrame, unit: str, slice_of: dict[str, Any], expected: dict[str, Any]) -> None:
    told = row(career, unit, **slice_of)
    assert {name: None if pd.isna(told[name]) else told[name] for name in expected} == expected


def test_a_school_that_sent_nothing_has_no_row(career: pd.DataFrame) -> None:
    assert set(career["unit_id"]) == {"A", "B", "town"}


def test_a_share_has_wilsons_bounds_and_a_small_base_is_told(career: pd.DataFrame) -> None:
    told = row(career, "B")
    assert (round(told["bilet_ci_low"], 2), round(told["bilet_ci_high"], 2)) == (33.15, 66.85)
    small = found("career_guidance", "year org_id project event held_on grade pupils teachers",
                  [(YEAR, "A", "bilet", "Урок", "2025-10-01", 6, pupils, None) for pupils in (9,)])  # fmt: skip
    assert small["small_base"].all()
    assert not career[career["unit_id"] == "A"]["small_base"].any()


def test_more_than_the_class_has_is_no_share() -> None:
    told = found("career_guidance", "year org_id project event held_on grade pupils teachers",
                 [(YEAR, "A", "bilet", "Урок", "2025-10-01", 6, 95, None)])  # fmt: skip
    one = row(told, "A")
    assert (one["bilet_part"], one["bilet_whole"]) == (95, 90)
    assert pd.isna(one["bilet_pct"])
    assert pd.isna(one["bilet_ci_low"])


CERTIFICATES = "year org_id grade as_of graduates admitted certificates honours failed september medals_1 medals_2"


def test_certificates_of_a_town_are_those_of_the_schools_that_tell_them() -> None:
    told = found("certificates", CERTIFICATES, [
        (YEAR, "A", 11, "2026-07-01", 20, 20, 19, 3, 1, None, 2, None),
        (YEAR, "B", 11, "2026-09-20", 30, 29, None, None, None, None, None, None),
        (YEAR, "B", 9, None, 40, 40, 40, 5, 0, 0, None, None),
    ]).set_index(["unit_id", "grade"])  # fmt: skip
    town = told.loc[("town", 11)]
    assert (town["as_of"], town["as_of_last"]) == ("2026-07-01", "2026-09-20")
    assert (town["graduates"], town["admitted"], town["certificates"], town["medals_1"]) == (50, 49, 19, 2)
    assert (town["certificates_whole"], town["certificates_pct"]) == (20, 95.0)
    assert pd.isna(town["medals_2"])
    assert pd.isna(town["september"])
    assert told.loc[("town", 9), "september"] == 0
    assert pd.isna(told.loc[("B", 9), "as_of"])
    assert "small_base" not in told


def test_leavers_of_the_protocols_stand_beside_the_schools_own_numbers() -> None:
    from msoko_pipeline.indicators.gia.steps import with_leavers

    own = pd.DataFrame({"year": [YEAR], "grade": [11], "level": ["school"], "unit_id": ["A"], "graduates": [20]})
    leavers = pd.DataFrame({
        "year": [YEAR, YEAR], "level": "school", "unit_id": ["A", "B"], "examined": [18, 9], "both_passed": [9, None],
        "both_judged": [10, 0], "sum3_160": [6, 9], "sum3_220": [0, 0], "exams_until": "2026-06-20",
    })  # fmt: skip
    a, b = with_leavers(own, leavers).sort_values("unit_id").to_dict("records")
    assert (a["graduates"], a["both_passed_pct"], a["sum3_160_pct"]) == (20, 90.0, pytest.approx(100 / 3))
    assert (b["grade"], b["sum3_160_pct"], b["sum3_220_pct"]) == (11, 100.0, 0.0)
    assert pd.isna(b["graduates"])
    assert pd.isna(b["both_passed_pct"])


@pytest.mark.parametrize("name", DECLARED_MARTS)
def test_a_mart_has_the_columns_that_it_declares(name: str) -> None:
    declared = DECLARED_MARTS[name]
    columns = {spec.name: spec for spec in columns_of(declared.model)}
    keys = {spec.name for spec in columns.values() if spec.key}
    added = {key for key, each in declared.measures.items() if isinstance(each, Made) and each.checks.get("key")}
    assert keys == {"year", "level", "unit_id", *declared.dimensions, *added}
    assert all("а" <= spec.title[0].lower() <= "я" for spec in columns.values() if spec.name != "hidden_columns")


def test_what_is_declared_wrongly_is_refused() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        mart("career_guidance", of=Career, title="", slices=((),), base="visits")(type("X", (), {}))
    with pytest.raises(ValueError, match="no measure pupils"):
        mart("other", of=Career, title="", slices=((),), base="pupils")(type("X", (), {}))
