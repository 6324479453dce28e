"""Rows of upbringing that a step makes, on a few rows counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from msoko_pipeline.indicators.registers.rows.associations import with_absent
from schemas.measure import ALL

YEAR = 2026
ASSOCIATIONS = pd.DataFrame(
    [  # A lists its associations, B tells all together alone, C that nobody is in any
        ("A", ALL, 60, None, 200), ("A", "movement", 50, None, 200), ("A", "volunteers", 20, 5, None),
        ("B", ALL, 30, None, 90), ("C", ALL, 0, None, 40),
    ],
    columns=["org_id", "association", "members", "registered", "children"],
).assign(year=YEAR)  # fmt: skip


@pytest.mark.parametrize(
    ("org", "association", "expected"),
    [
        ("A", ALL, (60, 200, True)),
        ("A", "movement", (50, 200, True)),
        ("A", "yunarmia", (0, 200, False)),  # it is not on the list of A
        ("A", "volunteers", (20, None, True)),  # what a row does not tell is not taken from another
        ("B", ALL, (30, 90, True)),
        ("B", "yunarmia", None),  # B has listed nothing: unknown
        ("C", "yunarmia", (0, 40, False)),
    ],
)
def test_what_a_school_does_not_list_it_has_not(
    org: str, association: str, expected: tuple[int, int | None, bool] | None
) -> None:
    rows = with_absent(ASSOCIATIONS)
    rows = rows[(rows["org_id"] == org) & (rows["association"] == association)]
    values = [(row.members, None if pd.isna(row.children) else row.children, row.is_there) for row in rows.itertuples()]
    assert values == ([] if expected is None else [expected])


def test_nothing_is_made_of_nothing() -> None:
    assert with_absent(ASSOCIATIONS.iloc[:0]).empty
