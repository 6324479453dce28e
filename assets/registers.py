"""Sources that are declared whole (`schemas/sources`): their registers, measures and marts, all together."""

from assets.files import files
from assets.gia import certificate, gia11
from assets.gia import results as exams
from assets.olympiads import contingent
from assets.organisations import org_match
from assets.vpr import results as works
from msoko_pipeline.indicators.registers import measures
from msoko_pipeline.orchestration.families import Family
from schemas.kinds import DECLARED, DECLARED_MARTS, KINDS

family = Family("registers")

for kind in KINDS.values():
    if kind.source in DECLARED:
        family.kind(kind.name, of=files)

measured = family.step(
    "declared",
    measures.make_declared,
    "Объявленные показатели реестров: числа, доли и охват по школам и муниципалитету",
    of=[org_match, contingent, certificate, gia11, exams, works, *family.facts],
)

for name, declared in DECLARED_MARTS.items():
    if declared.source in DECLARED:
        family.mart(name, of=[measured])

for listed in ("nok", "recommendation", "decision"):
    family.mart(listed, of=[measured])
