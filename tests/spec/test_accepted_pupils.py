"""Marts count the pupils whose rows are accepted: a report beside them, which counts those in quarantine too, fills in
only what the rows cannot tell of the same pupils.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from msoko_pipeline.home import engine
from msoko_pipeline.indicators.vpr import merge
from tests.spec.tables import cells, table

WORK = {"year": 2026, "subject": "RU", "grade": 4}
ROWS = table("""
 unit     | n | marked | n2 | n3 | n4 | n5
 refused  | 8 | 8      | 2  | 6  | 0  | 0
 agrees   | 9 | 9      | 3  | 6  | 0  | 0
 unmarked | 9 | 0      | 0  | 0  | 0  | 0
 short    | 8 | 0      | 0  | 0  | 0  | 0
 absent   | 0 | 0      | 0  | 0  | 0  | 0
 unasked  | 5 | 5      | 5  | 0  | 0  | 0
 town     | 8 | 8      | 2  | 6  | 0  | 0
""")
ROW_GROUPS = table("""
 unit    | mark | c | s
 refused | 2    | 2 | 1
 refused | 3    | 6 | 6
 agrees  | 2    | 3 | 0
 agrees  | 3    | 6 | 3
 unasked | 2    | 5 | 0
 town    | 2    | 2 | 1
 town    | 3    | 6 | 6
""")
REPORT_GROUPS = table("""
 unit      | mark | participants | completion_pct
 refused   | 2    | 3            | 40
 refused   | 3    | 6            | 100
 agrees    | 2    | 3            | 0
 agrees    | 3    | 6            | 50
 unmarked  | 2    | 3            | 20
 unmarked  | 3    | 6            | 60
 short     | 2    | 3            | 20
 short     | 3    | 6            | 60
 absent    | 2    | 3            | 20
 no rows   | 3    | 4            | 70
 town      | 2    | 3            | 40
 region    | 3    | 900          | 60
""")
PUBLISHED_GROUPS = table("""
 unit      | mark | participants | completion_pct | facts_source
 agrees    | 2    | 3            | 0              | individual
 agrees    | 3    | 6            | 50             | individual
 no rows   | 3    | 4            | 70             | report
 refused   | 2    | 2            | 50             | individual
 refused   | 3    | 6            | 100            | individual
 region    | 3    | 900          | 60             | report
 town      | 2    | 2            | 50             | individual
 town      | 3    | 6            | 100            | individual
 unmarked  | 2    | 3            | 20             | report
 unmarked  | 3    | 6            | 60             | report
""")
TERRITORIES = {"town": "municipality", "region": "region"}


def of_work(frame: pd.DataFrame) -> pd.DataFrame:
    """A drawn table with the key of a work at a unit."""
    level = frame["unit"].map(lambda unit: TERRITORIES.get(unit, "school"))
    return frame.rename(columns={"unit": "unit_id"}).assign(level=level, **WORK)


def test_groups_with_the_same_mark() -> None:
    """refused: one of the report's three «2» is in quarantine; short, absent: the rows cannot tell whom it counts
    more; unasked: no report prints its groups, and five pupils are no group.
    """
    connection = duckdb.connect()
    own_cells, own_groups, report_groups, work_tasks = (
        engine.load(connection, frame)
        for frame in (
            of_work(ROWS),
            of_work(ROW_GROUPS).assign(position=1),
            of_work(REPORT_GROUPS).assign(task="1").astype({"mark": "int64"}),
            pd.DataFrame([WORK | {"position": 1, "task": "1", "max_score": 1}]),
        )
    )
    published = engine.select(
        connection,
        "select unit_id, mark::double, participants, completion_pct, facts_source from groups order by 1, 2",
        groups=merge.groups(connection, own_cells, own_groups, report_groups, work_tasks),
    )
    assert cells(published) == cells(PUBLISHED_GROUPS)
    schools = published.merge(ROWS, left_on="unit_id", right_on="unit")
    groups = schools.groupby("unit_id").agg(told=("participants", "sum"), n=("n", "first"))
    assert (groups["told"] <= groups["n"]).all(), "no unit has more pupils in groups than participants"


def test_scores_of_a_report_beside_rows() -> None:
    """Rows without scores: the report speaks where it counts no more pupils than they are."""
    own = pd.DataFrame([{"unit": "refused", "primary_score": 5, "participants": 8.0, "share_pct": 100.0}])
    report = table("""
     unit     | primary_score | participants | people
     refused  | 5             | 9            | 9
     unmarked | 5             | 9            | 9
     short    | 5             | 9            | 9
     absent   | 5             | 9            | 9
     no rows  | 5             | 9            | 9
     region   | 5             | 900          | 900
    """)
    connection = duckdb.connect()
    frames = (of_work(ROWS), of_work(own), of_work(report).assign(share_pct=100.0))
    distribution = merge.distribution(connection, *(engine.load(connection, frame) for frame in frames))
    assert sorted(engine.tuples(distribution.select("unit_id", "participants"))) == [
        ("no rows", 9),
        ("refused", 8),
        ("region", 900),
        ("unmarked", 9),
    ]
