"""How sharp the detectors are: power and false alarms on made-up schools whose truth is known.

The numbers go into `docs/methodology.md`; they are the same on every machine, because the sample's random streams are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from benchmarks import objectivity
from msoko_pipeline.objectivity import cohorts, heaping, means
from msoko_pipeline.objectivity.rows import ru
from msoko_pipeline.reporting.methodology import Table
from msoko_pipeline.risk import categories, procedures
from msoko_pipeline.sample import plants
from msoko_pipeline.sample.sitting import Sitting, town_sittings
from msoko_pipeline.sample.town import make_schools, planted
from msoko_pipeline.sample.trials import Trial, trial
from msoko_pipeline.sample.works import Work, works_of
from msoko_pipeline.uncertainty import benjamini_hochberg
from schemas import catalogue

YEAR, SEED = 2026, 2026
SCHOOLS, TOWN = 1200, 12
SIZES = (50, 80, 120)
SEEDS = range(1, 11)
RULED = frozenset((subject, grade) for subject in ("RU", "MA") for grade in (5, 6))
"""Works of the rules' procedures that the sample has."""


def measured() -> list[Table]:
    """Every measurement, as tables for the page."""
    return [heaping_rates(), inflated_rates(), cohort_rates(), *objectivity.rates(), planted_schools()]


def work(subject: str, grade: int) -> Work:
    return next(one for one in works_of(YEAR) if one.key == (subject, grade))


def _pct(flags: np.ndarray) -> str:
    return ru(100 * float(np.mean(flags)))


def _tested(one: Trial, below: int) -> np.ndarray:
    """p-values, schools × bounds."""
    reference = np.tile(one.region.astype(float), (len(one.scores), 1))
    told = [heaping.at_bound(one.scores.astype(float), reference, bound, below)["p_value"] for bound in one.bounds]
    return np.column_stack(told)


def heaping_rates() -> Table:
    """False alarms of a single test and of a whole town of twelve schools, and power by the share lifted."""
    declared = catalogue.signs(YEAR)["signs"]["heaping"]
    rows = [("участников", "один тест, %", "город без скоплений, %", "поднята 1/5", "поднята 2/5", "подняты 7/10")]
    for size in SIZES:
        clean, towns, power = [], [], {0.2: [], 0.4: [], 0.7: []}
        for key in (("MA", 5), ("RU", 4)):
            p = _tested(trial(work(*key), SEED, schools=SCHOOLS, pupils=size), declared["below"])
            clean.append(p < declared["alpha"])
            by_town = p.reshape(-1, TOWN * p.shape[1])
            towns += [np.nanmin(benjamini_hochberg(together)) < declared["alpha"] for together in by_town]
            for share, found in power.items():
                one = _tested(
                    trial(work(*key), SEED, schools=SCHOOLS // 4, pupils=size, heaping=share), declared["below"]
                )
                found.append(np.nanmin(one, axis=1) * TOWN * one.shape[1] < declared["alpha"])
        rows.append(
            (
                size,
                _pct(np.concatenate(clean)),
                _pct(np.array(towns)),
                *(_pct(np.concatenate(f)) for f in power.values()),
            )
        )
    return (
        "Скопление у границы отметки",
        f"Русский язык 4 и математика 5, по {SCHOOLS} школ каждого размера. Без скоплений один тест ошибается не чаще "
        f"номинальных {ru(100 * declared['alpha'], 0)} %, а город из {TOWN} школ получает хотя бы один ложный признак "
        f"(с поправкой на {TOWN * 3} проверок) тоже не чаще. Справа — какую долю школ признак находит с той же "
        "поправкой, когда из отставших от границы на 1–2 балла подняты к ней указанные доли.",
        rows,
    )


def inflated_rates() -> Table:
    """Signs 1–4: how many schools stand above the region, by what was added to their answers."""
    declared = catalogue.signs(YEAR)["signs"]["mean_inflated"]
    rows = [("участников", "ожидалось без завышения, %", "без завышения, %", "+0,5 логита", "+1,1 логита")]
    for size in (25, *SIZES):
        cells = []
        for inflation in (0.0, 0.5, 1.1):
            one = trial(work("MA", 5), SEED, schools=SCHOOLS, pupils=size, inflation=inflation)
            found = means.mean_inflated(_against_region(one), declared)
            if not inflation:
                cells.append(ru(found["chance_pct"].mean()))
            cells.append(_pct(found["flagged"].to_numpy(bool)))
        rows.append((size, *cells))
    return (
        "Завышенный средний балл (признаки 1–4 ФИОКО)",
        "Математика 5. Школы и вправду разные, и без всякого завышения признак отмечает каждую сильную: сам по себе он "
        "говорит «выше региона», не «необъективна» (`chance_pct` называет эту долю). Поэтому в статус проекта он не "
        "входит.",
        rows,
    )


def _against_region(one: Trial) -> pd.DataFrame:
    points = np.arange(len(one.region))
    n = one.region.sum()
    mean = (one.region * points).sum() / n
    sd = np.sqrt((one.region * (points - mean) ** 2).sum() / (n - 1))
    return pd.DataFrame(
        {
            "org_id": np.arange(len(one.n)).astype(str), "year": YEAR, "procedure": "VPR", "subject": one.work.subject,
            "grade": one.work.grade, "n": one.n, "mean": one.mean, "sd": one.sd, "ref_n": n, "ref_mean": mean,
            "ref_sd": sd, "reference": "region",
        }
    )  # fmt: skip


def cohort_rates() -> Table:
    """The regression on last year: false alarms without change, power for one school that changed."""
    signs = catalogue.signs(YEAR)["signs"]
    rows = [("участников", "город без перемен, %", "одна школа +0,6 логита", "одна школа +1,2 логита")]
    first = work("MA", 5)
    for size in SIZES:
        before, now = (trial(first, SEED, schools=SCHOOLS, pupils=size, cohort=cohort) for cohort in (0, 1))
        cells = []
        for drift in (0.0, 0.6, 1.2):
            moved = trial(first, SEED, schools=SCHOOLS, pupils=size, cohort=1, drift=drift)
            place = np.arange(SCHOOLS)
            mean = np.where(place % TOWN == 0, moved.mean, now.mean)  # the first school of every town
            paired = _against_region(now).assign(
                completion=mean / first.max_primary * 100, completion_1=before.mean / first.max_primary * 100,
                n1=before.n, peers="municipality", peer_unit="town", year=YEAR + place // TOWN,  # corrected by itself
            )  # fmt: skip
            found = cohorts.cohort_regression("cohort_rise_regression", paired, signs["cohort_rise_regression"])
            towns = found["flagged"].to_numpy(bool).reshape(-1, TOWN)
            cells.append(_pct(towns[:, 0]) if drift else _pct(towns.any(axis=1)))
        rows.append((size, *cells))
    return (
        "Результат параллели против прошлого года (регрессия)",
        f"Математика 5, {SCHOOLS // TOWN} городов по {TOWN} школ, поправка на число проверок внутри города: в скольких "
        "городах без перемен отмечен хоть кто-то и как часто находится одна изменившаяся школа.",
        rows,
    )


def planted_schools() -> Table:
    """What the rules make of the sample's towns: planted schools against ordinary ones, over several seeds."""
    rules = catalogue.risk_rules("regulator_2025", YEAR)
    counts: dict[str, dict[str, int]] = {}
    for seed in SEEDS:
        town, truth = make_schools(seed, TOWN), planted(seed, TOWN)
        sat = [_results(town_sittings(town, year, seed, RULED), town, year) for year in (YEAR - 2, YEAR - 1, YEAR)]
        told = procedures.procedures(pd.concat(sat, ignore_index=True), rules)
        known = categories.Evidence(YEAR - 1, rules, told, pd.Series([school.login for school in town]))
        before, _ = categories.categories(known)
        shnor = frozenset(before.loc[before["category"] == "shnor", "org_id"])
        now, _ = categories.categories(categories.Evidence(YEAR, rules, told, known.schools, shnor_before=shnor))
        both = now[["org_id", "category"]].merge(before[["org_id", "category"]], on="org_id", suffixes=("", "_before"))
        for row in both.itertuples(index=False):
            role = truth[row.org_id].role if row.org_id in truth else ""
            tally = counts.setdefault(
                role, dict.fromkeys(("schools", "shnor", "risk_zone", "zone_before", "no_data"), 0)
            )
            tally["schools"] += 1
            tally[row.category] = tally.get(row.category, 0) + 1
            tally["zone_before"] += row.category_before == "risk_zone"
    names = {
        plants.LOW: "низкие результаты", plants.SLIDING: "скользящие вниз", plants.INFLATED: "завышающие",
        plants.HEAPING: "со скоплениями", "": "обычные",
    }  # fmt: skip
    rows: list[Sequence[object]] = [("школы", "всего", "ШНОР", "зона риска", "зона риска годом раньше", "нет данных")]
    rows += [
        (title, *(counts[role][name] for name in ("schools", "shnor", "risk_zone", "zone_before", "no_data")))
        for role, title in names.items()
    ]
    return (
        "Посаженные школы выдуманного города",
        f"{len(SEEDS)} городов по {TOWN} школ, {YEAR} год; правда о школах задана при их выдумывании. Все школы с "
        "низкими результатами найдены; скользящие были в зоне риска за год до того, как стали ШНОР.",
        [[str(cell) for cell in row] for row in rows],
    )


def _results(sittings: Iterable[Sitting], town: Sequence[object], year: int) -> pd.DataFrame:
    """Rows of results of the rules' procedures, counted from the sittings."""
    parts = []
    for sitting in sittings:
        here = sitting.present
        one = pd.DataFrame(
            {"org_id": here.school, "failed": here.mark == 2, "good": here.mark >= 4, "total": here.total}
        )
        told = one.groupby("org_id").agg(
            n=("failed", "size"),
            failed=("failed", "sum"),
            good=("good", "sum"),
            mean=("total", "mean"),
            sd=("total", "std"),
        )
        top = sitting.work.max_primary
        parts.append(
            told.reset_index().assign(
                year=year, procedure="VPR", subject=sitting.work.subject, grade=sitting.work.grade,
                municipality_id="town", completion_pct=told["mean"].to_numpy() / top * 100,
                completion_se=(told["sd"] / np.sqrt(told["n"])).to_numpy() / top * 100,
            )
        )  # fmt: skip
    found = pd.concat(parts, ignore_index=True)
    return found.assign(org_id=[town[place].login for place in found["org_id"]])
