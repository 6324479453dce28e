"""Which subjects a text names, whatever the case, the order and the shortening: the one recogniser for cells, titles,
paths, sheets and manifests of every procedure.

A level («углублённый») makes another work, and so another subject, where the procedure has one (`subjects.csv`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from msoko_pipeline.text import levels
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.spelling import normal
from msoko_pipeline.text.words import LOOKALIKES, Mention, Token, Word, fold, tokens
from schemas import catalogue

VPR, GIA, VSOSH = "vpr", "gia", "vsosh"
SHORT = 3  # letters of what is a code: РУ, ИНФ


def subject_of(text: str, procedure: str = VPR) -> str | None:
    """Code of the subject that a text is the name of: `Русскому языку` → RU, `Математика (база)` → MB of ЕГЭ."""
    listed = catalogue.subject_spellings(procedure).get(_plain(text))
    if listed is not None:
        return listed
    return _whole(text, procedure)


def profile_of(text: str, procedure: str = VSOSH) -> tuple[str | None, str | None]:
    """The subject and the profile beside it: `Труд (технология): робототехника` → TE, `робототехника`."""
    if (code := subject_of(text, procedure)) is not None:
        return code, None
    plain = normal(text)
    for match in re.finditer(r"[(:.,\"]|\s-\s", plain):
        head, rest = plain[: match.start()], plain[match.start() :].strip(' -():.,"')
        code = subject_of(head, procedure)
        if code is not None and rest and not subjects_in(rest, procedure):
            return code, rest
    return None, None


def subjects_in(text: str, procedure: str = VPR) -> tuple[str, ...]:
    """Codes of the subjects named among other words, in their order; a code alone counts where no word does.

    A level that this procedure does not have makes «предмет + level», `IS+advanced`, which is no code.
    """
    return _in_text(text, procedure)[0]


@lru_cache(5_000)
def _in_text(text: str, procedure: str) -> tuple[tuple[str, ...], tuple[Mention, ...], tuple[Token, ...]]:
    words = tokens(text)
    named = mentions(words, procedure)
    words, named = levels.without_schools(words, named)
    return tuple(dict.fromkeys(levels.codes(words, named, procedure))), tuple(named), tuple(words)


def located(text: str, procedure: str = VPR) -> tuple[tuple[Token, ...], tuple[Mention, ...]]:
    """The tokens of a text and where subjects stand among them."""
    _, named, words = _in_text(text, procedure)
    return words, named


def mentions(words: list[Token], procedure: str) -> list[Mention]:
    """Subjects among tokens, the longest name at each place; what stands in brackets after one explains it."""
    spelled: list[Mention] = []
    at = 0
    while at < len(words):
        best = max((m for m in _from(words, at, procedure)), key=lambda m: m.end, default=None)
        if best is not None and not _is_explanation(words, best, spelled) and not _is_other(words, best):
            spelled.append(best)
        at = best.end if best is not None else at + 1
    codes = [m for at in range(len(words)) if (m := _code_at(words, at, procedure))]
    free = [m for m in codes if not any(m.start < s.end and s.start < m.end for s in spelled)]
    mentioned = [*spelled, *(m for m in free if not m.is_bare)] or free
    return sorted(mentioned, key=lambda m: m.start)


def _plain(text: str) -> str:
    return normal(text).strip(" .")


def _whole(text: str, procedure: str) -> str | None:
    words = tokens(text)
    named = mentions(words, procedure)
    codes = set(levels.codes(words, named, procedure))
    taken = {at for m in named for at in range(m.start, m.end)}
    letters = () if codes == {m.code for m in named} else levels.letters()
    rest = [word for at, word in enumerate(words) if at not in taken and word.text not in letters]
    beside = all(not w.text.isalnum() or any(b.is_at(w) for b in _words("beside")) or levels.of_word(w) for w in rest)
    code = next(iter(codes), "")
    return code if len(codes) == 1 and beside and code in catalogue.subjects_of(procedure) else None


@cache
def _words(name: str) -> tuple[Word, ...]:
    return tuple(Word(word) for word in catalogue.work_words()["subjects"][name])


@dataclass(frozen=True)
class _Spelling:
    words: tuple[Word, ...]
    code: str


@cache
def _spellings(procedure: str) -> tuple[_Spelling, ...]:
    """Names of subjects as words, without codes and short forms, which are looked up."""
    listed = catalogue.subject_spellings(procedure).items()
    split = ((tuple(Word(t.text) for t in tokens(name) if t.is_word), code) for name, code in listed)
    return tuple(
        _Spelling(words, code) for words, code in split if words and len("".join(w.text for w in words)) > SHORT
    )


@cache
def _codes(procedure: str) -> dict[str, str]:
    """Codes and short forms, also transliterated (`okr`) → subject."""
    listed = {name: code for name, code in catalogue.subject_spellings(procedure).items() if len(name) <= SHORT}
    return {fold(name): code for name, code in listed.items()} | listed


@lru_cache(20_000)
def _begin(word: Token, procedure: str) -> tuple[_Spelling, ...]:
    """Spellings whose first word a token may be."""
    least = _rule("contracted")
    return tuple(s for s in _spellings(procedure) if s.words[0].is_at(word) or s.words[0].begins_with(word, least))


def _rule(name: str) -> Any:
    return catalogue.work_words()["subjects"][name]


def _from(words: list[Token], at: int, procedure: str) -> Iterable[Mention]:
    for spelling in _begin(words[at], procedure) if words[at].is_word else ():
        if end := _matched(words, at, spelling):
            yield Mention(spelling.code, at, end)


def _matched(words: list[Token], at: int, spelling: _Spelling) -> int | None:
    """Where a spelling that begins at a token ends."""
    if len(spelling.words) == 1:
        return _single(words, at, spelling.words[0])
    end = at
    for number, word in enumerate(spelling.words):
        while number and end < len(words) and words[end].text in (".", "-", "_"):
            end += 1
        if end >= len(words):
            return None
        if not word.is_at(words[end]) and not word.begins_with(words[end], _rule("shortest") - bool(number)):
            return None
        end += 1
    return end


def _single(words: list[Token], at: int, word: Word) -> int | None:
    """Where a subject of one word that begins at a token ends."""
    token, signs = words[at], [w.text for w in words[at + 1 : at + 2] if not w.spaced]
    hyphened = words[at + 2] if signs == ["-"] and at + 2 < len(words) and not words[at + 2].spaced else None
    if hyphened is not None and word.contracts_to(token, hyphened, _rule("contracted")):
        return at + 3
    if not word.is_at(token):
        return at + 1 if _is_shortened(token, word, signs == ["."]) else None
    compound = hyphened is not None and hyphened.is_word and token.text.endswith("о")  # «физико-математический»
    feminine = word.is_adjective and not token.is_latin and not token.text.endswith(tuple(_rule("masculine")))
    return None if compound or feminine or not _is_meant(words, at, word) else at + 1


def _is_shortened(token: Token, word: Word, stopped: bool) -> bool:
    """Whether a token is the beginning of a word: a long one, or one with a full stop."""
    if word.begins_with(token, _rule("alone") + (not stopped)):
        return True
    return stopped and word.begins_with(token, _rule("shortest")) and not _is_careful(word)


def _is_meant(words: list[Token], at: int, word: Word) -> bool:
    """Whether a word of other things too is a subject here: as it is listed, alone, or after «по»."""
    if not _is_careful(word) or words[at].text == word.text or len(words) == 1:
        return True
    before = at - 1 - (at > 1 and words[at - 1].text == '"')
    return before >= 0 and words[before].text in _rule("before")


def _is_careful(word: Word) -> bool:
    return word.text in _rule("careful")


def _is_explanation(words: list[Token], one: Mention, before: list[Mention]) -> bool:
    """Whether a name stands in brackets right after another: «Обществознание (включая экономику)»."""
    opened = max((at for at in range(one.start) if words[at].text == "("), default=None)
    if opened is None or any(words[at].text == ")" for at in range(opened, one.start)):
        return False
    return any(m.end == opened and m.code != one.code for m in before)


def _is_other(words: list[Token], one: Mention) -> bool:
    """Whether the words around make it another subject: «родной (русский) язык»."""
    around = words[max(0, one.start - 3) : one.end + 2]
    return any(word.is_at(token) for token in around for word in _words("other_with"))


def _code_at(words: list[Token], at: int, procedure: str) -> Mention | None:
    token, codes = words[at], _codes(procedure)
    if not token.is_word or len(token.text) > SHORT:
        return None
    text = token.text if token.text in codes else token.text.translate(LOOKALIKES)
    code = codes.get(text) or levels.with_letter(text, codes, procedure)
    if code is None:
        return None
    mention = Mention(code, at, at + 1)
    mention = replace(mention, is_bare=not any(map(_is_grade, _next_to(words, mention))))
    if mention.is_bare and text not in codes:
        return None  # «МАУ» is a kind of organisation
    is_capital = token.raw.isupper() and not all(w.raw.isupper() for w in words if w.is_word and len(w.text) > SHORT)
    is_alone = sum(w.is_word for w in words) == 1
    plain = token.text not in _rule("words") or (is_capital or is_alone or _glued(words, mention))
    return mention if plain else None


def _glued(words: list[Token], one: Mention) -> bool:
    after = words[one.end : one.end + 2]
    return bool(after) and not after[0].spaced and any(_is_grade(w) for w in after)


def _is_grade(word: Token) -> bool:
    return word.number is not None and word.number in catalogue.work_words()["grades"]


def _next_to(words: list[Token], one: Mention) -> list[Token]:
    """The tokens before and after a mention, hyphens, underscores and commas passed over."""
    around = []
    for step, at in ((-1, one.start - 1), (1, one.end)):
        while 0 <= at < len(words) and words[at].text in ("-", "_", ".", ","):
            at += step
        if 0 <= at < len(words):
            around.append(words[at])
    return around


def next_to(words: tuple[Token, ...], one: Mention) -> list[Token]:
    """The tokens before and after a mention."""
    return _next_to(list(words), one)


def in_words(codes: Iterable[str]) -> str:
    """Subjects as messages name them."""
    titles = catalogue.subjects()
    parts = (code.partition("+") for code in codes)
    return ", ".join(f"«{titles[code]}»" + " (углублённый уровень)" * bool(level) for code, _, level in parts)
