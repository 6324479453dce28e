"""ВсОШ in small tables: what goes in stands beside what must come out."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pytest

from msoko_pipeline.indicators.olympiads import formulas
from msoko_pipeline.indicators.olympiads.steps import CONTINGENT, COUNT, RESULT
from msoko_pipeline.numbers.uncertainty import wilson
from schemas import catalogue
from schemas.fields import columns_of
from schemas.kinds import DECLARED_MARTS
from schemas.published import LEVELS

OLYMPIAD = DECLARED_MARTS["olympiad"]
PUBLISHED = {"school_year", "rule_version", "published_at", "cycle", "not_judged", "suppressed", "hidden_columns"}
"""Columns that publishing adds, and the one that `without_insufficient` does."""
RULES = catalogue.olympiad_rules()
SCHOOLS = ("a", "b")
UNITS = pd.DataFrame(
    [(2026, org, level, unit) for org in SCHOOLS for level, unit in (("school", org), ("municipality", "town"))],
    columns=["year", "org_id", "level", "unit_id"],
).astype({"org_id": "string", "level": "string", "unit_id": "string"})
COMMON = {"year": 2026, "stage": "SHE", "subject": "MA", "org_id": "a", "grade": 7, "direction": "—", "status": None,
          "score": None, "max_score": None, "completion_pct": None, "seq": 1}  # fmt: skip


def row(pupil: str, status: str | None = "participant", pct: float | None = None, **more: Any) -> dict[str, Any]:
    return COMMON | {"pupil_key": pupil, "status": status, "completion_pct": pct} | more


def table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(RESULT)).astype(RESULT)


def counts(*rows: tuple[str, str, str, int, int, int | None, int | None]) -> pd.DataFrame:
    """stage, subject, school, grade, participants, winners, prize-winners."""
    names = ["stage", "subject", "org_id", "grade", "participants", "winners", "prizewinners"]
    return pd.DataFrame(rows, columns=names).assign(year=2026).astype(COUNT)


def contingent(*rows: tuple[str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["org_id", "grade", "pupils"]).assign(year=2026).astype(CONTINGENT)


def units(rows: list[dict[str, Any]], told: Any = None, pupils: Any = None) -> pd.DataFrame:
    once, _ = formulas.participations(table(rows))
    schools = formulas.of_schools(
        once, counts() if told is None else told, contingent() if pupils is None else pupils, UNITS
    )
    return formulas.of_units(duckdb.connect(), schools, UNITS).set_index(["unit_id", "stage", "subject"])


def values(found: pd.DataFrame, unit: str, stage: str, subject: str, *names: str) -> list[Any]:
    return [None if pd.isna(value) else value for value in found.loc[(unit, stage, subject), list(names)]]


# ---- who took part

MIXED = [
    row("p1", "winner", 80), row("p2", "prizewinner", 60), row("p3", "participant", 20), row("p1", "winner", 90,
    subject="FI"), row("q1", "participant", 24.99, org_id="b"), row("q2", "participant", 25, org_id="b"),
]  # fmt: skip


def test_participations_pupils_and_awards() -> None:
    found = units(MIXED)
    names = ("participants", "unique_pupils", "winners", "prizewinners", "award_pupils")
    assert values(found, "a", "SHE", "MA", *names) == [3, 3, 1, 1, 2]
    assert values(found, "a", "SHE", "FI", *names) == [1, 1, 1, 0, 1]
    assert values(found, "a", "SHE", "ALL", *names) == [4, 3, 2, 1, 2], "p1 is one pupil with two diplomas"
    assert values(found, "town", "SHE", "ALL", *names) == [6, 5, 2, 1, 2]
    assert values(found, "town", "SHE", "MA", "facts_source") == ["protocol"]


def test_efficiency_is_awards_among_participations() -> None:
    found = units(MIXED)
    low, high = wilson([2], [5])
    assert values(found, "town", "SHE", "MA", "efficiency_pct") == [40]
    told = values(found, "town", "SHE", "MA", "efficiency_ci_low", "efficiency_ci_high")
    assert told == pytest.approx([float(low[0]) * 100, float(high[0]) * 100])


def test_low_is_below_a_quarter_of_the_maximum() -> None:
    assert values(units(MIXED), "town", "SHE", "MA", "scored", "low", "low_pct") == [5, 2, 40]


def test_without_any_status_nobody_knows_the_awards() -> None:
    found = units([row("p1", None), row("p2", None)])
    names = ("participants", "judged", "winners", "efficiency_pct")
    assert values(found, "a", "SHE", "MA", *names) == [2, 0, None, None]


def test_a_blank_status_is_a_participant_where_the_file_tells_statuses() -> None:
    found = units([row("p1", "winner"), row("p2", None), row("q1", None, org_id="b")])
    names = ("judged", "winners", "efficiency_pct")
    assert values(found, "a", "SHE", "MA", *names) == [2, 1, 50]
    assert values(found, "b", "SHE", "MA", *names) == [1, 0, 0], "the same file"
    apart = units([row("p1", "winner"), row("p2", None), row("q1", None, org_id="b", seq=2)])
    assert values(apart, "b", "SHE", "MA", *names) == [0, None, None]


def test_efficiency_is_among_those_whose_status_is_known() -> None:
    """Sirius tells no statuses: its participations are no failures."""
    found = units([row("p1", "winner"), row("p2"), *(row(f"#{n}", None, subject="FI", seq=2) for n in range(8))])
    assert values(found, "town", "SHE", "ALL", "participants", "judged", "efficiency_pct") == [10, 2, 50]


@pytest.mark.parametrize(
    ("again", "participants", "told"),
    [
        ({}, 1, 1), ({"status": "winner"}, 1, 1), ({"direction": "Робототехника"}, 1, 0),
        ({"pupil_key": "p2"}, 2, 0), ({"grade": 8}, 2, 0), ({"org_id": "b"}, 2, 0), ({"subject": "FI"}, 2, 0),
    ],
)  # fmt: skip
def test_a_pupil_told_twice_is_one(again: dict[str, Any], participants: int, told: int) -> None:
    once, twice = formulas.participations(table([row("p1"), row("p1") | again]))
    assert (len(once), int(twice["rows"].sum())) == (participants, told)
    if again.get("status"):
        assert once["status"].tolist() == ["winner"], "the row that told less is the one that is asked about"


# ---- codes and counts


def test_codes_of_one_subject_say_nothing_of_pupils_in_all_of_them() -> None:
    found = units([row("#1", "winner"), row("#2"), row("p1", subject="IS")])
    names = ("participants", "unique_pupils", "winners", "award_pupils")
    assert values(found, "a", "SHE", "MA", *names) == [2, 2, 1, 1]
    assert values(found, "a", "SHE", "ALL", *names) == [3, None, 1, None]


def test_the_schools_own_form_tells_the_pupils_that_codes_hide() -> None:
    told = counts(("SHE", "ALL", "a", 7, 2, 1, 0))
    assert values(units([row("#1"), row("#2"), row("p1", subject="IS")], told), "a", "SHE", "ALL", "participants",
                  "unique_pupils", "award_pupils", "facts_source") == [3, 2, 1, "protocol"]  # fmt: skip


def test_a_form_that_tells_more_pupils_than_took_part_is_not_believed() -> None:
    told = counts(("SHE", "ALL", "a", 7, 9, 1, 0))
    names = ("participants", "unique_pupils", "award_pupils")
    assert values(units([row("#1"), row("p1", subject="IS")], told), "a", "SHE", "ALL", *names) == [2, None, None]


def test_counts_without_awards_are_not_judged() -> None:
    told = counts(("SHE", "MA", "b", 7, 10, 1, 2), ("SHE", "MA", "b", 8, 5, None, None))
    names = ("participants", "judged", "winners", "prizewinners", "efficiency_pct")
    assert values(units([], told), "b", "SHE", "MA", *names) == [15, 10, 1, 2, 30]


def test_counts_stand_in_for_a_school_without_protocols() -> None:
    told = counts(("SHE", "MA", "b", 7, 10, 1, 2), ("SHE", "MA", "b", 8, 5, 0, 1), ("SHE", "FI", "b", 8, 5, 0, 0),
                  ("SHE", "ALL", "b", 7, 9, 1, 2), ("SHE", "ALL", "b", 8, 8, 0, 1))  # fmt: skip
    found = units([row("p1", "winner")], told)
    names = ("participants", "unique_pupils", "winners", "prizewinners", "facts_source")
    assert values(found, "b", "SHE", "MA", *names) == [15, 15, 1, 3, "count"]
    assert values(found, "b", "SHE", "ALL", *names) == [20, 17, 1, 3, "count"]
    assert values(found, "town", "SHE", "MA", *names) == [16, 16, 2, 3, "count; protocol"]
    assert values(found, "town", "SHE", "ALL", *names) == [21, 18, 2, 3, "count; protocol"]


def test_all_subjects_are_those_of_protocols_and_those_of_counts_together() -> None:
    told = counts(("SHE", "RU", "a", 7, 30, 2, 3), ("SHE", "ALL", "a", 7, 35, 3, 3))
    rows = [row(f"p{number}", "winner" if number == 0 else "participant") for number in range(10)]
    found = units(rows, told, contingent(("a", 7, 100)))
    names = ("participants", "winners", "prizewinners", "unique_pupils", "award_pupils", "covered", "facts_source")
    assert values(found, "a", "SHE", "ALL", *names) == [40, 3, 3, 35, 6, 35, "count; protocol"]


def test_a_school_that_tells_only_its_pupils() -> None:
    found = units([], counts(("SHE", "ALL", "a", 7, 35, 2, 3)))
    names = ("participants", "unique_pupils", "award_pupils", "facts_source")
    assert values(found, "a", "SHE", "ALL", *names) == [None, 35, 5, "count"]


def test_awards_are_of_the_grades_that_tell_both() -> None:
    found = units([], counts(("SHE", "RU", "a", 7, 20, 2, None), ("SHE", "RU", "a", 8, 15, 1, 3)))
    told = values(found, "a", "SHE", "RU", "participants", "judged", "winners", "efficiency_pct")
    assert told == [35, 15, 3, pytest.approx(100 * 4 / 15)]


def test_without_scores_nobody_is_low_and_nobody_is_not() -> None:
    told = values(units([row("p1")]), "a", "SHE", "MA", "scored", "low", "low_pct", "full_score")
    assert told == [0, None, None, None]


def test_a_town_with_a_school_whose_pupils_nobody_knows_has_no_number_of_pupils() -> None:
    found = units([row("p1"), row("#1", org_id="b")])
    assert values(found, "town", "SHE", "ALL", "participants", "unique_pupils") == [2, None]


# ---- coverage


def test_coverage_is_of_the_schools_that_tell_both() -> None:
    rows = [row("p1", grade=4), row("p2", grade=11), row("p3", grade=3), row("q1", org_id="b")]
    found = units(rows, pupils=contingent(("a", 3, 50), ("a", 4, 10), ("a", 11, 10)))
    assert values(found, "a", "SHE", "ALL", "covered", "contingent", "coverage_pct") == [2, 20, 10]
    assert values(found, "b", "SHE", "ALL", "covered", "contingent", "coverage_pct") == [None, None, None]
    assert values(found, "town", "SHE", "ALL", "contingent_source", "without_contingent") == ["contingent", 1]
    assert values(found, "town", "SHE", "ALL", "covered", "contingent", "coverage_pct") == [2, 20, 10]


def test_coverage_by_the_form_where_codes_hide_the_pupils() -> None:
    told = counts(("SHE", "ALL", "a", 4, 3, 0, 0), ("SHE", "ALL", "a", 3, 7, 0, 0))
    found = units([row("#1"), row("#2")], told, contingent(("a", 4, 12)))
    assert values(found, "a", "SHE", "ALL", "covered", "coverage_pct") == [3, 25]
    hidden = units([row("#1"), row("#2")], pupils=contingent(("a", 4, 12)))
    assert values(hidden, "a", "SHE", "ALL", "covered", "coverage_pct") == [None, None]


# ---- the funnel

FUNNEL = [
    *(row(f"p{number}", "winner" if number < 3 else "participant", 90, grade=9) for number in range(10)),
    row("p0", "participant", 24, stage="ME", grade=9), row("p1", "participant", 25, stage="ME", grade=9),
    row("p2", "winner", 70, stage="ME", grade=9), row("x", "participant", 60, stage="ME", grade=9),
    row("p2", "prizewinner", stage="RE", grade=9),
]  # fmt: skip


def test_the_way_to_the_next_stage() -> None:
    found = units(FUNNEL)
    names = ("moving", "moved", "conversion_pct")
    assert values(found, "a", "SHE", "MA", *names) == [10, 3, 30]
    assert values(found, "a", "ME", "MA", *names) == [4, 1, 25]
    assert values(found, "a", "RE", "MA", *names) == [None, None, None], "nobody has told of the last stage"
    assert values(found, "town", "SHE", "ALL", *names) == [10, 3, 30]


def test_a_class_that_the_next_stage_does_not_take_is_not_on_its_way() -> None:
    """ME takes classes from the seventh, RE from the ninth."""
    young = [row("y6", grade=6), row("y8", grade=8), row("y8", stage="ME", grade=8)]
    found = units([*FUNNEL, *young])
    assert values(found, "a", "SHE", "MA", "participants", "moving", "moved") == [12, 11, 4]
    assert values(found, "a", "ME", "MA", "participants", "moving", "moved") == [5, 4, 1]


def test_a_stage_that_only_another_town_held_is_nobodys_way_here() -> None:
    """The municipal stage is each town's own; the regional one is held for all."""
    apart = UNITS.assign(unit_id=UNITS["unit_id"].where(UNITS["level"] == "school", "town of " + UNITS["org_id"]))
    rows = [*FUNNEL, *(each | {"org_id": "b"} for each in FUNNEL if each["stage"] == "SHE")]
    once, _ = formulas.participations(table(rows))
    schools = formulas.of_schools(once, counts(), contingent(), apart)
    found = formulas.of_units(duckdb.connect(), schools, apart).set_index(["unit_id", "stage", "subject"])
    assert values(found, "town of a", "SHE", "MA", "moving", "moved") == [10, 3]
    assert values(found, "town of b", "SHE", "MA", "moving", "conversion_pct") == [None, None]


def test_codes_do_not_lead_anywhere() -> None:
    rows = [row("#1"), row("p1", stage="ME")]
    assert values(units(rows), "a", "SHE", "MA", "moving", "conversion_pct") == [None, None]


def test_winners_of_the_school_stage_that_fell_in_the_next() -> None:
    assert values(units(FUNNEL), "a", "SHE", "MA", "judged_winners", "fallen", "fallen_pct") == [
        3, 1, pytest.approx(100 / 3),
    ]  # fmt: skip


# ---- signs


def signs_of(rows: list[dict[str, Any]], stage: str = "SHE") -> Any:
    return values(units(rows), "a", stage, "MA", "possible_signs")[0]


def with_scores(*scores: float, **more: Any) -> list[dict[str, Any]]:
    return [row(f"p{n}", pct=score / 10 * 100, score=score, max_score=10, **more) for n, score in enumerate(scores)]


@pytest.mark.parametrize(
    ("scores", "sign"),
    [
        ((10, 1, 2, 3, 4), "full_score"), ((10, 1, 2, 3, 4, 5), ""), ((10, 1, 2, 3), None),
        ((4, 4, 4, 1, 2, 3), "same_scores"), ((4, 4, 1, 2, 3, 5), ""),
        ((10, 10, 10, 1, 2, 3), "full_score; same_scores"),
    ],
)  # fmt: skip
def test_signs_at_their_thresholds(scores: tuple[float, ...], sign: str | None) -> None:
    assert signs_of(with_scores(*scores)) == sign


def test_the_same_results_are_those_of_one_grade() -> None:
    sixes = with_scores(4, 4, 4, 1, 2, 3)
    for place, told in enumerate(sixes):
        told["grade"] = 7 + place % 2
    assert signs_of(sixes) in ("", None)


@pytest.mark.parametrize(("below", "sign"), [(24, "winner_fell"), (25, "")])
def test_winners_who_fell(below: float, sign: str) -> None:
    rows = [row("p1", "winner", 90), row("p2", "winner", 90), row("p1", pct=below, stage="ME"),
            row("p2", pct=60, stage="ME")]  # fmt: skip
    assert signs_of(rows) == sign


def test_a_town_has_no_signs_and_neither_have_all_subjects() -> None:
    found = units(with_scores(10, 10, 10, 10, 10, 10))
    assert values(found, "a", "SHE", "MA", "possible_signs") == ["full_score; same_scores"]
    assert values(found, "town", "SHE", "MA", "possible_signs") == [None]
    assert values(found, "a", "SHE", "ALL", "possible_signs") == [None]


def test_every_sign_has_its_columns() -> None:
    assert set(formulas.SIGNS) == set(RULES["signs"])


# ---- the quota


@pytest.mark.parametrize(
    ("stage", "awards", "all_of", "over"),
    [("SHE", 9, 20, False), ("SHE", 10, 20, True), ("ME", 5, 9, False), ("RE", 10, 20, False)],
)
def test_the_quota_of_the_towns_own_stages(stage: str, awards: int, all_of: int, over: bool) -> None:
    rows = [row(f"p{n}", "prizewinner" if n < awards else "participant", stage=stage) for n in range(all_of)]
    found = units(rows).reset_index()
    told = formulas.over_quota(found)
    assert told[["awards", "judged"]].to_numpy().tolist() == ([[awards, all_of]] if over else [])


def test_nobody_told_anything() -> None:
    found = units([])
    assert len(found) == 0
    assert set(found.reset_index()) >= {spec.name for spec in columns_of(OLYMPIAD.model)} - PUBLISHED
    assert {"school", "municipality"} <= set(LEVELS)
