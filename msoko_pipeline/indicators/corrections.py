"""What replaced what: which rows of which file hold no longer because of which later file, counted and asked about.

`replacement` decides; here its tables are read once more at the publication, for the ledger, `ops.replacement` and the
issue log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from msoko_pipeline.home import engine, holding, replacement, store
from msoko_pipeline.home.ledger import Entry, Replacement, ledger_of
from msoko_pipeline.home.replacement import HOME, PRIORITY, Facts, Replacements
from msoko_pipeline.home.tables import path
from msoko_pipeline.indicators import repeated_rows
from msoko_pipeline.issues import questions
from msoko_pipeline.issues.questions import Question
from msoko_pipeline.privacy.repeating import shown
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS, Kind
from schemas.layout import layouts

TOPIC = "corrections"
FEW = 3  # organisations named in a message
PLACES = (HOME, "org_id", "unit_id")
"""Columns of a unit that name its organisation."""


@dataclass(frozen=True)
class _Finding:
    """An issue about the later of two files, before the files have names. seq: the earlier one's running number."""

    year: int
    seq: int
    by: int
    issue_type: str
    rows: int
    detail: str


def settle_files(settings: Settings) -> list[Replacement]:
    """Ask about lists that a later file leaves out or stands beside; returns what replaced what, rows per two files."""
    replaced: list[Replacement] = []
    findings: list[_Finding] = []
    entries = ledger_of(settings).files()
    auxiliary = {(entry.sha256, kind) for entry in entries for kind in _auxiliary_kinds(entry)}
    sha256 = {entry.seq: entry.sha256 for entry in entries}
    for kind in KINDS.values():
        for folder in sorted((settings.lake / kind.name).glob("year=*")):
            files = {fact.name[:64] for fact in folder.glob("*.parquet")}
            if len(files) < 2 or all((file, kind.name) in auxiliary for file in files):
                continue
            year = int(folder.name.removeprefix("year="))
            with engine.connect(settings) as connection:  # of its own: what is kept of a kind and year goes with it
                facts = _facts(connection, settings, kind, year)
                replacements = replacement.settle(connection, facts) if facts else None
                if facts and replacements:
                    lines = _counted(connection, facts, replacements, year)
                    replaced += [line for line in lines if (sha256[line.seq], kind.name) not in auxiliary]
                    findings += _findings(connection, facts, replacements, year)
    _ask(settings, findings)
    return replaced


def _auxiliary_kinds(entry: Entry) -> set[str]:
    """Kinds that a file brings only beside its rows: they are not counted as read, so not as replaced either."""
    main = {sheet["kind"] for sheet in entry.sheets if not layouts()[sheet["layout"]].auxiliary}
    return {sheet["kind"] for sheet in entry.sheets} - main


def whole_files(settings: Settings, replaced: Sequence[Replacement]) -> dict[int, int]:
    """Running number of every file none of whose rows hold any more → that of the file that replaced most of it."""
    entries = {entry.seq: entry for entry in ledger_of(settings).files()}
    gone: dict[int, int] = {}
    for seq in {line.seq for line in replaced}:
        own = [line for line in replaced if line.seq == seq]
        kinds = KINDS.keys() - _auxiliary_kinds(entries[seq])
        pattern = f"year=*/{entries[seq].sha256}-*.parquet"
        facts = [fact for kind in kinds for fact in (settings.lake / kind).glob(pattern)]
        if sum(line.rows for line in own) >= sum(int(pq.read_metadata(fact).num_rows) for fact in facts):
            gone[seq] = max(own, key=lambda line: (line.rows, line.by_seq)).by_seq
    return gone


def _facts(connection: Any, settings: Settings, kind: Kind, year: int) -> Facts | None:
    """All facts of the kind and year, the schools that they surely mean beside them."""
    matches = path(settings, year, "org_match")
    schools = None
    if "org_ref" in kind.unit_key and matches.exists():
        schools = engine.query(
            connection,
            f"select {year} as year, org_ref, org_id from {store.as_sql([matches])} "
            f"where kind = '{kind.name}' and status = 'sure'",
        )
    return holding.every(connection, settings, kind.name, [year], schools=schools)


def _counted(connection: Any, facts: Facts, replacements: Replacements, year: int) -> list[Replacement]:
    counts = engine.select(
        connection,
        f"select rank % {PRIORITY}, by_rank % {PRIORITY}, count(*), count(*) filter (is_left_out) "
        "from replaced group by 1, 2 order by 1, 2",
        replaced=replacements.replaced,
    )
    repeated = repeated_rows.changes(connection, facts, replacements)
    return [
        Replacement(
            int(seq), int(by), facts.kind.name, year, int(rows), int(left_out), *repeated.get((seq, by), (0, 0, ""))
        )
        for seq, by, rows, left_out in counts.itertuples(index=False)
    ]


def _findings(connection: Any, facts: Facts, replacements: Replacements, year: int) -> Iterator[_Finding]:
    """What is to be asked about of two files: rows left out, rows that stay, lists that stand side by side."""
    unit = next((name for name in PLACES if name in facts.unit), "null")
    lines = engine.select(
        connection,
        f"select rank, by_rank, 'file_left_out' as issue, {unit}::varchar as place, count(*) as rows, 0 as again "
        "from replaced where is_left_out group by all union all "
        "select rank, by_rank, case when again > 0 then 'file_partly_replaced' else 'file_beside' end, "
        f"{unit}::varchar, sum(stays), sum(again) from pairs "
        "where stays > 0 and not is_corrected and not is_apart and not is_other_keys group by all",
        replaced=replacements.replaced,
        pairs=replacements.pairs,
    )
    for (rank, by, issue), part in lines.groupby(["rank", "by_rank", "issue"], sort=True):
        again = f"{int(part['again'].sum())}; " if issue == "file_partly_replaced" else ""
        detail = f"{again}{_named(part['place'].dropna())}"
        yield _Finding(year, int(rank % PRIORITY), int(by % PRIORITY), str(issue), int(part["rows"].sum()), detail)


def _named(places: pd.Series) -> str:
    """The organisations concerned: the first few by name, the others by number."""
    distinct = sorted(places.unique())
    more = len(distinct) - FEW
    return ", ".join(map(shown, distinct[:FEW])) + (f" и ещё {more}" if more > 0 else "")


def _ask(settings: Settings, findings: Sequence[_Finding]) -> None:
    names = {entry.seq: entry.name for entry in ledger_of(settings).files()}
    new_questions = [
        Question(line.year, line.by, line.issue_type,
                 {"value": names[line.seq], "rows": line.rows, "detail": line.detail})
        for line in findings
    ]  # fmt: skip
    questions.ask(settings, TOPIC, store.years(settings.lake), new_questions)
