"""What is of no family, of two, or made from what nobody makes, is told before anything runs."""

from __future__ import annotations

import pytest

from assets import ASSETS, FAMILIES
from msoko_pipeline.orchestration.families import Family, whole
from msoko_pipeline.orchestration.tags import title_of_family
from schemas import catalogue
from schemas.kinds import KINDS
from schemas.marts import MARTS


def others() -> list:
    """Assets that are of no family."""
    of_families = {key for family in FAMILIES for asset in family.assets() for key in asset.keys}
    return [asset for asset in ASSETS if not set(asset.keys) & of_families]


def but(name: str) -> list[Family]:
    return [family for family in FAMILIES if family.name != name]


def test_every_kind_and_every_mart_has_its_asset() -> None:
    made = {key.to_user_string() for asset in whole(FAMILIES, others()) for key in asset.keys}
    assert made >= {f"validated/{kind}" for kind in KINDS} | {f"marts/{mart}" for mart in MARTS}
    assert [family.name for family in FAMILIES] == sorted(family.name for family in FAMILIES)


def test_a_kind_or_a_mart_without_a_family_is_told() -> None:
    lacking = r"no asset: \['marts/preschool_families', .*'marts/preschool_quality', 'validated/preschool_expert', "
    with pytest.raises(LookupError, match=lacking):
        whole(but("preschool"), others())


def test_every_family_has_a_title_of_its_own() -> None:
    titles = [title_of_family(family.name) for family in FAMILIES]
    assert len({*titles}) == len(titles)
    assert not any(title.isascii() for title in titles), "a title is Russian"


def test_a_kind_of_two_families_is_told() -> None:
    second = Family("second")
    second.kind("gifted", of=ASSETS[-1])
    with pytest.raises(LookupError, match=r"made twice: \['validated/gifted'\]"):
        whole([*FAMILIES, second], others())


def test_an_asset_from_what_nobody_makes_is_told() -> None:
    stray = Family("stray")
    stray.step("stray", lambda settings, years: 0, "Ничьё", of=[Family("nobody").mart("olympiad", of=[])])
    lost = Family("lost")
    lost.step("lost", lambda settings, years: 0, "Потерянное", of=[Family("x").step("x", lambda s, y: 0, "x", of=[])])
    whole([*FAMILIES, stray], others())
    with pytest.raises(LookupError, match="indicators/lost ← indicators/x"):
        whole([*FAMILIES, lost], others())


def tags_of(key: str) -> set[str]:
    """Tags of an asset, those of kinds apart."""
    (spec,) = [spec for asset in ASSETS for spec in asset.specs if spec.key.to_user_string() == key]
    return {tag for tag in spec.tags if "/kind/" not in tag}


def test_an_asset_says_which_rows_of_the_roadmap_it_answers() -> None:
    assert tags_of("marts/vpr_school") >= {"msoko/family", "roadmap/2.3", "roadmap/2.5"}
    assert tags_of("validated/gifted") >= {"msoko/family", "msoko/source"}
    assert tags_of("marts/gifted_bank") <= tags_of("indicators/gifted_bank"), "a step has those of what is made of it"
    assert not [tag for tag in tags_of("marts/org_match") if tag.startswith("roadmap/")], "no row asks for it"


def test_every_row_of_the_roadmap_has_an_asset() -> None:
    every = {tag for asset in ASSETS for spec in asset.specs for tag in spec.tags}
    rows = {f"roadmap/{item.rstrip('*')}" for item in catalogue.roadmap_items()}
    assert {tag for tag in every if tag.startswith("roadmap/")} == rows
