"""The reports of «Аналитика»: every level they print is kept, a row is taken as a whole or waits in quarantine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from msoko_pipeline.facts.units import Unit, unit
from msoko_pipeline.text.cells import Wrong
from schemas import catalogue
from tests import making
from tests.making import EQUAL, HIGHER, LOWER, SCHOOL, TOWN, Taken, take_in
from tests.real import TOWN as REAL
from tests.real import needs_town

KINDS = {
    "marks": "vpr_marks",
    "journal": "vpr_journal",
    "journal_vertical": "vpr_journal",
    "distribution": "vpr_distribution",
    "task_performance": "vpr_task_performance",
    "task_groups": "vpr_task_group",
    "planned": "vpr_planned",
}
WORK = making.declared(2026, "RU", 4)


def take(folder: Path, rows: making.Rows, name: str = "отчёт.xlsx") -> Taken:
    return take_in(making.xlsx(folder / name, rows), WORK)


def facts(taken: Taken, kind: str) -> pd.DataFrame:
    return taken.facts[kind]


# ---- whose row it is


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Вся выборка", Unit("country", "RU", "Вся выборка")),
        ("РФ", Unit("country", "RU", "РФ")),
        ("Республика Хакасия", Unit("region", "", "Республика Хакасия")),
        ("Республика Хакасия(reg190000)", Unit("region", "19", "Республика Хакасия")),
        ("город Черногорск(reg19_m019)", Unit("municipality", "reg19_m019", "город Черногорск")),
        (SCHOOL, Unit("school", "edu190001", "МБОУ «СОШ № 1»")),
        ("Средняя школа (корпус 2)(sch190005)", Unit("school", "edu190005", "Средняя школа (корпус 2)")),
    ],
)
def test_a_unit_is_known_by_its_code(text: str, expected: Unit) -> None:
    assert unit(text) == expected


@pytest.mark.parametrize("text", ["", "   ", "12345"])
def test_what_is_no_unit(text: str) -> None:
    with pytest.raises(Wrong) as wrong:
        unit(text)
    assert wrong.value.issue_type == "row_group_unknown"


# ---- golden numbers


def test_golden_1_marks(tmp_path: Path) -> None:
    """N = 89, shares 12.36 / 52.81 / 26.97 / 7.87 %: 11, 47, 24, 7 pupils."""
    taken = take(tmp_path, making.marks_report())
    school = facts(taken, "vpr_marks").iloc[-1]
    shares = [school[f"mark_{mark}_pct"] for mark in (2, 3, 4, 5)]
    assert (school["participants"], shares) == (89, [12.36, 52.81, 26.97, 7.87])
    assert [round(share * 89 / 100) for share in shares] == [11, 47, 24, 7]


@pytest.mark.parametrize("make", [making.journal_report, making.journal_vertical], ids=["wide", "vertical"])
def test_golden_2_journal(tmp_path: Path, make: Callable[[], making.Rows]) -> None:
    """N = 93, shares 55.91 / 39.78 / 4.30 %: 52, 37, 4 pupils."""
    school = facts(take(tmp_path, make()), "vpr_journal").iloc[-1]
    assert [school[name] for name in ("participants", "lower", "equal", "higher")] == [93, 52, 37, 4]
    assert [round(school[f"{name}_pct"] * 93 / 100) for name in ("lower", "equal", "higher")] == [52, 37, 4]
    assert (school["level"], school["unit_id"]) == ("school", "edu190001")


def test_golden_11_a_bound_printed_twice() -> None:
    """«География, 8 класс» of 2021 prints 27–35 and 35–40; 35 is a «5»."""
    scale = catalogue.scale(2021, 8, "GG")
    assert scale is not None
    assert scale["min_5"] == 35


# ---- formats and levels


@pytest.mark.parametrize("layout", KINDS)
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "utf-8", "cp1251", "unpadded"])
def test_every_report_in_every_format(tmp_path: Path, layout: str, kind: str) -> None:
    rows = making.REPORTS[layout]()
    if kind in ("xlsx", "xls", "ods"):
        path = {"xlsx": making.xlsx, "xls": making.xls, "ods": making.ods}[kind](tmp_path / f"a.{kind}", rows)
    else:
        width = 0 if kind == "unpadded" else max(map(len, rows))
        padded = [[*row, *[None] * (width - len(row))] for row in rows]
        path = making.csv(tmp_path / "a.csv", padded, encoding="utf-8" if kind == "unpadded" else kind)
    taken = take_in(path, WORK)
    assert taken.refusal is None
    assert taken.layouts == [layout]
    assert taken.issues["message_ru"].tolist() == []
    assert list(taken.facts) == [KINDS[layout]]
    frame = facts(taken, KINDS[layout])
    assert set(frame["subject"]) == {"RU"}
    assert set(frame["grade"]) == {4}
    assert "edu190001" in set(frame["unit_id"])
    read, accepted, quarantined = taken.counts
    assert (read, quarantined) == (accepted, 0)


def test_every_level_is_kept_and_our_region_has_its_code(tmp_path: Path) -> None:
    frame = facts(take(tmp_path, making.marks_report()), "vpr_marks")
    assert frame[["level", "unit_id"]].to_numpy().tolist() == [
        ["country", "RU"],
        ["region", "19"],
        ["municipality", "reg19_m019"],
        ["school", "edu190001"],
    ]
    assert frame["unit_name"].tolist() == ["Вся выборка", "Республика Хакасия", "город Черногорск", "МБОУ «СОШ № 1»"]
    assert set(frame["max_primary"]) == {24}


def test_the_distribution_is_one_fact_a_score(tmp_path: Path) -> None:
    frame = facts(take(tmp_path, making.distribution_report()), "vpr_distribution")
    town = frame[frame["unit_id"] == "reg19_m019"]
    assert town["primary_score"].tolist() == [0, 1, 2, 3, 4]
    assert town["share_pct"].tolist() == [5, 10, 25.5, 40, 19.5]
    assert town["count"].tolist() == [10, 20, 51, 80, 39]


def test_completion_is_one_fact_a_task_with_its_maximum(tmp_path: Path) -> None:
    frame = facts(take(tmp_path, making.tasks_report()), "vpr_task_performance")
    assert frame[["task", "max_score"]].drop_duplicates().to_numpy().tolist() == [["1", 1], ["2.К1", 2], ["2.К2", 3]]
    assert frame.loc[frame["unit_id"] == "edu190001", "completion_pct"].tolist() == [88, 55.5, 20]


def test_completion_by_marks(tmp_path: Path) -> None:
    frame = facts(take(tmp_path, making.groups_report()), "vpr_task_group")
    assert frame.groupby("mark")["participants"].first().to_dict() == {2: 11, 3: 47, 4: 24, 5: 7}
    assert frame.loc[frame["task"] == "2", "completion_pct"].tolist() == [10.5, 30, 55, 90]


def test_planned_results_are_transposed(tmp_path: Path) -> None:
    frame = facts(take(tmp_path, making.planned_report()), "vpr_planned")
    assert frame["level"].drop_duplicates().tolist() == ["region", "municipality", "school", "country"]
    assert frame.drop_duplicates("level")["participants"].tolist() == [6800, 900, 89, 1_722_202]
    assert frame.loc[frame["level"] == "school", ["task", "completion_pct", "max_score"]].to_numpy().tolist() == [
        ["1", 72, 2],
        ["2.К1", 62, 1],
    ]


def test_the_vertical_report_may_name_the_unit_in_each_row(tmp_path: Path) -> None:
    rows = "\n".join(
        f"{SCHOOL}. {word} | {count} | {share}"
        for word, count, share in ((LOWER, 52, "55,91"), (EQUAL, 37, "39,78"), (HIGHER, 4, "4,3"), ("Всего", 93, 100))
    )
    taken = take(tmp_path, making.journal_vertical(rows))
    assert taken.counts == (4, 4, 0)
    assert facts(taken, "vpr_journal")["lower"].tolist() == [52]


# ---- nobody there


@pytest.mark.parametrize(
    ("layout", "row"),
    [
        ("marks", f"{SCHOOL} | | 0 | 0 | 0 | 0 | 0"),
        ("marks", f"{SCHOOL} | | 0 | | | |"),
        ("journal", f"{SCHOOL} | 0 | | 0 | | 0 | | 0"),
        ("distribution", f"{SCHOOL} | | 0 | | | | |"),
        ("task_performance", f"{SCHOOL} | | 0 | | |"),
    ],
)
def test_a_unit_without_participants_is_no_error(tmp_path: Path, layout: str, row: str) -> None:
    taken = take(tmp_path, making.REPORTS[layout](row))
    assert taken.issues["message_ru"].tolist() == []
    assert taken.counts[2] == 0


# ---- what is wrong

GOOD = {
    "marks": f"{TOWN} | 12 | 900 | 6 | 34 | 44 | 16",
    "journal": f"{TOWN} | 100 | 50 | 50 | 40 | 40 | 10 | 10",
    "journal_vertical": f"{TOWN} | |\n{LOWER} | 50 | 50\n{EQUAL} | 40 | 40\n{HIGHER} | 10 | 10\nВсего | 100 | 100",
    "distribution": f"{TOWN} | 12 | 200 | 5 | 10 | 25 | 40 | 20",
    "task_performance": f"{TOWN} | 12 | 200 | 91,5 | 60 | 33",
    "task_groups": f"{TOWN} | | |\nСр.% вып. уч. гр.баллов 2 | 11 | 40 | 10,5",
    "planned": "1 | Умение списывать | 2 | 70 | 71 | 72 | 73",
}
BAD: list[tuple[str, str, str, str, bool]] = [
    # report, row, issue type, piece of the message, whether the row is accepted all the same
    ("marks", f"{SCHOOL} | | 89 | 12 | 53 | 27 | 18", "row_sum_not_100", "доли дают в сумме 110,00 %", False),
    ("marks", f"{SCHOOL} | | 89 | 12 | 53 | 27 | много", "cell_not_a_number", "столбец «5»: «много» — не число", True),
    ("marks", f"{SCHOOL} | | 89 | 12 | 53 | 35 |", "cell_empty", "столбец «5»: пусто", False),
    ("marks", f"{SCHOOL} | | | 12 | 53 | 27 | 8", "cell_empty", "столбец «Кол-во участников»: пусто", False),
    ("marks", f"{SCHOOL} | | 89,5 | 12 | 53 | 27 | 8", "cell_not_an_integer", "«89,5» — не целое", False),
    ("marks", f"{SCHOOL} | | 99999999999 | 12 | 53 | 27 | 8", "cell_range", "число слишком велико", False),
    ("marks", f"{SCHOOL} | | -3 | 12 | 53 | 27 | 8", "cell_range", "не меньше 0", False),
    ("marks", "4711 | | 89 | 12 | 53 | 27 | 8", "row_group_unknown", "непонятно, к кому относится строка: 4711", False),
    ("marks", f"{TOWN} | | 89 | 12 | 53 | 27 | 8", "row_duplicate_key", "строка повторяет другую", False),
    ("marks", " | 12 | 900 | 6 | 34 | 44 | 16", "row_without_key", "столбец «Группы участников»", False),
    ("marks", f"{SCHOOL} | | 89 | 12 | 53 | 27 | 8 | проверено", "cell_beside_table", "«проверено» стоит", True),
    ("journal", f"{SCHOOL} | 93 | 56 | 52 | 40 | 37 | 14 | 4", "row_sum_not_100", "110,00 %", False),
    ("journal", f"{SCHOOL} | 93 | 56 | 52 | 40 | 37 | 4 | 9", "row_counts_differ", "вместе 98", True),
    ("journal", f"{SCHOOL} | 93 | 56 | | 40 | 37 | 4 | 4", "cell_empty", "Понизили", False),
    ("distribution", f"{SCHOOL} | | 50 | 0 | 10 | 30 | 40 | 90", "row_sum_not_100", "170,00 %", False),
    ("distribution", f"{SCHOOL} | | 50 | -5 | 15 | 30 | 40 | 20", "cell_range", "столбец «0»: «-5.0» вне", False),
    ("distribution", f"{SCHOOL} | | 50 | | | | |", "row_no_shares", "участники есть, а ни одной доли нет", False),
    ("task_performance", f"{SCHOOL} | | 50 | 88 | 155 | 20", "cell_range", "столбец «2К1»: «155» вне", True),
    ("task_performance", f"{SCHOOL} | | 50 | 88 | X | 20", "cell_not_a_number", "столбец «2К1»: «X»", True),
    ("task_performance", f"{SCHOOL} | | 50 | | |", "row_no_shares", "ни одной доли", False),
    ("task_groups", "Ср.% вып. уч. гр.баллов 3 | 47 | 160 | 30", "cell_range", "столбец «1 (1б)»: «160»", True),
    ("task_groups", "Ср.% вып. уч. гр.баллов 2 | 11 | 40 | 10,5", "row_duplicate_key", "повторяет", False),
    ("planned", "2 | Умение | 1 | 60 | 161 | 62 | 63", "cell_range", f"столбец «{TOWN}»: «161»", True),
    ("marks", f"{SCHOOL} | | 89 | 12 | 53 | 127 | 8", "cell_range",
        "«127» вне допустимых пределов: не больше 100", True),
    ("journal", f"{SCHOOL} | 93 | 560 | 52 | 40 | 37 | 4 | 4", "cell_range", "«560» вне допустимых пределов", True),
    ("planned", "2 | Умение | один | 60 | 61 | 62 | 63", "cell_not_a_number", "столбец «Макс балл»", False),
    ("planned", "1 | Умение | 2 | 60 | 61 | 62 | 63", "row_duplicate_key", "повторяет", False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("layout", "row", "issue_type", "piece", "accepted"), BAD, ids=[f"{b[0]}: {b[2]}" for b in BAD]
)
def test_a_bad_row_never_harms_a_good_one(
    tmp_path: Path, layout: str, row: str, issue_type: str, piece: str, accepted: bool
) -> None:
    clean = take(tmp_path, making.REPORTS[layout](GOOD[layout]), "верный.xlsx")
    taken = take(tmp_path, making.REPORTS[layout](f"{GOOD[layout]}\n{row}"))
    assert taken.types == {issue_type}
    (message,) = set(taken.messages(issue_type))
    assert piece in message
    assert message.startswith(f"Файл «отчёт.xlsx», лист «Лист1», строка {taken.issues['row'].iloc[0]}")
    assert taken.counts == (clean.counts[0] + 1, clean.counts[1] + accepted, 1 - accepted)
    kept, before = (facts(each, KINDS[layout]).sort_values("row", kind="stable") for each in (taken, clean))
    kept = kept.reset_index(drop=True)
    pd.testing.assert_frame_equal(kept.iloc[: len(before)], before)
    assert (len(kept) > len(before)) == accepted


@pytest.mark.parametrize(
    ("layout", "row", "known"),
    [
        ("marks", f"{SCHOOL} | | 89 | 12 | 53 | 127 | 8", {"mark_2_pct": [12], "mark_4_pct": [None]}),
        ("marks", f"{SCHOOL} | | 89 | 12 | 53 | #ДЕЛ/0! | 8", {"mark_3_pct": [53], "mark_4_pct": [None]}),
        ("marks", f"{SCHOOL} | | 89 | 12 | -53 | 127 | 8", None),
        ("marks", f"{SCHOOL} | | 89 | 53 | 60 | 127 | 8", None),  # the others are too much by themselves
        ("journal", f"{SCHOOL} | 93 | 560 | 52 | 40 | 37 | 4 | 4", {"lower_pct": [None], "lower": [52]}),
        ("task_performance", f"{SCHOOL} | | 50 | 88 | 155 | 20", {"task": ["1", "2.К2"], "completion_pct": [88, 20]}),
        ("task_performance", f"{SCHOOL} | | 50 | 88 | 155 | -20", None),
        ("planned", "2 | Умение | 1 | 60 | 161 | 62 | 63", {"completion_pct": [60, None, 62, 63]}),
        ("planned", "2 | Умение | 1 | 60 | 161 | 162 | 63", None),
    ],
)  # fmt: skip
def test_one_impossible_share_is_unknown_and_two_refuse_the_row(
    tmp_path: Path, layout: str, row: str, known: dict[str, list[object]] | None
) -> None:
    taken = take(tmp_path, making.REPORTS[layout](f"{GOOD[layout]}\n{row}"))
    kept = facts(taken, KINDS[layout])
    last = kept[kept["row"] == kept["row"].max()]
    assert taken.counts[2] == (0 if known else 1)
    for name, values in (known or {}).items():
        assert last[name].tolist() == values


VERTICAL: list[tuple[str, str, tuple[int, int]]] = [
    # rows after a good group, issue type, (accepted, quarantined) among them
    (f"{SCHOOL} | |\n{LOWER} | 52 | 56\n{EQUAL} | 37 | 40\nВсего | 93 | 100", "row_journal_incomplete", (0, 4)),
    (
        f"{SCHOOL} | |\n{LOWER} | а | 56\n{EQUAL} | 37 | 40\n{HIGHER} | 4 | 4\nВсего | 93 | 100",
        "cell_not_a_number",
        (0, 5),
    ),
    (f"{LOWER} | 52 | 56", "row_duplicate_key", (5, 1)),
    (f"4711 | |\n{LOWER} | 5 | 50\n{EQUAL} | 4 | 40\n{HIGHER} | 1 | 10\nВсего | 10 | 100", "row_group_unknown", (0, 5)),
    (
        f"{SCHOOL} | |\n{LOWER} | 52 | 90\n{EQUAL} | 37 | 40\n{HIGHER} | 4 | 4\nВсего | 93 | 100",
        "row_sum_not_100",
        (0, 5),
    ),
    ("* по данным ОО | |", "row_journal_incomplete", (0, 1)),
]


@pytest.mark.parametrize(("rows", "issue_type", "counts"), VERTICAL, ids=[line[1] for line in VERTICAL])
def test_a_vertical_group_is_taken_whole_or_not_at_all(
    tmp_path: Path, rows: str, issue_type: str, counts: tuple[int, int]
) -> None:
    taken = take(tmp_path, making.journal_vertical(f"{GOOD['journal_vertical']}\n{rows}"))
    lines = len(rows.splitlines())
    accepted, quarantined = counts
    if issue_type == "row_duplicate_key":
        accepted, lines = 0, 1
    assert issue_type in taken.types
    assert taken.counts == (5 + lines, 5 + accepted, quarantined)
    assert facts(taken, "vpr_journal")["unit_id"].tolist() == ["reg19_m019"]


def test_a_vertical_report_that_begins_without_a_unit(tmp_path: Path) -> None:
    rows = f"{LOWER} | 5 | 50\n{EQUAL} | 4 | 40\n{HIGHER} | 1 | 10\nВсего | 10 | 100"
    taken = take(tmp_path, making.journal_vertical(rows))
    assert taken.counts == (4, 0, 4)
    assert "row_group_unknown" in taken.types


def test_marks_of_nobody_in_the_report_by_marks(tmp_path: Path) -> None:
    taken = take(tmp_path, making.groups_report("Ср.% вып. уч. гр.баллов 2 | 11 | 40 | 10"))
    assert taken.counts == (1, 0, 1)
    assert taken.types == {"row_group_unknown"}


@pytest.mark.parametrize(
    ("unit", "issue_type"),
    [("4711", "row_group_unknown"), ("Итого", "row_totals"), ("Группы участников", "row_header_again")],
)
def test_marks_under_what_is_no_unit_are_nobodys(tmp_path: Path, unit: str, issue_type: str) -> None:
    rows = f"{GOOD['task_groups']}\n{unit} | | |\nСр.% вып. уч. гр.баллов 3 | 47 | 60 | 30"
    taken = take(tmp_path, making.groups_report(rows))
    assert taken.counts == (4, 2, 2)
    assert taken.types == {issue_type, "row_group_unknown"}
    assert set(facts(taken, "vpr_task_group")["unit_id"]) == {"reg19_m019"}


def test_a_maximum_that_is_no_number_is_told(tmp_path: Path) -> None:
    rows = making.tasks_report()
    rows[8] = ["Макс балл", None, None, 1, "два", 3]
    taken = take(tmp_path, rows)
    assert taken.counts == (3, 2, 1)
    assert "строка 9, столбец «2К1»: «два» — не число" in taken.messages("cell_not_a_number")[0]
    assert facts(taken, "vpr_task_performance")["max_score"].tolist() == [1, None, 3] * 2


@pytest.mark.parametrize(
    ("units", "piece"),
    [
        (f"Республика Хакасия | {TOWN} | Примечание | РФ", "столбец повторяет другой: «Примечание»"),
        (f"Республика Хакасия | {TOWN} | 4711 | РФ", "неизвестные столбцы: «4711»"),
    ],
)
def test_planned_results_of_a_unit_that_is_none(tmp_path: Path, units: str, piece: str) -> None:
    taken = take(tmp_path, making.planned_report(units=units))
    assert taken.refusal is not None
    assert taken.refusal.issue_type == "file_columns"
    assert piece in taken.refusal.message()
    assert taken.facts == {}


def test_the_same_report_on_two_sheets_is_taken_once(tmp_path: Path) -> None:
    path = making.xlsx(tmp_path / "a.xlsx", {"Первый": making.marks_report(), "Второй": making.marks_report()})
    taken = take_in(path, WORK)
    assert taken.counts == (8, 4, 4)
    assert taken.types == {"row_duplicate_key"}
    assert len(facts(taken, "vpr_marks")) == 4


@pytest.mark.parametrize("layout", sorted(KINDS))
def test_a_report_with_no_rows_is_told(tmp_path: Path, layout: str) -> None:
    rows = making.REPORTS[layout]()
    taken = take(tmp_path, rows[:8])
    assert taken.refusal is not None
    assert taken.refusal.issue_type == "file_no_rows"


# ---- the region's reference


def test_the_reference_distribution(tmp_path: Path) -> None:
    frame = facts(take_in(making.csv(tmp_path / "a.csv", making.REFERENCE)), "vpr_distribution")
    assert frame[["level", "unit_id", "subject", "grade"]].drop_duplicates().to_numpy().tolist() == [
        ["region", "19", "IS", 5]
    ]
    assert frame["count"].tolist() == [13, 27]
    assert frame["participants"].tolist() == [40, 40]
    assert frame["share_pct"].tolist() == [32.5, 67.5]


@pytest.mark.parametrize(
    ("row", "issue_type"),
    [
        ("2021 | IS | 5 | 1 | 7", "row_duplicate_key"),
        ("2021 | пение | 5 | 2 | 7", "cell_subject"),
        ("99999 | IS | 5 | 2 | 7", "cell_range"),
        ("2021 | IS | 999 | 2 | 7", "cell_range"),
        ("2021 | IS | 5 | 99999 | 7", "cell_range"),
        ("2021 | IS | 5 | 2 | 99999999999", "cell_range"),
        ("2021 | IS | 5 | 2 | 9999999999999999", "cell_range"),
        ("2021 | IS | 5 | 2 | -1", "cell_range"),
    ],
)
def test_a_bad_row_of_the_reference(tmp_path: Path, row: str, issue_type: str) -> None:
    rows = [*making.REFERENCE, *making.table(row)]
    taken = take_in(making.csv(tmp_path / "a.csv", rows))
    assert issue_type in taken.types
    assert taken.counts[0] == 3
    assert taken.counts[2] >= 1


@needs_town
def test_the_reference_of_a_real_region(tmp_path: Path) -> None:
    path = tmp_path / "region_score_distribution.csv"
    path.symlink_to(REAL / path.name)
    taken = take_in(path)
    told = pd.read_csv(path, sep=";")
    assert taken.counts == (len(told), len(told), 0)
    frame = facts(taken, "vpr_distribution")
    sizes = told.groupby(["year", "subject", "work_grade"])["participants"].sum()
    assert frame["count"].sum() == told["participants"].sum()
    assert set(frame["participants"]) == set(sizes)


# ---- whatever may come

SPOILT = st.sampled_from(["", "X", "-1", "101", "99999999999", "Итого", "Всего", "12,5", "4711", SCHOOL, "Макс балл"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    layout=st.sampled_from(sorted(KINDS)),
    spoilt=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 8), SPOILT | st.text(max_size=4)), max_size=4),
)
def test_rows_of_a_report_add_up_whatever_is_written(
    tmp_path_factory: pytest.TempPathFactory, layout: str, spoilt: list[tuple[int, int, str]]
) -> None:
    rows = [list(row) for row in making.REPORTS[layout]()]
    for row, column, word in spoilt:
        at = 8 + row % (len(rows) - 8)
        rows[at] = [*rows[at], *[None] * 9][:9]
        rows[at][column] = "".join(letter for letter in word if letter.isprintable()) or None
    taken = take(tmp_path_factory.mktemp("spoilt"), rows)
    read, accepted, quarantined = taken.counts
    assert taken.refusal is None or taken.refusal.issue_type == "file_no_rows"
    assert read == accepted + quarantined == len(taken.quarantine) + accepted
    errors = taken.issues[taken.issues["severity"] == "error"]
    if taken.refusal is None:
        assert set(errors["row"]) == set(taken.quarantine["row"])
        kept = taken.facts.get(KINDS[layout])
        assert kept is None or not set(kept["row"]) & set(taken.quarantine["row"])
