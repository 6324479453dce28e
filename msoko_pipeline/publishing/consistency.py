"""What the columns of a mart owe one another, as data: a sum of columns, and the bounds it must keep to.

A row (or group) where any of the columns is NULL says nothing and is passed over. What a single column must be is
declared in `schemas.marts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.kinds import DECLARED_MARTS
from schemas.measure import Count, Total

ROUNDING = 1e-6  # of numbers that were divided and multiplied on different ways to the same value
OWN, REPORT = ("facts_source", "individual"), ("facts_source", "report")
WORK_AND_UNIT = ("year", "cycle", "procedure", "subject", "grade", "level", "unit_id")


@dataclass(frozen=True)
class Rule:
    """low ≤ total ≤ high. total: columns joined by ` + ` and ` - `, each maybe with a factor (`1.5*marked`); where:
    column and value of the rows concerned; per: columns by which rows are summed first."""

    mart: str
    title: str
    total: str
    low: float | None = None
    high: float | None = None
    where: tuple[str, str] | None = None
    per: tuple[str, ...] = ()

    @property
    def judged(self) -> str:
        """Name of what is judged: apart from the column itself, which has rules of its own."""
        return f"сумма {self.total}" if self.per else self.total

    @property
    def is_structural(self) -> bool:
        """A sum that must come out (both bounds) is the table's matter; an order of two numbers is the row's own."""
        return self.low is not None and self.high is not None

    def terms(self) -> Iterator[tuple[float, str]]:
        """(signed factor, column) of each term."""
        sign = 1
        for word in self.total.split():
            if word in "+-":
                sign = -1 if word == "-" else 1
            else:
                factor, _, column = word.rpartition("*")
                yield sign * float(factor or 1), column


def _in_order(mart: str, low: str, high: str, title: str) -> Rule:
    return Rule(mart, title, f"{high} - {low}", low=-ROUNDING)


def _of_shares() -> Iterator[Rule]:
    """Part ≤ whole for every declared share that shows both; shares and means within their bounds. A whole that another
    form tells (a contingent) may be less, of another day: there the share itself is NULL, and the row is passed over.
    """
    for mart, declared in DECLARED_MARTS.items():
        for name, share in declared.shares.items():
            part, whole = declared.sides(name)
            pct = f"{name}_pct"
            if part and whole:
                of_rows = isinstance(share.whole, Count | Total)
                total = f"{whole} - {part}" if of_rows else f"{whole} - {part} + 0*{pct}"
                yield Rule(mart, f"{share.title}: числитель не больше знаменателя", total, 0)
            if not share.has_bounds:
                continue
            yield _in_order(mart, f"{name}_ci_low", pct, f"{share.title}: не ниже нижней границы")
            yield _in_order(mart, pct, f"{name}_ci_high", f"{share.title}: не выше верхней границы")
        for name, mean in declared.means.items():
            value = declared.value_of(name)
            yield _in_order(mart, f"{name}_ci_low", value, f"{mean.title}: не ниже нижней границы")
            yield _in_order(mart, value, f"{name}_ci_high", f"{mean.title}: не выше верхней границы")


RULES = (
    Rule(
        "vpr_school", "Отметок «2», «3», «4» и «5» вместе столько, сколько участников с отметкой",
        "mark_2 + mark_3 + mark_4 + mark_5 - marked", 0, 0, where=OWN,
    ),
    # A report prints four shares to 0,01 %, and the counts made of them are rounded: 4 × 0,005 % and 4 × 0,5.
    Rule(
        "vpr_school", "Отметок по отчёту не больше, чем участников с отметкой (с округлением долей)",
        "mark_2 + mark_3 + mark_4 + mark_5 - 1.0002*marked", high=2, where=REPORT,
    ),
    Rule(
        "vpr_school", "Отметок по отчёту не меньше, чем участников с отметкой (с округлением долей)",
        "0.9998*marked - mark_2 - mark_3 - mark_4 - mark_5", high=2, where=REPORT,
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
    *(_in_order(mart, "with_result", "participants", "Участников с результатом не больше, чем участников")
      for mart in ("gia9", "gia11")),
    Rule(
        "vpr_task", "Выполнившие полностью и получившие 0 вместе — не больше всех (100 % с округлением)",
        "full_pct + zero_pct", high=100.5,
    ),
    Rule(
        "score_distribution", "Доли участников по баллам у каждой организации и работы дают 100 % (с округлением)",
        "share_pct", 99.5, 100.5, per=WORK_AND_UNIT,
    ),
    _in_order("indicator_value", "ci_low", "ci_high", "Границы доверительного интервала по порядку"),
    Rule(
        "indicator_value", "Изменение сверх региона и изменение региона вместе дают изменение",
        "relative_change + reference_change - change", -ROUNDING, ROUNDING,
    ),
    Rule(
        "dynamics_3y", "Значение прошлого года и изменение школы за год вместе дают значение отчётного",
        "change_1 + value_1 - value", -ROUNDING, ROUNDING, where=("level", "school"),
    ),
    Rule("dynamics_3y", "Наклон — половина изменения за два года", "2*slope - change_2", -ROUNDING, ROUNDING),
    _in_order("value_added", "participants", "takers", "Известных учеников не больше, чем участников"),
    _in_order("value_added", "ci_low", "value", "Прирост не ниже нижней границы своего интервала"),
    _in_order("value_added", "value", "ci_high", "Прирост не выше верхней границы своего интервала"),
    _in_order("school_procedure", "failed", "participants", "Не преодолевших минимум не больше, чем участников"),
    _in_order("school_procedure", "fail_ci_low", "fail_pct", "Доля не ниже нижней границы своего интервала"),
    _in_order("school_procedure", "fail_pct", "fail_ci_high", "Доля не выше верхней границы своего интервала"),
    Rule(
        "objectivity_index", "Индекс и доля школ с признаками вместе дают 100 %",
        "with_signs_pct + index_value", 100 - ROUNDING, 100 + ROUNDING,
    ),
    _in_order("school_risk", "low_procedures", "judged_procedures", "Низких процедур не больше, чем рассмотренных"),
    _in_order("risk_movement", "judged_schools", "previous_shnor", "Судим не больше чем о всех ШНОР прошлого года"),
    _in_order("risk_movement", "left_shnor", "judged_schools", "Вышедших не больше, чем школ, о которых судим"),
    Rule(
        "risk_backtest", "Предупреждённых столько, сколько попаданий и ложных тревог",
        "warned - hits - false_alarms", 0, 0,
    ),
    Rule("risk_backtest", "Ставших ШНОР столько, сколько попаданий и пропусков", "became_shnor - hits - missed", 0, 0),
    _in_order("preschool_quality", "ci_low", "value", "Доля не ниже нижней границы своего интервала"),
    _in_order("preschool_quality", "value", "ci_high", "Доля не выше верхней границы своего интервала"),
    _in_order("preschool_quality", "at_base", "preschools", "Садов базового уровня не больше, чем садов"),
    Rule(
        "contests", "Победы и призовые места — не больше участий", "participants - winners - prizewinners", 0,
    ),
    _in_order("contests", "unique_pupils", "participants", "Учеников не больше, чем участий"),
    Rule(
        "gifted_bank", "Записей столько, сколько учеников с согласием и записей без него",
        "listed - pupils - without_consent", 0, 0,
    ),
    Rule("gifted_bank", "Оставшихся и новых вместе не больше, чем учеников", "pupils - new_pupils - kept_pupils", 0),
    Rule("gifted_bank", "Было столько, сколько осталось и выбыло", "previous_pupils - kept_pupils - left_pupils", 0, 0),
    _in_order("gifted_bank", "graduated_pupils", "left_pupils", "Окончивших школу не больше, чем выбывших"),
    _in_order("shifts", "gifted", "unique_pupils", "Учеников из банка не больше, чем учеников"),
    _in_order("shifts", "awarded", "finished", "Отмеченных наградой не больше, чем завершивших"),
    _in_order("shifts", "quota_filled", "quota", "Занятых мест не больше квоты"),
    Rule("olympiad", "Победителей и призёров не больше, чем участий", "participants - winners - prizewinners", 0),
    _in_order("olympiad", "judged", "participants", "Участий с известным статусом не больше, чем участий"),
    _in_order("olympiad", "unique_pupils", "participants", "Учеников не больше, чем участий"),
    _in_order("olympiad", "award_pupils", "unique_pupils", "Учеников с наградой не больше, чем учеников"),
    *_of_shares(),
)  # fmt: skip
