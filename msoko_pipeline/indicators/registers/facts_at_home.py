"""Facts of a kind over several years, each with its organisation and municipality: for rows made of past years."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.home.tables import years_having
from msoko_pipeline.indicators.organisations.register import homes, units_of
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.settings import Settings


def facts_at_home(connection: Any, settings: Settings, kind: str, years: Sequence[int], back: int = 0) -> pd.DataFrame:
    """Facts of a kind with org_id and home (the municipality), of the years and `back` years before them."""
    wanted = sorted({year - earlier for year in years for earlier in range(back + 1)})
    matched_years = years_having(settings, wanted, "org_match")
    none = pd.DataFrame({"year": [], "org_id": []})
    facts = resolved(connection, settings, kind, matched_years) if matched_years else none
    return facts.merge(homes(units_of(connection, settings, matched_years)), on=["year", "org_id"], how="left")
