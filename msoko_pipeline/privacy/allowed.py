"""What may stand in each column of a layout: words of any kind, words of a list, numbers of so many digits.

Derived from the kind's model: its parsers, types and what it declares of content; `privacy/people.yaml` names the
columns that no model has. A column of which nothing is known holds no words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import pandera.pandas as pa

from msoko_pipeline.privacy import contacts
from msoko_pipeline.privacy.name_words import Sort, sort_of
from msoko_pipeline.privacy.repeating import DIGITS, NAME, is_repeatable, kind_of, unnamed
from msoko_pipeline.privacy.schools import names_a_school
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.hidden import hidden, without_hidden
from msoko_pipeline.text.logins import login_in
from msoko_pipeline.text.outcomes import outcome_of
from schemas import catalogue
from schemas.fields import ColumnSpec, columns_of
from schemas.kinds import KINDS
from schemas.layout import layouts

SCHOOLS = frozenset({"school", "addressee"})
"""Parsers of columns that name an organisation in words."""
TEXTS = SCHOOLS | frozenset({"free_text", "indicator", "subject", "olympiad_subject", "login", "organisation"})
"""Parsers of columns in which words belong."""
_MASK = re.compile(r"[-+−–—\s\d]{1,200}|(?: {0,3}\d{1,2} {0,3}\( {0,3}\d{1,2} {0,3}\)){1,60} {0,3}")
_FEW_POINTS = re.compile(r"[-+−–—0-3]{1,200}")
"""Answers of an exam: signs and points; with few points no long number is taken for somebody's document."""
_REGION = re.compile(r"\(reg\d{1,3}(?:_m\d{1,4})?\)\s*$|^\s*reg\d{1,3}(?:_m\d{1,4})?\s*\|", re.IGNORECASE)
"""A unit with its code beside its name, which may stand alone in any column above the rows of the unit."""


@dataclass(frozen=True, eq=False)
class Rule:
    """How a column's cells are kept and repeated. has_words: whoever is named in them is hidden, the rest stays;
    otherwise a cell is a number of at most `digits`, a date, a code, ordinary words or words like the `listed` ones.
    """

    title: str
    has_words: bool
    listed: tuple[str, ...] = ()
    digits: int = DIGITS
    is_mask: bool = False
    is_school: bool = False
    is_place: bool = False

    @lru_cache(100_000)  # noqa: B019  # rules are made once a layout
    def repeated(self, text: str) -> str:
        """A cell as it may be repeated; what may not is named by its kind."""
        if self.is_place and sort_of(text.strip()) is Sort.PLACE:
            return text
        if self.is_school and text.strip().isdigit() and names_a_school(text):
            return text
        if self.has_words and (not self.is_school or names_a_school(text)):
            return unnamed(text, self.title)
        if self.is_mask and _MASK.fullmatch(text):
            return text if _FEW_POINTS.fullmatch(text) or not contacts.spans(text) else hidden(kind_of(text))
        if outcome_of(text) is not None or is_repeatable(text, self.listed, self.digits):
            return text
        bare = unnamed(text, self.title)
        if _REGION.search(text) or login_in(text):
            return bare
        rest = without_hidden(bare)
        if (
            not self.is_school
            and bare != text
            and NAME in bare
            and len(rest) > 3
            and is_repeatable(rest, self.listed, self.digits)
        ):
            return bare
        return hidden(kind_of(text))


@cache
def rules(layout: str) -> dict[str, Rule]:
    """Rule of each of a layout's columns, by our name; the title is the first spelling of its header."""
    declared = layouts()[layout]
    specs = _specs(declared.kind)
    return {name: _rule(name, column.title, specs.get(name)) for name, column in declared.columns.items()}


@cache
def _specs(kind: str) -> dict[str, ColumnSpec]:
    return {spec.name: spec for spec in columns_of(KINDS[kind].model)} if kind in KINDS else {}


def _rule(name: str, title: str, spec: ColumnSpec | None) -> Rule:
    columns = catalogue.privacy()["columns"]
    default: int = columns["digits"]["default"]
    if spec is None:
        beside = columns["beside"]
        digits = beside["digits"].get(name, default)
        return Rule(title, name in beside["words"], digits=digits, is_place=name in beside["places"])
    return Rule(
        title,
        has_words=spec.reads in TEXTS if spec.codes or spec.reads else spec.content in ("words", "place"),
        listed=(*map(str, spec.codes or ()), *spec.instead),
        digits=spec.digits or columns["digits"].get(spec.reads or spec.dtype, default),
        is_mask=spec.content == "answers",
        is_school=spec.reads in SCHOOLS,
        is_place=spec.content == "place",
    )


@cache
def personal(model: type[pa.DataFrameModel]) -> frozenset[str]:
    """Columns of a model that are about a person: no preview, message or quarantine shows a value of theirs."""
    return frozenset(spec.name for spec in columns_of(model) if spec.personal)


@cache
def wordless(layout: str) -> frozenset[str]:
    """Columns of a layout in which no words belong."""
    return frozenset(name for name, rule in rules(layout).items() if not rule.has_words)


NUMBERS = Rule("", has_words=False)
"""A column of scores, and one without a header."""


@cache
def answers() -> Rule:
    """A column of a unit or of a question: counts, and the answers that a question offers."""
    bands = catalogue.social()["bands"].values()
    return Rule("", has_words=False, listed=tuple(word for band in bands for word in band["values"]), digits=7)
