"""The status of objectivity on made-up towns whose truth is known: false alarms, power, what is expected of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from benchmarks.extent import Extent, pct
from msoko_pipeline.handbook.methodology import Table
from msoko_pipeline.objectivity import cohorts, status
from msoko_pipeline.objectivity.heaping import Bounds
from msoko_pipeline.objectivity.steps import DETECTORS, Basis
from msoko_pipeline.sample import plants
from msoko_pipeline.sample.population import rest_of_region
from msoko_pipeline.sample.sitting import Sitting, town_sittings
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import make_schools
from msoko_pipeline.sample.works import Work
from msoko_pipeline.text.russian import ru
from schemas import catalogue

SEED, SIZES = 2026, (12, 60)
YEARS = (2024, 2025, 2026)
WORKS = frozenset((subject, grade) for subject in ("RU", "MA") for grade in (4, 5, 6, 7, 8)) | {("MU", 7), ("MU", 8)}
SIGNS = (
    "own_contrast", "heaping", "journal_contrast", "journal_mismatch", "cohort_rise_regression",
    "cohort_drop_regression", "mean_inflated",
)  # fmt: skip
"""Signs that can be measured without exams and other people's lists."""
CONTRASTS = ("own_contrast", "journal_contrast")
ROUGH = (0.126, 10.0)
"""Standard deviation of school × grade that is added, of scores (in the region's) and of marks against the journal
(п.п.): the made-up schools are more alike in their grades than those of a real city were in 2020–2021."""
REGION, STEP = "19", 100
"""Region's code; between the years of one town and of the next, so that every town is judged by itself."""
ROLES = {
    "": "обычные", plants.LOW: "низкие результаты", plants.SLIDING: "скользящие вниз", plants.HEAPING: "со скоплениями",
    plants.INFLATED: "завышающие",
}  # fmt: skip
Frames = dict[str, pd.DataFrame]


def counted(sitting: Sitting, units: Sequence[str]) -> Frames:
    """A sitting as the indicators' tables: results, journal and distribution per unit. units: of each school."""
    here = sitting.present
    work = {"year": here.work.year, "procedure": "VPR", "subject": here.work.subject, "grade": here.work.grade}
    people = pd.DataFrame(
        {"org_id": np.asarray(units, dtype=object)[here.school], "primary_score": here.total, "mark": here.mark,
         "journal": here.journal, "known": here.journal > 0}
    )  # fmt: skip
    people["failed"], people["good"] = people["mark"] == 2, people["mark"] >= 4
    people["lower"] = people["known"] & (people["mark"] < people["journal"])
    people["higher"] = people["known"] & (people["mark"] > people["journal"])
    results = people.groupby("org_id", as_index=False).agg(
        n=("mark", "size"), failed=("failed", "sum"), good=("good", "sum"), mean=("primary_score", "mean"),
        sd=("primary_score", "std"), known=("known", "sum"), lower=("lower", "sum"), higher=("higher", "sum"),
    )  # fmt: skip
    top = here.work.max_primary
    pairs = people[people["known"]].groupby(["org_id", "journal", "primary_score"], as_index=False).size()
    spread = people.groupby(["org_id", "primary_score"], as_index=False).size()
    return {
        "results": results.assign(completion=results["mean"] / top * 100, max_primary=top, **work),
        "journal": pairs.rename(columns={"size": "participants"}).assign(**work),
        "distribution": spread.rename(columns={"size": "participants"}).assign(**work),
    }


@cache
def region(work: Work) -> Frames:
    """The rest of the region in a work, counted together."""
    sitting = rest_of_region(work, SEED).sitting
    return counted(sitting, [REGION] * (int(sitting.school.max()) + 1))


def sat(schools: int, inflation: float | None = None) -> tuple[Frames, Bounds, pd.Series]:
    """Tables of so many schools over YEARS beside their region, the works' bounds, and the role of each school.

    inflation: logits that inflating schools add, where not the plants' own.
    """
    town = make_schools(SEED, schools)
    if inflation is not None:
        town = [
            replace(one, truth=replace(one.truth, inflation=inflation)) if one.truth.role == plants.INFLATED else one
            for one in town
        ]
    parts: dict[str, list[pd.DataFrame]] = {"results": [], "journal": [], "distribution": [], "reference": []}
    bounds: Bounds = {}
    for year in YEARS:
        for sitting in town_sittings(town, year, SEED, WORKS):
            of_sitting = counted(sitting, [school.login for school in town])
            others = region(sitting.work)
            usual = others["results"].iloc[0]
            names = ("n", "mean", "sd", "known", "lower", "higher")
            of_sitting["results"] = of_sitting["results"].assign(
                **{f"ref_{name}": float(usual[name]) for name in names}
            )
            of_sitting["reference"] = others["distribution"].rename(columns={"org_id": "reference_id"})
            for name, frame in of_sitting.items():
                parts[name].append(frame)
            bounds[year, "VPR", *sitting.work.key] = sitting.work.bounds
    frames = {name: pd.concat(of_sittings, ignore_index=True) for name, of_sittings in parts.items()}
    frames["results"] = roughened(frames["results"])
    return frames, bounds, pd.Series({school.login: school.truth.role for school in town})


def roughened(results: pd.DataFrame) -> pd.DataFrame:
    """Results whose grades differ by ROUGH more than they were drawn."""
    grades = results[["org_id", "year", "grade"]].drop_duplicates(ignore_index=True)
    rng = stream(SEED, "grades of a real city")
    grades["of_scores"], grades["of_marks"] = (rng.normal(0, sd, len(grades)) for sd in ROUGH)
    rows = results.merge(grades, on=["org_id", "year", "grade"], validate="m:1")
    mean = (rows["mean"] + rows["of_scores"] * rows["ref_sd"]).clip(0, rows["max_primary"])
    moved = (rows["of_marks"] / 200 * rows["known"]).round()
    return rows.assign(
        mean=mean, completion=mean / rows["max_primary"] * 100, higher=(rows["higher"] + moved).clip(0, rows["known"]),
        lower=(rows["lower"] - moved).clip(0, rows["known"]),
    )  # fmt: skip


def judged(frames: Frames, bounds: Bounds, size: int, signs: Sequence[str] = SIGNS) -> pd.DataFrame:
    """Signs of every school, in towns of so many schools, each town judged by itself."""
    logins = sorted(frames["results"]["org_id"].unique())
    towns = {login: place // size for place, login in enumerate(logins)}

    def of_towns(frame: pd.DataFrame) -> pd.DataFrame:
        town = frame["org_id"].map(towns)
        return frame.assign(
            year=frame["year"] + STEP * town, reference="region", journal_reference="region", reference_id=REGION,
            peers="municipality", peer_unit=town.astype(str),
        )  # fmt: skip

    every = range(len(logins) // size + 1)
    others = [frames["reference"].assign(year=frames["reference"]["year"] + STEP * town) for town in every]
    scales = {(year + STEP * town, *work): least for (year, *work), least in bounds.items() for town in every}
    schools, none = of_towns(frames["results"]), pd.DataFrame()
    basis = Basis(
        sorted(set(schools["year"])), schools, cohorts.pairs(schools), of_towns(frames["journal"]),
        of_towns(frames["distribution"]),
        pd.concat(others, ignore_index=True), scales, {}, none, none, none,
    )  # fmt: skip
    declared = catalogue.signs(YEARS[-1])["signs"]
    rows = pd.concat([DETECTORS[sign](basis, declared[sign]) for sign in signs], ignore_index=True)
    return rows.assign(year=rows["year"] % STEP + YEARS[0] // STEP * STEP)


def rates(extent: Extent) -> list[Table]:
    """School-years named, by what the school is: by every sign, by the methodology of 2019, by the project's status."""
    frames, bounds, roles = sat(extent.cut)
    signs = {size: judged(frames, bounds, size) for size in SIZES}
    return [*(_rates(signs[size], roles, size) for size in SIZES), _power(extent, signs[SIZES[0]], roles)]


def _power(extent: Extent, planted: pd.DataFrame, roles: pd.Series) -> Table:
    """School-years of inflating schools found, by how much they inflate. planted: signs at the plants' own size."""
    rows: list[Sequence[str]] = [("добавлено, логитов", "`own_contrast`", "`journal_contrast`", "статус проекта")]
    own = next(plant.inflation for plant in plants.PLANTS if plant.role == plants.INFLATED)
    for inflation in (*extent.inflations, own):
        signs = planted if inflation == own else judged(*sat(extent.cut, inflation)[:2], SIZES[0], CONTRASTS)
        inflating = signs[(signs["org_id"].map(roles) == plants.INFLATED) & signs["sign"].isin(CONTRASTS)]
        hits = [_hits(inflating[inflating["sign"] == sign])["hit"] for sign in CONTRASTS]
        hits.append(pd.concat([status.of_year(inflating, year) for year in YEARS])["hit"])
        rows.append((ru(inflation), *(f"{pct(hit)} %" for hit in hits)))
    return (
        "Сколько надо завысить, чтобы статус заметил",
        f"Города по {SIZES[0]} школ: доля школо-лет завышающих школ; статус — по этим двум признакам. "
        "Один логит — примерно стандартное отклонение учеников одной школы; 0,3 логита поднимают средний балл на "
        "четверть стандартного отклонения региона.",
        rows,
    )


def _rates(signs: pd.DataFrame, roles: pd.Series, size: int) -> Table:
    hits = {f"признак `{sign}`": _hits(signs[signs["sign"] == sign]) for sign in SIGNS if sign != "mean_inflated"}
    own = [status.of_year(signs, year).assign(year=year) for year in YEARS]
    theirs = [status.by_methodology(signs, year).assign(year=year) for year in YEARS]
    hits["**методика 2019** (средний балл, журнал)"] = pd.concat(theirs)[["org_id", "year", "hit"]]
    hits["**статус проекта**"] = pd.concat(own)[["org_id", "year", "hit"]]
    rows: list[Sequence[str]] = [("кто называет", *ROLES.values())]
    for name, named in hits.items():
        role = named["org_id"].map(roles)
        cells = [named.loc[role == one, "hit"].astype(bool) for one in ROLES]
        rows.append((name, *(f"{pct(cell)} % ({cell.sum()} из {len(cell)})" for cell in cells)))
    wrong = {name: _wrong(pd.concat(years), roles) for name, years in (("2019", theirs), ("проекта", own))}
    towns = len(YEARS) * -(-len(roles) // size)
    expected = {name: pd.concat(years)["chance"].sum() / towns for name, years in (("2019", theirs), ("проекта", own))}
    return (
        f"Статус объективности в городах по {size} школ",
        f"{len(roles) // size} городов по {size} школ, {YEARS[0]}–{YEARS[-1]} годы: какую долю школо-лет называет "
        "каждый признак и каждый статус. Завышающие подняли русский язык и математику 4–5 классов на 1,1 логита, школы "
        "со скоплениями — 7/10 учеников под границей; остальные объективны, и назвать их — ошибка. Параллели "
        "одной школы разнятся, как в настоящем городе. Экзаменов, перечней "
        "и перепроверок в этом измерении нет. Зря названных школ на город в год: по методике 2019 "
        f"{ru(wrong['2019'] / towns, 2)} (будь объективны все, ожидалось бы {ru(expected['2019'], 2)}), по статусу "
        f"проекта {ru(wrong['проекта'] / towns, 2)} (ожидалось бы {ru(expected['проекта'], 2)}).",
        rows,
    )


def _hits(signs: pd.DataFrame) -> pd.DataFrame:
    judged = signs[signs["flagged"].notna()]
    return judged.assign(hit=judged["flagged"].astype(bool)).groupby(["org_id", "year"], as_index=False)["hit"].any()


def _wrong(hits: pd.DataFrame, roles: pd.Series) -> int:
    honest = ~hits["org_id"].map(roles).isin((plants.INFLATED, plants.HEAPING))
    return int((hits["hit"] & honest).sum())
