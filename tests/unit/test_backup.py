"""A backup holds what cannot be rebuilt: a home made of it publishes the same; a damaged or foreign file is refused."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from msoko_pipeline.backup import bundle, commands
from msoko_pipeline.backup.bundle import BundleTrouble
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.intake.restoring import NOTE, place_of
from msoko_pipeline.publishing import history
from msoko_pipeline.settings import Settings
from tests.assets.test_layers import BAD, GOOD, export, pupil
from tests.command import Done, msoko_here
from tests.unit.test_ledger_versions import EVER, made

NAME = "msoko-2026.tar.zst"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has published twice, with a quarantined row, a refused and a withdrawn file; and its backup."""
    root = tmp_path_factory.mktemp("published")
    export(root / "inbox", "2021/4/Математика.csv", [*GOOD, BAD])
    (root / "inbox" / "заметки.csv").write_text("дата;кто\n1;2\n", encoding="utf-8")
    for login in ("sch190007", "sch190008"):
        pupils = [pupil(number, "112111011210000", login) for number in (1, 2)]
        export(root / "inbox", f"{login}/2021/4/Математика.csv", pupils)
    assert run(root, "home").returncode == 3
    withdrawn = next(entry for entry in ledger_of(Settings(home=root / "home")).files() if "190008" in entry.name)
    assert msoko_here("withdraw", withdrawn.sha256, "--home", root / "home").returncode == 0
    run(root, "home")
    assert back_up(root / "home", root / NAME).returncode == 0
    return root


@pytest.fixture
def root(published: Path, tmp_path: Path) -> Path:
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    return tmp_path


def run(root: Path, home: str, inbox: str = "inbox") -> Done:
    (root / inbox).mkdir(exist_ok=True)
    return msoko_here("run", "--home", root / home, "--inbox", root / inbox)


def back_up(home: Path, target: Path, **environment: str) -> Done:
    return msoko_here("backup", target, "--home", home, **environment)


def restore(source: Path, home: Path, **environment: str) -> Done:
    return msoko_here("restore", source, "--home", home, **environment)


def rows(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every published row but of the history, without the moment of publication."""
    engine = sa.create_engine(f"sqlite:///{home / 'warehouse.sqlite'}")
    with engine.connect() as connection:
        tables = [name for name in sa.inspect(connection).get_table_names() if name != "ops_publication"]
        published = {}
        for name in tables:
            columns = [c["name"] for c in sa.inspect(connection).get_columns(name) if c["name"] != "published_at"]
            listed = connection.execute(sa.text(f"select {', '.join(columns)} from {name}")).all()
            published[name] = sorted(map(tuple, listed), key=repr)
    engine.dispose()
    return published


def publications(home: Path) -> list[str]:
    every, is_read = history.every(Settings(home=home))
    assert is_read
    return [str(row["publication_id"]) for row in every]


def as_if_of_tomorrow(history: Path) -> None:
    """Let the last publication of a restored home be of a time that has not come: the clock was wrong then."""
    kept = json.loads(history.read_text(encoding="utf-8"))
    kept[-1]["published_at"] = "2099-01-01T00:00:00.000Z"
    history.write_text(json.dumps(kept), encoding="utf-8")


# ---- there and back


def test_a_restored_home_publishes_the_same(root: Path) -> None:
    before = publications(root / "home")
    assert len(before) == 2
    done = restore(root / NAME, root / "new")
    assert done.returncode == 0
    as_if_of_tomorrow(root / "new" / history.FILE)
    assert re.search(
        r"Восстановлено из «msoko-2026.tar.zst» \(.+\): принятых файлов 4\. Теперь .*msoko run", done.stdout
    )
    done = run(root, "new", "empty")
    assert done.returncode == 0, "nothing is in the inbox to be refused"
    assert "сделаны заново" not in done.stdout
    assert rows(root / "new") == rows(root / "home")
    assert publications(root / "new")[:2] == before
    assert len(publications(root / "new")) == 3
    entries = ledger_of(Settings(home=root / "new")).files()
    assert not any(note[0] == NOTE for entry in entries for note in entry.notes)
    assert [entry.status for entry in entries] == [e.status for e in ledger_of(Settings(home=root / "home")).files()]
    acts = ledger_of(Settings(home=root / "new")).acts()
    assert acts == ledger_of(Settings(home=root / "home")).acts()
    last = msoko_here("status", "--json", "--home", root / "new")
    assert json.loads(last.stdout)["last_publication"]["published_at"] == "2099-01-01T00:00:00.001Z"
    assert not (root / "new" / history.FILE).exists()
    again = run(root, "new")
    assert "Нового в папке приёма нет" in again.stdout
    assert len(publications(root / "new")) == 3


def test_a_home_that_was_restored_and_not_run_is_backed_up_with_its_history(root: Path) -> None:
    restore(root / NAME, root / "new")
    assert back_up(root / "new", root / "second.tar.zst").returncode == 0
    restore(root / "second.tar.zst", root / "third")
    assert publications(root / "third") == publications(root / "home")


def test_a_damaged_history_is_none(root: Path) -> None:
    settings = Settings(home=root / "home")
    (settings.home / history.FILE).write_text("[{")
    assert history.waiting(settings) == []
    assert len(publications(settings.home)) == 2


def test_everything_in_a_home_is_kept_or_rebuilt_and_nothing_is_both(published: Path) -> None:
    known = {*commands.KEPT, *commands.REBUILT, *commands.PASSING}
    assert {place.name for place in (published / "home").iterdir()} <= known
    assert len(known) == len(commands.KEPT) + len(commands.REBUILT) + len(commands.PASSING)
    names = {member.name for member in bundle.contents(published / NAME)}
    assert {name.partition("/")[0] for name in names} <= {*commands.KEPT}
    assert {"ledger.sqlite", "pseudonym.key", "publications.json", "dagster/dagster.yaml"} < names


def test_the_file_is_closed_to_others_and_names_no_place(published: Path) -> None:
    assert (published / NAME).stat().st_mode & 0o777 == 0o600
    manifest = json.dumps(bundle.manifest_of(published / NAME).settings)
    assert str(published) not in manifest
    assert [place.name for place in published.iterdir() if "tmp" in place.name] == []
    assert not [place for place in (published / "home").iterdir() if place.name.startswith(commands.TEMPORARY)]


def test_what_is_restored_is_closed_to_others(root: Path) -> None:
    restore(root / NAME, root / "new")
    for place in (root / "new").rglob("*"):
        if place.name not in commands.PASSING:
            assert place.stat().st_mode & 0o077 == 0, place


# ---- what is not whole is told


@pytest.mark.parametrize("spoil", [lambda p: p.unlink(), lambda p: p.write_bytes(b"x")], ids=["lost", "damaged"])
def test_accepted_files_that_the_archive_has_lost_are_named(root: Path, spoil: Callable[[Path], None]) -> None:
    settings = Settings(home=root / "home")
    entry = next(entry for entry in ledger_of(settings).files() if entry.sheets)
    place_of(settings, entry).chmod(0o600)
    spoil(place_of(settings, entry))
    done = back_up(root / "home", root / "other.tar.zst")
    assert done.returncode == 3
    assert "В архиве пропали или испорчены принятые файлы: 1; в копии их нет" in done.stdout
    assert entry.name in done.stdout
    assert restore(root / "other.tar.zst", root / "new").returncode == 0


def test_a_key_of_the_environment_stays_there(tmp_path: Path) -> None:
    export(tmp_path / "inbox", "2021/4/Математика.csv", GOOD)
    settings = Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox", pseudonym_key="ключ")
    from msoko_pipeline.intake import steps as intake

    intake.receive(settings)
    done = back_up(tmp_path / "home", tmp_path / NAME, MSOKO_PSEUDONYM_KEY="ключ")
    assert done.returncode == 0
    assert "MSOKO_PSEUDONYM_KEY и в копию не входит" in done.stdout
    assert "ключ" not in (tmp_path / NAME).read_bytes().decode("latin-1")
    assert "задайте прежний в MSOKO_PSEUDONYM_KEY" in restore(tmp_path / NAME, tmp_path / "new").stdout
    lost = back_up(tmp_path / "home", tmp_path / "other")
    assert lost.returncode == 1
    assert "Ключ псевдонимов потерян" in lost.stderr


def test_a_warehouse_that_cannot_be_read_leaves_its_history_out(root: Path) -> None:
    (root / "home" / "warehouse.sqlite").write_bytes(b"not a database" * 100)
    done = back_up(root / "home", root / "other.tar.zst")
    assert done.returncode == 3
    assert "Журнал публикаций в копию не вошёл" in done.stdout
    assert str(root) not in done.stdout


def test_settings_that_differ_are_told(root: Path) -> None:
    done = restore(root / NAME, root / "new", MSOKO_SCOPE="region")
    assert "Настройка MSOKO_SCOPE другая; при копировании было «municipality»" in done.stdout
    assert "Настройка" not in restore(root / NAME, root / "other").stdout


# ---- where a backup may lie


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("inbox/copy", "лежала бы в папке приёма"),
        ("inbox/2021/copy", "лежала бы в папке приёма"),
        ("home/copy", "лежала бы в папке состояния"),
        ("home/archive/copy", "лежала бы в папке состояния"),
        ("nowhere/copy", "нет. Создайте её"),
        ("inbox", "это папка, а нужен файл"),
        ("note.txt", "это не резервная копия"),
        ("other.zst", "это не резервная копия"),
    ],
)
def test_a_place_that_is_none_for_a_backup_is_refused(root: Path, place: str, words: str) -> None:
    (root / "note.txt").write_text("нужное", encoding="utf-8")
    with pa.output_stream(str(root / "other.zst"), compression="zstd") as stream:
        stream.write(b"something else")
    done = back_up(root / "home", root / place, MSOKO_INBOX=str(root / "inbox"))
    assert done.returncode == 1
    assert words in done.stderr
    assert str(root) not in done.stderr
    assert (root / "note.txt").read_text(encoding="utf-8") == "нужное"


def test_a_link_into_the_inbox_is_the_inbox(root: Path) -> None:
    (root / "link").symlink_to(root / "inbox")
    done = back_up(root / "home", root / "link" / "copy", MSOKO_INBOX=str(root / "inbox"))
    assert "лежала бы в папке приёма" in done.stderr


def test_an_older_backup_is_replaced(root: Path) -> None:
    before = (root / NAME).stat().st_ino
    (root / f".{NAME}.tmp").write_bytes(b"left by one that was killed")
    assert back_up(root / "home", root / NAME).returncode == 0
    assert (root / NAME).stat().st_ino != before
    assert sorted(place.name for place in root.iterdir()) == ["home", "inbox", NAME]


def test_there_is_nothing_to_keep_of_a_home_that_was_never_used(tmp_path: Path) -> None:
    assert "сохранять нечего" in back_up(tmp_path / "home", tmp_path / "copy").stderr
    assert not (tmp_path / "home").exists()
    (tmp_path / "home").mkdir()
    assert "сохранять нечего" in back_up(tmp_path / "home", tmp_path / "copy").stderr


def test_a_backup_that_breaks_off_leaves_the_one_before(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (root / NAME).read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundle, "_fill", full)
    done = back_up(root / "home", root / NAME)
    assert done.returncode == 1
    assert "не записана: на диске кончилось место" in done.stderr
    assert (root / NAME).read_bytes() == before
    assert sorted(place.name for place in root.iterdir()) == ["home", "inbox", NAME]


# ---- where it may be restored


def test_a_home_in_use_is_refused(root: Path) -> None:
    done = restore(root / NAME, root / "home")
    assert done.returncode == 1
    assert "не пуста" in done.stderr
    (root / "other").mkdir()
    (root / "other" / "чужое.txt").touch()
    assert "не пуста (чужое.txt)" in restore(root / NAME, root / "other").stderr


def test_a_home_with_an_inbox_and_what_a_killed_command_left_is_empty(root: Path) -> None:
    (root / "new" / "inbox").mkdir(parents=True)
    (root / "new" / f"{commands.TEMPORARY}left" / "archive").mkdir(parents=True)
    assert restore(root / NAME, root / "new").returncode == 0
    assert not list((root / "new").glob(f"{commands.TEMPORARY}*"))


def test_a_disk_without_room_is_told_before(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 0))  # type: ignore[attr-defined]
    done = restore(root / NAME, root / "new")
    assert done.returncode == 1
    assert "Освободите место" in done.stderr


# ---- what is no backup, or no longer


def unpacked(path: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with (
        pa.input_stream(str(path), compression="zstd") as stream,
        tarfile.open(fileobj=io.BytesIO(stream.read())) as tar,
    ):
        return [(header, file.read()) for header in tar if (file := tar.extractfile(header))]


def packed(path: Path, members: Iterator[tuple[tarfile.TarInfo, bytes]] | list[tuple[tarfile.TarInfo, bytes]]) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for header, content in members:
            header.size = len(content) if header.isreg() else 0
            tar.addfile(header, io.BytesIO(content))
    with pa.output_stream(str(path), compression="zstd") as stream:
        stream.write(made.getvalue())


def of_manifest(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def changed(path: Path) -> None:
        (header, content), *members = unpacked(path)
        manifest = json.loads(content)
        change(manifest)
        packed(path, [(header, json.dumps(manifest).encode()), *members])

    return changed


def of_member(change: Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes]]) -> Callable[[Path], None]:
    """Change the first received file of a backup."""

    def changed(path: Path) -> None:
        members = unpacked(path)
        at = next(n for n, (header, _) in enumerate(members) if header.name.startswith("archive/"))
        members[at] = change(*members[at])
        packed(path, members)

    return changed


def renamed(name: str) -> Callable[[Path], None]:
    """Call a member otherwise, in the manifest too."""

    def changed(path: Path) -> None:
        (header, content), *members = unpacked(path)
        manifest = json.loads(content)
        manifest["members"][-1]["name"] = members[-1][0].name = name
        packed(path, [(header, json.dumps(manifest).encode()), *members])

    return changed


def linked(header: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    header.type, header.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return header, content


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def set_to(name: str, value: Any) -> Callable[[Path], None]:
    return of_manifest(lambda manifest: manifest.update({name: value}))


DAMAGED: dict[str, Callable[[Path], None]] = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-2000]),
    "cut at the beginning": lambda path: path.write_bytes(path.read_bytes()[:40]),
    "a bit flipped": flipped,
    "a received file changed": of_member(lambda header, content: (header, content[:-1] + b"?")),
    "a received file cut": of_member(lambda header, content: (header, content[:-1])),
    "a received file is a link": of_member(linked),
    "a member missing": lambda path: packed(path, unpacked(path)[:-1]),
    "a member twice": lambda path: packed(path, [*unpacked(path), unpacked(path)[-1]]),
    "a name that leads outside": renamed("../outside"),
    "a name from the root": renamed("/tmp/outside"),
    "a name deep outside": renamed("archive/../../outside"),
    "another file of the home": renamed("warehouse.sqlite/x"),
    "a manifest without sums": set_to("members", [{"name": "ledger.sqlite", "size": 1}]),
    "a manifest of other words": set_to("surprise", 1),
}
FOREIGN: dict[str, Callable[[Path], None]] = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("письмо", encoding="utf-8"),
    "another format": set_to("format", "other"),
    "a tar without a manifest": lambda path: packed(path, unpacked(path)[1:]),
}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        *((spoil, "повреждена") for spoil in DAMAGED.values()),
        *((spoil, "не резервная копия") for spoil in FOREIGN.values()),
    ],
    ids=[*DAMAGED, *FOREIGN],
)
def test_a_file_that_is_not_as_it_was_written_is_refused(root: Path, spoil: Callable[[Path], None], words: str) -> None:
    spoil(root / NAME)
    done = restore(root / NAME, root / "new")
    assert done.returncode == 1
    assert words in done.stderr
    assert NAME in done.stderr
    assert str(root) not in done.stderr
    assert {place.name for place in (root / "new").iterdir()} <= {"lock", "lock.json"}
    assert not (root / "outside").exists()
    assert not Path("/tmp/outside").exists()


@pytest.mark.parametrize(
    "change", [set_to("format_version", 2), set_to("program", "99.0.0")], ids=["format", "program"]
)
def test_a_backup_of_a_newer_version_is_refused(root: Path, change: Callable[[Path], None]) -> None:
    change(root / NAME)
    with pytest.raises(BundleTrouble, match=r"более новой версией программы.*Обновите программу"):
        bundle.manifest_of(root / NAME)
    assert restore(root / NAME, root / "new").returncode == 1


def test_a_backup_of_an_older_version_is_taken(root: Path) -> None:
    set_to("program", "0.0.9")(root / NAME)
    assert restore(root / NAME, root / "new").returncode == 0


def with_ledger(path: Path, ledger: bytes) -> None:
    """Put another ledger into a backup, its sum in the manifest."""
    (header, content), (of_ledger, _), *rest = unpacked(path)
    manifest = json.loads(content)
    manifest["members"][0] |= {"size": len(ledger), "sha256": hashlib.sha256(ledger).hexdigest()}
    packed(path, [(header, json.dumps(manifest).encode()), (of_ledger, ledger), *rest])


def test_an_older_ledger_becomes_todays(root: Path) -> None:
    older = made(root / "older" / "ledger.sqlite", EVER["0002"])
    with_ledger(root / NAME, older.read_bytes())
    assert restore(root / NAME, root / "new").returncode == 0
    assert [entry.name for entry in ledger_of(Settings(home=root / "new")).files()] == ["форма.xlsx"]
    assert (root / "new" / "ledger.0002.sqlite").exists()


def test_a_newer_ledger_is_refused(root: Path) -> None:
    path = made(root / "newer" / "ledger.sqlite", EVER["0006"])
    ledger_of(Settings(home=path.parent))
    with sqlite3.connect(path) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    with_ledger(root / NAME, path.read_bytes())
    done = restore(root / NAME, root / "new")
    assert done.returncode == 1
    assert "сделана более новой версией программы. Обновите программу" in done.stderr
    assert str(root) not in done.stderr
    assert {place.name for place in (root / "new").iterdir()} == {"lock", "lock.json"}


def test_the_ledger_of_a_backup_must_be_one(root: Path) -> None:
    with_ledger(root / NAME, b"no ledger" * 1000)
    done = restore(root / NAME, root / "new")
    assert done.returncode == 1
    assert "Ничего не восстановлено" in done.stderr
    assert str(root) not in done.stderr
