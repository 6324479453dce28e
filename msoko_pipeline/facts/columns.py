"""Columns of a frame to be, gathered first and joined at once: a frame grown column by column is slow."""

from __future__ import annotations

from typing import Any

import pandas as pd

from msoko_pipeline.reading.cells import Wrong
from msoko_pipeline.reading.subjects import subject_of

Columns = dict[str, Any]
"""Name → values (a pandas array), in the order of the frame."""


def repeated(value: Any, dtype: str, count: int) -> Any:
    """A column of one value."""
    return pd.array([value], dtype=dtype).repeat(count)


def subject(word: str) -> str:
    """Code of a subject; raises Wrong where it is none."""
    code = subject_of(word)
    if code is None:
        raise Wrong("cell_subject")
    return code
