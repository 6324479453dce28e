"""The made-up town's bank of practices: some organisations offer one or two a year, and some others take them over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msoko_pipeline.sample.preschool_files import make_preschools
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import School
from msoko_pipeline.sample.workbooks import Row

NAMES = (  # direction and name
    ("воспитание", "Школа наставников"),
    ("воспитание", "Музей в рюкзаке"),
    ("качество подготовки", "Разбор ошибок ВПР"),
    ("школы с низкими результатами", "Школа-партнёр"),
    ("таланты", "Олимпиадная среда"),
    ("самоопределение и профориентация", "День профессии"),
    ("профессиональное развитие педагогов", "Открытый урок по средам"),
)
LEVELS = ("школьный", "муниципальный", "муниципальный", "региональный", None)
OF_PRESCHOOLS = (("дошкольное образование", "Говорящая среда"), ("дошкольное образование", "Прогулка без дефицитов"))
OFFERING, TAKING = 0.5, 0.15  # of the organisations a year; of the others


def practices(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row of the author, then those who took the practice over; schools among themselves, preschools likewise."""
    preschools = [each.code for each in make_preschools(seed)]
    number = year
    for codes, names in (([school.login for school in town], NAMES), (preschools, OF_PRESCHOOLS)):
        for author in codes:
            rng = stream(seed, "practices", author, year)
            for _ in range(int(rng.integers(1, 3)) if rng.random() < OFFERING else 0):
                number += 1
                system, name = names[number % len(names)]
                level = LEVELS[int(rng.integers(len(LEVELS)))]
                day = f"{int(rng.integers(1, 28)):02d}.{int(rng.integers(1, 6)):02d}.{year}"
                code = f"П-{number - year}"
                yield [year, code, author, "автор", system, name, level, "Фестиваль практик", day]
                for other in codes:
                    if other != author and rng.random() < TAKING:
                        yield [year, code, other, "внедрила", system, None, None, None, day]


OWN_ROWS = {"practices": practices}
