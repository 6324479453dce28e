"""How right the rules of the categories are: towns whose true shares are known, in memory, counts drawn from them.

Measured: false alarms and power of R1–R6, the plain changes beside the sure ones; whether P(ШНОР) is as often true as
it says; whether as many schools leave ШНОР as are expected to. The numbers go into `docs/methodology.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.extent import WHOLE, Extent, pct, towns_in_words
from msoko_pipeline.handbook.methodology import Table
from msoko_pipeline.risk import certainty, exits, procedures
from msoko_pipeline.risk.categories import Evidence
from msoko_pipeline.risk.firing import SAME, Fired, fire
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import make_schools
from msoko_pipeline.text.russian import ru
from schemas import catalogue

YEAR, FIRST = 2026, 2024
DEFAULT, PLAIN = "regulator_2025", "plain_changes"
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


def rules() -> Any:
    """What is measured: both variants of the rules."""
    return [catalogue.risk_rules(variant, YEAR) for variant in (DEFAULT, PLAIN)]


def measured(extent: Extent = WHOLE) -> list[Table]:
    """Every measurement, as tables for the page."""
    every = [Towns(size, seeds) for size, seeds in extent.towns.items()]
    return [_alarms(every, towns_in_words(extent)), _certainties(every), _leavers(every)]


@dataclass(frozen=True)
class Truth:
    """A town. results: as `procedures.procedures` takes them, with the true shares `share`, `share_bad` and
    `expected`, `expected_bad`: last year's, moved as the town was; fallen, signs: org_id."""

    results: pd.DataFrame
    fallen: frozenset[str]
    signs: frozenset[str]


class Towns:
    """All towns of `size` schools, three years each, and what the rules make of the last of them."""

    def __init__(self, size: int, seeds: Sequence[int]) -> None:
        drawn = [_town(size, seed) for seed in seeds]
        self.size = size
        self.results = pd.concat([one.results for one in drawn], ignore_index=True)
        self.fallen: frozenset[str] = frozenset().union(*(one.fallen for one in drawn))
        self.signs: frozenset[str] = frozenset().union(*(one.signs for one in drawn))

    @cached_property
    def procedures(self) -> pd.DataFrame:
        rules = catalogue.risk_rules(DEFAULT, YEAR)
        return certainty.with_posteriors(procedures.procedures(self.results, rules), rules)

    @cached_property
    def now(self) -> Evidence:
        """The last year, who was ШНОР a year before included."""
        past = self._evidence(YEAR - 1, frozenset())
        fired = past.fired
        return self._evidence(YEAR, frozenset(past.pairs.schools[fired.is_shnor & fired.has_base]))

    def _evidence(self, year: int, before: frozenset[str]) -> Evidence:
        schools = pd.Series(self.procedures["org_id"].unique())
        return Evidence(year, catalogue.risk_rules(DEFAULT, YEAR), self.procedures, schools, before, self.signs)

    @cached_property
    def answers(self) -> dict[str, Fired]:
        """Variant of the rules → what it answers in the last year."""
        return {name: fire(self.now.pairs, catalogue.risk_rules(name, YEAR)) for name in (PLAIN, DEFAULT)}

    @cached_property
    def true(self) -> pd.DataFrame:
        """What is true of the last year: see `_true`, with R5: whether a year before it was ШНОР."""
        was_shnor = _true(self, YEAR - 1)["shnor"]
        true = _true(self, YEAR)
        return true.assign(R5=was_shnor.reindex(true.index, fill_value=False))


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


def _true(towns: Towns, year: int) -> pd.DataFrame:
    """What is true of each school in its judged procedures of a year: a column per rule, and ШНОР."""
    results, rules = towns.procedures, towns.now.rules
    results = results[results["judged"]]
    now = results[results["year"] == year]
    low = now["share"] >= rules["low"]["from"] / 100
    near = (now["share"] >= rules["R2"]["from"] / 100) & ~low
    rows = pd.DataFrame(
        {"org_id": now["org_id"], "low": low, "near": near,
         "rose": now["share"] - now["expected"] >= rules["R3"]["rise"] / 100,
         "fell": now["share_bad"] - now["expected_bad"] >= rules["R4"]["fall"] / 100}
    )  # fmt: skip
    past = results[results["year"] == year - 1]
    was_low = past.loc[past["share"] >= rules["low"]["from"] / 100, SAME].assign(was_low=True)
    again = now.loc[low, SAME].merge(was_low, on=SAME)["org_id"]
    count = rows.groupby("org_id").sum()
    oge = now[now["procedure"] == "OGE"]
    behind = oge["true_completion"] < oge.groupby(["municipality_id", "subject"])["true_completion"].transform("mean")
    is_shnor = (count["low"] >= rules["SHNOR_A"]["procedures_from"]) | count.index.isin(again)
    return pd.DataFrame(
        {"R1": count["low"] > 0, "R2": count["near"] >= rules["R2"]["procedures_from"],
         "R3": count["rose"] >= rules["R3"]["procedures_from"], "R4": count["fell"] >= rules["R4"]["procedures_from"],
         "R6": count.index.isin(towns.signs) & count.index.isin(oge.loc[behind, "org_id"]), "shnor": is_shnor}
    )  # fmt: skip


CHANGED = {"R3": "доля «2» выросла", "R4": "качество упало"}
LINES = (
    *((rule, rule, DEFAULT) for rule in ("R1", "R2")),
    *(
        line
        for rule, words in CHANGED.items()
        for line in ((f"{rule}: {words}, как видно", rule, PLAIN),
                     (f"{rule}: {words}, с вероятностью 80 %", rule, DEFAULT))
    ),
    *((rule, rule, DEFAULT) for rule in ("R5", "R6")),
)  # fmt: skip
"""Lines of the table of alarms: title, rule, variant of the rules."""


def _alarms(every: Sequence[Towns], towns: str) -> Table:
    """Of the schools of which a rule is not true, how many it names; of those of which it is, how many it finds."""
    rows: list[Sequence[str]] = [("правило", *(f"по {one.size} школ: {what}" for one in every for what in (
        "неверно, %", "верно о стольких школах", "из них найдено, %")))]  # fmt: skip
    rows += [(title, *(cell for one in every for cell in _named(one, rule, variant))) for title, rule, variant in LINES]
    by_variant = {variant: [_changed(one, variant) for one in every] for variant in (PLAIN, DEFAULT)}
    still, fell = ({name: " и ".join(one[part] for one in by_variant[name]) for name in by_variant} for part in (0, 1))
    sizes = " и ".join(f"по {one.size}" for one in every)
    return (
        "Правила зоны риска: ложные тревоги и зоркость",
        f"{towns}, истинные доли известны, ученики и работы "
        "каждый год другие. «Неверно» — сколько школ правило назвало из тех, о ком оно неверно по истинным долям: R1 — "
        "доля не ниже порога, R2 — две от 20 до 30 %, R3, R4 — изменение не меньше 10 п.п. сверх изменения города, "
        "R5 — год назад истинные доли отвечали ШНОР, R6 — выполнение ОГЭ ниже городского (сам признак дан). Истинные "
        "доли меняются и там, где не изменилось ничего, кроме учеников: из таких школ R3 или R4 называют, как видно, "
        f"{still[PLAIN]} % (города {sizes}), с вероятностью 80 % — {still[DEFAULT]} %. "
        f"Из школ, упавших во всех работах (на {ru(FALL)} логита долей), названы, как видно, "
        f"{fell[PLAIN]} %, с вероятностью 80 % — {fell[DEFAULT]} %.",
        rows,
    )


def _named(towns: Towns, rule: str, variant: str) -> tuple[str, str, str]:
    """% named where the rule does not truly apply; how many it truly applies to; % named of those."""
    pairs, fired, true = towns.now.pairs, towns.answers[variant], towns.true
    if rule in fired.works:
        named = np.bincount(pairs.rows["school"], fired.works[rule], minlength=len(pairs.schools)) > 0
    else:
        named = fired.schools[rule]
    schools = pd.DataFrame({"named": named, "shnor": fired.is_shnor}, index=pairs.schools).loc[true.index]
    schools["true"] = true[rule]
    if rule in ("R1", "R5"):  # nobody who is ШНОР has them
        schools = schools[~schools["shnor"]]
    is_true = schools["true"]
    return pct(schools.loc[~is_true, "named"]), str(int(is_true.sum())), pct(schools.loc[is_true, "named"])


def _changed(towns: Towns, variant: str) -> tuple[str, str]:
    """How many R3 or R4 name of the schools that did not fall and of those that did, %."""
    rows, works = towns.now.pairs.rows, towns.answers[variant].works
    schools = towns.true.index
    named = schools.isin(rows.loc[works["R3"] | works["R4"], "org_id"])
    fell = schools.isin(towns.fallen)
    return pct(named[~fell]), pct(named[fell])


def _certainties(every: Sequence[Towns]) -> Table:
    """P(ШНОР) in fifths: how many schools, what was said, how many truly were."""
    parts = []
    for towns in every:
        evidence, fired = towns.now, towns.answers[DEFAULT]
        chance = certainty.shnor_pct(evidence.pairs, fired, evidence.rules).rename("said")
        official = pd.Series(fired.is_shnor & fired.has_base, index=evidence.pairs.schools, name="official")
        parts.append(pd.concat([chance, official, towns.true["shnor"]], axis=1, join="inner"))
    schools = pd.concat(parts)
    rows = _fifths(
        schools["said"], schools["shnor"], ("P(ШНОР), %", "школ", "в среднем сказано, %", "истинных ШНОР, %")
    )
    listed = schools[schools["official"].astype(bool)]
    border = listed["said"] < catalogue.risk_rules(DEFAULT, YEAR)["certainty"]["sure"]
    return (
        "Вероятность, что истинные доли школы отвечают условиям ШНОР",
        f"Те же города. По правилам ШНОР — {len(listed)} школ, истинных среди них {int(listed['shnor'].sum())}; на "
        f"границе (вероятность ниже 80 %) — {int(border.sum())}, из них истинных "
        f"{int(listed.loc[border, 'shnor'].sum())}; из остальных {int((~border).sum())} — "
        f"{int(listed.loc[~border, 'shnor'].sum())}.",
        rows,
    )


def _leavers(every: Sequence[Towns]) -> Table:
    """Of ШНОР in which nothing changed: the probability to leave by chance in fifths, and how many left."""
    chances, left, inside, seen = [], [], [], []
    for towns in every:
        evidence = towns.now
        stays = pd.Series(towns.answers[DEFAULT].is_shnor, index=evidence.pairs.schools)
        for town, part in evidence.procedures.groupby("municipality_id"):
            before = evidence.shnor_before & set(part["org_id"]) - towns.fallen
            alone = Evidence(YEAR, evidence.rules, part, pd.Series(part["org_id"].unique()), frozenset(before))
            chance = exits.exit_pct(alone)
            if chance.empty:
                continue
            gone = ~stays[chance.index]
            chances.append(chance)
            left.append(gone)
            schools = pd.DataFrame({"category": np.where(gone, "none", "shnor"), "previous_category": "shnor",
                                    "exit_by_chance_pct": chance})  # fmt: skip
            row = exits.of_unit(schools, "municipality", str(town)).iloc[0]
            inside.append(row["expected_low"] <= row["left_shnor"] <= row["expected_high"])
            seen.append(row["left_shnor"])
    chance, gone = pd.concat(chances), pd.concat(left)
    return (
        "Выход из ШНОР без перемен в школе",
        f"ШНОР прошлого года, в которых не изменилось ничего, кроме учеников: {len(gone)} школ в {len(seen)} городах. "
        f"Вышли {int(gone.sum())} ({ru(100 * gone.mean())} %), ожидалось {ru(chance.sum() / 100)}. Число вышедших "
        f"лежит в 95 %-м интервале в {sum(inside)} городах из {len(inside)}.",
        _fifths(chance, gone, ("вероятность выйти, %", "школ", "в среднем сказано, %", "вышли, %")),
    )


def _fifths(chance: pd.Series, happened: pd.Series, header: Sequence[str]) -> list[Sequence[str]]:
    """Rows: a fifth of the scale, how many, the mean that was said, how many it was true of."""
    rows: list[Sequence[str]] = [header]
    for least in range(0, 100, 20):
        here = (chance >= least) & ((chance < least + 20) | (least == 80))
        rows.append((f"{least}–{least + 20}", str(int(here.sum())), _mean(chance[here]), pct(happened[here])))
    return rows


def _mean(values: pd.Series) -> str:
    return ru(values.mean()) if len(values) else "—"
