"""Shares of a register as indicators: from its rows in two years to values, changes and verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import pytest

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import path, path_of
from msoko_pipeline.indicators.registers.measures import measured, sliced
from msoko_pipeline.indicators.values.dynamics import make_dynamics
from msoko_pipeline.indicators.values.values import make_values
from msoko_pipeline.numbers.expressions import Z95
from msoko_pipeline.publishing.stage import stage, staged
from msoko_pipeline.settings import Settings
from schemas.declared import DECLARED_MARTS, mart
from schemas.indicators import indicators, slices
from schemas.measure import ALL, share, total
from schemas.sources.career import Career
from tests.spec.test_dynamics import results
from tests.spec.three_years import rows
from tests.spec.three_years import share as value

CITY = ("A", "B", "C", "D", "E")
TYPES = {
    "year": "int64", "org_id": "string", "project": "string", "event": "string", "held_on": "string", "grade": "int64",
    "pupils": "Int64", "teachers": "Int64",
}  # fmt: skip
Counted = dict[str, tuple[int, int]]
Rows = list[tuple[Any, ...]]
Homes = Callable[..., Settings]


@pytest.fixture(scope="module", autouse=True)
def toy() -> Iterator[None]:
    """A mart of Career: how many teachers there are to the pupils of an event, three times with another direction."""

    def teachers(item: str, better: str | None, target: float | None = None, **where: str) -> Any:
        return share("Педагогов на учеников", part=total("teachers", where=where), whole=total("pupils", where=where),
                     item=item, better=better, target=target, source="пример")  # fmt: skip

    @mart("toy", of=Career, title="Пример", slices=((), ("project",), ("grade",)), base="pupils")
    class Toy:
        """Пример."""

        pupils = total("pupils", "Учеников")
        led = teachers("6.2", "up", 40)
        alone = teachers("6.3", "down")
        plain = teachers("10.1", None)
        bilet = teachers("6.4", "up", project="bilet")

    yield
    del DECLARED_MARTS["toy"]


def _computed(home: Path, *years: Rows) -> Settings:
    """A home with the values and dynamics of a ВПР and of the register's rows (org, grade, teachers, pupils[,
    project]) of consecutive years, the last of them 2026.
    """
    settings = Settings(home=home, municipality="town:Город")
    for year, told in zip(range(2027 - len(years), 2027), years, strict=True):
        results(settings, year, ("edu190001", 4, 16))
        town = pd.DataFrame({"org_id": CITY, "municipality_id": "town", "municipality_name": "Город"})
        town.to_parquet(path(settings, year, "organisations"))
        connection = duckdb.connect()
        facts = pd.DataFrame(
            [(year, org, project[0] if project else "bilet", "Урок", "2025-10-01", grade, pupils, teachers)
             for org, grade, teachers, pupils, *project in told],
            columns=list(TYPES),
        ).astype(TYPES)  # fmt: skip
        units = [(year, org, "school", org) for org in CITY] + [(year, org, "municipality", "town") for org in CITY]
        tables = {
            "facts": facts, "units": pd.DataFrame(units, columns=["year", "org_id", "level", "unit_id"]),
            "pupils": pd.DataFrame(columns=["year", "org_id", "grade", "pupils"]).astype("Int64"),
        }  # fmt: skip
        for name, frame in tables.items():
            connection.register(name, frame)
        made = DECLARED_MARTS["toy"]
        of_facts, of_units, of_pupils = (nw.from_native(connection.table(name)) for name in tables)
        counted = measured(sliced(of_facts, of_units, made), of_units, of_pupils, made)
        engine.keep(connection, engine.load(connection, counted), "toy")
        engine.write_years(connection, "toy", [year], path_of(settings, "toy"))
    years_made = [*range(2027 - len(years), 2027)]
    make_values(settings, years_made)
    make_dynamics(settings, years_made)
    return settings


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """`_computed`, once for the same rows."""
    homes: dict[str, Settings] = {}

    def home_of(*years: Rows) -> Settings:
        if repr(years) not in homes:
            homes[repr(years)] = _computed(tmp_path_factory.mktemp("home"), *years)
        return homes[repr(years)]

    return home_of


def read(settings: Settings, table: str, indicator: str, unit: str = "town", grade: int = 0) -> dict[str, Any]:
    """The row of a unit in 2026; empty where there is none."""
    found = pd.read_parquet(path(settings, 2026, table), partitioning=None)
    found = found[
        (found["indicator_id"] == f"toy_{indicator}") & (found["unit_id"] == unit) & (found["grade"] == grade)
    ]
    assert len(found) < 2
    told = found.astype(object).where(found.notna(), None).to_dict("records")
    return told[0] if told else {}


def classes(counted: Counted) -> Rows:
    return [(org, 5, *numbers) for org, numbers in counted.items()]


BEFORE: Counted = {"A": (20, 100), "B": (30, 100), "C": (25, 100)}
AFTER: Counted = {"A": (40, 100), "B": (52, 100), "C": (43, 100)}
CASES: dict[str, tuple[Counted, Counted, str, dict[str, Any]]] = {
    "the same schools": (
        BEFORE, AFTER, "led",
        {"value": 45, "value_1": 25, "change_1": 20, "matched_schools_1": 3, "matched_base_1": 300, "comparable": True,
         "not_compared": None, "reference_1": None, "significant": True, "trend": "better", "not_judged": None},
    ),
    "less is better": (BEFORE, AFTER, "alone", {"change_1": 20, "significant": True, "trend": "worse"}),
    "no direction, no verdict": (
        BEFORE, AFTER, "plain", {"change_1": 20, "significant": True, "trend": None, "not_judged": None}
    ),
    "another set of schools": (
        BEFORE, {"C": (43, 100), "D": (40, 100), "E": (52, 100)}, "led",
        {"value": 45, "value_1": 25, "change_1": None, "matched_schools_1": 1, "comparable": False, "trend": None,
         "not_compared": "к 2025 году: состав школ иной: общих школ 1 (показатель есть у 3, ранее у 3)"},
    ),
    "one more school": (  # 45 % of the same three; the fourth counts in the value alone
        BEFORE, AFTER | {"D": (100, 100)}, "led",
        {"value": 58.75, "change_1": 20, "matched_schools_1": 3, "matched_base_1": 300, "trend": "better"},
    ),
    "two schools": (
        {"A": (20, 100), "B": (30, 100)}, {"A": (40, 100), "B": (52, 100)}, "led",
        {"change_1": 21, "trend": None,
         "not_judged": "общих школ меньше 3: разброс между ними неизвестен"},
    ),
    "a small base": (
        {"A": (1, 3), "B": (1, 3), "C": (1, 3)}, {"A": (3, 3), "B": (2, 3), "C": (3, 3)}, "led",
        {"small_base": True, "change_1": pytest.approx(500 / 9), "p_adjusted": None, "trend": None,
         "not_judged": "малая база: меньше 10 участников в одном из лет"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_two_years_of_a_town(computed: Homes, case: str) -> None:
    before, after, indicator, expected = CASES[case]
    found = read(computed(classes(before), classes(after)), "dynamics", indicator)
    assert {name: found[name] for name in expected} == expected


def test_a_value_stands_as_those_of_works_do(computed: Homes) -> None:
    settings = computed(classes(BEFORE), classes(AFTER))
    school = read(settings, "values", "led", "A")
    wide = (40 + Z95**2 / 2) / (100 + Z95**2)
    assert (school["numerator"], school["denominator"], school["value"]) == (40, 100, 40)
    assert (school["ci_low"] + school["ci_high"]) / 2 == pytest.approx(100 * wide)
    assert (school["previous_value"], school["previous_year"], school["change"]) == (20, 2025, 20)
    assert (school["small_base"], school["comparable"], school["marks_incomplete"]) == (False, True, None)
    town = read(settings, "values", "led")
    assert (town["value"], town["previous_value"], town["matched_schools"]) == (45, 25, 3)
    assert town["se"] > 100 * (0.45 * 0.55 / 300) ** 0.5, "between the schools"


def test_rows_by_grade_and_of_all_classes_and_of_no_other_dimension(computed: Homes) -> None:
    told = [("A", 5, 20, 100, "bilet"), ("A", 6, 60, 100, "other"), ("B", 6, 30, 60, "bilet")]
    settings = computed(told)
    found = pd.read_parquet(path(settings, 2026, "values"), partitioning=None)
    found = found[found["procedure"] == ALL]
    assert set(found["subject"]) == {ALL}
    assert not found.duplicated(["indicator_id", "unit_id", "grade"]).any()
    counted = {grade: read(settings, "values", "led", grade=grade) for grade in (0, 5, 6)}
    assert {grade: (row["numerator"], row["denominator"]) for grade, row in counted.items()} == {
        0: (110, 260), 5: (20, 100), 6: (90, 160),
    }  # fmt: skip
    of_project = [read(settings, "values", "bilet", grade=grade) for grade in (0, 5, 6)]
    assert [(row["numerator"], row["denominator"]) for row in of_project] == [(50, 160), (20, 100), (30, 60)]


def test_more_than_the_whole_is_no_indicator(computed: Homes) -> None:
    settings = computed(classes(BEFORE), classes(AFTER | {"A": (101, 100)}))
    assert read(settings, "values", "led", "A") == {}
    assert read(settings, "dynamics", "led", "A") == {}
    town = read(settings, "dynamics", "led")
    assert (town["matched_schools_1"], town["change_1"]) == (2, pytest.approx(20)), "of the others, which have both"
    found = pd.read_parquet(path(settings, 2026, "values"), partitioning=None)
    of_registers = found[found["procedure"] == ALL]
    assert (of_registers["numerator"] <= of_registers["denominator"]).all()


ROW = ["indicator_id", "procedure", "subject", "grade", "level", "unit_id"]


def test_works_are_judged_as_without_the_register(computed: Homes) -> None:
    of_works = []
    for told in (classes(AFTER), []):
        settings = computed(classes(BEFORE) if told else [], told)
        for table in ("values", "dynamics"):
            found = pd.read_parquet(path(settings, 2026, table), partitioning=None)
            assert (found["procedure"] == ALL).any() == bool(told)
            rows_of_works = found[found["procedure"] != ALL]
            of_works.append(rows_of_works.sort_values(ROW, ignore_index=True))
    for one, other in zip(of_works[:2], of_works[2:], strict=True):
        pd.testing.assert_frame_equal(one, other)
        assert len(one)


def test_shares_of_registers_are_corrected_apart_from_works() -> None:
    work = [value(2021, 49, 100), value(2022, 63, 100)]
    register = [
        row | {"procedure": ALL, "subject": ALL, "indicator_id": f"toy_{name}"}
        for name in ("led", "alone", "plain")
        for row in (value(2021, 50, 100), value(2022, 52, 100))
    ]
    (alone,) = rows(*work)
    beside = {row["indicator_id"]: row for row in rows(*work, *register)}
    assert beside["vpr_quality"]["p_adjusted"] == alone["p_adjusted"] == alone["p_value"]
    assert beside["toy_led"]["p_adjusted"] == pytest.approx(beside["toy_led"]["p_value"]), "three equal tests"


def test_every_mart_is_corrected_by_itself() -> None:
    def change(name: str, top: int) -> list[dict[str, Any]]:
        key = {"procedure": ALL, "subject": ALL, "indicator_id": name}
        return [row | key for row in (value(2021, 40, 100), value(2022, top, 100))]

    career = [*change("career_guidance_bilet", 54), *change("career_guidance_coverage", 41)]
    (alone, _), (beside, *_) = (rows(*told) for told in (career, [*career, *change("toy_led", 41)]))
    assert beside["indicator_id"] == alone["indicator_id"] == "career_guidance_bilet"
    assert beside["p_adjusted"] == alone["p_adjusted"] == pytest.approx(2 * alone["p_value"])


def test_a_figure_about_a_work_is_not_the_work() -> None:
    """Who took part in a ВПР is counted the same way every year, whatever the work: no maximum, no region beside it."""
    work = [value(2021, 30, 100), value(2022, 60, 100, max_primary=30)]
    region = [value(y, top, 1000, level="region", unit_id="19") for y, top in ((2021, 300), (2022, 450))]
    took_part = [row | {"indicator_id": "procedure_participation_participation"} for row in (*work, *region)]
    of_points = [row | {"indicator_id": "vpr_completion"} for row in work]
    told = {(row["indicator_id"], row["level"]): row for row in rows(*took_part, *of_points)}
    school = told["procedure_participation_participation", "school"]
    assert (school["procedure"], school["change_1"], school["reference_1"]) == ("VPR", 30, None)
    assert (school["comparable"], school["trend"]) == (True, "better")
    assert told["vpr_completion", "school"]["not_compared"].endswith("разный максимум или разное число заданий")


def test_a_region_is_told_what_it_counts_itself_and_takes_nothing_off_its_towns() -> None:
    """A register is no work that might have been harder; a school of a ВПР has the region's change taken off."""
    told = [value(y, top, 1000, level="region", unit_id="19") for y, top in ((2021, 300), (2022, 450))]
    told += [value(y, top, 100) for y, top in ((2021, 30), (2022, 60))]
    works = {row["level"]: row for row in rows(*told)}
    shares = {row["level"]: row for row in rows(*({"indicator_id": "toy_led", "procedure": ALL, "subject": ALL} | row
                                                  for row in told))}  # fmt: skip
    assert (works["school"]["reference_1"], works["school"]["relative_change_1"]) == ("region", 15)
    assert (shares["school"]["reference_1"], shares["school"]["change_1"]) == (None, 30)
    assert works["region"]["not_judged"].startswith("сравнить не с кем")
    assert (shares["region"]["trend"], shares["region"]["not_judged"]) == ("better", None)


def test_years_computed_apart_are_those_computed_together(computed: Homes) -> None:
    settings = computed(classes(BEFORE), classes(AFTER))
    tables = [path(settings, 2026, name) for name in ("values", "dynamics")]
    together = [pd.read_parquet(table, partitioning=None) for table in tables]
    for year in (2025, 2026):
        make_values(settings, [year])
        make_dynamics(settings, [year])
    key = ["indicator_id", "procedure", "subject", "grade", "level", "unit_id"]
    for whole, table in zip(together, tables, strict=True):
        apart = pd.read_parquet(table, partitioning=None)
        assert (apart["procedure"] == ALL).sum() > 20
        pd.testing.assert_frame_equal(*(each.sort_values(key, ignore_index=True) for each in (whole, apart)))


def test_what_an_indicator_is_follows_from_its_declaration(computed: Homes) -> None:
    settings = computed(classes(AFTER))
    stage(settings, [2026], "indicator")
    found = pd.read_parquet(staged(settings, 2026, "indicator"), partitioning=None).set_index("indicator_id")
    assert set(found.index) == set(indicators())
    led, plain = found.loc["toy_led"], found.loc["toy_plain"]
    assert (led["section"], led["roadmap_item"], led["unit"], led["target"]) == (6, "6.2", "%", 40)
    assert (led["higher_is_better"], found.loc["toy_alone", "higher_is_better"]) == (True, False)
    assert pd.isna(plain["higher_is_better"])
    assert pd.isna(plain["target"])
    assert plain["section"] == 10
    assert led["formula"] == "Σ «Педагогов» / Σ «Учеников» · 100"
    assert "где «Проект» = Билет в будущее" in found.loc["toy_bilet", "formula"]


DIMENSIONS = {  # slices of the mart, project of each side of the share → its rows among the indicators
    "no other dimension": ((("grade",), ("project", "grade")), None, None, {"project": ALL}),
    "of one project, all together known": (((), ("project",)), "bilet", "bilet", {"project": ALL}),
    "of one project, told by project alone": ((("project",),), "bilet", "bilet", {"project": "bilet"}),
    "one project of all": ((("project",),), "bilet", None, None),
    "told by project alone": ((("project",),), None, None, None),
    "one dimension is left out, the other not": ((("project",), ("project", "event")), "other", "other",
                                                 {"project": "other", "event": ALL}),
    "each is left out, never both": ((("project",), ("event",)), None, None, None),
}  # fmt: skip


@pytest.mark.parametrize("case", DIMENSIONS)
def test_which_rows_of_a_mart_are_indicators(case: str) -> None:
    by, part, whole, expected = DIMENSIONS[case]
    sides = [{"where": {"project": project}} if project else {} for project in (part, whole)]
    of_sides = {"part": total("teachers", **sides[0]), "whole": total("pupils", **sides[1])}
    measures = {"led": share("Доля", **of_sides, item="6.2", better="up", source="пример")}
    made = replace(DECLARED_MARTS["toy"], measures=measures, slices=by)
    assert slices(made) == ({} if expected is None else {"led": expected})


def test_a_register_may_tell_of_all_together_itself() -> None:
    assert slices(DECLARED_MARTS["additional_education"]) == {
        name: {"direction": ALL} for name in ("coverage", "special_needs_coverage", "personified", "certificate")
    }
