"""Signs that nobody sees: left out of what is read, spelt out wherever else a text of somebody's is repeated."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from msoko_pipeline.intake import steps as intake
from msoko_pipeline.issues.findings import Findings
from msoko_pipeline.issues.refusals import said
from msoko_pipeline.privacy.repeating import unnamed_sheets
from msoko_pipeline.reading.workbook import read
from msoko_pipeline.settings import Settings
from msoko_pipeline.text import signs
from schemas.kinds import KINDS
from tests import making
from tests.making import text
from tests.unit.test_header import LAYOUTS

UNSEEN = ["\x1b[2J", "\x07", "\x9b31m", "\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\x7f", "\U000e0041"]


@pytest.mark.parametrize("sign", UNSEEN)
def test_unseen_signs_are_spelt_out(sign: str) -> None:
    shown = (
        signs.visible(sign),
        signs.in_line(f"4{sign}А"),
        said("file_kind_unknown", detail=f"в начале «{sign}»"),
        *unnamed_sheets([f"Лист{sign}1"]).values(),
    )
    assert all(each.isprintable() for each in shown), shown


def test_other_signs_stay() -> None:
    ordinary = "Ёлка № 5 «4А» — 12,5\u00a0% 😀 й\u0306"
    assert signs.visible(ordinary) == signs.in_line(ordinary) == ordinary
    assert signs.in_line("две\nстроки\tи\u2028ещё") == "две строки и ещё"


def test_json_reads_back_as_it_was() -> None:
    cells = {"Код": "\x1b[2J\u202e12\u200b", "Класс": "4А 😀"}
    spelled = signs.in_json(json.dumps(cells, ensure_ascii=False))
    assert spelled.isprintable()
    assert json.loads(spelled) == cells


def test_findings_show_no_unseen_signs() -> None:
    findings = Findings("0" * 64, "а\x1b[2J.csv", "Лист\u202e", np.array([2]))
    findings.cells("cell_not_a_number", np.array([0]), "Балл\u200b", ["\x1b[2J"], detail="\u2067")
    (line,) = findings.frame().to_dict("records")
    assert all(str(line[name]).isprintable() for name in ("column", "value", "message_ru")), line


def test_nothing_kept_of_a_file_shows_unseen_signs(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, pseudonym_key="0" * 64, workers=1)
    lines = "file;year;subject;grade\na\x1b[31m.xlsx;20\u202e26;МА\u200bХ;\x9b4\nb.xlsx;2026;MA;4\n"
    text(tmp_path / "inbox" / "manifest.csv", lines)
    intake.receive(settings)
    intake.validate(settings, KINDS)
    kept = [
        pq.read_table(file).to_pylist() for name in ("issue", "quarantine") for file in tmp_path.rglob(f"*{name}*/*")
    ]
    rows = [row for table in kept for row in table]
    assert len(rows) > 2
    assert all(value.isprintable() for row in rows for value in row.values() if isinstance(value, str)), rows


FORMAT = "\u202e\u200b\u2066\u00ad\u061c\ufeff\u180e\U000e0041"
"""Signs of no width and such that turn the line round."""


def test_format_is_left_out_of_what_is_read() -> None:
    words = ["4" + FORMAT + "А", FORMAT, None, "две\r\nстроки\tи", "ещё\u2028одна\u2029", "№\u00a0«4А» 😀"]
    seen = ["4А", "", None, "две\r\nстроки\tи", "ещё\nодна\n", "№\u00a0«4А» 😀"]
    assert signs.without_format(pa.array(words)).to_pylist() == seen
    assert signs.without_format(pa.array(["4А", None])).to_pylist() == ["4А", None]


def sprinkled(rows: making.Rows, within: str) -> list[list[making.Cell]]:
    """The rows with signs within each text, and behind it."""
    return [[f"{cell[:1]}{within}{cell[1:]}{within}" if isinstance(cell, str) else cell for cell in row]
            for row in rows]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_format_in_every_cell_changes_nothing(tmp_path: Path, layout: str) -> None:
    plain, strange = (
        making.take_in(making.xls(tmp_path / folder / "ф.xls", rows), name="2021/5/ф.xls")
        for folder, rows in (("plain", LAYOUTS[layout]), ("strange", sprinkled(LAYOUTS[layout], FORMAT)))
    )
    assert (strange.told.refusal, strange.told.notes) == (plain.told.refusal, plain.told.notes)
    assert strange.issues.equals(plain.issues)
    assert strange.facts.keys() == plain.facts.keys()
    assert all(strange.facts[kind].equals(plain.facts[kind]) for kind in plain.facts)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_fact_commands_a_terminal(tmp_path: Path, layout: str) -> None:
    head, *rows = LAYOUTS[layout]
    for sign in ("\x1b[31m", "\x9b31m", "\x07", "\x7f"):
        changed = [[f"{cell}{sign}2" if isinstance(cell, str) else cell for cell in row] for row in rows]
        told = making.take_in(making.xls(tmp_path / f"{ord(sign[0])}.xls", [head, *changed]), name="2021/5/ф.xls")
        texts = [value for frame in (*told.facts.values(), told.issues, told.quarantine)
                 for column in frame for value in frame[column] if isinstance(value, str)]  # fmt: skip
        assert [text for text in texts if signs.visible(text) != text] == []


def test_a_cell_of_format_alone_is_empty(tmp_path: Path) -> None:
    (grid,) = read(making.xls(tmp_path / "а.xls", [["А", FORMAT], ["Б", "1"]]), "xls")
    assert grid.head(2) == [["А", ""], ["Б", "1"]]
    assert grid.cells.column(1).null_count == 1
