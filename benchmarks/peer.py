"""The peer: how an analyst's script does it — pandas (openpyxl for workbooks), one table of marks per school and work.

It checks nothing, keeps nothing and publishes nothing; it knows the three regional export layouts and the 2021 scale.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pandas as pd

from schemas import catalogue

LOGIN = ["user", "логин школы", "Пользователь"]
TOTAL = ["sum", "всего баллов", "Итого баллов"]


def marks(path: Path) -> pd.DataFrame | None:
    """Counts of marks per school of one export."""
    work = re.search(r"(\d{4})_([A-Z]{2})(\d+)", path.name)
    if not work:
        return None
    if path.suffix == ".csv":
        frame = pd.read_csv(path, sep=";", dtype=str)
    else:
        frame = pd.read_excel(path, dtype=str, engine="openpyxl")
    login = next((name for name in LOGIN if name in frame), None)
    total = next((name for name in TOTAL if name in frame), None)
    scale = catalogue.scale(int(work[1]), int(work[3]), work[2])
    if login is None or total is None or scale is None:
        return None
    score = pd.to_numeric(frame[total], errors="coerce")
    variant = frame.filter(regex="(?i)^(var-|вариант)").eq("отсутствовал").any(axis=1)
    mark = 2 + sum((score >= scale[bound]).astype(int) for bound in ("min_3", "min_4", "min_5"))
    frame = frame.assign(mark=mark, org="edu" + frame[login].str[3:])[score.notna() & ~variant]
    return frame.pivot_table(index="org", columns="mark", values=login, aggfunc="count", fill_value=0)


def main(folder: Path) -> int:
    tables = [table for path in sorted(folder.rglob("*")) if path.is_file() and (table := marks(path)) is not None]
    return len(pd.concat(tables)) if tables else 0


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))
