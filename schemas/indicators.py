"""Indicators of all sources: those of works (indicators.yaml) and every share of a mart of measures.

Of a share all is derived from its declaration: id, section, direction, target, the formula in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from schemas import catalogue
from schemas.fields import ColumnSpec, columns_of
from schemas.kinds import DECLARED_MARTS, REGISTERS
from schemas.measure import ALL, Contingent, Count, DeclaredMart, Enrolled, Known, Share, Total

OF_THE_KEY = ("subject", "grade")
"""Dimensions of a mart of measures by which an indicator has values of its own."""
DIRECTIONS = {"up": True, "down": False, None: None}


def indicators() -> dict[str, dict[str, Any]]:
    """Indicator → section, item, title, unit, kind, formula, source, higher_is_better, verified, target (in its unit,
    None where none is set) and what else `catalogue.indicators` says of those of works.
    """
    of_works = {name: {"target": None, **declared} for name, declared in catalogue.indicators().items()}
    return of_works | {
        indicator_id(mart, name): _indicator(declared, share)
        for mart, declared in DECLARED_MARTS.items()
        for name, share in declared.shares.items()
    }


def indicator_id(mart: str, share: str) -> str:
    return f"{mart}_{share}"


def slice_of(declared: DeclaredMart, share: Share) -> dict[str, str]:
    """The rows of the mart that hold the share as an indicator: dimension → its value, of all dimensions but
    OF_THE_KEY. All together, or where every slice tells the dimension the value that both sides of the share are of.
    """
    other = share.whole.where if isinstance(share.whole, Count | Total) else share.part.where
    fixed = {name: value for name, value in share.part.where.items() if other.get(name) == value}
    return {
        name: fixed[name] if isinstance(fixed.get(name), str) and _in_every_slice(declared, name) else ALL
        for name in declared.dimensions
        if name not in OF_THE_KEY
    }


def _in_every_slice(declared: DeclaredMart, name: str) -> bool:
    return all(name in names for names in declared.slices)


def _indicator(declared: DeclaredMart, share: Share) -> dict[str, Any]:
    formula = f"{_side(declared, share.part)} / {_side(declared, share.whole)} · 100"
    return {
        "section": int(share.item.split(".")[0]), "item": share.item, "title": share.title, "unit": "%",
        "kind": "share", "formula": formula, "source": share.source, "higher_is_better": DIRECTIONS[share.better],
        "verified": share.verified, "target": share.target,
    }  # fmt: skip


def _side(declared: DeclaredMart, side: Count | Total | Contingent | Enrolled) -> str:
    """A side of a share in words: by its title, else columns of the register by their headers, conditions, what counts
    once.
    """
    if isinstance(side, Contingent):
        return f"контингент {side.first}–{side.last} классов"
    if isinstance(side, Enrolled) or side.title:
        return f"«{side.title}»"
    columns = {spec.name: spec for spec in columns_of(REGISTERS[declared.register].model)}
    counted = _titles((side.of,) if isinstance(side.of, str) else side.of, columns)
    if isinstance(side, Count):
        words = f"число разных ({counted})" if counted else "число строк"
    elif side.once_in:
        words = f"Σ наибольшего {counted} по ({_titles(side.once_in, columns)})"
    else:
        words = f"Σ {counted}"
    conditions = [
        f"{_titles((name,), columns)} {_condition(columns.get(name), values)}" for name, values in side.where.items()
    ]
    return f"{words}, где {', '.join(conditions)}" if conditions else words


def _titles(names: Iterable[str], columns: Mapping[str, ColumnSpec]) -> str:
    """Headers of columns; what the step adds has none but its name."""
    return ", ".join(f"«{columns[name].title if name in columns else name}»" for name in names)


def _condition(column: ColumnSpec | None, values: Any) -> str:
    """What a column must be, its codes by their titles: the first spelling of each."""
    if isinstance(values, Known):
        return "известно" if values.is_known else "неизвестно"
    titles: dict[Any, str] = {True: "да", False: "нет"}
    for spelling, code in ((column.codes or {}) if column else {}).items():
        titles.setdefault(code, spelling)
    listed = values if isinstance(values, list | tuple | set) else [values]
    return "= " + " или ".join(str(titles.get(value, value)) for value in listed)
