"""The publication of years: staged marts and the ledger's register into the warehouse, then the quality page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from msoko_pipeline.home import audit, store
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.intake import freshness
from msoko_pipeline.intake.steps import Progress, quiet
from msoko_pipeline.publishing import file_status, ops_rows
from msoko_pipeline.publishing.publish import Publication, publish
from msoko_pipeline.publishing.record import last_inputs, last_row
from msoko_pipeline.publishing.sql_tables import warehouse
from msoko_pipeline.publishing.warehouse import exists, reading
from msoko_pipeline.reporting.quality_page import write_quality_page
from msoko_pipeline.settings import Settings
from msoko_pipeline.versions import computing


def unpublished_register(settings: Settings) -> bool:
    """Whether the warehouse's `ops.file` has other files, or another state of them, than the ledger.

    An empty ledger has nothing to tell.
    """
    entries = {entry.sha256: entry.status for entry in ledger_of(settings).files()}
    if not entries or not exists(settings.warehouse):
        return bool(entries)
    with reading(settings.warehouse) as connection:
        if last_row(connection) is None:
            return True
        file = warehouse(connection.dialect.name).ops["file"]
        published = {row.sha256: row.status for row in connection.execute(sa.select(file.c.sha256, file.c.status))}
    return published != entries


def release(settings: Settings, years: Sequence[int], progress: Progress = quiet) -> Publication:
    """Publish the staged years in one transaction with the register, issues and quarantine; write the quality page.

    What was computed is entered in the ledger, and the page written, before the transaction: nothing is left to do
    after it, so that a run killed at that moment is whole. Without years only the operational tables are published:
    what was refused must be told even when nothing was taken.
    """
    file_status.mark_superseded(settings)
    file_status.mark_waiting(settings)
    entries = ledger_of(settings).files()
    with_facts = store.years(settings.lake)
    issues = [store.issues_file(settings.lake, entry.sha256) for entry in entries]
    for year in with_facts:
        issues += store.question_files(settings.lake, year)
    quarantines = [store.quarantine_file(settings.lake, entry.sha256) for entry in entries]
    schools = ops_rows.schools_of(settings, with_facts)
    now = freshness.inputs(settings)
    ledger = ledger_of(settings)
    for year in years:
        ledger.set_products(audit.owner_of(year), audit.tables_of(settings, year))
    ledger.keep_copy()
    write_quality_page(settings)
    waits = _first_waiting(settings, years, now)
    return publish(
        settings,
        years,
        files=ops_rows.files(entries, schools, ledger.replacements()),
        issues=[ops_rows.issues(settings, entries, [path for path in issues if path.exists()], schools)],
        quarantine=[path for path in quarantines if path.exists()],
        replacement=ops_rows.replacements(entries, ledger.replacements()),
        inputs={year: now[year] for year in years if year in now and year < waits},
        rule_version=computing(),
        progress=progress,
    )


def _first_waiting(settings: Settings, years: Sequence[int], now: Mapping[int, str]) -> float:
    """The first other year that waits to be published: the years after it are compared with what will change, so they
    count as not published and come again with it."""
    settled = last_inputs(settings) | {year: now[year] for year in years if year in now}
    waiting = [year for year in freshness.stale(settings, settled) if year not in years]
    return min(waiting, default=math.inf)
