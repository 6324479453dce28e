"""The assets at both ends of the graph, which are of no family: the files that came, and the publication.

No return annotations on asset functions: with check_specs Dagster refuses `-> MaterializeResult`.
"""

from collections.abc import Sequence

import dagster as dg
from pydantic import Field

from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.intake import freshness
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.intake.restoring import make_anew, restore
from msoko_pipeline.orchestration import metadata, partitions, remarks
from msoko_pipeline.orchestration.layers import OWNERS, PUBLICATION, SOURCES, WHOLE, Asset, Dep, spec_of
from msoko_pipeline.orchestration.pipeline import Pipeline


class OfFiles(dg.Config):
    """How a year is begun."""

    rebuild: bool = Field(
        default=False,
        description="Проверить все строки года заново и заново посчитать таблицы, хотя ничего не менялось",
    )


class OfPublication(dg.Config):
    """How a year is ended."""

    dry_run: bool = Field(
        default=False, description="Пробный запуск: витрины готовы и проверены, в хранилище ничего не меняется"
    )


def inbox() -> Asset:
    """raw/inbox: archive, recognise, keep the cells; adds the years found as partitions."""

    @dg.asset(
        key=["raw", "inbox"],
        group_name=SOURCES,
        kinds={"file", "excel"},
        owners=OWNERS,
        description="Папка приёма: файлы в архиве под своей контрольной суммой, вид и работа узнаны по содержанию, "
        "ячейки сохранены как текст. Дважды присланный файл ничего не меняет.",
        check_specs=[
            spec_of(remarks.RECOGNISED, ["raw", "inbox"], "Каждый файл узнан и прочитан, кроме принятых замечаний")
        ],
    )
    def received(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]):  # type: ignore[no-untyped-def]
        restored = restore(pipeline.settings, pipeline.progress)
        brought = intake.receive(pipeline.settings, pipeline.progress)
        ledger = ledger_of(pipeline.settings)
        entries = ledger.files()
        partitions.add(context.instance, {year for entry in entries for year in entry.years})
        return dg.MaterializeResult(
            metadata={
                "new": len(brought.new),
                "known": len(brought.old),
                "restored": len(restored),
                **metadata.received(entries),
            },
            check_results=[remarks.of_files(entries, ledger.accepted_remarks())],
        )

    return received


def year_files(deps: Sequence[Dep]) -> Asset:
    """raw/files: the register of a year's files."""

    @dg.asset(
        key=["raw", "files"],
        group_name=SOURCES,
        partitions_def=partitions.years,
        backfill_policy=WHOLE,
        kinds={"file"},
        owners=OWNERS,
        deps=deps,
        description="Файлы отчётного года: что прислано, какого вида, какой работы. Хранилище фактов сверено с "
        "реестром: изменённое на диске сделано заново.",
    )
    def listed(  # type: ignore[no-untyped-def]
        context: dg.AssetExecutionContext, config: OfFiles, pipeline: dg.ResourceParam[Pipeline]
    ):
        restore(pipeline.settings, pipeline.progress)
        if config.rebuild:
            make_anew(pipeline.settings, partitions.of(context))
        every = ledger_of(pipeline.settings).files()
        of_year = {year: [entry for entry in every if year in entry.years] for year in partitions.of(context)}
        described = {year: metadata.received(entries) for year, entries in of_year.items()}
        partitions.describe(context, described, context.asset_key)
        return dg.MaterializeResult()

    return listed


def publication(deps: Sequence[Dep]) -> Asset:
    """marts/publication: all tables of the years in one transaction, with the operational tables and the diff; not made
    by a dry run.
    """
    key = ["marts", "publication"]

    @dg.asset(
        key=key,
        group_name=PUBLICATION,
        partitions_def=partitions.years,
        backfill_policy=WHOLE,
        kinds={"sql", "sqlalchemy"},
        owners=OWNERS,
        deps=deps,
        output_required=False,
        description="Публикация: отчётный год заменяется в хранилище одной транзакцией; читатель видит прежнюю "
        "публикацию или новую, никогда не смесь. Что изменилось — в ops.publication.",
    )
    def published(  # type: ignore[no-untyped-def]
        context: dg.AssetExecutionContext, config: OfPublication, pipeline: dg.ResourceParam[Pipeline]
    ):
        from msoko_pipeline.publishing import rows
        from msoko_pipeline.publishing.release import release

        if config.dry_run:
            context.log.info("Пробный запуск: ничего не опубликовано, витрины лежат готовые")
            return
        years = partitions.of(context)
        done = release(pipeline.settings, years, pipeline.progress)
        described = {}
        for year in years:
            paths = {mart: rows.staged(pipeline.settings, year, mart) for mart in done.row_counts}
            counts = {mart: rows.count(path) for mart, path in paths.items() if path.exists()}
            described[year] = {"dagster/row_count": sum(counts.values()), "tables": counts}
        partitions.describe(context, described, context.asset_key)
        yield dg.MaterializeResult(
            metadata={
                "publication_id": done.publication_id,
                "diff": dg.MetadataValue.json(done.diff),
                "notes": "\n".join(done.notes),
            }
        )

    return published


def register(deps: Sequence[Dep]) -> Asset:
    """marts/register: the operational tables alone, where no year waits whose publication would bring them."""

    @dg.asset(
        key=["marts", "register"],
        group_name=PUBLICATION,
        kinds={"sql", "sqlalchemy"},
        owners=OWNERS,
        deps=deps,
        description="Реестр файлов и замечания в хранилище, когда публиковать нечего, кроме них: отказ должен быть "
        "виден и тогда, когда ничего не принято. Ждут годы — реестр опубликуется вместе с ними.",
    )
    def renewed(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]):  # type: ignore[no-untyped-def]
        from msoko_pipeline.publishing.publish import last_inputs
        from msoko_pipeline.publishing.release import release, unpublished_register
        from msoko_pipeline.publishing.warehouse import WarehouseError

        settings = pipeline.settings
        try:
            waits = bool(freshness.stale(settings, last_inputs(settings)))
        except WarehouseError as error:  # the files are taken in; they are published when the warehouse answers
            return dg.MaterializeResult(metadata={"published": False, "trouble": str(error)})
        published = not waits and unpublished_register(settings)
        if published:
            release(settings, [], pipeline.progress)
        return dg.MaterializeResult(metadata={"published": published, "years_wait": waits})

    return renewed
