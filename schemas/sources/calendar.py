"""The calendar of assessments: what is held when and in which classes, who is to sit it, who has (roadmap 2.1–2.3)."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import procedures, types
from schemas.declared import MadeRows, mart
from schemas.measure import count, label, share, total
from schemas.register import Register, register
from schemas.rules import days_in_order, days_of_the_school_year
from schemas.types import Flag, Int, Short, Text, Tiny

TITLE = "график оценочных процедур"
SOURCE = "критерий проекта, docs/methodology.md: кто участвует — по графику, сколько учеников — по контингенту"


@register(
    "procedure",
    title="График оценочных процедур",
    file="График оценочных процедур.xlsx",
    sheet="График",
    about="Одна строка на процедуру, предмет и класс; «все предметы», если график у них общий. Участвуют «все» — "
    "каждый ученик класса, «выборка» — школы листа «Выборка», «по выбору» — кто решил сам.",
    known_by=("procedure", "starts", "sits"),
    replaces=("procedure", "subject", "grade"),
    is_whole=True,
)
class Procedure(Register):
    """График оценочных процедур: предмет, класс, дни, кто участвует."""

    year: Short = types.school_year()
    procedure: Text = procedures.procedure()
    subject: Text = procedures.subject(procedures.SUBJECTS_AND_ALL, "Русский язык")
    grade: Tiny = types.grade(key=True, also=["Параллель"], example=5)
    starts: Text = types.date(
        "Начало", "день.месяц.год; один день — он же и окончание", key=True, example="20.04.2026",
        also=["Дата", "Дата начала", "С", "Начало периода"],
    )  # fmt: skip
    ends: Text = types.date(
        "Окончание", "день.месяц.год, не раньше начала", also=["Дата окончания", "По", "Конец периода"],
        example="20.05.2026",
    )  # fmt: skip
    sits: Text = types.code(
        "Участвуют", procedures.SITS, required=True, also=["Участники", "Кто участвует", "Охват"], example="все"
    )
    is_obligatory: Flag = types.yes_no(
        "Обязательна", "обязательна ли для тех, кто участвует", also=["Обязательность", "Обязательная"], optional=True
    )
    organisations: Int = types.count(
        "Организаций", "сколько должно участвовать; можно пусто", unit="ОО", optional=True, example=12
    )
    results_on: Text = types.date(
        "Результаты", "когда объявлены или будут; можно пусто", optional=True,
        also=["Дата публикации результатов", "Публикация результатов"], example="30.06.2026",
    )  # fmt: skip
    files_by: Text = types.date(
        "Файлы до", "до какого дня прислать файлы; можно пусто", optional=True,
        also=["Срок сдачи файлов", "Срок приёма файлов", "Прислать до", "Срок предоставления файлов"],
        example="19.06.2026",
    )  # fmt: skip

    _dates_in_order = days_in_order("starts", "ends")
    _in_the_school_year = days_of_the_school_year("starts", "ends")

    _results_after_the_work = days_in_order("starts", "results_on", "row_results_early")
    _files_after_the_work = days_in_order("starts", "files_by", "row_files_early")

    @pa.dataframe_check(error="row_choice_obligatory")
    def _no_duty_to_choose(cls, rows: pd.DataFrame) -> pd.Series:
        return ~((rows["sits"] == "choice") & rows["is_obligatory"]).fillna(False).astype(bool)


@register(
    "procedure_sample",
    title="График оценочных процедур, выборка",
    file="Выборка оценочных процедур.xlsx",
    sheet="Выборка",
    about="Одна строка на школу своей территории, которая отобрана для процедуры (НИКО, ВПР по жребию), предмет и "
    "класс.",
    known_by=("procedure", "sampled"),
    replaces=("procedure", "subject", "grade"),
    is_whole=True,
    is_of_own=False,
)
class ProcedureSample(Register):
    """Выборка оценочной процедуры: отобранная школа."""

    year: Short = types.school_year()
    procedure: Text = procedures.procedure(example="НИКО")
    subject: Text = procedures.subject(procedures.SUBJECTS_AND_ALL, "История")
    grade: Tiny = types.grade(key=True, also=["Параллель"], example=6)
    org_ref: Text = types.school()
    sampled: Int = types.count("Учеников в выборке", "можно пусто", also=["Отобрано учеников"], example=25)


class Sittings(MadeRows):
    """A work of a procedure (subject, class) in a school that is to sit it or has sat it."""

    procedure: Text = procedures.procedure()
    subject: Text = types.column("Предмет или направление", "", str_matches=types.SUBJECT)
    grade: Tiny = types.grade()
    sits: Text = types.code("Кто участвует", procedures.SITS)
    is_obligatory: Flag = types.yes_no("Обязательна")
    is_expected: Flag = types.yes_no("Школа должна участвовать")
    has_sent: Flag = types.yes_no("Результаты есть")
    pupils: Int = types.count("Должны участвовать")
    participants: Int = types.count("Участвовали")


EXPECTED = {"is_expected": True}
SENT, LACKING = EXPECTED | {"has_sent": True}, EXPECTED | {"has_sent": False}


@mart(
    "procedure_participation",
    of=Sittings,
    made_of=("procedure",),
    title="Участие в оценочных процедурах: кто должен был, кто участвовал, чьих результатов нет",
    slices=(("procedure",), ("procedure", "grade"), ("procedure", "subject", "grade")),
    base="participants",
    procedure=("", "procedure"),
)
class ProcedureParticipation:
    """Работа школы — предмет и класс одной процедуры в одной школе. Должны участвовать школы, у которых этот класс есть
    (процедуры для всех), и школы выборки; кто участвует по выбору, не должен. Чьих результатов нет, о тех неизвестно:
    в доле учеников их нет. Если в графике года нет ВПР, обязательны русский язык и математика ВПР."""

    sits = label("Кто участвует: все (all), выборка (sample), по выбору (choice)", "sits", by="subject")
    works = count("Работ школ по графику", unit="работ", where=EXPECTED)
    works_sent = count("Из них с результатами", unit="работ", where=SENT)
    works_lacking = count("Из них без результатов", unit="работ", where=LACKING)
    obligatory_works_lacking = count(
        "Из них без результатов обязательных", unit="работ", where=LACKING | {"is_obligatory": True}
    )
    other_works = count(
        "Работ школ с результатами по выбору и сверх графика", unit="работ", where={"is_expected": False}
    )
    participants = total("participants", "Участвовали", unit="участий")
    completeness = share(
        "Доля работ школ с результатами от положенных по графику",
        part=count("Из них с результатами", unit="работ", where=SENT),
        whole=count("Работ школ по графику", unit="работ", where=EXPECTED), item="2.3", better="up", source=SOURCE,
    )  # fmt: skip
    participation = share(
        "Доля участвовавших учеников от тех, кто должен был, в школах с результатами",
        part=total("participants", unit="участий", where=EXPECTED),
        whole=total("pupils", unit="участий", where=EXPECTED), item="2.1", better="up", source=SOURCE,
    )  # fmt: skip
