"""The operational tables (schema `ops`): which files came, what was wrong, what was published.

Invariant: for every file, rows_read = rows_accepted + rows_quarantined.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas.fields import field

FILE_STATUSES = ("received", "accepted", "partial", "refused", "superseded", "withdrawn")
SEVERITIES = ("error", "warning", "info")


class Ops(pa.DataFrameModel):
    """Служебная таблица."""

    class Config:
        strict = True
        coerce = False


class File(Ops):
    """Реестр принятых файлов."""

    sha256: str = field("Контрольная сумма файла", key=True)
    name: str = field("Имя файла, как прислан (путь внутри папки приёма)", nullable=False)
    size: pd.Int64Dtype = field("Размер", unit="байт", nullable=False, ge=0)
    kind: str = field("Вид файла")
    layout: str = field("Раскладка столбцов")
    year: pd.Int64Dtype = field("Отчётный год")
    subject: str = field("Код предмета")
    grade: pd.Int64Dtype = field("Класс работы")
    org_id: str = field("Код организации, если файл об одной")
    received_at: str = field("Принят (UTC)", nullable=False)
    status: str = field("Состояние", nullable=False, isin=FILE_STATUSES)
    rows_read: pd.Int64Dtype = field("Строк прочитано", nullable=False, ge=0)
    rows_accepted: pd.Int64Dtype = field("Строк принято", nullable=False, ge=0)
    rows_quarantined: pd.Int64Dtype = field("Строк в карантине", nullable=False, ge=0)
    rows_waiting: pd.Int64Dtype = field("Из принятых ждут ответа, о какой они организации", nullable=False, ge=0)
    rows_replaced: pd.Int64Dtype = field("Из принятых заменены более поздними файлами", nullable=False, ge=0)
    superseded_by: str = field("Заменён файлом (все строки; какие строки какой файл заменил — в replacement)")
    message_ru: str = field("Что сказано о файле")


class Issue(Ops):
    """Замечания: одна строка на ячейку, строку, столбец или файл."""

    sha256: str = field("Контрольная сумма файла", key=True)
    name: str = field("Имя файла, как прислан")
    year: pd.Int64Dtype = field("Отчётный год строки или файла")
    org_id: str = field("Код организации, о которой строка или файл")
    sheet: str = field("Лист")
    row: pd.Int64Dtype = field("Строка листа (с 1)", ge=1)
    column: str = field("Столбец")
    value: str = field("Что стояло (никогда не имя человека)")
    issue_type: str = field("Вид замечания", nullable=False)
    severity: str = field("Серьёзность", nullable=False, isin=SEVERITIES)
    responsibility: str = field("Кто исправляет", nullable=False)
    message_ru: str = field("Что не так и что сделать", nullable=False)


class Replacement(Ops):
    """Замены: сколько строк какого файла заменил более поздний."""

    sha256: str = field("Контрольная сумма прежнего файла", key=True)
    by_sha256: str = field("Контрольная сумма файла, который его заменил", key=True)
    kind: str = field("Вид фактов", key=True)
    year: pd.Int64Dtype = field("Отчётный год (0: для всех лет)", key=True, ge=0)
    rows_replaced: pd.Int64Dtype = field("Строк прежнего файла больше не учитывается", nullable=False, ge=0)
    rows_left_out: pd.Int64Dtype = field("Из них таких, которых в новом файле нет", nullable=False, ge=0)
    same_rows: pd.Int64Dtype = field("Из них таких, которые в новом файле те же", nullable=False, ge=0)
    changed_rows: pd.Int64Dtype = field("Из них таких, которые в новом файле изменены", nullable=False, ge=0)
    changed_columns: str = field("В скольких из них изменён каждый столбец (без персональных)")


class Quarantine(Ops):
    """Строки, не принятые в расчёт, как они прочитаны (без персональных столбцов)."""

    sha256: str = field("Контрольная сумма файла", key=True)
    sheet: str = field("Лист")
    row: pd.Int64Dtype = field("Строка листа (с 1)", nullable=False, ge=1)
    cells: str = field("Ячейки строки, JSON: столбец → текст", nullable=False)
    reasons: str = field("Все причины", nullable=False)
    org_ref: str = field("Школа, как её называет строка: логин или код")
    year: pd.Int64Dtype = field("Отчётный год")
    procedure: str = field("Процедура")
    stage: str = field("Этап олимпиады")
    subject: str = field("Код предмета")
    grade: pd.Int64Dtype = field("Класс работы")


class Publication(Ops):
    """Публикации: когда, какие годы, из чего, сколько строк, что изменилось."""

    publication_id: str = field("Номер публикации", key=True)
    published_at: str = field("Опубликовано (UTC)", nullable=False)
    years: str = field("Отчётные годы, через запятую", nullable=False)
    inputs: str = field("JSON: год → хеш входных данных и правил", nullable=False)
    row_counts: str = field("JSON: таблица → строк", nullable=False)
    diff: str = field("JSON: таблица → добавлено, изменено, удалено", nullable=False)
    rule_version: str = field("Версия правил", nullable=False)
    notes: str = field("Что стало с представлениями и другим, что построено на изменившихся таблицах")


OPS: dict[str, type[Ops]] = {
    "file": File, "issue": Issue, "quarantine": Quarantine, "replacement": Replacement, "publication": Publication,
}  # fmt: skip
"""Name of the operational table → its model."""
