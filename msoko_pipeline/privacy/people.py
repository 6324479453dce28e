"""Names of people in a text: which of its words are, from what each may be by itself and what stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from msoko_pipeline.privacy.name_words import (
    Sort,
    ends_as_surname,
    is_of_dictionary,
    is_surname_like,
    names,
    plain,
    sort_of,
)
from msoko_pipeline.text import linear as re
from schemas import catalogue
from schemas.vocabulary import vocabulary

_TOKEN = re.compile(
    r"[^\W\d_a-zа-яё]?[a-zа-яё]+(?:[-'’][^\W\d_]+){0,3}"  # Иванова, анна, Римская-Корсакова
    r"|[^\W\d_a-zа-яё]+(?:[-'’][^\W\d_]+){0,3}(?![a-zа-яё])"  # ИВАНОВА
    r"|[^\W\d_]"
)
SHORTEST_PAIR = 6  # letters of two unknown words that are a name: shorter ones may be abbreviations
_BETWEEN = re.compile(r"[\s,._]{1,3}|")
"""What stands between the parts of one name."""
_LONE = re.compile(r"[\W\d_]*(?:кл(?:асс)?\.?)?[\W\d_]*[а-яё]?\W*", re.IGNORECASE)
"""What may stand beside a name that is a cell's only word: a number, a class."""


@dataclass
class _Token:
    start: int
    end: int
    text: str
    sort: Sort
    is_initial: bool
    is_hidden: bool = False

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def may_be_named(self) -> bool:
        return self.sort is not Sort.WORD and not self.is_initial


@lru_cache(20_000)
def spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where people are named in a text: (start, end) of each name, neighbours joined."""
    tokens = [
        _Token(m.start(), m.end(), m[0], sort_of(m[0]), is_initial=_is_initial(text, m)) for m in _TOKEN.finditer(text)
    ]
    groups = list(_groups(text, tokens))
    for group in groups:
        _mark(group)
    _mark_among_others(text, tokens)
    for group in groups:
        _extend(group)
    _mark_lone(text, tokens)
    return tuple(_joined(text, tokens))


def _is_initial(text: str, word: re.Match[str]) -> bool:
    """A capital letter alone, but for that of a class («4Б»)."""
    return len(word[0]) == 1 and word[0].isupper() and not text[max(0, word.start() - 1) : word.start()].isdigit()


def _groups(text: str, tokens: list[_Token]) -> Iterator[list[_Token]]:
    """Runs of words with nothing but spaces, commas and full stops between them."""
    group: list[_Token] = []
    for token in tokens:
        if group and not _BETWEEN.fullmatch(text[group[-1].end : token.start]):
            yield group
            group = []
        group.append(token)
    if group:
        yield group


def _mark(group: list[_Token]) -> None:
    """Mark the words of a run that are somebody's name."""
    for number, token in enumerate(group):
        if token.sort is Sort.NAME or token.sort is Sort.PATRONYMIC:
            token.is_hidden = not (_is_eponym(group, number) or _is_of_a_place(group, number))
    for number, token in enumerate(group):
        if token.is_hidden and token.sort is Sort.PATRONYMIC:
            _hide(group, range(number - 1, number - 3, -1), lambda near: not _is_role(near))
            _hide(group, range(number + 1, number + 2), lambda near: near.may_be_named and near.is_capital)
    for number, token in enumerate(group):
        if token.is_initial:
            _mark_by_initial(group, number)
    for one, other in pairwise(group):
        if _is_pair(one, other):
            one.is_hidden = other.is_hidden = True


def _extend(group: list[_Token]) -> None:
    """Hide what goes with the names of a run: initials, suffixes, other parts of the name."""
    for number, token in enumerate(group):
        if token.is_hidden and not token.is_initial:
            _hide(group, range(number - 1, number - 3, -1), _goes_with_a_name)
            _hide(group, range(number + 1, number + 3), _goes_with_a_name)


def _hide(group: list[_Token], places: range, fits: Callable[[_Token], bool]) -> None:
    """Hide the neighbours one after another as long as they fit."""
    for place in places:
        if not 0 <= place < len(group) or not fits(group[place]):
            return
        group[place].is_hidden = True


def _goes_with_a_name(token: _Token) -> bool:
    """A word beside a name: an initial, a suffix, a part of the name that is another word too."""
    if token.is_initial or plain(token.text) in catalogue.privacy()["suffixes"]:
        return True
    if plain(token.text) in names():
        return True
    if _is_role(token) or _is_ordinary(token):
        return token.may_be_named
    return token.may_be_named or token.is_capital or ends_as_surname(token.text)


def _mark_by_initial(group: list[_Token], number: int) -> None:
    """A surname before or after one or two initials."""
    initials = [place for place in (number - 1, number, number + 1) if _at(group, place, initial=True)]
    for place in (initials[0] - 1, initials[-1] + 1):
        near = _at(group, place)
        if near is None or not near.is_capital or _is_ordinary(near) or _is_eponym(group, place):
            continue
        if near.may_be_named or len(initials) > 1:
            near.is_hidden = True
            for beside in initials:
                group[beside].is_hidden = True


def _at(group: list[_Token], place: int, *, initial: bool = False) -> _Token | None:
    if not 0 <= place < len(group) or group[place].is_initial is not initial:
        return None
    return group[place]


def _is_pair(one: _Token, other: _Token) -> bool:
    """Two capitalised words side by side of which either may be a name and neither is an ordinary word."""
    if not (one.may_be_named and other.may_be_named and one.is_capital and other.is_capital):
        return False
    if {one.sort, other.sort} != {Sort.UNKNOWN}:
        return True
    are_abbreviations = (
        one.text.isupper() and other.text.isupper() and max(len(one.text), len(other.text)) < SHORTEST_PAIR
    )
    return not are_abbreviations and len(one.text) + len(other.text) >= SHORTEST_PAIR


def _is_of_a_place(group: list[_Token], number: int) -> bool:
    """Whether an adjective that no dictionary has belongs to a school or a district: «Копьёвская СОШ»."""
    following = plain(group[number + 1].text) if number + 1 < len(group) else ""
    if following not in catalogue.privacy()["institutions"] or is_of_dictionary(group[number].text):
        return False
    return re.search(r"[сц]к(?:ий|ая|ое|ого|ому|им|ом|ой|ую)$", plain(group[number].text)) is not None


def _is_eponym(group: list[_Token], number: int) -> bool:
    """Whether a name is that of a school, a prize or a law: «имени Н. Г. Булакина», «элементов Д. И. Менделеева»."""
    eponyms = catalogue.privacy()["eponyms"]
    before = group[max(0, number - 3) : number]
    if any(plain(token.text) in eponyms["open"] for token in before):
        return True
    if not before or not _is_famous(group[number].text):
        return False
    words = [plain(token.text) for token in before if not token.is_initial]
    return plain(before[-1].text) in eponyms["before"] or any(word in eponyms["laws"] for word in words[-1:])


@lru_cache(1_000)
def _is_famous(word: str) -> bool:
    lower = plain(word)
    people: list[str] = catalogue.privacy()["eponyms"]["people"]
    return any(lower.startswith(name[:-1]) and len(lower) - len(name) < 3 for name in people)


@cache
def _roles() -> frozenset[str]:
    return frozenset(catalogue.privacy()["roles"])


def _is_role(token: _Token) -> bool:
    return plain(token.text) in _roles()


def _is_ordinary(token: _Token) -> bool:
    return plain(token.text) in vocabulary()


def _mark_among_others(text: str, tokens: list[_Token]) -> None:
    """A capital letter inside a phrase makes a name of a word that may be one («список Мороз»), unless it is quoted or
    every word has one; so does a second capitalised word that is all the rest («Пробников Тест»).
    """
    words = [token for token in tokens if not token.is_initial]
    for before, token in pairwise(words):
        between = text[before.end : token.start]
        is_inside = before.text[-1].islower() and _BETWEEN.fullmatch(between) is not None and "." not in between
        is_person = token.sort is Sort.MAYBE or (token.sort is Sort.PLACE and _is_of_people(before, token))
        eponyms = catalogue.privacy()["eponyms"]
        is_prize = plain(before.text) in (*eponyms["before"], *eponyms["laws"]) and _is_famous(token.text)
        token.is_hidden = token.is_hidden or (is_inside and is_person and _is_title(token) and not is_prize)
    is_alone = 2 <= len(words) <= 3 and all(_BETWEEN.fullmatch(text[a.end : b.start]) for a, b in pairwise(words))
    if is_alone and all(map(_is_title, words)) and any(token.sort is Sort.MAYBE for token in words):
        for token in words:
            token.is_hidden = token.is_hidden or not any(map(_is_role, words))


def _is_of_people(before: _Token, place: _Token) -> bool:
    """Whether a place spelled like a surname is rather one: no word such as «город» before it."""
    return is_surname_like(place.text) and plain(before.text) not in catalogue.privacy()["places"]


def _is_title(token: _Token) -> bool:
    return token.is_capital and token.text[1:].islower()


def _mark_lone(text: str, tokens: list[_Token]) -> None:
    """A cell whose only word may be a name, beside numbers and a class: «Ким 12», «Мороз 4 класс»."""
    longer = [token for token in tokens if len(token.text) > 1 and plain(token.text) not in ("кл", "класс")]
    if len(longer) != 1 or longer[0].sort not in (Sort.MAYBE, Sort.PLACE) or not longer[0].is_capital:
        return
    only = longer[0]
    if only.sort is Sort.PLACE and not is_surname_like(only.text):
        return
    if _LONE.fullmatch(text[: only.start]) and _LONE.fullmatch(text[only.end :]):
        only.is_hidden = True


def _joined(text: str, tokens: list[_Token]) -> Iterator[tuple[int, int]]:
    start = end = -1
    for token in tokens:
        if not token.is_hidden:
            continue
        if end >= 0 and _BETWEEN.fullmatch(text[end : token.start]) and text[end : token.start].count(",") == 0:
            end = token.end
        else:
            if end >= 0:
                yield start, end
            start, end = token.start, token.end
        if token.is_initial and text[end : end + 1] == ".":
            end += 1
    if end >= 0:
        yield start, end
