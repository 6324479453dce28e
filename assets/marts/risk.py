"""The marts of objectivity and risk."""

from assets.risk import categories, objectivity
from assets.validated import risk as lists
from msoko_pipeline.orchestration import layers

school_procedure = layers.mart("school_procedure", deps=[categories.procedures])
objectivity_school = layers.mart("objectivity_school", deps=[objectivity.signs])
objectivity_index = layers.mart("objectivity_index", deps=[objectivity.signs])
school_context = layers.mart("school_context", deps=[categories.conditions])
risk_profile = layers.mart("risk_profile", deps=[lists.risk_profile])
school_risk = layers.mart("school_risk", deps=[categories.categories])
risk_reason = layers.mart("risk_reason", deps=[categories.categories])
risk_backtest = layers.mart("risk_backtest", deps=[categories.backtest])
risk_backtest_school = layers.mart("risk_backtest_school", deps=[categories.backtest])

ASSETS = [
    school_procedure,
    objectivity_school,
    objectivity_index,
    school_context,
    risk_profile,
    school_risk,
    risk_reason,
    risk_backtest,
    risk_backtest_school,
]
