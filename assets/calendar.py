"""The assessment calendar: what it expects of every organisation, and what has come."""

from assets import gia, olympiads, preschool, registers, vpr
from assets.organisations import org_match
from msoko_pipeline.indicators.completeness import steps
from msoko_pipeline.orchestration.families import Family

family = Family("calendar")

completeness = family.step(
    "completeness",
    steps.make_completeness,
    "Полнота: какие работы положено прислать по календарю, какие пришли, какие опаздывают",
    of=[org_match, vpr.results, gia.results, olympiads.contingent, *registers.family.facts, *preschool.family.facts],
)

family.mart("completeness", of=[completeness])
