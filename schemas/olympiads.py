"""ВсОШ: what a validated row of an olympiad protocol holds, counts of a stage, the pupils there are to take part; the
mart of participation, awards, coverage and the way to the next stage.

A pupil is a key within a school: an HMAC of the name or, where a file has only codes, `#` and an HMAC of the code. A
code of «Сириус» is given per pupil and subject, so it says nothing of the same pupil in another subject or stage. Who
competes for an older class stays in it at the later stages; two of one name in two classes are namesakes.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue, types
from schemas.declared import MadeRows, mart
from schemas.facts import Fact
from schemas.fields import field
from schemas.measure import ALL, made, share, total
from schemas.published import PCT
from schemas.register import Register, register
from schemas.types import SUBJECT, Int, Short, Text, Tiny

RULES = catalogue.olympiad_rules()
SOURCE = "критерий проекта, docs/methodology.md: протоколы и количественная форма ВсОШ"
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


def _people(title: str) -> pd.Int64Dtype:
    counted: pd.Int64Dtype = field(title, unit="чел.", ge=0)
    return counted


class SchoolStage(MadeRows):
    """Counts of a school, stage and subject (or all of them); NULL where nobody tells; see `formulas.of_schools`."""

    stage: str = field("Этап: ШЭ, МЭ, РЭ, ЗЭ", isin=STAGES, codes=STAGE_CODES)
    subject: str = field("Код предмета; ALL — все вместе", str_matches=rf"{SUBJECT}|^{ALL}$")
    participants: pd.Int64Dtype = _people("Участий")
    unique_pupils: pd.Int64Dtype = _people("Участников")
    judged: pd.Int64Dtype = _people("Участий с известным статусом")
    awards: pd.Int64Dtype = _people("Победителей и призёров")
    winners: pd.Int64Dtype = _people("Победителей")
    prizewinners: pd.Int64Dtype = _people("Призёров")
    award_pupils: pd.Int64Dtype = _people("Учеников с наградой")
    covered: pd.Int64Dtype = _people("Участников ШЭ 4–11 классов")
    contingent: pd.Int64Dtype = _people("Обучающихся 4–11 классов")
    without_contingent: pd.Int64Dtype = field("Контингент неизвестен", unit="ОО", ge=0)
    moving: pd.Int64Dtype = _people("Участий, о чьём следующем этапе есть протоколы")
    moved: pd.Int64Dtype = _people("Участий, за которыми следует участие в следующем этапе")
    scored: pd.Int64Dtype = _people("Участий с известным выполнением")
    low: pd.Int64Dtype = _people("Участий с выполнением меньше 25 %")
    max_known: pd.Int64Dtype = _people("Участий с известным максимумом")
    full_score: pd.Int64Dtype = _people("Участий с наибольшим баллом")
    judged_winners: pd.Int64Dtype = _people("Победителей ШЭ, чей балл на МЭ известен")
    fallen: pd.Int64Dtype = _people("Победителей ШЭ, набравших на МЭ меньше 25 %")


JUDGED = total("judged", "Участий с известным статусом")
COVERED = total("covered", "Из них участвовали в ШЭ", where={"stage": STAGES[0]})
CONTINGENT = total("contingent", "Контингент 4–11 классов участвовавших школ", where={"stage": STAGES[0]})
MOVING = total("moving", "Участий, о чьём следующем этапе есть протоколы")
MOVED = total("moved", "Из них участвовали в следующем этапе")
SCORED = total("scored", "Участий с известным выполнением")
MAX_KNOWN = total("max_known", "Участий с известным максимумом")
JUDGED_WINNERS = total("judged_winners", "Победителей ШЭ, чей балл на МЭ известен")


@mart(
    "olympiad",
    of=SchoolStage,
    title="ВсОШ: этап × предмет × уровень; subject ALL — все предметы вместе",
    slices=(("stage", "subject"),),
    base="participants",
    procedure=("VSOSH", "stage"),
)
class Olympiad:
    """Число муниципалитета известно, если его назвали все участвовавшие школы."""

    cycle = made("Оценочный цикл", dtype=str, key=True, str_matches=r"^vsosh-\d{4}$")
    facts_source = made("Откуда: протоколы (protocol), количественная форма (count)", dtype=str, nullable=False)
    participants = total("participants", "Участий (участник × предмет)", is_whole=True)
    unique_pupils = total("unique_pupils", "Участников: каждый ученик один раз", is_whole=True)
    judged = JUDGED
    winners = total("winners", "Победителей")
    prizewinners = total("prizewinners", "Призёров")
    award_pupils = total("award_pupils", "Учеников с наградой: каждый один раз", is_whole=True)
    efficiency = share(
        "Эффективность: победители и призёры / участия с известным статусом",
        part=total("awards"), part_as=None, whole=JUDGED, item="5.2", better="up", source=SOURCE,
    )  # fmt: skip
    contingent = CONTINGENT
    covered = COVERED
    contingent_source = made("Откуда контингент: contingent — форма контингента по классам", dtype=str)
    without_contingent = total("without_contingent", "Школ вне охвата: контингент неизвестен", unit="ОО")
    coverage = share(
        "Охват школьным этапом", part=COVERED, whole=CONTINGENT, item="5.2", better="up", source=SOURCE
    )  # fmt: skip
    moving = MOVING
    moved = MOVED
    conversion = share(
        "Конверсия в следующий этап", part=MOVED, whole=MOVING, item="5.2", better="up", source=SOURCE
    )  # fmt: skip
    scored = SCORED
    low = share(
        "Доля выполнивших меньше 25 %",
        part=total("low", "Из них выполнили меньше 25 %"), part_as="low", whole=SCORED,
        item="5.2", better="down", source=SOURCE,
    )  # fmt: skip
    max_known = MAX_KNOWN
    full_score = share(
        "Доля набравших максимум",
        part=total("full_score", "Из них набрали максимум"), part_as="full_score", whole=MAX_KNOWN,
        item="3.9", better=None, source=SOURCE,
    )  # fmt: skip
    judged_winners = JUDGED_WINNERS
    fallen = share(
        "Доля победителей ШЭ, набравших на МЭ меньше 25 %",
        part=total("fallen", "Из них набрали на МЭ меньше 25 %"), part_as="fallen", whole=JUDGED_WINNERS,
        item="3.9", better="down", source=SOURCE,
    )  # fmt: skip
    same_scores_pct = made("Наибольшая доля одинаковых результатов в параллели школы", dtype=pd.Float64Dtype, **PCT)
    same_scores_n = made("Участников этой параллели", unit="чел.", ge=0)
    possible_signs = made("Возможные признаки через «; »; пусто — нет, NULL — судить не по чему", dtype=str)
    not_judged = made("Почему признаков нет: доля строк в карантине", dtype=str)
