"""The lake is held against the ledger: whatever was changed on disk is made again, or told of, before anything is
summed."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from msoko_pipeline.home import store
from msoko_pipeline.home.audit import audit, owner_of, tables_of
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.home.ledger_file import LedgerTrouble
from msoko_pipeline.intake import freshness, restoring
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.intake.restoring import NOTE, REMOVED, RESTORED, check_archive, place_of, restore
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS
from tests.assets.test_layers import BAD, GOOD, export, pupil


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two schools' facts, a quarantined row, a refused file and a computed year; an inbox beside it."""
    root = tmp_path_factory.mktemp("prepared")
    inbox = root / "inbox"
    export(inbox, "2021/4/Математика.csv", [*GOOD, BAD])
    export(inbox, "седьмая/2021/4/Математика.csv", [pupil(k, "112111011210000", login="sch190007") for k in (1, 2)])
    (inbox / "заметки.csv").write_text("дата;кто\n1;2\n", encoding="utf-8")
    settings = Settings(home=root / "home", inbox_dir=inbox)
    intake.receive(settings)
    intake.validate(settings, KINDS)
    table = settings.home / "indicators" / "year=2021" / "results.parquet"
    store.write(pa.table({"n": [5]}), table)
    ledger_of(settings).set_products(owner_of(2021), tables_of(settings, 2021))
    return root


@pytest.fixture
def settings(prepared: Path, tmp_path: Path) -> Settings:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    return Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox")


def lake(settings: Settings) -> dict[str, str]:
    return store.digests(settings.lake, store.products(settings.lake))


def facts(settings: Settings) -> list[Path]:
    return store.fact_files(settings.lake, "vpr_result", 2021)


def rewritten(change: Callable[[pa.Table], pa.Table]) -> Callable[[Settings], None]:
    def corrupt(settings: Settings) -> None:
        path = facts(settings)[0]
        pq.write_table(change(pq.ParquetFile(path).read()), path)

    return corrupt


def raised(rows: pa.Table) -> pa.Table:
    at = rows.column_names.index("journal_mark")
    return rows.set_column(at, "journal_mark", pc.add(rows["journal_mark"], pa.scalar(1, rows["journal_mark"].type)))


def taken_from_another(settings: Settings) -> None:
    one, other = facts(settings)
    shutil.copyfile(other, one)


def remove(of: Callable[[Settings], Path]) -> Callable[[Settings], None]:
    return lambda settings: of(settings).unlink()


def garble(of: Callable[[Settings], Path]) -> Callable[[Settings], None]:
    return lambda settings: _flip(of(settings))


def _flip(path: Path) -> None:
    """Change one bit in the middle, size and time as they were."""
    data, times = bytearray(path.read_bytes()), path.stat()
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(data))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def issues(settings: Settings) -> Path:
    return next((settings.lake / "ops" / "issue").glob("*.parquet"))


def quarantine(settings: Settings) -> Path:
    return next((settings.lake / "ops" / "quarantine").glob("*.parquet"))


CORRUPTIONS: dict[str, Callable[[Settings], None]] = {
    "rows dropped": rewritten(lambda rows: rows.slice(1)),
    "rows doubled": rewritten(lambda rows: pa.concat_tables([rows, rows])),
    "marks raised": rewritten(raised),
    "all rows dropped": rewritten(lambda rows: rows.slice(0, 0)),
    "facts of another file": taken_from_another,
    "facts gone": remove(lambda settings: facts(settings)[0]),
    "facts garbled, size and time kept": garble(lambda settings: facts(settings)[0]),
    "facts of no length": lambda settings: facts(settings)[0].write_bytes(b""),
    "issues gone": remove(issues),
    "issues garbled": garble(issues),
    "quarantine gone": remove(quarantine),
    "the whole year gone": lambda settings: shutil.rmtree(settings.lake / "vpr_result"),
    "the whole lake gone": lambda settings: shutil.rmtree(settings.lake),
}


@pytest.mark.parametrize("corrupt", CORRUPTIONS.values(), ids=CORRUPTIONS)
def test_what_was_changed_is_made_again(settings: Settings, corrupt: Callable[[Settings], None]) -> None:
    before, inputs = lake(settings), freshness.inputs(settings)
    assert not intake.pending(settings)
    corrupt(settings)
    assert intake.pending(settings)
    restored = restore(settings)
    assert restored
    after = lake(settings)
    assert {name: after[name] for name in before if "/issue/" not in name} == {
        name: before[name] for name in before if "/issue/" not in name
    }
    assert freshness.inputs(settings) == inputs
    assert not intake.pending(settings)
    assert [what for what, _ in ledger_of(settings).acts()] == [RESTORED] * len(restored)
    assert restore(settings) == []


def test_the_issues_of_the_file_say_that_its_facts_were_made_again(settings: Settings) -> None:
    facts(settings)[0].unlink()
    (sha256,) = restore(settings)
    types = pq.read_table(store.issues_file(settings.lake, sha256))["issue_type"].to_pylist()
    assert NOTE in types
    facts(settings)[0].unlink()
    restore(settings)
    types = pq.read_table(store.issues_file(settings.lake, sha256))["issue_type"].to_pylist()
    assert types.count(NOTE) == 1


@pytest.mark.parametrize("name", ["0" * 64 + "-0.parquet", "чужой.parquet"])
def test_a_file_that_nobody_sent_is_removed_and_told(settings: Settings, name: str) -> None:
    before = lake(settings)
    shutil.copyfile(facts(settings)[0], facts(settings)[0].with_name(name))
    assert intake.pending(settings)
    assert restore(settings) == []
    assert lake(settings) == before
    assert ledger_of(settings).acts() == [(REMOVED, name)]


def test_facts_with_damaged_cells_are_read_again_from_the_archive(settings: Settings) -> None:
    before = lake(settings)
    path = facts(settings)[0]
    path.unlink()
    for cells in (settings.cells / path.name[:64]).iterdir():
        _flip(cells)
    shutil.rmtree(settings.inbox)  # the archive alone is enough
    restore(settings)
    assert {n: d for n, d in lake(settings).items() if "/issue/" not in n} == {
        n: d for n, d in before.items() if "/issue/" not in n
    }


def test_a_damaged_archive_is_told_and_mended_by_sending_the_file_again(settings: Settings) -> None:
    before = freshness.inputs(settings)
    sha256 = facts(settings)[0].name[:64]
    kept = settings.archive / sha256[:2] / sha256
    _flip(kept)
    shutil.rmtree(settings.cells)
    facts(settings)[0].unlink()
    restore(settings)
    entry = ledger_of(settings).get(sha256)
    assert entry is not None
    assert entry.status == "refused"
    assert entry.message_ru is not None
    assert "ещё раз" in entry.message_ru
    assert kept.with_suffix(".damaged").exists()
    assert intake.pending(settings)  # the inbox still has it
    intake.receive(settings)
    intake.validate(settings, KINDS)
    assert freshness.inputs(settings) == before


def test_a_year_whose_tables_were_changed_is_computed_again(settings: Settings) -> None:
    published = freshness.inputs(settings)
    assert freshness.stale(settings, published) == []
    path = settings.home / "indicators" / "year=2021" / "results.parquet"
    _flip(path)
    restore(settings)
    assert freshness.stale(settings, published) == [2021]
    assert not path.exists()  # no other year is compared with it meanwhile


def test_the_archive_is_looked_through_in_parts(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = ledger_of(settings).files()
    assert check_archive(settings) == []
    spoiled = entries[1]
    _flip(place_of(settings, spoiled))
    monkeypatch.setattr(restoring, "ARCHIVE_BYTES", 1)  # one file a time
    found = [[entry.name for entry in check_archive(settings)] for _ in entries]
    assert sorted(found) == sorted([[], [spoiled.name], *[[]] * (len(entries) - 2)])
    assert [check_archive(settings) for _ in entries] == [[]] * len(entries)  # it is told once
    intake.incoming(settings)
    assert store.digest(place_of(settings, spoiled)) == spoiled.sha256  # the inbox had it


def test_a_ledger_that_is_garbled_inside_is_told(settings: Settings) -> None:
    with sqlite3.connect(settings.ledger) as connection:
        connection.execute("update file set sheets = '[{'")
    with pytest.raises(LedgerTrouble, match="испорчен внутри"):
        ledger_of(settings).files()


def test_a_year_whose_questions_were_changed_is_computed_again(settings: Settings) -> None:
    place = settings.lake / "ops" / "schools" / "year=2021.parquet"
    store.write(pa.table({"n": [1]}), place)
    ledger_of(settings).set_products(owner_of(2021), tables_of(settings, 2021))
    place.unlink()
    restore(settings)
    assert freshness.stale(settings, freshness.inputs(settings)) == [2021]


def test_what_a_killed_run_left_half_written_goes_without_a_word(settings: Settings) -> None:
    path = facts(settings)[0]
    partial = path.with_suffix(f".1{store.PARTIAL}")
    shutil.copyfile(path, partial)
    ledger = ledger_of(settings)
    ledger.update([(path.name[:64], {"validated_with": None, "products": {}})])  # killed before it was entered
    assert restore(settings) == []
    assert not partial.exists()
    assert not audit(settings, ledger).surplus
    assert ledger.acts() == []


def test_a_withdrawal_while_the_file_is_validated_holds(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from msoko_pipeline.intake import sheets

    ledger = ledger_of(settings)
    sha256 = facts(settings)[0].name[:64]
    ledger.update([(sha256, {"validated_with": None})])
    validate = sheets.validate

    def withdrawn_meanwhile(job: sheets.Job) -> object:
        intake.withdraw(settings, job.sha256)
        return validate(job)

    monkeypatch.setattr(sheets, "validate", withdrawn_meanwhile)
    intake.validate(settings, KINDS)
    entry = ledger.get(sha256)
    assert entry is not None
    assert entry.status == "withdrawn"
    assert not [path for path in store.products(settings.lake) if path.name.startswith(sha256)]
    assert audit(settings, ledger).is_clean
