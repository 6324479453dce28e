"""Registers, lists of schools, context forms, manifests: who the schools are and what they said of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import making
from tests.making import take_in
from tests.real import TOWN, needs_town


def test_the_register(tmp_path: Path) -> None:
    taken = take_in(making.xlsx(tmp_path / "Реестр.xlsx", making.REGISTER))
    facts = taken.facts["organisation"]
    assert taken.counts == (2, 2, 0)
    assert facts["org_id"].tolist() == ["edu190001", "edu190002"]
    assert facts["aliases"].tolist() == ["sch190001, ksh190001", None]
    assert facts["inn"].tolist() == ["1900000011", "1900000029"]
    assert facts["municipality_name"].tolist() == ["Черногорск", "Черногорск"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0100000011", "0100000011"),
        (100000011, "0100000011"),
        (1900000011.0, "1900000011"),
    ],
)
def test_a_taxpayer_number_keeps_its_leading_zero(tmp_path: Path, written: making.Cell, kept: str) -> None:
    rows = [making.REGISTER[0], [*making.REGISTER[1][:6], written]]
    assert take_in(making.xlsx(tmp_path / "a.xlsx", rows)).facts["organisation"]["inn"].tolist() == [kept]


def test_a_taxpayer_number_of_a_person_is_not_kept(tmp_path: Path) -> None:
    rows = [making.REGISTER[0], [*making.REGISTER[1][:6], "190000001107"]]
    taken = take_in(making.xlsx(tmp_path / "a.xlsx", rows))
    assert taken.counts == (1, 1, 0)
    assert taken.facts["organisation"]["inn"].isna().tolist() == [True]


@pytest.mark.parametrize(
    ("column", "value", "issue_type", "word"),
    [
        (0, "школа 5", "cell_organisation", "«школа 5» — не логин"),
        (0, None, "row_without_key", "эта ячейка пуста"),
        (6, "12345", "cell_range", "«12345» вне допустимых пределов"),
        (0, "edu190002", "row_duplicate_key", "строка повторяет другую"),
        (0, "Логин ФИС ОКО", "row_header_again", "заголовок повторён"),
    ],
)
def test_a_bad_row_of_the_register_waits_in_quarantine(
    tmp_path: Path, column: int, value: making.Cell, issue_type: str, word: str
) -> None:
    bad = list(making.REGISTER[1])
    bad[column] = value
    taken = take_in(making.xlsx(tmp_path / "Реестр.xlsx", [making.REGISTER[0], making.REGISTER[2], bad]))
    assert taken.counts == (2, 1, 1)
    assert taken.types == {issue_type}
    (message,) = taken.messages(issue_type)
    assert word in message
    assert message.startswith("Файл «Реестр.xlsx», лист «Лист1», строка 3")
    assert taken.quarantine["row"].tolist() == [3]


def test_a_list_of_schools_gives_the_canonical_login_and_keeps_its_own(tmp_path: Path) -> None:
    facts = take_in(making.csv(tmp_path / "schools.csv", making.SCHOOL_LIST)).facts["organisation"]
    assert facts[["org_id", "aliases", "org_kind"]].to_numpy().tolist() == [
        ["edu190001", "sch190001", "СОШ"],
        ["edu190002", "sch190002", "ЛИЦЕЙ"],
    ]


def test_the_sheet_of_classes_names_schools_and_counts_no_rows(tmp_path: Path) -> None:
    sheets = {"Классы": making.CLASSES_2022, "Протокол": making.export_2022()}
    taken = take_in(making.xlsx(tmp_path / "a.xlsx", sheets), making.declared(2022, "FI", 8))
    assert taken.counts == (3, 3, 0)
    facts = taken.facts["organisation"]
    assert facts[["org_id", "name", "municipality_id", "municipality_name"]].to_numpy().tolist() == [
        ["edu190001", "МБОУ «СОШ № 1»", "reg19_m019", "Черногорск"]
    ]


def test_a_bad_row_of_the_sheet_of_classes_is_noted_but_not_counted(tmp_path: Path) -> None:
    classes = [*making.CLASSES_2022, ["школа", *making.CLASSES_2022[1][1:]]]
    path = making.xlsx(tmp_path / "a.xlsx", {"Классы": classes, "Протокол": making.export_2022()})
    taken = take_in(path, making.declared(2022, "FI", 8))
    assert taken.counts == (3, 3, 0)
    assert taken.types == {"cell_organisation"}
    assert len(taken.quarantine) == 0


@pytest.mark.parametrize(("rows", "year"), [(making.CONTEXT_2021, 2021), (making.CONTEXT_2022, 2022)])
def test_context_forms_keep_the_questions_that_something_is_made_of(
    tmp_path: Path, rows: making.Rows, year: int
) -> None:
    taken = take_in(making.csv(tmp_path / "контекст.csv", rows))
    facts = taken.facts["vpr_context"]
    schools = len(rows) - 1
    assert taken.counts == (schools, schools, 0)
    assert facts["question_no"].tolist() == [3] * schools
    assert set(facts["question"]) == {rows[0][2]}
    assert facts["answer"].isna().sum() == (year == 2021)  # a question not answered is no answer, not 0


def test_an_answer_names_nobody(tmp_path: Path) -> None:
    rows = [*making.CONTEXT_2021[:2], ["edu190002", "Муниципальная", "спросите Невидимкина, 8-900-000-00-00"]]
    taken = take_in(making.csv(tmp_path / "контекст.csv", rows))
    assert taken.counts == (2, 2, 0)
    (answer,) = taken.facts["vpr_context"]["answer"].tolist()[1:]
    assert answer == "спросите ‹скрыто: похоже на имя›, ‹скрыто: телефон›"


def test_a_context_form_without_a_needed_question_is_accepted(tmp_path: Path) -> None:
    rows = [row[:2] for row in making.CONTEXT_2021]
    taken = take_in(making.csv(tmp_path / "контекст.csv", rows))
    assert taken.counts == (2, 2, 0)
    assert taken.facts == {}


def test_a_school_that_fills_in_the_form_twice_is_taken_once(tmp_path: Path) -> None:
    rows = [*making.CONTEXT_2021, ["sch190001", "Частная", 3]]
    taken = take_in(making.csv(tmp_path / "контекст.csv", rows))
    assert taken.counts == (3, 2, 1)
    assert taken.types == {"row_duplicate_key"}
    facts = taken.facts["vpr_context"]
    assert facts.loc[facts["org_id"] == "edu190001", "answer"].tolist() == ["40"]


@pytest.mark.parametrize(
    ("row", "types"),
    [
        ("данные.csv | 2021 | МА | 4", set()),
        ("данные.csv | 2021 | пение | 4", {"cell_subject"}),
        ("данные.csv | 99999 | МА | 4", {"cell_range"}),
        ("данные.csv | 2021 | МА | 14", {"cell_range"}),
        ("данные.csv | | МА | 4", {"cell_empty"}),
    ],
)
def test_a_manifest_is_checked_row_by_row(tmp_path: Path, row: str, types: set[str]) -> None:
    taken = take_in(making.csv(tmp_path / "manifest.csv", making.table(f"file | year | subject | grade\n{row}")))
    assert taken.types == types
    assert taken.counts == (1, int(not types), int(bool(types)))
    assert taken.facts == {}


@needs_town
@pytest.mark.parametrize(
    ("name", "kind"),
    [("schools.csv", "organisation"), ("context_2021.csv", "vpr_context"), ("context_2022.csv", "vpr_context")],
)
def test_the_lists_of_a_real_town(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    path.symlink_to(TOWN / name)
    taken = take_in(path)
    lines = len((TOWN / name).read_text(encoding="utf-8").splitlines()) - 1
    assert taken.counts == (lines, lines, 0)
    assert taken.issues["message_ru"].tolist() == []
    assert taken.facts[kind]["org_id"].nunique() == lines
