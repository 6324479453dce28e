"""Indicators of all sources: those of works (indicators.yaml) and the shares of marts of measures.

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
        indicator_id(mart, name): _indicator(declared, declared.shares[name])
        for mart, declared in DECLARED_MARTS.items()
        for name in slices(declared)
    }


def indicator_id(mart: str, share: str) -> str:
    return f"{mart}_{share}"


def slices(declared: DeclaredMart) -> dict[str, dict[str, str]]:
    """Share → the rows of the mart that hold it as an indicator: dimension → its value, of all dimensions but
    OF_THE_KEY: all together, or where no slice leaves the dimension out the value that both sides of the share are of.
    A share that the mart has by values of another dimension alone is no indicator.
    """
    columns = {spec.name: spec for spec in columns_of(REGISTERS[declared.register].model)}
    registered = {name: renamed.of for name, renamed in declared.renamed.items()}
    of_all = {
        name: ALL
        for name in declared.dimensions
        if (column := columns.get(registered.get(name, name))) and ALL in (column.codes or {}).values()
    }
    chosen = {name: _slice(declared, of_all | _fixed(share)) for name, share in declared.shares.items()}
    return {name: values for name, values in chosen.items() if values is not None}


def _fixed(share: Share) -> dict[str, str]:
    """The values that both sides of a share are of."""
    other = share.whole.where if isinstance(share.whole, Count | Total) else share.part.where
    return {
        name: value for name, value in share.part.where.items() if isinstance(value, str) and other.get(name) == value
    }


def _slice(declared: DeclaredMart, values: Mapping[str, str]) -> dict[str, str] | None:
    """Dimension → its value in the slice with the fewest dimensions all of which have a value; None without any."""
    others = [{*names}.difference(OF_THE_KEY) for names in declared.slices]
    fitting = [names for names in others if names <= values.keys()]
    if not fitting:
        return None
    least = min(fitting, key=len)
    dimensions = [name for name in declared.dimensions if name not in OF_THE_KEY]
    return {name: values[name] if name in least else ALL for name in dimensions}


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
