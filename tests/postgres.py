"""A real PostgreSQL for the tests: its own cluster in a temporary folder, on 127.0.0.1, stopped by its own pid.

What belongs here: finding the binaries, starting, stopping, databases of one test. Not here: anything about tables.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

SECONDS_TO_START = 30
ATTEMPTS = 3  # another process may take the free port between our looking and the server's binding
UNPRIVILEGED = ("postgres", "nobody")
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=64MB")


class PostgresMissing(RuntimeError):
    """No server binaries here, or no way to run them; the text says what to install."""


def binaries() -> Path:
    """Folder that holds both `initdb` and `postgres`: from PATH, or the newest of Debian's. Raises PostgresMissing."""
    on_path = shutil.which("initdb")
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda p: int(re.sub(r"\D", "", p.parent.name) or 0),
        reverse=True,
    )
    for folder in ([Path(on_path).resolve().parent] if on_path else []) + debian:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise PostgresMissing("нет сервера PostgreSQL (initdb, postgres): python scripts/install_test_services.py")


@contextmanager
def cluster() -> Iterator[str]:
    """Start a server of our own; gives its SQLAlchemy URL (with a password) and always stops it by its own pid."""
    folder = binaries()
    home = Path(tempfile.mkdtemp(prefix="msoko-postgres-"))
    try:
        who = _run_as(home)
        password = secrets.token_hex(8)
        secret = home / "password"
        secret.write_text(password)
        if who:
            os.chown(secret, pwd.getpwnam(who["user"]).pw_uid, -1)
        options = ["--username=msoko", "--encoding=UTF8", "--no-locale", "--no-sync", "--auth=scram-sha-256"]
        made = subprocess.run(
            [folder / "initdb", *options, f"--pwfile={secret}", "-D", home / "data"],
            capture_output=True, text=True, check=False, cwd=home, **who,
        )  # fmt: skip
        if made.returncode:
            raise PostgresMissing(f"initdb не создал кластер: {made.stderr.strip().splitlines()[-1:]}")
        server, port = _start(folder, home, who)
        try:
            yield f"postgresql+psycopg://msoko:{password}@127.0.0.1:{port}/postgres"
        finally:
            _stop(server)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def database(server_url: str, template: str = "template1") -> Iterator[str]:
    """SQLAlchemy URL of a new database of that server, a copy of `template`; dropped afterwards."""
    name = f"msoko_{uuid4().hex[:8]}"
    server = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"create database {name} template {template}")
    yield sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.exec_driver_sql(f"drop database {name} with (force)")
    server.dispose()


def _run_as(home: Path) -> dict[str, Any]:
    """The server refuses to run as root: hand the folder to an unprivileged user; empty when we are none."""
    if os.geteuid() != 0:
        return {}
    for name in UNPRIVILEGED:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(home, user.pw_uid, user.pw_gid)
        return {"user": name, "group": user.pw_gid, "extra_groups": []}
    raise PostgresMissing("мы root, а непривилегированного пользователя (postgres, nobody) нет")


def _start(folder: Path, home: Path, who: dict[str, Any]) -> tuple[subprocess.Popen[bytes], int]:
    settings = [part for setting in (*FAST, "unix_socket_directories=") for part in ("-c", setting)]
    for _ in range(ATTEMPTS):
        port = _free_port()
        with (home / "log").open("ab") as log:
            server = subprocess.Popen(
                [folder / "postgres", "-D", home / "data", "-h", "127.0.0.1", "-p", str(port), *settings],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=home, **who,
            )  # fmt: skip
        until = time.monotonic() + SECONDS_TO_START
        while server.poll() is None and time.monotonic() < until:
            if _answers(port):
                return server, port
            time.sleep(0.05)
        _stop(server)
    raise PostgresMissing(f"PostgreSQL не запустился: {(home / 'log').read_text(errors='replace')[-500:]}")


def _answers(port: int) -> bool:
    """True once the server talks: a refused password is an answer, «starting up» is not."""
    import psycopg

    try:
        psycopg.connect(f"host=127.0.0.1 port={port} user=msoko password=wrong dbname=postgres", connect_timeout=2)
    except psycopg.OperationalError as error:
        return "password authentication failed" in str(error)
    return True


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGINT)  # «fast»: ends sessions, writes a checkpoint
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
