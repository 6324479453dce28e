"""`msoko check` answers as `msoko run` would: the same rows and issues, of every case and of the made-up town."""

from __future__ import annotations

from pathlib import Path

import pytest

from msoko_pipeline.sample import write_sample
from tests import agreement
from tests.real import SHARED

CASES = SHARED / "cases"
NAMES = sorted(folder.name for folder in CASES.iterdir() if folder.is_dir()) if CASES.is_dir() else []


@pytest.mark.skipif(not NAMES, reason="файлов со случаями рядом с проектом нет")
@pytest.mark.parametrize("case", NAMES)
def test_check_and_run_agree_on_a_case(tmp_path: Path, case: str) -> None:
    ran = agreement.run(CASES / case, tmp_path / "home")
    checked = agreement.check(CASES / case, tmp_path / "other")
    assert ran
    assert agreement.differences(ran, checked) == {}


def test_check_and_run_agree_on_the_made_up_town(tmp_path: Path) -> None:
    write_sample(tmp_path / "inbox", schools=3, years=1, seed=2026)
    ran = agreement.run(tmp_path / "inbox", tmp_path / "home")
    checked = agreement.check(tmp_path / "inbox", tmp_path / "other")
    assert agreement.differences(ran, checked) == {}
    assert {rows[0] for rows, _ in ran.values()} >= {"accepted", "partial", "refused"}, "nothing wrong to agree on"
