"""Where a run comes from: the code location of its job, and who started it.

Dagster's timeline and the history of a job list the runs of a code location, known by its name.
"""

from __future__ import annotations

from collections.abc import Mapping

from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

LOCATION = "msoko"
"""Name of the code location, as `workspace.yaml` and `msoko ui` have it."""
REPOSITORY = "__repository__"
"""Name that Dagster gives the repository of a module of definitions."""
STARTED_BY = "msoko/started_by"
STARTERS = {
    "dagster/schedule_name": "schedule",
    "dagster/sensor_name": "sensor",
    "dagster/backfill": "backfill",
    "dagster/from_ui": "ui",
}
"""Tag that Dagster puts on a run → who started it; the first one that is there counts."""
BY_COMMAND = {STARTED_BY: "run"}
"""Tags of a run of `msoko run`."""


def of_job(name: str) -> RemoteJobOrigin:
    """The origin that a job's runs bear when Dagster itself starts them; only names of it are compared."""
    return RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(LOCATION), REPOSITORY), name)


def started_by(tags: Mapping[str, str]) -> dict[str, str]:
    """The tag that says who started a run with these tags; none where it is there already or nobody can say."""
    starters = [starter for tag, starter in STARTERS.items() if tag in tags]
    return {STARTED_BY: starters[0]} if starters and STARTED_BY not in tags else {}
