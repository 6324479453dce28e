"""The web UI and the daemon on 127.0.0.1, or one of them alone, with a code server: processes that end together."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg
from dagster._grpc.client import DagsterGrpcClient

from msoko_pipeline.orchestration.home import opened
from msoko_pipeline.orchestration.origin import LOCATION
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
CODE_SERVER = [sys.executable, "-m", "dagster", "api", "grpc", "--lazy-load-user-code", "--log-level", "warning"]
WEBSERVER = [sys.executable, "-m", "msoko_pipeline.orchestration.webserver"]
DAEMON = [str(Path(sys.executable).parent / "dagster-daemon"), "run"]
PATIENCE = 60.0  # seconds that the code server has to begin; the others would wait for it
PAUSE = 0.1  # seconds between two looks whether the code server has begun


def serve(settings: Settings, port: int, *, is_read_only: bool = False, only: str | None = None) -> int:
    """Run both, or only one of `PARTS`, until one ends or the user interrupts; returns the exit status of the one that
    ended by itself. The records of runs are looked after beside the daemon. Raises Stopped.
    """
    _refuse_open(settings)
    with opened(settings) as instance:
        end_stale(instance)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # started with `&`, Python inherits SIGINT ignored
    signal.signal(signal.SIGTERM, _interrupt)
    with TemporaryDirectory(prefix="msoko-") as folder, _children() as running:
        try:
            workspace = _start_code_server(Path(folder), running)
            options = ["--read-only"] if is_read_only else []
            commands = {
                "webserver": [*WEBSERVER, "--port", str(port), "--workspace", workspace, *options],
                "daemon": [*DAEMON, "--workspace", workspace],
            }
            chosen = [only] if only else [*PARTS]
            running += [subprocess.Popen(commands[part]) for part in chosen]
            where = f"http://{HOST}:{port}" if "webserver" in chosen else "служба запущена"
            print(f"Dagster: {where} (остановить: Ctrl+C)", flush=True)
            return _watch(running, settings if "daemon" in chosen else None)
        except KeyboardInterrupt:
            return 0


def _start_code_server(folder: Path, running: list[subprocess.Popen[bytes]]) -> str:
    """Start it on a socket in a folder that nobody else may enter; returns the workspace file that leads to it."""
    socket = str(folder / "code.sock")
    command = [*CODE_SERVER, "--module-name", MODULE, "--location-name", LOCATION, "--socket", socket]
    running.append(subprocess.Popen(command))
    client = DagsterGrpcClient(socket=socket)
    until = time.monotonic() + PATIENCE
    while running[0].poll() is None and time.monotonic() < until:
        with suppress(Exception):  # it has not begun to listen
            client.ping("")
            break
        time.sleep(PAUSE)
    workspace = folder / "workspace.yaml"
    server = {"grpc_server": {"host": "localhost", "socket": socket, "location_name": LOCATION}}
    workspace.write_text(json.dumps({"load_from": [server]}), encoding="utf-8")
    return str(workspace)


def _watch(running: list[subprocess.Popen[bytes]], settings: Settings | None) -> int:
    """Wait until one has ended, however it did; returns its exit status. settings: by which the records of runs are
    looked after meanwhile; None where nobody does.
    """
    due = time.monotonic() + LOOK
    while not (ended := [child.returncode for child in running if child.poll() is not None]):
        time.sleep(0.5)
        if (
            settings is not None and time.monotonic() > due
        ):  # a `msoko run` that was killed would keep the daemon from starting anything
            due = time.monotonic() + LOOK
            with suppress(Exception), dg.DagsterInstance.get() as instance:  # a look that fails is tried again
                end_stale(instance)  # a `msoko run` that was killed would keep the daemon from starting anything
                forget_old(instance, settings.run_days)
    return max(map(abs, ended))


@contextmanager
def _children() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Child processes, the last started ended first: who asks before who answers."""
    running: list[subprocess.Popen[bytes]] = []
    try:
        yield running
    finally:
        for child in reversed(running):
            if child.poll() is None:
                child.send_signal(signal.SIGINT)
        for child in reversed(running):
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
