"""A made-up region as big as a real one: 92 workbooks, 1.3 million rows, in the regional exports of 2020–2022.

Pupils answer by the sample's own model. The files are named and filled in as people do it (`file_names`,
`region_spellings`), some works come in two files, and every planted fault is known (`region_dirt`). There is neither
a register nor a manifest beside them, as there is none where such a folder is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from msoko_pipeline.sample.draft import Draft
from msoko_pipeline.sample.exports import export
from msoko_pipeline.sample.file_names import file_names, part_name, title_line
from msoko_pipeline.sample.population import writing_share
from msoko_pipeline.sample.pupils import Bools, Floats, Ints, parallel
from msoko_pipeline.sample.region_dirt import Plant, soil
from msoko_pipeline.sample.region_spellings import respell
from msoko_pipeline.sample.sheet_xml import Table, write_workbook
from msoko_pipeline.sample.sitting import Sitting, sit
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import TOWN, Municipality, School, make_schools
from msoko_pipeline.sample.works import Work, works_of, writers

YEARS = (2020, 2021, 2022)
MUNICIPALITIES, SCHOOLS_IN_EACH = 30, 21
SENIOR_SHARE = 0.3  # what a grade above the ninth has of a usual parallel
WORKBOOKS, ROWS = 92, 1_300_000
SPLIT_EVERY = 7  # one work in so many comes in two files
LARGEST_SHARE = 1 / 16  # of the schools send a file of their own
LEAST_PUPILS = 8  # of a school in a work on the average: a small region has fewer schools
LARGEST = 200  # against the usual school's 20: a parallel of more than ten classes is not seen
TITLED_EVERY = 9  # one file in so many has a title above its header


@dataclass
class Region:
    """What was written. files: in the order of writing; works: file inside the folder → its work; rows: participants'
    rows of all files, planted ones included; plants: every planted fault.
    """

    directory: Path
    files: list[Path] = field(default_factory=list)
    works: dict[str, Work] = field(default_factory=dict)
    rows: int = 0
    plants: list[Plant] = field(default_factory=list)


def write_region(directory: Path, *, workbooks: int = WORKBOOKS, rows: int = ROWS, seed: int = 1) -> Region:
    """Writes `workbooks` exports with about `rows` rows together.

    workbooks: 1…92; fewer are taken evenly from the calendar of three years, so that every layout stays, and each then
    holds more rows. Raises ValueError for another number. The same seed gives the same bytes.
    """
    if not 1 <= workbooks <= WORKBOOKS:
        raise ValueError(f"workbooks must be 1…{WORKBOOKS}, not {workbooks}")
    in_each = round(rows / workbooks / MUNICIPALITIES / LEAST_PUPILS)
    region, schools = Region(directory), region_schools(seed, min(SCHOOLS_IN_EACH, max(1, in_each)))
    for number, (name, sitting) in enumerate(_parts(schools, workbooks, rows, seed)):
        path = directory / f"{name}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _write(path, sitting, schools, number, region.rows, seed)
        region.files.append(path)
        region.works[f"{name}.xlsx"] = sitting.work
        region.plants += [Plant(f"{name}.xlsx", *place) for place in draft]
        region.rows += len(sitting) + sum(fault == "duplicate" for *_, fault in draft)
    return region


def _write(
    path: Path, sitting: Sitting, schools: Sequence[School], number: int, rows_before: int, seed: int
) -> list[tuple[str, int, str]]:
    """Writes one file; returns its faults: sheet, row from 1, fault."""
    sheets = {name: Table(columns) for name, columns in export(sitting, schools).items()}
    sheet = list(sheets)[-1]  # the sheet of participants is the last one in every layout
    draft = Draft(sheets[sheet].columns, sitting, stream(seed, "region dirt", path.name))
    respell(draft, schools)
    soil(draft, number, rows_before)
    above = [title_line(sitting.work), ""] if number % TITLED_EVERY == TITLED_EVERY - 1 else []
    sheets[sheet] = Table(draft.columns, above)
    write_workbook(path, sheets)
    return [(sheet, row + sheets[sheet].header_row + 1, fault) for row, fault in draft.soiled]


def _parts(schools: Sequence[School], workbooks: int, rows: int, seed: int) -> Iterator[tuple[str, Sitting]]:
    """A name and a sitting per file: whole works, and the two halves of every SPLIT_EVERY-th."""
    halved = workbooks // (SPLIT_EVERY + 1)
    every = [work for year in YEARS for work in works_of(year)]
    count = workbooks - halved
    works = [every[i] for i in np.linspace(0, len(every) - 1, count).round().astype(int)]
    weights = np.array([_weight(work) for work in works])
    split = set(np.linspace(0, count - 1, halved + 2).round().astype(int)[1:-1].tolist())
    sizes = rows * weights / weights.sum()
    for number, (work, name, size) in enumerate(zip(works, file_names(works), sizes, strict=True)):
        sitting = region_sitting(work, schools, size, seed)
        if number not in split:
            yield name, sitting
            continue
        how = list(SPLITS)[sorted(split).index(number) % len(SPLITS)]
        is_first = SPLITS[how](sitting, schools)
        yield part_name(name, how, 0), sitting.where(is_first)
        yield part_name(name, how, 1), sitting.where(~is_first)


def _of_towns(sitting: Sitting, schools: Sequence[School]) -> Bools:
    """The first half of the municipalities."""
    codes = sorted({school.municipality.code for school in schools})
    first = set(codes[: len(codes) // 2])
    return np.array([school.municipality.code in first for school in schools])[sitting.school]


def _of_first_classes(sitting: Sitting, _: Sequence[School]) -> Bools:
    """Classes А and Б: the same schools stand in both files."""
    return sitting.class_no <= 2


def _of_largest(sitting: Sitting, schools: Sequence[School]) -> Bools:
    sizes = np.bincount(sitting.school, minlength=len(schools))
    is_large = np.zeros(len(schools), dtype=bool)
    is_large[np.argsort(-sizes, kind="stable")[: max(1, round(len(schools) * LARGEST_SHARE))]] = True
    return is_large[sitting.school]


SPLITS = {"municipality": _of_towns, "class": _of_first_classes, "school": _of_largest}


def region_schools(seed: int, in_each: int = SCHOOLS_IN_EACH) -> list[School]:
    """`in_each` schools in each of 30 municipalities, `reg19_m001`…; the sample's town is among them by name."""
    towns = [Municipality(f"reg19_m{n:03d}", f"{n}-й муниципальный район") for n in range(1, MUNICIPALITIES + 1)]
    towns = [TOWN if town.code == TOWN.code else town for town in towns]
    return list(chain.from_iterable(make_schools(seed, in_each, t, 1 + i * in_each) for i, t in enumerate(towns)))


def region_sitting(work: Work, schools: Sequence[School], size: float, seed: int) -> Sitting:
    """The work as written by about `size` pupils of the region."""
    drawn: Floats = np.minimum(stream(seed, "usual").lognormal(3, 0.8, len(schools)), LARGEST)
    usual = drawn * writers(work, schools, seed)
    sizes: Ints = np.where(usual > 0, np.maximum(1, np.round(usual * size / usual.sum())), 0).astype(np.int64)
    return sit(work, parallel(schools, sizes, seed, work.year, work.pupil_grade), seed, "region")


def _weight(work: Work) -> float:
    """How many rows the work has against a work that everybody writes."""
    return SENIOR_SHARE if work.grade >= 10 else writing_share(work)
