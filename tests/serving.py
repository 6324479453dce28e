"""Runs `msoko ui` on a free port as a person would, and asks it questions."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.assets.test_layers import BAD, GOOD, export
from tests.command import ROOT, msoko

SECONDS = 90


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def ui(home: Path, *options: str, **environment: str) -> Iterator[int]:
    """The port of a running UI over a home."""
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MSOKO_", "DAGSTER_"))}
    clean["MSOKO_AUTOMATION"] = "off"
    server = subprocess.Popen(
        [sys.executable, "-m", "msoko_pipeline", "ui", "--home", str(home), "--port", str(port), *options],
        cwd=ROOT, env=clean | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/server_info", server)
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)


@contextmanager
def published_ui(folder: Path) -> Iterator[str]:
    """Address of a running UI over a home, `folder`/home, where `msoko run` has published one year and one row is in
    quarantine.
    """
    export(folder / "inbox", "2021/4/Математика.csv", [*GOOD, BAD])
    done = msoko("run", "--inbox", folder / "inbox", "--home", folder / "home")
    assert done.returncode == 3, done.stderr
    with ui(folder / "home", MSOKO_INBOX=str(folder / "inbox")) as port:
        yield f"http://127.0.0.1:{port}"


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError("the UI has ended")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError(address)


def graphql(url: str, query: str) -> Any:
    request = urllib.request.Request(
        f"{url}/graphql", json.dumps({"query": query}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]
