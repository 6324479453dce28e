"""Development of teachers: training in three years, groups, diagnostics, young teachers (roadmap 5.5, 8.1, 8.3–8.5).

Rows are made of the staff, its courses, diagnostics and groups of several years; see
`msoko_pipeline.indicators.registers.rows.teacher_development`.
"""

from __future__ import annotations

import pandas as pd

from schemas import teachers
from schemas.declared import MadeRows, mart
from schemas.fields import field
from schemas.measure import KNOWN, Count, count, mean, share, total
from schemas.teachers import DATA, PERSON, TEACHING_POSTS

TITLE = "развитие педагогов"
YEARS = DATA["course_years"]["value"]
SOURCE = (
    "критерий проекта, docs/methodology.md: педагоги организаций, приславших и кадры, и курсы; три отчётных года, "
    "включая этот; без курсов всех трёх лет доли нет"
)
OF_GROUPS = "критерий проекта, docs/methodology.md: педагоги, названные в составе групп, от педагогов по кадрам"
OF_DIAGNOSIS = "критерий проекта, docs/methodology.md: педагоги с уровнем от педагогов по кадрам"
OF_YOUNG = f"критерий проекта, docs/methodology.md; {DATA['young']['source']}"
LEAST = DATA["least_people"]["value"]


class TeacherRow(MadeRows):
    """Работник в должности и то, чему он учился. Логическое пусто, где это неизвестно."""

    staff_key: str = field("Ключ работника", personal=True)
    post: str = field("Должность", codes=teachers.POSTS)
    discipline: str = field("Предмет", codes=teachers.DISCIPLINES)
    is_trained_now: pd.BooleanDtype = field("Окончил программу в этом году")
    is_trained: pd.BooleanDtype = field("Окончил программу за три года")
    is_retrained: pd.BooleanDtype = field("Окончил переподготовку за три года")
    is_trained_talent: pd.BooleanDtype = field("Учился работе с одарёнными за три года")
    is_trained_management: pd.BooleanDtype = field("Учился управлению за три года")
    has_higher: pd.BooleanDtype = field("Есть высшее образование")
    is_in_group: pd.BooleanDtype = field("Состоит в методическом объединении")
    is_diagnosed: pd.BooleanDtype = field("Прошёл диагностику в этом году")
    hours: pd.Int64Dtype = field("Часов за три года", unit="ч")


def _people(title: str, posts: tuple[str, ...] = TEACHING_POSTS, **where: object) -> Count:
    counted: Count = count(title, *PERSON, unit="чел.", where={"post": posts, **where})
    return counted


KNOWN_COURSES = _people("Педагогов, о чьих курсах за три года известно", is_trained=KNOWN)
MANAGING = tuple(DATA["managing"])


@mart(
    "teacher_development",
    of=TeacherRow,
    made_of=("staff",),
    title="Развитие педагогов: курсы за три года, объединения, диагностика — по должностям и предметам",
    slices=((), ("post",), ("discipline",)),
    base="teachers",
    least=LEAST,
)
class TeacherDevelopment:
    """Педагоги по кадрам года, каждый в своей организации; чего организация не прислала, то неизвестно, а не ноль."""

    organisations = count("Организаций", "org_id", unit="ОО")
    teachers = _people("Педагогов")
    trained = share(
        "Доля педагогов, прошедших ПК или переподготовку за три года",
        part=_people("Прошли за три года", is_trained=True), whole=KNOWN_COURSES, whole_as="with_courses_known",
        item="8.3", better="up", source=f"{SOURCE}; {DATA['course_years']['source']}",
    )  # fmt: skip
    trained_now = share(
        "Доля педагогов, окончивших программу в этом году",
        part=_people("Окончили в этом году", is_trained_now=True),
        whole=_people("Педагогов, о чьих курсах года известно", is_trained_now=KNOWN),
        item="8.3", better="up", source=SOURCE,
    )  # fmt: skip
    retrained = share(
        "Доля педагогов, прошедших переподготовку за три года",
        part=_people("Прошли переподготовку", is_retrained=True), whole=KNOWN_COURSES, whole_as=None,
        item="8.3", better=None, source=SOURCE,
    )  # fmt: skip
    course_hours = mean(
        "Часов программ на педагога за три года", "hours", unit="ч", where={"post": TEACHING_POSTS},
        item="8.3", better="up", source=SOURCE, bounds=(0, None),
    )  # fmt: skip
    talent = share(
        "Доля педагогов, обученных работе с одарёнными за три года",
        part=_people("Обучены работе с одарёнными", is_trained_talent=True), whole=KNOWN_COURSES, whole_as=None,
        item="5.5", better="up", source=SOURCE,
    )  # fmt: skip
    grouped = share(
        "Доля педагогов в муниципальных методических объединениях",
        part=_people("Состоят в объединениях", is_in_group=True),
        whole=_people("Педагогов, где составы объединений известны", is_in_group=KNOWN),
        item="8.4", better="up", source=OF_GROUPS,
    )  # fmt: skip
    diagnosed = share(
        "Охват педагогов диагностикой дефицитов в этом году",
        part=_people("Прошли диагностику", is_diagnosed=True),
        whole=_people("Педагогов организаций, приславших диагностику", is_diagnosed=KNOWN),
        item="8.1", better="up", source=OF_DIAGNOSIS,
    )  # fmt: skip
    managers_trained = share(
        "Доля руководителей и заместителей, обученных управлению за три года",
        part=_people("Обучены управлению", MANAGING, is_trained_management=True),
        whole=_people("Руководителей и заместителей, о чьих курсах известно", MANAGING, is_trained_management=KNOWN),
        item="7.1", better="up", source=SOURCE,
    )  # fmt: skip
    managers_higher = share(
        "Доля руководителей и заместителей с высшим образованием",
        part=_people("С высшим образованием", MANAGING, has_higher=True),
        whole=_people("Руководителей и заместителей, чьё образование известно", MANAGING, has_higher=KNOWN),
        item="7.1", better="up", source="критерий проекта, docs/methodology.md: образование по кадрам",
    )  # fmt: skip


class TopicRow(MadeRows):
    """Организация и тема: сколько педагогов учились ей за три года."""

    topic: str = field("Тема", codes=teachers.TOPICS)
    teachers: pd.Int64Dtype = field("Педагогов", unit="чел.")
    trained: pd.Int64Dtype = field("Из них учились теме", unit="чел.")


@mart(
    "teacher_topics",
    of=TopicRow,
    made_of=("staff", "course"),
    title="Охват педагогов курсами по темам за три года",
    slices=(("topic",),),
    base="teachers",
    least=LEAST,
)
class TeacherTopics:
    """Педагог, учившийся двум темам, считается в каждой."""

    organisations = count("Организаций", "org_id", unit="ОО")
    teachers = total("teachers", "Педагогов, о чьих курсах за три года известно")
    trained = total("trained", "Из них учились теме")
    coverage = share(
        "Охват педагогов курсами по теме за три года", part=trained, whole=teachers, item="8.3", better="up",
        source=SOURCE,
    )  # fmt: skip


class YoungRow(MadeRows):
    """Педагог этого года, или начинавший год или три года назад: остался ли он."""

    staff_key: str = field("Ключ работника", personal=True)
    cohort: str = field("Когда был на работе", isin=["now", "after_1", "after_3"])
    is_under_35: pd.BooleanDtype = field("Не старше 35 лет")
    is_beginner: pd.BooleanDtype = field("Стаж не больше трёх лет")
    has_mentor: pd.BooleanDtype = field("Есть наставник")
    is_retained: pd.BooleanDtype = field("Остался в организации")
    has_moved: pd.BooleanDtype = field("Перешёл в другую организацию муниципалитета")


def _young(title: str, cohort: str = "now", **where: object) -> Count:
    counted: Count = count(title, *PERSON, unit="чел.", where={"cohort": cohort, **where})
    return counted


BEGINNERS = _young("Начинающих педагогов (стаж до 3 лет)", is_beginner=True)


@mart(
    "young_teachers",
    of=YoungRow,
    made_of=("staff",),
    title="Молодые педагоги: доля, наставники, закрепление",
    slices=((),),
    base="teachers",
    least=LEAST,
)
class YoungTeachers:
    """Закрепление — о начинавших год и три года назад в организациях, приславших кадры обоих лет."""

    organisations = count("Организаций", "org_id", unit="ОО")
    teachers = _young("Педагогов")
    under_35 = share(
        "Доля педагогов не старше 35 лет", part=_young("Не старше 35 лет", is_under_35=True),
        whole=_young("Педагогов, чей год рождения известен", is_under_35=KNOWN), item="8.5", better="up",
        source=OF_YOUNG,
    )  # fmt: skip
    beginners = BEGINNERS
    beginner = share(
        "Доля педагогов со стажем до 3 лет", part=beginners,
        whole=_young("Педагогов, чей стаж известен", is_beginner=KNOWN), item="8.5", better="up", source=OF_YOUNG,
    )  # fmt: skip
    mentored = share(
        "Доля начинающих педагогов с наставником", part=_young("С наставником", is_beginner=True, has_mentor=True),
        whole=_young("Начинающих, о чьём наставнике сказано", is_beginner=True, has_mentor=KNOWN), item="8.5",
        better="up", source=OF_YOUNG,
    )  # fmt: skip
    retained_1 = share(
        "Доля начинающих, оставшихся в организации через год",
        part=_young("Остались через год", "after_1", is_retained=True),
        whole=_young("Начинали год назад", "after_1", is_retained=KNOWN), item="8.5", better="up", source=OF_YOUNG,
    )  # fmt: skip
    moved_1 = _young("Перешли за год в другую организацию муниципалитета", "after_1", has_moved=True)
    retained_3 = share(
        "Доля начинающих, оставшихся в организации через три года",
        part=_young("Остались через три года", "after_3", is_retained=True),
        whole=_young("Начинали три года назад", "after_3", is_retained=KNOWN), item="8.5", better="up",
        source=OF_YOUNG,
    )  # fmt: skip
