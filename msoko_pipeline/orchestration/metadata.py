"""What the UI shows of a table: columns with Russian titles, row counts, a small preview without personal data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pandera.pandas as pa

from msoko_pipeline.home.ledger import GONE, Entry
from msoko_pipeline.privacy.allowed import personal
from schemas.fields import columns_of

PREVIEW = 5  # rows: an event is kept for each year of each run
FILES = 50  # of a preview


def table_schema(model: type[pa.DataFrameModel], sources: Mapping[str, Sequence[str]] | None = None) -> dg.TableSchema:
    """Columns of a model as Dagster's column metadata. sources: column → what it is counted of, in a few words."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                type=column.dtype.split("[")[0],
                description=column.title
                + (f", {column.unit}" if column.unit else "")
                + (f" ← {', '.join(of)}" if (of := (sources or {}).get(column.name)) else ""),
                constraints=dg.TableColumnConstraints(nullable=column.nullable, other=list(column.checks)),
                tags={"personal": "yes"} if column.name in personal(model) else None,
            )
            for column in columns_of(model)
        ]
    )


def table(header: Sequence[str], rows: Iterable[Sequence[Any]], nothing: str) -> dg.MetadataValue[Any]:
    """Rows as a table, which the UI shows at once; for Markdown it has a button. nothing: said where there are none."""
    records = [dg.TableRecord(dict(zip(header, map(_cell, row), strict=True))) for row in rows]
    if not records:
        return dg.MetadataValue.text(nothing)
    return dg.MetadataValue.table(records, dg.TableSchema([dg.TableColumn(name) for name in header]))


def _cell(value: Any) -> str | int | float | bool | None:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def rows(path: Path, model: type[pa.DataFrameModel]) -> dict[str, Any]:
    """How many rows a Parquet table has, and the first of them, columns of a person left out."""
    import pyarrow.parquet as pq

    shown = [column.name for column in columns_of(model) if column.name not in personal(model)]
    file = pq.ParquetFile(path)
    batch = next(file.iter_batches(PREVIEW, columns=shown), None)
    first = zip(*batch.to_pydict().values(), strict=True) if batch else ()
    return {"dagster/row_count": file.metadata.num_rows, "preview": table(shown, first, "нет строк")}


def received(entries: Sequence[Entry]) -> dict[str, Any]:
    """How many files came, and the first of them; their rows are not judged yet."""
    header = ("файл", "раскладка", "год", "предмет", "класс", "состояние")
    shown = [(entry.name, entry.layout, entry.year, entry.subject, entry.grade, entry.status) for entry in entries]
    return {"dagster/row_count": len(entries), "preview": table(header, shown[:FILES], "нет файлов")}


def judged(entries: Sequence[Entry]) -> dict[str, Any]:
    """Counts over whole files that are taken in, whatever years their rows are of, how many others there are, and the
    files themselves as a small table.
    """
    header = ("файл", "раскладка", "год", "предмет", "класс", "состояние", "прочитано", "принято", "карантин")
    shown = [
        (
            entry.name, entry.layout, entry.year, entry.subject, entry.grade, entry.status, entry.rows_read,
            entry.rows_accepted, entry.rows_quarantined,
        )
        for entry in entries[:FILES]
    ]  # fmt: skip
    counted = [entry for entry in entries if entry.status not in GONE]
    return {
        "files": len(counted),
        **{f"files_{state}": sum(entry.status == state for entry in entries) for state in GONE},
        "rows_read": sum(entry.rows_read for entry in counted),
        "rows_accepted": sum(entry.rows_accepted for entry in counted),
        "rows_quarantined": sum(entry.rows_quarantined for entry in counted),
        "preview": table(header, shown, "нет файлов"),
    }
