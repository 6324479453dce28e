"""Planted schools: what the risk rules and the signs of non-objectivity are meant to find, with its size known.

A plant replaces the ability that a school drew; everything else about the school stays as drawn. Numbers are logits
of the response model unless said otherwise, chosen so that the truth shows through the chance of 55–125 pupils and
of two or three classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np

LOW, SLIDING, INFLATED, HEAPING = "low", "sliding", "inflated", "heaping"
INFLATED_WORKS = frozenset((subject, grade) for subject in ("RU", "MA") for grade in (4, 5))
HEAPED_WORKS = frozenset((subject, grade) for subject in ("RU", "MA") for grade in (4, 5, 6))
PLANTS_PER_SCHOOL = 5 / 12


@dataclass(frozen=True)
class Plant:
    """One role and its numbers; they mean what they mean in `town.SchoolTruth`."""

    role: str
    ability: float = 0.0
    inflation: float = 0.0
    drift: float = 0.0
    heaping: float = 0.0


PLANTS = (
    # 45–70 % of «2» in Russian and mathematics of grades 5 and 6: ШНОР every year
    Plant(LOW, ability=-1.7),
    # as good as most until two years ago, then in the zone of risk, then ШНОР: some 5, 17 and 39 % of «2»
    Plant(SLIDING, ability=-1.2, drift=-0.8),
    # pupils a little under the region's mean who seem to stand far above it; nothing of it in the journal
    Plant(INFLATED, ability=-0.2, inflation=1.1),
    # a bound gets some eight times as many pupils as the score below it, as in a real region's МА 5 of 2021
    Plant(HEAPING, heaping=0.7),
    Plant(LOW, ability=-1.7),
)


def choose(abilities: Mapping[int, float], schools: int, rng: np.random.Generator) -> dict[int, Plant]:
    """Which plant stands where: position of the school → plant, five for every twelve schools of the town.

    abilities: what the schools that may be planted have drawn, by position. The ones that drew least become the low
    ones, so that few ordinary schools are as low by chance; the others take the rest of the plants in random order.
    """
    count = min(len(abilities), round(PLANTS_PER_SCHOOL * schools))
    plants = sorted(islice(cycle(PLANTS), count), key=lambda plant: plant.role != LOW)
    lowest = sorted(abilities, key=abilities.__getitem__)
    low = sum(plant.role == LOW for plant in plants)
    others = rng.permutation(lowest[low:]).tolist()
    return dict(zip([*lowest[:low], *others], plants, strict=False))
