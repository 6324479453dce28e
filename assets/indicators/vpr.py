"""ВПР: sums → results, tasks."""

from functools import partial

from assets.indicators.organisations import organisations
from assets.validated import vpr
from msoko_pipeline.indicators.vpr import steps as year
from msoko_pipeline.orchestration import layers

indicators = partial(layers.indicators, group="vpr")

sums = indicators(
    "vpr_sums",
    year.make_sums,
    "Суммы ВПР: один проход по ученикам; отчёты «Аналитики» приведены к тем же суммам и сверены со строками",
    deps=[organisations, *vpr.ASSETS],
)
results = indicators(
    "vpr_results", year.make_results, "Результаты работ: отметки, баллы, журнал, надёжность", deps=[sums]
)
tasks = indicators("vpr_tasks", year.make_tasks, "Задания: выполнение, дискриминация, достижение по ФИОКО", deps=[sums])

ASSETS = [sums, results, tasks]
