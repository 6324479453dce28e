"""Control of procedures and information security in the made-up town: every school, what a clerk would fill in.

True of the town: venues of exams have video in all rooms; every year more people are instructed in time and more of
the planned visits are made; of the last school nothing is sent about people and visits. The people are the staff.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msoko_pipeline.sample.staff_people import staff
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import LAST_YEAR, School
from msoko_pipeline.sample.workbooks import Row

DAYS = {"ВПР": ("21.04", "23.04"), "ОГЭ": ("27.05", "03.06", "09.06"), "ЕГЭ": ("29.05", "08.06"), "МЭ": ("18.11",)}
"""Procedure → its days of a school year."""
EXAMS = ("ОГЭ", "ЕГЭ")
AUTUMN = "09"
ROLES = ("руководитель ППЭ", "организатор", "организатор", "организатор", "организатор", "технический специалист",
         "наблюдатель")  # fmt: skip
INSTRUCTED, BETTER = 0.94, 0.03
"""Share of people instructed in time in the last year, and how much less it is a year before."""
CONFLICT = 0.03
RESULTS = ("выполнено", "частично", "не выполнено", "не относится")
CONTROLS = {"организация в целом": ("политика и приказы", "ответственный назначен", "разграничение доступа",
                                    "пересмотр прав доступа", "пароли", "антивирус", "резервное копирование",
                                    "согласия"),
            "ВПР": ("хранение материалов", "защищённые архивы", "персональные данные не раскрыты"),
            "ЕГЭ": ("хранение материалов", "передача по защищённому каналу", "пароли")}  # fmt: skip


def _day(day: str, year: int) -> str:
    return f"{day}.{year - 1 if day[3:] >= AUTUMN else year}"


def _places(town: Sequence[School]) -> Iterator[tuple[School, str, str]]:
    """School, procedure and day of everything that is held; exams in every third school with senior classes."""
    for school in town:
        for procedure, days in DAYS.items():
            if procedure not in EXAMS or (school.kind.senior and school.number % 3 == 1):
                yield from ((school, procedure, day) for day in days)


def venues(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row for each day in a venue; of exams the code of the ППЭ, elsewhere 0."""
    for school, procedure, day in _places(town):
        rng = stream(seed, "exam venue", school.login, procedure, day, year)
        is_exam = procedure in EXAMS
        rooms = int(rng.integers(5, 15))
        online = rooms if is_exam else int(rng.integers(0, 3))
        offline = 0 if is_exam else min(rooms - online, int(rng.integers(0, 3)))
        planned = int(rng.integers(1, 4))
        present = max(0, planned - int(rng.random() < 0.15))
        by_kind = (present - present // 2, present // 2, 0, 0)
        violations = int(rng.random() < 0.08)
        works = int(rng.integers(40, 200))
        marked = works if procedure == "МЭ" or rng.random() < 0.3 else works // 2
        agreed = {"МЭ": "да"}.get(procedure, "да" if rng.random() < 0.6 else "нет")
        yield [
            year, procedure, _day(day, year), school.login, f"19{school.number:02d}" if is_exam else 0, rooms, online,
            offline, int(online + offline > 0 and rng.random() < 0.05), planned, present, *by_kind, violations,
            "телефон в аудитории" if violations else None, None if is_exam else works, None if is_exam else marked,
            None if is_exam else agreed,
        ]  # fmt: skip


def people(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row for each person of the first day of a procedure in a school, as many as have a role."""
    by_school: dict[str, list[str]] = {}
    for person in staff(town, year, seed):
        by_school.setdefault(person.org, []).append(person.name.full)
    for school, procedure, day in _places(town[:-1]):
        if day != DAYS[procedure][0]:
            continue
        rng = stream(seed, "procedure people", school.login, procedure, year)
        for role, name in zip(ROLES, by_school.get(school.login, []), strict=False):
            is_in_time = rng.random() < INSTRUCTED - BETTER * (LAST_YEAR - year)
            has_conflict = rng.random() < CONFLICT
            yield [
                year, procedure, _day(day, year), school.login, name, role,
                _day(f"15.{day[3:]}", year) if is_in_time else None, "да" if rng.random() < 0.9 else "нет",
                "да" if has_conflict else "нет", "да" if has_conflict and rng.random() < 0.8 else None,
            ]  # fmt: skip


def visits(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """Planned visits to the first day of a procedure, most of them made, and a few that nobody planned."""
    number = 0
    for school, procedure, day in _places(town[:-1]):
        rng = stream(seed, "control visit", school.login, procedure, day, year)
        if rng.random() < 0.6:
            continue
        number += 1
        date = _day(day, year)
        is_planned, is_made = rng.random() < 0.85, rng.random() < 0.9 - 0.1 * (LAST_YEAR - year)
        is_made = is_made or not is_planned
        violations = int(rng.integers(0, 3)) if is_made and rng.random() < 0.3 else 0
        yield [
            year, number, procedure, school.login, date if is_planned else None, date if is_made else None,
            "управление образования" if rng.random() < 0.7 else "комиссия", violations if is_made else None,
            "наблюдатель опоздал" if violations else None, f"{number}-к" if is_made else None,
            ("да" if rng.random() < 0.8 else "нет") if violations else None,
        ]  # fmt: skip


def security(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row for each control of each school, of exams where they are held."""
    for school in town:
        rng = stream(seed, "security", school.login, year)
        for scope, controls in CONTROLS.items():
            if scope in EXAMS and not (school.kind.senior and school.number % 3 == 1):
                continue
            for control in controls:
                result = str(rng.choice(RESULTS, p=[0.86, 0.07, 0.04, 0.03]))
                needed = int(rng.integers(300, 900)) if control == "согласия" else None
                yield [
                    year, school.login, scope, control, _day("15.04", year), result, int(rng.random() < 0.02),
                    round(needed * float(rng.uniform(0.9, 1))) if needed else None, needed,
                ]  # fmt: skip


OWN_ROWS = {"exam_venue": venues, "procedure_person": people, "control_visit": visits, "security_check": security}
"""Register → its rows of a town, year and seed."""
