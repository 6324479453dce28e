"""What manifest and path declare of a file that does not say inside which work it holds.

A path that names two subjects or two classes is a question, never a guess.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading.procedures.work import GRADES, Work, check_year
from msoko_pipeline.text import levels, subjects
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.grades import grades_in, without_dates, without_days
from msoko_pipeline.text.logins import login_of, logins_in, without_logins
from msoko_pipeline.text.spelling import normal
from msoko_pipeline.text.words import tokens
from schemas import catalogue

T = TypeVar("T")


@dataclass(frozen=True)
class Declared:
    """What manifest or path say of a file; any part may be unknown. subject_doubt, grade_doubt: why, in words, where
    more than one is named. other_work, other_year, other_school: another name of the same content that says another
    subject or class, another year, another school.
    """

    year: int | None = None
    subject: str | None = None
    grade: int | None = None
    login: str | None = None
    subject_doubt: str | None = None
    grade_doubt: str | None = None
    other_work: str | None = None
    other_year: str | None = None
    other_school: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def completed(self, rest: Declared) -> Declared:
        """This, its unknown and doubtful parts as the other says."""
        subject, grade = self.subject or rest.subject, self.grade or rest.grade
        return Declared(
            self.year or rest.year,
            subject,
            grade,
            self.login or rest.login,
            None if subject else self.subject_doubt or rest.subject_doubt,
            None if grade else self.grade_doubt or rest.grade_doubt,
            self.other_work,
            self.other_year,
            self.other_school,
        )

    def beside(self, name: str, other: Declared) -> Declared:
        """This and what another name of the same content tells: it fills in, and what it contradicts is in doubt."""
        is_other = {
            "other_work": _differ(self.subject, other.subject) or _differ(self.grade, other.grade),
            "other_year": _differ(self.year, other.year),
            "other_school": _differ(login_of(self.login or ""), login_of(other.login or "")),
        }
        names: dict[str, Any] = {
            part: getattr(self, part) or (name if differs else None) for part, differs in is_other.items()
        }
        return replace(self.completed(other), **names)


def _differ(ours: object, theirs: object) -> bool:
    """Whether both are given and differ."""
    return ours is not None and theirs is not None and ours != theirs


_YEAR = re.compile(r"(?<!\d)(20[12]\d)(?!\d)")


@lru_cache(20_000)
def from_path(path: str) -> Declared:
    """What the path inside the inbox tells: `2021/4/Математика.xlsx`, `2021_4_Математика.xlsx`, `vpr2021_MA4.csv`,
    `Проведение работы по русскому языку, 4 класс. ВПР 2021.xlsx`.
    """
    text = re.sub(r"\.\w{2,4}$", "", path.replace("\\", "/"))
    logins = logins_in(normal(text))
    parts = [without_logins(part) for part in reversed(text.split("/")) if part.strip()]
    subject, subject_doubt = _subject(parts)
    grade, grade_doubt = _grade(parts)
    return Declared(_year(parts), subject, grade, logins[-1] if logins else None, subject_doubt, grade_doubt)


def _subject(parts: list[str]) -> tuple[str | None, str | None]:
    """The subject that the parts of a path name, and the doubt where they name more."""
    plain = list(map(without_dates, parts))
    strong = [part for part in plain if any(not one.is_bare for one in subjects.located(part)[1])]
    named = [codes for part in strong or plain if (codes := subjects.subjects_in(part))]
    precise = set(levels.refined(_all(named)))
    named = [tuple(levels.refined((*codes, *precise & levels.of(codes)))) for codes in named]
    common = _common(named)
    if len(common) == 1 and common[0] in catalogue.subjects():
        level = next(filter(None, (levels.alone(tokens(part)) for part in plain)), None)
        return levels.at_level(common[0], level), None
    return None, f"в имени или папке файла назван предмет {subjects.in_words(_all(named))}" if named else None


def _grade(parts: list[str]) -> tuple[int | None, str | None]:
    """The class that the parts of a path name, and the doubt where they name more."""
    grades = list(map(grades_in, parts))
    named = [each for grade in grades if (each := tuple(value for value in grade.told if value in GRADES))]
    named = named or [grade.bare for grade in grades if grade.bare]
    common = _common(named)
    if len(common) == 1:
        return common[0], None
    return None, f"в имени или папке файла названы классы {', '.join(map(str, sorted(_all(named))))}" if named else None


def _common(named: list[tuple[T, ...]]) -> list[T]:
    """What every part names that names any."""
    return [value for value in named[0] if all(value in values for values in named)] if named else []


def _all(named: list[tuple[T, ...]]) -> list[T]:
    return list(dict.fromkeys(value for values in named for value in values))


def _year(parts: list[str]) -> int | None:
    """The year of the procedure where a part tells one beside it, else the nearest that is no part of a date."""
    procedure = re.compile(catalogue.work_words()["procedure"])
    beside = [year for part in parts if procedure.search(normal(part)) and (year := _last_year(part))]
    return next(iter([*beside, *filter(None, map(_last_year, parts)), *filter(None, map(_last_date, parts))]), None)


def _last_year(part: str) -> int | None:
    years = _YEAR.findall(without_days(part))
    return int(years[-1]) if years else None


def _last_date(part: str) -> int | None:
    years = _YEAR.findall(part)
    return int(years[-1]) if years else None


def from_declared(declared: Declared) -> Work:
    """The declared work. Raises a question where a part of it is unknown, or where two are named."""
    if doubts := [doubt for doubt in (declared.subject_doubt, declared.grade_doubt) if doubt]:
        raise Refusal("file_work_ambiguous", detail="; ".join(doubts))
    missing = [
        word for word, value in
        (("год", declared.year), ("предмет", declared.subject), ("класс", declared.grade)) if value is None
    ]  # fmt: skip
    if missing or declared.year is None or declared.subject is None or declared.grade is None:
        raise Refusal("file_work_unknown", detail="неизвестны " + ", ".join(missing))
    check_year(declared.year)
    if declared.grade not in GRADES:
        raise Refusal("file_work_unknown", detail=f"класса {declared.grade} не бывает")
    return Work(declared.year, declared.subject, declared.grade)


def named_otherwise(declared: Declared, source: str, *, is_of_rows: bool) -> str | None:
    """Another name of the file that contradicts the one that counts, None without one.

    source: where its layout has the work from (a title tells its year itself); is_of_rows: rows tell their schools.
    """
    if source not in ("title", "declared"):
        return None
    of_file = () if source == "title" else (declared.other_year, None if is_of_rows else declared.other_school)
    return next(filter(None, (declared.other_work, *of_file)), None)


def school(declared: Declared) -> str:
    """Code of the school whose form it is. Raises a question where it is not given or not a login."""
    code = login_of(declared.login or "")
    if code is None:
        detail = f": «{declared.login}» — не логин организации" if declared.login else ""
        raise Refusal("file_school_unknown", detail=detail)
    return code
