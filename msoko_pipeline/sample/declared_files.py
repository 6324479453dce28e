"""Files of the sources that are declared whole (`schemas/sources`), made of the types of their columns.

<Source>/NNNN/<form> NNNN.xlsx      every school, several rows each; a cell that may be empty is empty now and then
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from msoko_pipeline.sample import (
    assessment_rows,
    control_rows,
    failing_rows,
    graduate_rows,
    management_rows,
    nok_rows,
    practice_rows,
    staff_rows,
    upbringing_rows,
)
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import School
from msoko_pipeline.sample.workbooks import Cell, Row, Sheet, xlsx
from schemas.fields import ColumnSpec, Written
from schemas.kinds import DECLARED, REGISTERS, SOURCES
from schemas.register import Declaration

ROWS = 6  # of a school
EMPTY = 0.1  # of the cells that may be empty
SPREAD = 0.35  # logits of a count around its example
AUTUMN = 9  # month in which the school year begins
OwnRows = Callable[[Sequence[School], int, int], Iterable[Row]]
OWN_ROWS: dict[str, OwnRows] = {
    **assessment_rows.OWN_ROWS,
    **control_rows.OWN_ROWS,
    **failing_rows.OWN_ROWS,
    **graduate_rows.OWN_ROWS,
    **management_rows.OWN_ROWS,
    **nok_rows.OWN_ROWS,
    **practice_rows.OWN_ROWS,
    **staff_rows.OWN_ROWS,
    **upbringing_rows.OWN_ROWS,
}
"""Register → its rows of a town, year and seed, in the order of the form, where types alone would make nonsense."""


def declared_files(town: Sequence[School], year: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """The year's files: path inside the inbox and bytes."""
    for declared in REGISTERS.values():
        source = declared.kind.source
        if source in DECLARED:
            own = OWN_ROWS.get(declared.name)
            rows = (
                [*own(town, year, seed)] if own else [r for school in town for r in _rows(declared, school, year, seed)]
            )
            name = declared.file.removesuffix(".xlsx")
            title = SOURCES[source].capitalize()
            yield f"{title}/{year}/{name} {year}.xlsx", xlsx(Sheet(declared.sheet, [declared.form.header, *rows]))


def _rows(declared: Declaration, school: School, year: int, seed: int) -> Iterator[Row]:
    """Rows of a school that do not say the same thing twice, no more than ROWS."""
    rng = stream(seed, declared.name, school.login, year)
    seen: set[tuple[Cell, ...]] = set()
    for _ in range(ROWS):
        cells = {name: _cell(spec, written, school, year, rng) for name, (spec, written) in declared.columns.items()}
        for name, (spec, _) in declared.columns.items():
            wholes = [number for each in spec.at_most if isinstance(number := cells[each], int)]
            part = cells[name]
            if isinstance(part, int):
                cells[name] = min(part, *wholes) if wholes else part
        key = tuple(cells[name] for name, (spec, _) in declared.columns.items() if spec.key)
        if key not in seen:
            seen.add(key)
            yield list(cells.values())


def _cell(spec: ColumnSpec, written: Written, school: School, year: int, rng: np.random.Generator) -> Cell:
    """A cell as a clerk would fill it in."""
    if spec.name == "year":
        return year
    if spec.reads in ("login", "school"):
        return school.login
    if spec.nullable and not written.of_all and rng.random() < EMPTY:
        return None
    if written.choices:
        return written.choices[int(rng.integers(len(written.choices)))]
    if spec.reads == "date":
        month = int(rng.choice([9, 10, 11, 12, 2, 3, 4]))
        return f"{int(rng.integers(1, 28)):02d}.{month:02d}.{year - 1 if month >= AUTUMN else year}"
    if spec.dtype.startswith("Int"):
        return max(1, round(float(written.example) * float(np.exp(rng.normal(0, SPREAD)))))
    return f"{written.example} {int(rng.integers(1, 4))}"
