"""By when a mart is to be published: the day after the deadline of the cycle that it speaks of."""

import datetime as dt

import dagster as dg

from msoko_pipeline.orchestration import switch
from schemas.assessment_year import coming, cycles

HOUR = 9
"""Of the day after the deadline: the schedule of the cycle has looked before."""


def freshness_policy(mart: str) -> dg.FreshnessPolicy | None:
    """The mart is fresh if it was published since its cycle began; None for one that speaks of no cycle."""
    cycle = next((cycle for cycle in cycles().values() if mart in cycle.marts), None)
    window = coming(cycle, switch.TODAY) if cycle else None
    if window is None:
        return None
    due = window.deadline + dt.timedelta(1)
    return dg.FreshnessPolicy.cron(
        deadline_cron=f"0 {HOUR} {due.day} {due.month} *", lower_bound_delta=due - window.starts,
        timezone=switch.TIMEZONE,
    )  # fmt: skip
