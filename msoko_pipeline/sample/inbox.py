"""Puts the sample together: which file holds what and where it lies.

Реестр ОО.xlsx
region_score_distribution.csv
ВПР 2025/, ВПР 2026/           Ф1 of each work and its six reports; those of the last year in one .zip per grade
Формы сбора/edu19NNNN/         forms of schools that the Ф1 of the same work does not list, with manifest.csv
Региональные выгрузки/NNNN/    exports of a year before 2025 with manifest.csv
Риски/NNNN/                    the official list, social passports, risk profiles, rechecks, medallists, indicators
ГИА/NNNN/                      protocols of ОГЭ and ЕГЭ, re-sits, appeals, certificates, the region (since 2023)
ВсОШ/NNNN-NNNN/                stages: the export of Сириус, lists, the municipal workbook, counts, contingent
ДОО/                           register of preschools; a folder a year: scales, passports, questionnaires, experts
Таланты/NNNN/                  contests, the bank of gifted pupils, profile shifts
Профориентация/NNNN/, …        sources that are declared whole
Прочее/                        what people send by mistake
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from msoko_pipeline.sample import registers
from msoko_pipeline.sample.coded_columns import decoded
from msoko_pipeline.sample.declared_files import declared_files
from msoko_pipeline.sample.exam_references import exam_references
from msoko_pipeline.sample.exports import export
from msoko_pipeline.sample.forms import form_2024
from msoko_pipeline.sample.gia_files import gia_files
from msoko_pipeline.sample.menus import FIRST_REPORT_YEAR, MENUS
from msoko_pipeline.sample.olympiad_files import olympiad_files
from msoko_pipeline.sample.preschool_files import FOLDER as PRESCHOOLS
from msoko_pipeline.sample.preschool_files import make_preschools, preschool_files
from msoko_pipeline.sample.preschool_files import register as register_of_preschools
from msoko_pipeline.sample.reported_year import Files, Season, form_files, form_senders, reported_year
from msoko_pipeline.sample.risk_files import risk_files
from msoko_pipeline.sample.sitting import town_sittings
from msoko_pipeline.sample.talent_files import talent_files
from msoko_pipeline.sample.town import LAST_YEAR, School, make_schools
from msoko_pipeline.sample.workbooks import Sheet, xlsx
from msoko_pipeline.sample.works import Work

FIRST_YEAR = min(MENUS)
LEAST_SCHOOLS = 3  # two of them send forms, and Ф1 must list somebody
EXPORTS = "Региональные выгрузки"
FIRST_EXAM_YEAR = 2023  # the first whose minima and scales are known
FORM_YEAR, FORM_WORKS_2024 = 2023, (("RU", 6), ("MA", 7))


def write_sample(directory: Path, *, schools: int = 12, years: int = 3, seed: int = 2026) -> list[Path]:
    """Writes a made-up municipality's raw files into `directory` and returns them in the order of writing.

    schools: how many schools the town has (3 or more); years: the last so many years up to 2026 (1–7; 2025 and 2026
    come as reports of «Аналитика», earlier years as regional exports); seed: 0 or more, the same seed gives the
    same bytes. Raises ValueError where these do not hold. Dirt included: see `msoko_pipeline.sample.dirt`.
    """
    most = LAST_YEAR - FIRST_YEAR + 1
    if schools < LEAST_SCHOOLS or not 1 <= years <= most or seed < 0:
        raise ValueError(
            f"needed: schools ≥ {LEAST_SCHOOLS}, years 1…{most}, seed ≥ 0; got {schools=}, {years=}, {seed=}"
        )
    written = []
    for name, content in sample_files(schools, years, seed):
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return written


def sample_files(schools: int, years: int, seed: int) -> Files:
    """Every file of the sample: its path inside the inbox and its bytes."""
    town = make_schools(seed, schools)
    first = LAST_YEAR - years + 1
    yield "Реестр ОО.xlsx", registers.register(town)
    yield f"{PRESCHOOLS}/Реестр детских садов.xlsx", register_of_preschools(make_preschools(seed))
    for year in range(first, LAST_YEAR + 1):
        if year >= FIRST_REPORT_YEAR:
            last, earlier = year == LAST_YEAR, year == max(LAST_YEAR - 1, first)
            yield from reported_year(town, Season(year, seed, last, earlier))
        else:
            yield from exported_year(town, year, seed)
        yield from risk_files(town, year, seed)
        yield from preschool_files(year, seed)
        yield from olympiad_files(town, year, seed)
        yield from talent_files(town, year, seed)
        yield from declared_files(town, year, seed)
        if year >= FIRST_EXAM_YEAR:
            yield from gia_files(town, year, seed)
            yield from exam_references(town, year, seed)
        if year == registers.CONTEXT_YEAR:
            yield f"Сбор контекстных данных об ОО ({year}).csv", registers.context_2022(town, seed)


def exported_year(town: Sequence[School], year: int, seed: int) -> Files:
    """A year before the reports: one regional export per work; in 2023 one school's own forms stand in for its rows."""
    sittings = town_sittings(town, year, seed)
    entries: list[tuple[str, Work]] = []
    senders = form_senders(town)[:1] if year == FORM_YEAR else []
    chosen = [s for s in sittings if s.work.key in FORM_WORKS_2024]
    yield from form_files(town, chosen, senders, form_2024)
    for sitting in sittings:
        work = sitting.work
        if senders and work.key in FORM_WORKS_2024:
            sitting = sitting.where(~np.isin(sitting.school, senders))
        sheets = [Sheet(name, decoded(columns)) for name, columns in export(sitting, town).items()]
        entries.append((f"{work.title} {work.grade} класс.xlsx", work))
        yield f"{EXPORTS}/{year}/{entries[-1][0]}", xlsx(*sheets)
    yield f"{EXPORTS}/{year}/manifest.csv", registers.manifest(entries)
