"""How often the collector of reference cycles looks for garbage."""

from __future__ import annotations

import gc

OBJECTS = 100_000
"""New objects between two looks. At Python's own 700 a run, whose hundreds of thousands of objects are libraries,
declarations and plans that stay, spends 5 % of its processor time on looking."""


def collect_seldom() -> None:
    """Called once by each process of a run, before it imports what is large. Memory is freed as before: almost all of
    it is freed by counting references, tables of rows always.
    """
    gc.set_threshold(OBJECTS, *gc.get_threshold()[1:])
