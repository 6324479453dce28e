"""Marts layer: staged tables, judged before they are published, and the publication itself."""

from assets.marts import publication, vpr

ASSETS = [*vpr.ASSETS, publication.publication, publication.register]
