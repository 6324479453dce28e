"""ВсОШ: participations, awards, coverage, the way to the next stage, possible signs of results that are not objective.

A pupil is a key within a school, so every count of a town is the sum of its schools'. Where a school's protocols of a
stage are not there, the school's own counts stand in for them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd

from msoko_pipeline.home.tables import among
from msoko_pipeline.indicators.insufficient import reasons_of
from msoko_pipeline.indicators.organisations.register import homes
from msoko_pipeline.indicators.registers import measures
from msoko_pipeline.indicators.registers.unit_shares import UNIT
from schemas import catalogue
from schemas.kinds import DECLARED_MARTS
from schemas.olympiads import ALL, STAGES

WORK = ["year", "stage", "subject"]
SCHOOL = [*WORK, "org_id"]
STAGE = ["year", "stage", "org_id"]
PUPIL = [*SCHOOL, "pupil_key", "grade"]
KEY = [*UNIT, "stage", "subject"]
OLYMPIAD = DECLARED_MARTS["olympiad"]
COUNTS = tuple(name for name, spec in OLYMPIAD.specs.items() if spec.dtype == "Int64")
"""Counts of a school and stage that add up over schools."""
SIGNS = {"full_score": ("full_score_pct", "max_known"), "winner_fell": ("fallen_pct", "judged_winners"),
         "same_scores": ("same_scores_pct", "same_scores_n")}  # fmt: skip
"""Sign → its value and its base."""
MADE = {"facts_source": "string", "contingent_source": "string", "same_scores_pct": "Float64",
        "same_scores_n": "Int64", "possible_signs": "string"}  # fmt: skip
"""Columns that are no counts of rows: name → type."""
RANK = {"winner": 2, "prizewinner": 1}


def participations(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each pupil once per stage and subject, with the best status and score; and SCHOOL, seq, rows of those told twice.

    rows: SCHOOL, grade, direction, pupil_key, score, max_score, completion_pct, status, seq, those that hold. Two
    directions of technology are no repetition. A blank status is a participant's where the file tells
    statuses of this stage and subject at all.
    """
    has_statuses = rows["status"].notna().groupby([rows[name] for name in (*WORK, "seq")]).transform("any")
    judged = rows.assign(status=rows["status"].mask(rows["status"].isna() & has_statuses, "participant"))
    judged = judged.assign(rank=judged["status"].map(RANK).fillna(0))
    order = judged.sort_values(["rank", "completion_pct", "seq"], ascending=False, kind="stable", na_position="last")
    again = order.duplicated([*PUPIL, "direction"])
    twice = order[again].groupby([*SCHOOL, "seq"], as_index=False).size().rename(columns={"size": "rows"})
    once = order.drop_duplicates(PUPIL).drop(columns="rank")
    return once.sort_values(PUPIL, ignore_index=True), twice


def of_schools(
    pupils: pd.DataFrame, counts: pd.DataFrame, contingent: pd.DataFrame, units: pd.DataFrame
) -> pd.DataFrame:
    """One row per school, stage and subject (and ALL of them): SCHOOL, COUNTS, facts_source, same_scores_pct and _n.

    pupils: `participations`; counts: SCHOOL, grade, participants, winners, prizewinners, where a row of ALL counts each
    pupil once; contingent: year, org_id, grade, pupils; units: year, org_id, level, unit_id. What nobody told is NULL,
    never 0.

    participants: participations; judged, awards: those whose status is known, and the winners and prize-winners among
    them; unique_pupils, award_pupils: pupils, and those of them with an award, NULL where codes tell nothing of the
    same pupil in another subject; covered, contingent: pupils of coverage_grades who took part, and all of them (stage
    SHE, ALL), without_contingent: a school that took part and whose contingent is not known; moving, moved:
    participations in a class that the next stage has, where it was held, and those of pupils who are there too; scored,
    low: of known completion, below `low` %; max_known, full_score: of known maximum, with all of it; judged_winners,
    fallen: winners of SHE who were at ME, those below `low` % there.
    """
    rules = catalogue.olympiad_rules()
    marked = _marked(pupils, units, rules)
    own = marked.groupby(SCHOOL, as_index=False)[[name for name in COUNTS if name in marked]].sum(min_count=1)
    own = own.assign(facts_source="protocol").merge(_same_scores(marked, rules), on=SCHOOL, how="left")
    subjects = _with_counts(own, _counted(counts[counts["subject"] != ALL]))
    subjects = subjects.assign(
        unique_pupils=subjects["participants"], award_pupils=subjects["winners"] + subjects["prizewinners"]
    )
    whole = _whole(subjects, marked, counts[counts["subject"] == ALL])
    return pd.concat([subjects, _with_coverage(whole, marked, counts, contingent, rules)], ignore_index=True)


def _marked(pupils: pd.DataFrame, units: pd.DataFrame, rules: dict[str, Any]) -> pd.DataFrame:
    """The participations with a flag per count, NULL where it cannot be told."""
    completion, status = pupils["completion_pct"], pupils["status"]
    coded = pupils["pupil_key"].str.startswith("#").astype(bool)
    marked = pupils.assign(
        coded=coded, participants=1, judged=status.notna().astype("Int64"),
        winners=(status == "winner").astype("Int64").where(status.notna()),
        prizewinners=(status == "prizewinner").astype("Int64").where(status.notna()),
        scored=completion.notna().astype("Int64"), low=(completion < rules["low"]).astype("Int64"),
        max_known=(pupils["score"].notna() & pupils["max_score"].notna()).astype("Int64"),
        full_score=(pupils["score"] == pupils["max_score"]).astype("Int64"),
    )  # fmt: skip
    marked["awards"] = marked["winners"] + marked["prizewinners"]
    following = dict(pairwise(STAGES))
    pupil = [name for name in PUPIL if name != "stage"]
    there = marked.loc[~coded, [*pupil, "stage", "completion_pct"]].rename(columns={"completion_pct": "next_pct"})
    marked["next"] = marked["stage"].map(following)
    marked = marked.merge(there.rename(columns={"stage": "next"}), on=[*pupil, "next"], how="left", indicator="found")
    has_next = _has_next(marked, units, rules)
    marked["moving"] = has_next.astype("Int64").where(has_next)
    marked["moved"] = (marked["found"] == "both").astype("Int64").where(has_next)
    judged = (marked["stage"] == "SHE") & (marked["status"] == "winner") & marked["next_pct"].notna()
    marked["judged_winners"] = judged.astype("Int64").where(judged)
    marked["fallen"] = (marked["next_pct"] < rules["low"]).astype("Int64").where(judged)
    return marked


def _has_next(marked: pd.DataFrame, units: pd.DataFrame, rules: dict[str, Any]) -> pd.Series:
    """Whether a participation could go on: the next stage of the subject was held (one of the town's own, in the town)
    by protocols with people, and takes the class; or the pupil is there all the same.
    """
    stages: dict[str, dict[str, Any]] = rules["stages"]
    home = marked[["year", "org_id"]].merge(homes(units), on=["year", "org_id"], how="left")["home"]
    town = home.fillna("").to_numpy()
    own = [stage for stage, declared in stages.items() if declared["own"]]

    def place(stage: pd.Series) -> pd.DataFrame:
        where = pd.Series(town, index=marked.index, dtype="string").where(stage.isin(own), "")
        return marked[["year", "subject"]].assign(stage=stage.fillna(""), town=where)

    held_stages = place(marked["stage"])[~marked["coded"]]
    goes_on = among(place(marked["next"]), held_stages, list(held_stages))
    least = pd.Series(0, index=marked.index)
    for stage, declared in stages.items():
        by = declared["least_grade"]
        of_subject = marked["subject"].map(lambda code, by=by: by.get(code, by["all"])).astype("int64")
        least = least.where(marked["next"] != stage, of_subject)
    came = marked["found"] == "both"
    return goes_on & ~marked["coded"] & ((marked["grade"] >= least).fillna(False).astype(bool) | came)


def _people(marked: pd.DataFrame) -> pd.DataFrame:
    """STAGE, unique_pupils, award_pupils: NULL for a school and stage with codes instead of pupils."""
    awarded = marked["pupil_key"].where((marked["awards"] == 1).fillna(False).astype(bool))
    people = marked.assign(awarded=awarded).groupby(STAGE, as_index=False).agg(
        unique_pupils=("pupil_key", "nunique"), award_pupils=("awarded", "nunique"), coded=("coded", "any")
    )  # fmt: skip
    for name in ("unique_pupils", "award_pupils"):
        people[name] = people[name].astype("Int64").mask(people["coded"])
    return people.drop(columns="coded")


def _same_scores(marked: pd.DataFrame, rules: dict[str, Any]) -> pd.DataFrame:
    """SCHOOL, same_scores_pct, same_scores_n: the greatest share of one result among a grade's participants, where
    there are enough of them.
    """
    declared = rules["signs"]["same_scores"]
    value = marked["completion_pct"].fillna(marked["score"]).round(2)
    results = marked.assign(value=value)[value.notna() & marked["stage"].isin(declared["stages"])]
    sizes = results.groupby([*SCHOOL, "grade", "value"]).size().rename("alike").reset_index()
    grades = sizes.groupby([*SCHOOL, "grade"], as_index=False).agg(most=("alike", "max"), n=("alike", "sum"))
    grades = grades[grades["n"] >= declared["min_n"]].assign(pct=lambda grades: grades["most"] / grades["n"] * 100)
    grades = grades.sort_values(["pct", "n"], ascending=False).drop_duplicates(SCHOOL)
    return grades.rename(columns={"pct": "same_scores_pct", "n": "same_scores_n"}).drop(columns=["grade", "most"])


def _counted(counts: pd.DataFrame) -> pd.DataFrame:
    """SCHOOL and counts of the schools' own forms over the grades; awards where both winners and prize-winners are
    told.
    """
    both = counts["winners"] + counts["prizewinners"]
    forms = counts.assign(awards=both, judged=counts["participants"].where(both.notna()))
    names = ["participants", "judged", "awards", "winners", "prizewinners"]
    return forms.groupby(SCHOOL, as_index=False)[names].sum(min_count=1).assign(facts_source="count")


def _with_counts(own: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """The protocols' rows, and the counts of schools, stages and subjects that have no protocol."""
    return pd.concat([own, counted[~among(counted, own, SCHOOL)]], ignore_index=True)


def _whole(subjects: pd.DataFrame, marked: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """The rows of ALL: sums of the subjects, and people. People are those of the protocols where every subject has
    one, else those that the school lists, unless these are more than took part: such numbers are of different days.
    """
    people = ("unique_pupils", "award_pupils")
    names = [name for name in COUNTS if name in subjects and name not in people]
    group = subjects.groupby(STAGE, as_index=False)
    sums = group[names].sum(min_count=1).merge(group.agg(facts_source=("facts_source", _together)), on=STAGE)
    of_forms = _counted(listed).rename(columns={"participants": "unique_pupils", "awards": "award_pupils"})
    whole = sums.merge(_people(marked), on=STAGE, how="left")
    whole = whole.merge(of_forms[[*STAGE, *people]], on=STAGE, how="outer", suffixes=("", "_listed"))
    for name in people:
        whole[name] = whole[name].where(whole["facts_source"] == "protocol").fillna(whole[f"{name}_listed"])
    impossible = (whole["unique_pupils"] > whole["participants"]).fillna(False).astype(bool)
    for name in people:
        whole[name] = whole[name].astype("Int64").mask(impossible)
    whole["facts_source"] = whole["facts_source"].fillna("count")
    return whole.drop(columns=[f"{name}_listed" for name in people]).assign(subject=ALL)


def _with_coverage(
    whole: pd.DataFrame, marked: pd.DataFrame, counts: pd.DataFrame, contingent: pd.DataFrame, rules: dict[str, Any]
) -> pd.DataFrame:
    """Adds covered and contingent at the first stage, where both are known. Pupils are counted as in `_whole`."""
    low, high = rules["coverage_grades"]
    own = _people(marked[marked["grade"].between(low, high)]).rename(columns={"unique_pupils": "covered"})
    listed = counts[(counts["subject"] == ALL) & counts["grade"].between(low, high)]
    listed = listed.groupby(STAGE, as_index=False)["participants"].sum(min_count=1)
    sizes = contingent[contingent["grade"].between(low, high)].groupby(["year", "org_id"], as_index=False)["pupils"]
    whole = whole.merge(own[[*STAGE, "covered"]], on=STAGE, how="left")
    whole = whole.merge(listed.rename(columns={"participants": "listed"}), on=STAGE, how="left")
    whole = whole.merge(sizes.sum().rename(columns={"pupils": "contingent"}), on=["year", "org_id"], how="left")
    covered = whole["covered"].where(whole["facts_source"] == "protocol").fillna(whole["listed"]).astype("Int64")
    is_known = (whole["stage"] == STAGES[0]) & covered.notna() & whole["contingent"].notna()
    lacking = (whole["stage"] == STAGES[0]) & covered.notna() & whole["contingent"].isna()
    whole["without_contingent"] = lacking.astype("Int64").where(whole["stage"] == STAGES[0])
    whole["covered"], whole["contingent"] = covered.where(is_known), whole["contingent"].where(is_known)
    return whole.drop(columns="listed")


def of_units(connection: Any, schools: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """The mart `olympiad` but for what publishing adds and not_judged: one row per unit, stage and subject.

    schools: `of_schools`; units: year, org_id, level, unit_id. A count of a town is known where every school that took
    part tells it. possible_signs: codes of the signs joined by `; `, "" for none, NULL where none could be judged; of
    schools.
    """
    results = measures.of_frame(connection, schools, units, OLYMPIAD)
    members = schools.merge(units, on=["year", "org_id"])
    sources = members.groupby(KEY, as_index=False).agg(facts_source=("facts_source", _together))
    alone = members.loc[members["level"] == "school", [*KEY, "same_scores_pct", "same_scores_n"]]
    results = results.merge(sources, on=KEY).merge(alone, on=KEY, how="left")
    results["contingent_source"] = pd.Series("contingent", index=results.index, dtype="string").where(
        results["contingent"].notna()  # by grades: only the form of contingents tells them
    )
    return results.assign(possible_signs=_signs(results)).astype(MADE)


def _together(sources: pd.Series) -> str:
    return "; ".join(sorted(set(sources)))


def _signs(results: pd.DataFrame) -> pd.Series:
    """Codes of the signs whose threshold a school's value reaches, in the order declared."""
    declared: dict[str, dict[str, Any]] = catalogue.olympiad_rules()["signs"]
    text = pd.Series("", index=results.index, dtype="string")
    judged = pd.Series(False, index=results.index)
    of_school = (results["level"] == "school") & (results["subject"] != ALL)
    for sign, rule in declared.items():
        value, base = (results[name].astype("Float64") for name in SIGNS[sign])
        can = of_school & results["stage"].isin(rule["stages"]) & (base >= rule["min_n"]).fillna(False)
        shown = can & (value >= rule["threshold"]).fillna(False)
        text = text.where(~shown, text + f"{sign}; ")
        judged |= can.astype(bool)
    return text.str.removesuffix("; ").where(judged)


def without_insufficient(results: pd.DataFrame, lacking: pd.DataFrame) -> pd.DataFrame:
    """`of_units` without the signs of schools of whose rows too many are in quarantine; not_judged: why, in words.

    lacking: `insufficient.of_kind` by SCHOOL. That fewer winners go on is known from the next stage only.
    """
    of_school = results["level"] == "school"
    key = results[WORK].assign(org_id=results["unit_id"])
    reason = reasons_of(key, lacking, SCHOOL).where(of_school)
    ahead = reasons_of(key.assign(stage=key["stage"].map(dict(pairwise(STAGES)))), lacking, SCHOOL).where(of_school)
    shown = results["possible_signs"].str.split("; ")
    fell = ahead.notna() & results["possible_signs"].str.contains("winner_fell").fillna(False)
    rest = shown.map(lambda codes: "; ".join(code for code in codes if code != "winner_fell"), na_action="ignore")
    signs = results["possible_signs"].mask(fell, rest.astype("string")).mask(reason.notna())
    later = ("следующий этап: " + ahead).where(fell)
    return results.assign(possible_signs=signs, not_judged=reason.fillna(later))


def over_quota(results: pd.DataFrame) -> pd.DataFrame:
    """Rows of the town's own stages and subjects where more have an award than the quota allows: WORK, awards, judged.

    results: `of_units`.
    """
    rules = catalogue.olympiad_rules()
    own = [stage for stage, rule in rules["stages"].items() if rule["own"]]
    town = results[(results["level"] == "municipality") & results["stage"].isin(own) & (results["subject"] != ALL)]
    many = (town["judged"] >= rules["quota_from"]) & (town["efficiency_part"] * 100 > town["judged"] * rules["quota"])
    over = town[many.fillna(False).astype(bool)].rename(columns={"efficiency_part": "awards"})
    return over[[*WORK, "awards", "judged"]]
