"""ШНОР, зона риска, ШНСУ: procedures → conditions → categories with reasons → forecast, back-test."""

from functools import partial

from assets.indicators import gia, organisations, vpr
from assets.risk.objectivity import signs
from assets.validated import organisations as registers
from assets.validated import risk as lists
from msoko_pipeline.orchestration import layers
from msoko_pipeline.risk import checks
from msoko_pipeline.risk import steps as make

indicators = partial(layers.indicators, group="risk", layer="risk")

procedures = indicators(
    "procedures",
    make.make_procedures,
    "Школы в процедурах: доля ниже минимума, её надёжность, воронка, стянутая оценка",
    deps=[organisations.organisations, vpr.results, gia.results],
)
conditions = indicators(
    "conditions",
    make.make_conditions,
    "Социальные условия школ: доли из контекстных форм и паспортов, ИСБШ, ШНСУ",
    deps=[organisations.organisations, registers.context, lists.social_passport],
)
categories = indicators(
    "categories",
    make.make_categories,
    "Категории школ: ШНОР, зона риска, ШНСУ, объективность; основания словами, вероятность, чувствительность",
    deps=[procedures, conditions, signs, lists.risk_profile, lists.risk_indicator],
    checks=checks.OF_CATEGORIES,
)
forecast = indicators(
    "forecast",
    make.make_forecast,
    "Прогноз: с какой вероятностью школа через год окажется ШНОР, или почему прогноза нет",
    deps=[categories],
)
backtest = indicators(
    "backtest",
    make.make_backtest,
    "Проверка зоны риска и прогноза: какие школы стали ШНОР через год, какие пропущены",
    deps=[categories, forecast],
)

ASSETS = [procedures, conditions, categories, forecast, backtest]
