"""Contests, the gifted bank and shifts as small tables with known answers."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pytest

from msoko_pipeline.indicators.organisations import contingents
from msoko_pipeline.indicators.registers.unit_shares import with_share
from msoko_pipeline.indicators.talent import contests as talent_contests
from msoko_pipeline.indicators.talent import gifted as talent_gifted
from msoko_pipeline.indicators.talent import shifts as talent_shifts
from msoko_pipeline.indicators.talent import slices
from msoko_pipeline.indicators.talent.steps import CONTESTS as CONTEST_MART
from msoko_pipeline.indicators.talent.steps import GIFTED
from msoko_pipeline.indicators.talent.steps import SHIFTS as SHIFT_MART
from msoko_pipeline.numbers.uncertainty import wilson
from schemas import catalogue
from schemas.declared import DeclaredMart
from schemas.fields import columns_of
from schemas.marts import MARTS
from tests.spec.tables import table

ONE, TWO, OTHER = "edu190001", "edu190002", "edu190009"
TOWNS = {ONE: "город", TWO: "город", OTHER: "соседи"}
SCHOOLS = {"1": ONE, "2": TWO, "9": OTHER}


CONTEST, SHIFT = slices.columns(CONTEST_MART), slices.columns(SHIFT_MART)


def contests_of(took: pd.DataFrame, of: pd.DataFrame) -> pd.DataFrame:
    with duckdb.connect() as connection:
        return slices.measured(connection, CONTEST_MART, took, units(2026), of)


def shifts_of(took: pd.DataFrame, gifted: pd.DataFrame, places: pd.DataFrame, of: pd.DataFrame) -> pd.DataFrame:
    """What the step of shifts makes of participations."""
    with duckdb.connect() as connection:
        shifts = slices.measured(connection, SHIFT_MART, talent_shifts.with_bank(took, gifted, places), places, of)
    return talent_shifts.with_places(shifts, took, places)


def units(*years: int, region: bool = False) -> pd.DataFrame:
    told = [(year, org, "school", org) for year in years for org in TOWNS]
    told += [(year, org, "municipality", town) for year in years for org, town in TOWNS.items()]
    told += [(year, org, "region", "19") for year in years for org in TOWNS if region]
    return pd.DataFrame(told, columns=["year", "org_id", "level", "unit_id"])


def contingent(year: int = 2026, **pupils: int) -> pd.DataFrame:
    """Pupils of schools: `s1=200`."""
    rows = [(year, SCHOOLS[name.removeprefix("s")], count) for name, count in pupils.items()]
    frame = pd.DataFrame(rows, columns=["year", "org_id", "pupils"])
    return frame.assign(source="contingent").astype(contingents.COLUMNS)


def drawn(text: str, columns: dict[str, str], usual: dict[str, Any]) -> pd.DataFrame:
    """Rows of facts: the drawn table over the usual values; the school by its number."""
    told = table(text)
    for name, value in {"year": 2026, "direction": "intellectual", "rank": 1, **usual}.items():
        told[name] = told[name].fillna(value) if name in told else value
    told["org_id"] = [SCHOOLS[f"{number:g}"] for number in told["org"]]
    return told.rename(columns={"pupil": "pupil_key"}).reindex(columns=list(columns)).astype(columns)


def published(mart: str) -> set[str]:
    """Columns of a published table without what publishing adds."""
    return {spec.name for spec in columns_of(MARTS[mart])} - {"school_year", "suppressed", "hidden_columns"}


def sides(mart: DeclaredMart) -> set[str]:
    return {f"{name}_{end}" for name in mart.shares for end in ("part", "whole")}


def only(found: pd.DataFrame, **where: Any) -> dict[str, Any]:
    for name, value in where.items():
        found = found[found[name] == value]
    (row,) = found.to_dict("records")
    return row


def told(row: dict[str, Any], *names: str) -> list[Any]:
    return [None if pd.isna(row[name]) else row[name] for name in names]


# ---- rules


@pytest.mark.parametrize(
    "name", ["levels", "directions", "results", "criteria", "confirmed", "operators", "shift_results"]
)
def test_every_rule_has_a_source(name: str) -> None:
    told = catalogue.talent()[f"{name}_source"]
    assert told["source"]
    assert isinstance(told["verified"], bool)


def test_the_rules_name_values_that_there_are() -> None:
    rules, stages = catalogue.talent(), catalogue.olympiad_rules()["stages"]
    assert set(rules["awards"]) < set(rules["results"])
    assert set(rules["finished"]) < set(rules["shift_results"])
    for told in rules["criteria"].values():
        proofs = told.get("confirmed_by", {"levels": [], "stages": []})
        assert set(proofs["levels"]) < set(rules["levels"])
        assert set(proofs["stages"]) < set(stages)


# ---- contests

CONTESTS = """
    org | pupil | event_id | contest_level | direction    | in_minpros_list | result
    1   | а     | К-1      | school        | creative     |                 | winner
    1   | а     | К-2      | regional      | intellectual | 1               | prizewinner
    1   | б     | К-2      | regional      | intellectual | 1               | participant
    1   | в     | К-2      | regional      | intellectual | 1               | participant
    2   | а     | К-2      | regional      | intellectual | 1               | winner
    2   | г     | К-3      | municipal     | sport        |                 | participant
    9   | д     | К-3      | municipal     | sport        |                 | prizewinner
"""


def contests(text: str = CONTESTS, of: pd.DataFrame | None = None) -> pd.DataFrame:
    rows = slices.participations(drawn(text, CONTEST, {"in_minpros_list": 0}), CONTEST_MART)
    return contests_of(rows, contingent(s1=50, s2=40) if of is None else of)


def test_a_town_counts_participations_and_people_apart() -> None:
    row = only(contests(), level="municipality", unit_id="город", contest_level="ALL", direction="ALL")
    names = ("events", "schools", "participants", "unique_pupils", "winners", "prizewinners", "award_pupils")
    assert told(row, *names) == [3, 2, 6, 5, 2, 1, 2]  # «а» of the one school and «а» of the other are two pupils
    assert row["listed_participants"] == 4
    assert row["efficiency_pct"] == pytest.approx(50)
    assert row["awarded_pct"] == pytest.approx(40)
    low, high = wilson(3, 6)
    assert told(row, "efficiency_ci_low", "efficiency_ci_high") == pytest.approx([100 * float(low), 100 * float(high)])
    assert bool(row["small_base"])


@pytest.mark.parametrize(
    ("unit", "level", "direction", "expected"),
    [
        ("город", "regional", "ALL", [1, 4, 4, 1, 1, 2]),
        ("город", "municipal", "ALL", [1, 1, 1, 0, 0, 0]),
        ("город", "ALL", "intellectual", [1, 4, 4, 1, 1, 2]),
        ("соседи", "municipal", "ALL", [1, 1, 1, 0, 1, 1]),
        (ONE, "ALL", "ALL", [2, 4, 3, 1, 1, 1]),
        (ONE, "school", "ALL", [1, 1, 1, 1, 0, 1]),
        (ONE, "ALL", "creative", [1, 1, 1, 1, 0, 1]),
    ],
)
def test_slices_by_level_and_by_direction(unit: str, level: str, direction: str, expected: list[int]) -> None:
    row = only(contests(), unit_id=unit, contest_level=level, direction=direction)
    names = ("events", "participants", "unique_pupils", "winners", "prizewinners", "award_pupils")
    assert told(row, *names) == expected


def test_levels_of_contests_add_up_to_all_participations() -> None:
    found = contests()
    every = found[(found["contest_level"] == "ALL") & (found["direction"] == "ALL")].set_index("unit_id")
    for name in ("contest_level", "direction"):
        parts = found[found[name] != "ALL"].groupby("unit_id")["participants"].sum()
        assert parts.to_dict() == every["participants"].to_dict()


def test_coverage_is_of_the_schools_that_told_their_pupils() -> None:
    whole = only(contests(), unit_id="город", contest_level="ALL", direction="ALL")
    assert (whole["contingent"], whole["coverage_pct"]) == (90, pytest.approx(5 / 90 * 100))
    part = only(contests(of=contingent(s1=50)), unit_id="город", contest_level="ALL", direction="ALL")
    assert (part["contingent"], part["coverage_pct"]) == (50, pytest.approx(6))
    assert told(part, "covered", "contingent_source", "without_contingent") == [3, "contingent", 1]
    assert part["covered"] / part["contingent"] * 100 == pytest.approx(part["coverage_pct"])
    nobody = only(contests(of=contingent()), unit_id="город", contest_level="ALL", direction="ALL")
    assert told(nobody, "contingent", "coverage_pct", "coverage_ci_low") == [None, None, None]
    assert told(nobody, "covered", "contingent_source", "without_contingent") == [None, None, 2]


def test_more_pupils_than_there_are_is_no_share() -> None:
    row = only(contests(of=contingent(s1=2)), unit_id=ONE, contest_level="ALL", direction="ALL")
    assert told(row, "contingent", "coverage_pct") == [2, None]


def test_a_pupil_whom_a_file_names_by_two_spellings_of_the_school_takes_part_once() -> None:
    twice = """
        org | pupil | event_id | contest_level | result      | rank
        1   | а     | К-1      | regional      | participant | 1
        1   | б     | К-1      | regional      | winner      | 1
        1   | а     | К-1      | regional      | winner      | 2
        1   | б     | К-2      | regional      | participant | 1
        2   | б     | К-1      | regional      | participant | 1
    """
    row = only(contests(twice), unit_id=ONE, contest_level="ALL", direction="ALL")
    assert told(row, "participants", "winners", "events") == [3, 2, 2]
    assert only(contests(twice), unit_id=TWO, contest_level="ALL", direction="ALL")["participants"] == 1


def test_an_event_has_one_level() -> None:
    twofold = """
        org | pupil | event_id | contest_level | result
        1   | а     | К-1      | regional      | winner
        1   | б     | К-1      | municipal     | winner
    """
    found = contests(twofold)
    assert set(found["contest_level"]) == {"ALL", "regional"}


def test_nobody_in_contests_is_an_empty_table_with_its_columns() -> None:
    rows = pd.DataFrame(columns=list(CONTEST)).astype(CONTEST)
    found = contests_of(slices.participations(rows, CONTEST_MART), contingent(s1=50))
    assert (len(found), set(found)) == (0, {"year", *published("contests"), *sides(CONTEST_MART)})
    assert talent_contests.prizes(rows).empty


# ---- the gifted bank

YES = "2025-09-10"
BEFORE = """
    org | pupil | pupil_grade | criterion       | consent_date
    1   | а     | 8           | municipal_prize | 2024-09-10
    1   | б     | 11          | regional_prize  | 2024-09-10
    1   | в     | 9           | municipal_prize | 2024-09-10
    1   | ж     | 9           | municipal_prize |
    2   | г     | 10          | gir             | 2024-09-10
"""
NOW = """
    org | pupil | pupil_grade | criterion       | direction | consent_date | valid_to   | has_programme | mentor_key
    1   | а     | 9           | municipal_prize | sport     | 2025-09-10   |            | 1             | м
    1   | д     | 7           | municipal_prize | sport     | 2025-09-10   | 2026-08-31 | 0             |
    1   | в     | 10          | municipal_prize | creative  | 2024-09-10   | 2026-05-30 | 1             | м
    1   | ж     | 10          | regional_prize  | creative  |              |            | 1             |
    2   | а     | 9           | gir             | social    | 2025-09-10   |            | 1             |
"""
NO_PRIZES = pd.DataFrame(columns=list(talent_contests.PRIZES)).astype(talent_contests.PRIZES)


def pupils(text: str, year: int) -> pd.DataFrame:
    return talent_gifted.pupils(drawn(text, GIFTED, {"year": year, "has_programme": 0}))


def bank(
    now: str = NOW, before: str | None = BEFORE, prizes: pd.DataFrame = NO_PRIZES, region: bool = False
) -> pd.DataFrame:
    rows = pupils(now, 2026)
    earlier = pupils(before, 2025) if before else rows.iloc[:0]
    whole = pd.concat([rows, earlier], ignore_index=True)
    return talent_gifted.bank(rows, whole, prizes, units(2026, region=region), contingent(s1=50, s2=40))


def every(found: pd.DataFrame, unit: str, **where: Any) -> dict[str, Any]:
    return only(found, **{"unit_id": unit, "criterion": "ALL", "direction": "ALL", **where})


def test_without_a_consent_there_is_a_number_and_no_pupil() -> None:
    row = every(bank(), ONE)
    assert told(row, "listed", "without_consent", "pupils") == [4, 2, 2]
    assert row["consent_pct"] == pytest.approx(50)
    assert told(row, "with_programme", "with_mentor", "programme_pct", "mentor_pct") == [1, 1, 50, 50]
    assert row["coverage_pct"] == pytest.approx(2 / 50 * 100)


def test_a_criterion_of_nobody_with_a_consent_has_no_pupils_and_no_shares_of_them() -> None:
    row = every(bank(before=None), ONE, criterion="regional_prize")
    assert told(row, "listed", "pupils", "consent_pct", "programme_pct") == [1, 0, 0, None]


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        (ONE, [3, 1, 1, 2, 1]),  # «а» stays, «д» is new, «б» has left school, the consent of «в» is over
        (TWO, [1, 1, 0, 1, 0]),
        ("город", [4, 2, 1, 3, 1]),
    ],
)
def test_who_is_new_who_stayed_and_who_left(unit: str, expected: list[int]) -> None:
    row = every(bank(), unit)
    assert told(row, "previous_pupils", "new_pupils", "kept_pupils", "left_pupils", "graduated_pupils") == expected
    assert row["new_pupils"] + row["kept_pupils"] == row["pupils"]
    assert row["kept_pupils"] + row["left_pupils"] == row["previous_pupils"]


def test_kept_is_of_those_who_could_stay() -> None:
    row = every(bank(), ONE)
    assert row["kept_pct"] == pytest.approx(50)
    low, high = wilson(1, 2)
    assert told(row, "kept_ci_low", "kept_ci_high") == pytest.approx([100 * float(low), 100 * float(high)])


def test_of_a_town_without_a_bank_a_year_ago_nothing_is_said() -> None:
    names = ("previous_pupils", "new_pupils", "kept_pupils", "left_pupils", "graduated_pupils", "kept_pct")
    assert told(every(bank(before=None), "город"), *names) == [None] * 6
    other = NOW + "9 | я | 9 | gir | social | 2025-09-10 | | 1 |"
    found = bank(other, region=True)
    assert told(every(found, "соседи"), "pupils", *names) == [1, *[None] * 6]
    assert told(every(found, "19"), "pupils", *names[:3]) == [4, 4, 2, 1]  # only what both years tell


def test_a_school_whose_pupils_have_all_left_is_told() -> None:
    row = every(bank(NOW.replace("    2   | а", "    1   | ю")), TWO)
    assert told(row, "listed", "pupils", "previous_pupils", "left_pupils") == [0, 0, 1, 1]


def test_a_town_without_a_bank_this_year_has_no_rows() -> None:
    before = BEFORE + "9 | я | 9 | gir | 2024-09-10"
    assert "соседи" not in set(bank(before=before)["unit_id"])


def test_another_criterion_is_new_in_it_and_not_in_the_bank() -> None:
    found = bank("org | pupil | pupil_grade | criterion | consent_date\n1 | а | 9 | regional_prize | 2025-09-10")
    assert told(every(found, ONE), "new_pupils", "kept_pupils") == [0, 1]
    assert told(every(found, ONE, criterion="regional_prize"), "new_pupils", "kept_pupils") == [1, 0]
    assert told(every(found, ONE, criterion="municipal_prize"), "pupils", "left_pupils") == [0, 2]


def prizes(*told: tuple[int, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(told, columns=list(talent_contests.PRIZES)).astype(talent_contests.PRIZES)


@pytest.mark.parametrize(
    ("won", "expected"),
    [
        ((2026, ONE, "а", "municipal"), [2, 1]),
        ((2025, ONE, "а", "international"), [2, 1]),
        ((2026, ONE, "а", "ME"), [2, 1]),
        ((2025, ONE, "а", "ZE"), [2, 1]),
        ((2026, ONE, "а", "SHE"), [2, 0]),
        ((2024, ONE, "а", "regional"), [0, None]),  # too long ago: of the span nothing is known
        ((2026, ONE, "а", "school"), [2, 0]),
        ((2026, TWO, "а", "municipal"), [2, 0]),  # another school's namesake
        ((2026, ONE, "в", "regional"), [2, 0]),  # has no consent
    ],
)
def test_an_award_confirms_the_criterion(won: tuple[int, str, str, str], expected: list[Any]) -> None:
    assert told(every(bank(prizes=prizes(won)), ONE), "confirmable", "confirmed") == expected


def test_a_pupil_twice_in_a_bank_is_one() -> None:
    twice = """
        org | pupil | pupil_grade | criterion       | consent_date
        1   | а     | 9           | municipal_prize |
        1   | а     | 9           | gir             | 2025-09-10
    """
    row = every(bank(twice, None), ONE)
    assert told(row, "listed", "pupils") == [1, 1]


def test_a_pupil_of_the_bank_told_twice_is_one_and_the_later_row_holds() -> None:
    later = """
        org | pupil | pupil_grade | criterion       | consent_date | rank
        1   | а     | 9           | municipal_prize | 2025-09-10   | 1
        1   | б     | 9           | municipal_prize | 2025-09-10   | 1
        1   | б     | 9           | gir             | 2025-09-10   | 2
        2   | а     | 9           | gir             | 2025-09-10   | 1
    """
    found = bank(later, None)
    assert told(every(found, ONE), "listed", "pupils") == [2, 2]
    assert only(found, unit_id=ONE, criterion="gir", direction="ALL")["pupils"] == 1
    assert every(found, "город")["pupils"] == 3


def test_an_empty_bank_is_an_empty_table_with_its_columns() -> None:
    rows = pd.DataFrame(columns=list(GIFTED)).astype(GIFTED)
    empty = talent_gifted.pupils(rows)
    found = talent_gifted.bank(empty, empty, NO_PRIZES, units(2026), contingent())
    assert (len(found), list(found)) == (0, list(talent_gifted.COLUMNS))


# ---- shifts

SHIFTS = """
    org | pupil | shift_id | operator | direction | quota | result
    1   | а     | С-1      | sirius   | sport     | 4     | completed
    1   | б     | С-1      | sirius   | sport     | 4     | awarded
    2   | а     | С-1      | sirius   | sport     | 4     | left
    1   | а     | С-2      | artek    | creative  | 1     | completed
    2   | г     | С-2      | artek    | creative  | 1     |
    1   | д     | С-3      | sirius   | sport     |       |
"""


def shifts(text: str = SHIFTS, gifted: pd.DataFrame | None = None, region: bool = False) -> pd.DataFrame:
    usual = {"shift_name": "Смена", "starts": "2025-11-01", "ends": "2025-11-24"}
    rows = slices.participations(drawn(text, SHIFT, usual), SHIFT_MART)
    in_bank = pupils(NOW, 2026) if gifted is None else gifted
    return shifts_of(rows, in_bank, units(2026, region=region), contingent(s1=50, s2=40))


def of(found: pd.DataFrame, unit: str, **where: Any) -> dict[str, Any]:
    return only(found, **{"unit_id": unit, "operator": "ALL", "direction": "ALL", "shift_id": "ALL", **where})


def test_a_town_in_shifts() -> None:
    row = of(shifts(), "город")
    assert told(row, "shifts", "schools", "participants", "unique_pupils") == [3, 2, 6, 5]
    assert told(row, "with_result", "finished", "awarded", "finished_pct") == [4, 3, 1, 75]
    assert told(row, "shift_name", "starts") == [None, None]
    assert row["coverage_pct"] == pytest.approx(5 / 90 * 100)


def test_the_gifted_among_them_are_those_with_a_consent() -> None:
    found = shifts()
    assert told(of(found, "город"), "gifted", "gifted_pct") == [3, 60]  # «а», «д» of the one school, «а» of the other
    assert told(of(found, TWO), "gifted", "gifted_pct") == [1, 50]
    assert told(of(found, "город", operator="artek"), "gifted", "gifted_pct") == [1, 50]
    nobody = pupils(NOW, 2026).iloc[:0]
    assert told(of(shifts(gifted=nobody), "город"), "gifted", "gifted_pct") == [None, None]


def test_a_town_without_a_bank_has_no_share_and_no_part_in_the_regions() -> None:
    """Of the region's pupils only those of the town with a bank could be in one."""
    apart = units(2026, region=True)
    apart["unit_id"] = apart["unit_id"].where(apart["level"] != "municipality", "город " + apart["org_id"])
    usual = {"shift_name": "Смена", "starts": "2025-11-01", "ends": "2025-11-24"}
    rows = slices.participations(drawn(SHIFTS, SHIFT, usual), SHIFT_MART)
    of_one = pupils(NOW, 2026)
    of_one = of_one[of_one["org_id"] == rows["org_id"].iloc[0]]
    found = shifts_of(rows, of_one, apart, contingent(s1=50, s2=40))
    here, there = sorted(set(rows["org_id"]))
    assert told(of(found, f"город {there}"), "gifted", "gifted_pct") == [None, None]
    assert told(of(found, "19"), "gifted", "gifted_pct") == told(of(found, f"город {here}"), "gifted", "gifted_pct")


def test_places_over_the_quota_of_one_shift_do_not_fill_another() -> None:
    found = shifts()
    names = ("quota", "quota_filled", "over_quota", "quota_filled_pct")
    assert told(of(found, "город"), *names) == [5, 4, 1, 80]
    assert told(of(found, "город", operator="sirius"), *names) == [4, 3, 0, 75]
    shift = {"operator": "artek", "direction": "creative", "shift_id": "С-2"}
    assert told(of(found, "город", **shift), *names) == [1, 1, 1, 100]
    alone = {"operator": "sirius", "direction": "sport", "shift_id": "С-3"}
    assert told(of(found, "город", **alone), *names) == [None] * 4
    assert told(of(found, ONE), *names) == [None] * 4


def test_each_town_has_a_quota_of_its_own() -> None:
    two = SHIFTS + "9 | я | С-1 | sirius | sport | 2 | completed"
    found = shifts(two, region=True)
    shift = {"operator": "sirius", "direction": "sport", "shift_id": "С-1"}
    assert told(of(found, "19", **shift), "participants", "quota", "quota_filled") == [4, 6, 4]


def test_a_shift_has_its_name_and_dates() -> None:
    row = of(shifts(), ONE, operator="sirius", direction="sport", shift_id="С-1")
    assert told(row, "shift_name", "starts", "ends", "shifts", "participants") == [
        "Смена", "2025-11-01", "2025-11-24", 1, 2,
    ]  # fmt: skip


def test_a_shift_whose_results_are_not_told_has_no_share_of_the_finished() -> None:
    row = of(shifts(), "город", operator="sirius", direction="sport", shift_id="С-3")
    assert told(row, "with_result", "finished", "awarded", "finished_pct") == [0, None, None, None]


def test_no_shifts_are_an_empty_table_with_its_columns() -> None:
    rows = slices.participations(pd.DataFrame(columns=list(SHIFT)).astype(SHIFT), SHIFT_MART)
    empty = talent_gifted.pupils(pd.DataFrame(columns=list(GIFTED)).astype(GIFTED))
    found = shifts_of(rows, empty, units(2026), contingent())
    assert (len(found), set(found)) == (0, {"year", *published("shifts"), *sides(SHIFT_MART)})


def test_a_part_greater_than_its_whole_is_no_share() -> None:
    counted = pd.DataFrame({"part": [1, 3, 0], "whole": [2, 2, 0]}, dtype="Int64")
    found = with_share(counted, "x", counted["part"], counted["whole"])
    assert [None if pd.isna(value) else value for value in found["x_pct"]] == [50, None, None]
