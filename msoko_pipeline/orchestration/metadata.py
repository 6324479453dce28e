"""What the UI shows of a table: columns with Russian titles, row counts, a small preview without personal data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pandera.pandas as pa

from msoko_pipeline.home.ledger import Entry
from msoko_pipeline.privacy.allowed import personal
from msoko_pipeline.reporting.markdown import table
from schemas.fields import columns_of

PREVIEW = 8  # rows


def table_schema(model: type[pa.DataFrameModel]) -> dg.TableSchema:
    """Columns of a model as Dagster's column metadata."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                type=column.dtype.split("[")[0],
                description=column.title + (f", {column.unit}" if column.unit else ""),
                constraints=dg.TableColumnConstraints(nullable=column.nullable, other=list(column.checks)),
                tags={"personal": "yes"} if column.name in personal(model) else None,
            )
            for column in columns_of(model)
        ]
    )


def rows(path: Path, model: type[pa.DataFrameModel]) -> dict[str, Any]:
    """How many rows a Parquet table has, and the first of them, columns of a person left out."""
    import pyarrow.parquet as pq

    shown = [column.name for column in columns_of(model) if column.name not in personal(model)]
    file = pq.ParquetFile(path)
    batch = next(file.iter_batches(PREVIEW, columns=shown), None)
    preview = table([shown, *zip(*batch.to_pydict().values(), strict=True)]) if batch else "нет строк"
    return {"dagster/row_count": file.metadata.num_rows, "preview": dg.MetadataValue.md(preview)}


def files(entries: Sequence[Entry]) -> dict[str, Any]:
    """Counts over whole files, whatever years their rows are of, and the files themselves as a small table."""
    header = ("файл", "раскладка", "год", "предмет", "класс", "состояние", "прочитано", "принято", "карантин")
    shown = [
        (
            entry.name, entry.layout, entry.year, entry.subject, entry.grade, entry.status, entry.rows_read,
            entry.rows_accepted, entry.rows_quarantined,
        )
        for entry in entries[:50]
    ]  # fmt: skip
    return {
        "files": len(entries),
        "rows_read": sum(entry.rows_read for entry in entries),
        "rows_accepted": sum(entry.rows_accepted for entry in entries),
        "rows_quarantined": sum(entry.rows_quarantined for entry in entries),
        "preview": dg.MetadataValue.md(table([header, *shown]) if shown else "нет файлов"),
    }
