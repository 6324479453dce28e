"""A coded sheet of participants that can be changed cell by cell, and remembers which rows were changed on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from msoko_pipeline.sample.coded_columns import Column
from msoko_pipeline.sample.pupils import Bools
from msoko_pipeline.sample.sitting import Sitting
from msoko_pipeline.sample.workbooks import Cell

HEADS = {
    "login": ("user", "логин школы", "Пользователь"),
    "code": ("code", "код обучающегося", "Код"),
    "class": ("klass", "класс", "Наименование класса"),
    "variant": ("var-1", "вариант", "Вариант"),
    "total": ("sum", "всего баллов", "Итого баллов"),
    "textbook": ("Учебник",),
    "first task": ("a-1-grade", "балл за 1"),
}
"""What a column holds → its headers in the exports of 2020, 2021 and 2022; `first task` of 2022 is the work's own."""


class Draft:
    """Columns of the sitting's sheet, in its order of rows. Rows count from 0; a row is soiled at most once."""

    def __init__(self, columns: Sequence[Column], sitting: Sitting, rng: np.random.Generator) -> None:
        self.sitting, self.work, self.rng = sitting, sitting.work, rng
        self.headers = [column.header for column in columns]
        self.values: list[list[Cell]] = [list(column.values) for column in columns]
        self.codes = [column.codes.copy() for column in columns]
        self.soiled: list[tuple[int, str]] = []  # row, fault
        self._is_clean: Bools = ~sitting.absent  # those who were absent are left alone

    @property
    def columns(self) -> list[Column]:
        return [Column(*parts) for parts in zip(self.headers, self.values, self.codes, strict=True)]

    def has(self, name: str) -> bool:
        return any(header in HEADS[name] for header in self.headers)

    def place(self, name: str) -> int:
        """Number of the column that holds `name` of HEADS."""
        heads = (*HEADS[name], self.work.tasks[0].header) if name == "first task" else HEADS[name]
        return next(number for number, header in enumerate(self.headers) if header in heads)

    def task(self, number: int) -> int:
        """Number of the column of the task; tasks count from 0."""
        return self.place("first task") + number

    def drawn(self, among: Bools, count: int) -> list[int]:
        """Up to `count` clean rows, drawn from those of the mask."""
        rows = np.flatnonzero(among & self._is_clean)
        return sorted(self.rng.choice(rows, min(count, len(rows)), replace=False).tolist())

    def cell(self, place: int, row: int) -> Cell:
        return self.values[place][self.codes[place][row]]

    def put(self, place: int, row: int, cell: Cell) -> None:
        self.codes[place][row] = len(self.values[place])
        self.values[place].append(cell)

    def add_row(self, cells: Mapping[int, Cell], like: int | None = None) -> int:
        """Adds a row at the end: `cells` by place, the others as in row `like`, or empty. Returns its number."""
        row = len(self.codes[0])
        for place in range(len(self.codes)):
            self.codes[place] = np.append(self.codes[place], 0 if like is None else self.codes[place][like])
            if like is None or place in cells:
                self.put(place, row, cells.get(place))
        return row

    def add_column(self, header: str) -> int:
        """Adds an empty column at the right; returns its number."""
        self.headers.append(header)
        self.values.append([None])
        self.codes.append(np.zeros(len(self.codes[0]), dtype=np.int64))
        return len(self.headers) - 1

    def keep_clean(self, row: int) -> None:
        """Nothing may befall the row from now on."""
        self._is_clean[row] = False

    def record(self, row: int, fault: str) -> None:
        self.soiled.append((row, fault))
        if row < len(self._is_clean):
            self.keep_clean(row)
