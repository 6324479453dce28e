"""МКДО: scales of groups, passports of preschools, parents' questionnaires, experts → scores and shares."""

from assets.files import files
from assets.organisations import organisations
from msoko_pipeline.indicators.preschool import steps
from msoko_pipeline.orchestration.families import Family

family = Family("preschool")

scale = family.kind("preschool_scale", of=files)
passport = family.kind("preschool_passport", of=files)
survey = family.kind("preschool_survey", of=files)
expert = family.kind("preschool_expert", of=files)

quality = family.step(
    "preschool_quality",
    steps.make_preschool,
    "Качество дошкольного образования: уровни → группы → области → сад → город; доли паспортов и анкет",
    of=[organisations, *family.facts],
)

for mart in ("preschool_quality", "preschool_passport", "preschool_families"):
    family.mart(mart, of=[quality])
