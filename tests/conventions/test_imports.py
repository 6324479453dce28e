"""The law of imports: schemas ← msoko_pipeline ← assets ← definitions.py; Dagster only in orchestration/."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ("schemas", "msoko_pipeline", "assets")
DEFINITIONS = Path("msoko_pipeline/definitions.py")


def imports(source: str) -> set[str]:
    """Every module that a source imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def broken(path: Path, source: str) -> list[str]:
    """Imports of a file (path from the root) that the law forbids."""
    room = path.parts[0]
    forbidden: tuple[str, ...] = {
        "schemas": ("msoko_pipeline", "assets", "dagster", "tests", "benchmarks"),
        "assets": ("msoko_pipeline.definitions", "msoko_pipeline.cli", "dagster", "tests", "benchmarks"),
        "msoko_pipeline": ("assets", "tests", "benchmarks", "dagster"),
    }[room]
    if path == DEFINITIONS:
        forbidden = ("tests", "benchmarks")
    elif path.parts[:2] == ("msoko_pipeline", "orchestration"):
        forbidden = ("assets", "tests", "benchmarks", "msoko_pipeline.definitions")
    elif path == Path("msoko_pipeline/cli.py"):
        forbidden = ("assets", "tests", "benchmarks", "dagster")
    elif room == "msoko_pipeline":
        forbidden = (*forbidden, "msoko_pipeline.definitions", "msoko_pipeline.orchestration")
    return sorted(
        f"{path}: {module}"
        for module in imports(source)
        for ban in forbidden
        if module == ban or module.startswith(ban + ".")
    )


def house() -> list[Path]:
    return [path.relative_to(ROOT) for room in HOUSE for path in sorted((ROOT / room).rglob("*.py"))]


def test_the_house_keeps_the_law() -> None:
    files = house()
    assert len(files) > 30
    assert [line for path in files for line in broken(path, (ROOT / path).read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("schemas/vpr.py", "from msoko_pipeline.settings import Settings"),
        ("schemas/vpr.py", "import dagster as dg"),
        ("assets/raw/files.py", "import dagster as dg"),
        ("assets/raw/files.py", "from msoko_pipeline.definitions import defs"),
        ("msoko_pipeline/reading/procedures/work.py", "def f():\n    from assets.raw import files"),
        ("msoko_pipeline/indicators/vpr/steps.py", "from dagster import asset"),
        ("msoko_pipeline/indicators/vpr/steps.py", "from msoko_pipeline.orchestration import layers"),
        ("msoko_pipeline/orchestration/jobs.py", "from assets import raw"),
    ],
)
def test_the_law_forbids(path: str, source: str) -> None:
    assert broken(Path(path), source)


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
