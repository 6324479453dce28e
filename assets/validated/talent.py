"""Talents: contests, the bank of gifted pupils, profile shifts."""

from functools import partial

from assets.raw.files import files
from msoko_pipeline.orchestration import layers

validated = partial(layers.validated, group="talent")

contest = validated("contest", deps=[files])
gifted = validated("gifted", deps=[files])
shift = validated("shift", deps=[files])

ASSETS = [contest, gifted, shift]
