"""An independent account of the ВПР results of a town: plain csv, pandas and numpy, nothing of the package.

Written from the layouts' description, to be compared with what the pipeline publishes. Rows that the pipeline
quarantines (two scores above the tasks' maxima, «отсутствовал» with scores) are left out by the same words here; one
score above a confirmed maximum is unknown, one above another maximum counts as the maximum.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

AWAY = "отсутствовал"
SKIPPED = {"X", "x", "Х", "х", "не пройд."}
LOGIN = ("user", "логин школы", "Пользователь")
CODE = ("code", "код обучающегося", "Код")
JOURNAL = ("otc", "отметка за предыдущую четверть/триместр", "Отметка за предыдущий триместр/ четверть/полугодие")
VARIANTS = ("var-1", "var-2", "вариант", "Вариант")
TOTAL = ("sum", "всего баллов", "Итого баллов")


def work_of(path: Path) -> tuple[int, str, int]:
    found = re.match(r"vpr(\d{4})_([A-Z]{2})(\d+)\.csv", path.name)
    assert found
    return int(found[1]), found[2], int(found[3])


def pupils(path: Path, maxima: list[int] | None) -> pd.DataFrame:
    """Rows of one file: org, away, half, journal, total (NaN where none), and the task scores as an array."""
    with path.open(encoding="utf-8", newline="") as stream:
        head, *lines = list(csv.reader(stream, delimiter=";"))
    at = {name: number for number, name in enumerate(head)}
    tasks = [n for n, name in enumerate(head) if name.startswith(("a-", "балл за")) or re.search(r"\(\d+б\)$", name)]
    login, journal, total = (next(at[n] for n in names if n in at) for names in (LOGIN, JOURNAL, TOTAL))
    variants = [at[name] for name in VARIANTS if name in at]
    rows: list[dict[str, Any]] = []
    for line in lines:
        said = [line[n] for n in variants if line[n]]
        away = bool(said) and all(word == AWAY for word in said)
        half = AWAY in said and not away
        scores = [np.nan if line[n] == "" else 0.0 if line[n] in SKIPPED else float(line[n]) for n in tasks]
        if away and any(score > 0 for score in scores):
            continue
        over = [score > top for score, top in zip(scores, maxima, strict=True)] if maxima else []
        if sum(over) > 1:
            continue
        if any(over):
            scores[over.index(True)] = np.nan
        rows.append(
            {
                "org": "edu" + line[login][3:], "away": away, "half": half,
                "journal": float(line[journal]) if line[journal] in {"2", "3", "4", "5"} else np.nan,
                "total": np.nan if away or half else float(line[total]),
                "scores": scores,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def account(rows: pd.DataFrame, bounds: tuple[int, int, int] | None, top: int, maxima: list[int]) -> dict[str, float]:
    """Indicators of one group of pupils, each by its definition over the rows themselves."""
    wrote = rows[~rows["away"] & ~rows["half"]]
    n = len(wrote)
    told: dict[str, float] = {
        "participants": n, "absent": int(rows["away"].sum()), "partial": int(rows["half"].sum()),
        "mean_primary": wrote["total"].mean(), "sd_primary": wrote["total"].std(ddof=1),
        "completion_pct": wrote["total"].sum() / (n * top) * 100 if n else np.nan,
    }  # fmt: skip
    if bounds is not None and n:
        mark = 2 + sum((wrote["total"] >= bound).astype(int) for bound in bounds)
        for value in (2, 3, 4, 5):
            told[f"mark_{value}"] = int((mark == value).sum())
        told["success_pct"] = (mark >= 3).mean() * 100
        told["quality_pct"] = (mark >= 4).mean() * 100
        told["mean_mark"] = mark.mean()
        both = wrote["journal"].notna()
        gap = (mark - wrote["journal"])[both]
        if both.any():
            told["journal_lower"], told["journal_equal"] = int((gap < 0).sum()), int((gap == 0).sum())
            told["journal_higher"], told["journal_gap_2plus"] = int((gap > 0).sum()), int((gap.abs() >= 2).sum())
            told["journal_mean_gap"] = gap.mean()
    if n > 1:
        matrix = np.minimum(np.array(wrote["scores"].tolist(), dtype=float), maxima)
        matrix = matrix[~np.isnan(matrix).any(axis=1)]
        total = matrix.sum(axis=1)
        k = matrix.shape[1]
        if total.var(ddof=1) > 0:
            told["alpha"] = k / (k - 1) * (1 - matrix.var(axis=0, ddof=1).sum() / total.var(ddof=1))
    return told


def tasks(rows: pd.DataFrame, maxima: list[int]) -> pd.DataFrame:
    """Completion, full and zero shares, discrimination of every task of a group of pupils."""
    present = rows[~rows["away"]]
    matrix = np.minimum(np.array(present["scores"].tolist(), dtype=float), maxima)
    whole = matrix[~present["half"].to_numpy() & ~np.isnan(matrix).any(axis=1)]
    found = []
    for number, top in enumerate(maxima):
        column = matrix[:, number]
        column = column[~np.isnan(column)]
        rest = whole.sum(axis=1) - whole[:, number]
        varies = len(whole) > 1 and whole[:, number].std() > 0 and rest.std() > 0
        found.append(
            {
                "participants": len(column), "completion_pct": column.mean() / top * 100,
                "full_pct": (column == top).mean() * 100, "zero_pct": (column == 0).mean() * 100,
                "discrimination": np.corrcoef(whole[:, number], rest)[0, 1] if varies else np.nan,
            }
        )  # fmt: skip
    return pd.DataFrame(found)
