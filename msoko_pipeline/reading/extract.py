"""One file from the archive to its recognised sheets as Arrow files: what runs in the child process."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc

from msoko_pipeline.home import closed
from msoko_pipeline.home.store import digest
from msoko_pipeline.issues.refusals import Refusal, said
from msoko_pipeline.privacy.repeating import unnamed_details, unnamed_sheets
from msoko_pipeline.reading.asides import without_asides
from msoko_pipeline.reading.blocks import continued, cut_at_headers, reports
from msoko_pipeline.reading.cell_states import CellStates
from msoko_pipeline.reading.contents import content_of
from msoko_pipeline.reading.counts import Count, counts_in, differing
from msoko_pipeline.reading.guard import sniff
from msoko_pipeline.reading.header import Recognised, recognise
from msoko_pipeline.reading.lost_signs import lost_signs
from msoko_pipeline.reading.merged import filled_down
from msoko_pipeline.reading.nearest import nearest
from msoko_pipeline.reading.persons import sheltered
from msoko_pipeline.reading.procedures import declared as said_of
from msoko_pipeline.reading.procedures import exams, olympiads, work_plans
from msoko_pipeline.reading.procedures import work as works
from msoko_pipeline.reading.procedures.declared import Declared
from msoko_pipeline.reading.procedures.olympiad_titles import school_of
from msoko_pipeline.reading.procedures.work import Work
from msoko_pipeline.reading.unseen import hidden_in_words
from msoko_pipeline.reading.workbook import Grid, read
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.spelling import normal
from msoko_pipeline.text.years import reporting_year
from schemas import catalogue

META = b"msoko"
NAMED_TWICE = "file_named_twice"
"""The issue about a file that also came under another name, which gives another work or school."""
LONGEST_NAME = 1_000  # of a file in a manifest: longer ones no file system has
HELP_SHEET, EXAMPLE_SHEET, MENDING_SHEET = "Как заполнять", "Пример", "Что исправить"
EXTENSIONS = {
    "xlsx": {".xlsx", ".xlsm", ".xlsb", ".xltx", ".xltm"},
    "xls": {".xls", ".xlt", ".et"},
    "old_xls": {".xls"},
    "ods": {".ods", ".ots"},
    "flat_ods": {".fods", ".xml"},
    "xml_2003": {".xml"},
    "html": {".html", ".htm", ".xhtml"},
    "mht": {".mht", ".mhtml"},
    "text": {".csv", ".txt", ".tsv", ".tab"},
}
TITLES = {
    "xlsx": "книга Excel (.xlsx)",
    "xls": "книга Excel 97–2003 (.xls)",
    "old_xls": "книга Excel 95 (.xls)",
    "ods": "книга .ods",
    "flat_ods": "книга OpenDocument одним файлом XML (.fods)",
    "xml_2003": "таблица XML 2003 (.xml)",
    "html": "веб-страница (.html)",
    "mht": "веб-архив (.mht)",
    "text": "текст (.csv)",
}
AUXILIARY = ("служебный", "порядковый номер класса", "классы", "инструкция", "справочник", "правила")


def _year_by(pattern: str) -> Callable[[str], int | None]:
    like = re.compile(pattern)
    return lambda word: int(match[1]) if (match := like.fullmatch(word)) else None


OWN_SHEETS = frozenset(map(normal, (HELP_SHEET, EXAMPLE_SHEET, MENDING_SHEET)))
"""Sheets that we have written into a form or a returned workbook: no data, however like data they look."""

YEAR_IN: dict[str, tuple[str, Callable[[str], int | None]]] = {
    "rows": ("year", reporting_year),
    "exams": ("exam", _year_by(r".*\(\s*(?:\d\d\.\d\d\.)?(20\d\d)(?:\.\d\d\.\d\d)?\s*\)")),
    "school_years": ("year", olympiads.year_of),
}
"""How a layout's rows name their years: the column, and the reporting year of a cell of it."""


@dataclass
class Sheet:
    """A recognised sheet: where its cells are kept, its layout and work. login: the school of a form, which does not
    say it inside."""

    recognised: Recognised
    work: Work | None
    login: str | None
    grid: Grid


@dataclass
class Extracted:
    """What became of a file: the sheets kept, or the refusal; notes are (issue type, details) about the file."""

    sheets: list[dict[str, Any]] = field(default_factory=list)
    refusal: tuple[str, dict[str, Any]] | None = None
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def extract(kept: Path, name: str, declared: Declared, cells: Path, secret: bytes) -> Extracted:
    """Read a file of the archive, recognise its sheets, keep their cells under `cells/<sheet number>.arrow`.

    secret: key of the pseudonyms that take the place of people's names.
    """
    result = Extracted()
    try:
        file_format = sniff(kept)
        suffix = Path(name).suffix.lower()
        if file_format in EXTENSIONS and suffix not in EXTENSIONS[file_format]:
            result.notes.append(("file_wrong_extension", {"detail": TITLES[file_format]}))
        if file_format == "zip":
            raise Refusal("file_kind_unknown", detail="архив внутри архива глубже двух уровней или книга без листов")
        sheets = _recognised(read(kept, file_format), name, declared, secret, result)
        declares = [_declares(sheet) if sheet.recognised.kind == "manifest" else [] for sheet in sheets]
    except Refusal as refusal:
        result.notes = [(issue, unnamed_details(details)) for issue, details in result.notes]
        return Extracted(refusal=(refusal.issue_type, unnamed_details(refusal.details)), notes=result.notes)
    result.notes = [(issue, unnamed_details(details)) for issue, details in result.notes]
    for number, sheet in enumerate(sheets):
        place = cells / f"{number}.arrow"
        save(sheet, place)
        result.sheets.append(
            {
                "number": number,
                "sheet": sheet.recognised.sheet,
                "row": sheet.grid.offset + sheet.recognised.header_row + 1,
                "kind": sheet.recognised.kind,
                "layout": sheet.recognised.layout,
                "work": sheet.work.to_json() if sheet.work else None,
                "tasks": [[task.task, task.max_score, task.level] for task in sheet.recognised.tasks],
                "rows": sheet.grid.cells.num_rows,
                "bytes": _bytes(sheet.grid.cells),
                "years": _years(sheet),
                "content": content_of(sheet.recognised, sheet.grid, sheet.login) if sheet.work else None,
                "digest": digest(place),
            }
        )
        if sheet.recognised.kind == "manifest":
            result.sheets[-1]["declares"] = declares[number]
    return result


def _bytes(cells: pa.Table) -> int:
    """Bytes of the different texts of a sheet: what looking at them costs."""
    return sum(chunk.dictionary.nbytes for column in cells.columns for chunk in column.chunks)


def _declares(sheet: Sheet) -> list[list[str]]:
    """The lines of a manifest: file, year, subject, grade, login, each as it stands. Raises Refusal for too many."""
    most, rows = catalogue.limits()["manifest_lines"], sheet.grid.cells.num_rows - sheet.recognised.header_row - 1
    if rows > most:
        raise Refusal("file_too_large", detail=f"строк в перечне {rows}, допустимо {most}")
    body = sheet.grid.cells.slice(sheet.recognised.header_row + 1)
    words = [
        body.column(sheet.recognised.columns[name]).cast(pa.string()).to_pylist()
        if name in sheet.recognised.columns
        else []
        for name in ("file", "year", "subject", "grade", "login")
    ]
    lines = [["" if word is None else word[:LONGEST_NAME] for word in line] for line in zip_longest(*words)]
    return [line for line in lines if line[0].strip()]


def _recognised(grids: list[Grid], name: str, declared: Declared, secret: bytes, result: Extracted) -> list[Sheet]:
    """The sheets that are data of ours; what is left out is noted. Raises Refusal where none is."""
    titles = unnamed_sheets(grid.sheet for grid in grids)
    grids = [replace(grid, sheet=titles[grid.sheet]) for grid in grids]
    ours = [grid for grid in grids if normal(grid.sheet) not in OWN_SHEETS]
    if not ours:
        raise Refusal("file_no_rows")
    refusals: list[tuple[Refusal, str, int]] = []
    blocks = [pair for grid in ours for pair in _blocks(grid, refusals)]
    pairs = [(recognised, grid) for grid, recognised in blocks if recognised is not None]
    if all(recognised.declared.auxiliary for recognised, _ in pairs):
        raise refusals[0][0] if refusals else nearest(ours)
    strange = [grid for grid, recognised in blocks if recognised is None and normal(grid.sheet) not in AUXILIARY]
    result.notes += [("sheet_ignored", _about(grid)) for grid in strange]
    if any(not grid.hidden and not recognised.declared.auxiliary for recognised, grid in pairs):
        # nobody saw what is on a hidden sheet beside a visible one: an old copy, a template
        result.notes += [("sheet_hidden", _about(grid)) for _, grid in pairs if grid.hidden]
        pairs = [(recognised, grid) for recognised, grid in pairs if not grid.hidden]
    stated = [counts_in(recognised, grid) for recognised, grid in pairs]
    pairs = [(recognised, _as_meant(recognised, grid, result)) for recognised, grid in pairs]
    pairs = [_sheltered(recognised, grid, secret, result) for recognised, grid in pairs]
    for (recognised, grid), counts in zip(pairs, stated, strict=True):
        result.notes += [_count_differs(grid, *count) for count in differing(recognised, grid, counts)]
    filled = [(recognised, grid) for recognised, grid in pairs if not _no_rows(recognised, grid)]
    if all(recognised.declared.auxiliary for recognised, _ in filled):
        if refusals:
            raise refusals[0][0]
        is_form = any(recognised.declared.work == "declared" for recognised, _ in pairs)
        raise Refusal("file_form_empty" if is_form else "file_no_rows")
    result.notes += [("sheet_no_rows", _about(grid)) for recognised, grid in pairs if _no_rows(recognised, grid)]
    sheets = []
    for recognised, grid in filled:
        try:
            sheets.append(_with_work(recognised, grid, name, declared, result))
        except Refusal as refusal:
            refusals.append((refusal, grid.sheet, grid.offset + recognised.header_row + 1))
    if refusals and all(sheet.recognised.declared.auxiliary for sheet in sheets):
        raise refusals[0][0]
    result.notes += [_left_out(*refused) for refused in refusals]
    return sheets


def _left_out(refusal: Refusal, sheet: str, row: int) -> tuple[str, dict[str, Any]]:
    """The issue about a report that is not accepted while others of its file are. row: of the sheet, from 1."""
    return "sheet_part_refused", {"sheet": sheet, "row": row, "detail": said(refusal.issue_type, **refusal.details)}


def _blocks(grid: Grid, refusals: list[tuple[Refusal, str, int]]) -> list[tuple[Grid, Recognised | None]]:
    """The reports of a sheet and what each was recognised as; those that have no header, of their own or above them,
    or a wrong one, are put among the refusals: no row of theirs is another's.
    """
    blocks: list[tuple[Grid, Recognised | None]] = []
    parts = [part for block in exams.blocks(grid) for part in _reports(block)]
    last: tuple[Recognised, Grid] | None = None
    left = deque(parts)
    while left:
        part = left.popleft()
        try:
            recognised = recognise(part)
            if last is not None:
                recognised = recognised or continued(part, *last)
                if recognised is not None:
                    recognised.above = [last[0].titles, *last[0].above]
        except Refusal as refusal:
            refusals.append((refusal, grid.sheet, part.offset + 1))
            continue
        if recognised is None and (last is not None or len(parts) > 1):
            where = f"под названием в строке {part.offset + 1} нет заголовка таблицы"
            bare = Refusal("file_kind_unknown", detail=f"лист «{grid.sheet}», {where}")
            refusals.append((bare, grid.sheet, part.offset + 1))
        else:
            part, *others = cut_at_headers(part, recognised)
            left.extendleft(reversed(others))
            blocks.append((part, recognised))
            last = (recognised, part) if recognised is not None else last
    return blocks


OF_ONE_WORK = ("title", "declared", "exam", "olympiad")
"""Where layouts have their work from whose rows are all of one work."""


def _reports(grid: Grid) -> list[Grid]:
    """The reports of a sheet; a list of many works (a manifest, a register) is one, whatever its rows name."""
    parts = reports(grid)
    if len(parts) > 1:
        with suppress(Refusal):
            first = recognise(parts[0])
            if first is not None and first.declared.work not in OF_ONE_WORK:
                return [grid]
    return parts


def _as_meant(recognised: Recognised, grid: Grid, result: Extracted) -> Grid:
    """The sheet with merged cells in all their rows, without totals, signatures and the like; this is noted, and so are
    hidden rows and columns, which are read.
    """
    grid, filled = filled_down(recognised, grid)
    if filled:
        result.notes.append(("sheet_merged", {"sheet": grid.sheet, "detail": filled}))
    grid, lines = without_asides(recognised, grid)
    if hidden := hidden_in_words(recognised, grid):
        result.notes.append(("sheet_rows_hidden", {"sheet": grid.sheet, "detail": hidden}))
    if lost := lost_signs(recognised, grid):
        result.notes.append(("sheet_signs", {"sheet": grid.sheet, **lost}))
    if recognised.unread:
        columns = ", ".join(f"«{title}»" for title in recognised.unread)
        issue = "sheet_columns_unread" if recognised.declared.header_columns else "sheet_remarks_unread"
        result.notes.append((issue, {"sheet": grid.sheet, "detail": columns}))
    if lines and not recognised.declared.auxiliary:
        result.notes.append(("sheet_asides", {"sheet": grid.sheet, "detail": lines.in_words()}))
    return grid


def _count_differs(grid: Grid, count: Count, rows: str) -> tuple[str, dict[str, Any]]:
    """That a file states another number of participants than it has rows."""
    return "sheet_count_differs", {"sheet": grid.sheet, "row": count.row, "value": count.count, "detail": rows}


def _sheltered(recognised: Recognised, grid: Grid, secret: bytes, result: Extracted) -> tuple[Recognised, Grid]:
    """The sheet without people; how many cells that cost is noted."""
    recognised, grid, emptied = sheltered(recognised, grid, secret)
    if emptied is not None:
        result.notes.append(("sheet_sheltered", {"sheet": grid.sheet, "detail": emptied}))
    return recognised, grid


def _about(grid: Grid) -> dict[str, Any]:
    return {"sheet": grid.sheet, "detail": f"«{grid.sheet}»"}


def _with_work(recognised: Recognised, grid: Grid, name: str, declared: Declared, result: Extracted) -> Sheet:
    source = recognised.declared.work
    if other := said_of.named_otherwise(declared, source, is_of_rows="login" in recognised.columns):
        note = (NAMED_TWICE, {"detail": f"«{name}» и «{other}»"})
        result.notes += [note] if note not in result.notes else []
    if source == "title":
        work = works.from_title(recognised)
        date = works.report_date_year(recognised)
        if date is not None and date != work.year:
            result.notes.append(("file_year_differs", {"detail": f"дата отчёта ({date})", "sheet": recognised.sheet}))
        elif declared.year is not None and declared.year != work.year:
            result.notes.append(("file_year_differs", {"detail": f"путь к файлу ({declared.year})"}))
        if doubt := works.check_frame(work, recognised):
            result.notes.append(("file_work_doubt", {"detail": doubt, "sheet": recognised.sheet}))
        _refuse_other_plan(work, recognised, grid)
        return Sheet(recognised, work, None, grid)
    if source == "exam":
        return Sheet(recognised, exams.from_title(recognised), None, grid)
    if source == "olympiad":
        work, bare = olympiads.work_of(recognised, name)
        if bare:
            result.notes.append(("file_year_bare", {"value": bare, "detail": work.year, "sheet": recognised.sheet}))
        school = None if "org_ref" in recognised.columns else declared.login or school_of(recognised)
        if school is None and "org_ref" not in recognised.columns:
            raise Refusal("file_school_unknown", detail=": в таблице нет столбца «ОО»", sheet=recognised.sheet)
        return Sheet(recognised, work, school, grid)
    if source == "declared":
        work = said_of.from_declared(declared)
        if doubt := works.check_content(work, recognised, grid):
            result.notes.append(("file_work_doubt", {"detail": doubt}))
        _refuse_other_plan(work, recognised, grid)
        login = None if "login" in recognised.columns else said_of.school(declared)
        return Sheet(recognised, work, login, grid)
    return Sheet(recognised, None, None, grid)


def _refuse_other_plan(work: Work, recognised: Recognised, grid: Grid) -> None:
    """Raises a question where the tasks that the file prints cannot be those of the work."""
    plan = work_plans.printed(recognised, grid)
    if plan is not None and (detail := work_plans.contradiction(work, recognised, plan)):
        raise Refusal("file_work_plan", sheet=recognised.sheet, detail=detail)


def _no_rows(recognised: Recognised, grid: Grid) -> bool:
    """Whether nothing under the header has its key cell filled."""
    key = grid.cells.column(recognised.columns[recognised.declared.row_key]).slice(recognised.header_row + 1)
    return not any(word and word.strip() for word in key.unique().to_pylist())


def _years(sheet: Sheet) -> list[int]:
    """Reporting years of a sheet: the work's, the layout's, or those its rows name."""
    if sheet.work:
        return [sheet.work.year]
    if sheet.recognised.declared.work == "layout":
        return [int(sheet.recognised.declared.year or 0)]
    source = sheet.recognised.declared.work
    if source not in YEAR_IN:
        return []
    column, year = YEAR_IN[source]
    words = (
        sheet.grid.cells.column(sheet.recognised.columns[column])
        .slice(sheet.recognised.header_row + 1)
        .unique()
        .to_pylist()
    )
    return sorted({number for word in words if word and (number := year(word.strip())) is not None})


def save(sheet: Sheet, path: Path) -> None:
    """Keep a sheet's cells and what is known of it in one Arrow file."""
    meta = {
        "found": sheet.recognised.to_json(),
        "work": sheet.work.to_json() if sheet.work else None,
        "login": sheet.login,
        "states": sheet.grid.states.to_json(),
        "ragged": sheet.grid.ragged,
        "unclosed": sheet.grid.unclosed,
        "offset": sheet.grid.offset,
    }
    closed.folder(path.parent)
    table = sheet.grid.cells.replace_schema_metadata({META: json.dumps(meta, ensure_ascii=False)})
    with (
        pa.OSFile(str(path), "wb") as sink,
        pa.ipc.new_file(
            sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4", emit_dictionary_deltas=False)
        ) as writer,
    ):
        writer.write_table(table)
    closed.close(path)


def load(path: Path) -> Sheet:
    """The sheet kept by `save`."""
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
    meta = json.loads(table.schema.metadata[META])
    recognised = Recognised.from_json(meta["found"])
    grid = Grid(
        recognised.sheet,
        table,
        CellStates.from_json(meta["states"]),
        {int(row): count for row, count in meta["ragged"].items()},
        meta["unclosed"],
        offset=meta["offset"],
    )
    return Sheet(recognised, Work(**meta["work"]) if meta["work"] else None, meta["login"], grid)
