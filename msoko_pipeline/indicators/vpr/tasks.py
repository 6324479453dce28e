"""Tasks of a work: completion, full, zero, not attempted, discrimination, ФИОКО's status, and deficits."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from msoko_pipeline.indicators.vpr.sums import KEY, PER_TASK, WORK
from msoko_pipeline.numbers.expressions import flag, num, pct, pos, wilson

COLUMNS = ("task", "max_score", "max_verified", "difficulty", "participants", "completion_pct", "completion_ci_low",
           "completion_ci_high", "full_pct", "zero_pct", "not_attempted_pct", "discrimination", "status", "deficit",
           "small_base")  # fmt: skip

col = nw.col


def long(cells: nw.LazyFrame[Any], tasks: int) -> nw.LazyFrame[Any]:
    """The wide sums as a row per task number: KEY, position, n (of complete pupils), t, tt and the task's own sums."""
    parts = [
        cells.select(
            *KEY,
            col("complete").alias("n"),
            "t",
            "tt",
            nw.lit(k).alias("position"),
            *(col(f"{letter}{k}").alias(letter) for letter in PER_TASK),
        )
        for k in range(1, tasks + 1)
    ]
    return nw.concat(parts, how="vertical").filter(num("c") > 0)


def indicators(rows: nw.LazyFrame[Any], thresholds: dict[str, Any]) -> nw.LazyFrame[Any]:
    """Indicators of a task at a unit, from its sums and its max_score, difficulty.

    completion_pct = Σ score / (N · max) · 100; full, zero and not attempted are shares of those scored.
    completion_ci_low and _high: Wilson's 95 % interval of the completion as of a share of N: right for tasks of one
    point; wider than need be for others, since of all scores 0…max with the same mean those that are nothing or
    everything vary most.
    """
    scored, top = num("c"), num("max_score")
    done = num("s") / pos(top)
    low, high = wilson(done, pos(scored))
    return (
        rows.with_columns(
            participants=scored.cast(nw.Int64),
            completion_pct=done / pos(scored) * 100.0,
            completion_ci_low=low,
            completion_ci_high=high,
            full_pct=pct(num("f"), scored),
            zero_pct=pct(num("z"), scored),
            not_attempted_pct=pct(num("x"), scored),
            discrimination=discrimination(),
            small_base=scored < thresholds["small_base"],
        )
        .with_columns(status=status(thresholds["task_status"]))
        .with_columns(deficit=deficit(thresholds["task_status"]))
    )


def discrimination() -> nw.Expr:
    """Corrected point-biserial: correlation of the task with the sum of the other tasks, from sums.

    With b = Σx, q = Σx², r = Σx·t over those who have every score, the rest is t − x. NULL where either is
    constant.
    """
    n, t, tt, b, q, r = (num(name) for name in ("n", "t", "tt", "b", "q", "r"))
    rest, rest_squares, cross = t - b, tt - 2.0 * r + q, r - q
    bottom = pos(n * q - b * b).sqrt() * pos(n * rest_squares - rest * rest).sqrt()
    correlation = (n * cross - b * rest) / bottom
    below = nw.when(correlation < -1).then(nw.lit(-1.0)).otherwise(correlation)  # by 1e-16
    return nw.when(correlation > 1).then(nw.lit(1.0)).otherwise(below)


def status(rules: dict[str, dict[str, float]]) -> nw.Expr:
    """ФИОКО 2026: `sufficient` from the level's threshold on, `insufficient` below the lower one, else `uncertain`.

    NULL where the task's level (Б, П, В) is unknown or the base is small: a share of a few pupils is no achievement of
    a unit.
    """
    completion, level = nw.when(~col("small_base")).then(col("completion_pct")), col("difficulty")
    answer = nw.when(nw.lit(False)).then(nw.lit("uncertain"))
    for name, bound in rules.items():
        answer = (
            answer.when((level == name) & (completion >= bound["sufficient"])).then(nw.lit("sufficient"))
            .when((level == name) & (completion < bound["insufficient"])).then(nw.lit("insufficient"))
            .when((level == name) & ~completion.is_null()).then(nw.lit("uncertain"))
        )  # fmt: skip
    return answer


def deficit(rules: dict[str, dict[str, float]]) -> nw.Expr:
    """Whether an insufficient task is a deficit of the unit or may be one by chance: `sure` where the whole interval of
    the completion lies below the level's lower threshold, else `possible`; `none` where the status is another one.

    NULL where there is no status.
    """
    answer = nw.when(col("status").is_null()).then(nw.lit(None, nw.String))
    answer = answer.when(col("status") != "insufficient").then(nw.lit("none"))
    for name, bound in rules.items():
        is_sure = (col("difficulty") == name) & (col("completion_ci_high") < bound["insufficient"])
        answer = answer.when(is_sure).then(nw.lit("sure"))
    return answer.otherwise(nw.lit("possible"))


def spread(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Sum of the variances of a work's tasks at a unit, times n(n − 1): Σ (n·Σx² − (Σx)²), for Cronbach's alpha.

    A sum of whole numbers, so that it does not depend on the order in which an engine adds.
    """
    own = rows.with_columns(spread=num("n") * num("q") - num("b") * num("b"))
    return own.group_by(*KEY).agg(spread=col("spread").sum())


def groups(people: nw.LazyFrame[Any], units: nw.LazyFrame[Any], tasks: int) -> nw.LazyFrame[Any]:
    """Sums of tasks by groups of participants with the same mark: `c{k}`, `s{k}` per unit, work and vpr_mark.

    units: as in `sums.levels`; of schools those that a report prints groups of (three pupils with a «2» are no group).
    """
    scores = {k: num(f"s{k:02d}") for k in range(1, tasks + 1)}
    counts = {f"s{k}": score for k, score in scores.items()}
    counts |= {f"c{k}": flag(~score.is_null()) for k, score in scores.items()}
    sums = {name: col(name).sum() for name in counts}
    rows = people.filter(~col("vpr_mark").is_null()).select("org_id", *WORK, "vpr_mark", **counts)
    schools = rows.group_by("org_id", *WORK, "vpr_mark").agg(**sums)
    return schools.join(units, on=["year", "org_id"], how="inner").group_by(*KEY, "vpr_mark").agg(**sums)


def long_groups(cells: nw.LazyFrame[Any], tasks: int) -> nw.LazyFrame[Any]:
    """The wide sums of `groups` as a row per task number: KEY, position, mark, c, s."""
    parts = [
        cells.select(
            *KEY, nw.lit(k).alias("position"), col("vpr_mark").alias("mark"),
            col(f"c{k}").alias("c"), col(f"s{k}").alias("s"),
        )
        for k in range(1, tasks + 1)
    ]  # fmt: skip
    return nw.concat(parts, how="vertical").filter(num("c") > 0)
