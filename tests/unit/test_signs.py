"""Signs that nobody sees: spelt out wherever a cell, a title, a header or the name of a sheet is repeated."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from msoko_pipeline import intake, signs
from msoko_pipeline.privacy.repeating import unnamed_sheets
from msoko_pipeline.reading.problems import said
from msoko_pipeline.settings import Settings
from msoko_pipeline.validation.findings import Findings
from schemas.kinds import KINDS
from tests.making import text

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
