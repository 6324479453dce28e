"""The console script `msoko`: what people type. Heavy libraries are imported inside the commands that need them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from msoko_pipeline import __version__
from msoko_pipeline.console import Program

PUBLISHED, FAILED, WRONG_USE, REFUSED = 0, 1, 2, 3
SHOWN = 12  # lines of a list in the summary
FEW = 3  # questions of a file in the summary
TOLD = 200  # messages of one file


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="msoko")
def main() -> None:
    """МСОКО: файлы школ → проверенные факты → показатели → опубликованные витрины."""


def _settings(**given: Any) -> Any:
    from msoko_pipeline import usage

    return usage.settings(**given)


_home = click.option("--home", type=click.Path(path_type=Path), help="папка состояния (MSOKO_HOME, по умолчанию ./var)")


@main.command()
@click.option("--inbox", type=click.Path(path_type=Path), help="папка приёма (MSOKO_INBOX, по умолчанию HOME/inbox)")
@_home
@click.option("--warehouse", help="адрес хранилища витрин, SQLAlchemy URL (MSOKO_WAREHOUSE)")
@click.option("--year", "years", multiple=True, type=int, help="только этот отчётный год (можно несколько раз)")
def run(inbox: Path | None, home: Path | None, warehouse: str | None, years: tuple[int, ...]) -> None:
    """Главное задание: принять всё из папки приёма, посчитать, опубликовать витрины и отчёты.

    Код выхода: 0 — опубликовано; 1 — ошибка, наполовину ничего не опубликовано; 2 — неверный вызов;
    3 — опубликовано, но часть файлов или строк не принята (в сводке сказано, что именно).
    """
    from msoko_pipeline.reading import pool

    pool.warm()
    settings = _settings(inbox_dir=inbox, home=home, warehouse_url=warehouse)
    from msoko_pipeline import usage
    from msoko_pipeline.lock import holding

    usage.years_possible(years)
    usage.writable(settings)
    usage.inbox(settings, named=settings.inbox_dir is not None)
    with holding(settings, "msoko run"):
        sys.exit(_run(settings, years))


def _run(settings: Any, years: tuple[int, ...]) -> int:
    """The main job on a home that is ours alone meanwhile; returns the exit status."""
    from msoko_pipeline import intake, places, pseudonyms, usage
    from msoko_pipeline.publishing.publish import last_inputs
    from msoko_pipeline.restoring import check_archive

    places.check(settings)
    intake.ledger_of(settings).check()
    pseudonyms.key(settings)
    damaged = check_archive(settings)
    waiting = intake.stale(settings, last_inputs(settings))
    mended = len(intake.ledger_of(settings).acts())
    pending = intake.pending(settings)
    if pending or any(not years or year in years for year in waiting):
        from msoko_pipeline.definitions import build_definitions
        from msoko_pipeline.orchestration.drive import drive

        with _progress() as progress:
            failures = drive(build_definitions(settings, progress), settings, years)
        if failures:
            _say_failures(settings, failures)
            return FAILED
    elif intake.ledger_of(settings).files():
        click.echo("Нового в папке приёма нет: опубликованное соответствует принятым файлам.")
    else:
        click.echo(f"Папка приёма «{settings.inbox}» пуста: положите в неё файлы и запустите снова.")
    status = _summary(settings)
    _say_mended(settings, mended)
    _say_damaged(settings, damaged)
    if missing := usage.years_missing(years, intake.inputs(settings)):
        click.secho(missing, fg="red", err=True)
        return WRONG_USE
    return status


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on a terminal, plain lines elsewhere."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            steps: dict[str, Any] = {}

            def show(step: str, done: int, total: int) -> None:
                if step not in steps:
                    steps[step] = bar.add_task(step, total=total)
                bar.update(steps[step], completed=done, total=total)

            yield show
    else:

        def plain(step: str, done: int, total: int) -> None:
            if done == total or done % 100 == 0:
                click.echo(f"{step}: {done} из {total}", err=True)

        yield plain


def _say_failures(settings: Any, failures: list[str]) -> None:
    click.secho("Не удалось. Опубликованное прежде не изменилось.", fg="red", err=True)
    for line in failures[:SHOWN]:
        click.echo(f"  {line}", err=True)
    click.echo(f"  Проверки витрин: {settings.quality / 'index.html'}; ход запуска: msoko ui", err=True)


def _summary(settings: Any) -> int:
    """Print what was taken in and published; returns the exit status the inbox deserves."""
    from msoko_pipeline import intake, places
    from msoko_pipeline.publishing.engine import shown
    from msoko_pipeline.publishing.publish import last_publication

    entries = {entry.sha256: entry for entry in intake.ledger_of(settings).files()}
    here = [entries[item.sha256] for item in intake.incoming(settings) if item.sha256 in entries]
    unique = {entry.sha256: entry for entry in here}.values()
    refused = [entry for entry in unique if entry.status == "refused"]
    partial = [entry for entry in unique if entry.status == "partial"]
    waiting = [entry for entry in entries.values() if entry.rows_waiting]
    accepted, held = (sum(getattr(e, name) for e in entries.values() if e.status != "withdrawn")
                      for name in ("rows_accepted", "rows_quarantined"))  # fmt: skip
    click.echo(f"\nФайлы в папке приёма: {len(here)}; принято {len(unique) - len(refused)}, отказано {len(refused)}"
               f", повторов {len(here) - len(unique)}")  # fmt: skip
    wait = sum(entry.rows_waiting for entry in waiting)
    click.echo(f"Строки: принято {accepted}, в карантине {held}"
               f"{f'; из принятых ждут ответа, в показатели не вошли: {wait}' if wait else ''}")  # fmt: skip
    for place in places.left_out(settings):
        if place.exists():
            click.echo(f"«{place}» лежит внутри папки приёма; это запись самой программы, она не принимается")
    _say_sources(entries.values())
    _say_replacements(settings)
    last = last_publication(settings)
    if last is not None:
        years = ", ".join(json.loads(last["inputs"]))
        click.echo(f"Опубликовано {last['published_at']}, в хранилище годы: {years or 'нет'}")
        for table, rows in json.loads(last["row_counts"]).items():
            click.echo(f"  {table}: {rows}")
    _say_categories(settings)
    for title, found in (("Отказано", refused), ("Приняты не целиком", partial)):
        if found:
            click.echo(f"{title}:")
            for entry in found[:SHOWN]:
                said = entry.message_ru or ""
                click.echo(f"  {said}" if said.startswith("Файл") else f"  Файл «{entry.name}»: {said}")
            if len(found) > SHOWN:
                click.echo(f"  … и ещё {len(found) - SHOWN}: msoko status")
    _say_waiting(settings, waiting)
    withheld = _say_withheld(settings, json.loads(last["inputs"]) if last is not None else ())
    click.echo(f"Где смотреть: витрины — {shown(settings.warehouse)}; замечания — таблица ops.issue (ops_issue); "
               f"проверки — {settings.quality / 'index.html'}; граф и запуски — msoko ui")  # fmt: skip
    return REFUSED if refused or partial or waiting or withheld else PUBLISHED


def _say_withheld(settings: Any, years: Iterable[str]) -> int:
    """Say how many rows of tables are withheld; returns how many."""
    from msoko_pipeline.publishing.withholding import count

    withheld = count(settings, [int(year) for year in years])
    if withheld:
        click.echo(f"Строк таблиц не опубликовано: {withheld}; какие и почему — в ops.issue (row_withheld)")
    return withheld


def _say_waiting(settings: Any, waiting: list[Any]) -> None:
    """Say which files have rows that wait, and for the answer to what."""
    if not waiting:
        return
    from msoko_pipeline.indicators.questions import about_waiting

    asked = about_waiting(settings)
    click.echo("Строки ждут ответа, о ком они (что сделать, сказано в ops.issue):")
    for entry in waiting[:SHOWN]:
        click.echo(f"  Файл «{entry.name}»: ждут {entry.rows_waiting} из {entry.rows_accepted}")
        for question in asked.get(entry.sha256, [])[:FEW]:
            click.echo(f"    {question.removeprefix(f'Файл «{entry.name}»')[2:]}")
    if len(waiting) > SHOWN:
        click.echo(f"  … и ещё {len(waiting) - SHOWN}: msoko status")


def _say_damaged(settings: Any, damaged: Sequence[Any]) -> None:
    """Say which files the archive no longer has as they came, and did not get again from the inbox in this run."""
    from msoko_pipeline.restoring import place_of

    names = [entry.name for entry in damaged if not place_of(settings, entry).exists()]
    if names:
        click.echo(f"В архиве испорчены на диске сохранённые файлы: {len(names)}. Показатели посчитаны верно, но "
                   "прочитать их заново нельзя: проверьте диск и положите их в папку приёма ещё раз:")  # fmt: skip
        for name in names[:SHOWN]:
            click.echo(f"  {name}")


def _say_mended(settings: Any, before: int) -> None:
    """Say what of the kept facts had been changed on disk and was made again in this run.

    before: how many acts the ledger had when it began.
    """
    from msoko_pipeline import intake
    from msoko_pipeline.restoring import REMOVED, RESTORED

    ledger = intake.ledger_of(settings)
    acts = ledger.acts()[before:]
    names = {entry.sha256: entry.name for entry in ledger.files()}
    restored = [names[sha256] for what, sha256 in acts if what == RESTORED and sha256 in names]
    if restored:
        click.echo(f"На диске были изменены или пропали принятые строки файлов: {len(restored)}. Они сделаны заново из "
                   "сохранённых файлов; проверьте диск и кто имеет доступ к папке состояния:")  # fmt: skip
        for name in restored[:SHOWN]:
            click.echo(f"  {name}")
    if removed := sum(what == REMOVED for what, _ in acts):
        click.echo(f"Убраны посторонние файлы из хранилища фактов: {removed}; в показателях их нет.")


def _say_sources(entries: Iterable[Any]) -> None:
    """Files and accepted rows by the source of their facts, a line a source."""
    from schemas.kinds import KINDS, SOURCES

    told = [entry for entry in entries if entry.kind in KINDS and entry.status not in ("refused", "withdrawn")]
    for source, title in SOURCES.items():
        rows = [entry.rows_accepted for entry in told if KINDS[entry.kind].source == source]
        if rows:
            click.echo(f"  {title}: файлов {len(rows)}, строк {sum(rows)}")


def _say_replacements(settings: Any) -> None:
    """What replaced what: a line per two files, and how many rows the later one leaves out."""
    from msoko_pipeline import intake

    ledger = intake.ledger_of(settings)
    names = {entry.seq: entry.name for entry in ledger.files()}
    counted: dict[tuple[int, int], list[int]] = {}
    for line in ledger.replacements():
        both = counted.setdefault((line.by_seq, line.seq), [0, 0])
        both[0] += line.rows
        both[1] += line.left_out
    if counted:
        click.echo(f"Заменено более поздними файлами строк: {sum(rows for rows, _ in counted.values())}")
    for (by, seq), (rows, left_out) in list(counted.items())[:SHOWN]:
        missing = f", из них в новом нет: {left_out}" if left_out else ""
        click.echo(f"  «{names[by]}» вместо «{names[seq]}»: {rows}{missing}")
    if len(counted) > SHOWN:
        click.echo(f"  … и ещё {len(counted) - SHOWN}: таблица ops.replacement (ops_replacement)")


CATEGORIES = {"shnor": "ШНОР", "risk_zone": "зона риска", "none": "без категории", "no_data": "нет данных"}


def _say_categories(settings: Any) -> None:
    """Schools per risk category, a line a year."""
    from msoko_pipeline.publishing.record import categories

    for year, counts in categories(settings).items():
        said = ", ".join(f"{title} {counts.get(name, 0)}" for name, title in CATEGORIES.items())
        click.echo(f"Категории школ, {year}: {said}")


def _enough(context: click.Context, parameter: click.Parameter, schools: int) -> int:
    """Raises BadParameter for a town too small for the files that a town sends."""
    from msoko_pipeline.sample.inbox import LEAST_SCHOOLS

    if schools < LEAST_SCHOOLS:
        raise click.BadParameter(
            f"{schools} не годится, школ нужно не меньше {LEAST_SCHOOLS}: две присылают формы, остальные — в отчётах"
        )
    return schools


@main.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--schools", default=12, show_default=True, type=click.IntRange(max=2000), callback=_enough,
              help="сколько школ, не меньше трёх")  # fmt: skip
@click.option("--years", default=2, show_default=True, type=click.IntRange(1, 7), help="сколько лет, по 2026")
@click.option("--seed", default=2026, show_default=True, help="зерно: то же число — те же файлы")
@click.option("--region", is_flag=True, help="выгрузки ВПР 2020–2022 целого региона, названные и заполненные как есть")
@click.option("--workbooks", default=92, show_default=True, type=click.IntRange(1, 92), help="с --region: сколько книг")
@click.option("--rows", default=1_300_000, show_default=True, type=click.IntRange(1000, 3_000_000),
              help="с --region: сколько строк во всех книгах вместе")  # fmt: skip
def sample(directory: Path, schools: int, years: int, seed: int, region: bool, workbooks: int, rows: int) -> None:
    """Записать файлы выдуманного муниципалитета (с --region — региона) в настоящих раскладках, с обычной грязью."""
    if region:
        _say_region(directory, workbooks=workbooks, rows=rows, seed=seed)
        return
    from msoko_pipeline.sample import write_sample

    written = write_sample(directory, schools=schools, years=years, seed=seed)
    click.echo(f"Записано файлов: {len(written)} → {directory}")


def _say_region(directory: Path, **size: int) -> None:
    """Write a made-up region; what is wrong in it on purpose, in words."""
    from msoko_pipeline.sample.region import write_region
    from msoko_pipeline.sample.region_dirt import FAULTS

    region = write_region(directory, **size)
    click.echo(f"Записано книг: {len(region.files)}, строк: {region.rows} → {directory}")
    click.echo("Читать как регион: MSOKO_SCOPE=region. Ошибки внесены нарочно:")
    for fault, title in FAULTS.items():
        click.echo(f"  {title}: {sum(plant.fault == fault for plant in region.plants)}")


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--return", "folder", type=click.Path(file_okay=False, path_type=Path),
              help="куда записать файлы с отмеченными ячейками и листом «Что исправить»")  # fmt: skip
def check(files: tuple[Path, ...], folder: Path | None) -> None:
    """Проверить файлы перед отправкой: узнать вид, проверить строки, сказать, что исправить. Ничего не публикует.

    Код выхода: 0 — замечаний нет; 3 — есть.
    """
    from msoko_pipeline.reporting.returned import taken_in_here
    from msoko_pipeline.validation.rehearsal import rehearsed

    settings = _settings()
    kept = taken_in_here(folder, (settings.inbox, settings.home)) if folder else None
    if kept is not None:
        raise click.UsageError(f"папка «{folder}» лежит в «{kept}», откуда файлы принимаются: выберите другую")
    found = False
    for path, verdicts in zip(files, rehearsed(files, settings), strict=True):
        if not verdicts:
            click.echo(f"{path.name}: не принимается — это временный или скрытый файл, а не то, что присылают")
        for verdict in verdicts:
            _say_verdict(verdict)
            if folder is not None:
                source = path if verdict.openable and len(verdicts) == 1 else None
                click.echo(f"  {_return(source, Path(verdict.name).name, verdict, folder, settings.reader_memory_mb)}")
            found |= bool(verdict.messages)
    sys.exit(REFUSED if found else PUBLISHED)


def _say_verdict(verdict: Any) -> None:
    click.secho(f"{verdict.name}: {verdict.title}", bold=True)
    for message in verdict.messages[:TOLD]:
        click.echo(f"  {message}")
    if len(verdict.messages) > TOLD:
        click.echo(f"  … и ещё замечаний: {len(verdict.messages) - TOLD}; все — в книге --return")
    for note in verdict.notes[:SHOWN]:
        click.echo(f"  К сведению. {note}")


def _return(source: Path | None, name: str, verdict: Any, folder: Path, memory_mb: int) -> str:
    """Write the return workbook of a file that has something to mend; what was done, in words."""
    from msoko_pipeline.reporting.returned import returned_name, write_returned

    if not verdict.marks:
        return "замечаний нет, возвращать нечего"
    target = returned_name(folder, name)
    try:
        marked = write_returned(source, verdict.marks, target, memory_mb)
    except OSError as error:
        raise click.ClickException(f"книгу «{target}» не записать: {error.strerror}") from error
    return f"с отметками: {target}" if marked else f"один лист «Что исправить», без ячеек файла: {target}"


@main.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def templates(directory: Path) -> None:
    """Записать пустые формы сбора (xlsx, со списками и листом «Как заполнять») для видов без федеральной формы."""
    from msoko_pipeline.reporting.forms import write_forms

    for path in write_forms(directory):
        click.echo(path)


@main.command()
@_home
@click.option("--json", "as_json", is_flag=True, help="вывести JSON")
def status(home: Path | None, as_json: bool) -> None:
    """Что в реестре: файлы, вид, год, строки, отказы; последняя публикация."""
    from msoko_pipeline import intake
    from msoko_pipeline.publishing.publish import last_publication

    settings = _settings(home=home)
    is_used = settings.ledger.exists()  # looking must not make a home
    entries = intake.ledger_of(settings).files() if is_used else []
    last = last_publication(settings)
    if as_json:
        shown = ("sha256", "name", "kind", "layout", "year", "subject", "grade", "status", "rows_read", "rows_accepted",
                 "rows_quarantined", "rows_waiting", "received_at", "superseded_by", "message_ru")  # fmt: skip
        told = {"files": [{name: getattr(e, name) for name in shown} for e in entries], "last_publication": last}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for entry in entries:
        work = " ".join(str(part) for part in (entry.kind, entry.year, entry.subject, entry.grade) if part)
        waits = f"; ждут ответа: {entry.rows_waiting}" if entry.rows_waiting else ""
        click.echo(f"{entry.sha256[:12]}  {entry.status:<10} {entry.rows_accepted:>7}+{entry.rows_quarantined:<5} "
                   f"{work:<28} {entry.name}{waits}")  # fmt: skip
        if entry.message_ru:
            click.echo(f"              {entry.message_ru}")
    if not is_used:
        click.echo(f"В папке состояния «{settings.home}» ещё ничего не принято; если она другая, назовите её: --home")
    click.echo(f"Файлов: {len(entries)}. Последняя публикация: {last['published_at'] if last else 'не было'}")


@main.command()
@click.argument("sha256")
@_home
def withdraw(sha256: str, home: Path | None) -> None:
    """Изъять ошибочно присланный файл из фактов (архив его хранит); следующий run опубликует без него."""
    from msoko_pipeline import intake
    from msoko_pipeline.lock import holding

    settings = _settings(home=home)
    if not settings.home.exists():
        raise click.UsageError(f"в папке состояния «{settings.home}» ничего не принято: назовите другую, --home.")
    try:
        with holding(settings, "msoko withdraw"):
            entry = intake.withdraw(settings, sha256)
    except LookupError as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"Файл «{entry.name}» изъят. Чтобы опубликовать без него: msoko run")


@main.command()
@_home
@click.option("--port", default=3000, show_default=True, help="порт на 127.0.0.1")
@click.option("--read-only", "is_read_only", is_flag=True, help="только смотреть: запускать и менять нельзя")
def ui(home: Path | None, port: int, is_read_only: bool) -> None:
    """Веб-интерфейс Dagster и его служба на 127.0.0.1; чужие страницы и имена узлов к нему не допускаются.

    Для работы по сети нужен прокси с паролем: docs/operations.md.
    """
    import os

    from msoko_pipeline.orchestration.serve import serve

    settings = _settings(home=home)
    os.environ["MSOKO_HOME"] = str(settings.home.absolute())
    sys.exit(serve(settings, port, is_read_only=is_read_only))


if __name__ == "__main__":
    main()
