"""A derived row that breaks an expectation which holds for rows alone is withheld and asked about; the rest goes on.

What is structural (`suite.Expected.is_structural`) still stops the publication: a key said twice, sums that do not
come out, a register with gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from msoko_pipeline.home import store
from msoko_pipeline.home.ledger import Entry, ledger_of
from msoko_pipeline.issues import questions
from msoko_pipeline.issues.questions import Question
from msoko_pipeline.publishing import evidence, judging, rows
from msoko_pipeline.publishing.expectations import Verdict
from msoko_pipeline.publishing.suite import Expected, key_of, suite
from msoko_pipeline.settings import Settings
from msoko_pipeline.text import linear as re
from schemas.fields import title_of
from schemas.marts import MARTS

NAMED = 100  # rows of a mart and year that get an issue each; those beyond are counted in one more
ROW, MORE = "row_withheld", "rows_withheld_more"
"""Types of those issues; the value of the second is the number of rows."""


def check(settings: Settings, years: Sequence[int], mart: str) -> dict[int, Verdict]:
    """`judging.check` of the staged rows, without those that alone break what is expected of rows."""
    verdicts = judging.check(settings, years, mart)
    new_questions: list[Question] = []
    for year in [year for year, verdict in verdicts.items() if not verdict.passed]:
        new_questions += _withhold(settings, year, mart)
        verdicts |= judging.check(settings, [year], mart)
    questions.ask(settings, questions.withheld(mart), years, new_questions)
    return verdicts


def count(settings: Settings, years: Sequence[int]) -> int:
    """Rows withheld from the marts of the years."""
    files = [questions.file_of(settings, questions.withheld(mart), year) for mart in MARTS for year in years]
    tables = [pq.ParquetFile(file).read(["issue_type", "value"]).to_pylist() for file in files if file.exists()]
    return sum(int(issue["value"]) if issue["issue_type"] == MORE else 1 for issues in tables for issue in issues)


def _withhold(settings: Settings, year: int, mart: str) -> list[Question]:
    """Take the broken rows out of a staged mart; returns what is asked about them. Nothing where all are broken."""
    path = rows.staged(settings, year, mart)
    try:
        table = rows.read(path, MARTS[mart])
    except (OSError, rows.StagedError):
        return []
    masks = broken(table, mart)
    is_broken = np.zeros(len(table), bool)
    for mask in masks.values():
        is_broken |= mask
    if not is_broken.any() or is_broken.all():
        return []
    first = {int(row): expected for expected, mask in reversed(masks.items()) for row in np.flatnonzero(mask).tolist()}
    accepted = ledger_of(settings).files("status not in ('refused', 'withdrawn')")
    entries = [entry for entry in accepted if year in entry.years] or accepted
    new_questions = [_question(entries, table, mart, year, row, first[row]) for row in sorted(first)[:NAMED]]
    if (more := len(first) - NAMED) > 0:
        details = {"value": more, "detail": f"«{title_of(MARTS[mart])}» ({mart})"}
        new_questions.append(Question(year, _file_of(entries, None), MORE, details))
    store.write(table.filter(pa.array(~is_broken)), path)
    return new_questions


def broken(table: pa.Table, mart: str) -> dict[Expected, np.ndarray]:
    """Expectation that holds for rows alone → mask of the rows that break it, of those that any breaks."""
    judged = evidence.columns(table, mart)
    masks = {expected: _broken(judged[expected.column], expected) for expected in suite(mart)
             if not expected.is_structural}  # fmt: skip
    return {expected: mask for expected, mask in masks.items() if mask.any()}


def _broken(array: pa.Array, expected: Expected) -> np.ndarray:
    if expected.kind == "not_null":
        return np.asarray(array.is_null())
    arguments = expected.arguments
    if pa.types.is_dictionary(array.type):
        array = array.cast(pa.string())
    if expected.kind == "between":
        low, high = arguments.get("min_value"), arguments.get("max_value")
        values = array.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return (values < (-np.inf if low is None else low)) | (values > (np.inf if high is None else high))
    words = pc.unique(array.drop_null()).to_pylist()
    if expected.kind == "in_set":
        wrong = [word for word in words if word not in arguments["value_set"]]
    else:
        wrong = [word for word in words if not re.search(arguments["regex"], str(word))]
    return np.asarray(pc.is_in(array, value_set=pa.array(wrong, array.type)))


def _question(
    entries: Sequence[Entry], table: pa.Table, mart: str, year: int, row: int, expected: Expected
) -> Question:
    """What is asked of a withheld row: the table, the key, what was expected and the value; about a file.

    entries: files of the ledger whose rows the year has, or all of them.
    """
    line: dict[str, Any] = table.slice(row, 1).to_pylist()[0]
    org = next((line[name] for name in ("org_id", "unit_id") if line.get(name)), None)
    key = ", ".join(f"{name} {line[name]}" for name in key_of(mart) if name != "year")
    value = line.get(expected.column) if expected.shown else None
    detail = f"«{title_of(MARTS[mart])}» ({mart}), {key}: {expected.says}"
    detail += f", а здесь {value}" if value is not None else ""
    is_school = line.get("level", "school") == "school"
    return Question(
        year, _file_of(entries, org), ROW, {"value": value, "detail": detail}, org_ref=org if is_school else None
    )


def _file_of(entries: Sequence[Entry], org: str | None) -> int:
    """Running number of a file of that organisation, where one is about it alone, else of the first."""
    own = [entry for entry in entries if org is not None and entry.schools == [org]]
    return min(entry.seq for entry in own or entries)
