"""Where validated facts, issues and quarantined rows lie, and how they are written: a file whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.kinds import KINDS

NO_YEAR = 0  # facts that hold for every year, as the register of organisations


def facts_folder(lake: Path, kind: str, year: int) -> Path:
    return lake / kind / f"year={year}"


def fact_files(lake: Path, kind: str, year: int) -> list[Path]:
    """Parquet files of a kind and year, in a settled order."""
    return sorted(facts_folder(lake, kind, year).glob("*.parquet"))


def issues_file(lake: Path, sha256: str) -> Path:
    return lake / "ops" / "issue" / f"{sha256}.parquet"


def quarantine_file(lake: Path, sha256: str) -> Path:
    return lake / "ops" / "quarantine" / f"{sha256}.parquet"


def write_facts(lake: Path, kind: str, sha256: str, sheet: int, seq: int, priority: int, frame: pd.DataFrame) -> None:
    """Write a sheet's accepted facts, one file per year. Adds `seq` and `priority`: which file wins a school's work."""
    if "year" not in frame.columns:
        frame = frame.assign(year=NO_YEAR)
    for year, part in frame.groupby("year", sort=True):
        stamped = part.assign(seq=pd.array([seq], dtype="Int32").repeat(len(part)),
                              priority=pd.array([priority], dtype="Int8").repeat(len(part)))  # fmt: skip
        table = pa.Table.from_pandas(stamped.drop(columns="year"), preserve_index=False).replace_schema_metadata(None)
        write(table, facts_folder(lake, kind, int(year)) / f"{sha256}-{sheet}.parquet")


def write(table: pa.Table, path: Path) -> None:
    """Write Parquet so that a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.tmp")
    pq.write_table(table, partial, compression="snappy")
    partial.replace(path)


def forget(lake: Path, sha256: str) -> None:
    """Remove everything that came from a file: before it is validated again, or when it is withdrawn."""
    for kind in KINDS:
        for path in (lake / kind).glob(f"year=*/{sha256}-*.parquet"):
            path.unlink()
    for path in (issues_file(lake, sha256), quarantine_file(lake, sha256)):
        path.unlink(missing_ok=True)


def years(lake: Path) -> list[int]:
    """Reporting years with facts."""
    found = {int(path.name.removeprefix("year=")) for path in lake.glob("*/year=*") if any(path.glob("*.parquet"))}
    return sorted(found - {NO_YEAR})
