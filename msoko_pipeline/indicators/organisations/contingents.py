"""How many pupils a school has: one answer for every coverage. Order of the sources is data: contingent.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.home.tables import facts, typed
from msoko_pipeline.issues.questions import Question
from schemas import catalogue

SCHOOL = ["year", "org_id"]
SOURCE_COLUMNS = {"year": "int64", "org_id": "string", "pupils": "Int64", "seq": "int64"}
"""What is taken of the facts of each source: column → type."""
COLUMNS = {"year": "int64", "org_id": "string", "pupils": "Int64", "source": "string"}
"""Columns of `of_schools`: name → type."""


def read(connection: Any, settings: Any, years: Sequence[int]) -> dict[str, pd.DataFrame]:
    """Kind of source → SCHOOL, pupils (of all grades together), seq of its last file."""
    return {
        kind: together(typed(facts(connection, settings, kind, years), SOURCE_COLUMNS))
        for kind in catalogue.contingent()["order"]
    }


def together(rows: pd.DataFrame) -> pd.DataFrame:
    """SOURCE_COLUMNS, one row per school: pupils of its rows together; a school of nobody is not told."""
    schools = rows.groupby(SCHOOL, as_index=False).agg(
        pupils=("pupils", lambda pupils: pupils.sum(min_count=1)), seq=("seq", "max")
    )
    schools = schools[(schools["pupils"] > 0).fillna(False).astype(bool)]
    return schools.astype(SOURCE_COLUMNS)[list(SOURCE_COLUMNS)].reset_index(drop=True)


def of_schools(by_kind: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """COLUMNS, a row per school of which any source tells: by the first source of the order that does."""
    parts = [by_kind[kind].assign(source=kind) for kind in catalogue.contingent()["order"]]
    schools = pd.concat(parts, ignore_index=True).drop_duplicates(SCHOOL)
    return schools.astype(COLUMNS)[list(COLUMNS)].sort_values(SCHOOL, ignore_index=True)


def differing(by_kind: dict[str, pd.DataFrame]) -> Iterator[Question]:
    """A question each school whose later source differs from the first by more than the bound, about the later file."""
    rules = catalogue.contingent()
    first, second = rules["order"][:2]
    both = by_kind[first].merge(by_kind[second], on=SCHOOL, suffixes=("", "_other"))
    apart = (both["pupils_other"] - both["pupils"]).abs() * 100 > rules["apart_pct"] * both["pupils"]
    for line in both[apart.astype(bool)].itertuples():
        titles = rules["titles"]
        detail = f"{titles[first]} — {line.pupils}, {titles[second]} — {line.pupils_other}"
        details = {"value": line.org_id, "detail": detail}
        yield Question(int(line.year), int(line.seq_other), "contingent_differs", details, org_ref=line.org_id)
