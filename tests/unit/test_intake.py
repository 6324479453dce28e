"""When a known file is looked at again: other rules after a refusal, another declaration; never after a withdrawal."""

from __future__ import annotations

from pathlib import Path

import pytest

from msoko_pipeline.home.closed import FILE
from msoko_pipeline.home.failures import LOG
from msoko_pipeline.home.ledger import Entry, ledger_of
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.settings import Settings
from msoko_pipeline.versions import judging
from tests.limited import limits

REGISTER = "Логин ФИС ОКО;Полное наименование\nedu190003;Школа № 3\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "заметки.csv").write_text("дата;кто\n1;2\n", encoding="utf-8")
    return Settings(home=tmp_path / "home", inbox_dir=inbox)


def test_a_refused_file_is_known_and_refused_once(settings: Settings) -> None:
    assert intake.receive(settings).new == ["заметки.csv"]
    assert not intake.pending(settings)
    again = intake.receive(settings)
    assert (again.new, again.old) == ([], ["заметки.csv"])


def test_other_rules_look_at_a_refused_file_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    intake.receive(settings)
    monkeypatch.setattr(intake, "judging", lambda: "other")
    assert intake.pending(settings)
    assert intake.receive(settings).new == ["заметки.csv"]
    assert not intake.pending(settings)


def test_a_withdrawn_file_stays_withdrawn(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    intake.receive(settings)
    (entry,) = ledger_of(settings).files()
    intake.withdraw(settings, entry.sha256)
    monkeypatch.setattr(intake, "judging", lambda: "other")
    assert not intake.pending(settings)
    assert ledger_of(settings).files()[0].status == "withdrawn"


def test_a_refused_file_that_is_taken_back_is_refused_as_it_was(settings: Settings) -> None:
    intake.receive(settings)
    (entry,) = ledger_of(settings).files()
    assert entry.status == "refused"
    intake.withdraw(settings, entry.sha256)
    assert intake.readmit(settings, entry.sha256[:8]).sha256 == entry.sha256
    (after,) = ledger_of(settings).files()
    assert (after.status, after.refusal, after.message_ru) == ("refused", entry.refusal, entry.message_ru)
    with pytest.raises(LookupError, match="не изъят"):
        intake.readmit(settings, entry.sha256)
    with pytest.raises(LookupError, match="не найден"):
        intake.readmit(settings, "f" * 64)


def test_equal_content_under_two_names_is_one_file(settings: Settings) -> None:
    (settings.inbox / "2021").mkdir()
    (settings.inbox / "2021" / "ещё раз.csv").write_bytes((settings.inbox / "заметки.csv").read_bytes())
    found = intake.receive(settings)
    assert (len(found.new), len(found.old)) == (1, 1)
    assert len(ledger_of(settings).files()) == 1
    assert not intake.pending(settings)


def test_a_run_that_broke_off_is_taken_up(settings: Settings) -> None:
    """A file that was received but never read is read by the next run."""
    ledger_of(settings).add([("0" * 64, "другой.csv", 1, {})])
    (first,) = (item for item in intake.received_files(settings.inbox, settings.archive))
    ledger_of(settings).add([(first.sha256, first.name, first.size, intake.from_path(first.name).to_json())])
    assert intake.pending(settings)
    intake.receive(settings)
    assert not intake.pending(settings)
    assert {e.name: e.status for e in ledger_of(settings).files()}["заметки.csv"] == "refused"


def test_a_file_refused_while_its_rows_are_judged_is_asked_again_by_other_rules(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings.inbox / "реестр.csv").write_text(REGISTER, encoding="utf-8")
    intake.receive(settings)
    (entry,) = intake.unvalidated(settings, ["organisation"])
    told = intake._judged(settings, entry, Refusal("file_unreadable", detail="выдуманная причина"))
    ledger_of(settings).update([(entry.sha256, told)])
    refused = ledger_of(settings).get(entry.sha256)
    assert refused is not None
    assert (refused.status, refused.rows_read, refused.rows_accepted) == ("refused", 0, 0)
    assert not intake.pending(settings)
    monkeypatch.setattr(intake, "judging", lambda: "other")
    assert intake.receive(settings).new == ["заметки.csv", "реестр.csv"]


NAMED = "Выдумкина Аглая Петровна"


def fail(*_: object) -> None:
    """A bug whose exception, and the one that this came from, repeat a cell."""
    try:
        raise ValueError(NAMED)
    except ValueError as error:
        raise KeyError(NAMED) from error


@pytest.mark.parametrize("where", ["reading.extract.recognise", "intake.sheets._facts"])
def test_a_bug_is_logged_without_its_words_and_the_file_tried_again_by_other_rules(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    limits(monkeypatch)  # what children do is done here, where the bug is
    (settings.inbox / "заметки.csv").unlink()
    (settings.inbox / "реестр.csv").write_text(REGISTER, encoding="utf-8")
    log = settings.home / LOG

    def run() -> Entry:
        intake.receive(settings)
        intake.validate(settings, ["organisation"])
        (entry,) = ledger_of(settings).files()
        return entry

    with monkeypatch.context() as planted:
        planted.setattr(f"msoko_pipeline.{where}", fail)
        entry = run()
        assert entry.refusal is not None
        assert entry.refusal[0] == "file_failed"
        message, logged = str(entry.message_ru), log.read_text(encoding="utf-8")
        assert "KeyError, tests/unit/test_intake.py:" in message
        assert "ошибки самой программы" in message
        assert LOG in message
        for expected in (entry.sha256, judging(), "KeyError\n", "ValueError\n", ", fail: raise ValueError(NAMED)"):
            assert expected in logged
        assert f"msoko_pipeline/{where.rpartition('.')[0].replace('.', '/')}.py:" in logged
        assert not {word for word in NAMED.split() if word in message + logged}
        assert log.stat().st_mode & 0o777 == FILE
    assert not intake.pending(settings), "the same rules would fail again"
    assert run().status == "refused"
    assert log.read_text(encoding="utf-8") == logged
    monkeypatch.setattr(intake, "judging", lambda: "other")
    assert intake.pending(settings)
    assert run().status == "accepted"
    assert not intake.pending(settings)


def test_a_refusal_by_our_rules_is_no_failure(settings: Settings) -> None:
    intake.receive(settings)
    (entry,) = ledger_of(settings).files()
    assert entry.status == "refused"
    assert not (settings.home / LOG).exists()
