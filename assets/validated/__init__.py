"""Validated layer: typed, judged facts, one asset per kind."""

from assets.validated import gia, organisations, preschool, risk, vpr

ASSETS = [*organisations.ASSETS, *gia.ASSETS, *vpr.ASSETS, *risk.ASSETS, *preschool.ASSETS]
