"""No share of a maximum is above 100 %, whatever scores above an unconfirmed maximum the files hold."""

from __future__ import annotations

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msoko_pipeline.home import engine
from msoko_pipeline.indicators.vpr import results, sums, tasks
from schemas import catalogue

WORK = {"year": 2026, "subject": "MA", "grade": 4}
MAXIMA = {"m01": 1, "m02": 3}
pupils = st.lists(
    st.tuples(st.sampled_from((2, 3, 4, 5)), *(st.none() | st.integers(0, 2 * top + 2) for top in MAXIMA.values())),
    min_size=1, max_size=12,
)  # fmt: skip


def of_levels(scores: list[tuple[int | None, ...]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Of a school and its town: results of the work; and sums per task, of the units and of the town's groups with one
    mark, `max` beside them.
    """
    people = pd.DataFrame(
        [
            WORK
            | {"org_id": "edu190001", "mark": mark, "s01": first, "s02": second, "x01": False, "x02": False}
            | {"absent": False, "partial": False, "journal_mark": None, "primary_score": (first or 0) + (second or 0)}
            | {"task_sum": None if first is None or second is None else first + second}
            for mark, first, second in scores
        ]
    ).astype(dict.fromkeys(("s01", "s02", "journal_mark", "task_sum"), "Int64"))  # fmt: skip
    works = pd.DataFrame([WORK | MAXIMA | {"min_3": 2, "min_4": 3, "min_5": 4, "max_primary": 4}])
    units = pd.DataFrame(
        [
            {"year": 2026, "org_id": "edu190001", "level": level, "unit_id": level}
            for level in ("school", "municipality")
        ]
    )
    connection = duckdb.connect()
    for name, frame in (("people", people), ("works", works), ("units", units)):
        connection.register(name, frame)
    places = engine.table(connection, "units")
    rows = sums.pupils(engine.table(connection, "people"), engine.table(connection, "works"), 2)
    cells = engine.keep(connection, sums.levels(sums.sums(rows, 2), places, 2), "cells")
    of_tasks = engine.keep(connection, tasks.long(cells, 2), "of_tasks")
    cells = cells.join(tasks.spread(of_tasks), on=list(sums.KEY), how="left")
    whole = results.results(cells.with_columns(max_primary=nw.lit(4), tasks=nw.lit(2)), catalogue.thresholds(2026))
    groups = tasks.long_groups(tasks.groups(rows, places, 2), 2)
    found = pd.concat([part.collect("pyarrow").to_native().to_pandas() for part in (of_tasks, groups)])
    return whole.collect("pandas").to_native(), found.assign(max=lambda table: table["position"].map({1: 1, 2: 3}))


@settings(max_examples=25, deadline=None)
@given(pupils)
def test_no_task_is_done_by_more_than_100_pct_in_any_unit_or_group(scores: list[tuple[int | None, ...]]) -> None:
    whole, found = of_levels(scores)
    assert (found["s"] <= found["c"] * found["max"]).all()
    assert whole.filter(regex="_pct$").max().max() <= 100
    assert not (whole["alpha"] > 1 + 1e-9).any()


def test_a_score_over_the_maximum_counts_as_the_maximum_everywhere() -> None:
    found = of_levels([(5, 2, 5), (5, 1, 0)])[1].set_index("position")["s"]
    assert found.loc[1].tolist() == [2, 2, 2, 2]
    assert found.loc[2].tolist() == [3, 3, 3, 3]


def test_reliability_is_of_those_whose_every_task_is_known_and_of_scores_within_the_maxima() -> None:
    """With a pupil more who lost a score, and scores over the maxima, alpha is that of (1, 3), (0, 0), (1, 2)."""
    plain, _ = of_levels([(5, 1, 3), (2, 0, 0), (4, 1, 2)])
    same, _ = of_levels([(5, 2, 9), (2, 0, 0), (4, 1, 2), (3, None, 1)])
    assert same["alpha"].tolist() == pytest.approx(plain["alpha"].tolist())
    assert same["n"].tolist() == [4, 4]
