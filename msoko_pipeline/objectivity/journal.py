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
    correlations = both.groupby(KEY, as_index=False).agg(n=("participants", "sum"), squares=("squares", "sum"))
    for side, name in ((mark, "ties_mark"), (score, "ties_score")):
        correlations = correlations.merge(side.groupby(KEY, as_index=False).agg(**{name: ("ties", "sum")}), on=KEY)
    n, squares = correlations["n"].to_numpy(float), correlations["squares"].to_numpy(float)
    whole = n**3 - n
    of_marks, of_scores = (whole - correlations["ties_mark"]) / 12, (whole - correlations["ties_score"]) / 12
    with np.errstate(divide="ignore", invalid="ignore"):
        correlations["printed"] = np.where(whole > 0, 1 - 6 * squares / whole, np.nan)
        correlations["corrected"] = (of_marks + of_scores - squares) / (2 * np.sqrt(of_marks * of_scores))
    return correlations.replace([np.inf, -np.inf], np.nan).drop(columns=["squares", "ties_mark", "ties_score"])


def _ranks(counts: pd.DataFrame, of: str) -> pd.DataFrame:
    """Mid-rank of every value of a column and the ties t³ − t it stands for: KEY, the column, rank, ties."""
    ranks = counts.groupby([*KEY, of], as_index=False)["participants"].sum().sort_values([*KEY, of])
    upto = ranks.groupby(KEY)["participants"].cumsum()
    ranks["rank"] = upto - ranks["participants"] + (ranks["participants"] + 1) / 2
    ranks["ties"] = ranks["participants"] ** 3 - ranks["participants"]
    return ranks.drop(columns="participants")


def journal_mismatch(counts: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """rs < 0 (ФИОКО, 2019): value rs. counts: see `spearman`. There is no reference: the school is its own.

    chance_pct: how often rs < 0 where the true coefficient is that of all schools together (Fisher's z, variance
    1,06/(n − 3)); p_value: the same for the value seen.
    """
    correlations = of_works(spearman(counts), declared)
    n, value = correlations["n"].to_numpy(float), correlations[declared["ties"]].to_numpy(float)
    works = correlations.groupby(["year", "procedure", "subject", "grade"])[declared["ties"]]
    usual = np.clip(works.transform("median").to_numpy(float), -0.99, 0.99)
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.sqrt(1.06 / (n - 3))
        p = normal_tail((np.arctanh(usual) - np.arctanh(np.clip(value, -0.999999, 0.999999))) / se)
        chance = normal_tail((np.arctanh(usual) - np.arctanh(declared["below"])) / se) * 100
    judged = (n >= max(2, declared["least"])) & np.isfinite(value)
    enough = n > 3
    return rows(
        "journal_mismatch", correlations, value < declared["below"], judged,
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
    works = of_works(schools, declared)
    works = works[works["known"].gt(0) & works["ref_known"].gt(0)].reset_index(drop=True)
    compared, count = works["known"].to_numpy(float), works[declared["count"]].to_numpy(float)
    usual = works[f"ref_{declared['count']}"].to_numpy(float) / works["ref_known"].to_numpy(float)
    share = count / compared
    value = (share - usual) * 100
    least = np.ceil((usual + declared["above"] / 100) * compared - 1e-9)
    judged = compared >= declared["least"]
    strength = _strength(works, count, compared, declared["spread"])
    hit, missed = usual * strength, (1 - usual) * strength
    p = pd.Series(np.where(judged, beta_binomial_at_least(count, compared, hit, missed), np.nan))
    adjusted, limit = corrected(p, works["year"], declared)
    by_size = beta_binomial_at_least(least, compared, hit, missed)
    words = {"lower": "понизили", "higher": "повысили"}[declared["count"]]
    return rows(
        sign, works, (value >= declared["above"] - 1e-9) & (adjusted < declared["alpha"]), judged,
        value=value, threshold=float(declared["above"]), reference=works["journal_reference"], basis_n=compared,
        p_value=p, p_adjusted=adjusted, chance_pct=np.minimum(by_size, limit) * 100,
        detail=[
            f"{words} отметку {k:.0f} из {n:.0f} ({ru(k / n * 100)} %) против {ru(u * 100)} %"
            for k, n, u in zip(count, compared, usual, strict=True)
        ],
    )  # fmt: skip


def _strength(works: pd.DataFrame, count: Floats, compared: Floats, spread: list[float]) -> Floats:
    """How alike the schools of each row's work are: the strength of the beta distribution of their true shares."""
    strengths = np.empty(len(works))
    for places in works.groupby([*WORK, "peer_unit"], dropna=False).indices.values():
        alike = shrunken_shares(count[places], compared[places], (spread[0], spread[1])).strength
        strengths[places] = min(alike, MOST_ALIKE)
    return strengths
