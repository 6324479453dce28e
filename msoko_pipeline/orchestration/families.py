"""A family of assets: the facts of its kinds, the steps that compute from them, its marts.

The kinds of a family are judged in one step of Dagster's, and its marts are staged in one; a step costs more than the
judging of a few files. `assets` has a module a family.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import dagster as dg

from msoko_pipeline.orchestration import layers
from msoko_pipeline.orchestration.layers import Asset, Checks, Dep
from msoko_pipeline.orchestration.tags import ROADMAP
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS
from schemas.marts import MARTS


def facts_of_every_kind() -> list[Dep]:
    """The facts of all kinds, whichever families they are of."""
    return [*map(facts_of, KINDS)]


def facts_of(kind: str) -> Dep:
    """The facts of a kind, whichever family it is of."""
    return dg.AssetKey(["validated", kind])


class Family:
    """Assets of one family, in the order in which they are declared; its name is a tag of theirs."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.facts: list[dg.AssetSpec] = []
        self.lasting: list[dg.AssetSpec] = []
        self.steps: list[Asset] = []
        self.marts: list[dg.AssetSpec] = []

    def kind(self, name: str, of: Dep, *, of_every_year: bool = False) -> dg.AssetSpec:
        """Facts of a kind, judged. of_every_year: what it tells holds in all years, and it has no partitions."""
        spec = layers.validated(name, deps=[of], family=self.name)
        (self.lasting if of_every_year else self.facts).append(spec)
        return spec

    def step(
        self,
        name: str,
        make: Callable[[Settings, Sequence[int]], Any],
        description: str,
        of: Iterable[Dep],
        *,
        layer: str = "indicators",
        group: str = layers.INDICATORS,
        checks: Checks | None = None,
    ) -> Asset:
        """A step of the year's computation; see `layers.indicators`."""
        made = layers.indicators(
            name, make, description, deps=[*of], family=self.name, group=group, layer=layer, checks=checks
        )
        self.steps.append(made)
        return made

    def mart(self, name: str, of: Iterable[Dep]) -> dg.AssetSpec:
        """A mart; see `layers.mart`."""
        spec = layers.mart(name, deps=[*of], family=self.name)
        self.marts.append(spec)
        return spec

    def assets(self) -> list[Asset]:
        """What Dagster runs: facts judged together, each step, marts staged together."""
        made = [layers.judged(self.name, self.lasting, of_every_year=True)] if self.lasting else []
        made += [layers.judged(self.name, self.facts)] if self.facts else []
        return [
            *made,
            *map(self._answering, self.steps),
            *([layers.staged_tables(self.name, self.marts)] if self.marts else []),
        ]

    def _answering(self, step: Asset) -> Asset:
        """A step with the rows of the roadmap that the marts made of it answer."""
        marts = [mart for mart in self.marts if step.key in {dep.asset_key for dep in mart.deps}]
        items = {tag: "" for mart in marts for tag in mart.tags if tag.startswith(ROADMAP)}
        return step.map_asset_specs(lambda spec: spec.merge_attributes(tags=items))


def whole(families: Sequence[Family], others: Sequence[Asset]) -> list[Asset]:
    """The assets of all families, with others that are of none. Raises LookupError where a kind or a mart is of no
    family or of two, or an asset is made from one that nobody makes: its files would wait for ever.
    """
    assets = [asset for family in families for asset in family.assets()] + [*others]
    made = Counter(key.to_user_string() for asset in assets for key in asset.keys)
    wanted = {f"validated/{kind}" for kind in KINDS} | {f"marts/{mart}" for mart in MARTS}
    lacking = sorted(wanted - made.keys())
    twice = sorted(key for key, times in made.items() if times > 1)
    unknown = sorted(
        f"{spec.key.to_user_string()} ← {dep.asset_key.to_user_string()}"
        for asset in assets
        for spec in asset.specs
        for dep in spec.deps
        if dep.asset_key.to_user_string() not in made
    )
    if faults := [f"no asset: {lacking}"] * bool(lacking) + [f"made twice: {twice}"] * bool(twice) + unknown:
        raise LookupError("; ".join(faults))
    return assets
