"""How right the rules of the categories are: towns whose true shares are known, in memory, counts drawn from them.

Measured: false alarms and power of R1–R6, the plain changes beside the sure ones; whether P(ШНОР) is as often true as
it says; whether as many schools leave ШНОР as are expected to. The numbers go into `docs/methodology.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from msoko_pipeline.objectivity.rows import ru
from msoko_pipeline.reporting.methodology import Table
from msoko_pipeline.risk import certainty, exits, procedures
from msoko_pipeline.risk.categories import Evidence
from msoko_pipeline.risk.firing import SAME, Fired, fire
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import make_schools
from schemas import catalogue

YEAR, FIRST = 2026, 2024
DEFAULT, PLAIN = "regulator_2025", "plain_changes"
TOWNS = {12: range(1, 21), 60: range(101, 106)}
"""Schools of a town → the seeds of its towns."""
WORKS = {("VPR", "RU", 5): -1.7, ("VPR", "MA", 5): -1.7, ("VPR", "RU", 6): -1.6, ("VPR", "MA", 6): -1.6,
         ("OGE", "RU", 9): -2.8, ("OGE", "MA", 9): -2.2}  # fmt: skip
"""Work → log odds of a result below the minimum in an average school."""
STEEPNESS = 1.4  # log odds of a share per logit of ability
GOOD = 1.7  # by how much the log odds of a mark below «4» stand above those of one below the minimum
SPREADS = {"work": 0.25, "pupils": 0.3, "town": 0.3}
"""Log odds by which a school differs from work to work, from year to year, and all the town from year to year."""
FALL = 1.2  # log odds added in the last year to the schools that truly fell
FALLEN = 1 / 12
SIGNS = 0.15  # the share of schools that have a sign of non-objectivity
COMPLETION = 18.0  # %: how pupils of a school differ in the completion of an exam


@dataclass(frozen=True)
class Truth:
    """Towns of one size. results: as `procedures.procedures` takes them, with the true shares `share`, `share_bad` and
    `expected`, `expected_bad`: last year's, moved as the town was; fallen, signs: org_id."""

    results: pd.DataFrame
    fallen: frozenset[str]
    signs: frozenset[str]


def measured() -> list[Table]:
    """Every measurement, as tables for the page."""
    return [alarms(), certainties(), leavers()]


@cache
def towns(size: int) -> Truth:
    """All towns of that many schools, three years each."""
    drawn = [_town(size, seed) for seed in TOWNS[size]]
    return Truth(
        pd.concat([one.results for one in drawn], ignore_index=True),
        frozenset().union(*(one.fallen for one in drawn)), frozenset().union(*(one.signs for one in drawn)),
    )  # fmt: skip


def _town(size: int, seed: int) -> Truth:
    rng = stream(seed, "risk rules", str(size))
    schools = make_schools(seed, size, plants=False)
    place = -STEEPNESS * np.array([school.truth.ability for school in schools])
    usual = np.array([np.mean(school.kind.parallel) for school in schools])
    names = np.array([f"{size}-{seed}-{school.number:02d}" for school in schools])
    falls = rng.permutation(size) < round(size * FALLEN)
    has_sign = rng.random(size) < SIGNS
    parts = []
    for (procedure, subject, grade), middle in WORKS.items():
        own = place + rng.normal(0, SPREADS["work"], size)
        before = np.full((2, size), np.nan)
        for year in range(FIRST, YEAR + 1):
            moved = rng.normal(0, SPREADS["town"])
            odds = np.array([[middle], [middle + GOOD]]) + moved + own + rng.normal(0, SPREADS["pupils"], size)
            odds += FALL * falls * (year == YEAR)
            share, share_bad = _shares(odds)
            n = np.maximum(np.round(usual * rng.lognormal(0, 0.1, size)), 1).astype(int)
            failed = rng.binomial(n, share)
            bad = failed + rng.binomial(n - failed, (share_bad - share) / (1 - share))
            expected, expected_bad = _shares(before + moved)
            parts.append(
                pd.DataFrame(
                    {"year": year, "org_id": names, "municipality_id": f"{size}-{seed}", "procedure": procedure,
                     "subject": subject, "grade": grade, "n": n, "failed": failed, "good": n - bad,
                     "completion_pct": _completion(share_bad) + rng.normal(0, COMPLETION / np.sqrt(n)),
                     "completion_se": COMPLETION / np.sqrt(n), "true_completion": _completion(share_bad),
                     "share": share, "share_bad": share_bad, "expected": expected, "expected_bad": expected_bad}
                )
            )  # fmt: skip
            before = odds - moved
    return Truth(pd.concat(parts, ignore_index=True), frozenset(names[falls]), frozenset(names[has_sign]))


def _shares(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-odds))


def _completion(share_bad: NDArray[np.float64]) -> NDArray[np.float64]:
    return 80 - 40 * share_bad


@cache
def _procedures(size: int) -> pd.DataFrame:
    rules = catalogue.risk_rules(DEFAULT, YEAR)
    return certainty.with_posteriors(procedures.procedures(towns(size).results, rules), rules)


@cache
def evidence(size: int, year: int = YEAR) -> Evidence:
    """The towns of a size, who was ШНОР a year before included."""
    told = _procedures(size)
    before: frozenset[str] = frozenset()
    if year > FIRST + 1:
        past = evidence(size, year - 1)
        fired = fire(past.pairs, past.rules)
        before = frozenset(past.pairs.schools[fired.is_shnor & fired.has_base])
    schools = pd.Series(told["org_id"].unique())
    return Evidence(year, catalogue.risk_rules(DEFAULT, YEAR), told, schools, before, towns(size).signs)


@cache
def answers(size: int, variant: str) -> Fired:
    """What the rules of a variant answer in the last year."""
    return fire(evidence(size).pairs, catalogue.risk_rules(variant, YEAR))


def _true(size: int, year: int = YEAR) -> pd.DataFrame:
    """What is true of each school in its judged procedures of a year: a column per rule, and ШНОР."""
    rules, told = evidence(size).rules, _procedures(size)
    told = told[told["judged"]]
    now = told[told["year"] == year]
    low = now["share"] >= rules["low"]["from"] / 100
    near = (now["share"] >= rules["R2"]["from"] / 100) & ~low
    rows = pd.DataFrame(
        {"org_id": now["org_id"], "low": low, "near": near,
         "rose": now["share"] - now["expected"] >= rules["R3"]["rise"] / 100,
         "fell": now["share_bad"] - now["expected_bad"] >= rules["R4"]["fall"] / 100}
    )  # fmt: skip
    past = told[told["year"] == year - 1]
    was_low = past.loc[past["share"] >= rules["low"]["from"] / 100, SAME].assign(was_low=True)
    again = now.loc[low, SAME].merge(was_low, on=SAME)["org_id"]
    count = rows.groupby("org_id").sum()
    oge = now[now["procedure"] == "OGE"]
    behind = oge["true_completion"] < oge.groupby(["municipality_id", "subject"])["true_completion"].transform("mean")
    is_shnor = (count["low"] >= rules["SHNOR_A"]["procedures_from"]) | count.index.isin(again)
    return pd.DataFrame(
        {"R1": count["low"] > 0, "R2": count["near"] >= rules["R2"]["procedures_from"],
         "R3": count["rose"] >= rules["R3"]["procedures_from"], "R4": count["fell"] >= rules["R4"]["procedures_from"],
         "R6": count.index.isin(towns(size).signs) & count.index.isin(oge.loc[behind, "org_id"]), "shnor": is_shnor}
    )  # fmt: skip


def alarms() -> Table:
    """Of the schools of which a rule is not true, how many it names; of those of which it is, how many it finds."""
    rows: list[Sequence[str]] = [("правило", *(f"по {size} школ: {what}" for size in TOWNS for what in (
        "неверно, %", "верно о стольких школах", "из них найдено, %")))]  # fmt: skip
    names = {"R3": "доля «2» выросла", "R4": "качество упало"}
    lines = [(rule, rule, DEFAULT) for rule in ("R1", "R2")]
    for rule, words in names.items():
        lines += [(f"{rule}: {words}, как видно", rule, PLAIN),
                  (f"{rule}: {words}, с вероятностью 80 %", rule, DEFAULT)]  # fmt: skip
    lines += [("R5", "R5", DEFAULT), ("R6", "R6", DEFAULT)]
    for title, rule, variant in lines:
        cells: list[str] = []
        for size in TOWNS:
            pairs, fired = evidence(size).pairs, answers(size, variant)
            names_of = pairs.schools
            if rule in fired.works:
                named = np.bincount(pairs.rows["school"], fired.works[rule], minlength=len(names_of)) > 0
            else:
                named = fired.schools[rule]
            is_true = _true(size, YEAR - 1)["shnor"] if rule == "R5" else _true(size)[rule]
            told = pd.DataFrame({"named": named, "shnor": fired.is_shnor}, index=names_of).loc[_true(size).index]
            is_true = is_true.reindex(told.index, fill_value=False)
            if rule in ("R1", "R5"):  # nobody who is ШНОР has them
                told, is_true = told[~told["shnor"]], is_true[~told["shnor"]]
            cells += [_pct(told.loc[~is_true, "named"]), str(int(is_true.sum())), _pct(told.loc[is_true, "named"])]
        rows.append((title, *cells))
    words = {variant: [_named(size, variant) for size in TOWNS] for variant in (PLAIN, DEFAULT)}
    still, fell = ({variant: [one[part] for one in told] for variant, told in words.items()} for part in (0, 1))
    return (
        "Правила зоны риска: ложные тревоги и зоркость",
        f"{len(TOWNS[12])} городов по 12 школ и {len(TOWNS[60])} по 60, истинные доли известны, ученики и работы "
        "каждый год другие. «Неверно» — сколько школ правило назвало из тех, о ком оно неверно по истинным долям: R1 — "
        "доля не ниже порога, R2 — две от 20 до 30 %, R3, R4 — изменение не меньше 10 п.п. сверх изменения города, "
        "R5 — год назад истинные доли отвечали ШНОР, R6 — выполнение ОГЭ ниже городского (сам признак дан). Истинные "
        "доли меняются и там, где не изменилось ничего, кроме учеников: из таких школ R3 или R4 называют, как видно, "
        f"{' и '.join(still[PLAIN])} % (города по 12 и по 60), с вероятностью 80 % — {' и '.join(still[DEFAULT])} %. "
        f"Из школ, упавших во всех работах (на {ru(FALL)} логита долей), названы, как видно, "
        f"{' и '.join(fell[PLAIN])} %, с вероятностью 80 % — {' и '.join(fell[DEFAULT])} %.",
        rows,
    )


def _named(size: int, variant: str) -> tuple[str, str]:
    """How many R3 or R4 name of the schools that did not fall and of those that did, %."""
    rows, fired = evidence(size).pairs.rows, answers(size, variant)
    named = pd.Series(_true(size).index, index=_true(size).index).isin(
        rows.loc[fired.works["R3"] | fired.works["R4"], "org_id"]
    )
    fell = named.index.isin(towns(size).fallen)
    return _pct(named[~fell]), _pct(named[fell])


def certainties() -> Table:
    """P(ШНОР) in fifths: how many schools, what was said, how many truly were."""
    parts = []
    for size in TOWNS:
        known, fired = evidence(size), answers(size, DEFAULT)
        said = certainty.shnor_pct(known.pairs, fired, known.rules).rename("said")
        official = pd.Series(fired.is_shnor & fired.has_base, index=known.pairs.schools, name="official")
        parts.append(pd.concat([said, official, _true(size)["shnor"]], axis=1, join="inner"))
    told = pd.concat(parts)
    rows = _fifths(told["said"], told["shnor"], ("P(ШНОР), %", "школ", "в среднем сказано, %", "истинных ШНОР, %"))
    listed = told[told["official"].astype(bool)]
    border = listed["said"] < catalogue.risk_rules(DEFAULT, YEAR)["certainty"]["sure"]
    return (
        "Вероятность, что истинные доли школы отвечают условиям ШНОР",
        f"Те же города. По правилам ШНОР — {len(listed)} школ, истинных среди них {int(listed['shnor'].sum())}; на "
        f"границе (вероятность ниже 80 %) — {int(border.sum())}, из них истинных "
        f"{int(listed.loc[border, 'shnor'].sum())}; из остальных {int((~border).sum())} — "
        f"{int(listed.loc[~border, 'shnor'].sum())}.",
        rows,
    )


def leavers() -> Table:
    """Of ШНОР in which nothing changed: the probability to leave by chance in fifths, and how many left."""
    said, left, inside, seen = [], [], [], []
    for size in TOWNS:
        known = evidence(size)
        stays = pd.Series(answers(size, DEFAULT).is_shnor, index=known.pairs.schools)
        for town, part in known.procedures.groupby("municipality_id"):
            before = known.shnor_before & set(part["org_id"]) - towns(size).fallen
            alone = Evidence(YEAR, known.rules, part, pd.Series(part["org_id"].unique()), frozenset(before))
            chance = exits.exit_pct(alone)
            if chance.empty:
                continue
            gone = ~stays[chance.index]
            said.append(chance)
            left.append(gone)
            schools = pd.DataFrame({"category": np.where(gone, "none", "shnor"), "previous_category": "shnor",
                                    "exit_by_chance_pct": chance})  # fmt: skip
            row = exits.of_unit(schools, "municipality", str(town)).iloc[0]
            inside.append(row["expected_low"] <= row["left_shnor"] <= row["expected_high"])
            seen.append(row["left_shnor"])
    chance, gone = pd.concat(said), pd.concat(left)
    return (
        "Выход из ШНОР без перемен в школе",
        f"ШНОР прошлого года, в которых не изменилось ничего, кроме учеников: {len(gone)} школ в {len(seen)} городах. "
        f"Вышли {int(gone.sum())} ({ru(100 * gone.mean())} %), ожидалось {ru(chance.sum() / 100)}. Число вышедших "
        f"лежит в 95 %-м интервале в {sum(inside)} городах из {len(inside)}.",
        _fifths(chance, gone, ("вероятность выйти, %", "школ", "в среднем сказано, %", "вышли, %")),
    )


def _fifths(said: pd.Series, happened: pd.Series, header: Sequence[str]) -> list[Sequence[str]]:
    """Rows: a fifth of the scale, how many, the mean that was said, how many it was true of."""
    rows: list[Sequence[str]] = [header]
    for least in range(0, 100, 20):
        here = (said >= least) & ((said < least + 20) | (least == 80))
        rows.append((f"{least}–{least + 20}", str(int(here.sum())), _mean(said[here]), _pct(happened[here])))
    return rows


def _mean(told: pd.Series) -> str:
    return ru(told.mean()) if len(told) else "—"


def _pct(told: pd.Series) -> str:
    return ru(100 * told.astype(bool).mean()) if len(told) else "—"
