"""The order of the floors: a room imports rooms above it, and `schemas`; Dagster only in orchestration/."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "msoko_pipeline"
FLOORS = (
    "garbage", "text", "numbers", "trouble", "settings", "versions", "privacy", "home", "issues", "reading", "facts",
    "intake", "matching", "indicators", "objectivity", "risk", "reporting", "publishing", "backup", "senders",
    "handbook", "sample", "web_guard", "orchestration", "file_words", "summary", "usage", "console", "assets",
    "definitions", "cli", "__main__",
)  # fmt: skip
"""Rooms of the package from the lowest up, `assets` among them; `schemas` is under all of them."""
OUTSIDE = ("tests", "benchmarks", "scripts")
DAGSTER = ("orchestration", "definitions")
STRUNG = {"orchestration": {"definitions"}}
"""Room → rooms above it that it only names to a process of Dagster's, which loads them."""


def imports(source: str) -> set[str]:
    """Every module that a source imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def named(source: str) -> set[str]:
    """Modules of the house that a source names in a string, as `importlib` and Dagster take them."""
    texts = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    dotted = (text for text in texts if isinstance(text, str) and text.replace(".", "").isidentifier() and "." in text)
    return {text for text in dotted if text.partition(".")[0] in (PACKAGE, "assets", "schemas")}


def room(module: str) -> str | None:
    """The room of a module: `schemas`, one of FLOORS, a part of OUTSIDE, `dagster`; None where it is a library's."""
    first, _, rest = module.partition(".")
    if first == PACKAGE:
        return rest.partition(".")[0] or None
    return first if first in (*OUTSIDE, "schemas", "assets", "dagster") else None


def broken(path: Path, source: str) -> list[str]:
    """What a file (path from the root) imports or names that does not lie under it."""
    own = room(".".join(path.with_suffix("").parts).removesuffix(".__init__")) or "text"

    def is_allowed(module: str, strung: bool) -> bool:
        other = room(module)
        if other is None or other == own:
            return True
        if other == "dagster":
            return own in DAGSTER
        if "schemas" in (own, other) or other in OUTSIDE:
            return other == "schemas" and own not in OUTSIDE
        if strung and other in STRUNG.get(own, ()):
            return True
        return other not in FLOORS or FLOORS.index(other) < FLOORS.index(own)

    found = {module for module in imports(source) if not is_allowed(module, False)}
    found |= {module for module in named(source) if not is_allowed(module, True)}
    return sorted(f"{path}: {module}" for module in found)


def house() -> list[Path]:
    rooms = ("schemas", PACKAGE, "assets")
    return [path.relative_to(ROOT) for name in rooms for path in sorted((ROOT / name).rglob("*.py"))]


def test_the_house_keeps_the_order_of_its_floors() -> None:
    files = house()
    assert len(files) > 30
    assert [line for path in files for line in broken(path, (ROOT / path).read_text(encoding="utf-8"))] == []


def test_every_room_has_its_floor() -> None:
    rooms = {path.parts[1].removesuffix(".py") for path in house() if path.parts[0] == PACKAGE}
    assert sorted(rooms - {"__init__"}) == sorted(set(FLOORS) - {"assets"})


def test_readme_tells_the_rooms_in_their_order() -> None:
    told = [
        line.split("`")[1].removeprefix(f"{PACKAGE}/").rstrip("/")
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith((f"| `{PACKAGE}/", "| `assets/"))
    ]
    folders = [name for name in FLOORS if name == "assets" or (ROOT / PACKAGE / name).is_dir()]
    assert told == folders


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("schemas/vpr.py", "from msoko_pipeline.settings import Settings"),
        ("schemas/vpr.py", "import dagster as dg"),
        ("schemas/vpr.py", "importlib.import_module('msoko_pipeline.settings')"),
        ("assets/raw/files.py", "import dagster as dg"),
        ("assets/raw/files.py", "from msoko_pipeline.definitions import defs"),
        ("msoko_pipeline/reading/work.py", "def f():\n    from assets.raw import files"),
        ("msoko_pipeline/reading/pool.py", "PRELOADED = ['msoko_pipeline.intake.sheets']"),
        ("msoko_pipeline/home/engine.py", "from msoko_pipeline.indicators import parallels"),
        ("msoko_pipeline/home/engine.py", "if TYPE_CHECKING:\n    from msoko_pipeline.risk.categories import Evidence"),
        ("msoko_pipeline/indicators/vpr/steps.py", "from dagster import asset"),
        ("msoko_pipeline/indicators/vpr/steps.py", "from msoko_pipeline.orchestration import layers"),
        ("msoko_pipeline/orchestration/jobs.py", "from assets import raw"),
        ("msoko_pipeline/orchestration/jobs.py", "from msoko_pipeline.definitions import defs"),
        ("msoko_pipeline/text/cells.py", "from tests import making"),
    ],
)
def test_the_order_forbids(path: str, source: str) -> None:
    assert broken(Path(path), source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("msoko_pipeline/risk/steps.py", "from msoko_pipeline.objectivity import status"),
        ("msoko_pipeline/text/cells.py", "from schemas import catalogue"),
        ("msoko_pipeline/orchestration/serve.py", "['-m', 'msoko_pipeline.definitions']"),
        ("assets/raw/files.py", "from msoko_pipeline.orchestration import layers"),
        ("schemas/kinds.py", "importlib.import_module('schemas.sources.career')"),
    ],
)
def test_the_order_allows(path: str, source: str) -> None:
    assert broken(Path(path), source) == []


def loaded(module: str) -> set[str]:
    """Top-level packages in memory after importing a module in a fresh interpreter."""
    code = f"import sys, {module}; print(' '.join(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {name.split(".")[0] for name in out.split()}


def test_definitions_load_nothing_heavy() -> None:
    modules = loaded("msoko_pipeline.definitions")
    assert "dagster" in modules
    assert not modules & {"great_expectations", "pyspark", "scipy", "altair", "duckdb"}


def test_the_command_line_loads_nothing_heavy() -> None:
    modules = loaded("msoko_pipeline.cli")
    assert "click" in modules
    assert not modules & {"dagster", "pandas", "pyarrow", "duckdb", "sqlalchemy", "great_expectations", "pandera"}
