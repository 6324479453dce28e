"""ВсОШ: participations, awards, coverage, the way to the next stage, possible signs of results that are not objective.

A pupil is a key within a school, so every count of a town is the sum of its schools'. Where a school's protocols of a
stage are not there, the school's own counts stand in for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from msoko_pipeline.indicators.talent import UNIT, is_small, with_share
from schemas import catalogue
from schemas.olympiads import ALL, STAGES

WORK = ["year", "stage", "subject"]
SCHOOL = [*WORK, "org_id"]
PUPIL = [*SCHOOL, "pupil_key", "grade"]
KEY = [*UNIT, "stage", "subject"]
COUNTS = (
    "participants", "unique_pupils", "judged", "winners", "prizewinners", "award_pupils", "contingent", "covered",
    "moving", "moved", "scored", "low", "max_known", "full_score", "judged_winners", "fallen",
)  # fmt: skip
"""Counts of a school and stage that add up over schools."""
SHARES = {
    "efficiency": ("awards", "judged"), "coverage": ("covered", "contingent"), "conversion": ("moved", "moving"),
    "low": ("low", "scored"), "full_score": ("full_score", "max_known"), "fallen": ("fallen", "judged_winners"),
}  # fmt: skip
"""Share → its part and its whole, columns of `of_units`."""
SIGNS = {"full_score": ("full_score_pct", "max_known"), "winner_fell": ("fallen_pct", "judged_winners"),
         "same_scores": ("same_scores_pct", "same_scores_n")}  # fmt: skip
"""Sign → its value and its base."""
COLUMNS = {
    **dict.fromkeys(KEY, "string"), "year": "int64", "facts_source": "string", **dict.fromkeys(COUNTS, "Int64"),
    **{f"{name}_{end}": "Float64" for name in SHARES for end in ("pct", "ci_low", "ci_high")},
    "same_scores_pct": "Float64", "same_scores_n": "Int64", "signs": "string", "small_base": "boolean",
}  # fmt: skip
"""Columns of `of_units`: name → type."""
RANK = {"winner": 2, "prizewinner": 1}


def participations(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each pupil once per stage and subject, with the best status and score; and SCHOOL, seq, rows of those told twice.

    rows: SCHOOL, grade, direction, pupil_key, score, max_score, completion_pct, status, priority, seq. Of a school's
    grade that several layouts tell of, the one of the greater priority holds, then the later file, however they spell
    the school; two directions of technology are no repetition. A blank status is a participant's where the file tells
    statuses of this stage and subject at all.
    """
    best = rows.groupby([*SCHOOL, "grade"])["priority"].transform("max")
    held = rows[rows["priority"] == best]
    held = held[held["seq"] == held.groupby([*SCHOOL, "grade", "direction"])["seq"].transform("max")]
    told = held["status"].notna().groupby([held[name] for name in (*WORK, "seq")]).transform("any")
    held = held.assign(status=held["status"].mask(held["status"].isna() & told, "participant"))
    held = held.assign(rank=held["status"].map(RANK).fillna(0))
    order = held.sort_values(["rank", "completion_pct", "seq"], ascending=False, kind="stable", na_position="last")
    again = order.duplicated([*PUPIL, "direction"])
    twice = order[again].groupby([*SCHOOL, "seq"], as_index=False).size().rename(columns={"size": "rows"})
    once = order.drop_duplicates(PUPIL).drop(columns="rank")
    return once.sort_values(PUPIL, ignore_index=True), twice


def of_schools(pupils: pd.DataFrame, counts: pd.DataFrame, contingent: pd.DataFrame) -> pd.DataFrame:
    """One row per school, stage and subject (and ALL of them): SCHOOL, COUNTS, facts_source, same_scores_pct and _n.

    pupils: `participations`; counts: SCHOOL, grade, participants, winners, prizewinners, where a row of ALL counts each
    pupil once; contingent: year, org_id, grade, pupils. What nobody told is NULL, never 0.

    participants: participations; judged: those whose status is known; unique_pupils, award_pupils: pupils, and those
    of them with an award, NULL where codes tell nothing of the same pupil in another subject; covered, contingent:
    pupils of coverage_grades who took part, and all of them (stage SHE, ALL); moving, moved: participations of a stage
    that has a next one in the year, and those of pupils who are there too; scored, low: of known completion, below
    `low` %; max_known, full_score: of known maximum, with all of it; judged_winners, fallen: winners of SHE who were
    at ME, those below `low` % there.
    """
    rules = catalogue.olympiad_rules()
    told = _marked(pupils, rules)
    by_subject = _sums(told, SCHOOL).assign(unique_pupils=lambda found: found["participants"])
    by_subject["award_pupils"] = by_subject["winners"] + by_subject["prizewinners"]
    whole = _sums(told.assign(subject=ALL), SCHOOL).merge(_people(told), on=SCHOOL, how="left")
    found = pd.concat([by_subject, whole], ignore_index=True).merge(_same_scores(told, rules), on=SCHOOL, how="left")
    found = _with_counts(found.assign(facts_source="protocol"), _counted(counts))
    return _with_coverage(found, told, counts, contingent, rules)


def _marked(pupils: pd.DataFrame, rules: dict[str, Any]) -> pd.DataFrame:
    """The participations with a flag per count, NULL where it cannot be told."""
    known, status = pupils["completion_pct"], pupils["status"]
    coded = pupils["pupil_key"].str.startswith("#").astype(bool)
    told = pupils.assign(
        coded=coded, participants=1, judged=status.notna().astype("Int64"),
        winners=(status == "winner").astype("Int64").where(status.notna()),
        prizewinners=(status == "prizewinner").astype("Int64").where(status.notna()),
        scored=known.notna().astype("Int64"), low=(known < rules["low"]).astype("Int64").fillna(0),
        max_known=(pupils["score"].notna() & pupils["max_score"].notna()).astype("Int64"),
        full_score=(pupils["score"] == pupils["max_score"]).astype("Int64").fillna(0),
    )  # fmt: skip
    following = dict(pairwise(STAGES))
    pupil = [name for name in PUPIL if name != "stage"]
    there = told.loc[~coded, [*pupil, "stage", "completion_pct"]].rename(columns={"completion_pct": "next_pct"})
    told["next"] = told["stage"].map(following)
    told = told.merge(there.rename(columns={"stage": "next"}), on=[*pupil, "next"], how="left", indicator="found")
    held = pd.MultiIndex.from_frame(pupils.loc[~coded, WORK].drop_duplicates())
    has_next = pd.MultiIndex.from_frame(told[["year", "next", "subject"]].fillna("")).isin(held) & ~told["coded"]
    told["moving"] = pd.Series(has_next, index=told.index).astype("Int64").where(has_next)
    told["moved"] = (told["found"] == "both").astype("Int64").where(has_next)
    judged = (told["stage"] == "SHE") & (told["status"] == "winner") & told["next_pct"].notna()
    told["judged_winners"] = judged.astype("Int64").where(judged)
    told["fallen"] = (told["next_pct"] < rules["low"]).astype("Int64").where(judged)
    return told


def _sums(told: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """The counts of each group; NULL where no row tells."""
    names = [name for name in COUNTS if name in told]
    return told.groupby([*by], as_index=False)[names].sum(min_count=1)


def _people(told: pd.DataFrame) -> pd.DataFrame:
    """SCHOOL (ALL), unique_pupils, award_pupils: NULL for a school and stage with codes instead of pupils."""
    stage = ["year", "stage", "org_id"]
    awarded = told["pupil_key"].where((told["winners"] == 1) | (told["prizewinners"] == 1))
    found = told.assign(awarded=awarded).groupby(stage, as_index=False).agg(
        unique_pupils=("pupil_key", "nunique"), award_pupils=("awarded", "nunique"), coded=("coded", "any")
    )  # fmt: skip
    for name in ("unique_pupils", "award_pupils"):
        found[name] = found[name].astype("Int64").mask(found["coded"])
    return found.drop(columns="coded").assign(subject=ALL)


def _same_scores(told: pd.DataFrame, rules: dict[str, Any]) -> pd.DataFrame:
    """SCHOOL, same_scores_pct, same_scores_n: the greatest share of one result among a grade's participants, where
    there are enough of them.
    """
    declared = rules["signs"]["same_scores"]
    value = told["completion_pct"].fillna(told["score"]).round(2)
    known = told.assign(value=value)[value.notna() & told["stage"].isin(declared["stages"])]
    sizes = known.groupby([*SCHOOL, "grade", "value"]).size().rename("alike").reset_index()
    grades = sizes.groupby([*SCHOOL, "grade"], as_index=False).agg(most=("alike", "max"), n=("alike", "sum"))
    grades = grades[grades["n"] >= declared["min_n"]].assign(pct=lambda found: found["most"] / found["n"] * 100)
    grades = grades.sort_values(["pct", "n"], ascending=False).drop_duplicates(SCHOOL)
    return grades.rename(columns={"pct": "same_scores_pct", "n": "same_scores_n"}).drop(columns=["grade", "most"])


def _counted(counts: pd.DataFrame) -> pd.DataFrame:
    """SCHOOL and counts of the schools' own forms over the grades; in ALL participations are those of the subjects."""
    names = ["participants", "judged", "winners", "prizewinners"]
    known = counts["winners"].notna() & counts["prizewinners"].notna()
    told = counts.assign(judged=counts["participants"].where(known, 0))
    told = told.groupby(SCHOOL, as_index=False)[names].sum(min_count=1)
    told["award_pupils"] = told["winners"] + told["prizewinners"]
    people = told[told["subject"] == ALL].rename(columns={"participants": "unique_pupils"})
    subjects = told[told["subject"] != ALL].assign(unique_pupils=lambda found: found["participants"])
    sums = subjects.assign(subject=ALL).groupby(SCHOOL, as_index=False)[names].sum(min_count=1)
    whole = people[[*SCHOOL, "unique_pupils", "award_pupils"]].merge(sums, on=SCHOOL, how="outer")
    return pd.concat([subjects, whole], ignore_index=True).assign(facts_source="count")


def _with_counts(found: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """Rows of the protocols, and the counts of schools and stages that have none; unique pupils of ALL, where codes
    hide them, are those of the counts, unless these are more than took part: such numbers are of different days.
    """
    both = found.merge(counted, on=SCHOOL, how="outer", suffixes=("", "_told"))
    own = both["facts_source"].notna()
    for name in ("unique_pupils", "award_pupils"):
        both[name] = both[name].fillna(both[f"{name}_told"])
    for name in ("participants", "judged", "winners", "prizewinners", "facts_source"):
        both[name] = both[name].where(own, both[f"{name}_told"])
    possible = (both["unique_pupils"] <= both["participants"]).fillna(False)
    for name in ("unique_pupils", "award_pupils"):
        both[name] = both[name].where(possible)
    return both.drop(columns=[name for name in both if name.endswith("_told")])


def _with_coverage(
    found: pd.DataFrame, told: pd.DataFrame, counts: pd.DataFrame, contingent: pd.DataFrame, rules: dict[str, Any]
) -> pd.DataFrame:
    """Adds covered and contingent at the first stage of ALL, where both are known."""
    low, high = rules["coverage_grades"]
    stage = ["year", "stage", "org_id"]
    pupils = told[told["grade"].between(low, high)]
    own = pupils.groupby(stage, as_index=False).agg(covered=("pupil_key", "nunique"))
    hidden = pd.MultiIndex.from_frame(told.loc[told["coded"], stage].drop_duplicates())
    own = own[~pd.MultiIndex.from_frame(own[stage]).isin(hidden)]
    people = counts[(counts["subject"] == ALL) & counts["grade"].between(low, high)]
    listed = people.groupby(stage, as_index=False)["participants"].sum().rename(columns={"participants": "covered"})
    covered = pd.concat([own, listed], ignore_index=True).drop_duplicates(stage)
    sizes = contingent[contingent["grade"].between(low, high)].groupby(["year", "org_id"], as_index=False)["pupils"]
    both = covered[covered["stage"] == STAGES[0]].merge(sizes.sum(), on=["year", "org_id"])
    both = both.rename(columns={"pupils": "contingent"}).assign(subject=ALL)
    return found.merge(both[[*SCHOOL, "covered", "contingent"]], on=SCHOOL, how="left")


def of_units(schools: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """COLUMNS, one row per level unit, stage and subject. units: year, org_id, level, unit_id.

    A count of a town is known where every school that took part tells it; shares are in % with Wilson's interval:
    efficiency (winners and prize-winners among participations of known status), coverage, conversion to the next stage,
    low, full_score, fallen. signs: codes of the possible signs joined by `; `, "" for none, NULL where none could be
    judged; of schools.
    """
    told = schools.merge(units, on=["year", "org_id"]).astype(dict.fromkeys(COUNTS, "Int64"))
    complete = ("participants", "unique_pupils", "award_pupils")
    group = told.groupby(KEY, as_index=False)
    found = group[list(COUNTS)].sum(min_count=1)
    for name in complete:
        holes = told[told[name].isna()][KEY].drop_duplicates().assign(hole=True)
        found[name] = found[name].mask(found.merge(holes, on=KEY, how="left")["hole"].notna())
    found = found.merge(group.agg(facts_source=("facts_source", _together)), on=KEY)
    alone = told.loc[told["level"] == "school", [*KEY, "same_scores_pct", "same_scores_n"]]
    found = found.merge(alone, on=KEY, how="left")
    found["awards"] = found["winners"] + found["prizewinners"]
    for name, (part, whole) in SHARES.items():
        found = with_share(found, name, found[part], found[whole])
    found["signs"] = _signs(found)
    found["small_base"] = is_small(found, "participants").fillna(True)
    return found.reindex(columns=list(COLUMNS)).astype(COLUMNS)


def _together(sources: pd.Series) -> str:
    return "; ".join(sorted(set(sources)))


def _signs(found: pd.DataFrame) -> pd.Series:
    """Codes of the signs whose threshold a school's value reaches, in the order declared."""
    declared: dict[str, dict[str, Any]] = catalogue.olympiad_rules()["signs"]
    text = pd.Series("", index=found.index, dtype="string")
    judged = pd.Series(False, index=found.index)
    of_school = (found["level"] == "school") & (found["subject"] != ALL)
    for sign, rule in declared.items():
        value, base = (found[name].astype("Float64") for name in SIGNS[sign])
        can = of_school & found["stage"].isin(rule["stages"]) & (base >= rule["min_n"]).fillna(False)
        shown = can & (value >= rule["threshold"]).fillna(False)
        text = text.where(~shown, text + f"{sign}; ")
        judged |= can.astype(bool)
    return text.str.removesuffix("; ").where(judged)


def over_quota(found: pd.DataFrame) -> pd.DataFrame:
    """Rows of the town's own stages and subjects where more have an award than the quota allows: WORK, awards, judged.

    found: `of_units`.
    """
    rules = catalogue.olympiad_rules()
    own = [stage for stage, told in rules["stages"].items() if told["own"]]
    town = found[(found["level"] == "municipality") & found["stage"].isin(own) & (found["subject"] != ALL)]
    awards = town["winners"] + town["prizewinners"]
    many = (town["judged"] >= rules["quota_from"]) & (awards * 100 > town["judged"] * rules["quota"])
    return town.assign(awards=awards)[many.fillna(False).astype(bool)][[*WORK, "awards", "judged"]]
