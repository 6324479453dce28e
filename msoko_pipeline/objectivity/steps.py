"""The signs of the years, from the tables of the indicators and the lists of others: what the asset calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import facts, path_of, table
from msoko_pipeline.indicators import insufficient
from msoko_pipeline.objectivity import bounds, cohorts, contrast, heaping, journal, means, outside, sign_rows, status
from msoko_pipeline.settings import Settings
from schemas import catalogue

MEASURES = {
    "n": "n", "mean_primary": "mean", "sd_primary": "sd", "completion_pct": "completion", "max_primary": "max_primary",
    "journal_known": "known", "lower": "lower", "higher": "higher",
}  # fmt: skip
"""Column of the results → what the detectors call it."""
EXAM_MEASURES = {
    "with_result": "n", "mean_primary": "mean", "sd_primary": "sd", "completion_pct": "completion",
    "max_primary": "max_primary",
}  # fmt: skip
"""The same of the results of exams; ОГЭ is compared with the region and with ВПР, journal marks it has none."""
REFERENCES = {"reference": ["n", "mean", "sd"], "journal_reference": ["known", "lower", "higher"]}
"""Column that says whose they are → measures taken from the region where it tells the first of them, else the town."""


@dataclass(frozen=True)
class Basis:
    """What the detectors look at, of years in which the same signs are in force.

    schools: KEY, the measures, their reference as ref_*, whose it is (reference, reference_id), and whose schools are
    there to compare with (peers, peer_unit), of these years and those before them; paired: see `cohorts.pairs`;
    journal, distribution, reference: see the detectors; official, derived: least scores of the marks by work (see
    `bounds`).
    """

    years: Sequence[int]
    schools: pd.DataFrame
    paired: pd.DataFrame
    journal: pd.DataFrame
    distribution: pd.DataFrame
    reference: pd.DataFrame
    official: heaping.Bounds
    derived: heaping.Bounds
    listed: pd.DataFrame
    rechecked: pd.DataFrame
    medallists: pd.DataFrame

    @property
    def now(self) -> pd.DataFrame:
        return _of(self.years, self.schools)


Detector = Callable[[Basis, dict[str, Any]], pd.DataFrame]
DETECTORS: dict[str, Detector] = {
    "mean_inflated": lambda b, rule: means.mean_inflated(b.now, rule),
    "journal_mismatch": lambda b, rule: journal.journal_mismatch(b.journal, rule),
    "cohort_rise": lambda b, rule: cohorts.cohort_change("cohort_rise", b.paired, rule),
    "cohort_drop": lambda b, rule: cohorts.cohort_change("cohort_drop", b.paired, rule),
    "official_list": lambda b, rule: outside.official_list(b.listed, rule),
    "recheck": lambda b, rule: outside.recheck(b.rechecked, rule),
    "heaping": lambda b, rule: heaping.heaping(b.distribution, b.reference, b.official, rule, b.derived),
    "journal_gap": lambda b, rule: journal.journal_gap("journal_gap", b.now, rule),
    "journal_gap_up": lambda b, rule: journal.journal_gap("journal_gap_up", b.now, rule),
    "cohort_rise_regression": lambda b, rule: cohorts.cohort_regression("cohort_rise_regression", b.paired, rule),
    "cohort_drop_regression": lambda b, rule: cohorts.cohort_regression("cohort_drop_regression", b.paired, rule),
    "vpr_oge_gap": lambda b, rule: cohorts.vpr_oge_gap(b.schools, rule),
    "medals": lambda b, rule: outside.medals(b.medallists, rule),
    "own_contrast": lambda b, rule: contrast.contrast("own_contrast", contrast.scores(b.now), rule),
    "journal_contrast": lambda b, rule: contrast.contrast("journal_contrast", contrast.journal(b.now), rule),
}
"""Sign → its detector. Which are on, and with what thresholds, is data: `catalogue.signs`."""
OF_TWO_YEARS = ("cohort_rise", "cohort_drop", "cohort_rise_regression", "cohort_drop_regression", "vpr_oge_gap")
"""Signs that look at the ВПР of the same parallel a year before as well."""


def signs(basis: Basis) -> pd.DataFrame:
    """Rows of every enabled sign of the years."""
    declared = catalogue.signs(basis.years[0])["signs"]
    parts = [DETECTORS[name](basis, rule) for name, rule in declared.items() if rule["enabled"]]
    return _of(basis.years, sign_rows.shaped(pd.concat([sign_rows.none(), *parts], ignore_index=True)))


def make_signs(settings: Settings, years: Sequence[int]) -> dict[str, int]:
    """signs: rows.COLUMNS of the years; objectivity_index: see `status.index`. Returns rows per table."""
    with engine.connect(settings) as connection:
        bases = (_basis(connection, settings, together) for together in catalogue.alike(years, catalogue.signs))
        rows = pd.concat(map(signs, bases), ignore_index=True)
        rows = _without_insufficient(connection, settings, years, rows)
        home = table(connection, settings, years, "organisations")
        indexes = [status.index(_of([year], rows), _of([year], home), settings, year) for year in years]
        tables = {"signs": rows, "objectivity_index": pd.concat(indexes, ignore_index=True)}
        return engine.write_frames(connection, tables, years, partial(path_of, settings))


def _without_insufficient(
    connection: Any, settings: Settings, years: Sequence[int], rows: pd.DataFrame
) -> pd.DataFrame:
    """Signs by whose works nothing is judged, for too many rows are in quarantine, say so: flagged NULL, the reason."""
    lacking = insufficient.insufficient(connection, settings, sorted({*years, *(year - 1 for year in years)}))
    if lacking.empty:
        return rows
    earlier = insufficient.noted(rows, lacking, years=1, grades=1, procedure="VPR")
    reason = insufficient.noted(rows, lacking).fillna(earlier.where(rows["sign"].isin(OF_TWO_YEARS)))
    return rows.assign(flagged=rows["flagged"].mask(reason.notna()), detail=reason.fillna(rows["detail"]))


def _basis(connection: Any, settings: Settings, years: Sequence[int]) -> Basis:
    schools = measures(connection, settings, sorted({*years, *(year - 1 for year in years)}))
    pairs_of_marks = table(connection, settings, years, "journal_scores").assign(procedure="VPR")
    spread = table(connection, settings, years, "distribution").assign(procedure="VPR")
    marked = table(connection, settings, years, "cells").rename(columns={"unit_id": "org_id"}).assign(procedure="VPR")
    ours = schools_of(connection, settings, years)
    listed, rechecked, medallists = (
        facts(connection, settings, kind, years).merge(ours, on=["year", "org_id"])
        for kind in ("objectivity_list", "recheck", "medallist")
    )
    spread = spread.rename(columns={"unit_id": "reference_id"})
    own = spread[spread["level"] == "school"].rename(columns={"reference_id": "org_id"})
    own = own.merge(schools[[*sign_rows.KEY, "reference", "reference_id"]], on=sign_rows.KEY)
    others = spread[spread["level"].isin(("region", "municipality"))]
    official = {work: least for year in years for work, least in bounds.official(year, _of([year], own)).items()}
    derived = bounds.without(bounds.derived(own, marked), official)
    return Basis(
        years, schools, _of(years, cohorts.pairs(schools)), pairs_of_marks, own, others, official, derived, listed,
        rechecked, medallists,
    )  # fmt: skip


def _of(years: Sequence[int], frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["year"].isin(years)]


def schools_of(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """year, org_id of the organisations there are: a region's list names schools that are not ours."""
    return table(connection, settings, years, "organisations")[["year", "org_id"]]


def measures(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """Schools with what they are compared with: the region where it is known, else the school's municipality."""
    works = table(connection, settings, years, "results").rename(columns=MEASURES).assign(procedure="VPR")
    exams = table(connection, settings, years, "gia_results").rename(columns=EXAM_MEASURES)
    exams = exams[exams["facts_source"] == "individual"]  # a table about the region often tells no spread
    results = pd.concat([works, exams[exams["procedure"] == "OGE"]], ignore_index=True)
    home = table(connection, settings, years, "organisations")[["year", "org_id", "municipality_id"]]
    schools = results[results["level"] == "school"].rename(columns={"unit_id": "org_id"})
    schools = schools[[*sign_rows.KEY, *MEASURES.values()]].merge(home, on=["year", "org_id"], how="left")
    columns = [*sign_rows.WORK, "unit_id", *(name for names in REFERENCES.values() for name in names)]
    region = (
        results.loc[results["level"] == "region", columns]
        .sort_values("n", ascending=False)
        .drop_duplicates(sign_rows.WORK)
    )
    town = results.loc[results["level"] == "municipality", columns].rename(columns={"unit_id": "municipality_id"})
    compared = schools.merge(region, on=sign_rows.WORK, how="left", suffixes=("", "_region"))
    compared = compared.merge(town, on=[*sign_rows.WORK, "municipality_id"], how="left", suffixes=("", "_town"))
    for whose, names in REFERENCES.items():
        by_region = compared[f"{names[0]}_region"].gt(0)
        compared[whose] = by_region.map({True: "region", False: "municipality"})
        for name in names:
            compared[f"ref_{name}"] = compared[f"{name}_region"].where(by_region, compared[f"{name}_town"])
    compared["reference_id"] = compared["unit_id"].where(compared["reference"] == "region", compared["municipality_id"])
    whole = settings.scope == "region"
    compared["peers"] = "region" if whole else "municipality"
    compared["peer_unit"] = settings.region_code if whole else compared["municipality_id"]
    return compared.drop(columns=[c for c in compared if c.endswith(("_region", "_town")) or c == "unit_id"])
