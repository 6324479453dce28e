"""What the UI shows of a table: columns with Russian titles, row counts, a small preview without personal data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pandera.pandas as pa

from msoko_pipeline.home.ledger import GONE, Entry
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


def preview(paths: Sequence[Path], model: type[pa.DataFrameModel]) -> dg.MarkdownMetadataValue:
    """The first rows of the last table, columns of a person left out."""
    import pyarrow.parquet as pq

    shown = [column.name for column in columns_of(model) if column.name not in personal(model)]
    existing = [path for path in paths if path.exists()]
    if not existing:
        return dg.MetadataValue.md("нет строк")
    batch = next(pq.ParquetFile(existing[-1]).iter_batches(PREVIEW, columns=shown), None)
    return dg.MetadataValue.md(table([shown, *zip(*batch.to_pydict().values(), strict=True)]) if batch else "нет строк")


def files(entries: Sequence[Entry]) -> dict[str, Any]:
    """Counts over the files whose rows hold, how many others there are, and all of them as a small table."""
    header = ("файл", "раскладка", "год", "предмет", "класс", "состояние", "прочитано", "принято", "карантин")
    shown = [
        (
            entry.name, entry.layout, entry.year, entry.subject, entry.grade, entry.status, entry.rows_read,
            entry.rows_accepted, entry.rows_quarantined,
        )
        for entry in entries[:50]
    ]  # fmt: skip
    counted = [entry for entry in entries if entry.status not in GONE]
    return {
        "files": len(counted),
        **{f"files_{state}": sum(entry.status == state for entry in entries) for state in GONE},
        "rows_read": sum(entry.rows_read for entry in counted),
        "dagster/row_count": sum(entry.rows_accepted for entry in counted),
        "rows_quarantined": sum(entry.rows_quarantined for entry in counted),
        "preview": dg.MetadataValue.md(table([header, *shown]) if shown else "нет файлов"),
    }
