"""Organisations of the years: the register, joined with every login the year's files name; and where each belongs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine, holding
from msoko_pipeline.home.engine import Relation
from msoko_pipeline.home.store import NO_YEAR
from msoko_pipeline.home.year_tables import path_of, years_having
from msoko_pipeline.matching.resolve import NAMED, REFERRING
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
    parts = [register.assign(year=year) for year in years if len(register)] + [seen] * bool(len(seen))
    if not parts:
        return pd.DataFrame(columns=["year", *COLUMNS])
    home = pd.concat(parts, ignore_index=True).groupby(["year", "org_id"], as_index=False, sort=True).first()
    for name in COLUMNS:
        if name not in home:
            home[name] = None
    if settings.scope == "municipality":
        codes = home["municipality_id"].dropna().unique()
        is_set = settings.municipality_code != settings.municipality_name
        code = codes[0] if len(codes) == 1 and not is_set else settings.municipality_code
        home["municipality_id"], home["municipality_name"] = code, settings.municipality_name
    # whoever has a preschool's code is one, however the register spells its kind: no rules of schools are its rules
    kinds = catalogue.logins()["kinds"]
    letters = home["org_id"].str.rstrip("0123456789")
    never = letters.map({kind: declared["org_kind"] for kind, declared in kinds.items() if not declared["school"]})
    otherwise = letters.map({kind: declared["org_kind"] for kind, declared in kinds.items() if declared["org_kind"]})
    home["org_kind"] = never.combine_first(home["org_kind"]).combine_first(otherwise).astype("string")
    home["name"] = home["name"].combine_first(home["org_id"])
    return home[["year", *COLUMNS]]


def read_register(connection: Any, settings: Settings) -> pd.DataFrame:
    """Lines of the register and of school lists, the register's first: COLUMNS as far as given, and `listed`.

    listed: False for what an export says of its own schools, which is no register.
    """
    facts = holding.every(connection, settings, "organisation", [NO_YEAR])
    if facts is None:
        return pd.DataFrame(columns=["org_id", "aliases", "municipality_id", "listed"])
    lines = engine.select(connection, "select * from lines order by rank desc", lines=facts.rows)
    lines["name"] = lines["name"].combine_first(lines["short_name"])
    lines["listed"] = lines["priority"].isin(_priorities_of_registers())
    return lines[[name for name in (*COLUMNS, "listed") if name in lines]]


def _priorities_of_registers() -> set[int]:
    own = (layout for layout in layouts().values() if layout.kind == "organisation")
    return {layout.priority for layout in own if not layout.auxiliary}


_OF_RESULTS = "select year, org_id, mode(municipality_id), null from {} group by 1, 2"
_OF_UNITS = "select year, unit_id, null, mode(unit_name) from {} where level = 'school' group by 1, 2"
_OF_OWN = "select distinct year, org_id, null, null from {}"


def read_seen(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """Logins that these years' results and reports name, with the names and municipalities printed beside them:
    year, org_id, municipality_id, name.
    """
    queries = {"vpr_result": _OF_RESULTS, **dict.fromkeys(UNIT_KINDS, _OF_UNITS), **dict.fromkeys(OWN_KINDS, _OF_OWN)}
    facts = _as_written(connection, settings, [*queries], years)
    if not facts:
        return pd.DataFrame(columns=["year", "org_id", "municipality_id", "name"])
    seen = " union all ".join(queries[kind].format(kind) for kind in facts)
    return engine.select(
        connection,
        "select year, org_id, any_value(municipality_id) as municipality_id, any_value(name) as name from "
        f"({seen}) as seen(year, org_id, municipality_id, name) group by 1, 2 order by 1, 2",
        **facts,
    )


def _as_written(connection: Any, settings: Settings, kinds: Sequence[str], years: Sequence[int]) -> dict[str, Relation]:
    """Kind → its facts that hold, schools as the files name them; without the kinds that have none."""
    facts = ((kind, holding.current(connection, settings, kind, years, as_written=True)) for kind in kinds)
    return {kind: rows for kind, rows in facts if rows is not None}


def read_references(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """year, org_ref: the schools that these years' files name by a code, an ИНН or words, as they are written."""
    facts = _as_written(connection, settings, REFERRING, years)
    if not facts:
        return pd.DataFrame(columns=["year", "org_ref"])
    every = " union all ".join(f"select year, org_ref from {kind} where {NAMED}" for kind in facts)
    return engine.select(connection, f"select distinct year, org_ref from ({every}) order by all", **facts)


def units(connection: Any, organisations: Relation, settings: Settings) -> Relation:
    """year, org_id, level, unit_id — every unit whose sums a school's results enter.

    organisations: year, org_id, municipality_id. The region is a unit only where the inbox covers it whole.
    """
    region = settings.region_code.replace("'", "''")
    of_region = f" union all select year, org_id, 'region', '{region}' from organisations"
    return engine.query(
        connection,
        "select year, org_id, 'school' as level, org_id as unit_id from organisations "
        "union all select year, org_id, 'municipality', municipality_id from organisations "
        f"where municipality_id is not null{of_region if settings.scope == 'region' else ''}",
        organisations=organisations,
    )


def units_in(connection: Any, settings: Settings, years: Sequence[int]) -> Relation:
    """`units` of the organisations of the years."""
    return units(connection, engine.read(connection, years, path_of(settings, "organisations")), settings)


def members_in(connection: Any, settings: Settings, years: Sequence[int]) -> Relation:
    """year, org_id, level, unit_id — the territories that each organisation belongs to."""
    computed_years = years_having(settings, years, "organisations")
    if not computed_years:
        of_nobody = "null::bigint as year, '' as org_id, '' as level, '' as unit_id"
        return engine.query(connection, f"select {of_nobody} where false")
    return engine.query(
        connection,
        "select distinct * from units where level <> 'school'",
        units=units_in(connection, settings, computed_years),
    )


def members_of(connection: Any, settings: Settings, years: Sequence[int], name: str) -> None:
    """`members_in` as the table `name`."""
    engine.keep(connection, members_in(connection, settings, years), name)


def units_of(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """`units_in` as a frame, in a settled order."""
    rows = units_in(connection, settings, years)
    return engine.select(connection, "select * from rows order by all", rows=rows)


def homes(units: pd.DataFrame) -> pd.DataFrame:
    """year, org_id, home: the municipality of each organisation that has one. units: see `units`."""
    towns = units[units["level"] == "municipality"].drop_duplicates(["year", "org_id"])
    return towns[["year", "org_id", "unit_id"]].rename(columns={"unit_id": "home"})
