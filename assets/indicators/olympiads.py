"""ВсОШ: stages, subjects, the way from one stage to the next."""

from functools import partial

from assets.indicators.organisations import org_match
from assets.validated import olympiads, risk
from msoko_pipeline.indicators.olympiads import steps as olympiads_year
from msoko_pipeline.orchestration import layers

indicators = partial(layers.indicators, group="olympiads")

olympiad = indicators(
    "olympiad",
    olympiads_year.make_olympiad,
    "ВсОШ: участие, награды, охват, конверсия ШЭ → МЭ → РЭ → ЗЭ, возможные признаки необъективности",
    deps=[org_match, *olympiads.ASSETS, risk.social_passport],
)

ASSETS = [olympiad]
