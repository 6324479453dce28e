"""What PostgreSQL answers when it does not do what a publication asks: one Russian sentence, what holds it, what to do.

What belongs here: the answers that come of other people's sessions, rights and objects. What it says against our own
rows stays as it is: that is our mistake.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

AGAIN = "и запустите снова: опубликованное прежде не изменилось"
NAME_TAKEN = "Имя таблицы витрин занято: {said}. Переименуйте то, что заняло это имя, " + AGAIN
SENTENCES = {
    "55P03": "Хранилище витрин занято: {who}. Дождитесь конца этих сеансов или завершите их "
    "(select pg_terminate_backend(номер)) " + AGAIN,
    "40P01": "Публикация и другой сеанс ждут друг друга ({said}). Завершите запросы, которые меняют таблицы витрин, "
    + AGAIN,
    "42501": "Роли «{user}» не хватает права: {said}. Сделайте её владельцем схем mart и ops и их таблиц и дайте ей "
    "create на базу " + AGAIN,
    "2BP01": "Таблицу витрин держит то, что на ней построено: {said}. Удалите или перестройте названное " + AGAIN,
    "42P07": NAME_TAKEN,
    "42809": NAME_TAKEN,
    "23503": "Строки витрины держит внешний ключ «{constraint}» чужой таблицы: {said}. Сделайте его отложенным (alter "
    "table … alter constraint … deferrable initially deferred) или удалите " + AGAIN,
    "25006": "База открыта только для чтения (резервный сервер или настройка default_transaction_read_only). Укажите в "
    "MSOKO_WAREHOUSE основной сервер " + AGAIN,
    "57014": "Публикация прервана: {said}. Снимите у роли «{user}» предел statement_timeout " + AGAIN,
    "22P05": "База не в кодировке UTF8: в ней нет знака, который есть в витринах ({said}). Создайте для витрин базу "
    "в кодировке UTF8, укажите её в MSOKO_WAREHOUSE " + AGAIN,
    "54000": "Значение не вмещается в базу: {said}. Обычно это слишком длинное название в файле: исправьте его "
    + AGAIN,
    "P0001": "Публикацию остановил триггер на таблице витрин: {said}. Исправьте или отключите триггер " + AGAIN,
    "0A000": "База не даёт сделать это с таблицей витрин: {said}. Удалите названное или измените его " + AGAIN,
}
"""SQLSTATE → the sentence."""

OF_OTHERS = {
    "23505": "Строки витрины не проходят чужую проверку неповторимости «{constraint}» ({said}). Удалите её " + AGAIN,
    "23514": "Строки витрины не проходят чужую проверку «{constraint}» ({said}). Удалите её " + AGAIN,
}
"""The same of constraints, where they are none of ours."""

LOST = "Связь с базой витрин прервалась: {said}. Проверьте сервер " + AGAIN
NO_CONNECTION = ("08", "57P")  # classes of SQLSTATE; the driver itself gives none
NAMED = 3  # sessions that are named

HOLDERS = """
    select l.pid, a.usename, a.application_name, a.client_addr, min(a.xact_start) as since,
           bool_or(l.mode not in ('AccessShareLock', 'RowShareLock')) as is_writing
    from pg_locks l join pg_stat_activity a on a.pid = l.pid and a.datname = current_database()
    left join pg_class c on c.oid = l.relation left join pg_namespace n on n.oid = c.relnamespace
    where l.granted and l.pid <> pg_backend_pid()
      and (n.nspname in ('mart', 'ops')
           or l.locktype = 'advisory' and (l.classid::bigint << 32) + l.objid::bigint = :key)
    group by 1, 2, 3, 4 order by is_writing desc, since
"""
"""Sessions that hold our tables, or the lock of a publication; those that write come first."""


def in_words(error: BaseException, engine: sa.Engine, key: int) -> str | None:
    """The sentence for an error of the driver; None where it is about our own rows, or nothing known.

    key: of the advisory lock of a publication.
    """
    driver: Any = getattr(error, "orig", None) or error
    if engine.dialect.name != "postgresql" or not hasattr(driver, "sqlstate"):
        return None
    state, diag = driver.sqlstate, driver.diag
    sentence = SENTENCES.get(state or "")
    if state in OF_OTHERS and not _is_ours(diag):
        sentence = OF_OTHERS[state]
    if isinstance(driver, engine.dialect.loaded_dbapi.OperationalError) and not sentence:
        sentence = LOST if state is None or state.startswith(NO_CONNECTION) else None
    if sentence is None:
        return None
    who = _holders(engine, key) if state == "55P03" else ""
    message = diag.message_primary or " ".join(str(driver).split())
    answer = sentence.format(said=message, who=who, user=engine.url.username, constraint=diag.constraint_name)
    return " ".join([answer, *getattr(error, "__notes__", ())])


def _is_ours(diag: Any) -> bool:
    """Whether a constraint that rows have failed is of the declared table."""
    from msoko_pipeline.publishing.sql_tables import warehouse

    tables = {table.fullname: table for table in warehouse("postgresql")}
    table = tables.get(f"{diag.schema_name}.{diag.table_name}")
    return table is not None and diag.constraint_name == f"{table.name}_pkey"


def _holders(engine: sa.Engine, key: int) -> str:
    """«роль bi (DBeaver, 10.0.0.5), сеанс 4711 с 10:15»: who holds our tables at this moment."""
    try:
        with engine.connect() as connection:
            sessions = connection.execute(sa.text(HOLDERS), {"key": key}).all()
    except sa.exc.DBAPIError:
        sessions = []
    if any(row.is_writing for row in sessions):
        sessions = [row for row in sessions if row.is_writing]
    descriptions = [
        f"сеанс {row.pid} роли «{row.usename}»"
        + f" ({', '.join(map(str, filter(None, (row.application_name, row.client_addr))))})"
        * bool(row.application_name or row.client_addr)
        + (f", начат {row.since:%d.%m.%Y %H:%M}" if row.since else "")
        for row in sessions[:NAMED]
    ]
    more = f" и ещё {len(sessions) - NAMED}" * (len(sessions) > NAMED)
    return (
        "; ".join(descriptions) + more if descriptions else "таблицы держал другой сеанс, который только что кончился"
    )
