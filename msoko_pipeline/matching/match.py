"""References to schools against the register: login, code, ИНН, then the name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from msoko_pipeline.matching.school_names import Name, Stems, parse
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.cells import whole
from msoko_pipeline.text.logins import SCHOOL, logins_in, without_logins
from schemas import catalogue

COLUMNS = ["org_ref", "org_id", "method", "score", "status", "suggestions"]
CODES = {"oge_code": "code", "ege_code": "code", "inn": "inn"}
"""Column of the register → how a match by it is called."""


@dataclass(frozen=True)
class Spelling:
    """One of a school's names in the register."""

    org_id: str
    title: str
    name: Name
    exact: str


@dataclass
class Register:
    """The register ready for search. logins: each school's own and what else the register calls it by → the school;
    codes: how found → code or ИНН without leading zeros → as it is written → schools that have it; by_number: numbers
    → spellings; titles: school → its name.
    """

    logins: dict[str, str]
    codes: dict[str, dict[str, dict[str, set[str]]]] = field(default_factory=dict)
    spellings: list[Spelling] = field(default_factory=list)
    by_number: dict[frozenset[str], list[Spelling]] = field(default_factory=dict)
    towns: dict[str, frozenset[Stems]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)


def register(organisations: pd.DataFrame) -> Register:
    """organisations: org_id, name, short_name, aliases (joined by `;`), inn, oge_code,
    ege_code, municipality_name.
    """
    rows = organisations.astype("string").fillna("")
    register = Register(other_logins(rows))
    for column, method in CODES.items():
        codes = register.codes.setdefault(method, {})
        for code, org_id in zip(rows[column].map(whole), rows["org_id"], strict=True):
            if code:
                codes.setdefault(code.lstrip("0"), {}).setdefault(code, set()).add(org_id)
    for row in rows.to_dict("records"):
        org_id = row["org_id"]
        register.towns[org_id] = frozenset(parse(row["municipality_name"]).words)
        register.titles[org_id] = row["short_name"] or row["name"]
        names = {row["name"], row["short_name"], *re.split(r"[;]\s*", row["aliases"])}
        for title in sorted(name for name in names if name and not logins_in(name)):
            spelling = Spelling(org_id, row["name"] or title, parse(title), _exact(title))
            register.spellings.append(spelling)
            register.by_number.setdefault(spelling.name.numbers, []).append(spelling)
    return register


def other_logins(organisations: pd.DataFrame) -> dict[str, str]:
    """Login → school: its own, and every login among its aliases that is no other school's own."""
    own = {org_id: org_id for org_id in organisations["org_id"]}
    rows = organisations[["org_id", "aliases"]].dropna()
    return {login: org_id for org_id, aliases in rows.to_numpy() for login in logins_in(aliases)} | own


def match(references: Iterable[str], register: Register) -> pd.DataFrame:
    """COLUMNS for each distinct reference. status: sure (org_id is the school), doubtful (suggestions), several (more
    than one school is named), unknown.

    method: login, code, inn, name_exact, name_fuzzy; score: 0–100; suggestions: up to three schools, the likeliest
    first, in words.
    """
    rows = [(text, *_one(text, register)) for text in sorted(set(references))]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    kinds = dict.fromkeys(COLUMNS, "string") | {"score": "float64"}
    return frame.astype(kinds)


Answer = tuple[str | None, str | None, float, str, str | None]


def _one(text: str, register: Register) -> Answer:
    logins = logins_in(text)
    if logins:
        return _by_login(logins, text, register)
    code = whole(text.strip())
    if code.isdigit():
        return _by_code(code, register)
    exact = {spelling.org_id for spelling in register.spellings if spelling.exact == _exact(text)}
    if len(exact) == 1:
        return exact.pop(), "name_exact", 100.0, "sure", None
    name = parse(text)
    if len(name.numbers) > 1 and name.numbers not in register.by_number:
        return None, None, 0.0, "several", _of_each_number(name, register)
    return _by_name(name, register)


def _by_login(logins: list[str], text: str, register: Register) -> Answer:
    if len(logins) > 1:
        return None, "login", 100.0, "several", _titled(logins, register)
    school = register.logins.get(logins[0])
    if school is not None:
        return school, "login", 100.0, "sure", None
    return None, "login", 0.0, "unknown", suggested(logins[0], without_logins(text), register)


def suggested(login: str, name: str, register: Register) -> str | None:
    """Schools that an unknown login may mean, in words: those of the name beside it, else of a similar login."""
    school, _, score, _, likely = _by_name(parse(name), register)
    if score and (school or likely):
        return _titled([school], register) if school else likely
    near = _alike(login, register.logins, catalogue.logins()["alike"]["changed"])
    return _titled(near, register) or None


def _alike(code: str, by_code: Mapping[str, str], changed: int) -> list[str]:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    same = sorted(other for other in by_code if other.rstrip("0123456789") == code.rstrip("0123456789"))
    near = process.extract(code, same, scorer=OSA.distance, score_cutoff=changed, limit=None)
    schools = dict.fromkeys(by_code[other] for other, distance, _ in near if distance)
    return list(schools)[: catalogue.logins()["alike"]["suggestions"]]


def _by_code(code: str, register: Register) -> Answer:
    """A code as it is written, else as the only one that differs by leading zeros, else the digits of a login."""
    for method, codes in register.codes.items():
        written = codes.get(code.lstrip("0"))
        if written:
            schools = written.get(code) or set().union(*written.values())
            if len(schools) == 1:
                return next(iter(schools)), method, 100.0, "sure", None
            return None, method, 100.0, "doubtful", _titled(sorted(schools), register)
    school = register.logins.get(SCHOOL + code)
    if school is not None:
        as_long = any(len(other) == len(code) for other in register.codes["code"])
        sure: Answer = (school, "login", 100.0, "sure", None)
        return (None, "login", 100.0, "doubtful", _titled([school], register)) if as_long else sure
    alone = {other: min(set().union(*same.values())) for other, same in register.codes["code"].items()}
    near = _alike(code.lstrip("0"), alone, 1)
    return None, None, 0.0, "unknown", _titled(near, register) or None


def _titled(schools: Iterable[str], register: Register) -> str:
    """Schools in words: their logins and names."""
    return "; ".join(f"{school} {register.titles.get(school, '')}".strip() for school in schools)


def _of_each_number(name: Name, register: Register) -> str | None:
    """The schools of a kind that have one of the numbers."""
    schools = {
        spelling.org_id
        for number in sorted(name.numbers)
        for spelling in register.by_number.get(frozenset({number}), ())
        if _same_kind(name.kind, spelling.name.kind)
    }
    return _titled(sorted(schools), register) or None


def _by_name(name: Name, register: Register) -> Answer:
    rules = catalogue.matching()
    by_school: dict[str, tuple[float, str]] = {}
    for spelling in register.by_number.get(name.numbers, ()):
        score = likeness(name, spelling.name, register.towns[spelling.org_id])
        if score > by_school.get(spelling.org_id, (0.0, ""))[0]:
            by_school[spelling.org_id] = score, spelling.title
    ranked = sorted(
        ((score, org_id, title) for org_id, (score, title) in by_school.items()), key=lambda f: (-f[0], f[1])
    )
    worth = [candidate for candidate in ranked if candidate[0] >= rules["doubtful"]]
    if not worth:
        return None, None, ranked[0][0] if ranked else 0.0, "unknown", None
    best, second = worth[0], ranked[1][0] if len(ranked) > 1 else 0.0
    if best[0] >= rules["sure"] and best[0] - second >= rules["margin"]:
        return best[1], "name_fuzzy", best[0], "sure", None
    suggestions = "; ".join(f"{org_id} {title} ({score:.0f})" for score, org_id, title in worth[: rules["suggestions"]])
    return None, "name_fuzzy", best[0], "doubtful", suggestions


def likeness(one: Name, other: Name, town: frozenset[Stems] = frozenset()) -> float:
    """How alike two names are, 0–100; 0 where the kinds cannot be one. other: the register's; town: the words of its
    municipality's name, which need not be said. Two schools named after different people are never surely one.
    """
    if not _same_kind(one.kind, other.kind):
        return 0.0
    score = _likeness(one, other, town)
    apart = one.honours and other.honours and not any(alike(a, b) for a in one.honours for b in other.honours)
    return min(score, catalogue.matching()["sure"] - 1.0) if apart else score


def _likeness(one: Name, other: Name, town: frozenset[Stems]) -> float:
    from rapidfuzz import fuzz

    ours = [word for word in one.core if not any(alike(word, place) for place in town)]
    theirs = [word for word in other.core if not any(alike(word, place) for place in town)]
    if not ours or not theirs:
        # a word that only one of them has is the place of another town, or a name beside the number
        alone = one.kind == other.kind or bool(one.numbers)
        return 100.0 if ours == theirs and alone else 60.0 if one.numbers and one.kind == other.kind else 0.0
    joined = "".join(word[0] for word in ours), "".join(word[0] for word in theirs)
    in_one = float(fuzz.ratio(*joined)) if min(map(len, joined)) > catalogue.matching()["short_word"] else 0.0
    best = [max(alike(word, our) for our in ours) for word in theirs]
    lengths = [len(word[0]) for word in theirs]
    matched = sum(score * length for score, length in zip(best, lengths, strict=True))
    both = 2 * matched / (sum(lengths) + sum(len(word[0]) for word in ours))
    return max(both, in_one, min(best) * 0.9 if one.numbers else 0.0)


def alike(one: Stems, other: Stems) -> float:
    """Likeness of two words by their closest stems, 0–100; 0 where they are no forms of one word."""
    from rapidfuzz import fuzz

    rules = catalogue.matching()
    best = 0.0
    for ours in one:
        for theirs in other:
            score = float(fuzz.ratio(ours, theirs))
            if ours != theirs and (min(len(ours), len(theirs)) <= rules["short_word"] or score < rules["word_alike"]):
                score = 0.0
            best = max(best, score)
    return best


def _same_kind(one: str, other: str) -> bool:
    generic: dict[str, list[str]] = catalogue.matching()["generic"]
    return one == other or other in generic.get(one, ()) or one in generic.get(other, ())


def _exact(text: str) -> str:
    """A name as two of them are compared letter by letter."""
    return re.sub(r"[^0-9a-zа-яё]+", " ", text.lower()).replace("ё", "е").strip()
