"""The law of names, docs/naming.md, over every published table."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from schemas.fields import ColumnSpec, columns_of
from schemas.marts import MARTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "naming.md"
BOUNDS = ("_ci_low", "_ci_high")
PER_CENT = (*BOUNDS, "_se", "_pct")
NO_ENDING = {"value", "threshold", "ci_low", "ci_high", "index_value"}
"""Columns in per cent whose row tells the unit, or that are no share."""
FUNNELS = re.compile(r"funnel_(low|high)(_998)?")
OF_ITS_OWN = {("preschool_quality", "level"), ("preschool_quality", "unit_level")}
"""Where a fixed name means something else."""


def section(title: str) -> str:
    return PAGE.read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


def avoided() -> dict[str, str]:
    """Name that is avoided → the one that stands for its idea."""
    found = {}
    for line in section("Columns").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0].startswith("`"):
            found |= {name.strip("` "): cells[0] for name in cells[2].split(",")}
    return found


def fixed() -> set[str]:
    return set(re.findall(r"`([a-z_]+)`", section("Fixed names")))


def faults(tables: Mapping[str, Sequence[ColumnSpec]]) -> list[str]:
    """What the law says against the columns of some tables."""
    wrong, types = [], dict[str, tuple[str, str]]()
    instead, kept = avoided(), fixed()
    for table, columns in tables.items():
        names = {column.name for column in columns}
        for column in columns:
            name, place = column.name, f"{table}.{column.name}"
            if (table, name) in OF_ITS_OWN:
                continue
            if name in instead and name not in kept:
                wrong.append(f"{place}: {instead[name]}")
            is_flag, begins = column.dtype == "boolean", name.startswith(("is_", "has_"))
            if is_flag != begins and name not in kept and not name.endswith("_verified"):
                wrong.append(f"{place}: {'is_… or has_…' if is_flag else 'no flag'}")
            of_hundred = column.unit == "%"
            if name.endswith("_pct") and not of_hundred:
                wrong.append(f"{place}: its unit is not %")
            if of_hundred and not name.endswith(PER_CENT) and name not in NO_ENDING and not FUNNELS.fullmatch(name):
                wrong.append(f"{place}: …_pct")
            for low, high in (BOUNDS, BOUNDS[::-1]):
                stem = name.removesuffix(low)
                if stem != name and not ({f"{stem}{high}"} <= names and {stem, f"{stem}_pct"} & names):
                    wrong.append(f"{place}: an interval of nothing")
            if "unit_id" in names and "level" not in names:
                wrong.append(f"{place}: unit_id without level")
            before = types.setdefault(name, (column.dtype, table))
            if before[0] != column.dtype:
                wrong.append(f"{place}: {column.dtype}, in {before[1]} {before[0]}")
    return wrong


def test_every_table_keeps_the_law() -> None:
    assert faults({name: columns_of(model) for name, model in MARTS.items()}) == []


def test_the_page_is_read() -> None:
    assert len(avoided()) > 25
    assert {"basis_n", "suppressed", "unit_level"} <= fixed()
    names = {column.name for model in MARTS.values() for column in columns_of(model)}
    assert fixed() <= names, "a fixed name that no table has"


@pytest.mark.parametrize(
    ("name", "dtype", "unit", "says"),
    [
        ("n", "Int64", "чел.", "`participants`"),
        ("base", "Float64", None, "`numerator`, `denominator`"),
        ("judged", "boolean", None, "is_… or has_…"),
        ("is_judged", "Int64", None, "no flag"),
        ("coverage_pct", "Float64", None, "its unit is not %"),
        ("coverage", "Float64", "%", "…_pct"),
        ("coverage_ci_low", "Float64", "%", "an interval of nothing"),
        ("unit_id", "str", None, "unit_id without level"),
        ("participants", "Float64", None, "Float64, in first Int64"),
    ],
)
def test_a_fault_is_found(name: str, dtype: str, unit: str | None, says: str) -> None:
    def column(name: str, dtype: str, unit: str | None) -> ColumnSpec:
        return ColumnSpec(name, dtype, name, unit, False, False, True, None, ())

    (found,) = faults({"first": [column("participants", "Int64", None)], "second": [column(name, dtype, unit)]})
    assert found == f"second.{name}: {says}"


ROOT = PAGE.parents[1]
NO_NAMES = {"told", "found", "said", "held", "asked", "known", "heard", "df"}
IN_EVERY_FAMILY = {"steps", "results", "tasks", "works", "reports", "changes"}
"""Modules that a family has as another has them, under one name."""


def no_names(source: str) -> list[str]:
    """Variables and parameters of a source whose names say nothing of what they hold, with their lines."""
    named = [
        (node.lineno, node.id if isinstance(node, ast.Name) else node.arg)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.arg) or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    ]
    return [f"{line}: {name}" for line, name in sorted(named) if name in NO_NAMES]


def house() -> list[Path]:
    return [path for room in ("schemas", "msoko_pipeline", "assets") for path in sorted((ROOT / room).rglob("*.py"))]


def test_variables_are_named_after_what_they_hold() -> None:
    found = {
        str(path.relative_to(ROOT)): lines for path in house() if (lines := no_names(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize("source", ["told = read()", "def f(found): ...", "for said in lines: ...", "f(lambda df: df)"])
def test_a_name_that_is_none_is_found(source: str) -> None:
    assert no_names(source)
    assert no_names("rows = told(found=1)") == []


def test_a_file_name_has_one_meaning() -> None:
    places = Counter(path.stem for path in house() if path.is_relative_to(ROOT / "msoko_pipeline"))
    assert {name for name, times in places.items() if times > 1} <= {*IN_EVERY_FAMILY, "__init__"}
