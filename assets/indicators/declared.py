"""Measures of the sources that are declared whole, computed together."""

from assets.indicators.organisations import organisations
from assets.validated import declared, olympiads
from msoko_pipeline.indicators.registers import measures as measures
from msoko_pipeline.orchestration import layers

measured = layers.indicators(
    "declared",
    measures.make_declared,
    "Объявленные показатели реестров: числа, доли и охват по школам и муниципалитету",
    deps=[organisations, olympiads.contingent, *declared.ASSETS],
    group="indicators",
)

ASSETS = [measured]
