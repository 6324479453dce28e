"""What others found: the official list, rechecks of works, medallists at the unified exam."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.numbers.uncertainty import at_least, critical
from msoko_pipeline.objectivity.sign_rows import ALL, of_works, rows
from msoko_pipeline.text.russian import ru

MARKERS = {"ru4": ("RU", 4), "ma4": ("MA", 4), "ru5": ("RU", 5), "ma5": ("MA", 5)}
"""Column of the list → subject and grade of its work."""


def official_list(listed: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """The list's own markers: one row per school and work of the list, flagged where it has one.

    listed: year, org_id, ru4, ma4, ru5, ma5 (true where marked). Schools the list does not name have no row.
    """
    long = listed.melt(["year", "org_id"], list(MARKERS), var_name="marker", value_name="marked")
    work = long["marker"].map(MARKERS)
    long = long.assign(procedure="VPR", subject=work.str[0], grade=work.str[1].astype("int64") if len(long) else 0)
    works = of_works(long, declared)
    marked = works["marked"].fillna(False).to_numpy(bool)
    return rows("official_list", works, marked, np.ones(len(works), bool), reference="official",
                detail=np.where(marked, "маркер в официальном перечне", "маркера нет"))  # fmt: skip


def recheck(works: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """Rechecked works whose mark changed: value their share, %, threshold `above`; flagged beyond chance alone.

    works: year, org_id, procedure, subject, grade, mark_before, mark_after; where marks are missing, the primary
    scores are compared.
    """
    marks = works["mark_before"].notna() & works["mark_after"].notna()
    scores = works["primary_before"].notna() & works["primary_after"].notna()
    rechecked = of_works(works[marks | scores], declared)
    by_mark = rechecked["mark_before"] != rechecked["mark_after"]
    by_score = rechecked["primary_before"] != rechecked["primary_after"]
    changed = np.where(marks[rechecked.index], by_mark.fillna(False), by_score.fillna(False)).astype(float)
    key = ["org_id", "year", "procedure", "subject", "grade"]
    counts = (
        rechecked.assign(changed=changed).groupby(key, as_index=False).agg(n=("changed", "size"), k=("changed", "sum"))
    )
    value, tail = counts["k"] / counts["n"] * 100, _beyond(counts, declared)
    return rows(
        "recheck", counts, (value > declared["above"]) & (tail["p_value"] < declared["alpha"]),
        counts["n"] >= declared["least"],
        value=value, threshold=float(declared["above"]), reference="official", basis_n=counts["n"], **tail,
        detail=[f"отметка изменена у {k:.0f} из {n} работ" for k, n in zip(counts["k"], counts["n"], strict=True)],
    )  # fmt: skip


def _beyond(counts: pd.DataFrame, declared: dict[str, Any]) -> dict[str, np.ndarray]:
    """Where the true share is the one still allowed: p_value, P of k of n or more; chance_pct, of being flagged."""
    n, share = counts["n"].to_numpy(float), declared["above"] / 100
    return {
        "p_value": at_least(counts["k"], n, share),
        "chance_pct": at_least(critical(n, share, declared["alpha"]), n, share) * 100,
    }


def medals(medallists: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """Applicants for a medal below its own thresholds at the exam: value their share, %; flagged beyond chance alone.

    medallists: year, org_id, medal (1, 2), ege_ru, ege_other, math_base_mark, other_exams (how many but Russian and
    basic mathematics; NULL: as ege_other tells). Confirmed: Russian and another subject at or above the medal's score;
    for those who sat nothing but Russian and basic mathematics `base_mark` in the latter stands for the other subject.
    """
    least = medallists["medal"].map(declared["scores"])
    nothing_else = medallists["other_exams"].eq(0).fillna(medallists["ege_other"].isna())
    by_base = nothing_else & medallists["math_base_mark"].ge(declared["base_mark"]).fillna(False)
    other = medallists["ege_other"].ge(least).fillna(False) | by_base
    confirmed = medallists["ege_ru"].ge(least).fillna(False) & other.fillna(False)
    judged = medallists.assign(failed=~confirmed.to_numpy(bool)).groupby(["org_id", "year"], as_index=False)
    counts = judged.agg(n=("failed", "size"), k=("failed", "sum")).assign(procedure="EGE", subject=ALL, grade=11)
    value, tail = counts["k"] / counts["n"] * 100, _beyond(counts, declared)
    return rows(
        "medals", counts, (value > declared["above"]) & (tail["p_value"] < declared["alpha"]),
        counts["n"] >= declared["least"],
        value=value, threshold=float(declared["above"]), basis_n=counts["n"], **tail,
        detail=[f"не подтвердили {k:.0f} из {n} претендентов на медаль ({ru(v)} %)"
                for k, n, v in zip(counts["k"], counts["n"], value, strict=True)],
    )  # fmt: skip
