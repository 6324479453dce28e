"""Registers of teachers and heads: rules of rows, each kept and broken; one key of a person in all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from msoko_pipeline.reading.persons import person_key
from schemas import teachers
from schemas.sources import heads, teacher_events
from schemas.teachers import DATA
from tests import making
from tests.making import Taken, form, take_in

NAMED = ("staff", "course", "deficit", "method_group")


def taken(folder: Path, kind: str, *changes: dict[str, Any]) -> Taken:
    return take_in(making.xlsx(folder / "форма.xlsx", form(kind, *changes)))


@pytest.mark.parametrize(
    ("kind", "change", "issue_type"),
    [
        ("staff", {"Год рождения": 2000, "Педагогический стаж": 10}, None),
        ("staff", {"Год рождения": 2000, "Педагогический стаж": 11}, "row_experience_over_age"),
        ("staff", {"Год рождения": None, "Педагогический стаж": 60}, None),
        ("staff", {"Принят на работу": "31.08.2026"}, None),
        ("staff", {"Принят на работу": "01.09.2026"}, "row_date_after_year"),
        ("staff", {"Дата присвоения категории": "01.12.2026"}, "row_date_after_year"),
        ("staff", {"Принят на работу": None, "Дата присвоения категории": None}, None),
        ("staff", {"ФИО педагога": "Образцова Вера", "Наставник": "ОБРАЗЦОВА  Вера"}, "row_own_mentor"),
        ("staff", {"Ставка": 18}, "cell_range"),
        ("staff", {"Категория": "б/к", "Должность": "завуч", "Образование": "СПО (педагогическое)"}, None),
        ("course", {"Часов": 16}, None),
        ("course", {"Часов": 8}, "row_hours_few"),
        ("course", {"Часов": 249, "Вид": "переподготовка"}, "row_hours_few"),
        ("course", {"Часов": 250, "Вид": "ПП", "Начало": "01.10.2024"}, None),
        ("course", {"Начало": "28.03.2026"}, "row_dates_reversed"),
        ("course", {"Начало": None, "Окончание": "27.03.2025"}, "row_date_out_of_year"),
        ("deficit", {"Уровень": None}, "row_diagnosed_level_missing"),
        ("deficit", {"Уровень": None, "Балл": None}, None),
        ("deficit", {"Балл": 31}, "cell_over_whole"),
        ("deficit", {"Предмет": "без предмета", "Блок": "психолого-пед."}, None),
        ("method_meeting", {"Дата": "05.11.2024"}, "row_date_out_of_year"),
        ("method_meeting", {"Из состава пришло": 25}, "cell_over_whole"),
        ("teacher_event", {"Вид мероприятия": "конкурс", "Победителей": 1, "Призёров": 3}, None),
        ("teacher_event", {"Вид мероприятия": "конкурс", "Победителей": 2, "Призёров": 3}, "row_awards_over"),
        ("teacher_event", {"Удовлетворено": 5}, "cell_over_whole"),
        ("teacher_event", {"Пункт дорожной карты": "8,7"}, None),
        ("teacher_event", {"Пункт дорожной карты": 8.5}, None),
        ("teacher_event", {"Пункт дорожной карты": "99.9"}, "cell_not_listed"),
        ("head_points", {"Балл": 10}, None),
        ("head_points", {"Балл": 11}, "cell_over_whole"),
        ("head_points", {"Балл": -2, "Наибольший балл": 0}, None),
        ("head_points", {"Показатель": "Качество знаний на ЕГЭ"}, None),
        ("head_points", {"Показатель": "Доля «4» и «5» по ВПР"}, "row_judged_by_works"),
        ("head_points", {"Показатель": "Всероссийские проверочные работы: успеваемость"}, "row_judged_by_works"),
    ],
)
def test_rules_of_rows(tmp_path: Path, kind: str, change: dict[str, Any], issue_type: str | None) -> None:
    told = taken(tmp_path, kind, change)
    assert told.types == ({issue_type} if issue_type else set())


def test_a_person_has_one_key_in_all_registers(tmp_path: Path) -> None:
    name = "Шаблонова Алёна Петровна"
    keys = {
        taken(tmp_path / kind, kind, {"ФИО педагога": written}).facts[kind]["staff_key"].iloc[0]
        for kind, written in zip(NAMED, (name, name.upper(), name.replace("ё", "е"), f"  {name} "), strict=True)
    }
    assert keys == {person_key(name, making.SECRET)}


@pytest.mark.parametrize("nobody", ["нет", "Нет.", "—", "НЕ НАЗНАЧЕН", "не закреплён", "н/д"])
def test_nobody_is_no_mentor(tmp_path: Path, nobody: str) -> None:
    told = taken(tmp_path, "staff", {"Наставник": nobody, "Есть наставник": "нет"})
    assert told.facts["staff"]["mentor_key"].isna().all()


def test_a_vacancy_is_no_person(tmp_path: Path) -> None:
    told = taken(tmp_path, "staff", {}, {"ФИО педагога": "Вакансия"}, {"ФИО педагога": "Шаблонова Анна"})
    assert (told.counts, told.types) == ((3, 2, 1), {"row_without_key"})


@pytest.mark.parametrize("name", ["doo190021", "МБДОУ «Детский сад № 21»", "1903000000", "Гимназия № 2"])
def test_any_organisation_may_be_named(tmp_path: Path, name: str) -> None:
    assert taken(tmp_path, "staff", {"Организация": name}).counts == (1, 1, 0)


def test_no_spelling_means_two_things() -> None:
    lists = (
        *(DATA[name] for name in ("posts", "education", "categories", "disciplines", "procedures", "blocks", "levels",
                                  "groups", "events", "event_levels")),
        DATA["courses"]["kinds"], {topic: each["spellings"] for topic, each in DATA["topics"].items()},
        {code: each["spellings"] for code, each in heads.DATA["criteria"].items()},
    )  # fmt: skip
    for listed in lists:
        spellings = [word.lower().replace("ё", "е") for words in listed.values() for word in words]
        assert len(spellings) == len(set(spellings)), listed


def test_what_counts_is_of_the_lists() -> None:
    parts = {
        "managing": "posts", "higher": "education", "teaching": "education", "with_category": "categories",
        "highest_category": "categories", "deficit": "levels",
    }  # fmt: skip
    for part, whole in parts.items():
        assert set(DATA[part]) <= set(DATA[whole]), part
    assert {block for blocks in teachers.BLOCKS_OF.values() for block in blocks} <= set(DATA["blocks"])
    assert set(teacher_events.ITEMS.values()) == {*DATA["items"], "other"}
