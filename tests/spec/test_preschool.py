"""МКДО as small tables with known answers: levels by criteria, НП, the chain of means, weights, gates, changes."""

from __future__ import annotations

import copy
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from msoko_pipeline.indicators.preschool import scores as chain
from msoko_pipeline.indicators.preschool import shares as shares_of
from msoko_pipeline.indicators.preschool import steps as year_of
from msoko_pipeline.numbers.uncertainty import wilson
from msoko_pipeline.publishing.stage import RENAMED
from schemas import catalogue
from schemas.fields import columns_of
from schemas.marts import MARTS
from schemas.preschool import CRITERIA, PreschoolPassport, confirmed_level
from tests.spec.tables import load, table

DATA = catalogue.preschool()
CHANGES = DATA["changes"]
ORG, OTHER, TOWN = "doo190001", "doo190002", "town"


def home(*organisations: str, year: int = 2026) -> pd.DataFrame:
    return pd.DataFrame({"year": year, "org_id": organisations, "municipality_id": TOWN})


def scale(drawn: str, year: int = 2026) -> pd.DataFrame:
    """Rows of the scales: columns of the drawn table over the usual ones."""
    told = table(drawn)
    usual = {"year": year, "org_id": ORG, "group_name": "1", "area": "content", "indicator": "content_speech",
             "source": "expert", "age": None, **dict.fromkeys(CRITERIA)}  # fmt: skip
    for name, value in usual.items():
        if name not in told:
            told[name] = value
    told["level"] = [level if isinstance(level, str) else f"{level:g}" for level in told["level"]]
    return told.astype({"group_name": "string", "level": "string"})


def score(found: pd.DataFrame, area: str = chain.ALL, indicator: str = chain.ALL, org_id: str = ORG) -> Any:
    (row,) = found[(found["org_id"] == org_id) & (found["area"] == area) & (found["indicator"] == indicator)].to_dict(
        "records"
    )
    return row


# ---- levels


@pytest.mark.parametrize(
    ("criteria", "level"),
    [
        ("нет | нет | нет | нет | нет", 0),
        ("да  | нет | нет | нет | нет", 1),
        ("да  | да  | нет | нет | нет", 2),
        ("да  | да  | да  | нет | нет", 3),
        ("да  | да  | да  | да  | нет", 4),
        ("да  | да  | да  | да  | да ", 5),
        ("нет | да  | да  | да  | да ", 0),
        ("да  | нет | да  | да  | да ", 1),
        ("да  | да  | нет | да  | да ", 2),
        ("да  | да  | да  | нет | да ", 3),
        ("4/4 | 3/3 | 2/3 | 3/3 | 1/1", 2),
        ("4/4 | 3/3 | 3/3 | 0/3 | 1/1", 3),
        ("10/10 | 9/10 | 1/1 | 1/1 | 1/1", 1),
        ("да  |     | да  | да  | да ", 1),
        ("    | да  | да  | да  | да ", 0),
        ("    |     |     |     |    ", None),
    ],
)  # fmt: skip
def test_a_level_counts_only_over_all_the_levels_below(criteria: str, level: int | None) -> None:
    words = {"да": "1/1", "нет": "0/1", "": None}
    cells = [word.strip() for word in criteria.split("|")]
    rows = pd.DataFrame([dict(zip(CRITERIA, [words.get(cell, cell) for cell in cells], strict=True))], dtype="string")
    (found,) = confirmed_level(rows)
    assert (None if pd.isna(found) else found) == level


def test_criteria_go_before_what_the_row_says_and_not_applicable_before_both() -> None:
    rows = scale("group_name | level\nа | 5\nб | 5\nв | НП\nг | НП").replace({"level": {"НП": "NP"}})
    rows["criteria_1"] = [None, "1/1", None, "1/1"]
    found = chain.levels(rows)
    assert [None if pd.isna(value) else value for value in found] == [5, 1, None, None]


@pytest.mark.parametrize(
    ("value", "level"),
    [(0.0, 0), (0.99, 0), (1.0, 1), (1.99, 1), (2.0, 2), (2.999, 2), (3 - 1e-13, 3), (3.0, 3), (3.99, 3), (4.0, 4),
     (4.999, 4), (5.0, 5)],
)  # fmt: skip
def test_the_level_is_the_highest_that_the_score_reaches(value: float, level: int) -> None:
    numbers, titles = chain.level_of(pd.Series([value, np.nan]), DATA["levels"])
    assert (numbers[0], titles[0]) == (level, DATA["levels"][level]["title"])
    assert pd.isna(numbers[1])
    assert pd.isna(titles[1])


# ---- the chain of means

CHAIN = """
group_name | area    | indicator        | level
а          | content | content_speech   | 3
б          | content | content_speech   | 4
в          | content | content_speech   | NP
а          | content | content_art      | 2
б          | content | content_art      | NP
а          | care    | care_food        | 5
"""


def test_groups_then_indicators_then_areas_each_with_equal_weight() -> None:
    found = chain.scores(scale(CHAIN), DATA)
    assert score(found, "content", "content_speech")["score"] == 3.5
    assert score(found, "content", "content_art")["score"] == 2
    assert score(found, "content")["score"] == 2.75  # not (3 + 4 + 2) / 3
    assert score(found, "care")["score"] == 5
    assert score(found)["score"] == 3.875  # not the mean of the indicators
    assert [score(found, "content", "content_speech")["groups"], score(found, "content", "content_art")["groups"]] == [
        2, 1,
    ]  # fmt: skip
    assert score(found)["groups"] == 2


def test_an_indicator_that_is_nowhere_applicable_has_no_row() -> None:
    found = chain.scores(scale("level | indicator\nNP | content_art\n4 | content_speech"), DATA)
    assert set(found["indicator"]) == {"content_speech", chain.ALL}
    assert score(found, "content")["score"] == 4


def test_zero_is_a_level_and_no_gap() -> None:
    assert score(chain.scores(scale("group_name | level\nа | 0\nб | 3"), DATA))["score"] == 1.5


def test_weights_of_areas_are_data() -> None:
    declared = copy.deepcopy(DATA)
    declared["areas"]["care"]["weight"] = 3
    assert score(chain.scores(scale(CHAIN), declared))["score"] == (2.75 + 3 * 5) / 4
    declared["areas"]["content"]["weight"] = 0
    found = chain.scores(scale(CHAIN), declared)
    assert score(found)["score"] == 5
    assert score(found, "content")["score"] == 2.75  # told, though it does not count


SOURCES = """
group_name | source   | level
а          | expert   | 3
а          | self     | 5
б          | self     | 4
б          | teacher  | 2
в          | expert   | NP
в          | internal | 1
"""


def test_the_expert_goes_before_the_others_and_the_gap_is_told() -> None:
    found = score(chain.scores(scale(SOURCES), DATA), "content", "content_speech")
    assert found["score"] == pytest.approx((3 + 4 + 1) / 3)
    assert found["self_gap"] == 2  # of the group where both are
    assert found["sources"] == "expert; internal; self; teacher"


def test_or_the_mean_of_all_sources() -> None:
    declared = copy.deepcopy(DATA)
    declared["sources"]["rule"] = "mean"
    found = score(chain.scores(scale(SOURCES), declared), "content", "content_speech")
    assert found["score"] == pytest.approx((4 + 3 + 1) / 3)


def test_the_town_is_weighted_by_children_and_not() -> None:
    rows = scale(f"org_id | level\n{ORG} | 2\n{OTHER} | 4\ndoo190003 | 3")
    places = home(ORG, OTHER, "doo190003").assign(children=[300, 100, None])
    scores = chain.scores(rows, DATA).merge(places[["org_id", "children"]], on="org_id")
    (found,) = chain.of_towns(scores, places, 3.0).query("area == 'ALL'").to_dict("records")
    assert found["org_id"] == TOWN
    assert (found["score"], found["score_unweighted"]) == (2.5, 3)
    assert (found["preschools"], found["at_base"]) == (3, 2)
    assert found["groups"] == 3


def test_without_children_told_the_weighted_mean_is_not_known() -> None:
    scores = chain.scores(scale("level\n2"), DATA).assign(children=pd.NA)
    (found,) = chain.of_towns(scores, home(ORG), 3.0).query("area == 'ALL'").to_dict("records")
    assert np.isnan(found["score"])
    assert found["score_unweighted"] == 2


# ---- questionnaires


def asked(count: int, good: int = 0, code: str = "Q1") -> pd.DataFrame:
    answers = ["5"] * good + ["3"] * (count - good)
    return pd.DataFrame(
        {"year": 2026, "org_id": ORG, "survey_id": [str(n) for n in range(count)], "q_code": code, "answer": answers}
    )


def families(count: int | None) -> pd.DataFrame:
    return pd.DataFrame({"year": [2026], "org_id": [ORG], "families": pd.array([count], dtype="Int64")})


@pytest.mark.parametrize(
    ("responses", "of", "needed", "shown"),
    [
        (9, 20, 10, False), (10, 20, 10, True), (10, 33, 10, True), (10, 34, 11, False), (11, 34, 11, True),
        (30, 100, 30, True), (29, 100, 30, False), (299, 1000, 300, False), (300, 1000, 300, True),
        (3, 5, 10, False), (12, 40, 12, True),
    ],
)  # fmt: skip
def test_a_questionnaire_is_shown_from_ten_and_from_a_third_of_a_hundred_families(
    responses: int, of: int, needed: int, shown: bool
) -> None:
    """30 % exactly is enough, 29,9 % is not."""
    told, held = shares_of.of_survey(asked(responses, 2), families(of), DATA)
    assert told["published"].tolist() == [shown]
    assert told["base"].notna().tolist() == [shown]
    assert held["needed"].tolist() == ([] if shown else [needed])


def test_the_share_is_that_of_good_answers_among_those_given() -> None:
    """12 of 40: 4, 5 and «да» are good; НО is no answer; a questionnaire of НО alone is none."""
    answers = asked(12)
    answers["answer"] = ["5", "5", "4", "3", "2", "1", "yes", "yes", "no", "none", "5", "4"]
    told, held = shares_of.of_survey(answers, families(30), DATA)
    assert (told["numerator"].tolist(), told["base"].tolist(), len(held)) == ([7], [11], 0)
    (found,) = shares_of.valued(told, whole=False).to_dict("records")
    low, high = wilson(7, 11)
    assert found["value"] == pytest.approx(700 / 11)
    assert (found["ci_low"], found["ci_high"]) == (pytest.approx(low * 100), pytest.approx(high * 100))
    alone, held = shares_of.of_survey(answers.iloc[:10], families(30), DATA)
    assert held["responses"].tolist() == [9]
    assert alone["value" if "value" in alone else "base"].isna().all()


def test_how_many_answered_is_told_where_the_shares_are_not() -> None:
    told = pd.concat([asked(9), asked(12).assign(org_id=OTHER), asked(5).assign(org_id="doo190003")])
    known = pd.DataFrame({"year": 2026, "org_id": [ORG, OTHER], "families": pd.array([90, 10], dtype="Int64")})
    alone, _ = shares_of.of_survey(told, known, DATA)
    found = shares_of.valued(alone, whole=False)
    rows = found[["published", "responses", "families", "response_pct"]].astype(object)
    assert rows.where(rows.notna(), None).to_numpy().tolist() == [
        [False, 9, 90, 10.0], [True, 12, 10, None], [False, 5, None, None],  # 12 of 10
    ]  # fmt: skip
    (town,) = shares_of.of_towns(alone, home(ORG, OTHER, "doo190003")).to_dict("records")
    assert (town["responses"], town["families"], town["preschools"], town["published"]) == (21, 100, 1, True)


def test_without_the_number_of_families_nothing_is_shown() -> None:
    for known in (families(None), families(1).iloc[:0]):
        told, held = shares_of.of_survey(asked(50), known, DATA)
        assert not told["published"].any()
        assert held["needed"].isna().all()


# ---- passports


def passport(**told: Any) -> pd.DataFrame:
    columns = {column.name: column.dtype for column in columns_of(PreschoolPassport) if column.name != "row"}
    frame = pd.DataFrame([dict.fromkeys(columns) | {"year": 2026, "org_id": ORG, "contingent": 100, "families": 90} | t
                          for t in told.pop("rows", [told])])  # fmt: skip
    return frame.astype({name: "string" if dtype.startswith("str") else dtype for name, dtype in columns.items()})


def test_shares_of_a_passport() -> None:
    told = passport(
        teachers=20, teachers_higher=15, posts=20.5, posts_filled=20.5, special_needs=0, has_aop=False, injuries=2,
        days_ill=900, health_1=10, health_2=60, health_3=20, health_4=5, health_5=5, prescriptions=2, has_site=True,
    )  # fmt: skip
    found = shares_of.valued(shares_of.of_passports(duckdb.connect(), told), whole=False).set_index("indicator")[
        "value"
    ]
    assert found.to_dict() == {
        "teachers_higher": 75, "posts_filled": 100, "children_per_teacher": 5, "days_ill": 9, "injuries": 20,
        "health_weak": 30, "prescriptions": 100, "prescriptions_number": 2, "site": 100,
    }  # fmt: skip


def test_adapted_programmes_are_asked_where_there_are_such_children() -> None:
    rows = [{"org_id": ORG, "special_needs": 3, "has_aop": True}, {"org_id": OTHER, "special_needs": 1,
            "has_aop": False}, {"org_id": "doo190003", "special_needs": 0, "has_aop": False},
            {"org_id": "doo190004", "has_aop": True}]  # fmt: skip
    told = shares_of.of_passports(duckdb.connect(), passport(rows=rows))
    town = shares_of.of_towns(told, home(ORG, OTHER, "doo190003", "doo190004"))
    (found,) = shares_of.valued(town[town["indicator"] == "aop"], whole=True).to_dict("records")
    assert (found["numerator"], found["base"], found["value"], found["preschools"]) == (1, 2, 50, 2)
    assert found["ci_low"] < 50 < found["ci_high"]
    one = shares_of.valued(told[told["indicator"] == "aop"], whole=False)
    assert one["ci_low"].isna().all()  # one preschool's yes is no sample


def test_shares_of_the_town_are_sums_not_means() -> None:
    rows = [{"teachers": 10, "teachers_higher": 10}, {"org_id": OTHER, "teachers": 30, "teachers_higher": 0}]
    town = shares_of.of_towns(shares_of.of_passports(duckdb.connect(), passport(rows=rows)), home(ORG, OTHER))
    found = shares_of.valued(town, whole=True).set_index("indicator")
    assert found.loc["teachers_higher", "value"] == 25
    assert found.loc["children_per_teacher", "value"] == 5


def test_experts_are_counted_once() -> None:
    experts = pd.DataFrame({"year": 2026, "expert_key": ["a", "b", "c"], "trained": [True, True, False]})
    (found,) = shares_of.of_experts(experts, home(ORG, OTHER), DATA).to_dict("records")
    assert (found["org_id"], found["numerator"], found["base"]) == (TOWN, 2, 3)
    two_towns = home(ORG, OTHER).assign(municipality_id=["a", "b"])
    assert shares_of.of_experts(experts, two_towns, DATA).empty


# ---- the whole table


def nobody(kind: str) -> pd.DataFrame:
    from schemas.kinds import KINDS

    return pd.DataFrame(columns=[column.name for column in columns_of(KINDS[kind].model)])


def whole(year: int, level: int) -> pd.DataFrame:
    found, _ = year_of.quality(duckdb.connect(),
        scale(f"level\n{level}", year), passport(year=year, teachers=10, teachers_higher=level),
        asked(3).assign(year=year), nobody("preschool_expert"), home(ORG, year=year), DATA,
    )  # fmt: skip
    return found


def test_the_change_is_against_the_year_before_and_not_an_older_one() -> None:
    before, now = whole(2025, 2), whole(2026, 3)
    told = year_of.with_changes(now, before, CHANGES).set_index(["unit_level", "indicator", "area"])
    assert told.loc[("preschool", chain.ALL, chain.ALL), ["previous", "change"]].tolist() == [2, 1]
    assert told.loc[("municipality", "teachers_higher", "staff"), ["previous", "change"]].tolist() == [20, 10]
    assert year_of.with_changes(now, whole(2024, 2), CHANGES)["previous"].isna().all()
    both = year_of.with_changes(pd.concat([before, now], ignore_index=True), now.iloc[:0], CHANGES)
    assert both.loc[both["year"] == 2026, "change"].notna().any()


LINE = {"год": "year", "сад": "org_id", "детей": "children", "балл": "score", "самооценка": "score_self",
        "эксперт": "score_expert", "доля эксперта": "expert_pct"}  # fmt: skip


def of_case(drawn: str) -> pd.DataFrame:
    """Rows of the preschools of a drawn case and of their town, of both years."""
    told = table(drawn).rename(columns=LINE).astype({"year": "int64", "children": "Int64"})
    told = told.assign(area=chain.ALL, indicator=chain.ALL, self_gap=np.nan, groups=1, sources="self", ages=None)
    places = told[["year", "org_id"]].assign(municipality_id=TOWN)
    town = chain.of_towns(told, places, 3.0).assign(unit_level="municipality", municipality_id=TOWN)
    whole = pd.concat([told.assign(unit_level="preschool", municipality_id=TOWN), town], ignore_index=True)
    return whole.assign(kind="score").reindex(columns=list(year_of.COLUMNS)).astype(year_of.COLUMNS)


@pytest.mark.parametrize("case", load("preschools")["cases"], ids=lambda case: case["title"])
def test_what_changed_in_the_preschools_of_a_town(case: dict[str, Any]) -> None:
    whole = of_case(case["given"])
    (town,) = (
        year_of.with_changes(whole, whole.iloc[:0], CHANGES)
        .query("year == 2026 and unit_level == 'municipality'")
        .to_dict("records")
    )
    for name, value in table(case["gives"]).itertuples(index=False):
        if value is None or pd.isna(value):
            assert pd.isna(town[name]), name
        else:
            assert town[name] == (pytest.approx(value, abs=1e-9) if isinstance(value, float) else value), name


def test_a_preschool_is_compared_where_experts_told_as_much() -> None:
    told = of_case(next(case["given"] for case in load("preschools")["cases"] if "Эксперт" in case["title"]))
    alone = year_of.with_changes(told, told.iloc[:0], CHANGES).query("year == 2026 and unit_level == 'preschool'")
    assert alone["change"].isna().all()
    assert alone["change_expert"].tolist() == [0, 0]
    assert alone["not_compared"].str.startswith("доля оценок эксперта").all()
    freer = year_of.with_changes(told, told.iloc[:0], CHANGES | {"experts_apart_pp": 50})
    assert freer.query("year == 2026")["change"].tolist() == pytest.approx([-0.3] * 3)


def test_shares_and_numbers_of_a_town_change_over_the_preschools_of_both_years() -> None:
    """Half of the new preschool's teachers and its nine prescriptions are no change of the town."""
    rows = {
        2025: {ORG: (10, 5, 2), OTHER: (20, 5, 1)},
        2026: {ORG: (10, 6, 3), OTHER: (20, 9, 1), "doo190003": (40, 40, 9)},
    }
    parts = []
    for year, told in rows.items():
        lines = [{"year": year, "org_id": org_id, "teachers": all_, "teachers_higher": part, "prescriptions": number,
                  "posts": 20.5, "posts_filled": 20.5}
                 for org_id, (all_, part, number) in told.items()]  # fmt: skip
        given = [nobody(f"preschool_{kind}") for kind in ("scale", "survey", "expert")]
        parts.append(
            year_of.quality(
                duckdb.connect(), given[0], passport(rows=lines), given[1], given[2], home(*told, year=year), DATA
            )[0]
        )
    found = year_of.with_changes(parts[1], parts[0], CHANGES).set_index(["unit_level", "indicator"])
    town = found.loc["municipality"]
    assert town.loc["teachers_higher", ["value", "previous", "change", "matched"]].tolist() == pytest.approx(
        [5500 / 70, 1000 / 30, 500 / 30, 2]
    )
    assert town.loc["prescriptions_number", ["value", "previous", "change", "matched"]].tolist() == [13, 3, 1, 2]
    assert town.loc["prescriptions_number", ["base", "ci_low", "small_base"]].isna().all()
    assert town.loc["prescriptions", "change"] == 0


def test_groups_of_what_age_were_seen() -> None:
    rows = scale("group_name | level | age\nа | 3 | from_4\nб | 4 | from_3\nв | 4 |")
    assert score(chain.scores(rows, DATA))["ages"] == "from_3; from_4"
    assert score(chain.scores(scale("level\n2"), DATA))["ages"] is None


def test_each_source_has_a_score_of_its_own_and_its_share_is_told() -> None:
    found = score(chain.scores(scale(SOURCES), DATA), "content", "content_speech")
    assert (found["score_self"], found["score_expert"]) == (4.5, 3)
    assert found["expert_pct"] == pytest.approx(100 / 3)


def test_rows_answer_items_of_the_roadmap_and_have_every_key() -> None:
    found = whole(2026, 3)
    assert found[["org_id", "area", "indicator", "roadmap_item", "title_ru", "municipality_id"]].notna().all(axis=None)
    assert not found.duplicated(["unit_level", "org_id", "area", "indicator"]).any()
    published = found.rename(columns=RENAMED["preschool_quality"])
    assert set(published.columns) <= {column.name for column in columns_of(MARTS["preschool_quality"])}
    survey = found[found["indicator"] == "satisfied_education"]
    assert survey["published"].tolist() == [False, False]  # of the preschool and of its town
    assert survey[["value", "numerator", "base"]].isna().all(axis=None)
    assert survey[["responses", "families"]].to_numpy().tolist() == [[3, 90], [3, 90]]  # told all the same
    assert survey["response_pct"].tolist() == pytest.approx([300 / 90] * 2)


def test_a_year_without_any_file_of_preschools_is_an_empty_table() -> None:
    kinds = (f"preschool_{kind}" for kind in ("scale", "passport", "survey", "expert"))
    found, held = year_of.quality(duckdb.connect(), *map(nobody, kinds), home(ORG), DATA)
    assert (len(found), len(held), list(found)) == (0, 0, list(year_of.COLUMNS))
    assert year_of.with_changes(found, found, CHANGES).empty
