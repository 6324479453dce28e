"""How good the detectors are: power and false alarms on made-up schools with a known truth.

The numbers go into `docs/methodology.md`; they are the same on every machine, because the sample's random streams are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import objectivity
from benchmarks.extent import WHOLE, Extent, pct
from msoko_pipeline.handbook.methodology import Table
from msoko_pipeline.numbers.uncertainty import benjamini_hochberg
from msoko_pipeline.objectivity import cohorts, heaping, means
from msoko_pipeline.risk import categories, procedures
from msoko_pipeline.sample import plants
from msoko_pipeline.sample.sitting import Sitting, town_sittings
from msoko_pipeline.sample.town import School, make_schools, planted
from msoko_pipeline.sample.trials import Trial, trial
from msoko_pipeline.sample.works import Work, works_of
from msoko_pipeline.text.russian import ru
from schemas import catalogue

YEAR, SEED, TOWN = 2026, 2026, 12
SIZES = (50, 80, 120)
VARIANT = "regulator_2025"
RULED = frozenset((subject, grade) for subject in ("RU", "MA") for grade in (5, 6))
"""Works of the rules' procedures that the sample has."""
COUNTED = {
    "schools": "всего", "shnor": "ШНОР", "risk_zone": "зона риска", "zone_before": "зона риска годом раньше",
    "no_data": "нет данных",
}  # fmt: skip
ROLES = {role: objectivity.ROLES[role] for role in (plants.LOW, plants.SLIDING, plants.INFLATED, plants.HEAPING, "")}


def rules() -> Any:
    """What is measured: the signs, the status and the rules of the categories."""
    return catalogue.signs(YEAR), catalogue.risk_rules(VARIANT, YEAR)


def measured(extent: Extent = WHOLE) -> list[Table]:
    """Every measurement, as tables for the page."""
    schools = extent.sitting
    return [
        heaping_rates(schools), inflated_rates(schools), cohort_rates(schools), *objectivity.rates(extent),
        planted_schools(extent.planted),
    ]  # fmt: skip


def work(subject: str, grade: int) -> Work:
    return next(one for one in works_of(YEAR) if one.key == (subject, grade))


def _tested(one: Trial, below: int) -> np.ndarray:
    """p-values, schools × bounds."""
    reference = np.tile(one.region.astype(float), (len(one.scores), 1))
    p_values = [heaping.at_bound(one.scores.astype(float), reference, bound, below)["p_value"] for bound in one.bounds]
    return np.column_stack(p_values)


def heaping_rates(schools: int) -> Table:
    """False alarms of a single test and of a whole town of twelve schools, and power by the share lifted."""
    declared = catalogue.signs(YEAR)["signs"]["heaping"]
    rows = [("участников", "один тест, %", "город без скоплений, %", "поднята 1/5", "поднята 2/5", "подняты 7/10")]
    for size in SIZES:
        clean, towns, power = [], [], {0.2: [], 0.4: [], 0.7: []}
        for key in (("MA", 5), ("RU", 4)):
            p = _tested(trial(work(*key), SEED, schools=schools, pupils=size), declared["below"])
            clean.append(p < declared["alpha"])
            by_town = p.reshape(-1, TOWN * p.shape[1])
            towns += [np.nanmin(benjamini_hochberg(together)) < declared["alpha"] for together in by_town]
            for share, flags in power.items():
                one = _tested(
                    trial(work(*key), SEED, schools=schools // 4, pupils=size, heaping=share), declared["below"]
                )
                flags.append(np.nanmin(one, axis=1) * TOWN * one.shape[1] < declared["alpha"])
        rows.append(
            (
                size,
                pct(np.concatenate(clean)),
                pct(np.array(towns)),
                *(pct(np.concatenate(f)) for f in power.values()),
            )
        )
    return (
        "Скопление у границы отметки",
        f"Русский язык 4 и математика 5, по {schools} школ каждого размера. Без скоплений один тест ошибается не чаще "
        f"номинальных {ru(100 * declared['alpha'], 0)} %, а город из {TOWN} школ получает хотя бы один ложный признак "
        f"(с поправкой на {TOWN * 3} проверок) тоже не чаще. Справа — какую долю школ признак находит с той же "
        "поправкой, когда из отставших от границы на 1–2 балла подняты к ней указанные доли.",
        rows,
    )


def inflated_rates(schools: int) -> Table:
    """Signs 1–4: how many schools stand above the region, by what was added to their answers."""
    declared = catalogue.signs(YEAR)["signs"]["mean_inflated"]
    rows = [("участников", "ожидалось без завышения, %", "без завышения, %", "+0,5 логита", "+1,1 логита")]
    for size in (25, *SIZES):
        cells = []
        for inflation in (0.0, 0.5, 1.1):
            one = trial(work("MA", 5), SEED, schools=schools, pupils=size, inflation=inflation)
            sign_rows = means.mean_inflated(_against_region(one), declared)
            if not inflation:
                cells.append(ru(sign_rows["chance_pct"].mean()))
            cells.append(pct(sign_rows["flagged"].to_numpy(bool)))
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


def cohort_rates(schools: int) -> Table:
    """The regression on last year: false alarms without change, power for one school that changed."""
    signs = catalogue.signs(YEAR)["signs"]
    rows = [("участников", "город без перемен, %", "одна школа +0,6 логита", "одна школа +1,2 логита")]
    first = work("MA", 5)
    for size in SIZES:
        before, now = (trial(first, SEED, schools=schools, pupils=size, cohort=cohort) for cohort in (0, 1))
        cells = []
        for drift in (0.0, 0.6, 1.2):
            moved = trial(first, SEED, schools=schools, pupils=size, cohort=1, drift=drift)
            place = np.arange(schools)
            mean = np.where(place % TOWN == 0, moved.mean, now.mean)  # the first school of every town
            paired = _against_region(now).assign(
                completion=mean / first.max_primary * 100, completion_1=before.mean / first.max_primary * 100,
                n1=before.n, peers="municipality", peer_unit="town", year=YEAR + place // TOWN,  # corrected by itself
            )  # fmt: skip
            sign_rows = cohorts.cohort_regression("cohort_rise_regression", paired, signs["cohort_rise_regression"])
            towns = sign_rows["flagged"].to_numpy(bool).reshape(-1, TOWN)
            cells.append(pct(towns[:, 0]) if drift else pct(towns.any(axis=1)))
        rows.append((size, *cells))
    return (
        "Результат параллели против прошлого года (регрессия)",
        f"Математика 5, {schools // TOWN} городов по {TOWN} школ, поправка на число проверок внутри города: в скольких "
        "городах без перемен отмечен хоть кто-то и как часто находится одна изменившаяся школа.",
        rows,
    )


def planted_schools(seeds: Sequence[int]) -> Table:
    """What the rules make of the sample's towns: planted schools against ordinary ones, over several seeds."""
    schools = pd.concat([_categories(seed) for seed in seeds], ignore_index=True)
    counts = schools.groupby("role")[list(COUNTED)].sum().reindex(list(ROLES), fill_value=0).astype(int)
    rows: list[Sequence[str]] = [("школы", *COUNTED.values())]
    rows += [(title, *map(str, counts.loc[role])) for role, title in ROLES.items()]
    return (
        "Посаженные школы выдуманного города",
        f"{len(seeds)} городов по {TOWN} школ, {YEAR} год; правда о школах задана при их выдумывании. Все школы с "
        "низкими результатами найдены; скользящие были в зоне риска за год до того, как стали ШНОР.",
        rows,
    )


def _categories(seed: int) -> pd.DataFrame:
    """COUNTED of each school of a town, and its role («»: ordinary)."""
    rules = catalogue.risk_rules(VARIANT, YEAR)
    town, truth = make_schools(seed, TOWN), planted(seed, TOWN)
    sat = [_results(town_sittings(town, year, seed, RULED), town) for year in (YEAR - 2, YEAR - 1, YEAR)]
    results = procedures.procedures(pd.concat(sat, ignore_index=True), rules)
    evidence = categories.Evidence(YEAR - 1, rules, results, pd.Series([school.login for school in town]))
    before, _ = categories.categories(evidence)
    shnor = frozenset(before.loc[before["category"] == "shnor", "org_id"])
    now, _ = categories.categories(categories.Evidence(YEAR, rules, results, evidence.schools, shnor_before=shnor))
    both = now[["org_id", "category"]].merge(before[["org_id", "category"]], on="org_id", suffixes=("", "_before"))
    return pd.DataFrame(
        {
            "role": [truth[school].role if school in truth else "" for school in both["org_id"]],
            "schools": 1, "zone_before": both["category_before"] == "risk_zone",
            **{category: both["category"] == category for category in ("shnor", "risk_zone", "no_data")},
        }
    )  # fmt: skip


def _results(sittings: Iterable[Sitting], town: Sequence[School]) -> pd.DataFrame:
    """Rows of results of the rules' procedures, counted from the sittings of a year."""
    logins = [school.login for school in town]
    results = pd.concat([objectivity.counted(sitting, logins)["results"] for sitting in sittings], ignore_index=True)
    error = results["sd"] / np.sqrt(results["n"]) / results["max_primary"] * 100
    return results.assign(municipality_id="town", completion_pct=results["completion"], completion_se=error)
