"""How an asset of each layer is made: its key, group, partitions, checks, metadata. `assets/` says which and from what.

No return annotations on asset functions: with check_specs Dagster refuses `-> MaterializeResult`.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dagster as dg

from msoko_pipeline import freshness, intake
from msoko_pipeline.orchestration import metadata, partitions
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.restoring import restore
from msoko_pipeline.settings import Settings
from schemas.fields import title_of
from schemas.kinds import KINDS
from schemas.marts import MARTS

warnings.filterwarnings("ignore", category=dg.BetaWarning)  # backfill_policy: one run for a range of years

OWNERS = ["team:msoko"]
WHOLE = dg.BackfillPolicy.single_run()
Asset = dg.AssetsDefinition


def inbox() -> Asset:
    """raw/inbox: archive, recognise, keep the cells; adds the years found as partitions."""

    @dg.asset(
        key=["raw", "inbox"],
        group_name="raw",
        kinds={"file", "excel"},
        owners=OWNERS,
        description="Папка приёма: файлы в архиве под своей контрольной суммой, вид и работа узнаны по содержанию, "
        "ячейки сохранены как текст. Дважды присланный файл ничего не меняет.",
        check_specs=[_spec("every_file_recognised", ["raw", "inbox"], "Каждый файл узнан и прочитан")],
    )
    def received(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]):  # type: ignore[no-untyped-def]
        restored = restore(pipeline.settings, pipeline.progress)
        brought = intake.receive(pipeline.settings, pipeline.progress)
        entries = intake.ledger_of(pipeline.settings).files()
        partitions.add(context.instance, {year for entry in entries for year in entry.years})
        refused = [entry for entry in entries if entry.status == "refused"]
        return dg.MaterializeResult(
            metadata={
                "new": len(brought.new),
                "known": len(brought.known),
                "restored": len(restored),
                **metadata.files(entries),
            },
            check_results=[
                dg.AssetCheckResult(
                    check_name="every_file_recognised",
                    passed=not refused,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"refused": dg.MetadataValue.md("\n".join(f"* {e.message_ru}" for e in refused) or "нет")},
                )
            ],
        )

    return received


def year_files(deps: Sequence[Asset]) -> Asset:
    """raw/files: the register of a year's files."""

    @dg.asset(
        key=["raw", "files"],
        group_name="raw",
        partitions_def=partitions.years,
        backfill_policy=WHOLE,
        kinds={"file"},
        owners=OWNERS,
        deps=deps,
        description="Файлы отчётного года: что прислано, какого вида, какой работы. Хранилище фактов сверено с "
        "реестром: изменённое на диске сделано заново.",
    )
    def listed(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]):  # type: ignore[no-untyped-def]
        restore(pipeline.settings, pipeline.progress)
        years = set(partitions.of(context))
        entries = [entry for entry in intake.ledger_of(pipeline.settings).files() if entry.years & years]
        return dg.MaterializeResult(metadata=metadata.files(entries))

    return listed


def validated(kind: str, deps: Sequence[Asset], *, group: str, of_every_year: bool = False) -> Asset:
    """validated/<kind>: cells → typed, judged facts in the lake; refused rows in quarantine with every reason.

    group: the source, as the UI groups it (`vpr`, `gia`, `talent`, `preschool`, …); so with the other layers.
    """
    key = ["validated", kind]
    model = KINDS[kind].model

    @dg.asset(
        key=key,
        group_name=group,
        partitions_def=None if of_every_year else partitions.years,
        backfill_policy=None if of_every_year else WHOLE,
        kinds={"pandera", "parquet"},
        owners=OWNERS,
        deps=deps,
        description=f"{title_of(model)}: принятые строки — в хранилище фактов, остальные — в карантине с причинами.",
        metadata={"dagster/column_schema": metadata.table_schema(model)},
        check_specs=[
            _spec("rows_add_up", key, "Прочитано = принято + в карантине, по каждому файлу", blocking=True),
            _spec("every_row_accepted", key, "В карантине нет ни одной строки"),
        ],
    )
    def facts(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]):  # type: ignore[no-untyped-def]
        years = None if of_every_year else partitions.of(context)
        intake.validate(pipeline.settings, [kind], years, pipeline.progress)
        entries = [
            entry
            for entry in intake.ledger_of(pipeline.settings).files("kind = ? and status <> 'withdrawn'", kind)
            if years is None or entry.years & set(years)
        ]
        wrong = [e.name for e in entries if e.rows_read != e.rows_accepted + e.rows_quarantined]
        held = {e.name: e.rows_quarantined for e in entries if e.rows_quarantined}
        return dg.MaterializeResult(
            metadata=metadata.files(entries),
            check_results=[
                dg.AssetCheckResult(check_name="rows_add_up", passed=not wrong, metadata={"files": wrong}),
                dg.AssetCheckResult(
                    check_name="every_row_accepted",
                    passed=not held,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"quarantined": dg.MetadataValue.json(held)},
                ),
            ],
        )

    return facts


Verdict = tuple[bool, dict[str, Any]]


def indicators(
    name: str,
    make: Callable[[Settings, Sequence[int]], Any],
    description: str,
    deps: Sequence[Asset],
    *,
    group: str,
    layer: str = "indicators",
    checks: Mapping[str, tuple[str, Callable[[Settings, Sequence[int]], Verdict]]] | None = None,
) -> Asset:
    """<layer>/<name>: one step of the year's computation, Narwhals on DuckDB.

    checks: name → (what it checks, in Russian; a function that says whether it holds, and what it found). They block.
    """
    key, judged = [layer, name], checks or {}

    @dg.asset(
        key=key,
        group_name=group,
        partitions_def=partitions.years,
        backfill_policy=WHOLE,
        kinds={"duckdb", "parquet"},
        owners=OWNERS,
        deps=deps,
        description=description,
        check_specs=[_spec(check, key, says, blocking=True) for check, (says, _) in judged.items()],
    )
    def computed(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]):  # type: ignore[no-untyped-def]
        answer = make(pipeline.settings, partitions.of(context))
        rows = answer if isinstance(answer, dict) else {name: answer}
        pipeline.progress(f"Показатели — {description.split(':')[0].split(',')[0]}", 1, 1)
        verdicts = {check: holds(pipeline.settings, partitions.of(context)) for check, (_, holds) in judged.items()}
        return dg.MaterializeResult(
            metadata={"dagster/row_count": sum(rows.values()), "tables": rows},
            check_results=[
                dg.AssetCheckResult(check_name=check, passed=passed, metadata=found)
                for check, (passed, found) in verdicts.items()
            ],
        )

    return computed


def mart(name: str, deps: Sequence[Asset], *, group: str) -> Asset:
    """marts/<name>: the staged table, judged by Great Expectations before anything is published."""
    key, model = ["marts", name], MARTS[name]

    @dg.asset(
        key=key,
        group_name=group,
        partitions_def=partitions.years,
        backfill_policy=WHOLE,
        kinds={"parquet", "greatexpectations"},
        owners=OWNERS,
        deps=deps,
        description=f"{title_of(model)}. Таблица `{name}` до публикации.",
        metadata={"dagster/column_schema": metadata.table_schema(model)},
        check_specs=[_spec("expectations", key, "Ожидания Great Expectations к таблице", blocking=True)],
    )
    def table(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]):  # type: ignore[no-untyped-def]
        from msoko_pipeline.publishing.stage import stage, staged
        from msoko_pipeline.publishing.withholding import check
        from msoko_pipeline.reporting.quality_page import write_quality_page

        years = partitions.of(context)
        rows = stage(pipeline.settings, years, name)
        verdicts = check(pipeline.settings, years, name)
        failures = {str(year): list(v.failures) for year, v in verdicts.items() if not v.passed}
        if failures:  # nothing will be published, so nobody else would write the page
            write_quality_page(pipeline.settings)
        pipeline.progress("Витрины", list(MARTS).index(name) + 1, len(MARTS))
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": rows,
                "preview": metadata.preview([staged(pipeline.settings, year, name) for year in years], model),
            },
            check_results=[
                dg.AssetCheckResult(
                    check_name="expectations",
                    passed=not failures,
                    metadata={"failures": dg.MetadataValue.json(failures)},
                )
            ],
        )

    return table


def publication(deps: Sequence[Asset]) -> Asset:
    """marts/publication: all tables of the years in one transaction, with the operational tables and the diff."""
    key = ["marts", "publication"]

    @dg.asset(
        key=key,
        group_name="publication",
        partitions_def=partitions.years,
        backfill_policy=WHOLE,
        kinds={"sql", "sqlalchemy"},
        owners=OWNERS,
        deps=deps,
        description="Публикация: отчётный год заменяется в хранилище одной транзакцией; читатель видит прежнюю "
        "публикацию или новую, никогда не смесь. Что изменилось — в ops.publication.",
    )
    def published(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]):  # type: ignore[no-untyped-def]
        from msoko_pipeline.publishing.release import release

        done = release(pipeline.settings, partitions.of(context), pipeline.progress)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": sum(done.row_counts.values()),
                "publication_id": done.publication_id,
                "tables": dg.MetadataValue.json(done.row_counts),
                "diff": dg.MetadataValue.json(done.diff),
                "notes": "\n".join(done.notes),
            }
        )

    return published


def register(deps: Sequence[Asset]) -> Asset:
    """marts/register: the operational tables alone, where no year waits whose publication would bring them."""

    @dg.asset(
        key=["marts", "register"],
        group_name="publication",
        kinds={"sql", "sqlalchemy"},
        owners=OWNERS,
        deps=deps,
        description="Реестр файлов и замечания в хранилище, когда публиковать нечего, кроме них: отказ должен быть "
        "виден и тогда, когда ничего не принято. Ждут годы — реестр опубликуется вместе с ними.",
    )
    def told(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]):  # type: ignore[no-untyped-def]
        from msoko_pipeline.publishing.publish import last_inputs
        from msoko_pipeline.publishing.release import release, unpublished_register

        settings = pipeline.settings
        waits = bool(freshness.stale(settings, last_inputs(settings)))
        published = not waits and unpublished_register(settings)
        if published:
            release(settings, [], pipeline.progress)
        return dg.MaterializeResult(metadata={"published": published, "years_wait": waits})

    return told


def _spec(name: str, key: list[str], description: str, *, blocking: bool = False) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(name, asset=dg.AssetKey(key), description=description, blocking=blocking)
