"""The header and the layout of a sheet, found by what the cells say. A column too many or too few stops the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.privacy.repeating import NAME, shown
from msoko_pipeline.reading.differing import needed
from msoko_pipeline.reading.header import Recognised, recognise, task_code
from msoko_pipeline.reading.nearest import nearest
from msoko_pipeline.reading.workbook import Grid, read
from msoko_pipeline.text.spelling import normal
from schemas.form import forms
from schemas.layout import layouts
from tests import making


def grid_of(folder: Path, rows: making.Rows) -> Grid:
    (grid,) = read(making.xlsx(folder / "a.xlsx", rows), "xlsx")
    return grid


def found_in(folder: Path, rows: making.Rows) -> Recognised:
    found = recognise(grid_of(folder, rows))
    assert found is not None
    return found


def without(rows: making.Rows, header: str) -> list[list[making.Cell]]:
    """The table with one column taken out."""
    (place,) = {line.index(header) for line in rows if header in line}
    return [[cell for number, cell in enumerate(line) if number != place] for line in rows]


def renamed(rows: making.Rows, old: str, new: str) -> list[list[making.Cell]]:
    return [[new if cell == old else cell for cell in line] for line in rows]


LAYOUTS = {
    **{layout: make() for layout, make in making.REPORTS.items()},
    "export_2020": making.export_2020(),
    "export_2021": making.export_2021(),
    "export_2022": making.export_2022(),
    "form_2026": making.form_2026(),
    "form_2023": making.form_2024(),
    "vpr_classes": making.CLASSES_2022,
    "register": making.REGISTER,
    "school_list": making.SCHOOL_LIST,
    "context_2021": making.CONTEXT_2021,
    "context_2022": making.CONTEXT_2022,
    "distribution_reference": making.REFERENCE,
    "manifest": making.MANIFEST,
    **making.PROTOCOLS,
    **{layout: making.table(text) for layout, text in making.FLAT.items()},
    "olympiad_workbook": [["Муниципальный этап 2025/26"], list(making.OLYMPIAD_WORKBOOK)],
    "olympiad_protocol": [["Протокол муниципального этапа"], ["№", "ФИО", "ОО", "Класс", "1", "2", "Итог", "Статус"]],
    "olympiad_sirius": [list(making.OLYMPIAD_SIRIUS)],
}
LAYOUTS |= {
    name: [form.header, form.example] for name, form in forms().items() if name in layouts() and name not in LAYOUTS
}


def test_every_layout_of_the_catalogue_has_its_made_file() -> None:
    assert set(LAYOUTS) == set(layouts())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sheet_is_recognised_by_its_cells_alone(tmp_path: Path, layout: str) -> None:
    assert found_in(tmp_path, LAYOUTS[layout]).layout == layout


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sheet_that_begins_lower_and_further_right_is_the_same(tmp_path: Path, layout: str) -> None:
    (plain,) = read(making.xlsx(tmp_path / "a.xlsx", LAYOUTS[layout]), "xlsx")
    (moved,) = read(making.xlsx(tmp_path / "b.xlsx", LAYOUTS[layout], offset=(2, 3)), "xlsx")
    here, there = recognise(plain), recognise(moved)
    assert here is not None
    assert there is not None
    assert (there.layout, there.header_row) == (layout, here.header_row + 2)
    assert {name: number - 3 for name, number in there.columns.items()} == here.columns
    assert [(task.task, task.column - 3) for task in there.tasks] == [(task.task, task.column) for task in here.tasks]


@pytest.mark.parametrize(
    ("rows", "missing"),
    [
        (making.f1(), "Вариант"),
        (making.export_2021(), "класс"),
        (making.export_2022(), "Наименование класса"),
        (making.form_2026(), making.JOURNAL),
        (making.marks_report(), 4),
        (making.journal_report(), f"{making.HIGHER} %"),
        (making.planned_report(), making.REQUIREMENTS),
        (making.REGISTER, "Полное наименование"),
    ],
    ids=["f1", "export_2021", "export_2022", "form_2026", "marks", "journal", "planned", "register"],
)
def test_a_missing_column_stops_the_file(tmp_path: Path, rows: making.Rows, missing: making.Cell) -> None:
    with pytest.raises(Refusal) as refused:
        found_in(tmp_path, without(rows, missing))
    assert refused.value.issue_type == "file_columns"
    assert "нет столбцов" in refused.value.message()
    assert normal(str(missing))[:10] in normal(refused.value.message())


@pytest.mark.parametrize("title", ["Примечание", "ПРИМЕЧАНИЯ", "Комментарий учителя", "Подпись"])
@pytest.mark.parametrize("layout", ["f1", "marks", "contest"])
def test_a_column_of_remarks_is_left_unread(tmp_path: Path, layout: str, title: str) -> None:
    rows = LAYOUTS[layout]
    place = found_in(tmp_path, rows).header_row
    with_one = [[*line, title if n == place else None] for n, line in enumerate(rows)]
    known, plain = found_in(tmp_path, with_one), found_in(tmp_path, rows)
    assert (known.columns, known.unread) == (plain.columns, [title])


UNKNOWN_IS_NO_FAULT = {
    "context_2021", "context_2022", "ege_appeals", "manifest", "oge_appeals", "planned", "vpr_classes",
    "olympiad_protocol",
}  # fmt: skip


@pytest.mark.parametrize("layout", sorted(set(LAYOUTS) - UNKNOWN_IS_NO_FAULT))
def test_an_unknown_column_stops_the_file(tmp_path: Path, layout: str) -> None:
    rows = LAYOUTS[layout]
    place = found_in(tmp_path, rows).header_row
    with_one = [["Неведомое" if n == place else None, *line] for n, line in enumerate(rows)]
    with pytest.raises(Refusal) as refused:
        found_in(tmp_path, with_one)
    assert refused.value.issue_type == "file_columns"
    assert "неизвестные столбцы: «Неведомое»" in refused.value.message()
    assert layouts()[layout].title_ru in refused.value.message()
    assert f"строка {place + 1}" in refused.value.message()


@pytest.mark.parametrize(
    ("rows", "twice"),
    [
        (renamed(making.export_2021(), "балл за 2", "балл за 1"), "балл за 1"),
        (renamed(making.form_2026(), "4К2 (2б)", "4k1 (2б)"), "4k1 (2б)"),
        (renamed(making.export_2021(), "пол", "класс"), "класс"),
    ],
    ids=["a task", "a task in other letters", "a column of ours"],
)
def test_a_column_that_stands_twice_stops_the_file(tmp_path: Path, rows: making.Rows, twice: str) -> None:
    with pytest.raises(Refusal) as refused:
        found_in(tmp_path, rows)
    assert f"столбцы повторяются: «{twice}»" in refused.value.message()


@pytest.mark.parametrize("number", ["балл за 100", "балл за ", "балл за 1а"])
def test_a_task_that_cannot_be_is_an_unknown_column(tmp_path: Path, number: str) -> None:
    with pytest.raises(Refusal) as refused:
        found_in(tmp_path, renamed(making.export_2021(), "балл за 8", number))
    assert f"«{number.strip()}»" in refused.value.message()


# ---- spelled otherwise


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("  Код\n участника ", "код участника"),
        ("Отчёт", "отчет"),
        ("Кол\u2011во\u00a0ОО", "кол-во оо"),
        ("Класс № (список формируется из листа «Классы»)", 'класс № (список формируется из листа "классы")'),
        ("Код\u200b участника", "код участника"),
        ("и\u0306од", "йод"),
    ],
)
def test_headers_are_compared_without_their_dress(text: str, same_as: str) -> None:
    assert normal(text) == same_as


@pytest.mark.parametrize("header", ["КОД  УЧАСТНИКА", "Код\nучастника", "код участника ", "Код\u00a0участника"])
def test_a_header_in_other_letters_and_spaces_is_known(tmp_path: Path, header: str) -> None:
    assert "code" in found_in(tmp_path, renamed(making.f1(), "Код участника", header)).columns


@pytest.mark.parametrize("header", ["Кол-во участников (всего)", "Кол\u2013во участников( всего )"])
def test_spaces_beside_brackets_do_not_matter(tmp_path: Path, header: str) -> None:
    rows = renamed(making.journal_report(), "Кол-во участников(всего)", header)
    assert found_in(tmp_path, rows).layout == "journal"


@pytest.mark.parametrize(
    ("header", "task", "maximum"),
    [
        ("1 (2б)", "1", 2),
        ("9.1 (1б)", "9.1", 1),
        ("5(1) (1б)", "5.1", 1),
        ("10К1 (1б)", "10.К1", 1),
        ("6K1 (3б)", "6.К1", 3),
        ("11.3 k1 (2б)", "11.3.К1", 2),
        ("7 ( 2 б )", "7", 2),
    ],
)
def test_the_grammar_of_task_headers(tmp_path: Path, header: str, task: str, maximum: int) -> None:
    found = found_in(tmp_path, renamed(making.form_2026(), "1 (5б)", header))
    assert (found.tasks[0].task, found.tasks[0].max_score) == (task, maximum)


@pytest.mark.parametrize(
    ("text", "code"), [("10К1", "10.К1"), ("11.3 k1", "11.3.К1"), ("5(1)", "5.1"), ("3", "3"), ("Задание", "Задание")]
)
def test_a_task_has_one_code(text: str, code: str) -> None:
    assert task_code(text) == code


def test_levels_stand_above_the_tasks_of_f1(tmp_path: Path) -> None:
    """Golden check 4: the maxima of РУ4-2026, 24 in all."""
    tasks = found_in(tmp_path, making.f1()).tasks
    assert [task.max_score for task in tasks] == [2, 1, 2, 3, 2, 1, 1, 2, 1, 2, 1, 2, 1, 2, 1]
    assert sum(task.max_score or 0 for task in tasks) == 24
    assert [task.level for task in tasks] == ["Б"] * 12 + ["П"] * 3


def test_a_sheet_name_cut_to_31_letters_says_nothing(tmp_path: Path) -> None:
    """Golden check 5."""
    name = "МА 4 Сравнение отметок с отметк"
    assert len(name) == 31
    (grid,) = read(making.xlsx(tmp_path / "2849657.xlsx", {name: making.marks_report()}), "xlsx")
    found = recognise(grid)
    assert found is not None
    assert found.layout == "marks"


# ---- padded columns


@pytest.mark.parametrize("padded_after", [False, True], ids=["forty, then textbooks", "textbooks, then up to forty"])
def test_padded_task_columns_end_where_nobody_has_a_score(tmp_path: Path, padded_after: bool) -> None:
    found = found_in(tmp_path, making.export_2020(padded_after=padded_after))
    assert [task.task for task in found.tasks] == [str(number) for number in range(1, 9)]
    assert len(found.beyond) == 32


def test_junk_to_the_right_of_a_form_is_not_looked_at(tmp_path: Path) -> None:
    found = found_in(tmp_path, making.form_2026(beside=("Фамилия", "Итого", "1 (9б)")))
    assert [task.task for task in found.tasks] == ["1", "2", "3", "4.К1", "4.К2"]


# ---- two-line headers

MERGED_JOURNAL = [
    *making.frame(making.JOURNAL_TITLE),
    ["Группы участников", "Кол-во участников(всего)", making.LOWER, None, making.EQUAL, None, making.HIGHER, None],
    [None, None, *["%", "Кол-во участников"] * 3],
    [making.SCHOOL, 93, 55.91, 52, 39.78, 37, 4.3, 4],
]
MERGED_MARKS = [
    *making.frame("Статистика по отметкам"),
    ["Группы участников", "Кол-во ОО", "Кол-во участников", "Распределение отметок, %", None, None, None],
    [None, None, None, 2, 3, 4, 5],
    [making.SCHOOL, None, 89, 12.36, 52.81, 26.97, 7.87],
]
SPLIT_FORM = [
    ["Код участника", "Вариант", "Задания", None, "Порядковый номер класса", making.JOURNAL, "Итого баллов"],
    [None, None, "1 (5б)", "2К1 (2б)", None, None, None],
    [40001, 1, 5, 2, 1, 4, 7],
]


MERGED_F1 = [
    *making.frame("Индивидуальные результаты"),
    ["ОО", "Код участника", "Класс", "Вариант", "Задания", None, "Результат", None, None],
    [None, None, None, None, "1 (2б)", "2 (1б)", "Первичный балл", "Отметка", "Отметка по журналу"],
    ["edu190001", 40001, 1, 1, 2, 1, 3, 5, 5],
]


@pytest.mark.parametrize(
    ("rows", "layout", "expected"),
    [
        (MERGED_F1, "f1", {"login": 0, "code": 1, "total": 6, "journal_mark": 8}),
        (MERGED_JOURNAL, "journal", {"lower_pct": 2, "lower": 3, "higher": 7}),
        (MERGED_MARKS, "marks", {"mark_2_pct": 3, "mark_5_pct": 6}),
        (SPLIT_FORM, "form_2026", {"code": 0, "total": 6}),
    ],
    ids=["f1", "journal", "marks", "form"],
)
def test_a_header_of_two_lines_is_read_as_one(
    tmp_path: Path, rows: making.Rows, layout: str, expected: dict[str, int]
) -> None:
    found = found_in(tmp_path, rows)
    assert found.layout == layout
    assert expected.items() <= found.columns.items()
    assert found.header_row == len(rows) - 2


def cut_in_two(rows: making.Rows, place: int) -> making.Rows:
    """The table with each word but the first of its header in a second line."""
    words = [str(cell or "").split(" ", 1) for cell in rows[place]]
    lines = [[pair[0] or None for pair in words], [pair[1] if len(pair) > 1 else None for pair in words]]
    return [*rows[:place], *lines, *rows[place + 1 :]]


@pytest.mark.parametrize(
    ("rows", "place"), [(making.f1(), 7), (making.form_2026(), 0), (making.table(making.FLAT["recheck"]), 0)]
)
def test_a_header_whose_words_stand_in_two_lines_is_read_as_one(tmp_path: Path, rows: making.Rows, place: int) -> None:
    whole, parted = found_in(tmp_path, rows), found_in(tmp_path, cut_in_two(rows, place))
    assert (parted.layout, parted.header_row) == (whole.layout, whole.header_row + 1)
    assert parted.columns == whole.columns
    assert [task.task for task in parted.tasks] == [task.task for task in whole.tasks]


def test_a_header_and_the_first_row_of_data_are_never_joined(tmp_path: Path) -> None:
    """«5» under an unknown column must not pass for the column of mark 5."""
    rows = renamed(making.marks_report(f"{making.SCHOOL} | | 89 | 12 | 53 | 27 | 5"), 5, "Неведомое")
    rows[-1][-1] = 5
    with pytest.raises(Refusal) as refused:
        found_in(tmp_path, rows)
    assert "нет столбцов: «5»" in refused.value.message()
    assert "неизвестные столбцы: «Неведомое»" in refused.value.message()


# ---- unknown ones


def test_an_unknown_file_is_told_what_it_resembles(tmp_path: Path) -> None:
    grid = grid_of(tmp_path, [["График дежурств"], ["Группы участников", "Кол-во ОО", "этаж"]])
    assert recognise(grid) is None
    told = nearest([grid]).message()
    assert "«График дежурств»" in told
    assert "больше всего похоже на: " in told


@pytest.mark.parametrize(
    ("row", "said"),
    [(["яблоки", "груши"], "ни одного знакомого столбца"), (["класс", "этаж"], "ни на одну известную форму не похоже")],
)
def test_an_unknown_file_like_nothing_of_ours(tmp_path: Path, row: list[str], said: str) -> None:
    assert said in nearest([grid_of(tmp_path, [row, [1, 2]])]).message()


def test_data_without_a_header_are_told_so(tmp_path: Path) -> None:
    said = nearest([grid_of(tmp_path, making.f1()[8:])]).message()
    assert "нет строки с названиями столбцов" in said


@pytest.mark.parametrize("rows", [making.f1(), making.table(making.FLAT["social_passport"]), making.oge_regional()])
def test_whatever_column_is_missing_the_refusal_is_of_columns(tmp_path: Path, rows: making.Rows) -> None:
    found = found_in(tmp_path, rows)
    for name in needed(found.layout):
        title = str(rows[found.header_row][found.columns[name]])
        grid = grid_of(tmp_path, renamed(rows, title, None))
        try:
            assert recognise(grid) is None
            refusal = nearest([grid])
        except Refusal as raised:
            refusal = raised
        assert refusal.issue_type == "file_columns"
        assert f"строка {found.header_row + 1}: нет столбцов: «" in refusal.message()


@pytest.mark.parametrize("dress", ["{}*", "{} *", "{}:", "«{}»", "{} (обязательно)", "{} (обязательное поле)"])
@pytest.mark.parametrize("title", ["Код участника", "ОО"])
def test_signs_around_a_header_do_not_matter(tmp_path: Path, dress: str, title: str) -> None:
    plain = found_in(tmp_path, making.f1())
    assert found_in(tmp_path, renamed(making.f1(), title, dress.format(title))).columns == plain.columns


def test_a_report_without_its_title_is_unknown(tmp_path: Path) -> None:
    """The frame says which report and which work it is; without it nothing is guessed."""
    assert recognise(grid_of(tmp_path, making.marks_report()[7:])) is None


@pytest.mark.parametrize(
    "name",
    [
        "Иванова Анна Петровна",
        "Мамин-Сибиряк Дмитрий",
        "ИВАНОВА АННА",
        "Иванова А. П.",
        "Иванова А.П.",
        "А. П. Иванова",
    ],
)
def test_what_looks_like_a_persons_name_is_never_repeated(tmp_path: Path, name: str) -> None:
    assert shown(name) == NAME
    assert name not in nearest([grid_of(tmp_path, [[name, "5А"], ["балл", 2]])]).message()


@pytest.mark.parametrize("text", ["edu190001", "40001", "нет отметки", "не пройд.", "МБОУ «СОШ № 1»", "5 класс", "X"])
def test_other_text_is_repeated_as_it_stands(text: str) -> None:
    assert shown(text) == text
