"""What others say of the town's schools, a folder a year: the official list, social passports, risk profiles of the
weakest, protocols of rechecked works, medallists, risk indicators.

The official list comes as in life: every row twice, an absent marker blank here and 0 there. Planted dirt of the last
year: in the passports a count above the number of pupils, in the profiles the level «критический», in a protocol the
mark 6; one row each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from msoko_pipeline.sample.pupils import parallel_sizes
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import LAST_YEAR, SCHOOL_SPREAD, School
from msoko_pipeline.sample.workbooks import Cell, Row, Sheet, xlsx
from msoko_pipeline.sample.works import Work, works_of

FOLDER = "Риски"
FIRST_MEDAL_YEAR = 2024  # since then there are two degrees
RECHECKED_SCHOOLS, RECHECKED_WORKS = 3, 10
PROFILED_SCHOOLS = 3
MARKERS = ("4 РУ", "4 МА", "5 РУ", "5 МА")
FACTORS = (
    "Низкий уровень оснащения школы",
    "Дефицит педагогических кадров",
    "Недостаточная предметная и методическая компетентность педагогов",
    "Высокая доля обучающихся с ОВЗ",
    "Низкое качество преодоления языковых и культурных барьеров",
    "Пониженный уровень качества школьной образовательной и воспитательной среды",
    "Пониженный уровень школьного благополучия",
    "Низкий уровень дисциплины в классе",
    "Высокая доля обучающихся с рисками учебной неуспешности",
    "Низкий уровень вовлечённости родителей",
)
PASSPORT = (  # header, usual share, how much less of it a school a little abler has, per spread: odds, never below 0
    ("Из неполных семей", 0.22, 0.05),
    ("Из многодетных семей", 0.13, 0.02),
    ("Из малообеспеченных семей", 0.16, 0.06),
    ("Оба родителя с высшим образованием", 0.30, -0.11),
    ("На учёте (ВШК, ПДН, КДН)", 0.02, 0.009),
    ("Под опекой", 0.02, 0.005),
    ("Русский язык не родной", 0.06, 0.02),
    ("Родители не работают", 0.03, 0.012),
    ("С ОВЗ и инвалидностью", 0.05, 0.015),
)
RECHECK_HEADER = (
    *("Год", "Процедура", "Логин", "Предмет", "Класс", "Код работы", "Балл до", "Балл после"),
    *("Отметка до", "Отметка после", "Эксперт", "Дата проверки", "Заключение"),
)
MEDALLIST_HEADER = (
    *("Год", "Логин", "№ п/п", "Степень медали", "ЕГЭ: русский язык", "ЕГЭ: лучший другой предмет"),
    *("ЕГЭ: математика базовая, отметка", "ЕГЭ: сколько других предметов"),
)


def risk_files(town: Sequence[School], year: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """The year's files: path inside the inbox and bytes. A list, a protocol, medallists without rows is no file."""
    dirty = year == LAST_YEAR
    listed = [school for school in town if school.truth.inflation > 0]
    made: list[tuple[str, str, list[Row]]] = [
        ("Перечень ОО с признаками необъективности", "Перечень", official_list(listed, year, seed)),
        ("Социальные паспорта школ", "Социальный паспорт", passports(town, year, seed, dirty)),
        ("Рисковые профили школ (500+)", "Рисковый профиль", profiles(town, year, seed, dirty)),
        ("Индикаторы риска Рособрнадзора", "Индикаторы риска", indicators(town, year, seed)),
    ]
    for number, school in enumerate(rechecked(town, year, seed)):
        rows = recheck(school, year, seed, dirty and number == 0)
        made.append((f"Протокол перепроверки {school.login}", "Перепроверка", rows))
    if year >= FIRST_MEDAL_YEAR:
        made.append(("Претенденты на медаль и их ЕГЭ", "Претенденты", medallists(town, year, seed)))
    for title, sheet, rows in made:
        if len(rows) > 1:
            yield f"{FOLDER}/{year}/{title} {year}.xlsx", xlsx(Sheet(sheet, rows))


def official_list(listed: Sequence[School], year: int, seed: int) -> list[Row]:
    """Every row twice; the more a school has inflated, the more markers it has."""
    rows: list[Row] = [("Год", "Логин", "Муниципалитет", "ОО", *MARKERS, "Количество маркеров")]
    for school in listed:
        rng = stream(seed, "official list", school.login, year)
        marked = rng.random(len(MARKERS)) < 0.3 + 0.5 * school.truth.inflation
        marked[rng.integers(len(MARKERS))] = True
        for _ in range(2):
            blank = rng.random(len(MARKERS)) < 0.5
            cells: list[Cell] = [1 if yes else None if gap else 0 for yes, gap in zip(marked, blank, strict=True)]
            rows.append([year, school.login, school.municipality.name, school.title, *cells, int(marked.sum())])
    return rows


def passports(town: Sequence[School], year: int, seed: int, dirty: bool) -> list[Row]:
    """A row a school: the weaker its pupils, the less favourable the shares."""
    rows: list[Row] = [("Год", "Логин", "ОО", "Обучающихся", *(title for title, _, _ in PASSPORT))]
    for number, school in enumerate(town):
        rng = stream(seed, "passport", school.login, year)
        size = max(1, sum(int(parallel_sizes([school], seed, year, grade)[0]) for grade in range(1, 12)))
        spreads = school.truth.ability_in(year) / SCHOOL_SPREAD
        counts = [int(rng.binomial(size, _share(usual, step, spreads))) for _, usual, step in PASSPORT]
        if dirty and number == len(town) - 1:
            counts[0] += size
        rows.append([year, school.login, school.title, size, *counts])
    return rows


def _share(usual: float, step: float, spreads: float) -> float:
    """The share of a school, 0…1: `usual` at mean ability, `step` less of it per spread there, on the scale of odds."""
    odds = usual / (1 - usual) * np.exp(-spreads * step / (usual * (1 - usual)))
    return float(odds / (1 + odds))


def profiles(town: Sequence[School], year: int, seed: int, dirty: bool) -> list[Row]:
    """Some factors of the weakest schools, a factor by its number here and by its name there."""
    rows: list[Row] = [("Год", "Логин", "Фактор риска", "Уровень риска")]
    for place, school in enumerate(_weakest(town, year)[:PROFILED_SCHOOLS]):
        rng = stream(seed, "risk profile", school.login, year)
        chosen = np.sort(rng.choice(len(FACTORS), int(rng.integers(3, 6)), replace=False))
        for number, factor in enumerate(chosen.tolist()):
            level = ("высокий", "средний", "низкий")[int(rng.choice(3, p=(0.5, 0.35, 0.15)))]
            cell: Cell = FACTORS[factor] if place % 2 else factor + 1
            rows.append([year, school.login, cell, "критический" if dirty and place == number == 0 else level])
    return rows


def rechecked(town: Sequence[School], year: int, seed: int) -> list[School]:
    """Schools whose works were checked again: first those that inflate, then others by lot."""
    order = stream(seed, "rechecked", year).permutation(len(town)).tolist()
    chosen = sorted((town[place] for place in order), key=lambda school: school.truth.inflation <= 0)
    return chosen[:RECHECKED_SCHOOLS]


def recheck(school: School, year: int, seed: int, dirty: bool) -> list[Row]:
    """A protocol: works of «Математика, 4 класс»; where a school inflates, scores and marks come down."""
    work = next(work for work in works_of(year) if work.key == ("MA", 4))
    rng = stream(seed, "recheck", school.login, year)
    rows: list[Row] = [RECHECK_HEADER]
    codes = 10_000 * work.pupil_grade + 1 + np.sort(rng.choice(60, RECHECKED_WORKS, replace=False))
    inflates = school.truth.inflation > 0
    before = rng.integers(work.bounds[1] if inflates else work.bounds[0], work.max_primary + 1, RECHECKED_WORKS)
    if inflates:
        after = np.floor(before * rng.uniform(0.6, 0.85, RECHECKED_WORKS)).astype(np.int64)
    else:
        after = before - (rng.random(RECHECKED_WORKS) < 0.15)
    for number, (code, was, now) in enumerate(zip(codes.tolist(), before.tolist(), after.tolist(), strict=True)):
        marks = _mark(work, was), _mark(work, now)
        outcome = "отметка подтверждена" if marks[0] == marks[1] else "отметка понижена"
        who = ("ВПР", school.login, work.title, work.grade, code)
        mark_after = 6 if dirty and number == 0 else marks[1]
        rows.append([year, *who, was, now, marks[0], mark_after, f"Э-{number % 2 + 1}", f"20.05.{year}", outcome])
    return rows


def medallists(town: Sequence[School], year: int, seed: int) -> list[Row]:
    """Applicants for medals, about one graduate in twelve; not all of a school that inflates confirm their marks.

    Every seventh of those who sat basic mathematics sat nothing else but Russian.
    """
    rows: list[Row] = [MEDALLIST_HEADER]
    for school in town:
        if not school.kind.senior:
            continue
        rng = stream(seed, "medallists", school.login, year)
        graduates = int(parallel_sizes([school], seed, year, 11)[0])
        level = 78 + 8 * school.truth.ability_in(year)
        for number in range(1, 1 + int(rng.binomial(graduates, 0.08))):
            degree = 1 if rng.random() < 0.6 else 2
            least = 40 if school.truth.inflation > 0 else 70 if degree == 1 else 60
            fall = 20 if school.truth.inflation > 0 else 0
            scores = np.clip(rng.normal((level + 4 - fall, level - 2 - fall), 9), least, 100).astype(int).tolist()
            base: Cell = int(rng.integers(4, 6)) if rng.random() < 0.5 else None
            others = 1 + (number + len(rows)) % 3
            if base is not None and len(rows) % 7 == 0:
                scores[1], base, others = None, 5, 0
            rows.append([year, school.login, number, "I" if degree == 1 else "II", *scores, base, others])
    return rows


def indicators(town: Sequence[School], year: int, seed: int) -> list[Row]:
    """One or two indicators, of the weakest schools."""
    rows: list[Row] = [("Год", "Логин", "Индикатор риска", "Дата установления", "Пояснение")]
    count = int(stream(seed, "risk indicators", year).integers(1, 3))
    for number, school in enumerate(_weakest(town, year)[:count]):
        indicator = ("доля отметок «2» выше, чем у похожих школ", "доля отметок «2» выросла за год")[number]
        rows.append([year, school.login, indicator, f"{11 + number}.06.{year}", None])
    return rows


def _weakest(town: Sequence[School], year: int) -> list[School]:
    return sorted(town, key=lambda school: school.truth.ability_in(year))


def _mark(work: Work, score: int) -> int:
    return 2 + sum(score >= bound for bound in work.bounds)
