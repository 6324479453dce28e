"""Validated layer: typed, judged facts, one asset per kind, one step per family."""

from assets.validated import declared, gia, olympiads, organisations, preschool, risk, talent, vpr
from msoko_pipeline.orchestration.layers import judged

ASSETS = [
    judged("organisations", [organisations.organisation], of_every_year=True),
    judged("context", [organisations.context]),
    judged("gia", gia.ASSETS),
    judged("vpr", vpr.ASSETS),
    judged("risk", risk.ASSETS),
    judged("preschool", preschool.ASSETS),
    judged("olympiads", olympiads.ASSETS),
    judged("talent", talent.ASSETS),
    judged("declared", declared.ASSETS),
]
