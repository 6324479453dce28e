"""Upbringing in the made-up town: children's associations whose members are the pupils that the schools have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
