"""What Dagster lists of the runs of `msoko run`, beside one that the UI starts: the same location, job and years."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import SECONDS, graphql, published_ui

RUN = """runId jobName status tags {key value} assetSelection {path}
    repositoryOrigin {repositoryName repositoryLocationName}"""
SELECTOR = '{repositoryName: "__repository__", repositoryLocationName: "msoko", pipelineName: "%s"}'
LAUNCH = """mutation {launchPipelineExecution(executionParams: {
    selector: %s, executionMetadata: {tags: [%s]}, runConfigData: {}, mode: "default"
}) {__typename ... on LaunchRunSuccess {run {runId}} ... on PythonError {message}}}"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a UI over a home that `msoko run` has filled."""
    with published_ui(tmp_path_factory.mktemp("ui")) as address:
        yield address


@pytest.fixture(scope="module")
def of_command(url: str) -> dict[str, Any]:
    """The run of `publish_year` that `msoko run` made."""
    (run,) = runs(url, 'filter: {pipelineName: "publish_year"}')
    return run


@pytest.fixture(scope="module")
def of_ui(url: str, of_command: dict[str, Any]) -> dict[str, Any]:
    """A run of `publish_year` for the same year, started as the UI starts one."""
    tags = '{key: "dagster/partition", value: "2021"}, {key: "dagster/from_ui", value: "true"}'
    answer = graphql(url, LAUNCH % (SELECTOR % "publish_year", tags))["launchPipelineExecution"]
    assert answer["__typename"] == "LaunchRunSuccess", answer
    run_id = answer["run"]["runId"]
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        (run,) = runs(url, f'filter: {{runIds: ["{run_id}"]}}')
        if run["status"] in {"SUCCESS", "FAILURE"}:
            return run
        time.sleep(0.5)
    raise TimeoutError(run_id)


def runs(url: str, chosen: str) -> list[dict[str, Any]]:
    answer = graphql(url, f"{{runsOrError({chosen}) {{... on Runs {{results {{{RUN}}}}}}}}}")
    found: list[dict[str, Any]] = answer["runsOrError"]["results"]
    return found


def tags(run: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in run["tags"]}


@pytest.mark.parametrize("job", ["intake", "publish_year"])
def test_the_history_of_a_job_has_the_run_of_the_command(url: str, job: str) -> None:
    query = f"{{pipelineOrError(params: {SELECTOR % job}) {{... on Pipeline {{runs {{status}}}}}}}}"
    assert {"status": "SUCCESS"} in graphql(url, query)["pipelineOrError"]["runs"]


def test_the_timeline_of_the_location_has_the_runs_of_the_command(url: str) -> None:
    label = 'filter: {tags: [{key: ".dagster/repository", value: "__repository__@msoko"}]}'
    of_location = [run for run in runs(url, label) if tags(run)["msoko/started_by"] == "run"]
    assert {run["jobName"] for run in of_location} == {"intake", "publish_year"}
    origin = {"repositoryName": "__repository__", "repositoryLocationName": "msoko"}
    assert all(run["repositoryOrigin"] == origin for run in of_location)


def test_a_run_of_the_ui_looks_the_same(of_command: dict[str, Any], of_ui: dict[str, Any]) -> None:
    assert of_ui["status"] == "SUCCESS"
    for what in ("jobName", "repositoryOrigin"):
        assert of_ui[what] == of_command[what]
    for tag in ("dagster/partition", "dagster/code_location"):
        assert tags(of_ui)[tag] == tags(of_command)[tag]
    assert (tags(of_ui)["msoko/started_by"], tags(of_command)["msoko/started_by"]) == ("ui", "run")


def test_one_code_server_answers_the_ui_and_the_daemon(url: str, of_ui: dict[str, Any]) -> None:
    """The daemon has started the run of the UI on it: a second one would stand beside."""
    servers = [command for command in descendants(os.getpid()) if "grpc" in command.split("\0")]
    assert len(servers) == 1, servers


def descendants(process: int) -> Iterator[str]:
    """Command lines of the processes that this one has started, and that they have."""
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in children.read_text().split():
            yield Path(f"/proc/{child}/cmdline").read_text()
            yield from descendants(int(child))
