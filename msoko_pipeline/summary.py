"""What `msoko run` says at its end: what was taken in, replaced and published, what is not, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from msoko_pipeline import file_words
from msoko_pipeline.file_words import TAKEN, Before
from msoko_pipeline.home.ledger import Entry, Replacement, ledger_of
from msoko_pipeline.home.places import left_out
from msoko_pipeline.intake.restoring import REMOVED, RESTORED, place_of
from msoko_pipeline.intake.steps import incoming
from msoko_pipeline.issues.questions import about_waiting
from msoko_pipeline.publishing import withholding
from msoko_pipeline.publishing.publish import last_publication
from msoko_pipeline.publishing.record import categories
from msoko_pipeline.publishing.warehouse import shown
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.kinds import KINDS, SOURCES

SHOWN = 12  # lines of a list
FEW = 3  # questions of a file


def summarise(settings: Settings, before: Before) -> bool:
    """Say what was taken in and published; returns whether all of it was.

    before: the files' states before the run; what it has not judged itself is counted, not told again.
    """
    entries = {entry.sha256: entry for entry in ledger_of(settings).files()}
    here = [entries[item.sha256] for item in incoming(settings) if item.sha256 in entries]
    unique = {entry.sha256: entry for entry in here}.values()
    refused = [entry for entry in unique if entry.status == "refused"]
    partial = [entry for entry in unique if entry.status == "partial"]
    waiting = [entry for entry in entries.values() if entry.rows_waiting]
    new = sum(entry.sha256 not in before for entry in unique)
    click.echo(f"\nФайлы в папке приёма: {len(here)}; {file_words.counted(unique)}, повторов {len(here) - len(unique)}"
               f"; новых в этом запуске {new}")  # fmt: skip
    _say_rows(settings, [*entries.values()])
    for place in left_out(settings):
        if place.exists():
            click.echo(f"«{place}» лежит внутри папки приёма; это запись самой программы, она не принимается")
    _say_replacements(settings)
    years = _say_publication(settings)
    _say_categories(settings)
    _say_files("Отказано", "Отказано раньше, лежат в папке приёма", refused, before)
    _say_files("Приняты не целиком", "Приняты не целиком раньше, лежат в папке приёма", partial, before)
    _say_waiting(settings, waiting)
    withheld = _say_withheld(settings, years)
    click.echo(f"Где смотреть: витрины — {shown(settings.warehouse)}; замечания — таблица ops.issue (ops_issue); "
               f"проверки — {settings.quality / 'index.html'}; граф и запуски — msoko ui")  # fmt: skip
    return not (refused or partial or waiting or withheld)


def _say_rows(settings: Settings, entries: Sequence[Entry]) -> None:
    """Rows that hold, of all files that ever came; by the source of their facts, a line a source."""
    taken = [entry for entry in entries if entry.status in TAKEN]
    replacements = ledger_of(settings).replacements()
    standing = file_words.standing_rows(taken, replacements)
    waiting = sum(entry.rows_waiting for entry in taken)
    click.echo(f"Строки всех принятых файлов{', без заменённых' if replacements else ''}: принято "
               f"{sum(standing.values())}, в карантине {sum(entry.rows_quarantined for entry in taken)}"
               f"{f'; из принятых ждут ответа, в показатели не вошли: {waiting}' if waiting else ''}")  # fmt: skip
    for source, title in SOURCES.items():
        if files := [entry for entry in taken if entry.kind in KINDS and KINDS[entry.kind].source == source]:
            click.echo(f"  {title}: файлов {len(files)}, строк {sum(standing[entry.seq] for entry in files)}")
    gone = [entry for entry in entries if entry.status in ("superseded", "withdrawn")]
    if gone:
        click.echo(f"  не учтены файлы: {file_words.counted(gone, always=()).removeprefix('принято 0, ')}")


def _say_replacements(settings: Settings) -> None:
    """What replaced what: a line per two files, the latest first, and how many rows the later one leaves out."""
    ledger = ledger_of(settings)
    names = {entry.seq: entry.name for entry in ledger.files()}
    replacements = ledger.replacements()
    counted: dict[tuple[int, int], list[Replacement]] = {}
    for line in replacements:
        counted.setdefault((line.by_seq, line.seq), []).append(line)
    if counted:
        click.echo(f"Заменено более поздними файлами строк: {sum(line.rows for line in replacements)}")
    for (by, seq), lines in sorted(counted.items(), reverse=True)[:SHOWN]:
        click.echo(f"  «{names[by]}» вместо «{names[seq]}»: {_replaced(lines)}")
    if len(counted) > SHOWN:
        click.echo(f"  … и ещё {len(counted) - SHOWN}: таблица ops.replacement (ops_replacement)")


def _replaced(lines: Sequence[Replacement]) -> str:
    """Rows of a file that another one replaced, and what became of them."""
    missing, same = sum(line.left_out for line in lines), sum(line.same_rows for line in lines)
    changed = sum(line.changed_rows for line in lines)
    columns = "; ".join(line.changed_columns for line in lines if line.changed_columns)
    parts = [f"в новом нет: {missing}"] * bool(missing) + [f"без изменений: {same}"] * bool(same)
    parts += [f"изменены: {changed} ({columns})"] * bool(changed)
    return f"{sum(line.rows for line in lines)}{', из них ' if parts else ''}{', '.join(parts)}"


def _say_publication(settings: Settings) -> list[int]:
    """When the marts were last published, and their rows; returns the years that they have."""
    last = last_publication(settings)
    if last is None:
        return []
    years: list[str] = list(json.loads(last["inputs"]))
    click.echo(f"Опубликовано {last['published_at']}, в хранилище годы: {', '.join(years) or 'нет'}")
    for line in (last.get("notes") or "").splitlines():
        click.echo(f"  {line}")
    for table, rows in json.loads(last["row_counts"]).items():
        click.echo(f"  {table}: {rows}")
    return [int(year) for year in years]


def _say_categories(settings: Settings) -> None:
    """Schools per risk category, a line a year."""
    for year, counts in categories(settings).items():
        counted = ", ".join(f"{title} {counts.get(name, 0)}" for name, title in catalogue.titles("category").items())
        click.echo(f"Категории школ, {year}: {counted}")


def _say_files(title: str, title_of_old: str, entries: Sequence[Entry], before: Before) -> None:
    """Files of one fate: those of this run with what was said of each, the number of the others."""
    new = file_words.of_this_run(entries, before)
    if new:
        click.echo(f"{title}:")
    for entry in new[:SHOWN]:
        message = entry.message_ru or ""
        click.echo(f"  {message}" if message.startswith("Файл") else f"  Файл «{entry.name}»: {message}")
    _say_more(new, "msoko status --refused")
    if len(new) < len(entries):
        click.echo(f"{title_of_old}: {len(entries) - len(new)} — msoko status --refused")


def _say_more(entries: Sequence[Entry], where: str) -> None:
    if len(entries) > SHOWN:
        click.echo(f"  … и ещё {len(entries) - SHOWN}: {where}")


def _say_waiting(settings: Settings, waiting: Sequence[Entry]) -> None:
    """Say which files have rows that wait, and for the answer to what."""
    if not waiting:
        return
    questions = about_waiting(settings)
    click.echo("Строки ждут ответа, о ком они (что сделать, сказано в ops.issue):")
    for entry in waiting[:SHOWN]:
        click.echo(f"  Файл «{entry.name}»: ждут {entry.rows_waiting} из {entry.rows_accepted}")
        asked_of_file = questions.get(entry.sha256, [])
        for message in asked_of_file[:FEW]:
            click.echo(f"    {file_words.question(entry, message)}")
        if len(asked_of_file) > FEW:
            click.echo(f"    … и ещё вопросов: {len(asked_of_file) - FEW}")
    _say_more(waiting, "msoko status")


def _say_withheld(settings: Settings, years: Sequence[int]) -> int:
    """Say how many rows of tables are withheld; returns how many."""
    withheld = withholding.count(settings, years)
    if withheld:
        click.echo(f"Строк таблиц не опубликовано: {withheld}; какие и почему — в ops.issue (row_withheld)")
    return withheld


def say_restored(settings: Settings, acts_before: int) -> None:
    """Say what of the kept facts had been changed on disk and was made again in this run.

    acts_before: how many acts the ledger had when it began.
    """
    ledger = ledger_of(settings)
    acts = ledger.acts()[acts_before:]
    names = {entry.sha256: entry.name for entry in ledger.files()}
    restored = [names[sha256] for what, sha256 in acts if what == RESTORED and sha256 in names]
    if restored:
        click.echo(f"На диске были изменены или пропали принятые строки файлов: {len(restored)}. Они сделаны заново из "
                   "сохранённых файлов; проверьте диск и кто имеет доступ к папке состояния:")  # fmt: skip
        for name in restored[:SHOWN]:
            click.echo(f"  {name}")
    if removed := sum(what == REMOVED for what, _ in acts):
        click.echo(f"Убраны посторонние файлы из хранилища фактов: {removed}; в показателях их нет.")


def say_damaged(settings: Settings, damaged: Sequence[Entry]) -> None:
    """Say which files the archive no longer has as they came, and did not get again from the inbox in this run."""
    names = [entry.name for entry in damaged if not place_of(settings, entry).exists()]
    if names:
        click.echo(f"В архиве испорчены на диске сохранённые файлы: {len(names)}. Показатели посчитаны верно, но "
                   "прочитать их заново нельзя: проверьте диск и положите их в папку приёма ещё раз:")  # fmt: skip
        for name in names[:SHOWN]:
            click.echo(f"  {name}")


def say_failures(settings: Settings, failures: Sequence[str], before: Before) -> None:
    """Say what stopped a run, and which files it has refused: the next one will only count them. before: `summarise`"""
    click.secho("Не удалось. Опубликованное прежде не изменилось.", fg="red", err=True)
    for line in failures[:SHOWN]:
        click.echo(f"  {line}", err=True)
    click.echo(f"  Проверки витрин: {settings.quality / 'index.html'}; ход запуска: msoko ui", err=True)
    judged = file_words.of_this_run(ledger_of(settings).files(), before)
    _say_files("Отказано", "", [entry for entry in judged if entry.status == "refused"], before)
    _say_files("Приняты не целиком", "", [entry for entry in judged if entry.status == "partial"], before)
