"""The sensors and schedules of the house, asked as the daemon asks them, on a day of choice; their runs in process.

What the daemon does and Dagster's own tests hold (a run key starts one run, a cursor is kept, one run at a time) is
done here in the plainest way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg

from msoko_pipeline.definitions import build_definitions
from msoko_pipeline.orchestration import alarms, sensors
from msoko_pipeline.orchestration.drive import SILENT
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.orchestration.schedules import SCHEDULES
from msoko_pipeline.publishing import judging
from msoko_pipeline.settings import Settings

ROUNDS = 12  # of looks on one day
SENSORS = (sensors.inbox_changed, sensors.years_stale)


class Automation:
    """The daemon of a home. runs: (day, job, what asked for it, whether it succeeded), in order; skipped: the last
    reason that each sensor and schedule gave.
    """

    def __init__(self, settings: Settings, instance: dg.DagsterInstance) -> None:
        judging.start()  # Great Expectations in a process of its own, as under `msoko run`
        self.settings, self.instance = settings, instance
        self.runs: list[tuple[str, str, str, bool]] = []
        self.skipped: dict[str, str] = {}
        self._keys: set[tuple[str, str]] = set()
        self._cursor: str | None = None

    def pass_days(self, days: Iterable[str]) -> None:
        for day in days:
            self.pass_day(day)

    def pass_day(self, day: str) -> None:
        """Schedules look once, in the morning; sensors until none of them has anything to ask for."""
        self.settings = self.settings.model_copy(update={"today": dt.date.fromisoformat(day)})
        self.definitions = build_definitions(self.settings)
        for schedule in SCHEDULES:
            self._start(schedule.name, schedule.job_name, self._asked(schedule))
        for _ in range(ROUNDS):
            asked = [self._start(each.name, each.job_name, self._sensed(each)) for each in SENSORS]
            if not any(asked):
                return
        raise AssertionError(f"the sensors never rest: {self.runs}")

    @property
    def resources(self) -> dict[str, Any]:
        return {"pipeline": Pipeline(self.settings)}

    def _asked(self, schedule: dg.ScheduleDefinition) -> Any:
        morning = dt.datetime.combine(self.settings.day, dt.time(6), ZoneInfo(self.settings.timezone))
        context = dg.build_schedule_context(
            self.instance,
            scheduled_execution_time=morning,
            resources=self.resources,
            repository_def=self.definitions.get_repository_def(),
        )
        return schedule(context)

    def _sensed(self, sensor: dg.SensorDefinition) -> Any:
        context = dg.build_sensor_context(
            self.instance, cursor=self._cursor, resources=self.resources, definitions=self.definitions
        )
        answer: Any = sensor(context)
        if answer.cursor is not None:
            self._cursor = answer.cursor
        return answer.run_requests or dg.SkipReason(answer.skip_reason.skip_message)

    def _start(self, name: str, job: str, answer: Any) -> int:
        """Carry out what a sensor or schedule asks for, once a key; returns how many runs that were."""
        if isinstance(answer, dg.SkipReason):
            self.skipped[name] = str(answer.skip_message)
            return 0
        requests = [answer] if isinstance(answer, dg.RunRequest) else list(answer)
        fresh = [request for request in requests if (name, str(request.run_key)) not in self._keys]
        for request in fresh:
            self._keys.add((name, str(request.run_key)))
            done = self.definitions.resolve_job_def(job).execute_in_process(
                instance=self.instance, run_config=SILENT, tags=request.tags, partition_key=request.partition_key,
                asset_selection=request.asset_selection, raise_on_error=False,
            )  # fmt: skip
            self.runs.append((self.settings.day.isoformat(), job, name, done.success))
            if not done.success:
                self._report(done)
        return len(fresh)

    def _report(self, done: dg.ExecuteInProcessResult) -> None:
        context = dg.build_run_status_sensor_context(
            "run_failed", done.get_run_failure_event(), self.instance, done.dagster_run, resources=self.resources
        )
        alarms.run_failed(context.for_run_failure())
