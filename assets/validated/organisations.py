"""The register of organisations (holds in every year) and their context forms."""

from assets.raw.files import files, inbox
from msoko_pipeline.orchestration import layers

organisation = layers.validated("organisation", deps=[inbox], of_every_year=True)
context = layers.validated("vpr_context", deps=[files])

ASSETS = [organisation, context]
