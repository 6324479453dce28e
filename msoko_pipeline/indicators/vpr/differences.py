"""Where a report and the individual rows tell different counts of a unit, and why: pupils in quarantine, forms beside
the report, or neither (docs/decisions/0042). The reason decides who can mend it, and so which issue the report gets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.indicators import insufficient
from msoko_pipeline.indicators.vpr import reports
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
    found, said = both[list(KEY)].copy(), pd.Series("", index=both.index)
    for name in COMPARED:
        told = pd.to_numeric(both[f"{name}_report"], errors="coerce").astype(float)
        counted = pd.to_numeric(both[name], errors="coerce").astype(float)
        found[name] = told - counted
        if name in MARKS:
            found[name] = found[name].where((both["mark_source_report"] == "report") & both["marked"].gt(0))
        if name in JOURNAL:
            found[name] = found[name].where(both["journal_known"].gt(0))
        differs = found[name].abs() >= HALF
        words = TITLES[name] + " " + _whole(told) + " вместо " + _whole(counted)
        said = said.where(~differs, said + words + "; ")
    work = "ВПР " + found["year"].astype(str) + ", " + found["subject"].map(catalogue.subjects())
    work = work + ", " + found["grade"].astype(str) + " класс, " + found["unit_id"]
    sentence = work + ": отчёт расходится с индивидуальными результатами: " + said.str.rstrip("; ")
    return found.assign(detail=sentence.where(said != "", ""))


def _whole(counts: pd.Series) -> pd.Series:
    return counts.round().astype("Int64").astype(str)


def causes(found: pd.DataFrame, schools: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Of each row of `found` (see `differences`) cause: `quarantine`, `forms` or empty, and has_forms: whether forms
    explain a part.

    schools: OF_SCHOOL, quarantined (rows), formed (participants of forms), n (participants of all rows), of the works
    of schools that have one of the first two; units: year, org_id, level, unit_id, the units that each school enters.

    Rows in quarantine explain as many missing participants at most, and among marks and journal marks no more than
    participants; never a surplus. Where a school's own report is known, its rows in quarantine explain no more than is
    missing there. A form explains what differs at its school, either way: all of it where the school's rows are all of
    forms, otherwise no more than the form's participants. A territory's difference is explained by what is explained at
    its schools together.
    """
    missing, low, high, formed = _explained(found, schools, units)
    differing = np.nan_to_num(found[list(COMPARED)].to_numpy(float))
    rest = differing - np.clip(differing, low, high)
    by_quarantine = _is_missing(differing, missing)
    by_forms = formed & (np.abs(rest) < HALF).all(axis=1) & ~by_quarantine
    by_both = formed & _is_missing(rest, missing) & ~by_quarantine
    cause = np.where(by_quarantine | by_both, "quarantine", np.where(by_forms, "forms", ""))
    return pd.DataFrame({"cause": cause, "has_forms": by_forms | by_both}, index=found.index)


def _is_missing(differing: NDArray[np.float64], missing: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the differences (rows × COMPARED) are of pupils who are missing, no more of them than `missing`."""
    people = differing[:, 0]
    is_missing = (people >= HALF) & (people < missing + HALF)
    for family in (MARKS, JOURNAL):
        parts = differing[:, [COMPARED.index(name) for name in family]]
        is_missing &= (parts > -HALF).all(axis=1) & (parts.sum(axis=1) < people + HALF)
    return is_missing


def _explained(
    found: pd.DataFrame, schools: pd.DataFrame, units: pd.DataFrame
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Of each row of `found`: participants that its rows in quarantine can be; the least and the greatest difference of
    each of COMPARED that its forms can make; whether it has forms.
    """
    own = found[found["level"] == "school"].rename(columns={"unit_id": "org_id"})
    told = schools.merge(own[[*OF_SCHOOL, *COMPARED]], on=OF_SCHOOL, how="left", suffixes=("_rows", ""))
    differing = told[list(COMPARED)].to_numpy(float)
    people, quarantined = differing[:, 0], told["quarantined"].to_numpy(float)
    formed = told["formed"].to_numpy(float)[:, None]
    reach = np.where(formed >= told["n_rows"].to_numpy(float)[:, None], np.where(formed > 0, np.inf, 0), formed)
    known = ~np.isnan(differing)
    counts = [f"{end}_{name}" for end in ("low", "high") for name in COMPARED]
    sides = [np.where(known, np.clip(differing, -reach, reach), sign * formed) for sign in (-1, 1)]
    told[counts] = np.hstack(sides)
    told["missing"] = np.where(np.isnan(people), quarantined, np.clip(people, 0, quarantined))
    of_units = told.merge(units, on=["year", "org_id"]).groupby(list(KEY))[["missing", "formed", *counts]].sum()
    chosen = of_units.reindex(pd.MultiIndex.from_frame(found[list(KEY)])).fillna(0)
    low, high = (chosen[counts[at : at + len(COMPARED)]].to_numpy(float) for at in (0, len(COMPARED)))
    return chosen["missing"].to_numpy(float), low, high, chosen["formed"].to_numpy() > 0


def note(connection: Any, settings: Settings, years: Sequence[int]) -> None:
    """Ask about what reports and individual rows tell differently: tables own_cells, report_cells, fuller, units, and
    the view results where there are individual rows.
    """
    columns = ", ".join(COMPARED)
    own = connection.execute(f"select {_KEYS}, {columns}, marked, journal_known from own_cells").df()
    told = connection.execute(f"select {_KEYS}, {columns}, mark_source as mark_source_report from report_cells").df()
    found = differences(own, told)
    asked: list[Question] = []
    if found["detail"].ne("").any():
        asked = _questions(connection, settings, years, found)
    questions.ask(settings, "differences", years, asked)


def _questions(connection: Any, settings: Settings, years: Sequence[int], found: pd.DataFrame) -> list[Question]:
    units = connection.execute("select year, org_id, level, unit_id from units").df()
    territory = units[units["level"] == settings.scope].drop_duplicates(["year", "level", "unit_id"])
    units = pd.concat([units, territory.assign(org_id=NOBODY)], ignore_index=True)
    refused, forms = _quarantined(connection, settings, years), _forms(connection, settings)
    counted = [
        refused.groupby(OF_SCHOOL)["quarantined"].sum(),
        forms.groupby(OF_SCHOOL)["formed"].sum(),
    ]
    schools = pd.concat(counted, axis=1).fillna(0).reset_index()
    n = connection.execute(
        "select year, unit_id as org_id, subject, grade::bigint as grade, n from own_cells where level = 'school'"
    ).df()
    schools = schools.merge(n, on=OF_SCHOOL, how="left").fillna({"n": 0})
    found = found.join(causes(found, schools, units))
    found = found[found["detail"] != ""].merge(reports.places(connection), on=list(KEY))
    fuller = set(connection.execute(f"select {_KEYS} from fuller").fetchall())
    names = {entry.seq: entry.name for entry in ledger_of(settings).files("kind = 'vpr_result'")}
    of_units = [_of_units(refused, "quarantined", units), _of_units(forms, "formed", units)]
    asked = []
    for line in found.itertuples():
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
        asked.append(Question(int(line.year), int(line.seq), ISSUES[line.cause], details, int(line.row), school))
    return asked


def _of_units(rows: pd.DataFrame, count: str, units: pd.DataFrame) -> dict[tuple[Any, ...], dict[int, float]]:
    """Unit and work (KEY) → running number of a file → its rows there. rows: OF_SCHOOL, seq, count."""
    told: dict[tuple[Any, ...], dict[int, float]] = {}
    summed = rows.merge(units, on=["year", "org_id"]).groupby([*KEY, "seq"])[count].sum()
    for (*unit, seq), number in summed.items():
        told.setdefault(tuple(unit), {})[seq] = number
    return told


def _named(rows: dict[int, float], names: dict[int, str]) -> str:
    """`«а.csv» — 2, «б.csv» — 1 и ещё файлов: 3`. rows: running number of a file → its rows."""
    most = sorted(rows, key=lambda seq: (-rows[seq], seq))
    said = ", ".join(f"«{names[seq]}» — {rows[seq]:.0f}" for seq in most[:FEW])
    return said + (f" и ещё файлов: {len(most) - FEW}" if len(most) > FEW else "")


def _quarantined(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """OF_SCHOOL, seq, quarantined: rows of pupils in quarantine, of the files that still speak of their works."""
    now = connection.execute(
        "select distinct year, org_id, 'VPR' as procedure, subject, grade::bigint as grade, seq, rank from results"
    ).df()
    return insufficient.waiting(settings, years, "vpr_result", now, NOBODY)


def _forms(connection: Any, settings: Settings) -> pd.DataFrame:
    """OF_SCHOOL, seq, formed: participants whose rows hold and are of collection forms, by file."""
    forms = {name for name, layout in layouts().items() if layout.is_form}
    entries: Iterable[Any] = ledger_of(settings).files("kind = 'vpr_result'")
    files = [entry.seq for entry in entries if any(sheet["layout"] in forms for sheet in entry.sheets)]
    return connection.execute(
        f"select {', '.join(WORK)}, org_id, seq, count(*) filter (not absent and not partial) as formed from ("
        "select year, subject, grade::bigint as grade, org_id, seq, absent, partial from results "
        "where list_contains(?::bigint[], seq)) group by all",
        [files],
    ).df()
