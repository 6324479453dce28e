"""The door to the warehouse: an engine set up for one writer and many readers, on SQLite or PostgreSQL.

What belongs here: addresses, connections, transactions, and what is said when the database cannot be reached.
A password never leaves this module: addresses are shown without it, drivers' messages are cleaned of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from msoko_pipeline.publishing import answers
from msoko_pipeline.trouble import Stopped

BUSY_SECONDS = 30  # how long SQLite waits for another writer
CONNECT_SECONDS = 10
LOCK_SECONDS = 30  # how long a table of PostgreSQL is waited for: who reads it meanwhile waits behind us
PUBLICATION_SECONDS = 600  # how long another publication is waited for
PUBLISHING = 7_305_001_798  # key of the advisory lock: one publication at a time in a PostgreSQL database
PAGE = 16_384  # four times fewer page splits and writes than the default for our wide rows
SQLITE = (
    "synchronous = normal",
    "cache_size = -65536",
    "journal_size_limit = 67108864",
)

ANEW = "если это прежнее хранилище, отложите его и запустите снова: оно заполнится заново"
REASONS = {
    "Connection refused": "узел не принимает соединений на этом порту",
    "could not translate host name": "узла с таким именем нет",
    "failed to resolve host": "узла с таким именем нет",
    "Name or service not known": "узла с таким именем нет",
    "password authentication failed": "имя или пароль не подходят",
    "no password supplied": "нужен пароль",
    "does not exist": "такой базы или пользователя нет",
    "timeout expired": "узел не отвечает",
    "No route to host": "до узла нет пути",
    "Network is unreachable": "нет сети",
    "unable to open database file": "файл не открыть",
    "file is not a database": f"это не файл базы SQLite; {ANEW}",
    "malformed": f"файл испорчен; {ANEW}",
}
"""Words of the drivers → what is the matter."""


class WarehouseError(Stopped):
    """The warehouse cannot be reached or used; the text is for people and holds no password."""


def connect(url: str) -> sa.Engine:
    """Open the warehouse and make sure that it answers. Raises WarehouseError.

    url: SQLAlchemy URL; `postgresql://` means psycopg 3. The folder of a SQLite file is made.
    """
    address = _address(url)
    try:
        engine = _sqlite(address) if address.get_backend_name() == "sqlite" else _postgres(address)
        with engine.connect() as connection:
            connection.exec_driver_sql("select 1")
    except (sa.exc.DBAPIError, OSError, ImportError) as error:
        raise WarehouseError(f"Хранилище витрин {shown(url)} недоступно: {_driver_message(error, address)}") from None
    return engine


def shown(url: str) -> str:
    """The address as people may see it: with *** in place of the password."""
    return _address(url).render_as_string(hide_password=True)


def exists(url: str) -> bool:
    """False for a SQLite file that is not there yet: looking must not create it."""
    address = _address(url)
    return address.get_backend_name() != "sqlite" or not address.database or Path(address.database).exists()


@contextmanager
def reading(url: str) -> Iterator[sa.Connection]:
    """A connection to look with, closed at the end; no table is waited for longer than LOCK_SECONDS.

    Raises WarehouseError.
    """
    engine = connect(url)
    try:
        with engine.connect() as connection:
            _wait_no_longer(connection, LOCK_SECONDS)
            yield connection
    except sa.exc.DBAPIError as error:
        sentence = answers.in_words(error, engine, PUBLISHING)
        raise WarehouseError(
            sentence or f"Хранилище витрин {shown(url)} не читается: {_driver_message(error, engine.url)}"
        ) from None
    finally:
        engine.dispose()


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """The writer's transaction: commits at the end, rolls everything back when anything is raised.

    SQLite: BEGIN IMMEDIATE. PostgreSQL: a second publication waits for the first, and nothing waits for ever. Raises
    WarehouseError where other sessions, rights or objects stand in the way.
    """
    with engine.connect() as connection:
        connection.execution_options(write=True)
        try:
            transaction = connection.begin()
        except sa.exc.OperationalError as error:
            message = _driver_message(error, engine.url)
            raise WarehouseError(f"Хранилище витрин занято другой записью дольше {BUSY_SECONDS} с: {message}") from None
        try:
            with transaction:
                if engine.dialect.name == "postgresql":
                    _wait_in_turn(connection)
                yield connection
        except Exception as error:
            sentence = answers.in_words(error, engine, PUBLISHING)
            if sentence is None:
                raise
            raise WarehouseError(sentence) from None


def _wait_in_turn(connection: sa.Connection) -> None:
    """One publication at a time; then the limit is that of a table. Between its statements rows are compared and read,
    longer than a server may let a transaction be idle.
    """
    connection.exec_driver_sql("set local idle_in_transaction_session_timeout = 0")
    _wait_no_longer(connection, PUBLICATION_SECONDS)
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(PUBLISHING)))
    _wait_no_longer(connection, LOCK_SECONDS)


def _wait_no_longer(connection: sa.Connection, seconds: float) -> None:
    """Limit the waiting for others to the end of the transaction; a limit of the role's own stays."""
    if connection.dialect.name == "postgresql":
        limit = "case reset_val when '0' then :ours else reset_val || unit end"
        connection.execute(
            sa.text(f"select set_config('lock_timeout', {limit}, true) from pg_settings where name = 'lock_timeout'"),
            {"ours": f"{seconds}s"},
        )


def _address(url: str) -> sa.URL:
    try:
        address = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        # The text itself may hold a password, so it is not repeated.
        raise WarehouseError(
            "Адрес хранилища не разобран: ожидается sqlite:///путь/к/файлу или postgresql://пользователь@узел/база"
        ) from None
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
    if address.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise WarehouseError(f"Хранилище вида «{address.drivername}» не поддерживается: годятся sqlite и postgresql")
    return address


def _sqlite(address: sa.URL) -> sa.Engine:
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(address, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def _prepare(raw: Any, _: Any) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves
        for setting in (f"page_size = {PAGE}", *SQLITE):
            raw.execute(f"pragma {setting}")
        # While the file is empty nobody reads it, and a rollback journal loads it about 1.6 times as fast as WAL.
        if raw.execute("pragma page_count").fetchone()[0]:
            raw.execute("pragma journal_mode = wal")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        immediate = connection.get_execution_options().get("write")
        connection.exec_driver_sql("begin immediate" if immediate else "begin")

    return engine


def _postgres(address: sa.URL) -> sa.Engine:
    options: dict[str, Any] = {
        "client_encoding": "utf8"
    }  # in which rows are copied, whatever the base or environment says
    if "connect_timeout" not in address.query:
        options["connect_timeout"] = CONNECT_SECONDS
    return sa.create_engine(address, pool_pre_ping=True, connect_args=options, hide_parameters=True)


def _driver_message(error: BaseException, address: sa.URL) -> str:
    """Why, in Russian where the driver's words are known ones; else these on one line, without the password."""
    words = " ".join(str(getattr(error, "orig", None) or error).split())
    for sign, why in REASONS.items():
        if sign in words:
            return why
    return words.replace(str(address.password), "***") if address.password else words
