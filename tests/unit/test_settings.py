"""Settings that could not work are refused before anything runs, in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.intake import freshness
from msoko_pipeline.settings import Settings
from tests.command import msoko_here


def test_an_unknown_variant_of_rules_is_refused() -> None:
    with pytest.raises(ValidationError, match="варианта «наш» нет; есть: regulator_2025, both"):
        Settings(risk_rules="наш")


def test_the_command_says_so_and_ends_with_2(tmp_path: Path) -> None:
    done = msoko_here("run", "--home", tmp_path, MSOKO_RISK_RULES="наш")
    assert done.returncode == 2
    assert "MSOKO_RISK_RULES" in done.stderr
    assert not list(tmp_path.iterdir())


def test_another_variant_makes_every_year_stale(tmp_path: Path) -> None:
    path = "vpr_marks/year=2021/x-1.parquet"
    ledger_of(Settings(home=tmp_path)).set_products("x", {path: "a digest"})
    told = [freshness.inputs(Settings(home=tmp_path, risk_rules=rules))[2021] for rules in ("regulator_2025", "both")]
    assert told[0] != told[1]
