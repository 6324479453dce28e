"""One writer of a home at a time: a lock that the system releases when its holder dies, however it dies."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from msoko_pipeline.settings import Settings
from msoko_pipeline.trouble import Stopped

MOMENT = 2.0  # seconds: as long as another command may need to look something up


class Busy(Stopped):
    """Somebody else writes this home now."""


@contextmanager
def holding(settings: Settings, what: str, wait: float = MOMENT) -> Iterator[None]:
    """Hold the home's lock; what: who holds it, as others are told. Within one process it may be held again.

    Raises Busy, which says who holds it and since when, after `wait` seconds.
    """
    from filelock import FileLock, Timeout

    home = settings.home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home / "lock", is_singleton=True, thread_local=False)
    try:
        lock.acquire(timeout=wait, poll_interval=0.1)
    except Timeout:
        raise Busy(_busy(home)) from None
    try:
        if lock.lock_counter == 1:
            _sign(home, what)
        yield
    finally:
        lock.release()


def _sign(home: Path, what: str) -> None:
    """Say who holds the lock; only read while it is held, so that what a killed holder left does not mislead."""
    signature = {"what": what, "pid": os.getpid(), "since": datetime.now().astimezone().isoformat(timespec="seconds")}
    partial = _signature(home).with_suffix(".tmp")
    partial.write_text(json.dumps(signature, ensure_ascii=False), encoding="utf-8")
    partial.replace(_signature(home))


def _signature(home: Path) -> Path:
    return home / "lock.json"


def _busy(home: Path) -> str:
    holder = "другой запуск"
    with suppress(OSError, ValueError, KeyError, TypeError):
        signature = json.loads(_signature(home).read_text(encoding="utf-8"))
        since = datetime.fromisoformat(signature["since"])
        holder = f"{signature['what']}, процесс {signature['pid']}, с {since:%H:%M:%S %d.%m.%Y}"
    return f"Папка состояния «{home}» занята: {holder}. Дождитесь окончания и запустите снова"
