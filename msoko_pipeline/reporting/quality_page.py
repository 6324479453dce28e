"""The page of checks: what Great Expectations found in the staged marts, readable without a network.

Its own, because the library's Data Docs load their styles from elsewhere and stay blank offline.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from msoko_pipeline.settings import Settings

NUMBER = str.maketrans(",", "\u202f")  # 12 345 with a narrow space that does not break


def write_quality_page(settings: Settings) -> Path:
    """Render every kept result (`quality/year=…/<mart>.json`) into `quality/index.html`; returns its path."""
    verdicts = list(_verdicts(settings.quality))
    years = sorted({verdict["year"] for verdict in verdicts}, reverse=True)
    environment = Environment(
        loader=PackageLoader("msoko_pipeline.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: f"{value:,}".translate(NUMBER)
    page = environment.get_template("quality.html").render(
        years=years,
        marts=_in_order({verdict["mart"]: verdict["title"] for verdict in verdicts}),
        of={(verdict["year"], verdict["mart"]): verdict for verdict in verdicts},
        failed=[verdict for verdict in verdicts if not verdict["passed"]],
        municipality=settings.municipality_name,
        written_at=datetime.now(UTC).strftime("%d.%m.%Y %H:%M"),
    )
    target = settings.quality / "index.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".tmp")
    partial.write_text(page, encoding="utf-8")
    partial.replace(target)
    return target


def _verdicts(folder: Path) -> Iterator[dict[str, Any]]:
    """Kept results, the latest year first."""
    for path in sorted(folder.glob("year=*/*.json"), key=lambda p: (-int(p.parent.name.removeprefix("year=")), p.name)):
        yield json.loads(path.read_text(encoding="utf-8"))


def _in_order(titles: dict[str, str]) -> dict[str, str]:
    """Marts in the order of publication; those no longer declared come last."""
    from schemas.marts import MARTS

    declared = list(MARTS)
    places = {name: declared.index(name) if name in declared else len(declared) for name in titles}
    return {name: titles[name] for name in sorted(titles, key=lambda name: (places[name], name))}
