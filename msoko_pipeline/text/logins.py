"""Logins of organisations as people write them: `sch190003`, `EDU 190003`, `еdu-190003`, `МБОУ «…»(edu190003)`.

Which letters there are and what they stand for is data: `organisation/logins.yaml`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from msoko_pipeline.text import linear as re
from schemas import catalogue

SCHOOL = "edu"
_APART = r"[\s_.:№-]{0,3}"


@cache
def _read() -> tuple[re.Pattern[str], dict[str, str], dict[int, str], dict[int, str]]:
    """A login anywhere in a text; canonical letters by their spelling; look-alikes of letters and of digits."""
    rules = catalogue.logins()
    canonical = {spelling: kind for kind, declared in rules["kinds"].items() for spelling in declared["spellings"]}
    letters, digits = rules["lookalikes"]["letters"], rules["lookalikes"]["digits"]
    of = {latin: latin + "".join(s for s, meant in letters.items() if meant == latin) for latin in letters.values()}
    longest_first = sorted(canonical, key=len, reverse=True)
    spelled = "|".join("".join(f"[{of[c]}]" if c in of else re.escape(c) for c in word) for word in longest_first)
    number = rf"[0-9{''.join(digits)}]{{{rules['digits']}}}"
    login = rf"(?<![^\W_])(?P<kind>{spelled}){_APART}(?P<number>{number})(?:[.,]0+)?(?![^\W_])"
    return re.compile(login, re.IGNORECASE), canonical, str.maketrans(letters), str.maketrans(digits)


def logins_in(text: str) -> list[str]:
    """Canonical logins in a text, each once, in their order."""
    canonical: dict[str, None] = {}
    for match in _places(text):
        canonical[_canonical(match)] = None
    return [login for login in canonical if login]


def without_logins(text: str) -> str:
    """The text with a space for every login."""
    for match in reversed(_places(text)):
        text = f"{text[: match.start()]} {text[match.end() :]}"
    return text


def login_in(text: str) -> str | None:
    """The one login that a text names; None where it names none, or several."""
    logins = logins_in(text)
    return logins[0] if len(logins) == 1 else None


def login_of(text: str) -> str | None:
    """The login in a cell of logins, where its digits alone (`190003`, `190003.0`) are a school's."""
    number = bare_number(text)
    return SCHOOL + number if number else login_in(text)


def kind_of(login: str) -> dict[str, Any]:
    """The catalogue's entry for the kind of a canonical login."""
    kind: dict[str, Any] = catalogue.logins()["kinds"][login.rstrip("0123456789")]
    return kind


def bare_number(text: str) -> str | None:
    """Digits of a login written without its letters, `190003` or `190003.0`; None for anything else."""
    match = re.fullmatch(rf"\s*([0-9]{{{catalogue.logins()['digits']}}})(?:[.,]0+)?\s*", text)
    return match[1] if match else None


def _places(text: str) -> list[re.Match[str]]:
    if not any(c.isdigit() for c in text):  # most texts; the pattern would look at every letter of them
        return []
    return [match for match in _read()[0].finditer(text) if _canonical(match)]


def _canonical(match: re.Match[str]) -> str:
    """A login as it is kept; "" where so few digits are left that it is rather a word."""
    _, canonical, letters, digits = _read()
    spelled, number = match["kind"].lower(), match["number"].lower()
    kind = canonical.get(spelled) or canonical.get(spelled.translate(letters), "")
    return kind + number.translate(digits) if kind and sum(map(str.isdigit, number)) * 2 >= len(number) else ""
