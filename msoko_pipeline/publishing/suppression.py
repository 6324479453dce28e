"""Which cells the public layer hides: those of fewer than five people, and enough others that none can be computed.

What belongs here: the choice of cells, on frames. A cell is a row and a column of counts; a relation says that some
cells sum up to another. The rules are data (`schemas/layouts/public.yaml`); the views that follow them are `views`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

REST = "_rest"
BASE = 0
"""The first column of cells: the people of the row. Where it is hidden, all of the row is."""
SHOWN_TOTAL = -1
EVERYTHING = "*"


@dataclass
class Cells:
    """counts: rows × columns, NaN where nothing is told; together: columns that are hidden together in a row;
    relation, part: cells, by the number of their relation, that sum up to `totals` (places in the flattened counts;
    SHOWN_TOTAL for a sum told elsewhere).
    """

    counts: np.ndarray
    together: list[list[int]] = field(default_factory=list)
    relation: list[np.ndarray] = field(default_factory=list)
    part: list[np.ndarray] = field(default_factory=list)
    totals: list[np.ndarray] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How many relations there are."""
        return sum(map(len, self.totals))

    def relate(self, groups: np.ndarray, parts: np.ndarray, totals: np.ndarray) -> None:
        """Add relations. groups: number of its relation for each of `parts`; totals: cell of each relation."""
        self.relation.append(groups + self.number)
        self.part.append(parts)
        self.totals.append(totals)


def hide(cells: Cells, least: int) -> np.ndarray:
    """Which cells are not shown, as the counts are shaped.

    Hidden first: 0 < n < least, and what is hidden together with it. Then, as long as the hidden cells of a shown sum
    are one, or fewer than `least` people together, the smallest of the others; where none is left, the sum itself.
    """
    shape = cells.counts.shape
    counts = np.nan_to_num(cells.counts, nan=0.0).ravel()
    hidden = (counts > 0) & (counts < least)
    if not cells.number:
        return _spread(hidden, shape, cells.together).reshape(shape)
    relation, part = np.concatenate(cells.relation), np.concatenate(cells.part)
    totals = np.concatenate(cells.totals)
    order = np.lexsort((part, counts[part], relation))
    relation, part = relation[order], part[order]
    while True:
        hidden = _spread(hidden, shape, cells.together)
        among = hidden[part] & (counts[part] > 0)
        number = np.bincount(relation[among], minlength=cells.number)
        people = np.bincount(relation[among], weights=counts[part[among]], minlength=cells.number)
        is_shown = np.where(totals == SHOWN_TOTAL, True, ~hidden[totals])
        open_ = (number > 0) & is_shown & ((number < 2) | (people < least))
        candidates = open_[relation] & ~hidden[part] & (counts[part] > 0)
        first, places = np.unique(relation[candidates], return_index=True)
        hidden[part[candidates][places]] = True
        alone = np.setdiff1d(np.flatnonzero(open_), first)
        alone = alone[totals[alone] != SHOWN_TOTAL]
        hidden[totals[alone]] = True
        if not len(first) and not len(alone):
            return hidden.reshape(shape)


def _spread(hidden: np.ndarray, shape: tuple[int, ...], together: list[list[int]]) -> np.ndarray:
    """Hidden as well: what is hidden together, and all of a row without its base."""
    table = hidden.reshape(shape).copy()
    before = -1
    while before != int(table.sum()):
        before = int(table.sum())
        for columns in together:
            table[:, columns] |= table[:, columns].any(axis=1, keepdims=True)
    table |= table[:, [BASE]]
    return table.ravel()


def hidden_columns(mart_rows: pd.DataFrame, rule: dict[str, Any], key: Sequence[str], homes: pd.DataFrame, least: int,
                   *, is_region: bool = False) -> pd.Series:  # fmt: skip
    """What the public layer hides of each row: names of columns through «; », `*` for all of it, NULL for nothing.

    mart_rows: of one year; rule: of public.yaml; key: the mart's; homes: org_id, home (its municipality);
    is_region: the region's rows are the sum of the municipalities'.
    """
    mart_rows = mart_rows.reset_index(drop=True)
    counted = (
        mart_rows["kind"].eq(rule["kind"]).to_numpy(dtype=bool)
        if "kind" in rule
        else np.ones(len(mart_rows), dtype=bool)
    )
    names, counts, parts = _counts(mart_rows, rule, counted)
    cells = Cells(counts, [[names.index(name) for name in part["cells"]] for part in parts])
    places = np.arange(counts.size).reshape(counts.shape)
    for part in parts:
        _within_rows(cells, places, names, part)
    for children, totals in _between_rows(mart_rows, rule, key, homes, is_region):
        for column in range(counts.shape[1]):
            cells.relate(children["relation"].to_numpy(), places[children["row"].to_numpy(), column],
                         places[totals, column])  # fmt: skip
    table = hide(cells, least)
    told_by: dict[str, list[str]] = {}
    for part in parts:
        for name in part["cells"]:
            told_by.setdefault(name, [name]).extend(part["tells"])
    patterns, kind_of_row = np.unique(table, axis=0, return_inverse=True)  # few, of however many rows
    lines = np.array([_line(names, told_by, pattern) for pattern in patterns] or [None], dtype=object)
    return pd.Series(lines[kind_of_row.ravel()], dtype="string")


def _line(names: Sequence[str], told_by: dict[str, list[str]], is_hidden: np.ndarray) -> str | None:
    """What stands in `hidden_columns` of a row whose cells are hidden so."""
    if is_hidden[BASE]:
        return EVERYTHING
    hidden_names = (name for name, hidden in zip(names, is_hidden, strict=True) if hidden)
    columns = dict.fromkeys(column for name in hidden_names for column in told_by.get(name, ()))
    return "; ".join(name for name in columns if not name.startswith(REST)) or None


def _counts(
    mart_rows: pd.DataFrame, rule: dict[str, Any], counted: np.ndarray
) -> tuple[list[str], np.ndarray, list[dict[str, Any]]]:
    """Names of the columns of cells, their counts, and the parts, each with its `rest` and shares as counts."""
    ofs = {part["of"] for part in rule["parts"] if "of" in part} - {"sum", rule["base"]}
    sums = [
        {"cells": [name], "tells": []} for name in sorted(ofs - {c for part in rule["parts"] for c in part["cells"]})
    ]
    shares = [{"cells": [name], "of": of, "whole": False, "tells": _bounds(mart_rows, name)}
              for name, of in rule.get("shares", {}).items()]  # fmt: skip
    parts = [dict(part) for part in (*sums, *rule["parts"], *shares)]
    columns = {rule["base"]: _number(mart_rows, rule["base"])}
    for place, part in enumerate(parts):
        for name in part["cells"]:
            share = rule.get("shares", {}).get(name)
            of_share = np.round(_number(mart_rows, name) * _number(mart_rows, share) / 100) if share else None
            columns.setdefault(name, _number(mart_rows, name) if of_share is None else of_share)
        of = part.get("of")
        if of not in (None, "sum") and not part["whole"]:
            rest = f"{REST}{place}"
            columns[rest] = _number(mart_rows, of) - sum(np.nan_to_num(columns[name]) for name in part["cells"])
            part["cells"] = [*part["cells"], rest]
    counts = np.column_stack(list(columns.values()))
    counts[~counted] = np.nan
    return list(columns), counts, parts


def _bounds(mart_rows: pd.DataFrame, share: str) -> list[str]:
    stem = share.removesuffix("_pct")
    return [name for name in (f"{stem}_ci_low", f"{stem}_ci_high") if name in mart_rows]


def _number(mart_rows: pd.DataFrame, name: str) -> np.ndarray:
    values: np.ndarray = mart_rows[name].astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    return values


def _within_rows(cells: Cells, places: np.ndarray, names: list[str], part: dict[str, Any]) -> None:
    """A part with its sum: one relation a row that tells it."""
    if "of" not in part:
        return
    columns = np.array([names.index(name) for name in part["cells"]], dtype="int64")
    filled_rows = np.flatnonzero(~np.isnan(cells.counts[:, columns]).all(axis=1))
    total = names.index(part["of"]) if part["of"] in names else None
    cells.relate(
        np.repeat(np.arange(len(filled_rows)), len(columns)),
        places[np.ix_(filled_rows, columns)].ravel(),
        np.full(len(filled_rows), SHOWN_TOTAL) if total is None else places[filled_rows, total],
    )


def _between_rows(
    mart_rows: pd.DataFrame, rule: dict[str, Any], key: Sequence[str], homes: pd.DataFrame, is_region: bool
) -> list[tuple[pd.DataFrame, np.ndarray]]:
    """Rows that sum up to another: organisations to their municipality, these to the region, slices to all together.

    Each: relation and row of the children; row of each relation's total.
    """
    level, unit = rule.get("level", "level"), rule.get("unit", "unit_id")
    rest = [name for name in key if name not in (level, unit)]
    rows = mart_rows[[level, unit, *rest]].assign(row=np.arange(len(mart_rows)))
    home = rows.merge(homes.rename(columns={"org_id": unit}), on=unit, how="left")["home"]
    town, region = rows[level].eq("municipality"), rows[level].eq("region")
    of_towns = rows.assign(**{unit: home})[(~town & ~region).to_numpy() & home.notna().to_numpy()]
    relations = [_related(of_towns, rows[town], [unit, *rest])]
    if is_region:
        relations.append(_related(rows[town], rows[region], rest))
    totals = rule.get("totals", {})
    fixed = [name for name in key if name not in totals]
    pattern = pd.Series(0, index=rows.index)
    for place, (name, total) in enumerate(totals.items()):
        pattern += rows[name].ne(total).astype("int64") * 2**place
    kinds = sorted(pattern.unique())
    for general in kinds:
        same = [name for place, name in enumerate(totals) if general & 2**place]
        for special in kinds:
            if special != general and special & general == general:
                parts = _related(rows[pattern == special], rows[pattern == general], [*fixed, *same])
                relations.append(parts)
    return [relation for relation in relations if len(relation[1])]


def _related(children: pd.DataFrame, totals: pd.DataFrame, on: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    numbered = totals[on].assign(relation=np.arange(len(totals)))
    joined = children.merge(numbered, on=on)
    some, relation = np.unique(joined["relation"].to_numpy(), return_inverse=True)
    return joined[["row"]].assign(relation=relation), totals["row"].to_numpy()[some]
