"""Quality of training in the years: results of every procedure as rows of one kind, and the mart of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import path_of, years_having
from msoko_pipeline.indicators.organisations.register import units_of
from msoko_pipeline.indicators.registers import measures
from msoko_pipeline.settings import Settings
from schemas.kinds import DECLARED_MARTS
from schemas.training import GRADES, SUBJECTS

TRAINING = DECLARED_MARTS["training_quality_indicators"]
OF_SUBJECTS = ", ".join(f"'{subject}'" for subject in SUBJECTS)
QUERIES = {
    "results": f"""select year, unit_id as org_id, 'VPR' as procedure, marked as judged, n3 + n4 + n5 as base,
        n4 + n5 as high, null as individual from results
        where level = 'school' and subject in ({OF_SUBJECTS}) and grade between {GRADES[0]} and {GRADES[1]}""",
    "gia_results": f"""select year, unit_id, procedure, with_result, with_result - below_minimum,
        case when procedure = 'OGE' or subject = 'MB' then mark_5 else band_81_99 + band_100 end, null
        from gia_results where level = 'school' and subject in ({OF_SUBJECTS}) and procedure in ('OGE', 'EGE')""",
    "certificates": """select year, unit_id, 'CERTIFICATE', certificates_whole, certificates_part, null, null
        from certificates where level = 'school' and certificates_pct is not null
        union all select year, unit_id, 'SUM3', examined, null, sum3_220, null
        from certificates where level = 'school' and grade = 11""",
    "olympiad": """select year, unit_id, 'RE', efficiency_whole, null, efficiency_part, null
        from olympiad where level = 'school' and stage = 'RE' and subject = 'ALL'""",
    "profile_education": " union all ".join(
        f"""select year, unit_id, '{procedure}', {name}_whole, null, null, {name}_part from profile_education
        where level = 'school' and grade = 0 and profile = 'ALL' and {name}_pct is not null"""
        for procedure, name in (("PROFILE", "coverage"), ("PLANS", "own_plans"), ("CHOICE", "choice"))
    ),
}
"""Computed table → its schools' results, columns of `schemas.training.Results`. Whose whole is 0 tell nothing."""


def make_training(settings: Settings, years: Sequence[int]) -> int:
    """training_quality_indicators, declared."""
    with engine.connect(settings) as connection:
        mart = measures.of_frame(
            connection, read_results(connection, settings, years), units_of(connection, settings, years), TRAINING
        )
        return engine.write_frame(connection, mart, TRAINING.name, years, path_of(settings, TRAINING.name))


def read_results(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """year, org_id and the columns of `schemas.training.Results`, of the computed tables that the years have."""
    queries = []
    for name, query in QUERIES.items():
        if computed_years := years_having(settings, years, name):
            engine.read_years(connection, name, computed_years, path_of(settings, name))
            queries.append(query)
    if not queries:
        return pd.DataFrame(columns=["year", "org_id", *TRAINING.specs])
    return engine.select(connection, f"select * from ({' union all '.join(queries)}) where judged > 0 order by all")
