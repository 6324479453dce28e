"""Validated layer: typed, judged facts, one asset per kind."""

from assets.validated import declared, gia, olympiads, organisations, preschool, risk, talent, vpr

ASSETS = [
    *organisations.ASSETS,
    *gia.ASSETS,
    *vpr.ASSETS,
    *risk.ASSETS,
    *preschool.ASSETS,
    *olympiads.ASSETS,
    *talent.ASSETS,
    *declared.ASSETS,
]
