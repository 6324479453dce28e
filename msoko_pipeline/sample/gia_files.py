"""Protocols of the state exams, a folder a year: the same pupils, as able as in their ВПР, in the layouts of РИС.

ГИА/2026/Протоколы ОГЭ 2026.xlsx          exams stacked on one sheet; informatics in a dense protocol with documents
ГИА/2026/Протоколы ЕГЭ 2026.xlsx          the same of grade 11; informatics in a compact protocol
ГИА/2026/Пересдача ОГЭ 2026.xlsx          September, those who had «2»
ГИА/2026/Дополнительные дни ЕГЭ 2026.xlsx July (since 2024), one exam of a leaver again; what he had is annulled
ГИА/2026/ОГЭ после апелляций 2026.xlsx    and those of ЕГЭ
ГИА/2026/Аттестаты и медали 2026.xlsx

Planted dirt of the last year: in ОГЭ a mark 6, a class 12 and a name instead of a school's code, a row each; a protocol
of another region.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from msoko_pipeline.sample.pupil_names import Name, by_school
from msoko_pipeline.sample.pupils import Floats, Ints, Parallel, parallel, parallel_sizes
from msoko_pipeline.sample.responses import SUBJECT_SPREAD, answer, draw_items
from msoko_pipeline.sample.sitting import mark_of
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import LAST_YEAR, REGION_NAME, School
from msoko_pipeline.sample.workbooks import Cell, Row, Sheet, xlsx
from msoko_pipeline.sample.works import Task, Work
from schemas import catalogue
from schemas.exam_tasks import ExamTask, exam_tasks

FOLDER = "ГИА"
REGION = f"19 - {REGION_NAME}"
CODES = {"RU": 1, "MA": 2, "FI": 3, "HI": 4, "IN": 5, "BI": 6, "IS": 7, "GG": 8, "EN": 9, "OB": 12, "LI": 18, "MB": 22}
NAMES = {"MA": "Математика профильная", "MB": "Математика базовая"}
OGE_CHOICE = (("OB", 0.42), ("GG", 0.4), ("IN", 0.36), ("BI", 0.24), ("HI", 0.14), ("FI", 0.14), ("EN", 0.12),
              ("IS", 0.1), ("LI", 0.08))  # fmt: skip
EGE_CHOICE = (("OB", 0.45), ("BI", 0.25), ("IN", 0.25), ("FI", 0.2), ("HI", 0.18), ("IS", 0.15), ("EN", 0.12),
              ("LI", 0.08), ("GG", 0.08))  # fmt: skip
DAYS = {"RU": "06.09", "MA": "06.03", "OB": "06.06", "GG": "06.16", "IN": "06.05", "BI": "06.10", "HI": "06.11",
        "FI": "06.17", "EN": "05.21", "IS": "06.04", "LI": "06.12", "MB": "05.29"}  # fmt: skip
JULY = {2024: "07.04", 2025: "07.03", 2026: "07.08"}  # the first of the additional days of a year
JULY_SUBJECTS = ("RU", "FI", "BI")
LONG = (2, 3, 2, 4, 3)  # maxima of the long tasks of a made-up exam, the first ones as they fit
APPEALED = {9: 0.005, 11: 0.02}  # of those who sat
LONG_TASK = "Р"  # the code of every long task or criterion of an exam
WHOLE = 5  # балл: long tasks of more are printed by criteria
EASE = {"": 0.5, "MA": 0.7, "MB": 1.6}  # logits: an exam that the many must pass is easier than a ВПР
APART = "IN"  # the subject whose protocols come in another layout
OGE_HEADER = ("№", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Код МСУ", "Фамилия", "Имя", "Отчество",
              "Задания с кратким ответом", "Задания с развёрнутым ответом", "Первичный балл", "Оценка")  # fmt: skip
EGE_HEADER = (
    *("№", "Код МСУ", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Фамилия", "Имя", "Отчество"),
    *("Задания с кратким ответом", "Задания с развёрнутым ответом", "Первичный балл", "Тестовый балл"),
)
OGE_PLACES = (0, 1, 2, 4, 6, 8, 10, 12, 13, 14, 17, 18, 20)
EGE_PLACES = (0, 2, 4, 6, 8, 10, 12, 13, 14, 16, 18, 20, 22)
DENSE_HEADER = ("№", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Код участника", "Фамилия", "Имя", "Отчество",
                "Серия", "Номер", "Ответы в краткой форме", "Ответы в развернутой форме", "Первичный балл",
                "Оценка")  # fmt: skip
COMPACT_HEADER = ("№", "Код ППЭ", "Код ОО", "Класс", "Код ООП", "Профиль", "Фамилия", "Имя", "Отчество", "Вариант",
                  "Код участника", "№ бланка", "Ответы в краткой форме", "Ответы в развернутой форме",
                  "Первичный балл", "Итоговый балл")  # fmt: skip
APPEALS_HEADER = ("№", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Фамилия", "Имя", "Отчество", "Экзамен",
                  "Состояние апелляции", "Текущие", None)  # fmt: skip
CERTIFICATE_HEADER = (
    *("Год", "Логин", "Класс", "На какой день", "Выпускников всего", "Допущены", "Получили аттестат"),
    *("Из них с отличием", "Не получили (справка)", "Пересдают в сентябре", "Медаль I степени", "Медаль II степени"),
)


@dataclass(frozen=True)
class Sat:
    """An exam as a set of pupils sat it: columns of equal length; scores pupils × tasks, the short ones first."""

    work: Work
    people: Parallel
    names: list[Name]
    scores: Ints
    short: int

    @property
    def total(self) -> Ints:
        totals: Ints = self.scores.sum(axis=1, dtype=np.int64)
        return totals

    @property
    def result(self) -> Ints:
        """Marks of ОГЭ and base mathematics, else test scores."""
        return self.results(self.total)

    def results(self, totals: Ints) -> Ints:
        """The same of any primary scores."""
        if self.work.grade == 9 or self.work.subject == "MB":
            return mark_of(totals, self.work.bounds)
        scale = catalogue.test_scores(LAST_YEAR, self.work.subject)
        return np.array([scale[min(score, max(scale))] for score in totals.tolist()], dtype=np.int64)

    @property
    def day(self) -> str:
        return f"{self.work.year}.{DAYS[self.work.subject]}"

    @property
    def title(self) -> str:
        name = NAMES.get(self.work.subject, "") if self.work.grade == 11 else ""
        return f"{CODES[self.work.subject]:02d} - {name or self.work.title} {self.day}"

    def title_on(self, day: str | None) -> str:
        """The title of the same exam on another day; None: on its own."""
        return self.title if day is None else self.title.replace(self.day, day)

    def answers(self, row: int) -> tuple[str, str]:
        """The row's mask of short answers and its list of long ones."""
        tops = [task.max_score for task in self.work.tasks]
        scored = list(zip(self.scores[row].tolist(), tops, strict=True))
        mask = "".join(
            "+" if score == top else "-" if score == 0 else str(score) for score, top in scored[: self.short]
        )
        return mask, "".join(f"{score}({top})" for score, top in scored[self.short :])

    def where(self, mask: np.ndarray) -> Sat:
        at = np.flatnonzero(mask)
        return replace(
            self, people=self.people.where(mask), names=[self.names[row] for row in at], scores=self.scores[at]
        )


def gia_files(town: Sequence[School], year: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """The year's files: path inside the inbox and bytes."""
    schools = list(town)
    ninth, eleventh = sat(schools, year, 9, seed), sat(schools, year, 11, seed)
    place = f"{FOLDER}/{year}"
    main = [exam for exam in ninth if exam.work.subject != APART]
    blocks = [row for exam in main for row in _oge_block(exam, schools)]
    if year == LAST_YEAR:
        _dirty(blocks)
    yield f"{place}/Протоколы ОГЭ {year}.xlsx", xlsx(Sheet("Page 1", blocks))
    for exam in (exam for exam in ninth if exam.work.subject == APART):
        yield f"{place}/Протокол ОГЭ {exam.work.title} {year}.xlsx", xlsx(Sheet("Page 1", _dense(exam, schools)))
    blocks = [row for exam in eleventh if exam.work.subject != APART for row in _ege_block(exam, schools)]
    if blocks:
        yield f"{place}/Протоколы ЕГЭ {year}.xlsx", xlsx(Sheet("Page 1", blocks))
    for exam in (exam for exam in eleventh if exam.work.subject == APART):
        yield f"{place}/Протокол ЕГЭ {exam.work.title} {year}.xlsx", xlsx(Sheet("Page 1", _compact(exam, schools)))
    again = [resit(exam, seed) for exam in ninth if exam.work.subject in ("RU", "MA")]
    blocks = [row for exam in again if len(exam.names) for row in _oge_block(exam, schools, day=f"{year}.09.04")]
    if blocks:
        yield f"{place}/Пересдача ОГЭ {year}.xlsx", xlsx(Sheet("Page 1", blocks))
    july = [exam for exam in july_resits(eleventh, seed) if len(exam.names)]
    blocks = [
        row
        for exam in july
        for row in _ege_block(exam, schools, day=f"{year}.{JULY[exam.work.year]}", above="Дополнительные дни")
    ]
    if blocks:
        yield f"{place}/Дополнительные дни ЕГЭ {year}.xlsx", xlsx(Sheet("Page 1", blocks))
    for title, exams, result in (("ОГЭ", ninth, "Оценка"), ("ЕГЭ", eleventh, "Тестовый балл")):
        appealed = [row for exam in exams for row in _appeals(exam, schools, seed)]
        if appealed:
            below: list[Cell] = [*[None] * 10, "Первичный балл", result]
            table: list[Row] = [APPEALS_HEADER, below, *([number, *row] for number, row in enumerate(appealed, 1))]
            yield f"{place}/{title} после апелляций {year}.xlsx", xlsx(Sheet("Page 1", table))
    rows = certificates(schools, ninth, again, eleventh, year, seed)
    yield f"{place}/Аттестаты и медали {year}.xlsx", xlsx(Sheet("Аттестаты", rows))
    if year == LAST_YEAR:
        few: list[Row] = _oge_block(main[0].where(np.arange(len(main[0].names)) < 3), schools)
        other: list[Row] = [["24 - Красноярский край"] if list(row) == [REGION] else row for row in few]
        yield f"{place}/Протокол соседнего региона.xlsx", xlsx(Sheet("Page 1", other))


def exam_work(year: int, grade: int, subject: str) -> Work:
    """An exam with the real maximum and bounds; of the years whose tasks are known with the real tasks, short ones
    first and the long ones of more than `WHOLE` points by criteria, else with as many tasks as seem right.
    """
    if grade == 9 or subject == "MB":
        scale = catalogue.mark_scale("OGE" if grade == 9 else "EGE", year, subject)
        if scale is None:
            raise LookupError(f"no scale: {year} {grade} {subject}")
        top: int = scale["max_primary"]
        least = scale["min_3"]
        bounds = (least, scale["min_4"] or (2 * least + top) // 3, scale["min_5"] or (least + 3 * top) // 4)
    else:
        scores = catalogue.test_scores(LAST_YEAR, subject)
        top = max(scores)
        bounds = tuple(min(p for p, test in scores.items() if test >= wanted) for wanted in (40, 62, 78))  # type: ignore[assignment]
    procedure = "OGE" if grade == 9 else "EGE"
    if plan := exam_tasks(procedure, year, subject):
        parts = [(task, points) for task in plan for points in (_criteria(task) if task.is_long else (task.max_score,))]
        parts.sort(key=lambda pair: pair[0].is_long)
        tasks = tuple(Task(LONG_TASK if task.is_long else task.task, task.level, most, "") for task, most in parts)
        return Work(year, grade, subject, tasks, bounds, grade)
    long = [points for points, so_far in zip(LONG, np.cumsum(LONG).tolist(), strict=True) if so_far <= top // 3]
    rest = top - sum(long)
    double = rest // 4
    short = [1] * (rest - 2 * double) + [2] * double
    tasks = (*(Task(str(k), "", points, "") for k, points in enumerate(short, 1)),
             *(Task(LONG_TASK, "", points, "") for points in long))  # fmt: skip
    return Work(year, grade, subject, tasks, bounds, grade)


def _criteria(task: ExamTask) -> tuple[int, ...]:
    """Maxima of a long task's criteria: the real ones where they are known, of a long one else three points each."""
    if task.criteria or task.max_score <= WHOLE:
        return task.criteria or (task.max_score,)
    whole, rest = divmod(task.max_score, 3)
    return (*[3] * whole, *[rest] * (rest > 0))


def sat(schools: list[School], year: int, grade: int, seed: int) -> list[Sat]:
    """Every exam of the town's grade: Russian, mathematics (base or profile in grade 11) and two or so of choice."""
    people = parallel(schools, parallel_sizes(schools, seed, year, grade), seed, year, grade)
    named = by_school(schools, people.school, people.number, people.girl, year - grade, seed)
    exams = []
    for subject, mask in chosen(people, grade, stream(seed, "exams chosen", year, grade)).items():
        if not mask.any():
            continue
        work = exam_work(year, grade, subject)
        at = np.flatnonzero(mask)
        sitting = people.where(mask)
        exams.append(sit_exam(work, sitting, [named[row] for row in at], sitting.ability, seed, "main"))
    return exams


def chosen(people: Parallel, grade: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Subject → who sits it."""
    chosen = {"RU": np.ones(len(people), bool)}
    if grade == 9:
        chosen["MA"] = np.ones(len(people), bool)
    else:
        chosen["MA"] = rng.random(len(people)) < 1 / (1 + np.exp(-1.2 * people.ability))
        chosen["MB"] = ~chosen["MA"]
    for subject, share in OGE_CHOICE if grade == 9 else EGE_CHOICE:
        chosen[subject] = rng.random(len(people)) < share
    return chosen


def sit_exam(work: Work, people: Parallel, named: list[Name], ability: Floats, seed: int, wave: str) -> Sat:
    """The exam as these pupils sit it. wave: of the year, so that each is another one."""
    rng = stream(seed, "exam", wave, work.year, *work.key)
    ease = EASE.get(work.subject, EASE[""])
    adjusted = ability + rng.normal(0, SUBJECT_SPREAD, len(people)) + ease
    scores = np.maximum(answer(draw_items(work, seed), adjusted, rng), 0).astype(np.int64)
    return Sat(work, people, named, scores, sum(task.code != LONG_TASK for task in work.tasks))


def resit(exam: Sat, seed: int) -> Sat:
    """September: those with «2», after a summer's work."""
    failed = exam.where(exam.result == 2)
    return sit_exam(exam.work, failed.people, failed.names, failed.people.ability + 0.8, seed, "september")


def july_resits(exams: list[Sat], seed: int) -> list[Sat]:
    """The additional days of July: one leaver in twenty sits one exam again, a month later and little abler."""
    resits = []
    for exam in exams:
        if exam.work.subject in JULY_SUBJECTS and exam.work.year in JULY:
            again = stream(seed, "july", exam.work.year, *exam.work.key).random(len(exam.names)) < 0.05
            people = exam.where(again)
            resits.append(sit_exam(exam.work, people.people, people.names, people.people.ability + 0.2, seed, "july"))
    return resits


def _oge_block(exam: Sat, schools: list[School], day: str | None = None) -> list[Row]:
    rows: list[list[Cell]] = []
    for number, (name, school, marks) in enumerate(_lines(exam, schools), 1):
        label = _label(exam, number - 1)
        rows.append([number, _code(school), label, 900 + school.number % 5, f"{number % 12 + 1:04d}", 19,
                     name.surname, name.first_name, name.patronymic, *marks])  # fmt: skip
    return _block(exam.title_on(day), OGE_HEADER, rows, OGE_PLACES)


def _ege_block(exam: Sat, schools: list[School], day: str | None = None, above: str | None = None) -> list[Row]:
    rows: list[list[Cell]] = []
    for number, (name, school, marks) in enumerate(_lines(exam, schools), 1):
        rows.append([float(number), 19.0, float(_code(school)), _label(exam, number - 1), 1100.0 + school.number % 3,
                     f"{number % 12 + 1:04d}", name.surname, name.first_name, name.patronymic, *marks])  # fmt: skip
    block = _block(exam.title_on(day), EGE_HEADER, rows, EGE_PLACES)
    return block if above is None else [[above], *block]


def _dense(exam: Sat, schools: list[School]) -> list[Row]:
    rows: list[list[Cell]] = []
    for number, (name, school, marks) in enumerate(_lines(exam, schools), 1):
        rows.append([number, _code(school), _label(exam, number - 1), 901, "0001", f"{number:06d}", name.surname,
                     name.first_name, name.patronymic, "9999", f"{777_000 + number:06d}", *marks])  # fmt: skip
    return _block(exam.title, DENSE_HEADER, rows, range(len(DENSE_HEADER)))


def _compact(exam: Sat, schools: list[School]) -> list[Row]:
    rows: list[list[Cell]] = []
    for number, (name, school, marks) in enumerate(_lines(exam, schools), 1):
        rows.append([number, 1101, _code(school), 11, None, None, name.surname, name.first_name, name.patronymic,
                     301 + number % 2, f"{number:06d}", 100 + number, *marks])  # fmt: skip
    return _block(exam.title, COMPACT_HEADER, rows, range(len(COMPACT_HEADER)))


def _lines(exam: Sat, schools: list[School]) -> Iterator[tuple[Name, School, tuple[Cell, ...]]]:
    """Each pupil's name, school and the last four cells: short answers, long ones, primary score, mark or score."""
    results = zip(exam.names, exam.people.school.tolist(), exam.total.tolist(), exam.result.tolist(), strict=True)
    for row, (name, school, total, result) in enumerate(results):
        yield name, schools[school], (*exam.answers(row), total, result)


def _block(title: str, header: Row, rows: list[list[Cell]], places: Sequence[int]) -> list[Row]:
    """Titles, the exam, an empty line, the header, the rows, their means."""
    means: list[Cell] = ["Средние", *[None] * (len(header) - 3)]
    means += [round(float(np.mean([float(str(row[place])) for row in rows])), 2) for place in (-2, -1)]
    spread = [_spread(row, places) for row in (header, *rows, means)]
    return [["Протокол проверки результатов"], [REGION], [title], [], *spread, []]


def _spread(cells: Row, places: Sequence[int]) -> list[Cell]:
    line: list[Cell] = [None] * (max(places) + 1)
    for place, cell in zip(places, cells, strict=True):
        line[place] = cell
    return line


def _dirty(blocks: list[Row]) -> None:
    """A mark 6, a class 12 and a name where the school's code stands, in the first exam's rows."""
    row_numbers = [number for number, row in enumerate(blocks) if row and isinstance(row[0], int)]
    plants: tuple[tuple[int, Cell], ...] = ((20, 6), (2, "12А"), (1, "Образцова Анна"))
    for number, (column, cell) in zip(row_numbers, plants, strict=False):
        blocks[number] = [cell if place == column else old for place, old in enumerate(blocks[number])]


def _appeals(exam: Sat, schools: list[School], seed: int) -> list[Row]:
    """One pupil in two hundred appeals of ОГЭ, one in fifty of ЕГЭ; half of them get a point or two."""
    rng = stream(seed, "appeals", exam.work.year, *exam.work.key)
    rows: list[Row] = []
    for row in np.flatnonzero(rng.random(len(exam.names)) < APPEALED[exam.work.grade]).tolist():
        granted = rng.random() < 0.5
        score = min(int(exam.total[row]) + int(rng.integers(1, 3)) * granted, exam.work.max_primary)
        result = int(exam.results(np.array([score]))[0])
        name, school = exam.names[row], schools[int(exam.people.school[row])]
        decision = "Удовлетворена" if granted else "Отклонена"
        title = exam.title.split(" - ")[1].removesuffix(f" {exam.day}")
        rows.append([_code(school), _label(exam, row), 901, "0001", name.surname, name.first_name, name.patronymic,
                     f"{title}({exam.day})", decision, score, result])  # fmt: skip
    return rows


def certificates(
    schools: list[School], ninth: list[Sat], again: list[Sat], eleventh: list[Sat], year: int, seed: int
) -> list[Row]:
    """A row a school and grade: who failed Russian or mathematics and did not mend it has no certificate."""
    rows: list[Row] = [CERTIFICATE_HEADER]
    for place, school in enumerate(schools):
        for grade, exams in ((9, ninth), (11, eleventh)):
            size = int(parallel_sizes([school], seed, year, grade)[0])
            if not size:
                continue
            failed = _failed(exams, place)
            mended = failed - _failed(again, place) if grade == 9 else set()
            rng = stream(seed, "certificates", school.login, year, grade)
            honours = int(rng.binomial(size - len(failed), 0.06))
            medals: list[Cell] = [honours, int(rng.binomial(honours, 0.5))] if grade == 11 else [None, None]
            left = len(failed - mended)
            counts = (size, size, size - left, min(honours, size - left), left, len(failed))
            rows.append([year, school.login, grade, f"30.09.{year}", *counts, *medals])
    return rows


def _failed(exams: list[Sat], school: int) -> set[int]:
    """Numbers of the school's pupils below the minimum in Russian or mathematics."""
    numbers: set[int] = set()
    for exam in exams:
        if exam.work.subject not in ("RU", "MA", "MB"):
            continue
        minimum = catalogue.exam_minimum(exam.work.year, exam.work.subject) or {}
        least = minimum.get("min_test") if exam.work.grade == 11 and exam.work.subject != "MB" else 3
        mask = (exam.people.school == school) & (exam.result < (least or 0))
        numbers |= set(exam.people.number[mask].tolist())
    return numbers


def _code(school: School) -> int:
    return int(f"19{school.number:04d}")


def _label(exam: Sat, row: int) -> str:
    return f"{exam.work.grade}{'АБВГДЕЖ'[(int(exam.people.class_no[row]) - 1) % 7]}"
