"""Quality of training: base level, high level and individual paths over all procedures."""

from assets import gia, olympiads, registers, vpr
from msoko_pipeline.indicators.training import steps
from msoko_pipeline.orchestration.families import Family

family = Family("training")

training = family.step(
    "training",
    steps.make_training,
    "Качество подготовки: базовый и высокий уровень, индивидуализация — по всем процедурам вместе и порознь",
    of=[vpr.results, gia.results, gia.certificates, olympiads.olympiad, registers.measured],
)

family.mart("training_quality_indicators", of=[training])
