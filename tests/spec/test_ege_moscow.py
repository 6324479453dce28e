"""ЕГЭ of Moscow's schools, open data of 2016, through the project's reading: a phantom column and a lying header."""

from __future__ import annotations

from pathlib import Path

import pytest

from msoko_pipeline.reading.extract import load
from tests import making
from tests.contracts import known
from tests.making import Taken
from tests.real import SHARED

FILE = SHARED / "real/ege_moscow/data-9722-2016-10-31.csv"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="настоящего файла рядом с проектом нет")
SCHOOLS = 626


def taken(folder: Path, text: str) -> Taken:
    return making.take_in(making.text(folder / "ege.csv", text))


@pytest.fixture
def text() -> str:
    return FILE.read_text(encoding="utf-8")


def test_every_row_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    known(monkeypatch, "ege_moscow")
    told = taken(tmp_path, text)
    assert (told.counts, told.types) == ((SCHOOLS, SCHOOLS, 0), set())
    first = told.facts["ege_moscow"].iloc[0]
    assert [first[name] for name in ("org_id", "passed", "from_220", "from_160")] == ["5093", 109, 80, 101]


def test_the_column_behind_the_last_semicolon_is_no_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """It is seen (a fourteenth field) and belongs to nothing: thirteen columns are the table."""
    known(monkeypatch, "ege_moscow")
    told = taken(tmp_path, text)
    sheet = load(tmp_path / "ege.csv.taken/cells/file/0.arrow")
    phantom = sheet.grid.cells.column(13)
    assert (sheet.grid.cells.num_columns, sheet.recognised.width, sheet.recognised.header[13]) == (14, 13, "")
    assert phantom.null_count == len(phantom) == SCHOOLS + 1
    assert told.types == set()


def test_what_stands_in_the_phantom_column_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A cell in the phantom column is told; a row that it made longer than the others is set aside, none is lost."""
    known(monkeypatch, "ege_moscow")
    lines = text.splitlines()
    lines[2] += '"7"'
    lines[3] += '"";"8"'
    told = taken(tmp_path, "\n".join(lines) + "\n")
    assert told.counts == (SCHOOLS, SCHOOLS - 1, 1)
    assert told.types == {"cell_beside_table", "row_ragged"}
    assert told.quarantine["row"].tolist() == [4]


def test_under_160_means_160_and_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """As nested counts (220 and above, of 160 and above, of all) the file contradicts itself in no school."""
    known(monkeypatch, "ege_moscow")
    facts = taken(tmp_path, text).facts["ege_moscow"].set_index("org_id")
    assert (facts["from_220"] <= facts["from_160"]).all()
    assert (facts["from_160"] <= facts["passed"]).all()


def test_taken_at_its_word_the_header_makes_people_sit_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Under 160 and over 220 are different people: 146 schools then have more of them than sat at all."""
    known(monkeypatch, "ege_moscow_literal")
    told = taken(tmp_path, text)
    assert told.types == {"row_people_twice"}
    assert told.counts == (SCHOOLS, SCHOOLS - 146, 146)
    assert "109" in told.quarantine["cells"].iloc[0]


def test_a_part_that_exceeds_its_whole_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """The contract would tell a year in which the column meant what it says."""
    known(monkeypatch, "ege_moscow")
    told = taken(tmp_path, text.replace('"109";"80";"101"', '"109";"80";"8"'))
    assert (told.counts, told.types) == ((SCHOOLS, SCHOOLS - 1, 1), {"cell_over_whole"})
