"""Which assets a run of `publish_year` has: a source that never sent anything costs no event (docs/decisions/0058)."""

from __future__ import annotations

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.home.store import kinds_come
from msoko_pipeline.orchestration import jobs
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS
from schemas.layout import layouts
from schemas.marts import MARTS, may_have_rows


def with_sources(graph: AssetGraph, settings: Settings) -> list[dg.AssetKey]:
    """The assets of `publish_year` without facts and marts of kinds that never came."""
    come = kinds_come(settings.lake)
    for entry in ledger_of(settings).files("kind is not null"):
        come |= {layouts()[sheet["layout"]].kind for sheet in entry.sheets}
    absent = {("validated", kind) for kind in KINDS.keys() - come}
    absent |= {("marts", mart) for mart in MARTS.keys() - {*may_have_rows(come)}}
    selected = jobs.publish_year.selection.resolve(graph)
    return sorted(key for key in selected if tuple(key.path) not in absent)
