"""Empty collection forms (xlsx) for the kinds that no ministry issues: drop-down lists, a hint on every column, how to
fill it in, and a sheet filled in by way of example, which the reader passes over.

A sender may have one workbook instead, a sheet a form, with the year and the organisation filled in: a formula puts
them in every row that has something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from msoko_pipeline.reading.extract import EXAMPLE_SHEET, HELP_SHEET
from msoko_pipeline.senders import hints
from msoko_pipeline.senders.hints import Cells
from schemas.fields import ColumnSpec
from schemas.form import Form, forms
from schemas.kinds import REGISTERS
from schemas.register import Declaration
from schemas.types import LOGIN_KINDS, SCHOOL_TITLE

ROWS = 1000  # rows of the empty form that the drop-down lists cover
FILLED_ROWS = 300  # rows of a sender's workbook in which the year and the organisation come by themselves
LIST_LIMIT = 255  # signs that Excel takes in a list written out
TITLE_LIMIT = 32
SHEET_LIMIT = 31
LISTS_FROM = 6  # column of the help sheet where longer lists stand
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
REQUIRED, OPTIONAL = "#F9E0B5", "#E6EEF6"
OF_ORGANISATIONS = ("login", "organisation", "school")
"""Readers of cells that name an organisation."""
FIRST_DAY, LAST_DAY = date(2015, 1, 1), date(2100, 12, 31)


def write_forms(folder: Path) -> list[Path]:
    """Write every form into the folder; returns the files. A form filled in is read by the layout of its kind."""
    import xlsxwriter

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for form in forms().values():
        path = folder / form.file
        with xlsxwriter.Workbook(path, OPTIONS) as book:
            sheets = _Sheets(book)
            sheets.form(form, form.sheet)
            sheets.help([(form.sheet, form)])
            sheets.example(form)
            sheets.lists()
        paths.append(path)
    return paths


def write_workbook(folder: Path, login: str, year: int) -> Path:
    """Write one workbook with the forms of an organisation, its year and login filled in; returns the file.

    Raises LookupError for a login of a kind that sends no forms.
    """
    import xlsxwriter

    chosen = of_sender(login)
    if not chosen:
        raise LookupError(f"для «{login}» форм нет: ожидается логин школы (edu…) или код детского сада (doo…)")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"Формы {login} {year}.xlsx"
    with xlsxwriter.Workbook(path, OPTIONS) as book:
        sheets = _Sheets(book)
        named = [(_sheet_name(declared), declared.form) for declared in chosen]
        for (name, form), declared in zip(named, chosen, strict=True):
            sheets.form(form, name, filled=_filled(declared, login, year))
        sheets.help(named)
        sheets.lists()
    return path


def of_sender(login: str) -> list[Declaration]:
    """The registers that an organisation itself sends, by the kind of its login."""
    kind = LOGIN_KINDS.get(login.rstrip("0123456789"))
    if kind is None or not login[-1:].isdigit():
        return []
    readers = ("login", "school") if kind["school"] else ("organisation", "school")
    return [
        declared
        for declared in REGISTERS.values()
        if declared.is_of_own
        and (column := _organisation(declared)) is not None
        and column.reads in readers
        and (kind["school"] or column.title != SCHOOL_TITLE)
    ]


def _organisation(declared: Declaration) -> ColumnSpec | None:
    """The column of the organisation; None where the rows are of none."""
    return next((spec for spec, _ in declared.columns.values() if spec.reads in OF_ORGANISATIONS), None)


def _filled(declared: Declaration, login: str, year: int) -> dict[int, str]:
    """Number of a column → what stands in it of itself."""
    filled = {}
    for number, (spec, _) in enumerate(declared.columns.values()):
        if spec.reads == "year":
            filled[number] = str(year)
        elif spec.reads in OF_ORGANISATIONS:
            filled.setdefault(number, login)
    return filled


def _sheet_name(declared: Declaration) -> str:
    """Each form's sheet by the name of its file, as several are called alike."""
    return declared.file.removesuffix(".xlsx")[:SHEET_LIMIT]


@dataclass
class _Sheets:
    """Sheets of a workbook of forms."""

    book: Any

    def __post_init__(self) -> None:
        style = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
        self._required = self.book.add_format({**style, "bg_color": REQUIRED})
        self._optional = self.book.add_format({**style, "bg_color": OPTIONAL})
        self._formats = {
            hints.TEXT: self.book.add_format({"num_format": "@"}),  # codes keep their leading zeros
            hints.WHOLE: self.book.add_format({"num_format": "0"}),
            hints.DECIMAL: self.book.add_format({"num_format": "General"}),
            hints.DATE: self.book.add_format({"num_format": "dd.mm.yyyy"}),
        }
        self._lists: list[list[str]] = []
        self._numbers = count(LISTS_FROM)

    def form(self, form: Form, name: str, filled: dict[int, str] | None = None) -> None:
        """An empty form. filled: number of a column → what stands in every row that has something else."""
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for number, (column, cells) in enumerate(zip(form.columns, hints.cells(form), strict=True)):
            kind = hints.TEXT if column.choices else cells.kind
            sheet.set_column(number, number, max(14, len(column.name) + 4), self._formats[kind])
            sheet.write(0, number, column.name, self._required if cells.is_required else self._optional)
            title = column.name[:TITLE_LIMIT]
            rule: dict[str, Any] = {"input_title": title, "input_message": cells.hint, "error_title": title}
            if column.choices:
                rule |= {"validate": "list", "source": self._offered(list(column.choices))}
                rule["error_message"] = "Выберите значение из списка."
            else:
                rule |= _enforced(cells)
            sheet.data_validation(1, number, ROWS, number, rule)
        if filled:
            self._fill(sheet, filled, len(form.columns))

    def _fill(self, sheet: Any, filled: dict[int, str], columns: int) -> None:
        from xlsxwriter.utility import xl_range

        others = [number for number in range(columns) if number not in filled]
        for row in range(1, FILLED_ROWS + 1):
            given = ",".join(xl_range(row, first, row, last) for first, last in _spans(others))
            for number, text in filled.items():
                value = text if text.isdigit() else f'"{text}"'
                sheet.write_formula(row, number, f'=IF(COUNTA({given})=0,"",{value})', None, "")

    def help(self, named: list[tuple[str, Form]]) -> None:
        """How to fill in the forms: about each, then every column with its hint and an example."""
        self._help = sheet = self.book.add_worksheet(HELP_SHEET)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 2, 60)
        row = 0
        for name, form in named:
            sheet.write_row(row, 0, [form.about if len(named) == 1 else f"{name}. {form.about}"])
            sheet.write_row(row + 2, 0, ["Столбец", "Что писать", "Пример"], self._optional)
            for number, (column, cells) in enumerate(zip(form.columns, hints.cells(form), strict=True)):
                head = self._required if cells.is_required else None
                sheet.write(row + 3 + number, 0, column.name, head)
                sheet.write_row(row + 3 + number, 1, [cells.hint, column.example])
            row += 5 + len(form.columns)

    def example(self, form: Form) -> None:
        """A sheet filled in by way of example."""
        sheet = self.book.add_worksheet(EXAMPLE_SHEET)
        for number, column in enumerate(form.columns):
            sheet.set_column(number, number, max(14, len(column.name) + 4), self._formats[hints.TEXT])
            sheet.write(0, number, column.name, self._optional)
            sheet.write(1, number, column.example, self._formats[hints.TEXT])

    def lists(self) -> None:
        """The longer lists, on the help sheet."""
        for number, values in enumerate(self._lists, LISTS_FROM):
            self._help.write_column(3, number, values)

    def _offered(self, values: list[str]) -> list[str] | str:
        """What a drop-down list offers: the values, or where they stand on the sheet, when too long for a list."""
        from xlsxwriter.utility import xl_range_abs

        if len(",".join(values)) <= LIST_LIMIT:
            return values
        column = next(self._numbers)
        self._lists.append(values)
        return f"='{HELP_SHEET}'!{xl_range_abs(3, column, 2 + len(values), column)}"


def _enforced(cells: Cells) -> dict[str, Any]:
    """The rule by which the sheet itself refuses a cell: a number out of range, words for a number or a date."""
    if cells.kind == hints.DATE:
        rule = {"validate": "date", "criteria": "between", "minimum": FIRST_DAY, "maximum": LAST_DAY}
        return {**rule, "error_message": "Дата вида 31.12.2025."}
    if cells.kind not in (hints.WHOLE, hints.DECIMAL):
        return {"validate": "any"}
    words = "Целое число" if cells.kind == hints.WHOLE else "Число"
    kind = {"validate": "integer" if cells.kind == hints.WHOLE else "decimal"}
    if cells.least is None:
        return {**kind, "criteria": ">=", "value": -1e9, "error_message": f"{words}."}
    if cells.greatest is None:
        return {**kind, "criteria": ">=", "value": cells.least, "error_message": f"{words} от {cells.least:g}."}
    bounds = {"criteria": "between", "minimum": cells.least, "maximum": cells.greatest}
    return {**kind, **bounds, "error_message": f"{words} от {cells.least:g} до {cells.greatest:g}."}


def _spans(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Runs of consecutive numbers: the first and the last of each."""
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last
