"""A column of text as its distinct words: what follows looks at each spelling once, not at each cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from msoko_pipeline.text.signs import in_one_line, without_format


@dataclass(frozen=True)
class Text:
    """A column of text: codes[i] is the index of row i's word, −1 for an empty cell; words are stripped."""

    codes: np.ndarray
    words: list[str]

    @classmethod
    def of(cls, column: pa.ChunkedArray | pa.Array) -> Text:
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if isinstance(array, pa.ChunkedArray):  # no rows
            array = pa.array([], pa.dictionary(pa.int32(), pa.string()))
        words = array.dictionary
        if pc.all(pc.utf8_is_printable(words)).as_py() is False:
            words = pa.array([in_one_line(word or "").strip() for word in without_format(words).to_pylist()])
        words = pc.utf8_trim_whitespace(words).fill_null("").to_pylist()
        codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        blank = np.array([not word for word in words] + [True])
        return cls(np.where(blank[codes], -1, codes), words)

    @classmethod
    def empty(cls, rows: int) -> Text:
        return cls(np.full(rows, -1, np.int32), [])

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: np.ndarray) -> Text:
        return Text(self.codes[rows], self.words)

    def below(self, row: int) -> Text:
        """The column from this row (from 0) on."""
        return Text(self.codes[row:], self.words)

    @property
    def filled(self) -> np.ndarray:
        return self.codes >= 0

    def is_in(self, accepts: Callable[[str], bool]) -> np.ndarray:
        """Mask of the rows whose word is accepted."""
        return np.array([accepts(word) for word in self.words] + [False])[self.codes]

    def rows_of(self, codes: Sequence[int]) -> np.ndarray:
        """The rows (from 0) with one of these words."""
        return np.flatnonzero(np.isin(self.codes, codes))

    def values(self) -> Any:
        """The words as a pandas text array, NULL for empty."""
        return pd.array([*self.words, None], dtype="string")[self.codes]

    def texts(self, rows: np.ndarray) -> list[str]:
        """The words at these rows, "" for empty."""
        return [self.at(row) for row in rows.tolist()]

    def at(self, row: int) -> str:
        code = self.codes[row]
        return "" if code < 0 else self.words[code]
