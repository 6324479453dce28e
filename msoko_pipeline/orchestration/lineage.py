"""From which columns of the facts the columns of a mart of measures come, as its declaration says."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from msoko_pipeline.orchestration.remarks import facts
from schemas.declared import DeclaredMart
from schemas.fields import columns_of
from schemas.kinds import DECLARED_MARTS, KINDS
from schemas.measure import Contingent, Count, Day, Label, Made, Mean, Ratio, Share, Total

PUPILS = ("contingent", "pupils")
"""Kind and column of the numbers of pupils of schools."""
ORGANISATION = {"org_id": "org_ref"}
"""The organisation of a row, where a file names it in words: what it is matched by."""
Column = tuple[str, str]
"""Kind of facts, its column."""


def of_mart(name: str) -> dict[str, dg.TableColumnLineage]:
    """Metadata: columns of a mart → those of the facts that they are counted of; none where the mart counts no
    register's rows. A column that is counted of rows alone, or that a step makes, has none.
    """
    declared = DECLARED_MARTS.get(name)
    if declared is None or declared.register is None:
        return {}
    published = {column.name for column in columns_of(declared.model)}
    deps = {
        column: [dg.TableColumnDep(facts(kind), of) for kind, of in sorted({*sources})]
        for column, sources in _columns(declared, declared.register)
        if column in published and sources
    }
    return {"dagster/column_lineage": dg.TableColumnLineage(deps)}


def in_words(name: str) -> dict[str, list[str]]:
    """The same for people: column → `kind.column` of the facts."""
    return {
        column: [f"{dep.asset_key.path[-1]}.{dep.column_name}" for dep in deps]
        for lineage in of_mart(name).values()
        for column, deps in lineage.deps_by_column.items()
    }


def _columns(declared: DeclaredMart, register: str) -> Iterator[tuple[str, list[Column]]]:
    """Each published column with what it comes from."""
    for name in declared.dimensions:
        renamed = declared.renamed.get(name)
        yield name, [(register, renamed.of if renamed else name)]
    for name, measure in declared.measures.items():
        if isinstance(measure, Share | Ratio):
            sides = [_of(measure.part, register), _of(measure.whole, register)]
            yield from ((column, side) for column, side in zip(declared.sides(name), sides, strict=True) if column)
            both = [*sides[0], *sides[1]]
            yield from ((column, both) for column in (declared.value_of(name), f"{name}_ci_low", f"{name}_ci_high"))
        elif isinstance(measure, Mean):
            columns = (declared.value_of(name), *(f"{name}_{end}" for end in ("rows", "ci_low", "ci_high")))
            yield from ((column, _of(measure, register)) for column in columns)
        else:
            yield name, _of(measure, register)


def _of(measure: object, register: str) -> list[Column]:
    """The columns that a measure, or a side of a share, names."""
    if isinstance(measure, Contingent):
        return [PUPILS]
    if not isinstance(measure, Count | Total | Label | Day | Made | Mean):
        return []
    of = getattr(measure, "of", None) or ()
    names = [*((of,) if isinstance(of, str) else of), *getattr(measure, "where", ()), *getattr(measure, "once_in", ())]
    own = {column.name for column in columns_of(KINDS[register].model)}
    sent = [ORGANISATION.get(name, name) if name not in own else name for name in names]
    return [(register, name) for name in sent if name in own]  # what the step adds is no column of the facts
