"""What a clerk does wrong → what `msoko check` says of it: what is wrong, where, what to do, in words that are his."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from msoko_pipeline.reading.procedures.declared import Declared
from schemas.form import forms
from tests import making
from tests.command import msoko_here
from tests.making import f1, f1_pupil, form_2026, marks_report, table, xlsx

Rows = list[list[Any]]
FORM = "edu190003 Русский язык 4 класс ВПР 2026.xlsx"
EXPORT = "2021 История 5 класс.xlsx"


def book(rows: Rows, name: str = "Ф1 Русский язык 4 класс.xlsx") -> Callable[[Path], Path]:
    return lambda folder: xlsx(folder / name, rows)


def raw(content: bytes, name: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        return folder / name

    return write


def pupil(code: Any = 40001, total: Any = 24, mark: Any = 5, journal: Any = 4, **changed: Any) -> list[Any]:
    """A row of Ф1; `s3=7` sets the score of the third task, `c4="б"` the fifth cell."""
    row = f1_pupil(code, making.RU4_MAXIMA, total, mark, journal)
    for place, value in changed.items():
        row[int(place[1:]) + (5 if place[0] == "s" else 0)] = value
    return row


def report(*pupils: list[Any], **titled: Any) -> Callable[[Path], Path]:
    return book(f1([pupil(), *pupils], **titled))


def renamed(rows: Rows, old: str, new: str | None) -> Rows:
    """The table with a header renamed, or with its column taken out."""
    place = next(n for n, row in enumerate(rows) if old in row)
    column = rows[place].index(old)
    if new is None:
        return [row[:column] + row[column + 1 :] if len(row) > column else row for row in rows]
    return [[new if cell == old else cell for cell in row] if n == place else row for n, row in enumerate(rows)]


def form(old: str = "", new: str = "", name: str = FORM) -> Callable[[Path], Path]:
    return book(form_2026(making.PUPILS_2026.replace(old, new) if old else ""), name)


def form_called(name: str, journal: int) -> Callable[[Path], Path]:
    """A form under a name; journal: a mark that no other form has, for equal files are one."""
    return form("| нет отметки |", f"| {journal} |", name)


def export(old: str, new: str) -> Callable[[Path], Path]:
    return book(making.export_2021(making.PUPILS_2021.replace(old, new)), EXPORT)


def flat(layout: str, old: str, new: str) -> Callable[[Path], Path]:
    return book(table(making.FLAT[layout].replace(old, new)), f"{layout}.xlsx")


def filtered(path: Path, rows: Rows, hidden: int) -> Path:
    """A workbook in which one row is hidden."""
    workbook = openpyxl.load_workbook(xlsx(path, rows))
    workbook.worksheets[0].row_dimensions[hidden].hidden = True
    workbook.save(path)
    return path


def marks(old: str, new: str, **titled: Any) -> Callable[[Path], Path]:
    rows = [
        [cell.replace(old, new) if isinstance(cell, str) else cell for cell in row] for row in marks_report(**titled)
    ]
    return book(rows, "Отметки.xlsx")


CODE = "Код участника"
MISTAKES: dict[str, tuple[Callable[[Path], Path], tuple[str, ...]]] = {
    "a column renamed": (book(renamed(f1(), "Вариант", "Вар-т")), ("вариант", "Вар-т", "строка 8")),
    "a column deleted": (book(renamed(f1(), "Вариант", None)), ("нет столб", "вариант", "строка 8")),
    "the header deleted": (book([row for row in form_2026() if CODE not in row], FORM), ("вид файла не распознан",)),
    "another table on the sheet": (book([["План работы", "Срок"], ["Совещание", "май"]]), ("вид файла не распознан",)),
    "two headers": (book([*f1(), f1()[7]]), ("заголовок",)),
    "a row of totals": (
        book([*f1(), ["Итого", *[None] * 5, *[1] * 15, 20, None, None]]), ("итоги — строка 12", "считает итоги сама"),
    ),
    "words for a score": (report(pupil(40002, s2="пять")), ("строка 11, столбец «2 (1б)»", "не балл", "целый балл")),
    "a decimal comma": (report(pupil(40002, s2="0,5")), ("столбец «2 (1б)»", "«0,5» — не балл", "без запятой")),
    "a score above the maximum": (report(pupil(40002, s2=7)), ("балл «7» больше максимума задания (1)",)),
    "a total above the maximum": (report(pupil(40002, total=99)), ("сумма «99» больше максимума работы (24)",)),
    "a total that does not add up": (report(pupil(40002, total=3)), ("«3» не равна сумме баллов за задания (24)",)),
    "no total": (report(pupil(40002, total=None)), ("столбец «Первичный балл»", "сумма не проставлена")),
    "the mark 6": (report(pupil(40002, mark=6)), ("строка 11, столбец «Отметка»", "«6» — не отметка от 2 до 5")),
    "a mark in words": (report(pupil(40002, mark="хор")), ("столбец «Отметка»", "не отметка от 2 до 5")),
    "a journal mark of ten": (report(pupil(40002, journal=10)), ("«Отметка по журналу»", "«10» — не отметка")),
    "a date for a number": (report(pupil(40002, s3=dt.datetime(2026, 2, 1))), ("«3 (2б)»", "«01.02.2026» — дата")),
    "a formula error": (report(pupil(40002, s2="#N/A")), ("столбец «2 (1б)»", "#N/A", "формулу")),
    "a name for a code": (report(pupil("Образцова Проба")), ("столбец «Код участника»", "не код", "без имён")),
    "a short code": (report(pupil(12)), ("«12» — не код участника", "от четырёх до шести цифр")),
    "no code": (report(pupil(None)), ("строка 11, столбец «Код участника»", "ячейка пуста")),
    "a pupil twice": (report(pupil(40001)), ("строка 11", "участник с этим кодом", "то же, что в строке 10")),
    "a login with a digit lost": (report(pupil(40002, c0="edu19001")), ("столбец «ОО»", "не логин", "шесть цифр")),
    "two logins in a cell": (report(pupil(40002, c0="edu190001, edu190002")), ("несколько логинов", "Разделите")),
    "a preschool among schools": (flat("social_passport", "edu190002", "doo190002"), ("детский сад", "логин школы")),
    "a year that cannot be": (report(work="ВПР 1999 Русский язык 4 класс"), ("отчётный год 1999 невозможен",)),
    "a subject nobody knows": (report(work="ВПР 2026 Рунный язык 4 класс"), ("не распознан", "предмет")),
    "a grade that cannot be": (report(work="ВПР 2026 Русский язык 14 класс"), ("класс 14",)),
    "an empty form": (book(form_2026(making.NOBODY), FORM), ("пустая форма", "Заполните")),
    "a form without its school": (form_called("Русский язык 4 класс ВПР 2026.xlsx", 5),
        ("какая это школа", "edu190003")),
    "a form without its subject": (form_called("edu190003 форма 2026.xlsx", 4),
        ("неизвестны предмет", "в имени файла")),
    "a form of another grade": (form_called("edu190003 Русский язык 7 класс 2026.xlsx", 3),
        ("работа не совпадает", "с 4")),
    "a work of another subject": (
        book(renamed(making.export_2021(), "балл за 8", None), EXPORT),
        ("работа не совпадает", "заданий 8, а в файле 7"),
    ),
    "rows hidden by a filter": (lambda folder: filtered(folder / "Ф1.xlsx", f1(), 11), ("скрыт", "1")),
    "scores of the absent": (form("| отсутствовал | | |", "| отсутствовал | 3 | 2 |"), ("«отсутствовал», но",)),
    "nothing at all about a pupil": (form("| 1 | 5 | 4 | 3 | 2 | 1 |", "| 1 | | | | | |"), ("ни «отсутствовал»",)),
    "a row shifted": (export("| 1) История | нет\n    sch190001 | 2", "| 1 | 2\n    sch190001 | 2"), ("не сдвинуты",)),
    "a gender that is none": (export("| м | а |", "| мальч. | а |"), ("столбец «пол»", "Впишите «м» или «ж»")),
    "a class in words": (export("| м | а |", "| м | четвёртый бэ |"), ("столбец «класс»", "не понят")),
    "shares that do not add up": (marks("5.06", "15.06"), ("строка 9", "а не 100 %")),
    "words for a number": (marks("5.06", "около ста"), ("не число", "без слов и знаков")),
    "a group nobody knows": (marks("Вся выборка", "2026"), ("к кому относится строка", "Вся выборка")),
    "a part greater than the whole": (flat("social_passport", "| 100 | 20 |", "| 10 | 20 |"), ("больше, чем",)),
    "a percent sign": (flat("social_passport", "| 100 | 20 |", "| 100 % | 20 |"), ("«100 %» — не число", "без слов")),
    "a date that is not": (flat("recheck", "20.05.2025", "31.02.2025"), ("не дата", "20.04.2026")),
    "a word not on the list": (flat("risk_profile", "высокий", "огромный"), ("нет в списке допустимых", "Средний")),
    "a flag in words": (flat("objectivity_list", "| 1 | 0 |  | 1 |", "| да! | 0 |  | 1 |"), ("Впишите 1",)),
    "a password": (lambda folder: making.locked_xlsx(folder / "Ф1.xlsx", f1()), ("паролем", "Снимите пароль")),
    "a document of Word": (lambda f: making.zipped(f / "а.docx", {"word/document.xml": "<w/>"}), ("документ Word",)),
    "a page of PDF": (raw(b"%PDF-1.7\n1 0 obj", "Ф1.pdf"), ("PDF", "таблицей")),
    "a picture": (raw(b"\x89PNG\r\n\x1a\n" + b"0" * 50, "скан.png"), ("не таблица", "таблицей")),
    "an empty file": (raw(b"", "пусто.xlsx"), ("файл пуст",)),
    "a broken file": (raw(b"PK\x03\x04" + b"1" * 99, "Ф1.xlsx"), ("Excel",)),
    "a quote not closed": (
        lambda folder: making.text(
            folder / "реестр.csv",
            "\n".join(["login;municipality_type;oo_kind_from_name", "edu190001;город;СОШ", 'edu190002;город;"СОШ', ""]),
        ),
        ("кавычка в строке не закрыта",),
    ),
    "data on a hidden sheet": (
        lambda folder: xlsx(folder / "Ф1.xlsx", {"А": f1(), "Б": f1()}, hidden=["Б"]), ("лист скрыт", "Показать"),
    ),
    "a protocol of another region": (
        book(making.exam_block("12 - Обществознание 2026.06.03", making.OGE_HEADER, [making.OGE_ROW],
                               making.OGE_PLACES, "17 - Республика Тыва"), "протокол.xlsx"),
        ("другого региона", "своего региона"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Mistake → what `check` says of its file."""
    folder = tmp_path_factory.mktemp("clerks")
    files = {name: make(folder / str(number)) for number, (name, (make, _)) in enumerate(MISTAKES.items())}
    said = {}
    done = msoko_here("check", *files.values())
    assert done.returncode == 3, done.stderr
    rest = done.stdout
    for name, path in reversed(files.items()):
        place = rest.rindex(f"\n{path.name}: ") if f"\n{path.name}: " in rest else 0
        rest, said[name] = rest[:place], rest[place:]
    return said


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_clerk_is_told_what_where_and_what_to_do(answers: dict[str, str], mistake: str) -> None:
    said = answers[mistake]
    for words in MISTAKES[mistake][1]:
        assert words.lower() in said.lower(), said
    assert not re.search(r"manifest|MSOKO_|\.yaml|ops\.|None|nan|Traceback|Error\b", said), said
    assert len(said.strip().splitlines()) <= 6, "one mistake is not told of in many lines"


def test_there_are_enough_mistakes() -> None:
    assert len(MISTAKES) >= 34


# ---- over layouts: what does no harm, and what is named alike in each


def example(form: str) -> Rows:
    """The header of a form and its own example."""
    return [forms()[form].header, forms()[form].example]


PUPIL = "40001 | 1 | 5 | 4 | 3 | 2 | 1 | 1 | 4 | 15"
LAYOUTS: dict[str, tuple[Rows, int, str]] = {
    "f1": (f1(), 7, "Ф1.xlsx"),
    "form_2026": (form_2026(PUPIL, prefilled=0, beside=()), 0, FORM),
    "marks": (marks_report(), 7, "Отметки.xlsx"),
    "oge_regional": (making.oge_regional(), 4, "Протокол.xlsx"),
    "register": (making.REGISTER, 0, "Реестр.xlsx"),
    "social_passport": (table(making.FLAT["social_passport"]), 0, "Паспорта.xlsx"),
    "certificate": (table(making.FLAT["certificate"]), 0, "Аттестаты.xlsx"),
    "contest": (example("contest"), 0, "Конкурсы.xlsx"),
    "preschool_passport": (example("preschool_passport"), 0, "Сады.xlsx"),
}
"""Layout → a clean table of it, the place of its header, the name of its file."""
Change = Callable[[Rows, int], Rows]
ELSEWHERE = {
    ("columns in another order", "f1"),  # levels of tasks stand above them
    ("columns in another order", "form_2026"),  # tasks are numbered as they stand
    ("columns in another order", "oge_regional"),
    ("a column of line numbers", "f1"),  # a school's banner has no number
    ("a column of line numbers", "oge_regional"),  # it has one
    ("a column of one's own", "form_2026"),  # what is beside a form is its own scratch
    ("a column deleted", "register"),  # it may be missing
}
"""What is otherwise in a layout."""


def beside(left: list[Any], right: list[Any]) -> Change:
    """Other columns beside the table: a title and what stands in every row."""

    def change(rows: Rows, at: int) -> Rows:
        width = max(map(len, rows))
        empty = [None] * bool(left)
        lines = [[*row, *[None] * (width - len(row))] for row in rows[at:]]
        lines = [[*left[n > 0 :][:1], *row, *right[n > 0 :][:1]] for n, row in enumerate(lines)]
        return [*[[*empty, *row] for row in rows[:at]], *lines]

    return change


def headed(how: Callable[[str], str]) -> Change:
    return lambda rows, at: [
        [how(cell) if isinstance(cell, str) and n == at else cell for cell in row] for n, row in enumerate(rows)
    ]


def numbered(rows: Rows, at: int) -> Rows:
    """A line of column numbers under the header."""
    return [*rows[: at + 1], list(range(1, len(rows[at]) + 1)), *rows[at + 1 :]]


def summed(rows: Rows, at: int) -> Rows:
    first = next(number for number, cell in enumerate(rows[at]) if cell)
    columns = [[row[n] for row in rows[at + 1 :] if len(row) > n] for n in range(len(rows[at]))]
    sums = [sum(cell for cell in cells if isinstance(cell, int)) or None for cells in columns]
    return [*rows, [*[None] * first, "Итог", *sums[first + 1 :]]]


HARMLESS: dict[str, Change] = {
    "columns in another order": lambda rows, at: [*rows[:at], *[row[::-1] for row in padded(rows)[at:]]],
    "lines above": lambda rows, at: [["Приложение к письму"], ["Сведения по городу"], [], *rows],
    "an empty line in the middle": lambda rows, at: [*rows[: at + 2], [], [], *rows[at + 2 :]],
    "an empty first column": lambda rows, at: [[None, *row] for row in rows],
    "a column of remarks": beside([], ["Примечание", "сверено"]),
    "a column of line numbers": beside(["№ п/п", 1], []),
    "the header again": lambda rows, at: [*rows, rows[at]],
    "numbers of columns": numbered,
    "totals": summed,
    "signatures": lambda rows, at: [*rows, [], ["Директор ____________"], ["Исполнитель: Образцова А. П."]],
    "signs of what must be filled in": headed(lambda title: f"{title} *"),
    "capitals": headed(str.upper),
    "line breaks in the header": headed(lambda title: title.replace(" ", "\n")),
    "Latin letters in the header": headed(lambda title: title.translate(str.maketrans("аеосрхВНКМТ", "aeocpxBHKMT"))),
}


def padded(rows: Rows) -> Rows:
    width = max(map(len, rows))
    return [[*row, *[None] * (width - len(row))] for row in rows]


def without(rows: Rows, at: int) -> Rows:
    """The last column with a header taken out."""
    last = max(number for number, cell in enumerate(rows[at]) if cell)
    return [*rows[:at], *[row[:last] + row[last + 1 :] for row in rows[at:]]]


def doubled(rows: Rows, at: int) -> Rows:
    first = next(number for number, cell in enumerate(rows[at]) if cell)
    return [*rows[:at], *[[*row, row[first]] for row in padded(rows)[at:]]]


NAMED: dict[str, tuple[Change, tuple[str, ...]]] = {
    "a column deleted": (without, ("столбцы не такие", "нет столбцов: «")),
    "a column doubled": (doubled, ("столбцы не такие", "столбцы повторяются: «")),
    "a column of one's own": (beside([], ["Телефон школы", 1]), ("неизвестные столбцы: «Телефон школы»",)),
    "the header deleted": (
        lambda rows, at: [*rows[:at], *rows[at + 1 :]], ("вид файла не распознан", "нет строки с названиями столбцов"),
    ),
    "nothing filled in": (lambda rows, at: rows[: at + 1], ("нет ни одно",)),
}  # fmt: skip


def taken(folder: Path, rows: Rows, layout: str) -> making.Taken:
    name = LAYOUTS[layout][2]
    known = Declared(2026, "RU", 4, "edu190003") if layout == "form_2026" else Declared()
    return making.take_in(xlsx(folder / name, rows), known)


@cache
def clean(layout: str) -> dict[str, list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        return records(taken(Path(folder), LAYOUTS[layout][0], layout))


def records(read: making.Taken) -> dict[str, list[str]]:
    """The facts of a file, wherever on the sheet they stood."""
    return {kind: sorted(map(repr, frame.drop(columns="row").to_dict("records"))) for kind, frame in read.facts.items()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_does_no_harm_is_read_alike(tmp_path: Path, layout: str) -> None:
    rows, at, _ = LAYOUTS[layout]
    for number, (habit, change) in enumerate(HARMLESS.items()):
        if (habit, layout) in ELSEWHERE:
            continue
        read = taken(tmp_path / str(number), change(rows, at), layout)
        assert records(read) == clean(layout), (habit, read.refusal, read.issues["message_ru"].tolist())
        assert not set(read.issues["severity"]) - {"info"}, (habit, read.issues["message_ru"].tolist())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_wrong_is_named_in_every_layout(tmp_path: Path, layout: str) -> None:
    rows, at, _ = LAYOUTS[layout]
    for number, (mistake, (change, words)) in enumerate(NAMED.items()):
        if (mistake, layout) in ELSEWHERE:
            continue
        read = taken(tmp_path / str(number), change(rows, at), layout)
        assert read.refusal is not None, mistake
        said = read.refusal.message()
        assert all(word in said for word in words), (mistake, said)
        assert not re.search(r"раскладк|manifest|MSOKO_|None|nan", said), said


@pytest.mark.parametrize(
    ("layout", "title"),
    [("register", "Краткое наименование"), ("contest", "Название"), ("social_passport", "Под опекой")],
)
def test_the_text_of_a_formula_is_never_a_value(tmp_path: Path, layout: str, title: str) -> None:
    rows, at, _ = LAYOUTS[layout]
    place = rows[at].index(title)
    changed = [*rows[: at + 1], [*rows[at + 1][:place], "=A1", *rows[at + 1][place + 1 :]], *rows[at + 2 :]]
    read = taken(tmp_path, changed, layout)
    assert f"столбец «{title}»: в ячейке текст формулы «=A1»" in read.messages("cell_formula_text")[0]
    assert "=A1" not in str(records(read))


@pytest.mark.parametrize("save", ["csv;", "csv cp1251", "tab utf-16", "ods"])
@pytest.mark.parametrize("layout", ["social_passport", "f1"])
def test_a_table_saved_as_something_else_is_read_alike(tmp_path: Path, layout: str, save: str) -> None:
    rows, _, name = LAYOUTS[layout]
    path = tmp_path / name
    if save == "ods":
        making.ods(path.with_suffix(".ods"), rows)
    else:
        tab = save.startswith("tab")
        making.csv(
            path.with_suffix(".txt" if tab else ".csv"), padded(rows), delimiter="\t" if tab else ";",
            encoding={"csv;": "utf-8-sig", "csv cp1251": "cp1251", "tab utf-16": "utf-16"}[save],
        )  # fmt: skip
    (saved,) = tmp_path.iterdir()
    assert records(making.take_in(saved, Declared())) == clean(layout)
