"""What was measured for the methodology page, kept in `docs/measurements/`: the page is made of it without measuring.

A file per measurement: the day, a digest of the rules' data, the tables on all the made-up towns (`whole`) and on the
first of them (`few`). What is kept holds while the rules' data are the same and the few towns measured anew give the
same to the last digit; `make soak` measures all of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from benchmarks import detectors, forecast, risk_rules, value_added, verdicts
from benchmarks.extent import FEW, WHOLE, Extent
from msoko_pipeline.handbook.methodology import Table

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "measurements"
MEASUREMENTS: dict[str, Any] = {
    "detectors": detectors,
    "risk_rules": risk_rules,
    "forecast": forecast,
    "verdicts": verdicts,
    "value_added": value_added,
}
"""Name → module with `measured` and `rules`, in the order of the page."""
WORDS = frozenset(
    ("title", "formula", "chance", "says", "source", "verified", "measured", "families", "unit", "section", "item")
)
"""Keys of the rules' data under which there are words, by which nothing is judged."""
COMMAND = "make measure"


def digest(rules: Any) -> str:
    """SHA-256 of what is judged by in the rules' data: words and their order left out."""
    return hashlib.sha256(json.dumps(_without_words(rules), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _without_words(part: Any) -> Any:
    if isinstance(part, dict):
        return {str(key): _without_words(value) for key, value in part.items() if key not in WORDS}
    return [_without_words(one) for one in part] if isinstance(part, list | tuple) else part


def tables(name: str, extent: Extent) -> list[dict[str, Any]]:
    """A measurement made now, as it is kept."""
    return [
        {"title": title, "says": says, "rows": [[str(cell) for cell in row] for row in rows]}
        for title, says, rows in MEASUREMENTS[name].measured(extent)
    ]


def keep(names: Iterable[str] = MEASUREMENTS, folder: Path = FOLDER) -> None:
    """Measure and write the files; a minute for all."""
    folder.mkdir(exist_ok=True)
    for name in names:
        content = {
            "measured": date.today(),
            "rules": digest(MEASUREMENTS[name].rules()),
            "towns": _extent(WHOLE),
            "few_towns": _extent(FEW),
            "whole": tables(name, WHOLE),
            "few": tables(name, FEW),
        }
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=118, default_flow_style=None)
        (folder / f"{name}.yaml").write_text(f"# Written by `{COMMAND}`.\n{text}", encoding="utf-8")


def _extent(extent: Extent) -> dict[str, Any]:
    """The extent as it is kept; seeds: the first and the last."""
    return {
        "seeds_by_size": {size: [seeds[0], seeds[-1]] for size, seeds in extent.towns.items()},
        "planted_seeds": [extent.planted[0], extent.planted[-1]],
        "sitting": extent.sitting, "cut": extent.cut, "inflations": list(extent.inflations),
    }  # fmt: skip


def kept(name: str, folder: Path = FOLDER) -> dict[str, Any]:
    """What was measured, as it was written. Raises FileNotFoundError where it never was."""
    content: dict[str, Any] = yaml.load((folder / f"{name}.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    return content


def every_table() -> list[Table]:
    """The tables of all measurements, for the page."""
    return [(one["title"], one["says"], one["rows"]) for name in MEASUREMENTS for one in kept(name)["whole"]]


def outdated(name: str, extent: str = "few", folder: Path = FOLDER) -> list[str]:
    """Why what is kept of a measurement no longer holds; empty where it does. extent: `few` or `whole`."""
    content = kept(name, folder)
    if content["rules"] != digest(MEASUREMENTS[name].rules()):
        return [f"{name}: measured with other data of the rules than schemas/layouts has now: {COMMAND}"]
    sizes, towns = {"few": (FEW, "few_towns"), "whole": (WHOLE, "towns")}[extent]
    if content[towns] != _extent(sizes):
        return [f"{name}: measured on other towns: {COMMAND}"]
    return [f"{name}: {line}: {COMMAND}" for line in differences(content[extent], tables(name, sizes))]


def differences(before: Sequence[dict[str, Any]], now: Sequence[dict[str, Any]]) -> list[str]:
    """Tables, and rows of them, that are not as they were kept."""
    titles = [one["title"] for one in now]
    if titles != [one["title"] for one in before]:
        return [f"the tables are now {titles}"]
    lines = []
    for old, new in zip(before, now, strict=True):
        if old["says"] != new["says"]:
            lines.append(f"«{new['title']}» now says: {new['says']}")
        if old["rows"] != new["rows"]:
            rows = [row for row in new["rows"] if row not in old["rows"]] or new["rows"]
            lines.append(f"«{new['title']}» now has {rows}")
    return lines
