"""What may be repeated of a cell: in a message, in the quarantine, in the kept cells, in a name of a file or a sheet.

Two rules. `unnamed` is for texts in which words belong (titles, remarks, names of schools, sheets and files): whoever
is named in them is hidden, the rest stays. `repeated` is for cells of numbers, codes and lists: a number, a date, a
code, ordinary words; of anything else only the kind is named.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msoko_pipeline.privacy import contacts, people
from msoko_pipeline.privacy.name_words import Sort, is_declined_like_surname, is_of_dictionary, plain, sort_of
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.hidden import hidden, what_is_hidden, without_hidden
from msoko_pipeline.text.logins import login_in
from msoko_pipeline.text.signs import in_line
from schemas import catalogue
from schemas.vocabulary import vocabulary

NAME = hidden("похоже на имя")
DIGITS = 5  # of a number that may be repeated where the column does not allow longer ones
NEAR = 84  # likeness (0–100) to a word of the list from which a word is taken for a slip of the pen
NEARER, LONG = 92, 8  # so like, and of so many letters, where it ends as names do: «победиель»
LONGEST = 200  # signs of a cell that may be repeated
SHORTEST = 5  # letters of a word that may be one

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_NAMELESS = re.compile(r"[\W\d_]*")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_RUN = re.compile(r"\d+")
_NUMBER = re.compile(r"[-+−]?(?:\d{1,12}|\d{1,3}(?:[ \u00a0]\d{3}){1,3})(?:[.,]\d{1,15})?\s?%?")
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?"
    r"|(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:19|20)?\d{2}(?: ?г\.?)?"
)
_CODE = re.compile(
    r"reg\d{1,3}(?:_m\d{1,4})?|(?P<before>[a-zа-яё]{1,3})[-./ ]?\d{1,4}(?:[-./]\d{1,4})?[a-zа-яё]?"
    r"|\d{1,4}[-./ ]?[\"«]?(?P<after>[a-zа-яё]{1,3})[\"»]?",
    re.IGNORECASE,
)
_FORMULA = re.compile(
    r"#[A-ZА-Я/0!?]{2,10}|=(?:[-+*/,;:. ()$]|\d{1,4}|[A-Z]{1,3}\$?\d{1,5}|[A-ZА-Я.]{2,20}(?=\()){1,60}"
)
"""An error of Excel, a formula of numbers and references."""
_LOGIN = re.compile(r"[^\W\d_]{3,6}[\s_.:№-]{0,3}\d{6}")


def unnamed(text: str, title: str = "") -> str:
    """A text without people in it: names, documents, phones, addresses; what stays reads as it stood.

    title: header of the text's column.
    """
    if _NAMELESS.fullmatch(text) and sum(map(str.isdigit, text)) < 5:
        return text
    return _unnamed(text, title)


@lru_cache(20_000)
def _unnamed(text: str, title: str) -> str:
    seen = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
    marks = [(start, end, hidden(kind)) for start, end, kind in contacts.spans(seen, title)]
    marks += [
        (start, end, NAME)
        for start, end in people.spans(seen)
        if not any(start < other and first < end for first, other, _ in marks)
    ]
    if not marks:
        return text
    parts, at = [], 0
    for start, end, instead in sorted(marks):
        parts += [seen[at:start], instead]
        at = end
    return "".join([*parts, seen[at:]])


def unnamed_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """What a message or the ledger keeps of something, without people in its texts."""
    return {name: unnamed(detail) if isinstance(detail, str) else detail for name, detail in details.items()}


def unnamed_sheets(names: Iterable[str]) -> dict[str, str]:
    """Name of each sheet of a workbook → as it is kept and repeated: without people, unseen signs spelt out; hidden
    ones that would be alike are numbered.
    """
    shown: dict[str, str] = {}
    for name in names:
        hidden = in_line(unnamed(name))
        alike = sum(other != name and in_line(unnamed(other)) == hidden for other in shown)
        shown.setdefault(name, f"{hidden} ({alike + 1})" if hidden != name and alike else hidden)
    return shown


def has_person(text: str, title: str = "") -> bool:
    """Whether somebody is named in a text."""
    return unnamed(text, title) != text


def shown(text: str) -> str:
    """A cell in which words belong, as it may be repeated: hidden whole where somebody is named in it alone."""
    bare = unnamed(text)
    return NAME if bare != text and not _WORD.search(without_hidden(bare)) else bare


def repeated(text: str, listed: Collection[str] = (), digits: int = DIGITS) -> str:
    """A cell of numbers, codes or listed words, as it may be repeated; else its kind: `‹скрыто: 11 цифр›`.

    listed: words that the column takes; digits: how many a number in it may have.
    """
    return text if is_repeatable(text, tuple(listed), digits) else hidden(kind_of(text))


@lru_cache(50_000)
def is_repeatable(text: str, listed: Sequence[str] = (), digits: int = DIGITS) -> bool:
    """Whether nothing of a person can be in a cell that should be a number, a date, a code or a word of a list."""
    bare = text.strip()
    if not bare or _DATE.fullmatch(bare) or _FORMULA.fullmatch(bare):
        return True
    if listed and _as_listed(bare) in _listed(tuple(listed)):
        return True
    if _NUMBER.fullmatch(bare):
        return sum(map(str.isdigit, re.split("[.,]", bare)[0])) <= digits
    if (what := what_is_hidden(bare)) is not None:
        return not what or _is_kind(what)
    if any(len(run) > digits for run in _RUN.findall(bare)) and not _is_login(bare):
        return False
    if contacts.spans(bare):
        return False
    code = _CODE.fullmatch(bare)
    if _is_login(bare) or (code and not _may_be_a_name(code["before"] or code["after"] or "")):
        return True
    words = _WORD.findall(bare)
    is_plain = len(bare) <= LONGEST and all(_is_plain(word, listed) for word in words)
    return is_plain and (len(words) == 1 or not people.spans(bare))


def _is_login(text: str) -> bool:
    return _LOGIN.fullmatch(text) is not None and login_in(text) is not None


def _as_listed(text: str) -> str:
    return re.sub(r"\s+", " ", plain(text)).rstrip(".")


@lru_cache(200)
def _listed(listed: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_as_listed, listed))


def _may_be_a_name(letters: str) -> bool:
    return len(letters) > 1 and sort_of(letters.capitalize()) in (Sort.NAME, Sort.MAYBE)


def _is_plain(word: str, listed: Sequence[str]) -> bool:
    if len(word) == 1:
        return True
    sort, lower = sort_of(word), plain(word)
    if sort is Sort.WORD:
        is_ours = word.islower() and lower in vocabulary()
        return is_ours or not is_declined_like_surname(lower)
    is_unheard = sort not in (Sort.MAYBE, Sort.PLACE)
    return is_unheard and len(lower) >= SHORTEST and _is_near(lower, tuple(listed))


@lru_cache(5_000)
def _is_near(lower: str, listed: tuple[str, ...]) -> bool:
    """Whether a word that no list has differs from one of a list by a slip of the pen."""
    from rapidfuzz import fuzz, process

    is_like_a_name = sort_of(lower) in (Sort.NAME, Sort.PATRONYMIC)
    if is_like_a_name and (len(lower) < LONG or is_of_dictionary(lower)):
        return False
    choices = [plain(part) for spelling in listed for part in _WORD.findall(spelling)] or vocabulary()
    return (
        process.extractOne(lower, choices, scorer=fuzz.ratio, score_cutoff=NEARER if is_like_a_name else NEAR)
        is not None
    )


@lru_cache(5_000)
def kind_of(text: str) -> str:
    """What a cell is, in words that tell nothing of it: «11 цифр», «слово строчными, 7 букв»."""
    seen = _UNSEEN.sub("", text)
    marks = contacts.spans(seen)
    digits = sum(map(str.isdigit, seen))
    words = _WORD.findall(seen)
    if marks and words + [sign for sign in seen if sign in "+()"] and marks[0][2] not in ("снилс", "документ"):
        return marks[0][2]
    parts = [_words(words)] * bool(words) + [_counted(digits, "цифра", "цифры", "цифр")] * bool(digits)
    return ", ".join(parts) or _counted(len(seen), "знак", "знака", "знаков")


def _is_kind(what: str) -> bool:
    """Whether that is said of a hidden cell by us and not by who wrote the cell."""
    return hidden(what) == NAME or what in catalogue.privacy()["contacts"] or _KIND.fullmatch(what) is not None


_KIND = re.compile(
    r"(?:(?:\d{1,5}|слово|слова|слов|два|три|четыре|букв[аы]?|цифр[аы]?|знак(?:а|ов)?|строчными|прописными|с прописной)"
    r"(?:, | |$))+"
)
"""What `kind_of` says of a cell."""
_COUNTS = {2: "два", 3: "три", 4: "четыре"}


def _words(words: Sequence[str]) -> str:
    if len(words) == 1:
        word = words[0]
        case = "прописными" if word.isupper() and len(word) > 1 else "с прописной" if word[0].isupper() else "строчными"
        return f"слово {case}, {_counted(len(word), 'буква', 'буквы', 'букв')}"
    cases = {" прописными": str.isupper, " строчными": str.islower, " с прописной": lambda word: word[:1].isupper()}
    case = next((case for case, has in cases.items() if all(map(has, words))), "")
    count = _COUNTS.get(len(words))
    return (f"{count} слова" if count else _counted(len(words), "слово", "слова", "слов")) + case


def _counted(number: int, one: str, few: str, many: str) -> str:
    last, tens = number % 10, number % 100
    form = one if last == 1 and tens != 11 else few if last in (2, 3, 4) and not 12 <= tens <= 14 else many
    return f"{number} {form}"
