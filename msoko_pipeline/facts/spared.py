"""Numbers of a row that stand alone: an impossible one is unknown, and the row counts without it (decision 0015).

Two impossible ones in a row look like a shift, and refuse it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from msoko_pipeline.facts.body import Body
from msoko_pipeline.text.cells import Text, Unread, Wrong
from schemas import catalogue

WITHIN = (("cell_range", "не меньше {}"), ("cell_range", "не больше {}"))
"""Issue type and words of a number below, and above, what is possible."""


@dataclass
class Numbers:
    """A column of numbers. values: pandas array, changed by `note_lone`; impossible: cells without a possible value."""

    header: str
    text: Text
    values: Any
    impossible: list[Unread] = field(default_factory=list)

    def outside(self, low: float | None, high: float | None) -> Iterator[Unread]:
        """Cells with a number below or above what is possible."""
        numbers = self.values.to_numpy(dtype=float, na_value=np.nan)
        for bound, mask, (issue_type, words) in (
            (low, numbers < (-np.inf if low is None else low), WITHIN[0]),
            (high, numbers > (np.inf if high is None else high), WITHIN[1]),
        ):
            for code in np.unique(self.text.codes[mask]).tolist():
                wrong = Wrong(issue_type, detail=words.format(bound))
                yield Unread(np.flatnonzero(mask & (self.text.codes == code)), self.text.words[code], wrong)


def note_lone(body: Body, columns: Sequence[Numbers]) -> None:
    """Note the impossible cells: one in a row is spared, more of them refuse it. Their values become NULL."""
    lost = np.zeros(len(body), np.int64)
    for column in columns:
        for cell in column.impossible:
            lost[cell.positions] += not _spares(cell)
    for column in columns:
        for cell in column.impossible:
            column.values[cell.positions] = None
            if _spares(cell):
                body.findings.unread([cell], column.header)
                continue
            for is_lone in (True, False):
                at = cell.positions[(lost[cell.positions] == 1) == is_lone]
                words = [cell.value] * len(at)
                body.findings.cells(
                    cell.wrong.issue_type, at, column.header, words, is_spared=is_lone, **cell.wrong.details
                )


def _spares(cell: Unread) -> bool:
    """Whether such a cell never refuses its row: a sign of «no value»."""
    return bool(catalogue.issue_types()[cell.wrong.issue_type].get("spares"))
