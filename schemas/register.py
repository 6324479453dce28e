"""A register is declared once: a model whose columns are `schemas.types`, and what stands beside them here.

Of the declaration are made: the layout of its sheet, the form that is handed out, the kind of its facts. A register is
a flat table, one header and one row a record, read by `msoko_pipeline.facts.flat`. Rules of whole rows are the model's
dataframe checks, each named by an issue type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from schemas.facts import Fact, Kind
from schemas.fields import ColumnSpec, Written, columns_of
from schemas.form import Form, FormColumn
from schemas.layout import Column, Layout

OF_PUPILS = ("№|№ п/п", "муниципалитет", "дата рождения", "снилс")
"""Columns of lists of pupils that are not needed: patterns of their headers."""
OF_SCHOOLS = {"login": "оо", "organisation": "доо"}
"""How the school is read → the column beside it that names the school in words."""


class Register(Fact):
    """Строка реестра."""


Model = TypeVar("Model", bound=type[Register])


@dataclass(frozen=True)
class Declaration:
    """A register as it is declared: its model, and what stands beside it.

    name: of the kind of facts, the layout and the form; title: what people call it; file, sheet, about: of the form;
    known_by: columns whose headers together are those of no other table; replaces: columns that say of whom or what a
    later file is a correction, none: of the whole year (`schemas.facts.Kind` tells more, and of part, numbered_by_part,
    is_whole); beside: patterns of headers of columns that may stand there and are not read; row_key: the column without
    which a line is no row, by default the person's, the school's or the first key; is_of_own: told of own
    organisations only, so that a login makes one known (in the list of a region most are others').
    """

    name: str
    model: type[Register]
    title: str
    file: str
    sheet: str
    about: str
    known_by: tuple[str, ...]
    replaces: tuple[str, ...] = ()
    part: str | None = None
    numbered_by_part: bool = False
    is_whole: bool = False
    beside: tuple[str, ...] = ()
    row_key: str | None = None
    is_of_own: bool = True

    @cached_property
    def columns(self) -> dict[str, tuple[ColumnSpec, Written]]:
        """Column of the model → its specification and how the form asks for it, in the order of the form."""
        return {spec.name: (spec, spec.written) for spec in columns_of(self.model) if spec.written is not None}

    @cached_property
    def kind(self) -> Kind:
        return Kind(
            self.name, self.model, self.replaces, self.part, self.numbered_by_part, is_whole=self.is_whole
        )  # fmt: skip

    @cached_property
    def form(self) -> Form:
        columns = tuple(
            FormColumn(spec.title, written.hint, written.example, written.choices)
            for spec, written in self.columns.values()
        )
        return Form(self.file, self.sheet, self.about, columns)

    @cached_property
    def layout(self) -> Layout:
        people = {name: [_named(name)] for name, (_, written) in self.columns.items() if written.is_person}
        keys = [name for name, (spec, _) in self.columns.items() if spec.key and name != "year"]
        school = next((name for name, (spec, _) in self.columns.items() if spec.reads in OF_SCHOOLS), None)
        person = next((name for name in people if name in keys), None)
        layout = Layout(
            name=self.name,
            kind=self.name,
            title_ru=self.title,
            priority=1,
            work="rows",
            row_key=self.row_key or person or school or keys[0],
            columns={
                _named(name) if written.is_person else name: Column((spec.title, *written.also), written.is_optional)
                for name, (spec, written) in self.columns.items()
            },
            ignored=(*self._beside(people), *self.beside),
            header_has=tuple("|".join(self._spellings(name)) for name in self.known_by),
            persons=people,
        )
        layout.check()
        return layout

    def _beside(self, people: Iterable[str]) -> Iterable[str]:
        if any(self.columns[name][0].key for name in people):
            return OF_PUPILS
        return [word for how, word in OF_SCHOOLS.items() if any(spec.reads == how for spec, _ in self.columns.values())]

    def _spellings(self, name: str) -> list[str]:
        spec, written = self.columns[name]
        return [spec.title, *written.also]


REGISTERS: dict[str, Declaration] = {}
"""Name of a register → its declaration, in the order in which they are declared."""


def register(name: str, **parts: Any) -> Callable[[Model], Model]:
    """Declare a register. parts: what `Declaration` has beside name and model. Raises ValueError for a name that is
    taken, TypeError for a part that there is not.
    """

    def declare(model: Model) -> Model:
        if name in REGISTERS:
            raise ValueError(f"register {name} is declared twice")
        REGISTERS[name] = Declaration(name, model, **parts)
        return model

    return declare


def _named(key: str) -> str:
    """The column of the sheet in which the name stands that a key is made of: `pupil_key` → `pupil`."""
    return key.removesuffix("_key")
