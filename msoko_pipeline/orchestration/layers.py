"""How an asset of each layer is made: its key, group, partitions, checks, metadata. `assets/` says which and from what.

No return annotations on asset functions: with check_specs Dagster refuses `-> MaterializeResult`.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dagster as dg

from msoko_pipeline.home import engine, store
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.home.store import kinds_come
from msoko_pipeline.home.year_tables import by_year
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.orchestration import lineage, metadata, partitions, remarks, tags
from msoko_pipeline.orchestration.deadlines import freshness_policy
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.settings import Settings
from schemas.fields import title_of
from schemas.kinds import KINDS
from schemas.marts import MARTS, may_have_rows

warnings.filterwarnings("ignore", category=dg.BetaWarning)  # backfill_policy: one run for a range of years

OWNERS = ["team:msoko"]
SOURCES, FACTS, INDICATORS, DECISIONS, MARTS_GROUP, PUBLICATION = GROUPS = (
    "sources", "facts", "indicators", "decisions", "marts", "publication",
)  # fmt: skip
"""Groups of the UI's graph, in the order in which they are made: none comes from a later one."""
WHOLE = dg.BackfillPolicy.single_run()
Asset = dg.AssetsDefinition
Dep = Asset | dg.AssetSpec | dg.AssetKey
Verdict = tuple[bool, dict[str, Any]]
Checks = Mapping[str, tuple[str, Callable[[Settings, Sequence[int]], Verdict]]]
"""Name of a check → what it checks, in Russian; a function that says whether it holds, and what it found."""


def validated(kind: str, deps: Sequence[Dep], *, family: str) -> dg.AssetSpec:
    """validated/<kind>: cells → typed, judged facts in the lake; refused rows in quarantine with every reason.

    family: a tag, by which people search; so with the other layers. `judged` makes the assets of these.
    """
    model = KINDS[kind].model
    return dg.AssetSpec(
        ["validated", kind],
        group_name=FACTS,
        tags=tags.of_kind(kind, family),
        kinds={"pandera", "parquet"},
        owners=OWNERS,
        deps=deps,
        description=f"{title_of(model)}: принятые строки — в хранилище фактов, остальные — в карантине с причинами.",
        metadata={"dagster/column_schema": metadata.table_schema(model)},
    )


def judged(name: str, specs: Sequence[dg.AssetSpec], *, of_every_year: bool = False) -> Asset:
    """The validated kinds of a family as one step: a step costs more than the judging of a few files."""

    @_together(
        f"validated_{name}_of_every_year" if of_every_year else f"validated_{name}",
        specs,
        [
            ("rows_add_up", "Прочитано = принято + в карантине, по каждому файлу", True),
            (remarks.ACCEPTED, "В карантине нет ни одной строки, кроме принятых замечаний", False),
        ],
        partitioned=not of_every_year,
    )
    def facts(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]):  # type: ignore[no-untyped-def]
        years = None if of_every_year else partitions.of(context)
        kinds = [spec.key.path[-1] for spec in specs if spec.key in context.selected_asset_keys]
        title = tags.title_of_family(name) + (", на все годы" if of_every_year else "")
        intake.validate(pipeline.settings, kinds, years, pipeline.progress, title=title)
        ledger = ledger_of(pipeline.settings)
        received, accepted = ledger.files_of(kinds, "status <> 'withdrawn'"), ledger.accepted_remarks()
        for kind in kinds:
            of_kind = [entry for entry in received if entry.kind == kind]
            entries = [entry for entry in of_kind if years is None or entry.years & set(years)]
            wrong = [e.name for e in entries if e.rows_read != e.rows_accepted + e.rows_quarantined]
            key = remarks.facts(kind)
            lake = pipeline.settings.lake
            for year in years or ():
                files = metadata.judged([entry for entry in of_kind if year in entry.years])
                described = {year: {"dagster/row_count": store.rows_of(lake, kind, year), **files}}
                partitions.describe(context, described, key)
            of_all = {"dagster/row_count": store.rows_of(lake, kind, store.NO_YEAR), **metadata.judged(entries)}
            yield dg.MaterializeResult(
                asset_key=key,
                metadata=of_all if years is None else None,
                check_results=[
                    dg.AssetCheckResult(
                        asset_key=key, check_name="rows_add_up", passed=not wrong, metadata={"files": wrong}
                    ),
                    remarks.of_rows(kind, entries, accepted),
                ],
            )

    return facts


def indicators(
    name: str,
    make: Callable[[Settings, Sequence[int]], Any],
    description: str,
    deps: Sequence[Dep],
    *,
    family: str,
    group: str = INDICATORS,
    layer: str = "indicators",
    checks: Checks | None = None,
) -> Asset:
    """<layer>/<name>: one step of the year's computation, Narwhals on DuckDB. checks: they block what follows."""
    key, judged = [layer, name], checks or {}

    @dg.asset(
        key=key,
        group_name=group,
        tags={tags.FAMILY: family},
        partitions_def=partitions.years,
        backfill_policy=WHOLE,
        kinds={"duckdb", "parquet"},
        owners=OWNERS,
        deps=deps,
        description=description,
        check_specs=[spec_of(check, key, says, blocking=True) for check, (says, _) in judged.items()],
    )
    def computed(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]):  # type: ignore[no-untyped-def]
        years = partitions.of(context)
        with engine.noting() as written:
            make(pipeline.settings, years)
        tables = by_year(written)
        of_years = {year: tables.get(year, {}) for year in years}
        described = {year: {"dagster/row_count": sum(rows.values()), "tables": rows} for year, rows in of_years.items()}
        partitions.describe(context, described, context.asset_key)
        pipeline.progress(f"Показатели — {description.split(':')[0].split(',')[0]}", 1, 1)
        verdicts = {check: holds(pipeline.settings, years) for check, (_, holds) in judged.items()}
        return dg.MaterializeResult(
            check_results=[
                dg.AssetCheckResult(check_name=check, passed=passed, metadata=details)
                for check, (passed, details) in verdicts.items()
            ],
        )

    return computed


def mart(name: str, deps: Sequence[Dep], *, family: str) -> dg.AssetSpec:
    """marts/<name>: the staged table, judged by Great Expectations before anything is published.

    `staged_tables` makes the assets of these.
    """
    model = MARTS[name]
    return dg.AssetSpec(
        ["marts", name],
        group_name=MARTS_GROUP,
        tags=tags.of_mart(name, family),
        kinds={"parquet", "greatexpectations"},
        owners=OWNERS,
        deps=deps,
        description=f"{title_of(model)}. Таблица `{name}` до публикации.",
        metadata={
            "dagster/column_schema": metadata.table_schema(model, lineage.in_words(name)),
            **lineage.of_mart(name),
        },
        freshness_policy=freshness_policy(name),
    )


def staged_tables(name: str, specs: Sequence[dg.AssetSpec]) -> Asset:
    """The marts of a family as one step."""

    @_together(f"marts_{name}", specs, [("expectations", "Ожидания Great Expectations к таблице", True)])
    def tables(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]):  # type: ignore[no-untyped-def]
        from msoko_pipeline.publishing import rows
        from msoko_pipeline.publishing.stage import stage
        from msoko_pipeline.publishing.withholding import check
        from msoko_pipeline.reporting.quality_page import write_quality_page

        settings, years = pipeline.settings, partitions.of(context)
        made = {*may_have_rows(kinds_come(settings.lake))}
        chosen = [spec.key.path[-1] for spec in specs if spec.key in context.selected_asset_keys]
        for number, mart in enumerate(chosen, 1):
            if mart in made:
                stage(settings, years, mart)
            verdicts = check(settings, years, mart) if mart in made else {}
            failures = {str(year): list(v.failures) for year, v in verdicts.items() if not v.passed}
            if failures:  # nothing will be published, so nobody else would write the page
                write_quality_page(settings)
            pipeline.progress(f"Витрины — {tags.title_of_family(name)}", number, len(chosen))
            key = dg.AssetKey(["marts", mart])
            if mart in made:
                staged = {year: rows.staged(settings, year, mart) for year in years}
                described = {year: metadata.rows(path, MARTS[mart]) for year, path in staged.items()}
                partitions.describe(context, described, key)
            yield dg.MaterializeResult(
                asset_key=key,
                metadata=None if mart in made else {"dagster/row_count": 0},
                check_results=[
                    dg.AssetCheckResult(
                        asset_key=key,
                        check_name="expectations",
                        passed=not failures,
                        metadata={"failures": dg.MetadataValue.json(failures)},
                    )
                ],
            )

    return tables


def _together(
    name: str, specs: Sequence[dg.AssetSpec], checks: Sequence[tuple[str, str, bool]], *, partitioned: bool = True
) -> Callable[[Callable[..., Any]], Asset]:
    """Assets of one step, any of which may be chosen alone; checks of each: name, what it checks, whether it blocks."""
    return dg.multi_asset(
        name=name,
        specs=specs,
        can_subset=True,
        partitions_def=partitions.years if partitioned else None,
        backfill_policy=WHOLE if partitioned else None,
        check_specs=[
            spec_of(check, list(spec.key.path), says, blocking=blocks)
            for spec in specs
            for check, says, blocks in checks
        ],
    )


def spec_of(name: str, key: list[str], description: str, *, blocking: bool = False) -> dg.AssetCheckSpec:
    """A check of an asset, declared. description: what it checks, in Russian; blocking: what follows waits for it."""
    return dg.AssetCheckSpec(name, asset=dg.AssetKey(key), description=description, blocking=blocking)
