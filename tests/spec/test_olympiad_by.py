"""Belarusian olympiads in informatics, 2015–2019, through the project's reading and the indicators of ВсОШ.

The country is taken for one school: of the national stage nobody tells the school. A gold medal stands for a winner.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from msoko_pipeline.indicators.olympiads import formulas
from msoko_pipeline.indicators.olympiads.steps import CONTINGENT, COUNT, RESULT
from msoko_pipeline.numbers.uncertainty import wilson
from tests import making
from tests.contracts import known
from tests.making import Taken
from tests.real import SHARED

FILE = SHARED / "real/olympiad_by/results_2015_2019.csv"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="настоящего файла рядом с проектом нет")
ROWS, TOP = 1686, 80_000
YEARS = range(2015, 2020)


@pytest.fixture
def taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Taken:
    known(monkeypatch, "olympiad_by")
    return making.take_in(making.text(tmp_path / "by.csv", FILE.read_text(encoding="utf-8")))


@pytest.fixture
def facts(taken: Taken, tmp_path: Path) -> pd.DataFrame:
    parts = sorted((tmp_path / "by.csv.taken/lake/olympiad_by").glob("year=*/*.parquet"))
    return pd.concat([pd.read_parquet(part).assign(year=int(part.parent.name[5:])) for part in parts])


@pytest.fixture
def found(facts: pd.DataFrame) -> pd.DataFrame:
    """The indicators of the country by year and stage."""
    rows = facts.assign(
        org_id="by", subject="IN", direction="—", pupil_key=facts["participant"], score=facts["total"], max_score=TOP,
        completion_pct=facts["total"] / TOP * 100, rank=1, seq=1,
    )  # fmt: skip
    pupils, twice = formulas.participations(rows.reindex(columns=list(RESULT)).astype(RESULT))
    assert len(twice) == 0
    nobody = [pd.DataFrame(columns=list(columns)).astype(columns) for columns in (COUNT, CONTINGENT)]
    units = pd.DataFrame({"year": YEARS, "org_id": "by", "level": "country", "unit_id": "BY"})
    schools = formulas.of_schools(pupils, *nobody, units)
    return formulas.of_units(duckdb.connect(), schools, units).query("subject == 'IN'").set_index(["year", "stage"])


def raw() -> pd.DataFrame:
    """The file as anybody reads it."""
    return pd.read_csv(FILE, sep=";").assign(
        stage=lambda told: told["level"].map({"regionals": "RE", "nationals": "ZE"})
    )


def by_stage(flag: pd.Series, told: pd.DataFrame) -> dict[tuple[int, str], int]:
    return flag.groupby([told["year"], told["stage"]]).sum().to_dict()


def test_every_row_is_accepted(taken: Taken) -> None:
    """Ties in the rank and tasks nobody told the scores of make no row wrong; a class of a college is its year."""
    assert (taken.refusal, taken.counts, taken.types) == (None, (ROWS, ROWS, 0), set())
    assert taken.told.sheets[0]["years"] == list(YEARS)


def test_counts_are_those_of_the_file(found: pd.DataFrame) -> None:
    told = raw()
    counted: dict[str, Any] = {
        "participants": told["year"] > 0, "winners": told["award"] == "gold", "low": told["total"] < TOP / 4,
        "prizewinners": told["award"].isin(["silver", "bronze"]), "full_score": told["total"] == TOP,
    }  # fmt: skip
    for name, flag in counted.items():
        assert found[name].to_dict() == by_stage(flag, told), name
    assert (found["unique_pupils"] == found["participants"]).all()


def test_the_national_stage_of_2015(found: pd.DataFrame) -> None:
    """11 gold, 16 silver and 27 bronze medals of 118: somebody was below a quarter of the points."""
    names = ["participants", "winners", "prizewinners", "award_pupils", "low"]
    row = found.loc[(2015, "ZE")]
    assert row[names].tolist() == [118, 11, 43, 54, 1]
    low, high = wilson([54], [118])
    told = row[["efficiency_pct", "efficiency_ci_low", "efficiency_ci_high"]].tolist()
    assert told == pytest.approx([100 * 54 / 118, float(low[0]) * 100, float(high[0]) * 100])


def test_the_way_to_the_national_stage_is_that_of_the_participants(found: pd.DataFrame) -> None:
    """Whoever is there with the same class; of five years three have somebody whose class the two tables tell apart."""
    told = raw().set_index(["year", "participant"])
    both = told[told["stage"] == "RE"].join(told[told["stage"] == "ZE"], suffixes=("", "_then"), how="inner")
    same = both[both["grade"] == both["grade_then"]].groupby("year").size()
    moved = found.xs("RE", level="stage")["moved"]
    assert moved.to_dict() == same.to_dict() == {2015: 40, 2016: 41, 2017: 73, 2018: 43, 2019: 76}
    assert (both.groupby("year").size() - same).to_dict() == {2015: 0, 2016: 1, 2017: 0, 2018: 1, 2019: 1}
    assert found.xs("ZE", level="stage")["moving"].isna().all()


def test_nearly_everybody_who_qualified_came(found: pd.DataFrame, facts: pd.DataFrame) -> None:
    """The file's own word for who may go on, beside who did."""
    may = facts[facts["stage"] == "RE"].groupby("year")["qualified"].sum()
    came = found.xs("RE", level="stage")["moved"]
    assert ((came / may.astype(float)).between(0.85, 1.02)).all()
