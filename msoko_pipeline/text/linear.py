"""Regular expressions over the text of files: the one place where they are compiled.

The library's own matcher may take the square of a text's length and worse, so that one crafted cell costs minutes. A
pattern made here looks at short texts, nearly all there are, with the library, which is faster at them, and at longer
ones with RE2, whose work grows with the text. What RE2 cannot express (look-around, `\\b` of Cyrillic) stays with the
library; tests/unit/test_linear.py measures how the work of every pattern grows. Used under the library's own name:
`from msoko_pipeline.text import linear as re`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from re import DOTALL as DOTALL
from re import IGNORECASE as IGNORECASE
from re import MULTILINE as MULTILINE
from re import Match as Match
from re import escape as escape
from typing import Any, AnyStr, Protocol, overload

SHORT = 200  # characters: even the cube of it is a tenth of a second
MOST_PATTERNS = 4096  # several times as many as code and layouts have

_NOT_OF_RE2 = re.compile(r"\(\?<?[=!]|\(\?>|[*+?}]\+|\\[bBZ]")
"""Look-around, atomic groups, possessive repetition, and a word's edge, which RE2 sees between ASCII letters only."""
_BY_NUMBER = re.compile(r"\\u([0-9a-fA-F]{4})")
_LETTER, _LETTER_OF_RE2 = r"[^\W\d_]", r"[\p{L}\p{Nl}\p{No}]"
_SPACE = r"\t-\r\x1c-\x20\x85\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
_NO_WORD = (
    r"\p{M}\p{S}\p{Z}\p{C}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}"
    r"\x{203f}\x{2040}\x{2054}\x{fe33}\x{fe34}\x{fe4d}-\x{fe4f}\x{ff3f}"
)
_NO_SPACE = (
    r"\x00-\x08\x0e-\x1b\x21-\x84\x86-\x9f\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}"
    r"\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff}"
)
_CLASSES = {"d": r"\p{Nd}", "s": _SPACE, "w": r"\p{L}\p{N}_", "D": r"\P{Nd}", "S": _NO_SPACE, "W": _NO_WORD}
"""What stands for `\\d`, `\\s` and so on inside brackets: RE2 knows them of ASCII only."""


class Pattern(Protocol[AnyStr]):
    """What a compiled expression does, as in the library."""

    @property
    def pattern(self) -> AnyStr: ...
    def search(self, text: AnyStr, /) -> Match[AnyStr] | None: ...
    def match(self, text: AnyStr, pos: int = 0, /) -> Match[AnyStr] | None: ...
    def fullmatch(self, text: AnyStr, /) -> Match[AnyStr] | None: ...
    def finditer(self, text: AnyStr, /) -> Iterator[Match[AnyStr]]: ...
    def findall(self, text: AnyStr, /) -> list[Any]: ...
    def split(self, text: AnyStr, /) -> list[AnyStr | Any]: ...
    def sub(self, replacement: AnyStr | Callable[[Match[AnyStr]], AnyStr], text: AnyStr, /) -> AnyStr: ...


class Linear:
    """An expression that RE2 can express. short, long: the library's and RE2's."""

    def __init__(self, short: re.Pattern[str], spelled: str) -> None:
        self.short, self.spelled, self.pattern = short, spelled, short.pattern

    @cached_property
    def long(self) -> Any:
        import re2

        options = re2.Options()
        options.log_errors = False
        return re2.compile(self.spelled, options)

    def search(self, text: str, /) -> Match[str] | None:
        return (self.short if len(text) <= SHORT else self.long).search(text)

    def match(self, text: str, pos: int = 0, /) -> Match[str] | None:
        return (self.short if len(text) <= SHORT else self.long).match(text, pos)

    def fullmatch(self, text: str, /) -> Match[str] | None:
        return (self.short if len(text) <= SHORT else self.long).fullmatch(text)

    def finditer(self, text: str, /) -> Iterator[Match[str]]:
        return (self.short if len(text) <= SHORT else self.long).finditer(text)

    def findall(self, text: str, /) -> list[Any]:
        return (self.short if len(text) <= SHORT else self.long).findall(text)

    def split(self, text: str, /) -> list[str | Any]:
        return (self.short if len(text) <= SHORT else self.long).split(text)

    def sub(self, replacement: str | Callable[[Match[str]], str], text: str, /) -> str:
        return (self.short if len(text) <= SHORT else self.long).sub(replacement, text)


@overload
def compile(pattern: str, flags: int = 0) -> Pattern[str]: ...
@overload
def compile(pattern: bytes, flags: int = 0) -> re.Pattern[bytes]: ...
def compile(pattern: str | bytes, flags: int = 0) -> Pattern[str] | re.Pattern[bytes]:
    """The pattern, ready for use. One of bytes looks at markup piece by piece and is the library's."""
    return re.compile(pattern, flags) if isinstance(pattern, bytes) else _compiled(pattern, int(flags))


@lru_cache(MOST_PATTERNS)
def _compiled(pattern: str, flags: int) -> Pattern[str]:
    plain = re.compile(pattern, flags)
    spelled = of_re2(pattern, flags)
    return plain if spelled is None else Linear(plain, spelled)


def of_re2(pattern: str, flags: int = 0) -> str | None:
    """The pattern as RE2 spells it, its classes of all Unicode; None where RE2 cannot express it."""
    if _NOT_OF_RE2.search(pattern):
        return None
    signs = iter(_BY_NUMBER.sub(r"\\x{\1}", pattern.replace(_LETTER, _LETTER_OF_RE2)))
    spelled: list[str] = []
    opened = -1  # where the brackets begin in which we are
    for sign in signs:
        if sign == "\\":
            sign = _escaped(next(signs), is_inside=opened >= 0)
        elif opened < 0:
            opened = len(spelled) if sign == "[" else -1
        elif sign == "]" and "".join(spelled[opened:]) not in ("[", "[^"):
            opened = -1
        elif sign == "[":
            sign = r"\["
        spelled.append(sign)
    letters = "".join(letter for letter, flag in (("i", IGNORECASE), ("m", MULTILINE), ("s", DOTALL)) if flags & flag)
    return (f"(?{letters})" if letters else "") + "".join(spelled)


def _escaped(sign: str, *, is_inside: bool) -> str:
    """A class that is named by a letter, of all Unicode; any other escaped sign as it stands."""
    if sign in _CLASSES:
        return _CLASSES[sign] if is_inside else f"[{_CLASSES[sign]}]"
    return f"\\{sign}"


def search(pattern: str, text: str, flags: int = 0) -> Match[str] | None:
    return _compiled(pattern, flags).search(text)


def match(pattern: str, text: str, flags: int = 0) -> Match[str] | None:
    return _compiled(pattern, flags).match(text)


def fullmatch(pattern: str, text: str, flags: int = 0) -> Match[str] | None:
    return _compiled(pattern, flags).fullmatch(text)


def finditer(pattern: str, text: str, flags: int = 0) -> Iterator[Match[str]]:
    return _compiled(pattern, flags).finditer(text)


def findall(pattern: str, text: str, flags: int = 0) -> list[Any]:
    return _compiled(pattern, flags).findall(text)


def split(pattern: str, text: str, flags: int = 0) -> list[str | Any]:
    return _compiled(pattern, flags).split(text)


def sub(pattern: str, replacement: str | Callable[[Match[str]], str], text: str, flags: int = 0) -> str:
    return _compiled(pattern, flags).sub(replacement, text)
