"""A typed frame and a pandera model → which rows fail and why, told to the findings.

Pandera judges; but a frame that is clean as a whole is seen to be so by its least and greatest values and its
distinct words, forty times as fast. Only the columns that cannot be vouched for that way go before pandera.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from msoko_pipeline.issues.findings import Findings
from msoko_pipeline.text import linear as re

BY_CHECK = {"not_nullable": "cell_empty"}

_approved: set[tuple[str, str]] = set()  # dtypes of (a schema's column, a frame's) that pandera has found to agree


@cache
def columns_of(model: type[pa.DataFrameModel]) -> dict[str, pa.Column]:
    """The columns of a model by name. Not to be changed: replace, or copy."""
    return dict(model.to_schema().columns)


def enforce(
    values: Mapping[str, Any],
    columns: Mapping[str, pa.Column],
    findings: Findings,
    headers: Mapping[str, str | np.ndarray],
    positions: np.ndarray | None = None,
) -> None:
    """Judge the columns of a frame to be (name → pandas array) lazily and note every failing cell.

    headers: our column → its header in the file, for the message; an array tells it of each frame row. positions: data
    row of each frame row, where one row of the file became several rows of the frame. Checks may be named by an issue
    type of the catalogue (`error="cell_score_over_maximum"`). Raises SchemaErrors when a column itself is wrong: that
    is our mistake.
    """
    doubtful = {name: column for name, column in columns.items() if not _vouched(values.get(name), column)}
    if not doubtful:
        return
    frame = pd.DataFrame({name: values[name] for name in doubtful if name in values}, copy=False)
    try:
        pa.DataFrameSchema(copy.deepcopy(doubtful)).validate(frame, lazy=True)
        failed = None
    except SchemaErrors as error:
        failed = error.failure_cases
        if failed["index"].isna().any():
            raise
    _approved.update((str(column.dtype), str(frame[name].dtype)) for name, column in doubtful.items())
    if failed is not None:
        _note(failed, findings, headers, positions)


def _note(
    cases: pd.DataFrame, findings: Findings, headers: Mapping[str, str | np.ndarray], positions: np.ndarray | None
) -> None:
    already = findings.refused()
    for (column, check), group in cases.groupby(["column", "check"], sort=False, dropna=False):
        rows = group["index"].to_numpy(dtype=np.int64)
        where = rows if positions is None else positions[rows]
        fresh = ~already[where] if check == "not_nullable" else np.ones(len(where), bool)  # unread: already said
        issue_type, detail = _issue(str(check))
        values = group["failure_case"].astype(str).to_numpy()
        header = headers.get(str(column), str(column))
        titles = np.full(len(rows), header, dtype=object) if isinstance(header, str) else header[rows]
        for title in dict.fromkeys(titles[fresh]):
            at = np.flatnonzero(fresh & (titles == title))
            shown = None if issue_type == "cell_empty" else values[at].tolist()
            findings.cells(issue_type, where[at], title, shown, detail=detail)


def _vouched(values: Any, column: pa.Column) -> bool:
    """Whether a column is surely clean: a dtype pandera knows to agree, no NULL where none may be, checks that hold."""
    if values is None:
        return False
    if (str(column.dtype), str(values.dtype)) not in _approved or values.dtype == object:
        return False
    if not column.nullable and bool(np.any(values.isna())):
        return False
    return all(_holds(values, check) for check in column.checks)


def _holds(values: Any, check: pa.Check) -> bool:
    """Whether a check surely holds for all values; False where that takes pandera to tell."""
    statistics: dict[str, Any] = dict(check.statistics or {})
    if check.element_wise or not check.ignore_na:
        return False
    if check.name == "greater_than_or_equal_to":
        return _all(values.min(), lambda least: least >= statistics["min_value"])
    if check.name == "less_than_or_equal_to":
        return _all(values.max(), lambda most: most <= statistics["max_value"])
    words: Sequence[Any] = [word for word in values.unique() if not pd.isna(word)]
    if check.name == "isin":
        return set(words) <= set(statistics["allowed_values"])
    if check.name == "str_matches":
        return all(re.match(statistics["pattern"], word) for word in words)
    return False


def _all(extreme: Any, holds: Any) -> bool:
    return pd.isna(extreme) or bool(holds(extreme))


IN_WORDS = (
    (re.compile(r"greater_than_or_equal_to\((.+)\)"), "не меньше {}"),
    (re.compile(r"less_than_or_equal_to\((.+)\)"), "не больше {}"),
    (re.compile(r"isin\(\[(.+)\]\)"), "одно из {}"),
    (re.compile(r"str_matches\(.+\)"), "значение другого вида"),
)


def _issue(check: str) -> tuple[str, str]:
    """Issue type and detail of a check: its own where it names one, else out of range, in words."""
    if ":" in check and check.split(":", 1)[0].startswith(("cell_", "row_")):
        issue_type, detail = check.split(":", 1)
        return issue_type, detail
    detail = next(
        (words.format(*match.groups()) for sign, words in IN_WORDS if (match := sign.fullmatch(check))), check
    )
    return BY_CHECK.get(check, "cell_range"), detail
