"""The public layer: which cells it hides, by the drawn tables; that none can be computed; that views follow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from msoko_pipeline.publishing import suppression
from msoko_pipeline.publishing.public_rows import other_people
from schemas import catalogue
from schemas.fields import columns_of
from schemas.marts import MARTS
from tests.spec.tables import load

MARKS = ["«2»", "«3»", "«4»", "«5»"]
KEY = ["level", "unit_id"]
LEAST = catalogue.public()["least"]


def rule(columns: list[str]) -> dict[str, Any]:
    marks = [{"cells": MARKS, "of": "всего", "whole": True, "tells": []}] if MARKS[0] in columns else []
    return {"base": "всего", "parts": marks}


def drawn(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


def frame(lines: list[list[str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows as a mart has them, and to which municipality each school belongs."""
    rows = pd.DataFrame(lines[1:], columns=lines[0])
    is_town = rows["школа"] == "город"
    rows = rows.assign(level=np.where(is_town, "municipality", "school"), unit_id=rows["школа"])
    rows[lines[0][1:]] = rows[lines[0][1:]].astype("Int64")
    return rows, pd.DataFrame({"org_id": rows.loc[~is_town, "школа"], "home": "город"})


def shown(rows: pd.DataFrame, hidden: pd.Series, columns: list[str]) -> list[list[str]]:
    lines = []
    for (_, row), told in zip(rows.iterrows(), hidden, strict=True):
        gone = set() if pd.isna(told) else set(columns) if told == "*" else set(told.split("; "))
        lines.append([row["школа"], *("×" if name in gone else str(row[name]) for name in columns)])
    return lines


@pytest.mark.parametrize("case", load("suppression")["cases"], ids=lambda case: case["title"])
def test_cells_are_hidden_as_drawn(case: dict[str, Any]) -> None:
    lines = drawn(case["given"])
    rows, homes = frame(lines)
    hidden = suppression.hidden_columns(rows, rule(lines[0]), KEY, homes, LEAST)
    assert shown(rows, hidden, lines[0][1:]) == drawn(case["gives"])[1:]


def determined(counts: np.ndarray, hidden: np.ndarray) -> list[tuple[int, int]]:
    """Hidden cells of schools × (all, marks), the town last, that follow from the shown ones: brute force by rank.

    Known: every row's marks sum up to its total, every column's schools to the town.
    """
    rows, columns = counts.shape
    unknown = {place: number for number, place in enumerate(zip(*np.nonzero(hidden), strict=True))}
    equations = [[(r, c) for c in range(1, columns)] + [(r, 0)] for r in range(rows)]
    equations += [[(r, c) for r in range(rows)] for c in range(columns)]
    matrix = np.zeros((len(equations), max(len(unknown), 1)))
    for line, places in enumerate(equations):
        for place in places:
            if place in unknown:
                is_sum = (place[1] == 0 and line < rows) or (place[0] == rows - 1 and line >= rows)
                matrix[line, unknown[place]] = -1 if is_sum else 1
    rank = np.linalg.matrix_rank(matrix)
    unit = np.eye(matrix.shape[1])
    return [place for place, n in unknown.items() if np.linalg.matrix_rank(np.vstack([matrix, unit[n]])) == rank]


def town(seed: int) -> pd.DataFrame:
    """Made-up schools with marks, the town last."""
    random = np.random.default_rng(seed)
    schools = random.poisson(random.uniform(1, 20, (random.integers(1, 9), 1)) * [0.3, 1, 1, 0.5])
    marks = np.vstack([schools, schools.sum(axis=0)])
    lines = [["школа", "всего", *MARKS]]
    names = [*(f"ш{n}" for n in range(len(schools))), "город"]
    lines += [[name, str(row.sum()), *map(str, row)] for name, row in zip(names, marks, strict=True)]
    return frame(lines)[0]


@pytest.mark.parametrize("seed", range(60))
def test_no_hidden_cell_follows_from_the_shown_ones(seed: int) -> None:
    rows = town(seed)
    homes = pd.DataFrame({"org_id": rows["unit_id"][:-1], "home": "город"})
    columns = ["всего", *MARKS]
    told = suppression.hidden_columns(rows, rule(columns), KEY, homes, LEAST)
    hidden = np.array([[cell == "×" for cell in line[1:]] for line in shown(rows, told, columns)])
    counts = rows[columns].to_numpy(dtype=int)
    assert not ((counts > 0) & (counts < LEAST) & ~hidden).any()
    small = [place for place in determined(counts, hidden) if 0 < counts[place] < LEAST]
    assert small == []


def test_the_brute_force_finds_a_cell_that_follows() -> None:
    counts = np.array([[4, 1, 1, 1, 1], [40, 10, 10, 10, 10], [44, 11, 11, 11, 11]])
    hidden = np.zeros(counts.shape, dtype=bool)
    hidden[0, 0] = True
    assert determined(counts, hidden) == [(0, 0)]


def test_slices_and_all_together_are_one_sum() -> None:
    """A subject of four participants, and one more, so that «все предметы» does not tell it."""
    rows = pd.DataFrame({
        "level": "school", "unit_id": "А", "subject": ["ALL", "RU", "MA", "FI"],
        "participants": pd.array([54, 30, 20, 4], dtype="Int64"),
    })  # fmt: skip
    told = {"base": "participants", "totals": {"subject": "ALL"}, "parts": []}
    homes = pd.DataFrame({"org_id": ["А"], "home": ["город"]})
    hidden = suppression.hidden_columns(rows, told, ["level", "unit_id", "subject"], homes, LEAST)
    assert hidden.fillna("").tolist() == ["", "", "*", "*"]


def test_a_share_is_a_cell_of_people_too() -> None:
    """5 % of 40 are two people."""
    rows = pd.DataFrame({"level": ["school"], "unit_id": ["А"], "n": pd.array([40], dtype="Int64"), "p_pct": [5.0]})
    told = {"base": "n", "parts": [], "shares": {"p_pct": "n"}}
    hidden = suppression.hidden_columns(rows, told, KEY, pd.DataFrame({"org_id": ["А"], "home": ["город"]}), LEAST)
    assert hidden.tolist() == ["p_pct"]


def test_rules_name_columns_of_the_marts() -> None:
    public = catalogue.public()
    for mart, told in public["marts"].items():
        columns = {column.name for column in columns_of(MARTS[mart])}
        named = {told.get("base"), *told.get("never", ()), *told.get("totals", ()), *told.get("shares", {})} - {None}
        for part in told.get("parts", ()):
            named |= {*part["cells"], *part["tells"], *({part["of"]} - {"sum"} if "of" in part else ())}
        assert named <= columns, mart
        assert told.get("all") or {"suppressed", "hidden_columns"} <= columns, mart
    assert set(public["withheld"]) <= set(MARTS) - set(public["marts"])


def test_a_count_of_people_that_no_rule_names_is_a_cell() -> None:
    rule = catalogue.public()["marts"]["certificates"]
    named = {name for part in rule["parts"] for name in part["cells"]}
    without = {**rule, "parts": [part for part in rule["parts"] if "medals_1" not in part["cells"]]}
    assert "medals_1" in named
    assert other_people("certificates", rule) == []
    assert other_people("certificates", without) == [{"cells": ["medals_1"], "tells": []}]
