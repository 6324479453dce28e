"""Tags of assets, by which people search in the UI: `tag:"roadmap/2.3"`, `tag:"msoko/family"=vpr`.

A group says which layer an asset is of, a tag from which family, and which rows of the roadmap it answers.
"""

from __future__ import annotations

from collections.abc import Iterable

from msoko_pipeline.handbook.roadmap import tables_of
from schemas import catalogue
from schemas.kinds import KINDS, SOURCES

FAMILY = "msoko/family"
SOURCE = "msoko/source"
ROADMAP = "roadmap/"
OTHER_FAMILIES = {"registers": "прочие формы", "calendar": "полнота данных", "indicators": "показатели и динамика"}
"""Family of several sources → its title."""


def title_of_family(name: str) -> str:
    """What people call a family of assets: the title of the source that it is named after."""
    return OTHER_FAMILIES.get(name) or SOURCES.get(name, name)


def of_kind(name: str, family: str) -> dict[str, str]:
    """Tags of the facts of a kind."""
    inputs = catalogue.roadmap_contracts()["inputs"]
    items = [
        item
        for item, row in catalogue.roadmap_items().items()
        if any(name in inputs[each].get("kinds", ()) for each in row["inputs"].split())
    ]
    return {FAMILY: family, SOURCE: KINDS[name].source} | of_items(items)


def of_mart(name: str, family: str) -> dict[str, str]:
    """Tags of a mart."""
    return {FAMILY: family} | of_items(item for item in catalogue.roadmap_items() if name in tables_of(item))


def of_items(items: Iterable[str]) -> dict[str, str]:
    """A tag for each row of the roadmap; rows told apart by an asterisk have one number on paper, and one tag."""
    return {f"{ROADMAP}{item.rstrip('*')}": "" for item in items}
