"""Inputs from the field that once went wrong: each is answered as its description beside the file expects."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.command import Done, msoko_here
from tests.real import SHARED
from tests.scanner import traces

CASES = SHARED / "cases"
PUBLISHED, REMARKS = 0, 3

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="файлов со случаями рядом с проектом нет")


def run(case: str, home: Path) -> Done:
    return msoko_here("run", "--inbox", CASES / case, "--home", home)


def check(file: Path, home: Path) -> Done:
    return msoko_here("check", file, MSOKO_HOME=str(home))


def rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(home / "warehouse.sqlite")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


CHECKED: dict[str, tuple[str, tuple[int, int], int, Sequence[str]]] = {
    # case and file: (pattern of the file, rows read and accepted, exit status, pieces of what is printed)
    "merged-school": ("*.xlsx", (10, 10), PUBLISHED, ()),
    "declared-count": ("*.xlsx", (8, 8), REMARKS, ("6", "4")),
    "vsosh-header-repeated": ("**/*.xlsx", (4, 4), PUBLISHED, ("заголовок",)),
    "vsosh-totals-signatures": ("**/*.xlsx", (5, 5), PUBLISHED, ("тог", "одпис")),
    "vsosh-paper-protocol": ("**/*.xlsx", (5, 5), REMARKS, ()),
    "header-lookalikes": ("*.xlsx", (10, 10), PUBLISHED, ()),
    "gia-no-score": ("**/*.xlsx", (6, 6), REMARKS, ("удалён", "не завершил", "не явился")),
    "gia-one-unknown-exam": ("**/*.xlsx", (6, 6), REMARKS, ("строк",)),
    "default-password": ("*.xlsx", (10, 10), PUBLISHED, ()),
    "html-as-xls": ("*.xls", (10, 10), PUBLISHED, ()),
    "hidden-rows": ("*.xlsx", (10, 10), PUBLISHED, ("скрыт", "3")),
}


@pytest.mark.parametrize("case", CHECKED)
def test_what_check_answers(case: str, tmp_path: Path) -> None:
    pattern, (read, accepted), status, pieces = CHECKED[case]
    (file,) = [path for path in CASES.joinpath(case).glob(pattern) if path.is_file()]
    done = check(file, tmp_path / "home")
    counts = re.search(r"строк (\d+), годных (\d+)", done.stdout)
    assert counts, done.stdout
    assert (int(counts[1]), int(counts[2])) == (read, accepted), done.stdout
    assert done.returncode == status, done.stdout
    assert [piece for piece in pieces if piece not in done.stdout] == [], done.stdout


def test_error_cells_of_both_formats_are_named_alike(tmp_path: Path) -> None:
    answers = []
    for file in sorted(CASES.joinpath("errors-in-xls").iterdir()):
        done = check(file, tmp_path / "home")
        assert done.returncode == REMARKS, done.stdout
        answers.append([line.split("»", 1)[1] for line in done.stdout.splitlines()[1:]])
    assert answers[0] == answers[1]
    assert sum("ошибка Excel" in line for line in answers[0]) == 4 or any("ещё 3" in line for line in answers[0])


def test_a_second_report_of_a_sheet_is_not_read_as_the_first(tmp_path: Path) -> None:
    run("two-reports-one-sheet", home := tmp_path / "home")
    counts = rows(home, "select subject, participants from mart_vpr_school where level = 'school' order by 1, 2")
    assert counts == [("MA", 70), ("MA", 88), ("RU", 90)]


def test_everyday_dates(tmp_path: Path) -> None:
    (file,) = CASES.joinpath("dates-everyday").glob("*.xlsx")
    done = check(file, tmp_path / "home")
    assert "45910" in done.stdout
    assert "10.09.2025" in done.stdout
    counts = re.search(r"строк 10, годных (\d+)", done.stdout)
    assert counts, done.stdout
    assert int(counts[1]) >= 7, done.stdout


def test_two_files_about_one_school_both_count(tmp_path: Path) -> None:
    done = run("two-files-one-school", home := tmp_path / "home")
    vpr = "select sum(participants + absent) from mart_vpr_school where level = 'school' and unit_id = 'edu190002'"
    exam = "select participants from mart_gia9 where level = 'school' and unit_id = 'edu190001' and subject = 'RU'"
    assert (rows(home, vpr), rows(home, exam)) == ([(28,)], [(12,)]), done.stdout


def test_leading_zeros_of_codes_do_not_matter(tmp_path: Path) -> None:
    done = run("codes-leading-zero", home := tmp_path / "home")
    exam = "select sum(participants) from mart_gia9 where level = 'school' and subject = 'RU'"
    assert rows(home, exam) == [(8,)], done.stdout


def test_contexts_keep_nobody(tmp_path: Path) -> None:
    run("context-names", home := tmp_path / "home")
    people = ("Образцова", "Пробников", "Тестова", "@example.ru", "2-00-0")
    assert traces(home, people, beside=home / "archive") == {}


def test_a_filled_manifest_workbook_is_used(tmp_path: Path) -> None:
    done = run("manifest-xlsx", home := tmp_path / "home")
    counts = rows(home, "select subject, grade, participants from mart_vpr_school where level = 'school'")
    assert len(counts) == 1, done.stdout
    assert counts[0][2] == 6


def test_check_looks_at_the_content_and_into_archives(tmp_path: Path) -> None:
    for file in sorted(CASES.joinpath("check-by-extension").iterdir()):
        done = check(file, tmp_path / "home")
        assert re.search(r"строк (\d+), годных \1", done.stdout), done.stdout
