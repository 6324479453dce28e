"""Components of the management cycle by system, the sections of the roadmap: is each there, with a document (M14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from msoko_pipeline.indicators.management.records import areas
from msoko_pipeline.indicators.management.roadmap_status import in_words
from schemas import cycle
from schemas.marts.management import SYSTEMS

KEY = ["year", "level", "unit_id", "system", "component"]
EVERY_SYSTEM = "system"
"""The area of acts about МСОКО as a whole: they are of every system."""
OF_DOCUMENT = ["document", "dated", "link"]


def components(traces: pd.DataFrame, territories: pd.DataFrame) -> pd.DataFrame:
    """A row a territory, system and component: KEY, records, score, and OF_DOCUMENT of the latest record that has one.

    traces: year, area, component and OF_DOCUMENT, a row a record. score: 0 no record, 1 none with a document, 2 one.
    """
    systems = _of_systems(traces)
    whole = territories.merge(pd.DataFrame({"system": SYSTEMS}), how="cross")
    whole = whole.merge(pd.DataFrame({"component": [*cycle.DATA["components"]]}), how="cross")
    of_component = ["year", "system", "component"]
    counts = systems.groupby(of_component, as_index=False).agg(records=("component", "size"))
    latest = systems[systems["document"].notna()].sort_values("dated", na_position="first", kind="stable")
    latest = latest.drop_duplicates(of_component, keep="last")[[*of_component, *OF_DOCUMENT]]
    rows = whole.merge(counts, on=of_component, how="left").merge(latest, on=of_component, how="left")
    records = rows["records"].fillna(0).astype("Int64")
    return rows.assign(records=records, score=(records > 0).astype("Int64") + rows["document"].notna().astype("Int64"))


def _of_systems(traces: pd.DataFrame) -> pd.DataFrame:
    """The records with their system; those of the whole МСОКО once for each."""
    sections = {
        area: [*SYSTEMS] if area == EVERY_SYSTEM else [str(declared["section"])]
        for area, declared in cycle.DATA["areas"].items()
    }
    systems = traces.assign(system=traces["area"].map(sections)).explode("system")
    return systems.astype({"system": "string"})


def of_acts(acts: pd.DataFrame, year: int, first: str, last: str) -> pd.DataFrame:
    """Traces of the acts in force in a school year (its first and last day), of this year's register or earlier ones.

    acts: year, act_id, item, act_kind, act_number, dated, valid_to, link.
    """
    in_force = acts[
        (acts["dated"] <= last) & ~(acts["valid_to"] < first).fillna(False).astype(bool) & (acts["year"] <= year)
    ]
    in_force = in_force.sort_values("year", kind="stable").drop_duplicates(["act_id", "item"], keep="last")
    kinds = {kind: name for name, each in cycle.DATA["components"].items() for kind in each.get("acts", ())}
    rows = in_force.assign(year=year, component=in_force["act_kind"].map(kinds), area=areas(in_force["item"]))
    return rows.assign(document=in_words(rows)).dropna(subset="component")


def of_records(records: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Traces of registers by their kind: of each the day on which it was given and its evidence; of an effect the code
    of what it is about, where that is a measure or a decision of the year.
    """
    codes = pd.concat(
        [records["planned_measure"][["year", "measure_id"]].set_axis(["year", "code"], axis=1),
         records["decision"][["year", "decision_id"]].set_axis(["year", "code"], axis=1)]
    ).drop_duplicates()  # fmt: skip
    effects = records["effect"].merge(codes, left_on=["year", "of_code"], right_on=["year", "code"], how="left")
    parts = [effects.assign(document=effects["code"], dated=effects["judged_on"], component="effect")]
    for name, declared in cycle.DATA["components"].items():
        rows = records.get(declared.get("register", ""))
        if rows is not None and "evidence" in rows:
            parts.append(rows.assign(document=rows["evidence"], dated=rows["issued"], component=name))
    whole = pd.concat(parts, ignore_index=True)
    return whole.assign(area=areas(whole["item"], whole["category"]))


def of_targets(targets: pd.DataFrame, indicators: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Traces of the targets that are set: year, indicator_id, basis."""
    items = targets["indicator_id"].map({name: declared["item"] for name, declared in indicators.items()})
    rows = targets.assign(item=items, component="indicators", document=targets["basis"]).dropna(subset="item")
    return rows.assign(area=areas(rows["item"]))


def of_monitoring(
    values: pd.DataFrame, statuses: pd.DataFrame, indicators: Mapping[str, Mapping[str, Any]]
) -> pd.DataFrame:
    """Traces of monitoring: a record an indicator that has a value in a territory; its document is the evidence of an
    item of the roadmap that is carried out.

    values: year, indicator_id; statuses: year, item, status, done_on, evidence.
    """
    items = values["indicator_id"].map({name: declared["item"] for name, declared in indicators.items()})
    figures = values.assign(item=items)
    done = statuses[statuses["status"].isin(cycle.DONE) & statuses["evidence"].notna()]
    done = done.sort_values("done_on", kind="stable").drop_duplicates(["year", "item"], keep="last")
    rows = figures.merge(done[["year", "item", "evidence", "done_on"]], on=["year", "item"], how="left")
    rows = rows.assign(component="monitoring", document=rows["evidence"], dated=rows["done_on"])
    return rows.assign(area=areas(rows["item"]))
