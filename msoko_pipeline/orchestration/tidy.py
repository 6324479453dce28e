"""Records of old runs: a run's events take megabytes, so they are forgotten after a while. Ticks: `retention` in
dagster.yaml; what the units print: journald.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg

KEPT = 50  # runs whose records stay, however old they are
AT_ONCE = 50  # runs that are forgotten in one go: a second
FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def forget_old(instance: dg.DagsterInstance, days: int) -> list[str]:
    """Delete records, events and output of the oldest finished runs of more than so many days; returns their ids."""
    before = datetime.now(UTC) - timedelta(days=days)
    old = instance.get_run_records(dg.RunsFilter(statuses=FINISHED, created_before=before), AT_ONCE, ascending=True)
    if not old:
        return []
    newest = {run.run_id for run in instance.get_runs(limit=KEPT)}
    forgotten = [run_id for record in old if (run_id := record.dagster_run.run_id) not in newest]
    for run_id in forgotten:
        instance.delete_run(run_id)
        instance.compute_log_manager.delete_logs(prefix=[run_id])
    return forgotten
