"""Dimension tables beside the marts: the Russian title of every code, and the order in which people read them.

What belongs here: which dimensions there are, and where in the data beside the models their titles stand. A title is
never written here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue
from schemas.assessment_year import cycles
from schemas.fields import field
from schemas.measure import ALL


class Dimension(pa.DataFrameModel):
    """Справочник кодов."""

    code: str = field("Код", key=True)
    title_ru: str = field("Название", nullable=False)
    sort_order: pd.Int64Dtype = field("Место по порядку", nullable=False, ge=1)

    class Config:
        strict = True
        coerce = False


def _subjects() -> Mapping[str, str]:
    directions = {code: spellings[0] for code, spellings in catalogue.procedures()["directions"].items()}
    return {**catalogue.subjects(), **directions, ALL: "все предметы"}


def _signs() -> Mapping[str, str]:
    return {sign: rule["title"] for sign, rule in catalogue.signs(catalogue.LATEST)["signs"].items()}


def _families() -> Mapping[str, str]:
    return catalogue.signs(catalogue.LATEST)["status"]["families"]


def _rules() -> Mapping[str, str]:
    """Rules of every variant of the categories, conditions of ШНСУ, signs: whatever a reason may name."""
    titles: dict[str, str] = {}
    for variant in catalogue.risk_variants():
        for rule, declared in catalogue.risk_rules(variant, catalogue.LATEST).items():
            if isinstance(declared, dict) and "title" in declared:
                titles.setdefault(rule, declared["title"])
    social = catalogue.social()
    titles["ISBSH"] = social["isbsh"]["title"]
    titles |= {f"ISBSH_{name}": indicator["title"] for name, indicator in social["indicators"].items()}
    titles["QUARANTINE"] = catalogue.thresholds(catalogue.LATEST)["sufficiency"]["title"]
    return {**titles, **catalogue.titles("reason"), **_signs()}


def _stages() -> Mapping[str, str]:
    return {stage: rule["title"] for stage, rule in catalogue.olympiad_rules()["stages"].items()}


def _procedures() -> Mapping[str, str]:
    return {
        **catalogue.titles("procedure"),
        **{f"VSOSH-{stage}": f"ВсОШ, {title}" for stage, title in _stages().items()},
    }


def _areas() -> Mapping[str, str]:
    return {area: declared["title"] for area, declared in catalogue.cycle()["areas"].items()} | {ALL: "все направления"}


def _components() -> Mapping[str, str]:
    return {component: declared["title"] for component, declared in catalogue.cycle()["components"].items()}


def _cycles() -> Mapping[str, str]:
    return {code: cycle.title for code, cycle in cycles().items()}


def _of(name: str) -> Callable[[], Mapping[str, str]]:
    return lambda: catalogue.titles(name)


DIMENSIONS: dict[str, tuple[str, Callable[[], Mapping[str, str]]]] = {
    "subject": ("Предметы и направления грамотности", _subjects),
    "procedure": ("Оценочные процедуры", _procedures),
    "level": ("Уровни: школа, муниципалитет, регион, страна", _of("level")),
    "stage": ("Этапы ВсОШ", _stages),
    "category": ("Категории школ", _of("category")),
    "area": ("Направления управленческого цикла", _areas),
    "component": ("Компоненты управленческого цикла", _components),
    "rule": ("Правила и признаки, на которые ссылаются основания", _rules),
    "sign": ("Признаки возможной необъективности", _signs),
    "sign_family": ("Роды свидетельств необъективности", _families),
    "objectivity_status": ("Статусы объективности", _of("objectivity_status")),
    "movement": ("Движение школы между категориями", _of("movement")),
    "trend": ("Тенденции показателей", _of("trend")),
    "task_status": ("Достижение заданий", _of("task_status")),
    "completeness_status": ("Состояния того, что положено прислать", _of("completeness_status")),
    "calendar_cycle": ("Циклы оценочного календаря", _cycles),
    "file_status": ("Состояния файлов", _of("file_status")),
}
"""Name of the dimension → its Russian title, and what makes its codes and titles, in order."""


@cache
def rows(name: str) -> list[dict[str, str | int]]:
    """Rows of a dimension: code, title_ru, sort_order (from 1)."""
    titles = DIMENSIONS[name][1]()
    return [
        {"code": code, "title_ru": title, "sort_order": place} for place, (code, title) in enumerate(titles.items(), 1)
    ]
