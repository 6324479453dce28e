"""`msoko check` answers as `msoko run` would: same readers, same neighbours, same rows and messages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from msoko_pipeline.intake import steps as intake
from msoko_pipeline.senders.rehearsal import rehearsed
from msoko_pipeline.settings import Settings
from tests import agreement, foreign, making

EXPORT = making.export_2021()


def run(inbox: Path, home: Path) -> dict[str, tuple[int, int]]:
    """Name of each file of an inbox → rows read and accepted, as a run takes it in."""
    return {name: (rows[1], rows[2]) for name, (rows, _) in agreement.run(inbox, home).items()}


def form(folder: Path, rows: list[list[object]]) -> Path:
    """Our own form of the manifest, filled in."""
    import openpyxl

    path = making.filled_form(folder, "manifest")
    book = openpyxl.load_workbook(path)
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            book["manifest"].cell(number, column, value)
    book.save(path)
    return path


@pytest.mark.parametrize("name", ["manifest.xlsx", "что где.xlsx"])
def test_a_filled_form_of_the_manifest_is_used_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    inbox = tmp_path / "inbox"
    making.csv(inbox / "выгрузка" / "данные.csv", EXPORT)
    form(tmp_path / "forms", [["данные.csv", 2021, "IS", 5, None]])
    shutil.copy(next((tmp_path / "forms").glob("manifest*")), inbox / "выгрузка" / name)
    taken = run(inbox, tmp_path / "home")
    assert taken["выгрузка/данные.csv"] == (3, 3)
    assert taken[f"выгрузка/{name}"] == (1, 1)


@pytest.mark.parametrize(
    ("header", "line", "encoding"),
    [
        ("file;year;subject;grade", "данные.csv;2021;IS;5", "utf-8-sig"),
        ("Файл;Год;Предмет;Класс;Примечание", "данные.csv;2021;История;5;сверено", "cp1251"),
        ("file,year,subject,grade", "данные.csv,2021,IS,5", "utf-16"),
        ("file|year|subject|grade", "данные.csv|2021|IS|5", "utf-8"),
    ],
)
def test_manifests_in_any_spelling(tmp_path: Path, header: str, line: str, encoding: str) -> None:
    inbox = tmp_path / "inbox"
    making.csv(inbox / "данные.csv", EXPORT)
    making.text(inbox / "manifest.csv", f"{header}\n{line}\n", encoding)
    assert run(inbox, tmp_path / "home")["данные.csv"] == (3, 3)


@pytest.mark.parametrize(
    "content",
    [
        "file;year;subject;grade\nданные.csv;²;IS;5\n",
        "file;year;subject;grade\nданные.csv;" + "9" * 6_000 + ";IS;5\n",
        "file;year;subject;grade\n" + "x" * 3_000_000,
        'file;year;subject;grade\n"данные.csv;2021;IS;5\n',
        "\0\1\2",
        "",
    ],
    ids=["a power", "a long number", "a long line", "a quote", "no text", "nothing"],
)
def test_a_bad_manifest_costs_itself_only(tmp_path: Path, content: str) -> None:
    inbox = tmp_path / "inbox"
    making.csv(inbox / "2021" / "История 5 класс.csv", EXPORT)
    making.text(inbox / "manifest.csv", content)
    taken = run(inbox, tmp_path / "home")
    assert taken["2021/История 5 класс.csv"] == (3, 3)
    assert "manifest.csv" in taken


def test_a_manifest_that_comes_later_is_heard(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    making.csv(inbox / "данные.csv", EXPORT)
    assert run(inbox, home)["данные.csv"] == (0, 0)
    making.text(inbox / "manifest.csv", "file;year;subject;grade\nданные.csv;2021;IS;5\n")
    assert intake.pending(Settings(home=home, inbox_dir=inbox))
    assert run(inbox, home)["данные.csv"] == (3, 3)
    assert not intake.pending(Settings(home=home, inbox_dir=inbox))


def test_check_and_run_agree(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    making.xlsx(inbox / "Реестр ОО.xlsx", making.REGISTER)
    making.csv(inbox / "2021" / "История 5 класс.csv", EXPORT)
    making.xls(inbox / "2021" / "История 5 класс, копия.xlsx", EXPORT)
    foreign.html(inbox / "2021" / "История 5 класс, страница.xls", EXPORT)
    foreign.by_default_password(inbox / "2021" / "История 5 класс, закрытая.xlsx", EXPORT)
    making.locked_xlsx(inbox / "закрыто.xlsx", EXPORT)
    making.csv(inbox / "выгрузка" / "данные.csv", [*EXPORT, EXPORT[1]])
    making.text(inbox / "выгрузка" / "manifest.csv", "file;year;subject;grade\nданные.csv;2021;IS;5\n")
    making.zipped(inbox / "пачка.zip", {"2021/История 5 класс.csv": "x;y\n", "пусто.csv": ""})
    ran = agreement.run(inbox, tmp_path / "home")
    assert len(ran) == 10
    assert agreement.differences(ran, agreement.check(inbox, tmp_path / "other")) == {}


def test_schools_are_held_against_the_register_beside_the_file(tmp_path: Path) -> None:
    making.xlsx(tmp_path / "inbox" / "Реестр ОО.xlsx", making.REGISTER)
    path = making.csv(tmp_path / "inbox" / "2021" / "История 5 класс.csv", [EXPORT[0], ["edu195555", *EXPORT[1][1:]]])
    ((verdict,),) = rehearsed([path], Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox"))
    assert any("edu195555" in message for message in verdict.messages)


def test_files_checked_together_are_judged_as_one_inbox(tmp_path: Path) -> None:
    """Of equal files the better name speaks; a link and what Office leaves behind are not taken, as in a run."""
    making.csv(tmp_path / "выгрузка.csv", EXPORT)
    making.csv(tmp_path / "История 5 класс ВПР 2021.csv", EXPORT)
    making.text(tmp_path / "~$занято.xlsx", "x")
    link = tmp_path / "ссылка.csv"
    link.symlink_to(tmp_path / "выгрузка.csv")
    paths = [link, *sorted(path for path in tmp_path.iterdir() if path != link)]
    linked, *others = rehearsed(paths, Settings(home=tmp_path / "home"))
    assert "ссылка" in linked[0].messages[0]
    said = {
        path.name: [verdict.title for verdict in verdicts] for path, verdicts in zip(paths[1:], others, strict=True)
    }
    assert said.pop("~$занято.xlsx") == []
    assert [title.endswith("строк 3, годных 3") for (title,) in said.values()] == [True, True]
