"""Which work a sheet holds: year, subject, grade. From its title frame, or declared by a manifest or the path.

The collection forms and the regional exports of 2020–2022 do not say it inside; what is declared for them is checked
against the content (the first digit of participants' codes, the number of tasks), and a contradiction is refused.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.privacy.repeating import unnamed
from msoko_pipeline.reading.header import Recognised
from msoko_pipeline.reading.workbook import Grid
from msoko_pipeline.text import levels
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.grades import grades_in, without_dates, without_days
from msoko_pipeline.text.spelling import normal
from msoko_pipeline.text.subjects import in_words, subjects_in
from msoko_pipeline.text.years import is_possible
from schemas import catalogue

GRADES = range(1, 12)
MOST_POINTS = 200  # the greatest work ever had 51


@dataclass(frozen=True)
class Work:
    """A ВПР work or an exam. year: reporting year; subject: code (`MA`); grade: of the work; max_primary: балл, where
    printed; procedure: VPR, OGE, GVE9, EGE, GVE11, VSOSH; date of an exam, ISO; stage of an olympiad, whose grade is 0
    (the rows tell theirs) and whose subject may be "" for the same reason.
    """

    year: int
    subject: str
    grade: int
    max_primary: int | None = None
    procedure: str = "VPR"
    date: str | None = None
    stage: str | None = None

    def title(self) -> str:
        title = catalogue.titles("procedure")[self.procedure]
        if self.stage:
            stage = catalogue.olympiad_rules()["stages"][self.stage]["title"]
            parts = [f"{title} {self.year}", stage, catalogue.subjects().get(self.subject, "")]
            return ", ".join(filter(None, parts))
        return f"{title} {self.year}, {catalogue.subjects()[self.subject]}, {self.grade} класс"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def from_title(recognised: Recognised) -> Work:
    """The work named in the title frame: «ВПР 2026 Русский язык 4 класс», in any order, case and line of it.

    Raises Refusal where a part is missing or cannot be, and a question where two subjects or classes are named.
    """
    frame = _told(recognised.titles)
    if frame.names_something:  # what it does not say, the titles above say for both
        for titles in recognised.above:
            frame = frame.with_rest_of(_told(titles))
    if frame.title is None and not (recognised.above and frame.names_something):
        raise Refusal("file_work_unknown", detail="в рамке отчёта нет строки вида «ВПР 2026 Русский язык 4 класс»")
    of_sheet = [code for code in subjects_in(without_dates(recognised.sheet)) if code in levels.of(frame.subjects)]
    year, named, grades = frame.year, levels.refined([*frame.subjects, *of_sheet]), frame.grades
    title = frame.title or " ".join(recognised.titles)
    if year is None or not grades:
        missing = "года" if year is None else "класса"
        raise Refusal("file_work_unknown", detail=f"в рамке отчёта нет {missing}: «{unnamed(title)}»")
    if not named:
        raise Refusal("file_work_unknown", detail=f"предмет «{_rest(title)}» не распознан")
    if len(named) > 1:
        raise Refusal("file_work_ambiguous", detail=f"над таблицей названы предметы {in_words(named)}")
    if len(grades) > 1:
        raise Refusal("file_work_ambiguous", detail=f"над таблицей названы классы {', '.join(map(str, grades))}")
    if named[0] not in catalogue.subjects():
        raise Refusal("file_work_unknown", detail=f"работы по предмету {in_words(named)} нет")
    check_year(year)
    if grades[0] not in GRADES:
        raise Refusal("file_frame", detail=f"класс {grades[0]}")
    text = normal(" \n ".join(recognised.titles))
    match = re.search(r"максимальный первичный балл:?\s*(\d+)", text)
    maximum = int(match[1]) if match else None
    if maximum is not None and not 1 <= maximum <= MOST_POINTS:
        raise Refusal("file_frame", detail=f"максимальный первичный балл {maximum}")
    return Work(year, named[0], grades[0], maximum)


@dataclass(frozen=True)
class _Told:
    """What the lines of a frame say about a work. title: the line that names the procedure; has_other_…: whether words
    stand there that may name a subject, or a class.
    """

    title: str | None
    year: int | None
    subjects: list[str]
    grades: tuple[int, ...]
    has_other_subject: bool
    has_other_grade: bool

    @property
    def names_something(self) -> bool:
        return bool(self.title or self.subjects or self.grades)

    def with_rest_of(self, above: _Told) -> _Told:
        """With the parts that these lines do not name taken from those above; nothing in place of an unknown word."""
        return replace(
            self,
            year=self.year or above.year,
            subjects=self.subjects or ([] if self.has_other_subject else above.subjects),
            grades=self.grades or (() if self.has_other_grade else above.grades),
        )


def _told(titles: list[str]) -> _Told:
    title = _frame_line(titles)
    first = [] if title is None else [title]
    lines = [
        *first,
        *(line for line in titles if _SUBJECT_LINE.match(normal(line)) or _procedure().search(normal(line))),
    ]
    years = map(_year_of, [*first, *map(without_days, titles)])
    grades = next(filter(None, (grades_in(line).told for line in first)), ())
    return _Told(
        title,
        next(filter(None, years), None),
        list(dict.fromkeys(code for line in lines for code in subjects_in(without_dates(line)))),
        tuple(grades or next(filter(None, (grades_in(line).named for line in titles)), ())),
        any(map(_other_words, lines)),
        any("класс" in normal(line) for line in titles),
    )


def named_parts(line: str, *, is_alone: bool) -> dict[str, object]:
    """Year, subjects and classes that a line of a title names, as far as it does; of a subject that nobody knows, its
    words, where the line stands alone.
    """
    subjects: object = subjects_in(without_dates(line))
    if not subjects and is_alone and (_SUBJECT_LINE.match(normal(line)) or _procedure().search(normal(line))):
        subjects = _other_words(line)
    parts = {"year": _year_of(line), "subjects": subjects, "grades": grades_in(line).named}
    return {name: value for name, value in parts.items() if value}


def _other_words(line: str) -> str:
    """What a line says beside the procedure, the year and the class, where that is a word."""
    rest = re.sub(r"^(?:учебный )?предмет\s*(?::|по |[–—-])?\s*", "", _rest(line))
    return rest if len(rest) > len("г.") else ""


SUBJECT_LABEL = r"^(?:учебный )?предмет\s*(?::|$|по |[–—-])"
_SUBJECT_LINE = re.compile(r"(?:учебный )?предмет(?![а-я])")


@cache
def _procedure() -> re.Pattern[str]:
    return re.compile(rf"(?<![а-яa-z])(?:{catalogue.work_words()['procedure']})(?![а-яa-z])")


def _frame_line(titles: list[str]) -> str | None:
    """The line of a frame that tells the work: it names the procedure, best with a class or a subject."""
    lines = [title for title in titles if _procedure().search(normal(title))]
    return max(
        lines, key=lambda line: bool(grades_in(line).named) + bool(subjects_in(without_dates(line))), default=None
    )


def _year_of(text: str) -> int | None:
    """The last year of a line; of a school year the one it ends in."""
    span = re.search(r"(?<!\d)20(\d\d)\s*[-/]\s*(?:20)?(\d\d)(?!\d)", normal(text))
    if span and int(span[2]) == (int(span[1]) + 1) % 100:
        return 2000 + int(span[2])
    years = re.findall(r"(?<!\d)(\d{4})(?!\d)", without_days(text))
    return int(years[-1]) if years else None


def _rest(title: str) -> str:
    """What a title says beside the procedure, the year and the class."""
    plain = re.sub(catalogue.work_words()["procedure"], " ", normal(without_dates(title)))
    plain = re.sub(r"\d{1,2}(?:-?[а-я]{1,2})?\s*кл[а-я]*", " ", plain)
    return unnamed(re.sub(r"\s+", " ", plain).strip(" .,;:-"))


def report_date_year(recognised: Recognised) -> int | None:
    """Year of the frame's «Дата: 20.04.2026» (a text, or a date of Excel), where it stands."""
    date = re.search(r"дата:?\s*(?:\d{2}\.\d{2}\.(\d{4})|(\d{4})-\d{2}-\d{2})", normal(" \n ".join(recognised.titles)))
    return int(date[1] or date[2]) if date else None


def check_year(year: int) -> None:
    """Raises Refusal for a reporting year that cannot be: before the first ones, or later than the next."""
    if not is_possible(year):
        raise Refusal("file_year_unlikely", value=year)


def check_content(work: Work, recognised: Recognised, grid: Grid) -> str | None:
    """Hold the declared work against the content.

    Refuses when the grade digit of participants' codes or, with a codifier of that very year, the number of tasks
    says otherwise. Returns a doubt in words when only a codifier of another year differs, else None.
    """
    tasks, of_year = catalogue.tasks(work.year, work.grade, work.subject)
    counted = len(recognised.tasks)
    if of_year == "same" and counted != len(tasks):
        raise Refusal("file_work_contradiction", detail=f"{work.title()}: заданий {len(tasks)}, а в файле {counted}")
    printed = [task.max_score for task in recognised.tasks]
    if of_year == "same" and all(printed) and sum(filter(None, printed)) != sum(task["max_score"] for task in tasks):
        expected = sum(task["max_score"] for task in tasks)
        raise Refusal(
            "file_work_contradiction",
            detail=f"{work.title()}: максимум работы {expected}, а в файле {sum(filter(None, printed))}",
        )
    digit = leading_grade(recognised, grid)
    if digit is not None and digit not in possible_grades(work, recognised):
        hint = " (осенью 2020 года работу писали на класс старше)" if recognised.declared.autumn else ""
        raise Refusal("file_work_contradiction", detail=f"{work.title()}: коды участников начинаются с {digit}{hint}")
    if of_year == "other" and not all(printed) and counted != len(tasks):
        return f"{work.title()}: в описании другого года заданий {len(tasks)}, в файле {counted}"
    return None


def check_frame(work: Work, recognised: Recognised) -> str | None:
    """A doubt where the maximum printed above the table is not the sum of the maxima printed over its columns."""
    printed = [task.max_score for task in recognised.tasks]
    total = sum(filter(None, printed))
    if work.max_primary is None or not printed or not all(printed) or total == work.max_primary:
        return None
    return f"{work.title()}: максимальный первичный балл {work.max_primary}, а сумма максимумов заданий {total}"


def possible_grades(work: Work, recognised: Recognised) -> set[int]:
    """Grades the pupils may be in: in autumn 2020 one above the work's, in 2022 (spring and autumn) either."""
    if recognised.declared.autumn:
        return {work.grade + 1}
    return {work.grade, work.grade + 1} if work.year == 2022 else {work.grade}


def leading_grade(recognised: Recognised, grid: Grid) -> int | None:
    """Grade told by five-digit participants' codes (`40001` → 4), where nearly all of them agree; else None."""
    column = grid.cells.column(recognised.columns["code"]).combine_chunks()
    words = column.dictionary.to_pylist() if len(column) else []
    codes = [code[1] for word in words if word and (code := re.fullmatch(r"\s*([0-9]{4,6})(?:[.,]0+)?\s*", word))]
    counts = Counter(code[0] for code in codes if len(code) == 5 and code[0] in "456789")
    digit, most = next(iter(counts.most_common(1)), ("", 0))
    return int(digit) if most and most >= 0.9 * len(codes) else None
