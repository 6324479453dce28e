"""The marts that the ВПР indicators fill."""

from assets.indicators import vpr
from assets.validated.vpr import planned
from msoko_pipeline.orchestration import layers

organisation = layers.mart("organisation", deps=[vpr.organisations])
indicator = layers.mart("indicator", deps=[vpr.values])
indicator_value = layers.mart("indicator_value", deps=[vpr.values])
dynamics_3y = layers.mart("dynamics_3y", deps=[vpr.dynamics])
vpr_school = layers.mart("vpr_school", deps=[vpr.results])
vpr_task = layers.mart("vpr_task", deps=[vpr.tasks])
vpr_task_group = layers.mart("vpr_task_group", deps=[vpr.sums])
planned_results = layers.mart("planned_results", deps=[planned])
score_distribution = layers.mart("score_distribution", deps=[vpr.sums])

ASSETS = [
    organisation,
    indicator,
    indicator_value,
    dynamics_3y,
    vpr_school,
    vpr_task,
    vpr_task_group,
    planned_results,
    score_distribution,
]
