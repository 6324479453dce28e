"""The state exams of the years, from the lake to Parquet tables: what the assets of ГИА call."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import among, facts, path_of, table
from msoko_pipeline.indicators.gia import references
from msoko_pipeline.indicators.gia import results as gia
from msoko_pipeline.indicators.gia import tasks as gia_tasks
from msoko_pipeline.indicators.organisations.register import units_of
from msoko_pipeline.indicators.registers import measures
from msoko_pipeline.indicators.task_plans import task_plans
from msoko_pipeline.indicators.vpr import tasks
from msoko_pipeline.issues import questions
from msoko_pipeline.issues.questions import Question
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.numbers.uncertainty import wilson
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.kinds import DECLARED_MARTS

ROWS = {
    "year": "int64", "procedure": "string", "subject": "string", "org_id": "string", "pupil_key": "string",
    "exam_date": "string", "oral": "boolean", "resit": "boolean", "primary_score": "Int64", "mark": "Int64",
    "test_score": "Int64", "short_answers": "string", "long_answers": "string", "pupil_grade": "Int64",
    "outcome": "string",
}  # fmt: skip
SITTING = [*gia.EXAM, *gia.PUPIL, "exam_date"]
APPEALS = [*SITTING, *gia.AFTER, "row", "seq"]
FEW = 5  # rows that a message names
TASK = ["task", "position", "max_score", *gia_tasks.PLANNED]
TASKS: dict[str, str] = {
    **dict.fromkeys(("procedure", "subject", "level", "unit_id", "task"), "string"),
    **dict.fromkeys(("difficulty", "skill", "plan_source"), "string"),
    **dict.fromkeys(("expected_low_pct", "expected_high_pct"), "float64"),
    **dict.fromkeys(("year", "grade", "position"), "int64"), "max_score": "Int64", "max_verified": "boolean",
    **dict.fromkeys(gia_tasks.SUMS, "float64"),
}  # fmt: skip
PUPILS = [*gia.EXAM, *gia.PUPIL, "primary_score", "test_score"]
COUNTS = (
    "participants", "with_result", "absent", "removed", "mark_2", "mark_3", "mark_4", "mark_5",
    "below_minimum", "below_final", "resat", "annulled", "appealed",
    "appeal_changed", "band_61_80", "band_81_99", "band_100", "max_primary",
)  # fmt: skip


def make_results(settings: Settings, years: Sequence[int]) -> dict[str, int]:
    """gia_results, gia_leavers, gia_task_results: see `gia.results`, `results.leavers`, `tasks.indicators`; gia_pupils:
    first attempts with a result, by pupil.
    """
    with engine.connect(settings) as connection:
        units = units_of(connection, settings, years)
        protocols, appeals = (
            [resolved(connection, settings, kind, years).reindex(columns=columns) for kind in kinds]
            for kinds, columns in ((("gia9", "gia11"), list(ROWS)), (("gia9_appeal", "gia11_appeal"), APPEALS))
        )
        rows, appealed = (pd.concat(parts, ignore_index=True) for parts in (protocols, appeals))
        questions.ask(settings, "appeals", years, _unmatched(rows, appealed))
        sittings = gia.judged(gia.attempts(rows.astype(ROWS), appealed), settings.region_code)
        reported = facts(connection, settings, "exam_reference", years)
        results, differing = [], []
        for year in years:
            small_base = catalogue.thresholds(year)["small_base"]
            computed = gia.results(sittings[sittings["year"] == year], units, small_base)
            if len(of_year := reported[reported["year"] == year]):
                territories = references.of_territories(
                    of_year.reset_index(drop=True), settings.region_code, small_base
                )
                differing += references.differing(computed, territories)
                computed = references.beside(computed, territories)
            results.append(computed)
        questions.ask(settings, "exam_references", years, differing)
        frames = {
            "gia_results": pd.concat(results, ignore_index=True).astype(
                dict.fromkeys(COUNTS, "Int64") | {"scale_verified": "boolean", "facts_source": "string"}
            ),
            "gia_leavers": gia.leavers(sittings, units),
            "gia_pupils": sittings[
                (sittings["attempt"] == 1) & (sittings["mark"].notna() | sittings["test_score"].notna())
            ][PUPILS],
        }
        counted = engine.write_frames(connection, frames, years, partial(path_of, settings))
        return counted | {"gia_task_results": _tasks(connection, settings, years, sittings, units)}


def _unmatched(rows: pd.DataFrame, appeals: pd.DataFrame) -> list[Question]:
    """A question a file with appeals of participants whom no protocol of the exam has."""
    if appeals.empty:
        return []
    left = appeals[~among(appeals, rows, SITTING)]
    return [
        Question(int(year), int(seq), "appeal_unmatched", {
            "rows": len(lines),
            "detail": ", ".join(map(str, sorted(lines["row"])[:FEW])) + (", …" if len(lines) > FEW else ""),
        })
        for (year, seq), lines in left.groupby(["year", "seq"])
    ]  # fmt: skip


def _tasks(connection: Any, settings: Settings, years: Sequence[int], rows: pd.DataFrame, units: pd.DataFrame) -> int:
    """gia_task_results: tasks per exam and level unit; the first sitting of each pupil."""
    agree = catalogue.exam_rules()["points_agree"]
    plans = task_plans(connection, settings, years)
    parts = []
    has_result = rows["mark"].notna() | rows["test_score"].notna()  # the work of who was sent away is not marked
    for exam, part in rows[(rows["attempt"] == 1) & has_result].groupby(gia.EXAM):
        year, procedure, subject = exam
        plan = plans.of_exam(procedure, int(year), subject)
        answers = gia_tasks.matrix(part["short_answers"], part["long_answers"], part["primary_score"], agree, plan)
        codes, schools = pd.factorize(part["org_id"])
        sums = gia_tasks.sums(answers, part["primary_score"], np.asarray(codes, np.int64), len(schools))
        named = sums.assign(org_id=np.asarray(schools)[sums["school"].to_numpy(int)]) if len(sums) else sums
        parts.append(named.assign(**dict(zip(gia.EXAM, exam, strict=True))))
    of_schools = (
        pd.concat(parts, ignore_index=True)
        if parts
        else pd.DataFrame(columns=[*gia.EXAM, "org_id", *TASK, *gia_tasks.SUMS])
    )
    of_units = of_schools.merge(units, on=["year", "org_id"]).groupby([*gia.KEY, *TASK], as_index=False, dropna=False)
    total = of_units[list(gia_tasks.SUMS)].sum(min_count=1)
    total["grade"] = total["procedure"].map(gia.GRADES)
    total["max_verified"] = total["max_score"].notna()
    total = total.astype(TASKS)
    counted = 0
    for together in catalogue.alike(years, catalogue.thresholds):
        part = total[total["year"].isin(together)]
        rows = tasks.indicators(engine.load(connection, part), catalogue.thresholds(together[0]))
        rows = rows.select(*gia.KEY, "grade", "position", *gia_tasks.PLANNED[1:], *tasks.COLUMNS)
        counted += engine.write_years(connection, rows, together, path_of(settings, "gia_task_results"))
    return counted


def make_certificates(settings: Settings, years: Sequence[int]) -> int:
    """certificates, declared (`schemas.gia`), with what the protocols say about the leavers of grade 11."""
    with engine.connect(settings) as connection:
        schools = measures.of_organisations(connection, settings, "certificates", years)
        leavers = table(connection, settings, years, "gia_leavers")
        certificates = with_leavers(schools, leavers)
        return engine.write_frame(connection, certificates, "certificates", years, path_of(settings, "certificates"))


def with_leavers(certificates: pd.DataFrame, leavers: pd.DataFrame) -> pd.DataFrame:
    """Adds the counts of `results.leavers` and their shares with Wilson's intervals, %; units that only the protocols
    know have a row too.

    both_passed_pct is of the leavers whose minima are known, sum3 shares are of those examined.
    """
    of_grade = leavers.assign(grade=gia.GRADES["EGE"]).astype({"grade": certificates["grade"].dtype})
    whole = certificates.merge(of_grade, on=["year", "grade", "level", "unit_id"], how="outer")
    for name in (name for name in whole if name == "both_passed" or name.startswith("sum3_")):
        base = whole["both_judged" if name == "both_passed" else "examined"].astype("Float64")
        share = whole[name].astype("Float64")
        whole[f"{name}_pct"] = share / base.where(base > 0) * 100
        bounds = wilson(*(each.to_numpy(float, na_value=np.nan) for each in (share, base.where(base > 0))))
        for end, bound in zip(("low", "high"), bounds, strict=True):
            whole[f"{name}_ci_{end}"] = bound * 100
    types = measures.types(DECLARED_MARTS["certificates"])
    return whole.astype({name: dtype for name, dtype in types.items() if name in whole})
