"""The whole house for Dagster: the only module that sees schemas, the package and the assets together.

`workspace.yaml` loads `defs`. Tests call `build_definitions(resources=…)` and swap parts without patching.
"""

from __future__ import annotations

from typing import Any

import dagster as dg

import msoko_pipeline.garbage  # noqa: F401
from assets import ASSETS
from msoko_pipeline.intake.steps import Progress, quiet
from msoko_pipeline.orchestration import alarms, jobs, schedules, sensors
from msoko_pipeline.orchestration.pipeline import Pipeline, resource
from msoko_pipeline.settings import Settings


def build_definitions(settings: Settings | None = None, progress: Progress = quiet, **overrides: Any) -> dg.Definitions:
    """Fresh definitions. overrides: any argument of `dagster.Definitions` (assets, jobs, resources, …)."""
    pipeline = Pipeline(settings or Settings(), progress)
    parts: dict[str, Any] = {
        "assets": ASSETS,
        "jobs": [jobs.intake, jobs.publish_year, jobs.remind],
        "sensors": [sensors.inbox_changed, sensors.years_stale, alarms.run_failed],
        "schedules": schedules.SCHEDULES,
        "resources": {"pipeline": resource(pipeline)},
        "executor": dg.in_process_executor,
    }
    return dg.Definitions(**(parts | overrides))


defs = build_definitions()
