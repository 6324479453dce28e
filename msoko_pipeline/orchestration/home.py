"""The home of the Dagster instance: its configuration, and its records, which nothing of ours depends on.

The records are SQLite files in the home, or tables beside the marts where the warehouse is PostgreSQL.
Records that cannot be read, or that are of another version and cannot be brought to ours, are put aside and begun anew.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import datetime
from importlib import resources
from io import StringIO
from pathlib import Path

import dagster as dg
from filelock import FileLock

from msoko_pipeline.home import closed
from msoko_pipeline.home.databases import fault
from msoko_pipeline.settings import Settings
from msoko_pipeline.trouble import Stopped, chain, is_of_machine

FORMER = {
    "c573fffc75a19c1c6bca260519e24daf00401a70764ca6d193154a6f183a3b06",
    "af0029dc6ee7cb25b608ff0513e83356ef49a4b5c5b035301fabb0f1921e64e1",
    "ab72b0de2e0f02a37bf68356aee3b0a325804095de6052d4ae4fb3408a077014",
}
"""SHA-256 of the configurations that earlier versions have written: an unchanged one is replaced by today's."""
STORAGES = SQLITE, POSTGRES = ("sqlite", "postgres")
"""Where the records are: `storage.….yaml`, the last part of the configuration."""
RECORDS = ("history", "schedules", "storage")
DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")


def template(storage: str = SQLITE) -> str:
    """The configuration with records of one of `STORAGES`."""
    folder = resources.files("msoko_pipeline.orchestration")
    parts = ("dagster.yaml", f"storage.{storage}.yaml")
    return "".join(folder.joinpath(part).read_text(encoding="utf-8") for part in parts)


def dagster_home(settings: Settings, storage: str | None = None) -> str:
    """The folder of the Dagster instance, its configuration written on first use and kept up to date until somebody
    changes it; and what Dagster's processes take from the environment.

    storage: one of `STORAGES`; without it the records are where they were.
    """
    home = settings.dagster_home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    target = home / "dagster.yaml"
    kept = target.read_bytes() if target.exists() else b""
    ours = {template(each).encode(): each for each in STORAGES}
    wanted = template(storage or ours.get(kept, SQLITE)).encode()
    is_changed = kept.strip() and kept not in ours and hashlib.sha256(kept).hexdigest() not in FORMER
    if kept != wanted and not is_changed:
        partial = target.with_suffix(".tmp")
        partial.write_bytes(wanted)
        partial.replace(target)
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    if _is_postgres(settings):
        from msoko_pipeline.orchestration import postgres

        os.environ[postgres.ADDRESS] = postgres.address(settings)
    return str(home)


@contextmanager
def opened(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance, its records readable. Raises Stopped where its configuration or the database is not."""
    home = closed.folder(settings.dagster_home.absolute())
    with FileLock(home / "opening"):  # what another process begins just now looks damaged while it does
        instance = _of_postgres(settings, home) if _is_postgres(settings) else _of_files(settings, home)
    with instance:
        yield instance


def _is_postgres(settings: Settings) -> bool:
    return settings.warehouse.startswith("postgres")


def _of_files(settings: Settings, home: Path) -> dg.DagsterInstance:
    dagster_home(settings, SQLITE)
    instance = None if _is_damaged(home) else _readable(home, are_new=not any(map(Path.exists, _databases(home))))
    if instance is None:
        _put_aside(home)
        instance = dg.DagsterInstance.get()
    return instance


def _of_postgres(settings: Settings, home: Path) -> dg.DagsterInstance:
    """The instance with records in the warehouse's database; in files where its role may not make a schema."""
    from msoko_pipeline.orchestration import postgres

    with postgres.prepared(settings) as may_be_there:
        if not may_be_there:
            print(postgres.ADVICE, file=sys.stderr, flush=True)
            return _of_files(settings, home)
        dagster_home(settings, POSTGRES)
        if b"orchestration.postgres" not in (home / "dagster.yaml").read_bytes():  # somebody wants them elsewhere
            return _of_files(settings, home)
        instance = _readable(home)
        if instance is None:
            aside = postgres.put_aside(settings)
            _say_begun_anew(f"отложены в схему {aside} базы витрин")
            instance = dg.DagsterInstance.get()
    return instance


def _databases(home: Path) -> list[Path]:
    return [home / name for name in DATABASES]


def _is_damaged(home: Path) -> bool:
    return any(place.exists() and fault(place) for place in _databases(home))


def _readable(home: Path, *, are_new: bool = False) -> dg.DagsterInstance | None:
    """The instance, where its records are of this version or can be brought to it; those begun just now are."""
    from dagster._core.errors import DagsterInvalidConfigError
    from yaml import YAMLError

    try:
        instance = dg.DagsterInstance.get()
    except (DagsterInvalidConfigError, YAMLError, UnicodeDecodeError) as error:
        raise Stopped(
            f"Настройки Dagster «{home / 'dagster.yaml'}» не читаются. Исправьте этот файл или удалите: он будет "
            "записан заново"
        ) from error
    except Exception as error:
        _raise_if_sound(error)
        return None
    if are_new:
        return instance
    try:
        _look(instance)
    except Exception as error:
        instance.dispose()
        _raise_if_sound(error)
        return None
    return instance


def _raise_if_sound(error: Exception) -> None:
    """Raise what does not come from the records: a full disk, another writer, a server that has gone."""
    if any(type(each).__module__ == "psycopg2" and type(each).__name__ == "OperationalError" for each in chain(error)):
        raise Stopped(
            "База витрин перестала отвечать, пока открывались записи Dagster. Проверьте сервер и запустите снова"
        ) from error
    if is_of_machine(error) or "locked" in str(error) or isinstance(error, Stopped):
        raise error


def _look(instance: dg.DagsterInstance) -> None:
    """Ask every storage for something, brought to our version before. Raises whatever the storages raise."""
    storages = (instance.run_storage, instance.event_log_storage, instance.schedule_storage)
    versions = [storage.alembic_version() for storage in storages if storage is not None]
    if any(version and version[0] is not None and version[0] != version[1] for version in versions):
        with redirect_stderr(StringIO()), redirect_stdout(StringIO()):  # it reports every database
            instance.upgrade()
    instance.get_run_records(limit=1)
    instance.get_dynamic_partitions("year")
    instance.all_instigator_state()
    instance.get_asset_keys(limit=1)
    instance.event_log_storage.get_maximum_record_id()


def _put_aside(home: Path) -> None:
    aside = home / f"damaged-{datetime.now():%Y%m%d-%H%M%S-%f}"
    aside.mkdir()
    for name in RECORDS:
        if (home / name).exists():
            (home / name).rename(aside / name)
    _say_begun_anew(f"отложены в «{aside}»")


def _say_begun_anew(where: str) -> None:
    print(
        f"Записи Dagster о прежних запусках не читаются. Они {where} и начаты заново; на принятые файлы и "
        "показатели это не влияет.",
        file=sys.stderr,
        flush=True,
    )
