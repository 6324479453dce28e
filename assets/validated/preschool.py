"""МКДО: scales of groups, passports of preschools, parents' questionnaires, experts."""

from functools import partial

from assets.raw.files import files
from msoko_pipeline.orchestration import layers

validated = partial(layers.validated, group="preschool")

scale = validated("preschool_scale", deps=[files])
passport = validated("preschool_passport", deps=[files])
survey = validated("preschool_survey", deps=[files])
expert = validated("preschool_expert", deps=[files])

ASSETS = [scale, passport, survey, expert]
