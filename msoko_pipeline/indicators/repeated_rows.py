"""What has changed in rows that a later file repeats: how many, in which columns. No value and no person is told."""

from __future__ import annotations

from typing import Any

from msoko_pipeline.home import engine
from msoko_pipeline.home.replacement import HOME, PRIORITY, Facts, Replacements
from msoko_pipeline.privacy.allowed import personal
from schemas.fields import columns_of

TASKS = "Ответы на задания"
"""The title of all columns of tasks together: a work has as many as it has tasks."""
PLACES = frozenset({"row", "seq", "year", "priority", "rank", "org_ref", HOME, "class_raw"})
"""Columns that say where a row stands, not what it says."""

Changes = dict[tuple[int, int], tuple[int, int, str]]


def compared(facts: Facts) -> dict[str, list[str]]:
    """Title → the columns of facts that are compared under it: neither keys nor of a person."""
    model = facts.kind.model
    titles = {column.name: column.title for column in columns_of(model)}
    passed_over = PLACES | {*facts.row, facts.kind.part} | personal(model)
    columns: dict[str, list[str]] = {}
    for name in facts.columns:
        if name not in passed_over:
            columns.setdefault(titles.get(name, TASKS), []).append(name)
    return columns


def changes(connection: Any, facts: Facts, replacements: Replacements) -> Changes:
    """Running numbers of the earlier and the later file → how many rows are the same, how many have changed, and in
    which columns, each with the number of its rows: «Отметка: 3, Первичный балл: 1».
    """
    columns = compared(facts)
    titles = list(columns)
    differs = [" or ".join(map(_differs, names)) for names in columns.values()]
    listed = "".join(f", {condition} as d{number}" for number, condition in enumerate(differs))
    whole = " or ".join(f"d{number}" for number in range(len(titles))) or "false"
    sums = "".join(f", count(*) filter (d{number})" for number in range(len(titles)))
    same_part = f"n.{facts.kind.part} is not distinct from o.{facts.kind.part}" if facts.kind.part else "true"
    key = ", ".join(f"r.{name}" for name in facts.row)
    own = " and ".join(f"o.{name} = r.{name}" for name in (*facts.row, "rank"))
    later = " and ".join(f"n.{name} = r.{name}" for name in facts.number)
    counts = engine.query(
        connection,
        f"""with repeated as (
            select r.rank, r.by_rank{listed}
            from replaced r join facts o on {own} join facts n on {later} and n.rank = r.by_rank
            where not r.is_left_out
            qualify row_number() over (partition by r.rank, {key} order by {same_part} desc) = 1
        )
        select rank % {PRIORITY}, by_rank % {PRIORITY}, count(*) filter (not ({whole})), count(*) filter ({whole}){sums}
        from repeated group by 1, 2 order by 1, 2""",
        facts=facts.rows,
        replaced=replacements.replaced,
    )
    return {
        (int(seq), int(by)): (int(same), int(changed), _in_words(dict(zip(titles, each, strict=True))))
        for seq, by, same, changed, *each in engine.tuples(counts)
    }


def _differs(name: str) -> str:
    """Whether a column differs, an expression. What only one of two layouts has at all is no change."""
    return f"(o.{name} is distinct from n.{name} and (o.priority = n.priority or o.{name} <> n.{name}) is true)"


def _in_words(rows: dict[str, int]) -> str:
    """Titles with the number of rows that differ there, the most first."""
    return ", ".join(f"{title}: {count}" for title, count in sorted(rows.items(), key=lambda line: -line[1]) if count)
