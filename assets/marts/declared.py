"""Marts of declared measures, a mart each."""

from assets.indicators.declared import measured
from msoko_pipeline.orchestration import layers
from schemas.kinds import DECLARED, DECLARED_MARTS, KINDS

ASSETS = [
    layers.mart(name, deps=[measured], group=KINDS[declared.register].source)
    for name, declared in DECLARED_MARTS.items()
    if KINDS[declared.register].source in DECLARED
]
