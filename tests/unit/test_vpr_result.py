"""Individual results: one pupil's work a row, in every layout, clean and dirty.

`X` is «не приступал»: 0 in sums and flagged. Absent is not 0. No mark is not 2. Every row that is read is accepted
or waits in quarantine with all its reasons.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import making
from tests.making import Formula, Taken, take_in
from tests.real import TOWN, needs_town

TASKS = [f"s{number:02d}" for number in range(1, 9)]


def facts(taken: Taken) -> pd.DataFrame:
    return taken.facts["vpr_result"]


def pupil(**cells: making.Cell) -> list[making.Cell]:
    """A good row of the export of 2021 with some cells changed; t1…t8 are the tasks."""
    row = dict(zip(NAMES, making.table(making.PUPILS_2021)[0], strict=True))
    return [{**row, **cells}[name] for name in NAMES]


NAMES = ["login", "id", "code", "journal", "gender", "class_", "variant", "total", *(f"t{n}" for n in range(1, 9)),
         "book", "author"]  # fmt: skip
HEADER = making.export_2021()[0]


def export(folder: Path, *rows: list[making.Cell]) -> Taken:
    return take_in(making.xlsx(folder / "данные.xlsx", [HEADER, *rows]))


# ---- layouts, all clean

LAYOUTS: dict[str, tuple[Callable[[], making.Rows], tuple[int, str, int], list[int | None], list[int]]] = {
    # layout: (rows, work, primary scores, pupils' grades)
    "export_2020": (making.export_2020, (2020, "IS", 5), [9, 3, None], [6, 6, 6]),
    "export_2021": (making.export_2021, (2021, "IS", 5), [9, 2, None], [5, 5, 5]),
    "export_2022": (making.export_2022, (2022, "FI", 8), [12, 2, None], [8, 8, 8]),
    "form_2023": (making.form_2024, (2024, "HI", 7), [4, None, None], [7, 7, 7]),
    "form_2026": (making.form_2026, (2026, "RU", 4), [15, 1, None], [4, 4, 4]),
    "f1": (making.f1, (2026, "RU", 4), [24, 15], [4, 4]),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "utf-8", "cp1251"])
def test_every_layout_in_every_format(tmp_path: Path, layout: str, kind: str) -> None:
    make, work, scores, grades = LAYOUTS[layout]
    rows = make()
    if kind in ("utf-8", "cp1251"):
        width = max(map(len, rows))
        path = making.csv(tmp_path / "a.csv", [[*row, *[None] * (width - len(row))] for row in rows], encoding=kind)
    else:
        path = {"xlsx": making.xlsx, "xls": making.xls, "ods": making.ods}[kind](tmp_path / f"a.{kind}", rows)
    taken = take_in(path, making.declared(*work))
    assert taken.refusal is None
    assert taken.layouts == [layout]
    assert taken.counts == (len(scores), len(scores), 0)
    assert facts(taken)["primary_score"].tolist() == scores
    assert facts(taken)["pupil_grade"].tolist() == grades
    assert facts(taken)["org_id"].str.fullmatch(r"edu19000[12]").all()
    assert taken.types <= {"cell_total_missing"}


def test_a_form_says_its_school_by_its_place(tmp_path: Path) -> None:
    taken = take_in(making.xlsx(tmp_path / "a.xlsx", making.form_2026()), making.declared(2026, "RU", 4, "sch190007"))
    assert set(facts(taken)["org_id"]) == {"edu190007"}


def test_the_formula_of_a_form_that_nobody_computed_is_summed_from_the_tasks(tmp_path: Path) -> None:
    rows = making.form_2024()
    rows[1][-1] = Formula('=IF(LEN(C2)>0,SUM(C2:D2,F2:G2),"")')
    taken = take_in(making.forget_values(making.xlsx(tmp_path / "a.xlsx", rows)), making.declared(2024, "HI", 7))
    assert taken.counts == (3, 3, 0)
    assert facts(taken)["primary_score"].tolist() == [4, None, None]
    assert taken.types == {"cell_total_missing"}


def test_facts_are_in_the_order_and_columns_of_the_model(tmp_path: Path) -> None:
    columns = list(facts(export(tmp_path, pupil())).columns)
    assert columns[:3] == ["row", "subject", "grade"]
    assert columns[-18:] == [*(f"{kind}{n:02d}" for n in range(1, 9) for kind in "sx"), "seq", "priority"]


# ---- what it means


@pytest.mark.parametrize("spelling", ["X", "x", "Х", "х", "не пройд.", "не пройд"])
def test_not_attempted_is_nought_and_flagged(tmp_path: Path, spelling: str) -> None:
    (row,) = facts(export(tmp_path, pupil(t3=spelling, total=7))).to_dict("records")
    assert (row["s03"], row["x03"], row["s02"], row["x02"]) == (0, True, 1, False)
    assert (row["task_sum"], row["primary_score"]) == (7, 7)


@pytest.mark.parametrize("spelling", [
        "отсутствовал", "Отсутствовала", "отсутствует", "отс.", "отс. по болезни", "н", "H", "Н/Я", "неявка",
        "не писал", "не писала", "болел", "болеет", "не явилась", "б/я", "отсутствовал(а)", "по уважительной причине",
    ])  # fmt: skip
def test_absent_is_no_result_at_all(tmp_path: Path, spelling: str) -> None:
    blank = {f"t{n}": None for n in range(1, 9)}
    (row,) = facts(export(tmp_path, pupil(variant=spelling, total=None, **blank))).to_dict("records")
    assert row["absent"] is True
    assert [row[name] for name in ("primary_score", "task_sum", "variant", *TASKS, "x01")] == [None] * 12


@pytest.mark.parametrize("where", ["total", "every task", "one task"])
def test_absent_told_in_the_place_of_scores(tmp_path: Path, where: str) -> None:
    tasks: dict[str, making.Cell] = {f"t{n}": "н" if where == "every task" else None for n in range(1, 9)}
    cells = tasks | ({"t1": "н"} if where == "one task" else {}) | {"total": "не писал" if where == "total" else None}
    taken = export(tmp_path, pupil(variant=1, **cells))
    assert taken.counts[1:] == (1, 0)
    (row,) = facts(taken).to_dict("records")
    assert (row["absent"], row["primary_score"], row["s01"]) == (True, None, None)
    assert taken.types == set()


def test_an_absence_among_scores_is_a_mistake(tmp_path: Path) -> None:
    taken = export(tmp_path, pupil(t3="н"))
    assert taken.counts[1:] == (0, 1)
    assert "cell_score" in taken.types


def test_absent_with_prefilled_noughts_is_absent(tmp_path: Path) -> None:
    noughts: dict[str, making.Cell] = {f"t{n}": 0 for n in range(1, 9)}
    taken = export(tmp_path, pupil(variant="отсутствовал", total=0, **noughts))
    assert facts(taken)["primary_score"].tolist() == [None]
    assert taken.types == set()


def test_who_wrote_one_part_of_two_has_its_scores_and_no_total(tmp_path: Path) -> None:
    taken = take_in(making.xlsx(tmp_path / "a.xlsx", making.form_2024()), making.declared(2024, "HI", 7))
    row = facts(taken).to_dict("records")[1]
    assert (row["partial"], row["absent"], row["s01"], row["s04"]) == (True, False, 1, None)
    assert (row["primary_score"], row["task_sum"]) == (None, None)


@pytest.mark.parametrize(("written", "kept"), [("нет отметки", None), ("н/а", None), (None, None), (5, 5), ("4.0", 4)])
def test_no_mark_is_not_a_two(tmp_path: Path, written: making.Cell, kept: int | None) -> None:
    taken = export(tmp_path, pupil(journal=written))
    assert facts(taken)["journal_mark"].tolist() == [kept]
    assert taken.types == set()


@pytest.mark.parametrize(
    ("written", "label"),
    [("а", "А"), ('"Б"', "Б"), ("5 в", "В"), ("5-Г", "Г"), ("5", None), ("нет", None), ("НЕТ", None), ("ytn", None)],
)
def test_a_class_is_normalised_and_kept_as_written(tmp_path: Path, written: str, label: str | None) -> None:
    (row,) = facts(export(tmp_path, pupil(class_=written))).to_dict("records")
    assert (row["class_label"], row["class_raw"]) == (label, written)


@pytest.mark.parametrize(
    ("written", "kept"), [("sch190001", "edu190001"), ("ksh190001", "edu190001"), ("EDU190001", "edu190001")]
)
def test_login_prefixes_are_one_school(tmp_path: Path, written: str, kept: str) -> None:
    assert facts(export(tmp_path, pupil(login=written)))["org_id"].tolist() == [kept]


@pytest.mark.parametrize(
    "cells",
    [
        {"code": 50001.0, "variant": 1.0, "total": 9.0},
        {"code": "50001.0", "variant": "1,0", "total": "9,0", "t1": "1.0"},
        {"code": "50001\u00a0", "total": " 9", "t2": "\u00a01", "login": "\u200bsch190001"},
    ],
    ids=["floats", "floats as text", "spaces that do not break"],
)
def test_numbers_in_other_dress(tmp_path: Path, cells: dict[str, Any]) -> None:
    taken = export(tmp_path, pupil(**cells))
    assert taken.types == set()
    assert facts(taken)[["participant_code", "primary_score"]].to_numpy().tolist() == [["50001", 9]]


# ---- what is wrong

DIRT: list[tuple[dict[str, Any], str, str, bool]] = [
    # cells, issue type, a piece of the message, whether the row is accepted all the same
    ({"t1": 3, "total": 11}, "cell_score_over_maximum", "балл за 1»: балл «3» больше максимума задания (2)", True),
    ({"t1": "зачёт"}, "cell_score", "столбец «балл за 1»: «зачёт» — не балл и не X", True),
    ({"t1": "0,73"}, "cell_score", "«0,73» — не балл", True),
    ({"t1": -1, "total": 7}, "cell_score", "«-1» — не балл", True),
    ({"t1": 99999}, "cell_range", "«99999» вне допустимых пределов: число слишком велико", True),
    ({"t1": "9" * 60}, "cell_range", "число слишком велико", True),
    ({"t1": "2026-01-02 00:00:00"}, "cell_date", "дата, а нужно число", True),
    ({"t1": "=A1"}, "cell_formula_text", "текст формулы «=A1»", True),
    ({"t1": None, "total": 8}, "cell_empty", "столбец «балл за 1»: пусто", False),
    ({f"t{n}": None for n in range(1, 9)} | {"total": None}, "row_no_scores", "ни «отсутствовал», ни баллов", False),
    ({"variant": "отсутствовал"}, "row_absent_with_scores", "отмечено «отсутствовал», но проставлены баллы", False),
    ({"total": 99999}, "cell_range", "столбец «всего баллов»: «99999» вне допустимых пределов", False),
    ({"total": -9}, "cell_range", "«-9» вне допустимых пределов: не меньше 0", False),
    ({"total": 16}, "cell_total_over_maximum", "сумма «16» больше максимума работы (15)", False),
    ({"total": "много"}, "cell_not_a_number", "«много» — не число", False),
    ({"total": "8,5"}, "cell_not_an_integer", "«8,5» — не целое число", False),
    ({"total": 8}, "cell_total_differs", "сумма «8» не равна сумме баллов за задания (9)", True),
    ({"total": None}, "cell_total_missing", "сумма не проставлена, сосчитана по заданиям", True),
    ({"code": None}, "cell_empty", "столбец «код обучающегося»: пусто", False),
    ({"code": "5-я"}, "cell_code", "«5-я» — не код участника", False),
    ({"code": "Невидимкин"}, "cell_code", "«‹скрыто: слово с прописной, 10 букв›» — не код участника", False),
    ({"login": "лицей"}, "cell_login", "«лицей» — не логин", False),
    ({"login": None}, "row_without_key", "столбец «логин школы»: в строке есть данные", False),
    ({"journal": 7}, "cell_journal_mark", "«7» — не отметка от 2 до 5", True),
    ({"gender": "?"}, "cell_gender", "пол «?» не понят", True),
    ({"class_": "=[1]Протокол!U2"}, "cell_formula_text", "в ячейке текст формулы", True),
    ({"class_": "пятый"}, "cell_class", "класс «пятый» не понят", True),
    ({"variant": "первый"}, "cell_variant", "вариант «первый» не понят", True),
    ({"book": 1}, "cell_shift", "столбец «Учебник»: «1» похоже на балл", False),
    ({"book": "X"}, "cell_shift", "«X» похоже на балл", False),
    ({"login": "логин школы"}, "row_header_again", "заголовок повторён", False),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "issue_type", "piece", "accepted"), DIRT, ids=[f"{c} → {i}" for c, i, *_ in DIRT])
def test_dirt(tmp_path: Path, cells: dict[str, Any], issue_type: str, piece: str, accepted: bool) -> None:
    """A good row beside it is never touched, and each message says file, sheet, row and what to do."""
    taken = export(tmp_path, pupil(code=50009), pupil(**cells))
    assert taken.counts == (2, 1 + accepted, 1 - accepted)
    assert issue_type in taken.types
    assert taken.types <= {issue_type, "cell_total_differs"}
    (message,) = taken.messages(issue_type)
    assert piece in message
    assert message.startswith("Файл «данные.xlsx», лист «Лист1», строка 3")
    assert facts(taken)["participant_code"].tolist()[0] == "50009"
    if not accepted:
        (held,) = taken.quarantine.to_dict("records")
        assert held["row"] == 3
        assert held["reasons"]
        if cells.get("t1") is not None:
            kept = str(cells["t1"])  # of a number too long for a score only its length is told
            assert json.loads(held["cells"])["балл за 1"] == (kept if len(kept) < 20 else f"‹скрыто: {len(kept)} цифр›")


@pytest.mark.parametrize("cells", [{}, {"t1": 0, "total": 8}, {"book": None}, {"gender": None, "class_": None}])
def test_no_dirt(tmp_path: Path, cells: dict[str, Any]) -> None:
    taken = export(tmp_path, pupil(**cells))
    assert taken.counts == (1, 1, 0)
    assert taken.types == set()


def test_all_that_is_wrong_with_a_row_is_told(tmp_path: Path) -> None:
    taken = export(tmp_path, pupil(t1=5, t2="нет", code="5-я"))
    (held,) = taken.quarantine.to_dict("records")
    for piece in ("балл за 1: балл «5» больше", "балл за 2: «нет» — не балл", "«5-я» — не код участника"):
        assert piece in held["reasons"]


def test_a_line_of_totals_is_no_row_and_nothing_is_said_of_its_cells(tmp_path: Path) -> None:
    taken = export(tmp_path, pupil(), ["Итого", None, None, None, None, None, None, 9, 0.73, 1, 0.9])
    assert taken.counts == (1, 1, 0)
    assert taken.issues["issue_type"].tolist() == ["sheet_asides"]


def test_a_maximum_of_another_year_only_warns(tmp_path: Path) -> None:
    """Autumn 2020 has no codifier of its own; what is like it gives no ground to refuse a row."""
    rows = making.export_2020(
        "sch190001 | 1 | 60001 | 4 | м | а | 1 | | 10 | 2 | 2 | 2 | 1 | 1 | 1 | 1 | 0 | История | нет"
    )
    taken = take_in(making.xlsx(tmp_path / "a.xlsx", rows), making.declared(2020))
    assert taken.counts == (1, 1, 0)
    assert taken.types == {"cell_score_over_reference"}


def test_a_pupil_who_stands_twice_is_taken_once(tmp_path: Path) -> None:
    taken = export(tmp_path, pupil(), pupil(login="edu190001", t1=2, total=10), pupil(login="sch190002"))
    assert taken.counts == (3, 2, 1)
    assert taken.messages("row_duplicate")[0].startswith("Файл «данные.xlsx», лист «Лист1», строка 3, столбец «код")
    assert facts(taken)["s01"].tolist() == [1, 1]


def test_a_pupil_who_stands_on_two_sheets_is_taken_once(tmp_path: Path) -> None:
    sheets = {"Протокол": [HEADER, pupil()], "Протокол (2)": [HEADER, pupil(), pupil(code=50002)]}
    taken = take_in(making.xlsx(tmp_path / "данные.xlsx", sheets))
    assert taken.counts == (3, 2, 1)
    assert "лист «Протокол (2)», строка 2" in taken.messages("row_duplicate")[0]


def test_a_sheet_whose_rows_are_all_refused_harms_no_other(tmp_path: Path) -> None:
    sheets = {"Первый": [HEADER, pupil()], "Второй": [HEADER, pupil(code="нет")], "Третий": [HEADER, pupil(code=50002)]}
    taken = take_in(making.xlsx(tmp_path / "данные.xlsx", sheets))
    assert taken.counts == (3, 2, 1)
    assert taken.types == {"cell_code"}


@pytest.mark.parametrize("padded_after", [False, True])
def test_a_score_beyond_the_last_task_is_a_shift(tmp_path: Path, padded_after: bool) -> None:
    rows = making.export_2020(padded_after=padded_after)
    rows += [[*rows[1][:3], 60000 + number, *rows[1][4:]] for number in range(10, 60)]
    place = rows[0].index("a-12-grade")
    rows[1][place] = 1
    taken = take_in(making.xlsx(tmp_path / "a.xlsx", rows), making.declared(2020))
    assert taken.counts == (53, 52, 1)
    assert "«1» стоит за последним заданием" in taken.messages("cell_score_beyond")[0]


def test_numbers_of_textbooks_throughout_are_no_shift(tmp_path: Path) -> None:
    """Where most rows have a number there, only a row whose total does not add up has slipped."""
    good = [pupil(code=50000 + number, book=2) for number in range(1, 6)]
    taken = export(tmp_path, *good, pupil(code=50009, book=1, t8=0))
    assert taken.counts == (6, 5, 1)
    assert taken.types == {"cell_shift", "cell_total_differs"}


IMPOSSIBLE: list[tuple[dict[str, Any], tuple[int, int], int | None, int | None, set[str]]] = [
    # cells, (accepted, quarantined), primary score, mark of the journal, issue types
    ({"t1": 3}, (1, 0), 9, 4, {"cell_score_over_maximum"}),
    ({"t1": 3, "total": 11}, (1, 0), 11, 4, {"cell_score_over_maximum", "cell_total_differs"}),
    ({"t1": "зачёт", "total": 10}, (1, 0), 10, 4, {"cell_score"}),
    ({"t1": "зачёт", "total": None}, (1, 0), None, 4, {"cell_score", "cell_total_unknown"}),
    ({"t1": "зачёт", "total": 7}, (1, 0), 7, 4, {"cell_score", "cell_total_differs"}),
    ({"t1": "зачёт", "t2": -1}, (0, 1), None, None, {"cell_score"}),
    ({"t1": 3, "t2": 7}, (0, 1), None, None, {"cell_score_over_maximum"}),
    ({"t1": "н"}, (0, 1), None, None, {"cell_score"}),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "counts", "total", "journal", "types"), IMPOSSIBLE)
def test_one_impossible_score_costs_its_task_and_two_cost_the_row(
    tmp_path: Path, cells: dict[str, Any], counts: tuple[int, int], total: int | None, journal: int | None,
    types: set[str],
) -> None:  # fmt: skip
    taken = export(tmp_path, pupil(code=50009), pupil(**cells))
    assert taken.counts == (2, 1 + counts[0], counts[1])
    assert taken.types == types
    if counts[0]:
        row = facts(taken).to_dict("records")[1]
        assert [row[name] for name in ("s01", "x01", "task_sum", "s02")] == [None, None, None, 1]
        assert (row["primary_score"], row["journal_mark"]) == (total, journal)
        assert set(taken.issues["severity"]) == {"warning"}


def test_an_impossible_score_is_told_with_its_place_and_range(tmp_path: Path) -> None:
    taken = export(tmp_path, pupil(t1="зачёт"), pupil(code=50002, t3=4))
    assert taken.messages("cell_score") == [
        "Файл «данные.xlsx», лист «Лист1», строка 2, столбец «балл за 1»: «зачёт» — не балл и не X (возможно от 0 до 2 "
        "или X); значение не учтено, остальное в строке учтено. Впишите целый балл, без запятой и слов, или X, если "
        "ученик не приступал."
    ]
    assert "балл «4» больше максимума задания (3); значение не учтено" in taken.messages("cell_score_over_maximum")[0]


ERRORS: list[tuple[str, tuple[int, int], str]] = [
    ("journal", (1, 0), "journal_mark"), ("gender", (1, 0), "gender"), ("class_", (1, 0), "class_label"),
    ("variant", (1, 0), "variant"), ("t2", (1, 0), "s02"), ("total", (1, 0), "absent"),
    ("login", (0, 1), ""), ("code", (0, 1), ""),
]  # fmt: skip


@pytest.mark.parametrize(("column", "counts", "lost"), ERRORS)
def test_an_error_of_excel_costs_the_cell_where_it_may_be_empty(
    tmp_path: Path, column: str, counts: tuple[int, int], lost: str
) -> None:
    taken = export(tmp_path, pupil(code=50009), pupil(**{column: Formula("=1/0", "#N/A")}))
    assert taken.counts == (2, 1 + counts[0], counts[1])
    (told,) = taken.issues[taken.issues["issue_type"] == "cell_error"].to_dict("records")
    assert told["severity"] == ("warning" if counts[0] else "error")
    assert "cell_empty" not in taken.types
    if counts[0]:
        row = facts(taken).to_dict("records")[1]
        assert row["primary_score"] == 9
        assert row[lost] == (None if lost != "absent" else False)


@pytest.mark.parametrize(
    ("cells", "note", "is_note"),
    [
        ({}, "писал позже", True),
        ({}, "12.03", True),
        ({"total": 8}, "писал позже", False),
        ({"total": None}, "писал позже", False),
        ({}, 1, False),
        ({"variant": "отсутствовал", "total": None} | {f"t{n}": None for n in range(1, 9)}, "болел", True),
    ],
)
def test_a_text_beside_the_table_is_a_note_where_the_row_adds_up(
    tmp_path: Path, cells: dict[str, Any], note: making.Cell, is_note: bool
) -> None:
    taken = export(tmp_path, pupil(code=50009), [*pupil(**cells), note], [*pupil(code=50010), None])
    assert taken.counts == (3, 2 + is_note, 1 - is_note)
    assert ("cell_note" in taken.types, "cell_without_header" in taken.types) == (is_note, not is_note)


def test_a_cell_to_the_right_of_the_table_is_a_shift(tmp_path: Path) -> None:
    taken = export(tmp_path, pupil(), [*pupil(code=50002), 1])
    assert taken.counts == (2, 1, 1)
    assert "столбец «столбец S»: «1» стоит в столбце без заголовка" in taken.messages("cell_without_header")[0]


def test_what_stands_beside_a_form_is_its_own_business(tmp_path: Path) -> None:
    rows = making.form_2026(beside=("Иванова Анна", 1, "X", 5))
    taken = take_in(making.xlsx(tmp_path / "a.xlsx", rows), making.declared(2026, "RU", 4))
    assert taken.counts == (3, 3, 0)
    assert not taken.issues["message_ru"].str.contains("Иванова").any()


# ---- the rows of a sheet


def test_banners_blank_and_prefilled_lines_are_no_rows(tmp_path: Path) -> None:
    rows = making.f1()
    second = [[f"{making.SCHOOL} | Кол-во участников: 1"], making.f1_pupil(40007, [1] * 15, 15, 3)]
    taken = take_in(making.xlsx(tmp_path / "a.xlsx", [*rows, [], *second, [], ["Отчёт сформирован 20.05.2026"]]))
    assert taken.counts == (3, 3, 0)
    assert taken.types == {"file_year_differs", "sheet_asides"}
    assert facts(taken)["row"].tolist() == [10, 11, 14]


def test_a_banner_is_in_the_first_column_of_the_table(tmp_path: Path) -> None:
    taken = take_in(making.xlsx(tmp_path / "a.xlsx", making.f1(), offset=(1, 2)))
    assert taken.counts == (2, 2, 0)


def test_a_lone_cell_elsewhere_is_a_row_without_its_key(tmp_path: Path) -> None:
    stray = [None] * 8 + [2]
    taken = take_in(making.xlsx(tmp_path / "a.xlsx", [*making.f1(), stray]))
    assert taken.counts == (3, 2, 1)
    assert "столбец «Код участника»" in taken.messages("row_without_key")[0]


def test_excel_errors_and_formulas_without_a_value_are_told_by_name(tmp_path: Path) -> None:
    rows = [HEADER, pupil(t1=Formula("=1/0", "#DIV/0!")), pupil(code=50002, t1=Formula("=SUM(B1:C1)"))]
    taken = take_in(making.forget_values(making.xlsx(tmp_path / "a.xlsx", rows)))
    assert taken.counts == (2, 2, 0)
    assert "строка 2, столбец «балл за 1»: в ячейке ошибка Excel #DIV/0!" in taken.messages("cell_error")[0]
    assert (
        "строка 3, столбец «балл за 1»: формула без сохранённого значения: =SUM(B1:C1)"
        in (taken.messages("cell_formula_empty")[0])
    )


def test_broken_lines_of_a_text_file_wait_alone(tmp_path: Path) -> None:
    good = ";".join("" if cell is None else str(cell) for cell in pupil())
    lines = [
        ";".join(HEADER),
        good,
        good.replace("50001", "50002") + ";",  # a trailing delimiter is no harm
        good.replace("50001", "50003") + ";1",
        good.replace("50001", "50004").rsplit(";", 2)[0],
        good.replace("50001", "50005").replace("1) История", '"1) История'),
        "",
        good.replace("50001", "50006"),
    ]
    taken = take_in(making.text(tmp_path / "a.csv", "\n".join(lines) + "\n"))
    assert taken.counts == (6, 3, 3)
    assert facts(taken)["participant_code"].tolist() == ["50001", "50002", "50006"]
    longer, shorter = taken.messages("row_ragged")
    assert "строка 4: неверное число полей в строке: 19 вместо 18" in longer
    assert "строка 5: неверное число полей в строке: 16 вместо 18" in shorter
    assert "строка 6: кавычка в строке не закрыта" in taken.messages("row_quotes")[0]


def test_a_trailing_delimiter_everywhere_is_no_column(tmp_path: Path) -> None:
    rows = [[*row, None] for row in making.export_2021()]
    assert take_in(making.csv(tmp_path / "a.csv", rows)).counts == (3, 3, 0)


# ---- marks


@pytest.mark.parametrize(("total", "mark"), [(9, 2), (10, 3), (15, 3), (17, 4), (20, 4), (22, 5), (24, 5)])
def test_the_scale_of_2026(tmp_path: Path, total: int, mark: int) -> None:
    """Golden check 3: РУ4-2026, 0–9 / 10–15 / 16–20 / 21–24; the file's own mark is kept whatever it is."""
    scores = [min(top, max(0, total - sum(making.RU4_MAXIMA[:n]))) for n, top in enumerate(making.RU4_MAXIMA)]
    assert sum(scores) == total
    right = take_in(making.xlsx(tmp_path / "a.xlsx", making.f1([making.f1_pupil(40001, scores, total, mark)])))
    assert "cell_mark_differs" not in right.types
    other = 5 if mark < 5 else 4
    wrong = take_in(making.xlsx(tmp_path / "b.xlsx", making.f1([making.f1_pupil(40001, scores, total, other)])))
    assert (
        f"отметка «{other}» не совпадает со шкалой года (по шкале «{mark}»)" in wrong.messages("cell_mark_differs")[0]
    )
    assert facts(wrong)["mark"].tolist() == [other]


@pytest.mark.parametrize("mark", [1, "зачёт", "4,5"])
def test_a_mark_that_is_none(tmp_path: Path, mark: making.Cell) -> None:
    taken = take_in(making.xlsx(tmp_path / "a.xlsx", making.f1([making.f1_pupil(40001, [1] * 15, 15, mark)])))
    assert taken.counts == (1, 0, 1)
    assert "не отметка от 2 до 5" in taken.messages("cell_mark")[0]


# ---- privacy


def test_nobodys_name_gets_past_the_reader(tmp_path: Path) -> None:
    taken = export(tmp_path, pupil(code="Иванова Анна Петровна"), pupil(code=50002, t1="ИВАНОВА АННА", gender="ж"))
    assert taken.counts == (2, 1, 1)
    told = taken.issues.to_json(force_ascii=False) + taken.quarantine.to_json(force_ascii=False)
    assert "Иванова" not in told
    assert "ИВАНОВА" not in told
    assert "‹скрыто: три слова с прописной›" in told
    assert '"пол"' not in told


# ---- whatever may come

SPOILT = st.sampled_from(
    [
        "",
        "X",
        "отсутствовал",
        "99999",
        "-1",
        "Итого",
        "абв",
        "1.0",
        '"',
        ";",
        "=A1",
        "50001",
        "sch190001",
        "2,5",
        "#N/A",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spoilt=st.lists(
        st.tuples(
            st.integers(0, 5), st.integers(0, len(HEADER)), SPOILT | st.text(max_size=5).filter(lambda t: "\0" not in t)
        ),
        max_size=6,
    )
)
def test_rows_read_are_accepted_or_quarantined_whatever_is_written(
    tmp_path_factory: pytest.TempPathFactory, spoilt: list[tuple[int, int, str]]
) -> None:
    rows = [[*pupil(code=50001 + number), None] for number in range(6)]
    for row, column, text in spoilt:
        rows[row][column] = text
    folder = tmp_path_factory.mktemp("spoilt")
    content = "\n".join(";".join("" if cell is None else str(cell) for cell in row) for row in [[*HEADER, None], *rows])
    path = folder / "a.csv"
    path.write_bytes((content + "\n").encode("utf-8", "replace"))
    taken = take_in(path)
    read, accepted, quarantined = taken.counts
    if taken.refusal is not None:
        assert taken.refusal.issue_type in {"file_work_contradiction", "file_encoding", "file_form_empty"}
        return
    assert read == accepted + quarantined
    assert read >= 5 - len(spoilt)
    assert len(taken.quarantine) == quarantined
    held = len(taken.facts["vpr_result"]) if "vpr_result" in taken.facts else 0
    assert held == accepted
    errors = taken.issues[taken.issues["severity"] == "error"]
    assert set(errors["row"]) == set(taken.quarantine["row"])


@needs_town
def test_a_real_export_with_totals_above_the_maximum(tmp_path: Path) -> None:
    path = tmp_path / "vpr2021_MA4.csv"
    path.symlink_to(TOWN / path.name)
    taken = take_in(path, making.declared(2021, "MA", 4))
    lines = len((TOWN / path.name).read_text(encoding="utf-8").splitlines()) - 1
    assert taken.counts[0] == lines
    assert taken.counts[2] == 20
    assert len(taken.messages("cell_total_over_maximum")) == 12


@pytest.mark.parametrize("column", ["login", "code", "class_", "variant", "gender", "journal", "total", "t1"])
@pytest.mark.parametrize("name", ["Невидимкин", "НЕВИДИМКИН", "Невидимкин А."])
def test_a_surname_is_not_repeated_wherever_it_stands(tmp_path: Path, column: str, name: str) -> None:
    taken = export(tmp_path, pupil(code=50009), pupil(**{column: name}), [*pupil(code=50010), None, name])
    said = str(taken.issues.to_dict()) + str(taken.quarantine.to_dict())
    assert "невидимкин" not in said.lower()
    assert len(taken.issues) > 0
    assert sum(taken.counts[1:]) == taken.counts[0]
