"""Changes over the same schools or preschools, against worked examples and the jackknife."""

from __future__ import annotations

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest

from msoko_pipeline.indicators.matched import between, matched
from tests.spec.tables import table

NOW = table("""
 town | school | top | base
 a    | s1     | 30  | 50
 a    | s2     | 40  | 50
 a    | new    | 100 | 100
 b    | s1     | 5   | 10
 c    | s1     | 6   | 10
""")
THEN = table("""
 town | school | top | base
 a    | s1     | 20  | 50
 a    | s2     | 30  | 50
 a    | gone   | 0   | 200
 b    | s1     | 3   | 10
 d    | s1     | 3   | 10
""")


def found(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    frames = (nw.from_native(frame).lazy() for frame in (now, then))
    told = nw.to_native(matched(*frames, ["town"], "school").collect())
    return told.set_index("town").sort_index()


def test_only_the_schools_of_both_years_tell_the_change() -> None:
    """100 % of the new school and 0 % of the one that left would be a rise of 68 points; the schools rose by 20."""
    told = found(NOW, THEN)
    a = told.loc["a"]
    assert (a["units"], a["units_then"], a["matched"]) == (3, 3, 2)
    assert (a["matched_base"], a["matched_base_then"]) == (100, 100)
    assert a["matched_change"] == pytest.approx(0.7 - 0.5)
    assert a["matched_error"] == pytest.approx(0), "both rose by the same"


def test_one_school_has_a_change_and_no_error_between_schools_and_none_has_neither() -> None:
    told = found(NOW, THEN)
    assert told.loc["b", "matched_change"] == pytest.approx(0.2)
    assert np.isnan(told.loc["b", "matched_error"])
    assert told.loc[["c", "d"], "matched"].tolist() == [0, 0]
    assert told.loc[["c", "d"], ["units", "units_then"]].to_numpy().tolist() == [[1, 0], [0, 1]]
    assert told.loc[["c", "d"], ["matched_change", "matched_base"]].isna().all(axis=None)


def town(schools: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    level = rng.beta(4, 4, schools)
    years = []
    for _ in range(2):
        base = rng.integers(15, 120, schools)
        frame = pd.DataFrame({"town": "a", "school": [f"s{i}" for i in range(schools)], "base": base.astype(float)})
        years.append(frame.assign(top=rng.binomial(base, level).astype(float)))
    return years[0], years[1]


@pytest.mark.parametrize("seed", range(5))
def test_the_error_is_nearly_that_of_the_jackknife(seed: int) -> None:
    now, then = town(40, seed)
    rate = {n: frame["top"].sum() / frame["base"].sum() for n, frame in enumerate((now, then))}
    left = [
        now["top"].drop(i).sum() / now["base"].drop(i).sum() - then["top"].drop(i).sum() / then["base"].drop(i).sum()
        for i in now.index
    ]
    jackknife = np.sqrt(39 / 40 * np.sum((np.array(left) - np.mean(left)) ** 2))
    told = found(now, then).loc["a"]
    assert told["matched_change"] == pytest.approx(rate[0] - rate[1])
    assert told["matched_error"] == pytest.approx(jackknife, rel=0.05)


def test_duckdb_and_pandas_agree() -> None:
    now, then = town(12, 1)
    connection = duckdb.connect()
    connection.register("now", now)
    connection.register("then", then)
    frames = (nw.from_native(connection.table(name)) for name in ("now", "then"))
    by_duckdb = matched(*frames, ["town"], "school").collect("pandas").to_native()
    pd.testing.assert_frame_equal(by_duckdb, found(now, then).reset_index(), check_dtype=False)


def test_error_between_schools() -> None:
    """A town of schools that differ knows its share less well than so many pupils would."""
    now, _ = town(30, 2)
    told = nw.to_native(between(nw.from_native(now).lazy(), ["town"]).collect()).iloc[0]
    rate = now["top"].sum() / now["base"].sum()
    by_hand = np.sqrt(30 / 29 * np.sum((now["top"] - rate * now["base"]) ** 2)) / now["base"].sum()
    assert told["members"] == 30
    assert told["error"] == pytest.approx(by_hand)
    assert told["error"] > 1.5 * np.sqrt(rate * (1 - rate) / now["base"].sum())
