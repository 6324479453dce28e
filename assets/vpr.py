"""ВПР: individual results and the reports of «Аналитика» → sums → results, tasks."""

from assets import gia
from assets.files import files
from assets.organisations import organisations
from msoko_pipeline.indicators.vpr import steps
from msoko_pipeline.orchestration.families import Family

family = Family("vpr")

result = family.kind("vpr_result", of=files)
marks = family.kind("vpr_marks", of=files)
journal = family.kind("vpr_journal", of=files)
distribution = family.kind("vpr_distribution", of=files)
task_performance = family.kind("vpr_task_performance", of=files)
task_group = family.kind("vpr_task_group", of=files)
planned = family.kind("vpr_planned", of=files)

sums = family.step(
    "vpr_sums",
    steps.make_sums,
    "Суммы ВПР: один проход по ученикам; отчёты «Аналитики» приведены к тем же суммам и сверены со строками",
    of=[organisations, gia.PLANS, *family.facts],
)
results = family.step(
    "vpr_results", steps.make_results, "Результаты работ: отметки, баллы, журнал, надёжность", of=[sums]
)
tasks = family.step("vpr_tasks", steps.make_tasks, "Задания: выполнение, дискриминация, достижение по ФИОКО", of=[sums])

vpr_school = family.mart("vpr_school", of=[results])
family.mart("vpr_task", of=[tasks, gia.results, vpr_school, gia.gia9_mart, gia.gia11_mart])
family.mart("vpr_task_group", of=[sums])
family.mart("planned_results", of=[planned])
family.mart("score_distribution", of=[sums])
