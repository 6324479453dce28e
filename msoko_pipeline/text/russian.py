"""How numbers stand in Russian texts."""

from __future__ import annotations


def ru(number: float, digits: int = 1) -> str:
    """A number as Russian texts print it."""
    return f"{number:.{digits}f}".replace(".", ",")
