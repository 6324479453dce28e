"""Columns of a frame to be, gathered first and joined at once: a frame grown column by column is slow."""

from __future__ import annotations

from typing import Any

import pandas as pd

from msoko_pipeline.reading.likeness import nearest_word
from msoko_pipeline.text.cells import Wrong
from msoko_pipeline.text.subjects import subject_of
from schemas import catalogue

Columns = dict[str, Any]
"""Name → values (a pandas array), in the order of the frame."""


def repeated(value: Any, dtype: str, count: int) -> Any:
    """A column of one value."""
    return pd.array([value], dtype=dtype).repeat(count)


def subject(word: str) -> str:
    """Code of a subject; raises Wrong where it is none."""
    code = subject_of(word)
    if code is None:
        raise Wrong("cell_subject", detail=like_a_subject(word))
    return code


def like_a_subject(word: str) -> str:
    """The subject that a word seems to mean, for the message about it; nothing where it is like none."""
    meant = nearest_word(word, list(catalogue.subjects().values()))
    return "" if meant is None else f"; похоже на «{meant}»"
