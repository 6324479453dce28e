"""State exams: results of ОГЭ and ЕГЭ per school and level, and what a leaver has of all exams together.

The marks and scores are the protocol's, after appeals. A result is that of the first attempt; what a re-sit made of it
is told beside it. Base and profile mathematics are two subjects (MB, MA) and never meet in one mean. The oral part of a
language is a part of its exam and no exam of its own: its rows are kept and not counted.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.home.tables import among
from msoko_pipeline.numbers.uncertainty import wilson
from schemas import catalogue

EXAM = ["year", "procedure", "subject"]
PUPIL = ["org_id", "pupil_key"]
KEY = [*EXAM, "level", "unit_id"]
AFTER = ("primary_score", "mark", "test_score")
"""What an appeal may change."""
OUTCOMES = {"absent": ["absent"], "removed": ["removed", "unfinished", "annulled"]}
"""Count → outcomes of participants (`schemas.gia.OUTCOMES`) that it counts."""
GRADES = {"OGE": 9, "GVE9": 9, "EGE": 11, "GVE11": 11}


def attempts(rows: pd.DataFrame, appeals: pd.DataFrame) -> pd.DataFrame:
    """Written exams with their marks after appeals. Adds attempt (1 is the first sitting of the year, none where that
    is a re-sit), resits (later sittings with a result), final_mark and final_test (the best of the pupil's sittings
    that are not annulled), annulled (whether a later result took the place of an earlier one), NULL for a procedure of
    whose re-sits nothing has come; appealed and appeal_changed, NULL where no appeals have.

    rows: EXAM, PUPIL, exam_date, oral, resit and AFTER; appeals: EXAM, PUPIL, exam_date, AFTER as they stand after the
    appeal, NULL: as they were.
    """
    sittings = rows[~rows["oral"].fillna(False).astype(bool)].drop(columns="oral")
    sittings = _without_vain(sittings.assign(resit=_called(sittings)))
    sitting = [*EXAM, *PUPIL, "exam_date"]
    after_appeals = (
        appeals.drop_duplicates(sitting, keep="last").reindex(columns=[*sitting, *AFTER]).assign(is_appealed=True)
    )
    after_appeals = after_appeals.astype(dict.fromkeys(AFTER, "Int64") | {"is_appealed": "boolean"})
    sittings = sittings.merge(after_appeals, on=sitting, how="left", suffixes=("", "_after"))
    after = {name: sittings[f"{name}_after"].astype(sittings[name].dtype) for name in AFTER}
    has_appeals = among(sittings, appeals, EXAM[:2])
    sittings["appealed"] = sittings.pop("is_appealed").fillna(False).where(has_appeals)
    changed = [after[name].notna() & (sittings[name] != after[name]).fillna(False) for name in AFTER]
    sittings["appeal_changed"] = reduce(or_, changed).astype("boolean").where(has_appeals)
    for name in AFTER:
        sittings[name] = after[name].fillna(sittings[name])
    sittings = sittings.drop(columns=[f"{name}_after" for name in AFTER]).sort_values(sitting, ignore_index=True)
    return _with_resits(sittings)


def _with_resits(sittings: pd.DataFrame) -> pd.DataFrame:
    """Sittings, in order, with attempt, resits, annulled, final_mark and final_test; see `attempts`."""
    key = [*EXAM, *PUPIL]
    pupil = sittings.groupby(key, sort=False)
    sittings["attempt"] = pupil.cumcount() + 1 + pupil["resit"].transform("first").astype("int64")
    has_resits = among(sittings, sittings[sittings["attempt"] > 1], EXAM[:2])
    has_result = sittings["mark"].notna() | sittings["test_score"].notna()
    of_pupil = [sittings[name] for name in key]
    again = (has_result & (sittings["attempt"] > 1)).astype("int64")
    era = (has_result & _annulling(sittings)).groupby(of_pupil, sort=False).cumsum()  # one since each annulment
    holds = era == era.groupby(of_pupil, sort=False).transform("max")
    sittings["annulled"] = (has_result & ~holds).astype("boolean").where(has_resits)
    sittings["resits"] = again.groupby(of_pupil, sort=False).transform("sum").astype("Int64").where(has_resits)
    for name, column in (("final_mark", "mark"), ("final_test", "test_score")):
        best = sittings[column].where(holds).groupby(of_pupil, sort=False).transform("max")
        sittings[name] = best.astype("Int64").where(has_resits)
    return sittings.drop(columns="resit")


def _called(rows: pd.DataFrame) -> pd.Series:
    """Whether a sitting is a re-sit, whatever became of the first: by its protocol's words, or by its day."""
    late = rows["exam_date"].str[5:] >= catalogue.exam_rules()["resits"]["from"]
    return rows["resit"].fillna(False).astype(bool) | late.fillna(False).astype(bool) | _annulling(rows)


def _annulling(rows: pd.DataFrame) -> pd.Series:
    """Whether a sitting is one of the additional days, whose result takes the place of the earlier one."""
    rule = catalogue.exam_rules()["resits"]["annulling"]
    in_time = rows["exam_date"].str[5:].between(*rule["days"]).fillna(False).astype(bool)
    return in_time & rows["procedure"].isin(rule["procedures"]) & (rows["year"] >= rule["since"])


def _without_vain(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows without sittings that gave no result, of pupils who have one of another day before the re-sits: who was
    ill on the first day and wrote on a reserve day wrote once.
    """
    has_result = rows["mark"].notna() | rows["test_score"].notna()
    if has_result.all():
        return rows
    in_time = ~rows["resit"]
    wrote = (has_result & in_time).groupby([rows[name] for name in (*EXAM, *PUPIL)]).transform("any")
    return rows[has_result | ~wrote | ~in_time]


def judged(rows: pd.DataFrame, region: str) -> pd.DataFrame:
    """Rows with what the acts say of them: failed, failed_final, profile, max_primary, scale_verified.

    failed: mark «2», or a test score below the certificate's minimum; NULL where no minimum is known. profile: primary
    score not below that of profile classes (ОГЭ). scale_verified: see `schemas.published.scale_verified`.
    """
    parts = []
    for (year, procedure, subject), part in rows.groupby(EXAM, sort=False):
        sittings = part.copy()
        scale = catalogue.mark_scale(procedure, int(year), subject, region) or {}
        sittings["max_primary"], sittings["primary_score"] = _settled(
            sittings["primary_score"], procedure, int(year), subject, region
        )
        profile = scale.get("profile")
        sittings["profile"] = (sittings["primary_score"] >= profile) if profile is not None else pd.NA
        for name, mark, test in (("failed", "mark", "test_score"), ("failed_final", "final_mark", "final_test")):
            sittings[name] = _failed(sittings[mark], sittings[test], procedure, int(year), subject)
        minimum = catalogue.exam_minimum(int(year), subject) or {}  # what a test score is enough for no protocol tells
        is_judged = sittings["mark"].notna() | (sittings["test_score"].notna() & bool(minimum))
        is_sure = sittings["mark"].notna() | bool(minimum.get("verified"))
        sittings["scale_verified"] = is_sure.astype("boolean").where(is_judged)
        parts.append(sittings)
    kinds = {"max_primary": "Int64", "primary_score": "Int64"}
    kinds |= dict.fromkeys(("profile", "failed", "failed_final", "scale_verified"), "boolean")
    return pd.concat(parts).astype(kinds) if parts else rows.assign(**dict.fromkeys(kinds, pd.NA))


def _settled(scores: pd.Series, procedure: str, year: int, subject: str, region: str) -> tuple[Any, pd.Series]:
    """Greatest primary score of an exam, NULL where it is not known, and the scores with none above it.

    Rows above a confirmed maximum are not kept. One above another counts as the maximum; where many works are above
    it, it is not that of the exam.
    """
    top = catalogue.exam_maximum(procedure, year, subject, region)
    over = (scores > top[0]).fillna(False) if top else None
    if top is None or over is None or over.sum() > catalogue.codes()["task_over_maximum_share"] * scores.notna().sum():
        return pd.NA, scores
    return top[0], scores.mask(over, top[0])


def _failed(mark: pd.Series, test: pd.Series, procedure: str, year: int, subject: str) -> pd.Series:
    if procedure != "EGE" or subject == "MB":
        return (mark == 2).astype("boolean")
    minimum = catalogue.exam_minimum(year, subject)
    if minimum is None:
        return pd.Series(pd.NA, index=test.index, dtype="boolean")
    return (test < minimum["min_test"]).astype("boolean")


def results(rows: pd.DataFrame, units: pd.DataFrame, small_base: int) -> pd.DataFrame:
    """One row per exam and level unit.

    rows: `judged` rows; units: year, org_id, level, unit_id. Columns: KEY, grade, participants (first attempts),
    with_result (those of them with a mark or a test score: N of every share), absent, removed (or left early), mark_2…
    mark_5, mean_mark, mean_primary, sd_primary, se_primary (балл), max_primary, completion_pct, mean_test, sd_test,
    below_minimum, below_final (after re-sits), resat, annulled (by a re-sit), appealed, appeal_changed, band counts and
    shares, facts_source, success_pct = not below / N · 100, quality_pct = («4» + «5») / N · 100, profile_pct, Wilson
    intervals.
    """
    first = rows[rows["attempt"] == 1]
    sittings = first.merge(units, on=["year", "org_id"])
    numbers = {name: sittings[name].astype("Float64") for name in ("mark", "primary_score", "test_score")}
    flags = {f"mark_{value}": sittings["mark"] == value for value in (2, 3, 4, 5)}
    flags |= {"with_result": sittings["mark"].notna() | sittings["test_score"].notna()}
    flags |= {name: sittings["outcome"].isin(codes) for name, codes in OUTCOMES.items()}
    bands: dict[str, list[int]] = catalogue.exam_rules()["shares"]
    flags |= {name: sittings["test_score"].between(low, high) for name, (low, high) in bands.items()}
    flags |= {"below_minimum": sittings["failed"], "below_final": sittings["failed_final"]}
    flags |= {"profile": sittings["profile"] & flags["with_result"]}
    flags |= {
        "resat": sittings["resits"] > 0,
        "annulled": sittings["annulled"],
        "appealed": sittings["appealed"],
        "appeal_changed": sittings["appeal_changed"],
    }
    sittings = sittings.assign(
        **{f"_{name}": numbers[name] for name in numbers},
        **{name: flag.astype("Float64") for name, flag in flags.items()},
    )
    group = sittings.groupby(KEY, as_index=False, sort=True)
    exams = group.agg(
        participants=("pupil_key", "size"), mean_mark=("_mark", "mean"), sd_mark=("_mark", "std"),
        mean_primary=("_primary_score", "mean"),
        sd_primary=("_primary_score", "std"), max_primary=("max_primary", "max"), mean_test=("_test_score", "mean"),
        sd_test=("_test_score", "std"), scale_verified=("scale_verified", "min"),
        **{name: (name, lambda flag: flag.sum(min_count=1)) for name in flags},
    )  # fmt: skip
    has_marks, has_scores = exams["mean_mark"].notna(), exams["mean_test"].notna()
    for value in (2, 3, 4, 5):
        exams[f"mark_{value}"] = exams[f"mark_{value}"].where(has_marks)
    for band in bands:
        exams[band] = exams[band].where(has_scores)
    return formulas(exams.assign(facts_source="individual"), small_base)


def formulas(exams: pd.DataFrame, small_base: int) -> pd.DataFrame:
    """The shares and means of the counted exams; a count that is unknown stays NULL."""
    n = exams["with_result"].astype("Float64").where(exams["with_result"] > 0).to_numpy(float, na_value=np.nan)
    exams["grade"] = exams["procedure"].map(GRADES).astype("int64")
    exams["se_primary"] = exams["sd_primary"] / np.sqrt(n)
    exams["completion_pct"] = exams["mean_primary"] / exams["max_primary"].astype("Float64") * 100
    for band in catalogue.exam_rules()["shares"]:
        exams[f"{band}_pct"] = exams[band] / n * 100
    passed, good = exams["with_result"] - exams["below_minimum"], exams["mark_4"] + exams["mark_5"]
    for name, count in (("success", passed), ("quality", good), ("profile", exams["profile"])):
        share = count.astype("Float64")
        low, high = wilson(share.to_numpy(float, na_value=np.nan), n)
        exams[f"{name}_pct"], exams[f"{name}_ci_low"], exams[f"{name}_ci_high"] = share / n * 100, low * 100, high * 100
    exams["small_base"] = exams["with_result"] < small_base
    return exams


def leavers(rows: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """What leavers of grade 11 have of all their exams: per level unit the counts of pupils.

    Columns: year, level, unit_id, examined, both_passed (Russian and one of the mathematics, after re-sits),
    both_judged (of how many that is known), three_exams (have three test scores), sum3_<from> (the three best add up to
    so much), exams_until (day of the last sitting that it covers, re-sits too, ISO).
    """
    ege = rows[rows["procedure"] == "EGE"]
    until = ege.groupby(["year", *PUPIL])["exam_date"].max()
    ege = ege[ege["attempt"] == 1]
    ege = ege[(ege["pupil_grade"] == GRADES["EGE"]).fillna(True).astype(bool)]
    pupil = ["year", *PUPIL]
    failed, best_test = ege["failed_final"].fillna(ege["failed"]), ege["final_test"].fillna(ege["test_score"])
    ege = ege.assign(passed=~failed, best=best_test)
    russian = ege[ege["subject"] == "RU"].groupby(pupil)["passed"].max()
    mathematics = ege[ege["subject"].isin(["MA", "MB"])].groupby(pupil)["passed"].max()
    best = ege.dropna(subset=["best"]).sort_values("best", ascending=False).groupby(pupil).head(3)
    sums = best.groupby(pupil)["best"].agg(["sum", "size"])
    pupils = pd.DataFrame(index=pd.MultiIndex.from_frame(ege[pupil].drop_duplicates()))
    passed = [by_pupil.reindex(pupils.index, fill_value=False).astype("boolean") for by_pupil in (russian, mathematics)]
    pupils["both_passed"] = passed[0] & passed[1]
    pupils["both_judged"] = pupils["both_passed"].notna()
    three = sums["sum"].where(sums["size"] == 3).reindex(pupils.index)
    pupils["three_exams"] = three.notna()
    limits = catalogue.exam_rules()["three_exams"]
    for limit in limits:
        pupils[f"sum3_{limit}"] = (three >= limit).fillna(False)
    pupils["exams_until"] = until.reindex(pupils.index)
    counted = pupils.reset_index().merge(units, on=["year", "org_id"])
    names = ["both_passed", "both_judged", "three_exams", *(f"sum3_{limit}" for limit in limits)]
    of_units = counted.groupby(["year", "level", "unit_id"], as_index=False).agg(
        examined=("pupil_key", "size"), exams_until=("exams_until", "max"), **{name: (name, "sum") for name in names}
    )
    of_units["both_passed"] = of_units["both_passed"].astype("Int64").where(of_units["both_judged"] > 0)
    return of_units
