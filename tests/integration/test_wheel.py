"""The wheel: installed among packages of others that are named as folders of ours, it runs from anywhere.

Built and installed without a network: libraries come from the environment of the tests, our modules from the wheel.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

from msoko_pipeline.versions import computing
from schemas.form import forms
from scripts.wheel import rewritten
from tests.assets.test_layers import GOOD, export
from tests.command import ROOT

OTHERS = ("assets", "schemas")
MARK = "raise ImportError('a package of somebody else')\n"
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
OFFLINE = ("--no-index", "--no-deps", "--no-build-isolation")
MOVED = {"schemas": "msoko_pipeline.schemas"}


def called(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command in a clean environment: nothing of the repository is on its path."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MSOKO_", "DAGSTER_", "PYTHON"))}
    return subprocess.run(
        list(map(str, command)), cwd=cwd, env=clean, capture_output=True, text=True, check=False, timeout=600
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = called(*PIP, "wheel", *OFFLINE, "--wheel-dir", folder, ROOT, cwd=folder)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def place(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment: beside our wheel, packages of others with names of our folders; and such in its folder."""
    place = tmp_path_factory.mktemp("place")
    assert called(sys.executable, "-m", "venv", "--without-pip", "env", cwd=place).returncode == 0
    (site,) = place.glob("env/lib/python*/site-packages")
    (site / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    for name in OTHERS:
        for folder in (site / name, place / name):
            folder.mkdir()
            (folder / "__init__.py").write_text(MARK, encoding="utf-8")
    done = called(*PIP, "--python", "env/bin/python", "install", *OFFLINE, wheel, cwd=place)
    assert done.returncode == 0, done.stderr
    return place


def test_the_wheel_has_one_package_with_everything_in_it(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        modules = {name: archive.read(name).decode() for name in names if name.endswith(".py")}
    assert {name.split("/")[0] for name in names} == {
        "msoko_pipeline",
        f"{'-'.join(wheel.name.split('-')[:2])}.dist-info",
    }
    ours = [path for room in ("msoko_pipeline", *OTHERS) for path in (ROOT / room).rglob("*") if path.is_file()]
    kept = sum("__pycache__" not in path.parts for path in ours)
    assert sum(".dist-info" not in name for name in names) == kept > 300
    old = re.compile(r"^\s*(?:from|import) (?:assets|schemas)\b", re.MULTILINE)
    assert [name for name, source in modules.items() if old.search(source)] == []


def test_packages_of_others_stay_as_they_are(place: Path) -> None:
    (site,) = place.glob("env/lib/python*/site-packages")
    for name in OTHERS:
        assert [path.name for path in (site / name).iterdir()] == ["__init__.py"]
        assert (site / name / "__init__.py").read_text(encoding="utf-8") == MARK


def test_it_writes_forms_from_anywhere(place: Path) -> None:
    for program in (("env/bin/msoko",), ("env/bin/python", "-m", "msoko_pipeline")):
        target = place / f"forms-{len(program)}"
        done = called(*program, "templates", target, cwd=place)
        assert done.returncode == 0, done.stderr
        assert len(list(target.glob("*.xlsx"))) == len(forms()) > 10


def test_it_runs_from_anywhere_by_the_same_rules(place: Path) -> None:
    export(place / "inbox" / "2021" / "4", "Математика.csv", GOOD)
    done = called("env/bin/msoko", "run", "--inbox", "inbox", "--home", "home", cwd=place)
    assert done.returncode in (0, 3), done.stderr + done.stdout
    code = (
        "import sqlite3; print(*sqlite3.connect('home/warehouse.sqlite').execute("
        "'select distinct rule_version, participants from mart_vpr_school where level = \"school\"').fetchall())"
    )
    assert called(sys.executable, "-c", code, cwd=place).stdout.strip() == f"('{computing()}', {len(GOOD)})"
    where = called("env/bin/python", "-P", "-c", "import msoko_pipeline as m; print(m.__file__)", cwd=place).stdout
    assert Path(where.strip()).is_relative_to(place), "not the repository's"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from schemas import vpr\n", "from msoko_pipeline.schemas import vpr\n"),
        ("def f():\n    from schemas.vpr import (\n        a,\n    )\n", None),
        ("from msoko_pipeline.schemas_of import x\nschemas = 'from schemas import y'\n", ""),
        ("from tests import schemas\n", ""),
    ],
)
def test_imports_are_written_as_the_wheel_has_them(source: str, expected: str | None) -> None:
    """expected: "" for the source as it is, None for the same with the new name."""
    meant = source.replace("schemas", MOVED["schemas"], 1) if expected is None else expected or source
    assert rewritten(source, MOVED) == meant


def test_an_import_that_cannot_be_rewritten_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2: import schemas"):
        rewritten("import os\nimport schemas.vpr\n", MOVED)
