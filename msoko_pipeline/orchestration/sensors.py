"""The sensors: new content of the inbox starts `intake`, years with unpublished facts start `publish_year` once.

A run that failed is asked for again a few times, not at once: a disk or a database may have come back.
"""

import datetime as dt
import hashlib

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from msoko_pipeline.home import places
from msoko_pipeline.intake import freshness
from msoko_pipeline.orchestration import jobs, outage, partitions, switch
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.orchestration.present import with_sources
from msoko_pipeline.orchestration.stale import IN_PROGRESS
from msoko_pipeline.reading.archive import files_in

SECONDS = 30
JOBS = (jobs.intake, jobs.publish_year)
ATTEMPTS = 3
RETRY_AFTER = dt.timedelta(minutes=30)
STATE = "msoko/state"
"""Tag of a run: the state of the inbox or of what was sent, for which it was asked."""
UNDER_WAY = [dg.DagsterRunStatus.QUEUED, *IN_PROGRESS]
"""States of runs that end by themselves or are ended; a run that was made and never begun stays so for good."""


@dg.sensor(
    job=jobs.intake,
    minimum_interval_seconds=SECONDS,
    default_status=switch.OF_SENSORS,
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
    if not seen:
        return dg.SensorResult(skip_reason="папка приёма пуста")
    failures = _failures(context.instance, jobs.intake.name, state)
    if state == context.cursor and not failures:
        return dg.SensorResult(skip_reason="в папке приёма ничего нового")
    if reason := _too_soon(failures):
        return dg.SensorResult(skip_reason=reason)
    request = dg.RunRequest(run_key=f"{state}:{len(failures)}", tags={STATE: state})
    return dg.SensorResult(run_requests=[request], cursor=state)


def _failures(instance: dg.DagsterInstance, job: str, state: str) -> list[dg.RunRecord]:
    """The runs of a job for a state if all of them failed, the last first."""
    records = instance.get_run_records(dg.RunsFilter(job_name=job, tags={STATE: state}))
    has_failed = all(record.dagster_run.status == dg.DagsterRunStatus.FAILURE for record in records)
    return [*records] if has_failed else []


def _too_soon(failures: list[dg.RunRecord]) -> str | None:
    """Why a run that failed is not asked for again now, in words; None where it is."""
    if len(failures) >= ATTEMPTS:
        return f"не удалось {ATTEMPTS} раза; устраните причину и запустите сами"
    if failures and dt.datetime.now().timestamp() - (failures[0].end_time or 0) < RETRY_AFTER.total_seconds():
        return f"не удалось, попытка {len(failures)} из {ATTEMPTS}; следующая через {RETRY_AFTER.seconds // 60} мин"
    return None


def asset_graph(repository: dg.RepositoryDefinition | None) -> AssetGraph:
    """The assets of the code location in which a sensor or a schedule is asked."""
    if repository is None:
        raise LookupError("asked outside of a code location")
    return repository.asset_graph


def is_under_way(instance: dg.DagsterInstance) -> bool:
    """Whether a run that takes in or publishes is queued or at work."""
    return any(instance.get_runs_count(dg.RunsFilter(job_name=job.name, statuses=UNDER_WAY)) for job in JOBS)


@dg.sensor(
    job=jobs.publish_year,
    minimum_interval_seconds=SECONDS,
    default_status=switch.OF_SENSORS,
    description="Годы с неопубликованными фактами",
)
def years_stale(context: dg.SensorEvaluationContext, pipeline: dg.ResourceParam[Pipeline]) -> dg.SensorResult:
    """One run of all the waiting years for each state of what was sent; none while a run is under way, as its facts
    change meanwhile.
    """
    if is_under_way(context.instance):
        return dg.SensorResult(skip_reason="запуск уже идёт")
    try:
        published = outage.published(pipeline.settings)
    except outage.Outage as error:
        return dg.SensorResult(skip_reason=str(error))
    waiting = freshness.stale(pipeline.settings, published, by_calendar=False)
    if not waiting:
        return dg.SensorResult(skip_reason="всё опубликовано")
    partitions.add(context.instance, waiting)
    state = freshness.sent_state(pipeline.settings)
    failures = _failures(context.instance, jobs.publish_year.name, state)
    if reason := _too_soon(failures):
        return dg.SensorResult(skip_reason=reason)
    chosen = with_sources(asset_graph(context.repository_def), pipeline.settings)
    requests = [
        dg.RunRequest(
            run_key=f"{first}–{last}:{state}:{len(failures)}",
            tags={**partitions.tags(first, last), STATE: state},
            asset_selection=chosen,
        )
        for first, last in partitions.spans(context.instance, waiting)
    ]
    return dg.SensorResult(run_requests=requests)
