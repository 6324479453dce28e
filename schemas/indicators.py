"""Indicators of all sources: those of works (indicators.yaml) and the shares, ratios and means of marts of measures.

Of a declared figure all is derived from its declaration: id, section, direction, target, the formula in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from schemas import catalogue
from schemas.declared import DeclaredMart
from schemas.fields import ColumnSpec
from schemas.kinds import DECLARED_MARTS
from schemas.measure import ALL, AtLeast, Contingent, Count, Enrolled, Figure, Known, Mean, Total, Where

OF_THE_KEY = ("subject", "grade")
"""Dimensions of a mart of measures by which an indicator has values of its own."""
DIRECTIONS = {"up": True, "down": False, None: None}


def indicators() -> dict[str, dict[str, Any]]:
    """Indicator → section, item, title, unit, kind, formula, source, higher_is_better, verified, target (in its unit,
    None where none is set) and what else `catalogue.indicators` says of those of works.
    """
    of_works = {name: {"target": None, "mart": None, **declared} for name, declared in catalogue.indicators().items()}
    return of_works | {
        indicator_id(mart, name): _indicator(declared, declared.figures[name])
        for mart, declared in DECLARED_MARTS.items()
        for name in slices(declared)
    }


def indicator_id(mart: str, figure: str) -> str:
    """The id of a figure of a mart among the indicators."""
    return f"{mart}_{figure}"


def slices(declared: DeclaredMart) -> dict[str, dict[str, str]]:
    """Figure → the rows of the mart that hold it as an indicator: dimension → its value, of all dimensions but
    those of the key (OF_THE_KEY, the mart's procedure): all together, or where no slice leaves the dimension out the
    value that both sides of the figure are of. One that the mart has by values of another dimension alone is no
    indicator.
    """
    columns = declared.specs
    registered = {name: renamed.of for name, renamed in declared.renamed.items()}
    of_all = {
        name: ALL
        for name in declared.dimensions
        if (column := columns.get(registered.get(name, name))) and ALL in (column.codes or {}).values()
    }
    chosen = {name: _slice(declared, of_all | _fixed(figure)) for name, figure in declared.figures.items()}
    return {name: values for name, values in chosen.items() if values is not None}


def _fixed(share: Figure) -> dict[str, str]:
    """The values that both sides of a figure are of."""
    if isinstance(share, Mean):
        return {name: value for name, value in share.where.items() if isinstance(value, str)}
    other = share.whole.where if isinstance(share.whole, Count | Total) else share.part.where
    return {
        name: value for name, value in share.part.where.items() if isinstance(value, str) and other.get(name) == value
    }


def _slice(declared: DeclaredMart, values: Mapping[str, str]) -> dict[str, str] | None:
    """Dimension → its value in the slice with the fewest dimensions all of which have a value; None without any."""
    of_key = {*OF_THE_KEY, declared.procedure[1] if declared.procedure else None}
    others = [{*names} - of_key for names in declared.slices]
    fitting = [names for names in others if names <= values.keys()]
    if not fitting:
        return None
    least = min(fitting, key=len)
    dimensions = [name for name in declared.dimensions if name not in of_key]
    return {name: values[name] if name in least else ALL for name in dimensions}


def _indicator(declared: DeclaredMart, figure: Figure) -> dict[str, Any]:
    if isinstance(figure, Mean):
        formula = _of_rows(f"среднее {_titles((figure.of,), declared.specs)}", figure.where, declared.specs)
    else:
        formula = f"{_side(declared, figure.part)} / {_side(declared, figure.whole)}"
        formula += f" · {figure.per:g}" * (figure.per != 1)
    return {
        "section": int(figure.item.split(".")[0]), "mart": declared.name, "item": figure.item, "title": figure.title,
        "unit": figure.unit, "per": figure.per, "kind": figure.kind, "formula": formula, "source": figure.source,
        "higher_is_better": DIRECTIONS[figure.better], "verified": figure.verified, "target": figure.target,
    }  # fmt: skip


def _side(declared: DeclaredMart, side: Count | Total | Contingent | Enrolled) -> str:
    """A side of a share in words: by its title, else columns of the register by their headers, conditions, what counts
    once.
    """
    if isinstance(side, Contingent):
        return f"контингент {side.first}–{side.last} классов"
    if isinstance(side, Enrolled) or side.title:
        return f"«{side.title}»"
    columns = declared.specs
    counted = _titles(side.columns if isinstance(side, Total) else side.of, columns)
    if isinstance(side, Count):
        words = f"число разных ({counted})" if counted else "число строк"
    elif side.once_in:
        words = f"Σ наибольшего {counted} по ({_titles(side.once_in, columns)})"
    else:
        words = f"Σ {counted}"
    return _of_rows(words, side.where, columns)


def _of_rows(words: str, where: Where, columns: Mapping[str, ColumnSpec]) -> str:
    """What is counted, and of which rows."""
    conditions = [
        f"{_titles((name,), columns)} {_condition(columns.get(name), values)}" for name, values in where.items()
    ]
    return f"{words}, где {', '.join(conditions)}" if conditions else words


def _titles(names: Iterable[str], columns: Mapping[str, ColumnSpec]) -> str:
    """Headers of columns; what the step adds has none but its name."""
    return ", ".join(f"«{columns[name].title if name in columns else name}»" for name in names)


def _condition(column: ColumnSpec | None, values: Any) -> str:
    """What a column must be, its codes by their titles: the first spelling of each."""
    if isinstance(values, Known):
        return "известно" if values.is_known else "неизвестно"
    if isinstance(values, AtLeast):
        return f"не меньше {values.least:g}"
    titles: dict[Any, str] = {True: "да", False: "нет"}
    for spelling, code in ((column.codes or {}) if column else {}).items():
        titles.setdefault(code, spelling)
    listed = values if isinstance(values, list | tuple | set) else [values]
    return "= " + " или ".join(str(titles.get(value, value)) for value in listed)
