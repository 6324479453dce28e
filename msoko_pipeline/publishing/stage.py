"""From the year's indicators to staged marts: exactly the declared columns and types, ready to be judged.

`staging/year=…/<mart>.parquet` is what the expectations check and what is published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from msoko_pipeline.home import engine, holding, store
from msoko_pipeline.home.tables import path
from msoko_pipeline.indicators.management import records
from msoko_pipeline.publishing import public_rows
from msoko_pipeline.publishing.rows import empty, staged
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.fields import columns_of
from schemas.indicators import indicators
from schemas.marts import MARTS, Result
from schemas.sources.nok import CRITERIA

CYCLE_OF = "split_part(lower(procedure), '-', 1) || '-{year}'"
CYCLE = f"{CYCLE_OF} as cycle"
Source = Callable[[Any, Settings, int], str]


def stage(settings: Settings, years: Sequence[int], mart: str) -> int:
    """Write the staged mart of each year; returns the rows. Sorted by its key, so that equal data give equal files."""
    model = MARTS[mart]
    of_results = issubclass(model, Result)
    columns = columns_of(model)
    key = ", ".join(column.name for column in columns if column.key)
    rows = 0
    with engine.connect(settings) as connection:
        for year in years:
            if _is_empty(settings, year, mart):
                engine.write_table(empty(model), staged(settings, year, mart))
                continue
            expressions = {"year": str(year), "school_year": f"'{catalogue.school_year(year)}'"}
            if of_results:  # the ВПР of autumn 2020 belongs to a school year of its own
                of_vpr = catalogue.school_year(year, of_vpr=True)
                expressions["school_year"] = (
                    f"case procedure when 'VPR' then '{of_vpr}' else {expressions['school_year']} end"
                )
                expressions["cycle"] = CYCLE_OF.format(year=year)
            chosen = ", ".join(
                f"({expressions.get(c.name, c.name)})::{engine.sql_type(c.dtype)} as {c.name}" for c in columns
            )
            rows_of = public_rows.marked(connection, settings, year, mart, SOURCES)
            query = f"select {chosen} from ({rows_of}) order by {key}"
            rows += engine.write(connection, query, staged(settings, year, mart))
    return rows


def _is_empty(settings: Settings, year: int, mart: str) -> bool:
    """Whether a mart that is its computed table has no row in the year."""
    return mart not in OF_THEIR_OWN and pq.read_metadata(path(settings, year, mart)).num_rows == 0


def _from(table: str, settings: Settings, year: int) -> str:
    return f"{store.as_sql([path(settings, year, table)])} as {table}"


def _organisation(connection: Any, settings: Settings, year: int) -> str:
    short = "coalesce(short_name, name) as short_name"
    return f"select * replace ({short}), org_kind as kind from {_from('organisations', settings, year)}"


def _indicator(connection: Any, settings: Settings, year: int) -> str:
    set_targets = _targets(connection, settings, year)
    rows = [
        {
            "indicator_id": name, "section": declared["section"], "roadmap_item": declared["item"],
            "title_ru": declared["title"], "unit": declared["unit"], "formula": declared["formula"],
            "source": declared["source"], "higher_is_better": declared["higher_is_better"],
            "target": set_targets.get(name, declared["target"]), "verified": declared["verified"],
        }
        for name, declared in indicators().items()
    ]  # fmt: skip
    types = {"higher_is_better": "boolean", "target": "Float64", "verified": "boolean"}
    connection.register("_indicators", engine.arrow(pd.DataFrame(rows).astype(types)))
    return "select * from _indicators"


def _targets(connection: Any, settings: Settings, year: int) -> dict[str, float]:
    """Indicator → the target that the authority has set for the year."""
    rows = holding.current(connection, settings, "target", [year])
    if rows is None:
        return {}
    chosen = engine.select(connection, "select indicator_id, target from rows order by rank", rows=rows)
    return dict(zip(chosen["indicator_id"], chosen["target"].astype(float), strict=True))


def _indicator_value(connection: Any, settings: Settings, year: int) -> str:
    targets = f"select indicator_id, target from ({_indicator(connection, settings, year)})"
    return f"select * from {_from('values', settings, year)} left join ({targets}) using (indicator_id)"


def _august_pack(connection: Any, settings: Settings, year: int) -> str:
    """Indicators of territories, beside their targets and two years before."""
    key = ("indicator_id", "procedure", "subject", "grade", "level", "unit_id")
    return f"""
        with d as (select * from {_from("dynamics", settings, year)})
        select v.*, i.section, i.roadmap_item, i.target, d.value_1, d.value_2, d.change_1, d.relative_change_1, d.trend,
            d.not_judged,
            case when i.higher_is_better then v.value >= i.target
                when not i.higher_is_better then v.value <= i.target end as is_on_target
        from (select {", ".join(key)}, value, ci_low, ci_high, denominator, small_base
            from {_from("values", settings, year)} where level <> 'school') v
        join ({_indicator(connection, settings, year)}) i using (indicator_id)
        left join d using ({", ".join(key)})"""


def _vpr_school(connection: Any, settings: Settings, year: int) -> str:
    """Unknown counts are NULL, not 0: marks without a scale, a journal that was not compared."""
    marks = ", ".join(f"case when marked > 0 then n{mark} end as mark_{mark}" for mark in (2, 3, 4, 5))
    journal = ", ".join(
        f"case when journal_known > 0 then {name} end as journal_{name}"
        for name in ("lower", "equal", "higher", "gap_2plus")
    )
    return (
        "select * exclude (marked, small_base), case when marked > 0 then marked end as marked, "
        f"coalesce(small_base, true) as small_base, n as participants, {marks}, {journal} "
        f"from {_from('results', settings, year)}"
    )


def _vpr_task(connection: Any, settings: Settings, year: int) -> str:
    skills = _from("skills", settings, year)
    return f"select * from {_from('task_results', settings, year)} left join {skills} using (subject, grade, task)"


TASK_NUMBERS = "regexp_extract_all(task, '[0-9]+')::bigint[]"
"""Numbers in the code of a task, by which tasks stand in their order: 10.К1 after 9."""
TASK_ORDER = f"dense_rank() over (partition by subject, grade order by {TASK_NUMBERS}, task) as task_order"


def _vpr_task_group(connection: Any, settings: Settings, year: int) -> str:
    base = catalogue.thresholds(year)["small_base"]
    small = f"coalesce(participants < {base}, true) as small_base"
    return f"select *, {small}, {TASK_ORDER} from {_from('groups', settings, year)}"


def _planned_results(connection: Any, settings: Settings, year: int) -> str:
    rows = holding.current(connection, settings, "vpr_planned", [year])
    if rows is None:
        empty = "null::varchar as subject, null::bigint as grade, null::varchar as level, null::varchar as unit_id"
        empty += ", null as task, null as task_order"
        return f"select {empty}, null as requirement, null as max_score, null as completion_pct limit 0"
    return f"select *, {TASK_ORDER} from ({engine.sql(rows)})"


def _score_distribution(connection: Any, settings: Settings, year: int) -> str:
    return f"select * from {_from('distribution', settings, year)}"


def _school_procedure(connection: Any, settings: Settings, year: int) -> str:
    return f"select *, {CYCLE.format(year=year)} from {_from('procedures', settings, year)}"


def _objectivity_school(connection: Any, settings: Settings, year: int) -> str:
    declared = catalogue.signs(year)["signs"]
    rows = [(sign, rule["title"], rule["evidence"], rule["family"], rule["counts"]) for sign, rule in declared.items()]
    signs = pd.DataFrame(rows, columns=["sign", "title_ru", "evidence", "family", "is_evidence"])
    connection.register("_signs", pa.Table.from_pandas(signs, preserve_index=False))
    return f"select *, {CYCLE.format(year=year)} from {_from('signs', settings, year)} join _signs using (sign)"


def _risk_profile(connection: Any, settings: Settings, year: int) -> str:
    rows = holding.current(connection, settings, "risk_profile", [year])
    if rows is None:
        return "select null as org_id, null as factor, null as title_ru, null as level limit 0"
    names = pd.DataFrame(sorted(catalogue.risk_factors().items()), columns=["factor", "title_ru"])
    connection.register("_factors", pa.Table.from_pandas(names, preserve_index=False))
    return f"select * from ({engine.sql(rows)}) join _factors using (factor)"


def _as_computed(table: str) -> Source:
    """A mart whose columns are a computed table's own."""
    return lambda connection, settings, year: f"select * from {_from(table, settings, year)}"


def _named(source: Source, names: Mapping[str, str]) -> Source:
    """A mart some of whose columns have other names than what they are computed as: old → new."""
    columns = ", ".join(f"{old} as {new}" for old, new in names.items())
    return lambda connection, settings, year: f"select * rename ({columns}) from ({source(connection, settings, year)})"


def _of_vpr(source: Source) -> Source:
    """A mart of ВПР results: its rows get their procedure."""
    return lambda connection, settings, year: (
        f"select 'VPR' as procedure, * from ({source(connection, settings, year)})"
    )


def _tasks(connection: Any, settings: Settings, year: int) -> str:
    """Tasks of ВПР and of the state exams together, in the order of their works, a school's beside its town's."""
    of_vpr = f"select *, {TASK_ORDER} from ({_of_vpr(_vpr_task)(connection, settings, year)})"
    exams = f"select *, position as task_order from {_from('gia_task_results', settings, year)}"
    towns = (
        "select procedure, subject, grade, task, unit_id as municipality_id, completion_pct as town_completion_pct "
        "from told where level = 'municipality'"
    )
    return (
        f"with told as ({of_vpr} union all by name {exams}) select told.*, town_completion_pct from told "
        f"left join {_from('organisations', settings, year)} on level = 'school' and org_id = unit_id "
        f"left join ({towns}) using (procedure, subject, grade, task, municipality_id)"
    )


def _exams(grade: int) -> Source:
    return lambda connection, settings, year: (
        f"select * from {_from('gia_results', settings, year)} where grade = {grade}"
    )


def _of_cycle(table: str, cycle: str) -> Source:
    """A computed table whose rows are of one cycle of the year."""
    return lambda connection, settings, year: f"select *, '{cycle}-{year}' as cycle from {_from(table, settings, year)}"


def _records(kind: str) -> Source:
    """Records of a register of the management cycle, as they are published."""

    def query(connection: Any, settings: Settings, year: int) -> str:
        connection.register(f"_{kind}", engine.arrow(records.listed(connection, settings, kind, [year])))
        return f"select * from _{kind}"

    return query


def _nok(connection: Any, settings: Settings, year: int) -> str:
    """Organisations alone, their criteria by number."""
    numbered = ", ".join(f"{name} as k{number}" for number, name in enumerate(CRITERIA, 1))
    return (
        f"select unit_id as org_id, {numbered}, score as total, band, last_year, next_year as next_due, "
        f"case when overdue_whole > 0 then overdue_part > 0 end as overdue "
        f"from {_from('nok_summary', settings, year)} where level = 'school'"
    )


OF_THEIR_OWN: dict[str, Source] = {
    "organisation": _organisation,
    "indicator": _indicator,
    "indicator_value": _indicator_value,
    "dynamics_3y": _as_computed("dynamics"),
    "august_pack": _august_pack,
    "vpr_school": _of_vpr(_vpr_school),
    "vpr_task": _tasks,
    "vpr_task_group": _of_vpr(_vpr_task_group),
    "planned_results": _of_vpr(_planned_results),
    "score_distribution": _of_vpr(_score_distribution),
    "gia9": _exams(9),
    "gia11": _exams(11),
    "school_procedure": _school_procedure,
    "objectivity_school": _objectivity_school,
    "risk_profile": _risk_profile,
    "nok": _nok,
    "recommendation": _records("recommendation"),
    "decision": _records("decision"),
    "preschool_quality": _of_cycle("preschool_quality", "mkdo"),
    "olympiad": _of_cycle("olympiad", "vsosh"),
}
"""Mart → the query that holds its columns, where it is more than the computed table of its name."""
RENAMED: dict[str, dict[str, str]] = {
    "org_match": {"score": "similarity"},
    "indicator_value": {
        "comparable": "is_comparable",
        "marks_incomplete": "has_incomplete_marks",
        "previous_marks_incomplete": "has_incomplete_previous_marks",
        "matched_base": "matched_participants",
        "matched_base_then": "matched_previous_participants",
    },
    "dynamics_3y": {
        "base": "denominator",
        "base_1": "denominator_1",
        "base_2": "denominator_2",
        "significant": "is_significant",
        "comparable": "is_comparable",
        "trend_comparable": "is_trend_comparable",
        "negative": "is_negative",
        "matched_base_1": "matched_participants_1",
        "matched_base_2": "matched_participants_2",
        "matched_base_then_1": "matched_previous_participants_1",
        "matched_base_then_2": "matched_previous_participants_2",
    },
    "vpr_school": {"marks_incomplete": "has_incomplete_marks"},
    "value_added": {"n": "participants", "reference_n": "reference_participants"},
    "school_context": {
        "indicator": "indicator_id",
        "mean": "mean_pct",
        "sd": "sd_pct",
        "z": "z_score",
        "unfavourable": "is_unfavourable",
        "counts": "is_in_isbsh",
    },
    "school_risk": {"results_confirmed": "is_confirmed"},
    "risk_movement": {"shnor_before": "previous_shnor", "judged": "judged_schools"},
    "risk_backtest": {"expected": "expected_shnor"},
    "risk_backtest_school": {
        "category_before": "previous_category",
        "warned": "is_warned",
        "became_shnor": "is_shnor",
        "baseline": "is_named_by_share",
        "by_forecast": "is_named_by_forecast",
    },
    "roadmap_status": {"item": "item_id", "done_on": "done_date"},
    "recommendation": {"item": "roadmap_item", "text": "text_ru"},
    "decision": {"item": "roadmap_item", "text": "text_ru"},
    "preschool_quality": {"base": "denominator", "published": "is_published", "previous": "previous_value"},
    "risk_profile": {"level": "significance"},
    "school_procedure": {"n": "participants", "judged": "is_judged", "listed": "is_listed", "low": "is_low"},
}
"""Mart → its columns that the formulas call otherwise: computed name → published name (docs/naming.md)."""


def _source(mart: str) -> Source:
    source = OF_THEIR_OWN.get(mart) or _as_computed(mart)
    return _named(source, RENAMED[mart]) if mart in RENAMED else source


SOURCES: dict[str, Source] = {mart: _source(mart) for mart in MARTS}
"""Mart → the query over the year's indicators that holds its columns."""
