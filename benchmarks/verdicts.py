"""How often «better» and «worse» are given to towns without a change, and found in towns with one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from benchmarks.extent import WHOLE, Extent, pct
from msoko_pipeline.handbook.methodology import Table
from msoko_pipeline.home import engine
from msoko_pipeline.indicators.values import changes, dynamics
from msoko_pipeline.indicators.values.all_works import WORK as KEY
from msoko_pipeline.text.russian import ru
from schemas import catalogue
from schemas.indicators import indicators

YEAR, REGION = 2022, "19"
WORKS = [("MA", 4), ("RU", 4), ("MA", 5), ("RU", 5), ("MA", 6), ("RU", 6)]
BOUNDS = np.array([-1.3, 0.2, 1.3])  # of the marks, logits
SPREAD, HARDER = 0.6, 0.3  # between schools; by how much the works of the second year are harder for everybody
PUPILS = (12, 90)  # of a work at a school, from and below
SLID, LOST = 1 / 12, 0.7  # schools that slid; pupils of theirs who lost a mark
NUMBERS = ("value", "numerator", "denominator", "se", "max_primary", "tasks", "n", "marked")
INDICATORS = ("vpr_quality", "vpr_low", "vpr_mean_mark")
SAID = ("better", "worse")


def rules() -> Any:
    """What the verdicts go by."""
    return catalogue.thresholds(YEAR)["dynamics"], [catalogue.indicators()[name] for name in INDICATORS]


def measured(extent: Extent = WHOLE) -> list[Table]:
    """The measurement, as a table for the page."""
    rows: list[Sequence[object]] = [
        ("городов × школ", "строк школ с выводом", "ложных, %", "строк города с выводом", "ложных, %",
         "проверка строки без поправки, ложных, %", "упавшие школы: «хуже», % строк", "рядом с ними ложных, %"),
    ]  # fmt: skip
    for schools, seeds in extent.towns.items():
        still, moved = (_verdicts(seeds, schools, slid) for slid in (0, max(1, round(SLID * schools))))
        of_schools = still[still["level"] == "school"]
        of_town = still[still["level"] == "municipality"]
        fallen = moved["slid"] & (moved["level"] == "school")
        beside = moved[~moved["slid"] & (moved["level"] == "school")]
        alone = still["trend_p_value"] < catalogue.thresholds(YEAR)["dynamics"]["alpha"]
        rows.append(
            (f"{len(seeds)} × {schools}", len(of_schools), pct(of_schools["trend"].isin(SAID)), len(of_town),
             pct(of_town["trend"].isin(SAID)), pct(alone), pct(moved.loc[fallen, "trend"] == "worse"),
             pct(beside["trend"].isin(SAID)))
        )  # fmt: skip
    return [
        (
            "«Лучше» и «хуже»",
            f"Два года, шесть работ, три показателя (качество, доля «2», средняя отметка); школы разные и не меняются, "
            f"ученики каждый год новые, работы второго года для всех труднее, регион известен. Справа — города, где у "
            f"{ru(100 * LOST, 0)} % учеников каждой двенадцатой школы отметка на балл ниже.",
            [[str(cell) for cell in row] for row in rows],
        )
    ]


def _verdicts(seeds: Iterable[int], schools: int, slid: int) -> pd.DataFrame:
    """Dynamics of the second year of every town that have a verdict: level, trend, trend_p_value, slid."""
    parts = []
    for seed in seeds:
        rows = judged(town(seed, schools, slid), [f"s{school}" for school in range(schools)])
        rows = rows[(rows["year"] == YEAR) & (rows["level"] != "region") & rows["trend"].notna()]
        parts.append(rows.assign(slid=rows["unit_id"].isin([f"s{school}" for school in range(slid)])))
    return pd.concat(parts)


def judged(
    values: pd.DataFrame, town: Sequence[str] = (), limits: dict[str, Any] | None = None, region: str = REGION
) -> pd.DataFrame:
    """Dynamics of a table of values: KEY, indicator_id, NUMBERS. town: schools of the municipality «town»."""
    limits = limits or catalogue.thresholds(YEAR)
    frame = values.astype({**dict.fromkeys(NUMBERS, "Float64"), "year": "int64"})
    members = pd.DataFrame(
        [(year, school, "municipality", "town") for year in frame["year"].unique() for school in town],
        columns=["year", "org_id", "level", "unit_id"],
    ).astype({"year": "int64", "org_id": "string", "level": "string", "unit_id": "string"})
    connection = duckdb.connect()
    for name, table in (("rows", frame), ("members", members)):
        connection.register(name, engine.arrow(table))
    connection.execute("create view told as select * from rows where value is not null")
    connection.register("judged", changes.judged_by(indicators(), limits["dynamics"]))
    key = ", ".join(changes.KEY)
    connection.execute(
        f"create view pairs as select {key}, year - back as before from told, (values (1), (2)) as years(back)"
    )
    connection.execute(
        f"create table works as select {', '.join(KEY)}, max_primary, tasks, max(coalesce(n, denominator)) as n, "
        "max(marked) as marked from rows group by all"
    )
    rows = dynamics.three_years(changes.changes(connection, limits["dynamics"], region)).assign(insufficient=None)
    return pd.concat([*(dynamics.judge(part, limits) for _, part in rows.groupby("year")), rows.iloc[:0]])


def town(seed: int, schools: int, slid: int = 0) -> pd.DataFrame:
    """Values of two years of a town whose schools differ and stay as they are, in a region where the works became
    harder; the pupils are new each year. slid: in so many schools LOST of the pupils lose a mark.
    """
    rng = np.random.default_rng(seed)
    level = rng.normal(0, SPREAD, schools)
    values: list[dict[str, Any]] = []
    for subject, grade in WORKS:
        for year in (YEAR - 1, YEAR):
            harder = HARDER if year == YEAR else 0.0
            marks = [
                2 + (rng.normal(level[school] - harder, 1, rng.integers(*PUPILS))[:, None] > BOUNDS).sum(axis=1)
                for school in range(schools)
            ]
            for school in range(slid if year == YEAR else 0):
                marks[school] = np.maximum(marks[school] - (rng.random(len(marks[school])) < LOST), 2)
            units = [("school", f"s{school}", of_school) for school, of_school in enumerate(marks)]
            units += [("municipality", "town", np.concatenate(marks))]
            region = 2 + (rng.normal(rng.normal(0, SPREAD, 5000) - harder, 1)[:, None] > BOUNDS).sum(axis=1)
            units += [("region", REGION, region)]
            for kind, unit, of_unit in units:
                values += _values(of_unit, year=year, level=kind, unit_id=unit, subject=subject, grade=grade)
    common = {"procedure": "VPR", "max_primary": 20, "tasks": 12, "n": None, "marked": None}
    return pd.DataFrame(values).assign(**common)[[*KEY, "indicator_id", *NUMBERS]]


def _values(marks: np.ndarray, **work: Any) -> list[dict[str, Any]]:
    """Quality, the share of «2» and the mean mark, as make_values gives them."""
    n = len(marks)
    values = []
    for indicator, top in zip(INDICATORS[:2], ((marks >= 4).sum(), (marks == 2).sum()), strict=True):
        wide = (top + 1) / (n + 2)
        error = 100 * np.sqrt(wide * (1 - wide) / (n + 2))
        values.append(
            {"indicator_id": indicator, "numerator": top, "denominator": n, "value": top / n * 100, "se": error}
        )
    mean = {"numerator": marks.sum(), "denominator": n, "value": marks.mean(), "se": marks.std(ddof=1) / np.sqrt(n)}
    values.append({"indicator_id": INDICATORS[2], **mean})
    return [work | row for row in values]
