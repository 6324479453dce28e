"""Tables that other programs write as markup: web pages (as a rule named .xls), web archives, workbooks as XML.

Markup is parsed by lxml, web archives by the standard library. A cell has the value behind its looks where the page
keeps one (`x:num` of Excel, `sdval` of LibreOffice).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading import delimited
from msoko_pipeline.reading.cell_states import Fault, letters
from msoko_pipeline.reading.guard import UTF_16
from msoko_pipeline.reading.locks import Source, stream_of
from msoko_pipeline.reading.pages import MOST_COLUMNS, Page, number
from msoko_pipeline.text import linear as re

SPREADSHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = frozenset(
    (*HEADINGS, "body", "br", "caption", "center", "div", "form", "li", "p", "pre", "table", "td", "th", "tr")
)
UNSEEN = frozenset(("script", "style", "noscript", "template", "select", "head"))
LINE_BREAK = "\ue000"  # of no script, and XML takes it
LINES_ABOVE = 15  # of a page's own text above a table: a title is near it, menus are far

_CHARSET = re.compile(rb"""charset\s{0,3}=\s{0,3}["']?([\w-]{3,20})""", re.IGNORECASE)
_SHEET_NAME = re.compile(r"<x:Name>([^<]{1,100})</x:Name>")
_NUMBER = re.compile(r"-?[\d \u00a0\u202f]+(?:[.,]\d+)?")


# ---- pages


def html_pages(content: bytes, charset: str | None = None) -> list[Page]:
    """The tables of a web page, one below the other as Excel shows them, with the text above each.

    LibreOffice marks where a sheet begins; there each is a page of its own. Raises Refusal where there is no table.
    """
    from lxml import etree

    words = _decoded(content, charset)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(words.encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        root = None
    if root is None or next(root.iter("table"), None) is None:
        what = "веб-страница без таблицы"
        if "<frameset" in words[:200_000].lower():
            what = "веб-страница Excel без своих листов: они лежат в папке рядом с ней"
        raise Refusal("file_not_table", detail=f"{what}; откройте её в Excel и сохраните как .xlsx")
    names = _SHEET_NAME.findall(words[:200_000])
    pages = _Pages(names[0] if len(names) == 1 else "")
    pages.walk(root)
    return [page for page in pages.pages if page.cells]


def _decoded(content: bytes, charset: str | None) -> str:
    """The text of a page in the encoding that it names, or else in one that can be told."""
    named = _CHARSET.search(content[:4096])
    encoding = charset or (named[1].decode("ascii", "replace") if named else None)
    if encoding and not content.startswith(UTF_16):
        try:
            return content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            pass
    return delimited.decoded(content)


class _Pages:
    """Walks a page in the order in which it is read, filling sheets."""

    def __init__(self, name: str) -> None:
        self.pages = [Page(name)]
        self._row = 0
        self._words: list[str] = []
        self._lines: list[str] = []
        self._is_marked = False

    def walk(self, root: Any) -> None:
        from lxml import etree

        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            tag = element.tag
            if event == "end":
                self._end_line(tag)
                self._words.append(element.tail or "")
                continue
            self._end_line(tag)
            if tag in UNSEEN:
                walker.skip_subtree()
            elif tag == "a" and (element.get("name") or "").startswith("table") and element.find(".//em") is not None:
                self._begin_sheet("".join(element.find(".//em").itertext()).strip())
                walker.skip_subtree()
            elif tag == "table" and next(element.iterdescendants("table"), None) is None:
                self._table(element)
                walker.skip_subtree()
            else:
                self._words.append(element.text or "")

    def _end_line(self, tag: str) -> None:
        if tag in BLOCKS:
            if line := " ".join("".join(self._words).split()):
                self._lines.append(line)
            self._words = []

    def _begin_sheet(self, name: str) -> None:
        self.pages.append(Page(name))
        self._row, self._words, self._lines = 0, [], []

    def _table(self, table: Any) -> None:
        page = self.pages[-1]
        for line in self._lines[-LINES_ABOVE:]:
            page.put(self._row, 0, line)
            self._row += 1
        self._lines = []
        taken: dict[int, int] = {}  # column → rows below that a cell above still covers
        for row in table.iter("tr"):
            column = 0
            covered, taken = taken, {at: left - 1 for at, left in taken.items() if left > 1}
            for cell in row.iterchildren("td", "th"):
                while column in covered:
                    column += 1
                page.put(self._row, column, _cell(cell))
                width, height = _span(cell, "colspan"), _span(cell, "rowspan")
                if height > 1:
                    taken |= dict.fromkeys(range(column, column + width), height - 1)
                column += width
            self._row += 1


def _span(cell: Any, name: str) -> int:
    span = (cell.get(name) or "1").strip()
    return min(max(int(span), 1), MOST_COLUMNS) if span.isascii() and span.isdigit() and len(span) < 6 else 1


def _cell(cell: Any) -> str:
    for line_break in cell.iter("br"):
        line_break.text = LINE_BREAK
    lines = "".join(cell.itertext()).split(LINE_BREAK)
    shown = "\n".join(" ".join(line.split()) for line in lines).strip()
    kept = cell.get("x:num") or cell.get("sdval")
    if kept and _NUMBER.fullmatch(shown):
        try:
            return number(float(kept))
        except (ValueError, OverflowError):
            return shown
    return shown


def mht_pages(content: bytes) -> list[Page]:
    """The sheets of a web archive (.mht). Raises Refusal where it holds no table."""
    import email
    import email.policy

    parts = [part for part in email.message_from_bytes(content).walk() if part.get_content_type() == "text/html"]
    places = [(part, str(part.get("Content-Location", "")).lower()) for part in parts]
    sheets = [part for part, place in places if re.search(r"sheet\d{1,5}\.html?$", place)] or parts
    whole = "".join(_payload(part)[:200_000].decode("latin-1") for part in parts)
    names = [name.encode("latin-1") for name in _SHEET_NAME.findall(whole)]
    all_pages: list[Page] = []
    refusal: Refusal | None = None
    for number_, part in enumerate(sheets):
        try:
            pages = html_pages(_payload(part), part.get_content_charset())
        except Refusal as error:
            refusal = error
            continue
        if len(names) == len(sheets):
            for page in pages:
                page.sheet = _decoded(names[number_], part.get_content_charset() or _charset(part))
        all_pages += pages
    if not all_pages:
        raise refusal or Refusal("file_not_table", detail="веб-архив без таблицы; сохраните его в Excel как .xlsx")
    return all_pages


def _payload(part: Any) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _charset(part: Any) -> str | None:
    named = _CHARSET.search(_payload(part)[:4096])
    return named[1].decode("ascii", "replace") if named else None


# ---- workbooks as XML


def xml_2003_pages(source: Source) -> list[Page]:
    """The sheets of a workbook saved as «Таблица XML 2003». Raises Refusal where it is broken."""
    from lxml import etree

    pages: list[Page] = []
    try:
        with stream_of(source) as stream:
            events = etree.iterparse(
                stream, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
            )
            pages += _worksheets(events)
    except etree.LxmlError as error:
        raise Refusal("file_unreadable", detail="таблица XML 2003 обрывается или испорчена") from error
    return pages


def _worksheets(events: Any) -> Iterator[Page]:
    page = Page("")
    row = -1
    for event, element in events:
        tag = element.tag
        if event == "start":
            if tag == f"{SPREADSHEET}Worksheet":
                page, row = Page(element.get(f"{SPREADSHEET}Name") or ""), -1
            continue
        if tag == f"{SPREADSHEET}Row":
            row = _index(element, row)
            _row(page, row, element)
            row += _count(element, "Span")
            element.clear()
        elif isinstance(tag, str) and tag.endswith("}Visible") and (element.text or "").startswith("SheetHidden"):
            page.hidden = True
        elif tag == f"{SPREADSHEET}Worksheet":
            yield page
            element.clear()


def _index(element: Any, before: int) -> int:
    """Row or column from 0: where the element names it, else the next one."""
    number = _count(element, "Index")
    return number - 1 if number else before + 1


def _count(element: Any, name: str) -> int:
    text = element.get(f"{SPREADSHEET}{name}") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _row(page: Page, row: int, element: Any) -> None:
    column = -1
    for cell in element.iterchildren(f"{SPREADSHEET}Cell"):
        column = _index(cell, column)
        data = cell.find(f"{SPREADSHEET}Data")
        formula = cell.get(f"{SPREADSHEET}Formula")
        if data is not None and data.get(f"{SPREADSHEET}Type") == "Error":
            page.faults.append(Fault(row + 1, letters(column), "cell_error", "".join(data.itertext())[:80]))
        elif data is not None:
            page.put(row, column, _value("".join(data.itertext()), data.get(f"{SPREADSHEET}Type")))
        elif formula:
            page.faults.append(Fault(row + 1, letters(column), "cell_formula_empty", formula[:80]))
        column += _count(cell, "MergeAcross")


def _value(word: str, kind: str | None) -> str:
    """A cell as workbooks are read: numbers without a tail of zeros, dates as `2026-05-10 00:00:00`."""
    if kind == "Number":
        try:
            return number(float(word))
        except (ValueError, OverflowError):
            return word
    if kind == "DateTime":
        return word.replace("T", " ").removesuffix(".000")
    if kind == "Boolean":
        return "true" if word.strip() == "1" else "false"
    return word
