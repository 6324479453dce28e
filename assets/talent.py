"""Talents: contests, the bank of gifted pupils, profile shifts → each per school and town."""

from assets.files import files
from assets.olympiads import contingent, result
from assets.organisations import org_match
from assets.risk import social_passport
from msoko_pipeline.indicators.talent import steps
from msoko_pipeline.orchestration.families import Family

family = Family("talent")

contest = family.kind("contest", of=files)
gifted = family.kind("gifted", of=files)
shift = family.kind("shift", of=files)

contests = family.step(
    "contests",
    steps.make_contests,
    "Конкурсы: участия, ученики, награды по уровням и направлениям; награды учеников — для сверки банка",
    of=[org_match, contest, contingent, social_passport],
)
gifted_bank = family.step(
    "gifted_bank",
    steps.make_gifted,
    "Банк одарённых детей: согласия, критерии, кто пришёл, остался и выбыл за год",
    of=[org_match, gifted, result, contingent, social_passport, contests],
)
shifts = family.step(
    "shifts",
    steps.make_shifts,
    "Профильные смены: участие, доля учеников из банка одарённых, места по квоте",
    of=[org_match, shift, contingent, social_passport, gifted_bank],
)

family.mart("contests", of=[contests])
family.mart("gifted_bank", of=[gifted_bank])
family.mart("shifts", of=[shifts])
