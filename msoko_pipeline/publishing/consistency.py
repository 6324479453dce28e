"""What the columns of a mart owe one another, as data: a sum of columns, and the bounds it must keep to.

A row (or group) where any of the columns is NULL says nothing and is passed over. What a single column must be is
declared in `schemas.marts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ROUNDING = 1e-6  # of numbers that were divided and multiplied on different ways to the same value
WORK_AND_UNIT = ("year", "cycle", "procedure", "subject", "grade", "level", "unit_id")


@dataclass(frozen=True)
class Rule:
    """low ≤ total ≤ high. total: columns joined by ` + ` and ` - `; per: columns by which rows are summed first."""

    mart: str
    title: str
    total: str
    low: float | None = None
    high: float | None = None
    per: tuple[str, ...] = ()

    def terms(self) -> Iterator[tuple[int, str]]:
        """(1 or −1, column) of each term."""
        sign = 1
        for word in self.total.split():
            if word in "+-":
                sign = -1 if word == "-" else 1
            else:
                yield sign, word


def _in_order(mart: str, low: str, high: str, title: str) -> Rule:
    return Rule(mart, title, f"{high} - {low}", low=-ROUNDING)


RULES = (
    Rule(
        "vpr_school", "Отметок «2», «3», «4» и «5» вместе столько, сколько участников с отметкой",
        "mark_2 + mark_3 + mark_4 + mark_5 - marked", 0, 0,
    ),
    _in_order("vpr_school", "marked", "participants", "Участников с отметкой не больше, чем участников"),
    Rule(
        "vpr_school", "Понизивших, подтвердивших и повысивших вместе не больше, чем участников",
        "participants - journal_lower - journal_equal - journal_higher", 0,
    ),
    Rule(
        "vpr_school", "Расхождений с журналом на 2 балла не больше, чем понизивших и повысивших вместе",
        "journal_lower + journal_higher - journal_gap_2plus", 0,
    ),
    _in_order("vpr_school", "quality_pct", "success_pct", "Качество не выше успеваемости"),
    _in_order("vpr_school", "success_ci_low", "success_ci_high", "Границы успеваемости по порядку"),
    _in_order("vpr_school", "quality_ci_low", "quality_ci_high", "Границы качества по порядку"),
    _in_order("vpr_school", "mean_primary", "max_primary", "Средний первичный балл не выше максимального"),
    Rule(
        "vpr_task", "Выполнившие полностью и получившие 0 вместе — не больше всех (100 % с округлением)",
        "full_pct + zero_pct", high=100.5,
    ),
    Rule(
        "score_distribution", "Доли участников по баллам у каждой организации и работы дают 100 % (с округлением)",
        "share_pct", 99.5, 100.5, per=WORK_AND_UNIT,
    ),
    _in_order("indicator_value", "ci_low", "ci_high", "Границы доверительного интервала по порядку"),
)  # fmt: skip
