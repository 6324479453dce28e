"""Additional education: how many children of an organisation attend what (roadmap 9.5)."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import types
from schemas.declared import mart
from schemas.measure import ALL, count, share, total
from schemas.register import Register, register
from schemas.rules import whole_of_parts
from schemas.types import Int, Short, Text

TITLE = "дополнительное образование"
SOURCE = "критерий проекта, docs/methodology.md: дети 5–18 лет, каждый один раз, от их числа в организации"
OF_NEEDS = "критерий проекта, docs/methodology.md: дети с ОВЗ и инвалидностью, от их числа в организации"
DIRECTIONS = types.spelled({
    ALL: ["все направленности", "всего", "итого по направленностям"],
    "technical": ["техническая"],
    "science": ["естественно-научная", "естественнонаучная"],
    "sport": ["физкультурно-спортивная", "спортивная"],
    "arts": ["художественная"],
    "tourism": ["туристско-краеведческая"],
    "social": ["социально-гуманитарная", "социально-педагогическая"],
})  # fmt: skip
"""Directions of additional education (приказ Минпросвещения 27.07.2022 № 629, по памяти)."""


def _of_children(title: str, example: int, hint: str) -> Int:
    counted: Int = types.count(title, hint, at_most="unique_children", example=example)
    return counted


@register(
    "additional_education",
    title="Дополнительное образование, охват",
    file="Дополнительное образование.xlsx",
    sheet="Охват",
    about="Одна строка на организацию и направленность и одна со словами «все направленности»: в ней каждый ребёнок "
    "считается один раз. Числа — дети от 5 до 18 лет на конец учебного года (Навигатор, 1-ДОП).",
    known_by=("direction", "unique_children"),
    replaces=("org_id",),
    is_whole=True,
)
class AdditionalEducation(Register):
    """Дополнительное образование: занимающиеся дети организации, по направленностям."""

    year: Short = types.year()
    org_id: Text = types.login()
    direction: Text = types.code("Направленность", DIRECTIONS, key=True, example="все направленности")
    enrolments: Int = types.count("Зачислений", "в объединения; ребёнок в двух — дважды", required=True, example=310)
    unique_children: Int = types.count(
        "Детей", "каждый один раз", at_most=("enrolments", "children"), required=True, example=240
    )
    by_certificate: Int = _of_children("По сертификатам ПФДО", 200, "из них по сертификатам; можно пусто")
    special_needs: Int = _of_children("С ОВЗ и инвалидностью", 14, "из них; можно пусто")
    children: Int = types.count(
        "Детей 5–18 лет в организации", "всего, занимаются они или нет; только в строке «все направленности»",
        least=1, of_all=True, example=400,
    )  # fmt: skip
    special_needs_children: Int = types.count(
        "Детей с ОВЗ и инвалидностью в организации",
        "5–18 лет, занимаются они или нет; только в строке «все направленности»", at_most="children", of_all=True,
        optional=True, example=30,
    )  # fmt: skip

    @pa.dataframe_check(error="row_whole_under_part")
    def _all_are_not_fewer_than_some(cls, rows: pd.DataFrame) -> pd.Series:
        return whole_of_parts(rows, "direction", "unique_children")

    @pa.dataframe_check(error="row_special_needs_over")
    def _no_more_of_them_than_there_are(cls, rows: pd.DataFrame) -> pd.Series:
        return (rows["special_needs"] <= rows["special_needs_children"]).fillna(True).astype(bool)


@mart(
    "additional_education",
    of=AdditionalEducation,
    title="Дополнительное образование: охват детей 5–18 лет по направленностям",
    slices=(("direction",),),
    base="unique_children",
)
class Coverage:
    """Строка «все направленности» — по числам самих организаций, не сумма направленностей."""

    organisations = count("Организаций", "org_id", unit="ОО")
    enrolments = total("enrolments", "Зачислений", unit="зачислений")
    unique_children = total("unique_children", "Детей, каждый один раз")
    special_needs = total("special_needs", "Из них с ОВЗ и инвалидностью")
    coverage = share(
        "Охват детей 5–18 лет дополнительным образованием",
        part=total("unique_children"), whole=total("children"), item="9.5", better="up", source=SOURCE,
    )  # fmt: skip
    special_needs_coverage = share(
        "Охват детей с ОВЗ и инвалидностью 5–18 лет дополнительным образованием",
        part=total("special_needs"), whole=total("special_needs_children"), item="9.5", better="up", source=OF_NEEDS,
    )  # fmt: skip
    personified = share(
        "Охват детей 5–18 лет персонифицированным финансированием (ПФДО)",
        part=total("by_certificate"), whole=total("children"), item="9.5", better="up", source=SOURCE,
    )  # fmt: skip
    certificate = share(
        "Доля занимающихся по сертификатам ПФДО",
        part=total("by_certificate"), whole=total("unique_children"), item="9.5", better="up", source=SOURCE,
    )  # fmt: skip
