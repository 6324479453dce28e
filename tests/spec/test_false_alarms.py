"""How often «better» and «worse» are said of towns where nothing has changed, and found where something has."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.verdicts import SAID, judged, town


@pytest.mark.parametrize(("seeds", "schools"), [(range(8), 12), (range(1), 60)])
def test_where_nothing_has_changed_one_row_in_twenty_at_most_says_so(seeds: range, schools: int) -> None:
    for seed in seeds:
        found = judged(town(seed, schools), [f"s{school}" for school in range(schools)])
        found = found[(found["level"] != "region") & (found["year"] == 2022)]
        assert found["trend"].notna().mean() > 0.95, "nearly every row has a verdict"
        assert found["trend"].isin(SAID).mean() <= 0.02, "corrected for the year's tests"
        alone = found["trend_p_value"] < 0.05
        assert 0.01 < alone.mean() < 0.12, "by itself a test errs about as often as it says"


def test_schools_that_slid_are_found() -> None:
    """Three of twelve lost a mark in seven pupils of ten: most of their rows are «worse», and hardly another."""
    found = judged(town(1, 12, slid=3), [f"s{school}" for school in range(12)])
    slid = found["unit_id"].isin(["s0", "s1", "s2"])
    others = found[(found["level"] == "school") & ~slid]
    assert np.mean(found.loc[slid, "trend"] == "worse") > 0.5
    assert others["trend"].isin(SAID).mean() <= 0.05
