"""What the registers of the management cycle have in common: the item, whom it is about, the status and its dates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue, types
from schemas.register import Register
from schemas.rules import days_in_order

DATA = catalogue.cycle()
ITEMS = tuple(catalogue.roadmap_items())
LOSING_ZERO = frozenset(item for item in ITEMS if f"{item}0" in ITEMS)
"""Items that are what a number leaves of another one: 3.1 of 3.10."""
STATUSES = types.spelled(DATA["statuses"])
DONE = ("done", "done_late")


def item(**rest: Any) -> Any:
    """The item of the roadmap."""
    return types.column(
        "Пункт дорожной карты", "номер, как в дорожной карте; ячейка текстовая, иначе Excel сделает из 3.10 дату",
        reads="roadmap_item", isin=ITEMS, choices=ITEMS, required=True, example="2.6",
        also=["Пункт", "№ пункта", "Номер пункта", "Пункт ДК", "Пункт плана", "№ пункта дорожной карты"], **rest,
    )  # fmt: skip


def addressee(hint: str = "логин, код, ИНН или название; пусто — управление образования или все организации") -> Any:
    """The organisation that a row is about; empty where it is about none: then `schemas.facts.NO_ORGANISATION`."""
    return types.column(
        "Организация", hint, example="edu190003", key=True, reads="addressee", optional=True,
        also=["Школа", "ОО", "ОУ", "ДОО", "Кому", "Адресат", "Образовательная организация"],
    )  # fmt: skip


def own_code(title: str, of: str, example: str, also: Iterable[str] = ()) -> Any:
    """The sender's own code of a record."""
    return types.register_code(title, of, also=also, example=example)


def other_code(title: str, hint: str, example: str, **rest: Any) -> Any:
    """The code of a record of another register."""
    return types.column(
        title, hint, reads="register_code", str_matches=types.REGISTER_CODE, example=example, **rest
    )  # fmt: skip


def issued(title: str = "Дата") -> Any:
    return types.date(title, required=True, also=["Дата выдачи", "Дата принятия", "Выдано"], example="15.09.2025")


def due(**rest: Any) -> Any:
    hint = "день.месяц.год; можно пусто"
    return types.date("Срок", hint, also=["Срок исполнения", "Исполнить до"], example="31.12.2025", **rest)


def status() -> Any:
    also = ["Состояние", "Исполнение", "Отметка об исполнении", "Статус исполнения"]
    return types.code("Статус", STATUSES, required=True, also=also, example="исполнено")


def done_on() -> Any:
    also = ["Исполнено", "Дата исполнения", "Фактическая дата"]
    return types.date("Дата исполнения", "день.месяц.год; пусто, пока не исполнено", also=also, example="20.12.2025")


def evidence() -> Any:
    return types.words(
        "Подтверждение", "документ: вид, номер, дата или ссылка; без имён", example="приказ от 20.12.2025 № 112",
        also=["Подтверждающий документ", "Документ", "Ссылка на документ", "Реквизиты документа"],
    )  # fmt: skip


def as_of() -> Any:
    """The day on which the record was so; empty: the day on which the file came."""
    hint = "день, на который заполнено; пусто — день, когда файл получен"
    return types.date("По состоянию на", hint, optional=True, also=["На дату"], example="30.06.2026")


def number(title: str, hint: str, example: Any, *also: str, **rest: Any) -> Any:
    """A value of an indicator, in its own unit."""
    return types.column(title, hint, also=also, example=example, **rest)


class Itemised(Register):
    """Запись о пункте дорожной карты."""

    @pa.dataframe_check(error="row_item_without_zero")
    def _its_zero_is_kept(cls, rows: pd.DataFrame) -> pd.Series:
        kept = {item for item in LOSING_ZERO if (rows["item"] == f"{item}0").any()}
        return ~rows["item"].isin(LOSING_ZERO - kept)


class Tracked(Itemised):
    """Запись со сроком, статусом и подтверждением."""

    @pa.dataframe_check(error="row_done_unproved")
    def _done_with_evidence(cls, rows: pd.DataFrame) -> pd.Series:
        return rows["evidence"].notna() | ~rows["status"].isin(DONE)

    @pa.dataframe_check(error="row_done_undated")
    def _done_on_a_day(cls, rows: pd.DataFrame) -> pd.Series:
        return rows["done_on"].notna() | ~rows["status"].isin(DONE)

    @pa.dataframe_check(error="row_status_of_dates")
    def _status_as_the_days_say(cls, rows: pd.DataFrame) -> pd.Series:
        is_late = (rows["done_on"] > rows["due"]).astype("boolean")
        differs = ((rows["status"] == "done") & is_late) | ((rows["status"] == "done_late") & ~is_late)
        return ~differs.fillna(False).astype(bool) & (rows["done_on"].isna() | rows["status"].isin(DONE))


class Issued(Tracked):
    """Запись, которую кто-то дал в известный день."""

    _due_after_it_is_given = days_in_order("issued", "due", "row_due_before_issued")
    _done_after_it_is_given = days_in_order("issued", "done_on", "row_done_before_issued")


class Founded(Issued):
    """Запись, у которой должно быть основание."""

    @pa.dataframe_check(error="row_without_basis")
    def _with_a_basis(cls, rows: pd.DataFrame) -> pd.Series:
        return rows["basis"].notna()
