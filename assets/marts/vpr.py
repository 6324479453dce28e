"""The marts that the ВПР indicators fill."""

from functools import partial

from assets.indicators import gia, organisations, vpr
from assets.marts import gia as exams
from assets.validated.vpr import planned
from msoko_pipeline.orchestration import layers

mart = partial(layers.mart, group="vpr")

organisation = layers.mart("organisation", deps=[organisations.organisations], group="organisations")
org_match = layers.mart("org_match", deps=[organisations.org_match], group="organisations")
vpr_school = mart("vpr_school", deps=[vpr.results])
vpr_task = mart("vpr_task", deps=[vpr.tasks, gia.results, vpr_school, exams.gia9, exams.gia11])
vpr_task_group = mart("vpr_task_group", deps=[vpr.sums])
planned_results = mart("planned_results", deps=[planned])
score_distribution = mart("score_distribution", deps=[vpr.sums])

ASSETS = [
    organisation,
    org_match,
    vpr_school,
    vpr_task,
    vpr_task_group,
    planned_results,
    score_distribution,
]
