"""The roadmap as data: every row, input, mart and asked indicator is there, or says what lacks."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from msoko_pipeline.handbook.roadmap import roadmap
from schemas import catalogue
from schemas.fields import columns_of
from schemas.indicators import indicators
from schemas.kinds import KINDS
from schemas.marts import MARTS
from tests.real import SHARED

ITEMS = catalogue.roadmap_items()
INPUTS = catalogue.roadmap_contracts()["inputs"]
CONTRACTS = catalogue.roadmap_contracts()["marts"]
ASKED = catalogue.asked_indicators()
DOMAIN = SHARED / "domain"
needs_domain = pytest.mark.skipif(not DOMAIN.is_dir(), reason="описания предметной области рядом с проектом нет")


def test_there_are_84_rows() -> None:
    sections = Counter(item.split(".")[0] for item in ITEMS)
    assert len(ITEMS) == 84
    assert list(sections.values()) == [8, 9, 14, 7, 7, 7, 3, 8, 8, 13]


@pytest.mark.parametrize("item", ITEMS)
def test_a_row_names_inputs_and_marts_that_there_are(item: str) -> None:
    row = ITEMS[item]
    assert row["title"]
    assert row["inputs"].split()
    assert set(row["inputs"].split()) <= INPUTS.keys()
    assert row["marts"].split()
    assert set(row["marts"].split()) <= CONTRACTS.keys()


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_is_read_or_kept_as_data(name: str) -> None:
    declared = INPUTS[name]
    assert declared.get("kinds") or declared.get("data")
    assert set(declared.get("kinds", ())) <= KINDS.keys()


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_mart_stands(name: str) -> None:
    assert CONTRACTS[name]["tables"]
    assert set(CONTRACTS[name]["tables"]) <= MARTS.keys()


@pytest.mark.parametrize("item", [item for item, row in ITEMS.items() if row["kind"] in ("data", "mixed")])
def test_a_row_with_figures_has_indicators_or_a_table_of_figures(item: str) -> None:
    """A table of statuses alone is no figure."""
    own = [name for name, declared in indicators().items() if declared["item"] == item]
    tables = {table for name in ITEMS[item]["marts"].split() for table in CONTRACTS[name]["tables"]}
    assert own or tables - {"roadmap_status"}, "its figures are in no mart"


@pytest.mark.parametrize("system", ASKED)
def test_an_asked_indicator_is_computed_or_says_what_lacks(system: str) -> None:
    known = indicators()
    columns = {f"{mart}.{spec.name}" for mart, model in MARTS.items() for spec in columns_of(model)}
    for line in ASKED[system]["indicators"]:
        found = [*line.get("ids", ()), *line.get("columns", ())]
        assert bool(found) is not bool(line.get("lacks")), line["title"]
        assert set(line.get("ids", ())) <= known.keys(), line["title"]
        assert set(line.get("columns", ())) <= columns, line["title"]


def test_every_indicator_answers_a_row_of_the_roadmap() -> None:
    assert {name: each["item"] for name, each in indicators().items() if each["item"] not in ITEMS} == {}


@needs_domain
def test_inputs_and_marts_are_those_of_the_domain() -> None:
    text = (DOMAIN / "spec.md").read_text(encoding="utf-8")
    contracts = text[text.index("### 9.2 ") : text.index("### 9.3 ")]
    assert set(re.findall(r"\b(?:IN|REF)-[A-Z0-9]+(?:-[A-Z0-9]+)*", contracts)) == INPUTS.keys()
    marts = text[text.index("### 9.3 ") : text.index("### 9.4 ")]
    assert set(re.findall(r"M\d\d", marts)) == CONTRACTS.keys()
    assert len(INPUTS) == 57
    assert len(CONTRACTS) == 36


@needs_domain
def test_rows_have_the_marts_of_the_domain() -> None:
    with (Path(DOMAIN) / "roadmap_items.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            named = set(re.findall(r"M\d\d", row["mart"]))
            assert named <= set(ITEMS[row["item"]]["marts"].split()), row["item"]


def test_the_page_shows_every_row_and_figures_of_the_town() -> None:
    page = roadmap({"9.5": [("Охват", "47,6 %"), *[("Ещё", "1")] * 4]})
    assert [line.split()[1] for line in page.splitlines() if line.startswith("### ")] == [*ITEMS]
    assert "* Выдуманный город: Охват — 47,6 %; Ещё — 1; Ещё — 1; Ещё — 1; и ещё 1" in page
    assert "`additional_education_coverage`" in page
