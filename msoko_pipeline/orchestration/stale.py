"""Runs whose process is gone: a closed terminal, a power cut or SIGKILL leaves them «started» for good.

With one run at a time such a run would keep every other from starting. A run bears as a tag the name of a lock that
its process holds, which the system releases when the process ends, however it ends.
"""

from __future__ import annotations

import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

import dagster as dg
from filelock import FileLock, Timeout

from msoko_pipeline.orchestration.origin import started_by
from msoko_pipeline.settings import PROCESSES

PROCESS = ".dagster/msoko_process"  # with this beginning the UI does not show it: it means nothing to people
NO_RETRY = {"dagster/max_retries": "0"}
"""Tags of a run of `msoko run`: the daemon is not to start it again; the next `msoko run` does what it left."""
IN_PROGRESS = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
UNSIGNED = 300.0  # seconds after which a run that no process has signed is given up: Dagster starts one in a few
REASON = "Процесс этого запуска завершился, не сообщив об этом: закрыт терминал, выключено питание или нет памяти."
HELD: dict[Path, FileLock] = {}
"""Folder of locks → the one that this process holds there until it ends."""


def signature(instance: dg.DagsterInstance) -> dict[str, str]:
    """Tags that say which process a run is in."""
    folder = _folder(instance)
    if folder not in HELD:
        lock = FileLock(folder / f"{os.getpid()}-{secrets.token_hex(8)}")
        lock.acquire()
        HELD[folder] = lock
    return {PROCESS: Path(HELD[folder].lock_file).name}


def sign(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Put the signature on a run that this process carries out, and who started it."""
    instance.add_run_tags(run.run_id, signature(instance) | started_by(run.tags))


def unsign(instance: dg.DagsterInstance) -> None:
    """Give up the signature of this process: its runs are over. Who is killed leaves the lock behind."""
    if lock := HELD.pop(_folder(instance), None):
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)


def end_stale(instance: dg.DagsterInstance) -> list[str]:
    """Mark the runs in progress that no living process carries out as failed; returns their ids."""
    records = instance.get_run_records(dg.RunsFilter(statuses=IN_PROGRESS))
    folder = _folder(instance)
    stale = [record.dagster_run for record in records if _is_stale(record, folder)]
    for run in stale:
        instance.report_run_failed(run, REASON)
    for lock in folder.iterdir():
        if time.time() - lock.stat().st_mtime > UNSIGNED and not _is_held(lock):  # a younger one may be on its way
            lock.unlink(missing_ok=True)
    return [run.run_id for run in stale]


def _folder(instance: dg.DagsterInstance) -> Path:
    folder = Path(instance.root_directory) / PROCESSES
    folder.mkdir(exist_ok=True)
    return folder


def _is_stale(record: dg.RunRecord, folder: Path) -> bool:
    name = record.dagster_run.tags.get(PROCESS)
    if name is None:
        return time.time() - record.update_timestamp.timestamp() > UNSIGNED
    lock = folder / Path(name).name
    return not (lock.exists() and _is_held(lock))


def _is_held(path: Path) -> bool:
    """Whether a living process holds a lock."""
    if path.parent in HELD and path == Path(HELD[path.parent].lock_file):
        return True
    with suppress(Timeout), FileLock(path).acquire(timeout=0):
        return False
    return True
