"""The mart of olympiads."""

from functools import partial

from assets.indicators import olympiads
from msoko_pipeline.orchestration import layers

mart = partial(layers.mart, group="olympiads")

olympiad = mart("olympiad", deps=[olympiads.olympiad])

ASSETS = [olympiad]
