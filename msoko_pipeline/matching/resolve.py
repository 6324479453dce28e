"""Facts that name a school in a column `org_ref` → the school; every decision kept, every doubt asked.

Rows of a school that is not surely known wait: they are in the lake, in no result, and in the issue log as a question.
An answer is a spelling written into the register's «Другие логины» (any spelling may stand there).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine, holding
from msoko_pipeline.home.replacement import HOME
from msoko_pipeline.home.tables import facts, path_of, table
from msoko_pipeline.issues import questions
from msoko_pipeline.issues.questions import Question
from msoko_pipeline.matching.match import COLUMNS, match, register
from msoko_pipeline.privacy.repeating import shown
from msoko_pipeline.settings import Settings
from schemas.facts import NO_ORGANISATION
from schemas.kinds import KINDS

REFERRING = tuple(name for name, kind in KINDS.items() if "org_ref" in kind.model.to_schema().columns)
"""Kinds whose rows name the school as the file does."""

ISSUES = {"doubtful": "school_doubtful", "several": "school_several", "unknown": "school_unknown"}


def make_org_match(settings: Settings, years: Sequence[int]) -> int:
    """org_match: year, kind, org_ref, `match.COLUMNS`, rows — one row per spelling that the year's files use."""
    with engine.connect(settings) as connection:
        used = _used(connection, settings, years)
        home = table(connection, settings, years, "organisations")
        parts = [_matched(used[used["year"] == year], home[home["year"] == year]).assign(year=year) for year in years]
        spellings = pd.concat(parts, ignore_index=True)
        judged = used.merge(spellings, on=["year", "kind", "org_ref"])
        questions.ask(settings, "schools", years, _asked(judged))
        waiting = judged[judged["status"] != "sure"].groupby(["year", "kind", "seq"], as_index=False)["rows"].sum()
        engine.write_frame(connection, waiting, "waiting_names", years, path_of(settings, "waiting_names"))
        counted = used.groupby(["year", "kind", "org_ref"], as_index=False)["rows"].sum()
        whole = spellings.merge(counted, on=["year", "kind", "org_ref"], how="left")
        return engine.write_frame(connection, whole, "org_match", years, path_of(settings, "org_match"))


def resolved(connection: Any, settings: Settings, kind: str, years: Sequence[int]) -> pd.DataFrame:
    """Facts of a kind that hold in the years, with the org_id of the school each row names.

    Rows of a school that is not surely known are left out: they wait (see `org_match`).
    """
    if not holding.are_there(settings, kind, years):
        return pd.DataFrame(columns=[*KINDS[kind].model.to_schema().columns, "org_id"])
    sure = table(connection, settings, years, "org_match")
    sure = sure[(sure["kind"] == kind) & (sure["status"] == "sure")][["year", "org_ref", "org_id"]]
    rows = facts(connection, settings, kind, years, engine.load(connection, sure)).drop(columns=HOME, errors="ignore")
    return _once(rows.merge(sure, on=["year", "org_ref"], how="inner"), kind)


def _once(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The rows without what a file says again of a school that it names in two ways (0306 and 306)."""
    if rows.empty or (rows["org_ref"].nunique() == rows["org_id"].nunique()):
        return rows
    key = ["year", *(name for name, column in KINDS[kind].model.to_schema().columns.items() if column.metadata["key"])]
    named = [name for name in dict.fromkeys(key) if name not in ("row", "org_ref")]
    again = rows.duplicated([*named, "org_id"], keep=False) & ~rows.duplicated([*named, "org_ref"], keep=False)
    if not again.any():
        return rows
    earlier = rows[again].sort_values("rank").duplicated([*named, "org_id"], keep="last")
    return rows.drop(index=earlier[earlier].index)


NAMED = f"org_ref <> '{NO_ORGANISATION}'"
"""Of a row: it is about an organisation."""
_PLACE = "org_ref, seq, min(row) as row, count(*) as rows"


def _used(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """year, kind, org_ref, seq (the file), row (its first), rows — how files name schools."""
    parts = [
        engine.select(
            connection, f"select year, '{kind}' as kind, {_PLACE} from facts where {NAMED} group by all", facts=facts
        )
        for kind in REFERRING
        if (facts := holding.current(connection, settings, kind, years)) is not None
    ]
    columns = {"year": "int64", "kind": "string", "org_ref": "string", "seq": "int64", "row": "int64", "rows": "int64"}
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(columns))
    return whole.astype(columns).sort_values(["year", "kind", "org_ref", "seq"], ignore_index=True)


def _matched(used: pd.DataFrame, organisations: pd.DataFrame) -> pd.DataFrame:
    """Each kind's distinct spellings with what they were found to mean."""
    matches = match(used["org_ref"].unique(), register(organisations))
    return used[["kind", "org_ref"]].drop_duplicates().merge(matches, on="org_ref")[["kind", *COLUMNS]]


def _asked(judged: pd.DataFrame) -> Iterator[Question]:
    """A question a file and spelling that is not sure."""
    for line in judged[judged["status"] != "sure"].itertuples():
        near = "" if pd.isna(line.suggestions) else f"; похожи: {line.suggestions}"
        details = {"value": shown(line.org_ref), "detail": near, "rows": line.rows}
        yield Question(int(line.year), int(line.seq), ISSUES[line.status], details, int(line.row), line.org_ref)
