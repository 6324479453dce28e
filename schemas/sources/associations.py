"""Children's associations and volunteers: how many pupils of a school are members of what (roadmap 9.4)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas import types
from schemas.declared import MadeRows, mart
from schemas.measure import ALL, count, share, total
from schemas.register import Register, register
from schemas.rules import alike_within, whole_of_parts
from schemas.types import Flag, Int, Short, Text

TITLE = "детские объединения и волонтёры"
SOURCE = "критерий проекта, docs/methodology.md: дети 8–18 лет, каждый один раз, от их числа в школе"
ASSOCIATIONS = types.spelled({
    ALL: ["все объединения", "всего", "итого", "всего детей", "все"],
    "movement": [
        "Движение первых", "Движение первых (РДДМ)", "РДДМ «Движение первых»", "РДДМ", "РДШ", "РДШ/Движение первых",
        "РДШ (Движение первых)", "Российское движение школьников", "Российское движение детей и молодёжи",
    ],
    "yunarmia": ["ЮНАРМИЯ", "ВВПОД «ЮНАРМИЯ»", "юнармейцы", "юнармейский отряд", "отряд «ЮНАРМИЯ»"],
    "volunteers": [
        "волонтёры", "добровольцы", "волонтёрство", "добровольчество", "волонтёрский отряд", "волонтёры (Добро.рф)",
        "добровольцы (волонтёры)",
    ],
    "traffic": ["ЮИД", "отряд ЮИД", "Юные инспекторы движения"],
    "fire": ["ДЮП", "ЮДП", "Дружина юных пожарных", "юные пожарные"],
    "patriotic": ["военно-патриотический клуб", "ВПК", "военно-патриотические клубы"],
    "orlyata": ["Орлята России", "«Орлята России»"],
    "other": ["иное", "другое", "иные", "другие объединения", "прочие"],
})  # fmt: skip
"""Associations of children, the first spelling is the title."""


@register(
    "associations",
    title="Детские объединения и волонтёры",
    file="Детские объединения и волонтёры.xlsx",
    sheet="Объединения",
    about="Одна строка на школу и объединение и одна со словами «все объединения»: в ней каждый ребёнок считается один "
    "раз, даже если он в двух. Числа — дети 8–18 лет на конец учебного года. Отряд дома творчества показывают школы "
    "его детей. Объединения, которого в школе нет, не пишите или поставьте 0.",
    known_by=("association", "members"),
    replaces=("org_ref",),
    is_whole=True,
)
class Associations(Register):
    """Детские объединения и волонтёры: участники по объединениям школы."""

    year: Short = types.school_year()
    org_ref: Text = types.school()
    association: Text = types.code("Объединение", ASSOCIATIONS, key=True, example="Движение первых")
    members: Int = types.count(
        "Участников", "детей 8–18 лет", also=["Количество участников", "Членов", "Детей в объединении"],
        at_most="children", required=True, example=120,
    )  # fmt: skip
    registered: Int = types.count(
        "На Добро.рф", "из них с личным кабинетом на Добро.рф; только для волонтёров",
        also=["Зарегистрировано на Добро.рф"], at_most="members", optional=True, example=45,
    )  # fmt: skip
    children: Int = types.count(
        "Детей 8–18 лет в школе", "всего в школе, в каждой строке одно и то же число", also=["Детей 8–18 лет"],
        least=1, example=400,
    )  # fmt: skip

    @pa.dataframe_check(error="row_whole_under_part")
    def _all_are_not_fewer_than_some(cls, rows: pd.DataFrame) -> pd.Series:
        return whole_of_parts(rows, "association", "members")

    @pa.dataframe_check(error="row_children_differ")
    def _as_many_children_in_each_row(cls, rows: pd.DataFrame) -> pd.Series:
        return alike_within(rows, "children")


class Members(MadeRows):
    """Rows of the register and, of a school that lists its associations, those of the associations that it has not."""

    association: Text = types.code("Объединение", ASSOCIATIONS, key=True)
    is_there: Flag = types.yes_no("Есть участники")
    members: Int = types.count("Участников")
    registered: Int = types.count("На Добро.рф")
    children: Int = types.count("Детей 8–18 лет в школе")


def _coverage(title: str, **where: str) -> Any:
    """The share of all children, or that of one association, whose counts stand in the table as they are."""
    shown: dict[str, Any] = {"part_as": None, "whole_as": None} if where else {}
    return share(
        title, part=total("members", where=where), whole=total("children", where=where), item="9.4", better="up",
        source=SOURCE, **shown,
    )  # fmt: skip


@mart(
    "associations_volunteers",
    of=Members,
    made_of=("associations",),
    title="Детские объединения и волонтёры: охват детей 8–18 лет по объединениям",
    slices=(("association",),),
    base="children",
)
class AssociationsVolunteers:
    """Строка «все объединения» — по числам самих школ, не сумма объединений: ребёнок может быть в двух. Школа, которая
    перечислила свои объединения, остальных не имеет; доля — от детей всех школ, приславших числа."""

    schools = count("Школ, приславших числа", "org_id", unit="ОО")
    with_members = count("Из них с участниками", "org_id", unit="ОО", where={"is_there": True})
    members = total("members", "Участников")
    children = total("children", "Детей 8–18 лет в этих школах")
    coverage = _coverage("Охват детей 8–18 лет детскими объединениями")
    movement = _coverage("Охват детей 8–18 лет «Движением первых»", association="movement")
    yunarmia = _coverage("Охват детей 8–18 лет движением «ЮНАРМИЯ»", association="yunarmia")
    volunteers = _coverage("Доля волонтёров среди детей 8–18 лет", association="volunteers")
    registered = share(
        "Доля волонтёров, зарегистрированных на Добро.рф",
        part=total("registered", where={"association": "volunteers"}),
        whole=total("members", where={"association": "volunteers"}),
        item="9.4", better="up", source=SOURCE,
    )  # fmt: skip
