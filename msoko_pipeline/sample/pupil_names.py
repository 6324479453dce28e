"""Names of made-up pupils, for layouts that have names: surnames of things on a desk, so that nobody has them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from msoko_pipeline.sample.pupils import Bools, Ints
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import School

SURNAMES = (
    "Образцов", "Шаблонов", "Примеров", "Макетов", "Выдумкин", "Черновиков", "Бланков", "Формуляров", "Протоколов",
    "Таблицын", "Столбцов", "Строчкин", "Ячейкин", "Закладкин", "Тетрадкин", "Клеточкин", "Указкин", "Мелков",
    "Партин", "Звонков", "Переменкин", "Глобусов", "Циркулев", "Линейкин", "Карандашев", "Ластиков", "Пеналов",
    "Чернилов", "Кляксин", "Скрепкин", "Обложкин",
)  # fmt: skip
BOYS = ("Пётр", "Артём", "Иван", "Павел", "Егор", "Лев", "Фёдор", "Семён", "Кирилл", "Роман", "Денис")
GIRLS = ("Анна", "Алёна", "Вера", "Дарья", "Ева", "Зоя", "Кира", "Нина", "Ольга", "Софья", "Юлия")
FATHERS = ("Примерович", "Образцович", "Иванович", "Петрович", "Артёмович", "Павлович", "Егорович")


@dataclass(frozen=True)
class Name:
    surname: str
    first_name: str
    patronymic: str

    @property
    def full(self) -> str:
        return f"{self.surname} {self.first_name} {self.patronymic}"


def names(school: School, cohort: int, number: Ints, girl: Bools, seed: int) -> list[Name]:
    """Names of pupils of a school's cohort (year − grade) by their numbers: the same every year, no two alike."""
    combinations = len(SURNAMES) * len(BOYS) * len(FATHERS)
    order = stream(seed, "names", school.login, cohort).permutation(combinations)
    return [_name(int(order[place % combinations]), bool(she)) for place, she in zip(number, girl, strict=True)]


def _name(place: int, girl: bool) -> Name:
    rest, surname = divmod(place, len(SURNAMES))
    father, first = divmod(rest, len(BOYS))
    if not girl:
        return Name(SURNAMES[surname], BOYS[first], FATHERS[father])
    return Name(f"{SURNAMES[surname]}а", GIRLS[first], f"{FATHERS[father].removesuffix('ич')}на")


def by_school(schools: list[School], school: Ints, number: Ints, girl: Bools, cohort: int, seed: int) -> list[Name]:
    """Names of pupils of several schools, in the order given; school: position in `schools`."""
    by_row: dict[int, Name] = {}
    for place in np.unique(school).tolist():
        at = np.flatnonzero(school == place)
        by_row |= dict(zip(at.tolist(), names(schools[place], cohort, number[at], girl[at], seed), strict=True))
    return [by_row[place] for place in range(len(school))]
