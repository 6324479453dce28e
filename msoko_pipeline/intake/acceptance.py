"""Acceptance of a remark: a person has seen what was refused of a file and leaves it so.

It is about the remark as it was then: another remark about the same file is a new one, and a corrected file is another.
"""

from __future__ import annotations

from collections.abc import Mapping

from msoko_pipeline.home.ledger import Entry, ledger_of
from msoko_pipeline.intake.steps import only
from msoko_pipeline.settings import Settings

WITH_REMARK = ("refused", "partial")
"""States of files of which something was refused."""


def accept(settings: Settings, sha256: str) -> Entry:
    """Accept the remark of a file; the act is recorded. Raises LookupError if the file is unknown or has none."""
    entry = only(settings, sha256)
    if entry.status not in WITH_REMARK:
        raise LookupError(f"к файлу «{entry.name}» замечаний нет, принимать нечего")
    ledger = ledger_of(settings)
    ledger.accept_remark(entry.sha256, entry.message_ru or "")
    ledger.keep_copy()
    return entry


def take_back(settings: Settings, sha256: str) -> Entry:
    """Take an acceptance back; the act is recorded. Raises LookupError if the file is unknown or there was none."""
    entry = only(settings, sha256)
    ledger = ledger_of(settings)
    if not ledger.forget_remark(entry.sha256):
        raise LookupError(f"замечание к файлу «{entry.name}» не было принято")
    ledger.keep_copy()
    return entry


def is_accepted(entry: Entry, remarks: Mapping[str, str]) -> bool:
    """Whether what was refused of a file is accepted as it is. remarks: SHA-256 → the remark that was accepted."""
    return entry.status in WITH_REMARK and remarks.get(entry.sha256) == (entry.message_ru or "")
