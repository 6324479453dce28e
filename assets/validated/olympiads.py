"""ВсОШ: protocols of the stages, the schools' counts, contingents."""

from functools import partial

from assets.raw.files import files
from msoko_pipeline.orchestration import layers

validated = partial(layers.validated, group="olympiads")

result = validated("olympiad_result", deps=[files])
count = validated("olympiad_count", deps=[files])
contingent = validated("contingent", deps=[files])

ASSETS = [result, count, contingent]
