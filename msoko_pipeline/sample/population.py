"""The rest of the region and the country, simulated to give reports their upper rows.

The region is simulated whole, pupil by pupil, and holds the town. The country is a simulated sample in which each
pupil stands for COUNTRY_WEIGHT pupils, so that printed shares times printed numbers are whole again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from msoko_pipeline.sample import advanced
from msoko_pipeline.sample.menus import MENUS
from msoko_pipeline.sample.pupils import PUPIL_SPREAD, Parallel
from msoko_pipeline.sample.sitting import Sitting, sit
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import SCHOOL_SPREAD, SEVERITY_SPREAD
from msoko_pipeline.sample.works import Work

REGION_SCHOOLS, REGION_PUPILS = 165, 5600
COUNTRY_SCHOOLS, COUNTRY_SAMPLE, COUNTRY_WEIGHT = 35_400, 8000, 180
SENIOR_SHARE = 0.45  # of a parallel stays for the tenth grade


@dataclass(frozen=True)
class Population:
    """A simulated set of participants; `organisations` is how many schools they are from."""

    sitting: Sitting
    organisations: int
    weight: int = 1


def rest_of_region(work: Work, seed: int) -> Population:
    return _population(work, seed, "region", REGION_SCHOOLS, REGION_PUPILS)


def country(work: Work, seed: int) -> Population:
    return _population(work, seed, "country", COUNTRY_SCHOOLS, COUNTRY_SAMPLE, COUNTRY_WEIGHT)


def _population(work: Work, seed: int, place: str, schools: int, pupils: int, weight: int = 1) -> Population:
    rng = stream(seed, place, work.year, *work.key)
    share = writing_share(work) * rng.uniform(0.92, 1.08)
    count = round(pupils * share)
    clusters = max(1, round(min(schools, REGION_SCHOOLS) * min(share, 1)))
    school = np.sort(rng.integers(0, clusters, count))
    spread = rng.normal(advanced.ADVANTAGE * (work.subject in advanced.BASE), SCHOOL_SPREAD, clusters)
    severity = rng.normal(0, SEVERITY_SPREAD, clusters)
    people = Parallel(
        year=work.year,
        grade=work.pupil_grade,
        school=school,
        number=np.arange(count) % 999 + 1,
        class_no=np.ones(count, dtype=np.int64),
        girl=rng.random(count) < 0.49,
        ability=spread[school] + rng.normal(0, PUPIL_SPREAD, count),
        severity=severity[school],
        inflation=np.zeros(count),
        heaping=np.zeros(count),
    )
    organisations = max(clusters, round(schools * min(share, 1)))
    return Population(sit(work, people, seed, place, absent_share=0), organisations, weight)


def writing_share(work: Work) -> float:
    """Part of the parallel that writes the work: all, or those whose school drew it; of an advanced work its groups."""
    menu = MENUS[work.year][work.grade]
    subject = advanced.BASE.get(work.subject, work.subject)
    share = SENIOR_SHARE if work.pupil_grade >= 10 else 1.0
    for choice in menu.choices:
        options = choice.split()
        if subject in options and subject not in menu.required.split():
            share *= options.count(subject) / len(options)
    return share * advanced.WRITING_SHARE if work.subject in advanced.BASE else share
