"""The page of the roadmap: its 84 rows with the files, tables and indicators of each, and what the made-up town says.

The figures of the made-up town are kept as data (`docs/measurements/town.csv`), written by `scripts/town_figures.py`
and held by the test that runs the town.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from schemas import catalogue
from schemas.indicators import indicators

HEAD = """# Дорожная карта

84 строки дорожной карты: из каких файлов, в каких витринах и какими показателями на каждую отвечает конвейер и что он
говорит о выдуманном городе (12 школ, 2026 год, `msoko sample`). Эта страница составлена по объявлениям в `schemas/`
командой `make docs`; исправлять нужно объявления, а не её. Столбцы витрин и формулы показателей — в
[dictionary.md](dictionary.md), файлы — в [files.md](files.md).

Вид строки: *данные* — считается из файлов; *смешанная* — реестр и показатели; *реестр* — действие, о котором ведётся
только реестр (срок, ответственный, статус, документ); *по данным* — акт, который нужен, только если это следует из
данных.
"""
KINDS_OF_ROWS = {"data": "данные", "mixed": "смешанная", "register": "реестр", "conditional": "по данным"}
SECTIONS = {
    "1": "Нормативное обеспечение", "2": "Качество подготовки обучающихся", "3": "Объективность процедур",
    "4": "Школы с низкими результатами и в трудных условиях", "5": "Таланты", "6": "Самоопределение и профориентация",
    "7": "Эффективность руководителей", "8": "Профессиональное развитие педагогов", "9": "Воспитание",
    "10": "Дошкольное образование",
}  # fmt: skip
DUE = {
    "YR": "ежегодно", "YR?": "ежегодно, если такие школы есть", "AYE": "по итогам учебного года",
    "EVT": "по итогам каждой процедуры", "D+J": "декабрь и июнь", "A-J": "апрель — июнь", "AUG": "август",
    "CAL": "по графику процедур", "CAL/YR": "ежегодно, по графику процедур",
    "3Y": "раз в три года для каждой организации", "CONT": "постоянно",
}  # fmt: skip
"""Rule of a term → words."""
SHOWN = 4
"""Figures of the made-up town that a row shows."""

Figures = Mapping[str, Sequence[tuple[str, str]]]
"""Item → indicators and their values in words."""


def roadmap(figures: Figures) -> str:
    """The page, Markdown. figures: of the made-up town."""
    items = catalogue.roadmap_items()
    parts = [HEAD]
    for section, rows in groupby(items.items(), lambda item: item[0].split(".")[0]):
        parts.append(f"## {section}. {SECTIONS[section]}\n")
        parts += ["\n".join(_row(item, row, figures)) + "\n" for item, row in rows]
    return "\n".join([*parts, "\n".join(_lacking())])


def _row(item: str, row: Mapping[str, str], figures: Figures) -> Iterator[str]:
    contracts = catalogue.roadmap_contracts()
    yield f"### {item} {row['title']}\n"
    yield f"* Вид: {KINDS_OF_ROWS[row['kind']]}; срок: {_due(row['due'])}"
    yield "* Файлы: " + "; ".join(_input(name, contracts["inputs"][name]) for name in row["inputs"].split())
    yield "* Витрины: " + "; ".join(_mart(name, contracts["marts"][name]) for name in row["marts"].split())
    own = [name for name, declared in indicators().items() if declared["item"] == item]
    if own:
        yield f"* Показатели ({len(own)}): " + ", ".join(f"`{name}`" for name in own)
    shown = figures.get(item, ())
    if shown:
        rest = f"; и ещё {len(shown) - SHOWN}" if len(shown) > SHOWN else ""
        yield "* Выдуманный город: " + "; ".join(f"{title} — {value}" for title, value in shown[:SHOWN]) + rest


def _due(code: str) -> str:
    """When a row is due, in words."""
    rule, _, day = code.partition(" ")
    if rule == "FIX":
        return f"до {'.'.join(reversed(day.split('-')))}"
    return DUE[rule]


def _input(name: str, declared: Mapping[str, Any]) -> str:
    kinds = ", ".join(f"`{kind}`" for kind in declared.get("kinds", ()))
    where = kinds or f"данные рядом с кодом: {declared['data']}"
    return f"{declared['title']} ({name}: {where})"


def _mart(name: str, declared: Mapping[str, Any]) -> str:
    return f"{declared['title']} ({name}: {', '.join(f'`{table}`' for table in declared['tables'])})"


def _lacking() -> Iterator[str]:
    """Indicators that the assessment of municipal mechanisms asks for, and where each is; what has none, and why."""
    yield "## Показатели оценки муниципальных механизмов\n"
    yield "Перечень — по памяти (критерии федерального мониторинга не опубликованы); где показатель считается:\n"
    for number, system in catalogue.asked_indicators().items():
        yield f"**{number} {system['title']}**\n"
        for line in system["indicators"]:
            where = ", ".join(f"`{name}`" for name in (*line.get("ids", ()), *line.get("columns", ())))
            yield f"* {line['title']}: {where or 'нет — ' + line['lacks']}"
        yield ""


def tables_of(item: str) -> list[str]:
    """Published tables that answer a row of the roadmap."""
    marts = catalogue.roadmap_contracts()["marts"]
    names = catalogue.roadmap_items()[item]["marts"].split()
    return [table for name in names for table in marts[name]["tables"]]
