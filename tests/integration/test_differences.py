"""Reports beside rows, from files to the question that is asked: our quarantine, forms, or the report itself."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from msoko_pipeline.indicators.organisations import steps as organisations_year
from msoko_pipeline.indicators.vpr import steps as vpr
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.issues import questions
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS
from tests import making
from tests.assets.test_layers import BAD, GOOD, export, pupil

THIRD, SEVENTH = "МБОУ «СОШ № 3»(edu190003)", "МБОУ «СОШ № 7»(edu190007)"
TOWN = "город Черногорск(reg19_m019)"
OTHER = [pupil(k, "112111011210000", login="sch190007") for k in range(1, 9)]  # eight «4»
LOST = pupil(9, "112111011210000", login="лицей")  # nobody can read whose row it is
BAD_AGAIN = pupil(5, "992111011210000")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox", municipality="reg19_m019 Черногорск")


def marks(settings: Settings, rows: str, work: str = "ВПР 2021 Математика 4 класс", name: str = "отметки") -> None:
    making.xlsx(settings.inbox / f"{name}.xlsx", making.marks_report(rows, work=work, top=20))


def asked(settings: Settings, year: int = 2021) -> dict[str, tuple[str, str]]:
    """School, or the file of the report → the type of its question and what is said."""
    intake.receive(settings)
    intake.validate(settings, KINDS)
    organisations_year.make_organisations(settings, [year])
    vpr.make_sums(settings, [year])
    file = questions.file_of(settings, "differences", year)
    told = pd.read_parquet(file) if file.exists() else pd.DataFrame(columns=["org_ref", "issue_type", "message_ru"])
    units = told["org_ref"].fillna("town")
    return dict(zip(units, zip(told["issue_type"], told["message_ru"], strict=True), strict=True))


def test_pupils_in_quarantine_are_mended_and_nothing_is_downloaded_again(settings: Settings) -> None:
    """The report tells of four pupils, three rows hold and one is in quarantine; the town has a row of nobody too."""
    export(settings.inbox, "2021/4/Математика.csv", [*GOOD, BAD, *OTHER, LOST])
    marks(
        settings,
        f"{TOWN} | 2 | 13 | 7,69 | 0 | 92,31 | 0\n{THIRD} | | 4 | 25 | 0 | 75 | 0\n{SEVENTH} | | 9 | 0 | 0 | 100 | 0",
    )
    told = asked(settings)
    kind, said = told["edu190003"]
    assert kind == "facts_differ_quarantine"
    assert "участников 4 вместо 3; отметок «4» 3 вместо 2" in said
    assert "не принятые из-за ошибок: 1; в файлах: «2021/4/Математика.csv» — 1." in said
    assert "скачивать заново не нужно: исправьте" in said
    assert told["edu190007"][0] == "facts_differ", "the row of nobody may be another school's"
    kind, said = told["town"]
    assert kind == "facts_differ_quarantine"
    assert "участников 13 вместо 11" in said
    assert "не принятые из-за ошибок: 2" in said
    export(settings.inbox, "исправлено/2021/4/Математика.csv", [*GOOD, pupil(4, "112111011210000"), *OTHER])
    told = asked(settings)
    assert "edu190003" not in told
    assert told["town"][0] == "facts_differ", "what the replaced file had in quarantine explains nothing any more"


@pytest.mark.parametrize(
    ("people", "shares", "kind"),
    [
        (5, "20 | 0 | 80 | 0", "facts_differ_quarantine"),  # two more
        (6, "16,67 | 0 | 83,33 | 0", "facts_differ"),  # three more than the two in quarantine
        (2, "0 | 0 | 100 | 0", "facts_differ"),  # fewer
        (3, "66,67 | 0 | 33,33 | 0", "facts_differ"),  # as many, of other marks
    ],
)
def test_size_and_direction_of_the_difference_decide(settings: Settings, people: int, shares: str, kind: str) -> None:
    export(settings.inbox, "2021/4/Математика.csv", [*GOOD, BAD, BAD_AGAIN])
    marks(settings, f"{THIRD} | | {people} | {shares}")
    assert asked(settings)["edu190003"][0] == kind


def test_a_form_beside_a_report_says_which_holds_and_whom_to_ask(settings: Settings) -> None:
    form = making.form_2026()  # two wrote, one was absent
    making.xlsx(settings.inbox / "2026" / "4" / "edu190001 Математика.xlsx", form)
    report = f"{TOWN} | 1 | 30 | 10 | 40 | 40 | 10\n{making.SCHOOL} | | 3 | 33,33 | 0 | 33,33 | 33,33"
    marks(settings, report, "ВПР 2026 Математика 4 класс")
    told = asked(settings, 2026)
    kind, said = told["edu190001"]
    assert kind == "facts_differ_forms"
    assert "участников 3 вместо 2" in said
    assert "(участников: «2026/4/edu190001 Математика.xlsx» — 2)" in said
    assert "в показателях — числа форм" in said
    assert "Спросите школу" in said
    assert "раздела «Аналитика», он заменит форму" in said
    assert told["town"][0] == "facts_differ", "one pupil of a form is not the town's twenty-eight"


def test_of_a_town_whose_report_is_fuller_its_numbers_hold(settings: Settings) -> None:
    making.xlsx(settings.inbox / "2026" / "4" / "edu190001 Математика.xlsx", making.form_2026())
    report = f"{TOWN} | 1 | 3 | 33,33 | 0 | 33,33 | 33,33\n{making.SCHOOL} | | 3 | 33,33 | 0 | 33,33 | 33,33"
    marks(settings, report, "ВПР 2026 Математика 4 класс")
    kind, said = asked(settings, 2026)["town"]
    assert kind == "facts_differ_forms"
    assert "в показателях — числа отчёта" in said


def test_equal_counts_ask_nothing(settings: Settings) -> None:
    export(settings.inbox, "2021/4/Математика.csv", [*GOOD, BAD])
    marks(settings, f"{THIRD} | | 3 | 33,33 | 0 | 66,67 | 0")
    assert asked(settings) == {}
