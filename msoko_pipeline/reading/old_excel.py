"""Workbooks of Excel 95 and older, whole, by xlrd; of the others only what it alone reads."""

from __future__ import annotations

from typing import Any

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading.cell_states import Fault, letters
from msoko_pipeline.reading.locks import Source
from msoko_pipeline.reading.pages import Page, number

RUSSIAN = "cp1251"  # of a workbook that does not say in which encoding its texts are


def pages(source: Source) -> list[Page]:
    """All sheets of an old workbook. Raises Refusal where it is locked or broken."""
    import xlrd

    content = source if isinstance(source, bytes) else source.read_bytes()
    try:
        book = xlrd.open_workbook(file_contents=content, logfile=_Silence())
        if book.biff_version < 80 and book.codepage is None:
            book = xlrd.open_workbook(file_contents=content, logfile=_Silence(), encoding_override=RUSSIAN)
        return [_page(book, sheet) for sheet in book.sheets()]
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise Refusal("file_password") from error
        raise Refusal("file_unreadable", detail="книга .xls обрывается или испорчена") from error
    except (AssertionError, ArithmeticError, LookupError, OSError, TypeError, ValueError, AttributeError) as error:
        raise Refusal("file_unreadable", detail="книга .xls обрывается или испорчена") from error
    except Exception as error:
        if type(error).__module__ == "struct":
            raise Refusal("file_unreadable", detail="книга .xls обрывается или испорчена") from error
        raise


def _page(book: Any, sheet: Any) -> Page:
    import xlrd

    page = Page(sheet.name, hidden=sheet.visibility != 0)
    for row in range(sheet.nrows):
        for column, (kind, value) in enumerate(zip(sheet.row_types(row), sheet.row_values(row), strict=True)):
            if kind == xlrd.XL_CELL_ERROR:
                text = xlrd.error_text_from_code.get(value, "#ОШИБКА")
                page.faults.append(Fault(row + 1, letters(column), "cell_error", text))
            elif kind == xlrd.XL_CELL_DATE:
                page.put(row, column, _date(value, book.datemode))
            elif kind == xlrd.XL_CELL_BOOLEAN:
                page.put(row, column, "true" if value else "false")
            elif kind == xlrd.XL_CELL_NUMBER:
                page.put(row, column, number(value))
            else:
                page.put(row, column, str(value))
    return page


def _date(value: float, datemode: int) -> str:
    import xlrd

    try:
        return str(xlrd.xldate_as_datetime(value, datemode))
    except (xlrd.XLDateError, OverflowError, ValueError):
        return number(value)


class _Silence:
    """Takes what the library has to say of a file: it may repeat a cell."""

    def write(self, text: str) -> None:
        pass
