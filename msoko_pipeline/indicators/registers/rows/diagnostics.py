"""Results of diagnostics by unit: of schools, beside the same work in the region, and of territories as reported.

The last wave of a year stands once more as ALL: it is what a year is judged by. Which one is the last, the schools of
the work tell together, so that the first wave of a school that did not sit the last one is not taken for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.facts.units import COUNTRY
from msoko_pipeline.home import holding
from msoko_pipeline.home.tables import facts
from msoko_pipeline.indicators.organisations.register import units_of
from msoko_pipeline.indicators.registers.rows import makes
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.settings import Settings
from schemas.measure import ALL
from schemas.procedures import WAVES
from schemas.sources.diagnostics import LEVELS, SchoolResults

WORK = ["year", "procedure", "subject", "grade"]
"""What a work of several waves is."""


@makes(SchoolResults)
def make(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """The rows of every unit."""
    if not any(holding.are_there(settings, kind, years) for kind in ("diagnostic", "diagnostic_reference")):
        return pd.DataFrame(columns=["year", "org_id"])
    schools = resolved(connection, settings, "diagnostic", years)
    territories = facts(connection, settings, "diagnostic_reference", years)
    return by_unit(schools, territories, units_of(connection, settings, years), settings.region_code)


def by_unit(schools: pd.DataFrame, territories: pd.DataFrame, units: pd.DataFrame, region: str) -> pd.DataFrame:
    """Rows of `SchoolResults` with level and unit_id.

    schools: year, org_id, procedure, wave, subject, grade, planned, participants, LEVELS, mean_score, max_score;
    territories: the same with territory in place of org_id and planned; units: year, org_id, level, unit_id; region:
    its code. Where the region is a unit of its own schools, its report is only what they are compared with.
    """
    reported = _counted(territories)
    of_region = reported.loc[reported["territory"] == "region", [*WORK, "wave", "completion"]]
    compared = _counted(schools).merge(of_region, on=[*WORK, "wave"], how="left", suffixes=("", "_region"))
    compared["above_region"] = 100 * (compared["completion"] - compared["completion_region"])
    own = compared.assign(school=compared["org_id"]).merge(units, on=["year", "org_id"])
    has_schools = set(own["level"])
    codes = {"region": region, "country": COUNTRY}
    reported = reported[~reported["territory"].isin(has_schools)]
    reported = reported.assign(level=reported["territory"], unit_id=reported["territory"].map(codes))
    rows = pd.concat([own, reported], ignore_index=True)
    return pd.concat([rows, rows[_is_last(rows)].assign(wave=ALL)], ignore_index=True)


def _counted(results: pd.DataFrame) -> pd.DataFrame:
    """The results with what is summed of them; NULL where a row tells no levels or no mean of a maximum."""
    counts = results[[*LEVELS]].astype("Int64")
    is_told = counts.notna().any(axis=1)
    participants = results["participants"].astype("Int64")
    points = results["mean_score"].astype("Float64") * participants
    possible = (results["max_score"].astype("Float64") * participants).where(points.notna())
    return results.assign(
        with_level=participants.where(is_told),
        middle_or_above=counts[[*LEVELS[2:]]].sum(axis=1).astype("Int64").where(is_told),
        points=points.where(possible.notna()),
        points_possible=possible,
        completion=points / possible,
    )


def _is_last(rows: pd.DataFrame) -> pd.Series:
    """Whether the wave of each row is the last one that the year has of its work."""
    order = {wave: place for place, wave in enumerate(dict.fromkeys(WAVES.values()))}
    place = rows["wave"].map(order)
    last: pd.Series = place == place.groupby([rows[name] for name in WORK]).transform("max")
    return last
