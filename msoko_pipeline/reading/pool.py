"""Child processes with a memory limit: a hostile file ends its child, not the run."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as Late
from multiprocessing import forkserver
from typing import Any, TypeVar

from msoko_pipeline.issues.refusals import Refusal, failed, guarded
from msoko_pipeline.trouble import is_of_machine

T = TypeVar("T")
SECONDS = 60  # for one file, where the settings do not say otherwise


CONTEXT = multiprocessing.get_context("forkserver")


def warm(*modules: str) -> None:
    """Start the process that children are forked from: it imports these modules once, while we do other things. Where
    it runs already nothing happens.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # no threads in a process that forks
    if modules:
        CONTEXT.set_forkserver_preload([*modules])
    forkserver.ensure_running()


def _limit(memory_mb: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):  # a reader that aborts says so on stderr in its own words; ours are clearer
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def run(
    work: Callable[..., T],
    tasks: Iterable[tuple[Any, ...]],
    *,
    workers: int,
    memory_mb: int,
    seconds: float | None = None,
) -> Iterator[T | Refusal]:
    """`work(*task)` for every task in child processes; results in the order of tasks.

    A task that raises, dies, runs out of memory or of time gives a Refusal in its place; the others go on.
    """
    from pebble import ProcessExpired, ProcessPool

    tasks, seconds = list(tasks), seconds or SECONDS
    if not tasks:
        return
    warm()
    with ProcessPool(
        max_workers=min(workers, len(tasks)), context=CONTEXT, initializer=_limit, initargs=(memory_mb,)
    ) as pool:
        futures = [pool.schedule(guarded, args=[work, *task], timeout=seconds) for task in tasks]
        for future in futures:
            try:
                yield future.result()
            except (ProcessExpired, MemoryError):
                yield Refusal(
                    "file_too_large",
                    detail=f"процесс чтения оборвался, обычно от нехватки памяти: ему дано {memory_mb} МБ",
                )
            except Late:
                yield Refusal("file_too_large", detail=f"чтение дольше {seconds:g} с")
            except Exception as error:
                if is_of_machine(error):
                    raise
                yield failed(error)
