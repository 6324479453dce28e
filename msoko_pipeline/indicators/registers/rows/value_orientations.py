"""Answers about values by unit, class and value, without the levels of cells with few answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.indicators.organisations.register import units_of
from msoko_pipeline.indicators.registers.rows import makes
from msoko_pipeline.indicators.registers.unit_shares import UNIT
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.settings import Settings
from schemas.measure import ALL, NO_GRADE
from schemas.sources.value_orientations import LEAST, LEVELS, Answered


@makes(Answered)
def make(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """The rows of the schools, the municipalities and the region."""
    rows = resolved(connection, settings, "value_orientations", years)
    return of_units(rows, units_of(connection, settings, years))


def of_units(rows: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """A row a unit, class and value, and of all classes and values; levels are told of LEAST respondents and more.

    A pupil answers about every value: of all values together the respondents of a class are those of the value that
    most of them answered about, and their levels are the mean over the answers.

    rows: year, org_id, grade, value_block, answers and LEVELS; units: year, org_id, level, unit_id.
    """
    counts = ["answers", *LEVELS]
    own = rows[["year", "org_id", "grade", "value_block", *counts]].astype(dict.fromkeys(("grade", *counts), "Int64"))
    own = own.assign(respondents=own["answers"])
    classes = own.groupby(["year", "org_id", "grade"], as_index=False)
    every = classes.agg(respondents=("respondents", "max"), **{name: (name, "sum") for name in counts})
    of_class = pd.concat([own, every.assign(value_block=ALL)], ignore_index=True)
    both = pd.concat([of_class, of_class.assign(grade=NO_GRADE)], ignore_index=True).merge(units, on=["year", "org_id"])
    groups = both.groupby([*UNIT, "grade", "value_block"], as_index=False)
    cells = groups.agg(schools=("org_id", "nunique"), **{name: (name, "sum") for name in ("respondents", *counts)})
    means = cells[list(LEVELS)].astype("Float64").mul(cells["respondents"] / cells["answers"], axis=0)
    cells[list(LEVELS)] = means.where(cells["respondents"] >= LEAST)
    return cells
