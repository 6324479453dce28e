"""The olympiads of the years, from the lake to a Parquet table; what no single file shows is told to the issue log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from msoko_pipeline.indicators import engine, olympiads, organisations
from msoko_pipeline.indicators.tables import facts, path_of
from msoko_pipeline.intake import ledger_of
from msoko_pipeline.lake import store
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.settings import Settings
from msoko_pipeline.validation import findings
from schemas import catalogue

TABLE = "olympiad"
TEXT = "string[python]"  # of the other storage pandas cannot join two columns without rows
RESULT = {
    **dict.fromkeys(("stage", "subject", "org_id", "pupil_key", "direction", "status"), TEXT),
    **dict.fromkeys(("score", "max_score", "completion_pct"), "Float64"),
    "year": "int64", "grade": "Int64", "rank": "int64", "seq": "int64",
}  # fmt: skip
COUNT = {
    **dict.fromkeys(olympiads.SCHOOL, TEXT), "year": "int64",
    **dict.fromkeys(("grade", "participants", "winners", "prizewinners"), "Int64"),
}  # fmt: skip
CONTINGENT = {"year": "int64", "org_id": TEXT, "grade": "Int64", "pupils": "Int64"}
"""What is taken of the facts: column → type."""


def make_olympiad(settings: Settings, years: Sequence[int]) -> int:
    """olympiad: see `olympiads.of_units`."""
    with engine.connect(settings) as connection:
        engine.read_years(connection, "orgs", years, path_of(settings, "organisations"))
        organisations.units(connection, settings, "orgs", "units")
        units = connection.execute("select * from units order by all").df()
        rows = _typed(resolved(connection, settings, "olympiad_result", years), RESULT)
        rows["priority"] = rows["rank"] // engine.PRIORITY
        counts, contingent = (
            _typed(facts(connection, settings, kind, years), columns)
            for kind, columns in (("olympiad_count", COUNT), ("contingent", CONTINGENT))
        )
        pupils, twice = olympiads.participations(rows)
        found = olympiads.of_units(olympiads.of_schools(pupils, counts, contingent), units)
        _ask(settings, years, twice, olympiads.over_quota(found), rows)
        return engine.write_frame(connection, found, TABLE, years, path_of(settings, TABLE))


def _typed(rows: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    return rows.reindex(columns=list(columns)).astype(columns)


def doubts_file(settings: Settings, year: int) -> Path:
    """Issues about the olympiads of the year that no single file shows."""
    return settings.lake / "ops" / "olympiads" / f"year={year}.parquet"


def _ask(
    settings: Settings, years: Sequence[int], twice: pd.DataFrame, quota: pd.DataFrame, rows: pd.DataFrame
) -> None:
    """Write the issues of the years: one a file whose pupils another row has told, one a stage and subject over quota,
    by the last file that told of it.
    """
    names = {entry.seq: entry for entry in ledger_of(settings).files()}
    last = rows.groupby(olympiads.WORK, as_index=False)["seq"].max()
    over = quota.merge(last, on=olympiads.WORK)
    for year in years:
        doubts_file(settings, year).unlink(missing_ok=True)
        repeated = twice[twice["year"] == year].groupby("seq")["rows"].sum()
        told: list[tuple[int, str, dict[str, Any]]] = [
            (int(seq), "olympiad_twice", {"rows": int(count)}) for seq, count in repeated.items()
        ]
        told += [
            (int(line.seq), "olympiad_quota", {"detail": _in_words(line)})
            for line in over[over["year"] == year].itertuples()
        ]
        if told:
            issues = [
                findings.about_file(names[seq].sha256, names[seq].name, issue, details) for seq, issue, details in told
            ]
            table = pa.Table.from_pandas(pd.concat(issues, ignore_index=True), preserve_index=False)
            store.write(table, doubts_file(settings, year))


def _in_words(line: Any) -> str:
    stage = catalogue.olympiad_rules()["stages"][line.stage]["short"]
    quota = catalogue.olympiad_rules()["quota"]
    counted = f"{line.awards} из {line.judged} при квоте {quota} %"
    return f"{stage}, {catalogue.subjects()[line.subject]}: {counted}"
