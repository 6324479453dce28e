"""A remark that a person has accepted: until it changes, or the acceptance is taken back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from msoko_pipeline.home.ledger import Entry, ledger_of
from msoko_pipeline.intake import acceptance
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.orchestration import remarks
from msoko_pipeline.orchestration.home import opened
from msoko_pipeline.settings import Settings
from tests.command import msoko_here

REGISTER = "Логин ФИС ОКО;Полное наименование\nedu190003;Школа № 3\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with a file that is refused and one that is accepted whole."""
    settings = Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox")
    settings.inbox.mkdir()
    (settings.inbox / "заметки.csv").write_text("дата;кто\n1;2\n", encoding="utf-8")
    (settings.inbox / "реестр.csv").write_text(REGISTER, encoding="utf-8")
    intake.receive(settings)
    intake.validate(settings, ["organisation"])
    return settings


@pytest.fixture
def environment() -> Iterator[None]:
    """Put back what opening an instance sets."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def entry(settings: Settings, name: str) -> Entry:
    return next(each for each in ledger_of(settings).files() if each.name == name)


def is_accepted(settings: Settings) -> bool:
    return acceptance.is_accepted(entry(settings, "заметки.csv"), ledger_of(settings).accepted_remarks())


def test_an_acceptance_holds_until_it_is_taken_back(settings: Settings) -> None:
    refused = entry(settings, "заметки.csv")
    assert not is_accepted(settings)
    acceptance.accept(settings, refused.sha256[:12])
    assert is_accepted(settings)
    assert acceptance.take_back(settings, refused.sha256).name == refused.name
    assert not is_accepted(settings)
    assert ledger_of(settings).acts() == [("accept", refused.sha256), ("unaccept", refused.sha256)]


def test_another_remark_is_not_accepted(settings: Settings) -> None:
    refused = entry(settings, "заметки.csv")
    acceptance.accept(settings, refused.sha256)
    ledger_of(settings).update([(refused.sha256, {"message_ru": "другое замечание"})])
    assert not is_accepted(settings)


def test_what_cannot_be_accepted_is_said(settings: Settings) -> None:
    with pytest.raises(LookupError, match="замечаний нет"):
        acceptance.accept(settings, entry(settings, "реестр.csv").sha256)
    with pytest.raises(LookupError, match="не найден"):
        acceptance.accept(settings, "f" * 64)
    with pytest.raises(LookupError, match="не было принято"):
        acceptance.take_back(settings, entry(settings, "заметки.csv").sha256)


@pytest.mark.usefixtures("environment")
def test_the_ui_shows_an_acceptance_at_once(settings: Settings) -> None:
    refused = entry(settings, "заметки.csv")
    key = dg.AssetCheckKey(remarks.INBOX, remarks.RECOGNISED)
    with opened(settings) as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization(remarks.INBOX))
    for act, passed in ((acceptance.accept, True), (acceptance.take_back, False)):
        remarks.judge_again(settings, act(settings, refused.sha256))
        with opened(settings) as instance:
            (record,) = instance.event_log_storage.get_latest_asset_check_execution_by_key([key]).values()
        assert record.event is not None
        assert record.event.dagster_event is not None
        assert record.event.dagster_event.asset_check_evaluation_data.passed is passed


def test_the_command_and_the_status_say_it(settings: Settings) -> None:
    sha256 = entry(settings, "заметки.csv").sha256
    assert "принято" in msoko_here("accept", sha256[:12], "--home", settings.home).stdout
    assert "(замечание принято)" in msoko_here("status", "--home", settings.home).stdout
    files = json.loads(msoko_here("status", "--json", "--home", settings.home).stdout)["files"]
    assert {file["name"]: file["remark_accepted"] for file in files} == {"заметки.csv": True, "реестр.csv": False}
    assert msoko_here("accept", sha256, "--undo", "--home", settings.home).returncode == 0
    assert "(замечание принято)" not in msoko_here("status", "--home", settings.home).stdout
    assert msoko_here("accept", sha256, "--undo", "--home", settings.home).returncode == 2
