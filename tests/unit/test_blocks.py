"""Several reports on one sheet: each is read as its own work, a bad one leaves the others accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

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


RU, MA = "ВПР 2026 Русский язык 4 класс", "ВПР 2026 Математика 4 класс"
OTHER = ["Группы участников", "Кол-во ОО", "Кол-во участников", 2, 3, 4, 5, "Примечание"]
TASKS = ["Группы участников", "Кол-во ОО", "Кол-во участников", "1 (2б)", "2 (1б)"]


def bare(*lines: list[making.Cell]) -> list[list[making.Cell]]:
    """A table under other lines than a whole title."""
    return [*lines, [], HEADER, *ROWS, []]


@pytest.mark.parametrize(
    ("second", "subjects"),
    [
        (bare(["ВПР Математика"]), []),
        (bare(["ВПР Математика 4 класс"]), []),
        (bare(["Статистика по отметкам"], ["ВПР 2026"], ["Предмет:", "Математика"], ["Класс: 4 класс"]), ["MA"]),
        (bare(["Предмет:", "Математика"]), []),
        (bare(["Предмет: математика"]), []),
        (bare(["Учебный предмет — математика"]), []),
        (report("ВПР 2026, 5 класс, русский язык"), ["RU"]),
        (report("ВПР 2025 Русский язык 4 класс"), ["RU"]),
        ([OTHER, *ROWS], []),
        ([TASKS, *ROWS], []),
        ([*report(MA), *report("ВПР 2026 Окружающий мир 4 класс")], ["MA", "OM"]),
        ([*report(MA), *bare(["Предмет:", "Окружающий мир"])], ["MA"]),
        ([HEADER, *ROWS[:1]], None),
        (bare([RU]), None),
        (bare(["Предмет:", "Русский язык"]), None),
    ],
)
def test_no_row_is_read_under_another_work(
    tmp_path: Path, second: list[list[making.Cell]], subjects: list[str] | None
) -> None:
    """subjects: of the reports after the first; None where all is one report."""
    read = take_in(making.xlsx(tmp_path / "a.xlsx", [*report(RU), *second]), Declared())
    assert [sheet["work"]["subject"] for sheet in read.told.sheets] == ["RU", *(subjects or [])]
    facts = read.facts["vpr_marks"]
    assert set(facts[facts["row"] <= 7]["subject"]) == {"RU"}
    is_refused = "sheet_part_refused" in read.types
    assert is_refused is (subjects is not None and len(subjects) < 1 + sum("Окружающий" in str(row) for row in second))


def test_a_subject_that_contradicts_its_title_is_a_question(tmp_path: Path) -> None:
    for number, lines in enumerate(([RU, MA], [RU, "Предмет: Математика"], ["Предмет: Математика", RU])):
        rows = [["Статистика по отметкам"], *([line] for line in lines), HEADER, *ROWS]
        read = take_in(making.xlsx(tmp_path / f"{number}.xlsx", rows), Declared())
        assert read.refusal is not None
        assert read.refusal.issue_type == "file_work_ambiguous"


def test_reports_side_by_side_are_refused(tmp_path: Path) -> None:
    rows = [[*left, *[None] * (8 - len(left)), *right] for left, right in zip(report(RU), report(MA), strict=True)]
    read = take_in(making.xlsx(tmp_path / "a.xlsx", rows), Declared())
    assert read.refusal is not None
    assert not read.facts


PUPILS = [["Образцова П.", 7, 20, "победитель"], ["Пробников Т.", 7, 11, "участник"]]
LISTED = ["ФИО", "Класс", "Итоговый балл", "Статус"]


@pytest.mark.parametrize(
    ("second", "subjects"),
    [
        ([["Муниципальный этап ВсОШ 2025/26, физика"], ["СОШ № 1"], LISTED, *PUPILS], ["MA", "FI"]),
        ([["Предмет: физика"], LISTED, *PUPILS], ["MA"]),
        ([["Муниципальный этап ВсОШ 2025/26 по физике"], *PUPILS], ["MA"]),
        ([["Предмет: физика"], *PUPILS], ["MA"]),
        ([["Предмет: математика"], LISTED, *PUPILS[:0], ["Тестова О.", 8, 9, "участник"]], ["MA"]),
    ],
)
def test_lists_of_olympiads(tmp_path: Path, second: list[list[making.Cell]], subjects: list[str]) -> None:
    first = [["Муниципальный этап ВсОШ 2025/26, математика"], ["СОШ № 1"], LISTED, *PUPILS, []]
    read = take_in(making.xlsx(tmp_path / "a.xlsx", [*first, *second]), Declared(login="edu190001"))
    assert read.refusal is None
    counts = read.facts["olympiad_result"].groupby("subject").size().to_dict()
    assert set(counts) == set(subjects)
    assert counts["MA"] == (3 if "Тестова" in str(second) else 2)


def test_a_list_of_works_is_no_title(tmp_path: Path) -> None:
    names = [f"{work}.xlsx" for work in (RU, MA, "ВПР 2026 Окружающий мир 4 класс")]
    rows = [["file", "year", "subject", "grade"], *([name, 2026, "RU", 4] for name in names)]
    read = take_in(making.csv(tmp_path / "manifest.csv", rows))
    assert (len(read.told.sheets), read.types) == (1, set())
