"""Plans of works that the program does not have: tasks of ВПР, ОГЭ, ЕГЭ and ГВЭ of a year, their maxima and levels."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue, procedures, types
from schemas.exam_tasks import exam_tasks
from schemas.register import Register, register
from schemas.types import Short, Text, Tiny

TITLE = "планы работ"
PROCEDURES = ("VPR", "OGE", "EGE", "GVE9", "GVE11")
LEVELS = types.spelled({
    "Б": ["Б", "базовый", "базовый уровень"],
    "П": ["П", "повышенный", "повышенный уровень"],
    "В": ["В", "высокий", "высокий уровень"],
})  # fmt: skip
ANSWERS = types.spelled({
    "short": ["краткий", "краткий ответ", "КО", "часть 1"],
    "long": ["развёрнутый", "развёрнутый ответ", "РО", "часть 2"],
    "oral": ["устный", "устный ответ", "говорение", "устная часть"],
})  # fmt: skip


def is_known(procedure: str, year: int, subject: str, grade: int) -> bool:
    """Whether the program has the plan of the work of that very year."""
    if procedure == "VPR":
        return catalogue.tasks(year, grade, subject)[1] == "same"
    return any(task.verified for task in exam_tasks(procedure, year, subject))


@register(
    "task_plan",
    title="План работы",
    file="План работы.xlsx",
    sheet="Задания",
    about="Одна строка на задание, в порядке работы; несколько работ — друг под другом. Из спецификации или описания "
    "работы этого года. Если план такой работы этого года в программе уже есть, присланный не нужен.",
    known_by=("procedure", "task", "max_score"),
    replaces=("procedure", "subject", "grade"),
    is_whole=True,
)
class TaskPlan(Register):
    """План работы: задание, максимум, уровень, умение."""

    year: Short = types.year("год работы")
    procedure: Text = procedures.procedure(PROCEDURES)
    subject: Text = types.code(
        "Предмет", {spelling: code for spelling, code in procedures.SUBJECTS.items() if code in catalogue.subjects()},
        "как в работе: Математика, Математика (базовый уровень)", key=True, example="Математика",
    )  # fmt: skip
    grade: Tiny = types.grade(key=True, also=["Параллель"], example=5)
    task: Text = types.column(
        "Задание", "номер, как в работе: 3, 5.1, 10К2; ячейка текстовая, иначе Excel сделает из 5.1 дату", key=True,
        reads="task_code", str_matches=types.TASK_CODE, also=["№ задания", "Номер задания", "Код задания"],
        example="5.1",
    )  # fmt: skip
    answer: Text = types.code(
        "Вид ответа", ANSWERS, "краткий, развёрнутый, устный; для ВПР можно пусто", also=["Ответ", "Тип ответа"],
        example="краткий",
    )  # fmt: skip
    max_score: Short = types.count(
        "Максимальный балл", "за задание вместе с его критериями", unit="балл", least=1, le=40, required=True,
        also=["Макс. балл", "Максимум", "Максимальный балл за задание"], example=2,
    )  # fmt: skip
    difficulty: Text = types.code(
        "Уровень", LEVELS, "Б, П или В; можно пусто", also=["Уровень сложности", "Сложность"], example="Б"
    )
    kes: Text = types.column(
        "КЭС", "коды элементов содержания через «; »; можно пусто", content="words", optional=True,
        also=["Коды КЭС", "Код КЭС", "Элементы содержания"], example="1.2; 3.4",
    )  # fmt: skip
    kt: Text = types.column(
        "КТ", "коды требований через «; »; можно пусто", content="words", optional=True,
        also=["Коды КТ", "Код КТ", "Коды требований", "КПУ"], example="2.1",
    )  # fmt: skip
    skill: Text = types.words(
        "Умение", "что проверяет задание; можно пусто", also=["Проверяемое умение", "Проверяемые требования (умения)"],
        example="Решать задачи на движение",
    )  # fmt: skip

    @pa.dataframe_check(error="row_grade_of_exam")
    def _grade_that_sits_it(cls, rows: pd.DataFrame) -> pd.Series:
        grades = {"OGE": 9, "GVE9": 9, "EGE": 11, "GVE11": 11}
        expected = rows["procedure"].map(grades).astype("Int64")
        return (rows["grade"].astype("Int64") == expected).fillna(True).astype(bool)

    @pa.dataframe_check(error="row_answer_missing")
    def _answer_of_an_exam(cls, rows: pd.DataFrame) -> pd.Series:
        return rows["answer"].notna() | (rows["procedure"] == "VPR").fillna(True)

    @pa.dataframe_check(error="row_plan_known")
    def _not_known_yet(cls, rows: pd.DataFrame) -> pd.Series:
        works = rows[["procedure", "year", "subject", "grade"]]
        has_plan = {
            work: is_known(*work) for work in works.dropna().drop_duplicates().itertuples(index=False, name=None)
        }
        return pd.Series(
            [not has_plan.get(work, False) for work in works.itertuples(index=False, name=None)], rows.index
        )
