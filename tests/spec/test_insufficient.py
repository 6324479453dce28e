"""A school's work with more than a tenth of its rows in quarantine: no sign, no category, no tendency, and why."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from msoko_pipeline.indicators import insufficient
from msoko_pipeline.risk import categories, reasons
from msoko_pipeline.risk.procedures import procedures
from msoko_pipeline.validation.whose import works_of
from schemas import catalogue
from tests import making
from tests.making import take_in

LIMIT = catalogue.thresholds(2026)["sufficiency"]
WORK = {"year": 2026, "org_id": "edu190001", "procedure": "VPR", "subject": "MA", "grade": 5}


def lacking(quarantined: int, accepted: int | None) -> pd.DataFrame:
    """What is insufficient of one work of a school."""
    refused = pd.DataFrame([{**WORK, "seq": 7, "quarantined": quarantined}])
    counted = [] if accepted is None else [{**WORK, "accepted": accepted}]
    return insufficient.judged(refused, pd.DataFrame(counted, columns=[*WORK, "accepted"]))


@pytest.mark.parametrize(
    ("quarantined", "accepted", "is_lacking"),
    [(1, 9, False), (2, 18, False), (2, 17, True), (12, 38, True), (5, 0, True), (3, None, True), (1, 999, False)],
)
def test_more_than_a_tenth_is_too_much(quarantined: int, accepted: int | None, is_lacking: bool) -> None:
    assert len(lacking(quarantined, accepted)) == is_lacking


def test_the_share_stands_in_the_reason() -> None:
    assert lacking(12, 38)["reason"].tolist() == ["данных недостаточно: в карантине 24,0 % строк (12 из 50)"]


def test_a_reason_is_noted_beside_the_work_and_the_parallel_a_year_later() -> None:
    works = lacking(12, 38)
    frame = pd.DataFrame(
        [WORK, WORK | {"grade": 6}, WORK | {"year": 2027, "grade": 6}, WORK | {"org_id": "edu190002"}],
        index=[3, 1, 4, 0],
    )  # fmt: skip
    assert insufficient.noted(frame, works).notna().to_dict() == {3: True, 1: False, 4: False, 0: False}
    earlier = insufficient.noted(frame, works, years=1, grades=1, procedure="VPR")
    assert earlier.notna().to_dict() == {3: False, 1: False, 4: True, 0: False}
    assert "более ранняя" in earlier[4]


def test_without_enough_rows_a_procedure_makes_no_category_and_says_why() -> None:
    """Half of the pupils have «2» in three procedures; the same school without a reason is ШНОР."""
    rules = catalogue.risk_rules("regulator_2025", 2026)
    of_works = pd.DataFrame(
        [
            WORK | {"subject": subject, "municipality_id": "город", "n": 30, "failed": 15, "good": 5}
            for subject in ("RU", "MA")
        ]
    ).assign(completion_pct=40.0, completion_se=2.0, max_primary=20)
    found = {}
    for name, reason in (("whole", None), ("lacking", insufficient.reason(12, 50))):
        told = procedures(of_works.assign(not_judged=pd.array([reason] * 2, dtype="string")), rules)
        known = categories.Evidence(2026, rules, told, pd.Series(["edu190001"]))
        found[name] = categories.categories(known)[0].iloc[0]
        texts = reasons.of_quarantine(told, LIMIT)["text_ru"].tolist()
    assert found["whole"]["category"] == "shnor"
    assert (found["lacking"]["category"], found["lacking"]["insufficient_procedures"]) == ("no_data", 2)
    assert found["lacking"]["small_base_procedures"] == 0
    assert len(texts) == 2
    assert "24,0 % строк (12 из 50)" in texts[0]


def test_a_refused_row_says_whose_work_it_is(tmp_path: Path) -> None:
    rows = making.export_2021()
    rows += [["sch190002", 1, "без кода", *rows[1][3:]], ["?", 2, 50009, *rows[1][3:]]]
    held = take_in(making.xlsx(tmp_path / "данные.xlsx", rows)).quarantine
    named = held[["org_ref", "year", "procedure", "subject", "grade"]].astype(object)
    assert named.where(named.notna(), None).to_numpy().tolist() == [
        ["edu190002", 2021, "VPR", "IS", 5],
        [None, 2021, "VPR", "IS", 5],
    ]


def test_rows_of_registers_are_of_no_work() -> None:
    assert works_of(pd.Series([3, 4]).to_numpy(), "organisation", pd.DataFrame({"row": [3, 4]})).empty
