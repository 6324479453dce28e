"""Writes the generated pages of docs/. A test fails when they are stale."""

from __future__ import annotations

from pathlib import Path

from msoko_pipeline.reporting.dictionary import dictionary

ROOT = Path(__file__).resolve().parents[1]


def pages() -> dict[Path, str]:
    """Every generated page and its text."""
    return {ROOT / "docs" / "dictionary.md": dictionary()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
