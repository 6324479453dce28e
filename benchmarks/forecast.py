"""How good the forecast of ШНОР is: made-up towns whose later years are known, against the zone and last year's share.

A town is shares of «2» drawn from known effects, spread as those of the one real town that was measured, but not drawn
from the forecast's model: every tenth school is far from the others, half the schools go up or down by a straight line.
Each town is forecast from the years before the outcome alone: 2025 from two years, 2026 from three.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.extent import WHOLE, Extent
from msoko_pipeline.handbook.methodology import Table
from msoko_pipeline.risk import backtest, categories, forecast, procedures
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.text.russian import ru
from schemas import catalogue

ByYear = dict[tuple[str, int], pd.DataFrame]
"""Towns in words, year of the outcome → `backtest.outcomes` of them all."""
FIRST, OUTCOMES = 2023, (2025, 2026)
WORKS = tuple((subject, grade) for subject in ("RU", "MA") for grade in (4, 5, 6, 7, 8))
VARIANT = "regulator_2025"
TITLES = {"zone": "зона риска", "last_year_share": "доля «2» прошлого года", "model": "прогноз"}
SPREADS = {"school": 0.5, "slope": 0.25, "subject": 0.3, "cohort": 0.4, "noise": 0.5, "work": 0.2, "year": 0.3}
"""Standard deviations of the logit of a share of «2»."""
LEVEL, FAR, PARALLEL = -1.7, 2.5, (10, 110)  # logit; times further of a far school; pupils, from–to


def made_up(schools: int, seed: int) -> pd.DataFrame:
    """Rows of results of a town, four years, as `procedures.procedures` takes them."""
    rng = stream(seed, "forecast", schools)
    far = np.where(rng.random(schools) < 0.1, FAR, 1.0)
    own = rng.normal(0, SPREADS["school"], schools) * far
    slope = rng.normal(0, SPREADS["slope"], schools) * (rng.random(schools) < 0.5)
    subject = {name: rng.normal(0, SPREADS["subject"], schools) for name in ("RU", "MA")}
    cohorts = {cohort: rng.normal(0, SPREADS["cohort"], schools) for cohort in range(FIRST - 8, FIRST)}
    sizes = rng.integers(*PARALLEL, schools)
    parts = []
    for year in range(FIRST, max(OUTCOMES) + 1):
        moved = rng.normal(0, SPREADS["year"])
        for name, grade in WORKS:
            logit = LEVEL + moved + rng.normal(0, SPREADS["work"]) + own + slope * (year - FIRST - 1) + subject[name]
            logit = logit + cohorts[year - grade] + rng.normal(0, SPREADS["noise"], schools)
            n = np.maximum(1, np.round(sizes * rng.uniform(0.85, 1.15, schools)))
            failed = rng.binomial(n.astype(int), 1 / (1 + np.exp(-logit)))
            good = rng.binomial((n - failed).astype(int), 0.5)
            parts.append(
                pd.DataFrame(
                    {"year": year, "org_id": [f"{place:03d}" for place in range(schools)], "municipality_id": "town",
                     "procedure": "VPR", "subject": name, "grade": grade, "n": n, "failed": failed, "good": good,
                     "completion_pct": 50.0, "completion_se": 1.0}
                )
            )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def rules() -> Any:
    """What the forecast and the categories go by."""
    return catalogue.risk_rules(VARIANT, max(OUTCOMES)), [catalogue.forecast(year - 1) for year in OUTCOMES]


def measured(extent: Extent = WHOLE) -> list[Table]:
    """Both measurements, as tables for the page."""
    by_year: ByYear = {}
    for schools, seeds in extent.towns.items():
        title = f"{len(seeds)} городов по {schools} школ"
        of_towns = [dict(_outcomes(schools, seed)) for seed in seeds]
        for year in OUTCOMES:
            by_year[title, year] = pd.concat([of_town[year] for of_town in of_towns], ignore_index=True)
    return [_compared(by_year), _calibrated(by_year)]


def _outcomes(schools: int, seed: int) -> Iterator[tuple[int, pd.DataFrame]]:
    """`backtest.outcomes` of a town: what was forecast for a year a year before, and what came."""
    rules = catalogue.risk_rules(VARIANT, max(OUTCOMES))
    results = procedures.procedures(made_up(schools, seed), rules)
    names, low = pd.Series(sorted(results["org_id"].unique())), frozenset[str]()
    before = pd.DataFrame()
    for year in range(min(OUTCOMES) - 1, max(OUTCOMES) + 1):
        now, _ = categories.categories(categories.Evidence(year, rules, results, names, shnor_before=low))
        low = frozenset(now.loc[now["category"] == "shnor", "org_id"])
        if year in OUTCOMES:
            last = year - 1
            chances = forecast.forecast(
                results, before.assign(municipality_id="town"), rules, catalogue.forecast(last), last
            )
            judged = results[(results["year"] == last) & results["listed"] & results["judged"]]
            shares = judged.groupby("org_id", as_index=False)["fail_pct"].mean()
            yield year, backtest.outcomes(before, now[["org_id", "category"]], shares, chances)
        before = now[["org_id", "category"]]


def _compared(by_year: ByYear) -> Table:
    rows: list[Sequence[str]] = [
        ("города", "лет известно", "кто", "школ", "стали ШНОР", "предупредили", "точность, %", "полнота, %", "выигрыш",
         "предупредить, чтобы найти столько же", "Брайер", "Брайер доли")
    ]  # fmt: skip
    for (title, year), outcomes in by_year.items():
        rows += [
            (
                title, str(year - FIRST), TITLES[row.predictor], str(row.schools), str(row.became_shnor),
                str(row.warned), ru(row.precision_pct), ru(row.recall_pct),
                "" if np.isnan(row.lift) else ru(row.lift, 2), str(row.warnings_needed), ru(row.brier, 3),
                ru(row.brier_base, 3),
            )
            for row in _scored(outcomes).itertuples(index=False)
        ]  # fmt: skip
    return (
        "Прогноз против зоны риска и прошлогодней доли «2»",
        "Школы, которые годом раньше не были ШНОР; прогноз и доля предупреждают о стольких же школах, о скольких зона. "
        "«Найти столько же» — скольких первых по порядку пришлось бы предупредить, чтобы найти столько ставших ШНОР, "
        "сколько нашла зона. Доли «2» выдуманы с разбросом настоящего города, но не по модели прогноза: каждая десятая "
        "школа далека от прочих, половина школ год за годом идёт вверх или вниз, работы сдвигаются все вместе.",
        rows,
    )


def _scored(outcomes: pd.DataFrame) -> pd.DataFrame:
    """`backtest.score` over several towns together; each town names its own schools."""
    return backtest.score(outcomes.assign(org_id=[f"{place:04d}" for place in range(len(outcomes))]))


def _calibrated(by_year: ByYear) -> Table:
    rows: list[Sequence[str]] = [
        ("города", "лет известно", *(f"{part}-я пятая: обещали / стали, %" for part in range(1, 6)), "обещали ШНОР",
         "стало")
    ]  # fmt: skip
    for (title, year), outcomes in by_year.items():
        parts = backtest.fifths(outcomes)
        cells = [f"{ru(row.predicted_pct)} / {ru(row.seen_pct)}" for row in parts.itertuples(index=False)]
        expected = outcomes["probability_pct"].sum() / 100
        rows.append((title, str(year - FIRST), *cells, ru(expected), str(int(outcomes["became_shnor"].sum()))))
    return (
        "Сбывается ли прогноз: пятые части школ по вероятности",
        "Школы по порядку вероятности делятся на пять равных частей. Сдвиг работ общий для города, и сбывается прогноз "
        "города сразу для всех школ или ни для одной: сверять его стоит по многим городам и годам.",
        rows,
    )
