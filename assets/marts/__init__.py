"""Marts layer: staged tables, judged before they are published, and the publication itself."""

from assets.marts import gia, preschool, publication, risk, talent, vpr

ASSETS = [
    *(*vpr.ASSETS, *gia.ASSETS, *risk.ASSETS, *preschool.ASSETS, *talent.ASSETS),
    *(publication.publication, publication.register),
]
