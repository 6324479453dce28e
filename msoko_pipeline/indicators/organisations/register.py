"""Organisations of the years: the register, joined with every login the year's files name; and where each belongs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine
from msoko_pipeline.home.store import NO_YEAR
from msoko_pipeline.home.year_tables import path, path_of
from msoko_pipeline.matching.resolve import REFERRING
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.kinds import REGISTERS
from schemas.layout import layouts

COLUMNS = [
    "org_id",
    "name",
    "short_name",
    "org_kind",
    "municipality_id",
    "municipality_name",
    "aliases",
    "inn",
    "oge_code",
    "ege_code",
]
UNIT_KINDS = ("vpr_marks", "vpr_journal", "vpr_distribution", "vpr_task_performance", "vpr_task_group")
LIST_KINDS = tuple(name for name, declared in REGISTERS.items() if not declared.is_of_own)
"""Told by the region of its schools: in a town's inbox most of them are others'."""
OWN_KINDS = (
    "vpr_context",
    *(name for name, declared in REGISTERS.items() if declared.is_of_own and "org_id" in declared.columns),
)
"""Told of the territory's own organisations only."""


def merged(settings: Settings, years: Sequence[int], register: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """One row per year and organisation known in it: year, COLUMNS. The register wins; files add what it lacks.

    register: see `read_register`; seen: year, org_id, and some of COLUMNS, of the organisations to be taken as they
    are named. In the scope of a municipality every organisation belongs to the one town.
    """
    told = [register.assign(year=year) for year in years if len(register)] + [seen] * bool(len(seen))
    if not told:
        return pd.DataFrame(columns=["year", *COLUMNS])
    found = pd.concat(told, ignore_index=True).groupby(["year", "org_id"], as_index=False, sort=True).first()
    for name in COLUMNS:
        if name not in found:
            found[name] = None
    if settings.scope == "municipality":
        codes = found["municipality_id"].dropna().unique()
        known = settings.municipality_code != settings.municipality_name
        code = codes[0] if len(codes) == 1 and not known else settings.municipality_code
        found["municipality_id"], found["municipality_name"] = code, settings.municipality_name
    # whoever has a preschool's code is one, however the register spells its kind: no rules of schools are its rules
    kinds = catalogue.logins()["kinds"]
    letters = found["org_id"].str.rstrip("0123456789")
    never = letters.map({kind: told["org_kind"] for kind, told in kinds.items() if not told["school"]})
    otherwise = letters.map({kind: told["org_kind"] for kind, told in kinds.items() if told["org_kind"]})
    found["org_kind"] = never.combine_first(found["org_kind"]).combine_first(otherwise).astype("string")
    found["name"] = found["name"].combine_first(found["org_id"])
    return found[["year", *COLUMNS]]


def read_register(connection: Any, settings: Settings) -> pd.DataFrame:
    """Lines of the register and of school lists, the register's first: COLUMNS that are told, and `listed`.

    listed: False for what an export says of its own schools, which is no register.
    """
    if not engine.current(connection, settings, "organisation", [NO_YEAR], "organisation"):
        return pd.DataFrame(columns=["org_id", "aliases", "municipality_id", "listed"])
    frame = connection.execute("select * from organisation_all order by rank desc").df()
    frame["name"] = frame["name"].combine_first(frame["short_name"])
    frame["listed"] = frame["priority"].isin(_priorities_of_registers())
    return frame[[name for name in (*COLUMNS, "listed") if name in frame]]


def _priorities_of_registers() -> set[int]:
    own = (layout for layout in layouts().values() if layout.kind == "organisation")
    return {layout.priority for layout in own if not layout.auxiliary}


def read_seen(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """Logins that these years' results and reports name, with the names and municipalities printed beside them:
    year, org_id, municipality_id, name.
    """
    parts = []
    current = partial(engine.current, connection, settings, years=years, as_written=True)
    if current(kind="vpr_result", view="seen_results"):
        parts.append(
            "select year, org_id, mode(municipality_id) as municipality_id, null as name "
            "from seen_results group by 1, 2"
        )
    parts += [
        f"select year, unit_id, null, mode(unit_name) from seen_{kind} where level = 'school' group by 1, 2"
        for kind in UNIT_KINDS
        if current(kind=kind, view=f"seen_{kind}")
    ]
    parts += [
        f"select distinct year, org_id, null, null from seen_{kind}"
        for kind in OWN_KINDS
        if current(kind=kind, view=f"seen_{kind}")
    ]
    if not parts:
        return pd.DataFrame(columns=["year", "org_id", "municipality_id", "name"])
    return connection.execute(
        "select year, org_id, any_value(municipality_id) as municipality_id, any_value(name) as name from "
        f"({' union all '.join(parts)}) as seen(year, org_id, municipality_id, name) group by 1, 2 order by 1, 2"
    ).df()


def read_references(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """year, org_ref: the schools that these years' files name by a code, an ИНН or words, as they are written."""
    parts = [
        f"select year, org_ref from seen_{kind}"
        for kind in REFERRING
        if engine.current(connection, settings, kind, years, f"seen_{kind}", as_written=True)
    ]
    if not parts:
        return pd.DataFrame(columns=["year", "org_ref"])
    return connection.execute(f"select distinct year, org_ref from ({' union all '.join(parts)}) order by all").df()


def units(connection: Any, settings: Settings, organisations: str, name: str) -> None:
    """Make the table `name`: year, org_id, level, unit_id — every unit whose sums a school's results enter.

    organisations: table of the years' organisations. The region is a unit only where the inbox covers it whole.
    """
    connection.execute(
        f"create table {name} as select year, org_id, 'school' as level, org_id as unit_id from {organisations} "
        f"union all select year, org_id, 'municipality', municipality_id from {organisations} "
        "where municipality_id is not null"
    )
    if settings.scope == "region":
        connection.execute(
            f"insert into {name} select year, org_id, 'region', ? from {organisations}", [settings.region_code]
        )


def members_of(connection: Any, settings: Settings, years: Sequence[int], name: str) -> None:
    """Make the table `name`: year, org_id, level, unit_id — the territories that each organisation belongs to."""
    known = [year for year in years if path(settings, year, "organisations").exists()]
    if not known:
        of_nobody = "null::bigint as year, '' as org_id, '' as level, '' as unit_id where false"
        connection.execute(f"create table {name} as select {of_nobody}")
        return
    engine.read_years(connection, f"{name}_orgs", known, path_of(settings, "organisations"))
    units(connection, settings, f"{name}_orgs", f"{name}_units")
    connection.execute(f"create table {name} as select distinct * from {name}_units where level <> 'school'")


def units_of(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """`units` of the years as a frame, in a settled order."""
    engine.read_years(connection, "orgs", years, path_of(settings, "organisations"))
    units(connection, settings, "orgs", "units")
    found: pd.DataFrame = connection.execute("select * from units order by all").df()
    return found


def homes(units: pd.DataFrame) -> pd.DataFrame:
    """year, org_id, home: the municipality of each organisation that has one. units: see `units`."""
    towns = units[units["level"] == "municipality"].drop_duplicates(["year", "org_id"])
    return towns[["year", "org_id", "unit_id"]].rename(columns={"unit_id": "home"})
