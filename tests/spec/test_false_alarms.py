"""How often «better» and «worse» are said of towns where nothing has changed, and found where something has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.spec.three_years import rows

WORKS = [("MA", 4), ("RU", 4), ("MA", 5), ("RU", 5), ("MA", 6), ("RU", 6)]


def town(seed: int, schools: int, slid: int = 0) -> list[dict[str, Any]]:
    """Marks of two years of a town whose schools differ and stay as they are, in a region where the works became
    harder; the pupils are new each year. slid: in so many schools seven pupils of ten lose a mark.
    """
    rng = np.random.default_rng(seed)
    level = rng.normal(0, 0.6, schools)
    told = []
    for subject, grade in WORKS:
        bounds = np.array([-1.3, 0.2, 1.3])
        for year in (2021, 2022):
            harder = 0.3 if year == 2022 else 0.0
            marks = [
                2 + (rng.normal(level[school] - harder, 1, rng.integers(12, 90))[:, None] > bounds).sum(axis=1)
                for school in range(schools)
            ]
            for school in range(slid if year == 2022 else 0):
                marks[school] = np.maximum(marks[school] - (rng.random(len(marks[school])) < 0.7), 2)
            units = [("school", f"s{school}", of_school) for school, of_school in enumerate(marks)]
            units += [("municipality", "town", np.concatenate(marks))]
            region = 2 + (rng.normal(rng.normal(0, 0.6, 5000) - harder, 1)[:, None] > bounds).sum(axis=1)
            units += [("region", "19", region)]
            for kind, unit, of_unit in units:
                told += values_of(of_unit, year=year, level=kind, unit_id=unit, subject=subject, grade=grade)
    return told


def values_of(marks: np.ndarray, **work: Any) -> list[dict[str, Any]]:
    """Quality, the share of «2» and the mean mark, as make_values tells them."""
    n = len(marks)
    told = []
    for indicator, top in (("vpr_quality", (marks >= 4).sum()), ("vpr_low", (marks == 2).sum())):
        wide = (top + 1) / (n + 2)
        error = 100 * np.sqrt(wide * (1 - wide) / (n + 2))
        told.append(
            {"indicator_id": indicator, "numerator": top, "denominator": n, "value": top / n * 100, "se": error}
        )
    mean = {"numerator": marks.sum(), "denominator": n, "value": marks.mean(), "se": marks.std(ddof=1) / np.sqrt(n)}
    told.append({"indicator_id": "vpr_mean_mark", **mean})
    return [work | row for row in told]


@pytest.mark.parametrize(("seeds", "schools"), [(range(8), 12), (range(2), 60)])
def test_where_nothing_has_changed_one_row_in_twenty_at_most_says_so(seeds: range, schools: int) -> None:
    found = [
        row
        for seed in seeds
        for row in rows(*town(seed, schools), town=[f"s{school}" for school in range(schools)])
        if row["level"] != "region"
    ]
    said = [row["trend"] in ("better", "worse") for row in found]
    assert len(found) > 1000
    assert sum(row["trend"] is not None for row in found) > 0.95 * len(found), "nearly every row has a verdict"
    assert np.mean(said) <= 0.01, "corrected for the year's tests"
    alone = [row["trend_p_value"] < 0.05 for row in found]
    assert 0.02 < np.mean(alone) < 0.08, "by itself a test errs about as often as it says"


def test_schools_that_slid_are_found() -> None:
    """Three of twelve lost a mark in seven pupils of ten: most of their rows are «worse», and hardly another."""
    found = rows(*town(1, 12, slid=3), town=[f"s{school}" for school in range(12)])
    slid = [row["trend"] for row in found if row["unit_id"] in ("s0", "s1", "s2")]
    others = [row["trend"] for row in found if row["level"] == "school" and row["unit_id"] not in ("s0", "s1", "s2")]
    assert np.mean([trend == "worse" for trend in slid]) > 0.5
    assert np.mean([trend in ("better", "worse") for trend in others]) <= 0.05
