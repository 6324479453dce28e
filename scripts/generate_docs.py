"""Writes the generated pages of docs/. A test fails when they are stale."""

from __future__ import annotations

from pathlib import Path

import yaml

from benchmarks.kept import every_table
from msoko_pipeline.handbook.dictionary import dictionary, files
from msoko_pipeline.handbook.methodology import methodology
from msoko_pipeline.handbook.roadmap import roadmap
from scripts import town_figures
from scripts.decisions import INDEX, decisions, index

ROOT = Path(__file__).resolve().parents[1]
SPECIFICATIONS = (
    "signs",
    "cohorts",
    "status",
    "categories",
    "forecast",
    "backtest",
    "dynamics",
    "gia",
    "exam_tasks",
    "differences",
    "suppression",
    "upbringing",
    "choices",
    "nok",
    "heads",
    "teachers",
    "prevention",
    "training",
    "progress",
)
YEAR = 2026


def pages() -> dict[Path, str]:
    """Every generated page and its text."""
    folder = ROOT / "tests" / "spec" / "methodology"
    specifications = [yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8")) for name in SPECIFICATIONS]
    chosen = ROOT / "docs" / "decisions"
    return {
        chosen / INDEX: index(decisions(chosen)),
        ROOT / "docs" / "dictionary.md": dictionary(),
        ROOT / "docs" / "files.md": files(),
        ROOT / "docs" / "roadmap.md": roadmap(town_figures.read()),
        ROOT / "docs" / "methodology.md": methodology(YEAR, specifications, every_table()),
    }


def main() -> None:
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
