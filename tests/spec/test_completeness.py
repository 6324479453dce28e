"""What the assessment calendar expects of whom, what has come, what is late: specification tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.indicators.completeness.expected import CLASS, KEY, WORK, expected_works, judged, with_received
from msoko_pipeline.indicators.completeness.lines import lines
from msoko_pipeline.indicators.completeness.steps import PROCEDURES_OF
from schemas import procedures
from schemas.assessment_year import coming, cycle_of, cycles, windows, works
from schemas.kinds import KINDS
from schemas.marts import MARTS
from schemas.measure import ALL
from tests.spec.tables import records

YEAR = 2026
REGISTER = ["year", "procedure", "subject", "grade", "sits", "starts", "ends", "results_on", "files_by"]
NO_REGISTER = pd.DataFrame(columns=REGISTER)


def register(*rows: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame([(YEAR, *row) for row in rows], columns=REGISTER)


def line(of: pd.DataFrame, procedure: str, grade: int, subjects: str) -> dict[str, Any] | None:
    rows = of[(of["procedure"] == procedure) & (of["grade"] == grade) & (of["subjects"] == subjects)]
    assert len(rows) <= 1
    return None if rows.empty else dict(rows.iloc[0])


# ---- the data


def test_every_cycle_is_held_and_every_window_is_of_a_cycle() -> None:
    held = {window.cycle.code for year in range(2021, 2028) for window in windows(year)}
    assert held == set(cycles())
    for year in range(2022, 2028):
        codes = [window.cycle.code for window in windows(year)]
        assert len(codes) == len(set(codes))
        assert ("vpr_spring" in codes) != ("vpr_autumn" in codes), "ВПР are held once for a reporting year"
        for window in windows(year):
            assert window.starts <= window.ends <= window.deadline
            assert year - 1 <= window.starts.year <= window.deadline.year <= year


@pytest.mark.parametrize("cycle", cycles().values(), ids=cycles().keys())
def test_cycles_name_what_there_is(cycle: Any) -> None:
    assert cycle.procedure is None or cycle.procedure in procedures.HELD
    assert {*cycle.files} <= {*KINDS}
    assert {*cycle.marts} <= {*MARTS}
    assert cycle.of in ("school", "preschool", "territory")


@pytest.mark.parametrize(
    ("year", "grade", "subjects", "take"),
    [
        (2021, 4, ("OM",), 1), (2023, 6, ("GG", "IS", "BI", "OB"), 2), (2023, 7, ("EN", "DE", "FR"), 1),
        (2024, 7, ("EN", "DE", "FR"), None), (2025, 4, ("OM", "LC", "EN", "DE", "FR"), 1), (2025, 11, ("IS",), None),
        (2026, 10, ("RU",), 1), (2026, 7, ("IS", "LI", "EN", "DE", "FR"), 1), (2020, 5, ("RU",), None),
    ],
)  # fmt: skip
def test_works_of_vpr_through_the_years(year: int, grade: int, subjects: tuple[str, ...], take: int | None) -> None:
    takes = {(work.grade, work.subjects): work.take for work in works("VPR", year)}
    assert takes.get((grade, subjects)) == take


@pytest.mark.parametrize(
    ("code", "today", "deadline"),
    [
        ("vpr_spring", "2026-01-01", "2026-06-19"), ("vpr_spring", "2026-06-19", "2026-06-19"),
        ("vpr_spring", "2026-06-20", "2027-06-19"), ("vpr_autumn", "2024-03-01", "2022-12-08"),
        ("vpr_autumn", "2030-01-01", None),
    ],
)  # fmt: skip
def test_the_next_days_of_a_cycle(code: str, today: str, deadline: str | None) -> None:
    window = coming(cycles()[code], dt.date.fromisoformat(today))
    assert (window.deadline.isoformat() if window else None) == deadline


# ---- lines of the calendar


def test_without_a_register_the_federal_calendar_holds() -> None:
    federal = lines([YEAR], NO_REGISTER)
    russian = line(federal, "VPR", 5, "RU")
    assert russian is not None
    assert (russian["starts"], russian["ends"], russian["deadline"]) == ("2026-04-20", "2026-05-20", "2026-06-19")
    drawn = line(federal, "VPR", 5, "GG, BI")
    assert drawn is not None
    assert (drawn["subject"], drawn["expected"]) == (ALL, 1)
    assert line(federal, "VSOSH-SHE", 0, ALL) is not None
    assert line(federal, "VSOSH-ME", 0, ALL) is None, "who goes on is not every school"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # the register's own day for files, else so many days after the work as its cycle gives
        (("VPR", "RU", 5, "all", "2026-04-14", "2026-04-16", None, "2026-05-01"), ("2026-04-14", "2026-05-01")),
        (("VPR", "RU", 5, "all", "2026-04-14", "2026-04-16", None, None), ("2026-04-14", "2026-05-16")),
        (("VPR", "RU", 5, "all", "2026-04-14", None, None, None), ("2026-04-14", "2026-05-14")),
        (("REG", "RU", 5, "all", "2026-04-14", "2026-04-16", None, None), ("2026-04-14", "2026-05-16")),
    ],
)
def test_days_of_a_register(row: tuple[Any, ...], expected: tuple[str, str]) -> None:
    of_register = line(lines([YEAR], register(row)), row[0], 5, "RU")
    assert of_register is not None
    assert (of_register["starts"], of_register["deadline"]) == expected


def test_a_register_replaces_the_procedures_that_it_names() -> None:
    days = ("2026-04-14", "2026-04-16", None, None)
    both = lines([YEAR], register(("VPR", "RU", 5, "all", *days), ("VSOSH-SHE", ALL, 6, "choice", *days)))
    assert list(both.loc[both["procedure"] == "VPR", ["grade", "subjects"]].itertuples(index=False, name=None)) == [
        (5, "RU")
    ]
    assert line(both, "OGE", 9, "RU") is not None, "the others stay federal"
    assert line(both, "VSOSH-SHE", 0, ALL) is not None, "what is sat by choice leaves the federal line"
    assert line(both, "VSOSH-SHE", 6, ALL) is None


def test_of_two_lines_about_a_work_the_later_holds() -> None:
    twice = register(
        ("VPR", "RU", 5, "all", "2026-05-04", "2026-05-05", None, None),
        ("VPR", "RU", 5, "all", "2026-04-14", "2026-04-16", None, None),
    )
    latest = line(lines([YEAR], twice), "VPR", 5, "RU")
    assert latest is not None
    assert latest["ends"] == "2026-05-05"


def test_a_year_outside_the_calendar_expects_nothing() -> None:
    assert lines([2016], NO_REGISTER).empty
    assert cycle_of("VPR", 2016) is not None


# ---- who is to send what

LINES = pd.DataFrame(
    [
        ("vpr_spring", "VPR", 5, "RU", "RU", 1, "all"), ("vpr_spring", "VPR", 5, "GG, BI", ALL, 1, "all"),
        ("vpr_spring", "VPR", 6, "GG, IS, OB", ALL, 2, "all"), ("vsosh_school", "VSOSH-SHE", 0, ALL, ALL, 1, "all"),
        (None, "NIKO", 6, "IS", "IS", 1, "sample"), ("preschool", "MKDO", 0, ALL, ALL, 1, "all"),
    ],
    columns=["calendar_cycle", "procedure", "grade", "subjects", "subject", "expected", "sits"],
).assign(year=YEAR, starts="2026-04-20", ends="2026-05-20", deadline="2026-06-19")  # fmt: skip
CLASSES = pd.DataFrame([("A", 5), ("A", 6), ("B", 6)], columns=CLASS[1:]).assign(year=YEAR)
SCHOOLS = pd.DataFrame([(YEAR, each) for each in "ABC"], columns=["year", "org_id"])
PRESCHOOLS = pd.DataFrame([(YEAR, "doo1")], columns=["year", "org_id"])
SAMPLED = pd.DataFrame([(YEAR, "NIKO", "IS", 6, "B")], columns=WORK)
SAT = pd.DataFrame(
    [("VPR", "BI", 5, "A"), ("VPR", "IS", 6, "A"), ("VPR", "GG", 6, "B"), ("VPR", "OB", 6, "B"), ("VPR", "IS", 6, "B"),
     ("VPR", "MA", 7, "C"), ("VSOSH-SHE", "MA", 8, "A"), ("MKDO", ALL, 0, "doo1")],
    columns=WORK[1:],
).assign(year=YEAR)  # fmt: skip
FILES = pd.DataFrame(
    [
        ("VPR", None, None, None, "2026-06-01"), ("VPR", "BI", 5, "A", "2026-06-20"),
        ("VPR", "BI", 5, "A", "2026-06-25"),
        ("VPR", "RU", 5, "A", "2026-05-01"), ("VSOSH-SHE", None, None, "A", "2026-06-19"),
        ("MKDO", None, None, "doo2", "2026-05-01"),
    ],
    columns=["procedure", "subject", "grade", "org_id", "received_on"],
).assign(year=YEAR)  # fmt: skip


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    expected = expected_works(LINES, SAMPLED, CLASSES, SCHOOLS, PRESCHOOLS)
    return judged(with_received(expected, SAT), FILES, BEGUN, dt.date(2026, 6, 20))


BEGUN = "2025-09-01"
DRAWN = {  # how the methodology calls a work → procedure, grade, subjects
    "ВПР 5: русский язык": ("VPR", 5, "RU"), "ВПР 5: одно из двух": ("VPR", 5, "GG, BI"),
    "ВПР 6: два из трёх": ("VPR", 6, "GG, IS, OB"), "ВПР: любая работа": ("VPR", 0, ALL),
    "ВсОШ, школьный этап": ("VSOSH-SHE", 0, ALL), "НИКО 6: история": ("NIKO", 6, "IS"), "мониторинг": ("MKDO", 0, ALL),
}  # fmt: skip
WHO = {"А": "A", "Б": "B", "В": "C", "сад": "doo1"}
STATUSES = {"прислано": "received", "прислано не всё": "partial", "не прислано": "missing"}


def iso(day: str | None) -> str | None:
    return dt.datetime.strptime(day, "%d.%m.%Y").date().isoformat() if day else None


@pytest.mark.parametrize("case", records("completeness", "sent"), ids=lambda case: f"{case['кто']} {case['работа']}")
def test_who_is_to_send_what(found: pd.DataFrame, case: dict[str, Any]) -> None:
    assert not found.duplicated(KEY).any()
    row = line(found[found["org_id"] == WHO[case["кто"]]], *DRAWN[case["работа"]])
    if case["положено"] is None:
        assert row is None
        return
    assert row is not None
    assert (row["expected"], row["received"]) == (case["положено"], case["пришло"])
    assert row["status"] == STATUSES[case["статус"]]
    on, is_late = (None if pd.isna(row[name]) else row[name] for name in ("received_on", "is_late"))
    assert on == iso(case["получено"])
    assert is_late == {"да": True, "нет": False, None: None}[case["опоздало"]]


@pytest.mark.parametrize(
    ("today", "status"), [("2026-06-19", "awaited"), ("2026-06-20", "missing"), ("2026-04-01", "awaited")]
)
def test_a_work_is_late_the_day_after_its_deadline(today: str, status: str) -> None:
    expected = expected_works(LINES, SAMPLED, CLASSES, SCHOOLS, PRESCHOOLS)
    rows = judged(with_received(expected, SAT.iloc[:0]), FILES, BEGUN, dt.date.fromisoformat(today))
    assert set(rows["status"]) == {status}


def test_what_came_before_anything_was_taken_in_is_not_late() -> None:
    """A town that loads the files of former years sends nothing late."""
    expected = expected_works(LINES, SAMPLED, CLASSES, SCHOOLS, PRESCHOOLS)
    rows = judged(
        with_received(expected, SAT), FILES.assign(received_on="2027-01-15"), "2027-01-15", dt.date(2027, 1, 15)
    )
    assert set(rows["status"]) == {"received", "partial", "missing"}
    assert rows["is_late"].isna().all()


def test_the_first_file_of_a_year_may_be_late() -> None:
    """What counts is when anything was taken in here, not when the year began."""
    expected = expected_works(LINES, SAMPLED, CLASSES, SCHOOLS, PRESCHOOLS)
    rows = judged(with_received(expected, SAT), FILES.assign(received_on="2026-07-01"), BEGUN, dt.date(2026, 7, 1))
    assert rows.loc[rows["received_on"].notna(), "is_late"].all()


def test_files_tell_of_procedures_that_there_are() -> None:
    assert {*PROCEDURES_OF} <= {*KINDS}
    assert {procedure for each in PROCEDURES_OF.values() for procedure in each} <= {*procedures.HELD}
    assert "contingent" not in PROCEDURES_OF, "it comes with the olympiads and is no result"


def test_nothing_is_expected_of_nobody() -> None:
    nobody = SCHOOLS.iloc[:0]
    works_of_nobody = expected_works(LINES, SAMPLED.iloc[:0], CLASSES.iloc[:0], nobody, nobody)
    assert judged(with_received(works_of_nobody, SAT), FILES, BEGUN, dt.date(2026, 6, 20)).empty
