"""What was asked of the program wrongly, in Russian: settings, folders, years. Nothing heavy is imported here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from msoko_pipeline.settings import Settings, names, variable
from msoko_pipeline.trouble import Stopped, why

PREFIX = "MSOKO_"
WORDS = {
    "literal_error": "нужно одно из: {expected}",
    "int_parsing": "нужно целое число",
    "date_parsing": "нужен день вида ГГГГ-ММ-ДД",
    "date_from_datetime_parsing": "нужен день вида ГГГГ-ММ-ДД",
    "int_from_float": "нужно целое число",
    "greater_than_equal": "нужно не меньше {ge}",
    "less_than_equal": "нужно не больше {le}",
    "bool_parsing": "нужно 1 или 0",
    "value_error": "{error}",
}
"""What pydantic finds → what is said."""
SECRET = ("MSOKO_PSEUDONYM_KEY", "MSOKO_WAREHOUSE", "MSOKO_SMTP", "MSOKO_WEBHOOK")
"""Settings whose value is never repeated: a key, or an address that may hold a password."""


def settings(**given: Any) -> Settings:
    """The settings from the environment, `.env` and what was given. Raises UsageError for an unknown or wrong one."""
    from pydantic import ValidationError

    _refuse_unknown({**_of_file(Path(".env")), **os.environ})
    try:
        chosen = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise click.UsageError("; ".join(_wrong(each) for each in error.errors()) + ".") from None
    if chosen.home.exists() and not chosen.home.is_dir():
        raise click.UsageError(f"папка состояния «{chosen.home}» — это файл, а нужна папка: --home или MSOKO_HOME.")
    return chosen


def _of_file(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    return dotenv_values(path)


def _refuse_unknown(environment: Iterable[str]) -> None:
    declared = names()
    unknown = sorted(name for name in environment if name.upper().startswith(PREFIX) and name.upper() not in declared)
    if unknown:
        raise click.UsageError(" ".join(_unknown(name, declared) for name in unknown))


def _unknown(name: str, declared: Iterable[str]) -> str:
    from difflib import get_close_matches

    ends = {other.removeprefix(PREFIX): other for other in sorted(declared)}
    near = get_close_matches(name.upper().removeprefix(PREFIX), list(ends), n=1, cutoff=0.6)
    hint = f"похожа {ends[near[0]]}" if near else f"есть: {', '.join(ends.values())}"
    return f"Настройки {name} нет; {hint}."


def _wrong(error: Mapping[str, Any]) -> str:
    """One wrong value: `MSOKO_SCOPE: «town» не годится, нужно одно из: 'municipality' or 'region'`."""
    name = variable(str(error["loc"][0]))
    details = {key: str(value).replace(" or ", ", ").replace("'", "") for key, value in error.get("ctx", {}).items()}
    words = WORDS.get(error["type"], "значение другого вида").format_map(details)
    shown = "" if name in SECRET else f"«{error.get('input')}» "
    return f"{name}: {shown}не годится, {words}"


def inbox(settings: Settings, *, named: bool) -> None:
    """See that there is an inbox. named: somebody has named it, so it must be there; else an empty one is made."""
    if settings.inbox.is_dir():
        return
    if settings.inbox.exists():
        raise click.UsageError(f"папка приёма «{settings.inbox}» — это файл, а нужна папка: --inbox или MSOKO_INBOX.")
    if named:
        raise click.UsageError(f"папки приёма «{settings.inbox}» нет: проверьте --inbox или MSOKO_INBOX.")
    made(settings.inbox, "папку приёма")


def writable(settings: Settings) -> None:
    """See that the home, and the folder of an embedded warehouse, can be written. Raises Stopped."""
    made(settings.home, "папку состояния")
    trial = settings.home / f".trial-{os.getpid()}"
    try:
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise Stopped(f"В папку состояния «{settings.home}» не записать: {why(error)}") from None
    if settings.warehouse.startswith("sqlite") and (file := settings.warehouse.partition(":///")[2]):
        if Path(file).is_dir():
            raise click.UsageError(f"хранилище «{file}» — это папка, а нужен файл: --warehouse или MSOKO_WAREHOUSE.")
        made(Path(file).parent, "папку хранилища витрин")


def made(folder: Path, what: str) -> None:
    """Make a folder where there is none. Raises Stopped."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stopped(f"Не создать {what} «{folder}»: {why(error)}") from None


def years_possible(years: Iterable[int]) -> None:
    """Raises UsageError for a year that no file can be of."""
    from msoko_pipeline.issues.refusals import Refusal
    from msoko_pipeline.reading.procedures.work import check_year

    for year in years:
        try:
            check_year(year)
        except Refusal:
            raise click.UsageError(f"--year {year}: такого отчётного года быть не может.") from None


def years_missing(years: Iterable[int], present: Iterable[int]) -> str | None:
    """What to say of the years asked that no accepted file is of; None where all are there."""
    missing = sorted(set(years) - set(present))
    if not missing:
        return None
    there = ", ".join(map(str, sorted(present))) or "нет ни одного"
    return f"Принятых файлов за {', '.join(map(str, missing))} год нет. Годы, о которых файлы есть: {there}."
