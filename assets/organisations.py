"""Organisations of the years: their register and context forms, and which of them the files mean by each spelling."""

from assets.files import files, inbox
from msoko_pipeline.indicators.organisations import steps
from msoko_pipeline.matching import resolve
from msoko_pipeline.orchestration.families import Family, facts_of_every_kind

family = Family("organisations")

organisation = family.kind("organisation", of=inbox, of_every_year=True)
context = family.kind("vpr_context", of=files)

organisations = family.step(
    "organisations",
    steps.make_organisations,
    "Организации года: реестр, а где его нет — логины и коды из файлов; логин не из реестра — вопрос",
    of=facts_of_every_kind(),
)
org_match = family.step(
    "org_match",
    resolve.make_org_match,
    "Какую школу называет каждое написание: логин, код РИС, ИНН, имя; верное берётся, сомнительное — вопрос",
    of=[organisations],
)

family.mart("organisation", of=[organisations])
family.mart("org_match", of=[org_match])
