"""The organisations of the years, the logins that are not theirs, and what is asked about them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from msoko_pipeline.home import engine
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.home.year_tables import path, path_of
from msoko_pipeline.indicators.organisations import register as organisations
from msoko_pipeline.indicators.organisations import unknown_logins
from msoko_pipeline.issues import questions
from msoko_pipeline.matching.match import register as searchable
from msoko_pipeline.settings import Settings


def make_organisations(settings: Settings, years: Sequence[int]) -> dict[str, int]:
    """organisations: `register.COLUMNS`; logins: login, org_id (NULL: its rows wait, or are not ours), of those
    that are nobody's own, only where there are any; waiting_logins: kind, seq, rows that wait. Returns rows per table.
    """
    with engine.connect(settings) as connection:
        register = organisations.read_register(connection, settings)
        seen = unknown_logins.judged(settings, register, organisations.read_seen(connection, settings, years))
        references = organisations.read_references(connection, settings, years)
        taken = seen[seen["status"].isin(("own", "provisional"))]
        coded = unknown_logins.coded(references, register, taken)
        places = unknown_logins.unknown(connection, settings, years, register, seen)

        home = _home(settings, years, register, taken, coded)
        provisional = pd.concat([taken[taken["status"] == "provisional"], coded])[["year", "org_id"]].drop_duplicates()
        names = dict(zip(seen["org_id"], seen["name"].fillna(""), strict=True))
        first = _first_files(settings) if len(provisional) else {}
        new_questions = [
            *unknown_logins.asked(places, searchable(home), names),
            *unknown_logins.asked_for_a_register(provisional, first, is_there=bool(register["listed"].any())),
        ]
        questions.ask(settings, "logins", years, new_questions)
        others = unknown_logins.renamed(register, places, years)
        for year in years:
            path(settings, year, "logins").unlink(missing_ok=True)
        some = sorted({*others["year"]})  # a year without such a login has no file, and its facts are read as they are
        frames = {"organisations": home, "waiting_logins": _waiting(places)}
        counted = engine.write_frames(connection, frames, years, partial(path_of, settings))
        return counted | {"logins": engine.write_frame(connection, others, "logins", some, path_of(settings, "logins"))}


def _home(
    settings: Settings, years: Sequence[int], register: pd.DataFrame, taken: pd.DataFrame, coded: pd.DataFrame
) -> pd.DataFrame:
    """The organisations of the years. What an export says of schools is taken only of those that are to be there."""
    in_use = register[register["listed"].astype(bool) | register["org_id"].isin(taken["org_id"])]
    registered = pd.concat([taken, coded], ignore_index=True).reindex(columns=["year", *organisations.COLUMNS])
    home = organisations.merged(settings, years, in_use.drop(columns="listed"), registered)
    return home.astype(dict.fromkeys(organisations.COLUMNS, "string") | {"year": "int64"})


def _waiting(places: pd.DataFrame) -> pd.DataFrame:
    """year, kind, seq, rows: how many rows of each file wait for an answer."""
    wait = places[~places["elsewhere"].astype(bool)]
    counted = wait.groupby(["year", "kind", "seq"], as_index=False)["rows"].sum()
    return counted.astype({"year": "int64", "kind": "string", "seq": "int64", "rows": "int64"})


def _first_files(settings: Settings) -> dict[int, int]:
    """Year → the first file with facts of it."""
    first: dict[int, int] = {}
    for entry in ledger_of(settings).files("status not in ('refused', 'withdrawn')"):
        for year in entry.years:
            first.setdefault(year, entry.seq)
    return first
