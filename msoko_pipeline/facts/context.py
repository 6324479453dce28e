"""Context forms of organisations (2021, 2022): one fact per school and question, the answer as it stands."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd

from msoko_pipeline.facts.body import Body
from msoko_pipeline.reading import cells
from msoko_pipeline.reading.cells import parse
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.validation.enforce import enforce
from schemas.organisations import Context


def facts(sheet: Sheet, body: Body) -> pd.DataFrame:
    """Long table: year, org_id, question_no (column number from 1), question, answer (NULL: not answered)."""
    count = len(body)
    org_id, unread = parse(body.column("login"), cells.login, "string")
    body.findings.unread(unread, body.header("login"))
    parts = []
    for number, question in sheet.found.units.items():
        part = pd.DataFrame(index=pd.RangeIndex(count))
        part["row"] = pd.array(body.rows, dtype="Int32")
        part["year"] = pd.array([sheet.found.declared["year"]], dtype="Int16").repeat(count)
        part["org_id"] = org_id
        part["question_no"] = pd.array([number + 1], dtype="Int16").repeat(count)
        part["question"] = pd.array([question], dtype="string").repeat(count)
        part["answer"] = body.at(number).values()
        parts.append(part)
    long = pd.concat(parts, ignore_index=True)
    positions = np.tile(np.arange(count), len(parts))
    schema = copy.copy(Context.to_schema())  # the model's own is shared
    schema.unique = ["org_id", "question_no"]
    enforce(long, schema, body.findings, {"org_id": body.header("login")}, positions)
    return long
