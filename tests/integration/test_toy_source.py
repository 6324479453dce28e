"""A source of one file: a toy register and its mart, driven from the form to the published table.

The module lies in a folder of its own, which every process of the run finds by `sitecustomize`.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import openpyxl
import pytest

from msoko_pipeline.sample.registers import register
from msoko_pipeline.sample.town import make_schools
from tests.command import ROOT, msoko

SOURCE = '''
"""Chess sets of schools."""

from __future__ import annotations

from schemas import types
from schemas.measure import count, mart, share, total
from schemas.register import Register, register
from schemas.types import Int, Short, Text

TITLE = "шахматы"
ROOMS = types.spelled({"big": ["большой"], "small": ["малый"]})


@register("chess", title="Шахматы в школах", file="Шахматы.xlsx", sheet="Шахматы", about="Строка на школу и кабинет.",
          known_by=("room", "boards"), replaces=("org_id",), is_whole=True)
class Chess(Register):
    """Шахматы: комплекты по кабинетам школы."""

    year: Short = types.year()
    org_id: Text = types.login()
    room: Text = types.code("Кабинет", ROOMS, key=True, example="малый")
    boards: Int = types.count("Досок", "штук", unit="шт.", required=True, example=10)
    whole_sets: Int = types.count("Полных комплектов", "штук", unit="шт.", at_most="boards", example=8)


@mart("chess", of=Chess, title="Шахматы: комплекты", slices=((), ("room",)), base="boards")
class Sets:
    """Комплект полон, если в нём все фигуры."""

    schools = count("Школ", "org_id", unit="ОО")
    boards = total("boards", "Досок", unit="шт.")
    complete = share("Доля полных комплектов", part=total("whole_sets", unit="шт."), whole=total("boards", unit="шт."),
                     item="5.6", better="up", source="пример")
'''
ROWS = [  # of the second school one row is refused: more sets than boards
    (2026, "edu190001", "большой", 20, 15), (2026, "edu190001", "малый", 10, 5), (2026, "edu190002", "малый", 10, 10),
    (2026, "edu190002", "большой", 10, 11),
]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a run that knows the toy source; beside it the form that was handed out, filled in."""
    place = tmp_path_factory.mktemp("toy")
    (place / "source").mkdir()
    (place / "source" / "chess.py").write_text(SOURCE, encoding="utf-8")
    found = "from schemas import sources\nsources.__path__.append({!r})\n"
    (place / "sitecustomize.py").write_text(found.format(str(place / "source")), encoding="utf-8")
    path = os.pathsep.join((str(place), str(ROOT)))
    forms = msoko("templates", place / "forms", PYTHONPATH=path)
    assert forms.returncode == 0, forms.stderr
    book = openpyxl.load_workbook(place / "forms" / "Шахматы.xlsx")
    for number, row in enumerate(ROWS, 2):
        for column, cell in enumerate(row, 1):
            book["Шахматы"].cell(number, column, cell)
    inbox = place / "inbox"
    inbox.mkdir()
    book.save(inbox / "шахматы города.xlsx")
    (inbox / "Реестр ОО.xlsx").write_bytes(register(make_schools(2026, 3)))
    done = msoko("run", "--inbox", inbox, "--home", place / "home", PYTHONPATH=path)
    assert done.returncode == 3, done.stderr + done.stdout  # a row waits in quarantine
    return place / "home"


def test_rows_of_the_form_are_published_by_unit_and_slice(home: Path) -> None:
    with sqlite3.connect(home / "warehouse.sqlite") as warehouse:
        found = warehouse.execute(
            "select unit_id, room, schools, boards, complete_part, complete_whole, complete_pct, small_base "
            "from mart_chess where level = 'school' or room = 'ALL' order by level, unit_id, room"
        ).fetchall()
    towns, schools = [row for row in found if row[0].startswith("reg")], [row for row in found if row[0][:3] == "edu"]
    assert [row[1:] for row in towns] == [("ALL", 2, 40, 30, 40, 75.0, 0)]
    assert schools == [
        ("edu190001", "ALL", 1, 30, 20, 30, pytest.approx(200 / 3), 0),
        ("edu190001", "big", 1, 20, 15, 20, 75.0, 0),
        ("edu190001", "small", 1, 10, 5, 10, 50.0, 0),
        ("edu190002", "ALL", 1, 10, 10, 10, 100.0, 0),
        ("edu190002", "small", 1, 10, 10, 10, 100.0, 0),
    ]


def test_a_bad_row_waits_and_is_told(home: Path) -> None:
    with sqlite3.connect(home / "warehouse.sqlite") as warehouse:
        read = warehouse.execute(
            "select rows_read, rows_accepted, rows_quarantined from ops_file where kind = 'chess'"
        ).fetchall()
        said = warehouse.execute(
            "select row, message_ru from ops_issue where issue_type = 'cell_over_whole'"
        ).fetchall()
    assert read == [(4, 3, 1)]
    assert [row for row, _ in said] == [5]
    assert "«Полных комплектов»" in said[0][1]
    assert "«Досок»" in said[0][1]
