"""A school's work with more than a tenth of its rows in quarantine: no sign, no category, no tendency, and why."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from msoko_pipeline.home import store
from msoko_pipeline.indicators import insufficient
from msoko_pipeline.indicators.olympiads import formulas
from msoko_pipeline.indicators.preschool import shares
from msoko_pipeline.indicators.preschool import steps as preschool_year
from msoko_pipeline.intake import freshness
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.issues.whose import works_of
from msoko_pipeline.risk import categories, reasons
from msoko_pipeline.risk.procedures import procedures
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.form import forms
from schemas.kinds import KINDS
from tests import making
from tests.making import take_in

ROWS = {"year": 2026, "org_id": "edu190001"}
LIMIT = catalogue.thresholds(2026)["sufficiency"]
CHANGES = catalogue.preschool()["changes"]
WORK = {"year": 2026, "org_id": "edu190001", "procedure": "VPR", "subject": "MA", "grade": 5}


def lacking(quarantined: int, accepted: int | None) -> pd.DataFrame:
    """What is insufficient of one work of a school."""
    refused = pd.DataFrame([{**WORK, "seq": 7, "quarantined": quarantined}])
    counted = [] if accepted is None else [{**WORK, "accepted": accepted}]
    return insufficient.judged(refused, pd.DataFrame(counted, columns=[*WORK, "accepted"]))


@pytest.mark.parametrize(
    ("quarantined", "accepted", "is_lacking"),
    [(1, 9, False), (2, 18, False), (2, 17, True), (12, 38, True), (5, 0, True), (3, None, True), (1, 999, False)],
)
def test_more_than_a_tenth_is_too_much(quarantined: int, accepted: int | None, is_lacking: bool) -> None:
    assert len(lacking(quarantined, accepted)) == is_lacking


def test_the_share_stands_in_the_reason() -> None:
    assert lacking(12, 38)["reason"].tolist() == ["данных недостаточно: в карантине 24,0 % строк (12 из 50)"]


def test_a_reason_is_noted_beside_the_work_and_the_parallel_a_year_later() -> None:
    works = lacking(12, 38)
    frame = pd.DataFrame(
        [WORK, WORK | {"grade": 6}, WORK | {"year": 2027, "grade": 6}, WORK | {"org_id": "edu190002"}],
        index=[3, 1, 4, 0],
    )  # fmt: skip
    assert insufficient.noted(frame, works).notna().to_dict() == {3: True, 1: False, 4: False, 0: False}
    earlier = insufficient.noted(frame, works, years=1, grades=1, procedure="VPR")
    assert earlier.notna().to_dict() == {3: False, 1: False, 4: True, 0: False}
    assert "более ранняя" in earlier[4]


def test_without_enough_rows_a_procedure_makes_no_category_and_says_why() -> None:
    """Half of the pupils have «2» in three procedures; the same school without a reason is ШНОР."""
    rules = catalogue.risk_rules("regulator_2025", 2026)
    of_works = pd.DataFrame(
        [
            WORK | {"subject": subject, "municipality_id": "город", "n": 30, "failed": 15, "good": 5}
            for subject in ("RU", "MA")
        ]
    ).assign(completion_pct=40.0, completion_se=2.0, max_primary=20)
    found = {}
    for name, reason in (("whole", None), ("lacking", insufficient.reason(12, 50))):
        told = procedures(of_works.assign(not_judged=pd.array([reason] * 2, dtype="string")), rules)
        known = categories.Evidence(2026, rules, told, pd.Series(["edu190001"]))
        found[name] = categories.categories(known)[0].iloc[0]
        texts = reasons.of_quarantine(told, LIMIT)["text_ru"].tolist()
    assert found["whole"]["category"] == "shnor"
    assert (found["lacking"]["category"], found["lacking"]["insufficient_procedures"]) == ("no_data", 2)
    assert found["lacking"]["small_base_procedures"] == 0
    assert len(texts) == 2
    assert "24,0 % строк (12 из 50)" in texts[0]


def test_a_refused_row_says_whose_work_it_is(tmp_path: Path) -> None:
    rows = making.export_2021()
    rows += [["sch190002", 1, "без кода", *rows[1][3:]], ["?", 2, 50009, *rows[1][3:]]]
    held = take_in(making.xlsx(tmp_path / "данные.xlsx", rows)).quarantine
    named = held[["org_ref", "year", "procedure", "subject", "grade"]].astype(object)
    assert named.where(named.notna(), None).to_numpy().tolist() == [
        ["edu190002", 2021, "VPR", "IS", 5],
        [None, 2021, "VPR", "IS", 5],
    ]


def test_rows_of_registers_are_of_no_work() -> None:
    assert works_of(pd.Series([3, 4]).to_numpy(), "organisation", pd.DataFrame({"row": [3, 4]})).empty


# ---- olympiads and preschools


class Home:
    """An inbox that is taken in, and the facts of a kind that hold."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(home=folder / "home", inbox_dir=folder / "inbox")

    def take(self, name: str, rows: making.Rows) -> None:
        making.xlsx(self.settings.inbox / name, rows)
        intake.receive(self.settings)
        intake.validate(self.settings, KINDS)

    def facts(self, kind: str) -> pd.DataFrame:
        """Those of the last file: it replaces the others."""
        files = store.fact_files(self.settings.lake, kind, 2026)
        told = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
        told = told.assign(org_id=told["org_id"] if "org_id" in told else told["org_ref"], year=2026)
        return told[told["seq"] == told["seq"].max()]

    def lacking(self, kind: str, key: list[str]) -> pd.DataFrame:
        return insufficient.of_kind(self.settings, [2026], kind, self.facts(kind), key)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def protocol(*statuses: str) -> making.Rows:
    """The list of ВсОШ of one school, a pupil for each status."""
    header = ["Фамилия", "Имя", "ОО", "Предмет", "Класс", "Этап", "Статус", "Год", "Балл", "Макс. балл"]
    return [
        header,
        *([f"Образцов{letter}", "Пётр", "edu190001", "Математика", 7, "ШЭ", status, "2025/26", 10, 50]
          for letter, status in zip("абвгдежзикл", statuses, strict=False)),
    ]  # fmt: skip


GOOD, BAD = "участник", "чемпион мира"


def scales(*levels: object) -> making.Rows:
    form = forms()["preschool_scale"]
    blank = {f"Критерии уровня {level}": None for level in range(1, 6)}
    rows = [blank | {"Уровень": level, "Группа": str(number)} for number, level in enumerate(levels, 1)]
    return [form.header, *([row.get(column.name, column.example) for column in form.columns] for row in rows)]


@pytest.mark.parametrize(
    ("kind", "key", "whole", "spoilt"),
    [
        ("olympiad_result", formulas.SCHOOL, protocol(*[GOOD] * 9), protocol(*[GOOD] * 7, BAD, BAD)),
        ("preschool_scale", shares.UNIT, scales(*[3] * 9), scales(*[3] * 7, 8, 9)),
    ],
)
def test_schools_of_olympiads_and_preschools_with_too_many_refused_rows(
    home: Home, kind: str, key: list[str], whole: making.Rows, spoilt: making.Rows
) -> None:
    home.take("spoilt.xlsx", spoilt)
    (found,) = home.lacking(kind, key).to_dict("records")
    assert (found["quarantined"], found["rows"]) == (2, 9)
    assert "22,2 % строк (2 из 9)" in found["reason"]
    home.take("whole.xlsx", whole)  # sent again, mended
    assert home.lacking(kind, key).empty


def test_the_quarantine_of_a_file_is_read_once(home: Home) -> None:
    home.take("a.xlsx", protocol(*[GOOD] * 7, BAD, BAD))
    insufficient._counted.cache_clear()
    for _ in range(3):
        assert len(home.lacking("olympiad_result", formulas.SCHOOL)) == 1
    assert insufficient._counted.cache_info().misses == 1


def test_a_file_of_which_all_rows_are_refused_makes_its_year_stale(home: Home) -> None:
    home.take("a.xlsx", protocol(*[GOOD] * 7))
    published = freshness.inputs(home.settings)
    assert published.keys() == {2026}
    assert published == freshness.inputs(home.settings)
    home.take("b.xlsx", protocol(*[BAD] * 5)[:4])
    assert freshness.inputs(home.settings).keys() == published.keys()
    assert freshness.inputs(home.settings) != published


def test_a_school_without_enough_rows_shows_no_sign_of_olympiads() -> None:
    base = {"year": 2026, "level": "school", "unit_id": "edu190001", "subject": "MA"}
    found = pd.DataFrame(
        [
            base | {"stage": "SHE", "possible_signs": "full_score; winner_fell"},
            base | {"stage": "ME", "possible_signs": "same_scores"},
            base | {"stage": "SHE", "possible_signs": "full_score", "unit_id": "edu190002"},
            base | {"stage": "ME", "possible_signs": pd.NA, "level": "municipality", "unit_id": "town"},
        ]
    ).astype({"possible_signs": "string", "stage": "string"})  # fmt: skip
    lacking = pd.DataFrame([ROWS | {"stage": "ME", "subject": "MA", "reason": "данных недостаточно"}])
    told = formulas.without_insufficient(found, lacking)
    assert told["possible_signs"].fillna("—").tolist() == ["full_score", "—", "full_score", "—"]
    assert told["not_judged"].fillna("").tolist() == [
        "следующий этап: данных недостаточно",
        "данных недостаточно",
        "",
        "",
    ]
    same = formulas.without_insufficient(found, lacking.iloc[:0])
    assert same["possible_signs"].fillna("—").tolist() == found["possible_signs"].fillna("—").tolist()


def test_a_preschool_without_enough_rows_has_no_level_and_no_change() -> None:
    row = dict.fromkeys(preschool_year.COLUMNS) | ROWS | {"unit_level": "preschool", "kind": "score", "score": 3.5}
    row |= {"area": "ALL", "indicator": "ALL", "level": 3, "level_title": "базовый уровень"}
    town = row | {"unit_level": "municipality", "org_id": "town"}
    found = pd.DataFrame([row, town, row | {"year": 2027, "score": 4.0}]).astype(preschool_year.COLUMNS)
    lacking = pd.DataFrame([ROWS | {"reason": "данных недостаточно"}])
    told = preschool_year.with_changes(
        preschool_year.without_insufficient(found, lacking), found.iloc[:0], CHANGES
    ).sort_values(["year", "unit_level"])  # fmt: skip
    values = told[["score", "level", "change", "not_judged"]].astype(object).where(lambda frame: frame.notna(), None)
    assert values.to_numpy().tolist() == [
        [3.5, 3, None, None], [3.5, None, None, "данных недостаточно"],
        [4.0, 3, None, "год назад: данных недостаточно"],
    ]  # fmt: skip
    plain = preschool_year.with_changes(
        preschool_year.without_insufficient(found, lacking.iloc[:0]), found.iloc[:0], CHANGES
    )
    assert plain["change"].dropna().tolist() == [0.5]
