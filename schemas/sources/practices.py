"""The bank of best practices: who offers a practice and who took it over (roadmap 9.6, 10.8)."""

from __future__ import annotations

from typing import Any

from schemas import catalogue, types
from schemas.declared import MadeRows, mart
from schemas.measure import count, share
from schemas.register import Register, register
from schemas.rules import days_of_the_school_year
from schemas.types import Flag, Short, Text

TITLE = "лучшие практики"
SOURCE = "критерий проекта, docs/methodology.md: внедрённые другой организацией — из практик этого года с автором"
SYSTEMS = types.spelled({
    "quality": ["качество подготовки", "оценка качества подготовки", "качество образования"],
    "objectivity": ["объективность", "объективность процедур оценки качества"],
    "low_results": ["школы с низкими результатами", "ШНОР", "работа со школами с низкими результатами"],
    "talent": ["таланты", "выявление и развитие талантов", "одарённые дети"],
    "career": ["самоопределение и профориентация", "профориентация", "самоопределение"],
    "heads": ["эффективность руководителей", "руководители"],
    "teachers": ["профессиональное развитие педагогов", "педагоги", "профразвитие педагогов", "методическая работа"],
    "upbringing": ["воспитание", "воспитание и социализация"],
    "preschool": ["дошкольное образование", "дошкольное", "ДОО"],
    "other": ["иное", "другое"],
})  # fmt: skip
"""Systems of the management of quality, by the sections of the roadmap from the second."""
LEVELS = types.spelled(catalogue.talent()["levels"])
NO_LEVEL = "none"
ROLES = types.spelled({
    "author": ["автор", "разработчик", "представила", "авторы"],
    "adopter": ["внедрила", "внедряет", "внедрил", "внедрено", "применяет"],
})  # fmt: skip


@register(
    "practices",
    title="Банк лучших практик",
    file="Лучшие практики.xlsx",
    sheet="Практики",
    about="Одна строка на практику и организацию: автор — кто её представил, «внедрила» — кто перенял. Код практики "
    "один и тот же у автора и у тех, кто внедрил. Имён не нужно.",
    known_by=("practice_id", "role"),
    replaces=("practice_id", "org_ref"),
    is_whole=True,
)
class Practices(Register):
    """Банк лучших практик: авторы и внедрившие."""

    year: Short = types.school_year()
    practice_id: Text = types.register_code("Код практики", "практику", example="П-7")
    org_ref: Text = types.organisation()
    role: Text = types.code("Роль", ROLES, also=["Роль организации"], required=True, example="автор")
    system: Text = types.code(
        "Направление", SYSTEMS, also=["Система", "Механизм управления"], required=True, example="воспитание"
    )  # fmt: skip
    practice_name: Text = types.words(
        "Название практики", "без имён; у внедривших можно пусто", also=["Практика", "Название"],
        example="Школа наставников",
    )  # fmt: skip
    practice_level: Text = types.code(
        "Уровень", LEVELS, "на котором практика признана; можно пусто", also=["Уровень практики"],
        example="муниципальный",
    )  # fmt: skip
    event: Text = types.words(
        "Где представлена", "мероприятие, сборник; можно пусто", also=["Мероприятие"], optional=True,
        example="Фестиваль практик",
    )  # fmt: skip
    presented_on: Text = types.date("Дата", "когда представлена или внедрена; можно пусто", example="18.03.2026")

    _in_the_school_year = days_of_the_school_year("presented_on")


class Shared(MadeRows):
    """Rows of the register; what the author says of the practice holds for all its rows."""

    practice_id: Text = types.register_code("Код практики", "практику")
    role: Text = types.code("Роль", ROLES)
    system: Text = types.code("Направление", SYSTEMS, key=True)
    practice_level: Text = types.code("Уровень практики", {**LEVELS, "не указан": NO_LEVEL}, key=True)
    is_adopted: Flag = types.yes_no("Внедрена другой организацией")


OWN = {"role": "author"}


def _adopted(title: str, item: str, **of: str) -> Any:
    """The share of the practices of a system, or of all, that somebody else took over."""
    shown: dict[str, Any] = {"part_as": None, "whole_as": None} if of else {}
    return share(
        title, part=count("", "practice_id", unit="практик", where=OWN | of | {"is_adopted": True}),
        whole=count("", "practice_id", unit="практик", where=OWN | of), item=item, better="up", source=SOURCE, **shown,
    )  # fmt: skip


@mart(
    "best_practices",
    of=Shared,
    made_of=("practices",),
    title="Лучшие практики: авторы и внедрение по направлениям и уровням",
    slices=((), ("system",), ("practice_level",), ("system", "practice_level")),
    base="practices",
)
class BestPractices:
    """У школы — практики, которые она представила или внедрила. Внедрена — если её переняла другая организация в этом
    же году."""

    organisations = count("Организаций", "org_id", unit="ОО")
    practices = count("Практик", "practice_id", unit="практик")
    authors = count("Организаций-авторов", "org_id", unit="ОО", where=OWN)
    adopters = count("Организаций, внедривших практики", "org_id", unit="ОО", where={"role": "adopter"})
    adoptions = count("Внедрений", unit="внедрений", where={"role": "adopter"})
    adopted = _adopted("Доля представленных практик, внедрённых другими", "9.6")
    upbringing = _adopted("Доля практик воспитания, внедрённых другими", "9.6", system="upbringing")
    preschool = _adopted("Доля практик дошкольного образования, внедрённых другими", "10.8", system="preschool")
