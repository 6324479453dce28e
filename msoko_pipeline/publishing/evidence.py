"""What Great Expectations is shown of a mart: judged columns in full, or the few values that decide about them.

Of a text column its distinct values decide, of a number its extremes, and whether there is a NULL: these keep to «from
the list», «of the form», «between» or «filled in» exactly when the column does. Columns of which the same is expected
are stacked into one, because an expectation costs the library seven milliseconds however few values it looks at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from msoko_pipeline.publishing import rows
from msoko_pipeline.publishing.consistency import Rule
from msoko_pipeline.publishing.suite import KEY, Expected, key_of, rules


def columns(table: pa.Table, mart: str) -> dict[str, pa.Array]:
    """Everything that is judged: the mart's columns, the key as one number, the totals of the rules."""
    judged = {name: table[name].combine_chunks() for name in table.column_names}
    keys = key_of(mart)
    is_key_known = not any(table[name].null_count for name in keys)  # an unknown key is another expectation's failure
    judged[KEY] = pa.array(rows.key_codes(table, keys) if is_key_known else np.arange(len(table)))
    for rule in rules(mart):
        judged[rule.judged] = pa.array(_total(table, rule), from_pandas=True)
    return judged


def stacks(expected: Sequence[Expected]) -> dict[str, list[Expected]]:
    """Expectations that differ only in the column, under one name each; uniqueness cannot be judged on a few values."""
    few = sorted((e for e in expected if e.kind != "unique"), key=_same)
    return {f"{same}": list(members) for same, members in groupby(few, key=_same)}


def few(judged: Mapping[str, pa.Array], stacked: Mapping[str, Sequence[Expected]]) -> pd.DataFrame:
    """The deciding values of every stack as a column; shorter ones repeat a value of theirs, none at all are NULL."""
    values = {
        name: pd.concat([_deciding(judged[e.column], e.kind) for e in members], ignore_index=True)
        for name, members in stacked.items()
    }
    longest = max(map(len, values.values()), default=0)
    return pd.DataFrame({name: column.reindex(range(longest), method="ffill") for name, column in values.items()})


def whole(array: pa.Array) -> pd.Series:
    """A whole column in the types that Great Expectations is quick with: categories and plain numbers."""
    if pa.types.is_dictionary(array.type) or (pa.types.is_int64(array.type) and not array.null_count):
        return array.to_pandas()
    return array.cast(pa.float64()).to_pandas()


def _same(expected: Expected) -> str:
    return f"{expected.kind} {sorted(expected.arguments.items())}"


def _deciding(array: pa.Array, kind: str) -> pd.Series:
    if kind == "not_null":
        return pd.Series([1.0] * (array.null_count < len(array)) + [np.nan] * bool(array.null_count))
    if pa.types.is_dictionary(array.type):
        return pd.Series(pc.unique(array.drop_null()).to_pylist(), dtype="object")
    extremes = pc.min_max(array)
    return pd.Series([extremes["min"].as_py(), extremes["max"].as_py()], dtype="float64").dropna()


def _total(table: pa.Table, rule: Rule) -> np.ndarray:
    """A rule's total per row or per group; NaN, which is passed over, where any part of it is NULL."""
    total = np.zeros(len(table))
    for factor, name in rule.terms():
        total += factor * table[name].cast(pa.float64()).to_numpy()
    if rule.where:
        column, value = rule.where
        total[~pc.equal(table[column].cast(pa.string()), value).fill_null(False).to_numpy()] = np.nan
    if rule.per:
        if any(table[name].null_count for name in rule.per):
            return np.full(1, np.nan)
        _, groups = np.unique(rows.key_codes(table, rule.per), return_inverse=True)
        return np.bincount(groups, weights=total)
    return total
