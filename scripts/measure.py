"""Measures the rules on made-up towns anew, keeps what was measured, and writes the pages: a minute.

`make measure`, or `python scripts/measure.py forecast` for one measurement alone.
"""

from __future__ import annotations

import argparse

from benchmarks import kept
from scripts import generate_docs

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=list(kept.MEASUREMENTS), help="all where none is named")
    kept.keep(parser.parse_args().names or kept.MEASUREMENTS)
    generate_docs.main()
