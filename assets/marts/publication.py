"""The publication: every mart of a year in one transaction."""

from assets.marts import vpr
from msoko_pipeline.orchestration import layers

publication = layers.publication(deps=vpr.ASSETS)
