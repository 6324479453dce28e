"""The risk assets as Dagster runs them: a small year in, categories with reasons out, and the checks that block."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets import risk, vpr
from msoko_pipeline.home.tables import path
from msoko_pipeline.indicators.gia import results as gia
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.risk import checks
from msoko_pipeline.settings import Settings
from tests.spec import test_forecast as forecasts
from tests.spec.tables import table
from tests.spec.test_categories import results

YEARS = (2024, 2025)
DRAWN = """
    год  | школа     | процедура | N  | «2» | «4–5»
    2024 | edu190001 | VPR-MA-6  | 40 | 12  | 20
    2025 | edu190001 | VPR-MA-6  | 40 | 14  | 20
    2025 | edu190002 | VPR-RU-5  | 40 | 2   | 30
    2025 | edu190003 | VPR-RU-5  | 7  | 7   | 0
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home that holds the results of two years and nothing else."""
    made = Settings(home=tmp_path)
    told = results(table(DRAWN))
    whole = told.assign(
        level="school", unit_id=told["org_id"], marked=told["n"], n2=told["failed"], n3=0.0, n4=told["good"], n5=0.0,
        p=0.0, mean_primary=10.0, sd_primary=3.0, se_primary=0.5, max_primary=20.0, journal_known=0.0, lower=0.0,
        higher=0.0, small_base=False,
    )  # fmt: skip
    schools = pd.DataFrame({"org_id": [f"edu19000{n}" for n in (1, 2, 3, 4)], "org_kind": ["СОШ", "СОШ", "СОШ", "ДОО"]})
    nobody = {"journal_scores": ["org_id", "procedure", "subject", "grade", "journal", "primary_score", "participants"],
              "cells": ["level", "unit_id", "subject", "grade", "mark_source", "n2", "n3", "n4", "n5"],
              "distribution": ["level", "unit_id", "subject", "grade", "primary_score", "participants"],
              "gia_results": [*gia.KEY[1:], "grade", "participants", "with_result",
                              "below_minimum", "completion_pct", "max_primary",
                              "mark_4", "mark_5", "mean_test", "sd_test", "mean_primary", "sd_primary",
                              "se_primary", "facts_source"]}  # fmt: skip
    for year in YEARS:
        keep(made, year, "results", whole[whole["year"] == year].drop(columns=["year", "org_id", "municipality_id"]))
        keep(made, year, "organisations", schools.assign(municipality_id="город", name=schools["org_id"]))
        for name, columns in nobody.items():
            of_text = ("org_id", "level", "unit_id", "subject", "procedure", "mark_source", "facts_source")
            empty = pd.DataFrame(columns=columns, dtype="int64").astype({c: "string" for c in columns if c in of_text})
            keep(made, year, name, empty if name == "gia_results" else empty.drop(columns="procedure", errors="ignore"))
    return made


def keep(settings: Settings, year: int, name: str, frame: pd.DataFrame) -> None:
    place = path(settings, year, name)
    place.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), place)


def materialized(settings: Settings, *, raise_on_error: bool = True) -> dg.ExecuteInProcessResult:
    """The risk assets of both years in one run."""
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("year", [str(year) for year in YEARS])
        pipeline = dg.ResourceDefinition.hardcoded_resource(Pipeline(settings))
        tags = {"dagster/asset_partition_range_start": "2024", "dagster/asset_partition_range_end": "2025"}
        upstream = [dg.AssetSpec(key) for key in _outside()]
        return dg.materialize(
            [*risk.family.steps, *upstream], resources={"pipeline": pipeline}, instance=instance, tags=tags,
            raise_on_error=raise_on_error, partition_key=None, selection=dg.AssetSelection.key_prefixes("risk"),
        )  # fmt: skip


def _outside() -> set[dg.AssetKey]:
    """Assets that the risk layer depends on and does not make."""
    made = {key for asset in risk.family.steps for key in asset.keys}
    return {key for asset in risk.family.steps for key in asset.dependency_keys} - made


def read(settings: Settings, year: int, name: str) -> pd.DataFrame:
    return pq.read_table(path(settings, year, name)).to_pandas()


def test_a_year_gets_categories_with_reasons(settings: Settings) -> None:
    done = materialized(settings)
    assert done.success
    assert all(evaluation.passed for evaluation in done.get_asset_check_evaluations())
    found = read(settings, 2025, "school_risk").set_index("org_id")
    assert found["category"].to_dict() == {"edu190001": "shnor", "edu190002": "none", "edu190003": "no_data"}
    reasons = read(settings, 2025, "risk_reason")
    assert reasons[["org_id", "rule"]].to_numpy().tolist() == [["edu190001", "SHNOR_B"], ["edu190001", "CERTAINTY"]]
    assert reasons["text_ru"].iloc[1].startswith("На границе: истинные доли школы отвечают условиям ШНОР с вероят")
    assert reasons["text_ru"].iloc[0] == (
        "Низкий результат в одной и той же процедуре два года подряд. ВПР, математика, 6 класс: ниже минимума 14 из 40 "
        "(35,0 %, 95 %-й интервал 22,1–50,5) при пороге 30 %, год назад 30,0 %; при долях муниципалитета этих лет "
        "в обоих столько же или больше бывает случайно в 31,3 % случаев."
    )
    assert found.loc["edu190001", "previous_category"] == "risk_zone"


def test_every_school_has_a_forecast_or_the_reason_why_not(settings: Settings) -> None:
    materialized(settings)
    found = read(settings, 2025, "school_forecast").set_index("org_id")
    assert set(found.index) == set(read(settings, 2025, "school_risk")["org_id"])
    assert set(found["withheld"]) == {
        "школ, о которых можно судить в процедурах правил: 2, для прогноза нужно не меньше 8"
    }
    assert found["probability_pct"].isna().all()


def test_a_town_of_two_years_has_a_forecast(settings: Settings) -> None:
    """A town of a dozen schools and two years: a forecast of the third; none was told of the second."""
    drawn = forecasts.results(forecasts.town(11) | {"edu190001": 0.6}, list(YEARS))
    rows = drawn.assign(
        level="school", unit_id=drawn["org_id"], marked=drawn["n"], n2=drawn["failed"], n3=0.0, n4=drawn["good"],
        n5=0.0, p=0.0, mean_primary=10.0, sd_primary=3.0, se_primary=0.5, max_primary=20.0, journal_known=0.0,
        lower=0.0, higher=0.0, small_base=False,
    )  # fmt: skip
    schools = pd.DataFrame({"org_id": rows["org_id"].unique(), "org_kind": "СОШ", "municipality_id": "город"})
    for year in YEARS:
        of_year = rows[rows["year"] == year].drop(columns=["year", "org_id", "municipality_id"])
        keep(settings, year, "results", of_year)
        keep(settings, year, "organisations", schools.assign(name=schools["org_id"]))
    materialized(settings)
    found = read(settings, 2025, "school_forecast").set_index("org_id")
    assert found["withheld"].isna().all()
    assert found["probability_pct"].idxmax() == "edu190001"
    assert (found["forecast_year"] == 2026).all()
    assert read(settings, 2024, "school_forecast")["probability_pct"].isna().all(), "a year alone tells no change"
    told = read(settings, 2025, "risk_backtest")
    assert told["predictor"].tolist() == ["zone", "last_year_share"], "there was no forecast for 2025"
    assert read(settings, 2025, "forecast_calibration").empty


def test_the_day_care_has_no_category(settings: Settings) -> None:
    materialized(settings)
    assert "edu190004" not in set(read(settings, 2025, "school_risk")["org_id"])


def test_results_of_what_is_no_school_want_no_category(settings: Settings) -> None:
    materialized(settings)
    results = read(settings, 2025, "results")
    college = results[results["level"] == "school"].head(1).assign(unit_id="edu190004")
    keep(settings, 2025, "results", pd.concat([results, college]))
    assert checks.complete(settings, [2025])[0]
    keep(settings, 2025, "results", pd.concat([results, college.assign(unit_id="edu190099")]))
    assert not checks.complete(settings, [2025])[0], "of a school they do"


def without_reasons(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[:0]


def doubled(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, frame.iloc[:1]])


@pytest.mark.parametrize(
    ("name", "spoil", "check"),
    [
        ("risk_reason", without_reasons, checks.reasoned),
        ("school_risk", doubled, checks.complete),
        ("school_risk", lambda frame: frame.iloc[1:], checks.complete),
        ("school_risk", lambda frame: frame.assign(category="none"), checks.reasoned),
    ],
)
def test_each_check_finds_what_it_is_there_for(
    settings: Settings, name: str, spoil: Callable[[pd.DataFrame], pd.DataFrame], check: Callable[..., Any]
) -> None:
    materialized(settings)
    assert check(settings, [2025])[0]
    keep(settings, 2025, name, spoil(read(settings, 2025, name)))
    passed, found = check(settings, [2025])
    assert not passed
    assert found["schools"] == ["2025 edu190001"]


def test_a_category_without_reasons_stops_the_run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from msoko_pipeline.risk import reasons

    monkeypatch.setattr(
        reasons, "of_categories", lambda fired, procedures, rules: pd.DataFrame(columns=reasons.COLUMNS)
    )
    done = materialized(settings, raise_on_error=False)
    failed = [e.check_name for e in done.get_asset_check_evaluations() if not e.passed]
    assert failed == ["reasons"]
    assert not done.success or "backtest" not in {e.asset_key.path[-1] for e in done.get_asset_materialization_events()}


def test_the_layer_follows_the_indicators() -> None:
    needed = {key for asset in risk.family.steps for key in asset.dependency_keys}
    assert vpr.results.key in needed
    assert risk.categories.key in set(risk.backtest.dependency_keys)
