"""The console program as a whole: text is UTF-8 whatever the locale says, a trouble is one sentence."""

from __future__ import annotations

import os
import sys
from typing import Any

import click


class Program(click.Group):
    """The group of commands. What stops one is said in Russian, and the exit status is 1."""

    def main(self, *arguments: Any, **more: Any) -> Any:
        speak_utf8()
        return super().main(*arguments, **more)

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except Exception as error:
            from msoko_pipeline.trouble import in_words

            words = in_words(error)
            if words is None:
                raise
            raise Trouble(words) from None


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
