"""What others found: the official list, rechecks of works, medallists at the unified exam."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.objectivity.rows import ALL, of_works, rows, ru

MARKERS = {"ru4": ("RU", 4), "ma4": ("MA", 4), "ru5": ("RU", 5), "ma5": ("MA", 5)}
"""Column of the list → subject and grade of the work it speaks of."""


def official_list(listed: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """The list's own markers: one row per school and work of the list, flagged where it has one.

    listed: year, org_id, ru4, ma4, ru5, ma5 (true where marked). Schools the list does not name have no row.
    """
    long = listed.melt(["year", "org_id"], list(MARKERS), var_name="marker", value_name="marked")
    work = long["marker"].map(MARKERS)
    long = long.assign(procedure="VPR", subject=work.str[0], grade=work.str[1].astype("int64") if len(long) else 0)
    told = of_works(long, declared)
    marked = told["marked"].fillna(False).to_numpy(bool)
    return rows("official_list", told, marked, np.ones(len(told), bool), reference="official",
                detail=np.where(marked, "маркер в официальном перечне", "маркера нет"))  # fmt: skip


def recheck(works: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """Rechecked works whose mark changed: value their share, %, threshold `above`.

    works: year, org_id, procedure, subject, grade, mark_before, mark_after; where marks are missing, the primary
    scores are compared.
    """
    marks = works["mark_before"].notna() & works["mark_after"].notna()
    scores = works["primary_before"].notna() & works["primary_after"].notna()
    told = of_works(works[marks | scores], declared)
    by_mark = told["mark_before"] != told["mark_after"]
    by_score = told["primary_before"] != told["primary_after"]
    changed = np.where(marks[told.index], by_mark.fillna(False), by_score.fillna(False)).astype(float)
    key = ["org_id", "year", "procedure", "subject", "grade"]
    found = told.assign(changed=changed).groupby(key, as_index=False).agg(n=("changed", "size"), k=("changed", "sum"))
    value = found["k"] / found["n"] * 100
    return rows(
        "recheck", found, value > declared["above"], found["n"] >= declared["least"],
        value=value, threshold=float(declared["above"]), reference="official", basis_n=found["n"],
        detail=[f"отметка изменена у {k:.0f} из {n} работ" for k, n in zip(found["k"], found["n"], strict=True)],
    )  # fmt: skip


def medals(medallists: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """Medallists below the medal's own thresholds at the exam: value their share, %.

    medallists: year, org_id, medal (1, 2), ege_ru, ege_other, math_base_mark. Confirmed: Russian and another subject at
    or above the medal's score; `base_mark` in basic mathematics stands for the other subject.
    """
    least = medallists["medal"].map(declared["scores"])
    other = medallists["ege_other"].ge(least) | medallists["math_base_mark"].ge(declared["base_mark"])
    confirmed = medallists["ege_ru"].ge(least).fillna(False) & other.fillna(False)
    judged = medallists.assign(failed=~confirmed.to_numpy(bool)).groupby(["org_id", "year"], as_index=False)
    found = judged.agg(n=("failed", "size"), k=("failed", "sum")).assign(procedure="EGE", subject=ALL, grade=11)
    value = found["k"] / found["n"] * 100
    return rows(
        "medals", found, value > declared["above"], found["n"] >= declared["least"],
        value=value, threshold=float(declared["above"]), basis_n=found["n"],
        detail=[f"не подтвердили {k:.0f} из {n} медалистов ({ru(v)} %)"
                for k, n, v in zip(found["k"], found["n"], value, strict=True)],
    )  # fmt: skip
