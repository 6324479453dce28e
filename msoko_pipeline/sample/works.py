"""Which works were written in which year, their tasks and their scale.

Works of 2020–2024 take tasks and scales from `schemas/layouts/vpr` (the official ones of 2021 where the year has none
of its own). Of the works since the reform of 2025 only «Русский язык, 4» is public; the others have the real number
of tasks and invented maxima, levels and scales, the same whatever the seed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import numpy as np

from msoko_pipeline.sample import advanced
from msoko_pipeline.sample.menus import MENUS, REFORM_YEAR, TASK_COUNTS
from msoko_pipeline.sample.pupils import Bools
from msoko_pipeline.sample.skills import SKILLS
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import School
from schemas import FOLDER

TASKS_YEAR = 2021  # the year whose official codifier stands in for 2020 and 2022–2024


@dataclass(frozen=True)
class Task:
    code: str
    level: str  # Б, П, В or empty where unknown
    max_score: int
    skill: str

    @property
    def header(self) -> str:
        """`9.1 (1б)`: the head of the task's column in Ф1, forms and the export of 2022."""
        return f"{self.code} ({self.max_score}б)"


@dataclass(frozen=True)
class Work:
    """One work: `grade` is the programme's, `pupil_grade` the writers' (one more in an autumn sitting)."""

    year: int
    grade: int
    subject: str
    tasks: tuple[Task, ...]
    bounds: tuple[int, int, int]  # least primary score of marks 3, 4, 5
    pupil_grade: int

    @property
    def max_primary(self) -> int:
        return sum(task.max_score for task in self.tasks)

    @property
    def title(self) -> str:
        return subjects()[self.subject][0]

    @property
    def short(self) -> str:
        return f"{subjects()[self.subject][1]} {self.grade}"

    @property
    def procedure(self) -> str:
        return f"ВПР {self.year} {self.title} {self.grade} класс"

    @property
    def day(self) -> str:
        """Date of the sitting as reports print it, dd.mm.yyyy."""
        first = date(self.year, 4, 11 if self.year == 2025 else 20)
        offset = stream(0, "day", self.grade, self.subject).integers(0, 25)
        return f"{first + timedelta(days=0 if self.short == 'РУ 4' else int(offset)):%d.%m.%Y}"

    @property
    def key(self) -> tuple[str, int]:
        return self.subject, self.grade


KNOWN_MAXIMA = {("MA", 4): 18, ("LC", 4): 22}
RU4_CODES = ("1", "2", "3", "4", "5", "6", "7", "8", "9.1", "9.2", "10.1", "10.2", "11", "12.1", "12.2")
RU4_MAXIMA = (2, 1, 2, 3, 2, 1, 1, 2, 1, 2, 1, 2, 1, 2, 1)
RU4_LEVELS = "ББББББББППППБББ"
CODES_2022 = {
    "BI": "1(1) 1(2) 2(1) 2(2) 2(3) 3 4 5 6(1) 6(2) 7 8 9 10(1) 10(2) 11(1) 11(2) 12(1) 12(2) 12(3) 13 14",
    "EN": "1 2 3 4 5К1 5К2 6К1 6К2 6К3",
    "DE": "1 2 3 4 5К1 5К2 6К1 6К2 6К3",
    "GG": "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17К1 17К2",
    "IS": "1 2 3 4 5 6 7 8 9 10К1 10К2 11 12",
}  # senior works, as the export of 2022 heads their columns


@cache
def subjects() -> dict[str, tuple[str, str]]:
    """Code → title and short form: `MA` → («Математика», «МА»)."""
    return {row["code"]: (row["title"], row["short"]) for row in _rows("../subjects.csv")}


def works_of(year: int) -> list[Work]:
    """Every work that some school may write in `year`, by grade and subject; then the advanced ones."""
    base = [_work(year, grade, subject) for grade, menu in MENUS[year].items() for subject in menu.subjects()]
    levels = advanced.BASE if year >= REFORM_YEAR else ()
    return base + [_work(year, grade, subject) for grade in advanced.GRADES for subject in levels]


def writers(work: Work, schools: Sequence[School], seed: int) -> Bools:
    """Which schools write the work: those that have the grade and drew the subject (and have a group, where the work
    is an advanced one).
    """
    if work.subject in advanced.BASE:
        base = replace(work, subject=advanced.BASE[work.subject])
        return writers(base, schools, seed) & advanced.has_group(schools, work.year, work.grade)
    menu = MENUS[work.year][work.grade]
    takes = np.array([school.has_grade(work.pupil_grade) for school in schools], dtype=bool)
    if work.subject in menu.required.split():
        return takes
    drawn = np.zeros(len(schools), dtype=bool)
    for number, choice in enumerate(menu.choices):
        options = np.array(choice.split())
        pick = stream(seed, "choice", work.year, work.grade, number).integers(0, len(options), len(schools))
        drawn |= options[pick] == work.subject
    return takes & drawn


@cache
def _work(year: int, grade: int, subject: str) -> Work:
    tasks = _tasks(year, grade, subject)
    maximum = sum(task.max_score for task in tasks)
    autumn = year == 2020 or (year == 2022 and grade < 10)
    return Work(year, grade, subject, tasks, _bounds(year, grade, subject, maximum), grade + autumn)


def _tasks(year: int, grade: int, subject: str) -> tuple[Task, ...]:
    official = _official_tasks()
    if year >= REFORM_YEAR:
        return official.get((year, grade, subject)) or _invented(grade, subject)
    tasks = official[TASKS_YEAR, grade, subject]
    if year == 2022 and grade == 11 and subject in CODES_2022:
        codes = CODES_2022[subject].split()
        tasks = tuple(Task(c, t.level, t.max_score, t.skill) for c, t in zip(codes, tasks, strict=True))
    scale = _scales().get((year, grade, subject))
    return _fitted(tasks, scale[0]) if scale else tasks


def _fitted(tasks: Sequence[Task], maximum: int) -> tuple[Task, ...]:
    """The tasks with the dearest ones made cheaper, then the last ones left out, until they add up to `maximum`."""
    scores = [task.max_score for task in tasks]
    while sum(scores) > maximum and max(scores) > 1:
        scores[int(np.argmax(scores))] -= 1
    scores = scores[: len(scores) - max(sum(scores) - maximum, 0)]
    scores[-1] += maximum - sum(scores)
    return tuple(Task(t.code, t.level, s, t.skill) for t, s in zip(tasks[: len(scores)], scores, strict=True))


def _invented(grade: int, subject: str) -> tuple[Task, ...]:
    count = TASK_COUNTS[grade][subject]
    requirements = SKILLS[advanced.BASE.get(subject, subject)]
    skills = [requirements[i * len(requirements) // count] for i in range(count)]
    if (subject, grade) == ("RU", 4):
        return tuple(map(Task, RU4_CODES, RU4_LEVELS, RU4_MAXIMA, skills))
    rng = stream(0, "work", grade, subject)
    hard = max(1, round((0.5 if subject in advanced.BASE else 0.3) * count))
    levels = ["Б"] * (count - hard) + ["П"] * hard
    if subject in ("MA", "FI", "HI", "IS", *advanced.BASE) and grade > 4:
        levels[-1] = "В"
    dearest = 5 if subject == "EN" else 3
    maximum = KNOWN_MAXIMA.get((subject, grade), count * 4 if subject == "EN" else round(count * 1.5))
    scores = np.ones(count, dtype=int)
    while scores.sum() < maximum:
        weights = (scores < dearest) * np.where(np.array(levels) == "Б", 1.0, 2.5)
        scores[rng.choice(count, p=weights / weights.sum())] += 1
    codes = list(_codes(count, subject, grade, rng))
    return tuple(map(Task, codes, levels, scores.tolist(), skills))


def _codes(count: int, subject: str, grade: int, rng: np.random.Generator) -> Iterator[str]:
    """Task codes in the shapes that real headers have: `4`, `9.1` and `9.2`, `1К1`…"""
    done, number = 0, 1
    while done < count:
        if number == 1 and subject == "RU" and grade > 4:
            parts = [f"1К{k}" for k in (1, 2, 3)]
        elif count - done >= 2 and subject != "EN" and rng.random() < 0.25:
            parts = [f"{number}.1", f"{number}.2"]
        else:
            parts = [str(number)]
        yield from parts
        done, number = done + len(parts), number + 1


def _bounds(year: int, grade: int, subject: str, maximum: int) -> tuple[int, int, int]:
    for source in (year, 2026 if year >= REFORM_YEAR else TASKS_YEAR):
        scale = _scales().get((source, grade, subject))
        if scale and scale[0] == maximum:
            return scale[1:]
    third = max(1, round(0.38 * maximum))
    fourth = max(third + 1, round(0.62 * maximum))
    return third, fourth, max(fourth + 1, round(0.84 * maximum))


@cache
def _scales() -> dict[tuple[int, int, str], tuple[int, int, int, int]]:
    return {
        (int(r["year"]), int(r["grade"]), r["subject"]): (
            int(r["max_primary"]),
            int(r["min_3"]),
            int(r["min_4"]),
            int(r["min_5"]),
        )
        for r in _rows("scales.csv")
    }


@cache
def _official_tasks() -> dict[tuple[int, int, str], tuple[Task, ...]]:
    by_work: dict[tuple[int, int, str], tuple[Task, ...]] = {}
    for r in sorted(_rows("tasks.csv"), key=lambda r: int(r["position"])):
        key = int(r["year"]), int(r["grade"]), r["subject"]
        by_work[key] = (*by_work.get(key, ()), Task(r["task"], r["level"], int(r["max_score"]), r["skill"]))
    return by_work


def _rows(name: str) -> list[dict[str, str]]:
    text = (FOLDER / "layouts" / "vpr" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))
