"""Indicators of all procedures as rows, and three years of them."""

from assets import gia, olympiads, preschool, registers, talent, training, vpr
from msoko_pipeline.indicators.values import dynamics as three_years
from msoko_pipeline.indicators.values import values as rows
from msoko_pipeline.orchestration.families import Family

family = Family("indicators")

values = family.step(
    "values",
    rows.make_values,
    "Значения показателей: ВПР, ОГЭ, ЕГЭ, ВсОШ и реестров, с интервалами и прошлым циклом",
    of=[
        vpr.results,
        gia.results,
        gia.certificates,
        registers.measured,
        olympiads.olympiad,
        preschool.quality,
        training.training,
        talent.contests,
        talent.shifts,
    ],
)
dynamics = family.step(
    "dynamics",
    three_years.make_dynamics,
    "Динамика за три года: изменения, наклон, значимость, отрицательная динамика по ФИОКО",
    of=[values],
)

family.mart("indicator", of=[values])
family.mart("indicator_value", of=[values, vpr.vpr_school, gia.gia9_mart, gia.gia11_mart])
family.mart("dynamics_3y", of=[dynamics])
