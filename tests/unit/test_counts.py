"""A number of participants that a file states itself is held against its rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from msoko_pipeline.reading.counts import count_of
from tests import making
from tests.making import Cell, take_in

ROWS = [making.f1_pupil(40001 + n, making.RU4_MAXIMA, 24, 5) for n in range(4)]
ABSENT = making.f1_pupil(40009, ["X"] * 15, None, None, None)


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("МБОУ «СОШ № 1»(edu190001) | Кол-во участников: 89", 89),
        ("Количество участников 12", 12),
        ("Число участников — 7", 7),
        ("Всего участников 25", 25),
        ("итого: 25 чел.", 25),
        ("Итого 25 человек", 25),
        ("Участников: 6", 6),
        ("Писали работу: 18", 18),
        ("ВСЕГО УЧАЩИХСЯ: 30", 30),
        ("Всего 4 обучающихся", 4),
        ("Количество обучающихся, выполнявших работу: 11", 11),
        ("4 «А» класс, 23 участника", 23),
        ("Итого 148", None),
        ("Кол-во участников, получивших «5»: 3", None),
        ("Количество победителей и призёров среди участников: 2", None),
        ("Максимальный первичный балл: 24", None),
        ("Отсутствовало 3 человека", None),
        ("Код участника", None),
        ("МБОУ «СОШ № 3»", None),
    ],
)
def test_which_lines_state_a_count(line: str, count: int | None) -> None:
    assert count_of(line) == count


def banner(count: int) -> list[Cell]:
    return [f"{making.SCHOOL} | Кол-во участников: {count}"]


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        ([banner(4), *ROWS], []),
        ([banner(6), *ROWS], [("6", "4")]),
        ([banner(2), *ROWS[:2], banner(3), *ROWS[2:]], [("3", "2")]),
        ([*ROWS, ["Всего участников", 4]], []),
        ([*ROWS, ["Всего участников", 5]], [("5", "4")]),
        ([*ROWS, ["итого: 5 чел."]], [("5", "4")]),
        ([*ROWS[:2], ["Итого: 2 чел."], *ROWS[2:], ["Итого: 2 чел."], ["Всего участников: 4"]], []),
        ([banner(2), *ROWS[:2], banner(2), *ROWS[2:], ["Всего участников: 5"]], [("5", "4")]),
        ([banner(5), *ROWS, ABSENT], []),
        ([banner(4), *ROWS, ABSENT], []),
        ([banner(3), *ROWS, ABSENT], [("3", "5 (из них с результатом 4)")]),
    ],
)
def test_a_count_that_differs_is_told(tmp_path: Path, lines: list[list[Cell]], counts: list[tuple[str, str]]) -> None:
    table = making.f1([making.f1_pupil(40001, making.RU4_MAXIMA, 24, 5)])[:-2]
    read = take_in(making.xlsx(tmp_path / "a.xlsx", [*table, *lines]))
    messages = read.messages("sheet_count_differs")
    assert len(messages) == len(counts)
    for message, (count, rows) in zip(messages, counts, strict=True):
        assert f"участников {count}, а строк с участниками {rows}." in message
    assert read.counts[0] == sum(len(line) > 5 for line in lines)


def test_a_count_above_the_table_of_one_report_of_two(tmp_path: Path) -> None:
    rows = [["Участников: 3"], *making.oge_regional(), *making.oge_regional(title="2 - Математика 2026.06.05")]
    read = take_in(making.xlsx(tmp_path / "a.xlsx", rows))
    assert len(read.messages("sheet_count_differs")) == 1
