"""Registers of the management cycle and of assessments: rules of rows, each kept by one row and broken by another."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from msoko_pipeline.issues.whose import schools_in
from schemas.facts import NO_ORGANISATION
from tests import making
from tests.making import Taken, form, take_in


def taken(folder: Path, kind: str, *changes: dict[str, Any]) -> Taken:
    return take_in(making.xlsx(folder / "форма.xlsx", form(kind, *changes)))


LATE = {"Статус": "исполнено с опозданием"}
NOT_DONE = {"Статус": "в работе", "Дата исполнения": None, "Подтверждение": None}


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("roadmap_item", NOT_DONE), ("roadmap_item", LATE | {"Дата исполнения": "10.01.2026"}),
        ("roadmap_item", LATE | {"Срок": "31.12.2021"}), ("roadmap_item", {"Срок": None}),
        ("roadmap_item", {"Пункт дорожной карты": "3.10"}), ("roadmap_item", {"Организация": None}),
        ("roadmap_item", {"Пункт дорожной карты": dt.date(2026, 10, 3)}),
        ("act", {"Действует до": None, "Организация": None}), ("act", {"Действует до": "28.12.2025"}),
        ("recommendation", NOT_DONE), ("recommendation", {"Срок": "15.09.2025", "Дата исполнения": "15.09.2025"}),
        ("recommendation", {"Организация": None}), ("decision", {"Срок": None}),
        ("effect", {"Цель": None}), ("planned_measure", {"Было": None, "Цель": None, "Стало": None}),
        ("diagnostic", {"Должны участвовать": None}), ("diagnostic", {"Должны участвовать": 48}),
        ("diagnostic", {"Недостаточный": None, "Низкий": 12}),
        ("diagnostic", dict.fromkeys(("Недостаточный", "Низкий", "Средний", "Повышенный", "Высокий"))),
        ("diagnostic", {"Средний балл": None, "Максимальный балл": None}),
        ("diagnostic", {"Предмет или направление": "МА"}),
        ("procedure", {"Окончание": "20.04.2026", "Результаты": "20.04.2026"}), ("procedure", {"Окончание": None}),
        ("procedure", {"Участвуют": "по желанию", "Обязательна": "нет"}),
        ("procedure", {"Участвуют": "выборка"}), ("procedure", {"Предмет или направление": "все предметы"}),
    ],
)  # fmt: skip
def test_a_sound_row_is_taken_without_a_word(tmp_path: Path, kind: str, change: dict[str, Any]) -> None:
    told = taken(tmp_path, kind, change)
    assert (told.counts, told.types) == ((1, 1, 0), set())


@pytest.mark.parametrize(
    ("kind", "change", "issue_type"),
    [
        ("roadmap_item", {"Подтверждение": None}, "row_done_unproved"),
        ("roadmap_item", {"Дата исполнения": None}, "row_done_undated"),
        ("roadmap_item", {"Дата исполнения": "10.01.2026"}, "row_status_of_dates"),
        ("roadmap_item", {"Статус": "исполнено с опозданием"}, "row_status_of_dates"),
        ("roadmap_item", {"Статус": "просрочено"}, "row_status_of_dates"),
        ("roadmap_item", {"Пункт дорожной карты": "3,1"}, "row_item_without_zero"),
        ("recommendation", {"Основание": None}, "row_without_basis"),
        ("decision", {"Основание": None}, "row_without_basis"),
        ("effect", {"Стало": None}, "row_effect_unmeasured"),
        ("diagnostic", {"Максимальный балл": None}, "row_mean_without_maximum"),
        ("procedure", {"Начало": "20.04.2025"}, "row_date_out_of_year"),
        ("procedure", {"Участвуют": "по выбору"}, "row_choice_obligatory"),
    ],
)
def test_a_doubtful_row_is_taken_and_told(tmp_path: Path, kind: str, change: dict[str, Any], issue_type: str) -> None:
    told = taken(tmp_path, kind, change)
    assert (told.counts, told.types) == ((1, 1, 0), {issue_type})


@pytest.mark.parametrize(
    ("kind", "change", "issue_type", "words"),
    [
        ("roadmap_item", {"Пункт дорожной карты": "2.10"}, "cell_roadmap_item", "«2.10» — не пункт"),
        ("roadmap_item", {"Пункт дорожной карты": "3.12, 3.13"}, "cell_roadmap_items_several", "несколько пунктов"),
        ("roadmap_item", {"Статус": "хорошо"}, "cell_not_listed", "не начато, в работе"),
        ("act", {"Действует до": "27.12.2025"}, "row_dates_reversed", "окончание раньше начала"),
        ("recommendation", {"Срок": "14.09.2025"}, "row_due_before_issued", "срок раньше"),
        ("decision", {"Дата исполнения": "14.09.2025"}, "row_done_before_issued", "исполнено раньше"),
        ("planned_measure", {"Срок": None}, "cell_empty", "обязательно"),
        ("effect", {"Код меры или решения": None}, "cell_empty", "обязательно"),
        ("diagnostic", {"Средний": 19}, "row_levels_differ", "не столько учеников"),
        ("diagnostic", {"Средний": 49}, "cell_over_whole", "«Участвовали» (48)"),
        ("diagnostic", {"Должны участвовать": 47}, "row_participants_over", "больше, чем должно"),
        ("diagnostic", {"Средний балл": 21}, "cell_over_whole", "«Максимальный балл» (20)"),
        ("diagnostic", {"Участвовали": 0}, "cell_range", "не меньше 1"),
        ("diagnostic_reference", {"Средний": 19}, "row_levels_differ", "не столько учеников"),
        ("diagnostic_reference", {"Территория": "Луна"}, "cell_not_listed", "регион, Россия"),
        ("procedure", {"Окончание": "19.04.2026"}, "row_dates_reversed", "окончание раньше начала"),
        ("procedure", {"Результаты": "19.04.2026"}, "row_results_early", "раньше, чем процедура"),
    ],
)
def test_a_bad_row_waits_with_its_reason(
    tmp_path: Path, kind: str, change: dict[str, Any], issue_type: str, words: str
) -> None:
    told = taken(tmp_path, kind, change)
    assert told.counts == (1, 0, 1)
    assert words in told.messages(issue_type)[0]


def test_3_1_is_no_doubt_where_3_10_has_kept_its_zero(tmp_path: Path) -> None:
    told = taken(tmp_path, "roadmap_item", {"Пункт дорожной карты": "3.1"}, {"Пункт дорожной карты": "3.10"})
    assert (told.counts, told.types) == ((2, 2, 0), set())
    assert told.facts["roadmap_item"]["item"].tolist() == ["3.1", "3.10"]


@pytest.mark.parametrize("kind", ["roadmap_item", "act", "recommendation", "planned_measure", "decision", "effect"])
def test_what_is_about_no_organisation_is_kept_beside_what_is(tmp_path: Path, kind: str) -> None:
    """The same code of the authority and of a school are two records."""
    told = taken(tmp_path, kind, {}, {"Организация": None})
    assert (told.counts, told.types) == ((2, 2, 0), set())
    facts = told.facts[kind]
    assert facts["org_ref"].tolist() == ["edu190003", NO_ORGANISATION]
    assert schools_in(facts).isna().tolist() == [False, True]


@pytest.mark.parametrize("words", ["все школы", "Все ОО.", "ГУО", "Управление  образования", "—", "-", "«Все»"])
def test_words_for_everybody_name_no_organisation(tmp_path: Path, words: str) -> None:
    told = taken(tmp_path, "planned_measure", {"Организация": words})
    assert (told.counts, told.types) == ((1, 1, 0), set())
    assert told.facts["planned_measure"]["org_ref"].tolist() == [NO_ORGANISATION]


def test_a_form_without_the_column_is_of_no_organisation(tmp_path: Path) -> None:
    header, row = form("recommendation", {})
    place = header.index("Организация")
    told = take_in(
        making.xlsx(tmp_path / "форма.xlsx", [[*line[:place], *line[place + 1 :]] for line in (header, row)])
    )
    assert told.counts == (1, 1, 0)
    assert told.facts["recommendation"]["org_ref"].tolist() == [NO_ORGANISATION]
