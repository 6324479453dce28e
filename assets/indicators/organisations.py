"""Organisations of the year, and which of them the files mean by each spelling."""

from functools import partial

from assets.validated import declared, gia, olympiads, preschool, risk, talent, vpr
from assets.validated import organisations as registers
from msoko_pipeline.indicators.organisations import steps as organisations_year
from msoko_pipeline.matching import resolve
from msoko_pipeline.orchestration import layers

indicators = partial(layers.indicators, group="organisations")

organisations = indicators(
    "organisations",
    organisations_year.make_organisations,
    "Организации года: реестр, а где его нет — логины и коды из файлов; логин не из реестра — вопрос",
    deps=[
        *registers.ASSETS,
        *vpr.ASSETS,
        preschool.passport,
        preschool.scale,
        preschool.survey,
        olympiads.count,
        olympiads.contingent,
        gia.certificate,
        *risk.ASSETS,
        gia.gia9,
        gia.gia11,
        gia.gia9_appeal,
        olympiads.result,
        *talent.ASSETS,
        *declared.ASSETS,
    ],
)
org_match = indicators(
    "org_match",
    resolve.make_org_match,
    "Какую школу называет каждое написание: логин, код РИС, ИНН, имя; верное берётся, сомнительное — вопрос",
    deps=[organisations],
)

ASSETS = [organisations, org_match]
