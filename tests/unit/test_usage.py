"""What is asked of the program wrongly is said in one Russian sentence, with the right exit status."""

from __future__ import annotations

import json
import os
from pathlib import Path

import openpyxl
import pytest

from msoko_pipeline.intake import steps as intake
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS
from tests import making
from tests.command import msoko_here

WRONG: tuple[tuple[str, dict[str, str], int, str], ...] = (
    ("sample new --schools 1", {}, 2, "--schools: 1 не годится, школ нужно не меньше 3: две присылают формы"),
    ("sample new --schools 2", {}, 2, "не меньше 3"),
    ("sample new --schools 0", {}, 2, "не меньше 3"),
    ("sample new --schools=-3", {}, 2, "не меньше 3"),
    ("sample new --schools 5000", {}, 2, "5000 не годится"),
    ("sample new --schools x", {}, 2, "«x» — не целое число"),
    ("sample new --years 0", {}, 2, "--years: 0 не годится, допустимо от 1 до 7"),
    ("sample file", {}, 2, "file» — файл, а нужна папка"),
    ("status --home file", {}, 2, "file» — это файл, а нужна папка"),
    ("run --home file", {}, 2, "file» — это файл, а нужна папка"),
    ("run --home file/state", {}, 1, "Не создать папку состояния"),
    ("run --home /proc/state", {}, 1, "Не создать папку состояния «/proc/state»"),
    ("run --home new --inbox nowhere", {}, 2, "папки приёма «{folder}/nowhere» нет"),
    ("run --home new --inbox file", {}, 2, "это файл, а нужна папка: --inbox"),
    ("run --home new", {"MSOKO_INBOX": "/nowhere/inbox"}, 2, "папки приёма «/nowhere/inbox» нет"),
    ("run --home new --year 1999", {}, 2, "--year 1999: такого отчётного года быть не может"),
    ("run --home new --year 2019", {}, 2, "Принятых файлов за 2019 год нет"),
    ("run --home new --year x", {}, 2, "--year: «x» — не целое число"),
    ("run --home new", {"MSOKO_WAREHOUSE": "postgresql://me:secret@127.0.0.1:1/x"}, 1, "узел не принимает соединений"),
    ("run --home new", {"MSOKO_WAREHOUSE": "mysql://me:secret@host/x"}, 2, "MSOKO_WAREHOUSE: не годится, нужен адрес"),
    ("run --home new", {"MSOKO_WAREHOUSE": "sqlite:////proc/x/w.sqlite"}, 1, "Не создать папку хранилища витрин"),
    ("run --home new", {"MSOKO_WAREHOUSE": "sqlite:///{folder}"}, 2, "это папка, а нужен файл"),
    ("status --home new", {"MSOKO_INBX": "x"}, 2, "Настройки MSOKO_INBX нет; похожа MSOKO_INBOX"),
    ("status --home new", {"MSOKO_MUNICIPALTY": "x"}, 2, "похожа MSOKO_MUNICIPALITY"),
    ("status --home new", {"MSOKO_COLOUR": "x"}, 2, "Настройки MSOKO_COLOUR нет; есть: MSOKO_"),
    ("status --home new", {"MSOKO_SCOPE": "town"}, 2, "MSOKO_SCOPE: «town» не годится, нужно одно из: municipality"),
    ("status --home new", {"MSOKO_WORKERS": "0"}, 2, "MSOKO_WORKERS: «0» не годится, нужно не меньше 1"),
    ("status --home new", {"MSOKO_WORKERS": "два"}, 2, "MSOKO_WORKERS: «два» не годится, нужно целое число"),
    ("status --home new", {}, 0, "new» ещё ничего не принято"),
    ("withdraw ab --home new", {}, 2, "ничего не принято"),
    ("withdraw --home new", {}, 2, "не названо: SHA256"),
    ("check nofile.xlsx", {}, 2, "файла «{folder}/nofile.xlsx» нет"),
    ("status --colour", {}, 2, "параметра --colour нет"),
    ("prepare", {}, 2, "команды «prepare» нет"),
)
PATHS = ("new", "file", "file/state", "nowhere", "nofile.xlsx")


@pytest.mark.parametrize(("line", "environment", "status", "words"), WRONG, ids=lambda told: str(told)[:40])
def test_wrong_use_is_said_in_russian(
    tmp_path: Path, line: str, environment: dict[str, str], status: int, words: str
) -> None:
    (tmp_path / "file").write_text("not a folder")
    arguments = [str(tmp_path / word) if word in PATHS else word for word in line.split()]
    done = msoko_here(*arguments, **{k: v.format(folder=tmp_path) for k, v in environment.items()})
    said = done.stderr or done.stdout
    assert done.returncode == status, said
    assert words.format(folder=tmp_path) in said
    assert len(done.stderr.splitlines()) <= 2, "one sentence, and where to read more"
    for english in ("Traceback", "Error", "Usage", "Invalid", "secret"):
        assert english not in said


def test_a_setting_that_is_only_promised_is_no_mistake(tmp_path: Path) -> None:
    assert msoko_here("status", "--home", tmp_path, MSOKO_SPARK_MASTER="local").returncode == 0


@pytest.mark.parametrize("name", ["~$\x07\u202e.csv", "~$\udccf.csv", "нет\x07\u202e.csv"])
def test_check_commands_no_terminal_by_a_name(tmp_path: Path, name: str) -> None:
    if name.startswith("~$"):
        (tmp_path / name).write_text("1")
    done = msoko_here("check", tmp_path / name)
    assert done.returncode == (0 if name.startswith("~$") else 2)
    assert [line for line in (done.stdout + done.stderr).splitlines() if not line.isprintable()] == []


def test_check_opens_no_link_and_no_pipe(tmp_path: Path) -> None:
    (tmp_path / "тайна.csv").write_text("пароль;тайна\n")
    (tmp_path / "ссылка.csv").symlink_to(tmp_path / "тайна.csv")
    os.mkfifo(tmp_path / "канал.csv")
    done = msoko_here("check", tmp_path / "ссылка.csv", tmp_path / "канал.csv", "--return", tmp_path / "out")
    assert "это ссылка на другое место" in done.stdout
    assert "это не файл, а канал" in done.stdout
    for name in ("ссылка", "канал"):
        book = openpyxl.load_workbook(tmp_path / "out" / f"{name} — исправить.xlsx")
        assert book.sheetnames == ["Что исправить"], name


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ("", {"акты", "рекомендации", "заметки"}), ("--year 2025", {"акты"}), ("--year 2026", {"акты", "рекомендации"}),
        ("--year 2024 --year 2025", {"акты"}), ("--kind recommendation", {"рекомендации"}),
        ("--kind act --kind recommendation", {"акты", "рекомендации"}), ("--school EDU190003", {"рекомендации"}),
        ("--refused", {"заметки"}), ("--year 2026 --school edu190003", {"рекомендации"}), ("--year 2020", set()),
    ],
)  # fmt: skip
def test_status_shows_the_files_that_are_asked_for(sent: Path, options: str, names: set[str]) -> None:
    done = msoko_here("status", "--json", "--home", sent, *options.split())
    assert {Path(file["name"]).stem for file in json.loads(done.stdout)["files"]} == names
    said = msoko_here("status", "--home", sent, *options.split()).stdout
    assert f"Файлов: {len(names)}{'' if len(names) == 3 else ' из 3'}." in said
    assert ("отказано" in said) == ("заметки" in names)
    assert "accepted" not in said


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with acts of two years and of nobody, a recommendation to a school, and a file that nobody knows."""
    folder = tmp_path_factory.mktemp("sent")
    settings = Settings(home=folder / "home", inbox_dir=folder / "inbox")
    of_nobody = {"Организация": None}
    making.xlsx(settings.inbox / "акты.xlsx", making.form("act", {"Год": 2025} | of_nobody, {"Год": 2026} | of_nobody))
    making.xlsx(settings.inbox / "рекомендации.xlsx", making.form("recommendation", {"Организация": "edu190003"}))
    (settings.inbox / "заметки.csv").write_text("о чём;то\n")
    intake.receive(settings)
    intake.validate(settings, KINDS)
    return settings.home


def test_looking_makes_no_home(tmp_path: Path) -> None:
    assert msoko_here("status", "--json", "--home", tmp_path / "none").returncode == 0
    assert not (tmp_path / "none").exists()


def test_an_empty_inbox_is_made_and_named(tmp_path: Path) -> None:
    done = msoko_here("run", "--home", tmp_path / "state")
    assert done.returncode == 0
    assert f"Папка приёма «{tmp_path}/state/inbox» пуста: положите в неё файлы" in done.stdout
    assert (tmp_path / "state" / "inbox").is_dir()
