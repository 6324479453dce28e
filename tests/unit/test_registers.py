"""What holds of every declared register: its form is read back, and what it does not allow is refused and named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from msoko_pipeline.facts.enforce import columns_of as declared_columns
from msoko_pipeline.facts.flat import UNFILLED
from schemas.kinds import REGISTERS
from schemas.register import Declaration, register
from tests import making
from tests.making import Cell, Taken, form, take_in
from tests.unit.test_flat import everything_kept

NAMED = "Невидимкин Аристарх Потаёнович"
REMARKS = {"row_level_differs"}
"""What the example of a form may be told of though it is accepted."""


@pytest.fixture(params=REGISTERS)
def declared(request: pytest.FixtureRequest) -> Declaration:
    return REGISTERS[request.param]


def taken(folder: Path, declared: Declaration, *changes: Mapping[str, Cell]) -> Taken:
    return take_in(making.xlsx(folder / "форма.xlsx", form(declared.name, *changes)))


def headers(declared: Declaration) -> dict[str, str]:
    """Column of the model → header."""
    return {name: spec.title for name, (spec, _) in declared.columns.items()}


def unseen(told: Taken, broken: list[str]) -> list[str]:
    """Headers whose broken cell no issue names: a row below the header for each, in their order."""
    issues = told.issues[["row", "column"]].itertuples(index=False, name=None)
    named = {(int(row), column) for row, column in issues if pd.notna(row)}
    return [header for row, header in enumerate(broken, 2) if (row, header) not in named]


def test_an_example_is_accepted_whole(tmp_path: Path, declared: Declaration) -> None:
    told = taken(tmp_path, declared, {})
    assert (told.refusal, told.counts, told.layouts) == (None, (1, 1, 0), [declared.name])
    assert told.types <= REMARKS


def test_a_written_form_is_read_back(tmp_path: Path, declared: Declaration) -> None:
    told = take_in(making.filled_form(tmp_path, declared.name))
    assert (told.counts, told.layouts) == ((1, 1, 0), [declared.name])


def test_headers_are_read_however_they_are_cased(tmp_path: Path, declared: Declaration) -> None:
    header, row = form(declared.name, {})
    told = take_in(making.xlsx(tmp_path / "форма.xlsx", [[str(cell).upper() for cell in header], row]))
    assert (told.counts, told.layouts) == ((1, 1, 0), [declared.name])


def test_every_other_header_of_a_column_is_read(tmp_path: Path, declared: Declaration) -> None:
    header, row = form(declared.name, {})
    also = {spec.title: written.also[-1] for spec, written in declared.columns.values() if written.also}
    told = take_in(making.xlsx(tmp_path / "форма.xlsx", [[also.get(str(cell), cell) for cell in header], row]))
    assert (told.counts, told.layouts) == ((1, 1, 0), [declared.name])


def test_a_sheet_may_lack_its_optional_columns(tmp_path: Path, declared: Declaration) -> None:
    header, row = form(declared.name, {})
    kept = [place for place, (_, written) in enumerate(declared.columns.values()) if not written.is_optional]
    told = take_in(making.xlsx(tmp_path / "форма.xlsx", [[line[place] for place in kept] for line in (header, row)]))
    assert (told.counts, told.layouts) == ((1, 1, 0), [declared.name])


def test_an_empty_cell_that_must_be_filled_is_named(tmp_path: Path, declared: Declaration) -> None:
    required = [spec.title for spec, _ in declared.columns.values() if not spec.nullable and spec.reads not in UNFILLED]
    told = taken(tmp_path, declared, *({header: None} for header in required))
    assert told.counts == (len(required), 0, len(required))
    row_key = declared.layout.row_key
    keys = {headers(declared).get(row_key) or headers(declared)[f"{row_key}_key"]}
    assert set(unseen(told, required)) <= keys, "a row without its key is refused as a whole"


def test_a_word_off_the_list_is_named(tmp_path: Path, declared: Declaration) -> None:
    listed = [spec.title for spec, _ in declared.columns.values() if spec.codes]
    if not listed:
        pytest.skip("the register has no lists")
    told = taken(tmp_path, declared, *({header: "чемпион мира"} for header in listed))
    assert told.counts == (len(listed), 0, len(listed))
    assert told.types - REMARKS == {"cell_not_listed"}
    assert unseen(told, listed) == []


def test_every_word_that_a_form_offers_is_read(tmp_path: Path, declared: Declaration) -> None:
    offered = [(spec.title, word) for spec, written in declared.columns.values() for word in written.choices]
    told = taken(tmp_path, declared, *({header: word} for header, word in offered))
    unread = told.issues["issue_type"].str.startswith("cell_")
    assert told.issues[unread]["value"].tolist() == []


def test_a_number_out_of_range_is_named(tmp_path: Path, declared: Declaration) -> None:
    beyond: list[dict[str, Cell]] = []
    for name, (spec, _) in declared.columns.items():
        statistics = [check.statistics or {} for check in declared_columns(declared.model)[name].checks]
        bounds = {key: value for told in statistics for key, value in told.items()}
        if "min_value" in bounds and spec.codes is None:
            beyond.append({spec.title: bounds["min_value"] - 1})
        if "max_value" in bounds and spec.codes is None:
            beyond.append({spec.title: bounds["max_value"] + 1})
    told = taken(tmp_path, declared, *beyond)
    assert told.counts[1] == 0
    assert unseen(told, [header for change in beyond for header in change]) == []


def test_a_row_said_twice_is_kept_once(tmp_path: Path, declared: Declaration) -> None:
    told = taken(tmp_path, declared, {}, {})
    assert told.counts == (2, 2, 0)
    assert "row_repeated" in told.types
    assert len(told.facts[declared.name]) == 1


@pytest.mark.parametrize("name", [NAMED, "Невидимкин А. П."])
def test_nobody_named_in_any_cell_is_kept_or_repeated(tmp_path: Path, declared: Declaration, name: str) -> None:
    columns = [spec.title for spec, written in declared.columns.values() if not written.is_person]
    told = taken(tmp_path, declared, *({header: name} for header in columns))
    assert sum(told.counts[1:]) == told.counts[0] == len(columns)
    kept = everything_kept(tmp_path) + str(told.facts) + str(told.issues.to_dict()) + str(told.quarantine.to_dict())
    assert [word for word in ("Невидимкин", "Аристарх", "Потаёнович") if word in kept] == []


def test_no_register_is_taken_for_another() -> None:
    """The columns that tell one register do not all stand in another one's form."""
    taken_for = [
        (one.name, other.name)
        for one in REGISTERS.values()
        for other in REGISTERS.values()
        if one is not other and {headers(one)[name] for name in one.known_by} <= set(other.form.header)
    ]
    assert taken_for == []


def test_a_name_is_given_once() -> None:
    first = next(iter(REGISTERS.values()))
    with pytest.raises(ValueError, match="declared twice"):
        register(first.name, title="", file="", sheet="", about="", known_by=())(first.model)
