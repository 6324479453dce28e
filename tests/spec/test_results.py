"""The formulas of a work, as small tables: what goes in stands beside what must come out."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.proportion import proportion_confint

from msoko_pipeline.home import engine
from msoko_pipeline.indicators import insufficient
from msoko_pipeline.indicators.vpr import results, sums, tasks
from schemas import catalogue

LIMITS = catalogue.thresholds(2026)


def computed(**cell: float | None) -> dict[str, Any]:
    """Indicators of one unit from its sums; what is not named is NULL."""
    names = (*sums.COUNTS, "spread", "max_primary", "tasks")
    frame = pd.DataFrame([{name: cell.get(name) for name in names}]).astype("Float64")
    connection = duckdb.connect()
    connection.register("cells", frame)
    found = results.results(engine.table(connection, "cells"), LIMITS).collect("pyarrow").to_native()
    return found.to_pylist()[0]


def marks(n2: int, n3: int, n4: int, n5: int) -> dict[str, float]:
    total = n2 + n3 + n4 + n5
    return {"n": total, "marked": total, "n2": n2, "n3": n3, "n4": n4, "n5": n5}


@pytest.mark.parametrize(
    ("n2", "n3", "n4", "n5", "success", "quality", "mean_mark", "sou"),
    [
        # 2   3   4   5   успеваемость качество  средняя  СОУ
        (11, 47, 24, 7, 87.640, 34.831, 3.303, 46.112),  # golden check 1: 89 pupils of a real report
        (0, 0, 0, 10, 100, 100, 5, 100),
        (10, 0, 0, 0, 0, 0, 2, 16),
        (0, 10, 0, 0, 100, 0, 3, 36),
        (0, 0, 10, 0, 100, 100, 4, 64),
        (1, 1, 1, 1, 75, 50, 3.5, 54),
    ],
)
def test_marks(
    n2: int, n3: int, n4: int, n5: int, success: float, quality: float, mean_mark: float, sou: float
) -> None:
    found = computed(**marks(n2, n3, n4, n5))
    assert found["success_pct"] == pytest.approx(success, abs=5e-4)
    assert found["quality_pct"] == pytest.approx(quality, abs=5e-4)
    assert found["mean_mark"] == pytest.approx(mean_mark, abs=5e-4)
    assert found["sou_pct"] == pytest.approx(sou, abs=5e-4)
    assert found["mark_2_pct"] == pytest.approx(100 - success, abs=5e-4)


def test_no_marks_is_null_not_zero() -> None:
    found = computed(n=5, marked=0, n2=0, n3=0, n4=0, n5=0, p=30, pp=200, max_primary=20)
    assert [found[name] for name in ("success_pct", "quality_pct", "sou_pct", "mean_mark", "success_ci_low")] == [
        None
    ] * 5
    assert found["mean_primary"] == 6


@pytest.mark.parametrize(("n", "small"), [(9, True), (10, False), (1, True), (200, False)])
def test_small_base_is_below_ten(n: int, small: bool) -> None:
    assert computed(n=n)["small_base"] is small


@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (0, 30), (30, 30), (3, 10), (11, 89), (1234, 5678)])
def test_wilson_agrees_with_statsmodels_and_scipy(k: int, n: int) -> None:
    found = computed(**marks(n - k, k, 0, 0))
    low, high = proportion_confint(k, n, alpha=0.05, method="wilson")
    other = scipy_stats.binomtest(k, n).proportion_ci(method="wilson")
    assert (found["success_ci_low"], found["success_ci_high"]) == pytest.approx((100 * low, 100 * high), abs=1e-10)
    assert (found["success_ci_low"], found["success_ci_high"]) == pytest.approx(
        (100 * other.low, 100 * other.high), abs=1e-10
    )
    assert 0 <= found["success_ci_low"] <= found["success_pct"] + 1e-12
    assert found["success_pct"] - 1e-12 <= found["success_ci_high"] <= 100


@pytest.mark.parametrize(
    ("scores", "mean", "sd"),
    [([5], 5, None), ([5, 5, 5], 5, 0), ([4, 6], 5, 2**0.5), ([0, 10, 20], 10, 10), ([7, 7, 8, 30], 13, 11.343133)],
)
def test_primary_score(scores: list[int], mean: float, sd: float | None) -> None:
    found = computed(n=len(scores), p=sum(scores), pp=sum(s * s for s in scores), max_primary=40)
    assert found["mean_primary"] == pytest.approx(mean)
    assert found["completion_pct"] == pytest.approx(mean / 40 * 100)
    assert found["sd_primary"] == (None if sd is None else pytest.approx(sd, abs=1e-6))
    assert found["se_primary"] == (None if sd is None else pytest.approx(sd / len(scores) ** 0.5, abs=1e-6))


@pytest.mark.parametrize(
    ("n", "marked", "pct", "incomplete"),
    [(793, 647, 81.589, True), (100, 94, 94, True), (100, 95, 95, False), (100, 100, 100, False), (40, 0, None, None),
     (40, None, None, None)],
)  # fmt: skip
def test_shares_of_marks_say_of_how_many(
    n: int, marked: int | None, pct: float | None, incomplete: bool | None
) -> None:
    found = computed(n=n, marked=marked, n2=0)
    assert found["marked_pct"] == (pct if pct is None else pytest.approx(pct, abs=1e-3))
    assert found["marks_incomplete"] is incomplete


@pytest.mark.parametrize(
    ("absent", "unlisted", "told"), [(0, 97, None), (3, 50, None), (0, 0, 0), (3, 0, 3), (None, None, None)]
)
def test_nobody_absent_is_told_only_by_files_that_list_the_absent(
    absent: int | None, unlisted: int | None, told: int | None
) -> None:
    """Of a town with one such school neither is known: the rest is not the whole."""
    found = computed(n=97, absent=absent, partial=absent, unlisted=unlisted)
    assert (found["absent"], found["partial"]) == (told, told)


def test_why_nothing_is_judged_by_marks_of_a_part_is_said_in_words() -> None:
    told = pd.DataFrame({"year": 2026, "n": [793, 20, 100, 5, 9], "marked": [647, 20, 95, None, 0]})
    said = insufficient.marks_reason(told)
    assert said.fillna("").tolist() == ["отметка известна у 81,6 % участников (647 из 793)", "", "", "", ""]
    assert insufficient.marks_reason(told.iloc[:0]).empty


def pupils(rows: list[dict[str, Any]], bounds: tuple[int | None, int | None, int | None]) -> dict[str, Any]:
    """Sums of one school from pupils' rows; a row tells score, mark, journal, absent, partial, lists_absent."""
    frame = pd.DataFrame(
        [
            {
                "year": 2026, "org_id": "edu190001", "subject": "MA", "grade": 4, "absent": r.get("absent", False),
                "partial": r.get("partial", False), "journal_mark": r.get("journal"), "mark": r.get("mark"),
                "lists_absent": r.get("lists_absent", True),
                "primary_score": r.get("score"), "task_sum": r.get("score"), "s01": r.get("score"), "x01": r.get("x"),
            }
            for r in rows
        ]
    ).astype({"journal_mark": "Int64", "mark": "Int64", "primary_score": "Int64", "task_sum": "Int64", "s01": "Int64",
              "x01": "boolean"})  # fmt: skip
    names = ["year", "subject", "grade", "min_3", "min_4", "min_5", "m01"]
    works = pd.DataFrame([[2026, "MA", 4, *bounds, 20]], columns=names)
    connection = duckdb.connect()
    connection.register("people", frame)
    connection.register("works", works.astype(dict.fromkeys(("min_3", "min_4", "min_5", "m01"), "Int64")))
    people = sums.pupils(engine.table(connection, "people"), engine.table(connection, "works"), LIMITS["journal_gap"])
    return sums.sums(people, 1).collect("pyarrow").to_native().to_pylist()[0]


MA4 = (6, 10, 15)


@pytest.mark.parametrize(
    ("score", "mark"), [(0, 2), (5, 2), (6, 3), (9, 3), (10, 4), (14, 4), (15, 5), (20, 5)], ids=lambda v: str(v)
)
def test_mark_by_the_scale_of_the_year(score: int, mark: int) -> None:
    found = pupils([{"score": score}], MA4)
    assert {value: found[f"n{value}"] for value in (2, 3, 4, 5)} == {v: float(v == mark) for v in (2, 3, 4, 5)}
    assert found["from_file"] == 0


def test_the_files_own_mark_wins() -> None:
    found = pupils([{"score": 20, "mark": 3}], MA4)
    assert (found["n3"], found["n5"], found["from_file"]) == (1, 0, 1)


def test_no_scale_no_mark() -> None:
    found = pupils([{"score": 12}], (None, None, None))
    assert (found["n"], found["marked"], found["n2"]) == (1, 0, 0)


def test_absent_is_not_zero_and_half_a_work_has_no_mark() -> None:
    found = pupils([{"absent": True}, {"partial": True}, {"score": 0}, {"score": 10}], MA4)
    assert {n: found[n] for n in ("n", "absent", "partial", "marked", "n2", "n4", "p")} == {
        "n": 2, "absent": 1, "partial": 1, "marked": 2, "n2": 1, "n4": 1, "p": 10
    }  # fmt: skip


def test_rows_of_files_without_the_absent_are_counted() -> None:
    found = pupils([{"score": 1, "lists_absent": False}, {"score": 2}, {"absent": True}], MA4)
    assert (found["n"], found["unlisted"], found["absent"]) == (2, 1, 1)


@pytest.mark.parametrize(
    ("mark", "journal", "counted"),
    [(3, 4, "lower"), (4, 4, "equal"), (5, 4, "higher"), (3, 5, "lower"), (2, 5, "lower"), (4, None, None)],
)
def test_journal(mark: int, journal: int | None, counted: str | None) -> None:
    found = pupils([{"score": 8, "mark": mark, "journal": journal}], MA4)
    assert {name: found[name] for name in ("lower", "equal", "higher")} == {
        name: float(name == counted) for name in ("lower", "equal", "higher")
    }
    assert found["gap_2plus"] == float(journal is not None and abs(mark - journal) >= 2)
    assert found["journal_known"] == float(journal is not None)


@pytest.mark.parametrize(
    ("level", "completion", "status"),
    [
        ("Б", 60.0, "sufficient"), ("Б", 59.99, "uncertain"), ("Б", 57.0, "uncertain"), ("Б", 56.99, "insufficient"),
        ("П", 30.0, "sufficient"), ("П", 29.99, "uncertain"), ("П", 28.5, "uncertain"), ("П", 28.49, "insufficient"),
        ("В", 30.0, "sufficient"), ("В", 28.49, "insufficient"), (None, 75.0, None), ("Б", None, None),
    ],
)  # fmt: skip
def test_status_of_a_task(level: str | None, completion: float | None, status: str | None) -> None:
    connection = duckdb.connect()
    frame = pd.DataFrame({"difficulty": [level], "completion_pct": [completion], "small_base": [False]})
    connection.register("rows", frame.astype({"difficulty": "string", "completion_pct": "Float64"}))
    found = engine.table(connection, "rows").with_columns(status=tasks.status(LIMITS["task_status"]))
    assert found.collect("pyarrow").to_native().column("status").to_pylist() == [status]


@pytest.mark.parametrize("scores", [[0, 1, 2], [2, 0, 1, 2], [0, 0, 3], [1, 0, 1, 1, 0, 1, 0]])
def test_a_perfect_discrimination_is_exactly_one(scores: list[int]) -> None:
    """The rest is thrice the task, so the correlation is 1, never 1.0000000000000002: the mart's range is −1…1."""
    n, total = len(scores), [4 * s for s in scores]
    sums_of = {
        "n": n, "t": sum(total), "tt": sum(t * t for t in total), "b": sum(scores), "q": sum(s * s for s in scores),
        "r": sum(s * t for s, t in zip(scores, total, strict=True)),
    }  # fmt: skip
    connection = duckdb.connect()
    connection.register("rows", pd.DataFrame([sums_of]).astype(float))
    found = engine.table(connection, "rows").select(d=tasks.discrimination()).collect("pyarrow").to_native()
    assert found.column("d").to_pylist() == [pytest.approx(1.0, abs=1e-12)]
    assert found.column("d").to_pylist()[0] <= 1.0


def test_a_constant_task_has_no_discrimination() -> None:
    names = ("n", "t", "tt", "b", "q", "r", "s", "c", "f", "z", "x", "max_score")
    connection = duckdb.connect()
    rows = pd.DataFrame([dict(zip(names, (3, 12, 56, 3, 3, 12, 3, 3, 3, 0, 0, 1), strict=True))]).astype(float)
    connection.register("rows", rows.assign(difficulty="Б"))
    found = tasks.indicators(engine.table(connection, "rows"), LIMITS).collect("pyarrow").to_native().to_pylist()[0]
    assert found["discrimination"] is None
    assert found["completion_pct"] == 100


def test_tasks_stand_in_the_order_of_their_numbers() -> None:
    import duckdb

    from msoko_pipeline.publishing.stage import TASK_ORDER

    codes = ["10", "2", "1.К2", "1.К1", "9.10", "9.2", "11.1"]
    rows = ", ".join(f"('RU', 5, '{code}')" for code in codes)
    found = duckdb.sql(
        f"select task, {TASK_ORDER} from (values {rows}) as t(subject, grade, task) order by 2"
    ).fetchall()
    assert found == list(zip(["1.К1", "1.К2", "2", "9.2", "9.10", "10", "11.1"], range(1, 8), strict=True))
