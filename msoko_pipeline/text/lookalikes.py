"""Latin letters that look like Cyrillic ones, typed or recognised in their place: `OO`, `Kлacc`, `H/Я`."""

from __future__ import annotations

LOOKALIKES = str.maketrans("ABCEHKMOPTXY", "АВСЕНКМОРТХУ")
"""Capitals that are drawn alike."""

FOLDED = str.maketrans("ABCEHKMOPTXYabcehkmoptxy", "АВСЕНКМОРТХУавсенкмортху")
"""Both cases, so that the same letter folds alike before and after lower-casing."""


def folded(text: str) -> str:
    """A text as it is compared where either alphabet may have been meant; not for showing: `code` → `соdе`."""
    return text.translate(FOLDED)
