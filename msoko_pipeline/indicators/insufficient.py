"""Works of schools of which too many rows are in quarantine: nothing is judged by them.

Who is in quarantine is not there by chance, and a school may show a sign on the few rows that are left. Counted are
the refused rows of files that still count for the school's work: a later file may have replaced the earlier one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from msoko_pipeline.home import engine, holding, store
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.home.replacement import PRIORITY
from msoko_pipeline.home.tables import among, path, path_of, years_having
from msoko_pipeline.issues.whose import PUPILS
from msoko_pipeline.settings import Settings
from msoko_pipeline.text.russian import ru
from schemas import catalogue
from schemas.layout import layouts

KEY = ["year", "org_id", "procedure", "subject", "grade"]
OF_A_ROW = ["year", "org_ref", "procedure", "stage", "subject", "grade"]
"""Columns of a refused row that identify its work."""
ACCEPTED = {
    "results": "select year, unit_id as org_id, 'VPR' as procedure, subject, grade, "
    "n + coalesce(absent, 0) + coalesce(partial, 0) as accepted from rows where level = 'school'",
    "gia_results": "select year, unit_id as org_id, procedure, subject, grade, participants as accepted "
    "from rows where level = 'school'",
}
"""Table of the indicators → the query of the rows of schools that it counts."""

_OF_EXAMS = (
    "select distinct f.year, coalesce(s.org_id, f.org_ref) as org_id, f.procedure, f.subject, null::bigint as grade, "
    "f.rank as seq from rows f left join spellings s on s.year = f.year and s.org_ref = f.org_ref"
)
HOLDING = {
    "vpr_result": "select distinct year, org_id, 'VPR' as procedure, subject, grade::bigint as grade, rank as seq "
    "from rows",
    "gia9": _OF_EXAMS,
    "gia11": _OF_EXAMS,
}
"""Kind of file → the query of the works of schools of which its rows hold, and the files they are from (seq: `rank`,
so that a file of a lower priority is no later one).
"""


def insufficient(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """KEY, quarantined and rows (counts), quarantined_pct, reason (in words), seq of the file with most of them: of the
    works of schools with a greater share of rows in quarantine than the year allows.
    """
    refused = _refused(settings, years)
    if refused.empty:
        return _NONE
    counted = judged(refused, _accepted(connection, settings, years))
    candidates = refused[among(refused, counted, KEY)]
    if len(candidates):  # seldom: only then is it looked up whose rows hold
        counted = judged(candidates[_holds(connection, settings, years, candidates)], counted)
    return counted.reset_index(drop=True)


def reason(quarantined: int, rows: int) -> str:
    """`данных недостаточно: в карантине 24,0 % строк (12 из 50)`."""
    return f"данных недостаточно: в карантине {quarantined / rows * 100:.1f} % строк ({quarantined} из {rows})".replace(
        ".", ","
    )


def marks_reason(results: pd.DataFrame) -> pd.Series:
    """Of each row of `results` why nothing is judged by its shares of marks: `отметка известна у 81,6 % участников (647
    из 793)`; NULL where enough marks, or none at all, are known. results: year, n, marked.
    """
    reasons = pd.Series(pd.NA, index=results.index, dtype="string")
    with_marks = results[results["marked"].gt(0).fillna(False) & results["n"].notna()]
    limits = with_marks["year"].map(lambda year: catalogue.thresholds(int(year))["sufficiency"]["marked_least_pct"])
    few = with_marks[with_marks["marked"] * 100 < with_marks["n"] * limits.astype(float)]
    reasons.loc[few.index] = [
        f"отметка известна у {ru(marked / n * 100)} % участников ({marked:.0f} из {n:.0f})"
        for n, marked in zip(few["n"], few["marked"], strict=True)
    ]
    return reasons


def of_kind(
    settings: Settings, years: Sequence[int], kind: str, rows: pd.DataFrame, key: Sequence[str]
) -> pd.DataFrame:
    """The same of another kind of facts: key, quarantined, rows, quarantined_pct, reason, seq.

    rows: its facts that hold, key and seq; key: year, org_id and what else tells works apart.
    """
    key = [*key]
    refused = _refused(settings, years, [kind], key)
    if refused.empty:
        return pd.DataFrame(columns=[*key, *_NONE.columns.difference(KEY)])
    texts = dict.fromkeys((name for name in key if name != "year"), "string")
    refused, holding = refused.astype(texts), rows[[*key, "seq"]].astype(texts)
    accepted = holding.groupby(key, as_index=False).size().rename(columns={"size": "accepted"})
    works = judged(refused, accepted, key)
    if len(works):
        candidates = refused[among(refused, works, key)]
        works = judged(candidates[_holding(candidates, holding.drop_duplicates(), key)], accepted, key)
    return works


def waiting(settings: Settings, years: Sequence[int], kind: str, now: pd.DataFrame, nobody: str) -> pd.DataFrame:
    """KEY, seq, quarantined: rows in quarantine, of the files of a kind that still count for their works.

    now: KEY, seq, rank, of the works of schools whose rows hold; nobody: what stands for the school of the rows of
    which nobody can read it: they are of works of which other rows of their file hold.
    """
    refused = _refused(settings, years, [kind], nobody=nobody)
    has_school = refused["org_id"] != nobody
    holds = _holding(_ranked(settings, refused), now.assign(seq=now["rank"]), KEY)
    of_file = among(refused, now, [name for name in (*KEY, "seq") if name != "org_id"])
    return refused[holds.where(has_school, of_file)]


def _refused(
    settings: Settings,
    years: Sequence[int],
    kinds: Sequence[str] = PUPILS,
    key: Sequence[str] = tuple(KEY),
    nobody: str | None = None,
) -> pd.DataFrame:
    """key, seq, quarantined: rows in quarantine of each file, by the school's work as far as the rows tell it.

    nobody: what stands for a school that is not told; without it such rows are left out.
    """
    parts = []
    for entry in ledger_of(settings).files("status not in ('refused', 'withdrawn') and rows_quarantined > 0"):
        file = store.quarantine_file(settings.lake, entry.sha256)
        if entry.kind in kinds and entry.years & {*years} and file.exists():
            rows = _counted(file, file.stat().st_mtime_ns)
            parts.append(rows[rows["year"].isin(years)].assign(seq=entry.seq))
    refused = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*OF_A_ROW, "quarantined", "seq"])
    org_ids = _organisations(settings, years) if parts else {}
    refused["org_id"] = [
        org_ids.get((year, ref), ref) for year, ref in zip(refused["year"], refused["org_ref"], strict=True)
    ]
    if nobody is not None:
        refused["org_id"] = refused["org_id"].fillna(nobody)
    numbers = {name: "int64" for name in ("year", "grade") if name in key}
    refused = refused.dropna(subset=[*key]).astype(numbers | {"quarantined": "int64"})
    return refused.groupby([*key, "seq"], as_index=False)["quarantined"].sum()


@lru_cache(4096)
def _counted(file: Path, written: int) -> pd.DataFrame:
    """OF_A_ROW, quarantined: the rows of a file in quarantine, read once for all the steps that ask.

    written: when the file was, so that another one is read again.
    """
    kept = pq.ParquetFile(file)
    names = [name for name in OF_A_ROW if name in kept.schema_arrow.names]
    rows = kept.read(columns=names).to_pandas().reindex(columns=OF_A_ROW)
    return rows.groupby(OF_A_ROW, dropna=False, as_index=False).size().rename(columns={"size": "quarantined"})


def _organisations(settings: Settings, years: Sequence[int]) -> dict[tuple[int, str], str]:
    """Year and the school as a file names it → its id, of the spellings that surely mean one."""
    org_ids: dict[tuple[int, str], str] = {}
    for year in years:
        for name, spelling in (("logins", "login"), ("org_match", "org_ref")):
            if (file := path(settings, year, name)).exists():
                table = pq.read_table(file, columns=[spelling, "org_id"], partitioning=None)
                pairs = zip(table[spelling].to_pylist(), table["org_id"].to_pylist(), strict=True)
                org_ids |= {(year, ref): org_id for ref, org_id in pairs if org_id is not None}
    return org_ids


def _accepted(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """KEY, accepted: rows of schools that are counted."""
    parts = []
    for name, query in ACCEPTED.items():
        if computed_years := years_having(settings, years, name):
            rows = engine.read(connection, computed_years, path_of(settings, name))
            parts.append(engine.select(connection, query, rows=rows))
    return pd.concat(parts, ignore_index=True) if parts else _NOBODY


_NOBODY = pd.DataFrame(columns=[*KEY, "accepted"])
_NONE = pd.DataFrame(columns=[*KEY, "quarantined", "rows", "quarantined_pct", "reason", "seq"])


def judged(refused: pd.DataFrame, accepted: pd.DataFrame, key: Sequence[str] = tuple(KEY)) -> pd.DataFrame:
    """Rows of `insufficient`: the works whose share of refused rows is above what their year allows.

    refused: key, seq, quarantined (count); accepted: key, accepted (count).
    """
    key = [*key]
    most = refused.sort_values(["quarantined", "seq"]).groupby(key)["seq"].last()
    works = refused.groupby(key, as_index=False)["quarantined"].sum()
    works = works.merge(accepted[[*key, "accepted"]], on=key, how="left")
    works["rows"] = works["quarantined"] + works["accepted"].fillna(0).astype("int64")
    works["quarantined_pct"] = works["quarantined"] / works["rows"] * 100
    limits = works["year"].map(lambda year: catalogue.thresholds(year)["sufficiency"]["quarantined_most_pct"])
    works = works[works["quarantined_pct"] > limits.astype(float)]
    works["reason"] = [reason(*counts) for counts in zip(works["quarantined"], works["rows"], strict=True)]
    return works.merge(most.reset_index(), on=key)


def _holds(connection: Any, settings: Settings, years: Sequence[int], refused: pd.DataFrame) -> pd.Series:
    """Which refused rows are of files that still count for the work: some of their rows there hold, or no later file's
    do.
    """
    org_ids = _organisations(settings, years)
    frame = pd.DataFrame(
        [(year, ref, org_id) for (year, ref), org_id in org_ids.items()], columns=["year", "org_ref", "org_id"]
    ).astype({"year": "int64", "org_ref": "string", "org_id": "string"})
    spellings = engine.load(connection, frame)
    parts = []
    for kind, query in HOLDING.items():
        rows = holding.current(connection, settings, kind, years)
        if rows is not None:
            parts.append(engine.select(connection, query, rows=rows, spellings=spellings))
    if not parts:
        return pd.Series(True, index=refused.index)
    now = pd.concat(parts, ignore_index=True)
    now["grade"] = now["grade"].fillna(now["procedure"].map(catalogue.GRADES))
    now = now.dropna(subset=["grade"]).astype({"year": "int64", "grade": "int64"})
    return _holding(_ranked(settings, refused), now, KEY)


def _ranked(settings: Settings, refused: pd.DataFrame) -> pd.DataFrame:
    """The refused rows with the `rank` of their files for seq: the greater priority, then the later receipt, wins."""
    ranks = {
        entry.seq: max((layouts()[sheet["layout"]].priority for sheet in entry.sheets), default=0) * PRIORITY
        + entry.seq
        for entry in ledger_of(settings).files("rows_quarantined > 0")
    }
    return refused.assign(seq=refused["seq"].map(ranks).astype("int64"))


def _holding(refused: pd.DataFrame, now: pd.DataFrame, key: list[str]) -> pd.Series:
    """Which refused rows are of files of which rows of the work hold, or of later ones. now: key, seq of what holds."""
    last = now.groupby(key)["seq"].agg(["max", set]).reset_index()
    both = refused.merge(last, on=key, how="left").set_axis(refused.index)
    holds = [isinstance(files, set) and seq in files for seq, files in zip(both["seq"], both["set"], strict=True)]
    return both["max"].isna() | (both["seq"] > both["max"]) | pd.Series(holds, index=both.index)


def reasons_of(frame: pd.DataFrame, works: pd.DataFrame, key: list[str]) -> pd.Series:
    """Of each row of `frame` (key) why nothing is judged by its work, NULL where something may be. works: `of_kind`."""
    reasons = works.set_index(key)["reason"].reindex(pd.MultiIndex.from_frame(frame[key]))
    return pd.Series(reasons.astype("string").to_numpy(object), index=frame.index, dtype="string")


def noted(
    frame: pd.DataFrame, works: pd.DataFrame, *, years: int = 0, grades: int = 0, procedure: str | None = None
) -> pd.Series:
    """Of each row of `frame` (KEY) why nothing is judged by its work, NULL where something may be.

    years, grades: how much earlier the work is that is looked at; procedure: its own, where it is another one.
    """
    keys = frame[KEY].assign(year=frame["year"] - years, grade=frame["grade"] - grades)
    keys = keys.assign(procedure=procedure) if procedure else keys
    reasons = reasons_of(keys, works, KEY)
    return reasons + " (более ранняя работа)" if years else reasons
