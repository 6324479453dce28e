"""A process of its own for the expectations: it loads Great Expectations while files are being read.

The library takes seconds to load and holds the interpreter meanwhile; beside the run it delays nothing. Without the
process everything is judged here, the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from msoko_pipeline.publishing import expectations
from msoko_pipeline.publishing.expectations import Verdict
from msoko_pipeline.reading.pool import CONTEXT
from msoko_pipeline.settings import Settings

_processes: list[ProcessPoolExecutor] = []  # one, or none


def start() -> None:
    """Start the process, once; it ends with this one."""
    if not _processes:
        _processes.append(ProcessPoolExecutor(1, mp_context=CONTEXT))
        _processes[0].submit(expectations.load)


def check(settings: Settings, years: Sequence[int], mart: str) -> dict[int, Verdict]:
    """`expectations.check`, in the process where there is one."""
    if _processes:
        try:
            return _processes[0].submit(expectations.check, settings, tuple(years), mart).result()
        except BrokenProcessPool:
            _processes.clear()
    return expectations.check(settings, years, mart)
