"""Which exam a protocol holds, and where on a sheet one exam ends and the next begins.

The name in the exam's title row is trusted, not its code: the codes of ОГЭ and ЕГЭ differ and are known by memory.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading.header import Recognised
from msoko_pipeline.reading.procedures.work import Work, check_year
from msoko_pipeline.reading.workbook import Grid
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.spelling import normal
from msoko_pipeline.text.subjects import GIA, subject_of
from schemas import catalogue

GRADES = {"gia9": 9, "gia9_appeal": 9, "gia11": 11, "gia11_appeal": 11}
NAMES = {9: ("OGE", "GVE9"), 11: ("EGE", "GVE11")}  # of a grade: the exam, and that of pupils with special needs


@dataclass(frozen=True)
class Exam:
    """An exam as a protocol names it.

    procedure: OGE, GVE9, EGE, GVE11; subject: code; date: ISO; oral: its oral part; resit: whether it is called a
    re-sit beside the date.
    """

    procedure: str
    subject: str
    date: str
    oral: bool
    resit: bool = False

    @property
    def year(self) -> int:
        return int(self.date[:4])


def exam_of(text: str, grade: int, *, in_cell: bool = False) -> Exam | None:
    """`12 - Обществознание 2026.07.03 (пересдача)` or, in a cell, `Математика(2026.06.02)`; None where it is neither.

    Raises LookupError for a subject that is not known, ValueError for a date that is none.
    """
    rules = catalogue.exam_rules()["protocol"]
    match = re.match(rules["exam_in_cell" if in_cell else "exam"] + r"(?!\S)", normal(text))
    if not match:
        return None
    name = match["name"]
    code = int(match["code"]) if match["code"] else 0
    special = code in rules["gve"]["codes"] or re.fullmatch(rules["gve"]["name"], name) is not None
    oral = re.fullmatch(rules["oral"], name) is not None
    subject = subject_of(_plain(name), GIA)
    if subject is None:
        raise LookupError(name)
    if subject == "MA" and code == rules["base_mathematics"]:
        subject = "MB"
    first, month, last = map(int, match["date"].split("."))
    year, day = (first, last) if first > 31 else (last, first)
    resit = re.fullmatch(rules["resit"], (match.groupdict().get("period") or "").strip()) is not None
    return Exam(NAMES[grade][special], subject, dt.date(year, month, day).isoformat(), oral, resit)


_BESIDE = re.compile(
    r"\([^()]*(?:устн|говорение|письм|гвэ|егэ|огэ)[^()]*\)|(?<![а-я])(?:гвэ|егэ|огэ)(?:-\d+)?(?![а-я])"
)


def _plain(name: str) -> str:
    """The subject without «ГВЭ», «ЕГЭ», «(устная часть)»."""
    return re.sub(r"\s+", " ", _BESIDE.sub(" ", name)).strip(" .,-")


def from_title(recognised: Recognised) -> Work:
    """The exam named above the header. Raises Refusal where none is."""
    exam = title_exam(recognised)
    check_year(exam.year)
    return Work(exam.year, exam.subject, GRADES[recognised.kind], None, exam.procedure, exam.date)


def title_exam(recognised: Recognised) -> Exam:
    """The exam of a block, from the nearest title row that names one; a re-sit where that row, another one above the
    table or the sheet's name says so. A block without titles of its own has those of the block above.

    Raises Refusal where none is named, or its day is not.
    """
    exam = _named(recognised)
    others = [title for title in recognised.titles if not _is_exam(title)]
    others = others or [title for titles in recognised.above for title in titles if not _is_exam(title)]
    resit = re.compile(catalogue.exam_rules()["protocol"]["resit"])
    return replace(exam, resit=exam.resit or any(resit.fullmatch(normal(line)) for line in (*others, recognised.sheet)))


def _is_exam(title: str) -> bool:
    return re.fullmatch(catalogue.exam_rules()["protocol"]["exam"], normal(title)) is not None


def _named(recognised: Recognised) -> Exam:
    for title in reversed(recognised.titles):
        try:
            exam = exam_of(title, GRADES[recognised.kind])
        except LookupError as error:
            raise Refusal("file_exam_unknown", detail=f"предмет «{error.args[0]}» не распознан") from error
        except ValueError as error:
            raise Refusal("file_exam_unknown", detail=f"в строке «{title}» невозможная дата") from error
        if exam is not None:
            return exam
    if dayless := next(filter(_is_dayless, recognised.titles), None):
        raise Refusal("file_exam_no_day", detail=dayless)
    raise Refusal("file_exam_unknown", detail="над таблицей нет строки вида «12 - Обществознание 2026.07.03»")


def _is_dayless(title: str) -> bool:
    """Whether a line names an exam without its day."""
    match = re.fullmatch(catalogue.exam_rules()["protocol"]["no_day"], normal(title))
    return match is not None and subject_of(_plain(match["name"] or match["named"]), GIA) is not None


def region_of(recognised: Recognised) -> tuple[str, str] | None:
    """Code and name of the region in the title rows; None where there is none."""
    rules = catalogue.exam_rules()["protocol"]
    titles = [title for title in recognised.titles if not re.match(rules["exam"], normal(title))]
    matches = ((re.match(rules["region"], normal(title)), title) for title in titles)
    code, title = next(((match["code"], title) for match, title in matches if match), (None, ""))
    return (code, re.sub(r"^\D*\d+\W+", "", title).strip()) if code else None


def blocks(grid: Grid) -> list[Grid]:
    """The sheet cut where the title row of an exam stands, with its day or without: a grid a block, the sheet itself
    where there are fewer.

    What stands right above such a row and is no data (the protocol's title, the region) goes with the block below.
    """
    rules = catalogue.exam_rules()["protocol"]
    starts = _rows_like(grid, rules["exam"])
    if not starts:
        return [grid]
    filled = grid.filled
    starts = sorted({*starts, *(row for row in grid.rows_with(_is_dayless) if filled[row] == 1)})
    if len(starts) < 2:
        return [grid]
    like = _rows_like(grid, f"(?:{rules['above']}|{rules['resit']})")
    titles = [row for row in like if filled[row] == 1]  # no row of data
    above = {*titles, *np.flatnonzero(filled == 0).tolist()}.difference(starts)
    cuts = [0]
    for start in starts[1:]:
        while start - 1 in above:
            start -= 1
        cuts.append(start)
    return grid.cut(cuts)


def _rows_like(grid: Grid, pattern: str) -> list[int]:
    """Rows (from 0) with a cell that is like the pattern."""
    like = re.compile(pattern)
    return grid.rows_with(lambda word: like.fullmatch(normal(word)) is not None)
