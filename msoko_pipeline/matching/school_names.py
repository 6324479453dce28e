"""A school's name taken apart: what kind of school, which number, and what is left to tell it by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from msoko_pipeline.text import linear as re
from msoko_pipeline.text.lookalikes import LOOKALIKES
from msoko_pipeline.text.spelling import normal
from schemas import catalogue

_BARE_NUMBER = re.compile(r"(?<![\d-])(\d{1,4})(?![\d-]|\s*лет)")

Stems = tuple[str, ...]


@dataclass(frozen=True)
class Name:
    """kind: of `organisation/matching.yaml`, "" where the name does not say; numbers: of the school; words: what is
    left, in its order, each as its possible stems; district: the same of «… района», which may be missing elsewhere;
    honours: the same of whom it is named after.
    """

    kind: str
    numbers: frozenset[str]
    words: tuple[Stems, ...]
    district: tuple[Stems, ...]
    honours: tuple[Stems, ...] = ()

    @property
    def core(self) -> tuple[Stems, ...]:
        """What identifies the school: its own words, or the district where there are none."""
        return self.words or self.district


@cache
def _rules() -> dict[str, Any]:
    rules = catalogue.matching()
    return {
        "kinds": {kind: re.compile(pattern) for kind, pattern in rules["kinds"].items()},
        "numbers": re.compile(rules["numbers"]),
        "named": re.compile(rules["named"]),
        "noise": [re.compile(pattern) for pattern in rules["noise"]],
        "district": re.compile(rules["district"]),
        **{name: re.compile(rules[name]) for name in ("adjective", "vowels", "suffix")},
        "least": rules["least_stem"],
        "short": rules["short_word"],
    }


@lru_cache(100_000)
def parse(text: str) -> Name:
    """`МБОУ «СОШ № 3» г. Черногорска` → сош, {3}, черногор…."""
    rules = _rules()
    plain = normal(text.upper().translate(LOOKALIKES)).replace('"', " ")
    numbers = frozenset(number for sign in rules["numbers"].finditer(plain) for number in re.findall(r"\d+", sign[0]))
    whole = rules["numbers"].sub(" ", plain)
    after = rules["named"].search(whole)
    rest = rules["named"].sub(" ", whole)
    if not numbers:
        numbers = frozenset(_BARE_NUMBER.findall(rest))  # without a sign
    rest = re.sub(r"\d+", " ", rest)
    kind = next((kind for kind, pattern in rules["kinds"].items() if pattern.search(rest)), "")
    if kind:
        rest = rules["kinds"][kind].sub(" ", rest)
    district = tuple(stems(word) for word in rules["district"].findall(rest))
    rest = rules["district"].sub(" ", rest)
    for pattern in rules["noise"]:
        rest = pattern.sub(" ", rest)
    words = [word for word in re.findall(r"[а-яa-z]+", rest) if len(word) > 1]
    honours = re.findall(r"[а-яa-z-]{4,}", re.sub(r"^имени", "", after[0])) if after else []
    return Name(kind, numbers, tuple(map(stems, words)), district, tuple(map(stems, honours)))


def stems(word: str) -> Stems:
    """What two forms of a word share: `малоритская` and `малорита` → `малорит`; with and without a suffix, where that
    leaves a word.
    """
    base = word
    for ending in ("adjective", "vowels"):
        base = _cut(base, ending)
    shorter = _cut(_cut(base, "suffix"), "vowels")
    return (base, shorter) if _rules()["short"] < len(shorter) < len(base) else (base,)


def _cut(word: str, ending: str) -> str:
    """The word without an ending of this kind, where enough of it is left."""
    rules = _rules()
    cut: str = rules[ending].sub("", word)
    return cut if len(cut) >= rules["least"] else word
