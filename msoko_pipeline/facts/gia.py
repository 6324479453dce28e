"""Protocols of the state exams: one row per pupil and exam, the mark and the scores as the protocol gives them.

The protocol wins; scales only make a row stand out. Codes are codes: what is not a number in such a column is refused
and not repeated, for it may be somebody's name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.facts.body import Body
from msoko_pipeline.facts.enforce import columns_of, enforce
from msoko_pipeline.facts.frame_columns import Columns, repeated
from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.reading.procedures import exams
from msoko_pipeline.reading.procedures.exams import Exam
from msoko_pipeline.text import cells
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.cells import Wrong, parse
from msoko_pipeline.text.outcomes import outcome_of
from msoko_pipeline.text.spelling import normal
from schemas import catalogue, gia

_ANSWER = re.compile(r"(\d+)\((\d+)\)")


def answers(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """Rows of `gia.Gia9` or `gia.Gia11`: a block of a protocol. Raises Refusal for a protocol of another region."""
    _refuse_other_region(sheet, region)
    exam = exams.title_exam(sheet.recognised)
    of_school_leavers = sheet.recognised.kind == "gia11"
    columns = _pupils(body, _constants(exam, len(body)), exams.GRADES[sheet.recognised.kind], exam.procedure)
    columns |= {"oral": repeated(exam.oral, "boolean", len(body)), "resit": repeated(exam.resit, "boolean", len(body))}
    columns["primary_score"] = _read(body, "primary_score", _unless_outcome(cells.integer), "Int16")
    columns["municipality_ref"] = _read(body, "municipality_ref", code, "string")
    columns |= _read_answers(body)
    if of_school_leavers:
        columns["variant"] = _read(body, "variant", variant, "string")
        by_mark = exam.subject == "MB" or exam.procedure == "GVE11"
        none = {dtype: repeated(None, dtype, len(body)) for dtype in ("Int8", "Int16")}
        score = _unless_outcome(cells.mark if by_mark else cells.integer)
        columns["test_score"] = none["Int16"] if by_mark else _read(body, "score", score, "Int16")
        columns["mark"] = _read(body, "score", score, "Int8") if by_mark else none["Int8"]
        model: type[gia.Answers] = gia.Gia11
    else:
        columns["mark"] = _read(body, "mark", _unless_outcome(cells.mark), "Int8")
        model = gia.Gia9
    columns["outcome"] = _outcomes(body, columns)
    headers = {name: body.header(_SHOWN_AS.get(name, name)) for name in columns}
    if of_school_leavers:
        headers |= {"mark": body.header("score"), "test_score": body.header("score")}
    enforce(columns, columns_of(model), body.findings, headers)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(body)), copy=False)
    _judge(body, frame, exam, region)
    return frame


def appeals(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """Rows of `gia.Gia9Appeal` or `gia.Gia11Appeal`: results after appeals, the exam named in every row."""
    _refuse_other_region(sheet, region)
    grade = exams.GRADES[sheet.recognised.kind]
    pairs = [_exam_in_cell(word, grade) for word in body.column("exam").words]
    columns: Columns = {"row": pd.array(body.rows, dtype="Int32")}
    for name, dtype, value in (
        ("year", "Int16", lambda exam: exam.year), ("procedure", "string", lambda exam: exam.procedure),
        ("subject", "string", lambda exam: exam.subject), ("exam_date", "string", lambda exam: exam.date),
    ):  # fmt: skip
        by_word = {word: exam if isinstance(exam, Wrong) else value(exam) for word, exam in pairs}
        columns[name] = _told(body, "exam", by_word, dtype, note=name == "year")
    columns |= _pupils(body, columns, grade, exams.NAMES[grade][0])
    columns["state"] = _read(body, "state", lambda word: re.sub(r"\s+", " ", word), "string")
    headers = {name: body.header(_SHOWN_AS.get(name, name)) for name in columns}
    if grade == 9:
        model: type[gia.ExamRow] = gia.Gia9Appeal
        columns["primary_score"] = _read(body, "primary_score", cells.integer, "Int16")
        columns["mark"] = _read(body, "mark", cells.mark, "Int8")
    else:
        model = gia.Gia11Appeal
        columns["primary_score"] = _read(body, "primary_score", _unless_unchanged(cells.integer), "Int16")
        columns |= _scores_after(body, columns)
        headers |= {"test_score": body.header("score"), "mark": body.header("mark" if body.has("mark") else "score")}
    headers = {name: body.header(name) for name in columns} | headers
    headers |= dict.fromkeys(("year", "procedure", "subject", "exam_date"), body.header("exam"))
    enforce(columns, columns_of(model), body.findings, headers)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(body)), copy=False)


def _scores_after(body: Body, of_exam: Columns) -> Columns:
    """Test score, and the mark of base mathematics and ГВЭ, wherever of the two columns it stands."""
    by_mark = (pd.Series(of_exam["subject"]) == "MB") | (pd.Series(of_exam["procedure"]) == "GVE11")
    by_mark = by_mark.fillna(False).to_numpy(bool)
    scores = pd.Series(_read(body, "score", _unless_unchanged(cells.integer), "Int16"))
    marks = pd.Series(_read(body, "mark", _unless_unchanged(cells.mark), "Int8"))
    marks = marks.astype("Int16").fillna(scores).where(by_mark)
    body.findings.cells("cell_mark", np.flatnonzero(~marks.isin([2, 3, 4, 5]) & marks.notna()), body.header("score"))
    return {
        "test_score": scores.mask(by_mark).array,
        "mark": marks.where(marks.isin([2, 3, 4, 5])).astype("Int8").array,
    }


def _unless_unchanged(how: Callable[[str], Any]) -> Callable[[str], Any]:
    """A reader of scores for which «без изменений», a dash and the outcomes are no scores and no mistakes."""
    return lambda word: None if _UNCHANGED.fullmatch(normal(word)) or outcome_of(word) else how(word)


_UNCHANGED = re.compile(r"(?:балл[а-я]*\s+)?(?:без изменени[а-я]+|не измен[а-я]+|б/и|-+|прежн[а-я]+)\.?")
_SHOWN_AS = {"pupil_grade": "class_raw", "class_label": "class_raw"}


def _constants(exam: Exam, count: int) -> Columns:
    return {
        "year": repeated(exam.year, "Int16", count),
        "procedure": repeated(exam.procedure, "string", count),
        "subject": repeated(exam.subject, "string", count),
        "exam_date": repeated(exam.date, "string", count),
    }


def _pupils(body: Body, of_exam: Columns, grade: int, procedure: str) -> Columns:
    """What every protocol says about a pupil, after what is known about the exam."""
    allowed = set(catalogue.exam_rules()["grades"][procedure])
    return {
        "row": pd.array(body.rows, dtype="Int32"),
        **{name: values for name, values in of_exam.items() if name != "row"},
        "org_ref": _read(body, "org_ref", code, "string"),
        "pupil_key": body.column("pupil_key").values(),
        "pupil_grade": _read(body, "class_raw", partial(sitting_grade, allowed=allowed), "Int8"),
        "class_label": parse(body.column("class_raw"), partial(_label, grade=grade), "string")[0],
        "ppe": _read(body, "ppe", code, "string"),
    }


def _read(body: Body, name: str, how: Callable[[str], Any], dtype: str) -> Any:
    """Values of one of the layout's columns; what could not be read is noted."""
    values, unread = parse(body.column(name), how, dtype)
    body.findings.unread(unread, body.header(name))
    return values


def _read_answers(body: Body) -> Columns:
    """Both cells of answers. One of them that cannot be read costs its tasks, not the mark; both cost the row."""
    readers = {"short_answers": short_answers, "long_answers": long_answers}
    read = {name: parse(body.column(name), _unless_outcome(how), "string") for name, how in readers.items()}
    lost = np.zeros(len(body), np.int64)
    for _, unread in read.values():
        for cell in unread:
            lost[cell.positions] += 1
    for name, (_, unread) in read.items():
        for cell in unread:
            for is_spared in (True, False):
                at = cell.positions[(lost[cell.positions] == 1) == is_spared]
                values = [cell.value] * len(at)
                body.findings.cells(
                    cell.wrong.issue_type, at, body.header(name), values, is_spared=is_spared, **cell.wrong.details
                )
    return {name: values for name, (values, _) in read.items()}


def _told(body: Body, name: str, by_word: dict[str, Any], dtype: str, *, note: bool) -> Any:
    """Values of a column by a table of its words; the words that raise are noted once."""

    def value(word: str) -> Any:
        result = by_word[word]
        if isinstance(result, Wrong):
            raise result
        return result

    values, unread = parse(body.column(name), value, dtype)
    if note:
        body.findings.unread(unread, body.header(name))
    return values


def _exam_in_cell(word: str, grade: int) -> tuple[str, Exam | Wrong]:
    try:
        exam = exams.exam_of(word, grade, in_cell=True)
    except (LookupError, ValueError):
        exam = None
    return word, exam or Wrong("cell_exam")


def _unless_outcome(how: Callable[[str], Any]) -> Callable[[str], Any]:
    """A reader of scores for which «удалён», «не завершил экзамен», «н/я» are no scores and no mistakes."""
    return lambda word: None if outcome_of(word) else how(word)


def _outcomes(body: Body, columns: Columns) -> Any:
    """Why a pupil has no result, from whichever cell says it; a mark or a test score is a result."""
    outcomes = pd.Series("none", index=range(len(body)), dtype="string")
    has_result = pd.Series(False, index=outcomes.index)
    for name in ("mark", "test_score"):
        has_result |= ~pd.Series(columns[name]).isna() if name in columns else False
    outcomes[has_result] = "result"
    for name in _OUTCOME_IN:
        text = body.column(name)
        if any(map(outcome_of, text.words)):
            by_word = pd.array([*(outcome_of(word) for word in text.words), None], dtype="string")
            outcomes = outcomes.mask(outcomes.isin(["none", "result"]), pd.Series(by_word[text.codes]).fillna(outcomes))
    outcomes = outcomes.mask(has_result & (outcomes == "none"), "result")
    shown = body.header("mark" if body.has("mark") else "score")
    body.findings.cells("row_no_result", np.flatnonzero(outcomes == "none"), shown)
    names = {code: declared["title"] for code, declared in catalogue.outcomes().items()}
    worded = np.flatnonzero(~outcomes.isin(["none", "result"]))
    body.findings.cells("row_outcome", worded, shown, each=[names[code] for code in outcomes.iloc[worded]])
    bare = has_result & (outcomes == "result") & pd.Series(columns["primary_score"]).isna()
    bare &= ~body.column("primary_score").filled
    body.findings.cells("row_no_primary", np.flatnonzero(bare), body.header("primary_score"))
    return outcomes.array


_OUTCOME_IN = ("short_answers", "long_answers", "primary_score", "mark", "score")


def _refuse_other_region(sheet: Sheet, region: str) -> None:
    printed = exams.region_of(sheet.recognised)
    if printed is not None and region.isdigit() and printed[0] != region:
        raise Refusal("file_region_other", detail=f"{printed[0]} — {printed[1]}, а нужен {region}")


def variant(word: str) -> str | None:
    """Number of a variant, up to six digits; None for anything else, which is not needed."""
    number = cells.whole(word)
    return number if re.fullmatch(r"\d{1,6}", number) else None


def code(word: str) -> str:
    """A code of РИС, digits: `9306.0` → `9306`."""
    digits = cells.whole(word)
    if not re.fullmatch(gia.CODE, digits):
        raise Wrong("cell_exam_code")
    return digits


def sitting_grade(word: str, allowed: set[int]) -> int:
    """Class of a pupil who sits the exam: `9А` → 9. Raises Wrong for one that does not sit it."""
    match = re.match(r"\d{1,2}", cells.whole(word))
    if not match:
        raise Wrong("cell_class")
    if int(match[0]) not in allowed:
        raise Wrong("cell_grade_of_exam", detail=" или ".join(map(str, sorted(allowed))))
    return int(match[0])


def _label(word: str, grade: int) -> str | None:
    try:
        return cells.class_label(word, {grade, grade - 1}, ordinal=False)
    except Wrong:
        return None  # the grade's own reader has told


def short_answers(mask: str) -> str:
    """`+ + − 2` → `++-2`: a sign a task."""
    packed = re.sub(r"\s", "", mask).translate(_MINUS)
    if not re.fullmatch(gia.SHORT, packed):
        raise Wrong("cell_mask")
    return packed


_MINUS = str.maketrans("−–—", "---")


def long_answers(text: str) -> str:
    """`1(2) 2(3)` → `1(2)2(3)`: score(maximum) of each task. Raises Wrong for a score above its maximum."""
    packed = re.sub(r"\s", "", text)
    if not re.fullmatch(gia.LONG, packed):
        raise Wrong("cell_mask")
    over = next((top for score, top in _ANSWER.findall(packed) if int(score) > int(top)), None)
    if over is not None:
        raise Wrong("cell_score_over_maximum", detail=over)
    return packed


def _judge(body: Body, frame: pd.DataFrame, exam: Exam, region: str) -> None:
    """What stands out in a row: answers of another length, a score above the exam's, a mark that no scale gives."""
    _lengths(body, "short_answers", _unless_outcome(lambda word: len(short_answers(word))))
    _lengths(body, "long_answers", _unless_outcome(lambda word: long_answers(word).count("(")))
    primary = frame["primary_score"]
    least = sum(_of_words(body, name, _unless_outcome(how)).fillna(0) for name, how in _ANSWERS.items())
    _warn(body, "cell_primary_below_answers", primary < least, "primary_score", primary, least)
    if (top := catalogue.exam_maximum(exam.procedure, exam.year, exam.subject, region)) is not None:
        issue = "cell_total_over_maximum" if top[1] else "cell_total_over_reference"
        _warn(body, issue, primary > top[0], "primary_score", primary, top[0])
    if exam.oral:
        return
    if (scale := catalogue.mark_scale(exam.procedure, exam.year, exam.subject, region)) is not None:
        by_scale = marks(primary, scale)
        differs = (frame["mark"] > by_scale) | ((frame["mark"] < by_scale) & (not scale["condition"]))
        _warn(body, "cell_mark_scale", differs, "mark" if body.has("mark") else "score", frame["mark"], by_scale)
    tests = catalogue.test_scores(exam.year, exam.subject)
    if tests and "test_score" in frame:
        expected = primary.map(tests).astype("Int64")
        _warn(body, "cell_test_scale", frame["test_score"] != expected, "score", frame["test_score"], expected)


def _of_words(body: Body, name: str, how: Callable[[str], int]) -> pd.Series:
    """A number told by each cell of answers, NULL where there is none to read."""
    return pd.Series(parse(body.column(name), how, "Int16")[0])


def marks(primary: pd.Series, scale: dict[str, Any]) -> pd.Series:
    """Mark by a scale, NULL where a bound above is not known and could be passed."""
    marks = pd.Series(2, index=primary.index, dtype="Int64").mask(primary.isna())
    for mark in (3, 4, 5):
        bound = scale[f"min_{mark}"]
        if bound is None:
            return marks.mask((primary >= scale["min_3"]).fillna(False))
        marks = marks.mask((primary >= bound).fillna(False), mark)
    return marks


def _warn(body: Body, issue: str, where: Any, column: str, values: pd.Series, detail: Any) -> None:
    at = np.flatnonzero(pd.Series(where).fillna(False).to_numpy(bool))
    each = [str(detail)] * len(at) if not isinstance(detail, pd.Series) else [str(value) for value in detail.iloc[at]]
    body.findings.cells(issue, at, body.header(column), values.iloc[at].tolist(), each=each)


def _lengths(body: Body, name: str, count: Callable[[str], int]) -> None:
    """Answers to more tasks than the exam has are an error, to fewer a doubt; the exam has what most rows have."""
    lengths = _of_words(body, name, count)
    usual = lengths.value_counts()
    if usual.empty or usual.iloc[0] * 2 <= usual.sum():
        return
    tasks = int(usual.index[0])
    for issue, where in (("cell_mask_long", lengths > tasks), ("cell_mask_short", lengths < tasks)):
        at = np.flatnonzero(where.fillna(False).to_numpy(bool))
        details = [f"{lengths.iloc[row]} вместо {tasks}" for row in at]
        body.findings.cells(issue, at, body.header(name), body.column(name).texts(at), each=details)


def _least(mask: str) -> int:
    """Least points of a mask: a point for each `+`, partial points as they stand."""
    packed = short_answers(mask)
    return packed.count("+") + sum(map(int, re.findall(r"\d", packed)))


def _scored(text: str) -> int:
    return sum(int(score) for score, _ in _ANSWER.findall(long_answers(text)))


_ANSWERS = {"short_answers": _least, "long_answers": _scored}
