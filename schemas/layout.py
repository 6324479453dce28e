"""How a sheet comes: the words that tell its kind, its columns and their spellings, what may stand beside them.

Forms of ministries and of people are YAML (`layouts/*/layouts.yaml`, whose head explains each key); the layout of a
declared register is made of its declaration (`schemas.register`). A key that no layout has is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from schemas import catalogue


class LayoutError(ValueError):
    """A layout is declared wrongly; the text names the layout and what is wrong."""


@dataclass(frozen=True)
class Column:
    """A column of a sheet: the spellings of its header, the first is its title; whether a sheet may do without it.

    A spelling with `*` or `|` is a regular expression.
    """

    spellings: tuple[str, ...]
    is_optional: bool = False

    @classmethod
    def declared(cls, words: list[Any]) -> Column:
        """From a list of YAML; a question mark after the last spelling marks a column that a sheet may do without."""
        *others, last = map(str, words)
        return cls((*others, last.removesuffix("?")), last.endswith("?"))

    @property
    def title(self) -> str:
        return self.spellings[0]


@dataclass(frozen=True)
class Layout:
    """What is declared of a sheet; `layouts/vpr/layouts.yaml` says what each part means."""

    name: str
    kind: str
    title_ru: str
    priority: int
    work: str
    row_key: str
    columns: Mapping[str, Column]
    ignored: tuple[str, ...]
    header_has: tuple[str, ...] = ()
    header_lacks: tuple[str, ...] = ()
    header_columns: tuple[str, ...] = ()
    title: str | None = None
    title_like: str | None = None
    tasks: str | None = None
    questions: str | None = None
    second_header: str | None = None
    year: int | None = None
    stage: str | None = None
    persons: Mapping[str, list[str]] = field(default_factory=dict)
    coded: Mapping[str, list[str]] = field(default_factory=dict)
    rows_have: tuple[str, ...] = ()
    row_has: tuple[str, ...] = ()
    prefilled: tuple[str, ...] = ()
    filled_down: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    no_scores_in: tuple[str, ...] = ()
    auxiliary: bool = False
    autumn: bool = False
    beyond_header_is_junk: bool = False
    blocks: bool = False
    class_is_ordinal: bool = False
    is_form: bool = False
    lists_absent: bool = True
    padded_tasks: bool = False
    recalled: bool = False
    rows_belong_above: bool = False
    totals_are_rows: bool = False
    units_in_columns: bool = False

    @classmethod
    def declared(cls, name: str, declaration: Mapping[str, Any]) -> Layout:
        """A layout as YAML tells it. Raises LayoutError for a key that there is not, and for one that is missing."""
        names = {part.name for part in fields(cls)}
        if unknown := sorted(set(declaration) - names):
            raise LayoutError(f"layout {name}: unknown keys {', '.join(unknown)}")
        parts: dict[str, Any] = {
            key: tuple(map(str, value)) if isinstance(value, list) else value for key, value in declaration.items()
        }
        parts["columns"] = {column: Column.declared(words) for column, words in declaration["columns"].items()}
        try:
            layout = cls(name=name, **parts)
        except TypeError as error:
            raise LayoutError(f"layout {name}: {error}") from error
        layout.check()
        return layout

    def check(self) -> None:
        """Raises LayoutError where a name stands for no column of the layout, or a spelling was cut at a comma."""
        people = [part for parts in (*self.persons.values(), *self.coded.values()) for part in parts]
        required = [name for names in self.header_columns for name in names.split("|")]
        named = [*people, *required, *self.rows_have, *self.row_has, *self.prefilled, *self.filled_down]
        keys = {*self.columns, *self.persons, *self.coded}
        if strange := sorted({self.row_key, *named} - keys):
            raise LayoutError(f"layout {self.name}: no such columns: {', '.join(strange)}")
        spellings = [word for column in self.columns.values() for word in column.spellings]
        if cut := [word for word in spellings if not set("*|") & set(word) and word.count("(") != word.count(")")]:
            raise LayoutError(f"layout {self.name}: unbalanced brackets, cut at a comma? {'; '.join(cut)}")

    @property
    def people(self) -> list[str]:
        """Columns that together name somebody, whose place a pseudonym takes."""
        return [part for parts in self.persons.values() for part in parts]


@cache
def layouts() -> dict[str, Layout]:
    """Layout name → layout, of all kinds of files."""
    from schemas.kinds import REGISTERS  # whose declarations make layouts of this module

    written = {name: Layout.declared(name, declaration) for name, declaration in catalogue.declared_layouts().items()}
    return written | {name: declared.layout for name, declared in REGISTERS.items()}
