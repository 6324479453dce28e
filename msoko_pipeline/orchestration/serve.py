"""The web UI and the daemon on 127.0.0.1, as two child processes that end together."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from msoko_pipeline.orchestration.drive import dagster_home
from msoko_pipeline.settings import Settings

HOST = "127.0.0.1"
LOCATION = ["-m", "msoko_pipeline.definitions"]


def serve(settings: Settings, port: int) -> int:
    """Run both until one ends or the user interrupts; returns the exit status of the one that ended by itself."""
    dagster_home(settings)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # started with `&`, Python inherits SIGINT ignored
    signal.signal(signal.SIGTERM, _interrupt)
    tools = Path(sys.executable).parent
    commands = [
        [str(tools / "dagster-webserver"), *LOCATION, "--host", HOST, "--port", str(port)],
        [str(tools / "dagster-daemon"), "run", *LOCATION],
    ]
    running = [subprocess.Popen(command) for command in commands]
    print(f"Dagster: http://{HOST}:{port} (остановить: Ctrl+C)", flush=True)
    try:
        while all(child.poll() is None for child in running):
            time.sleep(0.5)
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
