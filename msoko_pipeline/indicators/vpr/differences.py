"""Where a report and the individual rows tell different counts of a unit, and why: pupils in quarantine, forms beside
the report, or neither (docs/decisions/0042). The reason decides who can mend it, and so which issue the report gets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from msoko_pipeline.home import engine
from msoko_pipeline.home.engine import Relation
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.indicators import insufficient
from msoko_pipeline.indicators.vpr.reports import ReportSums
from msoko_pipeline.indicators.vpr.sums import KEY, WORK
from msoko_pipeline.issues import questions
from msoko_pipeline.issues.questions import Question
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.layout import layouts

MARKS = ("n2", "n3", "n4", "n5")
JOURNAL = ("lower", "equal", "higher")
COMPARED = ("n", *MARKS, *JOURNAL)
TITLES = {
    "n": "участников", "n2": "отметок «2»", "n3": "отметок «3»", "n4": "отметок «4»", "n5": "отметок «5»",
    "lower": "понизили", "equal": "подтвердили", "higher": "повысили",
}  # fmt: skip
OF_SCHOOL = ["year", "org_id", "subject", "grade"]
NOBODY = ""
"""The school of rows of which nobody knows whose they are: they count for the whole territory alone."""
ISSUES = {"quarantine": "facts_differ_quarantine", "forms": "facts_differ_forms", "": "facts_differ"}
HALF = 0.5  # of a pupil: the counts of reports are restored from percentages
FEW = 3  # files that a message names
_KEYS = ", ".join(KEY)


def differences(individual: pd.DataFrame, report: pd.DataFrame) -> pd.DataFrame:
    """KEY; COMPARED as differences, what the report tells minus what the rows do (NaN: not both tell it); detail, a
    sentence that names every count that differs, empty where none does. A row for each unit that both tell of.

    individual: KEY, COMPARED, marked, journal_known; report: KEY, COMPARED, mark_source_report.
    """
    both = report.merge(individual, on=list(KEY), suffixes=("_report", ""))
    rows, counts = both[list(KEY)].copy(), pd.Series("", index=both.index)
    for name in COMPARED:
        printed = pd.to_numeric(both[f"{name}_report"], errors="coerce").astype(float)
        counted = pd.to_numeric(both[name], errors="coerce").astype(float)
        rows[name] = printed - counted
        if name in MARKS:
            rows[name] = rows[name].where((both["mark_source_report"] == "report") & both["marked"].gt(0))
        if name in JOURNAL:
            rows[name] = rows[name].where(both["journal_known"].gt(0))
        differs = rows[name].abs() >= HALF
        words = TITLES[name] + " " + _whole(printed) + " вместо " + _whole(counted)
        counts = counts.where(~differs, counts + words + "; ")
    work = "ВПР " + rows["year"].astype(str) + ", " + rows["subject"].map(catalogue.subjects())
    work = work + ", " + rows["grade"].astype(str) + " класс, " + rows["unit_id"]
    sentence = work + ": отчёт расходится с индивидуальными результатами: " + counts.str.rstrip("; ")
    return rows.assign(detail=sentence.where(counts != "", ""))


def _whole(counts: pd.Series) -> pd.Series:
    return counts.round().astype("Int64").astype(str)


def causes(differing: pd.DataFrame, schools: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Of each row of `differing` (see `differences`) cause: `quarantine`, `forms` or empty, and has_forms: whether
    forms explain a part.

    schools: OF_SCHOOL, quarantined (rows), formed (participants of forms), n (participants of all rows), of the works
    of schools that have one of the first two; units: year, org_id, level, unit_id, the units that each school enters.

    Rows in quarantine explain as many missing participants at most, and among marks and journal marks no more than
    participants; never a surplus. Where a school's own report is known, its rows in quarantine explain no more than is
    missing there. A form explains what differs at its school, either way: all of it where the school's rows are all of
    forms, otherwise no more than the form's participants. A territory's difference is explained by what is explained at
    its schools together.
    """
    missing, low, high, formed = _explained(differing, schools, units)
    counts = np.nan_to_num(differing[list(COMPARED)].to_numpy(float))
    rest = counts - np.clip(counts, low, high)
    by_quarantine = _is_missing(counts, missing)
    by_forms = formed & (np.abs(rest) < HALF).all(axis=1) & ~by_quarantine
    by_both = formed & _is_missing(rest, missing) & ~by_quarantine
    cause = np.where(by_quarantine | by_both, "quarantine", np.where(by_forms, "forms", ""))
    return pd.DataFrame({"cause": cause, "has_forms": by_forms | by_both}, index=differing.index)


def _is_missing(counts: NDArray[np.float64], missing: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the differences (rows × COMPARED) are of pupils who are missing, no more of them than `missing`."""
    people = counts[:, 0]
    is_missing = (people >= HALF) & (people < missing + HALF)
    for family in (MARKS, JOURNAL):
        parts = counts[:, [COMPARED.index(name) for name in family]]
        is_missing &= (parts > -HALF).all(axis=1) & (parts.sum(axis=1) < people + HALF)
    return is_missing


def _explained(
    differing: pd.DataFrame, schools: pd.DataFrame, units: pd.DataFrame
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Of each row of `differing`: participants that its rows in quarantine can be; the least and the greatest
    difference of each of COMPARED that its forms can make; whether it has forms.
    """
    of_schools = differing[differing["level"] == "school"].rename(columns={"unit_id": "org_id"})
    rows = schools.merge(of_schools[[*OF_SCHOOL, *COMPARED]], on=OF_SCHOOL, how="left", suffixes=("_rows", ""))
    own = rows[list(COMPARED)].to_numpy(float)
    people, quarantined = own[:, 0], rows["quarantined"].to_numpy(float)
    formed = rows["formed"].to_numpy(float)[:, None]
    reach = np.where(formed >= rows["n_rows"].to_numpy(float)[:, None], np.where(formed > 0, np.inf, 0), formed)
    counts = [f"{end}_{name}" for end in ("low", "high") for name in COMPARED]
    sides = [np.where(np.isnan(own), sign * formed, np.clip(own, -reach, reach)) for sign in (-1, 1)]
    rows[counts] = np.hstack(sides)
    rows["missing"] = np.where(np.isnan(people), quarantined, np.clip(people, 0, quarantined))
    of_units = rows.merge(units, on=["year", "org_id"]).groupby(list(KEY))[["missing", "formed", *counts]].sum()
    chosen = of_units.reindex(pd.MultiIndex.from_frame(differing[list(KEY)])).fillna(0)
    low, high = (chosen[counts[at : at + len(COMPARED)]].to_numpy(float) for at in (0, len(COMPARED)))
    return chosen["missing"].to_numpy(float), low, high, chosen["formed"].to_numpy() > 0


def note(
    connection: Any,
    settings: Settings,
    years: Sequence[int],
    individual_results: Relation | None,
    cells: Relation,
    reports: ReportSums,
    fuller: Relation,
    units: Relation,
) -> None:
    """Ask about what reports and individual rows tell differently.

    individual_results: facts of `vpr_result` that hold; cells: their sums (`IndividualSums.cells`); fuller: KEY of the
    territories whose report holds; units: year, org_id, level, unit_id.
    """
    columns = ", ".join(COMPARED)
    own = engine.select(connection, f"select {_KEYS}, {columns}, marked, journal_known from cells", cells=cells)
    printed = engine.select(
        connection, f"select {_KEYS}, {columns}, mark_source as mark_source_report from cells", cells=reports.cells
    )
    differing = differences(own, printed)
    new_questions: list[Question] = []
    if individual_results is not None and differing["detail"].ne("").any():
        refused = _quarantined(connection, settings, years, individual_results)
        forms = _forms(connection, settings, individual_results)
        new_questions = _questions(
            settings,
            differing,
            engine.select(connection, _OF_SCHOOLS, cells=cells),
            engine.pandas(units.select("year", "org_id", "level", "unit_id")),
            engine.pandas(reports.places),
            set(engine.tuples(fuller)),
            refused,
            forms,
        )
    questions.ask(settings, "differences", years, new_questions)


_OF_SCHOOLS = "select year, unit_id as org_id, subject, grade::bigint as grade, n from cells where level = 'school'"


def _questions(
    settings: Settings,
    differing: pd.DataFrame,
    schools: pd.DataFrame,
    units: pd.DataFrame,
    places: pd.DataFrame,
    fuller: set[tuple[Any, ...]],
    refused: pd.DataFrame,
    forms: pd.DataFrame,
) -> list[Question]:
    """A question for each of the differences (see `differences`).

    schools: OF_SCHOOL, n; units: year, org_id, level, unit_id; places: see `ReportSums`; fuller: KEY; refused:
    OF_SCHOOL, seq, quarantined; forms: OF_SCHOOL, seq, formed.
    """
    territory = units[units["level"] == settings.scope].drop_duplicates(["year", "level", "unit_id"])
    units = pd.concat([units, territory.assign(org_id=NOBODY)], ignore_index=True)
    counted = [refused.groupby(OF_SCHOOL)["quarantined"].sum(), forms.groupby(OF_SCHOOL)["formed"].sum()]
    explaining = pd.concat(counted, axis=1).fillna(0).reset_index()
    explaining = explaining.merge(schools, on=OF_SCHOOL, how="left").fillna({"n": 0})
    differing = differing.join(causes(differing, explaining, units))
    differing = differing[differing["detail"] != ""].merge(places, on=list(KEY))
    names = {entry.seq: entry.name for entry in ledger_of(settings).files("kind = 'vpr_result'")}
    of_units = [_of_units(refused, "quarantined", units), _of_units(forms, "formed", units)]
    new_questions = []
    for line in differing.itertuples():
        unit = tuple(getattr(line, name) for name in KEY)
        quarantined, formed = (part.get(unit, {}) for part in of_units)
        details = {
            "detail": line.detail, "rows": int(sum(quarantined.values())), "files": _named(quarantined, names),
            "forms": f"; часть результатов из форм сбора: {_named(formed, names)}" if line.has_forms else "",
            "holds": "отчёта" if unit in fuller else "форм",
        }  # fmt: skip
        if line.cause == "forms":
            details["files"] = _named(formed, names)
        school = line.unit_id if line.level == "school" else None
        new_questions.append(
            Question(int(line.year), int(line.seq), ISSUES[line.cause], details, int(line.row), school)
        )
    return new_questions


def _of_units(rows: pd.DataFrame, count: str, units: pd.DataFrame) -> dict[tuple[Any, ...], dict[int, float]]:
    """Unit and work (KEY) → running number of a file → its rows there. rows: OF_SCHOOL, seq, count."""
    files: dict[tuple[Any, ...], dict[int, float]] = {}
    summed = rows.merge(units, on=["year", "org_id"]).groupby([*KEY, "seq"])[count].sum()
    for (*unit, seq), number in summed.items():
        files.setdefault(tuple(unit), {})[seq] = number
    return files


def _named(rows: dict[int, float], names: dict[int, str]) -> str:
    """`«а.csv» — 2, «б.csv» — 1 и ещё файлов: 3`. rows: running number of a file → its rows."""
    most = sorted(rows, key=lambda seq: (-rows[seq], seq))
    first = ", ".join(f"«{names[seq]}» — {rows[seq]:.0f}" for seq in most[:FEW])
    return first + (f" и ещё файлов: {len(most) - FEW}" if len(most) > FEW else "")


def _quarantined(connection: Any, settings: Settings, years: Sequence[int], results: Relation) -> pd.DataFrame:
    """OF_SCHOOL, seq, quarantined: rows of pupils in quarantine, of the files that still speak of their works."""
    works = engine.select(
        connection,
        "select distinct year, org_id, 'VPR' as procedure, subject, grade::bigint as grade, seq, rank from results",
        results=results,
    )
    return insufficient.waiting(settings, years, "vpr_result", works, NOBODY)


def _forms(connection: Any, settings: Settings, results: Relation) -> pd.DataFrame:
    """OF_SCHOOL, seq, formed: participants whose rows hold and are of collection forms, by file."""
    forms = {name for name, layout in layouts().items() if layout.is_form}
    entries: Iterable[Any] = ledger_of(settings).files("kind = 'vpr_result'")
    files = [entry.seq for entry in entries if any(sheet["layout"] in forms for sheet in entry.sheets)]
    return engine.select(
        connection,
        f"select {', '.join(WORK)}, org_id, seq, count(*) filter (not absent and not partial) as formed from ("
        "select year, subject, grade::bigint as grade, org_id, seq, absent, partial from results "
        f"where list_contains({files}::bigint[], seq)) group by all",
        results=results,
    )
