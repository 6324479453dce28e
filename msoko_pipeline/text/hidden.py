"""The word in the place of a cell, or of a part of it, that is not kept or not shown: `‹скрыто›`, `‹скрыто: 11 цифр›`.

What is hidden is said by `privacy`; here is how that is written and known again.
"""

from __future__ import annotations

from msoko_pipeline.text import linear as re

WORD = "скрыто"
HIDDEN = f"‹{WORD}›"
_PART = re.compile(rf"‹{WORD}(?:: [^‹›]*)?›")
_LONG = re.compile(rf"‹{WORD}: \d+ цифр[аы]?›")


def hidden(what: str) -> str:
    """The word with what it stands for, in words that tell nothing of it."""
    return f"‹{WORD}: {what}›"


def what_is_hidden(text: str) -> str | None:
    """What a cell that is hidden whole stands for, `""` where that is not said; None of any other cell."""
    return text[len(WORD) + 1 : -1].removeprefix(": ") if _PART.fullmatch(text) else None


def without_hidden(text: str) -> str:
    """What is left of a text."""
    return _PART.sub("", text)


def is_long_number(text: str) -> bool:
    """Whether a number stood here that was too long for its column: it may be somebody's document."""
    return _LONG.fullmatch(text) is not None
