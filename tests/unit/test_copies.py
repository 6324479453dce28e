"""The same rows under two titles: a question on the later file, answered by what is done with the earlier one."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from msoko_pipeline.home.ledger import Entry, ledger_of
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.senders.rehearsal import rehearsed
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS
from tests import making
from tests.making import Cell, Rows

PUPILS = [[40001 + n, [n % 3, 1, n % 2, 2, 0, n % 2, *[1] * 9], 10 + n, 3 + n % 3] for n in range(6)]
RU, MA = "ВПР 2026 Русский язык 4 класс", "ВПР 2026 Математика 4 класс"


def f1(work: str, pupils: list[list[Cell]] = PUPILS, school: str = "edu190001", first: int = 0) -> Rows:
    rows = making.f1([making.f1_pupil(first + code, *rest) for code, *rest in pupils], work=work)
    return [
        [str(cell).replace("edu190001", school) if "edu190001" in str(cell) else cell for cell in row] for row in rows
    ]


class Town:
    """An inbox whose files come one after another, and its home."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(home=folder / "home", inbox_dir=folder / "inbox")
        self.count = 0

    def put(self, name: str, rows: Rows, make: Callable[..., Path] = making.xlsx) -> Path:
        path = make(self.settings.inbox / name, rows)
        self.count += 1
        os.utime(path, (self.count, self.count))
        return path

    def run(self) -> dict[str, Entry]:
        intake.receive(self.settings)
        intake.validate(self.settings, KINDS)
        return {entry.name: entry for entry in ledger_of(self.settings).files()}

    def statuses(self) -> list[str]:
        return [entry.status for entry in self.run().values()]

    def check(self, path: Path) -> str:
        return rehearsed([path], self.settings)[0][0].title


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


ABSENT = [[40001 + n, ["X"] * 15, None, None] for n in range(6)]
SHUFFLED = [PUPILS[n] for n in (3, 1, 0, 5, 2, 4)]


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        (f1(RU), f1(MA), "refused"),
        (f1(RU), f1(MA, SHUFFLED), "refused"),
        (f1(RU), f1(RU.replace("4", "5"), first=10_000), "refused"),
        (f1(RU), f1(RU.replace("2026", "2025")), "refused"),
        (f1(RU), f1(RU, school="edu190002"), "refused"),
        (f1(RU), f1(RU, SHUFFLED), "accepted"),
        (f1(RU), f1(MA, [*PUPILS[:-1], [40006, [2] * 15, 30, 5]]), "accepted"),
        (f1(RU, PUPILS[:4]), f1(MA, PUPILS[:4]), "accepted"),
        (f1(RU, ABSENT), f1(MA, ABSENT), "accepted"),
    ],
    ids=["subject", "sorted", "class", "year", "school", "sent again", "one differs", "few rows", "all alike"],
)
def test_rows_of_another_report(town: Town, first: Rows, second: Rows, status: str) -> None:
    town.put("первый.xlsx", first)
    later = town.put("второй.xlsx", second)
    assert town.run()["первый.xlsx"].status != "refused"
    assert (town.run()["второй.xlsx"].status == "refused") is (status == "refused")
    assert town.check(later).startswith("не принят") is (status == "refused")


def test_the_question_names_the_other_file_and_goes_with_it(town: Town) -> None:
    town.put("а.xlsx", f1(RU))
    assert town.statuses() == ["accepted"]
    town.put("б.csv", f1(MA), making.csv)
    later = town.run()["б.csv"]
    assert {"а.xlsx", "Русский"} <= set(re.findall(r"[\w.]+", str(later.message_ru)))
    assert not intake.pending(town.settings)
    intake.withdraw(town.settings, town.run()["а.xlsx"].sha256)
    assert intake.pending(town.settings)
    assert town.statuses() == ["withdrawn", "accepted"]
    assert town.run()["б.csv"].rows_accepted == 6
    assert not intake.pending(town.settings)


FORM = [*making.form_2026(prefilled=0)]
REPORT = f1(RU)


@pytest.mark.parametrize(
    ("rows", "first", "second", "is_asked"),
    [
        (FORM, "edu190001/2026/Русский 4 класс.xlsx", "edu190001/2026/Математика 4 класс.xlsx", True),
        (FORM, "edu190001/2026/Русский 4 класс.xlsx", "edu190001/2026/Русский 5 класс.xlsx", True),
        (FORM, "edu190001/2026/Русский 4 класс.xlsx", "edu190001/2025/Русский 4 класс.xlsx", True),
        (FORM, "edu190001/2026/Русский 4 класс.xlsx", "edu190003/2026/Русский 4 класс.xlsx", True),
        (FORM, "edu190001/2026/Русский 4 класс.xlsx", "sch190001/2026/копия Русского 4 класс.xlsx", False),
        (FORM, "edu190001/2026/Русский 4 класс.xlsx", "edu190001/форма.xlsx", False),
        (FORM, "форма.xlsx", "edu190001/2026/Русский 4 класс.xlsx", False),
        (REPORT, "РУ4 Русский 4 класс.xlsx", "Русский язык, 4 класс (1).xlsx", False),
        (REPORT, "Русский 4 класс.xlsx", "Математика 4 класс.xlsx", True),
        (REPORT, "edu190001/Ф1.xlsx", "edu190003/Ф1.xlsx", False),  # rows tell their school
        (REPORT, "2026/Русский 4 класс.xlsx", "2025/Русский 4 класс.xlsx", False),  # the title tells its year
    ],
)
def test_one_file_under_two_names(town: Town, rows: Rows, first: str, second: str, is_asked: bool) -> None:
    town.put(first, rows)
    town.run()
    copy = town.settings.inbox / second
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(town.settings.inbox / first, copy)
    os.utime(copy, (9, 9))
    (entry,) = town.run().values()
    assert (entry.name, entry.rows_accepted) == (first, 6 if rows is REPORT else 3)
    said = [["file_named_twice", {"detail": f"«{first}» и «{second}»"}]]
    assert ([*map(list, entry.notes)], entry.status) == ((said, "partial") if is_asked else ([], "accepted"))
    assert not intake.pending(town.settings)
    if is_asked:
        copy.unlink()
        (entry,) = town.run().values()
        assert (entry.name, entry.status, entry.notes) == (first, "accepted", [])


def test_the_name_that_stays_is_the_files(town: Town) -> None:
    """The first name was wrong: without it the file is what the other says."""
    wrong = town.put("edu190001/2026/Математика 4 класс.xlsx", FORM)
    right = wrong.with_name("Русский 4 класс.xlsx")
    shutil.copyfile(wrong, right)
    os.utime(right, (9, 9))
    (entry,) = town.run().values()
    assert (entry.subject, entry.status) == ("MA", "partial")
    wrong.unlink()
    (entry,) = town.run().values()
    assert (entry.subject, entry.status) == ("RU", "accepted")


def test_a_copy_beside_a_sound_report_is_left_out_alone(town: Town) -> None:
    town.put("книга.xlsx", [*f1(RU), *f1(MA)])
    (entry,) = town.run().values()
    assert (entry.status, entry.rows_read, entry.rows_accepted) == ("partial", 6, 6)
    assert "не принято отчётов: 1" in str(entry.message_ru)


def test_reports_and_protocols_are_compared_too(town: Town) -> None:
    rows = "\n".join(f"Школа{n}(edu19000{n}) | | {80 + n} | {n} | 30 | {60 - n} | 10" for n in range(1, 7))
    town.put("а.xlsx", making.marks_report(rows, work=RU))
    town.put("б.xlsx", making.marks_report(rows, work=MA))
    assert town.statuses() == ["accepted", "refused"]


def test_old_ledgers_are_not_asked(town: Town) -> None:
    town.put("а.xlsx", f1(RU))
    entry = town.run()["а.xlsx"]
    ledger: Any = ledger_of(town.settings)
    ledger.update([(entry.sha256, {"sheets": [{k: v for k, v in s.items() if k != "content"} for s in entry.sheets]})])
    town.put("б.xlsx", f1(MA))
    assert town.statuses() == ["accepted", "accepted"]
