"""What `msoko backup` and `msoko restore` say: what is in the file, what is not, what to do next."""

from __future__ import annotations

from pathlib import Path

import click

from msoko_pipeline.backup import commands
from msoko_pipeline.home.lock import holding
from msoko_pipeline.home.pseudonyms import VARIABLE
from msoko_pipeline.intake.steps import Progress
from msoko_pipeline.settings import Settings
from msoko_pipeline.text.signs import visible
from msoko_pipeline.trouble import Stopped, why

SHOWN = 12  # names of a list


def back_up(settings: Settings, target: Path, progress: Progress) -> bool:
    """Write a backup and say what is in it; returns whether that is everything. Raises Stopped."""
    if not settings.home.is_dir():
        raise Stopped("Папки состояния нет, сохранять нечего. Если она другая, укажите её: --home")
    with holding(settings, "msoko backup"):
        try:
            made = commands.back_up(settings, target, progress)
        except OSError as error:
            raise Stopped(f"Копия «{target.name}» не записана: {why(error)}. Прежняя, если была, осталась") from error
    click.echo(f"Записано «{target.name}»: принятых файлов {made.files}, {made.size / 1e6:.1f} МБ")
    if not made.has_key:
        click.echo(f"Ключ псевдонимов задан в {VARIABLE} и в копию не входит: сохраните его отдельно.")
    if not made.has_history:
        click.echo("Журнал публикаций в копию не вошёл: хранилище витрин не читается. Почему — скажет msoko status.")
    if made.lost:
        click.echo(f"В архиве пропали или испорчены принятые файлы: {len(made.lost)}; в копии их нет. Проверьте диск и "
                   "положите их в папку приёма ещё раз:")  # fmt: skip
        for name in made.lost[:SHOWN]:
            click.echo(f"  {visible(name)}")
        if len(made.lost) > SHOWN:
            click.echo(f"  … и ещё {len(made.lost) - SHOWN}")
    return made.is_whole


def restore(settings: Settings, source: Path, progress: Progress) -> None:
    """Make a home of a backup and say what to do next. Raises Stopped."""
    with holding(settings, "msoko restore"):
        restored = commands.restore(settings, source, progress)
    click.echo(f"Восстановлено из «{source.name}» ({restored.made_at.astimezone():%d.%m.%Y %H:%M}): принятых файлов "
               f"{restored.files}. Теперь запустите msoko run: он построит остальное и опубликует витрины")  # fmt: skip
    if not restored.has_key:
        click.echo(f"Ключа псевдонимов в копии нет: задайте прежний в {VARIABLE}.")
    for variable, then in restored.differing:
        click.echo(f"Настройка {variable} другая; при копировании было «{visible(then)}».")
