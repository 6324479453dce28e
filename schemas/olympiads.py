"""ВсОШ facts: what a validated row of an olympiad protocol holds, counts of a stage, the pupils there are to take part.

A pupil is a key within a school: an HMAC of the name or, where a file has only codes, `#` and an HMAC of the code. A
code of «Сириус» is given per pupil and subject, so it says nothing of the same pupil in another subject or stage. Who
competes for an older class stays in it at the later stages; two of one name in two classes are namesakes.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue, types
from schemas.facts import Fact
from schemas.fields import field
from schemas.measure import ALL
from schemas.register import Register, register
from schemas.types import SUBJECT, Int, Short, Text, Tiny

RULES = catalogue.olympiad_rules()
STAGES: tuple[str, ...] = tuple(RULES["stages"])
"""Школьный, муниципальный, региональный, заключительный."""
STATUSES = ("winner", "prizewinner", "participant")
NO_DIRECTION = "—"
OUTCOMES = ("absent", "removed", "unfinished", "annulled")
"""Why an invited pupil has no result; who was absent takes no part."""
KEY_OR_CODE = r"^#?[0-9a-f]{16}$"
STAGE_CODES = {spelling: code for code, rule in RULES["stages"].items() for spelling in (rule["short"], rule["title"])}
OFFERED = ("Все предметы", *sorted(row["title"] for row in catalogue.subjects_of("vsosh").values()))
"""What the form offers as a subject."""
STATUS_CODES = {spelling: code for code, spellings in RULES["statuses"].items() for spelling in spellings}


class OlympiadResult(Fact):
    """ВсОШ: участник этапа по предмету."""

    year: pd.Int16Dtype = field("Отчётный год", key=True, reads="school_year", ge=2015, le=2100)
    stage: str = field("Этап", key=True, isin=STAGES, codes=STAGE_CODES)
    subject: str = field("Код предмета", key=True, reads="olympiad_subject", str_matches=SUBJECT)
    direction: str = field("Направление практики или профиль («—»: не названо)", key=True, content="words")
    org_ref: str = field("ОО, как названа", key=True, reads="school")
    pupil_key: str = field("Ключ участника", key=True, personal=True, str_matches=KEY_OR_CODE)
    grade: pd.Int8Dtype = field("Класс, за который выступает", key=True, reads="pupil_grade", ge=1, le=11)
    pupil_grade: pd.Int8Dtype = field("Класс, в котором учится", reads="pupil_grade", ge=1, le=11)
    score: pd.Float64Dtype = field("Итоговый балл", unit="балл", ge=0, at_most="max_score")
    max_score: pd.Float64Dtype = field("Максимальный балл", unit="балл", gt=0)
    completion_pct: pd.Float64Dtype = field("Выполнение", unit="%", ge=0, le=100)
    status: str = field("Статус", isin=STATUSES, codes=STATUS_CODES)
    outcome: str = field("Почему нет результата: не явился, удалён, аннулирован", isin=OUTCOMES)


@register(
    "olympiad_count",
    title="Количественные данные этапа ВсОШ",
    file="Количественные данные ВсОШ.xlsx",
    sheet="ВсОШ",
    about="Строка на школу, этап, предмет и класс. В строках «Все предметы» каждый ученик считается один раз: это "
    "уникальные участники, победители и призёры.",
    known_by=("org_id", "stage", "winners", "prizewinners"),
    replaces=("stage", "subject", "org_id"),
)
class OlympiadCount(Register):
    """ВсОШ: количественные данные этапа — школа × предмет × класс.

    В строках «все предметы» (`ALL`) каждый ученик считается один раз: уникальные участники, победители, призёры.
    """

    year: Short = types.school_year()
    org_id: Text = types.login("логин школы в ФИС ОКО")
    stage: Text = types.code("Этап", STAGE_CODES, key=True, example="ШЭ")
    subject: Text = types.column(
        "Предмет", "выберите из списка", choices=OFFERED, key=True, reads="olympiad_subject",
        str_matches=rf"{SUBJECT}|^{ALL}$", example="Все предметы",
    )  # fmt: skip
    grade: Tiny = types.grade(hint="от 4 до 11", choices=range(4, 12), key=True, example=7)
    participants: Int = types.count("Участников", required=True, example=40)
    winners: Int = types.count("Победителей", "человек, не больше участников", at_most="participants", example=3)
    prizewinners: Int = types.count(
        "Призёров", "человек; вместе с победителями не больше участников", at_most="participants", example=9
    )

    @pa.dataframe_check(error="row_awards_over")
    def _no_more_awards_than_participants(cls, rows: pd.DataFrame) -> pd.Series:
        return (rows["winners"] + rows["prizewinners"] <= rows["participants"]).fillna(True)


@register(
    "contingent",
    title="Контингент по классам",
    file="Контингент по классам.xlsx",
    sheet="Контингент",
    about="Сколько учеников в каждой параллели школы; нужно для охвата школьным этапом.",
    known_by=("org_id", "grade", "pupils"),
    replaces=("org_id",),
)
class Contingent(Register):
    """Контингент: обучающихся в параллели."""

    year: Short = types.school_year()
    org_id: Text = types.login("логин школы в ФИС ОКО")
    grade: Tiny = types.grade(hint="параллель, от 1 до 11", key=True, example=7)
    pupils: Int = types.count("Обучающихся в параллели", "человек на 1 октября", required=True, example=96)
