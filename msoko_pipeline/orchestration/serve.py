"""The web UI and the daemon on 127.0.0.1, as two child processes that end together."""

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
from msoko_pipeline.settings import Settings

LOOK = 60.0  # seconds between looks for runs whose process is gone
HOST = "127.0.0.1"
MODULE = "msoko_pipeline.definitions"
WEBSERVER = [sys.executable, "-m", "msoko_pipeline.orchestration.webserver"]


def serve(settings: Settings, port: int, *, is_read_only: bool = False) -> int:
    """Run both until one ends or the user interrupts; returns the exit status of the one that ended by itself."""
    with opened(settings) as instance:
        end_stale(instance)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # started with `&`, Python inherits SIGINT ignored
    signal.signal(signal.SIGTERM, _interrupt)
    commands = [
        [*WEBSERVER, "--port", str(port), *(["--read-only"] if is_read_only else [])],
        [str(Path(sys.executable).parent / "dagster-daemon"), "run", "-m", MODULE],
    ]
    running = [subprocess.Popen(command) for command in commands]
    print(f"Dagster: http://{HOST}:{port} (остановить: Ctrl+C)", flush=True)
    due = time.monotonic() + LOOK
    try:
        while all(child.poll() is None for child in running):
            time.sleep(0.5)
            if time.monotonic() > due:  # a `msoko run` that was killed would keep the daemon from starting anything
                due = time.monotonic() + LOOK
                with suppress(Exception), dg.DagsterInstance.get() as instance:  # a look that fails is tried again
                    end_stale(instance)
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


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
