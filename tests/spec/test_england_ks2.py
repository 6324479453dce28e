"""KS2 of Hampshire, open data of 2016 and 2018: sums of schools give the row the authority published itself."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from msoko_pipeline.home import engine
from msoko_pipeline.indicators.organisations import register
from msoko_pipeline.indicators.vpr import results, sums
from msoko_pipeline.settings import Settings
from schemas import catalogue
from tests import making
from tests.contracts import NOT_PUBLISHED, known
from tests.making import Taken
from tests.real import SHARED

FOLDER = SHARED / "real/england_ks2"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="настоящих файлов рядом с проектом нет")
PUBLISHED = {2016: (14_040, 66), 2018: (14_855, 68)}
"""Pupils and the share that met the expected standard, %, as the authority's own row says."""


def taken(folder: Path, monkeypatch: pytest.MonkeyPatch, year: int) -> Taken:
    known(monkeypatch, "ks2")
    path = folder / f"{year}.csv"
    shutil.copy(FOLDER / f"{year}-850-ks2.csv", path)
    return making.take_in(path)


def schools(told: Taken) -> pd.DataFrame:
    facts = told.facts["ks2"]
    return facts[facts["record"].isin([1, 2])]


def authority(facts: pd.DataFrame, year: int) -> pd.Series:
    """The authority's indicators from its schools' sums, through the stages of a ВПР work: «met» is the mark 4.

    A school whose share is not published counts among the pupils and not among those whose result is known.
    """
    rows = pd.DataFrame({"org_id": facts["org_id"], "year": year, "subject": "MA", "grade": 6})
    rows = rows.assign(**dict.fromkeys(sums.COUNTS, 0.0))
    rows["n"] = facts["pupils"].fillna(0).astype(float)
    share = facts["expected_pct"].astype(float)
    rows["marked"] = rows["n"].where(share.notna(), 0.0)
    rows["n4"] = (share * rows["n"] / 100).fillna(0.0)
    rows["n3"] = 0.0
    rows["n2"] = rows["marked"] - rows["n4"]
    towns = pd.DataFrame({"year": year, "org_id": facts["org_id"], "municipality_id": "850"})
    connection = duckdb.connect()
    connection.register("schools", rows)
    units = register.units(connection, engine.load(connection, towns), Settings())
    cells = sums.levels(engine.table(connection, "schools"), units, 0)
    engine.keep(connection, cells, "cells")
    connection.execute("create table told as select *, 0.0 as spread, 1 as tasks, null::int as max_primary from cells")
    found = results.results(engine.table(connection, "told"), catalogue.thresholds(2021)).collect("pandas").to_native()
    (row,) = (row for _, row in found.iterrows() if row["level"] == "municipality")
    return row


def test_the_sums_of_schools_are_the_published_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = taken(tmp_path, monkeypatch, 2018)
    own = told.facts["ks2"].query("record == 3").iloc[0]
    found = authority(schools(told), 2018)
    assert (found["n"], round(found["quality_pct"])) == PUBLISHED[2018] == (own["pupils"], own["expected_pct"])


def test_what_ragged_lines_take_from_the_sum_stands_in_quarantine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 2016 eighteen lines have fewer fields: they are set aside, and with them the published sum is whole."""
    told = taken(tmp_path, monkeypatch, 2016)
    assert "row_ragged" in told.types
    held = [json.loads(cells) for cells in told.quarantine["cells"]]
    aside = sum(int(cells.get("TELIG", 0)) for cells in held if cells["RECTYPE"] in ("1", "2"))
    found = authority(schools(told), 2016)
    assert 0 < aside < 0.02 * PUBLISHED[2016][0]
    assert (found["n"] + aside, round(found["quality_pct"])) == PUBLISHED[2016]


@pytest.mark.parametrize("year", PUBLISHED)
def test_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, year: int) -> None:
    told = taken(tmp_path, monkeypatch, year)
    read, accepted, aside = told.counts
    lines = (FOLDER / f"{year}-850-ks2.csv").read_text(encoding="utf-8-sig").splitlines()
    assert read == accepted + aside == len(lines) - 1
    assert accepted == len(told.facts["ks2"])
    assert told.types == {"row_ragged", "cell_not_published"}


@pytest.mark.parametrize(("year", "words"), [(2016, {"SUPP", "NA"}), (2018, {"SUPP", "NA", "LOWCOV"})])
def test_a_figure_not_published_is_null_with_a_note_and_never_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, year: int, words: set[str]
) -> None:
    told = taken(tmp_path, monkeypatch, year)
    notes = told.issues[told.issues["issue_type"] == "cell_not_published"]
    assert set(notes["value"]) == words
    facts = told.facts["ks2"].set_index("row")
    column = {"PTRWM_EXP": "expected_pct", "READPROG": "progress", "READPROG_18": "progress_again"}
    for row, header in notes[["row", "column"]].itertuples(index=False):
        if row in facts.index:
            assert facts.loc[row, column[header]] is None


@pytest.mark.parametrize("word", NOT_PUBLISHED)
def test_every_code_word_of_the_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    known(monkeypatch, "ks2")
    rows = [["RECTYPE", "URN", "SCHNAME", "TELIG", "PTRWM_EXP", "READPROG"], ["1", "1", "A", "30", word, "1.2"],
            ["1", "2", "B", "30", "71%", "-0.4"], ["1", "3", "C", "30", "0%", word]]  # fmt: skip
    told = making.take_in(making.csv(tmp_path / "ks2.csv", rows, delimiter=","))
    assert told.facts["ks2"]["expected_pct"].tolist() == [None, 71.0, 0.0]
    assert told.facts["ks2"]["progress"].tolist() == [1.2, -0.4, None]
    assert told.issues["value"].tolist() == [word, word]
    assert told.issues["severity"].unique().tolist() == ["info"]
