"""Reporting years as partitions: those found in the inbox, added as they come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

years = dg.DynamicPartitionsDefinition(name="year")
ONE = "dagster/partition"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def add(instance: dg.DagsterInstance, wanted: Iterable[int]) -> None:
    """Make the partitions of these years exist."""
    existing = set(instance.get_dynamic_partitions("year"))
    fresh = sorted(str(year) for year in wanted if str(year) not in existing)
    if fresh:
        instance.add_dynamic_partitions("year", fresh)


def spans(instance: dg.DagsterInstance, wanted: Iterable[int]) -> list[tuple[str, str]]:
    """Ranges (first, last) of partitions, in the instance's own order, that together are the wanted years.

    A range is one run; only where a year between two wanted ones is not wanted must there be several. Years are
    taken in ascending order as far as the order in which partitions were added allows.
    """
    chosen = {str(year) for year in wanted}
    ranges: list[list[str]] = []
    joined = False
    for key in instance.get_dynamic_partitions("year"):
        if key not in chosen:
            joined = False
        elif joined and key > ranges[-1][-1]:
            ranges[-1].append(key)
        else:
            ranges.append([key])
            joined = True
    return sorted((keys[0], keys[-1]) for keys in ranges)


def tags(first: str, last: str) -> dict[str, str]:
    """Tags of a run of a range of years, as the UI gives them to one."""
    return {ONE: first} if first == last else {RANGE_START: first, RANGE_END: last}


def named(run_tags: Mapping[str, str]) -> tuple[str, str] | None:
    """The first and the last year that the tags of a run name, or None where they name none."""
    first, last = run_tags.get(RANGE_START, run_tags.get(ONE)), run_tags.get(RANGE_END, run_tags.get(ONE))
    return (first, last) if first and last else None


def describe(context: dg.AssetExecutionContext, metadata: Mapping[int, Mapping[str, Any]], key: dg.AssetKey) -> None:
    """Put metadata on the materializations of an asset, each year's own. metadata: of each year of the run."""
    for year, of_year in metadata.items():
        context.add_asset_metadata(of_year, asset_key=key, partition_key=str(year))


def of(context: dg.AssetExecutionContext) -> list[int]:
    """The years of this run, ascending."""
    return sorted(int(key) for key in context.partition_keys)
