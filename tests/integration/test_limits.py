"""A run where the disk fills up, and where the locale knows only ASCII: in a process of its own, as a person has it."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.assets.test_layers import GOOD, export
from tests.command import ROOT

KILOBYTES = 300  # of one file: room for key and archive, not for Dagster's records


def run(folder: Path, *, is_disk_full: bool, **environment: str) -> subprocess.CompletedProcess[bytes]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MSOKO_", "DAGSTER_", "LC_"))}

    def limit() -> None:
        if is_disk_full:
            resource.setrlimit(resource.RLIMIT_FSIZE, (KILOBYTES << 10, KILOBYTES << 10))

    command = [sys.executable, "-m", "msoko_pipeline", "run", "--home", folder / "папка", "--inbox", folder / "приём"]
    return subprocess.run(
        command, cwd=ROOT, env=clean | environment, capture_output=True, check=False, timeout=300, preexec_fn=limit
    )


def test_a_full_disk_is_one_sentence_and_the_next_run_goes_on_under_any_locale(tmp_path: Path) -> None:
    export(tmp_path / "приём", "2021/4/Математика.csv", GOOD)
    full = run(tmp_path, is_disk_full=True)
    said = full.stderr.decode()
    assert full.returncode == 1, said
    assert "Освободите место" in said.splitlines()[-1]
    assert "Traceback" not in said
    assert not (tmp_path / "папка" / "warehouse.sqlite").exists()
    key = (tmp_path / "папка" / "pseudonym.key").read_text(encoding="ascii")
    assert len(key) == 64

    plain = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = run(tmp_path, is_disk_full=False, **plain)
    assert done.returncode == 0, done.stderr.decode()
    assert "Файлы в папке приёма: 1; принято 1" in done.stdout.decode()
    with sqlite3.connect(tmp_path / "папка" / "warehouse.sqlite") as warehouse:
        assert warehouse.execute("select name, status from ops_file").fetchall() == [
            ("2021/4/Математика.csv", "accepted")
        ]
        query = "select participants from mart_vpr_school where level = 'school'"
        assert warehouse.execute(query).fetchall() == [(3,)]
    assert (tmp_path / "папка" / "pseudonym.key").read_text(encoding="ascii") == key
