"""Rows that are not taken in: as they were read, every reason, whose work each is. A table for `ops.quarantine`.

A sheet may be refused row by row, all of it: what its columns say is put into words once a spelling, not once a cell.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from msoko_pipeline.facts.body import Body
from msoko_pipeline.issues import whose
from msoko_pipeline.text.signs import in_json

AT_ONCE = 50_000  # rows; Arrow keeps two gigabytes of text in one array
SCHEMA = pa.schema(
    [("sha256", pa.string()), ("sheet", pa.string()), ("row", pa.int64()), ("cells", pa.string()),
     ("reasons", pa.string()), ("org_ref", pa.string()), ("year", pa.int64()), ("procedure", pa.string()),
     ("stage", pa.string()), ("subject", pa.string()), ("grade", pa.int64())]
)  # fmt: skip


def quarantined(rows: Body, facts: pd.DataFrame, personal: frozenset[str]) -> Iterator[pa.Table]:
    """The refused rows of a sheet, SCHEMA, some at once. facts: the typed rows of the sheet, refused ones too.

    personal: names of the columns that are left out.
    """
    refused = np.flatnonzero(rows.findings.refused())
    works = whose.works_of(rows.rows[refused], rows.recognised.kind, facts).reindex(columns=SCHEMA.names[5:])
    for number, reasons in enumerate(rows.findings.reasons(AT_ONCE)):
        within = slice(number * AT_ONCE, (number + 1) * AT_ONCE)
        at = refused[within]
        columns = {
            "sha256": pa.repeat(rows.findings.sha256, len(at)),
            "sheet": pa.repeat(pa.scalar(rows.findings.sheet or None, pa.string()), len(at)),
            "row": pa.array(rows.rows[at]),
            "cells": _cells(rows, at, personal),
            "reasons": reasons,
        }
        of_work = {name: pa.array(works[name].iloc[within], from_pandas=True) for name in works.columns}
        yield pa.table({name: column.cast(SCHEMA.field(name).type) for name, column in (columns | of_work).items()})


def _cells(rows: Body, at: np.ndarray, personal: frozenset[str]) -> pa.StringArray:
    """Data rows as JSON: header → text of their filled cells, in the order of the columns."""
    members: dict[str, pa.StringArray] = {}
    for title, number in rows.repeatable(personal):
        column = rows.table.column(number).take(pa.array(at)).combine_chunks()
        if column.null_count == len(column):
            continue
        used = pc.drop_null(pc.unique(column.indices))
        words = dict(zip(used.to_pylist(), column.dictionary.take(used).to_pylist(), strict=True))
        by_code = {code: _member(title, rows.repeated(number, word)) for code, word in words.items()}
        spelt = [by_code.get(code) for code in range(len(column.dictionary))]
        member = pa.array(spelt, pa.string()).take(column.indices)
        members[title] = pc.coalesce(member, members[title]) if title in members else member
    if not members:
        return pa.array(["{}"] * len(at))
    inside = pc.binary_join_element_wise(*members.values(), ", ", null_handling="skip")
    return pc.binary_join_element_wise("{", inside, "}", "")


def _member(title: str, text: str | None) -> str | None:
    if text is None:
        return None
    return in_json(f"{json.dumps(title, ensure_ascii=False)}: {json.dumps(text, ensure_ascii=False)}")
