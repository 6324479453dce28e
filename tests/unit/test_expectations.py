"""Great Expectations on staged marts: every kind of expectation and every rule, kept to and broken."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa_schema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from msoko_pipeline.publishing import rows
from msoko_pipeline.publishing.consistency import RULES
from msoko_pipeline.publishing.expectations import Verdict, check, judge
from msoko_pipeline.publishing.suite import suite
from msoko_pipeline.settings import Settings
from schemas.declared import DECLARED_MARTS, DeclaredMart
from schemas.fields import columns_of, field
from schemas.marts import MARTS, Mart
from schemas.measure import ALL, NO_GRADE, Count, Total

COMMON = {
    "year": 2021, "school_year": "2020/21", "cycle": "vpr-2021", "procedure": "VPR", "subject": "MA", "grade": 5,
    "level": "school", "unit_id": "edu190001", "small_base": False, "suppressed": False,
}  # fmt: skip


def _declared_row(mart: DeclaredMart) -> dict[str, Any]:
    """A row of nine of everything that counts all rows, of nobody in particular."""
    counts = {name: 0 if told.where else 9 for name, told in mart.measures.items() if isinstance(told, Count)}
    together = {name: NO_GRADE if name == "grade" else _value(mart, name) for name in mart.dimensions}
    return counts | together | ({"grade": 9} if all("grade" in names for names in mart.slices) else {})


def _value(mart: DeclaredMart, dimension: str) -> str:
    """All values together; of a dimension that every slice has and all codes together have no row, the first code."""
    codes = [*(mart.specs[dimension].codes or {}).values()] if dimension in mart.specs else []
    is_in_every = all(dimension in names for names in mart.slices)
    return str(codes[0]) if is_in_every and codes and ALL not in codes else ALL


DECLARED = {name: _declared_row(mart) for name, mart in DECLARED_MARTS.items()}
DECLARED["shifts"] |= {"with_result": 9}
DECLARED["diagnostics"] |= {"procedure": "REG"}
DECLARED["teacher_deficits"] |= {"planned": 10}
DECLARED["procedure_participation"] |= {"procedure": "REG"}
OWN = DECLARED | {
    "vpr_task": {"task": "1", "task_order": 1},
    "score_distribution": {"primary_score": 0, "share_pct": 100.0},
    "indicator_value": {"indicator_id": "x"},
    "dynamics_3y": {"indicator_id": "x", "value": 50.0},
    "value_added": {
        "org_id": "a",
        "cycle": "ege-2021",
        "procedure": "EGE",
        "subject": "RU",
        "procedure_from": "OGE",
        "subject_from": "RU",
        "year_from": 2019,
        "participants": 12,
        "takers": 12,
        "reference": "municipality",
        "reference_participants": 120,
        "reference_schools": 9,
        "text_ru": "x",
        "verified": False,
    },
    "school_procedure": {
        "org_id": "a",
        "cycle": "vpr-2021",
        "procedure": "VPR",
        "subject": "MA",
        "grade": 5,
        "participants": 10,
        "is_listed": True,
        "is_judged": True,
    },
    "preschool_quality": {
        "cycle": "mkdo-2021",
        "level": 3,
        "unit_level": "municipality",
        "org_id": "a",
        "area": "ALL",
        "indicator": "ALL",
        "roadmap_item": "10",
        "title_ru": "x",
        "kind": "share",
        "unit": "%",
        "is_published": True,
        "higher_is_better": True,
        "verified": True,
    },
    "gifted_bank": {
        **dict.fromkeys(("criterion", "direction"), "ALL"),
        **dict.fromkeys(("listed", "pupils"), 9),
        "without_consent": 0,
    },
    "olympiad": {"cycle": "vsosh-2021", "stage": "SHE", "facts_source": "protocol", "participants": 9},
    "objectivity_index": {"level": "region", "unit_id": "19", "basis": "project", "schools": 10, "with_signs": 3},
    "school_risk": {
        "org_id": "a",
        "category": "none",
        "judged_procedures": 4,
        "small_base_procedures": 0,
        "insufficient_procedures": 0,
        "rules_variant": "x",
    },
    "risk_sensitivity": {"org_id": "a", "variant": "x", "title_ru": "x", "category": "none", "is_other": False},
    "risk_movement": {
        "level": "region",
        "unit_id": "19",
        "previous_shnor": 5,
        "judged_schools": 4,
        "left_shnor": 3,
        "text_ru": "x",
    },
    "risk_backtest": {
        "level": "region",
        "unit_id": "19",
        "predictor": "zone",
        "schools": 5,
        "warned": 0,
        "became_shnor": 0,
        "hits": 0,
        "false_alarms": 0,
        "missed": 0,
    },
}


def frame(mart: str, *records: dict[str, Any]) -> pa.Table:
    """Rows of a mart: the common and its own columns filled in, then what each record says."""
    whole = [COMMON | OWN.get(mart, {}) | record for record in records]
    plain = pa.table(
        {
            spec.name: pa.array([record.get(spec.name) for record in whole], rows.TYPES[rows.kind(spec.dtype)])
            for spec in columns_of(MARTS[mart])
        }
    )
    return rows.conform(plain, MARTS[mart], mart)


def verdict(mart: str, *records: dict[str, Any]) -> Verdict:
    return judge(frame(mart, *records), 2021, mart)


@pytest.mark.parametrize("mart", list(MARTS))
def test_every_mart_has_a_suite_and_an_empty_one_is_fine(mart: str) -> None:
    found = judge(frame(mart), 2021, mart)
    assert found.passed
    assert found.failures == ()
    assert found.statistics == {"rows": 0, "expectations": len(suite(mart)), "kept": len(suite(mart))}


@pytest.mark.parametrize("mart", list(MARTS))
def test_a_list_of_one_code_is_a_list(mart: str) -> None:
    """pandera unpacks a tuple of one: its letters would be the codes."""
    checks = (check for column in MARTS[mart].to_schema().columns.values() for check in column.checks)
    told = [check.statistics["allowed_values"] for check in checks if check.name == "isin"]
    assert not [codes for codes in told if isinstance(codes, str)]


@pytest.mark.parametrize("mart", list(MARTS))
def test_a_suite_follows_the_declaration(mart: str) -> None:
    """Counted on the declaration itself: a column that may not be NULL, a bound, a list, a form — none is forgotten."""
    told = [(e.column, e.kind) for e in suite(mart)]
    schema = MARTS[mart].to_schema()
    for spec in columns_of(MARTS[mart]):
        names = {check.name for check in schema.columns[spec.name].checks}
        assert ((spec.name, "not_null") in told) is not spec.nullable
        assert ((spec.name, "in_set") in told) is ("isin" in names)
        assert ((spec.name, "regex") in told) is ("str_matches" in names)
        assert ((spec.name, "between") in told) is bool(names & {"greater_than_or_equal_to", "less_than_or_equal_to"})
    assert ("(key)", "unique") in told


@pytest.mark.parametrize(
    ("word", "kind"), [("Образцов Пётр Примерович", "ФИО"), ("112-233-445 95", "СНИЛС"), ("9504 123456", "паспорт")]
)
def test_a_person_in_a_mart_stops_it(word: str, kind: str) -> None:
    """Told by the column and the kind, never by the words; it goes into the same verdict that blocks the release."""
    found = verdict("vpr_task", GOOD, GOOD | {"task": "5", "skill": word})
    assert not found.passed
    assert found.failures == (f"vpr_task.skill: похоже на личные данные ({kind}), разных значений: 1",)
    assert word not in json.dumps(found.results, ensure_ascii=False)


GOOD = {"task": "4.К1", "participants": 10, "completion_pct": 50.0, "difficulty": "Б", "discrimination": -0.2}


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"unit_id": None}, "«Код организации, муниципалитета, региона» (unit_id): заполнено в каждой строке"),
        ({"small_base": None}, "(small_base): заполнено"),
        (
            {"difficulty": "X"},
            "(difficulty): только из списка Б, П, В. Нарушено в 1 из 2 строк (50\u00a0%), например: X",
        ),
        (
            {"completion_pct": 100.5},
            "(completion_pct): от 0 до 100. Нарушено в 1 из 2 строк (50\u00a0%), например: 100.5",
        ),
        ({"completion_pct": -1.0}, "(completion_pct): от 0 до 100"),
        ({"participants": -1}, "(participants): не меньше 0"),
        ({"discrimination": 1.5}, "(discrimination): от -1 до 1"),
        ({"subject": "Математика"}, "(subject): вида ^[A-Z]{2}$"),
        ({"school_year": "2021"}, "(school_year): вида"),
        ({"year": 202}, "(year): от 2015 до 2100"),
        ({"level": "город"}, "(level): только из списка school, municipality, region, country"),
        ({"task": "4.К1"}, "не повторяется. Нарушено в 2 из 2 строк"),
    ],
)
def test_a_broken_declaration_is_told(bad: dict[str, Any], says: str) -> None:
    found = verdict("vpr_task", GOOD, GOOD | {"task": "2"} | bad)
    assert not found.passed
    (failure,) = found.failures
    assert says in failure
    assert found.statistics["kept"] == found.statistics["expectations"] - 1


def test_what_keeps_to_the_declaration_passes() -> None:
    assert verdict("vpr_task", GOOD, GOOD | {"task": "2"}).failures == ()
    edges = {"completion_pct": 100.0, "full_pct": 0.0, "participants": 0, "max_score": 1, "grade": 11, "year": 2015}
    assert verdict("vpr_task", GOOD, GOOD | edges).failures == ()
    assert verdict("vpr_task", {"task": "1"}).failures == (), "columns without any value"


def test_all_that_is_wrong_is_told_together() -> None:
    found = verdict("vpr_task", GOOD | {"subject": "м", "grade": 12, "status": "so-so", "difficulty": None})
    assert len(found.failures) == 3
    for failure, column in zip(found.failures, ("subject", "grade", "status"), strict=True):
        assert f"({column})" in failure


SAT = {"absent": 0, "removed": 0, "scale_verified": True}
"""What every row of an exam has."""

MARKS = {"mark_2": 1, "mark_3": 2, "mark_4": 3, "mark_5": 4}
CASES: list[tuple[str, str, list[dict[str, Any]], list[dict[str, Any]]]] = [
    (
        "vpr_school", "mark_2 + mark_3 + mark_4 + mark_5 - marked",
        [MARKS | {"marked": 10, "facts_source": "individual"}],
        [MARKS | {"marked": 11, "facts_source": "individual"}],
    ),
    (
        "vpr_school", "mark_2 + mark_3 + mark_4 + mark_5 - 1.0002*marked",
        [MARKS | {"mark_2": 100_010, "marked": 100_000, "facts_source": "report"}],
        [MARKS | {"mark_2": 100_020, "marked": 100_000, "facts_source": "report"}],
    ),
    (
        "vpr_school", "0.9998*marked - mark_2 - mark_3 - mark_4 - mark_5",
        [MARKS | {"mark_2": 99_970, "marked": 100_000, "facts_source": "report"}],
        [MARKS | {"mark_2": 99_960, "marked": 100_000, "facts_source": "report"}],
    ),
    ("vpr_school", "participants - marked", [{"marked": 5, "participants": 5}], [{"marked": 6, "participants": 5}]),
    (
        "vpr_school", "participants - journal_lower - journal_equal - journal_higher",
        [{"journal_lower": 1, "journal_equal": 2, "journal_higher": 3, "participants": 6}],
        [{"journal_lower": 1, "journal_equal": 2, "journal_higher": 4, "participants": 6}],
    ),
    (
        "vpr_school", "journal_lower + journal_higher - journal_gap_2plus",
        [{"journal_lower": 1, "journal_higher": 1, "journal_gap_2plus": 2}],
        [{"journal_lower": 1, "journal_higher": 1, "journal_gap_2plus": 3}],
    ),
    (
        "vpr_school", "success_pct - quality_pct",
        [{"success_pct": 70.0, "quality_pct": 70.0}], [{"success_pct": 70.0, "quality_pct": 71.0}],
    ),
    (
        "vpr_school", "success_ci_high - success_ci_low",
        [{"success_ci_low": 1.0, "success_ci_high": 1.0}], [{"success_ci_low": 2.0, "success_ci_high": 1.0}],
    ),
    (
        "vpr_school", "quality_ci_high - quality_ci_low",
        [{"quality_ci_low": 1.0, "quality_ci_high": 2.0}], [{"quality_ci_low": 2.0, "quality_ci_high": 1.0}],
    ),
    (
        "vpr_school", "max_primary - mean_primary",
        [{"mean_primary": 20.0, "max_primary": 20}], [{"mean_primary": 20.5, "max_primary": 20}],
    ),
    *(
        (
            mart, "participants - with_result",
            [SAT | {"participants": 6, "with_result": 6}], [SAT | {"participants": 6, "with_result": 7}],
        )
        for mart in ("gia9", "gia11")
    ),
    (
        "vpr_task", "full_pct + zero_pct",
        [{"full_pct": 50.3, "zero_pct": 50.2}], [{"full_pct": 50.3, "zero_pct": 50.3}],
    ),
    (
        "score_distribution", "share_pct",
        [{"primary_score": 0, "share_pct": 60.0}, {"primary_score": 1, "share_pct": 39.6},
         {"unit_id": "b", "share_pct": 100.0}],
        [{"primary_score": 0, "share_pct": 60.0}, {"primary_score": 1, "share_pct": 39.4},
         {"unit_id": "b", "share_pct": 100.0}],
    ),
    ("indicator_value", "ci_high - ci_low", [{"ci_low": 1.0, "ci_high": 1.0}], [{"ci_low": 1.1, "ci_high": 1.0}]),
    (
        "indicator_value", "relative_change + reference_change - change",
        [{"change": 5.0, "reference_change": 3.0, "relative_change": 2.0}],
        [{"change": 5.0, "reference_change": 3.0, "relative_change": 8.0}],
    ),
    (
        "dynamics_3y", "change_1 + value_1 - value",
        [{"value": 30.0, "value_1": 20.0, "change_1": 10.0},
         {"value": 30.0, "value_1": 20.0, "change_1": 5.0, "level": "municipality"}],
        [{"value": 30.0, "value_1": 20.0, "change_1": -10.0}],
    ),
    (
        "dynamics_3y", "2*slope - change_2",
        [{"value": 30.0, "slope": 5.0, "change_2": 10.0}], [{"value": 30.0, "slope": 10.0, "change_2": 10.0}],
    ),
    ("value_added", "takers - participants", [{"participants": 12, "takers": 12}],
     [{"participants": 13, "takers": 12}]),
    ("value_added", "value - ci_low", [{"value": 0.1, "ci_low": -0.2}], [{"value": 0.1, "ci_low": 0.2}]),
    ("value_added", "ci_high - value", [{"value": 0.1, "ci_high": 0.2}], [{"value": 0.1, "ci_high": 0.0}]),
    ("school_procedure", "participants - failed", [{"failed": 10}], [{"failed": 11}]),
    ("school_procedure", "fail_pct - fail_ci_low", [{"fail_pct": 3.0, "fail_ci_low": 1.0}],
     [{"fail_pct": 3.0, "fail_ci_low": 4.0}]),
    ("school_procedure", "fail_ci_high - fail_pct", [{"fail_pct": 3.0, "fail_ci_high": 3.0}],
     [{"fail_pct": 3.0, "fail_ci_high": 2.0}]),
    ("objectivity_index", "with_signs_pct + index_value", [{"with_signs_pct": 30.0, "index_value": 70.0}],
     [{"with_signs_pct": 30.0, "index_value": 60.0}]),
    ("school_risk", "judged_procedures - low_procedures", [{"low_procedures": 4}], [{"low_procedures": 5}]),
    ("risk_movement", "previous_shnor - judged_schools", [{"judged_schools": 5}], [{"judged_schools": 6}]),
    ("risk_movement", "judged_schools - left_shnor", [{"left_shnor": 4}], [{"left_shnor": 5}]),
    ("risk_backtest", "warned - hits - false_alarms", [{"warned": 3, "hits": 0, "false_alarms": 3}],
     [{"warned": 3, "hits": 0, "false_alarms": 1}]),
    ("risk_backtest", "became_shnor - hits - missed", [{"became_shnor": 3, "hits": 0, "missed": 3}],
     [{"became_shnor": 3, "hits": 0, "missed": 1}]),
    ("preschool_quality", "value - ci_low", [{"value": 30.0, "ci_low": 20.0}], [{"value": 30.0, "ci_low": 31.0}]),
    ("preschool_quality", "ci_high - value", [{"value": 30.0, "ci_high": 30.0}], [{"value": 30.0, "ci_high": 29.0}]),
    ("preschool_quality", "preschools - at_base", [{"preschools": 6, "at_base": 6}], [{"preschools": 6, "at_base": 7}]),
    ("contests", "participants - winners - prizewinners", [{"winners": 5, "prizewinners": 4}],
     [{"winners": 5, "prizewinners": 5}]),
    ("contests", "participants - unique_pupils", [{"unique_pupils": 9}], [{"unique_pupils": 10}]),
    ("gifted_bank", "listed - pupils - without_consent", [{"pupils": 7, "without_consent": 2}],
     [{"pupils": 7, "without_consent": 1}]),
    ("gifted_bank", "pupils - new_pupils - kept_pupils", [{"new_pupils": 5, "kept_pupils": 4}],
     [{"new_pupils": 5, "kept_pupils": 5}]),
    ("gifted_bank", "previous_pupils - kept_pupils - left_pupils",
     [{"previous_pupils": 6, "kept_pupils": 4, "left_pupils": 2}],
     [{"previous_pupils": 6, "kept_pupils": 4, "left_pupils": 3}]),
    ("gifted_bank", "left_pupils - graduated_pupils", [{"left_pupils": 3, "graduated_pupils": 3}],
     [{"left_pupils": 3, "graduated_pupils": 4}]),
    ("shifts", "unique_pupils - gifted", [{"gifted": 9}], [{"gifted": 10}]),
    ("shifts", "finished - awarded", [{"finished": 4, "awarded": 4}], [{"finished": 4, "awarded": 5}]),
    ("shifts", "quota - quota_filled", [{"quota": 4, "quota_filled": 4}], [{"quota": 4, "quota_filled": 5}]),
    ("olympiad", "participants - winners - prizewinners", [{"winners": 4, "prizewinners": 5}],
     [{"winners": 4, "prizewinners": 6}]),
    ("olympiad", "participants - judged", [{"judged": 9}], [{"judged": 10}]),
    ("olympiad", "participants - unique_pupils", [{"unique_pupils": 9}], [{"unique_pupils": 10}]),
    ("olympiad", "unique_pupils - award_pupils", [{"unique_pupils": 5, "award_pupils": 5}],
     [{"unique_pupils": 5, "award_pupils": 6}]),
]  # fmt: skip


def _of_shares() -> Iterator[tuple[str, str, list[dict[str, Any]], list[dict[str, Any]]]]:
    """Every declared share that shows its sides with a part above its whole; every share outside its bounds."""
    for mart, declared in DECLARED_MARTS.items():
        for name, share in declared.shares.items():
            part, whole = declared.sides(name)
            pct, low, high = (f"{name}_{end}" for end in ("pct", "ci_low", "ci_high"))
            if part and whole:
                total = f"{whole} - {part}"
                if not isinstance(share.whole, Count | Total):
                    total += f" + 0*{pct}"
                kept = {whole: 9, part: 9, pct: 50.0}
                yield mart, total, [kept], [kept | {part: 10}]
            if not share.has_bounds:
                continue
            yield mart, f"{pct} - {low}", [{pct: 50.0, low: 50.0}], [{pct: 50.0, low: 51.0}]
            yield mart, f"{high} - {pct}", [{pct: 50.0, high: 50.0}], [{pct: 50.0, high: 49.0}]
        for name in declared.means:
            value, low, high = declared.value_of(name), f"{name}_ci_low", f"{name}_ci_high"
            yield mart, f"{value} - {low}", [{value: 5.0, low: 5.0}], [{value: 5.0, low: 6.0}]
            yield mart, f"{high} - {value}", [{value: 5.0, high: 5.0}], [{value: 5.0, high: 4.0}]


CASES += _of_shares()


def test_a_part_above_a_whole_of_another_day_has_no_share_and_passes() -> None:
    row = {"contingent": 9, "covered": 10}
    assert verdict("contests", row).passed
    assert not verdict("contests", row | {"coverage_pct": 100.0}).passed


def test_every_rule_is_tried() -> None:
    assert [(mart, total) for mart, total, _, _ in CASES] == [(rule.mart, rule.total) for rule in RULES]


@pytest.mark.parametrize(("mart", "total", "kept", "broken"), CASES, ids=[f"{case[0]}: {case[1]}" for case in CASES])
def test_a_rule_between_columns(
    mart: str, total: str, kept: list[dict[str, Any]], broken: list[dict[str, Any]]
) -> None:
    (title,) = (rule.title for rule in RULES if (rule.mart, rule.total) == (mart, total))
    assert verdict(mart, *kept).failures == ()
    (failure,) = verdict(mart, *broken).failures
    assert failure.startswith(f"{title}. Нарушено в 1 из ")


@pytest.mark.parametrize("rule", RULES, ids=[f"{rule.mart}: {rule.total}" for rule in RULES])
def test_a_rule_names_columns_of_its_mart(rule: Any) -> None:
    known = {spec.name for spec in columns_of(MARTS[rule.mart])}
    assert {name for _, name in rule.terms()} | set(rule.per) | set((rule.where or ())[:1]) <= known
    assert rule.low is not None or rule.high is not None


@pytest.mark.parametrize(
    ("mart", "records"),
    [
        ("vpr_school", [MARKS | {"mark_3": None, "marked": 11, "facts_source": "individual"}]),
        ("vpr_school", [MARKS | {"marked": 11, "facts_source": None}]),
        ("vpr_school", [{"journal_lower": 9, "participants": 6}]),
        ("score_distribution", [{"primary_score": 0, "share_pct": 60.0}, {"primary_score": 1, "share_pct": None}]),
    ],
)
def test_where_a_part_is_unknown_a_rule_says_nothing(mart: str, records: list[dict[str, Any]]) -> None:
    assert verdict(mart, *records).passed


def test_a_total_does_not_hide_the_column_it_is_made_of() -> None:
    shares = [{"primary_score": 0, "share_pct": 150.0}, {"primary_score": 1, "share_pct": -50.0}]
    (failure,) = verdict("score_distribution", *shares).failures
    assert "(share_pct): от 0 до 100. Нарушено в 2 из 2 строк" in failure


def test_groups_are_counted_as_groups() -> None:
    half = [{"unit_id": f"edu{n}", "primary_score": score, "share_pct": 40.0} for n in range(3) for score in (0, 1)]
    (failure,) = verdict("score_distribution", *half, {"unit_id": "whole", "share_pct": 100.0}).failures
    assert "Нарушено в 3 из 4 групп строк (75\u00a0%), например: 80" in failure


def test_counts_are_of_rows_though_evidence_is_judged_first() -> None:
    records = [{"task": str(n), "completion_pct": 120.0 if n % 10 == 0 else 50.0} for n in range(100)]
    (failure,) = verdict("vpr_task", *records).failures
    assert "Нарушено в 10 из 100 строк (10\u00a0%), например: 120" in failure


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def stage(settings: Settings, mart: str, table: pa.Table, year: int = 2021) -> None:
    path = rows.staged(settings, year, mart)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


def test_the_result_is_kept(settings: Settings) -> None:
    for grade, passed in ((5, True), (12, False)):
        stage(settings, "vpr_task", frame("vpr_task", {"grade": grade}))
        found = check(settings, [2021], "vpr_task")[2021]
        assert found.passed is passed
        kept = json.loads((settings.quality / "year=2021" / "vpr_task.json").read_text(encoding="utf-8"))
        assert (kept["passed"], kept["failures"]) == (passed, list(found.failures))
        assert kept["title"].startswith("Задания ВПР и экзаменов: выполнение")
        assert kept["statistics"]["rows"] == 1
        assert len(kept["results"]) == kept["statistics"]["expectations"]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (None, "не подготовлена"),
        (frame("vpr_task", {}).drop_columns(["task"]), "нет столбцов: task"),
        (frame("vpr_task", {}).append_column("more", pa.array([1])), "лишние столбцы: more"),
        (frame("vpr_task", {}).set_column(5, "grade", pa.array(["5"])), "не тот тип: grade"),
    ],
)
def test_what_cannot_be_read_is_a_failure(settings: Settings, table: pa.Table | None, says: str) -> None:
    if table is not None:
        stage(settings, "vpr_task", table)
    found = check(settings, [2021], "vpr_task")[2021]
    assert not found.passed
    assert says in found.failures[0]
    assert (settings.quality / "year=2021" / "vpr_task.json").exists()


def test_examples_of_personal_values_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    class MadeUp(Mart):
        """Выдуманная таблица."""

        code: str = field("Код", key=True)
        open_mark: pd.Int64Dtype = field("Открытая", ge=2, le=5)
        hidden_mark: pd.Int64Dtype = field("Личная", ge=2, le=5, personal=True)

    monkeypatch.setitem(MARTS, "made_up", MadeUp)
    found = verdict("made_up", {"code": "a", "open_mark": 77, "hidden_mark": 88})
    suite.cache_clear()
    assert len(found.failures) == 2
    assert "77" in found.failures[0]
    assert "88" not in found.failures[1]


def test_a_declared_check_without_an_expectation_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    class Strange(Mart):
        """Выдуманная таблица."""

        name: str = field("Имя", str_endswith="!")

    monkeypatch.setitem(MARTS, "strange", Strange)
    assert isinstance(Strange.to_schema(), pa_schema.DataFrameSchema)
    with pytest.raises(NotImplementedError, match="str_endswith"):
        suite("strange")


def test_warnings_stay_warnings() -> None:
    """Great Expectations redirects them into the log when it is imported."""
    verdict("vpr_task", GOOD)
    assert logging._warnings_showwarning is None  # type: ignore[attr-defined]


def test_years_are_judged_together_and_apart_where_one_fails(settings: Settings) -> None:
    good = {"year": 2022, "task": "4.К1", "completion_pct": 50.0}
    stage(settings, "vpr_task", frame("vpr_task", {"year": 2021}))
    stage(settings, "vpr_task", frame("vpr_task", good, good | {"task": "5"}), 2022)
    found = check(settings, [2021, 2022], "vpr_task")
    assert {year: (v.passed, v.statistics["rows"]) for year, v in found.items()} == {2021: (True, 1), 2022: (True, 2)}
    stage(settings, "vpr_task", frame("vpr_task", good | {"completion_pct": 150.0}), 2022)
    found = check(settings, [2021, 2022, 2023], "vpr_task")
    assert {year: v.passed for year, v in found.items()} == {2021: True, 2022: False, 2023: False}
    assert "completion_pct" in found[2022].failures[0]
    assert "не подготовлена" in found[2023].failures[0]
