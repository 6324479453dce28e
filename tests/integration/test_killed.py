"""A run that is killed at any moment and run again publishes what an undisturbed one does, row for row; so does one
with other names, another order, batches, processes, hash seed and time zone.

`make soak` kills more often and on a town.
"""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import dagster as dg
import pytest

from msoko_pipeline.definitions import build_definitions
from msoko_pipeline.home.audit import audit
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.orchestration import home
from msoko_pipeline.orchestration.stale import PROCESS
from msoko_pipeline.settings import Settings
from tests.assets.test_layers import BAD, GOOD, export, pupil
from tests.killing import STEPS, Moment, kill, run, tables

SEED = 2026
REGISTER = "Логин ФИС ОКО;Полное наименование\nedu190003;МБОУ «СОШ № 3»\nedu190007;МБОУ «СОШ № 7»\n"


def fill(inbox: Path) -> list[Path]:
    """Two years of a work, a second school, a bad row, a register and a file of no known kind."""
    other = [pupil(k, "112111011210000", login="sch190007") for k in (1, 2)]
    files = [
        export(inbox, "2021/4/Математика.csv", [*GOOD, BAD]),
        export(inbox, "2022/4/Математика.csv", GOOD[:2]),
        export(inbox, "седьмая/2021/4/Математика.csv", other),
        inbox / "реестр.csv",
        inbox / "заметки.csv",
    ]
    (inbox / "реестр.csv").write_text(REGISTER, encoding="utf-8")
    (inbox / "заметки.csv").write_text("дата;кто\n1;2\n", encoding="utf-8")
    for number, path in enumerate(files):
        os.utime(path, (1_700_000_000 + number,) * 2)
    return files


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed")
    fill(folder / "inbox")
    run(folder)
    return folder


def moments() -> list[Moment]:
    """Seeded moments: each part of a run in turn, early and late sums, then the transaction that publishes."""
    chance = random.Random(SEED)
    return [
        Moment(chance.uniform(0.2, 4)),
        *(Moment(chance.uniform(0, 0.8), step) for step in STEPS[:2]),
        *(Moment(chance.uniform(0, 0.8), "Показатели", number) for number in (2, 10)),
        Moment(chance.uniform(0, 0.3), "Витрины"),
    ]


def test_kills_in_every_part_of_a_run_change_nothing(undisturbed: Path, tmp_path: Path) -> None:
    fill(tmp_path / "inbox")
    killed = [kill(tmp_path, moment) for moment in moments()]
    assert all(killed[:-1])  # the last may come when the run is over
    run(tmp_path)
    assert tables(tmp_path) == tables(undisturbed)
    settings = Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox")
    ledger = ledger_of(settings)
    assert audit(settings, ledger).is_clean
    assert not list(settings.lake.rglob("*.tmp"))
    assert (settings.quality / "index.html").exists()
    assert ledger.acts() == []  # nothing was made again: what a killed run leaves is no damage
    with home.opened(settings) as instance:
        runs = instance.get_runs()
        assert all(PROCESS in record.tags for record in runs)
        assert {record.status for record in runs} <= {
            dg.DagsterRunStatus.FAILURE,
            dg.DagsterRunStatus.SUCCESS,
            dg.DagsterRunStatus.NOT_STARTED,
        }
    assert "Нового в папке приёма нет" in run(tmp_path)


def test_a_run_that_was_killed_once_it_had_published_is_ended_too(undisturbed: Path, tmp_path: Path) -> None:
    """Nothing is left to do then, and the next run does not begin Dagster's jobs."""
    shutil.copytree(undisturbed, tmp_path, dirs_exist_ok=True)
    settings = Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox")
    assert not [*settings.dagster_processes.iterdir()], "a process that ends leaves nothing behind"
    (settings.dagster_processes / "1-killed").touch()
    with home.opened(settings) as instance:
        definition = build_definitions(settings).resolve_job_def("intake")
        killed = instance.create_run_for_job(definition, status=dg.DagsterRunStatus.STARTED, tags={PROCESS: "1-killed"})
        assert "Нового в папке приёма нет" in run(tmp_path)
        assert instance.get_run_by_id(killed.run_id).status == dg.DagsterRunStatus.FAILURE  # type: ignore[union-attr]


def test_names_order_batches_processes_hash_seed_and_time_zone_change_nothing(
    undisturbed: Path, tmp_path: Path
) -> None:
    files = fill(tmp_path / "all")
    other = {"MSOKO_WORKERS": "1", "PYTHONHASHSEED": "7", "TZ": "Asia/Krasnoyarsk"}
    for batch in (files[3:], files[:3]):  # the register and what is refused first, the years after
        for number, path in enumerate(reversed(batch)):
            target = tmp_path / "inbox" / "иначе" / path.relative_to(tmp_path / "all")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            os.utime(target, (1_800_000_000 + number,) * 2)
        run(tmp_path, **other)
    assert tables(tmp_path, "mart_") == tables(undisturbed, "mart_")


def test_facts_changed_on_disk_are_told_and_not_published(undisturbed: Path, tmp_path: Path) -> None:
    shutil.copytree(undisturbed, tmp_path, dirs_exist_ok=True)
    before = tables(tmp_path, "mart_")
    lake = tmp_path / "home" / "lake" / "vpr_result"
    for path in lake.rglob("*.parquet"):
        path.unlink()
    said = run(tmp_path)
    assert "На диске были изменены или пропали принятые строки файлов: 3" in said
    assert tables(tmp_path, "mart_") == before
