"""Stage 1: the only pass over pupils. Mergeable counts and sums per school and work; levels are sums of sums.

Names: n — participants who wrote the whole work; unlisted — rows of files that list nobody who was absent; scored —
those of n whose primary score p is known; complete — those whose every task is, t the sum of their tasks; for task k:
`c{k}` how many were scored, `s{k}` Σ score, `f{k}` full, `z{k}` zero, `x{k}` not attempted, and over the complete ones
`b{k}` Σ score, `q{k}` Σ score², `r{k}` Σ score · t.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from msoko_pipeline.numbers.expressions import flag, num
from msoko_pipeline.text import linear as re

WORK = ("year", "subject", "grade")
KEY = ("year", "level", "unit_id", "subject", "grade")
COUNTS = ("n", "absent", "partial", "unlisted", "marked", "n2", "n3", "n4", "n5", "from_file",
          "journal_known", "lower", "equal", "higher", "gap_2plus", "gap", "scored", "p", "pp",
          "complete", "t", "tt")  # fmt: skip
PER_TASK = ("c", "s", "f", "z", "x", "b", "q", "r")

col = nw.col


def pupils(results: nw.LazyFrame[Any], works: nw.LazyFrame[Any], journal_gap: int) -> nw.LazyFrame[Any]:
    """Each pupil's row with the mark that counts: the file's own, otherwise by the scale of that year, otherwise none.

    works: WORK, min_3, min_4, min_5, max_primary and the maxima `m{k}` of tasks. A score above an unconfirmed maximum
    (above a confirmed one none is kept) counts as the maximum here and so everywhere: no share is above 100 %.
    lists_absent, where it is there: whether the row's file lists those who were absent.
    """
    results = results.join(works, on=list(WORK), how="left")
    tasks, names = _tasks(results), results.collect_schema().names()
    over = [col(f"s{k}") - at_most(f"s{k}", f"m{k}") for k in tasks]
    clipped = {f"s{k}": at_most(f"s{k}", f"m{k}") for k in tasks}
    clipped |= {"task_sum": col("task_sum") - nw.sum_horizontal(*over)} if over else {}
    clipped |= {"primary_score": at_most("primary_score", "max_primary")} if "max_primary" in names else {}
    results = results.with_columns(**clipped)
    score = col("primary_score")
    by_scale = (
        nw.when(score >= col("min_5")).then(nw.lit(5))
        .when(score >= col("min_4")).then(nw.lit(4))
        .when(score >= col("min_3")).then(nw.lit(3))
        .when(score < col("min_3")).then(nw.lit(2))
    )  # fmt: skip
    whole = ~col("absent") & ~col("partial")
    own = col("mark").cast(nw.Int64)
    return results.with_columns(
        whole=whole,
        own_mark=own,
        vpr_mark=nw.when(whole).then(nw.coalesce(own, by_scale.cast(nw.Int64))),
        journal=col("journal_mark").cast(nw.Int64),
        gap_limit=nw.lit(journal_gap),
        lists_absent=col("lists_absent") if "lists_absent" in names else nw.lit(True),
    )


def sums(people: nw.LazyFrame[Any], tasks: int) -> nw.LazyFrame[Any]:
    """Sums per school and work (org_id, WORK). tasks: the greatest task number among the works (columns s01…)."""
    whole, mark, journal = col("whole"), col("vpr_mark"), col("journal")
    score, total = num("primary_score"), num("task_sum")
    both = whole & ~mark.is_null() & ~journal.is_null()
    is_complete = whole & ~total.is_null()
    counts = {
        "n": flag(whole),
        "absent": flag(col("absent")),
        "partial": flag(col("partial")),
        "unlisted": flag(~col("lists_absent")),
        "marked": flag(~mark.is_null()),
        **{f"n{value}": flag(mark == value) for value in (2, 3, 4, 5)},
        "from_file": flag(whole & ~col("own_mark").is_null()),
        "journal_known": flag(both),
        "lower": flag(both & (mark < journal)),
        "equal": flag(both & (mark == journal)),
        "higher": flag(both & (mark > journal)),
        "gap_2plus": flag(both & ((mark - journal).abs() >= col("gap_limit"))),
        "gap": nw.when(both).then((mark - journal).cast(nw.Float64)),
        "scored": flag(whole & ~score.is_null()),
        "p": score,
        "pp": score * score,
        "complete": flag(is_complete),
        "t": total,
        "tt": total * total,
    }
    for k in range(1, tasks + 1):
        task, full = num(f"s{k:02d}"), num(f"m{k:02d}")
        of_complete = nw.when(is_complete).then(task)
        counts |= {
            f"c{k}": flag(~task.is_null()),
            f"s{k}": task,
            f"f{k}": flag(task >= full),
            f"z{k}": flag(task == 0),
            f"x{k}": flag(col(f"x{k:02d}")),
            f"b{k}": of_complete,
            f"q{k}": of_complete * task,
            f"r{k}": of_complete * total,
        }
    rows = people.select("org_id", *WORK, **counts)  # no column beside: an engine compares each with every expression
    return rows.group_by("org_id", *WORK).agg(**{name: col(name).sum() for name in counts})


def _tasks(results: nw.LazyFrame[Any]) -> list[str]:
    """Numbers of the tasks (`01`, `02`, …) that have both scores and a maximum."""
    names = set(results.collect_schema().names())
    return [name[1:] for name in sorted(names) if _TASK.fullmatch(name) and f"m{name[1:]}" in names]


_TASK = re.compile(r"s\d{2}")


def at_most(score: str, maximum: str) -> nw.Expr:
    """A column of scores, балл, none above its maximum where one is known."""
    return nw.when(col(score) > col(maximum)).then(col(maximum)).otherwise(col(score))


def levels(schools: nw.LazyFrame[Any], units: nw.LazyFrame[Any], tasks: int) -> nw.LazyFrame[Any]:
    """School sums as sums of every unit a school belongs to: itself, its municipality, the region.

    units: year, org_id, level, unit_id — one row per school and unit (see `register.units`).
    """
    wanted = [*COUNTS, *(f"{letter}{k}" for k in range(1, tasks + 1) for letter in PER_TASK)]
    return (
        schools.join(units, on=["year", "org_id"], how="inner")
        .group_by(*KEY)
        .agg(**{name: col(name).sum() for name in wanted})
    )
