"""Writes to the ledger what the computed tables say about files: which are superseded, how many of their rows wait."""

from __future__ import annotations

from typing import Any

from msoko_pipeline.home.ledger import GONE, ledger_of
from msoko_pipeline.settings import Settings


def mark_superseded(settings: Settings) -> None:
    """Say in the ledger what replaced what, and which files hold no longer because later ones replaced every row."""
    from msoko_pipeline.indicators.corrections import settle_files, whole_files

    ledger = ledger_of(settings)
    replacements = settle_files(settings)
    ledger.replace(replacements)
    replaced = whole_files(settings, replacements)
    by_seq = {entry.seq: entry for entry in ledger.files()}
    changes: list[tuple[str, dict[str, Any]]] = []
    for entry in by_seq.values():
        if entry.seq in replaced:
            changes.append(
                (entry.sha256, {"status": "superseded", "superseded_by": by_seq[replaced[entry.seq]].sha256})
            )
        elif entry.status == "superseded":
            status = "partial" if entry.message_ru else "accepted"
            changes.append((entry.sha256, {"status": status, "superseded_by": None}))
    ledger.update(changes)


def mark_waiting(settings: Settings) -> None:
    """Say in the ledger how many accepted rows of each file wait for an answer: which organisation they are about."""
    from msoko_pipeline.home.tables import waiting

    ledger, rows = ledger_of(settings), waiting(settings)
    changes: list[tuple[str, dict[str, Any]]] = [
        (entry.sha256, {"rows_waiting": now})
        for entry in ledger.files()
        for now in [0 if entry.status in GONE else min(rows.get(entry.seq, 0), entry.rows_accepted)]
        if now != entry.rows_waiting
    ]
    ledger.update(changes)
