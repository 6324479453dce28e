"""What `msoko run` and `msoko status` say of files in the same words: how many are in each state, what is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msoko_pipeline.home.ledger import Entry, Replacement

TAKEN = ("accepted", "partial")
"""States of files that are taken in, whole or not, and replaced by no other."""
STATES = {
    "refused": "отказано", "superseded": "заменено более поздними", "withdrawn": "отозвано",
    "received": "получено, но ещё не проверено",
}  # fmt: skip
Before = Mapping[str, tuple[str, str | None]]
"""SHA-256 → state of a file and the rules that it was judged by, as they were before a run."""


def states(entries: Iterable[Entry]) -> Before:
    """The states of files as they are now."""
    return {entry.sha256: (entry.status, entry.validated_with) for entry in entries}


def of_this_run(entries: Iterable[Entry], before: Before) -> list[Entry]:
    """Those of the files that came or were judged since."""
    return [entry for entry in entries if before.get(entry.sha256) != (entry.status, entry.validated_with)]


def counted(entries: Iterable[Entry], always: Sequence[str] = ("refused",)) -> str:
    """How many files are in each state: «принято 12, из них не целиком 1, отказано 0». always: named even where none
    is.
    """
    counts = Counter(entry.status for entry in entries)
    whole = f"принято {sum(counts[state] for state in TAKEN)}"
    parts = [f"{whole}, из них не целиком {counts['partial']}" if counts["partial"] else whole]
    return ", ".join(parts + [f"{words} {counts[state]}" for state, words in STATES.items()
                              if counts[state] or state in always])  # fmt: skip


def question(entry: Entry, message: str) -> str:
    """A question about a file, without the file's name."""
    return message.removeprefix(f"Файл «{entry.name}»").lstrip(",: ")


def in_short(entry: Entry, message: str) -> str:
    """`question` without what the spelling is like."""
    return question(entry, message).partition("; похожи: ")[0]


def standing_rows(entries: Iterable[Entry], replacements: Iterable[Replacement]) -> dict[int, int]:
    """Running number of each file that is taken in → those of its accepted rows that no later file has replaced."""
    replaced = Counter[int]()
    for line in replacements:
        replaced[line.seq] += line.rows
    return {entry.seq: max(entry.rows_accepted - replaced[entry.seq], 0) for entry in entries if entry.status in TAKEN}
