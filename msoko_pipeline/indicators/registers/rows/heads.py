"""Points of heads by criterion, their level and place, and what is known without the sheet: rows of `HeadRow`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.home.tables import facts, table
from msoko_pipeline.indicators.organisations.register import units_of
from msoko_pipeline.indicators.registers.facts_at_home import facts_at_home
from msoko_pipeline.indicators.registers.reached_levels import reached
from msoko_pipeline.indicators.registers.rows import makes
from msoko_pipeline.settings import Settings
from schemas.measure import ALL
from schemas.sources.heads import DATA, HeadRow
from schemas.sources.nok import DATA as NOK
from schemas.teachers import DATA as OF_TEACHERS
from schemas.teachers import TEACHING_POSTS

ORGANISATION = ["year", "org_id"]
WEIGHTS = {code: criterion["weight"] for code, criterion in DATA["criteria"].items()}
LEVELS = {code: level["least"] for code, level in DATA["levels"].items()}
NOK_YEARS = NOK["schedule"]["every_years"]  # once in them each organisation is assessed
UNKNOWN_KIND = "не указан"


@makes(HeadRow)
def head_rows(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """A row a unit, organisation and criterion: `scored`, `placed`, and in the row of all criteria `beside`."""
    kinds = table(connection, settings, years, "organisations")[[*ORGANISATION, "org_kind"]]
    points = facts_at_home(connection, settings, "head_points", years).merge(kinds, on=ORGANISATION, how="left")
    rows = placed(scored(points))
    figures = beside(
        facts_at_home(connection, settings, "staff", years), facts(connection, settings, "certificate", years)
    )
    scores = facts_at_home(connection, settings, "nok", years, NOK_YEARS - 1)
    figures = figures.merge(latest_scores(scores, years), on=ORGANISATION, how="outer")
    rows = rows.merge(figures.assign(criterion=ALL), on=[*ORGANISATION, "criterion"], how="left")
    rows = rows.merge(units_of(connection, settings, years), on=ORGANISATION)
    return rows.assign(**{name: rows[name].where(rows["level"] == "school") for name in ("own_rating", *PLACE)})


PLACE = ("place", "compared")


def scored(points: pd.DataFrame) -> pd.DataFrame:
    """A row an organisation and criterion, and one of all criteria (ALL): points with their weights less what was taken
    away, never below 0, of the greatest, and the level of their share.

    points: year, org_id, home, org_kind, criterion, points, max_points.
    """
    weight = points["criterion"].map(WEIGHTS).astype(float)
    value = points["points"].astype(float) * weight
    weighted = points.assign(
        org_kind=points["org_kind"].fillna(UNKNOWN_KIND), net=value, deducted=-value.clip(upper=0),
        max_points=points["max_points"].astype(float) * weight,
    )  # fmt: skip
    whole = pd.concat([weighted, weighted.assign(criterion=ALL)], ignore_index=True)
    key = [*ORGANISATION, "home", "org_kind", "criterion"]
    rows = whole.groupby(key, as_index=False, dropna=False)[["net", "deducted", "max_points"]].sum()
    rows = rows.assign(points=rows["net"].clip(lower=0))
    share = (rows["points"] / rows["max_points"].where(rows["max_points"] > 0)).round(9) * 100
    rating = reached(share, LEVELS)
    return rows.assign(share=share, rated=rating, own_rating=rating)


def placed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the place of each organisation by a criterion among those of its kind in the municipality, and how
    many these are; no place among fewer than the least. Equal shares have one place.
    """
    among = rows[rows["share"].notna()].groupby(["year", "home", "org_kind", "criterion"])["share"]
    compared = among.transform("size").reindex(rows.index)
    place = among.rank(method="min", ascending=False).reindex(rows.index)
    is_enough = compared >= DATA["least_organisations"]["value"]
    return rows.assign(place=place.where(is_enough), compared=compared.where(is_enough))


def latest_scores(scores: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """year, org_id, nok_score: the operator's total of the latest assessment within the years that count.

    scores: year, org_id, score.
    """
    parts = [
        scores.loc[scores["year"].between(year - NOK_YEARS + 1, year), [*ORGANISATION, "score"]]
        .sort_values("year", kind="stable")
        .drop_duplicates("org_id", keep="last")
        .assign(year=year)
        for year in years
    ]
    return pd.concat(parts, ignore_index=True).rename(columns={"score": "nok_score"})


def beside(staff: pd.DataFrame, certificates: pd.DataFrame) -> pd.DataFrame:
    """Of each organisation what its staff and its certificates tell: year, org_id, teachers, with_category, graduates,
    certificates; NULL where it did not send them.
    """
    teachers = staff[staff["post"].isin(TEACHING_POSTS) & staff["category"].notna()]
    teachers = teachers.assign(with_category=teachers["category"].isin(OF_TEACHERS["with_category"]))
    people = teachers.groupby([*ORGANISATION, "staff_key"], as_index=False)["with_category"].max()
    of_staff = people.groupby(ORGANISATION, as_index=False).agg(
        teachers=("staff_key", "size"), with_category=("with_category", "sum")
    )
    of_staff = of_staff[of_staff["teachers"] >= OF_TEACHERS["least_people"]["value"]]
    sent = certificates[certificates["certificates"].notna() & certificates["graduates"].notna()]
    of_school = sent.groupby(ORGANISATION, as_index=False)[["graduates", "certificates"]].sum()
    return of_staff.merge(of_school, on=ORGANISATION, how="outer")
