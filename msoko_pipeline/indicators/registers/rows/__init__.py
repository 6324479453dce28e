"""Rows that marts of measures count and no single register holds: a function for each `schemas.declared.MadeRows`.

A module a source. A function takes a connection, the settings and the years and gives a frame: year, org_id and the
columns of the model; where it has level and unit_id instead of org_id, the rows are of these units alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pandas as pd
import pandera.pandas as pa

from msoko_pipeline.home.tables import typed
from msoko_pipeline.settings import Settings
from schemas.declared import MadeRows
from schemas.fields import columns_of

Make = Callable[[Any, Settings, Sequence[int]], pd.DataFrame]
TYPES = {"str": "string[python]", "Int": "Int64", "Flo": "Float64", "boo": "boolean"}
"""Beginning of a declared type → how the rows of the computation have it."""
_MADE: dict[type[MadeRows], Make] = {}


def makes(model: type[MadeRows]) -> Callable[[Make], Make]:
    """Declare the function that makes rows of a model. Raises ValueError for a model that has one."""

    def declare(make: Make) -> Make:
        if model in _MADE:
            raise ValueError(f"rows {model.__name__} are made twice")
        _MADE[model] = make
        return make

    return declare


def made_rows(model: Any) -> Make:
    """The function that makes rows of a model, typed as it declares. Raises LookupError where there is none."""
    _load()
    if model not in _MADE:
        raise LookupError(f"no function makes the rows {model.__name__}")
    return lambda connection, settings, years: typed_rows(_MADE[model](connection, settings, years), model)


@cache
def _load() -> None:
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")


def typed_rows(rows: pd.DataFrame, model: type[pa.DataFrameModel]) -> pd.DataFrame:
    """The rows with the columns of a model as a mart of measures counts them, and year and whose they are."""
    place = ["level", "unit_id"] if "level" in rows else ["org_id"]
    declared = {spec.name: TYPES[spec.dtype[:3]] for spec in columns_of(model)}
    declared.pop("year", None)
    return typed(rows, {"year": "int64", **dict.fromkeys(place, "string[python]"), **declared})
