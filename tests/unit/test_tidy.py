"""Records of old runs go, those of the newest stay, whatever their age."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from msoko_pipeline.orchestration import tidy
from msoko_pipeline.orchestration.home import opened
from msoko_pipeline.settings import Settings


@dg.op
def look(context):  # type: ignore[no-untyped-def]  # Dagster looks at the annotation itself
    print("сделано")
    context.log_event(dg.AssetMaterialization("mart"))


@dg.job
def work() -> None:
    look()


def places(home: Path) -> set[str]:
    """Runs whose events or output are on the disk."""
    events = {path.name.partition(".")[0] for path in (home / "history" / "runs").iterdir()} - {"index"}
    return events | {path.name for path in (home / "storage").iterdir() if path.is_dir()}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def test_old_runs_are_forgotten_and_the_newest_stay(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidy, "KEPT", 2)
    with opened(settings) as instance:
        runs = [work.execute_in_process(instance=instance).run_id for _ in range(4)]
        unfinished = instance.create_run_for_job(work).run_id
        assert tidy.forget_old(instance, days=1) == [], "none is a day old"
        assert set(runs) <= places(settings.dagster_home)
        assert tidy.forget_old(instance, days=0) == runs[:3], "the newest two are the unfinished and the last"
        assert {run.run_id for run in instance.get_runs()} == {runs[3], unfinished}
        assert places(settings.dagster_home) & set(runs) == {runs[3]}
        assert instance.all_logs(runs[0]) == []
        assert instance.all_logs(runs[3])
        event = instance.get_latest_materialization_event(dg.AssetKey("mart"))
        assert event is not None
        assert event.run_id == runs[3]
        assert tidy.forget_old(instance, days=0) == []
        again = work.execute_in_process(instance=instance)
        assert instance.all_logs(again.run_id)


def test_a_home_without_runs_has_nothing_to_forget(settings: Settings) -> None:
    with opened(settings) as instance:
        assert tidy.forget_old(instance, days=0) == []


def test_retention_of_ticks_is_configured(settings: Settings) -> None:
    from dagster._core.definitions.run_request import InstigatorType
    from dagster._core.scheduler.instigation import TickStatus

    with opened(settings) as instance:
        assert instance.get_tick_retention_settings(InstigatorType.SENSOR)[TickStatus.SKIPPED] == 2
        assert set(instance.get_tick_retention_settings(InstigatorType.SCHEDULE).values()) == {90}
