"""Checks of what was refused. A remark that a person has accepted fails none of them, and is listed as accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from msoko_pipeline.home.ledger import Entry, ledger_of
from msoko_pipeline.intake.acceptance import is_accepted
from msoko_pipeline.orchestration.home import opened
from msoko_pipeline.orchestration.metadata import FILES, table
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
    accepted = [entry for entry in refused if is_accepted(entry, remarks)]
    return dg.AssetCheckResult(
        asset_key=INBOX,
        check_name=RECOGNISED,
        passed=not left,
        severity=WARN,
        metadata={"files": len(left), "refused": _remarks(left), "accepted": _remarks(accepted)},
    )


def of_rows(kind: str, entries: Sequence[Entry], remarks: Mapping[str, str]) -> dg.AssetCheckResult:
    """Whether no row of the files of a kind is in quarantine. remarks: as of `of_files`."""
    partial = [entry for entry in entries if entry.rows_quarantined]
    left = [entry for entry in partial if not is_accepted(entry, remarks)]
    accepted = [entry for entry in partial if is_accepted(entry, remarks)]
    return dg.AssetCheckResult(
        asset_key=facts(kind),
        check_name=ACCEPTED,
        passed=not left,
        severity=WARN,
        metadata={
            "rows": sum(entry.rows_quarantined for entry in left),
            "quarantined": _remarks(left),
            "accepted": _remarks(accepted),
        },
    )


def _remarks(entries: Sequence[Entry]) -> dg.MetadataValue[Any]:
    """Files and what was said of each; the beginning of its SHA-256 is what `msoko accept` takes."""
    lines = [(entry.sha256[:12], entry.name, entry.message_ru) for entry in entries[:FILES]]
    return table(("sha256", "файл", "замечание"), lines, "нет")


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
