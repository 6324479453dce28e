"""The marts of indicators: what they are, their values, three years of them."""

from functools import partial

from assets.indicators import values
from assets.marts import gia, vpr
from msoko_pipeline.orchestration import layers

mart = partial(layers.mart, group="indicators")

indicator = mart("indicator", deps=[values.values])
indicator_value = mart("indicator_value", deps=[values.values, vpr.vpr_school, gia.gia9, gia.gia11])
dynamics_3y = mart("dynamics_3y", deps=[values.dynamics])

ASSETS = [indicator, indicator_value, dynamics_3y]
