"""Validated layer: typed, judged facts, one asset per kind."""

from assets.validated import organisations, vpr

ASSETS = [*organisations.ASSETS, *vpr.ASSETS]
