"""Which stage, school year and subject of ВсОШ a sheet holds: from its titles, else its name, else the path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading.header import Recognised
from msoko_pipeline.reading.procedures.work import Work, check_year
from msoko_pipeline.text import linear as re
from msoko_pipeline.text import subjects
from msoko_pipeline.text.grades import without_dates
from msoko_pipeline.text.spelling import normal
from schemas import catalogue
from schemas.olympiads import ALL

PROCEDURE = "VSOSH"


def subject_of(text: str) -> str | None:
    """Code of a subject in any spelling; ALL for all of them together.

    A profile beside it does not matter: `Информатика (программирование)` → IN.
    """
    if normal(text).strip(" .") in catalogue.olympiad_rules()["all_subjects"]:
        return ALL
    return subjects.profile_of(text, subjects.VSOSH)[0]


def profile_of(text: str) -> str | None:
    """The profile that stands beside a subject, `Информатика (программирование)` → `программирование`."""
    return subjects.profile_of(text, subjects.VSOSH)[1]


def year_of(text: str) -> int | None:
    """Year in which the school year ends: `2024/25`, `15.11.2024`, `2025` → 2025; None where there is none."""
    rules = catalogue.olympiad_rules()["year"]
    plain = normal(text)
    if span := next((m for m in re.finditer(rules["span"], plain) if _follow(m)), None):
        return 2000 + int(span["last"])
    if date := re.search(rules["date"], plain):
        year, month = int(date["year"] or date["iso_year"]), int(date["month"] or date["iso_month"])
        return year + (month >= rules["begins"])
    if bare := re.search(rules["bare"], plain):
        return int(bare["bare"]) + (rules["bare_is"] == "first")
    return None


def is_year(text: str) -> bool:
    """Whether a cell is a school year and nothing beside it."""
    beside = re.sub(catalogue.olympiad_rules()["year"]["words"], "", normal(text))
    return year_of(text) is not None and not re.search(r"[a-zа-я]", beside)


def is_bare(text: str) -> bool:
    """Whether the text names a year alone, and does not say whether the school year begins or ends in it."""
    rules = catalogue.olympiad_rules()["year"]
    plain = normal(text)
    spans = any(_follow(match) for match in re.finditer(rules["span"], plain))
    return not spans and not re.search(rules["date"], plain) and re.search(rules["bare"], plain) is not None


def _follow(span: re.Match[str]) -> bool:
    return int(span["last"]) == (int(span["first"]) + 1) % 100


def work_of(recognised: Recognised, path: str) -> tuple[Work, str | None]:
    """The work of a sheet, and the text of a year alone, where nothing better gives its year.

    The subject is "" where neither titles nor names tell one: the rows must. Raises Refusal without stage or year.
    """
    rules, subjects_at = catalogue.olympiad_rules(), list(_places(recognised, path))
    places = [*_above(recognised), *subjects_at]
    protocols = [place for place in places if re.search(rules["protocol"], normal(place))]
    stage = recognised.declared.stage or next(filter(None, map(_stage, [*protocols, *places])), None)
    if stage is None:
        raise Refusal("file_olympiad_unknown", detail="этап не назван", sheet=recognised.sheet)
    spans = [place for place in places if any(_follow(m) for m in re.finditer(rules["year"]["span"], normal(place)))]
    dated = [place for place in places if not re.search(rules["act"], normal(place))]  # an act has a date of its own
    dated_place = next((place for place in [*spans, *dated] if year_of(place) is not None and not is_bare(place)), None)
    bare = None if dated_place else next((place for place in dated if is_bare(place)), None)
    year = year_of(dated_place or bare or "")
    if year is None:
        raise Refusal("file_olympiad_unknown", detail="учебный год не назван", sheet=recognised.sheet)
    check_year(year)
    named = (code for code in (*map(_named, subjects_at), *map(_subject_in, subjects_at)) if code is not None)
    subject = next(named, "")
    return Work(year, subject, 0, _max_score(recognised), PROCEDURE, stage=stage), bare


def _above(recognised: Recognised) -> Iterator[str]:
    """The titles of a report that names something itself and stands below others, with theirs, the nearest first: the
    stage and the year that it does not name are those of the others.
    """
    if recognised.titles and recognised.above:
        yield from (title for titles in (recognised.titles, *recognised.above) for title in reversed(titles))


def _places(recognised: Recognised, path: str) -> Iterator[str]:
    """Where it may be told, the nearest to the rows first."""
    yield from reversed(recognised.titles)
    yield recognised.sheet
    name = PurePosixPath(path.replace("\\", "/"))
    yield re.sub(r"\.\w{2,4}$", "", name.name).replace("_", " ")
    yield from (part.replace("_", " ") for part in reversed(name.parts[:-1]))


def _stage(text: str) -> str | None:
    """The stage that a text names first: «Протокол муниципального этапа», «МЭ 2025-26»."""
    plain, stages = normal(text), catalogue.olympiad_rules()["stages"]
    starts = {
        code: match.start() for code, declared in stages.items() if (match := re.search(declared["pattern"], plain))
    }
    return min(starts, key=starts.__getitem__, default=None)


def _named(text: str) -> str | None:
    """The subject that a place is the name of, alone or after «предмет:»."""
    code = subject_of(_without_label(text))
    return None if code == ALL else code


def _subject_in(text: str) -> str | None:
    """The subject that a place tells among other words; "" where it tells several: the rows must say."""
    _, mentions = subjects.located(without_dates(_without_label(text)), subjects.VSOSH)
    codes = {one.code for one in mentions if not one.is_bare}
    return (next(iter(codes)) if len(codes) == 1 else "") if codes else None


def _without_label(text: str) -> str:
    return re.sub(r"(?i)^.*предмет:?\s*", "", text)


def _max_score(recognised: Recognised) -> int | None:
    """The greatest possible score, where a title row tells one for all classes."""
    rules = catalogue.olympiad_rules()
    titles = [normal(title) for title in recognised.titles]
    match = next(
        (m for t in titles if not re.search(rules["of_class"], t) and (m := re.search(rules["max_score"], t))), None
    )
    return int(match["score"]) if match else None
