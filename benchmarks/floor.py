"""The floor: merely reading the same bytes — workbooks by calamine as text in two processes, CSV by the csv module."""

from __future__ import annotations

import csv
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path


def rows_of(path: Path) -> int:
    """Number of rows in a file, every cell read."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", errors="replace", newline="") as stream:
            return sum(1 for _ in csv.reader(stream, delimiter=";"))
    import fastexcel

    book = fastexcel.read_excel(path)
    return sum(
        book.load_sheet(number, header_row=None, dtypes="string").to_arrow().num_rows
        for number in range(len(book.sheet_names))
    )


def main(folder: Path) -> int:
    files = [p for p in sorted(folder.rglob("*")) if p.suffix in {".csv", ".xlsx", ".xls", ".ods"}]
    with ProcessPoolExecutor(2) as pool:
        return sum(pool.map(_safe, files))


def _safe(path: Path) -> int:
    try:
        return rows_of(path)
    except Exception:  # the sample holds a damaged workbook
        return 0


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))
