"""Slices of the graph through Dagster itself, on a made-up school, in an instance of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest

from msoko_pipeline.definitions import build_definitions
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.orchestration import partitions
from msoko_pipeline.orchestration.drive import SILENT
from msoko_pipeline.settings import Settings

HEAD = (
    "логин школы;номер обучающегося;код обучающегося;отметка за предыдущую четверть/триместр;"
    "пол;класс;вариант;всего баллов"
)
TASKS = ";".join(f"балл за {k}" for k in range(1, 16))


def export(folder: Path, name: str, rows: list[str]) -> Path:
    """A regional export of 2021, mathematics 4 (15 tasks)."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([f"{HEAD};{TASKS}", *rows]) + "\n", encoding="utf-8")
    return path


def pupil(number: int, scores: str, login: str = "sch190003", total: int | None = None) -> str:
    told = sum(int(s) for s in scores if s.isdigit()) if total is None else total
    return f"{login};{number};4{number:04d};4;м;а;1;{told};{';'.join(scores)}"


GOOD = [pupil(1, "112111011210000"), pupil(2, "11211101121000X"), pupil(3, "000000000000000")]
BAD = pupil(4, "992111011210000")  # 9 of 1 for two tasks: one alone would be unknown, and the row would count


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:
        yield made


def run(settings: Settings, instance: dg.DagsterInstance, job: str, *years: int) -> dg.ExecuteInProcessResult:
    tags = partitions.tags(str(min(years)), str(max(years))) if years else {}
    return (
        build_definitions(settings)
        .resolve_job_def(job)
        .execute_in_process(instance=instance, run_config=SILENT, tags=tags, raise_on_error=False)
    )


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dg.ExecuteInProcessResult]:
    """A home in which a year with a bad row was taken in and published, and what the publication told; tests copy it
    before they change it.
    """
    folder = tmp_path_factory.mktemp("published")
    settings = Settings(home=folder / "home", inbox_dir=folder / "inbox")
    export(settings.inbox, "2021/4/Математика.csv", [*GOOD, BAD])
    with dg.instance_for_test() as instance:
        assert run(settings, instance, "intake").success
        return settings, run(settings, instance, "publish_year", 2021)


def checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    """asset/check → passed."""
    return {
        f"{e.asset_key.to_user_string()}/{e.check_name}": bool(e.passed) for e in result.get_asset_check_evaluations()
    }


def test_intake_recognises_and_adds_the_years(settings: Settings, instance: dg.DagsterInstance) -> None:
    export(settings.inbox, "2021/4/Математика.csv", GOOD)
    result = run(settings, instance, "intake")
    assert result.success
    assert list(instance.get_dynamic_partitions("year")) == ["2021"]
    assert checks(result)["raw/inbox/every_file_recognised"]
    event = result.asset_materializations_for_node("raw__inbox")[0]
    assert event.metadata["new"].value == 1


def test_an_unknown_file_fails_the_check_and_nothing_else(settings: Settings, instance: dg.DagsterInstance) -> None:
    export(settings.inbox, "2021/4/Математика.csv", GOOD)
    (settings.inbox / "заметки.csv").write_text("дата;кто\n1;2\n", encoding="utf-8")
    result = run(settings, instance, "intake")
    assert result.success
    assert not checks(result)["raw/inbox/every_file_recognised"]
    assert {e.status for e in ledger_of(settings).files()} == {"received", "refused"}


def test_a_year_is_published_and_a_bad_row_is_told(published: tuple[Settings, dg.ExecuteInProcessResult]) -> None:
    settings, result = published
    assert result.success
    told = checks(result)
    assert told["validated/vpr_result/rows_add_up"]
    assert not told["validated/vpr_result/every_row_accepted"]
    assert all(passed for name, passed in told.items() if name.startswith("marts/"))
    results = pd.read_sql_table("mart_vpr_school", settings.warehouse)
    school = results[results["level"] == "school"].iloc[0]
    assert (school["unit_id"], school["participants"], school["mark_2"], school["mark_4"]) == ("edu190003", 3, 1, 2)
    assert set(results["level"]) == {"school", "municipality"}


def test_previews_and_metadata_hold_no_personal_data(published: tuple[Settings, dg.ExecuteInProcessResult]) -> None:
    _, result = published
    said = "".join(
        str(value.value)
        for event in result.all_events
        if event.is_step_materialization
        for value in event.step_materialization_data.materialization.metadata.values()
    )
    assert "edu190003" in said
    assert "40001" not in said  # participants' codes


def test_each_year_of_a_range_has_its_own_counts(settings: Settings, instance: dg.DagsterInstance) -> None:
    export(settings.inbox, "2021/4/Математика.csv", [*GOOD, BAD])
    export(settings.inbox, "2022/4/Математика.csv", [pupil(1, "112111011210000")])
    assert run(settings, instance, "intake").success
    result = run(settings, instance, "publish_year", 2021, 2022)
    assert result.success
    of_years = {
        (event.asset_key.to_user_string(), event.partition): event.step_materialization_data.materialization.metadata
        for event in result.all_events
        if event.is_step_materialization and event.asset_key
    }
    facts = [of_years["validated/vpr_result", year] for year in ("2021", "2022")]
    assert [each["dagster/row_count"].value for each in facts] == [3, 1]
    assert [each["rows_quarantined"].value for each in facts] == [1, 0]
    assert [of_years["raw/files", year]["dagster/row_count"].value for year in ("2021", "2022")] == [1, 1]
    for mart in ("vpr_school", "score_distribution"):
        published = pd.read_sql_table(f"mart_{mart}", settings.warehouse)["year"].value_counts()
        counts = [of_years[f"marts/{mart}", str(year)]["dagster/row_count"].value for year in (2021, 2022)]
        assert counts == [published[2021], published[2022]]
        tables = [of_years["marts/publication", str(year)]["tables"].value[mart] for year in (2021, 2022)]
        assert tables == counts
    rows = [of_years["indicators/vpr_sums", year]["tables"].value["distribution"] for year in ("2021", "2022")]
    assert rows[0] > rows[1] > 0
    previews = {of_years["marts/vpr_school", year]["preview"].value for year in ("2021", "2022")}
    assert len(previews) == 2


def test_a_broken_mart_stops_before_publication(
    settings: Settings,
    instance: dg.DagsterInstance,
    published: tuple[Settings, dg.ExecuteInProcessResult],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for of_all, own in ((published[0].home, settings.home), (published[0].inbox, settings.inbox)):
        shutil.copytree(of_all, own)
    before = pd.read_sql_table("ops_publication", settings.warehouse)

    from msoko_pipeline.publishing import stage

    good = stage.SOURCES["vpr_school"]
    monkeypatch.setitem(
        stage.SOURCES, "vpr_school", lambda *a: f"select * replace (140 as success_pct) from ({good(*a)})"
    )
    export(settings.inbox, "2021/4/Математика.csv", [*GOOD, pupil(5, "112111011210000")])
    run(settings, instance, "intake")
    result = run(settings, instance, "publish_year", 2021)
    assert not result.success
    assert not checks(result)["marts/vpr_school/expectations"]
    pd.testing.assert_frame_equal(pd.read_sql_table("ops_publication", settings.warehouse), before)
    kept = pd.read_sql_table("mart_vpr_school", settings.warehouse)
    assert kept[kept["level"] == "school"]["participants"].tolist() == [3]


def test_definitions_can_be_overridden(settings: Settings) -> None:
    assert build_definitions(settings, sensors=[]).sensors == []
    assert len(list(build_definitions(settings).sensors or [])) == 3
