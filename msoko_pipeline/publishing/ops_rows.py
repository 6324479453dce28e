"""Rows of `ops.file`, `ops.issue` and `ops.replacement` as they are published: with the file's name, its year, and the
school by its id.

Findings keep the school as the file names it; which organisation that is, the register says, and it may come later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from msoko_pipeline.home import store
from msoko_pipeline.home.ledger import Entry, Replacement
from msoko_pipeline.home.year_tables import path
from msoko_pipeline.settings import Settings
from msoko_pipeline.text.logins import login_in
from schemas import ops
from schemas.fields import columns_of
from schemas.ops import File, Issue

Schools = dict[tuple[int, str], str]
"""Year and spelling → the organisation, of the spellings that surely mean one; a year that is computed has "" too."""


def schools_of(settings: Settings, years: Iterable[int]) -> Schools:
    """What every spelling of the years means, as far as their organisations are computed."""
    schools: Schools = {}
    for year in years:
        if path(settings, year, "organisations").exists():
            schools[year, ""] = ""
        schools |= {(year, org_id): org_id for org_id in _column(settings, year, "organisations", "org_id")}
        for name, spelling in (("logins", "login"), ("org_match", "org_ref")):
            spellings, org_ids = _column(settings, year, name, spelling), _column(settings, year, name, "org_id")
            schools |= {(year, s): org_id for s, org_id in zip(spellings, org_ids, strict=True) if org_id is not None}
    return schools


def _column(settings: Settings, year: int, table: str, name: str) -> list[Any]:
    file = path(settings, year, table)
    return pq.read_table(file, columns=[name], partitioning=None)[name].to_pylist() if file.exists() else []


def school_of(entry: Entry, schools: Schools) -> str | None:
    """The one organisation that a file is about; of a refused one the login in its path or manifest."""
    spelled = entry.schools or [login for login in [login_in(entry.declared.get("login") or "")] if login]
    years: set[int | None] = {*entry.years} or {year_of(entry)}
    meant = {_meant(year, text, schools) for year in years for text in spelled}
    return meant.pop() if len(meant) == 1 else None


def _meant(year: int | None, spelled: str, schools: Schools) -> str | None:
    """The organisation that a spelling means; a login is taken at its word where nothing of its year is computed."""
    if year is None or (year, "") not in schools:
        return login_in(spelled)
    return schools.get((year, spelled))


def files(entries: Sequence[Entry], schools: Schools, replacements: Iterable[Replacement] = ()) -> pd.DataFrame:
    """The ledger as rows of `ops.file`, in the order of receipt."""
    gone = Counter[int]()
    for line in replacements:
        gone[line.seq] += line.rows
    return _typed(
        [
            asdict(entry)
            | {"org_id": school_of(entry, schools), "year": year_of(entry), "rows_replaced": gone[entry.seq]}
            for entry in entries
        ],
        File,
    )


def replacements(entries: Sequence[Entry], replaced: Iterable[Replacement]) -> pd.DataFrame:
    """What replaced what, as rows of `ops.replacement`."""
    sha256 = {entry.seq: entry.sha256 for entry in entries}
    lines = [
        {"sha256": sha256[line.seq], "by_sha256": sha256[line.by_seq], "kind": line.kind, "year": line.year,
         "rows_replaced": line.rows, "rows_left_out": line.left_out,
         "same_rows": line.same_rows, "changed_rows": line.changed_rows,
         "changed_columns": line.changed_columns or None}
        for line in replaced
    ]  # fmt: skip
    return _typed(lines, ops.Replacement)


def _typed(rows: Sequence[Mapping[str, Any]], model: type[ops.Ops]) -> pd.DataFrame:
    kinds = {c.name: "Int64" if c.dtype == "Int64" else "string" for c in columns_of(model)}
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)


def year_of(entry: Entry) -> int | None:
    """The one reporting year that a file is of: of its rows, or as its path or manifest tell."""
    years: set[int | None] = {*entry.years} or {entry.year or entry.declared.get("year")}
    return years.pop() if len(years) == 1 else None


def issues(settings: Settings, entries: Sequence[Entry], findings: Iterable[Path], schools: Schools) -> Path:
    """Write the rows of `ops.issue`, from the Parquet files of findings and questions; returns where."""
    by_sha256 = {entry.sha256: entry for entry in entries}
    homes = {entry.sha256: school_of(entry, schools) for entry in entries}
    parts = [_named(pq.read_table(file, partitioning=None), by_sha256, homes, schools) for file in findings]
    target = settings.staging / "ops" / "issue.parquet"
    store.write(pa.concat_tables([_SCHEMA.empty_table(), *parts]), target)
    return target


_SCHEMA = pa.schema(
    [(column.name, pa.int64() if column.dtype == "Int64" else pa.string()) for column in columns_of(Issue)]
)


def _named(findings: pa.Table, entries: dict[str, Entry], homes: dict[str, str | None], schools: Schools) -> pa.Table:
    own = {name: findings[name].to_pylist() if name in findings.column_names else [None] * len(findings)
           for name in ("sha256", "org_ref", "year")}  # fmt: skip
    names, years, org_ids = [], [], []
    for sha256, spelled, row_year in zip(own["sha256"], own["org_ref"], own["year"], strict=True):
        entry = entries.get(sha256)
        year = row_year or (year_of(entry) if entry else None)
        names.append(entry.name if entry else None)
        years.append(year)
        org_ids.append(_meant(year, spelled, schools) if spelled else homes.get(sha256))
    added = {"name": pa.array(names, pa.string()), "year": pa.array(years, pa.int64()),
             "org_id": pa.array(org_ids, pa.string())}  # fmt: skip
    return pa.table({name: added[name] if name in added else findings[name] for name in _SCHEMA.names}).cast(_SCHEMA)
