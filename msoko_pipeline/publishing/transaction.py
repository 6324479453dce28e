"""The publishing transaction: years of marts replaced, register, issues and quarantine with them, and the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from msoko_pipeline.home.store import digest, kinds_come
from msoko_pipeline.publishing import diff, history, load, record, rows, views
from msoko_pipeline.publishing.dependants import Changes
from msoko_pipeline.publishing.expectations import judged_digest
from msoko_pipeline.publishing.record import Publication
from msoko_pipeline.publishing.sql_tables import Warehouse, prepare, warehouse
from msoko_pipeline.publishing.warehouse import connect, writing
from msoko_pipeline.settings import Settings
from schemas import dimensions
from schemas.marts import MARTS, may_have_rows
from schemas.ops import OPS

STEP = "Публикация"


def run(
    settings: Settings,
    years: tuple[int, ...],
    *,
    files: pa.Table | pd.DataFrame,
    parquet_files: Mapping[str, Iterable[Path]],
    replacement: pa.Table | pd.DataFrame | None,
    inputs: Mapping[int, str],
    rule_version: str,
    progress: Callable[[str, int, int], None],
) -> Publication:
    """What `publish` promises; parquet_files: operational table → its Parquet files."""
    made = may_have_rows(kinds_come(settings.lake))
    _refuse_incomplete(settings, years, made)
    register = rows.of_frame(files, OPS["file"])
    about_files = {name: rows.read_many(paths, OPS[name]) for name, paths in parquet_files.items()}
    if replacement is not None:
        about_files["replacement"] = rows.of_frame(replacement, OPS["replacement"])
    for name, records in about_files.items():
        _refuse_strangers(name, records, register)
    of_backup = history.waiting(settings)
    engine = connect(settings.warehouse)
    try:
        with diff.keeping(settings, years, made) as keep, writing(engine) as connection:
            others = Changes()
            made_anew = prepare(connection, others, views.declared(engine.dialect.name))
            before = record.last_row(connection)
            published_at = record.moment(history.latest(before, of_backup))
            keep(published_at)
            tables = warehouse(engine.dialect.name)
            counts: dict[str, int] = {}
            changes: dict[str, diff.Change] = {}
            stamps = {"rule_version": rule_version, "published_at": published_at}
            for done, name in enumerate(MARTS, 1):
                of_years = years if name in made else ()
                sources = {year: diff.kept(settings, year, name, published_at) for year in of_years}
                counts[name], changes[name] = _replace(
                    connection, tables.marts[name], settings, years, name, sources, stamps
                )
                progress(STEP, done, len(MARTS) + 1)
            _replace_operational(connection, tables, register, about_files)
            _renew_dimensions(connection, tables)
            all_inputs = {} if made_anew or before is None else record.inputs_of(before)
            all_inputs = {year: of_year for year, of_year in all_inputs.items() if year not in years}
            all_inputs |= {year: inputs[year] for year in years if year in inputs}
            others.fill(connection)
            number, notes = record.number(published_at), tuple(others.notes)
            publication = Publication(number, published_at, years, counts, changes, notes)
            history.put_back(connection, tables.ops["publication"], of_backup)
            connection.execute(tables.ops["publication"].insert(), [publication.row(all_inputs, rule_version)])
        history.taken(settings)
    finally:
        engine.dispose()
    progress(STEP, len(MARTS) + 1, len(MARTS) + 1)
    return publication


def _refuse_incomplete(settings: Settings, years: Iterable[int], marts: Iterable[str]) -> None:
    """Look at the staged tables of these marts before the transaction begins. Raises StagedError, naming everything
    that is wrong.
    """
    wrong, marts = [], [*marts]
    for year in years:
        for name in marts:
            path = rows.staged(settings, year, name)
            fault = rows.columns_wrong(path, MARTS[name]) if path.exists() else "таблица не подготовлена"
            if not fault and judged_digest(settings, year, name) not in (None, digest(path)):
                fault = "таблица изменена после проверки; запустите снова"
            if fault:
                wrong.append(f"{name}, {year} год: {fault}")
    if wrong:
        raise rows.StagedError("К публикации готово не всё. " + ". ".join(wrong))


def _refuse_strangers(name: str, records: pa.Table, register: pa.Table) -> None:
    """Raises StagedError where a row is about a file that the register does not have: nothing would ever replace it."""
    strangers = set(pc.unique(records["sha256"]).to_pylist()) - set(register["sha256"].to_pylist())
    if strangers:
        raise rows.StagedError(f"ops.{name}: строки о файлах, которых нет в реестре: {', '.join(sorted(strangers))}")


def _replace(
    connection: sa.Connection,
    table: sa.Table,
    settings: Settings,
    years: tuple[int, ...],
    name: str,
    sources: Mapping[int, Path],
    stamps: Mapping[str, str],
) -> tuple[int, diff.Change]:
    """One mart: compare, delete the years, write the new rows. Returns the rows written and what changed.

    sources: year → its new rows; a year without them has none.
    """
    change, written, model = diff.nothing(), 0, MARTS[name]
    if not any(map(rows.count, sources.values())) and not load.holds(connection, table, years):
        return 0, change
    for year in years:
        new = sources.get(year)
        of_year = diff.against(connection, table, settings, year, name, model, new) if new else None
        change = diff.plus(change, of_year or diff.all_removed(connection, table, year))
    if years:
        load.clear(connection, table, years)
    for year, source in sources.items():
        try:
            written += load.insert(connection, table, rows.read(source, model), stamps)
        except Exception as error:
            error.add_note(f"Таблица «{name}», {year} год: строки не записаны, публикация отменена")
            raise
    if written:
        load.analyze(connection, table)
    return written, change


def _replace_operational(
    connection: sa.Connection, tables: Warehouse, register: pa.Table, about_files: Mapping[str, pa.Table]
) -> None:
    file = tables.ops["file"]
    connection.execute(file.delete())
    load.insert(connection, file, register)
    for name, records in about_files.items():
        table = tables.ops[name]
        connection.execute(table.delete().where(table.c.sha256.in_(sa.select(file.c.sha256))))
        load.insert(connection, table, records)


def _renew_dimensions(connection: sa.Connection, tables: Warehouse) -> None:
    """Write the dimensions whose rows are not those of the data beside the models."""
    for name, table in tables.dimensions.items():
        rows_of = dimensions.rows(name)
        if [dict(row) for row in connection.execute(sa.select(table).order_by("sort_order")).mappings()] != rows_of:
            connection.execute(table.delete())
            connection.execute(table.insert(), rows_of)
