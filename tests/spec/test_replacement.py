"""What a later file replaces, in small tables: which rows hold stands beside the files (docs/decisions/0013)."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pytest

from msoko_pipeline.home import engine, replacement
from msoko_pipeline.indicators import repeated_rows
from msoko_pipeline.privacy.allowed import personal
from schemas.kinds import KINDS

VPR = {"year": 2026, "subject": "MA", "grade": 4, "org_id": "edu190001", "class_label": None, "priority": 2}
EXAM = {"year": 2026, "procedure": "OGE", "subject": "RU", "exam_date": "2026-06-09", "org_ref": "190001", "ppe": "901",
        "oral": False, "priority": 2}  # fmt: skip
OLYMPIAD = {"year": 2026, "stage": "SHE", "subject": "MA", "grade": 7, "org_ref": "СОШ № 1", "direction": "—",
            "priority": 1}  # fmt: skip

Row = dict[str, Any]


def vpr(seq: int, codes: range | list[int], label: str | None = None, score: int = 0, **more: Any) -> list[Row]:
    """Pupils of one file; each has a result of its own (`score` makes those of another class)."""
    return [
        VPR | {"seq": seq, "participant_code": f"{40000 + code}", "class_label": label, "s01": 10 * code + score} | more
        for code in codes
    ]


def exam(seq: int, pupils: str, **more: Any) -> list[Row]:
    return [EXAM | {"seq": seq, "pupil_key": pupil, "mark": 4} | more for pupil in pupils]


def olympiad(seq: int, *pupils: str, **more: Any) -> list[Row]:
    return [OLYMPIAD | {"seq": seq, "pupil_key": pupil, "score": 5} | more for pupil in pupils]


class Held:
    """What `replacement` makes of the rows of files: sizes (rows of each file that hold) and pairs of lists."""

    def __init__(self, kind: str, rows: list[Row]) -> None:
        frame = pd.DataFrame(rows).assign(row=1)
        frame["rank"] = frame["priority"] * replacement.PRIORITY + frame["seq"]
        self.connection = duckdb.connect()
        self.facts = replacement.Facts(engine.load(self.connection, frame), KINDS[kind])
        self.replacements = replacement.settle(self.connection, self.facts)
        self.rows = engine.pandas(replacement.holding(self.connection, self.facts))

    def sizes(self) -> dict[int, int]:
        return {int(seq): int(count) for seq, count in self.rows["seq"].value_counts().sort_index().items()}

    def pairs(self, *names: str) -> list[tuple[Any, ...]]:
        assert self.replacements
        text = f"select {', '.join(names)} from pairs order by part, rank, by_rank"
        return engine.tuples(engine.query(self.connection, text, pairs=self.replacements.pairs))

    def left_out(self) -> int:
        assert self.replacements
        return int(engine.pandas(self.replacements.replaced)["is_left_out"].sum())

    def changes(self) -> repeated_rows.Changes:
        assert self.replacements
        return repeated_rows.changes(self.connection, self.facts, self.replacements)


def test_one_file_holds_whole() -> None:
    assert Held("vpr_result", vpr(1, range(28))).replacements is None


def test_files_of_two_schools_do_not_meet() -> None:
    assert Held("vpr_result", [*vpr(1, range(5)), *vpr(2, range(5), org_id="edu190002")]).replacements is None


@pytest.mark.parametrize(
    ("first", "second", "sizes"),
    [
        # two classes, each in a file of its own: numbered on, and numbered anew
        (vpr(1, range(14), "1"), vpr(2, range(14, 28), "2"), {1: 14, 2: 14}),
        (vpr(1, range(14), "1"), vpr(2, range(14), "2", score=3), {1: 14, 2: 14}),
        # two groups of one class; halves of a class that nobody names
        (vpr(1, range(14), "1"), vpr(2, range(14, 28), "1"), {1: 14, 2: 14}),
        (vpr(1, range(14)), vpr(2, range(14, 28)), {1: 14, 2: 14}),
        # a correction: of scores; of one score more; of a class without one pupil; of both classes together
        (vpr(1, range(28), "1"), vpr(2, range(28), "1", score=3), {2: 28}),
        (vpr(1, range(28), "1"), vpr(2, range(29), "1"), {2: 29}),
        (vpr(1, range(28), "1"), vpr(2, range(27), "1"), {2: 27}),
        (vpr(1, range(14), "1"), [*vpr(2, range(14), "1"), *vpr(2, range(14, 28), "2")], {2: 28}),
        # three pupils corrected of a class
        (vpr(1, range(28), "1"), vpr(2, range(3), "1", score=3), {1: 25, 2: 3}),
        # the whole school corrected for one class, with the class told or not
        ([*vpr(1, range(14), "1"), *vpr(1, range(14, 28), "2")], vpr(2, range(13), "1", score=3), {1: 14, 2: 13}),
        (vpr(1, range(28)), vpr(2, range(14), "1", score=3), {1: 14, 2: 14}),
        # a pupil moved to the other class; a class that had the other's name
        (
            [*vpr(1, range(14), "1"), *vpr(1, range(14, 28), "2")],
            [*vpr(2, range(13), "1"), *vpr(2, range(13, 28), "2")], {2: 28},
        ),
        (vpr(1, range(14), "1"), vpr(2, range(14), "2"), {2: 14}),
        # a regional export names classes otherwise than a form, and gives way to it whichever came first
        (vpr(1, range(28), "а", priority=1), vpr(2, range(14), "1", score=3), {1: 14, 2: 14}),
        (vpr(1, range(28), "1"), vpr(2, range(28), "а", score=3, priority=1), {1: 28}),
        # the last of a class of two
        (vpr(1, range(2), "1"), vpr(2, range(1), "1"), {2: 1}),
        (vpr(1, range(1), "1"), vpr(2, range(1, 2), "1"), {1: 1, 2: 1}),
    ],
)  # fmt: skip
def test_pupils_of_a_work(first: list[Row], second: list[Row], sizes: dict[int, int]) -> None:
    assert Held("vpr_result", [*first, *second]).sizes() == sizes


def test_whoever_a_corrected_list_leaves_out_is_counted() -> None:
    held = Held("vpr_result", [*vpr(1, range(28), "1"), *vpr(2, range(26), "1")])
    assert held.pairs("rows", "again", "left_out", "is_corrected", "stays") == [(28, 26, 2, True, 0)]
    assert held.left_out() == 2


def test_who_stays_beside_a_few_corrected_ones_is_counted() -> None:
    held = Held("vpr_result", [*vpr(1, range(28), "1"), *vpr(2, range(3), "1")])
    assert held.pairs("again", "is_corrected", "stays") == [(3, False, 25)]
    assert held.left_out() == 0


def test_lists_side_by_side_are_known_and_other_classes_are_no_question() -> None:
    beside = Held("vpr_result", [*vpr(1, range(14), "1"), *vpr(2, range(14, 28), "1")])
    assert beside.pairs("again", "is_apart", "stays") == [(0, False, 14)]
    apart = Held("vpr_result", [*vpr(1, range(14), "1"), *vpr(2, range(14, 28), "2")])
    assert apart.pairs("again", "is_apart", "stays") == [(0, True, 14)]


def test_a_third_file_may_bring_back_what_the_second_left_out() -> None:
    held = Held("vpr_result", [*vpr(1, range(28), "1"), *vpr(2, range(26), "1"), *vpr(3, range(28), "1")])
    assert (held.sizes(), held.left_out()) == ({3: 28}, 0)


@pytest.mark.parametrize(
    ("first", "second", "sizes"),
    [
        (exam(1, "абвгде"), exam(2, "жзиклм", ppe="955"), {1: 6, 2: 6}),
        (exam(1, "абвгде"), exam(2, "жзиклм"), {1: 6, 2: 6}),
        (exam(1, "абвгде"), exam(2, "абвгд", mark=5), {2: 5}),
        ([*exam(1, "абвгде"), *exam(1, "жзиклм", ppe="955")], exam(2, "жзикл", ppe="955"), {1: 6, 2: 5}),
        (exam(1, "абвгде"), exam(2, "абвгде", ppe="955"), {2: 6}),  # the place was mended
        (exam(1, "абвгде"), exam(2, "абвгде", exam_date="2026-06-29"), {1: 6, 2: 6}),  # another day is another exam
    ],
)
def test_pupils_of_an_exam(first: list[Row], second: list[Row], sizes: dict[int, int]) -> None:
    assert Held("gia9", [*first, *second]).sizes() == sizes


@pytest.mark.parametrize(
    ("first", "second", "sizes"),
    [
        (olympiad(1, "а", "б"), olympiad(2, "в", "г"), {1: 2, 2: 2}),
        (olympiad(1, "а", "б"), olympiad(2, "а"), {2: 1}),
        (olympiad(1, "а", "б", direction="Робототехника"), olympiad(2, "а", direction="Культура дома"), {1: 2, 2: 1}),
        (olympiad(1, "а", "б", direction="Робототехника"), olympiad(2, "а", "б", score=7), {2: 2}),
        # codes and names cannot be compared: the greater priority, then the later list
        (olympiad(1, "#1", "#2", "#3", priority=3), olympiad(2, "а", "б"), {1: 3}),
        (olympiad(1, "#1", "#2", "#3"), olympiad(2, "а", "б"), {2: 2}),
        (olympiad(1, "#1", "#2", "#3"), olympiad(2, "#1", "#2", "#3", score=7), {2: 3}),
        # the school is the same whatever it is called
        (olympiad(1, "а", "б", org_home="edu190001"),
         olympiad(2, "а", "б", org_ref="МБОУ «СОШ № 1»", org_home="edu190001"), {2: 2}),
    ],
)  # fmt: skip
def test_participants_of_an_olympiad(first: list[Row], second: list[Row], sizes: dict[int, int]) -> None:
    assert Held("olympiad_result", [*first, *second]).sizes() == sizes


def test_a_form_of_other_grades_stands_beside() -> None:
    common = {"year": 2026, "org_id": "edu190001", "priority": 1, "pupils": 20}
    first = [common | {"seq": 1, "grade": grade} for grade in range(1, 5)]
    assert Held("contingent", [*first, *(common | {"seq": 2, "grade": g} for g in range(5, 12))]).sizes() == {
        1: 4,
        2: 7,
    }
    assert Held("contingent", [*first, *(common | {"seq": 2, "grade": g} for g in range(1, 4))]).sizes() == {2: 3}


def test_a_report_is_one_document() -> None:
    unit = {"year": 2026, "subject": "MA", "grade": 4, "level": "school", "unit_id": "edu190001", "priority": 3}
    first = [unit | {"seq": 1, "primary_score": score, "count": 1.0} for score in range(21)]
    second = [unit | {"seq": 2, "primary_score": score, "count": 1.0} for score in range(5)]
    held = Held("vpr_distribution", [*first, *second])
    assert (held.sizes(), held.left_out()) == ({2: 5}, 0)


def test_an_official_list_is_one_document_and_tells_whom_it_leaves_out() -> None:
    first = [{"year": 2026, "org_id": f"edu19000{n}", "priority": 1, "seq": 1} for n in range(5)]
    held = Held("objectivity_list", [*first, {"year": 2026, "org_id": "edu190000", "priority": 1, "seq": 2}])
    assert (held.sizes(), held.left_out()) == ({2: 1}, 4)


def test_numbers_of_medals_are_of_their_own_medal() -> None:
    common = {"year": 2026, "org_id": "edu190001", "priority": 1}
    rows = [common | {"seq": medal, "number": n, "medal": medal, "ege_ru": 80 + medal + n}
            for medal in (1, 2) for n in range(3)]  # fmt: skip
    assert Held("medallist", rows).sizes() == {1: 3, 2: 3}


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_says_what_its_rows_are(kind: Any) -> None:
    """A unit's rows are told apart by something, or they are one document; a part is a column of the kind."""
    columns = set(kind.model.to_schema().columns)
    assert set(kind.unit_key) <= columns
    assert kind.row_key or kind.is_whole
    assert kind.part is None or kind.part in columns
    assert kind.keyed is None or kind.keyed in kind.row_key


# ---- what has changed in rows that are said again


@pytest.mark.parametrize(
    ("kind", "rows", "changes"),
    [
        # one pupil of thirty has other answers and another mark, another one is left out
        (
            "vpr_result",
            [*vpr(1, range(30), mark=4), *vpr(2, range(28), mark=4), *vpr(2, [28], score=1, mark=5)],
            {(1, 2): (28, 1, "Ответы на задания: 1, Отметка за работу (из файла): 1")},
        ),
        ("vpr_result", [*vpr(1, range(5)), *vpr(2, range(5))], {(1, 2): (5, 0, "")}),
        # where a value comes, the row has changed; the spelling of its class is the place of a row, not what it says
        (
            "vpr_result",
            [*vpr(1, range(3), mark=None), *vpr(2, range(3), mark=3)],
            {(1, 2): (0, 3, "Отметка за работу (из файла): 3")},
        ),
        ("vpr_result", [*vpr(1, range(3), class_raw="4а"), *vpr(2, range(3), class_raw="4 А")], {(1, 2): (3, 0, "")}),
        ("gia9", [*exam(1, "абв"), *exam(2, "аб"), *exam(2, "в", mark=5)], {(1, 2): (2, 1, "Оценка: 1")}),
        # what another layout lacks is no change, what it says otherwise is one
        ("vpr_result", [*vpr(1, range(3), mark=4), *vpr(2, range(3), priority=3)], {(1, 2): (3, 0, "")}),
        (
            "vpr_result",
            [*vpr(1, range(3), mark=4), *vpr(2, range(3), mark=5, priority=3)],
            {(1, 2): (0, 3, "Отметка за работу (из файла): 3")},
        ),
        # of three files the last one counts
        (
            "vpr_result",
            [*vpr(1, range(3)), *vpr(2, range(3)), *vpr(3, range(3), score=2)],
            {(1, 3): (0, 3, "Ответы на задания: 3"), (2, 3): (0, 3, "Ответы на задания: 3")},
        ),
    ],
)
def test_rows_said_again_are_compared_column_by_column(
    kind: str, rows: list[Row], changes: repeated_rows.Changes
) -> None:
    assert Held(kind, rows).changes() == changes


def test_columns_of_a_person_and_keys_are_not_compared() -> None:
    rows = [*exam(1, "аб", series="12"), *exam(2, "аб", series="13")]
    names = {name for names in repeated_rows.compared(Held("gia9", rows).facts).values() for name in names}
    assert "mark" in names
    assert not names & {"pupil_key", "org_ref", "ppe", "row", "seq", "rank", "year"}
    assert not names & personal(KINDS["gia9"].model)
