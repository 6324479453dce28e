"""The publication: every mart of a year in one transaction; and the register alone, when no year waits."""

from assets.marts import declared, gia, olympiads, preschool, risk, talent, values, vpr
from assets.raw.files import inbox
from assets.validated.organisations import organisation
from msoko_pipeline.orchestration import layers

publication = layers.publication(
    deps=[
        *vpr.ASSETS,
        *gia.ASSETS,
        *values.ASSETS,
        *risk.ASSETS,
        *preschool.ASSETS,
        *olympiads.ASSETS,
        *talent.ASSETS,
        *declared.ASSETS,
    ]
)
register = layers.register(deps=[inbox, organisation])
