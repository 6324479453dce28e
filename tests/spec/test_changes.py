"""With whom a change is compared: the drawn specification, works that differ, errors of values."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from msoko_pipeline.home import engine
from msoko_pipeline.indicators.values import changes, dynamics, values
from msoko_pipeline.indicators.values.all_works import WORK as KEY
from schemas import catalogue
from tests.spec.tables import cells, load, table
from tests.spec.three_years import LIMITS, mean, of, rows, share

WIDE = {"регион": {"level": "region", "unit_id": "19"}, "страна": {"level": "country", "unit_id": "RU"}}

MARKS, SPLIT = (table(section["cases"]) for section in load("dynamics")["sections"])
FEW_SCHOOLS = f"общих школ меньше {LIMITS['dynamics']['schools_least']}: разброс между ними неизвестен"


def town_of(given: pd.DataFrame) -> list[dict[str, Any]]:
    """Shares of the drawn schools, their town and region in 2021 and 2022."""
    told = []
    for year, (top, base) in ((2021, ("было", "из")), (2022, ("стало", "из.1"))):
        schools = given[~given["кто"].isin(WIDE)].dropna(subset=[base])
        told += [share(year, row[top], row[base], unit_id=row["кто"]) for _, row in schools.iterrows()]
        told += [share(year, schools[top].sum(), schools[base].sum(), level="municipality", unit_id="town")]
        for _, row in given[given["кто"].isin(WIDE)].iterrows():
            told.append(share(year, row[top], row[base], **WIDE[row["кто"]]))
    return told


@pytest.mark.parametrize("case", load("dynamics")["cases"], ids=lambda case: case["title"])
def test_dynamics_of_a_town(case: dict[str, Any]) -> None:
    given = table(case["given"])
    given.columns = pd.Index(["кто", "было", "из", "стало", "из.1"])
    town = [name for name in given["кто"] if name not in WIDE]
    titles = {"town": "город", "19": "регион", "RU": "страна"}
    found = pd.DataFrame(
        [
            [
                titles.get(row["unit_id"], row["unit_id"]), row["change_1"], row["matched_schools_1"],
                row["matched_base_1"], row["reference_1"], row["relative_change_1"], row["trend"], row["not_judged"],
            ]
            for row in rows(*town_of(given), town=town)
        ]
    )  # fmt: skip
    expected = table(case["gives"])
    order = {name: place for place, name in enumerate(expected["кто"])}
    told = sorted(cells(found), key=lambda row: order[row[0]])
    for row, wanted in zip(told, cells(expected), strict=True):
        assert [pytest.approx(cell, abs=5e-4) if isinstance(cell, float) else cell for cell in wanted] == row


@pytest.mark.parametrize("level", ["school", "municipality", "country"])
@pytest.mark.parametrize("case", cells(MARKS), ids=lambda case: f"{case[0]} {case[2]} {case[4]}")
def test_marks_of_a_part_are_not_compared(case: list[Any], level: str) -> None:
    """A town is that of one school here, a country of the works alone: no verdict is due to them, the reason is."""
    indicator, n_then, marked_then, n, marked, change, trend, why = case
    unit = {"level": level, "unit_id": "town", "indicator_id": indicator}
    told = []
    for year, pct, count, known in ((2021, 50, n_then, marked_then), (2022, 70, n, marked)):
        work = unit | {"n": count, "marked": known}
        if indicator == "vpr_completion":
            mean_pct = 25 + pct / 2
            told.append(
                {"year": year, "value": mean_pct, "numerator": mean_pct * count / 100, "denominator": count, "se": 1.0}
                | work
            )
        else:
            base = count if known is None else known
            told.append(share(year, base * pct / 100, base, **work))
    if level == "municipality":
        told += [row | {"level": "school", "unit_id": "А"} for row in told]
    found = of(2022, *told, level=level, town=["А"])
    assert found["change_1"] == pytest.approx(change), "the figure itself is told"
    alone = {"school": None, "municipality": FEW_SCHOOLS, "country": dynamics.ALONE}[level]
    assert (found["trend"], found["not_judged"]) == (None if alone else trend, why or alone)
    assert (found["slope"] is None) == (found["p_adjusted"] is None and why is not None) == bool(why)
    assert found["negative"] is (None if why or indicator != "vpr_low" else True)


def test_a_year_between_whose_marks_are_not_known_takes_no_trend_away() -> None:
    """The trend is of the first year and the last; the change of a year is not told apart from chance."""
    found = of(2022, share(2020, 50, 100), share(2021, 50, 81, n=100, marked=81), share(2022, 80, 100))
    assert (found["trend"], found["p_adjusted"], found["slope"]) == ("better", None, 15)
    found = of(2022, share(2020, 50, 81, n=100, marked=81), share(2021, 50, 100), share(2022, 80, 100))
    assert found["trend"] is None
    assert found["not_judged"] == "отметка известна у 81,0 % участников (81 из 100), 2020 год"
    assert found["significant"] is True, "against the year before, whose marks are known"


def test_a_region_of_which_marks_are_not_known_is_no_reference() -> None:
    school = [share(year, top, 100) for year, top in ((2021, 50), (2022, 55))]
    country = [share(year, 5000, 10_000, level="country", unit_id="RU") for year in (2021, 2022)]
    for marked, reference, change in ((1000, "region", -5), (900, "country", 5)):
        region = [
            share(year, top, 1000, level="region", unit_id="19", n=1000, marked=known)
            for year, top, known in ((2021, 500, 1000), (2022, 600, marked))
        ]
        found = of(2022, *school, *region, *country)
        assert (found["reference_1"], found["relative_change_1"]) == (reference, pytest.approx(change))


@pytest.mark.parametrize(("n", "flag"), [(20, False), (21, False), (22, True), (40, True)])
def test_a_value_of_a_part_of_the_marks_says_so(n: int, flag: bool) -> None:
    """20 marks of 21 participants are 95,2 %, of 22 90,9 %."""
    found = told(**WORKED | {"n": n, "marked": 20})
    of_marks = {name for name, one in catalogue.indicators().items() if one.get("base") == "marked"}
    assert {found[name]["marks_incomplete"] for name in of_marks & set(found)} == {flag}
    assert {row["marks_incomplete"] for name, row in found.items() if name not in of_marks} == {None}


@pytest.mark.parametrize("base", ["MA", "FI"])
@pytest.mark.parametrize("case", cells(SPLIT), ids=lambda case: "-".join(map(str, case[:4])))
def test_a_base_work_beside_an_advanced_one_is_of_other_pupils(case: list[Any], base: str) -> None:
    *counts, of_base, of_advanced = case
    advanced = {"MA": "MU", "FI": "FU"}[base]
    told = [
        share(year, count / 2, count, subject=subject, grade=8)
        for (year, subject), count in zip(
            [(2021, base), (2021, advanced), (2022, base), (2022, advanced)], counts, strict=True
        )
        if count
    ]
    told += [share(year, 50, 100, subject="RU", grade=8) for year in (2021, 2022)]
    found = {row["subject"]: row for row in rows(*told) if row["year"] == 2022}
    assert found["RU"]["change_1"] == 0, "the other works of the parallel are compared"
    for subject, why in ((base, of_base), (advanced, of_advanced)):
        if why == "нет пары":
            assert subject not in found
            continue
        row = found[subject]
        assert (row["not_compared"], row["not_judged"]) == ((f"к 2021 году: {why}", why) if why else (None, None))
        assert (row["change_1"], row["trend"], row["comparable"]) == (
            (None, None, False) if why else (0, "stable", True)
        )


def test_exams_and_lower_grades_are_not_split() -> None:
    """The advanced work of one grade says nothing of another grade; base and advanced are works of ВПР alone."""
    told = [share(year, 20, 40, subject="MA", grade=7) for year in (2021, 2022)]
    told += [share(year, 20, 40, procedure="EGE", subject="MA", grade=8) for year in (2021, 2022)]
    told += [share(2022, 20, 40, subject="MU", grade=8)]
    assert [row["change_1"] for row in rows(*told)] == [0, 0]


def test_a_school_with_other_pupils_is_not_common_in_its_town() -> None:
    """Three of four schools have not changed. In Г the strong class of 40 moved: the town would have lost 5 points."""
    told = [share(year, 40, 80, subject="MA", grade=8, unit_id=name) for name in "АБВ" for year in (2021, 2022)]
    told += [share(2021, 40, 80, subject="MA", grade=8, unit_id="Г")]
    told += [
        share(2022, 5, 40, subject="MA", grade=8, unit_id="Г"),
        share(2022, 35, 40, subject="MU", grade=8, unit_id="Г"),
    ]
    town = {"subject": "MA", "grade": 8, "level": "municipality", "unit_id": "town"}
    told += [share(2021, 160, 320, **town), share(2022, 125, 280, **town)]
    found = of(2022, *told, level="municipality", town="АБВГ")
    assert (found["value_1"], found["value"]) == (50, pytest.approx(44.643, abs=1e-3))
    assert (found["change_1"], found["matched_schools_1"], found["matched_base_1"]) == (0, 3, 240)
    assert (found["comparable"], found["trend"]) == (True, "stable")


def test_a_town_without_enough_of_the_same_pupils_says_so() -> None:
    told = []
    for name in "АБВ":
        told += [share(2021, 40, 80, subject="FI", grade=7, unit_id=name)]
        told += [share(2022, 20, 50, subject="FI", grade=7, unit_id=name)]
        told += [share(2022, 25, 30, subject="FU", grade=7, unit_id=name)]
    town = {"subject": "FI", "grade": 7, "level": "municipality", "unit_id": "town"}
    told += [share(2021, 120, 240, **town), share(2022, 60, 150, **town)]
    found = of(2022, *told, level="municipality", town="АБВ")
    assert (found["change_1"], found["comparable"]) == (None, False)
    assert found["not_judged"] == (
        "состав школ иной: общих школ 0 (сдавали 3, ранее 3), у 3 иной состав параллели (углублённая работа)"
    )


def test_a_reliability_is_compared_where_the_schools_are_the_very_same() -> None:
    """No sum of schools' reliabilities is the town's."""
    alpha = {"indicator_id": "vpr_alpha", "denominator": 40, "se": 0.02}
    schools = [{"year": year, "value": 0.8, "unit_id": name, **alpha} for year in (2021, 2022) for name in "АБВ"]
    town = [{"year": year, "value": 0.7, "level": "municipality", "unit_id": "town", **alpha} for year in (2021, 2022)]
    found = of(2022, *schools, *town, level="municipality", town="АБВ")
    assert (found["change_1"], found["trend"], found["not_judged"]) == (0, "stable", None)
    found = of(2022, *schools[1:], *town, level="municipality", town="АБВ")
    assert found["change_1"] is None
    assert found["not_judged"] == "состав школ иной: общих школ 2 (сдавали 3, ранее 2)"


def test_a_town_without_schools_is_not_compared_and_a_region_is() -> None:
    """A report tells a town without its schools: which sat is not known. Of a region's hundreds they are a sample."""
    town = [share(year, 40, 100, level="municipality", unit_id="town") for year in (2021, 2022)]
    found = of(2022, *town, level="municipality")
    assert found["change_1"] is None
    assert found["not_judged"] == changes.NO_SCHOOLS
    region = [share(year, top, 1000, level="region", unit_id="19") for year, top in ((2021, 400), (2022, 480))]
    country = [share(year, 400, 10_000, level="country", unit_id="RU") for year in (2021, 2022)]
    found = of(2022, *region, *country, level="region")
    assert (found["change_1"], found["reference_1"], found["trend"]) == (8, "country", "better")


@pytest.mark.parametrize(
    ("subject", "year", "same"),
    [
        ("GG", 2026, True),  # renumbered, the same content: the sum of points compares
        ("LI", 2026, False),  # 40 points instead of 37
        ("BI", 2023, False),  # 48 points instead of 45
    ],
)
def test_points_of_exams_compare_as_their_specifications_say(subject: str, year: int, same: bool) -> None:
    """Whatever masks of answers were seen: the number of tasks in them is not the exam's."""
    exam = {"procedure": "OGE", "subject": subject, "grade": 9, "indicator_id": "oge_mean_primary", "max_primary": None}
    found = of(year, mean(year - 1, 20, 1, tasks=30, **exam), mean(year, 21, 1, tasks=29, **exam))
    assert found["comparable"] is same
    assert found["change_1"] == (1 if same else None)
    marks = exam | {"indicator_id": "oge_quality"}
    found = of(year, share(year - 1, 10, 20, **marks), share(year, 12, 20, **marks))
    assert found["change_1"] == 10, "marks are compared, and told apart by `comparable`"


@pytest.mark.parametrize("year", [2022, 2024])
def test_a_school_is_compared_with_the_region_before_the_country(year: int) -> None:
    told = [share(y, 50, 100) for y in (year - 1, year)]
    told += [share(y, top, 10_000, level="country", unit_id="RU") for y, top in ((year - 1, 5000), (year, 5900))]
    found = of(year, *told)
    assert (found["reference_1"], found["relative_change_1"]) == ("country", -9)
    told += [share(y, top, 1000, level="region", unit_id="19") for y, top in ((year - 1, 500), (year, 550))]
    found = of(year, *told)
    assert (found["reference_1"], found["relative_change_1"]) == ("region", pytest.approx(-5))
    assert found["reference_change_1"] == pytest.approx(5)
    told += [share(y, top, 1000, level="region", unit_id="24") for y, top in ((year - 1, 500), (year, 900))]
    assert of(year, *told)["relative_change_1"] == pytest.approx(-5), "another region is no reference"


# ---- errors of values


def told(level: str = "school", **work: Any) -> dict[str, dict[str, Any]]:
    """Values of one unit's work by indicator."""
    names = (
        "n", "marked", "n2", "n3", "n4", "n5", "scored", "complete", "tasks", "mean_mark", "sd_mark", "sou_pct",
        "sd_sou", "mean_primary", "sd_primary", "completion_pct", "sd_completion", "alpha", "journal_known", "lower",
        "equal", "higher", "gap_2plus", "max_primary",
    )  # fmt: skip
    frame = pd.DataFrame([{name: work.get(name) for name in names}]).astype("Float64")
    unit = {"year": 2026, "procedure": "VPR", "level": level, "unit_id": "x", "subject": "MA", "grade": 4}
    connection = duckdb.connect()
    connection.register("works", engine.arrow(frame.assign(**unit, small_base=False)))
    of_vpr = {name: told for name, told in catalogue.indicators().items() if told["procedure"] == "VPR"}
    counts = values.of_works(engine.table(connection, "works"), of_vpr, 95)
    found = values.values(counts, LIMITS["dynamics"]["design_effect"])
    return {row["indicator_id"]: row for row in found.collect("pyarrow").to_native().to_pylist()}


WORKED = {
    "n": 20, "marked": 20, "n2": 3, "n3": 8, "n4": 6, "n5": 3, "scored": 18, "complete": 17, "tasks": 12,
    "mean_mark": 3.45, "sd_mark": 0.9445, "sou_pct": 50.0, "sd_sou": 24.0, "mean_primary": 9.0, "sd_primary": 3.0,
    "completion_pct": 45.0, "sd_completion": 15.0, "alpha": 0.8, "journal_known": 10, "lower": 2, "equal": 8,
    "higher": 0, "gap_2plus": 0,
}  # fmt: skip


def test_every_value_has_its_error() -> None:
    found = told(**WORKED)
    errors = {name: row["se"] for name, row in found.items()}
    assert set(errors) == {name for name, one in catalogue.indicators().items() if one["procedure"] == "VPR"}
    assert all(error > 0 for error in errors.values())
    assert errors["vpr_mean_mark"] == pytest.approx(0.9445 / 20**0.5)
    assert errors["vpr_mean_primary"] == pytest.approx(3 / 18**0.5), "of those whose points are known"
    assert errors["vpr_completion"] == pytest.approx(15 / 18**0.5)
    assert errors["vpr_sou"] == pytest.approx(24 / 20**0.5)
    assert errors["vpr_quality"] == pytest.approx(100 * np.sqrt(10 / 22 * 12 / 22 / 22))
    assert errors["vpr_journal_gap"] == pytest.approx(100 * np.sqrt(1 / 12 * 11 / 12 / 12)), "0 of 10 is not surely 0"
    assert errors["vpr_alpha"] == pytest.approx(0.2 * np.sqrt(2 * 12 / 11 / 15))  # Bonett, 2002


@pytest.mark.parametrize(
    ("name", "work", "interval"),
    [
        ("vpr_mean_primary", {"mean_primary": 9.0, "sd_primary": 3.0, "scored": 9}, (7.04, 10.96)),
        ("vpr_mean_primary", {"mean_primary": 9.0, "sd_primary": 12.0, "scored": 2}, (0, 20)),  # 9 ± 16,6
        ("vpr_mean_primary", {"mean_primary": 9.0, "sd_primary": 12.0, "scored": 2, "max_primary": None}, (0, 25.63)),
        ("vpr_mean_mark", {"mean_mark": 3.0, "sd_mark": 0.8, "marked": 16}, (2.608, 3.392)),
        ("vpr_mean_mark", {"mean_mark": 3.5, "sd_mark": 2.12, "marked": 2}, (2, 5)),  # a «2» and a «5»
        ("vpr_sou", {"sou_pct": 58.0, "sd_sou": 59.4, "marked": 2}, (16, 100)),  # the least is that of «2» alone
        ("vpr_completion", {"completion_pct": 95.0, "sd_completion": 7.07, "scored": 2}, (85.2, 100)),
        ("vpr_mean_mark", {"mean_mark": 3.0, "sd_mark": None, "marked": 1}, (None, None)),
    ],
)  # fmt: skip
def test_an_interval_of_a_mean_ends_where_the_mean_can_be(
    name: str, work: dict[str, Any], interval: tuple[float | None, float | None]
) -> None:
    row = told(**WORKED | {"max_primary": 20} | work)[name]
    assert (row["ci_low"], row["ci_high"]) == (interval if interval[0] is None else pytest.approx(interval, abs=0.01))


def test_every_mean_tells_its_bounds() -> None:
    told = catalogue.indicators()
    assert {name for name, one in told.items() if "bounds" in one} == {
        name for name, one in told.items() if one["kind"] == "mean"
    }


def test_alpha_below_zero_is_told_and_its_unit_says_so() -> None:
    row = told(**WORKED | {"alpha": -0.25})["vpr_alpha"]
    assert (row["value"], row["ci_low"]) == (-0.25, None)
    unit = catalogue.indicators()["vpr_alpha"]["unit"]
    assert unit == "коэффициент, не больше 1"
    assert LIMITS["dynamics"]["ranges"][unit] == 1, "the stable change is told by the unit"


def test_numerators_and_denominators_give_the_value() -> None:
    for name, row in told(**WORKED).items():
        if name != "vpr_alpha":
            unit = changes.factor(catalogue.indicators()[name])
            assert unit * row["numerator"] / row["denominator"] == pytest.approx(row["value"]), name


def test_pupils_of_a_territory_come_school_by_school() -> None:
    """A report does not tell its schools: the error is widened by what schools were seen to add."""
    widened = LIMITS["dynamics"]["design_effect"] ** 0.5
    of_school, of_region = told(**WORKED)["vpr_quality"]["se"], told("region", **WORKED)["vpr_quality"]["se"]
    assert of_region == pytest.approx(widened * of_school)


def test_the_error_of_a_town_is_that_between_its_schools() -> None:
    """Three schools of 20, 50 and 80 % know the town's share far less well than 300 pupils would."""
    connection = duckdb.connect()
    work = {"year": 2026, "procedure": "VPR", "subject": "MA", "grade": 4, "indicator_id": "vpr_quality"}
    tops = {"А": 20.0, "Б": 50.0, "В": 80.0}
    made = [
        work | {"level": "school", "unit_id": name, "numerator": top, "denominator": 100.0, "se": 4.0}
        for name, top in tops.items()
    ]
    made += [work | {"level": "municipality", "unit_id": "town", "numerator": 150.0, "denominator": 300.0, "se": 7.0}]
    made += [work | {"level": "region", "unit_id": "19", "numerator": 1500.0, "denominator": 3000.0, "se": 2.0}]
    blank = {"value": 50.0, "kind": "share", "ci_low": 0.0, "ci_high": 100.0, "small_base": False,
             "marks_incomplete": False}  # fmt: skip
    connection.register("made", engine.arrow(pd.DataFrame([row | blank for row in made])))
    members = [
        (2026, name, level, unit) for name in tops for level, unit in (("municipality", "town"), ("region", "19"))
    ]
    frame = pd.DataFrame(members, columns=["year", "org_id", "level", "unit_id"])
    connection.register("members", engine.arrow(frame))
    connection.register("judged", changes.judged_by(catalogue.indicators(), LIMITS["dynamics"]))
    found = values.with_errors_between_schools(
        *(engine.table(connection, name) for name in ("made", "members", "judged")), least_pct=50
    )
    errors = {row["unit_id"]: row["se"] for row in found.collect("pyarrow").to_native().to_pylist()}
    assert errors["town"] == pytest.approx(100 * np.sqrt(3 / 2 * (30**2 + 0 + 30**2)) / 300)
    assert errors["А"] == 4, "a school's is that of its pupils"
    assert errors["19"] == 2, "three schools of a tenth of the region's pupils do not tell the region's"
    assert set(KEY) <= set(found.collect_schema().names())
