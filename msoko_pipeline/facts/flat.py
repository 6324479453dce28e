"""Simple tables, one header and one row per record: one reader for every such kind, driven by the kind's model.

A layout names its columns as the model does; the model says how cells are written (`schemas.fields.field`: codes,
reads, at_most; otherwise the dtype tells) and which rules a row must keep (pandera's dataframe checks, each named by
an issue type). A new register needs a model, a layout and a kind, no code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from msoko_pipeline.facts import enforce
from msoko_pipeline.facts.body import Body
from msoko_pipeline.facts.frame_columns import Columns, like_a_subject, subject
from msoko_pipeline.facts.indicator_names import indicator_of
from msoko_pipeline.privacy.allowed import personal
from msoko_pipeline.privacy.repeating import unnamed
from msoko_pipeline.privacy.schools import names_a_school
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.reading.header import task_code as canonical_task_code
from msoko_pipeline.reading.likeness import nearest_word
from msoko_pipeline.reading.procedures import olympiads
from msoko_pipeline.text import cells, dates, years
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.cells import Unread, Wrong, parse
from msoko_pipeline.text.hidden import HIDDEN
from msoko_pipeline.text.roadmap_items import item_of
from schemas import catalogue
from schemas.facts import NO_ORGANISATION
from schemas.fields import YES_NO, ColumnSpec, columns_of
from schemas.types import REGISTER_CODE, TASK_CODE, WORK_CODE


def facts(sheet: Sheet, body: Body, model: type[pa.DataFrameModel], given: Columns | None = None) -> pd.DataFrame:
    """One row per record with the columns of the model. A row said again word for word is kept once and noted.

    given: columns that need not be read, their values.
    """
    given = given or {}
    specs = [spec for spec in columns_of(model) if spec.name != "row"]
    columns: Columns = {"row": pd.array(body.rows, dtype="Int32")}
    unshown = personal(model)
    columns |= {
        spec.name: given[spec.name] if spec.name in given else _column(body, spec, is_shown=spec.name not in unshown)
        for spec in specs
    }
    headers = {spec.name: body.header(spec.name, spec.title) for spec in specs}
    enforce.enforce(columns, enforce.columns_of(model), body.findings, headers)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(body)), copy=False)
    for spec in specs:
        for whole in spec.at_most:
            _at_most(body, frame, spec.name, whole, headers)
    _judge_rows(body, frame, model)
    return _once(body, frame)


def _column(body: Body, spec: ColumnSpec, *, is_shown: bool) -> Any:
    """Values of one of the model's columns; what could not be read is noted."""
    text = body.column(spec.name)
    how = _parser(spec)
    if spec.reads == "date" and dates.american_order(text.words):
        how = partial(date, american=True)
    values, unread = parse(text, how, _dtype(spec))
    _note(body, spec, unread, is_shown=is_shown)
    if spec.reads in UNFILLED:
        values[~text.filled] = UNFILLED[spec.reads]
    return values


def _dtype(spec: ColumnSpec) -> str:
    """pandas' name of a column's type; of text there are several (`str`, `string[pyarrow]`)."""
    return "string" if spec.dtype.startswith("str") else spec.dtype


def _note(body: Body, spec: ColumnSpec, unread: Iterable[Unread], *, is_shown: bool) -> None:
    header = body.header(spec.name, spec.title)
    if is_shown:
        return body.findings.unread(unread, header)
    for cell in unread:
        unshown = [HIDDEN] * len(cell.positions)
        body.findings.cells(cell.wrong.issue_type, cell.positions, header, unshown, **cell.wrong.details)
    return None


def _parser(spec: ColumnSpec) -> Callable[[str], Any]:
    """How a column's cells are read. Raises KeyError for a name of a parser that there is not."""
    if spec.codes is not None:
        return listed(spec.codes)
    if spec.reads is not None:
        return PARSERS[spec.reads]
    return partial(NUMBERS[_dtype(spec)], unit=spec.unit) if _dtype(spec) in NUMBERS else words


def listed(codes: Mapping[str, Any]) -> Callable[[str], Any]:
    """A parser of the values of a list. It raises Wrong for another word."""
    by_spelling = {cells.as_listed(spelling): value for spelling, value in codes.items()}
    first: dict[Any, str] = {}
    for spelling, value in codes.items():
        first.setdefault(value, spelling)
    detail = ", ".join(first.values())

    def code(word: str) -> Any:
        value = by_spelling.get(cells.as_listed(word))
        if value is None:
            meant = nearest_word(word, list(codes))
            raise Wrong("cell_not_listed", detail=detail + f"; похоже на «{meant}»" * (meant is not None))
        return value

    return code


def words(word: str) -> str:
    """Text with single spaces."""
    return re.sub(r"\s+", " ", word)


def flag(word: str) -> bool:
    """1 or 0, yes or no; an empty cell is 0 as well (`_column`)."""
    is_yes = _yes_no().get(cells.as_listed(word))
    if is_yes is None:
        raise Wrong("cell_flag")
    return is_yes


@cache
def _yes_no() -> dict[str, bool]:
    return {cells.as_listed(spelling): value for spelling, value in YES_NO.items()}


def date(word: str, *, american: bool = False) -> str:
    """`20.04.2026`, `20/04/26`, `20 апреля 2026 г.`, or a date of Excel as the reader tells it → `2026-04-20`."""
    day = dates.date_of(word, american=american)
    if day is not None:
        return day.isoformat()
    if (of_excel := dates.excel_day(word)) is not None:
        raise Wrong("cell_date_number", detail=f"{of_excel:%d.%m.%Y}")
    if days := dates.either(word):
        raise Wrong("cell_date_order", detail=" или ".join(f"{day:%d.%m.%Y}" for day in days))
    raise Wrong("cell_not_a_date")


def work_code(word: str) -> str:
    """Code of a pupil's work, upper case."""
    code = _with_one_dash(cells.whole(word))
    if not re.fullmatch(WORK_CODE, code):
        raise Wrong("cell_work_code")
    return code.upper()


def _with_one_dash(code: str) -> str:
    """A code in which every kind of dash is the plain one, so that `К–12` and `К-12` are the same."""
    return re.sub("[‐‑‒–—−]", "-", code)


def criteria(word: str) -> str:
    """Criteria of a level met of all: `3 из 4`, `3/4` → `3/4`; yes or no of all of them → `1/1`, `0/1`."""
    is_met = _yes_no().get(cells.as_listed(word))
    plain = None if is_met is None else f"{int(is_met)}/1"
    match = re.fullmatch(r"(\d{1,3})\s*(?:из|/)\s*(\d{1,3})", word.lower())
    if plain is None and (match is None or not int(match[1]) <= int(match[2]) or int(match[2]) == 0):
        raise Wrong("cell_criteria")
    return plain or f"{int(match[1])}/{int(match[2])}"  # type: ignore[index]  # one of the two is found


def questionnaire(word: str) -> str:
    """Number of a questionnaire, digits alone: nobody's name."""
    number = re.sub(r"^(?:№|n)\s*|\.$", "", cells.whole(word), flags=re.IGNORECASE)
    if not re.fullmatch(r"\d{1,8}", number):
        raise Wrong("cell_questionnaire")
    return number


def free_text(word: str) -> str:
    """A remark in somebody's own words, without the names of people in it."""
    return unnamed(words(word)).strip()


def school(word: str) -> str:
    """A school as people name it, by login, code, ИНН or name; which one that is the register says later."""
    if not names_a_school(word):
        raise Wrong("cell_school")
    return cells.whole(words(word))


def addressee(word: str) -> str:
    """A school as people name it; NO_ORGANISATION for words that mean all of them or the authority itself."""
    return NO_ORGANISATION if cells.as_listed(word) in _everybody() else school(word)


@cache
def _everybody() -> frozenset[str]:
    return frozenset(map(cells.as_listed, catalogue.cycle()["everybody"]))


def register_code(word: str) -> str:
    """Code of a contest or a shift, upper case."""
    code = _with_one_dash(cells.whole(word))
    if not re.fullmatch(REGISTER_CODE, code):
        raise Wrong("cell_register_code")
    return code.upper()


def task_code(word: str) -> str:
    """Code of a task, as headers of reports have it: `10 К1` → `10.К1`; `5.1` also where Excel made a day of it."""
    day = dates.date_of(word)
    code = f"{day.day}.{day.month}" if day else canonical_task_code(cells.whole(words(word)))
    if not re.fullmatch(TASK_CODE, code):
        raise Wrong("cell_task_code")
    return code


def pupil_grade(word: str) -> int:
    """Class of a pupil without its letter: `9А`, `9 «А»` → 9."""
    plain = re.sub(r"\s*(?:класс[а-я]*|кл\.?)$", "", cells.whole(word).lower())
    match = re.fullmatch(r"(\d{1,2})[\s\"«-]*[а-яёa-z]?[\"»]?", plain)
    if not match:
        raise Wrong("cell_class_of_pupil")
    return int(match[1])


def olympiad_subject(word: str) -> str:
    """Code of a subject of ВсОШ; ALL for all subjects together."""
    code = olympiads.subject_of(word)
    if code is None:
        raise Wrong("cell_subject", detail=like_a_subject(word))
    return code


def school_year(word: str) -> int:
    """`2024/25`, `2024-2025`, `2025` → 2025, the year in which the school year ends."""
    year = olympiads.year_of(word) if olympiads.is_year(word) else years.reporting_year(word)
    if year is None or not years.is_possible(year):
        raise Wrong("cell_school_year")
    return year


def year(word: str) -> int:
    """`2025`, `2025 г.`, the school year `2024/25` → 2025."""
    reporting_year = years.reporting_year(word)
    if reporting_year is None or not years.is_possible(reporting_year):
        raise Wrong("cell_year")
    return reporting_year


UNFILLED: dict[str, Any] = {"flag": False, "addressee": NO_ORGANISATION}
"""What an empty cell says, by the parser of its column, where it says anything."""
PARSERS: dict[str, Callable[[str], Any]] = {
    "login": cells.login,
    "organisation": cells.organisation,
    "criteria": criteria,
    "questionnaire": questionnaire,
    "subject": subject,
    "mark": cells.mark,
    "flag": flag,
    "date": date,
    "work_code": work_code,
    "free_text": free_text,
    "school": school,
    "addressee": addressee,
    "register_code": register_code,
    "task_code": task_code,
    "pupil_grade": pupil_grade,
    "olympiad_subject": olympiad_subject,
    "roadmap_item": item_of,
    "indicator": indicator_of,
    "school_year": school_year,
    "year": year,
}
NUMBERS: dict[str, Callable[..., Any]] = {
    "Int8": cells.integer,
    "Int16": cells.integer,
    "Int32": cells.integer,
    "Float64": cells.number,
}


def _at_most(body: Body, frame: pd.DataFrame, part: str, whole: str, headers: Mapping[str, str]) -> None:
    """A part that exceeds its whole is an error of the row, unless the whole itself is wrong."""
    is_over = (frame[part] > frame[whole]).fillna(False).to_numpy(bool)
    over = np.flatnonzero(is_over & ~body.findings.refused_at(headers[whole]))
    parts, wholes = (frame[name].iloc[over].astype(float) for name in (part, whole))
    bounds = [f"«{headers[whole]}» ({value:.10g})" for value in wholes]
    body.findings.cells("cell_over_whole", over, headers[part], [f"{value:.10g}" for value in parts], each=bounds)


def _judge_rows(body: Body, frame: pd.DataFrame, model: type[pa.DataFrameModel]) -> None:
    """Rules of whole rows, the model's dataframe checks; a row with a wrong cell is reported for that cell only."""
    if not len(frame):
        return
    sound = ~body.findings.refused()
    for rule in model.to_schema().checks:
        body.findings.cells(str(rule.error), np.flatnonzero(sound & ~rule(frame).check_output.to_numpy(bool)))


def _once(body: Body, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without the rows that repeat an earlier one in everything; only rows without errors count."""
    sound = frame[~body.findings.refused()]
    columns = [name for name in frame.columns if name != "row"]
    if not sound.duplicated(columns).any():
        return frame
    first = sound.groupby(columns, dropna=False, sort=False)["row"].transform("first")
    again = first[first != sound["row"]]
    body.findings.cells("row_repeated", again.index.to_numpy(), each=[str(row) for row in again])
    return frame.drop(index=again.index)
