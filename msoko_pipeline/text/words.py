"""Words of a text as they are compared whatever their case, number, alphabet or shortening."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from msoko_pipeline.text import linear as re
from msoko_pipeline.text.spelling import normal
from schemas import catalogue

_TOKEN = re.compile(r"\d+|[^\W\d_]+(?:['’`ʹ][^\W\d_]+)*|[^\w\s]|_")
_CYRILLIC, _LATIN = re.compile("[а-я]"), re.compile("[a-z]")
LOOKALIKES = str.maketrans("abcehkmoptxy", "авсенкмортху")
_FOLDED = {
    **dict(zip("абвгдеёзийклмнопрстуфхыэ", "abvgdeeziiklmnoprstufhie", strict=True)),
    "ж": "zh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "sh",
    "ъ": "",
    "ь": "",
    "ю": "iu",
    "я": "ia",
}
_OF_LATIN = (("shch", "sh"), ("shh", "sh"), ("sch", "sh"), ("kh", "h"), ("x", "h"), ("ph", "f"), ("j", "i"), ("y", "i"))


@dataclass(frozen=True)
class Token:
    """A number, a word or a sign. raw: as written; text: lower-case, look-alike letters of one alphabet; key: what it
    is compared by; spaced: whether white space stands before it.
    """

    raw: str
    text: str
    key: str
    is_word: bool
    is_latin: bool
    spaced: bool

    @property
    def number(self) -> int | None:
        return int(self.text) if self.text.isdecimal() and len(self.text) <= 4 else None


@dataclass(frozen=True)
class Mention:
    """A subject named at tokens start…end (end excluded); is_bare: by a code without a class beside it."""

    code: str
    start: int
    end: int
    is_bare: bool = False


def tokens(text: str) -> list[Token]:
    """Words, numbers and signs in their order; white space is left out."""
    plain = re.sub("[\u00ad\u200b-\u200f\u2060\ufeff]", "", text)
    words, end = [], 0
    for match in _TOKEN.finditer(plain):
        words.append(_token(match[0], match.start() > end))
        end = match.end()
    return words


@lru_cache(20_000)
def _token(raw: str, spaced: bool) -> Token:
    text = normal(raw)
    if not raw[0].isalpha():
        return Token(raw, text, text, False, False, spaced)
    if _CYRILLIC.search(text) and _LATIN.search(text):
        text = text.translate(LOOKALIKES)
    latin = _LATIN.search(text) is not None
    return Token(raw, text, fold(text) if latin else stem(text), True, latin, spaced)


@cache
def _stemmer() -> Any:
    import snowballstemmer  # not at start-up: it loads every language it knows

    return snowballstemmer.stemmer("russian")


@lru_cache(20_000)
def stem(word: str) -> str:
    """What is common to all cases and numbers of a Russian word, folded: `математике` → `matematik`."""
    return fold(_stemmer().stemWord(word))


@lru_cache(20_000)
def fold(word: str) -> str:
    """A word in the least letters that every transliteration agrees on: `русский`, `russkij`, `russkiy` → `russki`."""
    text = "".join(_FOLDED.get(letter, letter) for letter in word.lower())
    for written, meant in _OF_LATIN:
        text = text.replace(written, meant)
    text = re.sub("c(?!h)", "ts", text)
    return re.sub("i+", "i", re.sub(r"['’`ʹ]", "", text))


@dataclass(frozen=True)
class Word:
    """A word to be looked for."""

    text: str

    @property
    def is_adjective(self) -> bool:
        """Whether it is a masculine adjective, which alone means something only as such: «русский»."""
        return self.text.endswith(("ский", "цкий"))

    def is_at(self, token: Token) -> bool:
        """Whether a token is this word in some form."""
        if not token.is_word:
            return False
        if not token.is_latin:
            return token.key == stem(self.text)
        if not _CYRILLIC.search(self.text):
            return token.key == fold(self.text)
        root = stem(self.text)
        return len(root) > 2 and token.key.startswith(root) and _ending().fullmatch(token.key[len(root) :]) is not None

    def begins_with(self, token: Token, letters: int) -> bool:
        """Whether a token is the first letters of this word, at least so many."""
        if not token.is_word or len(token.text) < letters or len(token.text) >= len(self.text):
            return False
        return fold(self.text).startswith(token.key if token.is_latin else fold(token.text))

    def contracts_to(self, first: Token, last: Token, letters: int) -> bool:
        """Whether two tokens beside a hyphen are its beginning and its end: «мат-ка»."""
        begins = self.begins_with(first, letters)
        return begins and last.is_word and not last.is_latin and self.text.endswith(last.text) and last.text != ""


@cache
def _ending() -> re.Pattern[str]:
    return re.compile(catalogue.work_words()["subjects"]["ending"])
