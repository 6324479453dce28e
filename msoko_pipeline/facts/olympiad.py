"""Protocols of ВсОШ: a simple table whose sheet may tell what its rows do not: stage, school year, subject, maximum."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.facts import flat
from msoko_pipeline.facts.body import Body
from msoko_pipeline.facts.frame_columns import Columns, repeated
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.reading.procedures import olympiads
from msoko_pipeline.reading.procedures.olympiad_titles import class_above, class_of
from msoko_pipeline.text import cells
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.cells import parse
from msoko_pipeline.text.lookalikes import folded
from msoko_pipeline.text.outcomes import outcome_of
from msoko_pipeline.text.spelling import normal
from schemas import catalogue
from schemas.olympiads import NO_DIRECTION, STATUS_CODES, OlympiadResult


def facts(sheet: Sheet, body: Body) -> pd.DataFrame:
    """Rows of `OlympiadResult`. A winner without half of the points, a class too young for the stage and a class below
    the pupil's own are doubts.
    """
    frame = flat.facts(sheet, body, OlympiadResult, _told_by_sheet(sheet, body))
    points = frame["score"] / frame["max_score"] * 100
    frame["completion_pct"] = frame["completion_pct"].fillna(points.where(points <= 100))
    _note_bare_years(body)
    _doubt(body, frame)
    return frame


def _told_by_sheet(sheet: Sheet, body: Body) -> Columns:
    """Columns that the work of the sheet fills, as far as the rows leave them open."""
    columns: Columns = {"completion_pct": _completion(body), "direction": _direction(body), **_classes(sheet, body)}
    columns |= {"outcome": _outcomes(body), "status": _statuses(body), "score": _scores(body)}
    if not body.has("org_ref"):
        columns["org_ref"] = repeated(sheet.login, "string", len(body))
    work = sheet.work
    if work is None:
        return columns
    columns["year"] = repeated(work.year, "Int16", len(body))
    columns["stage"] = repeated(work.stage, "string", len(body))
    subject, unread = parse(body.column("subject"), flat.olympiad_subject, "string")
    body.findings.unread(unread, body.header("subject"))
    empty = ~body.column("subject").filled
    columns["subject"] = pd.array(np.where(empty, work.subject or None, subject), dtype="string")
    if not body.has("max_score"):
        columns["max_score"] = repeated(_greatest(sheet, work.max_primary), "Float64", len(body))
    return columns


def _greatest(sheet: Sheet, of_title: int | None) -> float | None:
    """The greatest possible score: of the title, else of a line «Максимальный балл» under the header."""
    line = dict(sheet.grid.states.maxima).get(sheet.recognised.columns.get("score", -1), "")
    return of_title if of_title or not re.fullmatch(r"\d{1,4}(?:[.,]\d+)?", line) else cells.number(line)


def _outcomes(body: Body) -> Any:
    """Why a pupil has no result, where the score or the status says it."""
    outcomes = pd.Series(None, index=range(len(body)), dtype="string")
    for name in ("score", "status", "completion_pct"):
        text = body.column(name)
        by_word = [outcome if (outcome := outcome_of(word)) != "none" else None for word in text.words]
        if any(by_word):
            outcomes = outcomes.fillna(pd.Series(pd.array([*by_word, None], dtype="string")[text.codes]))
    at = np.flatnonzero(outcomes.notna())
    titles = [catalogue.outcomes()[code]["title"] for code in outcomes.iloc[at]]
    body.findings.cells("row_outcome", at, body.header("status", body.header("score")), each=titles)
    return outcomes.array


def _scores(body: Body) -> Any:
    values, unread = parse(
        body.column("score"), lambda word: None if outcome_of(word) else cells.number(word), "Float64"
    )
    body.findings.unread(unread, body.header("score"))
    return values


def _statuses(body: Body) -> Any:
    """Statuses as the list has them, or among other words: «Диплом победителя», «призёр МЭ»."""
    like = {code: re.compile(pattern) for code, pattern in catalogue.olympiad_rules()["status_like"].items()}
    listed = flat.listed(STATUS_CODES)

    def status(word: str) -> str | None:
        if outcome_of(word):
            return None
        plain = folded(normal(word)).rstrip(".")
        return next((code for code, pattern in like.items() if pattern.fullmatch(plain)), None) or listed(word)

    values, unread = parse(body.column("status"), status, "string")
    body.findings.unread(unread, body.header("status"))
    return values


def _classes(sheet: Sheet, body: Body) -> Columns:
    """grade and pupil_grade. Who competes for no other class competes for his own; where rows have none, the title
    between the rows, of the sheet or above the table tells it.
    """
    columns: Columns = {}
    for name, how in (("grade", flat.pupil_grade), ("pupil_grade", _own_class)):
        columns[name], unread = parse(body.column(name), how, "Int8")
        body.findings.unread(unread, body.header(name))
    beside = parse(body.column("pupil_grade"), _class_beside, "Int8")[0]
    grade = pd.Series(columns["grade"]).fillna(pd.Series(beside)).fillna(pd.Series(columns["pupil_grade"]))
    of_rows = pd.Series(class_above(sheet.recognised), index=grade.index, dtype="Int8")
    for row, title in sheet.grid.states.sections:
        if (title_grade := class_of(title)) is not None:
            of_rows[body.rows > row] = title_grade
    is_told = body.column("grade").filled | body.column("pupil_grade").filled
    columns["grade"] = grade.fillna(of_rows.mask(pd.Series(is_told))).array
    return columns


_TWO_CLASSES = re.compile(
    r"(?P<own>\d{1,2}\s?[\"«]?[а-яё]?[\"»]?)\s?(?:/|\(?\s?за|\()\s?(?P<beside>\d{1,2})[а-я. ]{0,8}\)?"
)
"""`8 (за 9)`, `8/9`: the pupil's own class and that for which he competes."""


def _own_class(word: str) -> int:
    match = _TWO_CLASSES.fullmatch(word.lower().strip())
    return flat.pupil_grade(match["own"] if match else word)


def _class_beside(word: str) -> int | None:
    match = _TWO_CLASSES.fullmatch(word.lower().strip())
    return int(match["beside"]) if match else None


def _direction(body: Body) -> Any:
    """Practical direction of technology, profile of informatics: who takes part in two is there twice by right."""
    directions = pd.Series(parse(body.column("direction"), flat.free_text, "string")[0])
    profile = pd.Series(parse(body.column("subject"), olympiads.profile_of, "string")[0])
    return directions.fillna(profile).fillna(NO_DIRECTION).array


def _completion(body: Body) -> Any:
    """% of the maximum. Cells without the sign are shares, as Excel keeps them, where most of them are up to 1."""
    text = body.column("completion_pct")
    values, unread = parse(text, lambda word: None if outcome_of(word) else cells.number(word), "Float64")
    body.findings.unread(unread, body.header("completion_pct"))
    completion = pd.Series(values)
    bare = completion.where(~text.is_in(lambda word: "%" in word))
    shares = bare.notna() & (bare.median() <= 1 if bare.notna().any() else False)
    return completion.mask(shares, (bare * 100).round(9)).array


def _note_bare_years(body: Body) -> None:
    """A year alone does not say whether the school year begins or ends in it: asked once for each such year."""
    text = body.column("year")
    for number, word in enumerate(text.words):
        where = np.flatnonzero(text.codes == number)
        if len(where) and olympiads.is_bare(word):
            years = [str(olympiads.year_of(word))]
            body.findings.cells("cell_year_bare", where[:1], body.header("year"), [word], each=years)


def _doubt(body: Body, frame: pd.DataFrame) -> None:
    rules = catalogue.olympiad_rules()
    own = [code for code, rule in rules["stages"].items() if rule["own"]]
    few = (frame["status"] == "winner") & frame["stage"].isin(own) & (frame["completion_pct"] <= rules["winner_over"])
    at = np.flatnonzero(few.fillna(False).to_numpy(bool))
    details = [f"{value:.0f}" for value in frame["completion_pct"].iloc[at].astype(float)]
    body.findings.cells("cell_winner_half", at, body.header("status"), each=details)
    least = pd.Series(pd.NA, index=frame.index, dtype="Int64")
    for stage, declared in rules["stages"].items():
        by_subject = declared["least_grade"]
        of_subject = frame["subject"].map(lambda code, by=by_subject: by.get(code, by["all"]))  # NA: no subject
        least = least.mask((frame["stage"] == stage).fillna(False), of_subject.astype("Int64"))
    for issue, bound in (("cell_grade_of_stage", least), ("cell_grade_below_own", frame["pupil_grade"])):
        at = np.flatnonzero((frame["grade"] < bound).fillna(False).to_numpy(bool))
        details = [str(value) for value in bound.iloc[at]]
        body.findings.cells(issue, at, body.header("grade"), frame["grade"].iloc[at].tolist(), each=details)
