"""reports/reminders: texts for the organisations that have not sent what the calendar expects; notices of deadlines."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from msoko_pipeline.orchestration import metadata, partitions
from msoko_pipeline.orchestration.alarms import Unsent, send, ways_of
from msoko_pipeline.orchestration.layers import OWNERS, PUBLICATION, WHOLE, Asset, Dep
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.settings import Settings

KEY = ["reports", "reminders"]
SHOWN = 30  # lines of the table


def reminders(deps: Sequence[Dep]) -> Asset:
    """The asset; it comes after the publication, whose tables it reads."""

    @dg.asset(
        key=KEY,
        group_name=PUBLICATION,
        partitions_def=partitions.years,
        backfill_policy=WHOLE,
        kinds={"text"},
        owners=OWNERS,
        deps=deps,
        description="Напоминания: текст на каждую организацию, которая не прислала положенного по календарю; о скором "
        "и прошедшем сроке сообщается письмом (MSOKO_SMTP) и по адресу (MSOKO_WEBHOOK), каждый раз однажды.",
    )
    def written(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]):  # type: ignore[no-untyped-def]
        from msoko_pipeline.senders import reminders as texts

        settings = pipeline.settings
        header, shown, unsent, count = ("год", "организация", "в срок не прислано", "ждём"), [], [], 0
        for year in partitions.of(context):
            lacking = texts.reminders(settings, year)
            texts.write_reminders(settings, lacking, settings.reminders / str(year))
            count += len(lacking)
            shown += [(year, each.name, len(each.late), len(each.due)) for each in lacking]
            unsent += _notify(settings, year, lacking)
        return dg.MaterializeResult(
            metadata={
                "organisations": count,
                "preview": metadata.table(header, shown[:SHOWN], "прислано всё"),
                **({"unsent": "\n".join(unsent)} if unsent else {}),
            }
        )

    return written


def _notify(settings: Settings, year: int, lacking: list[Any]) -> list[str]:
    """Send the notices of a year that are due; returns why some could not be sent: they are tried again later."""
    from msoko_pipeline.senders import notices

    ways = [*ways_of(settings)]
    troubles: list[str] = []
    for notice in notices.pending(settings, year) if ways else ():
        try:
            send(ways, notices.subject_of(notice), notices.text_of(notice, lacking))
        except Unsent as error:
            troubles.append(str(error))
        else:
            notices.mark_sent(settings, notice)
    return troubles
