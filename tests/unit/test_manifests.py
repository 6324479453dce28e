"""Manifests that are not as they should be: one issue of one file, and what is sound in them is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from msoko_pipeline.intake.manifests import _int
from msoko_pipeline.issues.refusals import Refusal
from tests import making
from tests.limited import limits

HEADER = ["file", "year", "subject", "grade"]


def lines(count: int) -> list[list[object]]:
    return [HEADER, *([f"{number}.csv", 2021, "IS", 5] for number in range(count))]


def test_digits_that_are_no_number_and_numbers_without_end_are_findings_of_their_lines(tmp_path: Path) -> None:
    wrong = [["а.csv", "²", "IS", 5], ["б.csv", "9" * 5_000, "IS", "5" * 5_000]]
    taken = making.take_in(making.csv(tmp_path / "manifest.csv", [*lines(1), *wrong]))
    assert taken.refusal is None
    assert sorted(set(taken.issues[taken.issues["severity"] == "error"]["row"])) == [3, 4]
    assert max(map(len, taken.issues["message_ru"])) < 500
    assert (taken.outcome.rows_accepted, taken.outcome.rows_quarantined) == (1, 2)


@pytest.mark.parametrize(("text", "number"), [("2021", 2021), ("5.0", 5), ("²", None), ("9" * 5_000, None), ("", None)])
def test_a_year_or_a_class_of_a_manifest(text: str, number: int | None) -> None:
    assert _int(text) == number


def test_a_manifest_of_too_many_lines_is_refused_and_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits(monkeypatch, manifest_lines=3)
    assert making.take_in(making.csv(tmp_path / "manifest.csv", lines(3))).refusal is None
    refusal = making.take_in(making.csv(tmp_path / "перечень.csv", lines(4))).refusal
    assert isinstance(refusal, Refusal)
    assert "строк в перечне 4, допустимо 3" in refusal.message()
