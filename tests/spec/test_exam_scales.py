"""Every scale of the state exams at each of its bounds: marks of ОГЭ, ГВЭ-9 and base mathematics, scores of ЕГЭ."""

from __future__ import annotations

import csv
from itertools import pairwise, product
from pathlib import Path

import pandas as pd
import pytest

from msoko_pipeline.facts.gia import marks
from schemas import catalogue
from tests import making
from tests.real import SHARED
from tests.spec.tables import load, table

SCALES = catalogue.rows("gia/mark_scales.csv")
SUBJECTS = sorted({row["subject"] for row in catalogue.rows("gia/ege_scales.csv")})

GVE9 = {
    ("RU", ""): "0–4/5–10/11–14/15–17", ("MA", "100"): "0–3/4–6/7–9/10–14", ("MA", "200"): "0–3/4–6/7–9/10–12",
    ("MA", "300"): "0–2/3–5/6–8/9–10", ("FI", ""): "0–6/7–12/13–18/19–23", ("HI", ""): "0–6/7–10/11–14/15–17",
    ("BI", ""): "0–8/9–17/18–27/28–37", ("GG", ""): "0–5/6–10/11–15/16–19", ("OB", ""): "0–6/7–12/13–18/19–23",
    ("IS", ""): "0–6/7–12/13–18/19–24", ("LI", ""): "0–4/5–11/12–19/20–24",
}  # fmt: skip
"""The ministry's recommendations of 2023, as printed: points of «2», «3», «4», «5»."""


def mark(score: int, scale: dict[str, object]) -> int | None:
    (found,) = marks(pd.Series([score], dtype="Int16"), scale).tolist()
    return None if pd.isna(found) else int(found)


def _named(row: dict[str, str]) -> str:
    return f"{row['procedure']}-{row['year']}-{row['subject']}{row['variant']}"


@pytest.mark.parametrize("row", SCALES, ids=_named)
def test_a_scale_turns_at_each_of_its_bounds(row: dict[str, str]) -> None:
    scale = catalogue.mark_scale(row["procedure"], int(row["year"]), row["subject"], row["region"], row["variant"])
    assert scale is not None
    assert scale["source"]
    assert mark(0, scale) == 2
    known = [(value, scale[f"min_{value}"]) for value in (3, 4, 5) if scale[f"min_{value}"] is not None]
    for value, bound in known:
        assert mark(bound - 1, scale) == value - 1
        assert mark(bound, scale) == (value if len(known) == 3 else None)
    bounds = [bound for _, bound in known]
    assert bounds == sorted(set(bounds))
    assert bounds[-1] <= scale["max_primary"]
    if len(known) == 3:
        spans = zip((2, 3, 4, 5), [0, *bounds], [*(b - 1 for b in bounds), scale["max_primary"]], strict=True)
        for value, first, last in spans:
            assert {mark(score, scale) for score in range(first, last + 1)} == {value}


@pytest.mark.parametrize(
    "row",
    [r for r in SCALES if not r["variant"]],
    ids=_named,
)
def test_beyond_a_scale_is_beyond_the_maximum(row: dict[str, str]) -> None:
    """The greatest primary score that a row may have is the scale's own; one more is refused, as is one below zero.

    Variants of ГВЭ are left out: a protocol does not tell them.
    """
    told = catalogue.exam_maximum(row["procedure"], int(row["year"]), row["subject"], row["region"])
    assert told is not None
    assert told[0] == int(row["max_primary"])


@pytest.mark.parametrize(("subject", "variant"), GVE9, ids=str)
def test_gve_as_printed(subject: str, variant: str) -> None:
    scale = catalogue.mark_scale("GVE9", 2023, subject, variant=variant)
    assert scale is not None
    for value, span in enumerate(GVE9[subject, variant].split("/"), 2):
        first, last = map(int, span.split("–"))
        assert [mark(score, scale) for score in (first, last)] == [value, value]
    assert scale["max_primary"] == last


@pytest.mark.skipif(not (SHARED / "domain/oge_scales.csv").exists(), reason="нет таблицы шкал")
def test_oge_as_in_the_letters() -> None:
    """The table the specification keeps beside itself, read anew."""
    titles = {title: code for code, title in catalogue.subjects().items()} | {"Иностранный язык": "EN"}
    with (SHARED / "domain/oge_scales.csv").open(encoding="utf-8") as lines:
        told = [row for row in csv.DictReader(lines) if row["subject"] in titles]
    assert len(told) == 22
    for row in told:
        for year in row["year"].split("-"):
            scale = catalogue.mark_scale("OGE", int(year), titles[row["subject"]])
            assert scale is not None
            if (year, row["subject"]) == ("2022", "Биология"):
                assert (scale["max_primary"], scale["min_4"], scale["min_5"]) == (45, None, None)
                continue  # the correction of the specification stands above its table
            bounds = [str(scale[name] or "") for name in ("max_primary", "min_3", "min_4", "min_5")]
            expected = [row[name] for name in ("max", "min_3", "min_4", "min_5")]
            assert [b for b, e in zip(bounds, expected, strict=True) if e] == [e for e in expected if e], row


def test_a_year_without_a_scale_of_its_own_has_the_last_one_unverified() -> None:
    last, own = catalogue.mark_scale("OGE", 2024, "GG"), catalogue.mark_scale("OGE", 2023, "GG")
    assert last is not None
    assert own is not None
    assert (last["min_3"], last["verified"], own["verified"]) == (own["min_3"], False, True)
    assert catalogue.mark_scale("OGE", 2021, "GG") is None


def test_a_region_s_own_scale_goes_before_the_recommended(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {**SCALES[0], "region": "19", "min_3": "13"}
    monkeypatch.setattr(catalogue, "rows", lambda path: [*SCALES, own])
    catalogue.mark_scale.cache_clear()
    args = own["procedure"], int(own["year"]), own["subject"]
    here, elsewhere = catalogue.mark_scale(*args, "19"), catalogue.mark_scale(*args, "77")
    catalogue.mark_scale.cache_clear()
    assert here is not None
    assert elsewhere is not None
    assert (here["min_3"], elsewhere["min_3"]) == (13, int(SCALES[0]["min_3"]))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_test_scores_rise_from_zero_to_a_hundred(subject: str) -> None:
    told = catalogue.test_scores(2026, subject)
    assert sorted(told) == list(range(len(told)))
    assert (told[0], told[max(told)]) == (0, 100)
    assert all(lower <= higher for lower, higher in pairwise(told[score] for score in sorted(told)))
    top = catalogue.exam_maximum("EGE", 2026, subject)
    assert top == (max(told), True)
    assert catalogue.test_scores(2019, subject) == {}


@pytest.mark.parametrize(("score", "counts"), [(-1, (1, 0, 1)), (0, (1, 1, 0)), (37, (1, 1, 0)), (38, (1, 0, 1))])
def test_a_score_outside_the_scale_is_set_aside(tmp_path: Path, score: int, counts: tuple[int, int, int]) -> None:
    """Social studies of 2023 has 37 points, and that is confirmed; without confirmation one more is only told."""
    row = (*making.OGE_ROW[:9], None, None, score, 5 if score >= 37 else 2)
    rows = making.oge_regional([row], "12 - Обществознание 2023.06.03")
    assert making.take_in(making.xlsx(tmp_path / "протокол.xlsx", rows)).counts == counts


@pytest.mark.skipif(not (SHARED / "domain/ege_scale_2025_2026.csv").exists(), reason="нет таблицы шкал")
def test_ege_as_in_the_ministry_s_tables() -> None:
    """The tables the specification keeps beside itself, read anew: every test score and every minimum they print."""
    with (SHARED / "domain/ege_scale_2025_2026.csv").open(encoding="utf-8") as lines:
        scale = list(csv.DictReader(lines, delimiter=";"))
    with (SHARED / "domain/ege_min_thresholds_2023_2026.csv").open(encoding="utf-8") as lines:
        minima = list(csv.DictReader(lines, delimiter=";"))
    assert (len(scale), len(minima)) == (629, 12)
    for row in scale:
        for subject in _subjects(row["subject"]):
            assert catalogue.test_scores(2025, subject)[int(row["primary"])] == int(row["test"]), row
    for row in minima:
        for subject, year in product(_subjects(row["subject"]), (2023, 2024, 2025, 2026)):
            told = catalogue.exam_minimum(year, subject)
            assert told is not None
            assert [str(told[name] or "") for name in ("min_test", "min_mark")] == [row["min_test"], row["min_grade"]]


def _subjects(title: str) -> list[str]:
    """Codes of a subject as the tables call it; the four languages have one scale."""
    if title.startswith("Иностранн"):
        return ["EN", "DE", "FR", "ES"]
    mathematics = {"Математика (профиль)": "MA", "Математика профиль": "MA", "Математика база": "MB"}
    titles = {name: code for code, name in catalogue.subjects().items()}
    return [mathematics.get(title) or titles[title]]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_minimum_of_a_certificate_can_be_reached(subject: str) -> None:
    """Minima are scores that the scale gives: some primary score stands exactly at the bound."""
    minimum = catalogue.exam_minimum(2026, subject)
    assert minimum is not None
    assert minimum["min_test"] in catalogue.test_scores(2026, subject).values()


@pytest.mark.parametrize(
    ("year", "subject", "scale", "expected"),
    [(2026, "RU", "certificate", 24), (2023, "MA", "certificate", 27), (2026, "RU", "university", 40),
     (2025, "IN", "university", 44), (2026, "IN", "university", 46), (2026, "OB", "certificate", 42),
     (2026, "RU", "university_education", 42), (2026, "OB", "university_education", 42),
     (2026, "IN", "university_education", 45), (2026, "IS", "university_education", 38),
     (2026, "EN", "university_education", 35), (2026, "BI", "university_education", 39),
     (2026, "HI", "university_education", 39), (2026, "FI", "university_education", 40)],
)  # fmt: skip
def test_minima_of_two_kinds(year: int, subject: str, scale: str, expected: int) -> None:
    told = catalogue.exam_minimum(year, subject, scale)
    assert told is not None
    assert told["min_test"] == expected


@pytest.mark.parametrize("year", [2022, 2024])
def test_no_scale_of_marks_is_verified_where_no_document_of_that_year_was_read(year: int) -> None:
    """A letter of 21.02.2023 proves the scales of 2023."""
    told = [catalogue.mark_scale("OGE", year, row["subject"]) for row in SCALES if row["year"] == "2023"]
    assert {scale["verified"] for scale in told if scale} == {False}
    assert all(scale["verified"] for row in SCALES if row["procedure"] == "OGE" and row["year"] == "2023"
               if (scale := catalogue.mark_scale("OGE", 2023, row["subject"])))  # fmt: skip


@pytest.mark.parametrize(
    ("procedure", "year", "subject", "expected"),
    [
        ("OGE", 2022, "BI", (45, False)), ("OGE", 2023, "BI", (48, True)), ("OGE", 2025, "BI", (47, True)),
        ("OGE", 2025, "RU", (37, True)), ("OGE", 2025, "FI", (39, True)), ("OGE", 2025, "HI", (38, True)),
        ("OGE", 2025, "IN", (21, True)), ("OGE", 2025, "LI", (37, True)), ("OGE", 2026, "LI", (40, True)),
        ("OGE", 2024, "LI", (37, False)), ("EGE", 2025, "LI", (48, True)), ("EGE", 2025, "IN", (29, False)),
        ("EGE", 2025, "BI", (57, True)), ("EGE", 2025, "MB", (21, True)), ("EGE", 2024, "RU", None),
    ],
)  # fmt: skip
def test_the_greatest_score_and_whether_a_document_proves_it(
    procedure: str, year: int, subject: str, expected: tuple[int, bool] | None
) -> None:
    assert catalogue.exam_maximum(procedure, year, subject) == expected


def test_bounds_of_literature_of_40_points_are_open() -> None:
    told = catalogue.mark_scale("OGE", 2026, "LI")
    assert told is not None
    assert [told[name] for name in ("max_primary", "min_3", "min_4", "min_5", "verified")] == [
        40,
        16,
        None,
        None,
        False,
    ]


@pytest.mark.parametrize("row", table(load("gia")["cases"][-1]["cases"]).to_dict("records"), ids=str)
def test_which_exams_of_two_years_compare(row: dict[str, object]) -> None:
    exam, subject, *years = (str(row[name]) for name in ("экзамен", "предмет", "прежде", "теперь"))
    earlier, later = (int(float(year)) for year in years)
    told = [catalogue.same_exam(exam, subject, earlier, later, by_task=by_task) for by_task in (False, True)]
    expected = [{"да": True, "нет": False}.get(str(row[name])) for name in ("баллы", "задания")]
    assert told == expected


@pytest.mark.skipif(not (SHARED / "domain/exam_changes_2026.csv").exists(), reason="нет таблицы изменений")
def test_changes_as_the_specifications_print_them() -> None:
    with (SHARED / "domain/exam_changes_2026.csv").open(encoding="utf-8") as lines:
        told = list(csv.DictReader(lines))
    ours = catalogue.rows("gia/changes.csv")
    assert len(ours) == len(told) == 30
    for row, own in zip(told, ours, strict=True):
        procedure = row["exam"].removesuffix("_BASE")
        assert (own["procedure"], own["subject"], own["max_primary"]) == (
            procedure,
            row["subject_code"],
            row["max_2026"],
        )
        assert row["max_2025"] in ("", own["max_before"])
        assert bool(own["renumbered"]) == (row["renumbered"] != "false")
        assert catalogue.exam_maximum(procedure, 2026, own["subject"]) == (int(row["max_2026"]), True)


def test_base_mathematics_has_a_mark_for_its_minimum() -> None:
    told = catalogue.exam_minimum(2026, "MB")
    assert told is not None
    assert (told["min_test"], told["min_mark"]) == (None, 3)
    assert catalogue.exam_minimum(2022, "MB") is None
