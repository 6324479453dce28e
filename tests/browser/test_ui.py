"""`msoko ui` in a headless Chromium: the graph loads, shows its groups, a run, a failing check and a preview."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.assets.test_layers import BAD, GOOD, export
from tests.command import ROOT, msoko

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
SECONDS = 90

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium не установлен (scripts/install_test_services.py)"),
]


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running UI over a home where one year is published and one row is in quarantine."""
    folder = tmp_path_factory.mktemp("ui")
    export(folder / "inbox", "2021/4/Математика.csv", [*GOOD, BAD])
    done = msoko("run", "--inbox", folder / "inbox", "--home", folder / "home")
    assert done.returncode == 3, done.stderr
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MSOKO_", "DAGSTER_"))}
    server = subprocess.Popen(
        [sys.executable, "-m", "msoko_pipeline", "ui", "--home", str(folder / "home"), "--port", str(port)],
        cwd=ROOT, env=clean | {"MSOKO_INBOX": str(folder / "inbox")}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/server_info", server)
        yield address
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)


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


@pytest.fixture(scope="module")
def page(url: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_page(viewport={"width": 1800, "height": 1000})
        browser.close()


def shot(page: Any, name: str) -> None:
    """Keep a picture for a person where one is asked for (MSOKO_SHOTS=folder)."""
    if folder := os.environ.get("MSOKO_SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def graphql(url: str, query: str) -> Any:
    request = urllib.request.Request(
        f"{url}/graphql", json.dumps({"query": query}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]


GROUPS = ("raw", "organisations", "vpr", "gia", "olympiads", "talent", "preschool", "indicators", "risk", "publication")


def test_the_graph_shows_the_groups(page: Any, url: str) -> None:
    from playwright.sync_api import expect

    page.goto(f"{url}/asset-groups")
    for group in GROUPS:
        expect(page.get_by_text(group, exact=True).first).to_be_visible(timeout=SECONDS * 1000)
    shot(page, "graph")


@pytest.mark.parametrize(
    ("group", "asset"),
    [
        ("organisations", "vpr_context"),
        ("gia", "gia9_appeal"),
        ("olympiads", "olympiad_count"),
        ("talent", "gifted_bank"),
        ("preschool", "preschool_survey"),
        ("publication", "register"),
    ],
)
def test_a_group_lists_its_assets(page: Any, url: str, group: str, asset: str) -> None:
    """In the list beside the graph, opened by the keyboard; the graph itself draws only what is in sight."""
    from playwright.sync_api import expect

    page.goto(f"{url}/asset-groups")
    page.get_by_text(group, exact=True).first.click()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(asset, exact=True).first).to_be_visible(timeout=SECONDS * 1000)
    shot(page, f"group-{group}")


def test_the_run_is_there(page: Any, url: str) -> None:
    from playwright.sync_api import expect

    runs = graphql(url, "{runsOrError {... on Runs {results {runId status jobName}}}}")["runsOrError"]["results"]
    assert {(run["jobName"], run["status"]) for run in runs} == {("intake", "SUCCESS"), ("publish_year", "SUCCESS")}
    run_id = next(run["runId"] for run in runs if run["jobName"] == "publish_year")
    page.goto(f"{url}/runs/{run_id}")
    expect(page.get_by_text("Success", exact=True).first).to_be_visible(timeout=SECONDS * 1000)
    shot(page, "run")


def test_a_failing_check_is_shown(page: Any, url: str) -> None:
    from playwright.sync_api import expect

    page.goto(f"{url}/assets/validated/vpr_result?view=checks")
    expect(page.get_by_text("every_row_accepted").first).to_be_visible(timeout=SECONDS * 1000)
    shot(page, "check")


def test_a_preview_is_shown(page: Any, url: str) -> None:
    from playwright.sync_api import expect

    page.goto(f"{url}/assets/marts/school_risk?view=overview")
    expect(page.get_by_text("objectivity_status").first).to_be_visible(timeout=SECONDS * 1000)
    shot(page, "preview")


def test_the_quality_page_works_offline(page: Any, url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = next(tmp_path_factory.getbasetemp().glob("ui*/home"))
    asked: list[str] = []
    page.goto("about:blank")  # the page before goes on asking
    page.on("request", lambda request: asked.append(request.url))
    page.goto((home / "quality" / "index.html").as_uri())
    assert "vpr_school" in page.content()
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
    shot(page, "quality")
