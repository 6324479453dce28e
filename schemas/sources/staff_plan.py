"""Posts of the staff plan and which of them are vacant: the lack of teachers (roadmap 8.3)."""

from __future__ import annotations

from schemas import teachers, types
from schemas.declared import mart
from schemas.measure import AtLeast, count, ratio, total
from schemas.register import Register, register
from schemas.types import Number, Short, Text

TITLE = "штат и вакансии"
SOURCE = "критерий проекта, docs/methodology.md: вакантные ставки от ставок по штату; укомплектованность — остальные"
LEAST_POST = 0.01
"""Of a post; less is nothing."""


@register(
    "staff_plan",
    title="Штат и вакансии",
    file="Штат и вакансии.xlsx",
    sheet="Штат",
    about="Одна строка на организацию, должность и предмет: сколько ставок по штату и сколько из них вакантно на конец "
    "учебного года. Ставка, которую временно ведёт другой работник, тоже вакантна.",
    known_by=("post", "posts", "vacant"),
    replaces=("org_ref",),
    is_whole=True,
)
class StaffPlan(Register):
    """Штат: ставки и вакансии организации по должностям и предметам."""

    year: Short = types.school_year()
    org_ref: Text = types.organisation()
    post: Text = types.code("Должность", teachers.POSTS, key=True, example="учитель")
    discipline: Text = teachers.discipline("чей учитель; «без предмета» у остальных", key=True)
    posts: Number = types.count("Ставок в штате", "можно с дробью", unit="ставок", required=True, example="4,5",
                                also=["Ставок по штату", "Ставок"])  # fmt: skip
    vacant: Number = types.count(
        "Вакантно ставок", "не больше ставок в штате; 0 — вакансий нет", unit="ставок", at_most="posts",
        required=True, example=1, also=["Вакансий", "Вакантных ставок"],
    )  # fmt: skip


@mart(
    "staff_plan",
    of=StaffPlan,
    title="Штат и вакансии по должностям и предметам",
    slices=((), ("post",), ("discipline",)),
)
class StaffPlans:
    """Ставки, а не люди; по кадрам — в таблице `staff`."""

    organisations = count("Организаций", "org_id", unit="ОО")
    with_vacancies = count("Организаций с вакансиями", "org_id", unit="ОО", where={"vacant": AtLeast(LEAST_POST)})
    posts = total("posts", "Ставок по штату", unit="ставок")
    vacant = total("vacant", "Вакантно", unit="ставок")
    vacancy = ratio(
        "Доля вакантных ставок", part=vacant, whole=posts, per=100, unit="%", item="8.3", better="down", source=SOURCE
    )  # fmt: skip
