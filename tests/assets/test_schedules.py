"""The schedules: what closes a cycle, what does not, and what they say meanwhile."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from msoko_pipeline.definitions import build_definitions
from msoko_pipeline.home.cycle_states import CycleState, keep
from msoko_pipeline.orchestration import schedules
from msoko_pipeline.orchestration.partitions import tags
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.settings import Settings
from schemas.assessment_year import cycles
from tests.assets.test_layers import GOOD, export, run

BY_NAME = {schedule.name: schedule for schedule in schedules.SCHEDULES}
AFTER = dt.date(2021, 6, 25)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox", today=dt.date(2021, 6, 10))


def asked(name: str, settings: Settings, instance: dg.DagsterInstance) -> Any:
    definitions = build_definitions(settings)
    context = dg.build_schedule_context(
        instance, scheduled_execution_time=dt.datetime(2021, 6, 25, 6), resources={"pipeline": Pipeline(settings)},
        repository_def=definitions.get_repository_def(),
    )  # fmt: skip
    return BY_NAME[name](context)


def on(settings: Settings, day: dt.date) -> Settings:
    return settings.model_copy(update={"today": day})


def test_every_cycle_has_a_schedule() -> None:
    assert {*BY_NAME} == {f"close_{code}" for code in cycles()} | {"close_other", "due_dates"}


def test_a_cycle_closes_once_when_its_deadline_has_passed(settings: Settings) -> None:
    export(settings.inbox, "2021/4/Математика.csv", GOOD)
    with dg.instance_for_test() as instance:
        assert "ещё ничего не опубликовано" in asked("close_vpr_spring", settings, instance).skip_message
        assert run(settings, instance, "intake").success
        assert run(settings, instance, "publish_year", 2021).success
        waits = asked("close_vpr_spring", settings, instance)
        assert waits.skip_message.startswith("2021 год: срок 20.06.2021, прислали всё 0 из 1 организаций")

        later = on(settings, AFTER)
        request = asked("close_vpr_spring", later, instance)
        assert request.tags.items() >= tags("2021", "2021").items()
        assert isinstance(asked("close_oge", later, instance), dg.SkipReason)
        assert run(later, instance, "publish_year", 2021).success
        assert isinstance(asked("close_vpr_spring", later, instance), dg.SkipReason)


def test_new_files_are_the_sensors_business(settings: Settings) -> None:
    export(settings.inbox, "2021/4/Математика.csv", GOOD)
    with dg.instance_for_test() as instance:
        assert run(settings, instance, "intake").success
        keep(settings, 2021, [CycleState(2021, "vpr_spring", "2021-03-15", "2021-06-20", 2, 1, 1, 0)])
        assert isinstance(asked("close_vpr_spring", on(settings, AFTER), instance), dg.SkipReason)


def test_nothing_closes_while_a_run_is_under_way(settings: Settings) -> None:
    with dg.instance_for_test() as instance:
        job = build_definitions(settings).resolve_job_def("intake")
        instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        assert "уже идёт" in asked("close_vpr_spring", settings, instance).skip_message


def test_deadlines_are_told_of_only_where_there_is_somebody_to_tell(settings: Settings) -> None:
    with dg.instance_for_test() as instance:
        assert "MSOKO_SMTP" in asked("due_dates", settings, instance).skip_message
        told = settings.model_copy(update={"webhook": "http://127.0.0.1:9/"})
        assert "не о чем" in asked("due_dates", told, instance).skip_message


def test_a_warehouse_that_does_not_answer_is_told_of(settings: Settings) -> None:
    away = settings.model_copy(update={"warehouse_url": f"sqlite:///{settings.home}"})
    settings.home.mkdir(parents=True)
    with dg.instance_for_test() as instance:
        assert "недоступно" in asked("close_vpr_spring", away, instance).skip_message
