"""What must hold of the categories before anything is published: each has its reasons, no school is left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import path_of
from msoko_pipeline.settings import Settings
from schemas import catalogue

Verdict = tuple[bool, dict[str, Any]]
SHOWN = 20  # schools named in a verdict

TABLES = ("school_risk", "risk_reason", "results", "organisations")


def _found(settings: Settings, years: Sequence[int], query: str) -> Verdict:
    """Whether a query over the years' tables finds nothing; what it finds (year, org_id) is reported."""
    with engine.connect(settings) as connection:
        tables = {name: engine.read(connection, years, path_of(settings, name)) for name in TABLES}
        rows = engine.tuples(engine.query(connection, query, **tables))
    return not rows, {"schools": [f"{year} {org_id}" for year, org_id, *_ in rows[:SHOWN]], "count": len(rows)}


def reasoned(settings: Settings, years: Sequence[int]) -> Verdict:
    """ШНОР and the zone have a reason each, the others none; ШНСУ and signs have theirs."""
    return _found(
        settings,
        years,
        """select year, org_id from school_risk left join (
            select year, org_id, bool_or(about = 'category') as why, bool_or(about = 'shnsu') as social,
                bool_or(about like 'objectivity%') as sign, bool_or(about = 'objectivity') as making
            from risk_reason group by all) using (year, org_id)
        where coalesce(why, false) <> (category in ('shnor', 'risk_zone'))
            or (shnsu and not coalesce(social, false)) or (signs > 0 and not coalesce(sign, false))
            or (objectivity_status = 'signs' and not coalesce(making, false))""",
    )


def complete(settings: Settings, years: Sequence[int]) -> Verdict:
    """Every school with results has one row of categories in the year; kinds that are no schools need none."""
    others = " or ".join(
        f"year = {year} and list_contains({list(kinds)}, org_kind)"
        for year in years
        if (kinds := catalogue.risk_rules(settings.risk_rules, year)["not_schools"])
    )
    return _found(
        settings,
        years,
        f"""select year, unit_id as org_id from results where level = 'school'
        and (year, unit_id) not in (select (year, org_id) from school_risk)
        and (year, unit_id) not in (select (year, org_id) from organisations where {others or "false"})
        union all select year, org_id from school_risk group by all having count(*) > 1""",
    )


OF_CATEGORIES = {
    "reasons": ("У каждой категории есть основания, лишних оснований нет", reasoned),
    "every_school": ("Каждая школа с результатами имеет ровно одну категорию", complete),
}
