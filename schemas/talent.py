"""Registers of talents: contests, the bank of gifted pupils, profile shifts. Read by `facts.flat`.

A pupil is a key (HMAC of the name) within an organisation, a mentor likewise. The school is named as people name it:
`matching.resolve` says which one that is.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue
from schemas.fields import YES_NO, field
from schemas.gia import PERSON_KEY
from schemas.risk import ISO_DATE
from schemas.vpr import Fact

DATA = catalogue.talent()
REGISTER_CODE = r"^(?=.*\d)(?!.*[A-Za-zА-Яа-яЁё]{3})[0-9A-Za-zА-Яа-яЁё./_-]{1,20}$"
"""Digits, maybe with one or two letters in a row, no spaces: no name."""
CRITERIA: dict[str, dict[str, Any]] = DATA["criteria"]


def _codes(listed: dict[str, list[str]]) -> dict[str, str]:
    """Spelling → code, in the order listed."""
    return {spelling: code for code, spellings in listed.items() for spelling in spellings}


def school_year(frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """First and last day (ISO) of the school year that ends in each row's reporting year."""
    year, days = frame["year"].astype("Int64"), DATA["school_year"]
    return (year - 1).astype("string") + "-" + days["from"], year.astype("string") + "-" + days["to"]


def _within_school_year(frame: pd.DataFrame, *dates: str) -> pd.Series:
    first, last = school_year(frame)
    inside = pd.concat([(frame[d] >= first) & (frame[d] <= last) for d in dates], axis=1)
    return inside.astype("boolean").fillna(True).all(axis=1).astype(bool)


def _in_order(frame: pd.DataFrame, first: str, last: str) -> pd.Series:
    return (frame[first] <= frame[last]).astype("boolean").fillna(True).astype(bool)


def consent_holds(rows: pd.DataFrame) -> pd.Series:
    """Whether the consent is in force on the day of the reporting year that the rules name; False without a date.

    rows: year, consent_date, valid_to (ISO; NULL: without a term).
    """
    day = rows["year"].astype("Int64").astype("string") + "-" + DATA["consent"]["day"]
    given = (rows["consent_date"].astype("string") <= day).fillna(False)
    lasts = (rows["valid_to"].astype("string") >= day).fillna(True)
    return (given & lasts).astype(bool)


class TalentRow(Fact):
    """Строка об ученике за отчётный год."""

    year: pd.Int16Dtype = field("Отчётный год (в котором кончается учебный)", key=True, reads="year", ge=2015, le=2100)
    org_ref: str = field("Школа, как названа в файле", key=True, reads="school")
    pupil_key: str = field("Ключ ученика", key=True, personal=True, str_matches=PERSON_KEY)


def _grade(*, nullable: bool = False) -> Any:
    return field("Класс", nullable=nullable, reads="pupil_grade", ge=1, le=11)


def _direction() -> Any:
    return field("Направление", nullable=False, isin=list(DATA["directions"]), codes=_codes(DATA["directions"]))


class Contest(TalentRow):
    """Конкурсы и соревнования: участие ученика."""

    event_id: str = field("Код мероприятия", key=True, reads="register_code", str_matches=REGISTER_CODE)
    event_name: str = field("Название", nullable=False, reads="free_text")
    level: str = field("Уровень мероприятия", nullable=False, isin=list(DATA["levels"]), codes=_codes(DATA["levels"]))
    organiser: str = field("Организатор", reads="free_text")
    in_minpros_list: pd.BooleanDtype = field("В перечне Минпросвещения", nullable=False, codes=YES_NO)
    direction: str = _direction()
    event_date: str = field("Дата", nullable=False, reads="date", str_matches=ISO_DATE)
    pupil_grade: pd.Int8Dtype = _grade()
    result: str = field("Результат", nullable=False, isin=list(DATA["results"]), codes=_codes(DATA["results"]))

    @pa.dataframe_check(error="row_date_out_of_year")
    def _in_the_school_year(cls, frame: pd.DataFrame) -> pd.Series:
        return _within_school_year(frame, "event_date")


class Gifted(TalentRow):
    """Банк одарённых детей: ученик, критерий, согласие."""

    pupil_grade: pd.Int8Dtype = _grade()
    direction: str = _direction()
    criterion: str = field(
        "Критерий включения", nullable=False, isin=list(CRITERIA),
        codes=_codes({code: told["spellings"] for code, told in CRITERIA.items()}),
    )  # fmt: skip
    achievements: str = field("Достижения", personal=True, reads="free_text")
    mentor_key: str = field("Ключ наставника", personal=True, str_matches=PERSON_KEY)
    has_programme: pd.BooleanDtype = field("Есть ИОМ", nullable=False, codes=YES_NO)
    consent_date: str = field("Дата согласия", reads="date", str_matches=ISO_DATE)
    valid_to: str = field("Согласие действует до", reads="date", str_matches=ISO_DATE)

    @pa.dataframe_check(error="row_no_consent")
    def _with_consent(cls, frame: pd.DataFrame) -> pd.Series:
        return frame["consent_date"].notna()

    @pa.dataframe_check(error="row_consent_not_in_force")
    def _consent_in_force(cls, frame: pd.DataFrame) -> pd.Series:
        told = frame["consent_date"].notna() & frame["year"].notna() & _in_order(frame, "consent_date", "valid_to")
        return consent_holds(frame) | ~told

    @pa.dataframe_check(error="row_dates_reversed")
    def _dates_in_order(cls, frame: pd.DataFrame) -> pd.Series:
        return _in_order(frame, "consent_date", "valid_to")

    @pa.dataframe_check(error="row_criterion_unproved")
    def _with_achievement(cls, frame: pd.DataFrame) -> pd.Series:
        needed = frame["criterion"].isin([code for code, told in CRITERIA.items() if told["achievement"]])
        return frame["achievements"].notna() | ~needed

    @pa.dataframe_check(error="row_criterion_of_class")
    def _old_enough(cls, frame: pd.DataFrame) -> pd.Series:
        least = frame["criterion"].map({code: told.get("least_grade", 1) for code, told in CRITERIA.items()})
        return (frame["pupil_grade"] >= least.astype("Int64")).fillna(True).astype(bool)


class Shift(TalentRow):
    """Профильные смены: участие ученика."""

    shift_id: str = field("Код смены", key=True, reads="register_code", str_matches=REGISTER_CODE)
    shift_name: str = field("Название смены", nullable=False, reads="free_text")
    operator: str = field("Оператор", nullable=False, isin=list(DATA["operators"]), codes=_codes(DATA["operators"]))
    place: str = field("Место", reads="free_text")
    starts: str = field("Начало", nullable=False, reads="date", str_matches=ISO_DATE)
    ends: str = field("Окончание", nullable=False, reads="date", str_matches=ISO_DATE)
    direction: str = _direction()
    quota: pd.Int16Dtype = field("Квота муниципалитета в смене", unit="чел.", ge=1)
    pupil_grade: pd.Int8Dtype = _grade(nullable=True)
    result: str = field("Результат", isin=list(DATA["shift_results"]), codes=_codes(DATA["shift_results"]))

    @pa.dataframe_check(error="row_dates_reversed")
    def _dates_in_order(cls, frame: pd.DataFrame) -> pd.Series:
        return _in_order(frame, "starts", "ends")

    @pa.dataframe_check(error="row_date_out_of_year")
    def _in_the_school_year(cls, frame: pd.DataFrame) -> pd.Series:
        return _within_school_year(frame, "starts", "ends")

    @pa.dataframe_check(error="row_over_quota")
    def _within_quota(cls, frame: pd.DataFrame) -> pd.Series:
        place = frame.groupby(["year", "shift_id"], dropna=False).cumcount() + 1
        return (place <= frame["quota"]).fillna(True).astype(bool)
