"""Protocols of ВсОШ: a simple table whose sheet may tell what its rows do not: stage, school year, subject, maximum."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.facts import flat
from msoko_pipeline.facts.body import Body
from msoko_pipeline.facts.columns import Columns, repeated
from msoko_pipeline.reading import cells, olympiads
from msoko_pipeline.reading.cells import parse
from msoko_pipeline.reading.extract import Sheet
from schemas import catalogue
from schemas.olympiads import NO_DIRECTION, OlympiadResult


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
    told: Columns = {"completion_pct": _completion(body), "direction": _direction(body)}
    work = sheet.work
    if work is None:
        return told
    told["year"] = repeated(work.year, "Int16", len(body))
    told["stage"] = repeated(work.stage, "string", len(body))
    subject, unread = parse(body.column("subject"), flat.olympiad_subject, "string")
    body.findings.unread(unread, body.header("subject"))
    empty = ~body.column("subject").filled
    told["subject"] = pd.array(np.where(empty, work.subject or None, subject), dtype="string")
    if not body.has("max_score"):
        told["max_score"] = repeated(work.max_primary, "Float64", len(body))
    return told


def _direction(body: Body) -> Any:
    """Practical direction of technology, profile of informatics: who takes part in two is there twice by right."""
    told = pd.Series(parse(body.column("direction"), flat.free_text, "string")[0])
    profile = pd.Series(parse(body.column("subject"), olympiads.profile_of, "string")[0])
    return told.fillna(profile).fillna(NO_DIRECTION).array


def _completion(body: Body) -> Any:
    """% of the maximum. Cells without the sign are shares, as Excel keeps them, where most of them are up to 1."""
    text = body.column("completion_pct")
    values, unread = parse(text, cells.number, "Float64")
    body.findings.unread(unread, body.header("completion_pct"))
    told = pd.Series(values)
    bare = told.where(~text.is_in(lambda word: "%" in word))
    shares = bare.notna() & (bare.median() <= 1 if bare.notna().any() else False)
    return told.mask(shares, (bare * 100).round(9)).array


def _note_bare_years(body: Body) -> None:
    """A year alone does not say whether the school year begins or ends in it: asked once for each such year."""
    text = body.column("year")
    for number, word in enumerate(text.words):
        where = np.flatnonzero(text.codes == number)
        if len(where) and olympiads.is_bare(word):
            said = [str(olympiads.year_of(word))]
            body.findings.cells("cell_year_bare", where[:1], body.header("year"), [word], each=said)


def _doubt(body: Body, frame: pd.DataFrame) -> None:
    rules = catalogue.olympiad_rules()
    own = [code for code, told in rules["stages"].items() if told["own"]]
    few = (frame["status"] == "winner") & frame["stage"].isin(own) & (frame["completion_pct"] <= rules["winner_over"])
    at = np.flatnonzero(few.fillna(False).to_numpy(bool))
    told = [f"{value:.0f}" for value in frame["completion_pct"].iloc[at].astype(float)]
    body.findings.cells("cell_winner_half", at, body.header("status"), each=told)
    least = pd.Series(pd.NA, index=frame.index, dtype="Int64")
    for stage, declared in rules["stages"].items():
        by_subject = declared["least_grade"]
        known = frame["subject"].map(lambda code, by=by_subject: by.get(code, by["all"]))  # NA: no subject
        least = least.mask((frame["stage"] == stage).fillna(False), known.astype("Int64"))
    for issue, bound in (("cell_grade_of_stage", least), ("cell_grade_below_own", frame["pupil_grade"])):
        at = np.flatnonzero((frame["grade"] < bound).fillna(False).to_numpy(bool))
        told = [str(value) for value in bound.iloc[at]]
        body.findings.cells(issue, at, body.header("grade"), frame["grade"].iloc[at].tolist(), each=told)
