"""What the assessment calendar expects of every organisation, and what has come."""

from __future__ import annotations

import pandas as pd

from schemas import catalogue, procedures
from schemas.assessment_year import cycles
from schemas.fields import field
from schemas.published import Mart
from schemas.types import ANY_ORGANISATION, ISO_DATE


class Completeness(Mart):
    """Полнота: что положено прислать по календарю, что пришло, что опаздывает.

    Строка — организация и работа, которой от неё ждут: предмет и класс процедуры; где предмет определяет жребий или
    выбор — сколько предметов из скольких. Классы — из контингента, без него — те, что писали хоть что-нибудь в этом или
    прошлом году; если не известно ни то, ни другое, ждут хотя бы одной работы процедуры (класс 0). Календарь — реестр
    «График оценочных процедур», без него — федеральный график. Статус — на день публикации.
    """

    org_id: str = field("Код организации", key=True, str_matches=ANY_ORGANISATION)
    calendar_cycle: str = field("Цикл календаря; NULL — процедура есть только в графике", isin=[*cycles()])
    procedure: str = field("Процедура", key=True, isin=[*procedures.HELD])
    grade: pd.Int64Dtype = field("Класс работы; 0 — все классы", key=True, ge=0, le=11)
    subjects: str = field("Предметы: один или те, из которых ждут; ALL — любой", key=True)
    subject: str = field("Предмет; ALL, где их несколько", nullable=False, str_matches=r"^([A-Z]{2}|ALL)$")
    expected: pd.Int64Dtype = field("Сколько работ положено прислать", unit="работ", nullable=False, ge=1)
    received: pd.Int64Dtype = field("Из них с результатами", unit="работ", nullable=False, ge=0)
    status: str = field("Статус на день публикации", nullable=False, isin=[*catalogue.titles("completeness_status")])
    starts: str = field("Первый день процедуры", nullable=False, str_matches=ISO_DATE)
    ends: str = field("Последний день процедуры", nullable=False, str_matches=ISO_DATE)
    deadline: str = field("До какого дня ждут файлов", nullable=False, str_matches=ISO_DATE)
    received_on: str = field(
        "Когда пришёл первый файл с этой работой; NULL — файлов нет или не известно, в котором она",
        str_matches=ISO_DATE,
    )
    is_late: pd.BooleanDtype = field(
        "Пришло позже срока; NULL — ничего не пришло или файлы начали принимать уже после него"
    )
