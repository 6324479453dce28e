"""Indicators layer: sums of the year, and the ministry's formulas over them."""

from assets.indicators import gia, organisations, preschool, talent, vpr

ASSETS = [*organisations.ASSETS, *vpr.ASSETS, *gia.ASSETS, *preschool.ASSETS, *talent.ASSETS]
