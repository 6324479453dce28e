"""Contracts of files that are not ours: models, layouts and code words of open data, known to the tests alone.

They go through the project's own reading and validation: `known` makes the project know a contract for one test.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa
import pytest

from msoko_pipeline.facts import flat
from msoko_pipeline.reading import header
from msoko_pipeline.text import cells
from msoko_pipeline.text.cells import Wrong
from schemas import catalogue
from schemas.facts import Fact
from schemas.fields import field
from schemas.kinds import KINDS, Kind
from schemas.layout import Layout, layouts

NOT_PUBLISHED = {
    "SUPP": "скрыто: мало учеников", "NE": "нет сдававших", "LOWCOV": "охвачено меньше половины",
    "NA": "неприменимо", "NEW": "новая школа",
}  # fmt: skip
"""Code words of the English performance tables: why there is no figure (ks2_meta)."""


def published(word: str) -> float:
    """A figure, `71%` or `-1.2`; a code word is no figure, and least of all zero."""
    if word in NOT_PUBLISHED:
        raise Wrong("cell_not_published", detail=NOT_PUBLISHED[word])
    return cells.number(word)


class EgeMoscow(Fact):
    """Результаты ЕГЭ школы (data.mos.ru, набор 9722): счёт вложенный, «220 и выше» входит в «160 и выше»."""

    org_id: str = field("Код школы в наборе", key=True, str_matches=r"^\d+$")
    passed: pd.Int32Dtype = field("Сдали три предмета и больше", unit="чел.", ge=0, nullable=False)
    from_220: pd.Int32Dtype = field("Из них 220 баллов и выше", unit="чел.", ge=0, nullable=False, at_most="from_160")
    from_160: pd.Int32Dtype = field("Из них 160 баллов и выше", unit="чел.", ge=0, nullable=False, at_most="passed")


class EgeMoscowLiteral(EgeMoscow):
    """То же, если верить названию столбца: меньше 160 и больше 220 — разные люди."""

    @pa.dataframe_check(error="row_people_twice")
    def _nobody_is_in_both(cls, frame: pd.DataFrame) -> pd.Series:
        return frame["from_160"] + frame["from_220"] <= frame["passed"]


class Ks2(Fact):
    """KS2: строка школы, органа управления или страны."""

    record: pd.Int8Dtype = field("Вид строки: 1, 2 — школа, 3 — орган управления, 4, 5 — страна", key=True, ge=1, le=5)
    org_id: str = pa.Field(
        title="URN школы", nullable=True, metadata={"key": True, "digits": 6}
    )  # the authority has none
    pupils: pd.Int32Dtype = field("Учеников в выпуске", unit="чел.", ge=0)
    expected_pct: pd.Float64Dtype = field(
        "Достигли ожидаемого", unit="%", ge=0, le=100, reads="published", instead=NOT_PUBLISHED
    )
    progress: pd.Float64Dtype = field("Прирост по чтению", reads="published", instead=NOT_PUBLISHED)
    progress_again: pd.Float64Dtype = field(
        "Прирост за год таблицы, во второй раз", reads="published", instead=NOT_PUBLISHED
    )


class OlympiadBy(Fact):
    """Олимпиады Белоруссии по информатике: участник областного или заключительного этапа."""

    year: pd.Int16Dtype = field("Год", key=True, ge=2015, le=2019)
    stage: str = field("Этап", key=True, codes={"regionals": "RE", "nationals": "ZE"})
    participant: str = field("Участник", key=True, personal=True, str_matches=r"^P\d{5}$")
    grade: pd.Int8Dtype = field("Класс; у колледжей — курс", nullable=False, ge=1, le=11)
    status: str = field(
        "Диплом", codes={"gold": "winner", "silver": "prizewinner", "bronze": "prizewinner"}
    )  # no diploma: the cell is empty
    qualified: pd.BooleanDtype = field("Прошёл отбор", nullable=False, codes={"true": True, "false": False})
    total: pd.Int32Dtype = field("Сумма баллов", unit="балл", nullable=False, ge=0, le=80_000)


def _layout(title: str, key: str, signs: list[str], **columns: list[str]) -> dict[str, Any]:
    return {
        "title_ru": title, "priority": 1, "work": "layout", "year": 2016, "header_has": signs, "row_key": key,
        "columns": columns, "ignored": [".*"],
    }  # fmt: skip


_EGE = _layout(
    "ЕГЭ по школам Москвы", "org_id", ["passed_number_full", "passer_under_160"], org_id=["id"],
    passed=["passed_number_full"], from_220=["passes_over_220"], from_160=["passer_under_160"],
)  # fmt: skip
CONTRACTS: dict[str, tuple[type[Fact], dict[str, Any]]] = {
    "ege_moscow": (EgeMoscow, _EGE),
    "ege_moscow_literal": (EgeMoscowLiteral, _EGE),
    "ks2": (
        Ks2,
        _layout(
            "KS2", "record", ["rectype", "ptrwm_exp"], record=["rectype"], org_id=["urn"],
            pupils=["telig"], expected_pct=["ptrwm_exp"], progress=["readprog"], progress_again=["readprog_18?"],
        ),
    ),
    "olympiad_by": (
        OlympiadBy,
        _layout(
            "Олимпиады Белоруссии по информатике", "participant", ["award", "qualified"], year=["year"],
            stage=["level"], participant=["participant"], grade=["grade"], status=["award"], qualified=["qualified"],
            total=["total"],
        ) | {"work": "rows"},
    ),
}  # fmt: skip
_ISSUES = {
    "cell_not_published": ("info", "completeness", "значение не опубликовано («{value}» — {detail})"),
    "row_people_twice": ("error", "consistency", "частей больше, чем целого"),
}


def known(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Make the project know one of the contracts until the test ends."""
    model, layout = CONTRACTS[name]
    monkeypatch.setitem(KINDS, name, Kind(name, model, ()))
    monkeypatch.setitem(layouts(), name, Layout.declared(name, layout | {"kind": name}))
    header.marks.cache_clear()
    monkeypatch.setitem(flat.PARSERS, "published", published)
    for issue, (severity, dimension, says) in _ISSUES.items():
        told = {"severity": severity, "responsibility": "sender", "dimension": dimension, "says": says, "mend": "—"}
        told["listed"] = tuple(NOT_PUBLISHED)
        monkeypatch.setitem(catalogue.issue_types(), issue, told)
