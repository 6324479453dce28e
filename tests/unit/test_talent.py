"""Forms of contests, the gifted bank and shifts: what each takes and refuses; consents; no name and no lost row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.facts.flat import pupil_grade, register_code, school
from msoko_pipeline.privacy.schools import names_a_school
from msoko_pipeline.reading.persons import person_key
from msoko_pipeline.text.cells import Wrong
from schemas.form import forms
from schemas.talent import consent_holds
from tests import making
from tests.making import Taken, form, take_in
from tests.unit.test_flat import everything_kept

FORMS = {name: forms()[name] for name in ("contest", "gifted", "shift")}
PUPIL, OTHER = "Образцов Пётр Примерович", {"ФИО ученика": "Шаблонова Анна Образцовна"}


def taken(folder: Path, kind: str, *changes: dict[str, Any]) -> Taken:
    return take_in(making.xlsx(folder / "форма.xlsx", form(kind, *changes)))


def all_said(folder: Path, told: Taken) -> str:
    """Everything that is kept or said of a file."""
    return everything_kept(folder) + str(told.facts) + str(told.issues.to_dict()) + str(told.quarantine.to_dict())


# ---- clean


def test_rows_say_what_the_forms_say(tmp_path: Path) -> None:
    (contest,) = taken(tmp_path / "1", "contest", {"Класс": "9 «А»"}).facts["contest"].to_dict("records")
    names = ("event_id", "level", "in_minpros_list", "direction", "event_date", "org_ref", "pupil_grade", "result")
    assert [contest[name] for name in names] == [
        "К-12", "regional", True, "intellectual", "2026-03-20", "edu190003", 9, "prizewinner",
    ]  # fmt: skip
    (gifted,) = taken(tmp_path / "2", "gifted", {"Критерий": "мэ", "ИОМ": "нет"}).facts["gifted"].to_dict("records")
    names = ("criterion", "achievements", "has_programme", "consent_date", "valid_to")
    assert [gifted[name] for name in names] == [
        "municipal_prize", "ВсОШ, физика, МЭ, 2026", False, "2025-09-10", "2026-08-31",
    ]  # fmt: skip
    (shift,) = taken(tmp_path / "3", "shift", {"Оператор": "«орленок»"}).facts["shift"].to_dict("records")
    names = ("shift_id", "operator", "starts", "ends", "quota", "result")
    assert [shift[name] for name in names] == ["С-3", "orlyonok", "2025-11-01", "2025-11-24", 4, "completed"]
    key = person_key(PUPIL, making.SECRET)
    assert {row["pupil_key"] for row in (contest, gifted, shift)} == {key}
    assert gifted["mentor_key"] == person_key("Макетова Вера Ивановна", making.SECRET)


@pytest.mark.parametrize("name", ["СОШ № 3", "1903000000", "190003.0", "МБОУ № 5", "Лицей имени А. Г. Баженова"])
def test_a_school_is_named_as_people_name_it(tmp_path: Path, name: str) -> None:
    told = taken(tmp_path, "contest", {"Школа": name})
    assert told.counts == (1, 1, 0)
    assert told.facts["contest"]["org_ref"].tolist() == [name.removesuffix(".0")]


# ---- bad input


@pytest.mark.parametrize(
    ("kind", "change", "issue_type", "word"),
    [
        ("contest", {"Уровень": "галактический"}, "cell_not_listed", "школьный, муниципальный"),
        ("contest", {"Результат": "первый"}, "cell_not_listed", "победитель, призёр, участник"),
        ("contest", {"Класс": 12}, "cell_range", "«12» вне допустимых пределов: не больше 11"),
        ("contest", {"Класс": "старший"}, "cell_class_of_pupil", "от 1 до 11"),
        ("contest", {"Дата": "31.02.2026"}, "cell_not_a_date", "«31.02.2026»"),
        ("contest", {"Код мероприятия": "конкурс чтецов"}, "cell_register_code", "не код"),
        ("contest", {"Код мероприятия": None}, "cell_empty", "обязательно"),
        ("contest", {"В перечне Минпросвещения": "?"}, "cell_not_listed", "да, нет"),
        ("contest", {"Школа": None}, "cell_empty", "обязательно"),
        ("gifted", {"Критерий": "хорошо учится"}, "cell_not_listed", "призёр МЭ и выше, призёр РЭ и выше, ГИР"),
        ("gifted", {"Критерий": None}, "cell_empty", "обязательно"),
        ("gifted", {"Класс": 12}, "cell_range", "не больше 11"),
        ("gifted", {"Направление": "разное"}, "cell_not_listed", "интеллектуальное"),
        ("gifted", {"Согласие действует до": "01.09.2025"}, "row_dates_reversed", "окончание раньше начала"),
        ("gifted", {"Дата согласия": "есть"}, "cell_not_a_date", "не дата"),
        ("shift", {"Окончание": "24.10.2025"}, "row_dates_reversed", "окончание раньше начала"),
        ("shift", {"Начало": None}, "cell_empty", "обязательно"),
        ("shift", {"Оператор": "Лагерь"}, "cell_not_listed", "Сириус, региональный центр"),
        ("shift", {"Квота": 0}, "cell_range", "не меньше 1"),
        ("shift", {"Класс": 12}, "cell_range", "не больше 11"),
        *((kind, {"ФИО ученика": None}, "row_without_key", "непонятно, о ком") for kind in FORMS),
        *((kind, {"Год": 1926}, "cell_year", "«1926» — не отчётный год") for kind in FORMS),
    ],
)
def test_a_bad_row_waits_in_quarantine_with_its_reason(
    tmp_path: Path, kind: str, change: dict[str, Any], issue_type: str, word: str
) -> None:
    told = taken(tmp_path, kind, {}, OTHER | change)
    assert told.counts == (2, 1, 1)
    assert word in told.messages(issue_type)[0]
    assert told.quarantine["row"].tolist() == [3]
    assert told.facts[kind]["row"].tolist() == [2]


@pytest.mark.parametrize(
    ("kind", "change", "issue_type"),
    [
        ("contest", {"Дата": "20.03.2025"}, "row_date_out_of_year"),
        ("contest", {"Дата": "01.09.2026"}, "row_date_out_of_year"),
        ("gifted", {"Дата согласия": None, "Согласие действует до": None}, "row_no_consent"),
        ("gifted", {"Согласие действует до": "30.05.2026"}, "row_consent_not_in_force"),
        ("gifted", {"Дата согласия": "01.06.2026"}, "row_consent_not_in_force"),
        ("gifted", {"Достижения": None}, "row_criterion_unproved"),
        ("gifted", {"Класс": 6}, "row_criterion_of_class"),
        ("gifted", {"Класс": 8, "Критерий": "РЭ"}, "row_criterion_of_class"),
        ("shift", {"Начало": "25.08.2025"}, "row_date_out_of_year"),
    ],
)
def test_a_doubtful_row_is_taken_and_told(tmp_path: Path, kind: str, change: dict[str, Any], issue_type: str) -> None:
    told = taken(tmp_path, kind, {}, OTHER | change)
    assert (told.counts, told.types) == ((2, 2, 0), {issue_type})
    assert told.issues["row"].dropna().tolist() == [3]


@pytest.mark.parametrize("kind", FORMS)
def test_a_pupil_twice_is_refused_however_the_name_is_written(tmp_path: Path, kind: str) -> None:
    again = {"ФИО ученика": "ОБРАЗЦОВ  Петр Примерович"}
    told = taken(tmp_path, kind, {}, {"Класс": 8, **again}, OTHER)
    assert (told.counts, told.types) == ((3, 2, 1), {"row_duplicate_key"})
    assert taken(tmp_path, kind, {}, again).types == {"row_repeated"}


def test_a_pupil_without_an_achievement_may_be_in_the_federal_register(tmp_path: Path) -> None:
    told = taken(tmp_path, "gifted", {"Критерий": "ГИР «Таланты»", "Достижения": None, "Класс": 2, "Наставник": None})
    assert (told.counts, told.types) == ((1, 1, 0), set())


def test_who_comes_over_the_quota_is_told(tmp_path: Path) -> None:
    pupils = [{"ФИО ученика": f"Образцов Пётр {father}"} for father in ("Примерович", "Петрович", "Павлович")]
    told = taken(tmp_path, "shift", *({"Квота": 2} | pupil for pupil in pupils), {"Код смены": "С-4", "Квота": 1})
    assert (told.counts, told.types) == ((4, 4, 0), {"row_over_quota"})
    assert told.issues[told.issues["issue_type"] == "row_over_quota"]["row"].tolist() == [4]


# ---- people


@pytest.mark.parametrize("header", ["Код мероприятия", "Уровень", "Направление", "Школа", "Класс", "Результат", "Дата"])
def test_not_even_a_lone_surname_is_repeated(tmp_path: Path, header: str) -> None:
    told = taken(tmp_path, "contest", OTHER, {header: "невидимкин"})
    assert told.counts == (2, 1, 1)
    assert "невидимкин" not in all_said(tmp_path, told)


def test_what_the_form_does_not_ask_is_not_kept(tmp_path: Path) -> None:
    header, row = form("contest", {})
    told = take_in(
        making.xlsx(tmp_path / "форма.xlsx", [[*header, "СНИЛС", "Дата рождения"], [*row, "112-233-445 95", "x1"]])
    )
    assert told.counts == (1, 1, 0)
    assert "112-233" not in all_said(tmp_path, told)


# ---- words


@pytest.mark.parametrize(("written", "read"), [("9", 9), ("9.0", 9), ("10Б", 10), ("9 «а»", 9), ("12", 12)])
def test_the_class_of_a_pupil(written: str, read: int) -> None:
    assert pupil_grade(written) == read


@pytest.mark.parametrize("written", ["девятый", "9 класс А", "9АБ", ""])
def test_no_class_of_a_pupil(written: str) -> None:
    with pytest.raises(Wrong, match="cell_class_of_pupil"):
        pupil_grade(written)


def test_codes_of_registers() -> None:
    assert [register_code(word) for word in ("к-12", "2026/3", "17.0")] == ["К-12", "2026/3", "17"]
    for word in ("Иванов", "К 12", "абв-1", "К-"):
        with pytest.raises(Wrong, match="cell_register_code"):
            register_code(word)


@pytest.mark.parametrize(
    "text",
    ["edu190003", "doo190021", "190003", "СОШ №3", "гимназия", "МАОУ № 12", "Школа-интернат", "Лицей им. Пушкина",
     "Муниципальное бюджетное общеобразовательное учреждение " * 4 + "СОШ № 3"],
)  # fmt: skip
def test_names_of_schools(text: str) -> None:
    assert names_a_school(text)


@pytest.mark.parametrize(
    "text",
    ["Образцов", "Образцов Пётр", "Образцов Пётр 9А", "Образцов Пётр Примерович, СОШ № 3", "9А", "", "нет",
     "СОШ № 3 " + "и ещё много слов " * 40],
)  # fmt: skip
def test_no_names_of_schools(text: str) -> None:
    assert not names_a_school(text)


def test_a_school_in_single_spaces() -> None:
    assert school("СОШ   № 3") == "СОШ № 3"


@pytest.mark.parametrize(
    ("given", "until", "holds"),
    [
        ("2026-05-31", None, True),
        ("2026-06-01", None, False),
        ("2020-01-01", "2026-05-31", True),
        ("2020-01-01", "2026-05-30", False),
        (None, "2026-08-31", False),
        (None, None, False),
    ],
)
def test_a_consent_holds_on_the_day_of_counting(given: str | None, until: str | None, holds: bool) -> None:
    row = pd.DataFrame({"year": [2026], "consent_date": [given], "valid_to": [until]}).astype(
        {"consent_date": "string"}
    )
    assert consent_holds(row).tolist() == [holds]
