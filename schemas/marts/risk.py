"""Objectivity and risk: procedures, signs, social context, categories with their reasons, the back-test."""

from __future__ import annotations

import pandas as pd

from schemas.fields import field
from schemas.published import CATEGORIES, LEVELS, PCT, PROCEDURES, Mart, bound

STATUSES = ("no_signs", "signs", "persistent")
FAMILIES = ("level", "bounds", "journal", "cohort", "exam", "official")
ABOUT = ("category", "certainty", "objectivity", "objectivity_lead", "shnsu", "data")


class SchoolProcedure(Mart):
    """Школа в процедуре: доля не преодолевших минимум, её надёжность и место среди школ муниципалитета."""

    org_id: str = field("Код организации", key=True)
    procedure: str = field("Процедура", key=True, isin=PROCEDURES)
    subject: str = field("Код предмета", key=True)
    grade: pd.Int64Dtype = field("Класс", key=True, ge=1, le=11)
    cycle: str = field("Оценочный цикл", nullable=False, str_matches=r"^[a-z]+-\d{4}$")
    participants: pd.Int64Dtype = field("Участников с отметкой", unit="чел.", nullable=False, ge=1)
    failed: pd.Int64Dtype = field("Отметок «2» или баллов ниже минимума", unit="чел.", ge=0)
    fail_pct: pd.Float64Dtype = field("Доля не преодолевших минимум", **PCT)
    fail_ci_low: pd.Float64Dtype = bound("Нижняя граница 95 % интервала доли")
    fail_ci_high: pd.Float64Dtype = bound("Верхняя граница 95 % интервала доли")
    fail_shrunk_pct: pd.Float64Dtype = field(
        "Доля, стянутая к среднему муниципалитета (эмпирический Байес)",
        source="бета-биномиальная модель: Griffiths, 1973; ρ до данных — критерий проекта, docs/methodology.md",
        **PCT,
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
    is_listed: pd.BooleanDtype = field("Процедура входит в правила категорий", nullable=False)
    is_judged: pd.BooleanDtype = field("База достаточна, чтобы судить", nullable=False)
    not_judged: str = field("Почему не судим: доля строк в карантине или участников без отметки")
    is_low: pd.BooleanDtype = field("Низкий результат: доля не меньше порога")
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
    family: str = field("Род свидетельства: два одного рода говорят одно и то же", nullable=False, isin=FAMILIES)
    is_evidence: pd.BooleanDtype = field(
        "Свидетельство для статуса проекта (нет — только методика 2019 или повод посмотреть)", nullable=False
    )
    value: pd.Float64Dtype = field("Значение")
    threshold: pd.Float64Dtype = field("Порог")
    flagged: pd.BooleanDtype = field("Есть признак (NULL: база мала, чтобы судить)")
    reference: str = field("С кем сравнивали", isin=("region", "municipality", "official"))
    basis_n: pd.Float64Dtype = field("База: участников, работ, медалистов", ge=0)
    p_value: pd.Float64Dtype = field("p: вероятность такого без причины", ge=0, le=1)
    p_adjusted: pd.Float64Dtype = field(
        "p с поправкой на число проверок года", ge=0, le=1, source="Benjamini, Hochberg, 1995"
    )
    chance_pct: pd.Float64Dtype = field("Как часто признак дала бы объективная школа с такой базой", **PCT)
    bounds: str = field("Границы отметок: официальные или выведенные из строк", isin=("official", "derived"))
    detail: str = field("Что увидено")


class ObjectivityIndex(Mart):
    """Индекс объективности: 100 − доля школ с признаками, по методике 2019 года и по статусу проекта."""

    level: str = field("Уровень", key=True, isin=LEVELS)
    unit_id: str = field("Код муниципалитета, региона", key=True)
    basis: str = field("Чей статус: методики ФИОКО 2019 года или проекта", key=True, isin=("fioko", "project"))
    schools: pd.Int64Dtype = field("Школ, о которых можно судить", nullable=False, ge=1)
    with_signs: pd.Int64Dtype = field("Из них с признаками", nullable=False, ge=0)
    with_signs_pct: pd.Float64Dtype = field("Доля школ с признаками", **PCT)
    ci_low: pd.Float64Dtype = bound("Нижняя граница 95 % интервала доли")
    ci_high: pd.Float64Dtype = bound("Верхняя граница 95 % интервала доли")
    index_value: pd.Float64Dtype = field("Индекс", source="ФИОКО, методика показателя объективности, 2019", **PCT)
    expected_false: pd.Float64Dtype = field(
        "Сколько школ было бы названо, будь все школы территории объективны (для официального перечня неизвестно)", ge=0
    )


class SchoolContext(Mart):
    """Социальный контекст школ: доли, отклонения, ИСБШ."""

    org_id: str = field("Код организации", key=True)
    indicator_id: str = field("Код показателя", key=True)
    title_ru: str = field("Показатель", nullable=False)
    data_year: pd.Int64Dtype = field("Год данных: последний, за который школа что-то сообщила", nullable=False)
    source: str = field("Откуда доля", nullable=False, isin=("context", "passport"))
    numerator: pd.Float64Dtype = field("Числитель (нет там, где школа назвала процент)", ge=0)
    denominator: pd.Float64Dtype = field("Знаменатель", ge=0)
    value: pd.Float64Dtype = field("Доля", nullable=False, **PCT)
    higher_is_better: pd.BooleanDtype = field("Больше — благополучнее", nullable=False)
    mean_pct: pd.Float64Dtype = field("Среднее школ муниципалитета", **PCT)
    sd_pct: pd.Float64Dtype = field("Стандартное отклонение школ муниципалитета (n − 1)", unit="%", ge=0)
    z_score: pd.Float64Dtype = field("Отклонение от среднего в стандартных; больше нуля — благополучнее")
    threshold: pd.Float64Dtype = field("Порог", nullable=False, **PCT)
    is_unfavourable: pd.BooleanDtype = field("Неблагоприятно: за порогом", nullable=False)
    is_in_isbsh: pd.BooleanDtype = field("Входит в ИСБШ", nullable=False)
    verified: pd.BooleanDtype = field("Порог подтверждён источником", nullable=False)
    isbsh: pd.Float64Dtype = field(
        "ИСБШ школы: 50 + 10 · взвешенное среднее отклонений",
        source="Состав: apni.ru/article/7500; формула — критерий проекта, docs/methodology.md",
    )


class RiskProfile(Mart):
    """Рисковые профили «500+»: фактор × школа."""

    org_id: str = field("Код организации", key=True)
    factor: pd.Int64Dtype = field("Номер фактора", key=True, ge=1, le=10)
    title_ru: str = field("Фактор", nullable=False)
    significance: str = field("Значимость фактора", nullable=False, isin=("high", "medium", "low"))


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
    insufficient_procedures: pd.Int64Dtype = field(
        "Процедур, о которых не судим: много строк в карантине", nullable=False, ge=0
    )
    shnsu: pd.BooleanDtype = field("Школа в неблагоприятных социальных условиях (ШНСУ)")
    isbsh: pd.Float64Dtype = field("Индекс социального благополучия школы (ИСБШ)")
    isbsh_data_year: pd.Int64Dtype = field("Год социальных данных")
    objectivity_status: str = field(
        "Признаки необъективности: свидетельства двух независимых родов в году, или перечень, или перепроверка",
        isin=STATUSES,
    )
    objectivity_2019: str = field(
        "То же по методике ФИОКО 2019 года: любой из 14 признаков; где есть официальный перечень, решает он",
        isin=STATUSES,
    )
    signs: pd.Int64Dtype = field("Свидетельств в отчётном году", ge=0)
    sign_families: pd.Int64Dtype = field("Скольких независимых родов свидетельства", ge=0)
    families_judged: pd.Int64Dtype = field("О скольких родах свидетельств можно судить", ge=0)
    sign_years: pd.Int64Dtype = field("Лет из последних трёх, в которые свидетельств хватает на статус", ge=0, le=3)
    is_confirmed: pd.BooleanDtype = field(
        "Высокий результат подтверждён (или опровергнут) со стороны; пусто — нечего подтверждать или нечем"
    )
    confirmed_by: str = field("Чем: перепроверка, ОГЭ, ЕГЭ, вид школы, через «; »")
    high_risk_factors: pd.Int64Dtype = field("Факторов «500+» с высоким риском", ge=0)
    previous_category: str = field("Категория прошлого года", isin=CATEGORIES)
    movement: str = field("Движение между категориями", isin=("better", "same", "worse"))
    rules_variant: str = field("Вариант правил", nullable=False)
    shnor_probability_pct: pd.Float64Dtype = field(
        "Вероятность, что истинные доли школы отвечают условиям ШНОР",
        source="бета-биномиальная модель: Kleinman, 1973; docs/methodology.md", **PCT,
    )  # fmt: skip
    is_borderline: pd.BooleanDtype = field("Категория на границе: её вероятность ниже, чем требуют правила")
    exit_by_chance_pct: pd.Float64Dtype = field(
        "ШНОР прошлого года: вероятность выйти при прежних истинных долях", source="docs/methodology.md", **PCT
    )


class RiskReason(Mart):
    """Основания категорий: каждое сработавшее правило со значением, порогом и базой."""

    org_id: str = field("Код организации", key=True)
    reason_no: pd.Int64Dtype = field("Номер основания у школы в году", key=True, ge=1)
    about: str = field("О чём основание", nullable=False, isin=ABOUT)
    rule: str = field("Правило или признак", nullable=False)
    procedure: str = field("Процедура")
    subject: str = field("Код предмета")
    grade: pd.Int64Dtype = field("Класс", ge=1, le=11)
    value: pd.Float64Dtype = field("Значение")
    threshold: pd.Float64Dtype = field("Порог")
    basis_n: pd.Float64Dtype = field("База", ge=0)
    tail_pct: pd.Float64Dtype = field("Как часто случайно бывает столько же или больше", **PCT)
    probability_pct: pd.Float64Dtype = field(
        "Вероятность, что это верно для истинных долей (рост, падение, категория)", **PCT
    )
    text_ru: str = field("Основание словами", nullable=False)
    source: str = field("Источник правила", nullable=False)
    verified: pd.BooleanDtype = field("Правило подтверждено источником", nullable=False)


class RiskSensitivity(Mart):
    """Чувствительность категорий: категория школы по другим вариантам правил."""

    org_id: str = field("Код организации", key=True)
    variant: str = field("Вариант правил", key=True)
    title_ru: str = field("Вариант правил, по-русски", nullable=False)
    category: str = field("Категория по этому варианту", nullable=False, isin=CATEGORIES)
    probability_pct: pd.Float64Dtype = field(
        "Вероятность, что истинные доли школы отвечают условиям ШНОР этого варианта", **PCT
    )
    is_other: pd.BooleanDtype = field("Категория иная, чем по правилам в силе", nullable=False)


class RiskMovement(Mart):
    """Выход из ШНОР: сколько школ вышло и сколько вышло бы без перемен, из-за случайности."""

    level: str = field("Уровень", key=True, isin=LEVELS)
    unit_id: str = field("Код муниципалитета, региона", key=True)
    previous_shnor: pd.Int64Dtype = field("ШНОР прошлого года", nullable=False, ge=1)
    judged_schools: pd.Int64Dtype = field("Из них школ, о которых можно судить в этом году", nullable=False, ge=0)
    left_shnor: pd.Int64Dtype = field("Вышли из ШНОР", nullable=False, ge=0)
    left_pct: pd.Float64Dtype = field("Доля вышедших", **PCT)
    expected_left: pd.Float64Dtype = field("Вышли бы при прежних истинных долях", ge=0, source="docs/methodology.md")
    expected_low: pd.Int64Dtype = field("Вышли бы: нижняя граница 95 % интервала", ge=0)
    expected_high: pd.Int64Dtype = field("Вышли бы: верхняя граница 95 % интервала", ge=0)
    text_ru: str = field("То же словами", nullable=False)


class SchoolForecast(Mart):
    """Прогноз: вероятность, что школа через год окажется ШНОР, или почему прогноза нет."""

    org_id: str = field("Код организации", key=True)
    municipality_id: str = field("Код муниципалитета")
    forecast_year: pd.Int64Dtype = field("На какой год прогноз", nullable=False)
    category: str = field("Категория в отчётном году", nullable=False, isin=CATEGORIES)
    probability_pct: pd.Float64Dtype = field(
        "Вероятность оказаться ШНОР через год; не категория и не оценка школы",
        source="Критерий проекта: многоуровневая модель, docs/methodology.md", **PCT,
    )  # fmt: skip
    ci_low: pd.Float64Dtype = field("Вероятность, нижняя граница 95 %: о школе и работах известно не всё", **PCT)
    ci_high: pd.Float64Dtype = field("Вероятность, верхняя граница 95 %", **PCT)
    procedures: pd.Int64Dtype = field("Процедур правил, которых ждём от школы через год", ge=1)
    basis: str = field("На чём основан прогноз")
    withheld: str = field("Почему прогноза нет")


class RiskBacktest(Mart):
    """Проверка зоны риска и прогноза: предсказали ли они ШНОР следующего года."""

    level: str = field("Уровень", key=True, isin=LEVELS)
    unit_id: str = field("Код муниципалитета, региона", key=True)
    predictor: str = field("Кто предсказывал", key=True, isin=("zone", "last_year_share", "model"))
    schools: pd.Int64Dtype = field(
        "Школ, о которых судили в оба года, не ШНОР в первом и с прогнозом (где он делался)", nullable=False, ge=0
    )
    warned: pd.Int64Dtype = field("Предупреждали", nullable=False, ge=0)
    became_shnor: pd.Int64Dtype = field("Стали ШНОР", nullable=False, ge=0)
    hits: pd.Int64Dtype = field("Предупреждали, и стали", nullable=False, ge=0)
    false_alarms: pd.Int64Dtype = field("Предупреждали, но не стали", nullable=False, ge=0)
    missed: pd.Int64Dtype = field("Не предупреждали, но стали", nullable=False, ge=0)
    precision_pct: pd.Float64Dtype = field("Точность: стали из предупреждённых", **PCT)
    precision_ci_low: pd.Float64Dtype = bound("Точность, нижняя граница 95 %")
    precision_ci_high: pd.Float64Dtype = bound("Точность, верхняя граница 95 %")
    recall_pct: pd.Float64Dtype = field("Полнота: предупреждены из ставших", **PCT)
    recall_ci_low: pd.Float64Dtype = bound("Полнота, нижняя граница 95 %")
    recall_ci_high: pd.Float64Dtype = bound("Полнота, верхняя граница 95 %")
    base_rate_pct: pd.Float64Dtype = field("Стали ШНОР из всех", **PCT)
    lift: pd.Float64Dtype = field("Во сколько раз точнее, чем прошлогодняя доля «2»", ge=0)
    warnings_needed: pd.Int64Dtype = field(
        "Скольких надо предупредить, чтобы найти столько же, сколько нашла зона", unit="школ", ge=1
    )
    expected_shnor: pd.Float64Dtype = field("Сколько ШНОР ожидалось по прогнозу", unit="школ", ge=0)
    brier: pd.Float64Dtype = field("Средний квадрат ошибки вероятности (Брайер), меньше — лучше", ge=0, le=1)
    brier_base: pd.Float64Dtype = field("То же, если всем назвать долю ставших ШНОР", ge=0, le=1)


class RiskBacktestSchool(Mart):
    """Проверка зоны риска и прогноза по школам: кого предупредили, кто стал ШНОР."""

    org_id: str = field("Код организации", key=True)
    municipality_id: str = field("Код муниципалитета")
    previous_category: str = field("Категория прошлого года", nullable=False, isin=CATEGORIES)
    category: str = field("Категория отчётного года", nullable=False, isin=CATEGORIES)
    fail_pct: pd.Float64Dtype = field("Прошлогодняя средняя доля ниже минимума", **PCT)
    probability_pct: pd.Float64Dtype = field("Прошлогодний прогноз: вероятность стать ШНОР", **PCT)
    is_warned: pd.BooleanDtype = field("Была в зоне риска", nullable=False)
    is_shnor: pd.BooleanDtype = field("Стала ШНОР", nullable=False)
    is_named_by_share: pd.BooleanDtype = field("Назвала бы прошлогодняя доля «2»", nullable=False)
    is_named_by_forecast: pd.BooleanDtype = field("Назвал бы прогноз при том же числе предупреждений")
    outcome: str = field("Исход", nullable=False, isin=("hit", "false_alarm", "missed", "rest"))


class ForecastCalibration(Mart):
    """Сбылся ли прогноз: пятые части школ по вероятности, что обещали и что стало."""

    level: str = field("Уровень", key=True, isin=LEVELS)
    unit_id: str = field("Код муниципалитета, региона", key=True)
    fifth: pd.Int64Dtype = field("Пятая часть школ, 1 — с наименьшей вероятностью", key=True, ge=1, le=5)
    schools: pd.Int64Dtype = field("Школ", nullable=False, ge=1)
    became_shnor: pd.Int64Dtype = field("Стали ШНОР", nullable=False, ge=0)
    predicted_pct: pd.Float64Dtype = field("Средняя вероятность по прогнозу", nullable=False, **PCT)
    seen_pct: pd.Float64Dtype = field("Доля ставших ШНОР", nullable=False, **PCT)
    seen_ci_low: pd.Float64Dtype = bound("Доля ставших, нижняя граница 95 %")
    seen_ci_high: pd.Float64Dtype = bound("Доля ставших, верхняя граница 95 %")
