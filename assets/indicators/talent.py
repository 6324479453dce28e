"""Talents: contests, the bank of gifted pupils, profile shifts per school and town."""

from functools import partial

from assets.indicators.organisations import org_match
from assets.validated import olympiads, risk, talent
from msoko_pipeline.indicators.talent import steps as talent_year
from msoko_pipeline.orchestration import layers

indicators = partial(layers.indicators, group="talent")

contests = indicators(
    "contests",
    talent_year.make_contests,
    "Конкурсы: участия, ученики, награды по уровням и направлениям; награды учеников — для сверки банка",
    deps=[org_match, talent.contest, olympiads.contingent, risk.social_passport],
)
gifted_bank = indicators(
    "gifted_bank",
    talent_year.make_gifted,
    "Банк одарённых детей: согласия, критерии, кто пришёл, остался и выбыл за год",
    deps=[org_match, talent.gifted, olympiads.result, olympiads.contingent, risk.social_passport, contests],
)
shifts = indicators(
    "shifts",
    talent_year.make_shifts,
    "Профильные смены: участие, доля учеников из банка одарённых, места по квоте",
    deps=[org_match, talent.shift, olympiads.contingent, risk.social_passport, gifted_bank],
)

ASSETS = [contests, gifted_bank, shifts]
