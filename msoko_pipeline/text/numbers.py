"""Numbers as people write them: with a unit, an apostrophe, another minus; and what a cell is that is no number."""

from __future__ import annotations

from functools import cache

from msoko_pipeline.text import linear as re
from msoko_pipeline.text.spelling import normal
from schemas import catalogue

_DIGITS = str.maketrans(dict.fromkeys("OoОо", "0") | dict.fromkeys("Зз", "3") | {"l": "1", "I": "1"})
"""Letters that are typed for digits."""


def as_meant(word: str, unit: str | None = None) -> str:
    """A number without what stands beside it: `'24`, `−5`, `12.`, and with its unit (`чел.`): `24 чел.`, `24 ученика`.

    Other text as it is. unit: of the column, as its field declares it.
    """
    plain = re.sub(r"^['`’]|(?<=[0-9])\.$", "", word).strip()
    plain = re.sub(r"^[−–](?=[0-9])", "-", plain)
    match = _with_unit(unit).fullmatch(normal(plain)) if unit is not None else None
    return match[1].strip() if match else plain


@cache
def _with_unit(unit: str) -> re.Pattern[str]:
    words = catalogue.codes()["units"].get(unit, "(?!)")
    return re.compile(rf"([-+]?\d[\d\s.,]*?)\s*(?:{words})\.?")


def why_none(word: str) -> tuple[str, dict[str, str]]:
    """Issue type and details of a cell that is no number."""
    if normal(word).strip(" .") in catalogue.codes()["no_value"]:
        return "cell_no_value", {}
    if re.fullmatch(r"[-+]?[0-9][0-9\s]*(?:[.,][0-9]+)?\s*%", word):
        return "cell_share", {}
    letters = sorted({letter for letter in word if ord(letter) in _DIGITS})
    if letters and any(map(str.isdigit, word)) and word.translate(_DIGITS).isdigit():
        return "cell_letter_for_digit", {"detail": ", ".join(f"«{letter}»" for letter in letters)}
    return "cell_not_a_number", {}
