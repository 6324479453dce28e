"""Drives the same jobs in one process: what `msoko run` does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run
from dagster._core.execution.execution_result import ExecutionResult

from msoko_pipeline.intake import freshness
from msoko_pipeline.orchestration import origin, partitions
from msoko_pipeline.orchestration.home import opened
from msoko_pipeline.orchestration.present import with_sources
from msoko_pipeline.orchestration.stale import NO_RETRY, end_stale, signature, unsign
from msoko_pipeline.orchestration.tidy import forget_old
from msoko_pipeline.publishing import judging
from msoko_pipeline.publishing.publish import last_inputs
from msoko_pipeline.settings import Settings
from msoko_pipeline.trouble import of_text

SILENT = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def drive(definitions: dg.Definitions, settings: Settings, only: Iterable[int] = ()) -> list[str]:
    """Run `intake`, then `publish_year` for every stale year (of `only`, if given). Returns what failed, in words."""
    judging.start()
    with opened(settings) as instance:
        try:
            failures = _run_jobs(definitions, settings, instance, set(only))
            with suppress(Exception):  # records of others: tried again by the next run
                forget_old(instance, settings.run_days)
            return failures
        finally:
            unsign(instance)


def _run_jobs(
    definitions: dg.Definitions, settings: Settings, instance: dg.DagsterInstance, only: set[int]
) -> list[str]:
    end_stale(instance)
    own = NO_RETRY | origin.BY_COMMAND | signature(instance)  # from the start: killed, it is known to be gone
    taken = execute(definitions.resolve_job_def("intake"), instance, own)
    if not taken.success:
        return _failures(taken)
    years = freshness.stale(settings, last_inputs(settings))
    wanted = [year for year in years if not only or year in only]
    partitions.add(instance, wanted)
    chosen = with_sources(definitions.resolve_asset_graph(), settings)
    job = definitions.resolve_job_def("publish_year")
    for first, last in partitions.spans(instance, wanted):
        done = execute(job, instance, own | partitions.tags(first, last), chosen)
        if not done.success:
            return _failures(done)
    return []


def execute(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    tags: Mapping[str, str],
    chosen: Iterable[dg.AssetKey] = (),
) -> ExecutionResult:
    """Execute a job, or the chosen assets of it, in this process. Its record is one of the code location, as those of
    runs that Dagster starts: `execute_in_process` would make a record that no job and no timeline shows.
    """
    run = instance.create_run_for_job(
        job_def=job,
        run_config=SILENT,
        tags={**job.run_tags, **tags},
        asset_selection=frozenset(chosen) or None,
        remote_job_origin=origin.of_job(job.name),
    )
    return execute_run(InMemoryJob(job), run, instance)


def _failures(result: ExecutionResult) -> list[str]:
    messages = []
    for event in result.all_events:
        if event.is_step_failure or event.is_failure:
            error = getattr(event.event_specific_data, "error", None)
            cause = error
            while cause is not None and cause.cause is not None:
                cause = cause.cause
            text = cause.message.strip() if cause is not None else event.message or ""
            messages.append(of_text(text) or f"{event.step_key or 'запуск'}: {text}")
    return list(dict.fromkeys(messages))
