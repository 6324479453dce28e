"""Shares and ratios of preschools: of the passport, of the parents' questionnaires, of the experts.

Of the town numerators and bases are summed. A questionnaire is published only where enough families answered it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.indicators.preschool.scores import KEY, UNIT
from msoko_pipeline.indicators.registers import measures
from msoko_pipeline.numbers.uncertainty import wilson
from schemas.kinds import DECLARED_MARTS
from schemas.measure import Count, Ratio, Share, Total
from schemas.preschool import AREAS_OF_PASSPORT

PASSPORT = DECLARED_MARTS["preschool_passport"]
COUNTED = ("prescriptions_number",)
"""Numbers of the passport that are shown as they are."""
NOT_ANSWERED = "none"
SHARES = dict.fromkeys(KEY[1:], "string") | {
    "year": "int64", "kind": "string", "numerator": "Float64", "base": "Float64", "published": "boolean",
    "responses": "Int64", "families": "Int64",
}  # fmt: skip
"""Columns of `of_passports` and of the first frame of `of_survey`: name → type."""
UNPUBLISHED = {"year": "int64", "org_id": "string", "responses": "Int64", "families": "Int64", "needed": "Int64"}
"""Columns of the second frame of `of_survey`: name → type; families and needed are NULL without a passport."""


def of_passports(connection: Any, passports: pd.DataFrame) -> pd.DataFrame:
    """SHARES of each preschool: numerator and base of every figure of the mart `preschool_passport` that it tells
    whole, and the numbers of KINDS as they are. passports: facts of the kind.
    """
    names = {"year": "int64"} | dict.fromkeys(("org_id", "level", "unit_id"), "string")
    units = passports[UNIT].drop_duplicates().assign(level="school", unit_id=lambda rows: rows["org_id"]).astype(names)
    figures = measures.of_frame(connection, passports, units, PASSPORT)
    parts = [
        figures[["year"]].assign(
            org_id=figures["unit_id"], area=each["area"], indicator=name, kind=each["kind"], published=True,
            numerator=figures[name] if each["kind"] == "count" else figures[f"{name}_part"],
            base=1 if each["kind"] == "count" else figures[f"{name}_whole"],
        )
        for name, each in of_the_passport().items()
    ]  # fmt: skip
    shares = pd.concat(parts, ignore_index=True).reindex(columns=list(SHARES)).astype(SHARES)
    is_told = shares["numerator"].notna() & (shares["base"] > 0).fillna(False)
    return shares[is_told].reset_index(drop=True)


@cache
def of_the_passport() -> dict[str, dict[str, Any]]:
    """What the passport tells: indicator → area, item, title, kind (flag: a yes or no; share, ratio, count), per, unit,
    better (True: up), verified.
    """
    return {
        name: {
            "area": AREAS_OF_PASSPORT[figure.item], "item": figure.item, "title": figure.title, "kind": _kind(figure),
            "per": figure.per, "unit": figure.unit, "better": figure.better == "up", "verified": figure.verified,
        }
        for name, figure in PASSPORT.sided.items()
    } | {
        name: {"area": "care", "item": "10.6", "title": number.title, "kind": "count", "per": 1, "unit": number.unit,
               "better": False, "verified": False}
        for name, number in PASSPORT.measures.items() if isinstance(number, Total) and name in COUNTED
    }  # fmt: skip


def _kind(figure: Share | Ratio) -> str:
    """A share of preschools is, of one of them, a yes or no."""
    return "flag" if isinstance(figure, Share) and isinstance(figure.part, Count) else figure.kind


def of_survey(
    answers: pd.DataFrame, families: pd.DataFrame, declared: dict[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """SHARES of each preschool and question, and the preschools whose questionnaires are UNPUBLISHED.

    answers: UNIT, survey_id, q_code, answer; families: UNIT, families (how many the preschool has). A share is that of
    good answers among those given; questionnaires with no answer at all are not counted. Enough: not fewer than the
    least number and than the share of families; where the families are not told nobody can say, and nothing is shown
    but how many answered (responses, families).
    """
    rule = declared["survey"]
    given = answers[answers["answer"] != NOT_ANSWERED]
    schools = given.groupby(UNIT)["survey_id"].nunique().rename("responses").reset_index()
    schools = schools.merge(families[[*UNIT, "families"]], on=UNIT, how="left")
    schools["families"] = schools["families"].astype("Int64")
    # whole numbers: 30 % of 40 families is 12 exactly
    wanted = -(-schools["families"] * rule["of_families"] // 100)
    schools["needed"] = wanted.where(wanted.isna() | (wanted > rule["least"]), rule["least"])
    schools["published"] = (schools["responses"] >= schools["needed"]).fillna(False).astype("boolean")
    counted = given.assign(good=given["answer"].isin(rule["good"]))
    shares = counted.groupby([*UNIT, "q_code"], as_index=False).agg(numerator=("good", "sum"), base=("good", "size"))
    shares = shares.merge(schools[[*UNIT, "published", "responses", "families"]], on=UNIT)
    for name in ("indicator", "area"):
        shares[name] = shares["q_code"].map({code: question[name] for code, question in declared["questions"].items()})
    for name in ("numerator", "base"):
        shares[name] = shares[name].astype("Float64").where(shares["published"])
    unpublished = schools.loc[~schools["published"].astype(bool), list(UNPUBLISHED)].astype(UNPUBLISHED)
    return shares.assign(kind="share")[list(SHARES)].astype(SHARES), unpublished.reset_index(drop=True)


def of_towns(shares: pd.DataFrame, home: pd.DataFrame) -> pd.DataFrame:
    """SHARES of the municipality and preschools (how many it sums). org_id is the municipality's code.

    Summed are the preschools whose shares are shown; responses and families are of all that were asked and told how
    many families they have, so that a town of which nothing may be shown still tells how many answered.
    """
    joined = shares.merge(home[[*UNIT, "municipality_id"]], on=UNIT).dropna(subset=["municipality_id"])
    shown = joined["published"].astype(bool)
    summed = joined.assign(
        **{name: joined[name].where(shown) for name in ("numerator", "base")}, shown=shown.astype("int64"),
        responses=joined["responses"].where(joined["families"].notna()),
    )  # fmt: skip
    by = ["year", "municipality_id", "area", "indicator", "kind"]
    group = summed.groupby(by, as_index=False)
    towns = group[["numerator", "base", "responses", "families"]].sum(min_count=1)
    towns = towns.merge(group.agg(preschools=("shown", "sum")), on=by)
    towns = towns.rename(columns={"municipality_id": "org_id"}).assign(published=towns["preschools"] > 0)
    return towns[[*SHARES, "preschools"]].astype(SHARES | {"preschools": "Int64"})


def of_experts(experts: pd.DataFrame, home: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """SHARES: the trained among the town's experts. The list names no town, so there is a row only where one is known.

    experts: year, expert_key, trained.
    """
    named = home.dropna(subset=["municipality_id"]).groupby("year")["municipality_id"].agg(["nunique", "first"])
    towns = named.loc[named["nunique"] == 1, "first"].rename("org_id")
    people = experts.groupby(["year", "expert_key"], as_index=False)["trained"].max()
    shares = people.groupby("year").agg(numerator=("trained", "sum"), base=("expert_key", "size"))
    shares = shares.join(towns, how="inner").reset_index()
    shares = shares.assign(area=declared["expert"]["area"], indicator=declared["expert"]["indicator"])
    return shares.assign(kind="share", published=True).reindex(columns=list(SHARES)).astype(SHARES)


def valued(shares: pd.DataFrame, *, whole: bool) -> pd.DataFrame:
    """Adds value, ci_low, ci_high and unit. whole: rows of the town, whose flags are shares of its preschools.

    A share is 0…100 % with Wilson's interval; a ratio has none, and neither has the yes or no of one preschool. A count
    is the number itself, of the town the sum. response_pct: responses of the families, %; NULL where there are more.
    """
    rules = of_the_passport()
    per = shares["indicator"].map({name: each["per"] for name, each in rules.items()}).fillna(100).astype("float64")
    unit = shares["indicator"].map({name: each["unit"] for name, each in rules.items()}).fillna("%")
    counted = shares["kind"].isin(["share", "flag"] if whole else ["share"])
    numbers = shares[["numerator", "base"]].astype("float64").where(counted, np.nan)
    low, high = wilson(numbers["numerator"], numbers["base"])
    value = shares["numerator"].astype("float64") / shares["base"].astype("float64") * per
    value = value.where(shares["kind"] != "count", shares["numerator"].astype("float64"))
    answered = shares["responses"].astype("float64") / shares["families"].astype("float64") * 100
    return shares.assign(
        value=value, ci_low=low * 100, ci_high=high * 100, unit=unit.astype("string"),
        response_pct=answered.where(answered <= 100),
    )  # fmt: skip
