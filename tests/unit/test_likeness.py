"""A column that is missing, and the one that its sender seems to have renamed."""

from __future__ import annotations

from pathlib import Path

import pytest

from msoko_pipeline.reading.differing import NAMED, differing
from msoko_pipeline.reading.header import recognise
from msoko_pipeline.reading.likeness import similar
from msoko_pipeline.reading.nearest import nearest
from msoko_pipeline.reading.problems import Refusal
from tests.unit.test_header import LAYOUTS, found_in, grid_of


@pytest.mark.parametrize(
    ("missing", "titles", "offered"),
    [
        ("код участника", ["Код уч."], "Код уч."),
        ("группы участников", ["Группы участ."], "Группы участ."),
        ("кол-во участников", ["Дата", "Количество участников"], "Количество участников"),
        ("полное наименование", ["Наименование полное"], "Наименование полное"),
        ("пользователь", ["Пользователль"], "Пользователль"),
        ("фамилия", ["Примечание", "Фамилии"], "Фамилии"),
        ("школа", ["Шк-а", "Класс"], "Шк-а"),
        ("5", ["Примечание"], None),
        ("статус", ["Дата рождения"], None),
        ("год", [], None),
        ("отчётный год", ["Отчетный  год."], "Отчетный  год."),
    ],
)
def test_the_title_that_is_offered(missing: str, titles: list[str], offered: str | None) -> None:
    assert similar({missing: [missing]}, titles).get(missing) == offered


@pytest.mark.parametrize(
    ("count", "told"), [(0, ""), (2, "неизвестные столбцы: «А1», «А2»"), (NAMED + 3, "«А10» и ещё 3")]
)
def test_so_many_unknown_columns_are_named(count: int, told: str) -> None:
    said = differing({}, [f"А{number}" for number in range(1, count + 1)])
    assert said.endswith(told)
    assert "А11" not in said


def test_a_column_that_may_be_missing_is_told_once() -> None:
    missing = {"вариант": ("вариант", "вар.*"), "5": ("5",)}
    said = differing(missing, ["Вариант №", "Прочее"], ["ОО"], spare=["№ п/п"])
    assert said == (
        "нет столбцов: «вариант» (есть похожий: «Вариант №»), «5»; "
        "неизвестные столбцы: «Прочее»; столбцы повторяются: «ОО»"
    )
    assert differing({}, [], spare=["№ п/п"]) == ""


def test_a_key_is_not_repeated(tmp_path: Path) -> None:
    key = "0123456789abcdef" * 4
    message = nearest([grid_of(tmp_path, [[key, "график дежурств"]])])
    assert key[:16] not in message
    assert "график дежурств" in message


def test_a_title_is_offered_once() -> None:
    pairs = similar({"балл": ["балл"], "максимальный балл": ["максимальный балл"]}, ["Макс. балл", "Баллл"])
    assert pairs == {"балл": "Баллл", "максимальный балл": "Макс. балл"}


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_a_renamed_first_column_is_named(tmp_path: Path, layout: str) -> None:
    """Whatever column of the header is renamed: a refusal names it, never «100 %» and never nothing."""
    rows = LAYOUTS[layout]
    line = found_in(tmp_path, rows).header_row
    for number, cell in enumerate(rows[line]):
        if not cell or len(str(cell)) < 4 or str(cell)[0].isdigit():
            continue
        new = f"{str(cell)[:-1]}э"
        changed = [[new if (n, i) == (line, number) else v for i, v in enumerate(row)] for n, row in enumerate(rows)]
        grid = grid_of(tmp_path, changed)
        try:
            message = nearest([grid]) if recognise(grid) is None else ""
        except Refusal as refusal:
            message = refusal.message()
        assert "100 %" not in message
        if message and "ни одного знакомого" not in message and "не похоже" not in message:
            assert any(word in message.lower() for word in (new.lower(), str(cell).lower(), "похоже на имя")), message
