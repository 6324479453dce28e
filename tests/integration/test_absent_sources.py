"""Sources that send nothing: no events, no computed and staged tables, marts published without rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from msoko_pipeline.home import engine, store
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.home.tables import path
from msoko_pipeline.indicators.registers.rows import made_rows
from msoko_pipeline.orchestration.home import opened
from msoko_pipeline.publishing import rows
from msoko_pipeline.settings import Settings
from schemas.kinds import DECLARED_MARTS, KINDS
from schemas.marts import KINDS_OF, MARTS
from tests import making
from tests.command import msoko

YEAR = 2021
REGISTER = """
    Логин ФИС ОКО | Другие логины | Краткое наименование | Полное наименование | Вид | Муниципалитет | Код ОГЭ
    edu190001 | | СОШ № 1 | МБОУ «СОШ № 1» | СОШ | Черногорск | 0306
"""
PUPIL = "edu190001 | 1 | 50001 | 4 | м | а | 1 | 9 | 1 | 1 | 2 | 1 | 1 | 1 | 1 | 1 | 1) История | нет"

OTHER_PUPIL = PUPIL.replace("| 1 | 50001", "| 2 | 50002")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Of ВПР alone."""
    folder = tmp_path_factory.mktemp("absent")
    settings = Settings(home=folder / "home", inbox_dir=folder / "inbox")
    making.xlsx(settings.inbox / "Реестр ОО.xlsx", making.table(REGISTER))
    making.xlsx(settings.inbox / str(YEAR) / "5" / "История.xlsx", making.export_2021(PUPIL))
    run(settings)
    return settings


def run(settings: Settings) -> None:
    done = msoko("run", "--inbox", settings.inbox, "--home", settings.home)
    assert done.returncode in (0, 3), done.stdout + done.stderr


@pytest.fixture
def warehouse(home: Settings) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(home.home / "warehouse.sqlite")
    yield connection
    connection.close()


ABSENT = [mart for mart in KINDS_OF if "vpr_result" not in KINDS_OF[mart]]


def test_every_kind_that_is_named_there_is() -> None:
    assert {kind for kinds in KINDS_OF.values() for kind in kinds} <= KINDS.keys()
    assert KINDS_OF.keys() <= MARTS.keys()


def test_their_marts_are_published_without_rows(home: Settings, warehouse: sqlite3.Connection) -> None:
    assert "staff" in ABSENT
    for mart in ABSENT:
        assert warehouse.execute(f"select count(*) from mart_{mart}").fetchone() == (0,), mart
        assert not rows.staged(home, YEAR, mart).exists()
    assert not path(home, YEAR, "staff").exists()
    assert warehouse.execute("select count(*) from mart_vpr_school").fetchone() > (0,)


def test_dagster_is_told_nothing_of_them(home: Settings) -> None:
    with opened(home) as instance:
        last = {
            key.to_user_string(): instance.get_latest_materialization_event(key) for key in instance.get_asset_keys()
        }
    materialized = {name for name, event in last.items() if event}
    assert {"validated/vpr_result", "marts/vpr_school", "marts/publication"} <= materialized
    assert not materialized & {"validated/staff", "marts/staff", "validated/planned_measure", "marts/nok"}


@pytest.mark.parametrize("mart", [name for name, declared in DECLARED_MARTS.items() if declared.made_of])
def test_without_its_kinds_a_mart_has_no_rows(home: Settings, mart: str) -> None:
    """What `made_of` promises, asked of the function that makes the rows."""
    assert not store.kinds_come(home.lake) & {*DECLARED_MARTS[mart].made_of}
    with engine.connect(home) as connection:
        assert made_rows(DECLARED_MARTS[mart].rows)(connection, home, [YEAR]).empty


def test_rows_of_another_home_go(home: Settings) -> None:
    """A warehouse that held rows of a source which this home never had."""
    with sqlite3.connect(home.home / "warehouse.sqlite") as connection:
        columns = [name for _, name, *_ in connection.execute("pragma table_info(mart_nok)")]
        strange = {
            "year": YEAR,
            "org_id": "edu190009",
            "school_year": "2020/21",
            "rule_version": "0",
            "published_at": "0",
        }
        values = ", ".join("?" * len(columns))
        connection.execute(f"insert into mart_nok values ({values})", [strange.get(name) for name in columns])
    connection.close()
    making.xlsx(home.inbox / str(YEAR) / "5" / "История.xlsx", making.export_2021(f"{PUPIL}\n{OTHER_PUPIL}"))
    run(home)
    with sqlite3.connect(home.home / "warehouse.sqlite") as connection:
        assert connection.execute("select count(*) from mart_nok").fetchone() == (0,)
        (diff,) = connection.execute("select diff from ops_publication order by published_at desc limit 1").fetchone()
    connection.close()
    assert '"nok": {"added": 0, "changed": 0, "removed": 1}' in diff


def test_an_act_alone_is_published_withdrawn_and_taken_back(tmp_path: Path) -> None:
    """A register of the cycle without any results, and a year that has lost its only file."""
    settings = Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox")
    act = {"Пункт дорожной карты": "1.6", "Организация": None}
    file = making.xlsx(settings.inbox / "акты.xlsx", making.form("act", act))
    run(settings)
    assert status_of(settings, "1.6") == "done"
    (entry,) = ledger_of(settings).files()
    file.unlink()
    assert msoko("withdraw", entry.sha256, "--home", settings.home).returncode == 0
    run(settings)
    assert status_of(settings, "1.6") is None
    assert msoko("withdraw", entry.sha256[:12], "--undo", "--home", settings.home).returncode == 0
    run(settings)
    assert status_of(settings, "1.6") == "done"
    assert [what for what, _ in ledger_of(settings).acts() if what in ("withdraw", "readmit")] == [
        "withdraw",
        "readmit",
    ]
    again = msoko("withdraw", entry.sha256, "--undo", "--home", settings.home)
    assert again.returncode == 2
    assert "не изъят" in again.stderr


def status_of(settings: Settings, item: str) -> str | None:
    with sqlite3.connect(settings.home / "warehouse.sqlite") as connection:
        query = "select status from mart_roadmap_status where item_id = ?"
        (status,) = connection.execute(query, [item]).fetchone()
    connection.close()
    return status
