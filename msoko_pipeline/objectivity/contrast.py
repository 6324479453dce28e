"""The school against itself: its works of grades 4–5 against its own works of grades 6–8.

A strong school is strong in every grade, and a strict one is strict in every grade. Where two grades alone stand above
the reference and above the school's other grades, or above their journal as the other grades do not, somebody should
look. Nothing of it needs another school to be honest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.home.tables import among
from msoko_pipeline.indicators.parallels import split
from msoko_pipeline.numbers.uncertainty import normal_tail, t_quantile, t_tail
from msoko_pipeline.objectivity.sign_rows import ALL, KEY, corrected, of_works, rows
from msoko_pipeline.text.russian import ru

SCHOOL = ["org_id", "year"]
UNIT = ["year", "peer_unit"]
Measured = Callable[[pd.DataFrame], pd.DataFrame]
"""Schools and works → KEY, peer_unit, reference, n, level (against the reference), error (of pupils)."""


def scores(schools: pd.DataFrame) -> pd.DataFrame:
    """Level: (x̄ − X̄) / S, standard deviations of the reference. A base work beside which the school's strong pupils sat
    the advanced one tells no level of the school.
    """
    works = schools[schools["ref_sd"].gt(0) & schools["sd"].notna() & ~among(schools, split(schools), KEY)]
    level = (works["mean"] - works["ref_mean"]) / works["ref_sd"]
    error = works["sd"] / np.sqrt(works["n"]) / works["ref_sd"]
    return works[[*KEY, "peer_unit", "reference", "n"]].assign(level=level, error=error)


def journal(schools: pd.DataFrame) -> pd.DataFrame:
    """Level: (raised − lowered) / compared against the journal, less the same of the reference, п.п."""
    works = schools[schools["known"].gt(0) & schools["ref_known"].gt(0)]
    share = (works["higher"] - works["lower"]) / works["known"]
    usual = (works["ref_higher"] - works["ref_lower"]) / works["ref_known"]
    moved = (works["higher"] + works["lower"] + 1) / (works["known"] + 2)  # not 0 where nobody's mark moved
    error = np.sqrt((moved - share**2).clip(lower=0) / works["known"])
    return works[[*KEY, "peer_unit"]].assign(
        reference=works["journal_reference"], n=works["known"], level=(share - usual) * 100, error=error * 100
    )


def levels(measured: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """School × grade: SCHOOL, grade, upper (of `works`, not of `against`), level, var, works, n, reference, peer_unit.

    level: mean over the grade's works; var: of pupils' chance, the works of a grade taken as one, for the same pupils
    wrote them.
    """
    works = measured[measured["n"].ge(declared["least"]) & measured["level"].notna()]
    sides = (of_works(works, {"works": declared[name]}).assign(upper=name == "works") for name in ("works", "against"))
    grades = pd.concat(sides, ignore_index=True).groupby([*SCHOOL, "peer_unit", "grade", "upper"], as_index=False)
    grades = grades.agg(
        level=("level", "mean"), error=("error", "mean"), works=("level", "size"), n=("n", "sum"),
        reference=("reference", "first"),
    )  # fmt: skip
    return grades.assign(var=grades["error"] ** 2).drop(columns="error")


def noise(grades: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """How much a school's grades differ beyond the chance of pupils: UNIT, noise (variance), freedom, schools.

    grades: see `levels`. By moments, from a school's grades about the mean of its grades of the same side, less what
    the schools have in common in a grade; drawn to `prior` = (variance, the degrees of freedom it weighs), so that a
    small town whose grades happen to agree is not taken at its word (Smyth, 2004).
    """
    common = grades.groupby([*UNIT, "grade"])["level"].transform("mean")
    side = [grades[name] for name in (*SCHOOL, "peer_unit", "upper")]
    rest = (grades["level"] - common).rename("rest")
    room = 1 - 1 / rest.groupby(side).transform("size")
    square = (rest - rest.groupby(side).transform("mean")) ** 2
    every = grades.assign(square=square, room=room, by_chance=grades["var"] * room)
    units = every.groupby(UNIT, as_index=False).agg(
        square=("square", "sum"), room=("room", "sum"), by_chance=("by_chance", "sum"), grades=("grade", "nunique"),
        schools=("org_id", "nunique"),
    )  # fmt: skip
    free = (units["room"] - (units["grades"] - 2).clip(lower=0)).clip(lower=0)
    seen = (units["square"] - units["by_chance"] * free / units["room"]).clip(lower=0)  # = free · variance
    prior, weight = declared["prior"]
    return units[[*UNIT, "schools"]].assign(noise=(seen + prior * weight) / (free + weight), freedom=free + weight)


def contrast(sign: str, measured: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """`works` above the reference and above the school's own `against`, both beyond chance: one row a school and year.

    measured: see `Measured`. value: difference of the two levels; threshold: the least difference that is flagged.
    p_value: the greater of two, so that both must hold: the difference by Student's t, with the chance of pupils and of
    school × grade; the level itself by the chance of pupils. The row's grade is the first of `works`.
    """
    grades = levels(measured, declared)
    grades = grades.merge(noise(grades, declared), on=UNIT)
    sides = grades.assign(spread=grades["var"] + grades["noise"]).groupby([*SCHOOL, "upper"], as_index=False).agg(
        level=("level", "mean"), var=("var", "sum"), spread=("spread", "sum"), grades=("grade", "size"),
        works=("works", "sum"), n=("n", "sum"), grade=("grade", "min"), reference=("reference", "first"),
        freedom=("freedom", "first"), schools=("schools", "first"),
    )  # fmt: skip
    both = sides[sides["upper"]].merge(sides[~sides["upper"]], on=SCHOOL, suffixes=("", "_own"))
    value = both["level"] - both["level_own"]
    error = np.sqrt(both["spread"] / both["grades"] ** 2 + both["spread_own"] / both["grades_own"] ** 2)
    freedom = both["freedom"].to_numpy(float)
    by_level = normal_tail(both["level"] / np.sqrt(both["var"]) * both["grades"])
    p = pd.Series(np.maximum(t_tail(value / error, freedom), by_level), index=both.index)
    judged = both[["works", "works_own"]].min(axis=1).ge(declared["least_works"])
    judged &= both["schools"].ge(declared["least_schools"]) & p.notna()
    adjusted, limit = corrected(p.where(judged), both["year"], declared)
    return rows(
        sign, both.assign(procedure="VPR", subject=ALL), adjusted < declared["alpha"], judged,
        value=value, threshold=t_quantile(1 - limit, freedom) * error, reference=both["reference"], basis_n=both["n"],
        p_value=p.where(judged), p_adjusted=adjusted, chance_pct=limit * 100,
        detail=[
            declared["says"].format(works=ru(upper, declared["digits"]), against=ru(own, declared["digits"]), n=int(n))
            for upper, own, n in zip(both["level"], both["level_own"], both["n"], strict=True)
        ],
    )  # fmt: skip
