"""What the methodology page tells of made-up towns was measured by the rules that hold now.

The few towns are measured anew here, all of them by `make soak`.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from benchmarks import kept, verdicts
from benchmarks.extent import FEW, WHOLE


@pytest.mark.parametrize("name", kept.MEASUREMENTS)
def test_what_is_kept_is_measured_by_the_rules_that_hold_now(name: str) -> None:
    assert kept.outdated(name) == []


def test_every_measurement_is_kept() -> None:
    assert {path.stem for path in kept.FOLDER.glob("*.yaml")} == set(kept.MEASUREMENTS)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """What is kept of the verdicts, to be changed."""
    (tmp_path / "verdicts.yaml").write_bytes((kept.FOLDER / "verdicts.yaml").read_bytes())
    return tmp_path


def test_a_changed_threshold_would_be_told(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = copy.deepcopy(verdicts.rules())
    rules[0]["alpha"] = 0.1
    monkeypatch.setattr(verdicts, "rules", lambda: rules)
    (told,) = kept.outdated("verdicts", folder=copied)
    assert told == "verdicts: measured with other data of the rules than schemas/layouts has now: make measure"


def test_code_that_judges_otherwise_would_be_told(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged: Any = verdicts.dynamics.judge
    monkeypatch.setattr(
        verdicts.dynamics, "judge", lambda *given: judged(*given).replace({"trend": {"stable": "worse"}})
    )
    (told,) = kept.outdated("verdicts", folder=copied)
    assert "now has [['1 × 12'" in told
    assert told.endswith(": make measure")


def test_each_difference_is_named() -> None:
    table = {"title": "Правила", "says": "Из 12 школ", "rows": [["кто", "сколько"], ["R1", "3"], ["R2", "4"]]}
    other = table | {"rows": [["кто", "сколько"], ["R1", "3"], ["R2", "5"]]}
    assert kept.differences([table], [table]) == []
    assert kept.differences([table], [other]) == ["«Правила» now has [['R2', '5']]"]
    assert kept.differences([table], [table | {"says": "Из 13"}]) == ["«Правила» now says: Из 13"]
    assert kept.differences([table], [table, table]) == ["the tables are now ['Правила', 'Правила']"]


def test_other_towns_would_be_told(copied: Path) -> None:
    path = copied / "verdicts.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("60: [101, 101]", "60: [101, 102]"), encoding="utf-8")
    assert kept.outdated("verdicts", folder=copied) == ["verdicts: measured on other towns: make measure"]


def test_words_of_the_rules_do_not_ask_for_a_measurement() -> None:
    rules = {"R1": {"title": "а", "from": 30, "source": "приказ"}, 2015: {"works": ("VPR-RU-4",)}}
    assert kept.digest(rules) == kept.digest({2015: {"works": ["VPR-RU-4"]}, "R1": {"title": "б", "from": 30}})
    assert kept.digest(rules) != kept.digest(rules | {"R1": {"from": 31}})


def test_the_few_towns_are_the_first_of_all() -> None:
    assert {size: seeds[0] for size, seeds in FEW.towns.items()} == {s: seeds[0] for s, seeds in WHOLE.towns.items()}
    assert set(FEW.planted) < set(WHOLE.planted)
