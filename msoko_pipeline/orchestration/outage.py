"""A warehouse that does not answer: sensors and schedules say so and ask for nothing; people are told once.

A run would fail after it had computed everything, and again with every file that comes meanwhile.
"""

from __future__ import annotations

from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.orchestration.alarms import Unsent, send, ways_of
from msoko_pipeline.publishing.publish import last_inputs
from msoko_pipeline.publishing.warehouse import WarehouseError
from msoko_pipeline.settings import Settings

NAME = "warehouse outage"
"""Under which the ledger remembers that people were told."""


class Outage(Exception):
    """The warehouse does not answer; the text says why, for people."""


def published(settings: Settings) -> dict[int, str]:
    """Year → inputs hash of the last publication, see `last_inputs`. Raises Outage; the first time people are told."""
    try:
        inputs = last_inputs(settings)
    except WarehouseError as error:
        _tell_once(settings, str(error))
        raise Outage(str(error)) from error
    ledger = ledger_of(settings)
    if ledger.setting(NAME):
        ledger.drop_setting(NAME)
    return inputs


def _tell_once(settings: Settings, trouble: str) -> None:
    ledger, ways = ledger_of(settings), [*ways_of(settings)]
    if ledger.setting(NAME) or not ways:
        return
    text = f"{trouble}. Публиковать некуда: файлы принимаются, годы ждут и опубликуются, когда хранилище ответит."
    try:
        send(ways, "МСОКО: хранилище витрин недоступно", text)
    except Unsent:
        return  # the next look tries again
    ledger.set_setting(NAME, settings.day.isoformat())
