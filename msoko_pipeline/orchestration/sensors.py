"""The sensors: new content of the inbox starts `intake`, years with unpublished facts start `publish_year` once."""

import hashlib

import dagster as dg

from msoko_pipeline.home import places
from msoko_pipeline.intake import freshness
from msoko_pipeline.orchestration import jobs, partitions
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.orchestration.stale import IN_PROGRESS
from msoko_pipeline.reading.archive import files_in
from msoko_pipeline.settings import Settings

SECONDS = 30
STATUS = dg.DefaultSensorStatus.RUNNING if Settings().automation == "on" else dg.DefaultSensorStatus.STOPPED
JOBS = (jobs.intake, jobs.publish_year)
UNDER_WAY = [dg.DagsterRunStatus.QUEUED, *IN_PROGRESS]
"""States of runs that end by themselves or are ended; a run that was made and never begun stays so for good."""


@dg.sensor(
    job=jobs.intake,
    minimum_interval_seconds=SECONDS,
    default_status=STATUS,
    description="Новое содержимое папки приёма",
)
def inbox_changed(context: dg.SensorEvaluationContext, pipeline: dg.ResourceParam[Pipeline]) -> dg.SensorResult:
    """One run per new state of the inbox (names, sizes, times): copying still under way only makes another state."""
    inbox = pipeline.settings.inbox
    seen = sorted(
        f"{path.relative_to(inbox)}|{path.stat().st_size}|{path.stat().st_mtime_ns}"
        for path in (files_in(inbox, places.left_out(pipeline.settings)) if inbox.exists() else ())
        if path.is_file()
    )
    state = hashlib.sha256("\n".join(seen).encode()).hexdigest()
    if not seen or state == context.cursor:
        return dg.SensorResult(skip_reason="в папке приёма ничего нового")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=state)], cursor=state)


@dg.sensor(
    job=jobs.publish_year,
    minimum_interval_seconds=SECONDS,
    default_status=STATUS,
    description="Годы с неопубликованными фактами",
)
def years_stale(context: dg.SensorEvaluationContext, pipeline: dg.ResourceParam[Pipeline]) -> dg.SensorResult:
    """One run of all the waiting years for each state of what was sent; none while a run is under way, as its facts
    change meanwhile.
    """
    from msoko_pipeline.publishing.publish import last_inputs

    under_way = [dg.RunsFilter(job_name=job.name, statuses=UNDER_WAY) for job in JOBS]
    if any(map(context.instance.get_runs_count, under_way)):
        return dg.SensorResult(skip_reason="запуск уже идёт")
    waiting = freshness.stale(pipeline.settings, last_inputs(pipeline.settings))
    if not waiting:
        return dg.SensorResult(skip_reason="всё опубликовано")
    partitions.add(context.instance, waiting)
    state = freshness.sent_state(pipeline.settings)
    requests = [
        dg.RunRequest(run_key=f"{first}–{last}:{state}", tags=partitions.tags(first, last))
        for first, last in partitions.spans(context.instance, waiting)
    ]
    return dg.SensorResult(run_requests=requests)
