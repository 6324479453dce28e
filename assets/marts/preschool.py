"""The mart of preschools."""

from functools import partial

from assets.indicators import preschool
from msoko_pipeline.orchestration import layers

mart = partial(layers.mart, group="preschool")

preschool_quality = mart("preschool_quality", deps=[preschool.quality])

ASSETS = [preschool_quality]
