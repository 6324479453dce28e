"""Value orientations of pupils by anonymous questionnaires: levels by value and class (roadmap 9.7)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue, types
from schemas.declared import MadeRows, mart
from schemas.measure import ALL, NO_GRADE, share, total
from schemas.register import Register, register
from schemas.types import GRADES, Int, Number, Short, Text, Tiny

TITLE = "ценностные ориентации"
DATA = catalogue.upbringing()
LEAST: int = DATA["least_answers"]
SOURCE: str = DATA["least_answers_source"]["source"]
VALUES = types.spelled(DATA["values"])
LEVELS = ("high", "medium", "low")


def _level(title: str, hint: str, example: int, *also: str) -> Int:
    declared: Int = types.count(title, hint, also=also, at_most="answers", required=True, example=example)
    return declared


@register(
    "value_orientations",
    title="Ценностные ориентации обучающихся",
    file="Ценностные ориентации.xlsx",
    sheet="Ценности",
    about="Одна строка на школу, параллель и ценность: сколько учеников ответили и сколько из них на каждом уровне. "
    "Анкеты анонимны, имён не нужно. Если методик две, пришлите одну, ту, что выбрал город. Доли публикуются, если "
    f"ответов не меньше {LEAST}.",
    known_by=("value_block", "answers"),
    replaces=("org_ref",),
    is_whole=True,
)
class ValueOrientations(Register):
    """Ценностные ориентации: уровни по ценностям и параллелям школы."""

    year: Short = types.school_year()
    org_ref: Text = types.school()
    grade: Tiny = types.grade(key=True, example=8)
    method: Text = types.words(
        "Методика", "название; можно пусто", also=["Название методики"], optional=True, example="Личностный рост"
    )  # fmt: skip
    value_block: Text = types.code(
        "Ценность", VALUES, key=True, also=["Блок", "Ценностный блок", "Ценностная ориентация"], example="Отечество"
    )
    answers: Int = types.count(
        "Ответили", "учеников", also=["Опрошено", "Количество опрошенных", "Участников опроса"], least=1,
        required=True, example=60,
    )  # fmt: skip
    high: Int = _level("Высокий уровень", "учеников; устойчиво-позитивное отношение", 25, "Высокий")
    medium: Int = _level("Средний уровень", "учеников; ситуативно-позитивное отношение", 27, "Средний")
    low: Int = _level(
        "Низкий уровень", "учеников; негативное отношение; три уровня вместе — все ответившие", 8, "Низкий"
    )  # fmt: skip

    @pa.dataframe_check(error="row_value_levels_differ")
    def _levels_add_up(cls, rows: pd.DataFrame) -> pd.Series:
        return (rows[list(LEVELS)].sum(axis=1) == rows["answers"]).fillna(True).astype(bool)


class Answered(MadeRows):
    """Pupils of a unit, class (0: all) and value who answered; of all values together (ALL) their mean over values.

    Levels are told where enough pupils answered; of all values they are means, so they may be fractions.
    """

    grade: Tiny = types.grade(choices=(NO_GRADE, *GRADES), isin=[NO_GRADE, *GRADES], key=True)
    value_block: Text = types.code("Ценность", {**VALUES, "все ценности": ALL}, key=True)
    schools: Int = types.count("Школ", unit="ОО")
    answers: Int = types.count("Ответов", unit="ответов")
    respondents: Int = types.count("Ответили")
    high: Number = types.count("Высокий уровень")
    medium: Number = types.count("Средний уровень")
    low: Number = types.count("Низкий уровень")


def _level_share(title: str, level: str, better: str | None) -> Any:
    return share(title, part=total(level), whole=total("respondents"), whole_as=None, item="9.7", better=better,
                 source=SOURCE)  # fmt: skip


@mart(
    "value_orientations",
    of=Answered,
    made_of=("value_orientations",),
    title="Ценностные ориентации обучающихся: уровни по ценностям и классам",
    slices=(("grade", "value_block"),),
    base="respondents",
)
class Orientations:
    """Ученик отвечает о каждой ценности: «все ценности» — среднее по ним, и числа учеников там могут быть дробными.
    Где ответило мало учеников, долей нет; у муниципалитета доли — по всем ответам его школ."""

    schools = total("schools", "Школ, проводивших опрос", unit="ОО")
    respondents = total("respondents", "Учеников ответило")
    answers = total("answers", "Ответов: ученик о каждой ценности", unit="ответов")
    high_level = _level_share("Доля учеников с высоким уровнем ценностных ориентаций", "high", "up")
    medium_level = _level_share("Доля учеников со средним уровнем ценностных ориентаций", "medium", None)
    low_level = _level_share("Доля учеников с низким уровнем ценностных ориентаций", "low", "down")
