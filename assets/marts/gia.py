"""The marts of the state exams."""

from functools import partial

from assets.indicators import gia
from msoko_pipeline.orchestration import layers

mart = partial(layers.mart, group="gia")

gia9 = mart("gia9", deps=[gia.results])
gia11 = mart("gia11", deps=[gia.results])
certificates = mart("certificates", deps=[gia.certificates])
value_added = mart("value_added", deps=[gia.value_added])

ASSETS = [gia9, gia11, certificates, value_added]
