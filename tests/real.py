"""Where the real files lie beside the project, and how a test says that they are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[1] / ".." / "shared"
TOWN = SHARED / "real" / "vpr_town"

needs_town = pytest.mark.skipif(not TOWN.is_dir(), reason="настоящих файлов города рядом с проектом нет")
