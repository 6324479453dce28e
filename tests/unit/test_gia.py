"""Protocols of the state exams: five layouts, blocks under one another, dirt; nothing is lost, nobody is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.facts.gia import long_answers, marks, short_answers, sitting_grade
from msoko_pipeline.reading.persons import person_key
from msoko_pipeline.reading.procedures.exams import exam_of
from msoko_pipeline.text.cells import Wrong
from schemas import catalogue
from tests import making
from tests.making import EGE_ROW, OGE_ROW, Taken, ege_regional, oge_appeals, oge_regional, take_in

PEOPLE = ("Образцов", "Шаблонова", "Примерович", "Образцовна", "9504", "123456")


def taken(folder: Path, rows: making.Rows, *, xls: bool = False) -> Taken:
    return take_in(making.xls(folder / "протокол.xls", rows) if xls else making.xlsx(folder / "протокол.xlsx", rows))


def oge(*changes: dict[int, Any], row: tuple[Any, ...] = OGE_ROW) -> list[tuple[Any, ...]]:
    """Rows of a protocol: for each set of changes (column number → cell) a pupil of his own."""
    people = [f"Образцов{'а' * number}" for number in range(len(changes))]
    return [
        tuple({6: person, 0: float(number), **change}.get(place, cell) for place, cell in enumerate(row))
        for number, (person, change) in enumerate(zip(people, changes, strict=True), 1)
    ]


# ---- layouts


@pytest.mark.parametrize("layout", making.PROTOCOLS)
@pytest.mark.parametrize("xls", [False, True], ids=["xlsx", "xls"])
def test_a_clean_protocol_is_taken_in_whole(tmp_path: Path, layout: str, xls: bool) -> None:
    told = taken(tmp_path, making.PROTOCOLS[layout], xls=xls)
    assert (told.refusal, told.counts, told.layouts) == (None, (1, 1, 0), [layout])
    (kind,) = told.facts
    (row,) = told.facts[kind].to_dict("records")
    assert row["org_ref"] == "190001"  # a float in the file; never the municipality's code
    assert told.told.sheets[0]["years"] == [2026]
    assert row["pupil_key"] in {person_key(" ".join(name), making.SECRET) for name in (
        ("Образцов", "Пётр", "Примерович"), ("Шаблонова", "Анна", "Образцовна"),
    )}  # fmt: skip


def test_the_codes_of_school_and_municipality_are_never_swapped(tmp_path: Path) -> None:
    """The two layouts have the columns in a different order."""
    for rows, kind in ((oge_regional(), "gia9"), (ege_regional(), "gia11")):
        (row,) = taken(tmp_path, rows).facts[kind].to_dict("records")
        assert (row["org_ref"], row["municipality_ref"]) == ("190001", "19")


def test_an_oge_row_says_what_the_protocol_says(tmp_path: Path) -> None:
    (row,) = taken(tmp_path, oge_regional()).facts["gia9"].to_dict("records")
    told = {name: row[name] for name in ("procedure", "subject", "exam_date", "pupil_grade", "class_label", "ppe",
                                         "primary_score", "mark", "short_answers", "long_answers", "oral")}  # fmt: skip
    assert told == {
        "procedure": "OGE", "subject": "OB", "exam_date": "2026-06-03", "pupil_grade": 9, "class_label": "А",
        "ppe": "901", "primary_score": 27, "mark": 4, "short_answers": "++++++++++2+++++",
        "long_answers": "1(2)2(3)2(2)", "oral": False,
    }  # fmt: skip


def test_an_ege_of_base_mathematics_has_a_mark_and_no_test_score(tmp_path: Path) -> None:
    titles = ("22 - Математика базовая 2026.05.29", "2 - Математика профильная 2026.05.29")
    base = taken(tmp_path, ege_regional([(*EGE_ROW[:9], "+++", "", 12.0, 4.0)], titles[0]))
    (row,) = base.facts["gia11"].to_dict("records")
    assert (row["subject"], row["mark"], row["test_score"]) == ("MB", 4, None)
    profile = taken(
        tmp_path, ege_regional([(*EGE_ROW[:9], "+++", "", 12.0, 64.0)], "2 - Математика профильная 2026.05.29")
    )
    (row,) = profile.facts["gia11"].to_dict("records")
    assert (row["subject"], row["mark"], row["test_score"]) == ("MA", None, 64)


def test_several_exams_on_one_sheet(tmp_path: Path) -> None:
    rows = [
        *oge_regional(oge({}, {}), "12 - Обществознание 2026.06.03"),
        *oge_regional(oge({12: 3.0, 11: 14.0, 9: "+++++++++++", 10: "1(2)"}), "04 - Химия 2026.06.09"),
        *oge_regional(oge({}, {}, {}), "51 - Русский язык 2026.06.11"),
    ]
    told = taken(tmp_path, rows)
    assert told.counts == (6, 6, 0)
    found = told.facts["gia9"]
    assert found.groupby(["procedure", "subject"]).size().to_dict() == {
        ("OGE", "OB"): 2, ("OGE", "HI"): 1, ("GVE9", "RU"): 3,
    }  # fmt: skip
    sheet_rows = [row for row, line in enumerate(rows, 1) if line and isinstance(line[0], float)]
    assert sorted(found["row"]) == sheet_rows


@pytest.mark.parametrize(
    ("title", "above", "day", "resit"),
    [
        ("04 - Химия 2026.07.08", (), "2026-07-08", False),
        ("04 - Химия 08.07.2026", (), "2026-07-08", False),
        ("04 – Химия 08.07.2026 г.", (), "2026-07-08", False),
        ("04 - Химия (2026.07.08)", (), "2026-07-08", False),
        ("04 - Химия 2026.06.25 (пересдача)", (), "2026-06-25", True),
        ("04 - Химия 08.07.2026 г., дополнительный день", (), "2026-07-08", True),
        ("04 - Химия 2026.06.25, резервный день", (), "2026-06-25", False),
        ("04 - Химия 2026.07.08", ("Дополнительные дни",), "2026-07-08", True),
        ("04 - Химия 2026.06.25", ("Протокол проверки результатов. Пересдача",), "2026-06-25", True),
        ("04 - Химия 2026.09.08", ("Период: дополнительный период (сентябрь)",), "2026-09-08", True),
        ("04 - Химия 2026.06.01", ("Период: основной",), "2026-06-01", False),
    ],
)
def test_the_day_of_an_exam_and_whether_it_is_called_a_resit(
    tmp_path: Path, title: str, above: tuple[str, ...], day: str, resit: bool
) -> None:
    told = taken(tmp_path, [*([line] for line in above), *ege_regional(title=title)])
    (row,) = told.facts["gia11"].to_dict("records")
    assert (row["subject"], row["exam_date"], row["resit"]) == ("HI", day, resit)


def test_words_of_a_period_are_of_the_block_below_them(tmp_path: Path) -> None:
    rows = [
        *ege_regional(title="04 - Химия 2026.06.01"),
        ["Пересдача"],
        *ege_regional(title="04 - Химия 2026.06.25"),
        *ege_regional(title="06 - Биология 2026.06.25"),
    ]
    told = taken(tmp_path, rows)
    assert told.counts == (3, 3, 0)
    found = told.facts["gia11"].set_index(["subject", "exam_date"])["resit"].to_dict()
    assert found == {("HI", "2026-06-01"): False, ("HI", "2026-06-25"): True, ("BI", "2026-06-25"): False}


def test_a_block_of_exam_lines_alone_has_the_words_above_the_first(tmp_path: Path) -> None:
    bare = making.exam_block("06 - Биология 2026.06.25", making.EGE_HEADER, [EGE_ROW], making.EGE_PLACES)
    told = taken(tmp_path, [["Пересдача"], *ege_regional(title="04 - Химия 2026.06.25"), *bare])
    assert told.facts["gia11"]["resit"].tolist() == [True, True]


@pytest.mark.parametrize("title", ["04 - Химия 2026", "04 - Химия 07.2026", "04 - Химия 2026 г. (пересдача)"])
def test_an_exam_without_its_day_is_asked_for_it(tmp_path: Path, title: str) -> None:
    told = taken(tmp_path, ege_regional(title=title))
    assert told.refusal is not None
    assert told.refusal.issue_type == "file_exam_no_day"
    assert title in told.refusal.message()


@pytest.mark.parametrize("title", ["06 - Биология 2026", "06 - Биология", "Биология, 2026 г.", "06 - Биология (ЕГЭ)"])
def test_a_block_without_its_day_is_no_part_of_the_one_above(tmp_path: Path, title: str) -> None:
    told = taken(tmp_path, [*ege_regional(title="04 - Химия 2026.06.01"), *ege_regional(title=title)])
    assert told.facts["gia11"]["subject"].tolist() == ["HI"]
    assert "не указан день экзамена" in told.messages("sheet_part_refused")[0]


def test_a_bad_row_of_a_later_block_is_named_by_its_row_on_the_sheet(tmp_path: Path) -> None:
    rows = [*oge_regional(oge({}, {})), *oge_regional(oge({}, {12: 6.0}), "04 - Химия 2026.06.09")]
    told = taken(tmp_path, rows)
    assert told.counts == (4, 3, 1)
    (bad,) = (row for row, line in enumerate(rows, 1) if line and line[-1] == 6.0)
    assert told.quarantine["row"].tolist() == [bad]
    assert f"строка {bad}, столбец «Оценка»" in told.messages("cell_mark")[0]


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("9А", "А"),
        ('9 "Б"', "Б"),
        ("9«в»", "В"),
        ("9-г", "Г"),
        ("9 (Д)", "Д"),
        ("9а класс", "А"),
        ("9 кл.", None),
        (9.0, None),
    ],
)
def test_the_letter_of_a_class(tmp_path: Path, word: Any, label: str | None) -> None:
    told = taken(tmp_path, oge_regional(oge({2: word})))
    assert told.counts == (1, 1, 0)
    (row,) = told.facts["gia9"].to_dict("records")
    assert (row["pupil_grade"], row["class_label"]) == (9, label)


def test_certificates_of_a_class_with_its_word(tmp_path: Path) -> None:
    rows = making.table(making.FLAT["certificate"])
    for row, grade in zip(rows[1:], ("11 класс", "9А"), strict=True):
        row[2] = grade
    told = take_in(making.xlsx(tmp_path / "a.xlsx", rows))
    assert told.counts == (2, 2, 0)
    assert told.facts["certificate"]["grade"].tolist() == [11, 9]


def test_appeals_are_kept_apart(tmp_path: Path) -> None:
    again = (
        2,
        190001,
        "9Б",
        901,
        "0001",
        "Шаблонова",
        "Анна",
        "Образцовна",
        "Русский язык(2026.06.09)",
        "Отклонена",
        20,
        3,
    )
    told = taken(tmp_path, oge_appeals([making.APPEAL_ROW, again]))
    found = told.facts["gia9_appeal"]
    assert found[["subject", "exam_date", "state", "primary_score", "mark"]].to_numpy().tolist() == [
        ["MA", "2026-06-02", "Удовлетворена", 15, 4], ["RU", "2026-06-09", "Отклонена", 20, 3],
    ]  # fmt: skip
    assert "gia9" not in told.facts


# ---- people


@pytest.mark.parametrize("layout", making.PROTOCOLS)
def test_nobody_is_named_in_anything_that_is_kept(tmp_path: Path, layout: str) -> None:
    told = taken(tmp_path, making.PROTOCOLS[layout])
    place = tmp_path / "протокол.xlsx.taken"
    kept = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file()).decode("utf-8", "ignore")
    whole = kept + str(told.facts) + str(told.issues.to_dict()) + str(told.quarantine.to_dict())
    assert [word for word in PEOPLE if word in whole] == []
    assert "людей заменено ключами: 1" in told.sheltered[0]


@pytest.mark.parametrize(("place", "name"), [(1, "Образцов"), (5, "Образцов Пётр"), (3, "Шаблонова"), (2, "Образцов")])
def test_a_name_in_a_column_of_codes_is_refused_and_not_repeated(tmp_path: Path, place: int, name: str) -> None:
    told = taken(tmp_path, oge_regional(oge({}, {place: name})))
    assert told.counts == (2, 1, 1)
    whole = str(told.issues.to_dict()) + str(told.quarantine.to_dict())
    assert name.split()[0] not in whole
    assert told.types & {"cell_exam_code", "cell_class"}


# ---- bad input


@pytest.mark.parametrize(
    ("change", "issue", "said"),
    [
        ({12: 0.0}, "cell_mark", "«0»"),
        ({12: 6.0}, "cell_mark", "«6»"),
        ({2: "12А"}, "cell_grade_of_exam", "«12А»"),
        ({9: "+++++++++++++++++"}, "cell_mask_long", "17 вместо 16"),
        ({10: "1(2)2(3)2(2)1(1)"}, "cell_mask_long", "4 вместо 3"),
        ({9: "++++++++++х+++++", 10: "3(2)2(3)2(2)"}, "cell_mask", "+++"),
        ({11: 27.5}, "cell_not_an_integer", "«27.5»"),
        ({1: None}, "cell_empty", "пусто"),
        ({6: None, 7: None, 8: None}, "cell_empty", "Фамилия"),
    ],
    ids=[
        "mark 0",
        "mark 6",
        "class 12",
        "mask",
        "long answers",
        "neither answers",
        "half",
        "no code",
        "no name",
    ],
)
def test_a_bad_row_waits_in_quarantine(tmp_path: Path, change: dict[int, Any], issue: str, said: str) -> None:
    told = taken(tmp_path, oge_regional(oge({}, {}, change)))
    assert told.counts == (3, 2, 1)
    assert any(said in message for message in told.messages(issue))


@pytest.mark.parametrize(
    ("change", "issue", "lost"),
    [
        ({9: "++++++++++х+++++"}, "cell_mask", "short_answers"),
        ({10: "3(2)2(3)2(2)"}, "cell_score_over_maximum", "long_answers"),
    ],
)
def test_answers_that_cannot_be_read_cost_no_mark(
    tmp_path: Path, change: dict[int, Any], issue: str, lost: str
) -> None:
    told = taken(tmp_path, oge_regional(oge({}, {}, change)))
    assert told.counts == (3, 3, 0)
    row, whole = told.facts["gia9"].iloc[2], told.facts["gia9"].iloc[0]
    assert (row["mark"], row["primary_score"]) == (whole["mark"], whole["primary_score"])
    assert [name for name in ("short_answers", "long_answers") if row[name] is None] == [lost]
    assert told.issues.loc[told.issues["issue_type"] == issue, "severity"].tolist() == ["warning"]


@pytest.mark.parametrize(
    ("primary", "mark", "outcome", "kept"),
    [
        (None, None, "none", (None, None)),
        ("не завершил экзамен", None, "unfinished", (None, None)),
        ("удалён", "удалён", "removed", (None, None)),
        (24.0, "Удалена за нарушение порядка", "removed", (24, None)),
        ("н/я", None, "absent", (None, None)),
        ("-", "неявка", "absent", (None, None)),
        ("", "Не явился (болезнь)", "absent", (None, None)),
        (None, "результат аннулирован", "annulled", (None, None)),
        (None, "—", "none", (None, None)),
        (None, 2.0, "result", (None, 2)),
        (24.0, 3.0, "result", (24, 3)),
    ],
)  # fmt: skip
def test_whoever_has_no_result_is_a_participant(
    tmp_path: Path, primary: Any, mark: Any, outcome: str, kept: tuple[int | None, int | None]
) -> None:
    told = taken(tmp_path, oge_regional(oge({}, {11: primary, 12: mark})))
    assert told.counts == (2, 2, 0)
    row = told.facts["gia9"].iloc[1]
    assert (row["outcome"], row["primary_score"], row["mark"]) == (outcome, *kept)
    names = {"none": "row_no_result", "result": "row_no_primary"}
    assert (names.get(outcome, "row_outcome") in told.types) == (primary != 24.0 or outcome != "result")


def test_an_ege_without_a_test_score_and_one_whose_answers_say_why(tmp_path: Path) -> None:
    who = EGE_ROW[1:6]
    rows = [
        EGE_ROW,
        (2.0, *who, "Образцов", "Пётр", "Примерович", "удален с экзамена", "", None, None),
        (3.0, *who, "Тестов", "Пётр", "Примерович", "+++-1+", "2(3)0(2)", None, "не завершила"),
    ]
    told = taken(tmp_path, ege_regional(rows))
    assert told.counts == (3, 3, 0)
    assert told.facts["gia11"]["outcome"].tolist() == ["result", "removed", "unfinished"]


def test_a_name_in_the_place_of_a_score_is_no_outcome(tmp_path: Path) -> None:
    told = taken(tmp_path, oge_regional(oge({}, {11: "Кляксин"})))
    assert told.counts == (2, 1, 1)
    assert "Кляксин" not in "".join(told.issues["message_ru"]) + "".join(told.quarantine["cells"])


@pytest.mark.parametrize(
    ("change", "issue"),
    [
        ({9: "+++++++++++++++"}, "cell_mask_short"),
        ({12: 5.0}, "cell_mark_scale"),
        ({11: 12.0, 12: 2.0}, "cell_primary_below_answers"),
    ],
    ids=["short mask", "mark", "primary"],
)
def test_a_doubtful_row_is_taken_and_told(tmp_path: Path, change: dict[int, Any], issue: str) -> None:
    told = taken(tmp_path, oge_regional(oge({}, {}, change)))
    assert (told.counts, told.types) == ((3, 3, 0), {issue})


@pytest.mark.parametrize(
    ("year", "issue", "accepted"), [(2024, "cell_total_over_reference", 3), (2025, "cell_total_over_maximum", 2)]
)
def test_a_score_above_the_maximum_is_refused_where_a_document_proves_that(
    tmp_path: Path, year: int, issue: str, accepted: int
) -> None:
    over = oge_regional(oge({}, {}, {11: 38.0, 12: 5.0}), f"12 - Обществознание {year}.06.03")
    told = taken(tmp_path, over)
    assert (told.counts, told.types) == ((3, accepted, 3 - accepted), {issue})


@pytest.mark.parametrize(("score", "issue"), [(101.0, "cell_range"), (-1.0, "cell_range"), (51.0, "cell_test_scale")])
def test_test_scores(tmp_path: Path, score: float, issue: str) -> None:
    right = (*EGE_ROW[:12], float(catalogue.test_scores(2026, "HI")[8]))
    told = taken(tmp_path, ege_regional([right, (2.0, *EGE_ROW[1:6], "Иной", *EGE_ROW[7:12], score)]))
    assert issue in told.types
    assert told.counts == ((2, 2, 0) if issue == "cell_test_scale" else (2, 1, 1))


def test_a_pupil_twice_in_one_exam_is_refused(tmp_path: Path) -> None:
    told = taken(tmp_path, oge_regional([OGE_ROW, (2.0, *OGE_ROW[1:6], "ОБРАЗЦОВ", "Петр", *OGE_ROW[8:])]))
    assert (told.counts, told.types) == ((2, 1, 1), {"row_duplicate_key"})


def test_a_protocol_of_another_region_is_refused(tmp_path: Path) -> None:
    rows = [
        [cell if cell != making.REGION else "20 - Чеченская Республика" for cell in line] for line in oge_regional()
    ]
    told = taken(tmp_path, rows)
    assert told.refusal is not None
    assert told.refusal.issue_type == "file_region_other"
    assert "20 — Чеченская Республика" in told.refusal.message()
    assert told.facts == {}


@pytest.mark.parametrize("title", ["99 - Хиромантия 2026.06.03", "12 - Обществознание 2026.13.03", "Сводный протокол"])
def test_an_exam_that_cannot_be_told_refuses_the_file(tmp_path: Path, title: str) -> None:
    told = taken(tmp_path, oge_regional(title=title))
    assert told.refusal is not None
    assert told.refusal.issue_type == "file_exam_unknown"


# ---- words


@pytest.mark.parametrize(
    ("title", "grade", "told"),
    [
        ("12 - Обществознание 2026.07.03", 9, ("OGE", "OB", "2026-07-03", False)),
        ("01 - Русский язык (ГВЭ) 2026.06.05", 9, ("GVE9", "RU", "2026-06-05", False)),
        ("52 - Математика 2026.06.05", 9, ("GVE9", "MA", "2026-06-05", False)),
        ("22 - Математика базовая 2026.05.29", 11, ("EGE", "MB", "2026-05-29", False)),
        ("02 - Математика профильная 2026.05.29", 11, ("EGE", "MA", "2026-05-29", False)),
        ("29 - Английский язык (устная часть) 2026.06.12", 11, ("EGE", "EN", "2026-06-12", True)),
        ("10 - Литература 2026.06.05", 9, ("OGE", "LI", "2026-06-05", False)),  # the name is trusted, not the code
    ],
)
def test_the_exam_of_a_title(title: str, grade: int, told: tuple[Any, ...]) -> None:
    exam = exam_of(title, grade)
    assert exam is not None
    assert (exam.procedure, exam.subject, exam.date, exam.oral) == told


def test_answers_are_written_one_way() -> None:
    assert short_answers(" ++ −2 +") == "++-2+"
    assert long_answers("1 (2) 0(3)") == "1(2)0(3)"


def test_who_sits_an_exam() -> None:
    assert sitting_grade("9 «А»", {9}) == 9
    with pytest.raises(Wrong) as wrong:
        sitting_grade("12", {10, 11})
    assert wrong.value.details["detail"] == "10 или 11"


def test_a_scale_without_upper_bounds_gives_only_what_is_sure() -> None:
    scale = catalogue.mark_scale("OGE", 2026, "LI")
    assert scale is not None
    assert marks(pd.Series([15, 16, 40], dtype="Int16"), scale).isna().tolist() == [False, True, True]


def test_rows_whose_class_looks_like_a_title_are_rows(tmp_path: Path) -> None:
    """`11-А` is written as a region is, «19 - Хакасия»; a title stands alone in its row."""
    first = making.exam_block("04 - Химия 2026.06.01", making.EGE_HEADER, [_in_class(n, "11-А") for n in range(1, 5)])
    second = making.exam_block("06 - Биология 2026.06.04", making.EGE_HEADER, [_in_class(n, "11-Б") for n in (5, 6)])
    without_means = [row for row in [*first, *second] if "Средние" not in row and row]
    told = take_in(making.xlsx(tmp_path / "протокол.xlsx", {"Page 1": without_means}))
    assert told.counts == (6, 6, 0)


def _in_class(number: int, label: str) -> list[Any]:
    row = list(making.EGE_ROW)
    row[0], row[3], row[6] = number, label, f"Шаблонова{'абвгде'[number - 1]}"
    return row


def test_a_row_without_number_and_code_is_not_lost(tmp_path: Path) -> None:
    row = list(making.OGE_ROW)
    row[0] = row[1] = None
    told = take_in(making.xlsx(tmp_path / "протокол.xlsx", {"Page 1": making.oge_regional([making.OGE_ROW, row])}))
    assert told.counts == (2, 1, 1)


@pytest.mark.parametrize("name", ["раздел «Говорение»", "устный", "устн.", "говорение", "устная часть"])
def test_the_oral_part_in_its_spellings(name: str) -> None:
    exam = exam_of(f"29 - Английский язык ({name}) 2026.06.12", 11)
    assert exam is not None
    assert (exam.subject, exam.oral) == ("EN", True)


def test_mathematics_that_does_not_say_which_is_told_by_its_code() -> None:
    told = [exam_of(f"{code} - Математика 2026.06.03", 11) for code in ("22", "02")]
    assert [exam.subject for exam in told if exam] == ["MB", "MA"]


@pytest.mark.parametrize("title", ["20 - Чеченская Республика", "20 - Чеченская Республика (код 20)",
                                   "Регион: 20 - Чеченская Республика"])  # fmt: skip
def test_another_region_is_another_however_its_title_goes_on(tmp_path: Path, title: str) -> None:
    rows = making.oge_regional()
    rows[1] = [title, None, "Форма 13"]
    told = take_in(making.xlsx(tmp_path / "протокол.xlsx", {"Page 1": rows}))
    assert told.refusal is not None
    assert told.refusal.issue_type == "file_region_other"


def test_a_cell_beside_the_exam_does_not_hide_it(tmp_path: Path) -> None:
    rows = making.oge_regional()
    rows[2] = [*rows[2], None, "Стр. 1"]
    assert take_in(making.xlsx(tmp_path / "протокол.xlsx", {"Page 1": rows})).counts == (1, 1, 0)


def test_an_exam_of_a_year_to_come_is_refused(tmp_path: Path) -> None:
    rows = making.oge_regional(title="12 - Обществознание 2062.06.03")
    told = take_in(making.xlsx(tmp_path / "протокол.xlsx", {"Page 1": rows}))
    assert told.refusal is not None
    assert told.refusal.issue_type == "file_year_unlikely"


def test_an_exam_without_a_header_of_its_own_has_the_one_above_it(tmp_path: Path) -> None:
    second = [row for row in making.oge_regional(title="02 - Математика 2026.06.02") if making.OGE_HEADER[9] not in row]
    told = take_in(making.xlsx(tmp_path / "протокол.xlsx", {"Page 1": [*making.oge_regional(), *second]}))
    assert told.refusal is None
    assert told.facts["gia9"]["subject"].tolist() == ["OB", "MA"]


def test_an_exam_without_a_header_is_left_out_and_named_where_columns_disagree(tmp_path: Path) -> None:
    first = making.oge_regional()
    second = [row for row in making.oge_regional(title="02 - Математика 2026.06.02") if making.OGE_HEADER[9] not in row]
    second = [row if len(row) < 3 else [None, *row] for row in second]
    told = take_in(making.xlsx(tmp_path / "протокол.xlsx", {"Page 1": [*first, *second]}))
    assert told.refusal is None
    assert set(told.facts["gia9"]["subject"]) == {"OB"}
    assert "нет заголовка таблицы" in told.messages("sheet_part_refused")[0]
