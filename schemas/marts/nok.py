"""The independent assessment of organisations: an organisation's criteria, total and term."""

from __future__ import annotations

from typing import Any

import pandas as pd

from schemas.fields import field
from schemas.published import Mart

POINTS: dict[str, Any] = {"unit": "балл", "ge": 0, "le": 100}


class Nok(Mart):
    """НОК: организация, критерии К1–К5, итог, срок следующей оценки.

    Баллы — оценки этого года, NULL у организаций, которых в этом году не оценивали; территории — в `nok_summary`.
    """

    org_id: str = field("Код организации", key=True)
    k1: pd.Float64Dtype = field("К1: открытость и доступность информации", **POINTS)
    k2: pd.Float64Dtype = field("К2: комфортность условий", **POINTS)
    k3: pd.Float64Dtype = field("К3: доступность для инвалидов", **POINTS)
    k4: pd.Float64Dtype = field("К4: доброжелательность и вежливость", **POINTS)
    k5: pd.Float64Dtype = field("К5: удовлетворённость условиями", **POINTS)
    total: pd.Float64Dtype = field("Итоговая оценка", **POINTS)
    band: str = field("Оценка словом: код")
    last_year: pd.Int64Dtype = field("Год последней НОК")
    next_due: pd.Int64Dtype = field("Не позже какого года следующая НОК (273-ФЗ, ст. 95.2: раз в три года)")
    overdue: pd.BooleanDtype = field("Просрочена; NULL — прошлая НОК неизвестна")
