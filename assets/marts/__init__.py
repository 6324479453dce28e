"""Marts layer: staged tables, judged before they are published, one step per family; and the publication itself."""

from assets.marts import declared, gia, olympiads, preschool, publication, risk, talent, values, vpr
from msoko_pipeline.orchestration.layers import staged_tables

ASSETS = [
    staged_tables("gia", gia.ASSETS),
    staged_tables("vpr", vpr.ASSETS),
    staged_tables("values", values.ASSETS),
    staged_tables("risk", risk.ASSETS),
    staged_tables("preschool", preschool.ASSETS),
    staged_tables("olympiads", olympiads.ASSETS),
    staged_tables("talent", talent.ASSETS),
    staged_tables("declared", declared.ASSETS),
    publication.publication,
    publication.register,
]
