"""The marts of objectivity and risk."""

from functools import partial

from assets.risk import categories, objectivity
from assets.validated import risk as lists
from msoko_pipeline.orchestration import layers

mart = partial(layers.mart, group="risk")

school_procedure = mart("school_procedure", deps=[categories.procedures])
objectivity_school = mart("objectivity_school", deps=[objectivity.signs])
objectivity_index = mart("objectivity_index", deps=[objectivity.signs])
school_context = mart("school_context", deps=[categories.conditions])
risk_profile = mart("risk_profile", deps=[lists.risk_profile])
school_risk = mart("school_risk", deps=[categories.categories])
risk_reason = mart("risk_reason", deps=[categories.categories])
risk_sensitivity = mart("risk_sensitivity", deps=[categories.categories])
risk_movement = mart("risk_movement", deps=[categories.categories])
school_forecast = mart("school_forecast", deps=[categories.forecast])
risk_backtest = mart("risk_backtest", deps=[categories.backtest])
risk_backtest_school = mart("risk_backtest_school", deps=[categories.backtest])
forecast_calibration = mart("forecast_calibration", deps=[categories.backtest])

ASSETS = [
    school_procedure,
    objectivity_school,
    objectivity_index,
    school_context,
    risk_profile,
    school_risk,
    risk_reason,
    risk_sensitivity,
    risk_movement,
    school_forecast,
    risk_backtest,
    risk_backtest_school,
    forecast_calibration,
]
