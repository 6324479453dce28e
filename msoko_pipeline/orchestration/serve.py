"""The web UI and the daemon on 127.0.0.1, as two child processes that end together, or one of them alone."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import dagster as dg

from msoko_pipeline.orchestration.home import opened
from msoko_pipeline.orchestration.stale import end_stale
from msoko_pipeline.orchestration.tidy import forget_old
from msoko_pipeline.settings import Settings
from msoko_pipeline.trouble import Stopped

LOOK = 60.0  # seconds between looks for runs whose process is gone
HOST = "127.0.0.1"
MODULE = "msoko_pipeline.definitions"
PARTS = ("webserver", "daemon")
CONTAINER = (Path("/.dockerenv"), Path("/run/.containerenv"))
"""What Docker and Podman put into a container."""
WEBSERVER = [sys.executable, "-m", "msoko_pipeline.orchestration.webserver"]


def serve(settings: Settings, port: int, *, is_read_only: bool = False, only: str | None = None) -> int:
    """Run both, or only one of `PARTS`, until one ends or the user interrupts; returns the exit status of the one that
    ended by itself. The records of runs are looked after beside the daemon. Raises Stopped.
    """
    _refuse_open(settings)
    with opened(settings) as instance:
        end_stale(instance)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # started with `&`, Python inherits SIGINT ignored
    signal.signal(signal.SIGTERM, _interrupt)
    commands = {
        "webserver": [*WEBSERVER, "--port", str(port), *(["--read-only"] if is_read_only else [])],
        "daemon": [str(Path(sys.executable).parent / "dagster-daemon"), "run", "-m", MODULE],
    }
    chosen = [only] if only else [*PARTS]
    running = [subprocess.Popen(commands[part]) for part in chosen]
    where = f"http://{HOST}:{port}" if "webserver" in chosen else "служба запущена"
    print(f"Dagster: {where} (остановить: Ctrl+C)", flush=True)
    due = time.monotonic() + LOOK
    try:
        while all(child.poll() is None for child in running):
            time.sleep(0.5)
            if "daemon" in chosen and time.monotonic() > due:
                due = time.monotonic() + LOOK
                with suppress(Exception), dg.DagsterInstance.get() as instance:  # a look that fails is tried again
                    end_stale(instance)  # a `msoko run` that was killed would keep the daemon from starting anything
                    forget_old(instance, settings.run_days)
        return max(child.returncode or 0 for child in running)
    except KeyboardInterrupt:
        return 0
    finally:
        for child in running:
            if child.poll() is None:
                child.send_signal(signal.SIGINT)
        for child in running:
            try:
                child.wait(timeout=20)
            except subprocess.TimeoutExpired:
                child.kill()


def _refuse_open(settings: Settings) -> None:
    """Raises Stopped where the UI, which has no login, would be open to other machines."""
    if settings.ui_listen != HOST and not any(place.exists() for place in CONTAINER):
        raise Stopped(
            f"MSOKO_UI_LISTEN={settings.ui_listen} годится только внутри контейнера: у веб-интерфейса нет пароля. "
            "Уберите эту настройку; для других машин нужен прокси с паролем: docs/operations.md"
        )


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
