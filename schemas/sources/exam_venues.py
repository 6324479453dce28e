"""How procedures are held: rooms with video, observers, violations, who marks the works (roadmap 3.1, 3.2, 3.7)."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import procedures, types
from schemas.register import Register, register
from schemas.rules import days_of_the_school_year
from schemas.types import REGISTER_CODE, Flag, Int, Short, Text

TITLE = "проведение процедур"


def _rooms(title: str, hint: str, example: int, *also: str) -> Int:
    counted: Int = types.count(title, hint, unit="аудиторий", at_most="rooms", also=also, example=example)
    return counted


def _observers(title: str, example: int, *also: str) -> Int:
    hint = "из присутствовавших; можно пусто"
    counted: Int = types.count(title, hint, at_most="observers_present", also=also, optional=True, example=example)
    return counted


@register(
    "exam_venue",
    title="Проведение процедур: аудитории и наблюдатели",
    file="Проведение процедур.xlsx",
    sheet="Проведение",
    about="Одна строка на день процедуры и место: ППЭ, а где их нет (ВПР, ВсОШ) — школа. Имён не нужно. Пусто — нет "
    "данных; если чего-то не было, впишите 0.",
    known_by=("venue", "rooms_online"),
    replaces=("procedure", "held_on", "org_ref"),
    is_whole=True,
)
class ExamVenue(Register):
    """Проведение процедур: день в одном месте, аудитории, наблюдатели, нарушения."""

    year: Short = types.school_year()
    procedure: Text = procedures.procedure(procedures.HELD, example="ЕГЭ")
    held_on: Text = types.date("Дата", key=True, example="01.06.2026", also=["Дата проведения", "Дата экзамена"])
    org_ref: Text = types.organisation()
    venue: Text = types.column(
        "ППЭ", "код ППЭ; где ППЭ нет — 0", key=True, reads="register_code", str_matches=REGISTER_CODE, example="1901",
        also=["Код ППЭ", "Номер ППЭ", "№ ППЭ"],
    )  # fmt: skip
    rooms: Int = types.count(
        "Аудиторий", "задействовано", unit="аудиторий", least=1, example=12,
        also=["Всего аудиторий", "Количество аудиторий"],
    )  # fmt: skip
    rooms_online: Int = _rooms(
        "С видео онлайн", "видеонаблюдение с трансляцией", 10, "Аудиторий онлайн", "Онлайн", "online"
    )
    rooms_offline: Int = _rooms(
        "С видео офлайн", "запись без трансляции; онлайн и офлайн вместе не больше аудиторий", 2,
        "Аудиторий офлайн", "Офлайн", "offline",
    )  # fmt: skip
    rooms_failed: Int = _rooms(
        "Со сбоем видео", "где видео прерывалось или не велось; 0 — сбоев не было", 0, "Сбои видеонаблюдения",
        "Не работали камеры",
    )  # fmt: skip
    observers_planned: Int = types.count(
        "Наблюдателей по плану", "распределено сюда", example=3, also=["Наблюдателей назначено", "Наблюдателей план"]
    )
    observers_present: Int = types.count(
        "Наблюдателей присутствовало", "всего; 0 — никого", example=3, also=["Наблюдателей факт", "Наблюдателей"]
    )
    observers_public: Int = _observers("Общественных", 2, "Общественных наблюдателей")
    observers_independent: Int = _observers("Независимых", 1, "Независимых наблюдателей", "Из другой ОО")
    observers_federal: Int = _observers("Федеральных", 0, "Федеральных наблюдателей", "Рособрнадзора")
    observers_authority: Int = _observers("От органа управления", 0, "От ГУО", "От органа надзора", "ОНО")
    violations: Int = types.count(
        "Нарушений", "выявлено; 0 — не было", unit="нарушений", example=0, also=["Выявлено нарушений"]
    )
    findings: Text = types.words(
        "Какие нарушения", "своими словами, без имён; можно пусто", personal=True, optional=True,
        example="телефон в аудитории", also=["Нарушения", "Содержание нарушений"],
    )  # fmt: skip
    works: Int = types.count(
        "Работ", "выполнено; можно пусто", unit="работ", optional=True, example=180, also=["Всего работ"]
    )
    works_by_commission: Int = types.count(
        "Проверено муниципальной комиссией", "работ; можно пусто", unit="работ", optional=True, at_most="works",
        example=180, also=["Проверено комиссией", "Работ проверено комиссией"],
    )  # fmt: skip
    has_agreement: Flag = types.yes_no(
        "Подходы согласованы", "есть ли протокол согласования подходов к оцениванию; можно пусто", optional=True,
        also=["Протокол согласования подходов", "Согласование подходов"],
    )  # fmt: skip

    _in_the_school_year = days_of_the_school_year("held_on")

    @pa.dataframe_check(error="row_rooms_over")
    def _no_room_twice(cls, rows: pd.DataFrame) -> pd.Series:
        with_video = rows["rooms_online"] + rows["rooms_offline"]
        return (with_video <= rows["rooms"]).fillna(True).astype(bool)
