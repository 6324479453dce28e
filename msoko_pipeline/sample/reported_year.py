"""A year since 2025 as the town receives it: Ф1 and six reports of every work, forms, and the year's planted dirt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from msoko_pipeline.sample import dirt, registers
from msoko_pipeline.sample.forms import form_2026, form_name
from msoko_pipeline.sample.frames import INDIVIDUAL, individual_rows, individual_sheet
from msoko_pipeline.sample.population import country, rest_of_region
from msoko_pipeline.sample.reports import MARKS_TITLE, REPORTS, report_sheet
from msoko_pipeline.sample.sitting import Sitting, town_sittings
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.tally import Tally, tallies
from msoko_pipeline.sample.town import TINY, School
from msoko_pipeline.sample.workbooks import archive, xlsx
from msoko_pipeline.sample.works import Work

Files = Iterator[tuple[str, bytes]]

FORM_WORKS = (("RU", 4), ("MA", 4))
VERTICAL_WORKS = (("RU", 4), ("MA", 4), ("RU", 5))
DISTRIBUTION_WORKS = (("RU", 4), ("MA", 4), ("RU", 5), ("MA", 5))
EMPTY_FORM, DAMAGED_REPORT, CSV_COPY, SECOND_COPY = ("MA", 8), ("RU", 5), ("RU", 4), ("MA", 4)
FORMS, STRAY = "Формы сбора", "Прочее"
COMMA_SHARE = 0.25  # of reports, in which decimals are texts with a comma
DOWNLOAD_NUMBER = 2_840_000


@dataclass(frozen=True)
class Season:
    """A year of the sample. last: soiled, with forms, reports packed by grade; earlier: the year before the last
    one (the last itself when it is alone), with the older shape of a report and the region's scores."""

    year: int
    seed: int
    last: bool
    earlier: bool


def reported_year(town: Sequence[School], season: Season) -> Files:
    """Files of one year."""
    regions: list[tuple[Work, Tally]] = []
    packed: dict[int, dict[str, bytes]] = {}
    senders = form_senders(town)
    sittings = [s for s in town_sittings(town, season.year, season.seed) if len(s.present)]
    if season.last:
        chosen = [s for s in sittings if s.work.key in FORM_WORKS]
        yield from form_files(town, chosen, senders, form_2026)
    for number, sitting in enumerate(sittings):
        work = sitting.work
        if season.last and work.key in FORM_WORKS:
            sitting = sitting.where(~np.isin(sitting.school, senders))
        rows = individual_rows(sitting, town)
        if season.last:
            dirt.soil(work, rows, town, season.seed)
        individual = xlsx(individual_sheet(work, rows))
        yield f"ВПР {season.year}/{file_name(work, INDIVIDUAL, number)}", individual
        units = tallies(sitting.present, town, rest_of_region(work, season.seed), country(work, season.seed))
        reports = dict(_reports(work, units, number, season))
        if season.earlier and work.key in DISTRIBUTION_WORKS:
            regions.append((work, units[1]))
        if season.last:
            packed.setdefault(work.grade, {}).update(reports)
            yield from _strays(town, sitting, units, individual, reports)
        else:
            yield from ((f"ВПР {season.year}/{name}", content) for name, content in reports.items())
    for grade, reports in packed.items():
        yield f"ВПР {season.year}/Отчёты {grade} класс.zip", archive(reports)
    if season.earlier:
        yield "region_score_distribution.csv", registers.score_distribution(regions)
    if season.last:
        yield f"{STRAY}/{dirt.DUTY_ROSTER}", dirt.duty_roster()


def form_senders(town: Sequence[School]) -> list[int]:
    """Positions of the two schools whose forms came instead of their rows in Ф1."""
    ordinary = [position for position, school in enumerate(town) if school.kind is not TINY]
    return [ordinary[1], ordinary[-1]]


def form_files(
    town: Sequence[School], sittings: Sequence[Sitting], senders: Sequence[int], form: Callable[[Sitting], bytes]
) -> Files:
    """A form per work and sender, in a folder named by the school's login, with a manifest that says it again."""
    for position in senders:
        login = town[position].login
        written = [s for s in sittings if (s.school == position).any() or not len(s)]
        for sitting in written:
            part = sitting.where(sitting.school == position)
            yield f"{FORMS}/{sitting.work.year}/{login}/{form_name(sitting.work)}", form(part)
        if written:
            listed = registers.manifest([(form_name(s.work), s.work) for s in written], login)
            yield f"{FORMS}/{written[0].work.year}/{login}/manifest.csv", listed


def file_name(work: Work, title: str, number: int) -> str:
    """Names are as free as in life; one in four is the number under which the file was downloaded."""
    order = [INDIVIDUAL, *REPORTS].index(title)
    free = (
        f"{work.short} {title}.xlsx",
        f"Ф{order + 1}_{title} {work.short}.xlsx",
        f"{DOWNLOAD_NUMBER + (work.year % 100) * 1000 + number * 10 + order}.xlsx",
        f"{work.procedure}. {title}.xlsx",
    )
    return free[(number + order) % len(free)]


def _reports(work: Work, units: Sequence[Tally], number: int, season: Season) -> Files:
    rng = stream(season.seed, "comma", work.year, *work.key)
    vertical = season.earlier and work.key in VERTICAL_WORKS
    for title in REPORTS:
        sheet = report_sheet(title, work, units, comma=bool(rng.random() < COMMA_SHARE), vertical=vertical)
        yield file_name(work, title, number), xlsx(sheet)


def _strays(
    town: Sequence[School], sitting: Sitting, units: Sequence[Tally], individual: bytes, reports: dict[str, bytes]
) -> Files:
    work = sitting.work
    if work.key == SECOND_COPY:
        yield f"{STRAY}/{work.short} копия.xlsx", individual
    if work.key == CSV_COPY:
        rows = report_sheet(MARKS_TITLE, work, units, comma=True).rows
        yield f"{STRAY}/{MARKS_TITLE}.csv", registers.saved_from_excel(rows)
    if work.key == DAMAGED_REPORT:
        yield f"{STRAY}/{work.short} отчёт.xlsx", dirt.damaged(next(iter(reports.values())))
    if work.key == EMPTY_FORM:
        nobody = sitting.where(np.zeros(len(sitting), dtype=bool))
        yield from form_files(town, [nobody], [0], form_2026)
