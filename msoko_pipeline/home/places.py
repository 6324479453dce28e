"""Inbox and home beside, above and below each other: what is ours is never taken in as somebody's file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msoko_pipeline.settings import Settings
from msoko_pipeline.trouble import Stopped

SQLITE = "sqlite:///"


def left_out(settings: Settings) -> list[Path]:
    """Folders and files of ours inside the inbox: they are no files that came."""
    inbox = settings.inbox.resolve()
    return [place for place in _ours(settings) if place.is_relative_to(inbox) and not inbox.is_relative_to(place)]


def check(settings: Settings) -> None:
    """Raises Stopped where the inbox is the home itself or a folder that the pipeline writes."""
    inbox, home = settings.inbox.resolve(), settings.home.resolve()
    kept = [settings.archive, settings.cells, settings.lake, settings.staging, settings.quality, settings.dagster_home]
    if inbox == home or any(inbox.is_relative_to(folder.resolve()) for folder in [*kept, home / "indicators"]):
        raise Stopped(
            f"Папка приёма «{settings.inbox}» — это папка, в которую пишет сама программа. Назовите другую: --inbox "
            f"или MSOKO_INBOX (обычно «{settings.home / 'inbox'}»)"
        )


def _ours(settings: Settings) -> Iterator[Path]:
    yield settings.home.resolve()
    yield settings.lake.resolve()
    if settings.warehouse.startswith(SQLITE):
        warehouse = Path(settings.warehouse.removeprefix(SQLITE).partition("?")[0]).resolve()
        yield from (warehouse.with_name(warehouse.name + end) for end in ("", "-wal", "-shm", "-journal"))
