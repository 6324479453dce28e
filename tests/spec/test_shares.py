"""No share of a maximum is above 100 %, whatever scores above an unconfirmed maximum the files hold."""

from __future__ import annotations

import duckdb
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from msoko_pipeline.indicators import engine, sums, tasks

WORK = {"year": 2026, "subject": "MA", "grade": 4}
MAXIMA = {"m01": 1, "m02": 3}
pupils = st.lists(
    st.tuples(st.sampled_from((2, 3, 4, 5)), *(st.none() | st.integers(0, 2 * top + 2) for top in MAXIMA.values())),
    min_size=1, max_size=12,
)  # fmt: skip


def of_levels(scores: list[tuple[int | None, ...]]) -> pd.DataFrame:
    """Sums per task: of the school and the town, and of the town's groups with one mark; `max` beside them."""
    people = pd.DataFrame(
        [
            WORK | MAXIMA | {"org_id": "edu190001", "vpr_mark": mark, "s01": first, "s02": second, "x01": False,
                             "x02": False, "absent": False, "partial": False, "own_mark": mark, "journal": None,
                             "whole": True, "gap_limit": 2, "primary_score": 1, "task_sum": 1}
            for mark, first, second in scores
        ]
    ).astype({"s01": "Int64", "s02": "Int64", "journal": "Int64"})  # fmt: skip
    units = pd.DataFrame(
        [
            {"year": 2026, "org_id": "edu190001", "level": level, "unit_id": level}
            for level in ("school", "municipality")
        ]
    )
    connection = duckdb.connect()
    connection.register("people", people)
    connection.register("units", units)
    rows, places = engine.table(connection, "people"), engine.table(connection, "units")
    parts = [
        tasks.long(sums.levels(sums.sums(rows, 2), places, 2), 2),
        tasks.long_groups(tasks.groups(rows, places, 2), 2),
    ]
    frames = [part.collect("pyarrow").to_native().to_pandas() for part in parts]
    return pd.concat(frames).assign(max=lambda table: table["position"].map({1: 1, 2: 3}))


@settings(max_examples=25, deadline=None)
@given(pupils)
def test_no_task_is_done_by_more_than_100_pct_in_any_unit_or_group(scores: list[tuple[int | None, ...]]) -> None:
    found = of_levels(scores)
    assert (found["s"] <= found["c"] * found["max"]).all()


def test_a_score_over_the_maximum_counts_as_the_maximum_everywhere() -> None:
    found = of_levels([(5, 2, 5), (5, 1, 0)]).set_index("position")["s"]
    assert found.loc[1].tolist() == [2, 2, 2]
    assert found.loc[2].tolist() == [3, 3, 3]
