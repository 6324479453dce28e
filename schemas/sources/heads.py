"""Effectiveness of heads: the sheet of points of an organisation (roadmap 7.1). Never by results of ВПР."""

from __future__ import annotations

import re

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue, types
from schemas.declared import MadeRows, mart
from schemas.fields import field
from schemas.measure import ALL, KNOWN, Count, count, label, mean, ratio, share, total
from schemas.register import Register, register
from schemas.types import Number, Short, Text

TITLE = "руководители"
DATA = catalogue.heads()
CRITERIA = types.spelled({code: criterion["spellings"] for code, criterion in DATA["criteria"].items()})
LEVELS = {level["title"]: code for code, level in DATA["levels"].items()}
SOURCE = f"{DATA['criteria_source']['source']}; {DATA['levels_source']['source']}"
OF_STAFF = "критерий проекта, docs/methodology.md: по кадрам и курсам, а не по листу баллов"
OF_CERTIFICATES = "критерий проекта, docs/methodology.md: по отчёту школы об аттестатах, а не по листу баллов"
OF_NOK = "критерий проекта, docs/methodology.md: итог оператора, последний за три года, а не по листу баллов"
NEVER = re.compile(DATA["never"], re.IGNORECASE)


@register(
    "head_points",
    title="Показатели эффективности руководителей",
    file="Эффективность руководителей.xlsx",
    sheet="Показатели",
    about="Одна строка на организацию и показатель: балл и наибольший балл. Штраф — отрицательный балл при "
    "наибольшем 0. Показателям по результатам ВПР здесь не место. Имя не хранится — вместо него ключ.",
    known_by=("criterion", "points", "max_points"),
    replaces=("org_ref",),
)
class HeadPoints(Register):
    """Показатели руководителей: балл за показатель."""

    year: Short = types.school_year()
    org_ref: Text = types.organisation()
    head_key: Text = types.person("Руководитель", example="Образцова Вера Примеровна", optional=True,
                                  also=["ФИО руководителя", "Директор"])  # fmt: skip
    criterion: Text = types.code("Критерий", CRITERIA, key=True, example="кадры")
    point_id: Text = types.register_code(
        "Код показателя", "показатель", also=["№ показателя", "Номер показателя"], example="4-1"
    )  # fmt: skip
    indicator: Text = types.words("Показатель", "как в положении; можно пусто", optional=True,
                                  also=["Наименование показателя"], example="Доля педагогов с категорией")  # fmt: skip
    value: Number = types.column("Значение", "показателя; можно пусто", optional=True, also=["Значение показателя"],
                                 example=62)  # fmt: skip
    points: Number = types.column("Балл", "не больше наибольшего; штраф — со знаком минус", unit="балл", required=True,
                                  ge=-1000, at_most="max_points", also=["Баллы"], example=7)  # fmt: skip
    max_points: Number = types.column("Наибольший балл", "0 — только штраф", unit="балл", required=True, ge=0,
                                      le=1000, also=["Максимум", "Максимальный балл"], example=10)  # fmt: skip
    comment: Text = types.words("Примечание", "можно пусто; без имён", optional=True, also=["Комментарий"], example="")

    @pa.dataframe_check(error="row_judged_by_works")
    def _not_by_works(cls, rows: pd.DataFrame) -> pd.Series:
        return ~rows["indicator"].fillna("").str.contains(NEVER).astype(bool)


class HeadRow(MadeRows):
    """Организация и критерий (ALL — все): баллы с весами; в строке всех критериев — и то, что известно без листа."""

    org_id: str = field("Организация")
    org_kind: str = field("Вид организации")
    criterion: str = field("Критерий", codes={**CRITERIA, "все критерии": ALL})
    points: pd.Float64Dtype = field("Баллы", unit="балл")
    deducted: pd.Float64Dtype = field("Снято", unit="балл")
    max_points: pd.Float64Dtype = field("Наибольшие баллы", unit="балл")
    rated: str = field("Уровень", isin=list(DATA["levels"]))
    own_rating: str = field("Уровень самой организации", isin=list(DATA["levels"]))
    place: pd.Int64Dtype = field("Место", unit="место")
    compared: pd.Int64Dtype = field("Среди скольких", unit="ОО")
    teachers: pd.Int64Dtype = field("Педагогов с известной категорией", unit="чел.")
    with_category: pd.Int64Dtype = field("С категорией", unit="чел.")
    graduates: pd.Int64Dtype = field("Выпускников", unit="чел.")
    certificates: pd.Int64Dtype = field("Получили аттестат", unit="чел.")
    nok_score: pd.Float64Dtype = field("Итог последней НОК", unit="балл")


def _rated(code: str) -> Count:
    counted: Count = count(f"Организаций уровня «{DATA['levels'][code]['title']}»", "org_id", unit="ОО",
                           where={"rated": code})  # fmt: skip
    return counted


@mart(
    "head_effectiveness",
    of=HeadRow,
    made_of=("head_points",),
    title="Эффективность руководителей: баллы по критериям, уровень и место среди организаций того же вида",
    slices=(("criterion",), ("criterion", "org_kind")),
)
class HeadEffectiveness:
    """Баллы — по листам организаций, результаты ВПР не учитываются. Место — только среди пяти организаций и больше."""

    organisations = count("Организаций", "org_id", unit="ОО")
    points = total("points", "Баллы за вычетом снятых", unit="балл")
    deducted = total("deducted", "Снято баллов", unit="балл")
    max_points = total("max_points", "Наибольшие баллы", unit="балл")
    score = ratio(
        "Доля набранных баллов руководителями", part=points, whole=max_points, per=100, unit="%", item="7.1",
        better="up", source=SOURCE,
    )  # fmt: skip
    rating = label("Уровень организации", "own_rating", by="org_kind", isin=list(DATA["levels"]))
    high_rated, middle_rated, low_rated = _rated("high"), _rated("middle"), _rated("low")
    highly_rated = share(
        "Доля организаций с высоким уровнем эффективности руководителя", part=high_rated,
        whole=count("Организаций с уровнем", "org_id", unit="ОО", where={"rated": KNOWN}), item="7.1", better="up",
        source=SOURCE,
    )  # fmt: skip
    place = total("place", "Место среди организаций этого вида", unit="место")
    compared = total("compared", "Среди скольких организаций", unit="ОО")
    category = share(
        "Рядом с баллами: доля педагогов с категорией", part=total("with_category"), whole=total("teachers"),
        item="7.1", better="up", source=OF_STAFF,
    )  # fmt: skip
    certified = share(
        "Рядом с баллами: доля выпускников, получивших аттестат", part=total("certificates"),
        whole=total("graduates"), item="7.1", better="up", source=OF_CERTIFICATES,
    )  # fmt: skip
    nok = mean(
        "Рядом с баллами: итог последней независимой оценки", "nok_score", unit="балл", item="7.1", better="up",
        source=OF_NOK, bounds=(0, 100),
    )  # fmt: skip
