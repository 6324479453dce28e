"""State exams: results of grades 9 and 11, certificates."""

from __future__ import annotations

import pandas as pd

from schemas.fields import field
from schemas.published import PCT, Mart, Result, bound, hidden_columns, scale_verified, suppressed


class Exam(Result):
    """Общие столбцы экзаменов."""

    participants: pd.Int64Dtype = field("Участников (первая попытка)", unit="чел.", nullable=False, ge=1)
    with_result: pd.Int64Dtype = field("Из них с результатом (от них все доли)", unit="чел.", nullable=False, ge=0)
    absent: pd.Int64Dtype = field("Не явились (NULL — нет сведений)", unit="чел.", ge=0)
    removed: pd.Int64Dtype = field("Удалены, не завершили или результат аннулирован", unit="чел.", ge=0)
    mean_primary: pd.Float64Dtype = field("Средний первичный балл", unit="балл", ge=0)
    sd_primary: pd.Float64Dtype = field("Стандартное отклонение первичного балла (n − 1)", unit="балл", ge=0)
    se_primary: pd.Float64Dtype = field("Стандартная ошибка среднего первичного балла", unit="балл", ge=0)
    max_primary: pd.Int64Dtype = field("Максимальный первичный балл", unit="балл", ge=1)
    completion_pct: pd.Float64Dtype = field("Выполнение: средний первичный балл / максимум", **PCT)
    mark_2: pd.Int64Dtype = field("Отметок «2»", unit="чел.", ge=0)
    mark_3: pd.Int64Dtype = field("Отметок «3»", unit="чел.", ge=0)
    mark_4: pd.Int64Dtype = field("Отметок «4»", unit="чел.", ge=0)
    mark_5: pd.Int64Dtype = field("Отметок «5»", unit="чел.", ge=0)
    mean_mark: pd.Float64Dtype = field("Средняя отметка", ge=2, le=5)
    below_minimum: pd.Int64Dtype = field("Не преодолели минимум с первой попытки", unit="чел.", ge=0)
    below_final: pd.Int64Dtype = field(
        "Не преодолели минимум и после пересдач (NULL — сведений о пересдачах нет)", unit="чел.", ge=0
    )
    resat: pd.Int64Dtype = field("Пересдавали в этом году", unit="чел.", ge=0)
    success_pct: pd.Float64Dtype = field("Преодолели минимум с первой попытки", **PCT)
    success_ci_low: pd.Float64Dtype = bound("То же, нижняя граница 95 %")
    success_ci_high: pd.Float64Dtype = bound("То же, верхняя граница 95 %")
    quality_pct: pd.Float64Dtype = field("Качество: доля «4», «5»", **PCT)
    quality_ci_low: pd.Float64Dtype = bound("Качество, нижняя граница 95 %")
    quality_ci_high: pd.Float64Dtype = bound("Качество, верхняя граница 95 %")
    facts_source: str = field(
        "Откуда результаты: протоколы или таблица о регионе и стране", isin=("individual", "report")
    )
    scale_verified: pd.BooleanDtype = scale_verified()
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)
    suppressed: pd.BooleanDtype = suppressed()
    hidden_columns: str = hidden_columns()


class Gia9(Exam):
    """ГИА-9: ОГЭ и ГВЭ — экзамен × уровень."""

    profile_pct: pd.Float64Dtype = field("Доля набравших балл для профильных классов", **PCT)
    profile_ci_low: pd.Float64Dtype = bound("То же, нижняя граница 95 %")
    profile_ci_high: pd.Float64Dtype = bound("То же, верхняя граница 95 %")
    appealed: pd.Int64Dtype = field("Подали апелляцию (NULL — сведений об апелляциях нет)", unit="чел.", ge=0)
    appeal_changed: pd.Int64Dtype = field("Апелляция изменила балл или отметку", unit="чел.", ge=0)


class Gia11(Exam):
    """ГИА-11: ЕГЭ и ГВЭ — экзамен × уровень. Базовая математика (MB) — в отметках, остальное — в тестовых баллах."""

    annulled: pd.Int64Dtype = field(
        "Результат отменён пересдачей в дополнительные дни июля (NULL — сведений о пересдачах нет)", unit="чел.", ge=0
    )

    mean_test: pd.Float64Dtype = field("Средний тестовый балл", unit="балл", ge=0, le=100)
    sd_test: pd.Float64Dtype = field("Стандартное отклонение тестового балла (n − 1)", unit="балл", ge=0)
    band_61_80: pd.Int64Dtype = field("От 61 до 80 баллов", unit="чел.", ge=0)
    band_61_80_pct: pd.Float64Dtype = field("Доля от 61 до 80 баллов", **PCT)
    band_81_99: pd.Int64Dtype = field("От 81 до 99 баллов", unit="чел.", ge=0)
    band_81_99_pct: pd.Float64Dtype = field("Доля от 81 до 99 баллов", **PCT)
    band_100: pd.Int64Dtype = field("100 баллов", unit="чел.", ge=0)
    band_100_pct: pd.Float64Dtype = field("Доля 100 баллов", **PCT)
    appealed: pd.Int64Dtype = field("Подали апелляцию (NULL — сведений об апелляциях нет)", unit="чел.", ge=0)
    appeal_changed: pd.Int64Dtype = field("Апелляция изменила балл или отметку", unit="чел.", ge=0)


class ValueAdded(Mart):
    """Прирост от ОГЭ к ЕГЭ тех же учеников — ориентир для самой школы, не рейтинг: школа × экзамен."""

    org_id: str = field("Код организации", key=True)
    procedure: str = field("Более поздняя процедура", key=True, isin=["EGE"])
    subject: str = field("Код предмета", key=True)
    procedure_from: str = field("Более ранняя процедура", nullable=False, isin=["OGE"])
    subject_from: str = field("Код предмета более раннего экзамена", nullable=False)
    year_from: pd.Int64Dtype = field("Год более раннего экзамена", nullable=False, ge=2015, le=2100)
    participants: pd.Int64Dtype = field("Учеников, известных в обоих экзаменах", unit="чел.", nullable=False, ge=1)
    takers: pd.Int64Dtype = field("Участников более позднего экзамена", unit="чел.", nullable=False, ge=1)
    value: pd.Float64Dtype = field(
        "Прирост сверх ожидаемого, в стандартных отклонениях результата ученика, стянутый к середине школ",
        source="Goldstein, Spiegelhalter, 1996; Morris, 1983",
    )
    value_points: pd.Float64Dtype = field("То же в баллах более позднего экзамена (базовая математика — первичных)")
    ci_low: pd.Float64Dtype = field("Нижняя граница 95 % интервала прироста", source="Morris, 1983")
    ci_high: pd.Float64Dtype = field("Верхняя граница 95 % интервала прироста", source="Morris, 1983")
    p_adjusted: pd.Float64Dtype = field("p отсутствия прироста с поправкой Холма на число школ", ge=0, le=1)
    lead: str = field("Ориентир: выше или ниже ожидаемого уверенно", isin=("above", "below", "none"))
    reference: str = field("Среди кого сравнивали", nullable=False, isin=("municipality", "region"))
    reference_participants: pd.Int64Dtype = field("Учеников в сравнении", unit="чел.", nullable=False, ge=0)
    reference_schools: pd.Int64Dtype = field("Школ в сравнении", nullable=False, ge=0)
    not_judged: str = field("Почему не судим", isin=("few_pupils", "few_matched", "few_schools"))
    text_ru: str = field("Словами", nullable=False)
    verified: pd.BooleanDtype = field("Пороги подтверждены источником", nullable=False)
