"""Which exam a protocol holds, and where on a sheet one exam ends and the next begins.

The name in the exam's title row is trusted, not its code: the codes of ОГЭ and ЕГЭ differ and are known by memory.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from msoko_pipeline import linear as re
from msoko_pipeline.reading.header import Recognised, normal
from msoko_pipeline.reading.problems import Refusal
from msoko_pipeline.reading.subjects import GIA, subject_of
from msoko_pipeline.reading.work import Work, check_year
from msoko_pipeline.reading.workbook import Grid
from schemas import catalogue

GRADES = {"gia9": 9, "gia9_appeal": 9, "gia11": 11}
NAMES = {9: ("OGE", "GVE9"), 11: ("EGE", "GVE11")}  # of a grade: the exam, and that of pupils with special needs


@dataclass(frozen=True)
class Exam:
    """An exam as a protocol names it.

    procedure: OGE, GVE9, EGE, GVE11; subject: code; date: ISO; oral: its oral part.
    """

    procedure: str
    subject: str
    date: str
    oral: bool

    @property
    def year(self) -> int:
        return int(self.date[:4])


def exam_of(text: str, grade: int, *, in_cell: bool = False) -> Exam | None:
    """`12 - Обществознание 2026.07.03` or, in a cell, `Математика(2026.06.02)`; None where it is neither.

    Raises LookupError for a subject that is not known, ValueError for a date that is none.
    """
    rules = catalogue.exam_rules()["protocol"]
    found = re.match(rules["exam_in_cell" if in_cell else "exam"] + r"(?!\S)", normal(text))
    if not found:
        return None
    name = found["name"]
    code = int(found["code"]) if found["code"] else 0
    special = code in rules["gve"]["codes"] or re.fullmatch(rules["gve"]["name"], name) is not None
    oral = re.fullmatch(rules["oral"], name) is not None
    subject = subject_of(_plain(name), GIA)
    if subject is None:
        raise LookupError(name)
    if subject == "MA" and code == rules["base_mathematics"]:
        subject = "MB"
    date = dt.date(*map(int, found["date"].split("."))).isoformat()
    return Exam(NAMES[grade][special], subject, date, oral)


_BESIDE = re.compile(
    r"\([^()]*(?:устн|говорение|письм|гвэ|егэ|огэ)[^()]*\)|(?<![а-я])(?:гвэ|егэ|огэ)(?:-\d+)?(?![а-я])"
)


def _plain(name: str) -> str:
    """The subject without «ГВЭ», «ЕГЭ», «(устная часть)»."""
    return re.sub(r"\s+", " ", _BESIDE.sub(" ", name)).strip(" .,-")


def from_title(found: Recognised) -> Work:
    """The exam named above the header. Raises Refusal where none is."""
    exam = title_exam(found)
    check_year(exam.year)
    return Work(exam.year, exam.subject, GRADES[found.kind], None, exam.procedure, exam.date)


def title_exam(found: Recognised) -> Exam:
    """The exam of a block, from the nearest title row that names one."""
    for title in reversed(found.titles):
        try:
            exam = exam_of(title, GRADES[found.kind])
        except LookupError as error:
            raise Refusal("file_exam_unknown", detail=f"предмет «{error.args[0]}» не узнан") from error
        except ValueError as error:
            raise Refusal("file_exam_unknown", detail=f"в строке «{title}» невозможная дата") from error
        if exam is not None:
            return exam
    raise Refusal("file_exam_unknown", detail="над таблицей нет строки вида «12 - Обществознание 2026.07.03»")


def region_of(found: Recognised) -> tuple[str, str] | None:
    """Code and name of the region in the title rows; None where none is told."""
    rules = catalogue.exam_rules()["protocol"]
    titles = [title for title in found.titles if not re.match(rules["exam"], normal(title))]
    told = ((re.match(rules["region"], normal(title)), title) for title in titles)
    code, title = next(((match["code"], title) for match, title in told if match), (None, ""))
    return (code, re.sub(r"^\D*\d+\W+", "", title).strip()) if code else None


def blocks(grid: Grid) -> list[Grid]:
    """The sheet cut where the title row of an exam stands: a grid a block, the sheet itself where there are fewer.

    What stands right above such a row and is no data (the protocol's title, the region) goes with the block below.
    """
    rules = catalogue.exam_rules()["protocol"]
    starts = _rows_like(grid, rules["exam"])
    if len(starts) < 2:
        return [grid]
    filled = grid.filled
    titles = [row for row in _rows_like(grid, rules["above"]) if filled[row] == 1]  # no row of data
    above = {*titles, *np.flatnonzero(filled == 0).tolist()}
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
