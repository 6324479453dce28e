"""Great Expectations on a staged mart, before anything is published; the results are kept as JSON.

A million rows × twenty columns would take it fifteen seconds, so it judges evidence first (see `evidence`), and
columns in full only where the evidence fails: the verdict is the same, and the counts are of rows.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from msoko_pipeline.home.store import digest
from msoko_pipeline.privacy import personal
from msoko_pipeline.publishing import evidence, rows
from msoko_pipeline.publishing.suite import Expected, suite
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


def check(settings: Settings, years: Sequence[int], mart: str) -> dict[int, Verdict]:
    """Judge the staged mart of each year and keep the results as `quality/year=…/<mart>.json`. An empty mart is fine.

    What is expected holds for a year exactly when it holds for all of them, so the years are judged together (an
    expectation costs the library much the same for one as for ten), and apart only where something fails. A mart that
    is not staged, or not of the declared columns and types, is a failure, not an exception.
    """
    tables: dict[int, pa.Table] = {}
    verdicts: dict[int, Verdict] = {}
    for year in years:
        try:
            tables[year] = _staged(settings, year, mart)
        except rows.StagedError as error:
            verdicts[year] = Verdict(year, mart, False, (str(error),), {"rows": 0, "expectations": 0, "kept": 0}, ())
    together = judge(pa.concat_tables(tables.values()).unify_dictionaries(), 0, mart) if len(tables) > 1 else None
    for year, table in tables.items():
        if together is not None and together.passed:
            verdicts[year] = replace(together, year=year, statistics={**together.statistics, "rows": len(table)})
        else:
            verdicts[year] = judge(table, year, mart)
    for verdict in verdicts.values():
        _keep(settings, verdict)
    return verdicts


def _staged(settings: Settings, year: int, mart: str) -> pa.Table:
    path = rows.staged(settings, year, mart)
    if not path.exists():
        raise rows.StagedError(f"Таблица не подготовлена: {path}")
    return rows.read(path, MARTS[mart])


def judge(table: pa.Table, year: int, mart: str) -> Verdict:
    """Judge rows in memory, of the declared columns and types."""
    expected = suite(mart)
    outcomes: dict[Expected, dict[str, Any]] = {}
    if len(table):
        judged, stacked = evidence.columns(table, mart), evidence.stacks(expected)
        of_stacks = [replace(members[0], column=name) for name, members in stacked.items()]
        stack_outcomes = _validate(evidence.few(judged, stacked), of_stacks)
        suspects = [e for e in expected if e.kind == "unique"]
        suspects += [e for stack in of_stacks if not stack_outcomes[stack]["passed"] for e in stacked[stack.column]]
        for column in dict.fromkeys(e.column for e in suspects):
            frame = pd.DataFrame({column: evidence.whole(judged[column])})
            outcomes |= _validate(frame, [e for e in suspects if e.column == column])
    results = tuple(_result(e, outcomes.get(e, {"passed": True})) for e in expected)
    failures = tuple(result["failure"] for result in results if not result["passed"])
    statistics = {"rows": len(table), "expectations": len(results), "kept": len(results) - len(failures)}
    failures += _people(table, mart)
    return Verdict(year, mart, not failures, failures, statistics, results)


def _people(table: pa.Table, mart: str) -> tuple[str, ...]:
    """What of people stands in the texts of a mart: a sentence per column, without the words themselves."""
    texts = [name for name in table.column_names if pa.types.is_dictionary(table.schema.field(name).type)]
    by_column = {name: personal.counted(pc.unique(table[name]).to_pylist()) for name in texts}
    return tuple(
        f"{mart}.{name}: похоже на личные данные ({kind}), разных значений: {count}"
        for name, counts in by_column.items()
        for kind, count in counts.items()
    )


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


def load() -> None:
    """Load Great Expectations ahead of the first judgement."""
    _frames()


@cache
def _frames() -> Any:
    """Great Expectations' name for «a frame in memory», made once: no files, no progress bars."""
    import great_expectations as gx

    logging.captureWarnings(False)  # the import turns Python's warnings into log records
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]  # it does take a plain dict
    asset = context.data_sources.add_pandas("staged").add_dataframe_asset("mart")
    return asset.add_batch_definition_whole_dataframe("whole")


def _result(expected: Expected, outcome: dict[str, Any]) -> dict[str, Any]:
    """An outcome as it is kept and shown."""
    result = {"column": expected.column, "kind": expected.kind, "says": expected.says, "passed": outcome["passed"]}
    if outcome["passed"]:
        return result
    count, whole = outcome.get("unexpected_count"), outcome.get("element_count")
    if count is None:
        return {**result, "failure": f"{expected.says}. Проверить не удалось"}
    percent = f"{100 * count / whole:.2g}".replace(".", ",") if whole else "100"
    failure = f"{expected.says}. Нарушено в {count} из {whole} {expected.of} ({percent}\u00a0%)"
    examples = [] if expected.kind == "not_null" else list(dict.fromkeys(outcome.get("partial_unexpected_list") or []))
    if examples and expected.shown:
        failure += f", например: {', '.join(f'{e:g}' if isinstance(e, float) else str(e) for e in examples[:EXAMPLES])}"
    return {**result, "failure": failure, "unexpected": count, "of": whole}


def kept(settings: Settings, year: int, mart: str) -> Path:
    """Where the verdict on a staged mart of a year stands."""
    return settings.quality / f"year={year}" / f"{mart}.json"


def judged_digest(settings: Settings, year: int, mart: str) -> str | None:
    """SHA-256 of the staged rows as they were judged; None where they have not been judged."""
    try:
        verdict: dict[str, Any] = json.loads(kept(settings, year, mart).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return verdict.get("digest")


def _keep(settings: Settings, verdict: Verdict) -> Path:
    path = kept(settings, verdict.year, verdict.mart)
    path.parent.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    document = {**asdict(verdict), "title": title_of(MARTS[verdict.mart]), "checked_at": now}
    if (judged := rows.staged(settings, verdict.year, verdict.mart)).exists():
        document["digest"] = digest(judged)  # what is published must be what was judged
    partial = path.with_suffix(".tmp")
    partial.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    partial.replace(path)
    return path
