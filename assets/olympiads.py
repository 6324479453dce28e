"""ВсОШ: protocols of the stages, the schools' counts, contingents → stages, subjects, the way to the next stage."""

from assets.files import files
from assets.organisations import org_match
from assets.risk import social_passport
from msoko_pipeline.indicators.olympiads import steps
from msoko_pipeline.orchestration.families import Family

family = Family("olympiads")

result = family.kind("olympiad_result", of=files)
count = family.kind("olympiad_count", of=files)
contingent = family.kind("contingent", of=files)

olympiad = family.step(
    "olympiad",
    steps.make_olympiad,
    "ВсОШ: участие, награды, охват, конверсия ШЭ → МЭ → РЭ → ЗЭ, возможные признаки необъективности",
    of=[org_match, *family.facts, social_passport],
)

family.mart("olympiad", of=[olympiad])
