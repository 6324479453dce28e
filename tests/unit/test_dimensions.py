"""Dimension tables: every code that a mart may hold has its Russian title, in the order of the declaration."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from msoko_pipeline.publishing.sql_tables import prepare, warehouse
from msoko_pipeline.publishing.transaction import _renew_dimensions
from msoko_pipeline.publishing.warehouse import connect, writing
from schemas import catalogue, dimensions, ops
from schemas.marts import LEVELS, MARTS
from schemas.olympiads import STAGES
from schemas.published import CATEGORIES


def codes(name: str) -> list[str]:
    return [str(row["code"]) for row in dimensions.rows(name)]


def allowed(mart: str, column: str) -> set[str]:
    """The codes that a mart's declaration lets into a column."""
    (check,) = (c for c in MARTS[mart].to_schema().columns[column].checks if c.name == "isin")
    return set(check.statistics["allowed_values"])


@pytest.mark.parametrize(
    ("dimension", "declared"),
    [
        ("category", set(CATEGORIES)), ("level", {*LEVELS, "preschool"}), ("stage", set(STAGES)),
        ("subject", {*catalogue.subjects(), *catalogue.procedures()["directions"], "ALL"}),
        ("file_status", set(ops.FILE_STATUSES)),
        ("movement", allowed("school_risk", "movement")), ("trend", allowed("dynamics_3y", "trend")),
        ("objectivity_status", allowed("school_risk", "objectivity_status")),
        ("sign_family", allowed("objectivity_school", "family")),
        ("task_status", allowed("vpr_task", "status")), ("sign", set(catalogue.signs(2026)["signs"])),
    ],
)  # fmt: skip
def test_a_dimension_has_exactly_the_codes_that_are_declared(dimension: str, declared: set[str]) -> None:
    assert set(codes(dimension)) == declared
    assert len(codes(dimension)) == len(declared)


def test_rules_are_those_that_reasons_name() -> None:
    rules = set(codes("rule"))
    assert {"SHNOR_A", "SHNOR_B", "SHNOR_Q", "R1", "R7", "ISBSH", "QUARANTINE", "heaping", "recheck"} <= rules
    assert {"CERTAINTY", "MOVEMENT"} <= rules
    assert {f"ISBSH_{name}" for name in catalogue.social()["indicators"]} <= rules


def test_titles_are_russian_and_in_order() -> None:
    for name in dimensions.DIMENSIONS:
        rows = dimensions.rows(name)
        assert [row["sort_order"] for row in rows] == list(range(1, len(rows) + 1))
        assert all(any("а" <= letter <= "я" for letter in str(row["title_ru"]).lower()) for row in rows), name
    assert dimensions.rows("subject")[0] == {"code": "RU", "title_ru": "Русский язык", "sort_order": 1}
    assert codes("level")[0] == "school"


def test_rows_are_written_anew_only_where_they_differ(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'w.sqlite'}")
    tables = warehouse("sqlite")
    stage = tables.dimensions["stage"]
    with writing(engine) as connection:
        prepare(connection)
        _renew_dimensions(connection, tables)
        connection.execute(stage.update().where(stage.c.code == "SHE").values(title_ru="другое"))
        connection.execute(stage.delete().where(stage.c.code == "ZE"))
        _renew_dimensions(connection, tables)
        before = connection.scalar(sa.text("select total_changes()"))
        _renew_dimensions(connection, tables)
        assert connection.scalar(sa.text("select total_changes()")) == before
        written = [tuple(row) for row in connection.execute(sa.select(stage).order_by("sort_order"))]
    engine.dispose()
    assert written == [(row["code"], row["title_ru"], row["sort_order"]) for row in dimensions.rows("stage")]
