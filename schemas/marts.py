"""The published tables (schema `mart`): what an analyst may rely on.

Keys are text; shares are 0…100 and named `*_pct`; counts are integers; NULL means no data and is never 0.
Each model's docstring begins with the table's Russian title; `MARTS` lists them in the order of publication.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas.fields import field

LEVELS = ("school", "municipality", "region", "country")
PROCEDURES = ("VPR", "OGE", "EGE")
CATEGORIES = ("shnor", "risk_zone", "none", "no_data")
PCT: dict[str, Any] = {"ge": 0, "le": 100, "unit": "%"}


class Mart(pa.DataFrameModel):
    """Общие столбцы опубликованных таблиц."""

    year: pd.Int64Dtype = field("Отчётный год", key=True, ge=2015, le=2100)
    school_year: str = field("Учебный год", nullable=False, str_matches=r"^\d{4}/\d{2}$")

    class Config:
        strict = True
        coerce = False


class Result(Mart):
    """Общие столбцы таблиц с результатами работ."""

    cycle: str = field("Оценочный цикл", key=True, str_matches=r"^[a-z]+-\d{4}$")
    procedure: str = field("Процедура", key=True)
    subject: str = field("Код предмета", key=True, str_matches=r"^[A-Z]{2}$")
    grade: pd.Int64Dtype = field("Класс работы", key=True, ge=1, le=11)
    level: str = field("Уровень", key=True, isin=LEVELS)
    unit_id: str = field("Код организации, муниципалитета, региона", key=True)


class Organisation(Mart):
    """Образовательные организации."""

    org_id: str = field("Код организации", key=True)
    name: str = field("Наименование", nullable=False)
    kind: str = field("Вид организации")
    municipality_id: str = field("Код муниципалитета")
    municipality_name: str = field("Муниципалитет")
    aliases: str = field("Другие логины и написания, через «; »")
    inn: str = field("ИНН")
    oge_code: str = field("Код ОГЭ")
    ege_code: str = field("Код ЕГЭ")


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
    verified: pd.BooleanDtype = field("Формула подтверждена источником", nullable=False)


class IndicatorValue(Result):
    """Значения показателей по организациям и уровням, с доверительными границами и прошлым циклом."""

    indicator_id: str = field("Код показателя", key=True)
    numerator: pd.Float64Dtype = field("Числитель")
    denominator: pd.Float64Dtype = field("Знаменатель", ge=0)
    value: pd.Float64Dtype = field("Значение")
    ci_low: pd.Float64Dtype = field("Нижняя граница 95 % интервала", source="Wilson, 1927; для средних — 1,96·s/√n")
    ci_high: pd.Float64Dtype = field("Верхняя граница 95 % интервала", source="Wilson, 1927; для средних — 1,96·s/√n")
    previous_value: pd.Float64Dtype = field("Значение прошлого цикла той же работы")
    previous_year: pd.Int64Dtype = field("Год прошлого цикла")
    change: pd.Float64Dtype = field("Изменение к прошлому циклу")
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)
    suppressed: pd.BooleanDtype = field("Значение скрыто", nullable=False)


class DynamicsThreeYears(Result):
    """Динамика показателей за три года.

    Годы календарные: отчётный, прошлый и позапрошлый; год без этой работы — NULL.
    """

    indicator_id: str = field("Код показателя", key=True)
    value: pd.Float64Dtype = field("Значение отчётного года", nullable=False)
    value_1: pd.Float64Dtype = field("Значение прошлого года")
    value_2: pd.Float64Dtype = field("Значение позапрошлого года")
    change_1: pd.Float64Dtype = field("Изменение за год")
    change_2: pd.Float64Dtype = field("Изменение за два года")
    slope: pd.Float64Dtype = field("Наклон: изменение в год по имеющимся годам", source="метод наименьших квадратов")
    base: pd.Float64Dtype = field("База (знаменатель) отчётного года", ge=0)
    base_1: pd.Float64Dtype = field("База (знаменатель) прошлого года", ge=0)
    base_2: pd.Float64Dtype = field("База (знаменатель) позапрошлого года", ge=0)
    p_value: pd.Float64Dtype = field(
        "p изменения к последнему из прежних лет, двустороннее",
        ge=0, le=1, source="z-критерий двух долей с общей дисперсией; двух средних по их ошибкам",
    )  # fmt: skip
    significant: pd.BooleanDtype = field("Изменение к последнему из прежних лет значимо")
    comparable: pd.BooleanDtype = field(
        "Работы этих двух лет сопоставимы: совпадают максимум и число заданий", source="ФИОКО, рекомендации 2026"
    )
    trend: str = field("Тенденция за имеющиеся годы", isin=("better", "worse", "stable"))
    trend_p_value: pd.Float64Dtype = field(
        "p изменения к первому из прежних лет, оно же — наклона, двустороннее",
        ge=0, le=1, source="z-критерий двух долей с общей дисперсией; двух средних по их ошибкам",
    )  # fmt: skip
    trend_comparable: pd.BooleanDtype = field(
        "Работы отчётного и первого из прежних лет сопоставимы", source="ФИОКО, рекомендации 2026"
    )
    negative: pd.BooleanDtype = field(
        "Отрицательная динамика: доля «2» за год выросла на 10 п.п. и больше", source="ФИОКО, рекомендации 2026"
    )
    small_base: pd.BooleanDtype = field("Малая база в одном из лет (N < 10)", nullable=False)


class VprSchool(Result):
    """ВПР: отметки, баллы и сравнение с журналом — работа × уровень."""

    pupil_grade: pd.Int64Dtype = field("Класс, в котором учатся участники", ge=1, le=11)
    participants: pd.Int64Dtype = field("Участников", unit="чел.", ge=0)
    absent: pd.Int64Dtype = field("Отсутствовали", unit="чел.", ge=0)
    partial: pd.Int64Dtype = field("Писали только одну из двух частей", unit="чел.", ge=0)
    marked: pd.Int64Dtype = field("Участников с отметкой", unit="чел.", ge=0)
    mark_2: pd.Int64Dtype = field("Отметок «2»", unit="чел.", ge=0)
    mark_3: pd.Int64Dtype = field("Отметок «3»", unit="чел.", ge=0)
    mark_4: pd.Int64Dtype = field("Отметок «4»", unit="чел.", ge=0)
    mark_5: pd.Int64Dtype = field("Отметок «5»", unit="чел.", ge=0)
    mark_2_pct: pd.Float64Dtype = field("Доля «2»", **PCT)
    success_pct: pd.Float64Dtype = field("Успеваемость: доля «3», «4», «5»", **PCT)
    success_ci_low: pd.Float64Dtype = field("Успеваемость, нижняя граница 95 %", **PCT)
    success_ci_high: pd.Float64Dtype = field("Успеваемость, верхняя граница 95 %", **PCT)
    quality_pct: pd.Float64Dtype = field("Качество: доля «4», «5»", **PCT)
    quality_ci_low: pd.Float64Dtype = field("Качество, нижняя граница 95 %", **PCT)
    quality_ci_high: pd.Float64Dtype = field("Качество, верхняя граница 95 %", **PCT)
    sou_pct: pd.Float64Dtype = field("СОУ: степень обученности учащихся (Симонов)", **PCT)
    mean_mark: pd.Float64Dtype = field("Средняя отметка", ge=2, le=5)
    max_primary: pd.Int64Dtype = field("Максимальный первичный балл", unit="балл", ge=1)
    mean_primary: pd.Float64Dtype = field("Средний первичный балл", unit="балл", ge=0)
    sd_primary: pd.Float64Dtype = field("Стандартное отклонение первичного балла (n − 1)", unit="балл", ge=0)
    se_primary: pd.Float64Dtype = field("Стандартная ошибка среднего первичного балла", unit="балл", ge=0)
    completion_pct: pd.Float64Dtype = field("Выполнение работы: Σ баллов / (N · максимум)", **PCT)
    journal_lower: pd.Int64Dtype = field("Понизили: отметка ВПР ниже журнальной", unit="чел.", ge=0)
    journal_equal: pd.Int64Dtype = field("Подтвердили", unit="чел.", ge=0)
    journal_higher: pd.Int64Dtype = field("Повысили: отметка ВПР выше журнальной", unit="чел.", ge=0)
    journal_gap_2plus: pd.Int64Dtype = field("Расхождение с журналом на 2 балла и больше", unit="чел.", ge=0)
    journal_mean_gap: pd.Float64Dtype = field("Среднее расхождение: ВПР − журнал", ge=-3, le=3)
    alpha: pd.Float64Dtype = field("Надёжность: альфа Кронбаха", le=1)
    scale_verified: pd.BooleanDtype = field("Шкала перевода подтверждена (или отметки даны файлом)")
    mark_source: str = field("Откуда отметки", isin=("file", "scale", "report"))
    facts_source: str = field("Откуда результаты", isin=("individual", "report"))
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)


class VprTask(Result):
    """ВПР: выполнение заданий — задание × работа × уровень."""

    task: str = field("Задание", key=True)
    max_score: pd.Int64Dtype = field("Максимальный балл", unit="балл", ge=1)
    difficulty: str = field("Уровень сложности", isin=("Б", "П", "В"))
    skill: str = field("Проверяемое умение")
    participants: pd.Int64Dtype = field("Участников, у кого задание оценено", unit="чел.", ge=0)
    completion_pct: pd.Float64Dtype = field("Выполнение: Σ баллов / (N · максимум)", **PCT)
    full_pct: pd.Float64Dtype = field("Выполнили полностью", **PCT)
    zero_pct: pd.Float64Dtype = field("Получили 0 баллов", **PCT)
    not_attempted_pct: pd.Float64Dtype = field("Не приступали (X)", **PCT)
    discrimination: pd.Float64Dtype = field("Дискриминация: корреляция с суммой остальных заданий", ge=-1, le=1)
    status: str = field(
        "Достижение (ФИОКО)", isin=("sufficient", "uncertain", "insufficient"), source="ФИОКО, рекомендации 2026"
    )
    max_verified: pd.BooleanDtype = field("Максимум задания подтверждён")
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)


class VprTaskGroup(Result):
    """ВПР: выполнение заданий группами участников с разной отметкой."""

    mark: pd.Int64Dtype = field("Отметка группы", key=True, ge=2, le=5)
    task: str = field("Задание", key=True)
    participants: pd.Int64Dtype = field("Участников в группе", unit="чел.", ge=0)
    completion_pct: pd.Float64Dtype = field("Выполнение задания группой", **PCT)
    facts_source: str = field("Откуда результаты", isin=("individual", "report"))
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)


class PlannedResults(Result):
    """ВПР: достижение планируемых результатов."""

    task: str = field("Задание", key=True)
    requirement: str = field("Планируемый результат, умение")
    max_score: pd.Int64Dtype = field("Максимальный балл", unit="балл", ge=1)
    completion_pct: pd.Float64Dtype = field("Выполнение", **PCT)


class ScoreDistribution(Result):
    """Распределение первичных баллов."""

    primary_score: pd.Int64Dtype = field("Первичный балл", key=True, unit="балл", ge=0)
    participants: pd.Int64Dtype = field("Участников с этим баллом", unit="чел.", ge=0)
    share_pct: pd.Float64Dtype = field("Доля участников", **PCT)


class SchoolContext(Mart):
    """Социальный контекст школ: доли, отклонения, ИСБШ."""

    org_id: str = field("Код организации", key=True)
    indicator: str = field("Код показателя", key=True)
    title_ru: str = field("Показатель", nullable=False)
    data_year: pd.Int64Dtype = field("Год данных: последний, за который школа что-то сообщила", nullable=False)
    source: str = field("Откуда доля", nullable=False, isin=("context", "passport"))
    numerator: pd.Float64Dtype = field("Числитель (нет там, где школа назвала процент)", ge=0)
    denominator: pd.Float64Dtype = field("Знаменатель", ge=0)
    value: pd.Float64Dtype = field("Доля", nullable=False, **PCT)
    higher_is_better: pd.BooleanDtype = field("Больше — благополучнее", nullable=False)
    mean: pd.Float64Dtype = field("Среднее школ муниципалитета", **PCT)
    sd: pd.Float64Dtype = field("Стандартное отклонение школ муниципалитета (n − 1)", unit="%", ge=0)
    z: pd.Float64Dtype = field("Отклонение от среднего в стандартных; больше нуля — благополучнее")
    threshold: pd.Float64Dtype = field("Порог", nullable=False, **PCT)
    unfavourable: pd.BooleanDtype = field("Неблагоприятно: за порогом", nullable=False)
    counts: pd.BooleanDtype = field("Входит в ИСБШ", nullable=False)
    verified: pd.BooleanDtype = field("Порог подтверждён источником", nullable=False)
    isbsh: pd.Float64Dtype = field(
        "ИСБШ школы: 50 + 10 · взвешенное среднее отклонений", source="Состав: apni.ru/article/7500; формула проекта"
    )


class SchoolProcedure(Mart):
    """Школа в процедуре: доля не преодолевших минимум, её надёжность и место среди школ муниципалитета."""

    org_id: str = field("Код организации", key=True)
    procedure: str = field("Процедура", key=True, isin=PROCEDURES)
    subject: str = field("Код предмета", key=True)
    grade: pd.Int64Dtype = field("Класс", key=True, ge=1, le=11)
    cycle: str = field("Оценочный цикл", nullable=False, str_matches=r"^[a-z]+-\d{4}$")
    n: pd.Int64Dtype = field("Участников с отметкой", unit="чел.", nullable=False, ge=1)
    failed: pd.Int64Dtype = field("Отметок «2» или баллов ниже минимума", unit="чел.", ge=0)
    fail_pct: pd.Float64Dtype = field("Доля не преодолевших минимум", **PCT)
    fail_ci_low: pd.Float64Dtype = field("Нижняя граница 95 % интервала доли", source="Wilson, 1927", **PCT)
    fail_ci_high: pd.Float64Dtype = field("Верхняя граница 95 % интервала доли", source="Wilson, 1927", **PCT)
    fail_shrunk_pct: pd.Float64Dtype = field(
        "Доля, стянутая к среднему муниципалитета (эмпирический Байес)", source="Kleinman, 1973", **PCT
    )
    town_fail_pct: pd.Float64Dtype = field("Доля по муниципалитету", **PCT)
    funnel_low: pd.Float64Dtype = field("Воронка 95 % при этом N: нижняя граница", source="Spiegelhalter, 2005", **PCT)
    funnel_high: pd.Float64Dtype = field("Воронка 95 %: верхняя граница", source="Spiegelhalter, 2005", **PCT)
    funnel_low_998: pd.Float64Dtype = field("Воронка 99,8 %: нижняя граница", source="Spiegelhalter, 2005", **PCT)
    funnel_high_998: pd.Float64Dtype = field("Воронка 99,8 %: верхняя граница", source="Spiegelhalter, 2005", **PCT)
    quality_pct: pd.Float64Dtype = field("Качество: доля «4», «5»", **PCT)
    completion_pct: pd.Float64Dtype = field("Выполнение работы", **PCT)
    completion_se: pd.Float64Dtype = field("Стандартная ошибка выполнения", unit="%", ge=0)
    completion_shrunk_pct: pd.Float64Dtype = field(
        "Выполнение, стянутое к среднему муниципалитета (эмпирический Байес)", source="DerSimonian, Laird, 1986", **PCT
    )
    town_completion_pct: pd.Float64Dtype = field("Выполнение по муниципалитету", **PCT)
    listed: pd.BooleanDtype = field("Процедура входит в правила категорий", nullable=False)
    judged: pd.BooleanDtype = field("База достаточна, чтобы судить", nullable=False)
    low: pd.BooleanDtype = field("Низкий результат: доля не меньше порога")
    chance_pct: pd.Float64Dtype = field("Как часто школа с долей муниципалитета при этом N оказалась бы низкой", **PCT)


class ObjectivitySchool(Mart):
    """Признаки возможной необъективности: признак × школа × работа."""

    org_id: str = field("Код организации", key=True)
    cycle: str = field("Оценочный цикл", nullable=False, str_matches=r"^[a-z]+-\d{4}$")
    procedure: str = field("Процедура", key=True)
    subject: str = field("Код предмета (ALL — не об одном предмете)", key=True)
    grade: pd.Int64Dtype = field("Класс", key=True, ge=1, le=11)
    sign: str = field("Признак", key=True)
    title_ru: str = field("Признак, по-русски", nullable=False)
    evidence: str = field("Чей признак", nullable=False, isin=("fioko", "official", "region", "own"))
    counts: pd.BooleanDtype = field("Входит в статус школы", nullable=False)
    value: pd.Float64Dtype = field("Значение")
    threshold: pd.Float64Dtype = field("Порог")
    flagged: pd.BooleanDtype = field("Есть признак (NULL: база мала, чтобы судить)")
    reference: str = field("С кем сравнивали", isin=("region", "municipality", "official"))
    basis_n: pd.Float64Dtype = field("База: участников, работ, медалистов", ge=0)
    p_value: pd.Float64Dtype = field("p: вероятность такого без причины", ge=0, le=1)
    p_adjusted: pd.Float64Dtype = field("p с поправкой Холма на число проверок года", ge=0, le=1)
    chance_pct: pd.Float64Dtype = field("Как часто признак дала бы объективная школа с такой базой", **PCT)
    detail: str = field("Что увидено")


class ObjectivityIndex(Mart):
    """Индекс объективности: 100 − доля школ хотя бы с одним признаком."""

    level: str = field("Уровень", key=True, isin=LEVELS)
    unit_id: str = field("Код муниципалитета, региона", key=True)
    basis: str = field("Какие признаки: методики ФИОКО или все, что входят в статус", key=True, isin=("fioko", "all"))
    schools: pd.Int64Dtype = field("Школ, о которых можно судить", nullable=False, ge=1)
    with_signs: pd.Int64Dtype = field("Из них с признаками", nullable=False, ge=0)
    with_signs_pct: pd.Float64Dtype = field("Доля школ с признаками", **PCT)
    ci_low: pd.Float64Dtype = field("Нижняя граница 95 % интервала доли", source="Wilson, 1927", **PCT)
    ci_high: pd.Float64Dtype = field("Верхняя граница 95 % интервала доли", source="Wilson, 1927", **PCT)
    index_value: pd.Float64Dtype = field("Индекс", source="ФИОКО, методика показателя объективности, 2019", **PCT)


class SchoolRisk(Mart):
    """Категории школ: ШНОР, зона риска, ШНСУ, объективность."""

    org_id: str = field("Код организации", key=True)
    municipality_id: str = field("Код муниципалитета")
    category: str = field("Категория", nullable=False, isin=CATEGORIES)
    rules: str = field("Сработавшие правила, через «; »")
    low_procedures: pd.Int64Dtype = field("Процедур с низким результатом", ge=0)
    low_procedure_codes: str = field("Какие процедуры с низким результатом, через «; »")
    judged_procedures: pd.Int64Dtype = field("Процедур, о которых можно судить", nullable=False, ge=0)
    small_base_procedures: pd.Int64Dtype = field("Процедур с малой базой", nullable=False, ge=0)
    shnsu: pd.BooleanDtype = field("Школа в неблагоприятных социальных условиях (ШНСУ)")
    isbsh: pd.Float64Dtype = field("Индекс социального благополучия школы (ИСБШ)")
    isbsh_data_year: pd.Int64Dtype = field("Год социальных данных")
    objectivity_status: str = field("Признаки необъективности", isin=("no_signs", "signs", "persistent"))
    signs: pd.Int64Dtype = field("Признаков в отчётном году", ge=0)
    sign_years: pd.Int64Dtype = field("Лет с признаками из последних трёх", ge=0, le=3)
    high_risk_factors: pd.Int64Dtype = field("Факторов «500+» с высоким риском", ge=0)
    previous_category: str = field("Категория прошлого года", isin=CATEGORIES)
    movement: str = field("Движение между категориями", isin=("better", "same", "worse"))
    rules_variant: str = field("Вариант правил", nullable=False)


class RiskReason(Mart):
    """Основания категорий: каждое сработавшее правило со значением, порогом и базой."""

    org_id: str = field("Код организации", key=True)
    reason_no: pd.Int64Dtype = field("Номер основания у школы в году", key=True, ge=1)
    about: str = field("О чём основание", nullable=False, isin=("category", "objectivity", "shnsu"))
    rule: str = field("Правило или признак", nullable=False)
    procedure: str = field("Процедура")
    subject: str = field("Код предмета")
    grade: pd.Int64Dtype = field("Класс", ge=1, le=11)
    value: pd.Float64Dtype = field("Значение")
    threshold: pd.Float64Dtype = field("Порог")
    basis_n: pd.Float64Dtype = field("База", ge=0)
    chance_pct: pd.Float64Dtype = field("Как часто правило сработало бы случайно при этой базе", **PCT)
    text_ru: str = field("Основание словами", nullable=False)
    source: str = field("Источник правила", nullable=False)
    verified: pd.BooleanDtype = field("Правило подтверждено источником", nullable=False)


class RiskProfile(Mart):
    """Рисковые профили «500+»: фактор × школа."""

    org_id: str = field("Код организации", key=True)
    factor: pd.Int64Dtype = field("Номер фактора", key=True, ge=1, le=10)
    title_ru: str = field("Фактор", nullable=False)
    level: str = field("Значимость фактора", nullable=False, isin=("high", "medium", "low"))


class RiskBacktest(Mart):
    """Проверка зоны риска: предсказала ли она ШНОР следующего года."""

    level: str = field("Уровень", key=True, isin=LEVELS)
    unit_id: str = field("Код муниципалитета, региона", key=True)
    predictor: str = field("Кто предсказывал", key=True, isin=("zone", "last_year_share"))
    schools: pd.Int64Dtype = field("Школ, о которых судили в оба года и которые не были ШНОР", nullable=False, ge=0)
    warned: pd.Int64Dtype = field("Предупреждали", nullable=False, ge=0)
    became_shnor: pd.Int64Dtype = field("Стали ШНОР", nullable=False, ge=0)
    hits: pd.Int64Dtype = field("Предупреждали, и стали", nullable=False, ge=0)
    false_alarms: pd.Int64Dtype = field("Предупреждали, но не стали", nullable=False, ge=0)
    missed: pd.Int64Dtype = field("Не предупреждали, но стали", nullable=False, ge=0)
    precision_pct: pd.Float64Dtype = field("Точность: стали из предупреждённых", **PCT)
    precision_ci_low: pd.Float64Dtype = field("Точность, нижняя граница 95 %", source="Wilson, 1927", **PCT)
    precision_ci_high: pd.Float64Dtype = field("Точность, верхняя граница 95 %", source="Wilson, 1927", **PCT)
    recall_pct: pd.Float64Dtype = field("Полнота: предупреждены из ставших", **PCT)
    recall_ci_low: pd.Float64Dtype = field("Полнота, нижняя граница 95 %", source="Wilson, 1927", **PCT)
    recall_ci_high: pd.Float64Dtype = field("Полнота, верхняя граница 95 %", source="Wilson, 1927", **PCT)
    base_rate_pct: pd.Float64Dtype = field("Стали ШНОР из всех", **PCT)
    lift: pd.Float64Dtype = field("Во сколько раз зона точнее, чем прошлогодняя доля «2»", ge=0)


class RiskBacktestSchool(Mart):
    """Проверка зоны риска по школам: кого предупредили, кто стал ШНОР."""

    org_id: str = field("Код организации", key=True)
    municipality_id: str = field("Код муниципалитета")
    category_before: str = field("Категория прошлого года", nullable=False, isin=CATEGORIES)
    category: str = field("Категория отчётного года", nullable=False, isin=CATEGORIES)
    fail_pct: pd.Float64Dtype = field("Прошлогодняя средняя доля ниже минимума", **PCT)
    warned: pd.BooleanDtype = field("Была в зоне риска", nullable=False)
    became_shnor: pd.BooleanDtype = field("Стала ШНОР", nullable=False)
    baseline: pd.BooleanDtype = field("Назвала бы прошлогодняя доля «2»", nullable=False)
    outcome: str = field("Исход", nullable=False, isin=("hit", "false_alarm", "missed", "rest"))


MARTS: dict[str, type[Mart]] = {
    "organisation": Organisation,
    "indicator": Indicator,
    "indicator_value": IndicatorValue,
    "dynamics_3y": DynamicsThreeYears,
    "vpr_school": VprSchool,
    "vpr_task": VprTask,
    "vpr_task_group": VprTaskGroup,
    "planned_results": PlannedResults,
    "score_distribution": ScoreDistribution,
    "school_procedure": SchoolProcedure,
    "objectivity_school": ObjectivitySchool,
    "objectivity_index": ObjectivityIndex,
    "school_context": SchoolContext,
    "risk_profile": RiskProfile,
    "school_risk": SchoolRisk,
    "risk_reason": RiskReason,
    "risk_backtest": RiskBacktest,
    "risk_backtest_school": RiskBacktestSchool,
}
"""Name of the published table → its model, in the order of publication."""
