"""ГИА: results of exams and tasks, certificates."""

from functools import partial

from assets.indicators import organisations
from assets.validated import gia
from msoko_pipeline.indicators.gia import steps as exams
from msoko_pipeline.indicators.gia import value_added_steps
from msoko_pipeline.orchestration import layers

indicators = partial(layers.indicators, group="gia")

results = indicators(
    "gia_results",
    exams.make_results,
    "Экзамены: отметки и баллы с первой попытки, пересдачи и апелляции рядом, задания из масок ответов",
    deps=[organisations.org_match, gia.gia9, gia.gia11, gia.gia9_appeal],
)
certificates = indicators(
    "certificates",
    exams.make_certificates,
    "Аттестаты и медали школ; итоги выпускников по протоколам ЕГЭ",
    deps=[organisations.organisations, results, gia.certificate],
)
value_added = indicators(
    "value_added",
    value_added_steps.make_value_added,
    "Прирост от ОГЭ к ЕГЭ тех же учеников: ориентир для самой школы, не рейтинг",
    deps=[organisations.organisations, results],
)

ASSETS = [results, certificates, value_added]
