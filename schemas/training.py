"""Quality of training (roadmap 2.4): base level, high level and individual paths over all procedures, a figure each.

What is counted is a result: a pupil's work in one subject, a leaver's certificate, a pupil's place in a profile.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from schemas.declared import MadeRows, mart
from schemas.fields import field
from schemas.measure import count, share, total

SOURCE = "критерий проекта, docs/methodology.md: результаты всех процедур вместе; состав — оценка МУМ, по памяти"
PROCEDURES = {
    "VPR": "ВПР 4–8 классов, русский язык и математика", "OGE": "ОГЭ, русский язык и математика, первая попытка",
    "EGE": "ЕГЭ, русский язык и математика, первая попытка", "CERTIFICATE": "аттестаты 9 и 11 классов",
    "SUM3": "сумма трёх ЕГЭ", "RE": "региональный этап ВсОШ", "PROFILE": "профильное обучение 10–11 классов",
    "PLANS": "индивидуальные учебные планы 10–11 классов", "CHOICE": "ЕГЭ по предметам профиля",
}  # fmt: skip
"""Part of the figures → what it is."""
SUBJECTS = ("RU", "MA", "MB")
GRADES = (4, 8)
"""The first and the last grade whose ВПР count."""


class Results(MadeRows):
    """Results of a school in a procedure and grade: judged, and of them at the base level, at the high one, on a path
    of their own; NULL where the procedure tells nothing of it.
    """

    procedure: str = field("Процедура", codes={code: code for code in PROCEDURES})
    judged: pd.Int64Dtype = field("Результатов", unit="результатов", ge=0)
    base: pd.Int64Dtype = field("Из них не ниже базового уровня", unit="результатов", ge=0)
    high: pd.Int64Dtype = field("Из них высокого уровня", unit="результатов", ge=0)
    individual: pd.Int64Dtype = field("Из них по индивидуальному пути", unit="результатов", ge=0)


def _share(title: str, level: str, *procedures: str) -> Any:
    where = {"procedure": procedures[0] if len(procedures) == 1 else [*procedures]} if procedures else {}
    return share(
        title,
        part=total(level, unit="результатов", where=where), whole=total("judged", unit="результатов", where=where),
        item="2.4", better="up", source=SOURCE,
    )  # fmt: skip


@mart(
    "training_quality_indicators",
    of=Results,
    title="Качество подготовки: базовая, высокая, индивидуализация",
    slices=((),),
)
class TrainingQuality:
    """Общая доля — от всех результатов вместе: чем больше результатов у процедуры, тем больше она весит. Сравнивайте
    её с прошлым годом той же школы и с городом, а где школы отличаются составом классов — доли по процедурам."""

    schools = count("Школ с результатами", "org_id", unit="ОО")
    base = _share("Базовая подготовка: доля результатов не ниже минимального уровня", "base")
    vpr_base = _share("Доля «3», «4» и «5» на ВПР, русский язык и математика 4–8 классов", "base", "VPR")
    oge_base = _share("Доля сдавших ОГЭ по русскому языку и математике", "base", "OGE")
    ege_base = _share("Доля преодолевших минимум ЕГЭ по русскому языку и математике", "base", "EGE")
    certificates_base = _share("Доля выпускников 9 и 11 классов, получивших аттестат", "base", "CERTIFICATE")
    high = _share("Высокий уровень подготовки: доля результатов", "high")
    vpr_high = _share("Доля «4» и «5» на ВПР, русский язык и математика 4–8 классов", "high", "VPR")
    oge_high = _share("Доля «5» на ОГЭ по русскому языку и математике", "high", "OGE")
    ege_high = _share("Доля ЕГЭ по русскому языку и математике от 81 балла («5» базовой математики)", "high", "EGE")
    sum3_high = _share("Доля сдавших ЕГЭ, у кого за три лучших экзамена от 220 баллов", "high", "SUM3")
    olympiad_high = _share("Доля победителей и призёров среди участий в региональном этапе ВсОШ", "high", "RE")
    individual = _share("Индивидуализация: доля мест в профилях, планах и выборе экзаменов", "individual")
    profile_individual = _share("Охват учеников 10–11 классов профильным обучением", "individual", "PROFILE")
    plans_individual = _share("Доля учеников 10–11 классов на ИУП", "individual", "PLANS")
    choice_individual = _share(
        "Доля учеников 11 класса на профилях, сдающих ЕГЭ по предметам профиля, не больше", "individual", "CHOICE"
    )
