"""Marts layer: staged tables, judged before they are published, and the publication itself."""

from assets.marts import declared, gia, olympiads, preschool, publication, risk, talent, values, vpr

ASSETS = [
    *vpr.ASSETS,
    *gia.ASSETS,
    *values.ASSETS,
    *risk.ASSETS,
    *preschool.ASSETS,
    *olympiads.ASSETS,
    *talent.ASSETS,
    *declared.ASSETS,
    publication.publication,
    publication.register,
]
