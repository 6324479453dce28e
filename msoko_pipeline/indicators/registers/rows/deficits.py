"""Diagnoses of a year, and deficits of late years with the courses after them: rows of `schemas.sources.deficits`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.home.tables import among
from msoko_pipeline.indicators.organisations.register import units_of
from msoko_pipeline.indicators.registers.facts_at_home import facts_at_home
from msoko_pipeline.indicators.registers.rows import makes
from msoko_pipeline.indicators.registers.rows.teacher_development import PERSON
from msoko_pipeline.settings import Settings
from schemas.sources.deficits import DiagnosedRow, MapRow
from schemas.teachers import BLOCKS_OF, DATA

WITHIN = DATA["closed_within"]["value"]
OF_DEFICIT = [*PERSON, "discipline", "block"]


@makes(DiagnosedRow)
def diagnosed_rows(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """`diagnoses` and `closings` of the registers."""
    deficits = facts_at_home(connection, settings, "deficit", years, WITHIN - 1)
    courses = facts_at_home(connection, settings, "course", years, WITHIN - 1)
    parts = [part for year in years for part in (diagnoses(deficits, year), closings(deficits, courses, year))]
    return pd.concat(parts, ignore_index=True)


@makes(MapRow)
def map_rows(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """`diagnoses` once for each territory that the organisation is in, none of an organisation alone."""
    rows = pd.concat([diagnoses(facts_at_home(connection, settings, "deficit", years), year) for year in years])
    units = units_of(connection, settings, years)
    return rows.merge(units[units["level"] != "school"], on=["year", "org_id"])


def diagnoses(deficits: pd.DataFrame, year: int) -> pd.DataFrame:
    """The rows of the register in the year, as the mart has them."""
    return _named(deficits[deficits["year"] == year]).assign(part="diagnosed")


def closings(deficits: pd.DataFrame, courses: pd.DataFrame, year: int) -> pd.DataFrame:
    """A row a deficit that a person's latest diagnosis of a subject and block has found, within the years that count.

    It is closed by a course of its block that ended on the day of the diagnosis or later, where the day is not told in
    its year or later. NULL where no course is of the block, or the organisation has told none in these years.
    """
    window = range(year - WITHIN + 1, year + 1)
    told_ones = deficits[deficits["year"].isin(window) & deficits["level"].notna()]
    latest = told_ones.sort_values(["year", "held_on"], na_position="first").drop_duplicates(OF_DEFICIT, keep="last")
    lacks = latest[latest["level"].isin(DATA["deficit"])].reset_index(drop=True)
    learnt = courses[courses["year"].isin(window)]
    of_blocks = learnt.assign(block=learnt["topic"].map(BLOCKS_OF)).explode("block").dropna(subset="block")
    pairs = lacks.reset_index().merge(of_blocks, on=[*PERSON, "block"], suffixes=("", "_course"))
    by_day = pairs["ends"].astype("string") >= pairs["held_on"].astype("string")
    is_later = by_day.where(pairs["held_on"].notna(), pairs["year_course"] >= pairs["year"]).astype(bool)
    closed = pd.Series(lacks.index.isin(pairs.loc[is_later, "index"]), index=lacks.index)
    taught = {block for blocks in BLOCKS_OF.values() for block in blocks}
    is_known = lacks["block"].isin(taught) & among(lacks, learnt, ["org_id"])
    return _named(lacks).assign(part="deficit", year=year, is_closed=closed.where(is_known))


def _named(deficits: pd.DataFrame) -> pd.DataFrame:
    recommended = deficits["recommendation"].notna()
    result = deficits["score"].astype("Float64") / deficits["max_score"].astype("Float64") * 100
    return deficits.rename(columns={"level": "rating"}).assign(has_recommendation=recommended, result=result)
