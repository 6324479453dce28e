"""Empty collection forms (xlsx) for the kinds that no ministry issues: drop-down lists, a hint on every column, how to
fill it in, and a sheet filled in by way of example, which the reader passes over.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from msoko_pipeline.reading.extract import EXAMPLE_SHEET, HELP_SHEET
from msoko_pipeline.senders.hints import hints
from schemas.form import Form, forms

ROWS = 1000  # rows of the empty form that the drop-down lists cover
LIST_LIMIT = 255  # signs that Excel takes in a list written out
TITLE_LIMIT = 32
LISTS_FROM = 6  # column of the help sheet where longer lists stand
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_forms(folder: Path) -> list[Path]:
    """Write every form into the folder; returns the files. A form filled in is read by the layout of its kind."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(folder / form.file, form) for form in forms().values()]


def _write(path: Path, form: Form) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(path, OPTIONS) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E6EEF6", "border": 1})
        text = book.add_format({"num_format": "@"})  # codes keep their leading zeros
        sheet = book.add_worksheet(form.sheet)
        sheet.freeze_panes(1, 0)
        help_sheet = book.add_worksheet(HELP_SHEET)
        help_sheet.set_column(0, 0, 26)
        help_sheet.set_column(1, 2, 60)
        help_sheet.write_row(0, 0, [form.about])
        help_sheet.write_row(2, 0, ["Столбец", "Что писать", "Пример"], head)
        lists = count(LISTS_FROM)
        example = book.add_worksheet(EXAMPLE_SHEET)
        for number, (column, hint) in enumerate(zip(form.columns, hints(form), strict=True)):
            for page in (sheet, example):
                page.set_column(number, number, max(14, len(column.name) + 4), text)
                page.write(0, number, column.name, head)
            example.write(1, number, column.example, text)
            help_sheet.write_row(3 + number, 0, [column.name, hint, column.example])
            title = column.name[:TITLE_LIMIT]
            rule: dict[str, Any] = {"validate": "any", "input_title": title, "input_message": hint}
            if column.choices:
                offered = _listed(help_sheet, lists, list(column.choices))
                error = {"error_title": title, "error_message": "Выберите значение из списка."}
                rule |= {"validate": "list", "source": offered, **error}
            sheet.data_validation(1, number, ROWS, number, rule)
    return path


def _listed(sheet: Any, columns: Iterator[int], values: list[str]) -> list[str] | str:
    """What a drop-down list offers: the values, or where they stand on the sheet, when they are too long for a list."""
    from xlsxwriter.utility import xl_range_abs

    if len(",".join(values)) <= LIST_LIMIT:
        return values
    column = next(columns)
    sheet.write_column(3, column, values)
    return f"='{sheet.name}'!{xl_range_abs(3, column, 2 + len(values), column)}"
