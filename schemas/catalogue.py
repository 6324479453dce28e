"""Reads the data beside the models: layouts, subjects, scales, tasks, code lists, the issue catalogue, indicators.

Everything is loaded once and cached; nothing here interprets a file.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Literal

import yaml

from schemas import FOLDER

LAYOUTS = FOLDER / "layouts"
LATEST = 9999
"""A year in which everything holds that holds at the end of what is declared."""


def _yaml(path: str) -> Any:
    return yaml.load((LAYOUTS / path).read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def rows(path: str) -> list[dict[str, str]]:
    """Rows of a CSV beside the models, e.g. ``rows("vpr/scales.csv")``."""
    with (LAYOUTS / path).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def declared_layouts() -> dict[str, dict[str, Any]]:
    """Layout name → what YAML declares of it, all kinds of files together; see `schemas.layout`."""
    layouts: dict[str, dict[str, Any]] = {}
    for path in sorted(LAYOUTS.glob("*/layouts.yaml")):
        layouts |= _yaml(str(path.relative_to(LAYOUTS)))
    return layouts


def sources() -> list[tuple[str, str, str]]:
    """Every `source` of the data beside the models: file, place in it, the words (a row of a CSV has no place)."""
    listed: list[tuple[str, str, str]] = []
    for path in sorted(LAYOUTS.rglob("*.yaml")):
        name = str(path.relative_to(LAYOUTS))
        listed += [(name, place, words) for place, words in _sources_in(_yaml(name), ())]
    for path in sorted(LAYOUTS.rglob("*.csv")):
        name = str(path.relative_to(LAYOUTS))
        listed += [(name, "", words) for words in sorted({row.get("source") or "" for row in rows(name)} - {""})]
    return listed


def _sources_in(value: Any, place: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if isinstance(value.get("source"), str):
            yield ".".join(place), value["source"]
        for name, inner in value.items():
            yield from _sources_in(inner, (*place, str(name)))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _sources_in(inner, (*place, str(number)))


@cache
def codes() -> dict[str, Any]:
    """Code lists of ВПР files: known spellings and known junk."""
    return _yaml("vpr/codes.yaml")


@cache
def corrections() -> dict[str, Any]:
    """When a later file is an earlier one corrected, and when it is another: corrections.yaml."""
    return _yaml("corrections.yaml")


@cache
def contingent() -> dict[str, Any]:
    """Whence the number of a school's pupils is, in what order: contingent.yaml."""
    return _yaml("contingent.yaml")


@cache
def copies() -> dict[str, Any]:
    """When the rows of two reports are too alike to be both true: copies.yaml."""
    return _yaml("copies.yaml")


@cache
def limits() -> dict[str, int]:
    """What one file and one inbox may ask of the machine: name → number; limits.yaml says of what."""
    return {name: limit["value"] for name, limit in limits_told().items()}


@cache
def limits_told() -> dict[str, dict[str, Any]]:
    """Limit → value, unit, title, beyond, source, verified."""
    return _yaml("limits.yaml")


@cache
def counts() -> dict[str, Any]:
    """How a file says how many participants it lists: counts.yaml."""
    return _yaml("counts.yaml")


@cache
def procedures() -> dict[str, Any]:
    """How procedures, their directions and waves, and territories are spelled: procedures.yaml."""
    return _yaml("procedures.yaml")


@cache
def roadmap_items() -> dict[str, dict[str, str]]:
    """Item of the roadmap, in its order → kind, title, inputs and marts (names of `roadmap_contracts`), due;
    roadmap/items.csv.
    """
    return {row["item"]: row for row in rows("roadmap/items.csv")}


@cache
def roadmap_contracts() -> dict[str, dict[str, dict[str, Any]]]:
    """inputs: name → title, kinds of facts; marts: name → title, tables: roadmap/contracts.yaml."""
    return _yaml("roadmap/contracts.yaml")


@cache
def asked_indicators() -> dict[str, dict[str, Any]]:
    """System of municipal mechanisms → title, indicators that its assessment asks for: roadmap/asked.yaml."""
    return _yaml("roadmap/asked.yaml")


@cache
def cycle() -> dict[str, Any]:
    """How the registers of the management cycle spell what is listed: roadmap/cycle.yaml."""
    return _yaml("roadmap/cycle.yaml")


@cache
def issue_types() -> dict[str, dict[str, str]]:
    """Issue type → severity, responsibility, dimension, says, mend."""
    return _yaml("issues.yaml")


@cache
def subjects() -> dict[str, str]:
    """Subject code → Russian title."""
    return {row["code"]: row["title"] for row in rows("subjects.csv")}


@cache
def subjects_of(procedure: str) -> dict[str, dict[str, str]]:
    """Code → row of subjects.csv, of the subjects that a procedure (vpr, gia, vsosh) has."""
    return {row["code"]: row for row in rows("subjects.csv") if procedure in row["procedures"].split("|")}


@cache
def subject_spellings(procedure: str) -> dict[str, str]:
    """Lower-case spelling of a subject of a procedure (code, title, short name, others) → its code."""
    by_spelling: dict[str, str] = {}
    for code, row in subjects_of(procedure).items():
        for spelling in (code, row["title"], row["short"], *row["spellings"].split("|")):
            if spelling:
                by_spelling.setdefault(spelling.lower().replace("ё", "е"), code)
    return by_spelling


@cache
def subject_levels(procedure: str) -> dict[tuple[str, str], str]:
    """Subject and level (base, advanced, profile) → the code of the work at that level, where it has one of its own."""
    return {(row["of"], row["level"]): code for code, row in subjects_of(procedure).items() if row["of"]}


@cache
def advanced_works() -> dict[str, str]:
    """Code of an advanced work of ВПР → that of the base one."""
    return {other: base for (base, level), other in subject_levels("vpr").items() if level == "advanced"}


@cache
def public() -> dict[str, Any]:
    """What the public layer shows and hides: public.yaml."""
    return _yaml("public.yaml")


@cache
def obligatory() -> list[dict[str, Any]]:
    """Works of ВПР that every school sits: from, to (years), subjects, grades; vpr/obligatory.yaml."""
    return _yaml("vpr/obligatory.yaml")


@cache
def titles(name: str) -> dict[str, str]:
    """Code → Russian title of a list of titles.yaml: procedure, level, category, …"""
    by_name: dict[str, dict[str, str]] = _yaml("titles.yaml")
    return by_name[name]


@cache
def work_words() -> dict[str, Any]:
    """How people name a work: words of subjects, levels and grades: works.yaml."""
    return _yaml("works.yaml")


def scale(year: int, grade: int, subject: str) -> dict[str, Any] | None:
    """The scale primary score → mark of a work: max_primary, min_3, min_4, min_5 (балл), verified, source."""
    return _scales().get((year, grade, subject))


@cache
def _scales() -> dict[tuple[int, int, str], dict[str, Any]]:
    numbers = ("max_primary", "min_3", "min_4", "min_5")
    return {
        (int(row["year"]), int(row["grade"]), row["subject"]): {
            **{name: int(row[name]) for name in numbers},
            "verified": row["verified"] == "true",
            "source": row["source"],
        }
        for row in rows("vpr/scales.csv")
    }


def tasks(year: int, grade: int, subject: str) -> tuple[list[dict[str, Any]], Literal["same", "other", "none"]]:
    """Tasks of a work by the codifier, and whether they are of that very year.

    Each: task, position, level (Б/П/В or ""), max_score (балл), skill, verified. A year without a codifier of its own
    gets the nearest known one as a reference (``"other"``): not for refusing anything, and good for the names of tasks
    only where the work is the same (`codified`).
    """
    by_work = _tasks()
    if listed := by_work.get((year, grade, subject)):
        return listed, "same"
    near = sorted((y for y, g, s in by_work if (g, s) == (grade, subject)), key=lambda y: abs(y - year))
    return (by_work[near[0], grade, subject], "other") if near else ([], "none")


def codified(year: int, grade: int, subject: str, maxima: Mapping[str, int | None]) -> dict[str, dict[str, Any]]:
    """Tasks that the codifier may name, by code: of that very year, or of another one where the work has as many
    tasks and every maximum is known and the same.

    maxima: task → its maximum as the files of the year print it, балл; None where they do not.
    """
    candidates, of_year = tasks(year, grade, subject)
    listed = {str(task["task"]): task for task in candidates}
    is_same = of_year == "same" and len(listed) == len(maxima)
    return listed if is_same or {code: task["max_score"] for code, task in listed.items()} == dict(maxima) else {}


@cache
def _tasks() -> dict[tuple[int, int, str], list[dict[str, Any]]]:
    by_work: dict[tuple[int, int, str], list[dict[str, Any]]] = {}
    for row in rows("vpr/tasks.csv"):
        by_work.setdefault((int(row["year"]), int(row["grade"]), row["subject"]), []).append(
            {
                "task": row["task"],
                "position": int(row["position"]),
                "level": row["level"],
                "max_score": int(row["max_score"]),
                "skill": row["skill"],
                "verified": row["verified"] == "true",
            }
        )
    return by_work


def plans(grade: int, subject: str) -> dict[int, tuple[int, ...]]:
    """Year → the maxima of the tasks of a work, in order, балл; of the years that are known."""
    return {year: plan for (year, g, s), plan in _plans().items() if (g, s) == (grade, subject)}


def works_of_plan(plan: tuple[int, ...]) -> list[tuple[int, int, str]]:
    """Year, grade, subject of the works that are known to have these maxima of tasks."""
    return [work for work, maxima in _plans().items() if maxima == plan]


def totals(grade: int, subject: str) -> dict[int, int]:
    """Year → the maximum of a work, балл; of the years that are known."""
    scales = {year: scale["max_primary"] for (year, g, s), scale in _scales().items() if (g, s) == (grade, subject)}
    return scales | {year: sum(plan) for year, plan in plans(grade, subject).items()}


@cache
def _plans() -> dict[tuple[int, int, str], tuple[int, ...]]:
    return {work: tuple(task["max_score"] for task in listed) for work, listed in _tasks().items()}


@cache
def outcomes() -> dict[str, dict[str, Any]]:
    """Why somebody has no result: code → title, patterns of its spellings; outcomes.yaml."""
    return {code: outcome for code, outcome in _yaml("outcomes.yaml").items() if isinstance(outcome, dict)}


@cache
def asides() -> dict[str, dict[str, Any]]:
    """Lines that are no data: kind → title, patterns of the words that begin them; asides.yaml."""
    return {kind: aside for kind, aside in _yaml("asides.yaml").items() if isinstance(aside, dict)}


def remark_headers() -> list[str]:
    """Patterns of the headers of columns in which a sender writes for himself; asides.yaml."""
    patterns: list[str] = _yaml("asides.yaml")["remark_headers"]
    return patterns


@cache
def matching() -> dict[str, Any]:
    """How names of schools are compared: organisation/matching.yaml."""
    return _yaml("organisation/matching.yaml")


@cache
def logins() -> dict[str, Any]:
    """Kinds of organisations by the letters of their logins, and how logins are written: organisation/logins.yaml."""
    return _yaml("organisation/logins.yaml")


@cache
def privacy() -> dict[str, Any]:
    """Who is named in a text: lists of names, endings, patterns of documents and contacts: privacy/people.yaml."""
    return _yaml("privacy/people.yaml")


@cache
def exam_rules() -> dict[str, Any]:
    """How protocols of the state exams tell the exam, who sits it, bands of scores: gia/exams.yaml."""
    return _yaml("gia/exams.yaml")


@cache
def value_added(year: int) -> dict[str, Any]:
    """How value added is judged in a year: gia/value_added.yaml."""
    return _in_force(_yaml("gia/value_added.yaml"), year)


@cache
def olympiad_rules() -> dict[str, Any]:
    """How stages, school years and statuses of ВсОШ are written, its numbers and signs: olympiads/rules.yaml."""
    return _yaml("olympiads/rules.yaml")


@cache
def mark_scale(procedure: str, year: int, subject: str, region: str = "", variant: str = "") -> dict[str, Any] | None:
    """The scale primary score → mark of an exam in force in a year and region; None where none is known.

    max_primary, min_3, min_4, min_5, profile (балл, None where unknown), condition (in words, beside the sum; ""),
    verified (of that very year), source. A region's own scale goes before the recommended one.
    """
    scales = [
        row
        for row in rows("gia/mark_scales.csv")
        if (row["procedure"], row["subject"], row["variant"]) == (procedure, subject, variant)
        and row["region"] in ("", region)
        and int(row["year"]) <= year
    ]
    if not scales:
        return None
    row = max(scales, key=lambda row: (int(row["year"]), row["region"]))
    numbers = ("max_primary", "min_3", "min_4", "min_5", "profile")
    return {
        **{name: int(row[name]) if row[name] else None for name in numbers},
        "condition": row["condition"],
        "verified": row["verified"] == "true" and int(row["year"]) == year,
        "source": row["source"],
    }


@cache
def exam_minimum(year: int, subject: str, scale: str = "certificate") -> dict[str, Any] | None:
    """Minimum of an ЕГЭ: min_test (балл) or min_mark. None before the first known.

    scale: certificate, or that of entrants, no pass mark of the exam: university (those under Минобрнауки),
    university_education (those under Минпросвещения).
    """
    minima = [
        row
        for row in rows("gia/ege_minima.csv")
        if (row["scale"], row["subject"]) == (scale, subject) and int(row["year"]) <= year
    ]
    if not minima:
        return None
    row = max(minima, key=lambda row: int(row["year"]))
    numbers = {name: int(row[name]) if row[name] else None for name in ("min_test", "min_mark")}
    return {**numbers, "verified": row["verified"] == "true", "source": row["source"]}


@cache
def exam_maximum(procedure: str, year: int, subject: str, region: str = "") -> tuple[int, bool] | None:
    """Greatest primary score of an exam, балл, and whether a document proves it; None where it is not known."""
    for row in rows("gia/maxima.csv"):
        if (row["procedure"], row["year"], row["subject"]) == (procedure, str(year), subject):
            return int(row["max_primary"]), row["verified"] == "true"
    scale = mark_scale(procedure, year, subject, region)
    return (scale["max_primary"], scale["verified"]) if scale else None


def same_exam(procedure: str, subject: str, earlier: int, later: int, *, by_task: bool = False) -> bool | None:
    """Whether the points of an exam of two years compare: the same content and the same maximum; None where nothing
    tells. by_task: whether its tasks do, by their numbers and maxima.
    """
    steps = [_same_exam(procedure, subject, year, by_task) for year in range(earlier + 1, later + 1)]
    return False if False in steps else None if None in steps else True


@cache
def exam_changes() -> dict[tuple[str, int, str], dict[str, str]]:
    """Procedure, year and subject → what the specification says of the change against the year before: changes.csv."""
    return {(row["procedure"], int(row["year"]), row["subject"]): row for row in rows("gia/changes.csv")}


@cache
def _same_exam(procedure: str, subject: str, year: int, by_task: bool) -> bool | None:
    """Whether an exam is that of the year before: changes.csv; a year it does not tell has another exam where its
    maximum is another.
    """
    row = exam_changes().get((procedure, year, subject))
    if row and row["max_before"]:
        same = row["max_before"] == row["max_primary"]
        return same and not (by_task and bool(row["renumbered"] or row["other_maxima"]))
    tops = [exam_maximum(procedure, of, subject) for of in (year - 1, year)]
    return False if None not in tops and tops[0][0] != tops[1][0] else None  # type: ignore[index]  # neither is None


@cache
def test_scores(year: int, subject: str) -> dict[int, int]:
    """Primary → test score of an ЕГЭ, балл; empty where the year's scale is not known."""
    if year not in exam_rules()["test_scores"]["years"]:
        return {}
    return {int(row["primary"]): int(row["test"]) for row in rows("gia/ege_scales.csv") if row["subject"] == subject}


@cache
def thresholds(year: int) -> dict[str, Any]:
    """Thresholds in force in a year: those of the latest year listed that is not after it."""
    return _in_force(_thresholds(), year)


@cache
def _thresholds() -> dict[int, dict[str, Any]]:
    return _yaml("vpr/thresholds.yaml")


def alike(years: Iterable[int], of: Callable[[int], Any]) -> list[list[int]]:
    """The years in ascending order, neighbours together that have the same in force. of: `thresholds` or `signs`."""
    together: list[list[int]] = []
    for year in sorted(years):
        if together and of(together[-1][0]) == of(year):
            together[-1].append(year)
        else:
            together.append([year])
    return together


@cache
def indicators() -> dict[str, dict[str, Any]]:
    """Indicator → procedure, section, item, title, unit, kind, its counts, formula, source, direction, verified."""
    return _yaml("indicators.yaml")


def school_year(year: int, *, of_vpr: bool = False) -> str:
    """School year that ends in the reporting year, `2020/21` for 2021; the ВПР cycle of autumn 2020 has its own."""
    moved = _calendar().get(year) if of_vpr else None
    return moved["school_year"] if moved else f"{year - 1}/{year % 100:02d}"


@cache
def school_year_days() -> dict[str, Any]:
    """First and last day of a school year, `from` and `to`, as month-day: school_year.yaml."""
    return _yaml("school_year.yaml")


@cache
def _calendar() -> dict[int, dict[str, Any]]:
    return _yaml("vpr/calendar.yaml")


@cache
def calendar(name: str) -> dict[Any, Any]:
    """The assessment year: cycles, windows, every_year, works; see `schemas.assessment_year`."""
    return _yaml(f"calendar/{name}.yaml")


@cache
def declared_forms() -> dict[str, dict[str, Any]]:
    """Forms that YAML declares: form → file, sheet, about, columns (name, hint, list, example); see `schemas.form`."""
    return _yaml("forms.yaml")


@cache
def signs(year: int) -> dict[str, Any]:
    """Signs of non-objectivity in force in a year: `status` and `signs`, as in risk/signs.yaml."""
    return _in_force(_yaml("risk/signs.yaml"), year)


@cache
def risk_variants() -> dict[str, Any]:
    """Variant of the risk rules → its title, what it is like, its rules by year."""
    return _yaml("risk/rules.yaml")


@cache
def risk_rules(variant: str, year: int) -> dict[str, Any]:
    """Rules of the risk categories in force in a year. Raises KeyError for an unknown variant."""
    declared = risk_variants()[variant]
    base = risk_rules(declared["like"], year) if "like" in declared else {}
    return {**base, **_in_force({key: rules for key, rules in declared.items() if isinstance(key, int)}, year)}


@cache
def risk_sensitivity() -> dict[str, Any]:
    """Other rules that the list of ШНОР is tried under: `variants` (name → title, like, rules), `source`."""
    return _yaml("risk/sensitivity.yaml")


def _in_force(by_year: dict[int, dict[str, Any]], year: int) -> dict[str, Any]:
    return by_year[max(start for start in by_year if start <= year)]


@cache
def forecast(year: int) -> dict[str, Any]:
    """Limits and priors of the forecast of ШНОР in force in a year, as in risk/forecast.yaml."""
    return _in_force(_yaml("risk/forecast.yaml"), year)


@cache
def social() -> dict[str, Any]:
    """Social conditions: `isbsh` (parameters), `bands` (list → values: wording → %), `indicators`."""
    return _yaml("risk/social.yaml")


@cache
def questions_asked(year: int) -> frozenset[str]:
    """Questions of a year's context form that something is made of: regular expressions on the normalised wording."""
    lines = [
        line for indicator in social()["indicators"].values() for line in indicator.get("context", {}).get(year, ())
    ]
    return frozenset(line[side] for line in lines for side in ("part", "whole") if side in line)


@cache
def risk_factors() -> dict[int, str]:
    """Factors of a school's risk profile («500+»): number → title."""
    named = [row for row in rows("risk/codes.csv") if row["list"] == "factor" and not row["spelling"].isdigit()]
    return {int(row["value"]): row["spelling"] for row in reversed(named)}  # the first spelling is the title


@cache
def preschool() -> dict[str, Any]:
    """Monitoring of preschools: areas, levels, gates, questions: preschool/areas.yaml."""
    return _yaml("preschool/areas.yaml")


@cache
def nok() -> dict[str, Any]:
    """НОК: blocks of the checklist, questions, criteria and their parts, bands, how often: nok/rules.yaml."""
    return _yaml("nok/rules.yaml")


@cache
def talent() -> dict[str, Any]:
    """Contests, the bank of gifted pupils, shifts: levels, results, criteria, consent: talent/rules.yaml."""
    return _yaml("talent/rules.yaml")


@cache
def teachers() -> dict[str, Any]:
    """Staff, deficits, courses, groups and events of teachers: lists, bounds, what counts: teachers/rules.yaml."""
    return _yaml("teachers/rules.yaml")


@cache
def upbringing() -> dict[str, Any]:
    """Modules and levels of the self-analysis of upbringing: upbringing.yaml."""
    return _yaml("upbringing.yaml")


@cache
def profiles() -> dict[str, Any]:
    """Profiles of the senior classes and the exams that are of them: profiles.yaml."""
    return _yaml("profiles.yaml")


@cache
def heads() -> dict[str, Any]:
    """How the work of heads is judged: criteria, levels, least counts: heads/rules.yaml."""
    return _yaml("heads/rules.yaml")


GRADES = {"OGE": 9, "EGE": 11}


@cache
def procedure(code: str) -> tuple[str, str, int]:
    """Procedure, subject and grade of a code: `VPR-RU-5` → VPR, RU, 5; `OGE-MA` → OGE, MA, 9."""
    name, subject, *grade = code.split("-")
    return name, subject, int(grade[0]) if grade else GRADES[name]
