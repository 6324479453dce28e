"""Objectivity and risk: what others found, signs, procedures → categories with reasons → forecast, back-test."""

from functools import partial

from assets import gia, vpr
from assets.files import files
from assets.organisations import context, organisations
from msoko_pipeline.objectivity import steps as objectivity
from msoko_pipeline.orchestration.families import Family
from msoko_pipeline.orchestration.layers import DECISIONS
from msoko_pipeline.risk import checks, steps

family = Family("risk")
step = partial(family.step, layer="risk", group=DECISIONS)

objectivity_list = family.kind("objectivity_list", of=files)
risk_profile = family.kind("risk_profile", of=files)
social_passport = family.kind("social_passport", of=files)
recheck = family.kind("recheck", of=files)
medallist = family.kind("medallist", of=files)
risk_indicator = family.kind("risk_indicator", of=files)

signs = step(
    "signs",
    objectivity.make_signs,
    "Признаки возможной необъективности: методика ФИОКО, скопления у границ, журнал, параллели, перечни; индекс",
    of=[organisations, vpr.sums, vpr.results, gia.results, objectivity_list, recheck, medallist],
)
procedures = step(
    "procedures",
    steps.make_procedures,
    "Школы в процедурах: доля ниже минимума, её надёжность, воронка, стянутая оценка",
    of=[organisations, vpr.results, gia.results],
)
conditions = step(
    "conditions",
    steps.make_conditions,
    "Социальные условия школ: доли из контекстных форм и паспортов, ИСБШ, ШНСУ",
    of=[organisations, context, social_passport],
)
categories = step(
    "categories",
    steps.make_categories,
    "Категории школ: ШНОР, зона риска, ШНСУ, объективность; основания словами, вероятность, чувствительность",
    of=[procedures, conditions, signs, risk_profile, risk_indicator],
    checks=checks.OF_CATEGORIES,
)
forecast = step(
    "forecast",
    steps.make_forecast,
    "Прогноз: с какой вероятностью школа через год окажется ШНОР, или почему прогноза нет",
    of=[categories],
)
backtest = step(
    "backtest",
    steps.make_backtest,
    "Проверка зоны риска и прогноза: какие школы стали ШНОР через год, какие пропущены",
    of=[categories, forecast],
)

family.mart("school_procedure", of=[procedures])
family.mart("objectivity_school", of=[signs])
family.mart("objectivity_index", of=[signs])
family.mart("school_context", of=[conditions])
family.mart("risk_profile", of=[risk_profile])
family.mart("school_risk", of=[categories])
family.mart("risk_reason", of=[categories])
family.mart("risk_sensitivity", of=[categories])
family.mart("risk_movement", of=[categories])
family.mart("school_forecast", of=[forecast])
family.mart("risk_backtest", of=[backtest])
family.mart("risk_backtest_school", of=[backtest])
family.mart("forecast_calibration", of=[backtest])
