"""Checks of what was refused. A remark that a person has accepted fails none of them, and is listed as accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dagster as dg

from msoko_pipeline.home.ledger import Entry, ledger_of
from msoko_pipeline.intake.acceptance import is_accepted
from msoko_pipeline.orchestration.home import opened
from msoko_pipeline.reporting.markdown import table
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS

INBOX = dg.AssetKey(["raw", "inbox"])
RECOGNISED = "every_file_recognised"
ACCEPTED = "every_row_accepted"
WARN = dg.AssetCheckSeverity.WARN


def facts(kind: str) -> dg.AssetKey:
    """The asset of the facts of a kind."""
    return dg.AssetKey(["validated", kind])


def of_files(entries: Sequence[Entry], remarks: Mapping[str, str]) -> dg.AssetCheckResult:
    """Whether every file was recognised and read. remarks: those accepted (`Ledger.accepted_remarks`)."""
    refused = [entry for entry in entries if entry.status == "refused"]
    left = [entry for entry in refused if not is_accepted(entry, remarks)]
    texts = {
        "refused": [entry.message_ru for entry in left],
        "accepted": [entry.message_ru for entry in refused if is_accepted(entry, remarks)],
    }
    return dg.AssetCheckResult(
        asset_key=INBOX,
        check_name=RECOGNISED,
        passed=not left,
        severity=WARN,
        metadata={
            what: dg.MetadataValue.md("\n".join(f"* {line}" for line in lines) or "нет")
            for what, lines in texts.items()
        },
    )


def of_rows(kind: str, entries: Sequence[Entry], remarks: Mapping[str, str]) -> dg.AssetCheckResult:
    """Whether no row of the files of a kind is in quarantine. remarks: as of `of_files`."""
    partial = [entry for entry in entries if entry.rows_quarantined]
    left = {entry.name: entry.rows_quarantined for entry in partial if not is_accepted(entry, remarks)}
    accepted = {entry.name: entry.rows_quarantined for entry in partial if is_accepted(entry, remarks)}
    return dg.AssetCheckResult(
        asset_key=facts(kind),
        check_name=ACCEPTED,
        passed=not left,
        severity=WARN,
        metadata={
            "rows": sum(left.values()),
            "quarantined": dg.MetadataValue.md(_listed(left)),
            "accepted": dg.MetadataValue.md(_listed(accepted)),
        },
    )


def _listed(rows: Mapping[str, int]) -> str:
    """Files and their rows in quarantine, as a table."""
    return table([("файл", "строк в карантине"), *rows.items()]) if rows else "нет"


def judge_again(settings: Settings, entry: Entry) -> None:
    """Show in the UI at once what the acceptance of a file's remark has changed: no run follows from it."""
    if not settings.dagster_home.exists():
        return
    ledger = ledger_of(settings)
    remarks = ledger.accepted_remarks()
    results = [of_files(ledger.files(), remarks)]
    if entry.kind in KINDS:
        results.append(of_rows(entry.kind, ledger.files_of([entry.kind], "status <> 'withdrawn'"), remarks))
    with opened(settings) as instance:
        for result in results:
            if result.asset_key and result.check_name and instance.has_asset_key(result.asset_key):
                instance.report_runless_asset_event(
                    dg.AssetCheckEvaluation(
                        asset_key=result.asset_key, check_name=result.check_name, passed=result.passed,
                        severity=result.severity, metadata=result.metadata,
                    )
                )  # fmt: skip
