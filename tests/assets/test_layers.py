"""Slices of the graph through Dagster itself, on a made-up school, in an instance of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from msoko_pipeline.definitions import build_definitions
from msoko_pipeline.home.audit import audit
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.home.store import digest, fact_files
from msoko_pipeline.home.year_tables import path
from msoko_pipeline.intake.acceptance import accept
from msoko_pipeline.intake.freshness import stale
from msoko_pipeline.intake.steps import unvalidated
from msoko_pipeline.orchestration import partitions
from msoko_pipeline.orchestration.drive import SILENT
from msoko_pipeline.publishing.record import last_inputs
from msoko_pipeline.settings import Settings

HEAD = (
    "логин школы;номер обучающегося;код обучающегося;отметка за предыдущую четверть/триместр;"
    "пол;класс;вариант;всего баллов"
)
TASKS = ";".join(f"балл за {k}" for k in range(1, 16))


def export(folder: Path, name: str, rows: list[str]) -> Path:
    """A regional export of 2021, mathematics 4 (15 tasks)."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join([f"{HEAD};{TASKS}", *rows]) + "\n", encoding="utf-8")
    return file


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


FACTS = ("raw/files", "validated/vpr_result")
PUBLICATION = ("marts/publication",)
ROWS = "validated/vpr_result/every_row_accepted"


def run(
    settings: Settings, instance: dg.DagsterInstance, job: str, *years: int, only: Sequence[str] = (),
    config: Mapping[str, Any] = {},
) -> dg.ExecuteInProcessResult:  # fmt: skip
    """A run of a job for a range of years, or of some of its assets."""
    tags = partitions.tags(str(min(years)), str(max(years))) if years else {}
    return (
        build_definitions(settings)
        .resolve_job_def(job)
        .execute_in_process(
            instance=instance,
            run_config={**SILENT, **config},
            tags=tags,
            raise_on_error=False,
            asset_selection=[dg.AssetKey.from_user_string(key) for key in only],
        )
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


def test_an_accepted_remark_fails_no_check(settings: Settings, instance: dg.DagsterInstance) -> None:
    export(settings.inbox, "2021/4/Математика.csv", [*GOOD, BAD])
    (settings.inbox / "заметки.csv").write_text("дата;кто\n1;2\n", encoding="utf-8")
    assert not checks(run(settings, instance, "intake"))["raw/inbox/every_file_recognised"]
    assert not checks(run(settings, instance, "publish_year", 2021, only=FACTS))[ROWS]
    for entry in ledger_of(settings).files():
        accept(settings, entry.sha256)
    assert checks(run(settings, instance, "publish_year", 2021, only=FACTS))[ROWS]
    assert checks(run(settings, instance, "intake"))["raw/inbox/every_file_recognised"]
    (settings.inbox / "другие.csv").write_text("дата;кто\n3;4\n", encoding="utf-8")
    assert not checks(run(settings, instance, "intake"))["raw/inbox/every_file_recognised"], "one that nobody accepted"


def test_a_dry_run_publishes_nothing(
    settings: Settings, instance: dg.DagsterInstance, published: tuple[Settings, dg.ExecuteInProcessResult]
) -> None:
    take_over(published[0], settings)
    partitions.add(instance, [2021])
    before = pd.read_sql_table("ops_publication", settings.warehouse)
    dry = {"ops": {"marts__publication": {"config": {"dry_run": True}}}}
    result = run(settings, instance, "publish_year", 2021, only=PUBLICATION, config=dry)
    assert result.success
    assert result.asset_materializations_for_node("marts__publication") == []
    pd.testing.assert_frame_equal(pd.read_sql_table("ops_publication", settings.warehouse), before)
    assert run(settings, instance, "publish_year", 2021, only=PUBLICATION).success
    assert len(pd.read_sql_table("ops_publication", settings.warehouse)) == len(before) + 1


def test_a_year_is_made_anew_where_that_is_wanted(
    settings: Settings, instance: dg.DagsterInstance, published: tuple[Settings, dg.ExecuteInProcessResult]
) -> None:
    take_over(published[0], settings)
    partitions.add(instance, [2021])
    (facts,) = fact_files(settings.lake, "vpr_result", 2021)
    before, content = facts.stat().st_mtime_ns, digest(facts)
    again = {"ops": {"raw__files": {"config": {"rebuild": True}}}}
    assert run(settings, instance, "publish_year", 2021, only=FACTS).success
    assert facts.stat().st_mtime_ns == before, "facts that are as they were stay"
    assert path(settings, 2021, "results").exists()
    assert run(settings, instance, "publish_year", 2021, only=FACTS, config=again).success
    assert facts.stat().st_mtime_ns > before
    assert digest(facts) == content
    assert not path(settings, 2021, "results").exists(), "to be computed again"
    assert not unvalidated(settings, ["vpr_result"])
    assert stale(settings, last_inputs(settings)) == [2021]
    assert audit(settings, ledger_of(settings)).is_clean


def take_over(published: Settings, own: Settings) -> None:
    """Copy a home and its inbox."""
    for of_all, copied in ((published.home, own.home), (published.inbox, own.inbox)):
        shutil.copytree(of_all, copied)


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
    previews = {str(of_years["marts/vpr_school", year]["preview"].value) for year in ("2021", "2022")}
    assert len(previews) == 2


def test_a_broken_mart_stops_before_publication(
    settings: Settings,
    instance: dg.DagsterInstance,
    published: tuple[Settings, dg.ExecuteInProcessResult],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_over(published[0], settings)
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
