"""Works of the calendar by school: who is to sit them by the calendar, who has sat them by whichever table tells.

Works of ВПР are those of the table of results, an advanced work with the base one; exams and olympiads come from their
protocols, diagnostics from their register, the last of its waves by number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.home import holding
from msoko_pipeline.home.tables import computed, facts
from msoko_pipeline.indicators.registers.rows import makes
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.measure import ALL
from schemas.sources.calendar import Sittings

WORK = ["year", "procedure", "subject", "grade"]
ROW = [*WORK, "org_id"]
CLASS = ["year", "org_id", "grade"]
SITS = ("all", "sample", "choice")
"""Who sits a work, where several lines of the calendar tell otherwise the first."""


@makes(Sittings)
def make(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """The rows of the schools; none of a year without a calendar."""
    if not holding.are_there(settings, "procedure", years):
        return pd.DataFrame(columns=ROW)
    lines = facts(connection, settings, "procedure", years)
    sampled = resolved(connection, settings, "procedure_sample", years)
    classes = facts(connection, settings, "contingent", years)
    sat = works_sat(connection, settings, years)
    return sittings(lines, sampled, classes, sat[sat["year"].isin(lines["year"])])


def works_sat(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """The works that schools have results of, by whichever table tells: ROW, participants, planned."""
    return pd.concat(
        [
            _vpr(_of_schools(connection, settings, years, "results")),
            _exams(_of_schools(connection, settings, years, "gia_results")),
            _olympiads(
                resolved(connection, settings, "olympiad_result", years),
                facts(connection, settings, "olympiad_count", years),
            ),
            _diagnostics(resolved(connection, settings, "diagnostic", years)),
        ],
        ignore_index=True,
    )


def _of_schools(connection: Any, settings: Settings, years: Sequence[int], name: str) -> pd.DataFrame:
    """The rows of schools of a table of the indicators; none where no year has it."""
    rows = computed(connection, settings, years, name)
    if rows.empty:
        return pd.DataFrame(columns=[*ROW, "n", "participants"])
    return rows[rows["level"] == "school"].rename(columns={"unit_id": "org_id"})


def _vpr(results: pd.DataFrame) -> pd.DataFrame:
    base = {code: work["of"] for code, work in catalogue.subjects_of("vpr").items() if work["level"] == "advanced"}
    works = results.assign(procedure="VPR", subject=results["subject"].replace(base), participants=results["n"])
    return works.groupby(ROW, as_index=False)["participants"].sum()


def _exams(results: pd.DataFrame) -> pd.DataFrame:
    return results[[*ROW, "participants"]]


def _olympiads(results: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Participations by stage, subject and class: as the lists have them, else as the counts of schools tell."""
    listed = results.drop_duplicates(["year", "org_id", "stage", "subject", "grade", "pupil_key"])
    listed = listed.groupby(["year", "org_id", "stage", "subject", "grade"], as_index=False).size()
    listed = listed.rename(columns={"size": "participants"})
    counted = counts[counts["subject"] != ALL].reindex(columns=listed.columns)
    rows = pd.concat([listed, counted], ignore_index=True).dropna(subset=["grade", "participants"])
    rows = rows.assign(procedure="VSOSH-" + rows["stage"].astype("string"))
    return rows.drop_duplicates(ROW)[[*ROW, "participants"]]


def _diagnostics(results: pd.DataFrame) -> pd.DataFrame:
    """Of several waves the one that most pupils sat."""
    rows = results.sort_values("participants", ascending=False).drop_duplicates(ROW)
    return rows[[*ROW, "participants", "planned"]]


def sittings(lines: pd.DataFrame, sampled: pd.DataFrame, classes: pd.DataFrame, sat: pd.DataFrame) -> pd.DataFrame:
    """Rows of `Sittings` with year and org_id.

    lines: WORK, sits, is_obligatory; sampled: ROW, sampled; classes: CLASS, pupils; sat: ROW, participants, planned.
    A line of all subjects is of each of them that anybody has sat. Of a school whose contingent is not known the
    classes are those that have sat anything. A sample that is not listed is unknown, and so is who is beside it.
    """
    works = _works(_with_obligatory(lines, sat), sat)
    pupils = classes[[*CLASS, "pupils"]]
    tell = pupils[["year", "org_id"]].drop_duplicates().assign(tells=True)
    silent = sat[CLASS].drop_duplicates().merge(tell, on=["year", "org_id"], how="left")
    of_silent = silent.loc[silent["tells"].isna(), CLASS]
    having = pd.concat([pupils[pupils["pupils"] > 0], of_silent], ignore_index=True)
    of_all = works[works["sits"] == "all"].merge(having, on=["year", "grade"])
    chosen = _works(sampled, sat, "org_id").merge(works.loc[works["sits"] == "sample", WORK], on=WORK)
    expected = pd.concat([of_all[ROW], chosen[ROW]]).drop_duplicates().assign(is_expected=True)
    rows = expected.merge(sat, on=ROW, how="outer").merge(works, on=WORK, how="left")
    rows = rows.merge(pupils, on=CLASS, how="left").merge(chosen[[*ROW, "sampled"]], on=ROW, how="left")
    listed = chosen[WORK].drop_duplicates().assign(is_listed=True)
    rows = rows.merge(listed, on=WORK, how="left")
    is_unknown = (rows["sits"] == "sample") & rows["is_listed"].isna()
    is_expected = rows["is_expected"].astype("boolean").fillna(rows["sits"] == "all").mask(is_unknown)
    return rows.assign(
        is_expected=is_expected,
        has_sent=rows["participants"].notna(),
        pupils=_first(rows, "planned", "sampled", "pupils"),
        participants=rows["participants"].astype("Int64"),
    )


def _first(rows: pd.DataFrame, *names: str) -> pd.Series:
    """The first of the columns that a row tells."""
    numbers = rows.reindex(columns=list(names)).astype("Int64")
    return numbers.bfill(axis=1).iloc[:, 0]


def _with_obligatory(lines: pd.DataFrame, sat: pd.DataFrame) -> pd.DataFrame:
    """The calendar; where it has no line of ВПР in a year, with the works that every school sits."""
    lines = lines[[*WORK, "sits", "is_obligatory"]]
    years = set(sat.loc[sat["procedure"] == "VPR", "year"]) - set(lines.loc[lines["procedure"] == "VPR", "year"])
    rules = [
        (year, "VPR", subject, grade, "all", True)
        for year in sorted(years)
        for rule in catalogue.obligatory()
        if rule["from"] <= year <= rule["to"]
        for subject in rule["subjects"]
        for grade in rule["grades"]
    ]
    return pd.concat([lines, pd.DataFrame(rules, columns=lines.columns)], ignore_index=True) if rules else lines


def _works(lines: pd.DataFrame, sat: pd.DataFrame, *of: str) -> pd.DataFrame:
    """A row a work (and what else it is of); a line of all subjects is of each that has been sat in the class."""
    subjects = sat[WORK].drop_duplicates()
    of_all = lines[lines["subject"] == ALL].drop(columns="subject").merge(subjects, on=["year", "procedure", "grade"])
    works = pd.concat([lines[lines["subject"] != ALL], of_all], ignore_index=True)
    if "sits" in works:
        order = works["sits"].map({sits: place for place, sits in enumerate(SITS)})
        works = works.assign(order=order).sort_values([*WORK, "order"], kind="stable").drop(columns="order")
        works["is_obligatory"] = works.groupby(WORK)["is_obligatory"].transform("max")
    return works.drop_duplicates([*WORK, *of])
