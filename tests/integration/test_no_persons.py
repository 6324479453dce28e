"""Nobody is named in anything that a whole run leaves behind, but for the archive.

The archive keeps the originals as they came, by their hash: that is its purpose, and its folder is the one to be
guarded. Everything else (cells, lake, staging, warehouse, ledger, quality, reports, Dagster's storage and logs) is
looked through, and so is what the run printed.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import fastexcel
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from msoko_pipeline.sample import write_sample
from tests import making
from tests.command import msoko
from tests.scanner import traces

PLANTED = (
    "Невидимкин",
    "Аристарх",
    "Потаёнович",
    "665544",
    "8877 665544",
    "Незримова",
    "112-233-445 95",
    "11223344595",
)
"""Made-up people of the protocols and registers below: names, a passport, a СНИЛС."""
NAME_HEADERS = (("Фамилия", "Имя", "Отчество"), ("ФИО ученика",), ("Наставник",))
"""Columns that together hold a full name."""


def plant(inbox: Path) -> None:
    """Protocols and a register with people in every place where one may stand: cells, titles, remarks, bad rows."""
    pupil = list(making.DENSE_ROW)
    pupil[5:11] = ["000777", *PLANTED[:3], "8877", "665544"]
    bad = [*pupil]
    bad[13] = "Невидимкин Аристарх"  # a name where a score should be: the row is set aside
    making.xlsx(
        inbox / "ГИА" / "02 математика.xlsx",
        making.exam_block("02 - Математика 2026.06.02", making.DENSE_HEADER, [pupil, bad]),
    )
    head = list(making.OLYMPIAD_WORKBOOK)
    rows = [[None, "МБОУ «СОШ № 1»", "Невидимкин", *PLANTED[:3], 9, 9, 30, 0.6, "победитель"],
            [None, "Невидимкин Аристарх", 1, *PLANTED[:3], 9, 9, 30, 0.6, "Невидимкин"]]  # fmt: skip
    making.xlsx(
        inbox / "ВсОШ" / "2025-2026" / "МЭ ещё.xlsx",
        {"Право": [["Председатель жюри Незримова Анна Потаёновна"], head, *rows]},
    )
    risk = making.table(making.FLAT["risk_indicator"])
    note = risk[0].index("Пояснение")
    risk[1][note] = "сообщила Незримова А. П., СНИЛС 112-233-445 95, паспорт 8877 665544"
    making.xlsx(inbox / "индикаторы.xlsx", risk)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """The inbox, the home after the run, and what the run printed."""
    folder = tmp_path_factory.mktemp("persons")
    write_sample(folder / "inbox", schools=3, years=1, seed=2026)
    plant(folder / "inbox")
    done = msoko("run", "--inbox", folder / "inbox", "--home", folder / "home")
    assert done.returncode in (0, 3), done.stdout + done.stderr
    return folder / "inbox", folder / "home", done.stdout + done.stderr


def people_of(inbox: Path) -> set[str]:
    """Full names of people in the protocols and registers of the sample, as their columns tell them."""
    people: set[str] = set()
    for path in inbox.rglob("*.xls*"):
        try:
            book = fastexcel.read_excel(path)
        except fastexcel.FastExcelError:
            continue  # the sample has broken files on purpose
        for number in range(len(book.sheet_names)):
            sheet = book.load_sheet(number, header_row=None, dtypes="string").to_arrow()
            rows = list(zip(*sheet.to_pydict().values(), strict=True))
            for headers in NAME_HEADERS:
                head = next((row for row in rows if set(headers) <= set(row)), None)
                if head is None:
                    continue
                places = [head.index(name) for name in headers]
                for row in rows[rows.index(head) + 1 :]:
                    name = [row[place] for place in places]
                    if all(name) and name != list(headers):  # the next block has a header of its own
                        people.add(" ".join(name))
    return people


def test_nobody_is_in_anything_that_the_run_left(run: tuple[Path, Path, str]) -> None:
    inbox, home, printed = run
    people = people_of(inbox)
    assert len(people) > 20
    surnames = {name.split()[0] for name in people}
    words = {*people, *surnames, *PLANTED}
    looked_at = [path for path in home.rglob("*") if path.is_file()]
    assert {".parquet", ".arrow", ".sqlite", ".json"} <= {path.suffix for path in looked_at}
    assert traces(home, words, home / "archive") == {}
    assert [word for word in words if word in printed] == []


def test_the_archive_does_hold_them(run: tuple[Path, Path, str]) -> None:
    """The originals are there: what was looked for was sent."""
    inbox, home, _ = run
    assert "Невидимкин Аристарх Потаёнович" in people_of(inbox)
    assert any(path.is_file() for path in (home / "archive").rglob("*"))


@pytest.mark.parametrize("sort", ["parquet", "arrow", "sqlite", "log", "utf-16-le", "cp1251", "json", "name"])
def test_the_scanner_finds_one_in_a_file_of_each_sort(tmp_path: Path, sort: str) -> None:
    word = "Невидимкин"
    path = tmp_path / (f"{word}.log" if sort == "name" else f"файл.{sort}")
    table = pa.table({"a": pa.array([word, "x"] * 500).dictionary_encode()})
    if sort == "parquet":
        pq.write_table(table, path, compression="zstd")
    elif sort == "arrow":
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema, options=options) as writer:
            writer.write_table(table)
    elif sort == "sqlite":
        with sqlite3.connect(path) as connection:
            connection.execute("create table t (a text)")
            connection.execute("insert into t values (?)", [f"у {word}а"])
        connection.close()
    elif sort == "json":
        path.write_text(ascii(word))
    else:
        path.write_bytes((word if sort != "name" else "x").encode(sort if sort in ("utf-16-le", "cp1251") else "utf-8"))
    assert traces(tmp_path, [word, "Другая"]) == {path.name: {word}}
