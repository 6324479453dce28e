"""The made-up region: named as people name files, in the layouts of its years, and every planted fault is where it is
said to be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import fastexcel
import pytest

from msoko_pipeline.sample.draft import HEADS
from msoko_pipeline.sample.file_names import PATTERNS, file_names
from msoko_pipeline.sample.region import WORKBOOKS, YEARS, Region, write_region
from msoko_pipeline.sample.region_dirt import FAULTS, REFUSED, Plant
from msoko_pipeline.sample.works import works_of
from tests.command import msoko_here

ROWS, BOOKS, SEED = 24_000, 16, 1
SHEETS = {2020: "Sheet1", 2021: "Sheet", 2022: "Протокол"}

Line = Mapping[str, str]


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Region:
    return write_region(tmp_path_factory.mktemp("region"), workbooks=BOOKS, rows=ROWS, seed=SEED)


@pytest.fixture(scope="module")
def sheets(region: Region) -> dict[str, list[list[str]]]:
    return {name: table(region.directory / name, SHEETS[work.year]) for name, work in region.works.items()}


def table(path: Path, sheet: str) -> list[list[str]]:
    """Every cell of the sheet as text, empty ones as ""."""
    batch = fastexcel.read_excel(path).load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_arrow()
    columns = [["" if cell is None else cell for cell in column.to_pylist()] for column in batch.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def column(rows: Sequence[Sequence[str]], name: str) -> int:
    """Number of the column that holds `name` of HEADS."""
    header = next(row for row in rows if set(row) & set(HEADS["login"]))
    return next(number for number, cell in enumerate(header) if cell in HEADS[name])


def participants(rows: list[list[str]]) -> list[list[str]]:
    login = column(rows, "login")
    return [row for row in rows if row[login][:3] in ("edu", "sch", "ksh")]


def test_the_whole_region_has_92_works_and_each_may_be_named_in_every_way() -> None:
    works = [work for year in YEARS for work in works_of(year)]
    names = list(file_names(works))
    assert len(works) == len(set(names)) == WORKBOOKS
    assert "Проведение работы по русскому языку, 4 класс. ВПР 2020" in names
    assert len({work.key for work in works}) > len(PATTERNS)  # every way is used


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    def written(name: str, seed: int) -> dict[str, str]:
        made = write_region(tmp_path / name, workbooks=3, rows=2000, seed=seed)
        return {file: sha256((made.directory / file).read_bytes()).hexdigest() for file in made.works}

    assert written("once", 7) == written("again", 7) != written("other", 8)


def test_another_number_of_workbooks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="workbooks must be 1…92, not 93"):
        write_region(tmp_path, workbooks=93)


def test_every_layout_is_there_and_the_rows_are_counted(region: Region, sheets: dict[str, list[list[str]]]) -> None:
    assert {work.year for work in region.works.values()} == set(YEARS)
    assert len(region.files) == len(region.works) == BOOKS
    assert sum(len(participants(rows)) for rows in sheets.values()) == region.rows
    assert 0.8 * ROWS < region.rows < 1.2 * ROWS
    groups = next(rows[-1][0] for name, rows in sheets.items() if region.works[name].year == 2020)
    assert 1000 <= len(groups) <= 3000


def test_halves_of_a_work_share_no_participant(region: Region, sheets: dict[str, list[list[str]]]) -> None:
    halves = [names for names in by_work(region).values() if len(names) == 2]
    assert len(halves) == BOOKS // 8
    repeated = {(p.file, p.row) for p in region.plants if p.fault == "duplicate"}
    for names in halves:
        seen: list[tuple[str, str]] = []
        for name in names:
            rows = sheets[name]
            login, code = column(rows, "login"), column(rows, "code")
            whole = [row for number, row in enumerate(rows, 1) if (name, number) not in repeated]
            seen += [(row[login][3:9], row[code]) for row in participants(whole) if row[code]]
        assert len(seen) == len(set(seen))


def by_work(region: Region) -> dict[tuple[int, str, int], list[str]]:
    works: dict[tuple[int, str, int], list[str]] = {}
    for name, work in region.works.items():
        works.setdefault((work.year, *work.key), []).append(name)
    return works


def test_classes_and_logins_are_spelled_in_dozens_of_ways(sheets: dict[str, list[list[str]]]) -> None:
    classes: set[str] = set()
    prefixes: set[str] = set()
    for rows in sheets.values():
        place, login = column(rows, "class"), column(rows, "login")
        classes |= {row[place] for row in participants(rows)}
        prefixes |= {row[login][:3] for row in participants(rows)}
    assert len(classes) > 60
    assert prefixes == {"edu", "sch", "ksh"}


def test_every_fault_is_planted_and_few_are_refused(region: Region) -> None:
    counted = Counter(plant.fault for plant in region.plants)
    assert set(counted) == set(FAULTS)
    assert sum(plant.is_refused for plant in region.plants) <= 0.0006 * region.rows
    assert len(region.plants) == len({(plant.file, plant.row) for plant in region.plants})


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_where_it_is_said_to_be(fault: str, region: Region, sheets: dict[str, list[list[str]]]) -> None:
    plants = [plant for plant in region.plants if plant.fault == fault]
    assert plants
    assert all(shows(plant, region, sheets[plant.file]) for plant in plants)


def shows(plant: Plant, region: Region, rows: list[list[str]]) -> bool:
    """Whether the row is wrong in the way the plant says."""
    work, row = region.works[plant.file], rows[plant.row - 1]
    first = next(
        number
        for cells in rows
        for number, cell in enumerate(cells)
        if cell in (*HEADS["first task"], work.tasks[0].header)
    )
    cells = row[first : first + len(work.tasks)]
    scores = [int(cell) if cell.isdigit() else 0 for cell in cells]
    code, total = row[column(rows, "code")], row[column(rows, "total")]
    is_absent = row[column(rows, "variant")] == "отсутствовал"
    above = [score - task.max_score for score, task in zip(scores, work.tasks, strict=True)]
    of_school = [r[column(rows, "code")] for r in rows if r[column(rows, "login")] == row[column(rows, "login")]]
    return {
        "duplicate": lambda: of_school.count(code) == 2,
        "slipped": lambda: "" in cells and row[column(rows, "textbook")].isdigit() and sum(scores) != int(total),
        "absent_scored": lambda: is_absent and sum(scores) > 0,
        "no_scores": lambda: not is_absent and not any(cells) and not total,
        "no_code": lambda: not code and any(cells),
        "over_borrowed": lambda: max(above) == 1 and sum(scores) == int(total) and work.year == 2020,
        "over_confirmed": lambda: max(above) == 1 and sum(scores) == int(total) and work.year > 2020,
        "total_differs": lambda: int(total) == sum(scores) - 1 and max(above) <= 0,
        "remark": lambda: len(row[-1].split()) > 1 and sum(scores) == int(total or 0),
        "totals": lambda: row[column(rows, "login")] == "Итого" and sum(map(bool, row)) == 1,
    }[fault_of(plant)]()


def fault_of(plant: Plant) -> str:
    assert plant.is_refused == (plant.fault in REFUSED)
    return plant.fault


def test_the_command_says_what_it_planted(tmp_path: Path) -> None:
    done = msoko_here("sample", tmp_path / "region", "--region", "--workbooks", "3", "--rows", "2000")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "region").rglob("*.xlsx"))) == 3
    assert "Записано книг: 3" in done.stdout
    assert "отмечено «отсутствовал», но есть баллы" in done.stdout
