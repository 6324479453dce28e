"""A typed frame and a pandera model → which rows fail and why, told to the findings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from msoko_pipeline.validation.findings import Findings

BY_CHECK = {"not_nullable": "cell_empty", "multiple_fields_uniqueness": "row_duplicate_key"}


def enforce(
    frame: pd.DataFrame,
    schema: pa.DataFrameSchema,
    findings: Findings,
    headers: Mapping[str, str],
    positions: np.ndarray | None = None,
) -> None:
    """Validate `frame` (RangeIndex) lazily and note every failing cell.

    headers: our column → its header in the file, for the message. positions: data row of each frame row, where one
    row of the file became several rows of the frame. Checks may be named by an issue type of the catalogue
    (`error="cell_score_over_maximum"`). Raises SchemaErrors when the frame itself is wrong: that is our mistake.
    """
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as failed:
        cases = failed.failure_cases
        if cases["index"].isna().any():
            raise
        already = findings.refused()
        for (column, check), group in cases.groupby(["column", "check"], sort=False, dropna=False):
            rows = group["index"].to_numpy(dtype=np.int64)
            where = rows if positions is None else positions[rows]
            fresh = ~already[where] if check == "not_nullable" else np.ones(len(where), bool)  # unread: already said
            issue_type, detail = _issue(str(check))
            values = group["failure_case"].astype(str).to_numpy()[fresh].tolist()
            findings.cells(
                issue_type, where[fresh], headers.get(str(column), str(column)),
                None if issue_type == "cell_empty" else values, detail=detail,
            )  # fmt: skip


def _issue(check: str) -> tuple[str, str]:
    if ":" in check and check.split(":", 1)[0].startswith(("cell_", "row_")):
        issue_type, detail = check.split(":", 1)
        return issue_type, detail
    return BY_CHECK.get(check, "cell_range"), check
