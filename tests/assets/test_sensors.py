"""The sensors: one run per new content of the inbox, one run per year whose facts are not published."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from msoko_pipeline.definitions import build_definitions
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.orchestration.sensors import inbox_changed, years_stale
from msoko_pipeline.settings import Settings
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
        waiting = tick(years_stale, settings, instance)
        assert [request.partition_key for request in requests(waiting)] == ["2021"]
        assert requests(waiting)[0].run_key == requests(tick(years_stale, settings, instance))[0].run_key
        assert run(settings, instance, "publish_year", 2021).success
        assert requests(tick(years_stale, settings, instance)) == []
