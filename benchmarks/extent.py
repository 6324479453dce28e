"""How much a measurement of the methodology takes, and how it prints a share: the same for all of them.

Such a measurement is a module with two functions: `measured(extent)`, its tables for the page, and `rules()`, the data
that it was measured with. `benchmarks/kept.py` lists them and keeps what they measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.text.russian import ru


@dataclass(frozen=True)
class Extent:
    """Made-up towns and schools that are measured.

    towns: schools of a town → the seeds of its towns; planted: seeds of the towns with planted schools; sitting: how
    many schools sit one work together; cut: how many schools are cut into towns; inflations: logits that inflating
    schools of those add, beside the plants' own.
    """

    towns: Mapping[int, range]
    planted: range
    sitting: int
    cut: int
    inflations: tuple[float, ...]


WHOLE = Extent(
    {12: range(1, 21), 60: range(101, 106)}, planted=range(1, 11), sitting=1200, cut=300, inflations=(0.3, 0.5, 0.8)
)
"""The extent of the page: a minute."""
FEW = Extent({12: range(1, 2), 60: range(101, 102)}, planted=range(1, 2), sitting=48, cut=60, inflations=())
"""The first of the same towns: seconds."""


def towns_in_words(extent: Extent) -> str:
    """«20 городов по 12 школ и 5 по 60»."""
    (first, seeds), *others = extent.towns.items()
    return " и ".join([f"{len(seeds)} городов по {first} школ", *(f"{len(s)} по {size}" for size, s in others)])


def pct(flags: Any) -> str:
    """How many of the flags are set, % as a text prints it; «—» of none. NULL is not counted."""
    is_set = pd.Series(np.ravel(flags)).astype("boolean")
    return ru(100 * is_set.mean()) if len(is_set) else "—"
