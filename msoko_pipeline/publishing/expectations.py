"""Great Expectations on a staged mart, before anything is published; the results are kept as JSON.

A million rows × twenty columns would take it fifteen seconds, so it judges evidence first: of a text column its
distinct values, of a number its extremes, of either a NULL if there is one. The evidence keeps to an expectation exactly
when the column does. A column that does not is judged again in full, so that the counts are of rows.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from msoko_pipeline.publishing import rows
from msoko_pipeline.publishing.consistency import Rule
from msoko_pipeline.publishing.suite import KEY, Expected, key_of, rules, suite
from msoko_pipeline.settings import Settings
from schemas.fields import title_of
from schemas.marts import MARTS

EXAMPLES = 3


@dataclass(frozen=True)
class Verdict:
    """What the check of a mart of a year found. failures: Russian sentences; statistics: rows, expectations judged
    and kept to; results: every expectation with its outcome."""

    year: int
    mart: str
    passed: bool
    failures: tuple[str, ...]
    statistics: dict[str, int]
    results: tuple[dict[str, Any], ...]


def check(settings: Settings, year: int, mart: str) -> Verdict:
    """Judge the staged mart and keep the result as `quality/year=…/<mart>.json`. An empty mart is fine.

    A mart that is not staged, or not of the declared columns and types, is a failure, not an exception.
    """
    try:
        path = rows.staged(settings, year, mart)
        if not path.exists():
            raise rows.StagedError(f"{path}: таблица не подготовлена")
        table = rows.read(path, MARTS[mart])
    except rows.StagedError as error:
        verdict = Verdict(year, mart, False, (str(error),), {"rows": 0, "expectations": 0, "kept": 0}, ())
    else:
        verdict = judge(table, year, mart)
    _keep(settings, verdict)
    return verdict


def judge(table: pa.Table, year: int, mart: str) -> Verdict:
    """Judge rows in memory, of the declared columns and types."""
    expected = suite(mart)
    outcomes: dict[Expected, dict[str, Any]] = {}
    if len(table):
        columns = _columns(table, mart)
        small, whole = ([e for e in expected if (e.kind == "unique") is unique] for unique in (False, True))
        outcomes = _validate(_evidence({e.column: columns[e.column] for e in small}), small)
        suspects = [e for e, outcome in outcomes.items() if not outcome["passed"]] + whole
        for column in dict.fromkeys(e.column for e in suspects):
            frame = pd.DataFrame({column: _plain(columns[column])})
            outcomes |= _validate(frame, [e for e in suspects if e.column == column])
    results = tuple(_told(e, outcomes.get(e, {"passed": True}), mart) for e in expected)
    failures = tuple(result["failure"] for result in results if not result["passed"])
    statistics = {"rows": len(table), "expectations": len(results), "kept": len(results) - len(failures)}
    return Verdict(year, mart, not failures, failures, statistics, results)


def _columns(table: pa.Table, mart: str) -> dict[str, pa.Array]:
    """Everything that is judged: the mart's columns, the key as one number, the totals of the rules."""
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    keys = key_of(mart)
    known = not any(table[name].null_count for name in keys)  # an unknown key is another expectation's failure
    columns[KEY] = pa.array(rows.key_codes(table, keys) if known else np.arange(len(table)))
    for rule in rules(mart):
        columns[rule.total] = pa.array(_total(table, rule), from_pandas=True)
    return columns


def _total(table: pa.Table, rule: Rule) -> np.ndarray:
    total = np.zeros(len(table))
    for sign, name in rule.terms():
        total += sign * table[name].cast(pa.float64()).to_numpy()
    if rule.per:
        if any(table[name].null_count for name in rule.per):
            return np.full(1, np.nan)
        _, groups = np.unique(rows.key_codes(table, rule.per), return_inverse=True)
        return np.bincount(groups, weights=total)
    return total


def _evidence(columns: dict[str, pa.Array]) -> pd.DataFrame:
    """The few values of each column that decide about it, in one frame; shorter columns repeat a value of theirs."""
    few = {}
    for name, array in columns.items():
        if pa.types.is_dictionary(array.type):
            few[name] = pc.unique(array).to_pylist()
        else:
            extremes = pc.min_max(array)
            nulls = [None] * bool(array.null_count)
            few[name] = list(dict.fromkeys([extremes["min"].as_py(), extremes["max"].as_py(), *nulls]))
    longest = max(map(len, few.values()))
    padded = {name: values + values[:1] * (longest - len(values)) for name, values in few.items()}
    numbers = {name for name, array in columns.items() if not pa.types.is_dictionary(array.type)}
    return pd.DataFrame({n: pd.Series(v, dtype="float64" if n in numbers else "object") for n, v in padded.items()})


def _plain(array: pa.Array) -> pd.Series:
    """A whole column in the types that Great Expectations is quick with: categories and plain numbers."""
    if pa.types.is_dictionary(array.type) or pa.types.is_int64(array.type) and not array.null_count:
        return array.to_pandas()
    return array.cast(pa.float64()).to_pandas()


def _validate(frame: pd.DataFrame, expected: Sequence[Expected]) -> dict[Expected, dict[str, Any]]:
    import great_expectations as gx
    import great_expectations.expectations as gxe

    kinds = {
        "not_null": gxe.ExpectColumnValuesToNotBeNull,
        "unique": gxe.ExpectColumnValuesToBeUnique,
        "in_set": gxe.ExpectColumnValuesToBeInSet,
        "between": gxe.ExpectColumnValuesToBeBetween,
        "regex": gxe.ExpectColumnValuesToMatchRegex,
    }
    listed = [
        kinds[e.kind](column=e.column, meta={"number": number}, **e.arguments) for number, e in enumerate(expected)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        batch = _frames().get_batch({"dataframe": frame})
        answer = batch.validate(gx.ExpectationSuite("mart", expectations=listed), result_format="SUMMARY")
    return {
        expected[result.expectation_config.meta["number"]]: {"passed": bool(result.success), **result.result}
        for result in answer.results
    }


@cache
def _frames() -> Any:
    """Great Expectations' name for «a frame in memory», made once: no files, no progress bars."""
    import great_expectations as gx

    logging.captureWarnings(False)  # the import turns Python's warnings into log records
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("staged").add_dataframe_asset("mart")
    return asset.add_batch_definition_whole_dataframe("whole")


def _told(expected: Expected, outcome: dict[str, Any], mart: str) -> dict[str, Any]:
    """An outcome as it is kept and shown."""
    told = {"column": expected.column, "kind": expected.kind, "says": expected.says, "passed": outcome["passed"]}
    if outcome["passed"]:
        return told
    count, whole = outcome.get("unexpected_count"), outcome.get("element_count")
    if count is None:
        return {**told, "failure": f"{mart}. {expected.says}: проверить не удалось"}
    percent = f"{100 * count / whole:.2g}".replace(".", ",") if whole else "100"
    failure = f"{mart}. {expected.says}: нарушено в {count} из {whole} ({percent} %)"
    examples = [] if expected.kind == "not_null" else list(dict.fromkeys(outcome.get("partial_unexpected_list") or []))
    if examples and expected.shown:
        failure += f", например: {', '.join(f'{e:g}' if isinstance(e, float) else str(e) for e in examples[:EXAMPLES])}"
    return {**told, "failure": failure, "unexpected": count, "of": whole}


def _keep(settings: Settings, verdict: Verdict) -> Path:
    path = settings.quality / f"year={verdict.year}" / f"{verdict.mart}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    told = {**asdict(verdict), "title": title_of(MARTS[verdict.mart]), "checked_at": now}
    partial = path.with_suffix(".tmp")
    partial.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    partial.replace(path)
    return path
