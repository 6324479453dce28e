"""The services of a server: units of systemd and containers are sound, and what a unit starts does its work."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from msoko_pipeline.orchestration.alive import is_alive
from msoko_pipeline.orchestration.home import opened
from msoko_pipeline.settings import Settings, names
from tests.command import ROOT, msoko_here
from tests.serving import free_port, wait_for

UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
PROGRAM = "/opt/msoko/.venv/bin/msoko"
OWN = {"Type", "ExecStart", "Restart", "RestartSec", "RestartPreventExitStatus", "KillMode", "TimeoutStopSec",
       "ReadWritePaths"}  # fmt: skip
"""What units differ in; everything else, the closing of a service above all, is the same in all."""


def service(path: Path) -> dict[str, str]:
    parser = configparser.ConfigParser(strict=True, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(path, encoding="utf-8")
    return dict(parser["Service"])


# ---- systemd


def test_the_units_are_sound(tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd-analyze нет на этой машине")
    for path in UNITS.glob("msoko*.*"):
        if path.suffix == ".example":
            continue
        text = path.read_text(encoding="utf-8").replace(PROGRAM, sys.executable)
        (tmp_path / path.name).write_text(re.sub(r"(?m)^(User|Group)=.*", r"\1=root", text), encoding="utf-8")
    done = subprocess.run([verify, "verify", *tmp_path.iterdir()], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (tmp_path / "msoko-daemon.service").write_text("[Service]\nExecStart=/nowhere\n")
    done = subprocess.run([verify, "verify", tmp_path / "msoko-daemon.service"], capture_output=True, check=False)
    assert done.returncode != 0


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_every_service_is_closed_in_the_same_way(path: Path) -> None:
    ours = {name: value for name, value in service(path).items() if name not in OWN}
    assert ours == {name: value for name, value in service(SERVICES[0]).items() if name not in OWN}
    assert {"NoNewPrivileges", "ProtectSystem", "PrivateTmp", "UMask", "CapabilityBoundingSet"} <= ours.keys()
    assert ours["User"] != "root"


def test_the_settings_of_the_example_are_known() -> None:
    lines = (UNITS / "msoko.env.example").read_text(encoding="utf-8").splitlines()
    given = {line.lstrip("#").partition("=")[0] for line in lines if "=" in line and not line.startswith("# ")}
    assert {"MSOKO_HOME", "MSOKO_INBOX", "MSOKO_WAREHOUSE"} <= given <= names()


@contextmanager
def started(path: Path, settings: Settings, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """What a unit starts, with this machine's program and settings; ended as systemd ends it."""
    command = service(path)["ExecStart"].replace(PROGRAM, f"{sys.executable} -m msoko_pipeline")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MSOKO_", "DAGSTER_"))}
    environment |= {"MSOKO_HOME": str(settings.home), "MSOKO_AUTOMATION": "off"}
    process = subprocess.Popen(
        shlex.split(command.replace("3000", str(port))), cwd=ROOT, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=int(service(path)["TimeoutStopSec"]))


def test_what_the_units_start_answers_and_gives_signs_of_life(tmp_path: Path) -> None:
    settings, port = Settings(home=tmp_path / "home"), free_port()
    with opened(settings):
        pass
    assert not is_alive(settings), "nothing has been started"
    with started(UNITS / "msoko-webserver.service", settings, port) as webserver:
        wait_for(f"http://127.0.0.1:{port}/server_info", webserver)
        assert not is_alive(settings), "the webserver alone is no daemon"
        with started(UNITS / "msoko-daemon.service", settings, port) as daemon:
            until = time.monotonic() + 90
            while not is_alive(settings):
                assert daemon.poll() is None
                assert time.monotonic() < until
                time.sleep(0.5)
        assert daemon.returncode == 0
        assert webserver.poll() is None, "the daemon ends alone"
    assert webserver.returncode == 0


def test_the_backup_of_the_timer_is_one_file_a_day_of_the_week() -> None:
    shell = service(UNITS / "msoko-backup.service")["ExecStart"].replace("$$", "$").replace("%%", "%")
    program, option, script = shlex.split(shell)
    done = subprocess.run(
        [program, option, script.replace(f"exec {PROGRAM}", "echo")], capture_output=True, text=True, check=True
    )
    assert re.fullmatch(r"backup /var/backups/msoko/msoko-[1-7]\.tar\.zst\n", done.stdout)


# ---- containers


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    text = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def test_the_client_takes_the_containers() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker compose нет на этой машине")
    command = [docker, "compose", "-f", ROOT / "deploy" / "compose.yaml", "config", "--quiet"]
    without = {name: value for name, value in os.environ.items() if name != "MSOKO_DB_PASSWORD"}
    assert subprocess.run(command, env=without, capture_output=True, check=False).returncode != 0
    subprocess.run(command, env=without | {"MSOKO_DB_PASSWORD": "abc"}, capture_output=True, check=True)


def test_the_containers_are_those_of_the_units(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"database", "webserver", "daemon"}
    for name in ("webserver", "daemon"):
        words = shlex.split(service(UNITS / f"msoko-{name}.service")["ExecStart"])[1:]
        assert services[name]["command"] == words
        assert services[name]["depends_on"] == {"database": {"condition": "service_healthy"}}
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]
        assert set(services[name]["environment"]) - {"TZ"} <= names()
    assert all("healthcheck" in each and each["restart"] == "unless-stopped" for each in services.values())
    assert {volume.partition(":")[0] for each in services.values() for volume in each["volumes"]} - {
        "${MSOKO_INBOX_FOLDER"
    } == set(compose["volumes"])


def test_nothing_is_open_to_other_machines(compose: dict[str, Any]) -> None:
    ports = [port for each in compose["services"].values() for port in each.get("ports", ())]
    assert ports == ["127.0.0.1:3000:3000"]


def test_no_password_has_a_default(compose: dict[str, Any]) -> None:
    text = yaml.safe_dump(compose, allow_unicode=True, width=10_000)
    assert text.count("MSOKO_DB_PASSWORD") == text.count("${MSOKO_DB_PASSWORD:?впишите MSOKO_DB_PASSWORD") * 2
    assert "${MSOKO_DB_PASSWORD:?" in compose["services"]["database"]["environment"]["POSTGRES_PASSWORD"]


def test_the_image_is_made_of_what_is_there() -> None:
    lines = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [
        word for line in lines if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]
    ]
    allowed = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{name}" for name in copied} == {line for line in allowed if line.startswith("!")}
    assert all((ROOT / name).exists() for name in copied)
    assert [line for line in lines if line.startswith("USER")] == ["USER msoko"]
    assert all(re.fullmatch(r"FROM [a-z]+:[\w.-]+(?: AS made)?", line) for line in lines if line.startswith("FROM"))


def test_the_ui_listens_to_others_in_a_container_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from msoko_pipeline.orchestration import serve

    monkeypatch.setattr(serve, "CONTAINER", (tmp_path / "nowhere",))
    done = msoko_here("ui", "--home", tmp_path / "home", MSOKO_UI_LISTEN="0.0.0.0")
    assert done.returncode == 1
    assert "годится только внутри контейнера" in done.stderr
    monkeypatch.setattr(serve, "CONTAINER", (tmp_path,))
    serve._refuse_open(Settings(ui_listen="0.0.0.0"))
    assert msoko_here("ui", MSOKO_UI_LISTEN="10.0.0.5").returncode == 2
