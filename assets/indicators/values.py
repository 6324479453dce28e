"""Indicators of all procedures as rows, and three years of them."""

from functools import partial

from assets.indicators import gia, vpr
from msoko_pipeline.indicators.values import dynamics as three_years
from msoko_pipeline.indicators.values import values as rows
from msoko_pipeline.orchestration import layers

indicators = partial(layers.indicators, group="indicators")

values = indicators(
    "values",
    rows.make_values,
    "Значения показателей: ВПР, ОГЭ и ЕГЭ, с интервалами и прошлым циклом",
    deps=[vpr.results, gia.results],
)
dynamics = indicators(
    "dynamics",
    three_years.make_dynamics,
    "Динамика за три года: изменения, наклон, значимость, отрицательная динамика по ФИОКО",
    deps=[values],
)

ASSETS = [values, dynamics]
