"""Appeals of ЕГЭ, however a municipality keeps them; and those of whom no protocol knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.indicators.gia.steps import APPEALS, _unmatched
from msoko_pipeline.reading.persons import person_key
from tests import making
from tests.making import EGE_APPEAL_ROW, ege_appeals, oge_appeals, take_in

KEY = person_key("Шаблонова Анна Образцовна", making.SECRET)
NAME = ("Шаблонова", "Анна", "Образцовна")
WHOLE = "Шаблонова Анна Образцовна"


def appeal(*changes: tuple[int, Any]) -> list[Any]:
    row = list(EGE_APPEAL_ROW)
    for place, cell in changes:
        row[place] = cell
    return row


WAYS: dict[str, tuple[list[list[Any]], tuple[Any, ...]]] = {
    "as the ведомость of ОГЭ has them": (ege_appeals(), ("HI", "2026-06-01", 30, 58)),
    "one line of headers": ([
        ["№ п/п", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Фамилия", "Имя", "Отчество", "Экзамен",
         "Состояние апелляции", "Первичный балл", "Тестовый балл"], list(EGE_APPEAL_ROW)],
        ("HI", "2026-06-01", 30, 58)),
    "Итоговый балл": ([
        ["№", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Фамилия", "Имя", "Отчество", "Экзамен",
         "Состояние апелляции", "Текущие", None], [None] * 10 + ["Первичный балл", "Итоговый балл"],
        list(EGE_APPEAL_ROW)], ("HI", "2026-06-01", 30, 58)),
    "ФИО in one column, no class": ([
        ["Код ОО", "ФИО", "Предмет (дата)", "Решение", "Первичный балл", "Тестовый балл"],
        [190001, WHOLE, "Химия (01.06.2026)", "удовлетворить", 30, 58]], ("HI", "2026-06-01", 30, 58)),
    "before and after": ([
        ["Код ОО", *("Фамилия", "Имя", "Отчество"), "Экзамен", "Решение комиссии", "До апелляции", None,
         "После апелляции", None],
        [None] * 6 + ["Первичный балл", "Тестовый балл", "Первичный балл", "Тестовый балл"],
        [190001, *NAME, "Химия(2026.06.01)", "удовлетворена", 28, 55, 30, 58]], ("HI", "2026-06-01", 30, 58)),
    "before and after in one line": ([
        ["Код ОО", *("Фамилия", "Имя", "Отчество"), "Экзамен", "Решение комиссии", "Тестовый балл до апелляции",
         "Тестовый балл после апелляции"],
        [190001, *NAME, "Химия(2026.06.01)", "удовлетворена", 55, 58]], ("HI", "2026-06-01", None, 58)),
    "with the code of the exam": (ege_appeals([appeal((8, "04 - Химия (2026.06.01)"))]), ("HI", "2026-06-01", 30, 58)),
    "profile mathematics": (ege_appeals([appeal((8, "Математика профильная(2026.05.27)"))]),
                            ("MA", "2026-05-27", 30, 58)),
    "scores as floats, a code too": (ege_appeals([appeal((1, 190001.0), (10, 30.0), (11, 58.0))]),
                                     ("HI", "2026-06-01", 30, 58)),
    "rejected, nothing repeated": (ege_appeals([appeal((9, "Отклонена"), (10, None), (11, "без изменений"))]),
                                   ("HI", "2026-06-01", None, None)),
    "the result taken back": (ege_appeals([appeal((10, None), (11, "аннулирован"))]),
                              ("HI", "2026-06-01", None, None)),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_appeals_are_read_however_they_are_kept(tmp_path: Path, way: str) -> None:
    rows, expected = WAYS[way]
    told = take_in(making.xlsx(tmp_path / "апелляции.xlsx", rows))
    assert (told.refusal, told.counts) == (None, (1, 1, 0))
    (row,) = told.facts["gia11_appeal"].to_dict("records")
    found = [row[name] for name in ("subject", "exam_date", "primary_score", "test_score")]
    assert tuple(None if pd.isna(cell) else cell for cell in found) == expected
    assert (row["procedure"], row["org_ref"], row["pupil_key"]) == ("EGE", "190001", KEY)
    assert told.told.sheets[0]["years"] == [2026]


@pytest.mark.parametrize("columns", [["Текущие", None], ["Текущие", None, None]])
def test_a_mark_of_base_mathematics_is_a_mark_in_whichever_column(tmp_path: Path, columns: list[str | None]) -> None:
    own = len(columns) == 3
    header = [list(making.APPEALS_HEADER[:10]) + columns, [None] * 10 + ["Первичный балл", "Тестовый балл", "Оценка"]]
    row = [*appeal((8, "Математика базовая(2026.05.27)"))[:11], *([None, 5] if own else [5])]
    told = take_in(making.xlsx(tmp_path / "а.xlsx", [header[0], header[1][: 10 + len(columns)], row]))
    found = told.facts["gia11_appeal"].iloc[0]
    assert (found["subject"], found["mark"], pd.isna(found["test_score"])) == ("MB", 5, True)


@pytest.mark.parametrize(
    ("change", "issue"),
    [
        ((11, 101), "cell_range"), ((11, "много"), "cell_not_a_number"), ((8, "Химия"), "cell_exam"),
        ((2, "9А"), "cell_grade_of_exam"), ((9, None), "cell_empty"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named(tmp_path: Path, change: tuple[int, Any], issue: str) -> None:
    told = take_in(making.xlsx(tmp_path / "а.xlsx", ege_appeals([EGE_APPEAL_ROW, appeal(change)])))
    assert told.counts == (2, 1, 1)
    assert issue in told.types, told.types


def test_each_exam_has_its_own_appeals(tmp_path: Path) -> None:
    assert set(take_in(making.xlsx(tmp_path / "а.xlsx", oge_appeals())).facts) == {"gia9_appeal"}
    assert set(take_in(making.xlsx(tmp_path / "б.xlsx", ege_appeals())).facts) == {"gia11_appeal"}


def test_an_appeal_of_nobody_in_the_protocols_is_asked_about() -> None:
    rows = pd.DataFrame(
        [(2026, "EGE", "HI", "edu190001", "а", "2026-06-01")],
        columns=["year", "procedure", "subject", "org_id", "pupil_key", "exam_date"],
    )
    of_him = rows.assign(primary_score=30, mark=pd.NA, test_score=58, row=3, seq=7)[APPEALS]
    assert _unmatched(rows, of_him) == []
    (question,) = _unmatched(rows, pd.concat([of_him, of_him.assign(pupil_key="б", row=4)]))
    assert (question.seq, question.issue_type, question.details) == (7, "appeal_unmatched", {"rows": 1, "detail": "4"})
