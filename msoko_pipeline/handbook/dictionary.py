"""The data dictionary, written from the declarations: published tables, facts, issues, indicators, layouts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandera.pandas as pa

from msoko_pipeline.publishing.views import in_words
from msoko_pipeline.reporting.markdown import table
from schemas import catalogue
from schemas.dimensions import DIMENSIONS, Dimension
from schemas.fields import ColumnSpec, columns_of, title_of
from schemas.indicators import indicators
from schemas.kinds import KINDS, REGISTERS
from schemas.layout import layouts
from schemas.marts import MARTS
from schemas.ops import OPS

HEAD = """# Словарь данных

Эта страница составлена по объявлениям в `schemas/` командой `make docs`; исправлять нужно объявления, а не её.
Что принимается из файлов и замечания к ним — в [files.md](files.md).

Доли — от 0 до 100, их имена кончаются на `_pct`; количества — целые; нет данных — NULL, а не 0. В каждой витрине есть
`rule_version` (версия правил и данных рядом с ними) и `published_at`. На PostgreSQL это схемы `mart` и `ops`,
на SQLite — приставки `mart_` и `ops_`.
"""
FILES = """# Файлы

Эта страница составлена по объявлениям в `schemas/` командой `make docs`; исправлять нужно объявления, а не её.
Витрины и показатели — в [dictionary.md](dictionary.md).
"""


def dictionary() -> str:
    """The page of what is published, Markdown."""
    parts = [HEAD, "## Витрины (`mart`)\n"]
    parts += [_table(name, model) for name, model in MARTS.items()]
    parts += [_dimensions(), _views()]
    parts += ["## Служебные таблицы (`ops`)\n", *(_table(name, model) for name, model in OPS.items())]
    return "\n".join([*parts, _indicators()])


def files() -> str:
    """The page of what is taken in: facts, layouts, issues, limits, scales."""
    parts = [FILES, "## Факты (хранилище Parquet)\n"]
    parts += [_table(name, kind.model) for name, kind in KINDS.items()]
    return "\n".join([*parts, _layouts(), _issues(), _limits(), _scales()])


def _table(name: str, model: type[pa.DataFrameModel]) -> str:
    rows = [
        (
            f"`{c.name}`" + (" 🔑" if c.key else ""), _in_words(c), c.dtype.split("[")[0], c.unit or "",
            "" if c.nullable else "да", ", ".join(f"`{check}`" for check in c.checks),
            "да" if c.personal else "",
        )
        for c in columns_of(model)
    ]  # fmt: skip
    head = ("столбец", "что это", "тип", "ед.", "обязателен", "проверки", "персональный")
    return f"### `{name}` — {title_of(model)}\n\n" + _markdown(head, rows)


def _in_words(column: ColumnSpec) -> str:
    """What a column is; of a register, its header and what the form asks to write there."""
    return column.title if column.written is None else f"«{column.title}»: {column.written.hint}"


def _dimensions() -> str:
    columns = ", ".join(f"`{column.name}` — {column.title.lower()}" for column in columns_of(Dimension))
    rows = [(f"`{name}`", title, ", ".join(titles())) for name, (title, titles) in DIMENSIONS.items()]
    return f"## Справочники (`mart`)\n\nСтолбцы каждого: {columns}.\n\n" + _markdown(
        ("таблица", "что это", "коды"), rows
    )


def _views() -> str:
    """Views in words and the public layer, as SQLite names them."""
    rows = [(f"`{view.name}`", view.title) for view in in_words("sqlite")]
    public = catalogue.public()
    shown = [
        (
            f"`pub_{name}`",
            "всё" if rule.get("all") else "малые ячейки скрыты",
            ", ".join(f"`{c}`" for c in rule.get("never", ())),
        )
        for name, rule in public["marts"].items()
    ]
    left_out = [(f"`{name}`", why) for name, why in public["withheld"].items()]
    return "\n".join((
        "## Представления словами (`v_…`, рядом с витринами)\n", _markdown(("представление", "что показывает"), rows),
        f"## Открытый слой (`pub_…`; на PostgreSQL схема `pub`)\n\nЯчейка меньше {public['least']} человек — NULL, как "
        "и то, из чего её можно вычислить; что скрыто, указано в `suppressed` и `hidden_columns` витрины. "
        f"Источник: {public['source']}.\n",
        _markdown(("представление", "что в нём", "каких столбцов нет"), shown),
        "Остальные витрины — для тех, кто работает со школами. Почему их здесь нет:\n",
        _markdown(("витрина", "почему"), left_out),
    ))  # fmt: skip


def _indicators() -> str:
    rows = [
        (
            f"`{name}`",
            declared["title"],
            declared["unit"],
            declared["formula"],
            declared["item"],
            declared["source"],
            _yes(declared["verified"]),
        )
        for name, declared in indicators().items()
    ]
    head = ("код", "показатель", "ед.", "формула", "пункт дорожной карты", "источник", "подтверждено")
    return "## Показатели\n\n" + _markdown(head, rows)


def _layouts() -> str:
    rows = [
        (f"`{name}`", declared.title_ru, f"`{declared.kind}`", _WORK[declared.work],
         "наша форма" if name in REGISTERS else "по памяти" if declared.recalled else "настоящие файлы")
        for name, declared in layouts().items()
    ]  # fmt: skip
    head = ("раскладка", "что это", "вид фактов", "откуда работа", "чем подтверждена")
    return "## Какие файлы читаются\n\n" + _markdown(head, rows)


_WORK = {
    "title": "заголовок отчёта", "declared": "manifest.csv или путь, сверено с содержимым", "rows": "строки файла",
    "layout": "раскладка", "exam": "строка экзамена над таблицей", "exams": "экзамен в каждой строке",
    "olympiad": "титул, лист или путь", "school_years": "учебный год в строках файла", "none": "—",
}  # fmt: skip
_SEVERITY = {"error": "ошибка", "warning": "предупреждение", "info": "к сведению"}
_WHO = {"sender": "отправитель", "authority": "управление образования", "pipeline": "разработчики"}


def _issues() -> str:
    rows = [
        (
            f"`{name}`",
            _SEVERITY[declared["severity"]],
            _WHO[declared["responsibility"]],
            declared["says"],
            declared["mend"],
        )
        for name, declared in catalogue.issue_types().items()
    ]
    return "## Замечания к файлам\n\n" + _markdown(
        ("вид", "серьёзность", "кто исправляет", "сообщение", "что сделать"), rows
    )


def _limits() -> str:
    rows = [
        (f"`{name}`", limit["title"], f"{limit['value']:,}".replace(",", " "), limit["unit"], limit["beyond"],
         _yes(limit["verified"]), limit["source"])
        for name, limit in catalogue.limits_told().items()
    ]  # fmt: skip
    head = ("предел", "чего", "сколько", "ед.", "что с остальным", "подтверждён", "источник")
    return "## Пределы\n\n" + _markdown(head, rows)


def _scales() -> str:
    rows = [
        (r["year"], r["grade"], r["subject"], r["max_primary"], f"{r['min_3']} / {r['min_4']} / {r['min_5']}",
         _yes(r["verified"] == "true"), r["source"])
        for r in catalogue.rows("vpr/scales.csv")
    ]  # fmt: skip
    head = ("год", "класс", "предмет", "максимум", "с какого балла «3» / «4» / «5»", "подтверждена", "источник")
    procedures = catalogue.titles("procedure")
    exams = [
        (f"{procedures[r['procedure']]}{' ' + r['variant'] if r['variant'] else ''}", r["year"], r["region"] or "—",
         r["subject"], r["max_primary"], f"{r['min_3']} / {r['min_4'] or '?'} / {r['min_5'] or '?'}",
         r["profile"] or "—", r["condition"] or "—", _yes(r["verified"] == "true"), r["source"])
        for r in catalogue.rows("gia/mark_scales.csv")
    ]  # fmt: skip
    of_exams = ("экзамен", "с года", "регион", "предмет", "максимум", "с какого балла «3» / «4» / «5»", "профиль",
                "условие", "подтверждена", "источник")  # fmt: skip
    vpr, gia = _markdown(head, rows), _markdown(of_exams, exams)
    return f"## Шкалы перевода ВПР\n\n{vpr}\n## Шкалы перевода ГИА\n\n{gia}"


def _yes(value: object) -> str:
    return "да" if value else "нет"


def _markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    return table([head, *rows]) + "\n"
