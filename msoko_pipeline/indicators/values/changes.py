"""Changes of indicators between two years: of the same schools, beside the change of the region, with their errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from msoko_pipeline.home import engine
from msoko_pipeline.indicators import insufficient, parallels
from msoko_pipeline.indicators.matched import DIGITS, matched
from msoko_pipeline.indicators.organisations import register as organisations
from msoko_pipeline.indicators.values.all_works import WORK
from msoko_pipeline.numbers.expressions import num
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.indicators import indicators

KEY = (*WORK, "indicator_id")
REST = tuple(name for name in KEY if name != "year")
OF_A_WORK = tuple(name for name in REST if name not in ("level", "unit_id"))
READ = ("value", "numerator", "denominator", "se")
COLUMNS = ("value", "value_then", "base", "base_then", "change", "matched_schools", "matched_base", "matched_base_then",
           "not_compared", "comparable", "few_marks", "reference", "reference_change", "relative_change", "change_se",
           "freedom", "t")  # fmt: skip
FLAGS = ("points", "marks", "of_works")
"""Of `judged_by`."""
NO_SCHOOLS = "состав школ неизвестен: результатов самих школ нет"
OTHER_WORK = "баллы не сравниваются: у работ разный максимум или разное число заданий"
UNKNOWN_WORK = "баллы не сравниваются: неизвестно, одинаковы ли максимум и число заданий работ"

col = nw.col


def judged_by(indicators: dict[str, dict[str, Any]], limits: dict[str, Any]) -> pa.Table:
    """What each indicator is judged by, one row each.

    indicators: name → kind, unit, higher_is_better, points, base, mart. limits: thresholds of `dynamics`. Columns:
    indicator_id; kind; factor by which numerator / denominator is multiplied; points: whether it is drawn from primary
    points; marks: whether it is of the pupils with a mark; of_works: whether it is of works, which are other ones every
    year, not of a declared mart, which counts the same thing every year; better (1 up, −1 down, NULL unknown); least:
    change that counts, in the indicator's unit, or least_of_max: the same as a share of the work's maximum;
    negative_from: change in a year from which the dynamics is negative.
    """
    share = limits["stable_pp"] / 100
    width = {name: limits["ranges"].get(declared["unit"]) for name, declared in indicators.items()}
    better = {True: 1.0, False: -1.0, None: None}
    columns = {
        "indicator_id": list(indicators),
        "kind": [declared["kind"] for declared in indicators.values()],
        "factor": [factor(declared) for declared in indicators.values()],
        "points": [declared.get("points", False) for declared in indicators.values()],
        "marks": [declared.get("base") == "marked" for declared in indicators.values()],
        "of_works": [declared.get("mart") is None for declared in indicators.values()],
        "better": [better[declared["higher_is_better"]] for declared in indicators.values()],
        "least": [share * width[name] if isinstance(width[name], int | float) else None for name in indicators],
        "least_of_max": [share if width[name] == "max_primary" else None for name in indicators],
        "negative_from": [limits["negative_pp"].get(name) for name in indicators],
    }
    types = dict.fromkeys(("indicator_id", "kind"), pa.string()) | dict.fromkeys(FLAGS, pa.bool_())
    return pa.table({name: pa.array(column, types.get(name, pa.float64())) for name, column in columns.items()})


def factor(declared: dict[str, Any]) -> float:
    """By what an indicator's numerator / denominator is multiplied."""
    return float(declared.get("per", 100 if declared["unit"] == "%" else 1))


def of_members(values: nw.LazyFrame[Any], members: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """What schools have of every indicator, as members of their territories: KEY of the territory, org_id, top, base.

    members: year, org_id, level, unit_id (see `register.members_of`).
    """
    schools = values.filter((col("level") == "school") & (num("denominator") > 0)).select(
        *(name for name in KEY if name not in ("level", "unit_id")),
        org_id=col("unit_id"),
        top=num("numerator"),
        base=num("denominator"),
    )
    return schools.join(members, on=["year", "org_id"], how="inner").select(*KEY, "org_id", "top", "base")


def _same(one: str, other: str, names: Sequence[str]) -> str:
    return " and ".join(f"{one}.{name} = {other}.{name}" for name in names)


_VALUES = ", ".join(
    (*(f"p.{name}" for name in (*KEY, "before")), *(f"v.{name}, t.{name} as {name}_then" for name in READ))
)
PAIRS = f"""select {_VALUES}, w.max_primary, w.tasks, x.max_primary as max_then, x.tasks as tasks_then,
        w.n, w.marked, x.n as n_then, x.marked as marked_then,
        j.* exclude (indicator_id), b.units, b.units_then, b.matched, b.matched_base, b.matched_base_then,
        b.matched_change, b.matched_error, m.unit_id as town, o.reason as other_pupils, o.others,
        dense_rank() over (order by p.year, p.before, {", ".join(f"p.{name}" for name in OF_A_WORK)}) as work
    from pairs p
        join told v on {_same("p", "v", KEY)}
        join told t on t.year = p.before and {_same("p", "t", REST)}
        left join judged j on j.indicator_id = p.indicator_id
        left join works w on j.of_works and {_same("p", "w", WORK)}
        left join works x on j.of_works and x.year = p.before and {_same("p", "x", WORK[1:])}
        left join matched b on b.before = p.before and {_same("p", "b", KEY)}
        left join other_pupils o on j.of_works and o.before = p.before and {_same("p", "o", WORK)}
        left join members m on p.level = 'school' and m.year = p.year and m.org_id = p.unit_id
            and m.level = 'municipality'
    order by all"""
"""Every pair with the values of its two years, their works and what the schools of a territory have in common; town:
the municipality of a school; work: number of the work, indicator and two years.
"""


def changes(connection: Any, limits: dict[str, Any], region: str) -> pd.DataFrame:
    """What changed between the two years of every pair: KEY, before, COLUMNS, judged_by's columns and max_primary.

    Of the connection are read `told` (KEY and READ of all the years), `pairs` (KEY and before, the year to compare
    with), the view `works` (WORK, n, marked, max_primary in балл, tasks: how many), `members` and `judged` (see
    `register`).

    A school's change is value − value_then. A territory's is that over the schools there are both times
    (`matched.matched`) and of which there are no other pupils (`parallels.other_pupils`); NULL where fewer than
    matched_least_pct % of its participants of either year sat in them. Of a region or the country whose schools are not
    known they are taken for the same; no municipality is compared without.
    What is drawn from primary points compares only where the works have the same maximum and number of tasks.
    not_compared: why there is no change, in words; comparable: the works are the same and so are the schools
    and their pupils; few_marks: why nothing is judged by shares of marks of either year, NULL of other indicators;
    few_marks_then: whether that is so of the earlier year.

    reference: whose change of the same work stands beside it (`_beside_the_region`), relative_change = change −
    reference_change. Works of two years are not equated: what changed everywhere is the work. change_se: error of the
    relative change (of the change where there is no reference); t: that change over its error; freedom: degrees of
    freedom of t, NULL of a normal one.
    """
    parallels.register(connection, limits["advanced_alike_pp"])
    values, members, pairs, other = (
        engine.table(connection, name) for name in ("told", "members", "pairs", "other_pupils")
    )
    schools = engine.keep(connection, of_members(values, members), "schools")
    both = matched(
        pairs.join(schools, on=list(KEY), how="inner"),
        _renamed(pairs.join(schools.rename({"year": "before"}), on=[*REST, "before"], how="inner"), other),
        [*KEY, "before"],
        "org_id",
    )
    engine.keep(connection, both, "matched")
    rows = connection.execute(PAIRS).df()
    numbers = rows.columns.difference([*KEY, "kind", *FLAGS, "town", "other_pupils", "work", "before"])
    rows = rows.astype(dict.fromkeys(numbers, "float64"))
    return _beside_the_region(_marked(_compared(rows, limits)), region)


def _renamed(then: nw.LazyFrame[Any], other: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Members of the earlier year, those under another name of which there are other pupils since: with such a school
    no territory has a work in common. An indicator of no work is of whoever is there.
    """
    work = ["year", "before", "org_id", "procedure", "subject", "grade"]
    schools = other.filter(col("level") == "school").rename({"unit_id": "org_id"}).select(*work, "reason")
    is_same = col("reason").is_null() | ~col("indicator_id").is_in([*catalogue.indicators()])
    name = nw.when(is_same).then(col("org_id")).otherwise(nw.concat_str(nw.lit("ранее "), "org_id"))
    return then.join(schools, on=work, how="left").with_columns(org_id=name).drop("reason")


def _compared(pairs: pd.DataFrame, limits: dict[str, Any]) -> pd.DataFrame:
    """What may be compared, the change with its error and degrees of freedom, and the change as it is tested."""
    is_school, whole = pairs["level"] == "school", pairs["kind"] == "reliability"  # no sum of schools' reliabilities
    has_schools, wide = ~is_school & pairs["units"].notna(), pairs["level"].isin(["region", "country"])
    parts = [pairs[f"matched_base{then}"] / pairs[f"denominator{then}"] for then in ("", "_then")]
    shared = (np.minimum(*parts) >= limits["matched_least_pct"] / 100).where(
        ~whole, (pairs["matched"] == pairs["units"]) & (pairs["matched"] == pairs["units_then"])
    )
    alike = (is_school & pairs["other_pupils"].isna()) | (~has_schools & wide) | (has_schools & shared)
    of_schools = has_schools & ~whole
    same = _same_works(pairs)
    why = _why(pairs, has_schools, alike, same)
    change = (pairs["value"] - pairs["value_then"]).where(~of_schools, pairs["factor"] * pairs["matched_change"])
    between = (pairs["factor"] * pairs["matched_error"]).where(pairs["matched"] >= limits["schools_least"])
    error = np.hypot(pairs["se"], pairs["se_then"]).where(~of_schools, between)
    wider = [(pairs[f"numerator{then}"] + 1) / (pairs[f"denominator{then}"] + 2) for then in ("", "_then")]
    tested = change.where(~(is_school & (pairs["kind"] == "share")), 100 * (wider[0] - wider[1]))
    freedom = _welch(pairs).where(is_school & (pairs["kind"] == "mean")).where(~of_schools, pairs["matched"] - 1)
    may = why.isna()
    return pairs.assign(
        not_compared=why,
        comparable=same.mask(~alike, other=False),
        change=change.where(may).round(DIGITS),
        error=error.where(may),
        tested=tested.where(may),
        freedom=freedom,
        matched_schools=pairs["matched"].where(has_schools),
    )


def _of_registers(pairs: pd.DataFrame) -> pd.Series:
    """Whether the indicator of each pair is of a declared mart."""
    return pairs["of_works"].eq(other=False)


def _same_works(pairs: pd.DataFrame) -> pd.Series:
    """Whether the points of the two years' works compare: by the maximum and the number of tasks (ФИОКО, 2026), of
    exams by what their specifications say of the change, where they do; NULL where neither is known. What a register
    counts is the same every year.
    """
    tops, counts = pairs["max_primary"] - pairs["max_then"], pairs["tasks"] - pairs["tasks_then"]
    same = ((tops == 0) & (counts == 0)).astype("boolean")
    same = same.mask((tops.isna() | counts.isna()) & ~(tops.abs() > 0) & ~(counts.abs() > 0))
    exam = ["procedure", "subject", "before", "year"]
    registers = _of_registers(pairs)
    works = pairs.loc[(pairs["procedure"] != "VPR") & ~registers, exam].drop_duplicates()
    exams = works.assign(
        same=pd.array([catalogue.same_exam(*work) for work in works.itertuples(index=False)], "boolean")
    )
    same = pairs[exam].merge(exams, on=exam, how="left")["same"].set_axis(pairs.index).fillna(same)
    return same.mask(registers, other=True)


def _why(pairs: pd.DataFrame, has_schools: pd.Series, alike: pd.Series, same: pd.Series) -> pd.Series:
    """Why two years are not compared, NULL where they are."""
    met = [pairs[name].astype("Int64").astype("string") for name in ("matched", "units", "units_then")]
    register = _of_registers(pairs)
    sat = pd.Series("сдавали ", pairs.index).mask(register, "показатель есть у ") + met[1]
    sat_then = pd.Series("ранее ", pairs.index).mask(register, "ранее у ") + met[2]
    other = "состав школ иной: общих школ " + met[0] + " (" + sat + ", " + sat_then + ")"
    others = ", у " + pairs["others"].astype("Int64").astype("string") + " иной состав параллели (углублённая работа)"
    points = pairs["points"].eq(other=True)
    why = pd.Series(None, index=pairs.index, dtype=object)
    for holds, reason in (
        (points & same.isna(), UNKNOWN_WORK),
        (points & ~same.fillna(value=True), OTHER_WORK),
        (~alike, other + others.fillna("")),
        (~alike & ~has_schools, NO_SCHOOLS),
        (pairs["other_pupils"].notna(), pairs["other_pupils"]),
    ):
        why = why.mask(holds.astype(bool), reason)
    return why


def _marked(pairs: pd.DataFrame) -> pd.DataFrame:
    """With few_marks and few_marks_then: where few of the marks of a year are known, a part would be compared."""
    reasons = []
    for year, then in (("year", ""), ("before", "_then")):
        few = pairs[pairs["marks"].eq(other=True) & (pairs[f"marked{then}"] < pairs[f"n{then}"])]
        marks = pd.DataFrame({"year": few[year], "n": few[f"n{then}"], "marked": few[f"marked{then}"]})
        reasons.append(insufficient.marks_reason(marks).reindex(pairs.index))
    now, earlier = reasons
    dated = earlier + ", " + pairs["before"].astype("string") + " год"
    then = earlier.notna().astype("boolean").mask(~pairs["marks"].eq(other=True))
    return pairs.assign(few_marks=now.fillna(dated), few_marks_then=then)


def _welch(pairs: pd.DataFrame) -> pd.Series:
    """Degrees of freedom of a difference of two means (Welch, 1947)."""
    now, then = pairs["se"] ** 2, pairs["se_then"] ** 2
    parts = now**2 / (pairs["denominator"] - 1) + then**2 / (pairs["denominator_then"] - 1)
    return ((now + then) ** 2 / parts.where(parts > 0)).where(parts > 0)


def _beside_the_region(pairs: pd.DataFrame, region: str) -> pd.DataFrame:
    """With the change of the same work in the region, else in the country, else (of a school) in its municipality,
    where that is known with its error, and of enough marks; a region beside the country. What is of a register stands
    by itself: there is no work that might have been harder.

    What the unit and its reference have in common is not taken off, so the error is rather too great.
    """
    level = pairs["level"]
    sure = ~_of_registers(pairs) & pairs["change"].notna() & pairs["error"].notna() & pairs["few_marks"].isna()
    below = level.isin(["school", "municipality"])
    references = {
        "region": (below, (level == "region") & (pairs["unit_id"] == region), pairs["work"]),
        "country": (below | (level == "region"), level == "country", pairs["work"]),
        "municipality": (level == "school", level == "municipality", pd.MultiIndex.from_frame(pairs[["work", "town"]])),
    }
    name = pd.Series(None, index=pairs.index, dtype=object)
    change, error = (pd.Series(np.nan, index=pairs.index) for _ in range(2))
    for reference, (may, of, where) in references.items():
        reference_rows = pairs[of & sure]
        by = reference_rows.set_index(["work", "unit_id"] if reference == "municipality" else "work")
        by = by.loc[~by.index.duplicated(), ["change", "error"]].reindex(where)
        holds = may & name.isna() & pairs["change"].notna() & by["change"].notna().to_numpy()
        name = name.mask(holds, reference)
        change = change.mask(holds, by["change"].to_numpy())
        error = error.mask(holds, by["error"].to_numpy())
    se = np.hypot(pairs["error"], error.fillna(0))
    return pairs.assign(
        reference=name,
        reference_change=change,
        relative_change=(pairs["change"] - change).round(DIGITS),
        change_se=se,
        t=(pairs["tested"] - change.fillna(0)) / se.where(se > 0),
        base=pairs["denominator"],
        base_then=pairs["denominator_then"],
    )


def register(connection: Any, settings: Settings, years: Sequence[int], limits: dict[str, Any]) -> None:
    """The tables `members` of the years and `judged` of a connection."""
    organisations.members_of(connection, settings, years, "members")
    connection.register("judged", judged_by(indicators(), limits))
