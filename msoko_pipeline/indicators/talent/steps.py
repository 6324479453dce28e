"""The registers of talents in the years, from the lake to Parquet tables: what the assets of talents call.

Pupils of the bank and awards of the contests are kept beside the results: the next year asks who is new, and the bank
asks who has won. A year before those that are computed is taken as it was computed then.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import computed, path_of, table, typed
from msoko_pipeline.indicators.organisations import contingents
from msoko_pipeline.indicators.organisations.register import units_of
from msoko_pipeline.indicators.talent import contests, slices
from msoko_pipeline.indicators.talent import gifted as talent_gifted
from msoko_pipeline.indicators.talent import shifts as talent_shifts
from msoko_pipeline.indicators.talent.shifts import SHIFTS
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.kinds import DECLARED_MARTS

CONTESTS = DECLARED_MARTS["contests"]
GIFTED = {
    "year": "int64", "rank": "int64", **dict.fromkeys(
        ("org_id", "pupil_key", "direction", "criterion", "mentor_key", "consent_date", "valid_to"), "string"
    ), "pupil_grade": "Int64", "has_programme": "boolean",
}  # fmt: skip
"""What is taken of the facts: column → type."""
PRIZES, PUPILS = "talent_prizes", "gifted_pupils"


def make_contests(settings: Settings, years: Sequence[int]) -> dict[str, int]:
    """contests, declared; talent_prizes: `contests.prizes`."""
    with engine.connect(settings) as connection:
        units, contingent = _places(connection, settings, years)
        rows = slices.participations(resolved(connection, settings, "contest", years), CONTESTS)
        frames = {
            "contests": slices.measured(connection, CONTESTS, rows, units, contingent),
            PRIZES: contests.prizes(rows),
        }
        return engine.write_frames(connection, frames, years, partial(path_of, settings))


def make_gifted(settings: Settings, years: Sequence[int]) -> dict[str, int]:
    """gifted_bank: see `gifted.bank`; gifted_pupils: `gifted.pupils`."""
    with engine.connect(settings) as connection:
        units, contingent = _places(connection, settings, years)
        rows = talent_gifted.pupils(typed(resolved(connection, settings, "gifted", years), GIFTED))
        back = range(1, catalogue.talent()["confirmed_within"])
        before = computed(connection, settings, {year - 1 for year in years} - set(years), PUPILS)
        span = {*years, *(year - earlier for year in years for earlier in back)}
        won = [computed(connection, settings, span, PRIZES), _of_olympiads(connection, settings, sorted(span))]
        prizes = pd.concat([typed(each, contests.PRIZES) for each in won], ignore_index=True)
        whole = pd.concat([rows, typed(before, talent_gifted.PUPILS)], ignore_index=True)
        frames = {
            "gifted_bank": talent_gifted.bank(rows, whole, prizes, units, contingent),
            PUPILS: rows,
        }
        return engine.write_frames(connection, frames, years, partial(path_of, settings))


def _of_olympiads(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """Awards of ВсОШ as `contests.PRIZES`: the stage of each winner and prize-winner of the protocols."""
    results = resolved(connection, settings, "olympiad_result", years)
    return results[results["status"].isin(catalogue.talent()["awards"])].rename(columns={"stage": "award"})


def make_shifts(settings: Settings, years: Sequence[int]) -> int:
    """shifts, declared, with the quota's places of `shifts.with_places`."""
    with engine.connect(settings) as connection:
        units, contingent = _places(connection, settings, years)
        rows = slices.participations(resolved(connection, settings, "shift", years), SHIFTS)
        gifted = table(connection, settings, years, PUPILS).astype(talent_gifted.PUPILS)
        participations = talent_shifts.with_bank(rows, gifted, units)
        shifts = slices.measured(connection, SHIFTS, participations, units, contingent)
        shifts = talent_shifts.with_places(shifts, rows, units)
        return engine.write_frame(connection, shifts, "shifts", years, path_of(settings, "shifts"))


def _places(connection: Any, settings: Settings, years: Sequence[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The units of the years, and how many pupils their schools have: `contingents.of_schools`."""
    return units_of(connection, settings, years), contingents.of_schools(contingents.read(connection, settings, years))
