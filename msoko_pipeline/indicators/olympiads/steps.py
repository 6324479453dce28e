"""The olympiads of the years, from the lake to a Parquet table; what no single file shows goes to the issue log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import facts, path_of, typed
from msoko_pipeline.indicators import insufficient
from msoko_pipeline.indicators.olympiads import formulas
from msoko_pipeline.indicators.organisations import contingents
from msoko_pipeline.indicators.organisations.register import units_of
from msoko_pipeline.issues import questions
from msoko_pipeline.issues.questions import Question
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.settings import Settings
from schemas import catalogue

TABLE = "olympiad"
TEXT = "string[python]"  # of the other storage pandas cannot join two columns without rows
RESULT = {
    **dict.fromkeys(("stage", "subject", "org_id", "pupil_key", "direction", "status", "outcome"), TEXT),
    **dict.fromkeys(("score", "max_score", "completion_pct"), "Float64"),
    "year": "int64", "grade": "Int64", "seq": "int64",
}  # fmt: skip
COUNT = {
    **dict.fromkeys(formulas.SCHOOL, TEXT), "year": "int64",
    **dict.fromkeys(("grade", "participants", "winners", "prizewinners"), "Int64"),
}  # fmt: skip
CONTINGENT = {"year": "int64", "org_id": TEXT, "grade": "Int64", "pupils": "Int64"}
"""What is taken of the facts: column → type."""


def make_olympiad(settings: Settings, years: Sequence[int]) -> int:
    """olympiad: see `formulas.of_units`."""
    with engine.connect(settings) as connection:
        units = units_of(connection, settings, years)
        rows = typed(resolved(connection, settings, "olympiad_result", years), RESULT)
        lacking = insufficient.of_kind(settings, years, "olympiad_result", rows, formulas.SCHOOL)
        rows = rows[rows["outcome"].fillna("") != "absent"].reset_index(drop=True)
        counts, contingent = (
            typed(facts(connection, settings, kind, years), columns)
            for kind, columns in (("olympiad_count", COUNT), ("contingent", CONTINGENT))
        )
        pupils, twice = formulas.participations(rows)
        results = formulas.of_units(connection, formulas.of_schools(pupils, counts, contingent, units), units)
        results = formulas.without_insufficient(results, lacking)
        questions.ask(settings, "olympiads", years, _asked(twice, formulas.over_quota(results), rows))
        questions.ask(
            settings, "contingents", years, contingents.differing(contingents.read(connection, settings, years))
        )
        questions.ask(settings, "insufficient_olympiads", years, _lacking(lacking))
        return engine.write_frame(connection, results, TABLE, years, path_of(settings, TABLE))


def _asked(twice: pd.DataFrame, quota: pd.DataFrame, rows: pd.DataFrame) -> Iterator[Question]:
    """A question a file whose pupils another row has told, and one a stage and subject over quota, about the last file
    that told of it.
    """
    for year, seq, count in twice.groupby(["year", "seq"], as_index=False)["rows"].sum().itertuples(index=False):
        yield Question(int(year), int(seq), "olympiad_twice", {"rows": int(count)})
    last = rows.groupby(formulas.WORK, as_index=False)["seq"].max()
    for line in quota.merge(last, on=formulas.WORK).itertuples():
        yield Question(int(line.year), int(line.seq), "olympiad_quota", {"detail": _in_words(line)})


def _lacking(works: pd.DataFrame) -> Iterator[Question]:
    """A question a school's work with too many rows in quarantine, about the file with most of them."""
    for row in works.itertuples():
        stage = catalogue.olympiad_rules()["stages"][row.stage]["title"].lower()
        subject = catalogue.subjects().get(row.subject, row.subject)
        details = {"value": f"ВсОШ, {stage}, {subject}", "org": row.org_id, "detail": row.reason}
        yield Question(int(row.year), int(row.seq), "work_insufficient", details, org_ref=row.org_id)


def _in_words(line: Any) -> str:
    stage = catalogue.olympiad_rules()["stages"][line.stage]["short"]
    quota = catalogue.olympiad_rules()["quota"]
    counted = f"{line.awards} из {line.judged} при квоте {quota} %"
    return f"{stage}, {catalogue.subjects()[line.subject]}: {counted}"
