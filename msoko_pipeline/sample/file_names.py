"""How people name the files of a region: subjects in every grammatical case, grade and year in every order and place.

Each spelling names one work and no other: year, subject and grade stand in the file's name or in its folders.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from msoko_pipeline.sample.works import Work

CASES = {  # code → genitive, dative, accusative
    "RU": ("русского языка", "русскому языку", "русский язык"),
    "MA": ("математики", "математике", "математику"),
    "OM": ("окружающего мира", "окружающему миру", "окружающий мир"),
    "BI": ("биологии", "биологии", "биологию"),
    "IS": ("истории", "истории", "историю"),
    "GG": ("географии", "географии", "географию"),
    "OB": ("обществознания", "обществознанию", "обществознание"),
    "FI": ("физики", "физике", "физику"),
    "HI": ("химии", "химии", "химию"),
    "EN": ("английского языка", "английскому языку", "английский язык"),
    "DE": ("немецкого языка", "немецкому языку", "немецкий язык"),
    "FR": ("французского языка", "французскому языку", "французский язык"),
}
PATTERNS = (
    "Проведение работы по {dative}, {grade} класс. ВПР {year}",
    "{year}/{grade} класс/{title}",
    "ВПР {year} {grade} класс по {dative}",
    "{Dative}, {grade} класс, {year} год (протокол)",
    "{year}/по {dative} {grade}кл",
    "Результаты ВПР-{year} по {dative} в {grade}-х классах",
    "{title}_{grade}_класс_{year}",
    "ВПР {year}/Протоколы {genitive}, {grade} кл",
    "ВПР {year}. {grade} классы. {TITLE}",
    "{short}{grade}_{year}_ИТОГ",
    "{year} год/ВПР по предмету «{title}»  - {grade} класс (1)",
    "Индивидуальные результаты {grade} кл. {lower} ({year})",
    "ВПР-{year}/Проверочная работа по {dative} (для {grade} классов) - копия",
    "{Dative} {grade} ВПР{year}",
    "{year}/{grade} параллель/выгрузка по {dative} {grade} класс новая",
    "{year}/{season} {year}/ВПР {grade} класс {genitive}",
    "{grade} класс_{lower}_ВПР_{year} испр",
    "Сводный протокол ВПР по {dative} за {grade} класс_{year}",
    "{year}/ВПР за {accusative}, {grade} класс",
)
PARTS = {  # how the halves of a work that came in two files are told apart
    "municipality": ("города", "районы"),
    "class": ("классы А и Б", "остальные классы"),
    "school": ("крупные школы", "остальные школы"),
}


def file_names(works: list[Work]) -> Iterator[str]:
    """A path inside the inbox for each work, without its extension; no two works are named alike."""
    for work, pattern in zip(works, cycle(PATTERNS), strict=False):
        yield _named(pattern, work)


def part_name(name: str, split: str, half: int) -> str:
    """The name of one half, 0 or 1, of a work that came in two files."""
    return f"{name}, {PARTS[split][half]}"


def title_line(work: Work) -> str:
    """What some put above the header: «Результаты ВПР по биологии, 5 класс, 2021 год»."""
    return f"Результаты ВПР по {CASES[work.subject][1]}, {work.grade} класс, {work.year} год"


def _named(pattern: str, work: Work) -> str:
    genitive, dative, accusative = CASES[work.subject]
    return pattern.format(
        year=work.year,
        grade=work.grade,
        title=work.title,
        TITLE=work.title.upper(),
        lower=work.title.lower(),
        short=work.short.split()[0],
        genitive=genitive,
        dative=dative,
        accusative=accusative,
        Dative=dative.capitalize(),
        season="осень" if work.pupil_grade > work.grade else "весна",
    )
