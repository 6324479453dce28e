"""The home of the Dagster instance: its configuration, and its records, which nothing of ours depends on.

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

from msoko_pipeline.home.databases import fault
from msoko_pipeline.settings import Settings
from msoko_pipeline.trouble import Stopped, is_of_machine

FORMER = {
    "c573fffc75a19c1c6bca260519e24daf00401a70764ca6d193154a6f183a3b06",
    "af0029dc6ee7cb25b608ff0513e83356ef49a4b5c5b035301fabb0f1921e64e1",
    "ab72b0de2e0f02a37bf68356aee3b0a325804095de6052d4ae4fb3408a077014",
}
"""SHA-256 of the configurations that earlier versions have written: an unchanged one is replaced by today's."""
RECORDS = ("history", "schedules", "storage")
DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")


def template() -> str:
    return resources.files("msoko_pipeline.orchestration").joinpath("dagster.yaml").read_text(encoding="utf-8")


def dagster_home(settings: Settings) -> str:
    """The folder of the Dagster instance, its configuration written on first use and kept up to date until somebody
    changes it."""
    home = settings.dagster_home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    target = home / "dagster.yaml"
    if not target.exists() or not (kept := target.read_bytes()).strip() or hashlib.sha256(kept).hexdigest() in FORMER:
        partial = target.with_suffix(".tmp")
        partial.write_text(template(), encoding="utf-8")
        partial.replace(target)
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    return str(home)


@contextmanager
def opened(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance, its records readable. Raises Stopped where its configuration is not."""
    home = Path(dagster_home(settings))
    with FileLock(home / "opening"):  # what another process begins just now looks damaged while it does
        instance = None if _is_damaged(home) else _readable(home)
        if instance is None:
            _put_aside(home)
            instance = dg.DagsterInstance.get()
    with instance:
        yield instance


def _is_damaged(home: Path) -> bool:
    return any((home / name).exists() and fault(home / name) for name in DATABASES)


def _readable(home: Path) -> dg.DagsterInstance | None:
    """The instance, where its records are of this version or can be brought to it; those begun just now are."""
    from dagster._core.errors import DagsterInvalidConfigError
    from yaml import YAMLError

    are_new = not any((home / name).exists() for name in DATABASES)
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
    """Raise what does not come from the records: a full disk, another writer."""
    if is_of_machine(error) or "locked" in str(error):
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
    print(
        f"Записи Dagster о прежних запусках не читаются. Они отложены в «{aside}» и начаты заново; на принятые файлы и "
        "показатели это не влияет.",
        file=sys.stderr,
        flush=True,
    )
