"""What people do to a regional export before it arrives: planted in one file at a time, every plant recorded.

FAULTS says what is done; REFUSED, which of it makes the row's results unknowable, so that the row must be refused. A
row with another fault counts; an impossible score of a task with a confirmed maximum makes that task unknown.
Spellings that only look wild are no faults and are not recorded: see `region_spellings`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from msoko_pipeline.sample.draft import Draft
from msoko_pipeline.sample.forms import ABSENT
from msoko_pipeline.sample.pupils import Bools

REFUSED_SHARE = 0.0005  # of the rows
DIFFERING_SHARE = 0.0005
OVER_MAXIMUM_SHARE, MOST_OVER_BORROWED = 0.001, 8  # in real files five to twenty-six
OTHERS_EVERY = 3  # one file in so many has a score above a confirmed maximum, another one a remark
TOTALS_EVERY = 23
BORROWED_YEAR = 2020  # its maxima are those of 2021; 2021 has a codifier, 2022 prints them over the columns
REMARKS = ("перешёл в другую школу", "писал позже", "на дому")
FAULTS = {
    "duplicate": "участник повторён в конце листа",
    "slipped": "баллы сдвинуты на столбец вправо, последний — под «Учебник»",
    "absent_scored": "отмечено «отсутствовал», но есть баллы",
    "no_scores": "есть вариант, но нет ни одного балла",
    "no_code": "нет кода участника",
    "over_borrowed": "балл больше максимума, взятого из другого года",
    "over_confirmed": "балл больше подтверждённого максимума",
    "total_differs": "сумма не равна сумме баллов за задания",
    "remark": "примечание правее таблицы",
    "totals": "строка «Итого» под последним участником",
}


@dataclass(frozen=True)
class Plant:
    """A planted fault. file: inside the region's folder; row: of the sheet, from 1; fault: one of FAULTS."""

    file: str
    sheet: str
    row: int
    fault: str

    @property
    def is_refused(self) -> bool:
        return self.fault in REFUSED


def soil(draft: Draft, number: int, rows_before: int) -> None:
    """Plants what the file's layout can have. number: which file of the region; rows_before: rows of earlier files."""
    rows = len(draft.sitting)
    due = int((rows_before + rows) * REFUSED_SHARE) - int(rows_before * REFUSED_SHARE)
    for place in range(due):
        REFUSED[list(REFUSED)[(number + place) % len(REFUSED)]](draft)
    raise_above_maximum(draft, number)
    unbalance_totals(draft)
    if number % OTHERS_EVERY == 1:
        remark(draft)
    if number % TOTALS_EVERY == TOTALS_EVERY // 2:
        draft.record(draft.add_row({draft.place("login"): "Итого"}), "totals")


def repeat_participant(draft: Draft) -> None:
    for row in draft.drawn(_anybody(draft), 1):
        draft.keep_clean(row)
        draft.record(draft.add_row({}, like=row), "duplicate")


def slip(draft: Draft) -> None:
    """The score of the last task ends under «Учебник»; where the layout has no textbooks, a code is lost instead."""
    if not draft.has("textbook"):
        return lose_code(draft)
    scores, textbook = draft.sitting.scores, draft.place("textbook")
    first = scores.shape[1] // 2
    for row in draft.drawn((scores[:, -1] > 0) & (scores[:, first] > 0), 1):
        cells = [draft.cell(draft.task(task), row) for task in range(first, scores.shape[1])]
        for place, cell in zip([draft.task(t) for t in range(first, scores.shape[1])], [None, *cells], strict=False):
            draft.put(place, row, cell)
        draft.put(textbook, row, cells[-1])
        draft.record(row, "slipped")
    return None


def mark_absent(draft: Draft) -> None:
    for row in draft.drawn(draft.sitting.total > 0, 1):
        draft.put(draft.place("variant"), row, ABSENT)
        draft.record(row, "absent_scored")


def wipe_scores(draft: Draft) -> None:
    for row in draft.drawn(_anybody(draft), 1):
        for task in range(len(draft.work.tasks)):
            draft.put(draft.task(task), row, None)
        draft.put(draft.place("total"), row, None)
        draft.record(row, "no_scores")


def lose_code(draft: Draft) -> None:
    for row in draft.drawn(_anybody(draft), 1):
        draft.put(draft.place("code"), row, None)
        draft.record(row, "no_code")


def raise_above_maximum(draft: Draft, number: int) -> None:
    """One more than the maximum, in the smallest schools first: there a group of four then has 125 % of a task."""
    borrowed = draft.work.year == BORROWED_YEAR
    if not borrowed and number % OTHERS_EVERY:
        return
    count = max(1, min(MOST_OVER_BORROWED, int(len(draft.sitting) * OVER_MAXIMUM_SHARE))) if borrowed else 1
    sizes = np.bincount(draft.sitting.school)[draft.sitting.school]
    task = int(draft.rng.integers(len(draft.work.tasks)))
    full = draft.sitting.scores[:, task] == draft.work.tasks[task].max_score
    full &= draft.sitting.total < draft.work.max_primary
    smallest = sorted(draft.drawn(full, len(full)), key=lambda row: int(sizes[row]))
    for row in smallest[:count]:
        draft.put(draft.task(task), row, draft.work.tasks[task].max_score + 1)
        draft.put(draft.place("total"), row, int(draft.sitting.total[row]) + 1)
        draft.record(row, "over_borrowed" if borrowed else "over_confirmed")


def unbalance_totals(draft: Draft) -> None:
    count = round(len(draft.sitting) * DIFFERING_SHARE)
    for row in draft.drawn(draft.sitting.total > 0, count):
        draft.put(draft.place("total"), row, int(draft.sitting.total[row]) - 1)
        draft.record(row, "total_differs")


def remark(draft: Draft) -> None:
    beyond = draft.add_column("")
    for row in draft.drawn(_anybody(draft), 1):
        draft.put(beyond, row, str(draft.rng.choice(REMARKS)))
        draft.record(row, "remark")


def _anybody(draft: Draft) -> Bools:
    return np.ones(len(draft.sitting), dtype=bool)


REFUSED: dict[str, Callable[[Draft], None]] = {
    "duplicate": repeat_participant,
    "slipped": slip,
    "absent_scored": mark_absent,
    "no_scores": wipe_scores,
    "no_code": lose_code,
}
