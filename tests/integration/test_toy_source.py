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
from schemas.declared import mart
from schemas.measure import count, share, total
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
                     item="5.6", better="up", target=90, source="пример")
'''
ROWS = [  # of the second school one row is refused: more sets than boards
    (2026, "edu190001", "большой", 20, 15), (2026, "edu190001", "малый", 10, 5), (2026, "edu190002", "малый", 10, 10),
    (2026, "edu190002", "большой", 10, 11),
]  # fmt: skip
LAST_YEAR = [
    (2025, "edu190001", "большой", 20, 4), (2025, "edu190001", "малый", 10, 2), (2025, "edu190002", "малый", 10, 4),
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
    inbox = place / "inbox"
    inbox.mkdir()
    for rows, name in ((ROWS, "шахматы города.xlsx"), (LAST_YEAR, "шахматы прошлого года.xlsx")):
        book = openpyxl.load_workbook(place / "forms" / "Шахматы.xlsx")
        for number, row in enumerate(rows, 2):
            for column, cell in enumerate(row, 1):
                book["Шахматы"].cell(number, column, cell)
        book.save(inbox / name)
    (inbox / "Реестр ОО.xlsx").write_bytes(register(make_schools(2026, 3)))
    done = msoko("run", "--inbox", inbox, "--home", place / "home", PYTHONPATH=path)
    assert done.returncode == 3, done.stderr + done.stdout  # a row waits in quarantine
    return place / "home"


def test_rows_of_the_form_are_published_by_unit_and_slice(home: Path) -> None:
    with sqlite3.connect(home / "warehouse.sqlite") as warehouse:
        found = warehouse.execute(
            "select unit_id, room, schools, boards, complete_part, complete_whole, complete_pct, small_base "
            "from mart_chess where year = 2026 and (level = 'school' or room = 'ALL') order by level, unit_id, room"
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
            "select rows_read, rows_accepted, rows_quarantined from ops_file where kind = 'chess' and year = 2026"
        ).fetchall()
        said = warehouse.execute(
            "select row, message_ru from ops_issue where issue_type = 'cell_over_whole'"
        ).fetchall()
    assert read == [(4, 3, 1)]
    assert [row for row, _ in said] == [5]
    assert "«Полных комплектов»" in said[0][1]
    assert "«Досок»" in said[0][1]


def test_its_share_is_an_indicator_with_a_value_a_target_and_dynamics(home: Path) -> None:
    with sqlite3.connect(home / "warehouse.sqlite") as warehouse:
        declared = warehouse.execute(
            "select section, roadmap_item, unit, higher_is_better, target, formula from mart_indicator "
            "where indicator_id = 'chess_complete' and year = 2026"
        ).fetchall()
        values = warehouse.execute(
            "select unit_id, numerator, denominator, round(value, 4), target, round(previous_value, 4), "
            "round(change, 4), matched_schools, suppressed from mart_indicator_value where indicator_id = "
            "'chess_complete' and (procedure, subject, grade, cycle, year) = ('ALL', 'ALL', 0, 'all-2026', 2026) "
            "order by level, unit_id"
        ).fetchall()
        trends = warehouse.execute(
            "select unit_id, change_1, trend, not_judged from mart_dynamics_3y where indicator_id = 'chess_complete' "
            "order by level, unit_id"
        ).fetchall()
        public = warehouse.execute(
            "select count(*), count(value), count(numerator), count(target) from pub_indicator_value "
            "where indicator_id = 'chess_complete'"
        ).fetchall()
    assert declared == [(5, "5.6", "%", 1, 90.0, "Σ «Полных комплектов» / Σ «Досок» · 100")]
    (town, *schools) = values
    assert town[1:] == (30, 40, 75.0, 90.0, 25.0, 50.0, 2, 1)
    assert schools == [
        ("edu190001", 20, 30, 66.6667, 90.0, 20.0, 46.6667, None, 1),
        ("edu190002", 10, 10, 100.0, 90.0, 40.0, 60.0, None, 1),
    ]
    assert [(unit, trend) for unit, _, trend, _ in trends[1:]] == [("edu190001", "better"), ("edu190002", "better")]
    assert trends[0][1:] == (50.0, None, "общих школ меньше 3: разброс между ними неизвестен")
    assert public == [(6, 0, 0, 6)]
