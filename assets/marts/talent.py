"""The marts of talents."""

from functools import partial

from assets.indicators import talent
from msoko_pipeline.orchestration import layers

mart = partial(layers.mart, group="talent")

contests = mart("contests", deps=[talent.contests])
gifted_bank = mart("gifted_bank", deps=[talent.gifted_bank])
shifts = mart("shifts", deps=[talent.shifts])

ASSETS = [contests, gifted_bank, shifts]
