"""The sensors: one run per new content of the inbox, one run per year whose facts are not published."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from msoko_pipeline.definitions import build_definitions
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.intake.freshness import sent_state
from msoko_pipeline.intake.steps import readmit, validate, withdraw
from msoko_pipeline.orchestration import switch
from msoko_pipeline.orchestration.partitions import tags
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.orchestration.sensors import inbox_changed, years_stale
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS
from tests import making
from tests.assets.test_layers import GOOD, export, run


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox")


def tick(
    sensor: dg.SensorDefinition, settings: Settings, instance: dg.DagsterInstance, cursor: str | None = None
) -> dg.SensorResult:
    """What the sensor answers, as its author wrote it."""
    context = dg.build_sensor_context(
        instance=instance,
        cursor=cursor,
        resources={"pipeline": Pipeline(settings)},
        definitions=build_definitions(settings),
    )
    answer = sensor(context)
    assert isinstance(answer, dg.SensorResult)
    return answer


def requests(answer: dg.SensorResult) -> list[dg.RunRequest]:
    return list(answer.run_requests or [])


def test_an_empty_inbox_starts_nothing(settings: Settings) -> None:
    with dg.instance_for_test() as instance:
        assert requests(tick(inbox_changed, settings, instance)) == []
        assert requests(tick(years_stale, settings, instance)) == []


def test_new_content_starts_one_run(settings: Settings) -> None:
    path = export(settings.inbox, "2021/4/Математика.csv", GOOD)
    with dg.instance_for_test() as instance:
        first = tick(inbox_changed, settings, instance)
        assert len(requests(first)) == 1
        again = tick(inbox_changed, settings, instance, first.cursor)
        assert requests(again) == []
        path.write_text(path.read_text(encoding="utf-8") + GOOD[0].replace("40001", "40009") + "\n", encoding="utf-8")
        changed = tick(inbox_changed, settings, instance, first.cursor)
        assert len(requests(changed)) == 1
        assert requests(changed)[0].run_key != requests(first)[0].run_key


def test_a_year_with_unpublished_facts_starts_its_run_once(settings: Settings) -> None:
    export(settings.inbox, "2021/4/Математика.csv", GOOD)
    with dg.instance_for_test() as instance:
        assert run(settings, instance, "intake").success
        (request,) = requests(tick(years_stale, settings, instance))
        assert request.tags.items() >= tags("2021", "2021").items()
        assert run(settings, instance, "publish_year", 2021).success
        assert requests(tick(years_stale, settings, instance)) == []


def test_waiting_years_are_one_run(settings: Settings) -> None:
    making.xlsx(settings.inbox / "акты.xlsx", making.form("act", {"Год": 2025}, {"Год": 2026}))
    with dg.instance_for_test() as instance:
        assert run(settings, instance, "intake").success
        (request,) = requests(tick(years_stale, settings, instance))
        assert request.tags.items() >= tags("2025", "2026").items()


def test_a_run_that_validates_asks_for_no_other(settings: Settings) -> None:
    """Facts change while they are validated; what was sent does not."""
    export(settings.inbox, "2021/4/Математика.csv", GOOD)
    with dg.instance_for_test() as instance:
        assert run(settings, instance, "intake").success
        (before,) = requests(tick(years_stale, settings, instance))
        validate(settings, KINDS)
        (after,) = requests(tick(years_stale, settings, instance))
        assert after.run_key == before.run_key
        export(settings.inbox, "2021/4/Ещё, математика.csv", [GOOD[0].replace("40001", "40009")])
        assert run(settings, instance, "intake").success
        (of_more,) = requests(tick(years_stale, settings, instance))
        assert of_more.run_key != before.run_key


def test_what_is_taken_back_and_again_is_sent_anew(settings: Settings) -> None:
    export(settings.inbox, "2021/4/Математика.csv", GOOD)
    with dg.instance_for_test() as instance:
        assert run(settings, instance, "intake").success
        (entry,) = ledger_of(settings).files()
        states = [sent_state(settings)]
        for act in (withdraw, readmit):
            act(settings, entry.sha256)
            states.append(sent_state(settings))
        assert len(set(states)) == 3, "as it was before is a state of its own: its run has been requested already"


@pytest.mark.parametrize("job", ["intake", "publish_year"])
@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])
def test_nothing_is_published_while_a_run_is_under_way(
    settings: Settings, job: str, status: dg.DagsterRunStatus
) -> None:
    export(settings.inbox, "2021/4/Математика.csv", GOOD)
    with dg.instance_for_test() as instance:
        assert run(settings, instance, "intake").success
        definition = build_definitions(settings).resolve_job_def(job)
        instance.create_run_for_job(definition, status=status, tags=tags("2021", "2021")
                                    if job == "publish_year" else {})  # fmt: skip
        answer = tick(years_stale, settings, instance)
        assert requests(answer) == []
        assert answer.skip_reason


def test_a_run_that_never_began_hinders_nothing(settings: Settings) -> None:
    export(settings.inbox, "2021/4/Математика.csv", GOOD)
    with dg.instance_for_test() as instance:
        assert run(settings, instance, "intake").success
        instance.create_run_for_job(
            build_definitions(settings).resolve_job_def("intake"), status=dg.DagsterRunStatus.NOT_STARTED
        )
        assert len(requests(tick(years_stale, settings, instance))) == 1


@pytest.mark.parametrize(("automation", "status"), [(None, "RUNNING"), ("off", "STOPPED")])
def test_sensors_work_unless_automation_is_off(automation: str | None, status: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"from {switch.__name__} import *; print(OF_SENSORS.value, OF_SCHEDULES.value)"],
        env=os.environ | ({"MSOKO_AUTOMATION": automation} if automation else {}), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout.split() == [status, status]
