"""The inbox sensors: new content starts `intake` once; years with unpublished facts start `publish_year`."""

import hashlib

import dagster as dg

from msoko_pipeline.home import places
from msoko_pipeline.intake import freshness
from msoko_pipeline.orchestration import jobs, partitions
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.reading.archive import files_in

SECONDS = 30


@dg.sensor(job=jobs.intake, minimum_interval_seconds=SECONDS, description="Новое содержимое папки приёма")
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


@dg.sensor(job=jobs.publish_year, minimum_interval_seconds=SECONDS, description="Годы с неопубликованными фактами")
def years_stale(context: dg.SensorEvaluationContext, pipeline: dg.ResourceParam[Pipeline]) -> dg.SensorResult:
    """One run per year and state of its facts."""
    from msoko_pipeline.publishing.publish import last_inputs

    waiting = freshness.stale(pipeline.settings, last_inputs(pipeline.settings))
    if not waiting:
        return dg.SensorResult(skip_reason="всё опубликовано")
    state = freshness.waiting_state(pipeline.settings)
    existing = set(context.instance.get_dynamic_partitions("year"))
    fresh = [str(year) for year in waiting if str(year) not in existing]
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=f"{year}:{state}", partition_key=str(year)) for year in waiting],
        dynamic_partitions_requests=[partitions.years.build_add_request(fresh)] if fresh else [],
    )
