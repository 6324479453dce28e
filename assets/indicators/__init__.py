"""Indicators layer: sums of the year, and the ministry's formulas over them."""

from assets.indicators import declared, gia, olympiads, organisations, preschool, talent, values, vpr

ASSETS = [
    *organisations.ASSETS,
    *vpr.ASSETS,
    *gia.ASSETS,
    *values.ASSETS,
    *preschool.ASSETS,
    *olympiads.ASSETS,
    *talent.ASSETS,
    *declared.ASSETS,
]
