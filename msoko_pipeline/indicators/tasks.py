"""Tasks of a work: completion, full, zero, not attempted, discrimination, and ФИОКО's status."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from msoko_pipeline.indicators.stats import flag, num, pct, pos
from msoko_pipeline.indicators.sums import KEY, PER_TASK, WORK

COLUMNS = ("task", "max_score", "max_verified", "difficulty", "participants", "completion_pct", "full_pct", "zero_pct",
           "not_attempted_pct", "discrimination", "status", "small_base")  # fmt: skip

col = nw.col


def long(cells: nw.LazyFrame[Any], tasks: int) -> nw.LazyFrame[Any]:
    """The wide sums as a row per task number: KEY, position, n (of complete pupils), t, tt and the task's own sums."""
    parts = [
        cells.filter(num(f"c{k}") > 0).select(
            *KEY,
            col("complete").alias("n"),
            "t",
            "tt",
            nw.lit(k).alias("position"),
            *(col(f"{letter}{k}").alias(letter) for letter in PER_TASK),
        )
        for k in range(1, tasks + 1)
    ]
    return nw.concat(parts, how="vertical")


def indicators(rows: nw.LazyFrame[Any], thresholds: dict[str, Any]) -> nw.LazyFrame[Any]:
    """Indicators of a task at a unit, from its sums and its max_score, difficulty.

    completion_pct = Σ score / (N · max) · 100; full, zero and not attempted are shares of those scored.
    """
    scored, top = num("c"), num("max_score")
    completion = num("s") / pos(scored * top) * 100.0
    return rows.with_columns(
        participants=scored.cast(nw.Int64),
        completion_pct=completion,
        full_pct=pct(num("f"), scored),
        zero_pct=pct(num("z"), scored),
        not_attempted_pct=pct(num("x"), scored),
        discrimination=discrimination(),
        small_base=scored < thresholds["small_base"],
    ).with_columns(status=status(thresholds["task_status"]))


def discrimination() -> nw.Expr:
    """Corrected point-biserial: correlation of the task with the sum of the other tasks, from sums.

    With b = Σx, q = Σx², r = Σx·t over those who have every score, the rest is t − x. NULL where either is
    constant.
    """
    n, t, tt, b, q, r = (num(name) for name in ("n", "t", "tt", "b", "q", "r"))
    rest, rest_squares, cross = t - b, tt - 2.0 * r + q, r - q
    bottom = pos(n * q - b * b).sqrt() * pos(n * rest_squares - rest * rest).sqrt()
    found = (n * cross - b * rest) / bottom
    return nw.when(found > 1).then(nw.lit(1.0)).when(found < -1).then(nw.lit(-1.0)).otherwise(found)  # by 1e-16


def status(rules: dict[str, dict[str, float]]) -> nw.Expr:
    """ФИОКО 2026: `sufficient` from the level's threshold on, `insufficient` below the lower one, else `uncertain`.

    NULL where the task's level (Б, П, В) is unknown.
    """
    completion, level = col("completion_pct"), col("difficulty")
    answer = nw.when(nw.lit(False)).then(nw.lit("uncertain"))
    for name, bound in rules.items():
        answer = (
            answer.when((level == name) & (completion >= bound["sufficient"])).then(nw.lit("sufficient"))
            .when((level == name) & (completion < bound["insufficient"])).then(nw.lit("insufficient"))
            .when((level == name) & ~completion.is_null()).then(nw.lit("uncertain"))
        )  # fmt: skip
    return answer


def spread(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Sum of the variances of a work's tasks at a unit, times n(n − 1): Σ (n·Σx² − (Σx)²), for Cronbach's alpha.

    A sum of whole numbers, so that it does not depend on the order in which an engine adds.
    """
    own = rows.with_columns(spread=num("n") * num("q") - num("b") * num("b"))
    return own.group_by(*KEY).agg(spread=col("spread").sum())


def groups(people: nw.LazyFrame[Any], units: nw.LazyFrame[Any], tasks: int) -> nw.LazyFrame[Any]:
    """Sums of tasks by groups of participants with the same mark, per municipality (and region): `c{k}`, `s{k}`.

    Schools are left out: three pupils with a «2» are no group. Their own reports keep what ФИС ОКО prints.
    """
    pre = {f"_s{k}": num(f"s{k:02d}") for k in range(1, tasks + 1)}
    pre |= {f"_c{k}": flag(~col(f"s{k:02d}").is_null()) for k in range(1, tasks + 1)}
    schools = (
        people.filter(~col("vpr_mark").is_null())
        .with_columns(**pre)
        .group_by("org_id", *WORK, "vpr_mark")
        .agg(**{name[1:]: col(name).sum() for name in pre})
    )
    towns = units.filter(col("level") != "school")
    return (
        schools.join(towns, on=["year", "org_id"], how="inner")
        .group_by(*KEY, "vpr_mark")
        .agg(**{name[1:]: col(name[1:]).sum() for name in pre})
    )


def long_groups(cells: nw.LazyFrame[Any], tasks: int) -> nw.LazyFrame[Any]:
    """The wide sums of `groups` as a row per task number: KEY, position, mark, c, s."""
    parts = [
        cells.filter(num(f"c{k}") > 0).select(
            *KEY, nw.lit(k).alias("position"), col("vpr_mark").alias("mark"),
            col(f"c{k}").alias("c"), col(f"s{k}").alias("s"),
        )
        for k in range(1, tasks + 1)
    ]  # fmt: skip
    return nw.concat(parts, how="vertical")
