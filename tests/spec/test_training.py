"""Base level, high level and individual paths of two schools, counted by hand from the tables of the procedures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import path
from msoko_pipeline.indicators.registers.rows import typed_rows
from msoko_pipeline.indicators.training.steps import TRAINING, make_training, read_results
from msoko_pipeline.settings import Settings
from tests.spec.drawn import differences, marts_rows
from tests.spec.tables import load, table

CASES = load("training")["cases"]
YEAR = 2026
VPR = [  # unit, subject, grade, marked, «3», «4», «5»
    ("a", "RU", 5, 20, 8, 6, 2), ("a", "MA", 5, 20, 10, 4, 4), ("a", "BI", 5, 20, 0, 0, 0), ("a", "RU", 10, 9, 0, 0, 0),
    ("b", "RU", 4, 10, 5, 4, 1),
]  # fmt: skip
EXAMS = [  # procedure, unit, subject, with_result, below_minimum, «5», 81–99, 100
    ("OGE", "a", "RU", 12, 1, 3, None, None), ("OGE", "a", "GG", 12, 6, 0, None, None),
    ("EGE", "a", "RU", 10, 0, None, 2, 1), ("EGE", "a", "MB", 6, 1, 2, None, None),
    ("EGE", "a", "MA", 4, 0, None, 1, 0), ("GVE9", "a", "RU", 2, 0, 1, None, None),
]  # fmt: skip


def written(settings: Settings, name: str, rows: list[dict[str, Any]]) -> None:
    frame = pd.DataFrame(rows).convert_dtypes()
    target = path(settings, YEAR, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(target, index=False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path, municipality="town:Город")
    written(settings, "organisations", [
        {"org_id": org, "municipality_id": "town", "municipality_name": "Город"} for org in ("a", "b", "c")
    ])  # fmt: skip
    names = ("unit_id", "subject", "grade", "marked", "n3", "n4", "n5")
    lines = [dict(zip(names, row, strict=True)) | {"level": "school"} for row in VPR]
    whole = {"unit_id": "town", "subject": "RU", "grade": 5, "marked": 99, "n3": 9, "n4": 9, "n5": 9}
    written(settings, "results", [*lines, whole | {"level": "municipality"}])
    return settings


def told(settings: Settings) -> pd.DataFrame:
    make_training(settings, [YEAR])
    return pd.read_parquet(path(settings, YEAR, "training_quality_indicators"), partitioning=None).set_index("unit_id")


def test_of_the_vpr_alone(settings: Settings) -> None:
    """Russian and mathematics of grades 4–8; what the town's own row says is not counted twice."""
    found = told(settings)
    assert set(found.index) == {"a", "b", "town"}, "c has no results"
    assert list(found.loc["a", ["base_part", "base_whole", "high_part", "high_whole"]]) == [34, 40, 16, 40]
    assert list(found.loc["town", ["schools", "base_part", "base_whole", "high_part"]]) == [2, 44, 50, 21]
    assert found.loc["town", "vpr_base_pct"] == 88
    others = [name for name in found if name.endswith("_pct") and name not in ("base_pct", "high_pct")]
    assert found.loc["town", [name for name in others if not name.startswith("vpr_")]].isna().all()


def test_over_all_procedures(settings: Settings) -> None:
    names = ("procedure", "unit_id", "subject", "with_result", "below_minimum", "mark_5", "band_81_99", "band_100")
    written(settings, "gia_results", [dict(zip(names, row, strict=True)) | {"level": "school"} for row in EXAMS])
    written(settings, "certificates", [
        {"level": "school", "unit_id": "a", "grade": 9, "certificates_part": 24, "certificates_whole": 25,
         "certificates_pct": 96.0, "examined": None, "sum3_220": None},
        {"level": "school", "unit_id": "a", "grade": 11, "certificates_part": 30, "certificates_whole": 10,
         "certificates_pct": None, "examined": 10, "sum3_220": 3},
    ])  # fmt: skip
    written(settings, "olympiad", [
        {"level": "school", "unit_id": "b", "stage": stage, "subject": subject, "efficiency_part": part,
         "efficiency_whole": 4}
        for stage, subject, part in (("RE", "ALL", 1), ("RE", "MA", 1), ("ME", "ALL", 3))
    ])  # fmt: skip
    shares = {"coverage": (20, 40), "own_plans": (4, 40), "choice": (None, None)}
    written(settings, "profile_education", [
        {"level": "school", "unit_id": "a", "grade": grade, "profile": profile}
        | {f"{name}_part": part for name, (part, _) in shares.items()}
        | {f"{name}_whole": whole for name, (_, whole) in shares.items()}
        | {f"{name}_pct": None if part is None else 100.0 * part / whole for name, (part, whole) in shares.items()}
        for grade, profile in ((0, "ALL"), (10, "ALL"), (0, "universal"))
    ])  # fmt: skip
    a, b = (told(settings).loc[unit] for unit in ("a", "b"))
    # ВПР 34 of 40, ОГЭ 11 of 12, ЕГЭ 10 + 5 + 4 of 20, certificates of grade 9: of grade 11 more than leavers
    assert (a["base_part"], a["base_whole"]) == (34 + 11 + 19 + 24, 40 + 12 + 20 + 25)
    assert (a["ege_base_part"], a["ege_base_whole"], a["oge_base_pct"]) == (19, 20, pytest.approx(1100 / 12))
    assert (a["certificates_base_part"], a["certificates_base_whole"]) == (24, 25)
    # high: ВПР 16, ОГЭ 3, ЕГЭ 3 + 2 + 1, three of ten leavers with 220
    assert (a["high_part"], a["high_whole"]) == (16 + 3 + 6 + 3, 40 + 12 + 20 + 10)
    assert (a["sum3_high_pct"], a["ege_high_part"]) == (30, 6)
    assert (b["olympiad_high_part"], b["olympiad_high_whole"], b["high_part"]) == (1, 4, 5 + 1)
    assert (a["individual_part"], a["individual_whole"], a["individual_pct"]) == (24, 80, 30)
    assert pd.isna(a["choice_individual_pct"])
    assert pd.isna(b["individual_pct"])


def spelled_out(case: dict[str, Any]) -> pd.DataFrame:
    names = ("org_id", "procedure", "judged", "base", "high", "individual")
    return table(case["given"]).set_axis(names, axis=1).assign(year=YEAR)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_the_mart_says_what_the_methodology_says(case: dict[str, Any]) -> None:
    mart = marts_rows(typed_rows(spelled_out(case), TRAINING.rows), TRAINING.name)
    assert differences(mart, case["gives"], TRAINING) == []
    wrong = differences(mart, case["gives"].replace("91,59", "92,59"), TRAINING)
    assert [line.split(":")[0] for line in wrong] == ["город base_pct"]


def test_a_year_without_any_results_has_no_rows(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, municipality="town:Город")
    written(settings, "organisations", [{"org_id": "a", "municipality_id": "town", "municipality_name": "Город"}])
    with engine.connect(settings) as connection:
        assert read_results(connection, settings, [YEAR]).empty
    assert told(settings).empty
