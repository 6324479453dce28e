"""ВПР: works, tasks, groups with the same mark, distributions."""

from __future__ import annotations

import pandas as pd

from schemas.fields import field
from schemas.published import PCT, Result, bound, hidden_columns, scale_verified, suppressed


class VprSchool(Result):
    """ВПР: отметки, баллы и сравнение с журналом — работа × уровень."""

    pupil_grade: pd.Int64Dtype = field("Класс, в котором учатся участники", ge=1, le=11)
    participants: pd.Int64Dtype = field("Участников", unit="чел.", ge=0)
    absent: pd.Int64Dtype = field("Отсутствовали (NULL — файл их не перечисляет)", unit="чел.", ge=0)
    partial: pd.Int64Dtype = field("Писали только одну из двух частей (NULL — файл не говорит)", unit="чел.", ge=0)
    marked: pd.Int64Dtype = field("Участников с отметкой", unit="чел.", ge=0)
    marked_pct: pd.Float64Dtype = field("Доля участников с отметкой: от них все доли отметок", **PCT)
    has_incomplete_marks: pd.BooleanDtype = field(
        "Отметка известна меньше чем у 95 % участников: доли отметок — о части, по ним не судят"
    )
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
    alpha: pd.Float64Dtype = field("Надёжность: альфа Кронбаха; не больше 1, бывает ниже 0", unit="коэффициент", le=1)
    scale_verified: pd.BooleanDtype = scale_verified()
    mark_source: str = field("Откуда отметки", isin=("file", "scale", "report"))
    facts_source: str = field("Откуда результаты", isin=("individual", "report"))
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)
    suppressed: pd.BooleanDtype = suppressed()
    hidden_columns: str = hidden_columns()


class VprTask(Result):
    """Задания ВПР и экзаменов: выполнение, достижение, дефициты — задание × работа × уровень."""

    task: str = field("Задание", key=True)
    task_order: pd.Int64Dtype = field("Место задания в работе", nullable=False, ge=1)
    max_score: pd.Int64Dtype = field("Максимальный балл", unit="балл", ge=1)
    difficulty: str = field("Уровень сложности", isin=("Б", "П", "В"))
    skill: str = field("Проверяемое умение")
    plan_source: str = field("Документ, по которому названы уровень и умение задания экзамена")
    participants: pd.Int64Dtype = field("Участников, у кого задание оценено", unit="чел.", ge=0)
    completion_pct: pd.Float64Dtype = field("Выполнение: Σ баллов / (N · максимум)", **PCT)
    completion_ci_low: pd.Float64Dtype = bound("То же, нижняя граница 95 % (задания на несколько баллов — с запасом)")
    completion_ci_high: pd.Float64Dtype = bound("То же, верхняя граница 95 %")
    town_completion_pct: pd.Float64Dtype = field("Выполнение по муниципалитету школы", **PCT)
    expected_low_pct: pd.Float64Dtype = field("Ожидаемое выполнение по спецификации, от", **PCT)
    expected_high_pct: pd.Float64Dtype = field("Ожидаемое выполнение по спецификации, до", **PCT)
    full_pct: pd.Float64Dtype = field("Выполнили полностью", **PCT)
    zero_pct: pd.Float64Dtype = field("Получили 0 баллов", **PCT)
    not_attempted_pct: pd.Float64Dtype = field("Не приступали (X)", **PCT)
    discrimination: pd.Float64Dtype = field("Дискриминация: корреляция с суммой остальных заданий", ge=-1, le=1)
    status: str = field(
        "Достижение (ФИОКО); NULL — уровень не известен или N < 10",
        isin=("sufficient", "uncertain", "insufficient"), source="ФИОКО, рекомендации 2026",
    )  # fmt: skip
    deficit: str = field(
        "Дефицит: sure — весь интервал ниже порога уровня, possible — может быть и случайным",
        isin=("none", "possible", "sure"), source="пороги — ФИОКО, рекомендации 2026; интервал — Wilson, 1927",
    )  # fmt: skip
    max_verified: pd.BooleanDtype = field("Максимум задания подтверждён")
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)
    suppressed: pd.BooleanDtype = suppressed()
    hidden_columns: str = hidden_columns()


class VprTaskGroup(Result):
    """ВПР: выполнение заданий группами участников с разной отметкой."""

    mark: pd.Int64Dtype = field("Отметка группы", key=True, ge=2, le=5)
    task: str = field("Задание", key=True)
    task_order: pd.Int64Dtype = field("Место задания в работе", nullable=False, ge=1)
    participants: pd.Int64Dtype = field("Участников в группе", unit="чел.", ge=0)
    completion_pct: pd.Float64Dtype = field("Выполнение задания группой", **PCT)
    facts_source: str = field("Откуда результаты", isin=("individual", "report"))
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)


class PlannedResults(Result):
    """ВПР: достижение планируемых результатов."""

    task: str = field("Задание", key=True)
    task_order: pd.Int64Dtype = field("Место задания в работе", nullable=False, ge=1)
    requirement: str = field("Планируемый результат, умение")
    max_score: pd.Int64Dtype = field("Максимальный балл", unit="балл", ge=1)
    completion_pct: pd.Float64Dtype = field("Выполнение", **PCT)


class ScoreDistribution(Result):
    """Распределение первичных баллов."""

    primary_score: pd.Int64Dtype = field("Первичный балл", key=True, unit="балл", ge=0)
    participants: pd.Int64Dtype = field("Участников с этим баллом", unit="чел.", ge=0)
    share_pct: pd.Float64Dtype = field("Доля участников", **PCT)
