"""ВсОШ facts: what a validated row of an olympiad protocol holds, counts of a stage, the pupils there are to take part.

A pupil is a key within a school: an HMAC of the name or, where a file has only codes, `#` and an HMAC of the code. A
code of «Сириус» is given per pupil and subject, so it says nothing of the same pupil in another subject or stage. Who
competes for an older class stays in it at the later stages; two of one name in two classes are namesakes.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue
from schemas.fields import field
from schemas.risk import SchoolYear
from schemas.vpr import SUBJECT, Fact

RULES = catalogue.olympiad_rules()
STAGES: tuple[str, ...] = tuple(RULES["stages"])
"""Школьный, муниципальный, региональный, заключительный."""
STATUSES = ("winner", "prizewinner", "participant")
ALL = "ALL"
"""All subjects together, where a subject's code stands."""
NO_DIRECTION = "—"
OUTCOMES = ("absent", "removed", "unfinished", "annulled")
"""Why an invited pupil has no result; who was absent takes no part."""
KEY_OR_CODE = r"^#?[0-9a-f]{16}$"
STAGE_CODES = {spelling: code for code, told in RULES["stages"].items() for spelling in (told["short"], told["title"])}
STATUS_CODES = {spelling: code for code, spellings in RULES["statuses"].items() for spelling in spellings}


class OlympiadResult(Fact):
    """ВсОШ: участник этапа по предмету."""

    year: pd.Int16Dtype = field("Отчётный год", key=True, reads="school_year", ge=2015, le=2100)
    stage: str = field("Этап", key=True, isin=STAGES, codes=STAGE_CODES)
    subject: str = field("Код предмета", key=True, reads="olympiad_subject", str_matches=SUBJECT)
    direction: str = field("Направление практики или профиль («—»: не названо)", key=True)
    org_ref: str = field("ОО, как названа", key=True, reads="school")
    pupil_key: str = field("Ключ участника", key=True, personal=True, str_matches=KEY_OR_CODE)
    grade: pd.Int8Dtype = field("Класс, за который выступает", key=True, reads="pupil_grade", ge=1, le=11)
    pupil_grade: pd.Int8Dtype = field("Класс, в котором учится", reads="pupil_grade", ge=1, le=11)
    score: pd.Float64Dtype = field("Итоговый балл", unit="балл", ge=0, at_most="max_score")
    max_score: pd.Float64Dtype = field("Максимальный балл", unit="балл", gt=0)
    completion_pct: pd.Float64Dtype = field("Выполнение", unit="%", ge=0, le=100)
    status: str = field("Статус", isin=STATUSES, codes=STATUS_CODES)
    outcome: str = field("Почему нет результата: не явился, удалён, аннулирован", isin=OUTCOMES)


class OlympiadCount(SchoolYear):
    """ВсОШ: количественные данные этапа — школа × предмет × класс.

    В строках «все предметы» (`ALL`) каждый ученик считается один раз: уникальные участники, победители, призёры.
    """

    stage: str = field("Этап", key=True, isin=STAGES, codes=STAGE_CODES)
    subject: str = field(
        "Код предмета; ALL — все предметы, каждый ученик один раз",
        key=True, reads="olympiad_subject", str_matches=rf"{SUBJECT}|^{ALL}$",
    )  # fmt: skip
    grade: pd.Int8Dtype = field("Класс", key=True, reads="pupil_grade", ge=1, le=11)
    participants: pd.Int32Dtype = field("Участников", unit="чел.", nullable=False, ge=0)
    winners: pd.Int32Dtype = field("Победителей", unit="чел.", ge=0, at_most="participants")
    prizewinners: pd.Int32Dtype = field("Призёров", unit="чел.", ge=0, at_most="participants")

    @pa.dataframe_check(error="row_awards_over")
    def _no_more_awards_than_participants(cls, frame: pd.DataFrame) -> pd.Series:
        return (frame["winners"] + frame["prizewinners"] <= frame["participants"]).fillna(True)


class Contingent(SchoolYear):
    """Контингент: обучающихся в параллели."""

    grade: pd.Int8Dtype = field("Класс", key=True, reads="pupil_grade", ge=1, le=11)
    pupils: pd.Int32Dtype = field("Обучающихся в параллели", unit="чел.", nullable=False, ge=0)
