"""Difficulty, discrimination and alpha against published libraries on the same answers: ВПР tasks and masks of ГИА.

Difficulty and discrimination: SciPy's Pearson and point-biserial coefficients of a task with the rest of the work.
Alpha: 1 − MS(residual) / MS(pupils) of the two-way layout pupils × tasks (Hoyt, 1941), by statsmodels' analysis of
variance.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.anova import anova_lm

from msoko_pipeline.home import engine
from msoko_pipeline.indicators.gia import tasks as gia_tasks
from msoko_pipeline.indicators.vpr import results, sums, tasks
from schemas import catalogue

TOPS = np.array([1, 1, 2, 1, 3, 2])
PUPILS = 150


@pytest.fixture(scope="module")
def scores() -> np.ndarray:
    """Made-up answers, pupils × tasks: an ability, tasks of unlike difficulty."""
    rng = np.random.default_rng(20)
    ability = rng.normal(size=PUPILS)
    chance = 1 / (1 + np.exp(-(ability[:, None] - np.linspace(-1.2, 1.2, len(TOPS)))))
    return rng.binomial(TOPS, chance)


@pytest.fixture(scope="module")
def vpr(scores: np.ndarray) -> tuple[pd.Series, pd.DataFrame]:
    """The row of the work and the rows of its tasks, through the stages of a ВПР work."""
    connection = duckdb.connect()
    count = len(TOPS)
    names = [f"s{k:02d}" for k in range(1, count + 1)]
    total = scores.sum(axis=1)
    people = pd.DataFrame(scores, columns=names).assign(
        **{name.replace("s", "x"): False for name in names}, year=2021, org_id="edu190001", subject="MA", grade=4,
        absent=False, partial=False, journal_mark=pd.array([None] * PUPILS, dtype="Int64"),
        mark=pd.array([None] * PUPILS, dtype="Int64"), primary_score=total, task_sum=total,
    )  # fmt: skip
    works = pd.DataFrame({"year": [2021], "subject": ["MA"], "grade": [4], "min_3": [3], "min_4": [5], "min_5": [8]})
    works = works.assign(**{name.replace("s", "m"): top for name, top in zip(names, TOPS, strict=True)})
    units = pd.DataFrame({"year": [2021], "org_id": ["edu190001"], "level": ["school"], "unit_id": ["edu190001"]})
    for name, frame in (("people", people), ("works", works), ("units", units), ("tops", pd.DataFrame({"top": TOPS}))):
        connection.register(name, frame)
    limits = catalogue.thresholds(2021)
    told = sums.pupils(engine.table(connection, "people"), engine.table(connection, "works"), limits["journal_gap"])
    cells = sums.levels(sums.sums(told, count), engine.table(connection, "units"), count)
    cells = engine.keep(connection, cells, "cells")
    rows = engine.keep(connection, tasks.long(cells, count), "rows")
    engine.keep(connection, cells.join(tasks.spread(rows), on=list(sums.KEY)), "whole")
    connection.execute(f"create table told as select *, {TOPS.sum()} as max_primary, {count} as tasks from whole")
    asked = rows.collect("pandas").to_native().sort_values("position").assign(max_score=TOPS, difficulty="Б")
    connection.register("asked", asked)
    work = results.results(engine.table(connection, "told"), limits).collect("pandas").to_native().iloc[0]
    return work, _indicators(connection)


def _indicators(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    told = tasks.indicators(engine.table(connection, "asked"), catalogue.thresholds(2021))
    return told.collect("pandas").to_native().sort_values("position").reset_index(drop=True)


@pytest.fixture(scope="module")
def gia(scores: np.ndarray) -> pd.DataFrame:
    """The same answers as a protocol tells them: masks of short answers, the last two tasks with long ones."""
    short, long = scores[:, :4], scores[:, 4:]
    masks = ["".join("+" if s == t else "-" if s == 0 else str(s) for s, t in zip(row, TOPS, strict=False))
             for row in short]  # fmt: skip
    texts = ["".join(f"{score}({top})" for score, top in zip(row, TOPS[4:], strict=True)) for row in long]
    primary = pd.Series(scores.sum(axis=1), dtype="Int64")
    answers = gia_tasks.matrix(pd.Series(masks), pd.Series(texts), primary, 0.95)
    np.testing.assert_array_equal(answers.scores, scores)
    told = gia_tasks.sums(answers, primary, np.zeros(PUPILS, np.int64), 1).assign(difficulty=None)
    connection = duckdb.connect()
    connection.register("asked", told.astype({"difficulty": "string"}))
    return _indicators(connection)


def published(scores: np.ndarray) -> tuple[list[float], list[float]]:
    """Difficulty (share of the greatest score, %) and correlation with the rest, by SciPy."""
    rest = scores.sum(axis=1)[:, None] - scores
    shares = [stats.describe(scores[:, k]).mean / TOPS[k] * 100 for k in range(len(TOPS))]
    return shares, [float(stats.pearsonr(scores[:, k], rest[:, k]).statistic) for k in range(len(TOPS))]


@pytest.mark.parametrize("source", ["vpr", "gia"])
def test_difficulty_and_discrimination(source: str, scores: np.ndarray, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(source)
    rows = found[1] if source == "vpr" else found
    shares, correlations = published(scores)
    assert rows["completion_pct"].tolist() == pytest.approx(shares, abs=1e-9)
    assert rows["discrimination"].tolist() == pytest.approx(correlations, abs=1e-9)
    assert min(correlations) > 0.1
    for k in np.flatnonzero(TOPS == 1):
        biserial = stats.pointbiserialr(scores[:, k], scores.sum(axis=1) - scores[:, k]).statistic
        assert rows["discrimination"][k] == pytest.approx(biserial, abs=1e-9)


def test_alpha_is_hoyt_s_of_the_analysis_of_variance(vpr: tuple[pd.Series, pd.DataFrame], scores: np.ndarray) -> None:
    pupil, task = np.indices(scores.shape)
    layout = pd.DataFrame({"score": scores.ravel(), "pupil": pupil.ravel(), "task": task.ravel()})
    table = anova_lm(smf.ols("score ~ C(pupil) + C(task)", layout).fit())
    squares = table["sum_sq"] / table["df"]
    assert vpr[0]["alpha"] == pytest.approx(1 - squares["Residual"] / squares["C(pupil)"], abs=1e-9)
