"""Which work a sheet holds: year, subject, grade. From its title frame, or declared by a manifest or the path.

The collection forms and the regional exports of 2020–2022 do not say it inside; what is declared for them is checked
against the content (the first digit of participants' codes, the number of tasks), and a contradiction is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from msoko_pipeline.reading.header import Recognised, normal
from msoko_pipeline.reading.logins import login_of, logins_in, without_logins
from msoko_pipeline.reading.problems import Refusal
from msoko_pipeline.reading.workbook import Grid
from schemas import catalogue

FIRST_YEAR = 2015
GRADES = range(1, 12)
MOST_POINTS = 200  # the greatest work ever had 51
PROCEDURES = {"VPR": "ВПР", "OGE": "ОГЭ", "GVE9": "ГВЭ-9", "EGE": "ЕГЭ", "GVE11": "ГВЭ-11", "VSOSH": "ВсОШ"}
_TITLE = re.compile(r"впр\D{0,3}(\d{4})[\s,.]+(.+?)[\s,.]+(\d{1,2})\s*класс")
_SHORT = re.compile(r"(?<![a-zа-я])([a-z]{2,3}|[а-я]{2,3})[ _-]?(1[01]|[1-9])(?!\d)")


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
        if self.stage:
            stage = catalogue.olympiad_rules()["stages"][self.stage]["title"]
            told = [f"{PROCEDURES[self.procedure]} {self.year}", stage, catalogue.subjects().get(self.subject, "")]
            return ", ".join(filter(None, told))
        return f"{PROCEDURES[self.procedure]} {self.year}, {catalogue.subjects()[self.subject]}, {self.grade} класс"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def subject_code(text: str) -> str | None:
    """Code of a subject by its code, title, short name or alias."""
    return catalogue.subject_spellings().get(normal(text).rstrip("."))


def from_title(found: Recognised) -> Work:
    """The work named in the title frame, «ВПР 2026 Русский язык 4 класс»."""
    text = normal(" \n ".join(found.titles))
    title = _TITLE.search(text)
    if not title:
        raise Refusal("file_work_unknown", detail="в рамке отчёта нет строки вида «ВПР 2026 Русский язык 4 класс»")
    year, subject = int(title[1]), subject_code(title[2])
    if subject is None:
        raise Refusal("file_work_unknown", detail=f"предмет «{title[2]}» не узнан")
    check_year(year)
    grade = int(title[3])
    if grade not in GRADES:
        raise Refusal("file_frame", detail=f"класс {grade}")
    said = re.search(r"максимальный первичный балл:?\s*(\d+)", text)
    maximum = int(said[1]) if said else None
    if maximum is not None and not 1 <= maximum <= MOST_POINTS:
        raise Refusal("file_frame", detail=f"максимальный первичный балл {maximum}")
    return Work(year, subject, grade, maximum)


def report_date_year(found: Recognised) -> int | None:
    """Year of the frame's «Дата: 20.04.2026» (a text, or a date of Excel), where it stands."""
    date = re.search(r"дата:?\s*(?:\d{2}\.\d{2}\.(\d{4})|(\d{4})-\d{2}-\d{2})", normal(" \n ".join(found.titles)))
    return int(date[1] or date[2]) if date else None


def check_year(year: int) -> None:
    """Raises Refusal for a reporting year that cannot be: before the first ones, or later than the next."""
    if not FIRST_YEAR <= year <= dt.date.today().year + 1:
        raise Refusal("file_year_unlikely", value=year)


@dataclass(frozen=True)
class Declared:
    """What manifest or path say of a file; any part may be unknown."""

    year: int | None = None
    subject: str | None = None
    grade: int | None = None
    login: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def from_path(path: str) -> Declared:
    """What the path inside the inbox tells: `2021/4/Математика.xlsx`, `2021_4_Математика.xlsx`, `vpr2021_MA4.csv`.

    The nearest to the file's own name wins.
    """
    text = re.sub(r"\.\w{2,4}$", "", normal(path.replace("\\", "/"))).replace("_", " ").replace("/", " / ")
    logins, text = logins_in(text), without_logins(text)
    years = re.findall(r"(?<!\d)(20[12]\d)(?!\d)", text)
    rest = re.sub(r"(?<!\d)20[12]\d(?!\d)", " ", text)
    subject = grade = None
    for short in _SHORT.finditer(rest):
        if code := subject_code(short[1]):
            subject, grade = code, int(short[2])
    if subject is None:
        spelled = {s: c for s, c in catalogue.subject_spellings().items() if len(s) > 3}
        places = [(rest.rfind(s), len(s), c) for s, c in spelled.items() if s in rest]
        places += [(m.start(), len(m[0]), c) for m in re.finditer(r"[a-zа-я]{2,3}", rest)
                   if _alone(rest, m) and (c := subject_code(m[0]))]  # fmt: skip
        subject = max(places, key=lambda place: (place[1] > 3, place[0], place[1]), default=(0, 0, None))[2]
    if grade is None:
        named = re.findall(r"(?<!\d)(1[01]|[1-9])\s*(?:-?й\s*)?кл", rest)
        bare = re.findall(r"(?<![\d№])(?<!№ )(1[01]|[1-9])(?!\d)", rest)
        grade = int((named or bare)[-1]) if named or bare else None
    return Declared(int(years[-1]) if years else None, subject, grade, logins[-1] if logins else None)


def _alone(text: str, found: re.Match[str]) -> bool:
    before, after = text[: found.start()][-1:], text[found.end() :][:1]
    return not before.isalnum() and not after.isalnum()


def from_declared(declared: Declared) -> Work:
    """The declared work. Raises a question where a part of it is unknown."""
    missing = [
        word for word, known in
        (("год", declared.year), ("предмет", declared.subject), ("класс", declared.grade)) if known is None
    ]  # fmt: skip
    if missing or declared.year is None or declared.subject is None or declared.grade is None:
        raise Refusal("file_work_unknown", detail="неизвестны " + ", ".join(missing))
    check_year(declared.year)
    if declared.grade not in GRADES:
        raise Refusal("file_work_unknown", detail=f"класса {declared.grade} не бывает")
    return Work(declared.year, declared.subject, declared.grade)


def school(declared: Declared) -> str:
    """Code of the school whose form it is. Raises a question where it is not told or not a login."""
    code = login_of(declared.login or "")
    if code is None:
        said = f": «{declared.login}» — не логин организации" if declared.login else ""
        raise Refusal("file_school_unknown", detail=said)
    return code


def check_content(work: Work, found: Recognised, grid: Grid) -> str | None:
    """Hold the declared work against the content.

    Refuses when the grade digit of participants' codes or, with a codifier of that very year, the number of tasks
    says otherwise. Returns a doubt in words when only a codifier of another year differs, else None.
    """
    known, of_year = catalogue.tasks(work.year, work.grade, work.subject)
    counted = len(found.tasks)
    if of_year == "same" and counted != len(known):
        raise Refusal("file_work_contradiction", detail=f"{work.title()}: заданий {len(known)}, а в файле {counted}")
    printed = [task.max_score for task in found.tasks]
    if of_year == "same" and all(printed) and sum(filter(None, printed)) != sum(task["max_score"] for task in known):
        expected = sum(task["max_score"] for task in known)
        raise Refusal(
            "file_work_contradiction",
            detail=f"{work.title()}: максимум работы {expected}, а в файле {sum(filter(None, printed))}",
        )
    digit = leading_grade(found, grid)
    if digit is not None and digit not in possible_grades(work, found):
        hint = " (осенью 2020 года работу писали на класс старше)" if found.declared.get("autumn") else ""
        raise Refusal("file_work_contradiction", detail=f"{work.title()}: коды участников начинаются с {digit}{hint}")
    if of_year == "other" and not all(printed) and counted != len(known):
        return f"{work.title()}: в описании другого года заданий {len(known)}, в файле {counted}"
    return None


def check_frame(work: Work, found: Recognised) -> str | None:
    """A doubt where the maximum printed above the table is not the sum of the maxima printed over its columns."""
    printed = [task.max_score for task in found.tasks]
    total = sum(filter(None, printed))
    if work.max_primary is None or not printed or not all(printed) or total == work.max_primary:
        return None
    return f"{work.title()}: максимальный первичный балл {work.max_primary}, а сумма максимумов заданий {total}"


def possible_grades(work: Work, found: Recognised) -> set[int]:
    """Grades the pupils may be in: in autumn 2020 one above the work's, in 2022 (spring and autumn) either."""
    if found.declared.get("autumn"):
        return {work.grade + 1}
    return {work.grade, work.grade + 1} if work.year == 2022 else {work.grade}


def leading_grade(found: Recognised, grid: Grid) -> int | None:
    """Grade told by five-digit participants' codes (`40001` → 4), where nearly all of them agree; else None."""
    column = grid.cells.column(found.columns["code"]).combine_chunks()
    words = column.dictionary.to_pylist() if len(column) else []
    codes = [code[1] for word in words if word and (code := re.fullmatch(r"\s*([0-9]{4,6})(?:[.,]0+)?\s*", word))]
    counts = Counter(code[0] for code in codes if len(code) == 5 and code[0] in "456789")
    digit, most = next(iter(counts.most_common(1)), ("", 0))
    return int(digit) if most and most >= 0.9 * len(codes) else None
