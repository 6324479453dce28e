"""`make bench`: the whole run beside two references in the same minute, as ratios. Kept in docs/benchmarks.md.

The floor is merely reading the same bytes (python-calamine's kin fastexcel, all cells as text, in two processes; the
csv module for CSV). The peer is a plain pandas + openpyxl script that makes the same table of marks.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks import measure
from msoko_pipeline.sample import write_sample
from msoko_pipeline.sample.region import write_region

ROOT = Path(__file__).resolve().parents[1]
TOWN = ROOT / ".." / "shared" / "real" / "vpr_town"
SAMPLE_YEARS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--region", action="store_true", help="also the made-up region: 92 workbooks, 1.3 million rows")
    parser.add_argument("--save", action="store_true", help="write docs/benchmarks.md")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="msoko-bench-") as folder:
        scratch = Path(folder)
        sample = scratch / "sample"
        write_sample(sample, years=SAMPLE_YEARS)
        cases = [
            measure.case("sample, every source", sample, scratch / "home-sample", scope="municipality", peer=False)
        ]
        if TOWN.is_dir():
            cases.append(measure.case("town", TOWN, scratch / "home-town", scope="municipality", peer=True))
        if chosen.region:
            region = scratch / "region"
            write_region(region)
            cases.append(measure.case("region", region, scratch / "home-region", scope="region", peer=False))
    page = measure.page(cases)
    print(page)
    if chosen.save:
        (ROOT / "docs" / "benchmarks.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
