"""Registers of talents, a folder a year: the pupils of the protocols, the abler the more often. Everything is made up.

Таланты/2026/Конкурсы и соревнования 2026.xlsx
Таланты/2026/Банк одарённых детей 2026.xlsx      who won something this year or the year before
Таланты/2026/Профильные смены 2026.xlsx          mostly pupils of the bank

Schools are named as each list does: by name in the contests, by login in the bank, by ИНН in the shifts. In the bank
of every year a few consents are missing or over. Planted dirt of the last year: in the contests a class 12, an unknown
level and a name instead of a school, in the bank an unknown criterion and a pupil twice, in the shifts an end before
the beginning; one row each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from msoko_pipeline.sample.pupil_names import Name, by_school
from msoko_pipeline.sample.pupils import Floats, Ints, parallel, parallel_sizes
from msoko_pipeline.sample.registers import inn
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import LAST_YEAR, School
from msoko_pipeline.sample.workbooks import Cell, Row, Sheet, xlsx
from schemas.form import forms

FOLDER = "Таланты"
GRADES = range(5, 12)
LUCK = 0.8  # logits: a day's spread of what a pupil shows at a contest
CHOSEN = 1.2  # logits: how loosely ability decides who goes at all
AWARDED = 0.22  # of the participants, the winner included
NO_CONSENT, CONSENT_OVER = 0.05, 0.03
IN_BANK = 0.7  # of the participants of a shift


@dataclass(frozen=True)
class Event:
    """A contest of every year. day: month and day of its results, in the spring; share: how many pupils take part."""

    code: str
    name: str
    level: str
    organiser: str
    direction: str
    day: str
    share: float
    listed: bool = False


EVENTS = (
    Event("К-1", "Неделя науки", "школьный", "Школы города", "интеллектуальное", "02.10", 0.02),
    Event("К-2", "Конкурс чтецов", "муниципальный", "Дворец творчества", "творческое", "02.21", 0.015),
    Event("К-3", "Старты надежд", "муниципальный", "Спортивная школа", "спортивное", "04.18", 0.02),
    Event("К-4", "Моделисты города", "муниципальный", "Станция техников", "техническое", "03.05", 0.008),
    Event("К-5", "Исследователь", "региональный", "Центр «Поиск»", "интеллектуальное", "03.20", 0.008, listed=True),
    Event("К-6", "Доброе дело", "региональный", "Центр «Поиск»", "социальное", "04.02", 0.006),
    Event(
        "К-7", "Олимпиада наставников", "всероссийский", "Фонд наук", "интеллектуальное", "04.25", 0.004, listed=True
    ),
    Event("К-8", "Шаг в будущее", "международный", "Фонд наук", "техническое", "05.12", 0.002, listed=True),
)
FEDERAL = "международный"  # an award of this level is in the federal register, whatever the class
STRONG = ("региональный", "всероссийский", FEDERAL)
YOUNGEST = 7  # class from which the other criteria are met
SHIFTS = (  # code, name, operator, place, first day, days, direction, quota
    ("С-1", "Физика и инженерное дело", "Сириус", "Сочи", "11.01", 23, "интеллектуальное", 3),
    ("С-2", "Математическая смена", "региональный центр", "Абакан", "12.01", 9, "интеллектуальное", 12),
    ("С-3", "Юные техники", "региональный центр", "Абакан", "03.01", 9, "техническое", 10),
    ("С-4", "Голоса детства", "Океан", "Владивосток", "02.03", 20, "творческое", 5),
)


@dataclass(frozen=True)
class Roster:
    """Pupils of GRADES in a year, columns of equal length. A pupil is a school, a cohort and a number in it."""

    year: int
    school: Ints
    grade: Ints
    number: Ints
    ability: Floats
    names: list[Name]

    def person(self, row: int) -> tuple[int, int, int]:
        """The same pupil a year later is the same."""
        return int(self.school[row]), self.year - int(self.grade[row]), int(self.number[row])


@dataclass(frozen=True)
class Entry:
    """A participation: row of the roster, the event, the result in words."""

    row: int
    event: Event
    result: str


def talent_files(town: Sequence[School], year: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """The year's files: path inside the inbox and bytes."""
    schools, dirty = list(town), year == LAST_YEAR
    people = roster(schools, year, seed)
    entries = contests(people, seed)
    members = bank(people, entries, roster(schools, year - 1, seed), seed)
    made: list[tuple[str, str, list[Row]]] = [
        ("Конкурсы и соревнования", "Конкурсы", contest_rows(schools, people, entries, dirty)),
        ("Банк одарённых детей", "Банк", bank_rows(schools, people, members, seed, dirty)),
        ("Профильные смены", "Смены", shift_rows(schools, people, members, seed, dirty)),
    ]
    for title, sheet, rows in made:
        if len(rows) > 1:
            yield f"{FOLDER}/{year}/{title} {year}.xlsx", xlsx(Sheet(sheet, rows))


def roster(schools: list[School], year: int, seed: int) -> Roster:
    """The town's pupils who may take part; of namesakes in a school only the youngest, for a list cannot tell them."""
    parts = [(grade, parallel(schools, parallel_sizes(schools, seed, year, grade), seed, year, grade))
             for grade in GRADES]  # fmt: skip
    names = [
        name
        for grade, people in parts
        for name in by_school(schools, people.school, people.number, people.girl, year - grade, seed)
    ]
    school = np.concatenate([people.school for _, people in parts])
    first: dict[tuple[int, str], int] = {}
    for row, (place, name) in enumerate(zip(school.tolist(), names, strict=True)):
        first.setdefault((place, name.full), row)
    at = np.array(sorted(first.values()), dtype=np.int64)
    return Roster(
        year,
        school[at],
        np.concatenate([np.full(len(people), grade) for grade, people in parts])[at],
        np.concatenate([people.number for _, people in parts])[at],
        np.concatenate([people.ability for _, people in parts])[at],
        [names[row] for row in at.tolist()],
    )


def contests(people: Roster, seed: int) -> list[Entry]:
    """Who took part in what and how it went: to go takes ability and chance, to win ability and luck."""
    entries = []
    for event in EVENTS:
        rng = stream(seed, "contest", event.code, people.year)
        count = max(2, round(event.share * len(people.names)))
        wish = people.ability + rng.normal(0, CHOSEN, len(people.names))
        rows = np.argsort(-wish, kind="stable")[:count]
        shown = people.ability[rows] + rng.normal(0, LUCK, len(rows))
        order = rows[np.argsort(-shown, kind="stable")].tolist()
        awards = max(1, round(AWARDED * count))
        for place, row in enumerate(order):
            result = "победитель" if place == 0 else "призёр" if place < awards else "участник"
            entries.append(Entry(row, event, result))
    return entries


def bank(people: Roster, entries: list[Entry], before: Roster, seed: int) -> dict[int, Event]:
    """Row of the roster → the best contest in two years that the pupil has an award of, above the school's level."""
    best: dict[tuple[int, int, int], Event] = {}
    for year_entries, of in ((contests(before, seed), before), (entries, people)):
        for entry in year_entries:
            if entry.result != "участник" and entry.event.level != "школьный":
                earlier = best.get(of.person(entry.row))
                if earlier is None or EVENTS.index(entry.event) >= EVENTS.index(earlier):
                    best[of.person(entry.row)] = entry.event
    rows = [row for row in range(len(people.names)) if people.person(row) in best]
    members = {row: best[people.person(row)] for row in rows}
    return {row: event for row, event in members.items() if people.grade[row] >= YOUNGEST or event.level == FEDERAL}


def contest_rows(schools: list[School], people: Roster, entries: list[Entry], dirty: bool) -> list[Row]:
    """A row a participation, the school by its name."""
    rows: list[Row] = [_header("contest")]
    for entry in entries:
        event, school = entry.event, schools[int(people.school[entry.row])]
        listed = "да" if event.listed else "нет"
        what: list[Cell] = [people.year, event.code, event.name, event.level, event.organiser, listed, event.direction]
        who: list[Cell] = [school.title, people.names[entry.row].full, int(people.grade[entry.row])]
        rows.append([*what, _day(people.year, event.day), *who, entry.result])
    if dirty:
        _plant(rows, (1, "Класс", 12), (2, "Уровень", "галактический"), (3, "Школа", "Образцова Анна"))
    return rows


def bank_rows(schools: list[School], people: Roster, members: dict[int, Event], seed: int, dirty: bool) -> list[Row]:
    """A row a pupil, the school by its login; now and then a consent is missing or over."""
    rows: list[Row] = [_header("gifted")]
    rng, year = stream(seed, "gifted bank", people.year), people.year
    for row, event in members.items():
        school, grade = schools[int(people.school[row])], int(people.grade[row])
        criterion = "призёр РЭ и выше" if event.level in STRONG and grade >= 9 else "призёр МЭ и выше"
        if event.level == FEDERAL:
            criterion = "ГИР «Таланты»"
        chance = rng.random(3)
        mentor = f"Наставникова Вера {('Примеровна', 'Петровна')[row % 2]}" if chance[0] < 0.6 else None
        consent: list[Cell] = [f"10.09.{year - 1}", f"31.08.{year}"]
        if chance[2] < NO_CONSENT:
            consent = [None, None]
        elif chance[2] < NO_CONSENT + CONSENT_OVER:
            consent = [f"10.09.{year - 2}", f"31.08.{year - 1}"]
        who: list[Cell] = [year, school.login, people.names[row].full, grade, event.direction, criterion]
        rows.append([*who, f"{event.name}, {event.level}", mentor, "да" if chance[1] < 0.5 else "нет", *consent])
    if dirty and len(rows) > 3:
        _plant(rows, (1, "Критерий", "хорошо учится"))
        again = list(rows[2])
        again[_header("gifted").index("ИОМ")] = "нет" if again[_header("gifted").index("ИОМ")] == "да" else "да"
        rows.append(again)
    return rows


def shift_rows(schools: list[School], people: Roster, members: dict[int, Event], seed: int, dirty: bool) -> list[Row]:
    """A row a participation, the school by its ИНН; most of the participants are in the bank."""
    rows: list[Row] = [_header("shift")]
    autumn = dict.fromkeys(("09", "10", "11", "12"), people.year - 1)
    member_rows = np.array(sorted(members), dtype=np.int64)
    for code, name, operator, place, begins, days, direction, quota in SHIFTS:
        rng = stream(seed, "shift", code, people.year)
        strong = np.argsort(-people.ability, kind="stable")[: 20 * quota]
        count = int(rng.integers(max(1, quota - 2), quota + 1))
        chosen: list[int] = []
        for of_bank in (rng.random(count) < IN_BANK).tolist():
            among = member_rows if of_bank and len(member_rows) else strong
            chosen += [row for row in [int(rng.choice(among))] if row not in chosen]
        starts = np.datetime64(f"{autumn.get(begins[:2], people.year)}-{begins.replace('.', '-')}")
        dates = [_dotted(starts), _dotted(starts + np.timedelta64(days, "D"))]
        for row in sorted(chosen):
            result = ("завершил", "отмечен наградой", "не завершил")[int(rng.choice(3, p=(0.8, 0.15, 0.05)))]
            who: list[Cell] = [
                inn(schools[int(people.school[row])]),
                people.names[row].full,
                int(people.grade[row]),
                result,
            ]
            rows.append([people.year, code, name, operator, place, *dates, direction, quota, *who])
    if dirty:
        _plant(rows, (1, "Окончание", f"01.10.{people.year - 1}"))
    return rows


def _header(kind: str) -> list[str]:
    return forms()[kind].header


def _plant(rows: list[Row], *plants: tuple[int, str, Cell]) -> None:
    """Put a wrong cell into a row: number of the row, header, what is written there."""
    for number, header, cell in plants:
        if number < len(rows):
            place = list(rows[0]).index(header)
            rows[number] = [cell if column == place else old for column, old in enumerate(rows[number])]


def _day(year: int, month_day: str) -> str:
    return _dotted(np.datetime64(f"{year}-{month_day.replace('.', '-')}"))


def _dotted(day: np.datetime64) -> str:
    year, month, date = str(day).split("-")
    return f"{date}.{month}.{year}"
