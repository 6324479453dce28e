"""Words that the project itself uses in tables: none of them is taken for a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from schemas import catalogue
from schemas.kinds import REGISTERS

_NOT_WORDS = re.compile(r"(?:#|\bsource:|\bexample:).*")
"""Comments, sources and examples of the data: people may be named in them."""
_WORD = re.compile(r"[^\W\d_]{2,}")


@cache
def vocabulary() -> frozenset[str]:
    """Every word of the data beside the models and of the registers that may stand in a table: lower case, е for ё."""
    declared = catalogue.privacy()
    words: set[str] = set()
    for text in _texts(declared["vocabulary"]):
        words |= set(_WORD.findall(text.lower().replace("ё", "е")))
    names = [name for line in declared["names"].values() for name in line.split()]
    words = words.difference(names, declared["not_ordinary"])
    return frozenset({*words, *declared["roles"], *declared["ordinary"], *declared["eponyms"]["before"]})


def _texts(patterns: list[str]) -> Iterator[str]:
    """What may be read for words: the files beside the models, and what the registers say of themselves."""
    for pattern in patterns:
        for path in catalogue.LAYOUTS.glob(pattern):
            yield _NOT_WORDS.sub("", path.read_text(encoding="utf-8").lower())
    for declared in REGISTERS.values():
        yield from (declared.name, declared.title, declared.file, declared.sheet, declared.about, *declared.beside)
        for spec, written in declared.columns.values():
            yield from (spec.name, spec.title, written.hint, *written.also, *written.choices, *(spec.codes or ()))
