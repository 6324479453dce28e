"""Preschools of the town, a folder a year: scales, passports, parents' questionnaires, experts. Everything is made up.

ДОО/Реестр детских садов.xlsx        the preschools as the register has them, kind ДОО
ДОО/2026/Шкалы МКДО 2026.xlsx        two groups of each: self-assessment of all, experts of some
ДОО/2026/Паспорта детских садов 2026.xlsx
ДОО/2026/Анкета родителей 2026.xlsx  of the last preschool three questionnaires: too few to be shown
ДОО/2026/Эксперты МКДО 2026.xlsx

A preschool has a true quality that drifts by a little a year; an expert sees it with an error, the preschool itself
sees more (SELF_BIAS). Planted dirt of the last year: in the scales a level 7, in a passport more teachers with a
category than teachers; one row each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from msoko_pipeline.sample.pupil_names import FATHERS, GIRLS, SURNAMES
from msoko_pipeline.sample.registers import REGISTER_HEADER
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import LAST_YEAR, TOWN
from msoko_pipeline.sample.workbooks import Cell, Row, Sheet, xlsx
from schemas import catalogue
from schemas.form import forms

FOLDER = "ДОО"
NAMES = ("Ромашка", "Теремок", "Солнышко", "Родничок", "Сказка", "Берёзка")
QUALITY, SPREAD, DRIFT = 3.2, 0.6, 0.1  # levels: the town's mean, between preschools, a year
SELF_BIAS = 0.6  # levels that a self-assessment adds
ERROR = 0.5
EXPERT_SHARE = 0.5
EXPERTS = 5
FEW = 3  # questionnaires of the last preschool
GROUPS = (("1", "от 3 до 4 лет"), ("2", "от 5 до 6 лет"))
SCALE_HEADER = (
    *("Год", "Код ДОО", "Группа", "Возраст", "Область", "Показатель", "Источник", "Уровень"),
    *(f"Критерии уровня {level}" for level in range(1, 6)),
)


@dataclass(frozen=True)
class Preschool:
    code: str
    number: int
    name: str
    quality: float

    @property
    def title(self) -> str:
        return f"МБДОУ «Детский сад № {self.number} «{self.name}»»"

    def in_year(self, year: int) -> float:
        """Its true quality, in levels."""
        return self.quality + DRIFT * (year - LAST_YEAR)


def make_preschools(seed: int) -> list[Preschool]:
    """The town's preschools, the same whatever schools it has."""
    rng = stream(seed, "preschools")
    drawn = (QUALITY + SPREAD * rng.normal(size=len(NAMES))).round(3).tolist()
    return [
        Preschool(f"doo19{number:04d}", number, name, quality)
        for number, (name, quality) in enumerate(zip(NAMES, drawn, strict=True), 21)
    ]


def register(preschools: list[Preschool]) -> bytes:
    """Lines of the register of organisations."""
    rows: list[Row] = [REGISTER_HEADER]
    for preschool in preschools:
        names = [
            preschool.title,
            f"Муниципальное бюджетное дошкольное образовательное учреждение {preschool.title[6:]}",
            "ДОО",
        ]
        rows.append([preschool.code, None, *names, TOWN.code, TOWN.name, None, None, None])
    return xlsx(Sheet("Реестр ОО", rows))


def preschool_files(year: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """The year's files: path inside the inbox and bytes."""
    dirty, preschools = year == LAST_YEAR, make_preschools(seed)
    made: list[tuple[str, str, list[Row]]] = [
        ("Шкалы МКДО", "Шкалы", scales(preschools, year, seed, dirty)),
        ("Паспорта детских садов", "Паспорт", passports(preschools, year, seed, dirty)),
        ("Анкета родителей", "Анкета", survey(preschools, year, seed)),
        ("Эксперты МКДО", "Эксперты", experts(year, seed)),
    ]
    for title, sheet, rows in made:
        yield f"{FOLDER}/{year}/{title} {year}.xlsx", xlsx(Sheet(sheet, rows))


def scales(preschools: list[Preschool], year: int, seed: int, dirty: bool) -> list[Row]:
    """A row a group, indicator and source; experts tell criteria as well, adapted programmes are not everywhere."""
    rows: list[Row] = [SCALE_HEADER]
    areas = catalogue.preschool()["areas"].values()
    for preschool in preschools:
        rng = stream(seed, "scales", preschool.code, year)
        visited = rng.random(len(GROUPS)) < EXPERT_SHARE
        for (group, age), expert in zip(GROUPS, visited.tolist(), strict=True):
            for area in areas:
                for title in area["indicators"].values():
                    seen = preschool.in_year(year) + rng.normal(0, ERROR, 2) + (0, SELF_BIAS)
                    levels = np.clip(np.rint(seen), 0, 5).astype(int).tolist()
                    who: list[Cell] = [year, preschool.code, group, age, area["number"], title]
                    if area["number"] == 7 and group == "1":
                        rows.append([*who, "самооценка", "НП"])
                        continue
                    rows.append([*who, "самооценка", levels[1]])
                    if expert:
                        rows.append([*who, "эксперт", levels[0], *_criteria(levels[0])])
    if dirty:
        rows[1] = [*rows[1][:7], 7]
    return rows


def _criteria(level: int) -> list[Cell]:
    """Criteria that confirm the level and not the next one."""
    return ["3 из 3" if step <= level else "1 из 3" for step in range(1, 6)]


def passports(preschools: list[Preschool], year: int, seed: int, dirty: bool) -> list[Row]:
    """A row a preschool: the better it is, the more teachers are qualified and the more families take part."""
    columns = forms()["preschool_passport"].columns
    rows: list[Row] = [[column.name for column in columns]]
    for number, preschool in enumerate(preschools):
        rng = stream(seed, "preschool passport", preschool.code, year)
        better = (preschool.in_year(year) - QUALITY) / SPREAD
        children = children_of(preschool, seed)
        families, teachers, posts = round(children * 0.9), max(4, round(children / 10)), round(children / 9) + 0.5
        of_teachers = [
            _part(rng, teachers, usual + step * better) for usual, step in ((0.6, 0.1), (0.5, 0.1), (0.8, 0.05))
        ]
        if dirty and number == 1:
            of_teachers[1] = teachers + 1
        special = _part(rng, children, 0.06)
        yes = ["да" if rng.random() < 0.75 + 0.1 * better else "нет" for _ in range(8)]
        for has, shown in ((2, 3), (4, 5)):  # nobody shows a programme or results that are not there
            yes[shown] = yes[shown] if yes[has] == "да" else "нет"
        health = rng.multinomial(children, (0.22, 0.6, 0.14, 0.03, 0.01)).tolist()
        ill = int(rng.normal(11 - better, 1) * children)
        rows.append(
            [year, preschool.code, children, families, teachers, *of_teachers, posts, posts - int(rng.integers(0, 3)),
             special, *yes[:4], ill, int(rng.poisson(0.5)), *health, int(rng.random() < 0.3),
             _part(rng, families, 0.6 + 0.1 * better), _part(rng, families, 0.25 + 0.05 * better), *yes[4:]]
        )  # fmt: skip
    return rows


def children_of(preschool: Preschool, seed: int) -> int:
    """How many children a preschool has, the same every year."""
    return int(stream(seed, "children", preschool.code).integers(60, 240))


def _part(rng: np.random.Generator, whole: int, share: float) -> int:
    return int(rng.binomial(whole, np.clip(share, 0.02, 0.98)))


def survey(preschools: list[Preschool], year: int, seed: int) -> list[Row]:
    """A row an answer: the better the preschool, the better the answers; now and then no answer."""
    questions = catalogue.preschool()["questions"]
    rows: list[Row] = [("Год", "Номер анкеты", "Код ДОО", "Возраст группы", "Код вопроса", "Ответ", "Дата")]
    for number, preschool in enumerate(preschools):
        rng = stream(seed, "parents", preschool.code, year)
        last = number == len(preschools) - 1
        count = FEW if last else round(children_of(preschool, seed) * 0.9 * rng.uniform(0.4, 0.6))
        for sheet in range(1, count + 1):
            mood = rng.normal(4.1 + 0.4 * (preschool.in_year(year) - QUALITY), 0.6)
            age = GROUPS[int(rng.integers(len(GROUPS)))][1]
            for question in questions:
                answer: Cell = int(np.clip(np.rint(rng.normal(mood, 0.5)), 1, 5)) if rng.random() < 0.97 else "НО"
                rows.append([year, sheet, preschool.code, age, question, answer, f"{1 + sheet % 28:02d}.04.{year}"])
    return rows


def experts(year: int, seed: int) -> list[Row]:
    """The group of experts by the year's order; most of them trained."""
    rows: list[Row] = [("Год", "Эксперт", "Приказ", "Дата приказа", "Обучен", "Часов обучения")]
    rng = stream(seed, "experts", year)
    for place in np.sort(rng.choice(len(SURNAMES), EXPERTS, replace=False)).tolist():
        first, father = GIRLS[place % len(GIRLS)], f"{FATHERS[place % len(FATHERS)].removesuffix('ич')}на"
        trained = bool(rng.random() < 0.8)
        cells = [f"{SURNAMES[place]}а {first} {father}", f"{year % 100}-о", f"15.01.{year}"]
        rows.append([year, *cells, "да" if trained else "нет", 36 if trained else None])
    return rows
