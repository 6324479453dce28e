"""Golden checks of the domain specification: numbers of real files, no persons.

Check 3 (scale of Russian 4, 2026) and 11 (the overlapping bound of geography 8) stand in test_catalogue.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import fastexcel
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from msoko_pipeline.facts.gia import long_answers, marks, short_answers
from msoko_pipeline.home import engine
from msoko_pipeline.indicators.gia import tasks as gia_tasks
from msoko_pipeline.indicators.vpr import reports
from msoko_pipeline.reading.header import recognise
from msoko_pipeline.reading.procedures.work import from_title
from msoko_pipeline.reading.workbook import Grid
from msoko_pipeline.sample.workbooks import Sheet, xlsx
from msoko_pipeline.text.cells import Wrong
from schemas import catalogue
from tests import making

UNIT = {"year": 2026, "level": "school", "unit_id": "edu190003", "subject": "RU", "grade": 4, "max_primary": 24}


def grid(name: str, rows: list[list[str]]) -> Grid:
    """A sheet of plain texts."""
    width = max(map(len, rows))
    padded = [[*row, *[""] * (width - len(row))] for row in rows]
    columns = [pa.array([cell or None for cell in column]).dictionary_encode() for column in zip(*padded, strict=True)]
    return Grid(name, pa.table(columns, names=[str(n) for n in range(width)]))


def test_1_percentages_of_the_marks_report_are_counts() -> None:
    """N = 89, % (12.36, 52.81, 26.97, 7.87) → 11, 47, 24, 7."""
    connection = duckdb.connect()
    shares = {f"mark_{mark}_pct": share for mark, share in zip((2, 3, 4, 5), (12.36, 52.81, 26.97, 7.87), strict=True)}
    report = engine.load(connection, pd.DataFrame([{**UNIT, "participants": 89, **shares}]))
    found = reports._marks(connection, report).iloc[0]
    assert [found[f"n{mark}"] for mark in (2, 3, 4, 5)] == [11, 47, 24, 7]


def test_2_counts_of_the_journal_report() -> None:
    """N = 93: 55.91, 39.78, 4.30 % are 52, 37, 4."""
    connection = duckdb.connect()
    told = {**UNIT, "participants": 93, "lower": 52, "equal": 37, "higher": 4}
    found = reports._journal(connection, engine.load(connection, pd.DataFrame([told]))).iloc[0]
    shares = [found[name] / found["journal_known"] * 100 for name in ("lower", "equal", "higher")]
    assert [round(share, 2) for share in shares] == [55.91, 39.78, 4.30]
    assert [round(share * 93 / 100) for share in (55.91, 39.78, 4.30)] == [52, 37, 4]


def test_4_task_maxima_of_russian_4_of_2026() -> None:
    """The header of a real Ф1 prints maxima that sum to the printed 24."""
    maxima = [2, 1, 2, 3, 2, 1, 1, 2, 1, 2, 1, 2, 1, 2, 1]
    codes = ["1", "2", "3", "4", "5", "6", "7", "8.1", "8.2", "9.1", "9.2", "10К1", "10К2", "11", "12"]
    tasks = [f"{code} ({top}б)" for code, top in zip(codes, maxima, strict=True)]
    head = ["ОО", "Муниципалитет", "Название ОО", "Код участника", "Класс", "Вариант", *tasks]
    rows = [
        ["Индивидуальные результаты"], [], ["ВПР 2026 Русский язык 4 класс"], ["Предмет:", "Русский язык"],
        ["Максимальный первичный балл:", "24"], ["Дата:", "20.04.2026"],
        ["", "", "Уровень сложности задания", "", "", "", *["Б"] * 14, "П"],
        [*head, "Первичный балл", "Отметка", "Отметка по журналу"],
    ]  # fmt: skip
    found = recognise(grid("РУ 4 Индивидуальные результаты", rows))
    assert found is not None
    assert (found.layout, sum(task.max_score or 0 for task in found.tasks)) == ("f1", 24)
    assert from_title(found).max_primary == 24
    assert [task.task for task in found.tasks][9:13] == ["9.1", "9.2", "10.К1", "10.К2"]
    assert [task.level for task in found.tasks] == ["Б"] * 14 + ["П"]


def test_5_a_sheet_name_is_cut_at_31_characters(tmp_path: Path) -> None:
    name = "МА 4 Сравнение отметок с отметк"
    assert len(name) == 31
    path = tmp_path / "2849657.xlsx"
    path.write_bytes(xlsx(Sheet("МА 4 Сравнение отметок с отметками по журналу", [["x"]])))
    assert fastexcel.read_excel(path).sheet_names == [name]


def test_6_an_oge_row_of_short_and_long_answers() -> None:
    """Sixteen short tasks, one of them for two points in part; 27 primary points are a «4» in social studies."""
    short, long = short_answers("++++++++++2+++++"), long_answers("1(2)2(3)2(2)")
    assert (len(short), short.count("+"), short[10]) == (16, 15, "2")
    assert re.findall(r"(\d)\((\d)\)", long) == [("1", "2"), ("2", "3"), ("2", "2")]
    scale = catalogue.mark_scale("OGE", 2026, "OB")
    assert scale is not None
    assert marks(pd.Series([27], dtype="Int16"), scale).tolist() == [4]


def test_6_the_same_row_in_a_protocol(tmp_path: Path) -> None:
    """Through the reader, from the workbook to task scores: what is full, what is partial, what each task may give."""
    told = making.take_in(making.xlsx(tmp_path / "протокол.xlsx", making.oge_regional()))
    (row,) = told.facts["gia9"].to_dict("records")
    assert (told.counts, row["primary_score"], row["mark"]) == ((1, 1, 0), 27, 4)
    assert told.types == set()
    masks, scores = ([row[name]] for name in ("short_answers", "long_answers"))
    answers = gia_tasks.matrix(pd.Series(masks), pd.Series(scores), pd.Series([27], dtype="Int64"), 0.95)
    assert answers.tasks == [str(task) for task in range(1, 17)] + ["Р1", "Р2", "Р3"]
    assert answers.full[0].tolist() == [1] * 10 + [0] + [1] * 5 + [0, 0, 1]
    assert answers.zero[0].tolist() == [0] * 19
    assert answers.scores[0, 16:].tolist() == [1, 2, 2]
    assert answers.top[16:].tolist() == [2, 3, 2]
    assert np.isnan(answers.top[:16]).all()  # one pupil does not tell what a plus is worth


@pytest.mark.parametrize("mask", ["++х+", "+ x", "1(2)"])
def test_6_a_strange_sign_in_a_mask_is_refused(mask: str) -> None:
    with pytest.raises(Wrong):
        short_answers(mask)


@pytest.mark.parametrize("text", ["1(2)2", "3(2)", "один(2)", "1[2]"])
def test_6_a_strange_list_of_scores_is_refused(text: str) -> None:
    with pytest.raises(Wrong):
        long_answers(text)
