"""The management cycle: items of the roadmap, components of each system, the pack of August."""

from assets import indicators, registers
from msoko_pipeline.indicators.management import steps
from msoko_pipeline.orchestration.families import Family
from msoko_pipeline.orchestration.layers import DECISIONS

family = Family("management")

cycle = family.step(
    "management",
    steps.make_management,
    "Управленческий цикл: исполнение пунктов дорожной карты, компоненты по системам",
    of=[indicators.values, registers.measured],
    group=DECISIONS,
)

for mart in ("roadmap_status", "mgmt_cycle"):
    family.mart(mart, of=[cycle])
family.mart("august_pack", of=[indicators.values, indicators.dynamics])
