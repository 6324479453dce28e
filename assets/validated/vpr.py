"""ВПР: individual results and the reports of «Аналитика»."""

from assets.raw.files import files
from msoko_pipeline.orchestration import layers

result = layers.validated("vpr_result", deps=[files])
marks = layers.validated("vpr_marks", deps=[files])
journal = layers.validated("vpr_journal", deps=[files])
distribution = layers.validated("vpr_distribution", deps=[files])
task_performance = layers.validated("vpr_task_performance", deps=[files])
task_group = layers.validated("vpr_task_group", deps=[files])
planned = layers.validated("vpr_planned", deps=[files])

ASSETS = [result, marks, journal, distribution, task_performance, task_group, planned]
