"""How often value added names a school in towns where none adds anything, and finds one that adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.extent import WHOLE, Extent, pct
from msoko_pipeline.handbook.methodology import Table
from msoko_pipeline.indicators.gia import value_added
from msoko_pipeline.text.russian import ru
from schemas import catalogue

YEAR, TOWN, MOVED = 2026, 12, 1000
"""MOVED: the first seed of the towns where a school adds."""
CASES = ((12, (50, 110)), (12, (25, 60)), (60, (25, 60)))
"""Schools of a town; pupils of the ninth grade who stay, from and below, about half of it."""
RELIABILITIES = (0.7, 0.85, 0.9)
ADDED = 0.5  # by one school, standard deviations of a pupil
BETWEEN, KNOWN = 0.25, 0.75  # schools' share of the variance of ability; its correlation with the later result
CHOICE = 0.5  # deviation of what else than the earlier score decides who stays


def rules() -> Any:
    """What value added is judged by."""
    return catalogue.value_added(YEAR)


def measured(extent: Extent = WHOLE) -> list[Table]:
    """The measurement, as a table for the page."""
    towns = extent.sitting // TOWN
    rows: list[Sequence[object]] = [
        ("школ в городе", "учеников школы", "надёжность ОГЭ", "города без прироста: назван кто-нибудь, %",
         "школа с приростом найдена, %", "рядом с ней назван другой, %"),
    ]  # fmt: skip
    for schools, pupils in CASES:
        for reliability in RELIABILITIES:
            still = [leads(seed, schools, pupils, reliability) for seed in range(towns)]
            adds = [added(seed) for seed in range(MOVED, MOVED + towns)]
            moved = [leads(seed, schools, pupils, reliability, by) for seed, by in enumerate(adds, MOVED)]
            is_found = [one[0] == ("above" if by > 0 else "below") for one, by in zip(moved, adds, strict=True)]
            rows.append(
                (schools, f"{pupils[0]}–{pupils[1] - 1}", ru(reliability, 2), pct([_named(one) for one in still]),
                 pct(is_found), pct([_named(one[1:]) for one in moved]))
            )  # fmt: skip
    return [
        (
            "Прирост от ОГЭ к ЕГЭ",
            f"По {towns} городов на строку. Школы разнятся набором ({ru(100 * BETWEEN, 0)} % дисперсии), после 9 "
            "класса остаётся около половины, больше — с высокими баллами ОГЭ; случайность нормальная. Справа — города, "
            f"где одна школа прибавляет или убавляет {ru(ADDED)} стандартного отклонения результата ученика.",
            [[str(cell) for cell in row] for row in rows],
        )
    ]


def added(seed: int) -> float:
    """What the first school of a town adds: as often above as below."""
    return ADDED if seed % 2 else -ADDED


def leads(seed: int, schools: int, pupils: tuple[int, int], reliability: float, adds: float = 0.0) -> list[str]:
    """Lead of each school of a made-up town, the one that adds first; «none» where it is not judged."""
    by_school = value_added.of_pupils(town(seed, schools, pupils, reliability, adds), rules()).set_index("org_id")[
        "lead"
    ]
    return [str(lead) for lead in by_school.reindex([_name(school) for school in range(schools)]).fillna("none")]


def town(
    seed: int, schools: int, pupils: tuple[int, int], reliability: float, adds: float = 0.0, *, leave: bool = True
) -> pd.DataFrame:
    """Pupils of a town: org_id, earlier, later (NaN of those who left). Its schools differ in intake; the first one
    adds `adds` standard deviations. leave: about half of a ninth grade leaves, those with low scores rather.
    """
    rng = np.random.default_rng(seed)
    sizes = rng.integers(*pupils, schools) * (2 if leave else 1)
    code = np.repeat(np.arange(schools), sizes)
    ability = rng.normal(0, BETWEEN**0.5, schools)[code] + rng.normal(0, (1 - BETWEEN) ** 0.5, len(code))
    earlier = ability + rng.normal(0, (1 / reliability - 1) ** 0.5, len(code))
    later = KNOWN * ability + rng.normal(0, (1 - KNOWN**2) ** 0.5, len(code)) + adds * (code == 0)
    stays = earlier + rng.normal(0, CHOICE, len(code)) > 0
    names = np.array([_name(school) for school in range(schools)])
    return pd.DataFrame(
        {"org_id": names[code], "earlier": earlier, "later": np.where(stays | (not leave), later, np.nan)}
    )


def _name(school: int) -> str:
    return f"edu{school:06d}"


def _named(leads: Sequence[str]) -> bool:
    return any(lead != "none" for lead in leads)
