"""Upbringing in the made-up town: associations whose members are the pupils that the schools have, programmes and plans
of the levels of education that there are, self-analysis a little better every year.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from msoko_pipeline.sample.pupils import parallel_sizes
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import LAST_YEAR, School
from msoko_pipeline.sample.workbooks import Row

ASSOCIATIONS = {  # as a clerk spells it: usual share of the children in the last year, and how much it grows in one
    "Движение первых": (0.3, 0.06),
    "ЮНАРМИЯ": (0.08, 0.01),
    "волонтёры": (0.15, 0.02),
    "ЮИД": (0.04, 0.0),
    "Орлята России": (0.18, 0.03),
}
LEVELS = (("НОО", 1), ("ООО", 5), ("СОО", 10))  # of education, with the first class of each
MODULES = (
    *("урочная деятельность", "внеурочная деятельность", "классное руководство", "основные школьные дела"),
    *("внешкольные мероприятия", "организация предметно-пространственной среды", "взаимодействие с родителями"),
    *("самоуправление", "профилактика и безопасность", "социальное партнёрство", "профориентация"),
)
VALUES = ("Отечество", "семья", "здоровье", "культура", "знания", "труд")
SURVEYED = (5, 7, 9, 11)  # classes that a survey of values asks
DIRECTIONS = {  # of additional education: usual share of the pupils, 0–1
    "техническая": 0.12, "естественно-научная": 0.08, "физкультурно-спортивная": 0.3, "художественная": 0.25,
    "туристско-краеведческая": 0.05, "социально-гуманитарная": 0.15,
}  # fmt: skip
SEVERAL = 0.8  # of the children of all directions together so many attend one alone
PAID_BY_CERTIFICATE, NEEDS = 0.75, 0.06  # of those who attend, in the last year; of the pupils
REASON = "не хватает педагогов, готовых вести модуль"
TOP = 10  # points of a module
ALONE = 0.8  # of the members of all associations together so many are in one alone
ONLINE = 0.4  # of the volunteers have an account of Добро.рф


def pupils_of(school: School, year: int, seed: int, first: int, last: int) -> int:
    """How many pupils the school has in the classes from first to last."""
    return sum(int(parallel_sizes([school], seed, year, grade)[0]) for grade in range(first, last + 1))


def associations(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row for each association that the school has, and one for all of them, in which a child counts once."""
    for school in town:
        rng = stream(seed, "associations", school.login, year)
        children = pupils_of(school, year, seed, 2, 11)
        zeal = float(stream(seed, "associations", school.login).uniform(0.6, 1.4))
        members = {}
        for title, (usual, growth) in ASSOCIATIONS.items():
            is_there = title == "Движение первых" or float(rng.random()) < 0.8
            likely = min(0.95, zeal * (usual + growth * (year - LAST_YEAR)))
            members[title] = int(rng.binomial(children, max(0.0, likely))) if is_there else 0
        together = max(max(members.values()), min(children, round(ALONE * sum(members.values()))))
        yield [year, school.login, "все объединения", together, None, children]
        for title, number in members.items():
            if number:
                online = int(rng.binomial(number, ONLINE)) if title == "волонтёры" else None
                yield [year, school.login, title, number, online, children]


def programmes(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row for each level of education; in the first years some schools have not put their programme on the site."""
    for school in town:
        rng = stream(seed, "upbringing", school.login, year)
        has_plan = bool(rng.random() < 0.9)
        for title, first in LEVELS:
            if not school.has_grade(first):
                continue
            is_published = bool(rng.random() < 0.95 - 0.1 * (LAST_YEAR - year))
            planned = int(rng.integers(30, 90)) if has_plan else None
            completed = None if planned is None else int(rng.binomial(planned, 0.93))
            address = f"https://{school.login}.example/vospitanie" if is_published else None
            yield [
                year, school.login, title, "да", "да" if is_published else "нет", address, "да" if has_plan else "нет",
                planned, completed,
            ]  # fmt: skip


def analysis(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row a module; a tiny school rates few of them."""
    for school in town:
        rng = stream(seed, "upbringing analysis", school.login, year)
        care = float(stream(seed, "upbringing analysis", school.login).uniform(0.45, 0.85))
        for module in MODULES if school.kind.parallel[1] >= TOP else MODULES[:4]:
            points = int(rng.binomial(TOP, min(0.95, care + 0.03 * (year - LAST_YEAR + 2))))
            yield [year, school.login, module, points, TOP, REASON if points < TOP / 2 else None]


def values(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A survey of four classes about six values, most of whose pupils answer; a little better every year."""
    for school in town:
        rng = stream(seed, "values", school.login, year)
        care = float(stream(seed, "values", school.login).normal(0, 0.3))
        for grade in SURVEYED:
            size = pupils_of(school, year, seed, grade, grade)
            answers = int(rng.binomial(size, 0.85)) if size else 0
            for place, value in enumerate(VALUES if answers else ()):
                positive = 1 / (1 + np.exp(-(1.6 + care - 0.15 * place + 0.1 * (year - LAST_YEAR))))
                low = int(rng.binomial(answers, 1 - positive))
                high = int(rng.binomial(answers - low, 0.45))
                yield [year, school.login, grade, "Личностный рост", value, answers, high, answers - low - high, low]


def additional(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row for each direction of additional education, and one for all of them, in which a child counts once."""
    for school in town:
        rng = stream(seed, "additional education", school.login, year)
        children = pupils_of(school, year, seed, 1, 11)
        needs = int(stream(seed, "special needs", school.login).binomial(children, NEEDS))
        needs = min(needs, children)
        zeal = float(stream(seed, "additional education", school.login).uniform(0.8, 1.15))
        attending = {title: int(rng.binomial(children, zeal * usual)) for title, usual in DIRECTIONS.items()}
        together = max(max(attending.values()), min(children, round(SEVERAL * sum(attending.values()))))
        paid = PAID_BY_CERTIFICATE + 0.05 * (year - LAST_YEAR)
        rows = [("все направленности", together), *attending.items()]
        for title, unique in rows:
            is_all = title == rows[0][0]
            enrolments = sum(attending.values()) if is_all else unique
            with_needs = int(rng.binomial(min(needs, unique), 0.6 if is_all else 0.1))
            yield [
                year, school.login, title, enrolments, unique, int(rng.binomial(unique, paid)), with_needs,
                children if is_all else None, needs if is_all else None,
            ]  # fmt: skip


OWN_ROWS = {
    "additional_education": additional,
    "associations": associations,
    "upbringing": programmes,
    "upbringing_analysis": analysis,
    "value_orientations": values,
}
