"""The management cycle of the years: items of the roadmap as they stand, components of each system."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine, store
from msoko_pipeline.home.tables import computed, facts, path_of
from msoko_pipeline.indicators.management.components import (
    components,
    of_acts,
    of_monitoring,
    of_records,
    of_targets,
)
from msoko_pipeline.indicators.management.records import listed, of_units, once_each, territories
from msoko_pipeline.indicators.management.roadmap_status import statuses
from msoko_pipeline.indicators.organisations.register import units_of
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.facts import NO_ORGANISATION
from schemas.indicators import indicators
from schemas.marts import may_have_rows

RECORDS = ("recommendation", "planned_measure", "decision", "effect")


def make_management(settings: Settings, years: Sequence[int]) -> dict[str, int]:
    """roadmap_status, mgmt_cycle; neither where no register of the cycle ever came."""
    made = {*may_have_rows(store.kinds_come(settings.lake))}
    if not made & {"roadmap_status", "mgmt_cycle"}:
        return {}
    with engine.connect(settings) as connection:
        of_whom = territories(settings, units_of(connection, settings, years), years)
        items = _items(connection, settings, years, of_whom)
        cycles = components(_traces(connection, settings, years, items), of_whom)
        tables = {"roadmap_status": items, "mgmt_cycle": cycles}
        frames = {name: rows for name, rows in tables.items() if name in made}
        return engine.write_frames(connection, frames, years, partial(path_of, settings))


def _items(connection: Any, settings: Settings, years: Sequence[int], of_whom: pd.DataFrame) -> pd.DataFrame:
    acts = once_each(of_units(connection, settings, "act", years))
    rows = statuses(listed(connection, settings, "roadmap_item", years), acts, of_whom)
    titles = {item: declared["title"] for item, declared in catalogue.roadmap_items().items()}
    section = rows["item"].str.split(".").str[0].astype("Int64")
    return rows.assign(title=rows["item"].map(titles), section=section)


def _traces(connection: Any, settings: Settings, years: Sequence[int], items: pd.DataFrame) -> pd.DataFrame:
    """Traces of the components, see `components.components`."""
    declared, days = indicators(), catalogue.school_year_days()
    acts = facts(connection, settings, "act", range(min([*store.years(settings.lake), *years]), max(years) + 1))
    of_authority = acts[acts["org_ref"] == NO_ORGANISATION]
    values = computed(connection, settings, years, "values")
    of_territories = values[values["level"] != "school"][["year", "indicator_id"]].drop_duplicates()
    parts = [
        *(of_acts(of_authority, year, f"{year - 1}-{days['from']}", f"{year}-{days['to']}") for year in years),
        of_records({kind: facts(connection, settings, kind, years) for kind in RECORDS}),
        of_targets(facts(connection, settings, "target", years), declared),
        of_monitoring(of_territories, items, declared),
    ]
    columns = ["year", "area", "component", "document", "dated", "link"]
    return pd.concat([part.reindex(columns=columns) for part in parts], ignore_index=True)
