"""The console program as a whole: text is UTF-8 whatever the locale says, a trouble is one sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from msoko_pipeline.text import linear as re
from msoko_pipeline.text.signs import visible

LONG, EVERY = 500, 100  # a step of more than LONG has a plain line for EVERY of them, another one only at its end


class Program(click.Group):
    """The group of commands. What stops one is said in Russian, and the exit status is 1."""

    def main(self, *arguments: Any, standalone_mode: bool = True, **more: Any) -> Any:
        speak_utf8()
        run: Any = super().main
        if not standalone_mode:
            return run(*arguments, standalone_mode=False, **more)
        try:
            status = run(*arguments, standalone_mode=False, **more)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.UsageError as error:
            say_wrong_use(error)
            sys.exit(error.exit_code)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("Прервано.", err=True)
            sys.exit(1)
        sys.exit(status if isinstance(status, int) else 0)

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except Exception as error:
            from msoko_pipeline.trouble import in_words

            words = in_words(error)
            if words is None:
                raise
            raise Trouble(words) from None


WORDS = (
    (r"No such command '(.+)'\.(?: Did you mean '(.+)'\?)?", "команды «{0}» нет"),
    (r"No such option '?(-[^\s']+)'?.*", "параметра {0} нет"),
    (r"Missing argument '(.+)'\.", "не названо: {0}"),
    (r"Missing option '(.+)'\.", "не назван параметр {0}"),
    (r"Option '(.+)' requires an argument\.", "у параметра {0} нет значения"),
    (r"Option '(.+)' does not take a value\.", "у параметра {0} значения не бывает"),
    (r"Got unexpected extra arguments? \((.+)\)", "лишнее: {0}"),
    (
        r"Invalid value for '(.+?)(?: / .+)?': (.+) is not in the range (.+?)<=x<=(.+)\.",
        "{0}: {1} не годится, допустимо от {2} до {3}",
    ),
    (r"Invalid value for '(.+?)(?: / .+)?': (.+) is not in the range x<=(.+)\.", "{0}: {1} не годится, не больше {2}"),
    (
        r"Invalid value for '(.+?)(?: / .+)?': '(.+)' is not a valid (?:integer|int)(?: range)?\.",
        "{0}: «{1}» — не целое число",
    ),
    (r"Invalid value for '(.+?)(?:\.\.\.)?': (?:File|Directory|Path) '(.+)' does not exist\.", "файла «{1}» нет"),
    (r"Invalid value for '(.+?)(?:\.\.\.)?': File '(.+)' is a directory\.", "«{1}» — папка, а нужен файл"),
    (r"Invalid value for '(.+?)(?:\.\.\.)?': Directory '(.+)' is a file\.", "«{1}» — файл, а нужна папка"),
    (r"Invalid value for '(.+?)(?:\.\.\.)?': (?:File|Directory|Path) '(.+)' is not readable\.", "«{1}» не прочесть"),
    (r"Invalid value for '(.+?)': (.+)", "{0}: {1}"),
)
"""How click puts what was typed wrongly → how it is said."""


def say_wrong_use(error: click.UsageError) -> None:
    """Say what was typed wrongly and where to read how it is typed."""
    message = error.format_message()
    match = next(((match, words) for sign, words in WORDS if (match := re.fullmatch(sign, message, re.DOTALL))), None)
    sentence = match[1].format(*match[0].groups()) if match else message
    click.echo(f"Ошибка: {visible(sentence).rstrip('.')}.", err=True)
    if error.ctx is not None:
        click.echo(f"Как вызывать: {error.ctx.command_path} --help", err=True)


class Trouble(click.ClickException):
    """What stopped a command, said without English words before it."""

    def show(self, file: Any = None) -> None:
        click.secho(f"Остановлено. {self.format_message()}", fg="red", err=True)


def speak_utf8() -> None:
    """Where the locale knows only ASCII (LC_ALL=POSIX), start again in Python's UTF-8 mode: names of files, output and
    child processes are Russian. Other locales keep their encoding; a letter that it lacks is replaced.
    """
    if sys.getfilesystemencoding().lower() in ("ascii", "us-ascii", "ansi_x3.4-1968") and not sys.flags.utf8_mode:
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure") and (stream.encoding or "").lower() not in ("utf-8", "utf8"):
            stream.reconfigure(errors="replace")


@contextmanager
def progress_shown() -> Iterator[Callable[[str, int, int], None]]:
    """Shows how far each step is (its name, done, of how many): a progress bar on a terminal, plain lines elsewhere."""
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
            if done == total or (total > LONG and done % EVERY == 0):
                click.echo(f"{step}: {f'{done} из {total}' if total > 1 else 'готово'}", err=True)

        yield plain
