"""Where the tables of the indicators lie: `home/indicators/year=…`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from msoko_pipeline.settings import Settings


def path(settings: Settings, year: int, table: str) -> Path:
    return settings.home / "indicators" / f"year={year}" / f"{table}.parquet"


def path_of(settings: Settings, table: str) -> Callable[[int], Path]:
    """Year → the file of a table of that year."""
    return lambda year: path(settings, year, table)


def by_year(rows: Mapping[Path, int]) -> dict[int, dict[str, int]]:
    """Year → table → rows. rows: of the tables' files (`engine.noting`)."""
    counts: dict[int, dict[str, int]] = {}
    for file, count in rows.items():
        counts.setdefault(int(file.parent.name.removeprefix("year=")), {})[file.stem] = count
    return counts


def years_having(settings: Settings, years: Iterable[int], table: str) -> list[int]:
    """Those of the years for which a table has been computed, in their order."""
    return [year for year in years if path(settings, year, table).exists()]
