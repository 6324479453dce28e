"""Holds what lies on disk against the ledger: what was changed, is missing, or was made of no known file.

Only compares. What to do about a difference is `msoko_pipeline.intake.restoring`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from msoko_pipeline.home import store
from msoko_pipeline.home.ledger import Entry, Ledger
from msoko_pipeline.settings import Settings

YEAR = "year="  # how the owner of a year's tables begins


@dataclass(frozen=True)
class Audit:
    """damaged: SHA-256 of files whose facts, issues or quarantined rows are not as they were written; years: those
    whose computed tables are not; surplus: files of the lake that no entry accounts for.
    """

    damaged: frozenset[str]
    years: frozenset[int]
    surplus: tuple[Path, ...]

    @property
    def is_clean(self) -> bool:
        return not (self.damaged or self.years or self.surplus)


def audit(settings: Settings, ledger: Ledger) -> Audit:
    """Compare every file that the ledger accounts for with its digest, and look for others. Reads each file once."""
    expected = ledger.products()
    differing = {
        owner for path, (owner, digest) in expected.items() if not _is_as_written(place(settings, path), digest)
    }
    present = {path.relative_to(settings.lake).as_posix(): path for path in store.products(settings.lake)}
    surplus = tuple(present[name] for name in sorted(present.keys() - expected.keys()))
    return Audit(
        frozenset(owner for owner in differing if not owner.startswith(YEAR)),
        frozenset(int(owner.removeprefix(YEAR)) for owner in differing if owner.startswith(YEAR)),
        surplus,
    )


def place(settings: Settings, product: str) -> Path:
    """Where a product lies: tables of the indicators under the home, everything else in the lake."""
    root = settings.home if product.startswith("indicators/") else settings.lake
    return root / product


def owner_of(year: int) -> str:
    return f"{YEAR}{year}"


def tables_of(settings: Settings, year: int) -> dict[str, str]:
    """Path → digest of everything that was computed for a year: its tables and its questions."""
    tables = sorted((settings.home / "indicators" / f"year={year}").glob("*.parquet"))
    questions = store.question_files(settings.lake, year)
    return store.digests(settings.home, tables) | store.digests(settings.lake, questions)


def computed_years(products: Iterable[tuple[str, str]]) -> set[int]:
    """Years whose tables the ledger accounts for; products: (owner, digest)."""
    return {int(owner.removeprefix(YEAR)) for owner, _ in products if owner.startswith(YEAR)}


def are_cells_whole(settings: Settings, entry: Entry) -> bool:
    """Whether the kept cells of every recognised sheet are those that were read."""
    return all(
        _is_as_written(settings.cells / entry.sha256 / f"{sheet['number']}.arrow", sheet.get("digest"))
        for sheet in entry.sheets
    )


def _is_as_written(path: Path, digest: str | None) -> bool:
    try:
        return store.digest(path) == digest
    except OSError:
        return False
