"""The made-up municipality: the same seed gives the same bytes, its files agree with one another, its dirt is there."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import fastexcel
import numpy as np
import pytest

from msoko_pipeline.sample import dirt, olympiad_files, risk_files, write_sample
from msoko_pipeline.sample.coded_columns import decoded
from msoko_pipeline.sample.dirt import FIRST_TASK, PLANTED
from msoko_pipeline.sample.exports import export
from msoko_pipeline.sample.frames import INDIVIDUAL
from msoko_pipeline.sample.inbox import sample_files
from msoko_pipeline.sample.pupil_names import by_school
from msoko_pipeline.sample.pupils import parallel, parallel_sizes
from msoko_pipeline.sample.reports import (
    DISTRIBUTION_TITLE,
    JOURNAL_TITLE,
    MARKS_TITLE,
    PLANNED_TITLE,
    TASK_GROUPS_TITLE,
    TASKS_TITLE,
)
from msoko_pipeline.sample.sitting import town_sittings
from msoko_pipeline.sample.town import TOWN, make_schools
from msoko_pipeline.sample.works import Work, works_of

SEED, SCHOOLS = 2026, 3
NOT_TRIED = ("X", "x", "Х")
CLEAN = ("RU", 4)
WORKS = {work.procedure: work for work in works_of(2026)}

Cells = list[list[str | None]]


@dataclass(frozen=True)
class Inbox:
    """Files of the smallest sample by path, Ф1 and reports by work and title."""

    files: dict[str, bytes]
    individual: dict[tuple[str, int], Cells]
    reports: dict[tuple[tuple[str, int], str], Cells]

    def found(self, *words: str) -> bytes:
        (path,) = [path for path in self.files if all(word in path for word in words)]
        return self.files[path]


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    directory = tmp_path_factory.mktemp("inbox")
    written = write_sample(directory, schools=SCHOOLS, years=1, seed=SEED)
    assert len(written) == len(set(written)) == sum(path.is_file() for path in directory.rglob("*"))
    files = {path.relative_to(directory).as_posix(): path.read_bytes() for path in written}
    individual = {
        WORKS[str(rows[2][0])].key: rows
        for path, content in files.items()
        if path.startswith("ВПР 2026/") and path.endswith(".xlsx")
        for rows in [sheet(content)]
    }
    reports = {}
    for path, content in files.items():
        if path.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                for name in packed.namelist():
                    rows = sheet(packed.read(name))
                    reports[WORKS[str(rows[2][0])].key, str(rows[0][0])] = rows
    return Inbox(files, individual, reports)


def sheet(content: bytes, name: str | int = 0) -> Cells:
    """Every cell as text, empty ones as None."""
    batch = fastexcel.read_excel(content).load_sheet(name, header_row=None, dtypes="string").to_arrow()
    return [list(row) for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)]


def work_of(key: tuple[str, int]) -> Work:
    return next(work for work in WORKS.values() if work.key == key)


@dataclass(frozen=True)
class Pupil:
    """A row of Ф1 as it stands in the file."""

    row: Sequence[str | None]
    tasks: int

    @property
    def cells(self) -> list[str]:
        return [str(cell) for cell in self.row[FIRST_TASK : FIRST_TASK + self.tasks]]

    @property
    def scores(self) -> list[int]:
        return [int(cell) if cell.isdigit() else 0 for cell in self.cells]

    @property
    def total(self) -> int:
        return int(str(self.row[FIRST_TASK + self.tasks]))

    @property
    def mark(self) -> int:
        return int(str(self.row[FIRST_TASK + self.tasks + 1]))

    @property
    def journal(self) -> int | None:
        text = str(self.row[FIRST_TASK + self.tasks + 2])
        return int(text) if text.isdigit() else None


def pupils_of(rows: Cells, work: Work) -> list[Pupil]:
    return [Pupil(row, len(work.tasks)) for row in rows[8:] if str(row[3]).isdigit()]


def mark_by_scale(total: int, work: Work) -> int:
    return 2 + sum(total >= bound for bound in work.bounds)


def number(cell: str | None) -> float | None:
    return None if cell is None else float(cell.replace(",", "."))


def pct(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def close(cells: Sequence[str | None], expected: Sequence[float | None]) -> bool:
    numbers = [number(cell) for cell in cells]
    return len(numbers) == len(expected) and all(
        a == b if a is None or b is None else abs(a - b) < 0.006 for a, b in zip(numbers, expected, strict=True)
    )


# The same seed, the same bytes


def test_same_seed_gives_the_same_bytes(inbox: Inbox) -> None:
    assert dict(sample_files(SCHOOLS, 1, SEED)) == inbox.files
    other = dict(islice(sample_files(SCHOOLS, 1, SEED + 1), 12))
    results = [path for path in other if path.startswith("ВПР")]
    assert results
    assert not [path for path in results if inbox.files.get(path) == other[path]]


@pytest.mark.parametrize("wrong", [{"schools": 2}, {"years": 0}, {"years": 8}, {"seed": -1}])
def test_impossible_samples_are_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="needed"):
        write_sample(tmp_path, **wrong)
    assert not list(tmp_path.iterdir())


# Files agree with one another


def test_individual_frame_is_the_real_one(inbox: Inbox) -> None:
    rows = inbox.individual[CLEAN]
    assert [row[0] for row in rows[:6]] == [
        INDIVIDUAL,
        None,
        "ВПР 2026 Русский язык 4 класс",
        "Предмет:",
        "Максимальный первичный балл:",
        "Дата:",
    ]
    assert [row[1] for row in rows[3:6]] == ["Русский язык", "24", "20.04.2026"]
    assert rows[6][2] == "Уровень сложности задания"
    assert "".join(map(str, rows[6][6:21])) == "ББББББББППППБББ"
    assert rows[7][6:9] == ["1 (2б)", "2 (1б)", "3 (2б)"]
    assert rows[7][14:18] == ["9.1 (1б)", "9.2 (2б)", "10.1 (1б)", "10.2 (2б)"]
    assert rows[7][21:] == ["Первичный балл", "Отметка", "Отметка по журналу"]
    banner = str(rows[8][0])
    assert banner == f"МБОУ «СОШ № 1»(edu190001) | Кол-во участников: {len(rows) - 9}"
    assert rows[9][:4] == ["edu190001", "город Черногорск", "МБОУ «СОШ № 1»(edu190001)", "40001"]


def test_totals_are_sums_and_marks_follow_the_scale(inbox: Inbox) -> None:
    clean = [key for key in inbox.individual if key not in PLANTED]
    assert len(clean) > 8
    for key in clean:
        work = work_of(key)
        for pupil in pupils_of(inbox.individual[key], work):
            assert sum(pupil.scores) == pupil.total
            assert mark_by_scale(pupil.total, work) == pupil.mark
            assert all(score <= task.max_score for score, task in zip(pupil.scores, work.tasks, strict=True))


def test_reports_agree_with_individual_rows(inbox: Inbox) -> None:
    clean = [key for key in inbox.individual if key not in PLANTED]
    for key in clean:
        work = work_of(key)
        everybody = pupils_of(inbox.individual[key], work)
        logins = sorted({str(pupil.row[0]) for pupil in everybody})
        units = {f"({login})": [p for p in everybody if p.row[0] == login] for login in logins}
        for code, pupils in {f"({TOWN.code})": everybody, **units}.items():
            check_unit(inbox, work, code, pupils)


def test_a_report_that_disagrees_is_noticed(inbox: Inbox) -> None:
    work = work_of(CLEAN)
    everybody = pupils_of(inbox.individual[CLEAN], work)
    check_unit(inbox, work, f"({TOWN.code})", everybody)
    with pytest.raises(AssertionError):
        check_unit(inbox, work, f"({TOWN.code})", everybody[1:])


def check_unit(inbox: Inbox, work: Work, code: str, pupils: list[Pupil]) -> None:
    def row(title: str, offset: int = 0) -> list[str | None]:
        rows = inbox.reports[work.key, title]
        place = next(i for i, cells in enumerate(rows[8:], 8) if str(cells[0]).endswith(code))
        return rows[place + offset]

    maxima = [task.max_score for task in work.tasks]
    marks = Counter(pupil.mark for pupil in pupils)
    scores = Counter(pupil.total for pupil in pupils)
    sums = [sum(column) for column in zip(*(pupil.scores for pupil in pupils), strict=True)]
    completion = [pct(s, len(pupils) * m) for s, m in zip(sums, maxima, strict=True)]
    assert row(MARKS_TITLE)[2] == row(TASKS_TITLE)[2] == str(len(pupils))
    assert close(row(MARKS_TITLE)[3:], [pct(marks[mark], len(pupils)) for mark in (2, 3, 4, 5)])
    spread = [pct(scores[score], len(pupils)) for score in range(work.max_primary + 1)]
    assert close(row(DISTRIBUTION_TITLE)[3:], spread)
    assert close(row(TASKS_TITLE)[3:], completion)
    if code == f"({TOWN.code})":
        assert close([cells[4] for cells in inbox.reports[work.key, PLANNED_TITLE][9:]], completion)
    for offset, mark in enumerate((2, 3, 4, 5), 1):
        group = [pupil for pupil in pupils if pupil.mark == mark]
        shares = [pct(sum(p.scores[i] for p in group), len(group) * m) for i, m in enumerate(maxima)]
        assert close(row(TASK_GROUPS_TITLE, offset)[1:], [len(group), *shares])
    gaps = Counter((p.mark > p.journal) - (p.mark < p.journal) for p in pupils if p.journal)
    whole = gaps.total()
    if inbox.reports[work.key, JOURNAL_TITLE][7][2] == "%":
        expected = [(gaps[gap], pct(gaps[gap], whole)) for gap in (-1, 0, 1)] + [(whole, 100.0)]
        assert all(close(row(JOURNAL_TITLE, i)[1:], pair) for i, pair in enumerate(expected, 1))
    else:
        pairs = [cell for gap in (-1, 0, 1) for cell in (pct(gaps[gap], whole), gaps[gap])]
        assert close(row(JOURNAL_TITLE)[1:], [whole, *pairs])


def test_region_scores_are_those_of_the_distribution_report(inbox: Inbox) -> None:
    lines = list(csv.DictReader(io.StringIO(inbox.found("region_score").decode()), delimiter=";"))
    chosen = [line for line in lines if (line["subject"], line["work_grade"]) == ("RU", "4")]
    region = {int(line["primary_score"]): int(line["participants"]) for line in chosen}
    printed = inbox.reports[CLEAN, DISTRIBUTION_TITLE][9]
    assert printed[0] == "Республика Хакасия"
    assert printed[2] == str(sum(region.values()))
    assert close(printed[3:], [pct(region.get(score, 0), sum(region.values())) for score in range(25)])


def test_a_form_is_the_only_source_of_its_school(inbox: Inbox) -> None:
    listed = {str(row[0]) for row in inbox.individual[CLEAN]}
    rows = sheet(inbox.found("edu190002", "Русский язык"), "Протокол")
    assert not {"edu190002", "edu190003"} & listed
    header, tasks = rows[0], len(work_of(CLEAN).tasks)
    assert header[:3] == ["Код участника", "Вариант", "1 (2б)"]
    assert header[tasks + 2 : tasks + 5] == [
        "Порядковый номер класса",
        "Отметка за предыдущий триместр/ четверть/полугодие",
        "Итого баллов",
    ]
    written = [row for row in rows[1:] if row[0]]
    absent = [row for row in written if row[1] == "отсутствовал"]
    assert len(rows) == 1499
    assert {row[tasks + 4] for row in rows[1 + len(written) :]} == {"0"}
    assert 0 < len(absent) < len(written) / 4
    assert {cell for row in absent for cell in row[2 : tasks + 4]} == {None}
    assert all(
        sum(int(cell) for cell in row[2 : tasks + 2] if cell and cell.isdigit()) == int(str(row[tasks + 4]))
        for row in written
        if row not in absent
    )


# Every planted dirt is there, and its detector is silent on a clean file


def other_spellings(rows: Cells, work: Work) -> int:
    return sum(cell in NOT_TRIED[1:] for pupil in pupils_of(rows, work) for cell in pupil.cells)


def above_maximum(rows: Cells, work: Work) -> int:
    return sum(
        any(score > task.max_score for score, task in zip(pupil.scores, work.tasks, strict=True))
        for pupil in pupils_of(rows, work)
    )


def unequal_totals(rows: Cells, work: Work) -> int:
    return sum(sum(pupil.scores) != pupil.total for pupil in pupils_of(rows, work))


def text_scores(rows: Cells, work: Work) -> int:
    cells = [cell for pupil in pupils_of(rows, work) for cell in pupil.cells]
    return sum(not cell.isdigit() and cell not in NOT_TRIED for cell in cells)


def totals_rows(rows: Cells, work: Work) -> int:
    return sum(row[0] == "Итого" for row in rows)


def class_labels(rows: Cells, work: Work) -> int:
    return len({str(p.row[4]) for p in pupils_of(rows, work) if not str(p.row[4]).isdigit()})


def foreign_logins(prefix: str) -> Callable[[Cells, Work], int]:
    return lambda rows, work: len({p.row[0] for p in pupils_of(rows, work) if str(p.row[0]).startswith(prefix)})


@pytest.mark.parametrize(
    ("key", "detect", "planted"),
    [
        (("RU", 5), other_spellings, 12),
        (("MA", 5), above_maximum, 10),
        (("MA", 6), unequal_totals, 3),
        (("RU", 6), text_scores, 2),
        (("RU", 7), totals_rows, 1),
        (("MA", 7), class_labels, 3),
        (("MA", 8), foreign_logins("sch"), 1),
        (("RU", 8), foreign_logins("ksh"), 1),
    ],
)
def test_individual_dirt(
    inbox: Inbox, key: tuple[str, int], detect: Callable[[Cells, Work], int], planted: int
) -> None:
    assert detect(inbox.individual[key], work_of(key)) == planted
    assert detect(inbox.individual[CLEAN], work_of(CLEAN)) == 0


def test_dirt_is_a_small_part(inbox: Inbox) -> None:
    rows = sum(len(pupils_of(cells, work_of(key))) for key, cells in inbox.individual.items())
    bad = sum(
        detect(cells, work_of(key))
        for key, cells in inbox.individual.items()
        for detect in (above_maximum, text_scores, totals_rows)
    )
    assert set(PLANTED) <= set(inbox.individual)
    assert 0 < bad < rows / 100


def test_one_file_came_twice(inbox: Inbox) -> None:
    copies = [content for content, times in Counter(inbox.files.values()).items() if times > 1]
    assert [sheet(content)[2][0] for content in copies] == ["ВПР 2026 Математика 4 класс"]


def test_one_report_is_a_windows_1251_csv(inbox: Inbox) -> None:
    tables = {path: content for path, content in inbox.files.items()
              if path.endswith(".csv") and not path.startswith("ВсОШ/")}  # fmt: skip
    foreign = [content for content in tables.values() if not is_utf8(content)]
    assert len(tables) > len(foreign) == 1
    rows = list(csv.reader(io.StringIO(foreign[0].decode("cp1251")), delimiter=";"))
    report = inbox.reports[CLEAN, MARKS_TITLE]
    assert rows[0][0] == MARKS_TITLE
    assert [row[0] for row in rows] == [cells[0] or "" for cells in report]
    for row, cells in zip(rows[8:], report[8:], strict=True):
        assert close(row[3:], [number(cell) for cell in cells[3:]])


def is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_one_form_is_empty(inbox: Inbox) -> None:
    forms = {path: sheet(content, "Протокол") for path, content in inbox.files.items() if "Форма сбора" in path}
    empty = [path for path, rows in forms.items() if not any(row[0] for row in rows[1:])]
    assert len(forms) == 5
    assert empty == ["Формы сбора/2026/edu190001/Форма сбора результатов Математика 8 класс ВПР 2026.xlsx"]


def test_one_workbook_is_none_of_ours_and_one_is_damaged(inbox: Inbox) -> None:
    strays = {path.split("/")[1]: content for path, content in inbox.files.items() if path.startswith("Прочее/")}
    assert "График дежурств на июнь" in sheet(strays[dirt.DUTY_ROSTER])[0]
    workbooks = {name: content for name, content in strays.items() if name.endswith(".xlsx")}
    broken = [name for name, content in workbooks.items() if not zipfile.is_zipfile(io.BytesIO(content))]
    assert len(workbooks) > len(broken)
    assert broken == ["РУ 5 отчёт.xlsx"]
    with pytest.raises(fastexcel.FastExcelError):
        sheet(strays[broken[0]])


# The exports before 2024


@pytest.mark.parametrize(
    ("year", "sheets", "first", "last", "code"),
    [
        (2020, ["Sheet1"], "groups", "a-40-grade", ("code", 50001)),
        (2021, ["Sheet"], "логин школы", "Др.уч. название", ("код обучающегося", 40001)),
        (2022, ["Классы", "Протокол"], "Пользователь", "Итого баллов", ("Код", 50001)),
        (2023, ["Классы", "Протокол"], "Пользователь", "Итого баллов", ("Код", 40001)),
    ],
)
def test_exports_keep_the_layout_of_their_year(
    year: int, sheets: list[str], first: str, last: str, code: tuple[str, int]
) -> None:
    town = make_schools(SEED, SCHOOLS)
    sitting = next(s for s in town_sittings(town, year, SEED) if s.work.key == ("MA", 4))
    columns = export(sitting, town)
    header, *rows = decoded(columns[sheets[-1]])
    assert list(columns) == sheets
    assert (header[0], header[-1]) == (first, last)
    assert rows[0][list(header).index(code[0])] == code[1]
    tasks = [list(header).index(head) for head in heads_of_tasks(year, sitting.work)]
    printed = [[row[i] for i in tasks] for row in rows]
    expected = [[f"{score}" if score >= 0 else "X" for score in scores] for scores in sitting.scores.tolist()]
    for cells, scores, absent in zip(printed, expected, sitting.absent.tolist(), strict=True):
        written = ["X" if cell in NOT_TRIED else str(cell) for cell in cells]
        assert written == ["None"] * len(tasks) if absent else written == scores


def heads_of_tasks(year: int, work: Work) -> list[str]:
    numbers = range(1, len(work.tasks) + 1)
    plain = {2020: [f"a-{n}-grade" for n in numbers], 2021: [f"балл за {n}" for n in numbers]}
    return plain.get(year, [task.header for task in work.tasks])


def test_the_eleventh_grade_is_some_of_the_ninth_of_two_years_before() -> None:
    """The same people by name, and as able: so an exam of grade 9 foretells one of grade 11."""
    town = make_schools(SEED, 12)
    ninth, eleventh = (
        {
            (school, number): (name, ability)
            for school, number, name, ability in zip(
                people.school.tolist(), people.number.tolist(),
                by_school(town, people.school, people.number, people.girl, 2015, SEED), people.ability, strict=True,
            )
        }
        for people in (
            parallel(town, parallel_sizes(town, SEED, year, grade), SEED, year, grade)
            for year, grade in ((2024, 9), (2026, 11))
        )
    )  # fmt: skip
    assert 0 < len(eleventh) < len(ninth)
    assert {key: name for key, (name, _) in eleventh.items()} == {key: ninth[key][0] for key in eleventh}
    for school in {school for school, _ in eleventh}:
        pairs = [(ability, ninth[key][1]) for key, (_, ability) in eleventh.items() if key[0] == school]
        assert np.corrcoef(np.array(pairs).T)[0, 1] > 0.9, "new classes, the same people"


def test_stages_of_the_olympiad_are_believable() -> None:
    """Who is awarded at school goes on; every later stage has fewer; about a third is awarded."""
    town = make_schools(SEED, 12)
    year = 2026
    people = {grade: parallel(town, parallel_sizes(town, SEED, year, grade), SEED, year, grade)
              for grade in range(4, 12)}  # fmt: skip
    number, awarded = {}, {}
    subjects = ("MA", "RU", "FI", "EN")
    stages = {"SHE": [olympiad_files.first_stage(subject, people, year, SEED) for subject in subjects]}
    for before, stage in (("SHE", "ME"), ("ME", "RE"), ("RE", "ZE")):
        told = (olympiad_files.next_stage(sat, stage, people, year, SEED) for sat in stages[before])
        stages[stage] = [sat for sat in told if sat]
    for stage, sats in stages.items():
        number[stage] = sum(len(sat.status) for sat in sats)
        awarded[stage] = sum(status != olympiad_files.PARTICIPANT for sat in sats for status in sat.status)
    assert number["SHE"] > number["ME"] > number["RE"] > number["ZE"]
    assert 0.15 < awarded["SHE"] / number["SHE"] < 0.45
    assert 0.15 < awarded["ME"] / number["ME"] < 0.45
    for first, second in zip(stages["SHE"], stages["ME"], strict=True):
        went = set(zip(second.grade.tolist(), second.place.tolist(), strict=True))
        sat = zip(first.grade.tolist(), first.place.tolist(), first.status, strict=True)
        best = [(grade, place) for grade, place, status in sat if status == olympiad_files.WINNER]
        winners = {(grade, place) for grade, place in best if grade >= 7}
        assert winners <= went


@pytest.mark.parametrize(("spreads", "low", "high"), [(-2.5, 8, 14), (0, 29.9, 30.1), (2, 50, 60)])
def test_parents_with_higher_education_are_never_none(spreads: float, low: float, high: float) -> None:
    (usual, step), = [(usual, step) for title, usual, step in risk_files.PASSPORT if "высшим" in title]  # fmt: skip
    assert low <= 100 * risk_files._share(usual, step, spreads) <= high
