"""Several reports on one sheet: each is read as its own work, a bad one leaves the others accepted."""

from __future__ import annotations

from pathlib import Path

from msoko_pipeline.reading.declared import Declared
from tests import making
from tests.making import take_in

HEADER = ["Группы участников", "Кол-во ОО", "Кол-во участников", 2, 3, 4, 5]
ROWS = [["Вся выборка", 35000, 1700000, 5, 33, 44, 18], ["МБОУ «СОШ № 1»(edu190001)", None, 90, 10, 40, 40, 10]]


def report(title: str, header: list[making.Cell] | None = None) -> list[list[making.Cell]]:
    return [["Статистика по отметкам"], [], [title], [], HEADER if header is None else header, *ROWS, []]


def test_a_second_title_begins_another_report(tmp_path: Path) -> None:
    rows = [*report("ВПР 2026 Русский язык 4 класс"), *report("ВПР 2026, по математике, 4 класс")]
    told = take_in(making.xlsx(tmp_path / "a.xlsx", rows), Declared())
    assert [sheet["work"]["subject"] for sheet in told.told.sheets] == ["RU", "MA"]
    assert told.counts == (4, 4, 0)
    assert sorted(told.facts["vpr_marks"]["row"].tolist()) == [6, 7, 14, 15]


def test_another_level_is_another_report(tmp_path: Path) -> None:
    rows = [*report("ВПР 2026 Математика 8 класс"), *report("ВПР 2026 Математика (углублённый уровень) 8 класс")]
    told = take_in(making.xlsx(tmp_path / "a.xlsx", rows), Declared())
    assert [sheet["work"]["subject"] for sheet in told.told.sheets] == ["MA", "MU"]


def test_a_report_without_a_header_is_named_and_the_other_accepted(tmp_path: Path) -> None:
    rows = [*report("ВПР 2026 Русский язык 4 класс"), *report("ВПР 2026 Математика 4 класс", header=[])]
    told = take_in(making.xlsx(tmp_path / "a.xlsx", rows), Declared())
    assert told.counts == (2, 2, 0)
    assert set(told.facts["vpr_marks"]["subject"]) == {"RU"}
    assert told.types == {"sheet_part_refused"}
    assert "строк" in told.messages("sheet_part_refused")[0]


def test_one_report_stays_one(tmp_path: Path) -> None:
    told = take_in(making.xlsx(tmp_path / "a.xlsx", report("ВПР 2026 Русский язык 4 класс")), Declared())
    assert (len(told.told.sheets), told.counts, told.types) == (1, (2, 2, 0), set())


def test_an_unknown_exam_leaves_the_others(tmp_path: Path) -> None:
    rows = [*making.oge_regional(), *making.oge_regional(title="90 - Итоговое собеседование 2026.06.11")]
    told = take_in(making.xlsx(tmp_path / "a.xlsx", rows), Declared())
    assert told.counts == (1, 1, 0)
    assert "собеседование" in told.messages("sheet_part_refused")[0]
