"""Publication: the staged years into the warehouse in one transaction, with the operational tables and its record.

Light at the top: whoever only asks for `last_inputs` does not wait for pandas and Arrow. The work is in `transaction`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msoko_pipeline.publishing.record import Publication, last_inputs, last_publication
from msoko_pipeline.settings import Settings

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Progress", "Publication", "last_inputs", "last_publication", "publish"]

Progress = Callable[[str, int, int], None]
"""Called with a step's name, how many tables are done, how many there are."""


def publish(
    settings: Settings,
    years: Sequence[int],
    *,
    files: pa.Table | pd.DataFrame,
    issues: Iterable[Path],
    quarantine: Iterable[Path],
    replacement: pa.Table | pd.DataFrame | None = None,
    inputs: Mapping[int, str],
    rule_version: str,
    progress: Progress | None = None,
) -> Publication:
    """Replace the given years in all published tables, and the operational tables, in one transaction.

    years: may be none (then only the operational tables change); every mart of each year must be staged, empty ones
    too. files: rows of ops.file, the whole register. issues, quarantine: Parquet files with rows of ops.issue and
    ops.quarantine about files in the register; they replace all rows about those files, and so do the rows of
    ops.replacement. inputs: year → hash of what
    the year follows from (a year left out will count as not published). progress: see Progress.

    Readers see the publication before or this one, never a mixture. Raises WarehouseError when the database cannot be
    used, StagedError when rows are not as declared, and whatever the database says against the rows; in each case
    nothing has changed.
    """
    from msoko_pipeline.publishing import transaction

    return transaction.run(
        settings,
        tuple(sorted(set(years))),
        files=files,
        parquet_files={"issue": list(issues), "quarantine": list(quarantine)},
        replacement=replacement,
        inputs=inputs,
        rule_version=rule_version,
        progress=progress or (lambda step, done, total: None),
    )
