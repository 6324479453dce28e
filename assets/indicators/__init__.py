"""Indicators layer: sums of the year, and the ministry's formulas over them."""

from assets.indicators import vpr

ASSETS = vpr.ASSETS
