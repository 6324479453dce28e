"""What the region tells of its own exams and of the country's: the same exams, sat by simulated pupils.

ГИА/2026/Экзамены, регион и страна 2026.xlsx

The region holds the town: its row is the town's pupils and REGION_PUPILS more. In the country each simulated pupil
stands for COUNTRY_WEIGHT; of it the table tells per cent, of the region people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from msoko_pipeline.sample.gia_files import FOLDER, NAMES, chosen, exam_work, sat, sit_exam
from msoko_pipeline.sample.population import (
    COUNTRY_SAMPLE,
    COUNTRY_WEIGHT,
    REGION_PUPILS,
    REGION_SCHOOLS,
    SENIOR_SHARE,
)
from msoko_pipeline.sample.pupils import PUPIL_SPREAD, Ints, Parallel
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import SCHOOL_SPREAD, School
from msoko_pipeline.sample.workbooks import Cell, Row, Sheet, xlsx
from schemas import catalogue
from schemas.gia import MARKS, PARTS
from schemas.kinds import REGISTERS

PEOPLE = {"region": (REGION_PUPILS, 1), "country": (COUNTRY_SAMPLE, COUNTRY_WEIGHT)}
TITLES = {"region": "регион", "country": "Россия"}


def exam_references(town: Sequence[School], year: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """The year's file: path inside the inbox and bytes."""
    form = REGISTERS["exam_reference"]
    rows: list[Row] = [form.form.header]
    for grade in (9, 11):
        of_town = {exam.work.subject: (exam.total, exam.result) for exam in sat(list(town), year, grade, seed)}
        for place in PEOPLE:
            others = _others(year, grade, place, seed)
            for subject in others:
                parts = [others[subject], *([of_town[subject]] if place == "region" and subject in of_town else [])]
                totals, results = (np.concatenate(each) for each in zip(*parts, strict=True))
                cells = _cells(year, grade, subject, place, totals, results)
                rows.append([cells.get(name) for name in form.columns])
    yield f"{FOLDER}/{year}/{form.file.removesuffix('.xlsx')} {year}.xlsx", xlsx(Sheet(form.sheet, rows))


def _others(year: int, grade: int, place: str, seed: int) -> dict[str, tuple[Ints, Ints]]:
    """Subject → primary scores and results of the simulated pupils of a place."""
    rng = stream(seed, "exams", place, year, grade)
    count = round(PEOPLE[place][0] * (SENIOR_SHARE if grade == 11 else 1))
    school = rng.integers(0, REGION_SCHOOLS, count)
    ability = rng.normal(0, SCHOOL_SPREAD, REGION_SCHOOLS)[school] + rng.normal(0, PUPIL_SPREAD, count)
    none, one = np.zeros(count), np.ones(count, dtype=np.int64)
    people = Parallel(
        year, grade, school, np.arange(count) + 1, one, none > 0, ability, severity=none, inflation=none, heaping=none
    )  # fmt: skip
    exams = {}
    for subject, mask in chosen(people, grade, rng).items():
        pupils = people.where(mask)
        exam = sit_exam(exam_work(year, grade, subject), pupils, [], pupils.ability, seed, place)
        exams[subject] = exam.total, exam.result
    return exams


def _cells(year: int, grade: int, subject: str, place: str, totals: Ints, results: Ints) -> dict[str, Cell]:
    """The cells of a row by column."""
    sat_by, weight = len(totals), PEOPLE[place][1]
    procedure = "ОГЭ" if grade == 9 else "ЕГЭ"
    title = NAMES.get(subject, "") if grade == 11 else ""
    cells: dict[str, Cell] = {
        "year": year, "procedure": procedure, "subject": title or catalogue.subjects()[subject],
        "territory": TITLES[place], "participants": sat_by * weight,
        "mean_primary": round(float(totals.mean()), 2), "sd_primary": round(float(totals.std(ddof=1)), 2),
    }  # fmt: skip
    if grade == 9 or subject == "MB":
        counts = {name: int((results == mark).sum()) for mark, name in enumerate(MARKS, 2)}
        cells["mean_mark"] = round(float(results.mean()), 2)
    else:
        bands: dict[str, list[int]] = catalogue.exam_rules()["shares"]
        counts = {name: int(((results >= low) & (results <= high)).sum()) for name, (low, high) in bands.items()}
        minimum = catalogue.exam_minimum(year, subject)
        if minimum is not None:
            counts["below_minimum"] = int((results < minimum["min_test"]).sum())
        cells["mean_test"], cells["sd_test"] = round(float(results.mean()), 2), round(float(results.std(ddof=1)), 2)
    for name in PARTS:
        if name in counts and place == "region":
            cells[name] = counts[name]
        elif name in counts:
            cells[f"{name}_pct"] = round(counts[name] / sat_by * 100, 2)
    return cells
