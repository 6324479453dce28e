"""Logins and codes that the files of the years name, held against the register.

Where there is a register of such organisations, a login outside it is a question and its rows wait; where there is
none, logins and codes make organisations of their own, so that results are published, and the register is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine, holding, store
from msoko_pipeline.home.engine import Relation
from msoko_pipeline.indicators.organisations.register import LIST_KINDS
from msoko_pipeline.issues.questions import Question
from msoko_pipeline.matching.match import Register, other_logins, suggested
from msoko_pipeline.settings import Settings
from msoko_pipeline.text.cells import whole
from msoko_pipeline.text.logins import SCHOOL, kind_of, login_in
from schemas import catalogue
from schemas.kinds import KINDS

OWN_CODE = "ris"
"""What the id of an organisation begins with of which only a code of РИС is known."""
INN = (10, 12)  # digits of an organisation's and a person's
UNKNOWN = ["year", "kind", "login", "seq", "row", "rows", "elsewhere"]


def letters(logins: pd.Series) -> pd.Series:
    """The kinds of organisations, as their logins tell them."""
    return logins.astype("string").str.rstrip("0123456789")


def judged(settings: Settings, register: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """seen (see `register.read_seen`) with `school`, its own login, and `status`: own, other (another login of the
    school), provisional (there is no register of such organisations), elsewhere (of another municipality), unknown.
    """
    listed = register[register["listed"].astype(bool)]
    school = seen["org_id"].map(other_logins(listed))
    among = letters(seen["org_id"]).isin(letters(listed["org_id"]))
    home = set(listed["municipality_id"].dropna()) if settings.scope == "municipality" else set()
    elsewhere = seen["municipality_id"].notna() & ~seen["municipality_id"].isin(home) & bool(home)
    status = pd.Series("unknown", index=seen.index).mask(elsewhere, "elsewhere").mask(~among, "provisional")
    status = status.mask(school.notna(), "other").mask(school == seen["org_id"], "own")
    return seen.assign(school=school.mask(status == "provisional", seen["org_id"]), status=status)


def coded(references: pd.DataFrame, register: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Organisations of kinds that no register lists, as references name them (see `register.read_references`):
    year, org_id, and the code or ИНН they are known by.
    """
    listed = set(letters(register.loc[register["listed"].astype(bool), "org_id"]))
    schools = set(zip(seen["year"], seen["org_id"], strict=True))
    rows = []
    for year, text in references.itertuples(index=False):
        code, login = whole(str(text).strip()), login_in(str(text))
        if login and login.rstrip("0123456789") not in listed:
            rows.append({"year": year, "org_id": login})
        elif code.isdigit() and SCHOOL not in listed:
            org_id = SCHOOL + code if (year, SCHOOL + code) in schools else OWN_CODE + code.lstrip("0")
            rows.append({"year": year, "org_id": org_id, "inn" if len(code) in INN else "oge_code": code})
    return pd.DataFrame(rows, columns=["year", "org_id", "inn", "oge_code"]).drop_duplicates(["year", "org_id"])


def renamed(register: pd.DataFrame, places: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """year, login, org_id: whose each login is that is not its owner's own; NULL where it is none of ours. Facts are
    read by it (`holding.current`).
    """
    others = other_logins(register[register["listed"].astype(bool)])
    rows = [(year, login, org_id) for login, org_id in others.items() if login != org_id for year in years]
    nobodys = places[["year", "login"]].drop_duplicates().assign(org_id=None)
    logins = pd.concat([pd.DataFrame(rows, columns=["year", "login", "org_id"]), nobodys], ignore_index=True)
    return logins.astype({"year": "int64", "login": "string", "org_id": "string"})


def unknown(
    connection: Any, settings: Settings, years: Sequence[int], register: pd.DataFrame, seen: pd.DataFrame
) -> pd.DataFrame:
    """UNKNOWN: where the files of the years name a login that no school of the register has, and in how many rows.

    seen: see `judged`; the lists of a region are looked through here, for they make nobody an organisation.
    """
    strange = seen.loc[seen["status"].isin(("unknown", "elsewhere")), ["year", "org_id", "status"]]
    parts = [pd.DataFrame(columns=UNKNOWN)]
    for kind in KINDS:
        column = holding.organisation_column(kind)
        if strange.empty and kind not in LIST_KINDS:
            continue
        rows = holding.current(connection, settings, kind, years, as_written=True) if column else None
        if column is None or rows is None:
            continue
        logins = strange if kind not in LIST_KINDS else _outside(connection, settings, register, rows)
        if len(logins):
            parts.append(_places(connection, settings, rows, kind, column, years, logins))
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)[UNKNOWN]


def _outside(connection: Any, settings: Settings, register: pd.DataFrame, rows: Relation) -> pd.DataFrame:
    """year, org_id, status of the logins of a list that no organisation of the register has. rows: those that hold."""
    spellings = engine.select(connection, "select distinct year, org_id from rows order by all", rows=rows)
    logins = judged(settings, register, spellings.assign(municipality_id=None))
    logins = logins[logins["status"] == "unknown"]
    return logins.assign(status="elsewhere" if settings.scope == "municipality" else "unknown")


def _places(
    connection: Any,
    settings: Settings,
    rows: Relation,
    kind: str,
    column: str,
    years: Sequence[int],
    logins: pd.DataFrame,
) -> pd.DataFrame:
    """UNKNOWN of one kind. rows: its facts that hold. A row that makes several facts counts once."""
    files = [path for year in years for path in store.fact_files(settings.lake, kind, year)]
    written = store.as_sql(files, "union_by_name = true", "hive_partitioning = true", "filename = true")
    of_schools = "where f.level = 'school'" if column == "unit_id" else ""
    return engine.select(
        connection,
        f"select f.year, '{kind}' as kind, f.{column} as login, f.seq, min(f.row) as row, "
        "count(distinct (f.filename, f.row)) as rows, any_value(s.status) = 'elsewhere' as elsewhere "
        f"from {written} f "
        f"join strange s on f.year = s.year and f.{column} = s.org_id "
        f"semi join rows n on f.year = n.year and f.{column} = n.{column} and f.seq = n.seq "
        f"{of_schools} group by all order by all",
        rows=rows,
        strange=engine.load(connection, logins[["year", "org_id", "status"]].astype({"year": "int64"})),
    )


def asked(places: pd.DataFrame, register: Register, names: dict[str, str]) -> Iterator[Question]:
    """A question a file and login; one for all where there are many. places: UNKNOWN; names: printed beside logins."""
    most = catalogue.logins()["alike"]["asked"]
    for (year, seq, elsewhere), of_file in places.groupby(["year", "seq", "elsewhere"], sort=True):
        logins = of_file.groupby("login", sort=True).agg(rows=("rows", "sum"), row=("row", "min"))
        if elsewhere or len(logins) > most:
            first = ", ".join(logins.index[:most]) + (f" и ещё {len(logins) - most}" if len(logins) > most else "")
            issue = "schools_elsewhere" if elsewhere else "logins_unknown"
            yield Question(int(year), int(seq), issue, {"detail": first, "rows": int(logins["rows"].sum())})
            continue
        for line in logins.itertuples():
            login = str(line.Index)
            near = suggested(login, names.get(login, ""), register)
            details = {"value": login, "rows": int(line.rows), "detail": f"; похожи: {near}" if near else ""}
            yield Question(int(year), int(seq), "login_unknown", details, int(line.row), login)


def asked_for_a_register(provisional: pd.DataFrame, first: dict[int, int], *, is_there: bool) -> Iterator[Question]:
    """The register, asked of each year in which files make organisations.

    provisional: year, org_id of these; first: year → the file that the question is put to; is_there: there is one, but
    of other kinds.
    """
    issue = "register_lacks" if is_there else "register_missing"
    for year, of_year in provisional.groupby("year", sort=True):
        titles = letters(of_year["org_id"]).map(lambda kind: "школа" if kind == OWN_CODE else kind_of(kind)["title"])
        detail = ", ".join(
            f"{title} — {count}" for title, count in titles.value_counts(sort=False).sort_index().items()
        )
        yield Question(int(year), first[int(year)], issue, {"detail": detail})
