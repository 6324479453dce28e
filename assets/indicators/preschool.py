"""МКДО: scores and shares of preschools and of the town."""

from functools import partial

from assets.indicators.organisations import organisations
from assets.validated import preschool
from msoko_pipeline.indicators.preschool import steps as preschool_year
from msoko_pipeline.orchestration import layers

indicators = partial(layers.indicators, group="preschool")

quality = indicators(
    "preschool_quality",
    preschool_year.make_preschool,
    "Качество дошкольного образования: уровни → группы → области → сад → город; доли паспортов и анкет",
    deps=[organisations, *preschool.ASSETS],
)

ASSETS = [quality]
