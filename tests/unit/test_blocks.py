"""Several reports on one sheet: each is read as its own work, a bad one leaves the others accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from msoko_pipeline.reading.extract import load
from msoko_pipeline.reading.procedures.declared import Declared
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


def test_a_report_without_a_header_has_the_one_above_it(tmp_path: Path) -> None:
    rows = [*report("ВПР 2026 Русский язык 4 класс"), *report("ВПР 2026 Математика 4 класс", header=[])]
    told = take_in(making.xlsx(tmp_path / "a.xlsx", rows), Declared())
    assert (told.counts, told.types) == ((4, 4, 0), set())
    facts = told.facts["vpr_marks"]
    assert facts[["row", "subject"]].values.tolist() == [[6, "RU"], [7, "RU"], [14, "MA"], [15, "MA"]]


OTHERWISE = [
    ["Вся выборка", 35000, 1700000, "пять", "тридцать три", 44, 18],
    ["МБОУ(edu190001)", 3, 90, 10, 40, 40, 10],
]


@pytest.mark.parametrize(
    "body",
    [
        [row[:-1] for row in ROWS],  # a column less
        [[*row, 5] for row in ROWS],  # a column more
        [[*row[:2], None, *row[3:]] for row in ROWS],  # an empty one
        [row[::-1] for row in ROWS],  # in another order
        OTHERWISE,  # words for numbers
        [["Код участника", "Вариант", "Итого"], [40001, 1, 9]],  # another header
    ],
)
def test_a_report_without_a_header_is_named_where_columns_disagree(
    tmp_path: Path, body: list[list[making.Cell]]
) -> None:
    rows = [*report("ВПР 2026 Русский язык 4 класс"), ["ВПР 2026 Математика 4 класс"], [], *body]
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
        (bare(["ВПР Математика"]), ["MA"]),
        (bare(["ВПР Математика 4 класс"]), ["MA"]),
        (bare(["ВПР 2026 Рунный язык 4 класс"]), []),
        (bare(["ВПР 2026 г. Рунный язык"]), []),
        (bare(["Предмет: рунный язык"]), []),
        (bare(["Предмет: математика", "Класс: старший"]), []),
        (bare(["Предмет: математика"], ["Предмет: физика"]), []),
        (bare(["Статистика по отметкам"], ["ВПР 2026"], ["Предмет:", "Математика"], ["Класс: 4 класс"]), ["MA"]),
        (bare(["Предмет:", "Математика"]), ["MA"]),
        (bare(["Предмет: математика"]), ["MA"]),
        (bare(["Учебный предмет — математика"]), ["MA"]),
        ([["Предмет: математика"], *ROWS], ["MA"]),
        ([["Предмет: математика"], TASKS, *ROWS], []),
        (report("ВПР 2026, 5 класс, русский язык"), ["RU"]),
        (report("ВПР 2025 Русский язык 4 класс"), ["RU"]),
        ([OTHER, *ROWS], []),
        ([TASKS, *ROWS], []),
        ([*report(MA), *report("ВПР 2026 Окружающий мир 4 класс")], ["MA", "OM"]),
        ([*report(MA), *bare(["Предмет:", "Окружающий мир"])], ["MA", "OM"]),
        ([*bare(["Предмет: математика"]), *bare(["Предмет: окружающий мир"])], ["MA", "OM"]),
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


@pytest.mark.parametrize("title", ["5 класс", "Класс: 5", "5-й класс", "ВПР 5 класс"])
@pytest.mark.parametrize("body", [[HEADER, *ROWS], ROWS])
def test_a_class_alone_is_of_another_work_of_the_same_subject(
    tmp_path: Path, title: str, body: list[list[making.Cell]]
) -> None:
    read = take_in(making.xlsx(tmp_path / "a.xlsx", [*report(RU), [title], *body]), Declared())
    assert [(sheet["work"]["subject"], sheet["work"]["grade"]) for sheet in read.told.sheets] == [("RU", 4), ("RU", 5)]
    assert read.facts["vpr_marks"]["grade"].tolist() == [4, 4, 5, 5]


def test_the_same_class_again_is_no_other_work(tmp_path: Path) -> None:
    read = take_in(making.xlsx(tmp_path / "a.xlsx", [*report(RU), ["4 класс"], *ROWS[:1]]), Declared())
    assert len(read.told.sheets) == 1


def test_tasks_of_one_work_are_no_header_of_another(tmp_path: Path) -> None:
    """«1 (2б)» of the Russian language says nothing of mathematics."""
    first = making.tasks_report()
    rows = [*first, [], ["ВПР 2026 Математика 4 класс"], *first[9:]]
    read = take_in(making.xlsx(tmp_path / "a.xlsx", rows), Declared())
    assert [sheet["work"]["subject"] for sheet in read.told.sheets] == ["RU"]
    assert "sheet_part_refused" in read.types


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
        ([["Предмет: физика"], LISTED, *PUPILS], ["MA", "FI"]),
        ([["Муниципальный этап ВсОШ 2025/26 по физике"], *PUPILS], ["MA", "FI"]),
        ([["Предмет: физика"], *PUPILS], ["MA", "FI"]),
        ([["Предмет: физика"], *[row[::-1] for row in PUPILS]], ["MA"]),
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


OTHER_LIST = ["Класс", "Фамилия, имя", "Статус", "Балл"]
OTHER_PUPILS = [[8, "Макетова Анна", "участник", 12], [8, "Тестов Пётр", "призёр", 18]]


@pytest.mark.parametrize(
    ("name", "between", "subjects"),
    [
        ("a.xlsx", [], ["MA"]),  # nobody says what the second list is
        ("a.xlsx", [["Предмет: физика"]], ["MA", "FI"]),
        ("Муниципальный этап ВсОШ 2025-26, математика.xlsx", [], ["MA", "MA"]),
    ],
)
def test_a_second_list_of_other_columns(
    tmp_path: Path, name: str, between: list[list[making.Cell]], subjects: list[str]
) -> None:
    first = [["Муниципальный этап ВсОШ 2025/26, математика"], ["СОШ № 1"], LISTED, *PUPILS, []]
    path = making.xlsx(tmp_path / name, [*first, *between, OTHER_LIST, *OTHER_PUPILS])
    read = take_in(path, Declared(login="edu190001"))
    assert [sheet["work"]["subject"] for sheet in read.told.sheets] == subjects
    scores = dict(read.facts["olympiad_result"][["row", "score"]].values.tolist())
    assert list(scores.values()) == [20, 11, *([12, 18] if len(subjects) > 1 else [])]
    assert ("sheet_part_refused" in read.types) is (len(subjects) == 1)


def test_the_same_header_again_is_no_other_list(tmp_path: Path) -> None:
    rows = [["Муниципальный этап ВсОШ 2025/26, математика"], ["СОШ № 1"], LISTED, PUPILS[0], LISTED, PUPILS[1]]
    read = take_in(making.xlsx(tmp_path / "a.xlsx", rows), Declared(login="edu190001"))
    assert (len(read.told.sheets), len(read.facts["olympiad_result"])) == (1, 2)


def test_a_list_of_works_is_no_title(tmp_path: Path) -> None:
    names = [f"{work}.xlsx" for work in (RU, MA, "ВПР 2026 Окружающий мир 4 класс")]
    rows = [["file", "year", "subject", "grade"], *([name, 2026, "RU", 4] for name in names)]
    read = take_in(making.csv(tmp_path / "manifest.csv", rows))
    assert (len(read.told.sheets), read.types) == (1, set())


def test_nobody_of_the_titles_above_a_report_is_kept_with_it(tmp_path: Path) -> None:
    first = [["Ответственная: Пирожкова Евдокия Лукинична"], *report(RU)]
    take_in(making.xlsx(tmp_path / "a.xlsx", [*first, *report(MA)]), Declared())
    kept = sorted((tmp_path / "a.xlsx.taken" / "cells" / "file").glob("*.arrow"))
    sheets = [load(path).recognised for path in kept]
    assert [len(found.above) for found in sheets] == [0, 1]
    assert "Пирожкова" not in str([found.to_json() for found in sheets])
