"""The rows of a mart with what the public layer hides of each: `suppressed` and `hidden_columns`.

What belongs here: which rows and columns the choice of `suppression` is made of. The tables of works are chosen as
they are; tasks and indicators follow what is hidden of their work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine, store
from msoko_pipeline.home.tables import path
from msoko_pipeline.publishing import suppression
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.fields import columns_of
from schemas.marts import MARTS
from schemas.measure import ALL

Sources = Mapping[str, Callable[[Any, Settings, int], str]]
WORK = ["procedure", "subject", "grade", "level", "unit_id"]
OF_THE_YEAR = ("year", "school_year", "cycle")
"""Columns of the key that the staging itself adds: the same in all rows of a year, or told by the procedure."""
NEEDS = {"passed": ("below_minimum",), "profile": ("profile_pct",)}
"""Count that only indicators have → the mart's columns that would tell it."""


def marked(connection: Any, settings: Settings, year: int, mart: str, sources: Sources) -> str:
    """The query of a mart's rows, with what is hidden of each where the public layer counts people in it.

    sources: mart → the query over the year's indicators that holds its columns.
    """
    rule = catalogue.public()["marts"].get(mart, {})
    query = sources[mart](connection, settings, year)
    if "base" in rule:
        hidden, key = _hidden(connection, settings, year, mart, query)
        connection.register("_hidden", engine.arrow(hidden))
        chosen, condition = "_hidden", "h.hidden_columns"
        if any(mart in other.get("of", ()) for other in catalogue.public()["marts"].values()):
            engine.write(connection, "select * from _hidden", _chosen_of(settings, year, mart))
    elif "of" in rule:
        files = store.as_sql([_chosen_of(settings, year, name) for name in rule["of"]], "union_by_name = true")
        key, chosen = WORK, f"(select {', '.join(WORK)}, hidden_columns from {files})"
        condition = _of_indicator() if mart == "indicator_value" else _of_work("participants")
    else:
        return query
    return (
        f"select *, hidden_columns is not null as suppressed from (select rows_of.*, {condition} as hidden_columns "
        f"from ({query}) as rows_of left join {chosen} as h using ({', '.join(key)}))"
    )


def _chosen_of(settings: Settings, year: int, mart: str) -> Path:
    """Where it is kept what is hidden of the works of a mart, for the marts that follow it."""
    return path(settings, year, f"hidden_{mart}")


def _hidden(connection: Any, settings: Settings, year: int, mart: str, query: str) -> tuple[pd.DataFrame, list[str]]:
    """The mart's key and `hidden_columns` of its rows, and that key."""
    public = catalogue.public()
    rule = {
        **public["marts"][mart],
        "parts": [*public["marts"][mart]["parts"], *other_people(mart, public["marts"][mart])],
    }
    columns = [column for column in columns_of(MARTS[mart]) if column.name not in OF_THE_YEAR]
    key = [column.name for column in columns if column.key]
    words = {*key, "kind", rule.get("level", "level"), rule.get("unit", "unit_id")}
    looked = [column.name for column in columns if column.dtype in ("Int64", "Float64") or column.name in words]
    homes = connection.execute(
        "select org_id, municipality_id as home from "
        f"{store.as_sql([path(settings, year, 'organisations')])} where municipality_id is not null"
    ).df()
    mart_rows = connection.execute(f"select {', '.join(looked)} from ({query}) order by {', '.join(key)}").df()
    hidden = suppression.hidden_columns(
        mart_rows, rule, key, homes, public["least"], is_region=settings.scope == "region"
    )
    return mart_rows[key].assign(hidden_columns=hidden), key


def other_people(mart: str, rule: dict[str, Any]) -> list[dict[str, Any]]:
    """Counts of people that the mart's rule does not name, each a part of its own."""
    named = {rule["base"], *rule.get("never", ()), *catalogue.public()["shown"]}
    named |= {name for part in rule["parts"] for name in (*part["cells"], *part["tells"], part.get("of"))}
    people = (c.name for c in columns_of(MARTS[mart]) if (c.dtype, c.unit) == ("Int64", "чел."))
    return [{"cells": [name], "tells": []} for name in people if name not in named]


def _of_work(base: str) -> str:
    """A row is hidden with its work, and where its own base is small."""
    small = f"{base} > 0 and {base} < {catalogue.public()['least']}"
    return f"case when ({small}) or h.hidden_columns = '{suppression.EVERYTHING}' then '{suppression.EVERYTHING}' end"


def _of_indicator() -> str:
    """An indicator is hidden with its work, with any column that would tell it, and where its own base is small; one
    of no work always: its mart chooses the cells of the register, not of the indicator.
    """
    needs = {
        name: sorted({column for part in (*declared.get("numerator", ()), declared["column"]) if part
                      for column in NEEDS.get(part, (part,))})
        for name, declared in catalogue.indicators().items()
    }  # fmt: skip
    cases = " ".join(
        f"when indicator_id = '{name}' and list_has_any(string_split(h.hidden_columns, '; '), {columns}) then '*'"
        for name, columns in needs.items()
        if columns
    )
    of_no_work = f"when procedure = '{ALL}' then '{suppression.EVERYTHING}'"
    return f"coalesce({_of_work('denominator')}, case {of_no_work} {cases} end)"
