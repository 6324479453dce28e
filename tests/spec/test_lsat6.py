"""Known answers of a published test: LSAT section 6, five items, 1000 persons (Bock & Lieberman, 1970).

The counts of response patterns are printed in the paper; item difficulties .924 .709 .553 .763 .870, alpha 0.295.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

from msoko_pipeline.home import engine
from msoko_pipeline.indicators.vpr import results, sums, tasks
from schemas import catalogue

COUNTS = [
    3,
    6,
    2,
    11,
    1,
    1,
    3,
    4,
    1,
    8,
    0,
    16,
    0,
    3,
    2,
    15,
    10,
    29,
    14,
    81,
    3,
    28,
    15,
    80,
    16,
    56,
    21,
    173,
    11,
    61,
    28,
    298,
]
"""Persons with the response pattern whose binary number is the index: 00000, 00001, …, 11111."""


def persons() -> pd.DataFrame:
    answers = np.array([[int(bit) for bit in f"{pattern:05b}"] for pattern in range(32)])
    rows = np.repeat(answers, COUNTS, axis=0)
    frame = pd.DataFrame(rows, columns=[f"s{k:02d}" for k in range(1, 6)])
    for k in range(1, 6):
        frame[f"x{k:02d}"] = False
    total = rows.sum(axis=1)
    return frame.assign(
        year=2021, org_id="edu190001", subject="MA", grade=4, absent=False, partial=False, journal_mark=None, mark=None,
        primary_score=total, task_sum=total,
    )  # fmt: skip


@pytest.fixture(scope="module")
def lsat() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Results and task indicators of the LSAT-6, through the same stages as a ВПР work."""
    connection = duckdb.connect()
    works = pd.DataFrame({"year": [2021], "subject": ["MA"], "grade": [4], "min_3": [2], "min_4": [3], "min_5": [4]})
    for k in range(1, 6):
        works[f"m{k:02d}"] = 1
    units = pd.DataFrame({"year": [2021], "org_id": ["edu190001"], "level": ["school"], "unit_id": ["edu190001"]})
    for name, frame in (("people", persons()), ("works", works), ("units", units)):
        connection.register(
            name, frame.astype({"journal_mark": "Int64", "mark": "Int64"}) if name == "people" else frame
        )
    limits = catalogue.thresholds(2021)
    people = sums.pupils(engine.table(connection, "people"), engine.table(connection, "works"), limits["journal_gap"])
    cells = sums.levels(sums.sums(people, 5), engine.table(connection, "units"), 5)
    cells = engine.keep(connection, cells, "cells")
    rows = engine.keep(connection, tasks.long(cells, 5), "rows")
    spread = tasks.spread(rows)
    engine.keep(connection, cells.join(spread, on=list(sums.KEY)), "whole")
    connection.execute("create table told as select *, 5 as max_primary, 5 as tasks from whole")
    connection.execute("create table asked as select *, 1 as max_score, 'Б' as difficulty from rows")
    found = results.results(engine.table(connection, "told"), limits).collect("pandas").to_native()
    items = tasks.indicators(engine.table(connection, "asked"), limits).collect("pandas").to_native()
    return found, items.sort_values("position")


def test_the_counts_are_the_published_ones() -> None:
    assert sum(COUNTS) == 1000
    assert persons()[[f"s{k:02d}" for k in range(1, 6)]].mean().tolist() == [0.924, 0.709, 0.553, 0.763, 0.870]


def test_difficulties(lsat: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    assert lsat[1]["completion_pct"].tolist() == pytest.approx([92.4, 70.9, 55.3, 76.3, 87.0])


def test_alpha(lsat: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    assert round(lsat[0]["alpha"].item(), 3) == 0.295


def test_discrimination_is_the_item_rest_correlation(lsat: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    rows = persons()
    answers = rows[[f"s{k:02d}" for k in range(1, 6)]].to_numpy()
    rest = [np.corrcoef(answers[:, k], answers.sum(axis=1) - answers[:, k])[0, 1] for k in range(5)]
    assert lsat[1]["discrimination"].tolist() == pytest.approx(rest, abs=1e-12)


def test_mean_and_spread(lsat: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    total = persons()["task_sum"]
    assert lsat[0]["mean_primary"].item() == pytest.approx(total.mean())
    assert lsat[0]["sd_primary"].item() == pytest.approx(total.std(ddof=1))
    assert lsat[0]["completion_pct"].item() == pytest.approx(total.mean() / 5 * 100)
