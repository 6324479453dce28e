"""Every regular expression that looks at the text of a file: its work grows with the text, not with its square."""

from __future__ import annotations

import ast
import importlib
import re
import time
import unicodedata
from functools import cache
from itertools import product
from pathlib import Path
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from msoko_pipeline.text import linear
from schemas import catalogue

ROOT = Path(__file__).resolve().parents[2]
OWN = ROOT / "msoko_pipeline" / "text" / "linear.py"
TEXTS = ("text", "privacy", "issues", "reading", "facts", "intake", "matching", "reporting", "senders", "handbook")
USES = {"compile", "search", "match", "fullmatch", "finditer", "findall", "split", "sub"}
CLASS_MEMBERS = {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "я"}
LENGTH = 3_000
FAST, SQUARE = 0.003, 3.0  # seconds of 3,000 characters that nobody waits for; growth of the work when a text doubles


def modules() -> list[Path]:
    return [path for path in sorted((ROOT / "msoko_pipeline").rglob("*.py")) if path != OWN]


def test_one_module_compiles_expressions() -> None:
    """Whatever else imported the library's `re` could look at a text of any length with it."""
    strays = [
        str(path.relative_to(ROOT))
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import) and any(alias.name in ("re", "regex") for alias in node.names)
    ]
    assert strays == []


@cache
def patterns() -> dict[tuple[str, int], str]:
    """Pattern and flags → where it stands: in the code (compiled or written out) and in the layouts."""
    found: dict[tuple[str, int], str] = {}
    for path in modules():
        place = path.relative_to(ROOT)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {f"re.{use}" for use in USES}:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found[first.value, 0] = str(place)
        if place.parts[1] in TEXTS:
            found |= {key: str(place) for key in _compiled_in(importlib.import_module(_name(place)))}
    for file in sorted(catalogue.LAYOUTS.rglob("*.yaml")):
        place = file.relative_to(catalogue.LAYOUTS)
        if place.name != "issues.yaml":
            for text in filter(_is_pattern, _texts(catalogue._yaml(str(place)))):
                found.setdefault((text, 0), str(place))
    return found


def _name(place: Path) -> str:
    return ".".join(place.with_suffix("").parts).removesuffix(".__init__")


def _compiled_in(holder: Any) -> list[tuple[str, int]]:
    """Patterns among the values of a module, in containers too."""
    todo, found = list(vars(holder).values()), []
    while todo:
        value = todo.pop()
        if isinstance(value, linear.Linear):
            found.append((value.pattern, value.short.flags & ~re.UNICODE))
        elif isinstance(value, re.Pattern) and isinstance(value.pattern, str):
            found.append((value.pattern, value.flags & ~re.UNICODE))
        elif isinstance(value, (dict, tuple, list)):
            todo += value.values() if isinstance(value, dict) else value
    return found


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in (*_texts(key), *_texts(item))]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def _is_pattern(text: str) -> bool:
    """Whether a text of the layouts is an expression rather than prose: it has a repetition, a class or a choice."""
    if not re.search(r"\\[dswbDSW]|\(\?|[\])}.а-яa-z][*+?]|\{\d+,?\d*\}", text):
        return False
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def library_only() -> list[tuple[str, int]]:
    return [(pattern, flags) for pattern, flags in patterns() if linear.of_re2(pattern, flags) is None]


def pieces(pattern: str) -> list[str]:
    """What to repeat against a pattern: its own signs and members of its classes, pairs of them, all of them."""
    signs: list[str] = []

    def walk(items: Any) -> None:
        for operation, value in items:
            name = str(operation)
            if name in ("LITERAL", "NOT_LITERAL"):
                signs.append(chr(value))
            elif name == "IN":
                walk(value)
            elif name == "RANGE":
                signs.append(chr(value[0]))
            elif name == "CATEGORY":
                signs.append(CLASS_MEMBERS.get(str(value), "."))
            elif name == "BRANCH":
                for choice in value[1]:
                    walk(choice)
            elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
                walk(value[2])
            elif name == "SUBPATTERN":
                walk(value[3])
            elif name in ("ASSERT", "ASSERT_NOT"):
                walk(value[1])
            elif name == "ATOMIC_GROUP":
                walk(value)

    walk(_parser.parse(pattern))
    own = list(dict.fromkeys(signs))[:8]
    return list(
        dict.fromkeys(["".join(own) or "а", *own, *map("".join, product(own[:4], own[:4])), "1", " ", "Аа ", '"'])
    )


def work(pattern: linear.Pattern[str], piece: str, length: int, times: int = 3) -> float:
    """Processor seconds of looking through repeated pieces that end as nothing expects; the least of some times."""
    text = (piece * length)[:length] + "\x00!"

    def once() -> float:
        start = time.process_time()
        for _ in pattern.finditer(text):
            pass
        pattern.fullmatch(text)
        return time.process_time() - start

    return min(once() for _ in range(times))


def square(pattern: linear.Pattern[str]) -> str | None:
    """A piece whose repetition makes the work of a pattern grow faster than the text, and how much work that is."""
    for piece in pieces(pattern.pattern):
        if work(pattern, piece, LENGTH, 1) > FAST:
            short = work(pattern, piece, LENGTH)
            if short > FAST and work(pattern, piece, 2 * LENGTH) > SQUARE * short:
                return f"{pattern.pattern!r} of {piece!r}: {short:.3f} s"
    return None


def test_patterns_are_discovered() -> None:
    assert len(patterns()) > 300
    assert {place.split("/")[0] for place in patterns().values()} >= {"msoko_pipeline", "vpr", "gia", "privacy"}
    assert 20 < len(library_only()) < len(patterns()) / 3


def test_what_re2_cannot_express_grows_with_the_text() -> None:
    assert [slow for key in library_only() if (slow := square(linear.compile(*key)))] == []


@pytest.mark.parametrize("pattern", [r"(?!x)\s*$", r"(?<!z)[A-Z]+\d+", r"\b(.*?)[\s,]*x"])
def test_a_pattern_that_takes_the_square_is_seen(pattern: str) -> None:
    assert square(linear.compile(pattern)) is not None


@pytest.mark.parametrize("pattern", [r"\s*$", r"[A-Z]+\d+", r".*\(\s*(20\d\d)\s*\)", r"(a+)+b", r"(.*?)[\s,.]*(x)\s.*"])
def test_what_re2_can_express_grows_with_the_text(pattern: str) -> None:
    assert square(linear.compile(pattern)) is None


ANSWERED = (
    "Образцова Проба Примеровна, 4А класс (дата: 12.03.2026), edu190001 №\u00a05",
    "№ п/п 1.2К3(10 баллов)\tГБОУ «СОШ № 12» ВПР 2026. Русский язык 5 кл ²٣ _x\u2007",
    "всего 12 уч. 4(2) 2025/2026 +--2 reg19_m019 Ёлка-Ёлка повысили",
)


def test_both_matchers_answer_alike() -> None:
    """RE2 is given the classes of all Unicode: with long texts nothing may be read otherwise than with short ones."""
    differing = []
    for key in patterns():
        pattern = linear.compile(*key)
        if not isinstance(pattern, linear.Linear):
            continue
        for text in ANSWERED:
            by_library = {found.span() for found in pattern.short.finditer(text)}
            if by_library != {found.span() for found in pattern.long.finditer(text)}:
                differing.append((key, text))
    assert differing == []


@pytest.mark.parametrize("sign", ["d", "D", "s", "S", "w", "W"])
@pytest.mark.parametrize("form", ["\\{}", "[x\\{}]", "[^\\{}]"])
def test_classes_are_of_all_unicode(sign: str, form: str) -> None:
    pattern = linear.compile(form.format(sign))
    if not isinstance(pattern, linear.Linear):
        pytest.fail("RE2 cannot express it")
    signs = map(chr, [*range(1, 0x600), *range(0x2000, 0x2070), 0x3000, 0x410, 0x1F600])
    letters = "".join(sign for sign in signs if unicodedata.category(sign) != "Cn")  # RE2 knows none but assigned ones
    assert pattern.long.findall(letters) == pattern.short.findall(letters)


def test_a_long_text_is_read_as_a_short_one() -> None:
    pattern = linear.compile(r"(?P<year>20\d\d)\s*г", linear.IGNORECASE)
    text = "Ё" * 5_000 + " 2026\u00a0Г"
    assert (found := pattern.search(text)) is not None
    assert (found["year"], found.start()) == ("2026", 5_001)
    assert pattern.sub("", text).endswith("Ё ")
    assert pattern.split(text)[1] == "2026"
