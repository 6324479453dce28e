"""ГИА: protocols of the exams of grades 9 and 11, appeals, certificates."""

from functools import partial

from assets.raw.files import files
from msoko_pipeline.orchestration import layers

validated = partial(layers.validated, group="gia")

gia9 = validated("gia9", deps=[files])
gia11 = validated("gia11", deps=[files])
gia9_appeal = validated("gia9_appeal", deps=[files])
certificate = validated("certificate", deps=[files])

ASSETS = [gia9, gia11, gia9_appeal, certificate]
