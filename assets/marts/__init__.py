"""Marts layer: staged tables, judged before they are published, one step per family; and the publication itself."""

from assets.marts import declared, gia, olympiads, preschool, risk, talent, values, vpr
from assets.raw.files import inbox
from assets.validated.organisations import organisation
from msoko_pipeline.orchestration import layers

FAMILIES = {
    "gia": gia.ASSETS,
    "vpr": vpr.ASSETS,
    "values": values.ASSETS,
    "risk": risk.ASSETS,
    "preschool": preschool.ASSETS,
    "olympiads": olympiads.ASSETS,
    "talent": talent.ASSETS,
    "declared": declared.ASSETS,
}
"""Step → its marts."""

ASSETS = [
    *(layers.staged_tables(name, marts) for name, marts in FAMILIES.items()),
    layers.publication(deps=[mart for marts in FAMILIES.values() for mart in marts]),
    layers.register(deps=[inbox, organisation]),
]
