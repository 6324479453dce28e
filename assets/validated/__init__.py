"""Validated layer: typed, judged facts, one asset per kind."""

from assets.validated import organisations, risk, vpr

ASSETS = [*organisations.ASSETS, *vpr.ASSETS, *risk.ASSETS]
