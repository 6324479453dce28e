"""Graduates of the made-up town, as many as there are in classes 9 and 11, and the profiles of its senior classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msoko_pipeline.sample.pupils import parallel_sizes
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import School
from msoko_pipeline.sample.workbooks import Cell, Row

STAY = 0.4  # of class 9 that goes on to class 10, in any school
COLLEGE, WORK, ARMY = 0.9, 0.3, 0.4  # of those who do not stay (or do not enter a university); of the rest; of the rest
UNIVERSITY = 0.6  # of class 11, in a school of mean ability; ABLE more of it per logit
ABLE = 0.15
PROFILE = 0.6  # of those who go on learning
PROFILES = ("технологический", "естественно-научный", "гуманитарный", "социально-экономический", "универсальный")
NO_PROFILE = "без профиля"
SUBJECTS = {
    "технологический": ("математика", "физика"), "естественно-научный": ("химия", "биология"),
    "гуманитарный": ("литература", "история"), "социально-экономический": ("математика", "обществознание"),
    "универсальный": ("математика",),
}  # fmt: skip
PREPARED, OWN_PLAN, JOINT = 0.7, 0.12, 0.2  # of class 8 or 9; of the pupils of a row; of them


def graduates(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row for class 9 and one for class 11 where there is one; a cell of nobody is empty now and then."""
    for school in town:
        for grade in (9, 11):
            size = int(parallel_sizes([school], seed, year, grade)[0])
            if not size:
                continue
            rng = stream(seed, "graduates", school.login, year, grade)
            likely = STAY if grade == 9 else min(0.95, max(0.2, UNIVERSITY + ABLE * school.truth.ability_in(year)))
            stay = int(rng.binomial(size, likely))
            college = int(rng.binomial(size - stay, COLLEGE))
            rest = size - stay - college
            work = int(rng.binomial(rest, WORK))
            army = int(rng.binomial(rest - work, ARMY)) if grade == 11 else 0
            by_profile = int(rng.binomial(stay + college, PROFILE))
            ways: list[Cell] = [stay, college, None] if grade == 9 else [None, college, stay]
            ends = [number or (0 if rng.random() < 0.8 else None) for number in (work, army, rest - work - army)]
            yield [year, school.login, grade, size, *ways, by_profile, *ends]


def profiles(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """Two profiles a senior class, the same in both of them; a small one is universal; classes 8 and 9 prepare."""
    for school in town:
        rng = stream(seed, "profiles", school.login, year)
        for grade in (8, 9, 10, 11):
            for profile, pupils in _groups(school, year, seed, grade):
                if grade < 10:
                    pupils = int(rng.binomial(pupils, PREPARED))
                plans, joint = int(rng.binomial(pupils, OWN_PLAN)), int(rng.binomial(pupils, JOINT))
                classes = max(1, round(pupils / 25)) if grade >= 10 else None
                yield [
                    year,
                    school.login,
                    grade,
                    profile,
                    classes,
                    pupils,
                    plans,
                    joint if rng.random() < 0.8 else None,
                ]


def advanced(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """The subjects of the profiles of a senior class, each pupil all those of his profile."""
    for school in town:
        for grade in (10, 11):
            pupils: dict[str, int] = {}
            for profile, number in _groups(school, year, seed, grade):
                for subject in SUBJECTS.get(profile, ()):
                    pupils[subject] = pupils.get(subject, 0) + number
            yield from ([year, school.login, grade, subject, number] for subject, number in pupils.items())


def _groups(school: School, year: int, seed: int, grade: int) -> Iterator[tuple[str, int]]:
    """Profile and pupils of the groups of a class; what a cohort has chosen it keeps."""
    size = int(parallel_sizes([school], seed, year, grade)[0])
    if grade < 10:
        yield "предпрофильная подготовка", size
    elif 0 < size < 20:
        yield PROFILES[-1], size
    elif size:
        rng = stream(seed, "profiles", school.login, year - grade)
        first, second = (PROFILES[int(place)] for place in rng.choice(len(PROFILES), 2, replace=False))
        part, others = round(size * float(rng.uniform(0.35, 0.55))), round(size * float(rng.uniform(0, 0.2)))
        yield from ((first, part), (second, size - part - others), *([(NO_PROFILE, others)] if others else ()))


OWN_ROWS = {"advanced_subjects": advanced, "graduates": graduates, "profile_education": profiles}
