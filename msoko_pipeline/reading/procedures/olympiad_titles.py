"""What a title of a protocol gives for all its rows where no column does: the class, the school."""

from __future__ import annotations

from msoko_pipeline.privacy.schools import names_a_school
from msoko_pipeline.reading.header import Recognised
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.spelling import normal
from schemas import catalogue


def class_of(title: str) -> int | None:
    """`9 класс`, `Математика, 7 "А" класс`, `Параллель 8` → the class; None where there is none."""
    match = re.search(catalogue.olympiad_rules()["class_of"], normal(title))
    return int(match["grade"] or match["parallel"]) if match else None


def class_above(recognised: Recognised) -> int | None:
    """The class that the sheet's name tells, else the title nearest to the table."""
    return next(
        (grade for title in (recognised.sheet, *reversed(recognised.titles)) if (grade := class_of(title))), None
    )


def school_of(recognised: Recognised) -> str | None:
    """The school that a title names: a protocol of one school."""
    pattern = catalogue.olympiad_rules()["school"]
    for title in (*recognised.titles, recognised.sheet):
        named = re.search(pattern, title.lower().replace("ё", "е"))
        school = title[named.start() : named.end()].strip(" .,") if named else ""
        if school and names_a_school(school):
            return school
    return None
