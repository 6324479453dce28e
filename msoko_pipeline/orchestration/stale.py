"""Runs whose process is gone: a closed terminal, a power cut or SIGKILL leaves them «started» for good.

With one run at a time such a run would keep every other from starting. A run bears its process's number and moment of
birth as tags, so that a number given away again is not taken for it.
"""

from __future__ import annotations

import os
import time

import dagster as dg
import psutil

PROCESS, BORN = "msoko/process", "msoko/process_born"
NO_RETRY = {"dagster/max_retries": "0"}
"""Tags of a run of `msoko run`: the daemon is not to start it again; the next `msoko run` does what it left."""
IN_PROGRESS = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
UNSIGNED = 300.0  # seconds after which a run that no process has signed is given up: Dagster starts one in a few
REASON = "Процесс этого запуска завершился, не сообщив об этом: закрыт терминал, выключено питание или нет памяти."


def signature() -> dict[str, str]:
    """Tags that say which process a run is in."""
    return {PROCESS: str(os.getpid()), BORN: f"{psutil.Process().create_time():.2f}"}


def sign(instance: dg.DagsterInstance, run_id: str) -> None:
    """Put the signature on a run that this process carries out."""
    instance.add_run_tags(run_id, signature())


def end_stale(instance: dg.DagsterInstance) -> list[str]:
    """Mark the runs in progress that no living process carries out as failed; returns their ids."""
    records = instance.get_run_records(dg.RunsFilter(statuses=IN_PROGRESS))
    stale = [record.dagster_run for record in records if _is_stale(record)]
    for run in stale:
        instance.report_run_failed(run, REASON)
    return [run.run_id for run in stale]


def _is_stale(record: dg.RunRecord) -> bool:
    tags = record.dagster_run.tags
    if PROCESS not in tags or BORN not in tags:
        return time.time() - record.update_timestamp.timestamp() > UNSIGNED
    try:
        process = psutil.Process(int(tags[PROCESS]))
        is_same = abs(process.create_time() - float(tags[BORN])) < 0.1
        return not is_same or process.status() == psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ValueError):
        return True
    except psutil.AccessDenied:  # somebody else's process: it lives
        return False
