"""Graduates of classes 9 and 11: where they go on (roadmap 6.1)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas import types
from schemas.declared import MadeRows, mart
from schemas.measure import count, share, total
from schemas.register import Register, register
from schemas.types import Int, Short, Text, Tiny

TITLE = "выпускники"
SOURCE = "критерий проекта, docs/methodology.md: от выпускников школ, назвавших этот путь"
OF_PROFILE = "критерий проекта, docs/methodology.md: от продолживших учёбу в 10 классе, СПО и вузе"
GRADES = (9, 11)
PATHS = {
    "tenth_graders": GRADES[:1], "college_entrants": GRADES, "university_entrants": GRADES[1:], "workers": GRADES,
    "conscripts": GRADES, "undetermined": GRADES,
}  # fmt: skip
"""Path → the classes after which it is open; together the paths are all graduates."""
STUDIES = ("tenth_graders", "college_entrants", "university_entrants")


def named_paths(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """How many graduates the row tells the path of, and whether it tells every path that is open to its class."""
    open_to = pd.DataFrame({path: rows["grade"].isin(grades) for path, grades in PATHS.items()})
    return rows[list(PATHS)].sum(axis=1), (rows[list(PATHS)].notna() | ~open_to).all(axis=1)


def _path(title: str, example: int | str, *also: str, hint: str = "человек; пусто — неизвестно") -> Int:
    declared: Int = types.count(title, hint, also=also, at_most="graduates", example=example)
    return declared


@register(
    "graduates",
    title="Выпускники, дальнейший путь",
    file="Выпускники.xlsx",
    sheet="Выпускники",
    about="Одна строка на школу и класс, 9 и 11: куда ушли выпускники этого года, на 1 октября. Каждый — в одном "
    "столбце: части вместе равны числу выпускников. Имён не нужно. Никого — поставьте 0.",
    known_by=("college_entrants", "undetermined"),
    replaces=("org_ref",),
    is_whole=True,
)
class Graduates(Register):
    """Выпускники: дальнейший путь, по классам школы."""

    year: Short = types.school_year()
    org_ref: Text = types.school()
    grade: Tiny = types.grade(hint="9 или 11", choices=GRADES, isin=GRADES, key=True, example=9)
    graduates: Int = types.count("Выпускников", "всего", also=["Всего выпускников"], required=True, example=60)
    tenth_graders: Int = _path("В 10 классе", 30, "10 класс", "В 10 класс", hint="любой школы; только для 9 класса")
    college_entrants: Int = _path("В СПО", 25, "СПО", "Колледж, техникум", "Поступили в СПО")
    university_entrants: Int = _path("В вузе", "", "ВУЗ", "В вуз", "Поступили в вуз", hint="только для 11 класса")
    profile_entrants: Int = _path(
        "По профилю", 20, "Из них по профилю", hint="из тех, кто в 10 классе, СПО и вузе; в сумму не входит"
    )
    workers: Int = _path("Работают", 2, "Работа", "Трудоустроены")
    conscripts: Int = _path("В армии", 0, "Армия", "Служба в армии", "Призваны в армию")
    undetermined: Int = _path("Не определены", 3, "Не определились", "Не трудоустроены", hint="и все остальные")

    @pa.dataframe_check(error="row_path_of_class")
    def _on_a_path_open_to_them(cls, rows: pd.DataFrame) -> pd.Series:
        closed = [(rows[path] > 0) & ~rows["grade"].isin(grades) for path, grades in PATHS.items()]
        return ~pd.concat(closed, axis=1).fillna(False).astype(bool).any(axis=1)

    @pa.dataframe_check(error="row_paths_differ")
    def _paths_add_up(cls, rows: pd.DataFrame) -> pd.Series:
        placed, is_complete = named_paths(rows)
        return (
            ((placed <= rows["graduates"]) & ((placed == rows["graduates"]) | ~is_complete)).fillna(True).astype(bool)
        )

    @pa.dataframe_check(error="row_paths_unknown")
    def _of_every_graduate(cls, rows: pd.DataFrame) -> pd.Series:
        placed, is_complete = named_paths(rows)
        return ((placed >= rows["graduates"]) | is_complete).fillna(True).astype(bool)

    @pa.dataframe_check(error="row_profile_over")
    def _no_more_by_profile_than_go_on_learning(cls, rows: pd.DataFrame) -> pd.Series:
        learning = rows[list(STUDIES)].sum(axis=1)
        return ((rows["profile_entrants"] <= learning) | ~named_paths(rows)[1]).fillna(True).astype(bool)


class Paths(MadeRows):
    """Rows of the register whose empty cells are nobody where the others are all graduates."""

    grade: Tiny = types.grade(choices=GRADES, isin=GRADES, key=True)
    graduates: Int = types.count("Выпускников")
    tenth_graders: Int = types.count("В 10 классе")
    college_entrants: Int = types.count("В СПО")
    university_entrants: Int = types.count("В вузе")
    profile_entrants: Int = types.count("По профилю")
    workers: Int = types.count("Работают")
    conscripts: Int = types.count("В армии")
    undetermined: Int = types.count("Не определены")
    students: Int = types.count("Продолжили учёбу")


def _share(title: str, path: str, better: str | None = None) -> Any:
    return share(
        title, part=total(path), whole=total("graduates"), whole_as=None, item="6.1", better=better, source=SOURCE
    )


@mart(
    "graduate_paths",
    of=Paths,
    made_of=("graduates",),
    title="Выпускники 9 и 11 классов: куда они идут дальше",
    slices=(("grade",),),
    base="graduates",
)
class GraduatePaths:
    """Доля каждого пути — от выпускников школ, которые о нём сказали; 10 класс — путь девятиклассников, вуз —
    одиннадцатиклассников."""

    schools = count("Школ", "org_id", unit="ОО")
    graduates = total("graduates", "Выпускников")
    tenth = _share("Доля выпускников, которые пошли в 10 класс", "tenth_graders")
    college = _share("Доля выпускников, поступивших в СПО", "college_entrants")
    university = _share("Доля выпускников, поступивших в вуз", "university_entrants", "up")
    working = _share("Доля выпускников, которые работают", "workers")
    serving = _share("Доля выпускников, призванных в армию", "conscripts")
    unplaced = _share("Доля выпускников, которые не определены", "undetermined", "down")
    profile = share(
        "Доля продолживших учёбу по профилю", part=total("profile_entrants"), whole=total("students"), item="6.1",
        better="up", source=OF_PROFILE,
    )  # fmt: skip
