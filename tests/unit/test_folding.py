"""Findings as they are said: equal ones once, in the order of rows; to each reader the advice that is his."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from msoko_pipeline.intake.folding import also, counted, messages
from msoko_pipeline.issues.findings import COLUMNS, place
from msoko_pipeline.issues.refusals import advice, sentence
from msoko_pipeline.reading.extract import MENDING_SHEET
from msoko_pipeline.reading.procedures.declared import Declared
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
    assert "о том же сказано в строке 2" in line


def said(folder: Path, rows: making.Rows, name: str = "а.xlsx") -> list[str]:
    taken = making.take_in(making.xlsx(folder / name, rows), Declared())
    rows_of = taken.issues.assign(row=taken.issues["row"].astype("Int64")).astype(object)
    found = rows_of.where(rows_of.notna(), None).to_dict("records")
    return messages([issue for issue in found if issue["severity"] != "info"], name)


def social_passport(*rows: str) -> list[list[making.Cell]]:
    header = making.FLAT["social_passport"].strip().splitlines()[0]
    return making.table("\n".join([header, *rows]))


def test_repeated_rows_are_said_once_with_the_first_of_each(tmp_path: Path) -> None:
    row = "2025 | {} | СОШ | 100 | 20 | 15 | 10 | 30 | 0 | 2 |  | 1 | {}"
    rows = [row.format(login, special) for special in (1, 2) for login in ("edu190001", "edu190002", "edu190003")]
    (line,) = said(tmp_path, social_passport(*rows))
    assert "строка 5: строка повторяет другую: о том же сказано в строке 2 (ещё 2 строки: 6, 7)" in line


def test_of_a_cell_in_error_nothing_more_is_said(tmp_path: Path) -> None:
    """A whole that is wrong makes no error of its parts, and an error of a cell hides the warnings about it."""
    (line,) = said(tmp_path, social_passport("2025 | edu190001 | СОШ | -5 | 20 | 15 | 10 | 30 | 0 | 2 |  | 1 | 1"))
    assert "«-5» вне допустимых пределов: не меньше 1" in line
    pupils = [making.f1_pupil(40001, making.RU4_MAXIMA, 99, 5), making.f1_pupil(40002, making.RU4_MAXIMA, 3, 2)]
    over, differs, *_ = said(tmp_path, making.f1(pupils), "Ф1.xlsx")
    assert "строка 10, столбец «Первичный балл»: сумма «99» больше максимума" in over
    assert "строка 11, столбец «Первичный балл»: сумма «3» не равна" in differs


def test_a_numbering_without_a_header_is_no_finding(tmp_path: Path) -> None:
    row = "2025 | edu19000{} | СОШ | 100 | 20 | 15 | 10 | 30 | 0 | 2 |  | 1 | 1"
    rows = social_passport(*(row.format(number) for number in range(1, 5)))
    numbered = [[number or None, *row] for number, row in enumerate(rows)]
    assert said(tmp_path, numbered) == []
    numbered[2][0] = 7
    (line,) = said(tmp_path, numbered)
    assert "строка 2, столбец «столбец A»: «1» стоит в столбце без заголовка и не прочитано (ещё 3 строки: 3–5)" in line


def test_the_summary_says_what_is_wrong_above_all(tmp_path: Path) -> None:
    pupils = [making.f1_pupil(40001 + n, making.RU4_MAXIMA, 24, 6) for n in range(3)]
    pupils += [making.f1_pupil("x", making.RU4_MAXIMA, 24, 5)]
    outcome = making.take_in(making.xlsx(tmp_path / "Ф1.xlsx", making.f1(pupils))).outcome
    wrong = "строка 10, столбец «Отметка»: «6» — не отметка от 2 до 5 (ещё 2 строки: 11, 12)"
    assert outcome.chief == f"лист «Лист1», {wrong}"
    clean = making.take_in(making.xlsx(tmp_path / "чисто.xlsx", making.f1()))
    assert clean.outcome.chief is None
