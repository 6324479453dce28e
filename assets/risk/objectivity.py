"""Signs of possible non-objectivity: the fourteen of ФИОКО and more."""

from functools import partial

from assets.indicators import gia, organisations, vpr
from assets.validated import risk as lists
from msoko_pipeline.objectivity import steps as make
from msoko_pipeline.orchestration import layers

indicators = partial(layers.indicators, group="risk", layer="risk")
sources = [organisations.organisations, vpr.sums, vpr.results, gia.results]

signs = indicators(
    "signs",
    make.make_signs,
    "Признаки возможной необъективности: методика ФИОКО, скопления у границ, журнал, параллели, перечни; индекс",
    deps=[
        organisations.organisations,
        vpr.sums,
        vpr.results,
        gia.results,
        lists.objectivity_list,
        lists.recheck,
        lists.medallist,
    ],
)

ASSETS = [signs]
