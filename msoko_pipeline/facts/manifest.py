"""Manifests: which work each file is. Read here only to be checked; the intake uses them, no facts are kept."""

from __future__ import annotations

import pandas as pd

from msoko_pipeline.facts.body import Body
from msoko_pipeline.facts.enforce import columns_of, enforce
from msoko_pipeline.facts.frame_columns import Columns, subject
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.text import cells
from msoko_pipeline.text.cells import parse
from schemas.organisations import Manifest


def facts(sheet: Sheet, body: Body) -> pd.DataFrame:
    """One row per file named: file, year, subject (code), grade, login (NULL: not told)."""
    columns: Columns = {"row": pd.array(body.rows, dtype="Int32"), "file": body.column("file").values()}
    for name, how, dtype in (
        ("year", cells.integer, "Int16"),
        ("subject", subject, "string"),
        ("grade", cells.integer, "Int8"),
        ("login", cells.login, "string"),
    ):
        columns[name], unread = parse(body.column(name), how, dtype)
        body.findings.unread(unread, body.header(name))
    enforce(columns, columns_of(Manifest), body.findings, {name: body.header(name) for name in columns})
    return pd.DataFrame(columns, index=pd.RangeIndex(len(body)), copy=False)
