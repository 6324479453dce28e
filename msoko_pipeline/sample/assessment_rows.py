"""Diagnostics of the made-up town and the calendar of its assessments: levels that add up, the region beside them.

A school's pupils are as able in a diagnostic as in their other works. Of the metasubject work one school sends nothing;
НИКО is sat by a sample of the schools.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from msoko_pipeline.sample.gia_files import EGE_CHOICE, OGE_CHOICE
from msoko_pipeline.sample.menus import MENUS
from msoko_pipeline.sample.pupils import parallel_sizes
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import School
from msoko_pipeline.sample.workbooks import Cell, Row
from msoko_pipeline.sample.works import works_of
from schemas import catalogue
from schemas.procedures import SPELLINGS

PUPIL_SPREAD = 0.9  # logits
CUTS = (-1.7, -0.8, 0.4, 1.3)  # logits: bounds of the levels, the lowest first
PRESENT = 0.94  # of the pupils who should sit
SAMPLED = 3  # every third school is in the federal sample
SILENT = 4  # place of the school that sends nothing of the metasubject work
REGION_PUPILS, COUNTRY_PUPILS = 5_400, 610_000
COUNTRY_ABOVE = 0.08  # logits: the country above the region
POINTS = np.arange(-3, 3.01, 0.05)  # logits at which a territory's pupils are counted


@dataclass(frozen=True)
class Diagnostic:
    """A work of every year. starts, ends: month and day; ease: logits."""

    procedure: str
    wave: str
    subject: str
    grade: int
    max_score: int
    starts: str
    ends: str
    ease: float
    is_sampled: bool = False


FUNCTIONAL, METASUBJECT = ("функциональная грамотность", "единственный"), ("метапредметная работа", "единственный")
WORKS = (
    Diagnostic(*FUNCTIONAL, "читательская грамотность", 8, 20, "02.10", "02.21", 0.2),
    Diagnostic(*FUNCTIONAL, "математическая грамотность", 8, 16, "02.10", "02.21", -0.3),
    Diagnostic(*FUNCTIONAL, "ЕНГ", 9, 18, "02.10", "02.21", -0.1),
    Diagnostic("РДР", "входной", "Математика", 6, 15, "09.18", "09.22", -0.2),
    Diagnostic("РДР", "итоговый", "Математика", 6, 15, "04.02", "04.06", 0.1),
    Diagnostic(*METASUBJECT, "метапредметные результаты", 7, 24, "03.12", "03.14", 0.3),
    Diagnostic("НИКО", "единственный", "История", 6, 22, "10.15", "10.20", 0.0, is_sampled=True),
)


def diagnostics(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row for each work and school that sat it."""
    for work in WORKS:
        sizes = parallel_sizes(town, seed, year, work.grade)
        for place, (school, size) in enumerate(zip(town, sizes.tolist(), strict=True)):
            is_silent = place == SILENT and (work.procedure, work.wave) == METASUBJECT
            if is_silent or (work.is_sampled and place % SAMPLED):
                continue
            rng = stream(seed, "diagnostic", *_key(work), school.login, year)
            participants = int(rng.binomial(size, PRESENT))
            if participants:
                able = rng.normal(school.truth.ability_in(year) + work.ease, PUPIL_SPREAD, participants)
                yield [*_work(work, year), school.login, size, *_results(work, able, np.ones(participants))]


def references(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """The region's row of each work, and the country's of НИКО."""
    for work in WORKS:
        for territory, pupils, above in (("регион", REGION_PUPILS, 0.0), ("Россия", COUNTRY_PUPILS, COUNTRY_ABOVE)):
            if territory == "регион" or work.is_sampled:
                weights = np.exp(-((POINTS / PUPIL_SPREAD) ** 2) / 2)
                results = _results(work, POINTS + above + work.ease, pupils * weights / weights.sum())
                yield [*_work(work, year), territory, *results]


def _key(work: Diagnostic) -> tuple[str, ...]:
    return work.procedure, work.wave, work.subject, str(work.grade)


def _work(work: Diagnostic, year: int) -> list[Cell]:
    return [year, work.procedure, work.wave, work.subject, work.grade]


def _results(work: Diagnostic, able: np.ndarray, weights: np.ndarray) -> list[Cell]:
    """Pupils, by level too, the mean score, the maximum. able: logits of the pupils; weights: how many are so able."""
    levels = np.bincount(np.searchsorted(CUTS, able), weights, minlength=len(CUTS) + 1).round().astype(int)
    mean = float(np.average(work.max_score / (1 + np.exp(-able)), weights=weights))
    return [int(levels.sum()), *levels.tolist(), round(mean, 2), work.max_score]


DAYS = {  # of a procedure: first and last day, day of the results
    "VPR": ("04.15", "05.17", "06.20"), "OGE": ("05.21", "06.30", "07.05"), "EGE": ("05.23", "06.24", "07.06"),
    "VSOSH-SHE": ("09.15", "10.27", "11.01"), "VSOSH-ME": ("11.08", "12.12", "12.20"),
}  # fmt: skip


def calendar(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """When the works, the exams, the olympiad and the diagnostics of a year are, and who is to sit them."""
    for grade, menu in MENUS[year].items():
        for subject in menu.subjects():
            by_lot = "" if subject in menu.required.split() else "по жребию"
            yield _line(year, "VPR", subject, grade, by_lot or "все", "да")
    for subject in ("RU", "MA"):
        yield _line(year, "OGE", subject, 9, "все", "да")
    yield _line(year, "EGE", "RU", 11, "все", "да")
    for procedure, grade, subjects in (
        ("OGE", 9, [subject for subject, _ in OGE_CHOICE]),
        ("EGE", 11, ["MA", "MB", *(subject for subject, _ in EGE_CHOICE)]),
    ):
        for subject in subjects:
            yield _line(year, procedure, subject, grade, "по выбору", "нет")
    for stage, first in (("VSOSH-SHE", 5), ("VSOSH-ME", 7)):
        for grade in range(first, 12):
            yield _line(year, stage, "ALL", grade, "по желанию", "нет")
    for work in WORKS:
        sits = "выборка" if work.is_sampled else "все"
        days = [_day(year, work.starts), _day(year, work.ends)]
        yield [year, work.procedure, work.subject, work.grade, *days, sits, "да", None, None]


def sample(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """The schools of the federal sample."""
    for work in WORKS:
        if work.is_sampled:
            sizes = parallel_sizes(town, seed, year, work.grade).tolist()
            for school, size in [*zip(town, sizes, strict=True)][::SAMPLED]:
                yield [year, work.procedure, work.subject, work.grade, school.login, size]


PLANNED = (("MA", 5), ("RU", 6))
"""Works of which the town has a plan of the year."""


def plans(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """The tasks of some works of ВПР, as their descriptions tell."""
    for work in works_of(year):
        if work.key in PLANNED:
            for task in work.tasks:
                of_task = (task.code, None, task.max_score, task.level or None, None, None, task.skill or None)
                yield [year, "ВПР", work.title, work.grade, *of_task]


def _line(year: int, procedure: str, subject: str, grade: int, sits: str, duty: str) -> Row:
    title = {**catalogue.subjects(), "ALL": "все предметы"}[subject]
    starts, ends, results = (_day(year, day) for day in DAYS[procedure])
    return [year, SPELLINGS[procedure][0], title, grade, starts, ends, sits, duty, None, results]


def _day(year: int, day: str) -> str:
    """`09.15` of the school year that ends in the year → `15.09.2025`."""
    month, number = day.split(".")
    return f"{number}.{month}.{year - (month >= '09')}"


OWN_ROWS = {
    "diagnostic": diagnostics,
    "diagnostic_reference": references,
    "procedure": calendar,
    "procedure_sample": sample,
    "task_plan": plans,
}
"""Register → its rows of a town, year and seed."""
