"""The console script `msoko`: what people type. Heavy libraries are imported inside the commands that need them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

import msoko_pipeline.garbage  # noqa: F401
from msoko_pipeline import __version__
from msoko_pipeline.console import Program, progress_shown

PUBLISHED, FAILED, WRONG_USE, REFUSED = 0, 1, 2, 3
MESSAGES, NOTES = 200, 12  # of one file, in `check`


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
    from msoko_pipeline.intake import PRELOADED
    from msoko_pipeline.reading import pool

    pool.warm(*PRELOADED)
    settings = _settings(inbox_dir=inbox, home=home, warehouse_url=warehouse)
    from msoko_pipeline import usage
    from msoko_pipeline.home.lock import holding

    usage.years_possible(years)
    usage.writable(settings)
    usage.inbox(settings, named=settings.inbox_dir is not None)
    with holding(settings, "msoko run"):
        sys.exit(_run(settings, years))


def _say_nothing_new(settings: Any) -> None:
    from msoko_pipeline.home.ledger import ledger_of

    if ledger_of(settings).files():
        click.echo("Нового в папке приёма нет: опубликованное соответствует принятым файлам.")
    else:
        click.echo(f"Папка приёма «{settings.inbox}» пуста: положите в неё файлы и запустите снова.")


def _end_killed_runs(settings: Any) -> None:
    """A run that was killed once it had published leaves nothing to do but its record in Dagster."""
    if settings.dagster_processes.is_dir() and any(settings.dagster_processes.iterdir()):
        from msoko_pipeline.orchestration.home import opened
        from msoko_pipeline.orchestration.stale import end_stale

        with opened(settings) as instance:
            end_stale(instance)


def _run(settings: Any, years: tuple[int, ...]) -> int:
    """The main job on a home that is ours alone meanwhile; returns the exit status."""
    from msoko_pipeline import file_words, summary, usage
    from msoko_pipeline.home import places, pseudonyms
    from msoko_pipeline.home.ledger import ledger_of
    from msoko_pipeline.intake import freshness
    from msoko_pipeline.intake import steps as intake
    from msoko_pipeline.intake.restoring import check_archive
    from msoko_pipeline.publishing.publish import last_inputs

    places.check(settings)
    ledger_of(settings).check()
    pseudonyms.key(settings)
    damaged = check_archive(settings)
    waiting = freshness.stale(settings, last_inputs(settings))
    acts_before, before = len(ledger_of(settings).acts()), file_words.states(ledger_of(settings).files())
    pending = intake.pending(settings)
    if pending or any(not years or year in years for year in waiting):
        from msoko_pipeline.definitions import build_definitions
        from msoko_pipeline.orchestration.drive import drive

        with progress_shown() as progress:
            failures = drive(build_definitions(settings, progress), settings, years)
        if failures:
            summary.say_failures(settings, failures, before)
            return FAILED
    else:
        _end_killed_runs(settings)
        _say_nothing_new(settings)
    is_all_taken = summary.summarise(settings, before)
    summary.say_restored(settings, acts_before)
    summary.say_damaged(settings, damaged)
    if missing := usage.years_missing(years, freshness.inputs(settings)):
        click.secho(missing, fg="red", err=True)
        return WRONG_USE
    return PUBLISHED if is_all_taken else REFUSED


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
@click.option("--years", default=3, show_default=True, type=click.IntRange(1, 7), help="сколько лет, по 2026")
@click.option("--seed", default=2026, show_default=True, help="число генератора: с тем же числом файлы те же")
@click.option("--region", is_flag=True, help="выгрузки ВПР 2020–2022 целого региона в том виде, как их присылают")
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
    from msoko_pipeline.reading.kept import visible
    from msoko_pipeline.senders.rehearsal import rehearsed
    from msoko_pipeline.senders.returned import taken_in_here

    settings = _settings()
    kept = taken_in_here(folder, (settings.inbox, settings.home)) if folder else None
    if kept is not None:
        raise click.UsageError(f"папка «{folder}» лежит в «{kept}», откуда файлы принимаются: выберите другую")
    has_findings = False
    for path, verdicts in zip(files, rehearsed(files, settings), strict=True):
        if not verdicts:
            click.echo(f"{visible(path.name)}: не принимается — это временный или скрытый файл, а не то, что присылают")
        for verdict in verdicts:
            _say_verdict(verdict)
            if folder is not None:
                source = path if verdict.openable and len(verdicts) == 1 else None
                click.echo(f"  {_return(source, Path(verdict.name).name, verdict, folder, settings)}")
            has_findings |= bool(verdict.messages)
    sys.exit(REFUSED if has_findings else PUBLISHED)


def _say_verdict(verdict: Any) -> None:
    click.secho(f"{verdict.name}: {verdict.title}", bold=True)
    for message in verdict.messages[:MESSAGES]:
        click.echo(f"  {message}")
    if len(verdict.messages) > MESSAGES:
        click.echo(f"  … и ещё замечаний: {len(verdict.messages) - MESSAGES}; все — в книге --return")
    for note in verdict.notes[:NOTES]:
        click.echo(f"  К сведению. {note}")


def _return(source: Path | None, name: str, verdict: Any, folder: Path, settings: Any) -> str:
    """Write the return workbook of a file that has something to mend; what was done, in words."""
    from msoko_pipeline.senders.returned import returned_name, write_returned

    if not verdict.marks:
        return "замечаний нет, возвращать нечего"
    target = returned_name(folder, name)
    try:
        marked = write_returned(source, verdict.marks, target, settings.reader_memory_mb, settings.reader_seconds)
    except OSError as error:
        raise click.ClickException(f"не удалось записать книгу «{target}»: {error.strerror}") from error
    return f"с отметками: {target}" if marked else f"один лист «Что исправить», без ячеек файла: {target}"


@main.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--school", metavar="ЛОГИН", help="одна книга со всеми формами этой школы или детского сада")
@click.option("--year", type=click.IntRange(2015, 2100), help="отчётный год в книге (без него — нынешний учебный)")
def templates(directory: Path, school: str | None, year: int | None) -> None:
    """Записать пустые формы сбора (xlsx, со списками и листом «Как заполнять») для видов без федеральной формы.

    С --school — одну книгу: лист на форму, год и организация подставляются сами.
    """
    from datetime import date

    from msoko_pipeline.senders.empty_forms import write_forms, write_workbook
    from msoko_pipeline.text.years import year_of_day
    from schemas.catalogue import school_year_days

    if school is None:
        for path in write_forms(directory):
            click.echo(path)
        return
    now = year_of_day(date.today(), school_year_days()["from"])
    try:
        click.echo(write_workbook(directory, school.strip().lower(), year or now))
    except LookupError as error:
        raise click.UsageError(str(error)) from error


@main.command()
@_home
@click.option("--json", "as_json", is_flag=True, help="вывести JSON")
@click.option("--year", "years", multiple=True, type=int, help="только файлы этого года; можно повторить")
@click.option("--kind", "kinds", multiple=True, help="только файлы этого вида (recommendation); можно повторить")
@click.option("--school", default=None, metavar="ЛОГИН", help="только файлы, строки которых называют эту организацию")
@click.option("--refused", "is_refused", is_flag=True, help="только файлы, принятые не целиком или вовсе не принятые")
def status(
    home: Path | None, as_json: bool, years: tuple[int, ...], kinds: tuple[str, ...], school: str | None,
    is_refused: bool,
) -> None:  # fmt: skip
    """Что в реестре: файлы, вид, год, строки, отказы; последняя публикация."""
    from msoko_pipeline import file_words
    from msoko_pipeline.home.ledger import ledger_of
    from msoko_pipeline.intake.acceptance import WITH_REMARK, is_accepted
    from msoko_pipeline.publishing.publish import last_publication
    from schemas.catalogue import titles

    settings = _settings(home=home)
    is_used = settings.ledger.exists()  # looking must not make a home
    if kinds:
        _refuse_unknown(kinds)
    every = ledger_of(settings).files() if is_used else []
    login = school.strip().lower() if school else None
    entries = [
        entry
        for entry in every
        if (not years or entry.years & {*years} or entry.year in years)
        and (not kinds or entry.kind in kinds)
        and (login is None or login in entry.schools)
        and (not is_refused or entry.status in WITH_REMARK)
    ]
    last = last_publication(settings)
    remarks = ledger_of(settings).accepted_remarks() if is_used else {}
    if as_json:
        shown = ("sha256", "name", "kind", "layout", "year", "subject", "grade", "status", "rows_read", "rows_accepted",
                 "rows_quarantined", "rows_waiting", "received_at", "superseded_by", "message_ru")  # fmt: skip
        files = [
            {name: getattr(e, name) for name in shown} | {"remark_accepted": is_accepted(e, remarks)} for e in entries
        ]
        document = {"files": files, "last_publication": last}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    states = titles("file_status")
    questions, names = _questions(settings, entries), {entry.sha256: entry.name for entry in every}
    for entry in entries:
        work = " ".join(str(part) for part in (entry.kind, entry.year, entry.subject, entry.grade) if part)
        waits = f"; ждут ответа: {entry.rows_waiting}" if entry.rows_waiting else ""
        rows = f"{entry.rows_accepted:>7}+{entry.rows_quarantined:<5}"
        click.echo(f"{entry.sha256[:12]}  {states[entry.status]:<18} {rows} {work:<28} {entry.name}{waits}")
        if entry.message_ru:
            accepted = " (замечание принято)" if is_accepted(entry, remarks) else ""
            click.echo(f"              {entry.message_ru}{accepted}")
        if entry.status == "superseded":
            click.echo(f"              заменён файлом «{names.get(entry.superseded_by or '', '')}»")
        if entry.rows_waiting and (messages := questions.get(entry.sha256)):
            more = f" (и ещё вопросов: {len(messages) - 1})" if len(messages) > 1 else ""
            click.echo(f"              {file_words.in_short(entry, messages[0])}{more}")
    if not is_used:
        click.echo(f"В папке состояния «{settings.home}» ещё ничего не принято; если папка другая, укажите её: --home")
    of_all = "" if len(entries) == len(every) else f" из {len(every)}"
    in_states = f" В том числе {file_words.counted(entries, always=())}." if entries else ""
    published = last["published_at"] if last else "не было"
    click.echo(f"Файлов: {len(entries)}{of_all}.{in_states} Последняя публикация: {published}")


def _questions(settings: Any, entries: Iterable[Any]) -> dict[str, list[str]]:
    """What is asked about the files of which rows wait."""
    if not any(entry.rows_waiting for entry in entries):
        return {}
    from msoko_pipeline.issues.questions import about_waiting

    return about_waiting(settings)


def _refuse_unknown(kinds: Iterable[str]) -> None:
    from schemas.kinds import KINDS

    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise click.UsageError(f"вида «{unknown[0]}» нет; виды перечислены в docs/files.md")


def _of_used_home(home: Path | None) -> Any:
    """The settings of a home that is there. Raises UsageError."""
    settings = _settings(home=home)
    if not settings.home.exists():
        raise click.UsageError(f"в папке состояния «{settings.home}» ничего не принято: укажите другую, --home.")
    return settings


@main.command()
@click.argument("sha256")
@_home
@click.option("--undo", "is_undone", is_flag=True, help="вернуть изъятый файл")
def withdraw(sha256: str, home: Path | None, is_undone: bool) -> None:
    """Изъять ошибочно присланный файл из фактов (архив его хранит); следующий run опубликует без него."""
    from msoko_pipeline.home.lock import holding
    from msoko_pipeline.intake import steps as intake

    settings = _of_used_home(home)
    try:
        with holding(settings, "msoko withdraw"):
            entry = (intake.readmit if is_undone else intake.withdraw)(settings, sha256)
    except LookupError as error:
        raise click.UsageError(str(error)) from error
    done, way = ("возвращён", "с ним") if is_undone else ("изъят", "без него")
    click.echo(f"Файл «{entry.name}» {done}. Чтобы опубликовать {way}: msoko run")


@main.command()
@click.argument("directory", required=False, type=click.Path(file_okay=False, path_type=Path))
@_home
@click.option("--year", type=int, help="отчётный год (без него — последний опубликованный)")
def remind(directory: Path | None, home: Path | None, year: int | None) -> None:
    """Кто не прислал того, что положено по календарю; с папкой — текст напоминания на каждую организацию."""
    from msoko_pipeline.senders.reminders import last_year, reminders, write_reminders

    settings = _settings(home=home)
    chosen = year or last_year(settings)
    if chosen is None:
        click.echo("Ещё ничего не опубликовано, напоминать не о чем: msoko run")
        return
    lacking = reminders(settings, chosen)
    for each in lacking:
        waits = f"; ждём ещё: {len(each.due)}" if each.due else ""
        click.echo(f"{each.org_id}  {each.name}: не прислано в срок работ: {len(each.late)}{waits}")
    click.echo(f"{chosen} год: напомнить {len(lacking)} организациям" if lacking else f"{chosen} год: прислано всё")
    if directory is not None:
        written = write_reminders(settings, lacking, directory)
        click.echo(f"Тексты: {len(written)} → {directory}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@_home
def backup(file: Path, home: Path | None) -> None:
    """Записать в один файл всё, что нельзя построить заново: принятые файлы, реестр, ключ, журнал публикаций.

    В файле ключ и данные школ: храните его, как их. Код выхода: 0 — в нём всё; 3 — не всё, сказано, чего нет.
    """
    from msoko_pipeline.backup import outcome

    with progress_shown() as progress:
        sys.exit(PUBLISHED if outcome.back_up(_settings(home=home), file, progress) else REFUSED)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_home
def restore(file: Path, home: Path | None) -> None:
    """Восстановить пустую папку состояния из файла, который записала backup; следующий run построит остальное."""
    from msoko_pipeline.backup import outcome

    with progress_shown() as progress:
        outcome.restore(_settings(home=home), file, progress)


@main.command()
@click.argument("sha256")
@_home
@click.option("--undo", "is_undone", is_flag=True, help="снова считать замечание непринятым")
def accept(sha256: str, home: Path | None, is_undone: bool) -> None:
    """Принять замечание к файлу: он останется как есть, и проверки в веб-интерфейсе больше о нём не напоминают.

    На публикацию и на код выхода msoko run это не влияет. Изменится замечание или придёт исправленный файл — принимать
    нужно заново.
    """
    from msoko_pipeline.home.lock import holding
    from msoko_pipeline.intake import acceptance

    settings = _of_used_home(home)
    try:
        with holding(settings, "msoko accept"):
            from msoko_pipeline.orchestration.remarks import judge_again

            entry = (acceptance.take_back if is_undone else acceptance.accept)(settings, sha256)
            judge_again(settings, entry)
    except LookupError as error:
        raise click.UsageError(str(error)) from error
    if is_undone:
        click.echo(f"Замечание к файлу «{entry.name}» больше не считается принятым.")
    else:
        click.echo(f"Замечание к файлу «{entry.name}» принято. Вернуть: msoko accept {entry.sha256[:12]} --undo")


@main.command()
@_home
@click.option("--port", default=3000, show_default=True, help="порт на 127.0.0.1")
@click.option("--read-only", "is_read_only", is_flag=True, help="только смотреть: запускать и менять нельзя")
@click.option("--only", type=click.Choice(["webserver", "daemon"]), help="только интерфейс или только служба")
def ui(home: Path | None, port: int, is_read_only: bool, only: str | None) -> None:
    """Веб-интерфейс Dagster и его служба на 127.0.0.1; чужие страницы и имена узлов к нему не допускаются.

    Для работы по сети нужен прокси с паролем: docs/operations.md.
    """
    import os

    from msoko_pipeline.orchestration.serve import serve

    settings = _settings(home=home)
    os.environ["MSOKO_HOME"] = str(settings.home.absolute())
    sys.exit(serve(settings, port, is_read_only=is_read_only, only=only))


if __name__ == "__main__":
    main()
