"""The calendar: which subjects each grade wrote in each year, and how many tasks the works of the reform have.

2020 and 2021 as sat (autumn and spring), 2022 as split between March and autumn, 2023–2024 by the ministry's
schedules, since 2025 the reformed set: grades 4–8 and 10, Russian and mathematics for all, the rest by lot.
"""

from __future__ import annotations

from dataclasses import dataclass

FIRST_REPORT_YEAR = 2024  # before it: regional exports of individual results, since it: reports of «Аналитика»
REFORM_YEAR = 2025  # since it: works with tasks and maxima of their own


@dataclass(frozen=True)
class Menu:
    """Subjects every school writes, and sets from each of which a school writes one (repeats are weights)."""

    required: str
    choices: tuple[str, ...] = ()

    def subjects(self) -> list[str]:
        return list(dict.fromkeys(" ".join((self.required, *self.choices)).split()))


REFORMED = {
    4: Menu("RU MA", ("OM LC EN",)),
    5: Menu("RU MA", ("IS LI EN", "GG BI")),
    6: Menu("RU MA", ("IS LI EN", "GG BI")),
    7: Menu("RU MA", ("IS LI EN", "GG BI IN FI")),
    8: Menu("RU MA", ("IS OB LI EN", "GG BI FI HI")),
    10: Menu("RU MA", ("OB LI", "FI HI")),
}
SENIOR = {10: Menu("GG"), 11: Menu("BI FI GG HI IS", ("EN EN EN DE",))}
LOWER = {4: Menu("RU MA OM"), 5: Menu("RU MA BI IS"), 6: Menu("RU MA", ("GG BI", "IS OB"))}
BY_LOT_7 = {7: Menu("RU MA", ("BI FI", "GG IS OB"))}
BY_LOT_8 = {8: Menu("RU MA", ("BI FI HI", "GG IS OB"))}
FULL_7 = {7: Menu("RU MA BI FI GG IS OB", ("EN EN EN DE",))}
FULL_6_8 = {6: Menu("RU MA BI GG IS OB"), 8: Menu("RU MA BI FI GG HI IS OB")}
AUTUMN_2022 = {6: Menu("RU MA"), 7: Menu("RU MA FI", ("EN EN EN DE",)), 8: Menu("RU MA")}
MENUS: dict[int, dict[int, Menu]] = {
    2020: LOWER | FULL_7 | FULL_6_8,
    2021: LOWER | FULL_7 | BY_LOT_8 | SENIOR,
    2022: LOWER | AUTUMN_2022 | SENIOR,
    2023: LOWER | BY_LOT_7 | BY_LOT_8 | SENIOR,
    2024: LOWER | BY_LOT_7 | BY_LOT_8,
    2025: REFORMED,
    2026: REFORMED,
}
TASK_COUNTS = {
    4: {"RU": 15, "MA": 14, "OM": 22, "LC": 15, "EN": 5},
    5: {"RU": 10, "MA": 18, "IS": 8, "LI": 11, "EN": 7, "GG": 17, "BI": 29},
    6: {"RU": 10, "MA": 18, "IS": 9, "LI": 11, "EN": 7, "GG": 17, "BI": 27},
    7: {"RU": 13, "MA": 19, "IS": 10, "LI": 11, "EN": 7, "GG": 17, "BI": 27, "IN": 15, "FI": 10, "MU": 17, "FU": 11},
    8: {
        "RU": 16,
        "MA": 18,
        "IS": 10,
        "OB": 15,
        "LI": 11,
        "EN": 7,
        "GG": 17,
        "BI": 29,
        "FI": 10,
        "HI": 21,
        "MU": 17,
        "FU": 11,
    },
    10: {"RU": 16, "MA": 17, "OB": 15, "LI": 19, "FI": 14, "HI": 16},
}
