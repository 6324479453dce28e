"""Whether what is published follows from the accepted files: what a year is computed from, and which years wait."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from msoko_pipeline import versions
from msoko_pipeline.home import cycle_states, store
from msoko_pipeline.home.audit import YEAR, computed_years
from msoko_pipeline.home.cycle_states import CycleState
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.settings import Settings
from msoko_pipeline.text import linear as re
from schemas.kinds import KINDS

_FACTS = re.compile(r"[a-z0-9_]+/year=(\d+)/[^/]+\.parquet")
"""A file of facts among the products of the ledger."""


DEADLINES = "+"
"""Between the hash of what a year is computed from and the number of its deadlines that have passed."""


def inputs(settings: Settings) -> dict[int, str]:
    """Year → hash of everything its publication follows from: facts, rules, scope, and the years before it; where
    deadlines of the calendar have passed with something lacking, their number after `DEADLINES`.
    """
    digest = hashlib.sha256(_rules(settings).encode())
    ledger = ledger_of(settings)
    facts: dict[int, list[str]] = {store.NO_YEAR: []}
    products = ledger.products()
    for path, (owner, written) in products.items():
        if not owner.startswith(YEAR) and (match := _FACTS.fullmatch(path)):
            facts.setdefault(int(match[1]), []).append(f"{path}:{written}")
    for entry in ledger.files("rows_quarantined > 0"):  # nothing is judged by a work of which too many rows are there
        path = store.quarantine_file(settings.lake, entry.sha256).relative_to(settings.lake).as_posix()
        for year in entry.years & facts.keys() if path in products else ():
            facts[year].append(f"{path}:{products[path][1]}")
    hashes: dict[int, str] = {}
    for of_year, files in sorted(facts.items()):
        digest.update(f"{of_year}:{','.join(sorted(files))}".encode())
        hashes[of_year] = digest.hexdigest()
    hashes.pop(store.NO_YEAR)
    late = {year: len(cycle_states.passed(settings, year)) for year in hashes}
    return {year: f"{of_year}{DEADLINES}{late[year]}" if late[year] else of_year for year, of_year in hashes.items()}


def sent_state(settings: Settings) -> str:
    """Hash of what people have sent and taken back, and of the rules: the same while it is validated and computed."""
    ledger = ledger_of(settings)
    files = [entry.sha256 for entry in ledger.files()]
    acts = [f"{what} {sha256}" for what, sha256 in ledger.acts() if what in ("withdraw", "readmit")]
    return hashlib.sha256("\n".join((_rules(settings), *files, *acts)).encode()).hexdigest()


def _rules(settings: Settings) -> str:
    """By which rules everything is computed, and for whom."""
    place = (settings.scope, settings.municipality, settings.region)
    return "|".join((versions.computing(), *place, settings.engine, settings.risk_rules))


def stale(settings: Settings, published: Mapping[int, str], *, by_calendar: bool = True) -> list[int]:
    """Years to publish again: new or unvalidated facts, other rules, facts that are gone, or computed tables that are;
    and the years after one whose facts wait, for they are compared with it.

    published: year → inputs hash of the last publication (`publishing.publish.last_inputs`); by_calendar: also those
    of which nothing but a deadline has passed since.
    """
    now = inputs(settings)
    if not by_calendar:
        now, published = ({year: _without_deadlines(of_year) for year, of_year in hashes.items()}
                          for hashes in (now, published))  # fmt: skip
    waiting = {year for entry in intake.unvalidated(settings, KINDS) for year in entry.years}
    years = {*now, *published, *waiting}
    waiting |= now.keys() - computed_years(ledger_of(settings).products().values())
    after = {year for year in years if waiting and year > min(waiting)}
    return sorted(year for year in years if year in waiting | after or now.get(year) != published.get(year))


def closed(settings: Settings, published: Mapping[int, str]) -> list[CycleState]:
    """The cycles whose deadlines have passed since their years were published, of years of which nothing else has
    changed. published: see `stale`.
    """
    by_files = stale(settings, published, by_calendar=False)
    years = [year for year in stale(settings, published) if year not in by_files]
    before = {year: int(published[year].partition(DEADLINES)[2] or 0) for year in years}
    return [state for year in years for state in cycle_states.passed(settings, year)[before[year] :]]


def _without_deadlines(of_year: str) -> str:
    return of_year.partition(DEADLINES)[0]
