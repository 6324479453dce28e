"""Registers of the sources that are declared whole (`schemas/sources`)."""

from assets.raw.files import files
from msoko_pipeline.orchestration import layers
from schemas.kinds import DECLARED, KINDS

ASSETS = [
    layers.validated(kind.name, deps=[files], group=kind.source) for kind in KINDS.values() if kind.source in DECLARED
]
