"""What the made-up town says on each row of the roadmap: `docs/measurements/town.csv`, which the page of it shows.

A test runs the same town and holds the file fresh; this writes it anew: `python scripts/town_figures.py`.
"""

from __future__ import annotations

import csv
import io
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from msoko_pipeline.handbook.roadmap import tables_of
from msoko_pipeline.sample import write_sample
from schemas import catalogue
from schemas.indicators import indicators

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "docs" / "measurements" / "town.csv"
YEAR, SCHOOLS, YEARS, SEED = 2026, 12, 3, 2026
VALUE = """select value, subject, grade from mart_indicator_value
    where indicator_id = ? and year = ? and level = 'municipality'
    order by subject <> 'ALL', subject <> 'RU', grade <> 0, grade, procedure limit 1"""


def figures(warehouse: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    """item, what, value in words: the town's indicators of each row, else how many rows its tables have in the year."""
    declared = indicators()
    for item, row in catalogue.roadmap_items().items():
        own = [name for name, each in declared.items() if each["item"] == item]
        values = [line for name in own for line in _value(warehouse, name, declared[name])]
        counts = _counts(warehouse, item) if row["kind"] != "register" else ()
        for title, value in values or counts:
            yield item, title, value


def _value(warehouse: sqlite3.Connection, name: str, declared: dict[str, str]) -> Iterator[tuple[str, str]]:
    row = warehouse.execute(VALUE, (name, YEAR)).fetchone()
    if row is None:
        return
    value, subject, grade = row
    title = declared["title"]
    if subject != "ALL":
        title += f" ({subject}, {grade} класс)" if grade else f" ({subject})"
    yield title, f"{value:.1f} {declared['unit']}".replace(".", ",", 1)


def _counts(warehouse: sqlite3.Connection, item: str) -> Iterator[tuple[str, str]]:
    for table in tables_of(item):
        (rows,) = warehouse.execute(f"select count(*) from mart_{table} where year = ?", (YEAR,)).fetchone()
        yield f"строк в `{table}`", str(rows)


def text(warehouse: sqlite3.Connection) -> str:
    """The file's text."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(("item", "what", "value"))
    writer.writerows(figures(warehouse))
    return lines.getvalue()


def read() -> dict[str, list[tuple[str, str]]]:
    """Item → what and value, as the file has them."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in csv.DictReader(FILE.read_text(encoding="utf-8").splitlines()):
        found.setdefault(row["item"], []).append((row["what"], row["value"]))
    return found


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="msoko-town-") as folder:
        inbox, home = Path(folder) / "inbox", Path(folder) / "home"
        write_sample(inbox, schools=SCHOOLS, years=YEARS, seed=SEED)
        program = [sys.executable, "-m", "msoko_pipeline", "run", "--inbox", str(inbox), "--home", str(home)]
        subprocess.run(program, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
        warehouse = sqlite3.connect(home / "warehouse.sqlite")
        FILE.write_text(text(warehouse), encoding="utf-8")
        warehouse.close()
    print(FILE.relative_to(ROOT))


if __name__ == "__main__":
    main()
