"""НОК in the made-up town: a third of the schools each year, by the same checklists and questionnaires as counted.

Planted: the last school of a year has no operator's table, so that its points are the calculation's; of the first one
the table has OFF points more for К2 than the checklist gives: a question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from msoko_pipeline.home.tables import typed
from msoko_pipeline.indicators.registers.rows import nok
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import School
from msoko_pipeline.sample.upbringing_rows import pupils_of
from msoko_pipeline.sample.workbooks import Cell, Row
from schemas.sources.nok import BLOCKS, CRITERIA, DATA, QUESTIONS

ITEMS = {"stand": 12, "site": 20, "contacts": 5, "comfort": 5, "territory": 5, "services": 6}
THERE = {"stand": 0.9, "site": 0.93, "contacts": 0.8, "comfort": 0.9, "territory": 0.4, "services": 0.6}
YES = {"v1": 0.7, "v3": 0.8, "v6": 0.04, "v7": 0.7, "v10": 0.4}
"""Question → chance of a «да» where it is not CONTENT."""
CONTENT, NO_ANSWER, SPREAD = 0.93, 0.01, 0.04
ASKED_PCT, ASKED_LESS_PCT = 42, 25  # of the recipients; in every fourth school fewer than the sample needs
OFF = 2
WAITS = {"К1": ["нет плана работы на стенде", "не открывается раздел сайта"], "К2": ["нет зоны отдыха"],
         "К3": ["нет пандуса у входа", "нет таблички шрифтом Брайля"], "К5": ["неудобный график кружков"]}  # fmt: skip


def _assessed(town: Sequence[School], year: int) -> list[School]:
    every = DATA["schedule"]["every_years"]
    return [school for place, school in enumerate(town) if place % every == year % every]


def _checklist(school: School, year: int, seed: int) -> Iterator[tuple[str, int, bool]]:
    """Block, number of the item, whether it is there."""
    rng = stream(seed, "nok checklist", school.login, year)
    for block, items in ITEMS.items():
        yield from ((block, item, bool(rng.random() < THERE[block])) for item in range(1, items + 1))


def _answers(school: School, year: int, seed: int) -> list[dict[str, bool | None]]:
    """A reply to each question of each respondent, None where it was not asked or not answered."""
    rng = stream(seed, "nok answers", school.login, year)
    content = CONTENT + float(rng.normal(0, SPREAD))
    replies = []
    share = ASKED_PCT if school.number % 4 else ASKED_LESS_PCT
    for _ in range(min(DATA["sample"]["enough"], _recipients(school, year, seed) * share // 100 + 1)):
        reply: dict[str, bool | None] = {}
        for name, question in QUESTIONS.items():
            is_asked = "asked_if" not in question or bool(reply[question["asked_if"]])
            is_told = is_asked and rng.random() >= NO_ANSWER
            reply[name] = bool(rng.random() < min(0.995, YES.get(name, content))) if is_told else None
        replies.append(reply)
    return replies


def _recipients(school: School, year: int, seed: int) -> int:
    return pupils_of(school, year, seed, 1, 11)


def totals(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """The operator's table: what the checklists and answers give."""
    schools = _assessed(town, year)[:-1]
    for place, school in enumerate(schools):
        replies = _answers(school, year, seed)
        blocks = [(block, there) for block, _, there in _checklist(school, year, seed)]
        key = {"year": year, "org_id": school.login}
        checklist = pd.DataFrame(blocks, columns=["block", "is_there"]).assign(**key)
        facts = (typed(checklist, nok.OF_KINDS["nok_checklist"]),
                 typed(pd.DataFrame(replies).assign(**key), nok.OF_KINDS["nok_answers"]))  # fmt: skip
        (counted,) = nok.points(*facts).to_dict("records")
        points = {name: float(counted[name]) for name in CRITERIA}
        points["comfort"] = min(100.0, points["comfort"] + OFF) if place == 0 else points["comfort"]
        score = float(np.mean(list(points.values())).round(DATA["digits"]))
        yield [year, school.login, *points.values(), score, _recipients(school, year, seed), len(replies)]


def checklists(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row for each item of each school that is assessed in the year."""
    titles: dict[str, str] = {}
    for spelling, block in BLOCKS.items():
        titles.setdefault(block, spelling)
    for school in _assessed(town, year):
        for block, item, there in _checklist(school, year, seed):
            yield [year, school.login, titles[block], f"пункт {item}", "да" if there else "нет"]


def answers(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row for each questionnaire."""
    words: dict[bool | None, Cell] = {True: "да", False: "нет", None: None}
    for school in _assessed(town, year):
        for number, reply in enumerate(_answers(school, year, seed), 1):
            yield [year, school.login, number, *(words[reply[name]] for name in QUESTIONS)]


def plans(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """What each school has to mend, most of it in time, some later, some not yet."""
    for school in _assessed(town, year):
        rng = stream(seed, "nok plan", school.login, year)
        for criterion, shortcomings in WAITS.items():
            for shortcoming in shortcomings:
                if rng.random() < 0.6:
                    due, late = int(rng.integers(5, 12)), int(rng.choice([-1, 0, 0, 1]))
                    done = f"{int(rng.integers(1, 28)):02d}.{due + late:02d}.{year}"
                    is_done = due + late < 9 and rng.random() < 0.85
                    yield [year, school.login, criterion, shortcoming, "устранить", f"28.{due:02d}.{year}",
                           done if is_done else None, f"01.09.{year}"]  # fmt: skip


OWN_ROWS = {"nok": totals, "nok_checklist": checklists, "nok_answers": answers, "nok_plan": plans}
"""Register → its rows of a town, year and seed."""
