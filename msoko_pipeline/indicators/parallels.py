"""Parallels a part of which sat the advanced work: those who are left with the base one are other pupils.

Advanced works of mathematics and physics (grades 7, 8) are works of their own. A class that moves to one takes the
strong pupils out of the base work, and a school that has not changed seems to have grown worse in it.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from msoko_pipeline.home import engine
from schemas import catalogue

KEY = ["org_id", "year", "procedure", "subject", "grade"]
YEARS = ["year", "before", "level", "unit_id", "procedure", "subject", "grade"]


def split(schools: pd.DataFrame) -> pd.DataFrame:
    """KEY of the base works beside which the school's parallel sat the advanced one: they are of its weaker part."""
    of = catalogue.advanced_works()
    advanced = schools[(schools["procedure"] == "VPR") & schools["subject"].isin(list(of))]
    return advanced[KEY].assign(subject=advanced["subject"].map(of))


def other_pupils(works: pd.DataFrame, pairs: pd.DataFrame, members: pd.DataFrame, alike_pp: float) -> pd.DataFrame:
    """Works of which there are other pupils in the second of two years: YEARS, reason, others.

    works: org_id, year, subject, grade, n of the schools in ВПР; pairs: year and before, the years that are compared;
    members: year, org_id, level, unit_id (see `register.members_of`).

    Of a school that sat the work in both years reason says why the base work, or the advanced one, does not compare:
    the parallel sat the advanced work in one of the years only, or the share of it that did differs by more than
    alike_pp points (by less the pupils left are hardly weaker). Of a territory others is how many such schools it has.
    """
    columns = [*YEARS, "reason", "others"]
    of = catalogue.advanced_works()
    works = works.assign(
        base=works["subject"].replace(of), advanced=works["n"].where(works["subject"].isin(list(of)), 0)
    )
    works = works[works["base"].isin(list(of.values()))]
    parallel = ["org_id", "base", "grade"]
    sums = works.groupby(["year", *parallel], as_index=False)[["advanced", "n"]].sum()
    sums["pct"] = sums["advanced"] / sums["n"].where(sums["n"] > 0) * 100
    parallels = pairs.merge(sums[["year", *parallel, "pct"]], on="year")
    then = sums[["year", *parallel, "pct"]].rename(columns={"year": "before", "pct": "pct_then"})
    parallels = parallels.merge(then, on=["before", *parallel])
    parallels = parallels[
        ((parallels["pct"] > 0) != (parallels["pct_then"] > 0))
        | ((parallels["pct"] - parallels["pct_then"]).abs() > alike_pp)
    ]
    if parallels.empty:
        return pd.DataFrame(columns=columns)
    reasons = [
        _reason(*row) for row in parallels[["year", "pct", "before", "pct_then"]].itertuples(index=False)
    ]  # some schools of a town
    parallels = parallels.assign(reason=reasons, procedure="VPR")
    advanced = {base: other for other, base in of.items()}
    parallels = pd.concat(
        [
            parallels[parallels[["pct", "pct_then"]].max(axis=1) < 100].assign(subject=lambda rows: rows["base"]),
            parallels[parallels[["pct", "pct_then"]].min(axis=1) > 0].assign(
                subject=lambda rows: rows["base"].map(advanced)
            ),
        ]
    )
    schools = parallels.rename(columns={"org_id": "unit_id"}).assign(level="school", others=pd.NA)
    territories = (
        parallels.merge(members, on=["year", "org_id"]).groupby(YEARS, as_index=False).agg(others=("org_id", "size"))
    )
    return pd.concat([schools[columns], territories.assign(reason=pd.NA)[columns]], ignore_index=True)


def _reason(year: int, pct: float, before: int, then: float) -> str:
    """`состав иной: часть параллели писала углублённую работу только в 2026 году`."""
    if (pct > 0) != (then > 0):
        return f"состав иной: часть параллели писала углублённую работу только в {year if pct > 0 else before} году"
    return f"состав иной: углублённую работу писали {pct:.0f} % параллели, в {before} году {then:.0f} %"


def register(connection: Any, alike_pp: float) -> None:
    """The table `other_pupils` of a connection that has `works`, `pairs` and `members`: YEARS, reason, others."""
    of = catalogue.advanced_works()
    advanced, either = (", ".join(f"'{code}'" for code in codes) for codes in (of, [*of, *of.values()]))
    of_schools = "level = 'school' and procedure = 'VPR' and n > 0"
    works = connection.execute(
        f"select unit_id as org_id, year, subject, grade, n from works where {of_schools} and subject in ({either}) "
        f"and unit_id in (select unit_id from works where {of_schools} and subject in ({advanced})) order by all"
    ).df()
    pairs = connection.execute("select distinct year, before from pairs order by all").df()
    members = connection.execute("select year, org_id, level, unit_id from members").df()
    types = dict.fromkeys(YEARS, "string") | {"year": "int64", "before": "int64", "grade": "int64"}
    others = other_pupils(works, pairs, members, alike_pp).astype(types | {"reason": "string", "others": "Int64"})
    connection.register("other_pupils", engine.arrow(others))
