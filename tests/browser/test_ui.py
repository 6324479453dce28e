"""`msoko ui` in a headless Chromium: it shows groups, runs, checks, previews; it obeys its own page and no other."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from msoko_pipeline.orchestration.layers import GROUPS
from tests.serving import SECONDS, graphql, published_ui

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync",
         "--host-resolver-rules=MAP *.example 127.0.0.1"]  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium не установлен (scripts/install_test_services.py)"),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running UI over a home where one year is published and one row is in quarantine."""
    with published_ui(tmp_path_factory.mktemp("ui")) as address:
        yield address


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


def test_the_graph_shows_the_groups(page: Any, url: str) -> None:
    from playwright.sync_api import expect

    page.goto(f"{url}/asset-groups")
    for group in GROUPS:
        expect(page.get_by_text(group, exact=True).first).to_be_visible(timeout=SECONDS * 1000)
    shot(page, "graph")


@pytest.mark.parametrize(
    ("group", "asset"),
    [
        ("sources", "inbox"),
        ("facts", "advanced_subjects"),
        ("indicators", "gifted_bank"),
        ("decisions", "forecast"),
        ("marts", "august_pack"),
        ("publication", "register"),
    ],
)
def test_a_group_lists_its_assets(page: Any, url: str, group: str, asset: str) -> None:
    """In the list beside the graph, opened by the keyboard; the graph itself draws only what is in sight."""
    from playwright.sync_api import expect

    page.goto(f"{url}/asset-groups")
    page.evaluate("localStorage.clear()")  # groups opened before would push this one out of sight
    page.reload()
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


def test_the_timeline_has_the_runs_of_the_command(page: Any, url: str) -> None:
    from playwright.sync_api import expect

    page.goto(f"{url}/overview/activity/timeline")
    for job in ("intake", "publish_year"):
        expect(page.get_by_role("link", name=job).first).to_be_visible(timeout=SECONDS * 1000)
    shot(page, "timeline")


def test_the_launchpad_offers_a_dry_run(page: Any, url: str) -> None:
    from playwright.sync_api import expect

    page.goto(f"{url}/locations/msoko/jobs/publish_year/playground")
    expect(page.get_by_text("dry_run").first).to_be_visible(timeout=SECONDS * 1000)
    expect(page.get_by_text("rebuild").first).to_be_visible(timeout=SECONDS * 1000)
    shot(page, "launchpad")


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
    page = page.context.browser.new_page()  # the page before goes on asking
    page.on("request", lambda request: asked.append(request.url))
    page.goto((home / "quality" / "index.html").as_uri())
    assert "vpr_school" in page.content()
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
    shot(page, "quality")


@pytest.fixture(scope="module")
def other_site() -> Iterator[str]:
    """Address of a page that is not ours, under a name of its own."""
    handler = partial(QuietHandler, directory=str(Path(__file__).parent))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"other.example:{server.server_port}"
    server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def is_paused(url: str) -> bool:
    return bool(graphql(url, "{instance {autoMaterializePaused}}")["instance"]["autoMaterializePaused"])


@pytest.mark.parametrize("name", ["other.example", "localhost", "127.0.0.1"])
def test_a_page_of_another_site_changes_nothing(page: Any, url: str, other_site: str, name: str) -> None:
    """Also one of this machine on another port, which is the same site for a browser, though not the same origin."""
    graphql(url, "mutation {setAutoMaterializePaused(paused: true)}")
    addresses: list[str] = []
    answers: list[Any] = []
    page = page.context.browser.new_page()  # the page before goes on asking
    page.on("request", lambda request: addresses.append(request.url))
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"http://{other_site.replace('other.example', name)}/other_site.html#{url.removeprefix('http://')}")
    results = page.evaluate("tryEverything()")
    assert len(results) == 14
    assert "read" not in results.values(), results
    assert sum(address.startswith(url) for address in addresses) >= 10  # a websocket is none; some are stopped before
    assert {answer.status for answer in answers if answer.url.startswith(url)} <= {403, 405, 415}
    assert is_paused(url)
    page.close()


def test_the_page_of_the_ui_itself_may_change(page: Any, url: str) -> None:
    """The same mutation, so that the test above is known to be able to fail."""
    graphql(url, "mutation {setAutoMaterializePaused(paused: true)}")
    page.goto(f"{url}/config")
    page.evaluate(
        """() => fetch("/graphql", {method: "POST", headers: {"Content-Type": "application/json"},
        body: JSON.stringify({query: "mutation {setAutoMaterializePaused(paused: false)}"})})"""
    )
    assert not is_paused(url)


def test_a_name_that_points_here_opens_nothing(page: Any, url: str) -> None:
    """DNS rebinding: the page of another site and our server have one origin."""
    answer = page.goto(url.replace("127.0.0.1", "other.example"))
    assert answer.status == 403
    assert "MSOKO_UI_HOSTS" in page.content()
    status = page.evaluate("""fetch("/graphql", {method: "POST", body: "{}"}).then((answer) => answer.status)""")
    assert status == 403


def test_a_run_is_launched_by_a_click(page: Any, url: str) -> None:
    """The UI works behind the guard: nothing refused, nothing blocked."""
    from playwright.sync_api import expect

    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("response", lambda response: complaints.append(response.url) if response.status >= 400 else None)
    page.goto(f"{url}/locations/msoko/jobs/intake")
    page.get_by_role("button", name="Materialize all").click()
    page.get_by_text("View", exact=True).first.click()
    expect(page.get_by_text("Success", exact=True).first).to_be_visible(timeout=SECONDS * 1000)
    shot(page, "launched")
    assert complaints == []
