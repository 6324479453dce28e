"""Whether the daemon is at work, as an exit status for health checks: python -m msoko_pipeline.orchestration.alive."""

from __future__ import annotations

import sys

import dagster as dg
from dagster._daemon.controller import all_daemons_live

from msoko_pipeline.orchestration.home import dagster_home
from msoko_pipeline.settings import Settings

SECONDS = 120.0  # since the last heartbeat


def is_alive(settings: Settings) -> bool:
    """Whether every part of the daemon has given a sign of life lately."""
    dagster_home(settings)
    with dg.DagsterInstance.get() as instance:
        return all_daemons_live(instance, heartbeat_tolerance_seconds=SECONDS)


if __name__ == "__main__":
    sys.exit(0 if is_alive(Settings()) else 1)
