"""The schedules: every cycle of the calendar closes on its day, and deadlines are told of.

A file that comes is published at once by the sensors, so a cycle whose files are all there has nothing left to run. The
schedule of a cycle publishes its year anew once its deadline has passed with something lacking: until then the files
were waited for, from then on they are late.
"""

from __future__ import annotations

import hashlib

import dagster as dg

from msoko_pipeline.home.cycle_states import states
from msoko_pipeline.intake import freshness
from msoko_pipeline.orchestration import jobs, partitions
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.orchestration.sensors import is_under_way
from msoko_pipeline.settings import Settings
from schemas.assessment_year import Cycle, coming, cycles

TIMEZONE = Settings().timezone
IS_ON = Settings().automation == "on"
STATUS = dg.DefaultScheduleStatus.RUNNING if IS_ON else dg.DefaultScheduleStatus.STOPPED
CLOSING = "0 6 * * *"
TELLING = "0 8 * * *"


def closing(cycle: Cycle) -> dg.ScheduleDefinition:
    """The schedule of a cycle: looks every morning whether its deadline has passed since its year was published."""

    @dg.schedule(
        name=f"close_{cycle.code}",
        job=jobs.publish_year,
        cron_schedule=CLOSING,
        execution_timezone=TIMEZONE,
        default_status=STATUS,
        description=f"{cycle.title}: прошёл срок для файлов — год публикуется заново, чего не прислали, опаздывает",
        tags={"msoko/cycle": cycle.code},
    )
    def close(
        context: dg.ScheduleEvaluationContext, pipeline: dg.ResourceParam[Pipeline]
    ) -> dg.RunRequest | dg.SkipReason:
        return _closed(context.instance, pipeline.settings, cycle)

    return close


def _closed(instance: dg.DagsterInstance, settings: Settings, cycle: Cycle) -> dg.RunRequest | dg.SkipReason:
    from msoko_pipeline.publishing.publish import last_inputs

    if is_under_way(instance):
        return dg.SkipReason("запуск уже идёт")
    for year in freshness.closed_years(settings, last_inputs(settings)):
        for state in states(settings, year):
            if state.cycle == cycle.code and state.has_passed(settings.day) and not state.is_complete:
                partitions.add(instance, [year])
                return dg.RunRequest(
                    run_key=f"{cycle.code} {year} {state.deadline}",
                    tags={partitions.RANGE_START: str(year), partitions.RANGE_END: str(year)},
                )
    return dg.SkipReason(_waiting(settings, cycle))


def _waiting(settings: Settings, cycle: Cycle) -> str:
    """How the cycle stands, in words."""
    window = coming(cycle, settings.day)
    if window is None:
        return "в ближайшие годы не проводится"
    of_year = [state for state in states(settings, window.year) if state.cycle == cycle.code]
    if not of_year:
        day = f"{window.deadline:%d.%m.%Y}"
        return f"{window.year} год: срок {day}; за этот год ещё ничего не опубликовано"
    return "; ".join(f"{state.year} год: срок {state.day:%d.%m.%Y}, {state.in_words}" for state in of_year)


@dg.schedule(
    job=jobs.remind,
    cron_schedule=TELLING,
    execution_timezone=TIMEZONE,
    default_status=STATUS,
    description="Сроки, до которых неделя или которые прошли: напоминания, письмо (MSOKO_SMTP), адрес (MSOKO_WEBHOOK)",
)
def due_dates(
    context: dg.ScheduleEvaluationContext, pipeline: dg.ResourceParam[Pipeline]
) -> list[dg.RunRequest] | dg.SkipReason:
    """One run a year that has notices to send."""
    from msoko_pipeline.orchestration.alarms import ways_of
    from msoko_pipeline.publishing.publish import last_inputs
    from msoko_pipeline.senders import notices

    settings = pipeline.settings
    if not [*ways_of(settings)]:
        return dg.SkipReason("не задано, куда сообщать: MSOKO_SMTP, MSOKO_WEBHOOK")
    by_year = {year: notices.pending(settings, year) for year in sorted(last_inputs(settings))}
    requests = [
        dg.RunRequest(
            run_key=hashlib.sha256("|".join(notice.name for notice in of_year).encode()).hexdigest(),
            partition_key=str(year),
        )
        for year, of_year in by_year.items()
        if of_year
    ]
    return requests or dg.SkipReason("сообщать не о чем")


SCHEDULES = [*map(closing, cycles().values()), due_dates]
