"""A made-up region as big as a real one: 92 workbooks, 1.3 million rows, in the regional exports of 2020–2022.

    python -m benchmarks.region DIR [--rows N] [--workbooks N] [--seed N]

Pupils answer by the sample's own model; only the writing differs: the sheets' XML is put together column by column,
because a workbook library would need an hour. Shared strings, numbers as numbers, every cell with its reference, as
in the real exports.
"""

from __future__ import annotations

import argparse
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from msoko_pipeline.sample.columns import Column
from msoko_pipeline.sample.exports import export
from msoko_pipeline.sample.population import writing_share
from msoko_pipeline.sample.pupils import Floats, Ints, parallel
from msoko_pipeline.sample.registers import manifest
from msoko_pipeline.sample.sitting import Sitting, sit
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import TOWN, Municipality, School, make_schools
from msoko_pipeline.sample.workbook import Cell
from msoko_pipeline.sample.works import Work, works_of, writers

YEARS = (2020, 2021, 2022)
MUNICIPALITIES, SCHOOLS_IN_EACH = 30, 21
SENIOR_SHARE = 0.3  # what a grade above the ninth has of a usual parallel
CHUNK_ROWS = 20_000
SHEETS_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE_NS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_NS = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def write_region(directory: Path, *, workbooks: int = 92, rows: int = 1_300_000, seed: int = 1) -> Path:
    """Writes `workbooks` exports with about `rows` rows together and `manifest.csv`; returns the directory.

    Fewer workbooks are taken evenly from the 92, so that every layout stays; each then holds more rows.
    """
    every = [work for year in YEARS for work in works_of(year)]
    if not 1 <= workbooks <= len(every):
        raise ValueError(f"workbooks must be 1…{len(every)}, not {workbooks}")
    works = [every[i] for i in np.linspace(0, len(every) - 1, workbooks).round().astype(int)]
    directory.mkdir(parents=True, exist_ok=True)
    schools = region_schools(seed)
    weights = np.array([_weight(work) for work in works])
    entries = []
    for work, size in zip(works, rows * weights / weights.sum(), strict=True):
        entries.append((f"{work.year} {work.title} {work.grade} класс.xlsx", work))
        write_workbook(directory / entries[-1][0], export(region_sitting(work, schools, size, seed), schools))
    (directory / "manifest.csv").write_bytes(manifest(entries))
    return directory


def region_schools(seed: int) -> list[School]:
    """630 schools of 30 municipalities, `reg19_m001`…; the sample's town is among them by name."""
    towns = [Municipality(f"reg19_m{n:03d}", f"{n}-й муниципальный район") for n in range(1, MUNICIPALITIES + 1)]
    towns = [TOWN if town.code == TOWN.code else town for town in towns]
    by_town = (make_schools(seed, SCHOOLS_IN_EACH, t, 1 + i * SCHOOLS_IN_EACH) for i, t in enumerate(towns))
    return list(chain.from_iterable(by_town))


def region_sitting(work: Work, schools: Sequence[School], size: float, seed: int) -> Sitting:
    """The work as written by about `size` pupils of the region."""
    usual: Floats = stream(seed, "usual").lognormal(3, 0.8, len(schools)) * writers(work, schools, seed)
    sizes: Ints = np.where(usual > 0, np.maximum(1, np.round(usual * size / usual.sum())), 0).astype(np.int64)
    return sit(work, parallel(schools, sizes, seed, work.year, work.pupil_grade), seed, "region")


def write_workbook(path: Path, sheets: Mapping[str, Sequence[Column]]) -> None:
    """A minimal valid .xlsx of coded columns; nothing in it depends on the clock."""
    strings: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for number, columns in enumerate(sheets.values(), 1):
            with book.open(f"xl/worksheets/sheet{number}.xml", "w") as sheet:
                for piece in _sheet_xml(columns, strings):
                    sheet.write(piece)
        for name, text in _parts(list(sheets), strings).items():
            with book.open(name, "w") as part:
                part.write((XML + text).encode())


def _sheet_xml(columns: Sequence[Column], strings: dict[str, int]) -> Iterator[bytes | memoryview]:
    letters = [_letter(i) for i in range(len(columns))]
    rows = len(columns[0].codes)
    heads = "".join(
        f'<c r="{letter}1{_value(column.header, strings)}' for letter, column in zip(letters, columns, strict=True)
    )
    yield (
        f'{XML}<worksheet xmlns="{SHEETS_NS}"><dimension ref="A1:{letters[-1]}{rows + 1}"/>'
        f'<sheetData><row r="1">{heads}</row>'
    ).encode()
    filled = [(letter, column) for letter, column in zip(letters, columns, strict=True) if not column.is_empty]
    cells = [pa.array([_value(value, strings) for value in column.values], pa.string()) for _, column in filled]
    for start in range(0, rows, CHUNK_ROWS):
        end = min(start + CHUNK_ROWS, rows)
        line = pa.array(np.arange(start + 2, end + 2)).cast(pa.string())
        parts: list[object] = ['<row r="', line, '">']
        for (letter, column), values in zip(filled, cells, strict=True):
            parts += [f'<c r="{letter}', line, values.take(pa.array(column.codes[start:end]))]
        yield _joined(pc.binary_join_element_wise(*parts, "</row>", ""))
    yield b"</sheetData></worksheet>"


def _joined(text: pa.StringArray) -> memoryview:
    """All strings of the array one after another, without a copy."""
    _, offsets, data = text.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[text.offset : text.offset + len(text) + 1]
    return memoryview(data)[int(ends[0]) : int(ends[-1])]


def _value(cell: Cell, strings: dict[str, int]) -> str:
    """The cell's XML after its row number: a shared string, a number, or nothing."""
    if cell is None:
        return '"/>'
    if isinstance(cell, str):
        return f'" t="s"><v>{strings.setdefault(cell, len(strings))}</v></c>'
    return f'"><v>{cell}</v></c>'


def _parts(sheets: Sequence[str], strings: Mapping[str, int]) -> dict[str, str]:
    numbers = range(1, len(sheets) + 1)
    kinds = {f"/xl/worksheets/sheet{n}.xml": "worksheet" for n in numbers}
    kinds |= {"/xl/workbook.xml": "sheet.main", "/xl/sharedStrings.xml": "sharedStrings"}
    overrides = "".join(f'<Override PartName="{p}" ContentType="{TYPES}.{kind}+xml"/>' for p, kind in kinds.items())
    tabs = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in zip(numbers, sheets, strict=True)
    )
    links = {f"worksheets/sheet{n}.xml": "worksheet" for n in numbers} | {"sharedStrings.xml": "sharedStrings"}
    return {
        "xl/sharedStrings.xml": f'<sst xmlns="{SHEETS_NS}" uniqueCount="{len(strings)}">'
        + "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
        + "</sst>",
        "xl/workbook.xml": f'<workbook xmlns="{SHEETS_NS}" xmlns:r="{OFFICE_NS}"><sheets>{tabs}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relationships(links),
        "_rels/.rels": _relationships({"xl/workbook.xml": "officeDocument"}),
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE_NS}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{overrides}</Types>",
    }


def _relationships(links: Mapping[str, str]) -> str:
    lines = (
        f'<Relationship Id="rId{n}" Type="{OFFICE_NS}/{kind}" Target="{target}"/>'
        for n, (target, kind) in enumerate(links.items(), 1)
    )
    return f'<Relationships xmlns="{PACKAGE_NS}/relationships">{"".join(lines)}</Relationships>'


def _weight(work: Work) -> float:
    """How many rows the work has against a work that everybody writes."""
    return SENIOR_SHARE if work.grade >= 10 else writing_share(work)


def _letter(column: int) -> str:
    """Excel's name of a column counted from 0, up to ZZ."""
    first, second = divmod(column, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--rows", type=int, default=1_300_000)
    parser.add_argument("--workbooks", type=int, default=92)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    began = time.perf_counter()
    made = write_region(arguments.directory, workbooks=arguments.workbooks, rows=arguments.rows, seed=arguments.seed)
    size = sum(path.stat().st_size for path in made.glob("*.xlsx"))
    print(f"{made}: {arguments.workbooks} workbooks, {size / 1e6:.0f} MB, {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
