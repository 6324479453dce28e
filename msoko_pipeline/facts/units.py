"""Whose row a report prints: «Вся выборка», a region, a municipality(reg…), a school(edu…)."""

from __future__ import annotations

from dataclasses import dataclass

from msoko_pipeline.text import linear as re
from msoko_pipeline.text.cells import Wrong, bare_name, login, municipality
from msoko_pipeline.text.logins import logins_in
from msoko_pipeline.text.spelling import normal

COUNTRY = "RU"


@dataclass(frozen=True)
class Unit:
    """level: school, municipality, region, country; unit_id: its code, "" for a region that prints none."""

    level: str
    unit_id: str
    name: str


def unit(text: str) -> Unit:
    """The unit of a group row. Raises Wrong for an empty or impossible one."""
    word = normal(text)
    if word in ("вся выборка", "рф", "российская федерация", "россия"):
        return Unit("country", COUNTRY, text.strip())
    if logins_in(text):
        return Unit("school", login(text), bare_name(text))
    if code := municipality(word):
        return Unit("municipality", code, bare_name(text))
    region = re.search(r"\(reg(\d{2})\d*\)$", word)
    if not word or word.isdigit():
        raise Wrong("row_group_unknown")
    return Unit("region", region[1] if region else "", bare_name(text))
