"""Drives the same jobs in one process: what `msoko run` does."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import resources

import dagster as dg

from msoko_pipeline import intake
from msoko_pipeline.orchestration import partitions
from msoko_pipeline.publishing import judging
from msoko_pipeline.publishing.publish import last_inputs
from msoko_pipeline.settings import Settings
from msoko_pipeline.trouble import of_text

SILENT = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def dagster_home(settings: Settings) -> str:
    """The folder of the Dagster instance, its configuration written on first use."""
    home = settings.dagster_home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    template = resources.files("msoko_pipeline.orchestration").joinpath("dagster.yaml").read_text(encoding="utf-8")
    target = home / "dagster.yaml"
    if not target.exists():
        target.write_text(template, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    return str(home)


def drive(definitions: dg.Definitions, settings: Settings, only: Iterable[int] = ()) -> list[str]:
    """Run `intake`, then `publish_year` for every stale year (of `only`, if given). Returns what failed, in words."""
    dagster_home(settings)
    judging.start()
    with dg.DagsterInstance.get() as instance:
        taken = definitions.resolve_job_def("intake").execute_in_process(
            instance=instance, run_config=SILENT, raise_on_error=False
        )
        if not taken.success:
            return _failures(taken)
        years = intake.stale(settings, last_inputs(settings))
        wanted = [year for year in years if not only or year in set(only)]
        partitions.add(instance, wanted)
        job = definitions.resolve_job_def("publish_year")
        for first, last in partitions.spans(instance, wanted):
            tags = {partitions.RANGE_START: first, partitions.RANGE_END: last}
            done = job.execute_in_process(instance=instance, run_config=SILENT, tags=tags, raise_on_error=False)
            if not done.success:
                return _failures(done)
    return []


def _failures(result: dg.ExecuteInProcessResult) -> list[str]:
    said = []
    for event in result.all_events:
        if event.is_step_failure or event.is_failure:
            error = getattr(event.event_specific_data, "error", None)
            cause = error
            while cause is not None and cause.cause is not None:
                cause = cause.cause
            text = cause.message.strip() if cause is not None else event.message or ""
            said.append(of_text(text) or f"{event.step_key or 'запуск'}: {text}")
    return list(dict.fromkeys(said))
