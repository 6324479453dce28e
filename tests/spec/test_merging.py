"""Whose numbers a unit's row holds, each stage in tables of a few rows: individual rows, a report, the fuller one."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pytest

from msoko_pipeline.home import engine
from msoko_pipeline.indicators.organisations import register
from msoko_pipeline.indicators.vpr import merge
from msoko_pipeline.indicators.vpr.sums import COUNTS
from msoko_pipeline.settings import Settings
from tests.spec.tables import table

WORK = {"year": 2026, "subject": "RU", "grade": 4}
OWN = table("""
 unit_id | level        | n  | marked | from_file
 s1      | school       | 20 | 20     | 20
 s2      | school       | 10 | 10     | 4
 s3      | school       | 10 | 0      | 0
 town    | municipality | 40 | 30     | 24
""")
REPORT = table("""
 unit_id | level        | n  | mark_source | scale_verified
 s1      | school       | 25 | report      |
 s4      | school       | 9  | report      |
 s5      | school       | 8  | scale       | 0
 town    | municipality | 52 | report      |
""")


@pytest.fixture
def connection() -> Any:
    return duckdb.connect()


def cells(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**WORK, **{name: 0.0 for name in COUNTS if name not in rows})


@pytest.fixture
def own(connection: Any) -> engine.Relation:
    return engine.load(connection, cells(OWN).assign(spread=1.0))


@pytest.fixture
def report(connection: Any) -> engine.Relation:
    types = {"scale_verified": "boolean", "mark_source": "string"}
    return engine.load(connection, cells(REPORT).assign(max_primary=30.0).astype(types))


@pytest.fixture
def works(connection: Any) -> engine.Relation:
    work = {**WORK, "max_primary": 38, "tasks": 15, "pupil_grade": 4, "scale_verified": False}
    return engine.load(connection, pd.DataFrame([work]))


@pytest.mark.parametrize(("share", "units"), [(0.1, {"town"}), (0.3, set()), (0.31, set())])
def test_only_a_territorys_report_is_fuller(
    connection: Any, own: engine.Relation, report: engine.Relation, share: float, units: set[str]
) -> None:
    """52 is more than 40 by three tenths; of school s1 the report counts more too, and its rows hold all the same."""
    assert {row["unit_id"] for _, row in _rows(merge.fuller(connection, own, report, share))} == units


def test_a_unit_has_the_numbers_of_one_source(
    connection: Any, own: engine.Relation, report: engine.Relation, works: engine.Relation
) -> None:
    fuller = merge.fuller(connection, own, report, 0.1)
    rows = {row["unit_id"]: row for _, row in _rows(merge.cells(connection, own, report, works, fuller))}
    assert {unit: (row["facts_source"], row["n"]) for unit, row in rows.items()} == {
        "s1": ("individual", 20), "s2": ("individual", 10), "s3": ("individual", 10),
        "s4": ("report", 9), "s5": ("report", 8), "town": ("report", 52),
    }  # fmt: skip
    assert {unit: row["max_primary"] for unit, row in rows.items() if unit in ("s1", "s4")} == {"s1": 38, "s4": 30}
    assert rows["s4"]["tasks"] == 15, "of a work that somebody's rows tell of"


def test_whose_marks_they_are(
    connection: Any, own: engine.Relation, report: engine.Relation, works: engine.Relation
) -> None:
    """The file's own in all rows are sure; else they are of the scale, and as sure as it is; a report's are sure."""
    nobody = merge.fuller(connection, own, report, 9)
    rows = engine.pandas(merge.cells(connection, own, report, works, nobody)).set_index("unit_id")
    marks = rows[["mark_source", "scale_verified"]].astype(object).where(lambda told: told.notna(), None)
    assert marks.apply(tuple, axis=1).to_dict() == {
        "s1": ("file", True), "s2": ("scale", False), "s3": (None, None), "town": ("scale", False),
        "s4": ("report", True), "s5": ("scale", False),
    }  # fmt: skip


def test_tasks_of_a_report_where_no_rows_are(connection: Any, own: engine.Relation) -> None:
    task = {"task": "4.К1", "max_score": 2.0}
    sums = dict.fromkeys(("n", "t", "tt", "c", "s", "f", "z", "x", "b", "q", "r"), 1.0)
    unit = {**WORK, "level": "school"}
    frames = (
        pd.DataFrame([{**unit, "unit_id": "s1", "position": 4, **sums}]),
        pd.DataFrame([{**unit, **task, "unit_id": unit_id, "c": 9.0, "s": 12.0} for unit_id in ("s1", "s4")]),
        pd.DataFrame([{**WORK, **task, "position": 4, "max_verified": True, "difficulty": None}]).astype(
            {"difficulty": "string"}
        ),
        pd.DataFrame([{**WORK, "task": "4.К1", "difficulty": "П", "skill": "…"}]),
    )
    own_tasks, report_tasks, work_tasks, codifier = (engine.load(connection, frame) for frame in frames)
    rows = engine.pandas(merge.tasks(connection, own, own_tasks, report_tasks, work_tasks, codifier))
    rows = rows.set_index("unit_id").sort_index()
    assert rows[["task", "max_score", "c"]].to_numpy().tolist() == [["4.К1", 2, 1], ["4.К1", 2, 9]]
    assert rows["difficulty"].fillna("").tolist() == ["", "П"], "the codifier speaks of works that only reports tell of"
    assert rows.loc["s4", ["n", "f", "r"]].isna().all()


@pytest.mark.parametrize(("scope", "levels"), [("municipality", "ms"), ("region", "mrs")])
def test_units_that_a_school_enters(connection: Any, scope: Any, levels: str) -> None:
    frame = pd.DataFrame({"year": 2026, "org_id": ["s1", "s2"], "municipality_id": ["m1", None]})
    units = register.units(connection, engine.load(connection, frame), Settings(scope=scope))
    own = engine.tuples(engine.query(connection, "select level, unit_id from units where org_id = 's1'", units=units))
    assert "".join(sorted(level[0] for level, _ in own)) == levels
    nowhere = engine.query(connection, "select level from units where org_id = 's2'", units=units)
    assert ("municipality",) not in engine.tuples(nowhere)


def _rows(relation: engine.Relation) -> Any:
    return engine.pandas(relation).iterrows()
