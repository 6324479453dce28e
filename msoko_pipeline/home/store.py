"""Where validated facts, issues and quarantined rows lie, and how they are written: a file whole or not at all.

Each file has a digest, SHA-256 of its bytes, which the ledger keeps: only what agrees with it is summed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from msoko_pipeline.home import closed
from schemas.kinds import KINDS

PARTIAL = ".tmp"  # the end of a name that is still being written
NO_YEAR = 0  # facts that hold for every year, as the register of organisations


def facts_folder(lake: Path, kind: str, year: int) -> Path:
    return lake / kind / f"year={year}"


def fact_files(lake: Path, kind: str, year: int) -> list[Path]:
    """Parquet files of a kind and year, in a settled order."""
    return sorted(facts_folder(lake, kind, year).glob("*.parquet"))


def rows_of(lake: Path, kind: str, year: int) -> int:
    """How many accepted rows of a kind lie there for a year."""
    return sum(pq.read_metadata(path).num_rows for path in fact_files(lake, kind, year))


def kinds_come(lake: Path) -> set[str]:
    """Kinds of which facts ever came, of whatever year, though they may be withdrawn since."""
    return {path.name for path in lake.iterdir() if path.name in KINDS} if lake.is_dir() else set()


def issues_file(lake: Path, sha256: str) -> Path:
    return lake / "ops" / "issue" / f"{sha256}.parquet"


def question_files(lake: Path, year: int) -> list[Path]:
    """Issues that only the facts of a year together show, a file a topic."""
    return sorted((lake / "ops").glob(f"*/year={year}.parquet"))


def quarantine_file(lake: Path, sha256: str) -> Path:
    return lake / "ops" / "quarantine" / f"{sha256}.parquet"


def write_facts(
    lake: Path, kind: str, sha256: str, sheet: int, seq: int, priority: int, frame: pd.DataFrame
) -> dict[str, str]:
    """Write a sheet's accepted facts, one file per year. Adds `seq` and `priority`: which file wins a school's work.

    Returns the path under the lake → the digest of each file written.
    """
    written: dict[str, str] = {}
    if "year" not in frame.columns:
        frame = frame.assign(year=NO_YEAR)
    for year, part in frame.groupby("year", sort=True):
        stamped = part.assign(seq=pd.array([seq], dtype="Int32").repeat(len(part)),
                              priority=pd.array([priority], dtype="Int8").repeat(len(part)))  # fmt: skip
        table = pa.Table.from_pandas(stamped.drop(columns="year"), preserve_index=False).replace_schema_metadata(None)
        path = facts_folder(lake, kind, int(year)) / f"{sha256}-{sheet}.parquet"
        write(table, path)
        written |= digests(lake, [path])
    return written


def write(table: pa.Table, path: Path) -> None:
    """Write Parquet so that a reader sees the old file or the new one."""
    closed.folder(path.parent)
    partial = path.with_suffix(f".{os.getpid()}{PARTIAL}")
    try:
        pq.write_table(table, partial, compression="snappy")
        closed.close(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def as_sql(files: Iterable[Path], *options: str) -> str:
    """Parquet files as DuckDB reads them in a query, whatever their folders are called.

    options: of `read_parquet`, such as `filename = true`.
    """
    listed = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    return f"read_parquet({', '.join([f'[{listed}]', *options])})"


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digests(root: Path, paths: Iterable[Path]) -> dict[str, str]:
    """Path under the root → digest, of those files that are there."""
    return {path.relative_to(root).as_posix(): digest(path) for path in paths if path.is_file()}


def ops_digests(lake: Path, sha256: str) -> dict[str, str]:
    """Path under the lake → digest of the issues and quarantined rows of a file, where it has any."""
    return digests(lake, (issues_file(lake, sha256), quarantine_file(lake, sha256)))


def products(lake: Path) -> list[Path]:
    """Every file of the lake that was made of a received file: facts, issues, quarantined rows."""
    folders = [*(lake / kind for kind in KINDS), lake / "ops"]
    return [
        path
        for folder in folders
        for pattern in (("year=*/*.parquet",) if folder.name != "ops" else ("issue/*.parquet", "quarantine/*.parquet"))
        for path in folder.glob(pattern)
    ]


def remove_partial(lake: Path) -> None:
    """Remove what a writer that was killed has left half-written. Only for whoever holds the home's lock."""
    for path in lake.rglob(f"*{PARTIAL}"):
        path.unlink(missing_ok=True)


def forget(lake: Path, sha256: str) -> None:
    """Remove everything that came from a file: before it is validated again, or when it is withdrawn."""
    for kind in KINDS:
        for path in (lake / kind).glob(f"year=*/{sha256}-*.parquet"):
            path.unlink()
    for path in (issues_file(lake, sha256), quarantine_file(lake, sha256)):
        path.unlink(missing_ok=True)


def years(lake: Path) -> list[int]:
    """Reporting years with facts."""
    years = {int(path.name.removeprefix("year=")) for path in lake.glob("*/year=*") if any(path.glob("*.parquet"))}
    return sorted(years - {NO_YEAR})
