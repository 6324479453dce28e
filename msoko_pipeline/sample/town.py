"""The made-up town: its schools and what is true of each of them.

Everything is invented: names, codes, numbers. The scale of ability is that of the response model (logits):
0 is the region's mean, a pupil of one school differs from another by about 0.9, one school from another by 0.5.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from itertools import cycle, islice
from statistics import NormalDist

import numpy as np

from msoko_pipeline.sample.plants import choose
from msoko_pipeline.sample.streams import stream

LAST_YEAR = 2026
REGION_NAME = "Республика Хакасия"
REGION_LOGIN = "reg190000"
SCHOOL_SPREAD, SEVERITY_SPREAD = 0.5, 0.25  # logits
DRIFT_YEARS = 2


@dataclass(frozen=True)
class Municipality:
    code: str
    name: str

    @property
    def label(self) -> str:
        return f"{self.name}({self.code})"


TOWN = Municipality("reg19_m019", "город Черногорск")


@dataclass(frozen=True)
class SchoolTruth:
    """What the indicators should find out about a school, in logits.

    ability: its pupils against the region; severity: how much stricter than usual its journal marks are;
    inflation: what is added to its ВПР answers without any knowledge behind it (`plants.INFLATED_WORKS` only);
    drift: change of ability per year over the last DRIFT_YEARS, counted so that `ability` holds in the last year,
    steady before them, so that a long sample does not begin beyond all bounds; heaping: the share, 0–1, of pupils one
    or two points below a mark who are raised to it (`plants.HEAPED_WORKS` only); role: which plant it is, empty for
    an ordinary school.
    """

    ability: float = 0.0
    severity: float = 0.0
    inflation: float = 0.0
    drift: float = 0.0
    heaping: float = 0.0
    role: str = ""

    def ability_in(self, year: int) -> float:
        return self.ability + self.drift * max(year - LAST_YEAR, -DRIFT_YEARS)


@dataclass(frozen=True)
class Kind:
    """A kind of school: how its name is written, its usual parallel (pupils, from–to), whether it has grades 10–11."""

    word: str
    short: str
    full: str
    parallel: tuple[int, int]
    senior: bool = True
    advantage: float = 0.0


SECONDARY = Kind("СОШ", "СОШ № {n}", "Средняя общеобразовательная школа № {n}", (55, 125))
GYMNASIUM = Kind("гимназия", "Гимназия № {n}", "Гимназия № {n}", (75, 115), advantage=0.25)
LYCEUM = Kind("лицей", "Лицей № {n}", "Лицей № {n}", (75, 115), advantage=0.35)
BASIC = Kind("ООШ", "ООШ № {n}", "Основная общеобразовательная школа № {n}", (18, 30), senior=False)
TINY = Kind("ООШ", "ООШ № {n}", "Основная общеобразовательная школа № {n}", (1, 9), senior=False)
KINDS = (
    *(SECONDARY, GYMNASIUM, SECONDARY, LYCEUM, TINY, SECONDARY),
    *(SECONDARY, SECONDARY, SECONDARY, BASIC, TINY, SECONDARY),
)


@dataclass(frozen=True)
class School:
    login: str
    number: int
    kind: Kind
    truth: SchoolTruth
    municipality: Municipality = TOWN
    other_logins: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"МБОУ «{self.kind.short.format(n=self.number)}»"

    @property
    def full_title(self) -> str:
        name = self.kind.full.format(n=self.number)
        return f"Муниципальное бюджетное общеобразовательное учреждение «{name}»"

    @property
    def label(self) -> str:
        return f"{self.title}({self.login})"

    def has_grade(self, grade: int) -> bool:
        return grade < 10 or self.kind.senior


def make_schools(
    seed: int, count: int, municipality: Municipality = TOWN, first_number: int = 1, *, plants: bool = True
) -> list[School]:
    """`count` schools with abilities spread as SCHOOL_SPREAD says and with logins `edu19NNNN`.

    Only the sample's own town is planted (`plants.py`): the rest of a region is what it is measured against.
    plants=False leaves the town as drawn; planting changes nothing in the other schools.
    """
    rng = stream(seed, "schools", municipality.code)
    quantiles = [NormalDist().inv_cdf((i + 0.5) / count) for i in range(count)]
    abilities = SCHOOL_SPREAD * rng.permutation(quantiles) if count > 1 else np.zeros(1)
    severities = rng.normal(0, SEVERITY_SPREAD, count)
    schools = []
    for number, kind, ability, severity in zip(
        range(first_number, first_number + count), _kinds(count), abilities, severities, strict=True
    ):
        digits = f"19{number:04d}"
        truth = SchoolTruth(round(float(ability) + kind.advantage, 3), round(float(severity), 3))
        schools.append(
            School(f"edu{digits}", number, kind, truth, municipality, other_logins=(f"sch{digits}", f"ksh{digits}"))
        )
    return _planted(schools, seed) if plants and municipality == TOWN else schools


def planted(seed: int, schools: int) -> dict[str, SchoolTruth]:
    """Login → truth of the planted schools of the sample's town of that many schools, the same in every year."""
    return {school.login: school.truth for school in make_schools(seed, schools) if school.truth.role}


def _planted(schools: list[School], seed: int) -> list[School]:
    """Plants stand in ordinary secondary schools, except the last one, part of whose results come as forms."""
    usual = [position for position, school in enumerate(schools) if school.kind is not TINY]
    free = {i: schools[i].truth.ability for i in usual[:-1] if schools[i].kind is SECONDARY}
    result = list(schools)
    for position, plant in choose(free, len(schools), stream(seed, "plants", TOWN.code)).items():
        truth = replace(schools[position].truth, **asdict(plant))
        result[position] = replace(schools[position], truth=truth)
    return result


def _kinds(count: int) -> list[Kind]:
    return list(islice(cycle(KINDS), count))
