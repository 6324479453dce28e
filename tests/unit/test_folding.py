"""Findings as they are said: equal ones once, in the order of rows; to each reader the advice that is his."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from msoko_pipeline.reading.extract import MENDING_SHEET
from msoko_pipeline.reading.problems import advice, sentence
from msoko_pipeline.validation.findings import COLUMNS, place
from msoko_pipeline.validation.folding import also, counted, messages
from schemas import catalogue
from tests import making
from tests.command import msoko_here


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], ""),
        ([9], " (ещё 1 строка: 9)"),
        ([8, 9, 12, 15], " (ещё 4 строки: 8, 9, 12, 15)"),
        ([15, 12, 13, 14, 14], " (ещё 4 строки: 12–15)"),
        (range(10, 21), " (ещё 11 строк: 10–20)"),
        (range(2, 100, 2), " (ещё 49 строк: " + ", ".join(map(str, range(2, 42, 2))) + " и далее, до 98)"),
    ],
)
def test_the_other_rows_are_named(rows: list[int], said: str) -> None:
    assert also(rows) == said


@pytest.mark.parametrize(
    ("number", "words"), [(1, "строка"), (2, "строки"), (5, "строк"), (11, "строк"), (21, "строка"), (112, "строк")]
)
def test_numbers_decline(number: int, words: str) -> None:
    assert counted(number, ("строка", "строки", "строк")) == f"{number} {words}"


def issue(issue_type: str, sheet: str | None, row: int | None, column: str | None = None, **details: str) -> dict:
    told = sentence(issue_type, **details)
    message = f"{place('ф.xlsx', sheet, row, column)}: {told}"
    return dict.fromkeys(COLUMNS) | {
        "issue_type": issue_type, "sheet": sheet, "row": row, "column": column, "message_ru": message,
    }  # fmt: skip


def test_equal_ones_are_one_and_stand_in_the_order_of_sheets_and_rows() -> None:
    found = [
        issue("cell_mark", "А", 9, "Отметка", value="6"),
        issue("cell_empty", "А", 4, "Код"),
        issue("cell_empty", "А", 7, "Код"),
        issue("cell_empty", "А", 5, "Класс"),
        issue("cell_mark", "А", 3, "Отметка", value="7"),
        issue("cell_empty", "Б", 2, "Код"),
        issue("sheet_hidden", "В", None, detail="В"),
    ]
    starts = [
        "Файл «ф.xlsx», лист «В»: лист скрыт",
        "Файл «ф.xlsx», лист «А», строка 3, столбец «Отметка»: «7»",
        "Файл «ф.xlsx», лист «А», строка 4, столбец «Код»: пусто, а значение обязательно (ещё 1 строка: 7). Впишите",
        "Файл «ф.xlsx», лист «А», строка 5, столбец «Класс»",
        "Файл «ф.xlsx», лист «А», строка 9, столбец «Отметка»: «6»",
        "Файл «ф.xlsx», лист «Б», строка 2, столбец «Код»: пусто, а значение обязательно. Впишите",
    ]
    told = messages(found, "ф.xlsx")
    assert len(told) == len(starts)
    assert all(line.startswith(start) for line, start in zip(told, starts, strict=True))


def test_the_sender_is_told_of_nothing_he_does_not_have() -> None:
    """What `check` and the return workbook advise: no manifest, no settings, no lists of the program's keeper."""
    foreign = re.compile(r"manifest|MSOKO_|\.yaml|ops\.|папк\w+ приёма|реестр организаций|шкал\w+ этого года|msoko ")
    of_runs = {name for name, told in catalogue.issue_types().items() if told["responsibility"] == "authority"}
    in_check = {name for name in of_runs if name.startswith(("file_work", "file_school", "cell_"))}
    for name, told in catalogue.issue_types().items():
        if name not in of_runs or name in in_check:
            assert not foreign.search(f"{told['says']} {advice(name, to_sender=True)}"), name


def test_who_runs_the_program_is_told_where_to_answer() -> None:
    assert "manifest.csv" in sentence("file_work_unknown", detail="неизвестен год")
    assert "MSOKO_REGION" in sentence("file_region_other", detail="17")


def test_the_return_workbook_lists_equal_ones_once_and_marks_each(tmp_path: Path) -> None:
    pupils = [making.f1_pupil(40001 + n, making.RU4_MAXIMA, 24, 6) for n in range(4)]
    source = making.xlsx(tmp_path / "Ф1.xlsx", making.f1(pupils))
    done = msoko_here("check", source, "--return", tmp_path / "назад")
    assert "строка 10, столбец «Отметка»: «6» — не отметка от 2 до 5 (ещё 3 строки: 11–13)" in done.stdout
    book = openpyxl.load_workbook(tmp_path / "назад" / "Ф1 — исправить.xlsx")
    (line,) = list(book[MENDING_SHEET].values)[1:]
    assert line[1:4] == (10, "Отметка", "«6» — не отметка от 2 до 5 (ещё 3 строки: 11–13)")
    column = making.f1()[7].index("Отметка") + 1
    assert all(book["Лист1"].cell(row, column).comment for row in (10, 11, 12, 13))


def test_what_nobody_must_mend_is_no_remark(tmp_path: Path) -> None:
    rows = making.table(making.FLAT["social_passport"])
    done = msoko_here("check", making.xlsx(tmp_path / "а.xlsx", [*rows, rows[1]]))
    assert done.returncode == 0
    assert "К сведению. Файл «а.xlsx»" in done.stdout


def test_a_duplicate_names_the_row_it_repeats(tmp_path: Path) -> None:
    pupils = [making.f1_pupil(code, making.RU4_MAXIMA, 24, 5) for code in (40001, 40002, 40001)]
    told = making.take_in(making.xlsx(tmp_path / "Ф1.xlsx", {"А": making.f1(pupils), "Б": making.f1(pupils[:1])}))
    assert [m.split(": ", 1)[1].split(".")[0] for m in told.messages("row_duplicate")] == [
        "участник с этим кодом в этой работе уже есть: то же, что в строке 10",
        "участник с этим кодом в этой работе уже есть: то же, что в строке 10 листа «А»",
    ]
    register = [*making.REGISTER, making.REGISTER[1]]
    (line,) = making.take_in(making.xlsx(tmp_path / "реестр.xlsx", register)).messages("row_duplicate_key")
    assert "то же, что в строке 2" in line


def test_the_summary_says_what_is_wrong_above_all(tmp_path: Path) -> None:
    pupils = [making.f1_pupil(40001 + n, making.RU4_MAXIMA, 24, 6) for n in range(3)]
    pupils += [making.f1_pupil("x", making.RU4_MAXIMA, 24, 5)]
    outcome = making.take_in(making.xlsx(tmp_path / "Ф1.xlsx", making.f1(pupils))).outcome
    wrong = "строка 10, столбец «Отметка»: «6» — не отметка от 2 до 5 (ещё 2 строки: 11, 12)"
    assert outcome.chief == f"лист «Лист1», {wrong}"
    clean = making.take_in(making.xlsx(tmp_path / "чисто.xlsx", making.f1()))
    assert clean.outcome.chief is None
