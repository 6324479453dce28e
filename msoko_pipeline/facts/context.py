"""Context forms of organisations (2021, 2022): one fact per school and question that something is made of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from msoko_pipeline.facts.body import Body
from msoko_pipeline.facts.enforce import columns_of, enforce
from msoko_pipeline.facts.frame_columns import Columns, repeated
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.text import cells
from msoko_pipeline.text.cells import parse
from schemas.organisations import Context


def facts(sheet: Sheet, body: Body) -> pd.DataFrame:
    """Long table: year, org_id, question_no (column number from 1), question, answer (NULL: not answered)."""
    count, questions = len(body), sheet.recognised.units
    org_id, unread = parse(body.column("login"), cells.organisation, "string")
    body.findings.unread(unread, body.header("login"))
    positions = np.tile(np.arange(count), len(questions))
    answers = [pd.Series(body.at(number).values()) for number in questions] or [pd.Series(dtype="string")]
    columns: Columns = {
        "row": pd.array(body.rows[positions], dtype="Int32"),
        "year": repeated(sheet.recognised.declared.year, "Int16", len(positions)),
        "org_id": org_id[positions],
        "question_no": pd.array(np.repeat([number + 1 for number in questions], count), dtype="Int16"),
        "question": pd.array(list(questions.values()), dtype="string").repeat(count),
        "answer": pd.concat(answers, ignore_index=True).array,
    }
    enforce(columns, columns_of(Context), body.findings, {"org_id": body.header("login")}, positions)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(positions)), copy=False)
