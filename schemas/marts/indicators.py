"""Indicators: what is computed, its values and their dynamics."""

from __future__ import annotations

import pandas as pd

from schemas.fields import field
from schemas.measure import ALL, NO_GRADE
from schemas.published import Mart, Result, hidden_columns, suppressed


class Indicator(Mart):
    """Показатели: что посчитано и по какой формуле."""

    indicator_id: str = field("Код показателя", key=True)
    section: pd.Int64Dtype = field("Раздел дорожной карты", nullable=False, ge=1, le=10)
    roadmap_item: str = field("Пункт дорожной карты", nullable=False)
    title_ru: str = field("Показатель", nullable=False)
    unit: str = field("Единица измерения", nullable=False)
    formula: str = field("Формула", nullable=False)
    source: str = field("Источник формулы", nullable=False)
    higher_is_better: pd.BooleanDtype = field("Больше — лучше")
    target: pd.Float64Dtype = field(
        "Целевое значение, в единицах показателя (NULL — не задано): форма «Целевые значения», иначе объявление"
    )
    verified: pd.BooleanDtype = field("Формула подтверждена источником", nullable=False)


ERROR = (
    "доли: √(p̃(1 − p̃)/(N + 2)), p̃ = (k + 1)/(N + 2) (Agresti, Caffo, 2000); средние: s/√N; альфа: Bonett, 2002; "
    "территории: между школами (Cochran, 1977), docs/methodology.md"
)
TEST = (
    "доли школы: Agresti, Caffo, 2000; средние: Welch, 1947; территории: t по общим школам, их число − 1 степеней "
    "свободы, docs/methodology.md"
)
TOGETHER = (
    "Benjamini, Hochberg, 1995: все строки того же уровня за год: показатели работ вместе, каждой витрины реестров — "
    "отдельно"
)
REFERENCE = ("region", "country", "municipality")


class OfIndicator(Result):
    """Общие столбцы значений показателей: чего у показателя нет, то стоит в ключе словом «все»."""

    procedure: str = field(f"Процедура ({ALL} — показатель не из оценочной процедуры)", key=True)
    subject: str = field(
        f"Код предмета ({ALL} — показатель не о предмете)", key=True, str_matches=rf"^([A-Z]{{2}}|{ALL})$"
    )
    grade: pd.Int64Dtype = field("Класс работы или учеников (0 — все классы)", key=True, ge=NO_GRADE, le=11)


class IndicatorValue(OfIndicator):
    """Значения показателей по организациям и уровням, с доверительными границами и прошлым циклом.

    У муниципалитета и региона `value` и `previous_value` — по всем школам, сдававшим в том году, а `change` — только
    по школам, сдававшим оба раза: с одного года на другой состав школ меняется.
    """

    indicator_id: str = field("Код показателя", key=True)
    numerator: pd.Float64Dtype = field("Числитель")
    denominator: pd.Float64Dtype = field("Знаменатель", ge=0)
    value: pd.Float64Dtype = field("Значение")
    se: pd.Float64Dtype = field("Стандартная ошибка значения, в единицах показателя", ge=0, source=ERROR)
    ci_low: pd.Float64Dtype = field(
        "Нижняя граница 95 % интервала, по участникам",
        source="Wilson, 1927; для средних — 1,96·s/√n в пределах возможных значений",
    )
    ci_high: pd.Float64Dtype = field(
        "Верхняя граница 95 % интервала, по участникам",
        source="Wilson, 1927; для средних — 1,96·s/√n в пределах возможных значений",
    )
    target: pd.Float64Dtype = field("Целевое значение, в единицах показателя (NULL — не задано)")
    previous_value: pd.Float64Dtype = field("Значение прошлого цикла той же работы, по всем школам того года")
    previous_year: pd.Int64Dtype = field("Год прошлого цикла")
    change: pd.Float64Dtype = field(
        "Изменение к прошлому циклу; у территорий — по школам, сдававшим оба раза", source="docs/methodology.md"
    )
    matched_schools: pd.Int64Dtype = field("Школ, сдававших оба раза (у территорий)", ge=0)
    matched_participants: pd.Float64Dtype = field("Участников отчётного года в этих школах", ge=0)
    matched_previous_participants: pd.Float64Dtype = field("Участников прошлого цикла в этих школах", ge=0)
    is_comparable: pd.BooleanDtype = field(
        "Сопоставимо: совпадают максимум и число заданий работ, а у территорий и состав школ",
        source="ФИОКО, рекомендации 2026; состав школ — docs/methodology.md",
    )
    not_compared: str = field("Почему нет изменения")
    reference: str = field("С чьим изменением той же работы сопоставлено", isin=REFERENCE)
    reference_change: pd.Float64Dtype = field("Изменение той же работы в регионе (стране, муниципалитете)")
    relative_change: pd.Float64Dtype = field("Изменение сверх изменения региона (страны, муниципалитета)")
    change_se: pd.Float64Dtype = field(
        "Стандартная ошибка изменения сверх региона, а без сопоставления — самого изменения", ge=0, source=ERROR
    )
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)
    has_incomplete_marks: pd.BooleanDtype = field(
        "Отметка известна меньше чем у 95 % участников: показатель — о части (NULL — он не об отметках)"
    )
    has_incomplete_previous_marks: pd.BooleanDtype = field("То же в прошлом цикле: по изменению не судят")
    suppressed: pd.BooleanDtype = suppressed()
    hidden_columns: str = hidden_columns()


class DynamicsThreeYears(OfIndicator):
    """Динамика показателей за три года.

    Годы календарные: отчётный, прошлый и позапрошлый; год без этой работы — NULL. У муниципалитета и региона значения —
    по всем школам, сдававшим в том году, а изменения, наклон и тенденция — только по школам, сдававшим оба раза.
    «Лучше» и «хуже» (`trend`) сказаны об изменении сверх региона (страны, муниципалитета), где оно известно
    (`reference_1`, `reference_2`), иначе — о самом изменении: работы разных лет не выровнены по трудности.
    «Стабильно» — изменение не отличимо от случайного или меньше 3 % шкалы показателя.
    """

    indicator_id: str = field("Код показателя", key=True)
    value: pd.Float64Dtype = field("Значение отчётного года", nullable=False)
    value_1: pd.Float64Dtype = field("Значение прошлого года")
    value_2: pd.Float64Dtype = field("Значение позапрошлого года")
    change_1: pd.Float64Dtype = field("Изменение за год; у территорий — по школам, сдававшим оба раза")
    change_2: pd.Float64Dtype = field("Изменение за два года; у территорий — по школам, сдававшим оба раза")
    slope: pd.Float64Dtype = field("Наклон: изменение в год по имеющимся годам", source="метод наименьших квадратов")
    denominator: pd.Float64Dtype = field("База (знаменатель) отчётного года", ge=0)
    denominator_1: pd.Float64Dtype = field("База (знаменатель) прошлого года", ge=0)
    denominator_2: pd.Float64Dtype = field("База (знаменатель) позапрошлого года", ge=0)
    matched_schools_1: pd.Int64Dtype = field("Школ, сдававших и в прошлом году (у территорий)", ge=0)
    matched_participants_1: pd.Float64Dtype = field("Участников отчётного года в этих школах", ge=0)
    matched_previous_participants_1: pd.Float64Dtype = field("Участников прошлого года в этих школах", ge=0)
    matched_schools_2: pd.Int64Dtype = field("Школ, сдававших и в позапрошлом году (у территорий)", ge=0)
    matched_participants_2: pd.Float64Dtype = field(
        "Участников отчётного года в школах, сдававших и в позапрошлом", ge=0
    )
    matched_previous_participants_2: pd.Float64Dtype = field("Участников позапрошлого года в этих школах", ge=0)
    not_compared: str = field("Почему нет изменения к прошлому или позапрошлому году", source="docs/methodology.md")
    reference_1: str = field("С чьим изменением за год сопоставлено", isin=REFERENCE)
    reference_change_1: pd.Float64Dtype = field("Изменение той же работы там за год")
    relative_change_1: pd.Float64Dtype = field("Изменение за год сверх него")
    change_se_1: pd.Float64Dtype = field(
        "Стандартная ошибка изменения за год: сверх региона, а без сопоставления — самого", ge=0, source=ERROR
    )
    reference_2: str = field("С чьим изменением за два года сопоставлено", isin=REFERENCE)
    reference_change_2: pd.Float64Dtype = field("Изменение той же работы там за два года")
    relative_change_2: pd.Float64Dtype = field("Изменение за два года сверх него")
    change_se_2: pd.Float64Dtype = field(
        "Стандартная ошибка изменения за два года: сверх региона, а без сопоставления — самого", ge=0, source=ERROR
    )
    p_value: pd.Float64Dtype = field(
        "p изменения к последнему из прежних лет (сверх региона, где он известен), двустороннее",
        ge=0, le=1, source=TEST,
    )  # fmt: skip
    p_adjusted: pd.Float64Dtype = field("То же p с поправкой на число проверок года", ge=0, le=1, source=TOGETHER)
    is_significant: pd.BooleanDtype = field("Изменение к последнему из прежних лет значимо (p с поправкой < 0,05)")
    is_comparable: pd.BooleanDtype = field(
        "Эти два года сопоставимы: совпадают максимум и число заданий работ, а у территорий и состав школ",
        source="ФИОКО, рекомендации 2026; состав школ — docs/methodology.md",
    )
    trend: str = field(
        "Тенденция за имеющиеся годы: лучше, хуже, стабильно (сверх региона, где он известен)",
        isin=("better", "worse", "stable"), source="docs/methodology.md",
    )  # fmt: skip
    trend_p_value: pd.Float64Dtype = field(
        "p изменения к первому из сравнимых прежних лет, оно же — наклона, двустороннее", ge=0, le=1, source=TEST
    )
    trend_p_adjusted: pd.Float64Dtype = field(
        "То же p с поправкой на число проверок за год", ge=0, le=1, source=TOGETHER
    )
    is_trend_comparable: pd.BooleanDtype = field(
        "Отчётный год и тот, по которому сказана тенденция, сопоставимы", source="ФИОКО, рекомендации 2026"
    )
    is_negative: pd.BooleanDtype = field(
        "Отрицательная динамика: доля «2» за год выросла на 10 п.п. и больше", source="ФИОКО, рекомендации 2026"
    )
    small_base: pd.BooleanDtype = field("Малая база в одном из лет (N < 10)", nullable=False)
    not_judged: str = field("Почему нет тенденции")


class AugustPack(OfIndicator):
    """Августовский доклад: показатели территорий по разделам дорожной карты за три года, цель и тенденция."""

    section: pd.Int64Dtype = field("Раздел дорожной карты", nullable=False, ge=1, le=10)
    roadmap_item: str = field("Пункт дорожной карты", nullable=False)
    indicator_id: str = field("Код показателя", key=True)
    value: pd.Float64Dtype = field("Значение отчётного года", nullable=False)
    ci_low: pd.Float64Dtype = field("Нижняя граница 95 % интервала")
    ci_high: pd.Float64Dtype = field("Верхняя граница 95 % интервала")
    denominator: pd.Float64Dtype = field("Знаменатель", ge=0)
    value_1: pd.Float64Dtype = field("Значение прошлого года")
    value_2: pd.Float64Dtype = field("Значение позапрошлого года")
    target: pd.Float64Dtype = field("Целевое значение, в единицах показателя (NULL — не задано)")
    is_on_target: pd.BooleanDtype = field("Цель достигнута (NULL — цели или направления нет)")
    change_1: pd.Float64Dtype = field("Изменение за год по школам, о которых известно оба раза")
    relative_change_1: pd.Float64Dtype = field("Изменение за год сверх изменения региона (страны)")
    trend: str = field("Тенденция", isin=["better", "stable", "worse"])
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)
    not_judged: str = field("Почему тенденции нет")
