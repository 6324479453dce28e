"""`make bench`: the whole run beside its references in the same minutes, as ratios. Kept in docs/benchmarks.md.

The floor is merely reading the same bytes (python-calamine's kin fastexcel, all cells as text, in two processes; the
csv module for CSV). The peer is a plain pandas + openpyxl script that makes the same table of marks. The former is this
pipeline as it was at a commit before, where the history is at hand.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import tarfile
import tempfile
from functools import partial
from pathlib import Path

from benchmarks import measure
from msoko_pipeline.sample import write_sample
from msoko_pipeline.sample.region import write_region

ROOT = Path(__file__).resolve().parents[1]
TOWN = ROOT / ".." / "shared" / "real" / "vpr_town"
SAMPLE_YEARS = 3
FORMER = "6c984eb"
"""The commit before figures were given their certainty (decisions 0034–0041)."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--region", action="store_true", help="also the made-up region: 92 workbooks, 1.3 million rows")
    parser.add_argument("--save", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--former", default=FORMER, help="the commit that a run is held against (default: %(default)s)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="msoko-bench-") as folder:
        scratch = Path(folder)
        sample = scratch / "sample"
        write_sample(sample, years=SAMPLE_YEARS)
        former = code_at(chosen.former, scratch / "former")
        in_town = partial(measure.case, scope="municipality", former=former)
        cases = [in_town("sample, every source", sample, scratch / "home-sample", peer=False)]
        if TOWN.is_dir():
            cases.append(in_town("town", TOWN, scratch / "home-town", peer=True))
        if chosen.region:
            region = scratch / "region"
            write_region(region)
            cases.append(measure.case("region", region, scratch / "home-region", scope="region", peer=False))
    page = measure.page(cases)
    print(page)
    if chosen.save:
        (ROOT / "docs" / "benchmarks.md").write_text(page, encoding="utf-8")


def code_at(commit: str, folder: Path) -> Path | None:
    """The tree of a commit, laid out in a folder; None where the history does not have it."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        return None
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tree:
        tree.extractall(folder, filter="data")
    return folder


if __name__ == "__main__":
    main()
