"""Child processes with a memory limit: a hostile file ends its child, not the run."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as Late
from typing import Any, TypeVar

from msoko_pipeline.reading.problems import Refusal

T = TypeVar("T")
SECONDS = 600  # for one file


def _limit(memory_mb: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):  # a reader that aborts says so on stderr in its own words; ours are clearer
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def run(
    work: Callable[..., T], tasks: Iterable[tuple[Any, ...]], *, workers: int, memory_mb: int
) -> Iterator[T | Refusal]:
    """`work(*task)` for every task in child processes; results in the order of tasks.

    A child that dies, runs out of memory or of time gives a Refusal in its task's place; the others go on.
    """
    from pebble import ProcessExpired, ProcessPool

    tasks = list(tasks)
    if not tasks:
        return
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    context = multiprocessing.get_context("spawn")
    with ProcessPool(
        max_workers=min(workers, len(tasks)), context=context, initializer=_limit, initargs=(memory_mb,)
    ) as pool:
        futures = [pool.schedule(work, args=list(task), timeout=SECONDS) for task in tasks]
        for future in futures:
            try:
                yield future.result()
            except (ProcessExpired, MemoryError):
                yield Refusal("file_too_large", detail=f"нужно больше {memory_mb} МБ памяти")
            except Late:
                yield Refusal("file_too_large", detail=f"чтение дольше {SECONDS} с")
