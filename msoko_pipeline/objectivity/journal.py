"""Results against the school's own marks: signs 7–10 of ФИОКО, and the gap to the region's habit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from msoko_pipeline.numbers.uncertainty import beta_binomial_at_least, normal_tail, shrunken_shares
from msoko_pipeline.objectivity.sign_rows import KEY, WORK, corrected, of_works, rows
from msoko_pipeline.text.russian import ru

Floats = NDArray[np.float64]
MOST_ALIKE = 1e6  # strength that stands for «all alike», where nobody's mark moved


def spearman(counts: pd.DataFrame) -> pd.DataFrame:
    """Rank correlation of journal mark and primary score, per KEY: n, printed, corrected.

    counts: KEY, journal, primary_score, participants — pupils with this pair. printed: 1 − 6·Σd²/(n·(n² − 1)) with
    mid-ranks, the methodology's formula; corrected: Pearson's coefficient of the ranks, which allows for ties (NULL
    where all marks or all scores are equal).
    """
    mark, score = _ranks(counts, "journal"), _ranks(counts, "primary_score")
    both = counts.merge(mark, on=[*KEY, "journal"]).merge(score, on=[*KEY, "primary_score"], suffixes=("", "_score"))
    both["squares"] = both["participants"] * (both["rank"] - both["rank_score"]) ** 2
    found = both.groupby(KEY, as_index=False).agg(n=("participants", "sum"), squares=("squares", "sum"))
    for side, name in ((mark, "ties_mark"), (score, "ties_score")):
        found = found.merge(side.groupby(KEY, as_index=False).agg(**{name: ("ties", "sum")}), on=KEY)
    n, squares = found["n"].to_numpy(float), found["squares"].to_numpy(float)
    whole = n**3 - n
    of_marks, of_scores = (whole - found["ties_mark"]) / 12, (whole - found["ties_score"]) / 12
    with np.errstate(divide="ignore", invalid="ignore"):
        found["printed"] = np.where(whole > 0, 1 - 6 * squares / whole, np.nan)
        found["corrected"] = (of_marks + of_scores - squares) / (2 * np.sqrt(of_marks * of_scores))
    return found.replace([np.inf, -np.inf], np.nan).drop(columns=["squares", "ties_mark", "ties_score"])


def _ranks(counts: pd.DataFrame, of: str) -> pd.DataFrame:
    """Mid-rank of every value of a column and the ties t³ − t it stands for: KEY, the column, rank, ties."""
    told = counts.groupby([*KEY, of], as_index=False)["participants"].sum().sort_values([*KEY, of])
    upto = told.groupby(KEY)["participants"].cumsum()
    told["rank"] = upto - told["participants"] + (told["participants"] + 1) / 2
    told["ties"] = told["participants"] ** 3 - told["participants"]
    return told.drop(columns="participants")


def journal_mismatch(counts: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """rs < 0 (ФИОКО, 2019): value rs. counts: see `spearman`. There is no reference: the school is its own.

    chance_pct: how often rs < 0 where the true coefficient is that of all schools together (Fisher's z, variance
    1,06/(n − 3)); p_value: the same for the value seen.
    """
    told = of_works(spearman(counts), declared)
    n, value = told["n"].to_numpy(float), told[declared["ties"]].to_numpy(float)
    works = told.groupby(["year", "procedure", "subject", "grade"])[declared["ties"]]
    usual = np.clip(works.transform("median").to_numpy(float), -0.99, 0.99)
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.sqrt(1.06 / (n - 3))
        p = normal_tail((np.arctanh(usual) - np.arctanh(np.clip(value, -0.999999, 0.999999))) / se)
        chance = normal_tail((np.arctanh(usual) - np.arctanh(declared["below"])) / se) * 100
    judged = (n >= max(2, declared["least"])) & np.isfinite(value)
    enough = n > 3
    return rows(
        "journal_mismatch", told, value < declared["below"], judged,
        value=value, threshold=float(declared["below"]), basis_n=n,
        p_value=np.where(enough, p, np.nan), chance_pct=np.where(enough, chance, np.nan),
        detail=[f"ранговая связь отметок и баллов {ru(rs, 2)}, N = {of:.0f}" for rs, of in zip(value, n, strict=True)],
    )  # fmt: skip


def journal_gap(sign: str, schools: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """Share of pupils whose mark went down (or up: declared `count`) against the journal, less the reference's, п.п.

    schools: KEY, known (pupils with both marks), lower, higher; ref_known, ref_lower, ref_higher, journal_reference,
    peer_unit. Flagged from `above` п.п. and beyond what schools differ by. p_value: beta-binomial, about the
    reference's share, as strict and as lenient as the schools of the work are (`spread`: what is known of that before
    them, see `shrunken_shares`). The correction is over all schools and works of the year.
    """
    told = of_works(schools, declared)
    told = told[told["known"].gt(0) & told["ref_known"].gt(0)].reset_index(drop=True)
    known, count = told["known"].to_numpy(float), told[declared["count"]].to_numpy(float)
    usual = told[f"ref_{declared['count']}"].to_numpy(float) / told["ref_known"].to_numpy(float)
    share = count / known
    value = (share - usual) * 100
    least = np.ceil((usual + declared["above"] / 100) * known - 1e-9)
    judged = known >= declared["least"]
    strength = _strength(told, count, known, declared["spread"])
    hit, missed = usual * strength, (1 - usual) * strength
    p = pd.Series(np.where(judged, beta_binomial_at_least(count, known, hit, missed), np.nan))
    adjusted, limit = corrected(p, told["year"], declared)
    by_size = beta_binomial_at_least(least, known, hit, missed)
    words = {"lower": "понизили", "higher": "повысили"}[declared["count"]]
    return rows(
        sign, told, (value >= declared["above"] - 1e-9) & (adjusted < declared["alpha"]), judged,
        value=value, threshold=float(declared["above"]), reference=told["journal_reference"], basis_n=known,
        p_value=p, p_adjusted=adjusted, chance_pct=np.minimum(by_size, limit) * 100,
        detail=[
            f"{words} отметку {k:.0f} из {n:.0f} ({ru(k / n * 100)} %) против {ru(u * 100)} %"
            for k, n, u in zip(count, known, usual, strict=True)
        ],
    )  # fmt: skip


def _strength(told: pd.DataFrame, count: Floats, known: Floats, spread: list[float]) -> Floats:
    """How alike the schools of each row's work are: the strength of the beta distribution of their true shares."""
    found = np.empty(len(told))
    for places in told.groupby([*WORK, "peer_unit"], dropna=False).indices.values():
        alike = shrunken_shares(count[places], known[places], (spread[0], spread[1])).strength
        found[places] = min(alike, MOST_ALIKE)
    return found
