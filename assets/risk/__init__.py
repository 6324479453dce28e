"""Risk layer: signs of non-objectivity, risk categories of schools with their reasons, and how well they foretold."""

from assets.risk import categories, objectivity

ASSETS = [*objectivity.ASSETS, *categories.ASSETS]
