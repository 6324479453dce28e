"""Receiving: every file of the inbox, archives unpacked, kept unchanged under its SHA-256, none lost."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import socket
import struct
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading import archive, kept, pool
from msoko_pipeline.reading.archive import receive
from msoko_pipeline.reading.kept import Received
from tests.limited import limits
from tests.making import packed, text, xlsx, zipped


def received(folder: Path) -> list[Received]:
    return list(receive(folder / "inbox", folder / "archive"))


def names(folder: Path) -> list[str]:
    return [item.name for item in received(folder)]


def test_a_file_is_kept_unchanged_under_its_sha256(tmp_path: Path) -> None:
    path = text(tmp_path / "inbox" / "2021" / "данные.csv", "логин;код\n")
    (item,) = received(tmp_path)
    assert item.name == "2021/данные.csv"
    assert item.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert item.kept.read_bytes() == path.read_bytes()
    assert item.kept == tmp_path / "archive" / item.sha256[:2] / item.sha256
    assert (item.size, item.refusal) == (path.stat().st_size, None)
    assert not item.kept.stat().st_mode & 0o222  # nobody may write it


def test_receiving_twice_keeps_one(tmp_path: Path) -> None:
    text(tmp_path / "inbox" / "a.csv", "одно и то же")
    text(tmp_path / "inbox" / "b.csv", "одно и то же")
    first, again = received(tmp_path), received(tmp_path)
    assert first == again
    assert len({item.sha256 for item in first}) == 1
    assert len([path for path in (tmp_path / "archive").rglob("*") if path.is_file()]) == 1


def test_files_come_in_the_order_of_their_arrival(tmp_path: Path) -> None:
    for number, name in enumerate(["в.csv", "а.csv", "б.csv"]):
        path = text(tmp_path / "inbox" / name, name)
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
    assert names(tmp_path) == ["в.csv", "а.csv", "б.csv"]


def test_no_inbox_is_an_empty_inbox(tmp_path: Path) -> None:
    assert received(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["~$Ф1.xlsx", ".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX/a.xlsx", ".git/a.csv"]
)
def test_what_office_and_file_managers_leave_behind_is_passed_over(tmp_path: Path, name: str) -> None:
    text(tmp_path / "inbox" / name, "x")
    text(tmp_path / "inbox" / "данные.csv", "y")
    zipped(tmp_path / "inbox" / "пачка.zip", {name: "x", "в пачке.csv": "z"})
    assert sorted(names(tmp_path)) == ["данные.csv", "пачка.zip/в пачке.csv"]


@pytest.mark.parametrize("target", ["чужое.csv", "чужая папка", "нет такого"])
def test_a_link_is_not_followed_and_is_told(tmp_path: Path, target: str) -> None:
    text(tmp_path / "inbox" / "данные.csv", "y")
    text(tmp_path / "чужое.csv", "тайна")
    text(tmp_path / "чужая папка" / "внутри.csv", "тайна")
    (tmp_path / "inbox" / "ссылка.csv").symlink_to(tmp_path / target)
    told = {item.name: item for item in received(tmp_path)}
    assert set(told) == {"данные.csv", "ссылка.csv"}
    refusal = told["ссылка.csv"].refusal
    assert refusal is not None
    assert refusal.issue_type == "file_link"
    assert not any(
        path.is_file() and "тайна".encode() in path.read_bytes() for path in (tmp_path / "archive").rglob("*")
    )


def test_a_pipe_and_a_socket_stop_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text(tmp_path / "inbox" / "данные.csv", "y")
    os.mkfifo(tmp_path / "inbox" / "канал.csv")
    monkeypatch.chdir(tmp_path / "inbox")  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("сокет.csv")
        told = {item.name: item.refusal for item in received(tmp_path)}
    assert told.pop("данные.csv") is None
    assert {name: refusal and refusal.issue_type for name, refusal in told.items()} == dict.fromkeys(
        ("канал.csv", "сокет.csv"), "file_special"
    )


def test_a_link_to_itself_and_a_hard_link(tmp_path: Path) -> None:
    path = text(tmp_path / "inbox" / "а.csv", "y")
    (tmp_path / "inbox" / "б.csv").hardlink_to(path)
    (tmp_path / "inbox" / "сама.csv").symlink_to(tmp_path / "inbox" / "сама.csv")
    told = {item.name: item for item in received(tmp_path)}
    assert told["а.csv"].sha256 == told["б.csv"].sha256
    assert told["сама.csv"].refusal is not None
    assert told["сама.csv"].refusal.issue_type == "file_link"


def test_folders_deeper_than_a_path_can_say_are_told_and_stop_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text(tmp_path / "inbox" / "данные.csv", "y")
    monkeypatch.chdir(tmp_path / "inbox")
    folder = "д" * 100
    for _ in range(25):  # 5 kB: more than the 4 kB that a path may have
        os.mkdir(folder)
        os.chdir(folder)
    Path("глубоко.csv").write_text("x")
    told = {item.name: item.refusal for item in received(tmp_path)}
    assert told.pop("данные.csv") is None
    (refusal,) = told.values()
    assert refusal is not None
    assert "не удаётся открыть папку: путь от начала диска слишком длинный" in refusal.message()


def test_a_folder_that_vanishes_while_it_is_listed_is_nobody_s_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text(tmp_path / "inbox" / "данные.csv", "y")
    text(tmp_path / "inbox" / "папка" / "а.csv", "x")
    passed_over = archive.skipped

    def removing(path: Path) -> bool:
        if path.name == "папка":
            shutil.rmtree(tmp_path / "inbox" / "папка")
        return passed_over(path)

    monkeypatch.setattr(archive, "skipped", removing)
    assert names(tmp_path) == ["данные.csv"]


def test_a_broken_disk_is_no_file_s_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text(tmp_path / "inbox" / "данные.csv", "y")

    def broken(*_: object) -> object:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(archive, "keep", broken)
    with pytest.raises(OSError, match="Input/output"):
        received(tmp_path)


def test_a_name_that_is_no_text_is_spelt_out(tmp_path: Path) -> None:
    text(tmp_path / "inbox" / "хороший.csv", "y")
    (tmp_path / "inbox" / os.fsdecode(b"\xcf\xf0.csv")).write_text("1")
    (tmp_path / "inbox" / "\x1b[31mкрасный\n\u202e.csv").write_text("2")
    told = sorted(names(tmp_path))
    assert told == ["\\x1b[31mкрасный\\n\\u202e.csv", "\\xcf\\xf0.csv", "хороший.csv"]
    assert all(name.isprintable() for name in told)


def test_a_file_that_grows_while_it_is_copied_is_left_for_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = text(tmp_path / "inbox" / "растёт.csv", "1")
    once = hashlib.file_digest

    def slow(stream: BinaryIO, name: str) -> Any:
        digest = once(stream, name)
        with path.open("a") as more:
            more.write("2")
        return digest

    monkeypatch.setattr(hashlib, "file_digest", slow)
    assert names(tmp_path) == []
    monkeypatch.undo()
    (item,) = received(tmp_path)
    assert hashlib.sha256(item.kept.read_bytes()).hexdigest() == item.sha256
    assert [path for path in (tmp_path / "archive").rglob("*") if path.is_file()] == [item.kept]


def written_to_before_it_is_read(path: Path, patch: pytest.MonkeyPatch) -> None:
    """Other content of the same length: only the time of change tells."""
    looked_at = os.fstat

    def then_changed(number: int) -> os.stat_result:
        state = looked_at(number)
        patch.undo()
        path.write_text("2")
        os.utime(path, ns=(0, state.st_mtime_ns + 1))
        return state

    patch.setattr(os, "fstat", then_changed)


def replaced_while_it_is_copied(path: Path, patch: pytest.MonkeyPatch) -> None:
    """Another file of the same length and time in its place: only its number tells."""
    opened = Path.open

    def changed_then_opened(other: Path, *arguments: str) -> Any:
        if arguments == ("wb",):
            patch.undo()
            new = text(path.with_name("~$новый"), "2")
            os.utime(new, ns=(0, path.stat().st_mtime_ns))
            new.replace(path)
        return opened(other, *arguments)

    patch.setattr(Path, "open", changed_then_opened)


@pytest.mark.parametrize("change", [written_to_before_it_is_read, replaced_while_it_is_copied])
def test_a_file_that_changes_and_keeps_its_size_is_left_for_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path, pytest.MonkeyPatch], None]
) -> None:
    path = text(tmp_path / "inbox" / "меняется.csv", "1")
    change(path, monkeypatch)
    assert names(tmp_path) == []
    assert [item.kept.read_text() for item in received(tmp_path)] == ["2"]


def test_an_archive_of_too_many_members_is_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits(monkeypatch, archive_files=3)
    zipped(tmp_path / "inbox" / "три.zip", {f"{n}.csv": f"{n};x" for n in range(3)})
    zipped(tmp_path / "inbox" / "четыре.zip", {f"{n}.csv": f"{n};y" for n in range(4)})
    told = {item.name: item.refusal for item in received(tmp_path)}
    assert len(told) == 4
    assert told["четыре.zip"] is not None
    assert "архив не распакован: файлов в нём не меньше 4, допустимо 3" in told["четыре.zip"].message()


def test_a_file_that_vanishes_while_it_is_read_is_left_for_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text(tmp_path / "inbox" / "а.csv", "1")
    gone = text(tmp_path / "inbox" / "б.csv", "2")
    listed = archive._by_arrival(tmp_path / "inbox", ())
    gone.unlink()
    monkeypatch.setattr(archive, "_by_arrival", lambda *_: listed)
    assert names(tmp_path) == ["а.csv"]


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text(tmp_path / "inbox" / "а.csv", "1")
    text(tmp_path / "inbox" / "б.csv", "2")
    open_ = Path.open

    def forbidden(path: Path, *args: str, **more: str) -> object:
        if path.name == "а.csv":
            raise PermissionError(path)
        return open_(path, *args, **more)

    monkeypatch.setattr(Path, "open", forbidden)
    told = {item.name: item.refusal for item in received(tmp_path)}
    assert told["б.csv"] is None
    assert told["а.csv"] is not None
    assert "нет права читать файл" in told["а.csv"].message()


# ---- archives


def test_an_archive_is_unpacked_with_its_folders_and_archives_within(tmp_path: Path) -> None:
    inner = packed({"4/Математика.csv": "1"})
    zipped(tmp_path / "inbox" / "пачка.zip", {"2021/РУ 4.csv": "2", "вложенная.zip": inner})
    assert sorted(names(tmp_path)) == ["пачка.zip/2021/РУ 4.csv", "пачка.zip/вложенная.zip/4/Математика.csv"]


def test_an_archive_three_deep_comes_as_it_is(tmp_path: Path) -> None:
    deep = packed({"б.zip": packed({"в.zip": packed({"г.csv": "1"})})})
    zipped(tmp_path / "inbox" / "а.zip", {"внутри.zip": deep})
    assert names(tmp_path) == ["а.zip/внутри.zip/б.zip"]


def test_a_workbook_is_no_archive(tmp_path: Path) -> None:
    xlsx(tmp_path / "inbox" / "Ф1.xlsx", [[1]])
    assert names(tmp_path) == ["Ф1.xlsx"]


def test_names_of_russian_windows_and_of_macos(tmp_path: Path) -> None:
    """Without the UTF-8 flag the bytes are cp866 (Windows) or UTF-8 all the same (macOS, letters taken apart)."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    apart = unicodedata.normalize("NFD", "й.csv")
    for file, raw in (("win.zip", "Школа.csv".encode("cp866")), ("mac.zip", apart.encode())):
        placeholder = "n" * len(raw)
        zipped(folder / file, {placeholder: "1"})
        data = (folder / file).read_bytes()
        (folder / file).write_bytes(data.replace(placeholder.encode(), raw))
    assert sorted(names(tmp_path)) == ["mac.zip/й.csv", "win.zip/Школа.csv"]


def test_names_with_backslashes_and_ways_out(tmp_path: Path) -> None:
    zipped(tmp_path / "inbox" / "а.zip", {"2021\\4\\МА.csv": "1", "../../снаружи.csv": "2", "/корень.csv": "3"})
    assert sorted(names(tmp_path)) == ["а.zip/2021/4/МА.csv", "а.zip/корень.csv", "а.zip/снаружи.csv"]
    assert not list(tmp_path.parent.glob("снаружи.csv"))


def spoil_member(path: Path) -> Path:
    """Overwrite the packed bytes of the first member."""
    data = bytearray(path.read_bytes())
    name, extra = struct.unpack("<HH", data[26:30])
    start = 30 + name + extra
    data[start : start + 12] = b"\xff" * 12
    path.write_bytes(bytes(data))
    return path


def lock_member(path: Path) -> Path:
    """Set the flag of encryption of the first member, in both of its headers."""
    data = bytearray(path.read_bytes())
    data[6] |= 1
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    path.write_bytes(bytes(data))
    return path


@pytest.mark.parametrize(
    ("harm", "issue_type"),
    [(spoil_member, "file_unreadable"), (lock_member, "file_password")],
    ids=["spoilt", "locked"],
)
def test_a_bad_member_is_told_and_the_others_come(
    tmp_path: Path, harm: Callable[[Path], Path], issue_type: str
) -> None:
    harm(zipped(tmp_path / "inbox" / "а.zip", {"плохой.csv": "1;2;3" * 200, "хороший.csv": "2"}))
    bad, good = received(tmp_path)
    assert (bad.name, good.name) == ("а.zip/плохой.csv", "а.zip/хороший.csv")
    assert bad.refusal is not None
    assert bad.refusal.issue_type == issue_type
    assert good.refusal is None
    assert bad.sha256 != good.sha256


def test_two_bad_members_are_two_files(tmp_path: Path) -> None:
    path = zipped(tmp_path / "inbox" / "а.zip", {"1.csv": "x" * 500, "2.csv": "y" * 500})
    data = bytearray(path.read_bytes())
    for at in [n for n in range(len(data)) if data[n : n + 4] == b"PK\x01\x02"]:
        data[at + 8] |= 1
    path.write_bytes(bytes(data))
    told = received(tmp_path)
    assert len({item.sha256 for item in told}) == 2
    assert all(item.refusal is not None for item in told)


def test_of_many_locked_members_the_first_are_named_and_all_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(monkeypatch, archive_unopened=2)
    path = zipped(tmp_path / "inbox" / "а.zip", {f"{n}.csv": f"{n}" * 500 for n in range(6)})
    data = bytearray(path.read_bytes())
    for at in [n for n in range(len(data)) if data[n : n + 4] == b"PK\x01\x02"][:5]:
        data[at + 8] |= 1
    path.write_bytes(bytes(data))
    hashed = 0
    once = hashlib.file_digest

    def counting(stream: BinaryIO, name: str) -> Any:
        nonlocal hashed
        hashed += Path(stream.name) == path
        return once(stream, name)

    monkeypatch.setattr(hashlib, "file_digest", counting)
    told = {item.name: item.refusal for item in received(tmp_path)}
    assert list(told) == ["а.zip/0.csv", "а.zip/1.csv", "а.zip/5.csv", "а.zip"]
    assert told["а.zip/5.csv"] is None
    assert told["а.zip"] is not None
    assert "всего 5 (файл защищён паролем — 5)" in told["а.zip"].message()
    assert hashed == 1


@pytest.mark.parametrize("files", [{}, {"папка/": ""}, {"~$Ф1.xlsx": "1"}], ids=["nothing", "a folder", "leavings"])
def test_an_archive_without_a_file_is_told(tmp_path: Path, files: dict[str, str]) -> None:
    zipped(tmp_path / "inbox" / "а.zip", files)
    (item,) = received(tmp_path)
    assert item.refusal is not None
    assert item.refusal.issue_type == "file_empty"


def test_an_archive_cut_off_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "inbox" / "а.zip", {"1.csv": "1" * 1_000})
    path.write_bytes(path.read_bytes()[:60])
    (item,) = received(tmp_path)
    assert item.refusal is not None
    assert item.refusal.issue_type == "file_unreadable"


def test_a_bomb_is_never_unpacked(tmp_path: Path) -> None:
    zipped(tmp_path / "inbox" / "а.zip", {"1.csv": b"0" * (60 << 20)})
    (item,) = received(tmp_path)
    assert item.refusal is not None
    assert item.refusal.issue_type == "file_bomb"


def test_archives_within_share_one_allowance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits(monkeypatch, unpacked=2_500)
    parts = {f"{n}.zip": packed({f"{n}.csv": "x" * 900}) for n in range(4)}
    zipped(tmp_path / "inbox" / "а.zip", parts)
    told = received(tmp_path)
    assert [item.refusal is None for item in told] == [True, True, False, False]
    assert told[-1].refusal is not None
    assert told[-1].refusal.issue_type == "archive_too_large"


def test_files_of_archives_within_are_counted_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits(monkeypatch, archive_files=6)
    parts = {f"{n}.zip": packed({f"{n}-{m}.csv": f"{n}{m}" for m in range(2)}) for n in range(3)}
    zipped(tmp_path / "inbox" / "а.zip", parts)
    told = {item.name: item.refusal for item in received(tmp_path)}
    refused = [(name, refusal.issue_type) for name, refusal in told.items() if refusal is not None]
    assert refused == [("а.zip/1.zip", "archive_too_large"), ("а.zip/2.zip", "archive_too_large")]
    assert sum(refusal is None for refusal in told.values()) == 2


def test_archives_of_the_inbox_share_its_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits(monkeypatch, inbox_unpacked=2_500)
    for number in range(4):
        path = zipped(tmp_path / "inbox" / f"{number}.zip", {f"{number}.csv": f"{number}" * 900})
        os.utime(path, (number + 1, number + 1))
    text(tmp_path / "inbox" / "обычный.csv", "x" * 5_000)
    told = {item.name: item.refusal for item in received(tmp_path)}
    assert list(told) == ["0.zip/0.csv", "1.zip/1.csv", "2.zip", "3.zip", "обычный.csv"]
    refused = told["3.zip"]
    assert refused is not None
    assert "превышен предел папки приёма" in refused.message()
    assert told["обычный.csv"] is None


def boastful(size: int) -> bytes:
    """An archive of one small file whose list of members calls it so many bytes long."""
    content = packed({"1.csv": "1"})
    at = content.index(b"PK\1\2") + 24
    return content[:at] + struct.pack("<I", size) + content[at + 4 :]


def test_sizes_that_an_archive_only_tells_take_nobody_s_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits(monkeypatch, unpacked=2_500, inbox_unpacked=5_000)
    first = zipped(tmp_path / "inbox" / "а.zip", {f"{n}.zip": boastful(2_400) for n in range(3)})
    os.utime(first, (1, 1))
    zipped(tmp_path / "inbox" / "б.zip", {"2.csv": "2" * 900})
    told = {item.name: item.refusal for item in received(tmp_path)}
    assert told["б.zip/2.csv"] is None
    refusal = told["а.zip/2.zip/1.csv"]
    assert refusal is not None
    assert refusal.issue_type == "archive_too_large"


def test_a_member_that_does_not_fit_leaves_room_for_those_that_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(monkeypatch, unpacked=2_500)
    parts = {"1.zip": packed({"1.csv": "1" * 1_500}), "2.zip": packed({"2.csv": "2" * 2_000}), "3.csv": "3"}
    zipped(tmp_path / "inbox" / "а.zip", parts)
    assert {item.name: item.refusal is None for item in received(tmp_path)} == {
        "а.zip/1.zip/1.csv": True,
        "а.zip/2.zip/2.csv": False,
        "а.zip/3.csv": True,
    }


def test_a_copy_that_fails_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text(tmp_path / "inbox" / "а.csv", "1")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(kept, "_state", full)
    with pytest.raises(OSError, match="No space"):
        received(tmp_path)
    assert [path for path in (tmp_path / "archive").rglob("*") if path.is_file()] == []


def test_an_inbox_of_too_many_files_takes_the_first_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(monkeypatch, inbox_files=2)
    for number in range(5):
        os.utime(text(tmp_path / "inbox" / f"{number}.csv", str(number)), (number + 1, number + 1))
    first, second, beyond = received(tmp_path)
    assert (first.name, second.name, beyond.name) == ("0.csv", "1.csv", "inbox")
    assert beyond.refusal is not None
    assert "файлов больше 2" in beyond.refusal.message()
    limits(monkeypatch, inbox_files=5)
    assert len(received(tmp_path)) == 5


def test_an_archive_that_ends_its_reader_is_kept_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zipped(tmp_path / "inbox" / "а.zip", {"1.csv": "1"})
    text(tmp_path / "inbox" / "б.csv", "2")

    def ended(*_: object, **__: object) -> list[Refusal]:
        return [Refusal("file_too_large", detail="чтение дольше 60 с")]

    monkeypatch.setattr(pool, "run", ended)
    told = {item.name: item for item in received(tmp_path)}
    refused = told["а.zip"].refusal
    assert refused is not None
    assert "архив не распакован: чтение дольше 60 с" in refused.message()
    assert told["а.zip"].kept.exists()
    assert told["б.csv"].refusal is None


def test_nothing_of_an_archive_is_parsed_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every other file it is enough to read the name of its first member."""
    zipped(tmp_path / "inbox" / "а.zip", {"1.csv": "1"})
    xlsx(tmp_path / "inbox" / "б.xlsx", [[1]])

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(zipfile, "ZipFile", forbidden)
    assert sorted(names(tmp_path)) == ["а.zip/1.csv", "б.xlsx"]


def test_the_member_count_of_a_real_archive(tmp_path: Path) -> None:
    zipped(tmp_path / "inbox" / "а.zip", {f"{n}.csv": str(n) for n in range(30)})
    with zipfile.ZipFile(tmp_path / "inbox" / "а.zip") as whole:
        assert len(received(tmp_path)) == len(whole.infolist())
