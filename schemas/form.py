"""Empty forms of our own, which a sender fills in: those of the registers, and those of `layouts/forms.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from schemas import catalogue


@dataclass(frozen=True)
class FormColumn:
    """A column of a form: its header, what to write, a cell filled in, what its list offers (nothing: no list)."""

    name: str
    hint: str
    example: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """A form: name of the file and of the sheet, what a row is, its columns."""

    file: str
    sheet: str
    about: str
    columns: tuple[FormColumn, ...]

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def example(self) -> list[str]:
        return [column.example for column in self.columns]


@cache
def forms() -> dict[str, Form]:
    """Name of a form → form."""
    from schemas.kinds import REGISTERS  # whose declarations make forms of this module

    written = {
        name: Form(
            declared_form["file"], declared_form["sheet"], declared_form["about"].strip(),
            tuple(
                FormColumn(str(column["name"]), column["hint"], str(column["example"]), tuple(column.get("list", ())))
                for column in declared_form["columns"]
            ),
        )
        for name, declared_form in catalogue.declared_forms().items()
    }  # fmt: skip
    return written | {name: declared.form for name, declared in REGISTERS.items()}
