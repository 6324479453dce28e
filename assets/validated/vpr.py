"""ВПР: individual results and the reports of «Аналитика»."""

from functools import partial

from assets.raw.files import files
from msoko_pipeline.orchestration import layers

validated = partial(layers.validated, group="vpr")

result = validated("vpr_result", deps=[files])
marks = validated("vpr_marks", deps=[files])
journal = validated("vpr_journal", deps=[files])
distribution = validated("vpr_distribution", deps=[files])
task_performance = validated("vpr_task_performance", deps=[files])
task_group = validated("vpr_task_group", deps=[files])
planned = validated("vpr_planned", deps=[files])

ASSETS = [result, marks, journal, distribution, task_performance, task_group, planned]
