"""The register of organisations (holds in every year) and their context forms."""

from functools import partial

from assets.raw.files import files, inbox
from msoko_pipeline.orchestration import layers

validated = partial(layers.validated, group="organisations")

organisation = validated("organisation", deps=[inbox])
context = validated("vpr_context", deps=[files])

ASSETS = [organisation, context]
