"""The schedules: every cycle of the calendar closes on its day, and deadlines are told of.

A file that comes is published at once by the sensors, so a cycle whose files are all there has nothing left to run. The
schedule of a cycle publishes its year anew once its deadline has passed with something lacking: until then the files
were waited for, from then on they are late.
"""

from __future__ import annotations

import hashlib

import dagster as dg

from msoko_pipeline.home.cycle_states import OTHER, OTHERS, states
from msoko_pipeline.intake import freshness
from msoko_pipeline.orchestration import jobs, outage, partitions, switch
from msoko_pipeline.orchestration.alarms import ways_of
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.orchestration.present import with_sources
from msoko_pipeline.orchestration.sensors import asset_graph, is_under_way
from msoko_pipeline.settings import Settings
from msoko_pipeline.text.years import year_of_day
from schemas import catalogue
from schemas.assessment_year import coming, cycles

CLOSING = "0 6 * * *"
TELLING = "0 8 * * *"


def closing(code: str, title: str) -> dg.ScheduleDefinition:
    """The schedule of a cycle: looks every morning whether its deadline has passed since its year was published."""

    @dg.schedule(
        name=f"close_{code}",
        job=jobs.publish_year,
        cron_schedule=CLOSING,
        execution_timezone=switch.TIMEZONE,
        default_status=switch.OF_SCHEDULES,
        description=f"{title}: прошёл срок для файлов — год публикуется заново, чего не прислали, опаздывает",
        tags={"msoko/cycle": code},
    )
    def close(
        context: dg.ScheduleEvaluationContext, pipeline: dg.ResourceParam[Pipeline]
    ) -> dg.RunRequest | dg.SkipReason:
        return _closed(context, pipeline.settings, code)

    return close


def _closed(context: dg.ScheduleEvaluationContext, settings: Settings, code: str) -> dg.RunRequest | dg.SkipReason:
    if is_under_way(context.instance):
        return dg.SkipReason("запуск уже идёт")
    try:
        published = outage.published(settings)
    except outage.Outage as error:
        return dg.SkipReason(str(error))
    closed = next((state for state in freshness.closed(settings, published) if state.cycle == code), None)
    if closed is None:
        return dg.SkipReason(_waiting(settings, code))
    year = str(closed.year)
    partitions.add(context.instance, [closed.year])
    return dg.RunRequest(
        run_key=f"{code} {year} {closed.deadline}",
        tags=partitions.tags(year, year),
        asset_selection=with_sources(asset_graph(context.repository_def), settings),
    )


def _waiting(settings: Settings, code: str) -> str:
    """How the cycle stands, in words."""
    window = coming(cycles()[code], settings.day) if code in cycles() else None
    year = window.year if window else reporting_year(settings)
    of_year = [state for state in states(settings, year) if state.cycle == code]
    if of_year:
        return "; ".join(f"{year} год: срок {state.day:%d.%m.%Y}, {state.in_words}" for state in of_year)
    if window is None:
        return "в ближайшие годы не проводится"
    return f"{year} год: срок {window.deadline:%d.%m.%Y}; за этот год ещё ничего не опубликовано"


def reporting_year(settings: Settings) -> int:
    """The reporting year of today."""
    return year_of_day(settings.day, catalogue.school_year_days()["from"])


@dg.schedule(
    job=jobs.remind,
    cron_schedule=TELLING,
    execution_timezone=switch.TIMEZONE,
    default_status=switch.OF_SCHEDULES,
    description="Сроки, до которых неделя или которые прошли: напоминания, письмо (MSOKO_SMTP), адрес (MSOKO_WEBHOOK)",
)
def due_dates(
    context: dg.ScheduleEvaluationContext, pipeline: dg.ResourceParam[Pipeline]
) -> list[dg.RunRequest] | dg.SkipReason:
    """One run a year that has notices to send."""
    from msoko_pipeline.senders import notices

    settings = pipeline.settings
    if not [*ways_of(settings)]:
        return dg.SkipReason("не задано, куда сообщать: MSOKO_SMTP, MSOKO_WEBHOOK")
    try:
        published = outage.published(settings)
    except outage.Outage as error:
        return dg.SkipReason(str(error))
    by_year = {year: notices.pending(settings, year) for year in sorted(published)}
    requests = [
        dg.RunRequest(
            run_key=hashlib.sha256("|".join(notice.name for notice in of_year).encode()).hexdigest(),
            partition_key=str(year),
        )
        for year, of_year in by_year.items()
        if of_year
    ]
    return requests or dg.SkipReason("сообщать не о чем")


SCHEDULES = [*(closing(code, cycle.title) for code, cycle in cycles().items()), closing(OTHER, OTHERS), due_dates]
