"""Stage 2: the ministry's formulas on the table of sums — marks, scores, journal, reliability of a work."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from msoko_pipeline.indicators.vpr.sums import KEY, WORK
from msoko_pipeline.numbers.expressions import num, pct, pos, sd_of_counts, variance, wilson

col = nw.col


def results(cells: nw.LazyFrame[Any], thresholds: dict[str, Any]) -> nw.LazyFrame[Any]:
    """Indicators of a work at a unit.

    cells: counts and sums (sums.COUNTS; NULL where a source does not tell), spread, max_primary, tasks.
    absent and partial are NULL of a unit with files that list nobody who was absent. marked_pct: participants whose
    mark is known, marks_incomplete: fewer than shares of marks may rest on; NULL without marks.
    Shares are 0…100 %; scores are балл. Formulas: ФИОКО 2019, 2026; СОУ: В. П. Симонов.
    """
    n, marked = num("n"), num("marked")
    scored = nw.coalesce(num("scored"), n)  # a report does not tell them apart
    n2, n3, n4, n5 = (num(f"n{mark}") for mark in (2, 3, 4, 5))
    p, squares, top = num("p"), num("pp"), num("max_primary")
    weights = thresholds["sou_weights"]
    success, quality = n3 + n4 + n5, n4 + n5
    success_low, success_high = wilson(success, marked)
    quality_low, quality_high = wilson(quality, marked)
    sd = variance(p, squares, scored).sqrt()
    listed = ~(num("unlisted") > 0).fill_null(value=False)
    marked_pct = pct(pos(marked), n)
    marked_pct = nw.when(marked_pct > 100).then(nw.lit(100.0)).otherwise(marked_pct)  # shares of a report are rounded
    by_mark: dict[float, nw.Expr] = {2: n2, 3: n3, 4: n4, 5: n5}
    return cells.with_columns(
        absent=nw.when(listed).then(num("absent")),
        partial=nw.when(listed).then(num("partial")),
        marked_pct=marked_pct,
        marks_incomplete=marked_pct < thresholds["sufficiency"]["marked_least_pct"],
        mark_2_pct=pct(n2, marked),
        success_pct=pct(success, marked),
        success_ci_low=success_low,
        success_ci_high=success_high,
        quality_pct=pct(quality, marked),
        quality_ci_low=quality_low,
        quality_ci_high=quality_high,
        sou_pct=pct(weights[5] * n5 + weights[4] * n4 + weights[3] * n3 + weights[2] * n2, marked),
        sd_sou=sd_of_counts({100 * weights[mark]: count for mark, count in by_mark.items()}, marked),
        mean_mark=(2.0 * n2 + 3.0 * n3 + 4.0 * n4 + 5.0 * n5) / pos(marked),
        sd_mark=sd_of_counts(by_mark, marked),
        mean_primary=p / pos(scored),
        sd_primary=sd,
        sd_completion=sd / pos(top) * 100.0,
        se_primary=sd / pos(scored).sqrt(),
        completion_pct=p / pos(scored * top) * 100.0,
        journal_mean_gap=num("gap") / pos(num("journal_known")),
        alpha=alpha(),
        small_base=n < thresholds["small_base"],
    )


def alpha() -> nw.Expr:
    """Cronbach's alpha: k/(k−1) · (1 − Σ D_j / D), D_j the variance of task j, D that of the sum of tasks.

    Over those who have a score of every task; k is the number of the work's tasks (column `tasks`). Both variances are
    taken times n(n − 1), which cancels: `spread` is Σ (n·Σx² − (Σx)²) over the tasks. NULL for n < 2, k < 2 or D = 0.
    """
    k, n = num("tasks"), nw.coalesce(num("complete"), num("n"))
    return k / pos(k - 1.0) * (1.0 - num("spread") / pos(n * num("tt") - num("t") * num("t")))


def distribution(people: nw.LazyFrame[Any], units: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Participants per primary score: KEY, primary_score, participants, share_pct (% of the unit's participants)."""
    schools = (
        people.filter(col("whole") & ~col("primary_score").is_null())
        .group_by("org_id", *WORK, "primary_score")
        .agg(participants=nw.len())
    )
    rows = (
        schools.join(units, on=["year", "org_id"], how="inner")
        .group_by(*KEY, "primary_score")
        .agg(participants=col("participants").sum())
    )
    return rows.with_columns(share_pct=pct(num("participants"), num("participants").sum().over(*KEY)))


def journal_scores(people: nw.LazyFrame[Any], works: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Pupils per pair of journal mark and primary score: org_id, WORK, journal, primary_score, participants.

    works: subject, grade of the works wanted.
    """
    pupils = people.filter(col("whole") & ~col("primary_score").is_null() & ~col("journal").is_null())
    return (
        pupils.join(works, on=["subject", "grade"], how="inner")
        .group_by("org_id", *WORK, "journal", "primary_score")
        .agg(participants=nw.len())
    )
