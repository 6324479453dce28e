"""The management cycle of the made-up town: every item of the roadmap, its acts, and what was done about low schools.

A low school gets a recommendation, two measures of the plan of help, a decision and an analysis of the effect; the
plans of other sections have measures of the authority's own. Codes are the same year after year, records are of their
own year. In the last year part of it is still going on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from msoko_pipeline.sample.plants import INFLATED, LOW, SLIDING
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import LAST_YEAR, School
from msoko_pipeline.sample.workbooks import Cell, Row
from schemas import catalogue

LATE, GOING_ON = 0.12, 0.15
CATEGORIES = {LOW: "ШНОР", SLIDING: "зона риска", INFLATED: "признаки необъективности"}
PLANS = {LOW: ("1.3", "А-3"), SLIDING: ("1.4", "А-4"), INFLATED: ("1.5", "А-5")}
"""Role of a school → item of the plan by which it is helped, code of the act."""
ADVISED = {LOW: "4.1", SLIDING: "4.2", INFLATED: "3.10"}
DECIDED = {LOW: "4.4", SLIDING: "4.5", INFLATED: "3.13"}
OTHER_PLANS = {
    "1.7": "А-7", "6.7": "А-7", "1.6": "А-6", "1.8": "А-8", "10.2.1": None, "10.3.1": None, "10.4.1": None,
    "10.5.1": None, "10.6.1": None,
}  # fmt: skip
"""Item of what the authority itself is to do → code of the act of its plan."""
OF_HEADS = ("поощрение", "повышение квалификации", "кадровый резерв")
"""Kinds of decisions about heads of the first schools, one each."""
FACTORS = {LOW: "дефицит педагогических кадров", SLIDING: "низкая учебная мотивация",
           INFLATED: "нарушения при проверке работ"}  # fmt: skip
MEASURES = ("семинар для учителей математики", "диагностика учебных дефицитов")
DUE_TWICE, FIXED = "D+J", "FIX"


@dataclass(frozen=True)
class Progress:
    """How something that is due went: status, day it was done and evidence as cells of a form."""

    due: str
    status: str
    done_on: str | None
    evidence: str | None

    @property
    def cells(self) -> list[Cell]:
        return [self.due, self.status, self.done_on, self.evidence]


def _progress(rng: np.random.Generator, due: str, year: int, number: int) -> Progress:
    """due: day.month.year, never later than the 28th."""
    luck, day = float(rng.random()), int(rng.integers(1, 28))
    month, of_year = due[3:5], due[6:]
    if year == LAST_YEAR and luck < GOING_ON:
        return Progress(due, "в работе", None, None)
    evidence = f"справка № {number} за {year} год"
    if luck > 1 - LATE:
        later = int(month) % 12 + 1
        late = f"{day:02d}.{later:02d}.{int(of_year) + (later == 1)}"
        return Progress(due, "исполнено с опозданием", late, evidence)
    return Progress(due, "исполнено", f"{min(day, int(due[:2])):02d}.{month}.{of_year}", evidence)


TARGETS = {"career_guidance_bilet": 30, "Охват школьным этапом": 60, "training_quality_indicators_base": 90}
"""Indicator, by its code or title → target of the last year; one more each year."""


def targets(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """Targets that the authority has set."""
    for indicator, target in TARGETS.items():
        yield [year, indicator, target + year - LAST_YEAR, "Приказ 12-о"]


def items(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row for each item and period."""
    rng = stream(seed, "roadmap items", year)
    for number, (item, declared) in enumerate(catalogue.roadmap_items().items(), 1):
        periods = {"год": f"28.06.{year}"}
        if declared["due"] == DUE_TWICE:
            periods = {"декабрь": f"28.12.{year - 1}", "июнь": f"28.06.{year}"}
        for period, due in periods.items():
            cells = _progress(rng, due, year, number).cells
            yield [year, item.rstrip("*"), period, None, "отдел общего образования", *cells, _filled_in(year), None]


def acts(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """An act for each item that is carried out by one, and the plans of help."""
    kinds = {"1.3": "программа", "1.4": "план", "1.5": "план"}
    for number, (item, declared) in enumerate(catalogue.roadmap_items().items(), 1):
        if declared["kind"] in ("register", "conditional"):
            kind = kinds.get(item, "приказ")
            yield [
                *(year, f"А-{number}", item, kind, str(100 + number), f"{number % 27 + 1:02d}.09.{year - 1}"),
                *(f"Во исполнение пункта {item}", None, f"31.08.{year}" if kind != "приказ" else None, None),
            ]


def _helped(town: Sequence[School]) -> list[tuple[int, School, str]]:
    """Schools that are helped: number, school, role."""
    return [(number, one, one.truth.role) for number, one in enumerate(town, 1) if one.truth.role in CATEGORIES]


def recommendations(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """To each school that is helped, to the heads of the first schools, and one to all schools."""
    rng = stream(seed, "recommendations", year)
    issued = f"15.09.{year - 1}"
    basis = f"результаты {year - 1} года"
    to_schools = [(f"Р-{number}", ADVISED[role], school.login, None) for number, school, role in _helped(town)]
    heads = [(f"Р-20{number}", "7.2", school.login, None) for number, school in enumerate(town[: len(OF_HEADS)], 1)]
    for code, item, login, group in [*to_schools, ("Р-100", "2.6", None, "все школы"), *heads]:
        done = _progress(rng, f"25.12.{year - 1}", year, len(code)).cells
        about = (item, login, group, "провести диагностику учебных дефицитов", basis, issued)
        yield [year, code, *about, *done, _filled_in(year)]


def measures(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """Two measures of each plan of help, with the share of low marks by which they are judged; the authority's own."""
    rng = stream(seed, "measures", year)
    begun, dues = f"01.10.{year - 1}", (f"20.12.{year - 1}", f"21.04.{year}")
    for number, school, role in _helped(town):
        item, act = PLANS[role]
        before, after = _shares(seed, school, year)
        for place, (text, due) in enumerate(zip(MEASURES, dues, strict=True), 1):
            yield [
                *(year, f"М-{number}{place}", act, item, school.login, CATEGORIES[role], FACTORS[role], text),
                *("методист", begun, *_progress(rng, due, year, number).cells),
                *(_filled_in(year), "доля «2» по математике, %", before, max(0.0, before - 5), after),
            ]
    for number, (item, plan) in enumerate(OTHER_PLANS.items(), 1):
        for place, due in enumerate(dues, 1):
            yield [
                *(year, f"М-9{number}{place}", plan, item, None, None, None, "семинар для педагогов", "методист"),
                *(begun, *_progress(rng, due, year, number).cells, _filled_in(year), None, None, None, None),
            ]


def decisions(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A decision on each school that is helped, on the heads of the first schools, and on every plan."""
    rng = stream(seed, "decisions", year)
    helped = [(f"У-{number}", DECIDED[role], school.login, "методическая помощь", f"Р-{number}")
              for number, school, role in _helped(town)]  # fmt: skip
    heads = [(f"У-20{number}", "7.3", school.login, kind, f"Р-20{number}")
             for number, (school, kind) in enumerate(zip(town, OF_HEADS, strict=False), 1)]  # fmt: skip
    plans = [(f"У-9{number}", item, None, "изменение плана", f"М-9{number}1")
             for number, item in enumerate(OTHER_PLANS, 1)]  # fmt: skip
    for code, item, login, kind, basis in [*helped, *heads, *plans]:
        done = _progress(rng, f"25.05.{year}", year, len(code)).cells
        of = (item, login, kind, "закрепить методиста", basis, f"10.01.{year}")
        yield [year, code, *of, *done, _filled_in(year)]


def _filled_in(year: int) -> str:
    """The day on which the authority fills in its registers of the year."""
    return f"30.06.{year}"


def effects(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """Whether the first measure of each plan had an effect: the same shares."""
    for number, school, role in _helped(town):
        before, after = _shares(seed, school, year)
        target = max(0.0, before - 5)
        words = "эффективно" if after <= target else "частично эффективно" if after < before else "неэффективно"
        of = (year, f"Э-{number}", DECIDED[role], school.login, f"М-{number}1", f"20.06.{year}")
        yield [*of, "доля «2» по математике, %", before, target, after, words]


def _shares(seed: int, school: School, year: int) -> tuple[float, float]:
    """Low marks of the year before and of the year, %."""
    before, after = (
        round(float(stream(seed, "low marks", school.login, each).uniform(10, 40)), 1) for each in (year - 1, year)
    )
    return before, after


OWN_ROWS = {
    "target": targets,
    "roadmap_item": items,
    "act": acts,
    "recommendation": recommendations,
    "planned_measure": measures,
    "decision": decisions,
    "effect": effects,
}
"""Register → its rows of a town, year and seed."""
