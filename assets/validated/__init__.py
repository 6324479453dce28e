"""Validated layer: typed, judged facts, one asset per kind, one step per family."""

from assets.validated import declared, gia, olympiads, organisations, preschool, risk, talent, vpr
from msoko_pipeline.orchestration.layers import judged

FAMILIES = {
    "context": [organisations.context],
    "gia": gia.ASSETS,
    "vpr": vpr.ASSETS,
    "risk": risk.ASSETS,
    "preschool": preschool.ASSETS,
    "olympiads": olympiads.ASSETS,
    "talent": talent.ASSETS,
    "declared": declared.ASSETS,
}
"""Step of a year → its kinds."""

ASSETS = [
    judged("organisations", [organisations.organisation], of_every_year=True),
    *(judged(name, kinds) for name, kinds in FAMILIES.items()),
]
