"""ГИА: protocols of the exams of grades 9 and 11 → results of exams and tasks, certificates, value added."""

from assets.files import files
from assets.organisations import org_match, organisations
from msoko_pipeline.indicators.gia import steps, value_added_steps
from msoko_pipeline.orchestration.families import Family, facts_of

family = Family("gia")
PLANS = facts_of("task_plan")
"""Plans of works, which are of another family."""

gia9 = family.kind("gia9", of=files)
gia11 = family.kind("gia11", of=files)
appeals = [family.kind(kind, of=files) for kind in ("gia9_appeal", "gia11_appeal")]
reference = family.kind("exam_reference", of=files)
certificate = family.kind("certificate", of=files)

results = family.step(
    "gia_results",
    steps.make_results,
    "Экзамены: отметки и баллы с первой попытки, пересдачи и апелляции рядом, задания из масок ответов",
    of=[org_match, gia9, gia11, *appeals, reference, PLANS],
)
certificates = family.step(
    "certificates",
    steps.make_certificates,
    "Аттестаты и медали школ; итоги выпускников по протоколам ЕГЭ",
    of=[organisations, results, certificate],
)
value_added = family.step(
    "value_added",
    value_added_steps.make_value_added,
    "Прирост от ОГЭ к ЕГЭ тех же учеников: ориентир для самой школы, не рейтинг",
    of=[organisations, results],
)

gia9_mart = family.mart("gia9", of=[results])
gia11_mart = family.mart("gia11", of=[results])
family.mart("certificates", of=[certificates])
family.mart("value_added", of=[value_added])
