"""ВсОШ of the town, a folder a school year: the same pupils, as able as in their ВПР.

ВсОШ/2025-2026/Школьный этап, Сириус.xlsx      six subjects on the platform: codes instead of people
ВсОШ/2025-2026/Школьный этап, список.csv       the other subjects
ВсОШ/2025-2026/Муниципальный этап.xlsx         the municipal workbook, a sheet a subject
ВсОШ/2025-2026/Региональный и заключительный этапы.xlsx
ВсОШ/2025-2026/Количественные данные школьного этапа.xlsx   each pupil once, by school and grade
ВсОШ/2025-2026/Контингент.xlsx

Who is abler takes part more often and goes further. Planted dirt of the last year: in the workbook a class 12, a pupil
told twice under another spelling of the name and a winner with half of the points; in the export a score above the
maximum, a row each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from msoko_pipeline.sample.pupil_names import Name, by_school
from msoko_pipeline.sample.pupils import Bools, Floats, Ints, Parallel, parallel, parallel_sizes
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import LAST_YEAR, TOWN, School
from msoko_pipeline.sample.workbooks import Cell, Row, Sheet, xlsx
from schemas import catalogue

FOLDER = "ВсОШ"
ON_PLATFORM = ("MA", "FI", "HI", "BI", "IN", "AS")
ON_PAPER = ("RU", "LI", "IS", "OB", "EN", "GG", "TE", "FK")
SHARE = 0.035  # of a parallel in a subject, of pupils of mean ability
EAGER = 0.7  # logits of taking part per logit of ability
TOP = 50  # points
EASY = {"SHE": -0.4, "ME": -1.2, "RE": -1.6, "ZE": -1.8}  # logits: a stage is harder than the one before
SPREAD = 0.6
AWARDED = {"SHE": 0.3, "ME": 0.3, "RE": 0.25, "ZE": 0.4}  # of the participants of a subject and grade, at most
INVITED = {"ME": 0.3, "RE": 0.15, "ZE": 0.1}  # of those of the stage before
WINNER, PRIZE, PARTICIPANT = "победитель", "призёр", "участник"
BOOK = (
    *("Предмет", "ОУ", "Код участника", "Фамилия", "Имя", "Отчество", "Класс, за который выступает"),
    *("Класс, в котором учится", "Итоговый балл", "% выполнения", "Статус"),
)
LIST = (
    *("Фамилия", "Имя", "Отчество", "Пол", "Дата рождения", "Муниципалитет", "Полное наименование ОУ", "Предмет"),
    *("Класс", "Этап", "Статус", "Год"),
)
EXPORT = ("Код участника", "Логин ОО", "Предмет", "Класс", "Балл", "Макс. балл", "Статус")
ROUNDS = ("Теория предв.", "Теория итог.", "Практика предв.", "Практика итог.")
DIRECTIONS = ("Робототехника", "Культура дома", "Техника и техническое творчество")
ABOVE = 14  # rows above the header of the workbook


@dataclass(frozen=True)
class Sat:
    """A subject of a stage as pupils of all grades sat it: columns of equal length."""

    stage: str
    subject: str
    people: list[Parallel]
    grade: Ints
    school: Ints
    place: Ints
    ability: Floats
    score: Ints
    status: list[str]

    def where(self, mask: Bools) -> tuple[Ints, Ints, Ints, Floats]:
        return self.grade[mask], self.school[mask], self.place[mask], self.ability[mask]


def olympiad_files(schools: list[School], year: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """The year's files: path inside the inbox and bytes."""
    people = {grade: parallel(schools, parallel_sizes(schools, seed, year, grade), seed, year, grade)
              for grade in range(4, 12)}  # fmt: skip
    named = {grade: by_school(schools, group.school, group.number, group.girl, year - grade, seed)
             for grade, group in people.items()}  # fmt: skip
    stages = {"SHE": [first_stage(subject, people, year, seed) for subject in (*ON_PLATFORM, *ON_PAPER)]}
    for earlier, stage in (("SHE", "ME"), ("ME", "RE"), ("RE", "ZE")):
        stages[stage] = [sat for before in stages[earlier] if (sat := next_stage(before, stage, people, year, seed))]
    place, dirty = f"{FOLDER}/{year - 1}-{year}", year == LAST_YEAR
    rows = [row for sat in stages["SHE"] if sat.subject in ON_PLATFORM for row in _export(sat, schools)]
    if dirty:
        rows[0] = [*rows[0][:4], TOP + 1, *rows[0][5:]]
    yield f"{place}/Школьный этап, Сириус.xlsx", xlsx(Sheet("Выгрузка", [EXPORT, *rows]))
    rows = [row for sat in stages["SHE"] if sat.subject in ON_PAPER for row in _list(sat, schools, named, year)]
    yield f"{place}/Школьный этап, список.csv", _csv([LIST, *rows])
    sheets = [_sheet(sat, schools, named) for sat in stages["ME"]]
    if dirty:
        _plant(next(sheet.rows for sheet in sheets if sheet.name == "Русский язык"))
    yield f"{place}/Муниципальный этап.xlsx", xlsx(*sheets, Sheet("Правила", [["Одна строка на участника"]]))
    rows = [row for stage in ("RE", "ZE") for sat in stages[stage] for row in _list(sat, schools, named, year)]
    if rows:
        yield f"{place}/Региональный и заключительный этапы.xlsx", xlsx(Sheet("Результаты", [LIST, *rows]))
    counted = xlsx(Sheet("ШЭ", _counts(stages["SHE"], schools, year)))
    yield f"{place}/Количественные данные школьного этапа.xlsx", counted
    yield f"{place}/Контингент.xlsx", xlsx(Sheet("Контингент", _contingent(schools, year, seed)))


def first_stage(subject: str, people: dict[int, Parallel], year: int, seed: int) -> Sat:
    """The school stage: whoever wants to; where results are written up, they are written up here as well."""
    least = catalogue.olympiad_rules()["stages"]["SHE"]["least_grade"]
    rng = stream(seed, "olympiad", year, subject)
    parts = []
    for each, group in people.items():
        if each < least.get(subject, least["all"]):
            continue
        wish = SHARE * np.exp(EAGER * group.ability)
        at = np.flatnonzero(rng.random(len(group)) < np.minimum(wish, 0.6))
        ability = group.ability[at] + group.inflation[at]
        parts.append((np.full(len(at), each), group.school[at], at, ability))
    grade, school, at, ability = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return _sat("SHE", subject, people, grade, school, at, ability, rng)


def next_stage(before: Sat, stage: str, people: dict[int, Parallel], year: int, seed: int) -> Sat | None:
    """The best of the stage before, of the classes that take part; nothing is written up there any more.

    To the municipal stage go those awarded at school and whoever has as many points; to the later ones those awarded
    who reach the bound.
    """
    rng = stream(seed, "olympiad", year, before.subject, stage)
    old = before.grade >= catalogue.olympiad_rules()["stages"][stage]["least_grade"]["all"]
    if not old.any():
        return None
    bound = np.quantile(before.score[old], 1 - INVITED[stage])
    awarded = np.array([status != PARTICIPANT for status in before.status], dtype=bool)
    reaches = before.score >= bound
    invited = awarded | reaches if stage == "ME" else awarded & reaches
    grade, school, at, _ = before.where(old & invited & (before.score > 0))
    if not len(grade):
        return None
    pairs = zip(grade.tolist(), at.tolist(), strict=True)
    ability = np.array([people[each].ability[pupil] for each, pupil in pairs])
    return _sat(stage, before.subject, people, grade, school, at, ability, rng)


def _sat(
    stage: str, subject: str, people: dict[int, Parallel], grade: Ints, school: Ints, at: Ints, ability: Floats,
    rng: np.random.Generator,
) -> Sat:  # fmt: skip
    adjusted = ability + EASY[stage] + rng.normal(0, SPREAD, len(ability))
    score = np.rint(TOP / (1 + np.exp(-adjusted))).astype(np.int64)
    status = [PARTICIPANT] * len(score)
    group = np.stack([grade, school if stage == "SHE" else np.zeros_like(school)], axis=1)
    for key in np.unique(group, axis=0):
        members = np.flatnonzero((group == key).all(axis=1))
        order = members[np.argsort(-score[members], kind="stable")]
        most = max(1 if stage == "SHE" else 0, round(AWARDED[stage] * len(order)))
        for rank, member in enumerate(order[:most].tolist()):
            if score[member] * 2 > TOP:  # who is best here need not be so in the region or the country
                is_best = rank == 0 and (stage in ("SHE", "ME") or score[member] * 4 >= TOP * 3)
                status[member] = WINNER if is_best else PRIZE
    return Sat(stage, subject, list(people.values()), grade, school, at, ability, score, status)


def _lines(
    sat: Sat, schools: list[School], named: dict[int, list[Name]]
) -> Iterator[tuple[Name, School, int, int, str]]:
    results = zip(
        sat.grade.tolist(), sat.school.tolist(), sat.place.tolist(), sat.score.tolist(), sat.status, strict=True
    )
    for grade, school, at, score, status in results:
        yield named[grade][at], schools[school], grade, score, status


def _export(sat: Sat, schools: list[School]) -> list[list[Cell]]:
    title = catalogue.subjects()[sat.subject]
    results = zip(sat.grade.tolist(), sat.school.tolist(), sat.score.tolist(), sat.status, strict=True)
    return [
        [f"s-{sat.subject.lower()}-{number:05d}", schools[school].login, title, grade, score, TOP, status]
        for number, (grade, school, score, status) in enumerate(results, 1)
    ]


def _list(sat: Sat, schools: list[School], named: dict[int, list[Name]], year: int) -> list[list[Cell]]:
    title, short = catalogue.subjects()[sat.subject], catalogue.olympiad_rules()["stages"][sat.stage]["short"]
    return [
        [name.surname, name.first_name, name.patronymic, None, None, TOWN.name, school.full_title, title, grade, short,
         status, f"{year - 1}/{year % 100:02d}"]
        for name, school, grade, _, status in _lines(sat, schools, named)
    ]  # fmt: skip


def _sheet(sat: Sat, schools: list[School], named: dict[int, list[Name]]) -> Sheet:
    """A sheet of the workbook: titles, a header in the fifteenth row; technology and PE have columns of their own."""
    title = {"TE": "Труды", "FK": "Физкультура"}.get(sat.subject, catalogue.subjects()[sat.subject])
    rows: list[list[Cell]] = []
    for number, (name, school, grade, score, status) in enumerate(_lines(sat, schools, named), 1):
        who: list[Cell] = [title, school.title, f"{sat.subject}-{number:03d}", name.surname, name.first_name,
                           name.patronymic]  # fmt: skip
        done: list[Cell] = [score, round(score / TOP, 2), status]
        if sat.subject == "TE":
            rows.append([*who, grade, grade, DIRECTIONS[number % len(DIRECTIONS)], *done])
        elif sat.subject == "FK":
            rows.append([*who, "ж" if name.patronymic.endswith("на") else "м", grade, grade,
                         *([score // 4] * len(ROUNDS)), *done])  # fmt: skip
        else:
            rows.append([*who, grade, grade, *done])
    header = {"TE": (*BOOK[:8], "Направление практики", *BOOK[8:]),
              "FK": (*BOOK[:6], "Пол", *BOOK[6:8], *ROUNDS, *BOOK[8:])}.get(sat.subject, BOOK)  # fmt: skip
    above: list[Row] = [["Протокол муниципального этапа всероссийской олимпиады школьников"], [title]]
    return Sheet(title, [*above, *([[]] * (ABOVE - len(above))), header, *rows])


def _plant(rows: object) -> None:
    """A class 12, a pupil again as somebody else writes the name, a winner with half of the points."""
    assert isinstance(rows, list)
    first, second = ABOVE + 1, ABOVE + 2
    again = list(rows[first])
    again[3:6] = [str(again[3]).upper(), f" {again[4]}", str(again[5]).lower()]
    again[8] = int(again[8]) - 1
    rows[second] = [*rows[second][:8], TOP // 2, 0.5, WINNER]
    odd = list(rows[-1])
    odd[6], odd[7] = 12, 12
    rows[-1] = odd
    rows.append(again)


def _counts(sats: list[Sat], schools: list[School], year: int) -> list[Row]:
    """A row a school and grade: participants, winners and prize-winners, each pupil once."""
    best: dict[tuple[int, int, int], int] = {}
    for sat in sats:
        results = zip(sat.school.tolist(), sat.grade.tolist(), sat.place.tolist(), sat.status, strict=True)
        for school, grade, at, status in results:
            rank = (PARTICIPANT, PRIZE, WINNER).index(status)
            best[school, grade, at] = max(rank, best.get((school, grade, at), 0))
    by_grade: dict[tuple[int, int], list[int]] = {}
    for (school, grade, _), rank in sorted(best.items()):
        counted = by_grade.setdefault((school, grade), [0, 0, 0])
        counted[0] += 1
        counted[1] += rank == 2
        counted[2] += rank == 1
    rows: list[Row] = [("Год", "Логин", "Этап", "Предмет", "Класс", "Участников", "Победителей", "Призёров")]
    for (school, grade), counted in by_grade.items():
        rows.append([year, schools[school].login, "ШЭ", "Все предметы", grade, *counted])
    return rows


def _contingent(schools: list[School], year: int, seed: int) -> list[Row]:
    rows: list[Row] = [("Год", "Логин", "Класс", "Обучающихся в параллели")]
    for grade in range(1, 12):
        sizes = parallel_sizes(schools, seed, year, grade).tolist()
        rows += [[year, school.login, grade, size] for school, size in zip(schools, sizes, strict=True) if size]
    return rows


def _csv(rows: list[Row]) -> bytes:
    """As Excel saves it: semicolons, Windows-1251."""
    lines = [";".join("" if cell is None else str(cell) for cell in row) for row in rows]
    return "\r\n".join([*lines, ""]).encode("cp1251")
