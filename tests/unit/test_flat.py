"""Simple tables read by one reader: what a model declares is what a cell may hold; nothing is lost, no name is kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.ipc
import pytest

from msoko_pipeline.facts.flat import date, free_text, work_code
from msoko_pipeline.home import engine, holding
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.publishing import file_status
from msoko_pipeline.sample import risk_files
from msoko_pipeline.sample.town import LAST_YEAR, make_schools
from msoko_pipeline.settings import Settings
from msoko_pipeline.text.cells import Wrong
from schemas import catalogue
from schemas.fields import columns_of
from schemas.form import forms
from schemas.kinds import KINDS
from tests import making
from tests.making import Taken, take_in

FORMS = list(making.FLAT)


def rows(layout: str) -> list[list[making.Cell]]:
    return making.table(making.FLAT[layout])


def taken(folder: Path, table: making.Rows) -> Taken:
    return take_in(making.xlsx(folder / "файл.xlsx", table))


def changed(layout: str, header: str, cell: making.Cell) -> list[list[making.Cell]]:
    """The table with another cell in its second row."""
    table = rows(layout)
    table[2][table[0].index(header)] = cell
    return table


def values(frame: pd.DataFrame, *names: str) -> list[list[Any]]:
    return frame[list(names)].to_numpy().tolist()


# ---- clean


@pytest.mark.parametrize("layout", FORMS)
def test_a_clean_table_gives_every_declared_column(tmp_path: Path, layout: str) -> None:
    told = taken(tmp_path, rows(layout))
    assert (told.counts, told.types, told.layouts) == ((2, 2, 0), set(), [layout])
    assert told.told.sheets[0]["years"] == [2025]
    assert list(told.facts) == [layout]
    expected = {column.name for column in columns_of(KINDS[layout].model)} - {"year"}
    assert set(told.facts[layout].columns) == expected | {"seq", "priority"}
    assert set(told.facts[layout]["org_id"]) <= {"edu190001", "edu190002"}


@pytest.mark.parametrize(
    ("layout", "names", "expected"),
    [
        ("objectivity_list", ("org_id", "ru4", "ma4", "ru5", "ma5", "markers"),
         [["edu190001", True, False, False, True, 2], ["edu190002", False, False, True, False, None]]),
        ("risk_profile", ("factor", "level"), [[2, "high"], [10, "medium"]]),
        ("social_passport", ("pupils", "russian_not_native", "special_needs"), [[100, None, 100], [50, 3, 5]]),
        ("recheck", ("procedure", "subject", "grade", "work_code", "primary_after", "mark_after", "checked_on"),
         [["VPR", "MA", 4, "40012", 12, 3, "2025-05-20"], ["VSOSH", "RU", 9, "РУ9-0007", 30, None, None]]),
        ("medallist", ("number", "medal", "ege_ru", "ege_other", "math_base_mark", "other_exams"),
         [[1, 1, 86, 74, 5, 1], [2, 2, 64, 61, None, None]]),
        ("risk_indicator", ("established_on", "note"), [["2025-06-11", "принято"], [None, None]]),
    ],
)  # fmt: skip
def test_cells_are_read_as_the_model_declares(
    tmp_path: Path, layout: str, names: tuple[str, ...], expected: list[list[Any]]
) -> None:
    assert values(taken(tmp_path, rows(layout)).facts[layout], *names) == expected


@pytest.mark.parametrize("layout", FORMS)
def test_a_text_table_says_the_same_as_a_workbook(tmp_path: Path, layout: str) -> None:
    written = take_in(making.csv(tmp_path / "файл.csv", rows(layout))).facts[layout]
    pd.testing.assert_frame_equal(written, taken(tmp_path, rows(layout)).facts[layout])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("20.04.2026", "2026-04-20"),
        ("5.4.2026 г.", "2026-04-05"),
        ("2026-04-20 00:00:00", "2026-04-20"),
        ("2026-04-20T10:30:00", "2026-04-20"),
        ("2026-04-20", "2026-04-20"),
    ],
)
def test_a_date_in_its_spellings(written: str, read: str) -> None:
    assert date(written) == read


@pytest.mark.parametrize("written", ["31.02.2026", "апрель", "2026-13-01"])
def test_no_date(written: str) -> None:
    with pytest.raises(Wrong, match="cell_not_a_date"):
        date(written)


def test_a_date_of_excel(tmp_path: Path) -> None:
    told = taken(tmp_path, changed("recheck", "Дата проверки", dt.date(2025, 5, 21)))
    assert told.facts["recheck"]["checked_on"].tolist() == ["2025-05-20", "2025-05-21"]


# ---- dirt

FOLLOWS = {("Количество маркеров", 5): "row_markers_differ", ("Обучающихся", 0): "cell_over_whole"}
"""What else is true of a row when this stands in it."""


@pytest.mark.parametrize(
    ("layout", "header", "cell", "issue_type", "word"),
    [
        ("objectivity_list", "Логин", "школа", "cell_login", "«школа» — не логин"),
        ("objectivity_list", "Логин", None, "row_without_key", "эта ячейка пуста"),
        ("objectivity_list", "4 РУ", "много", "cell_flag", "«много»"),
        ("objectivity_list", "4 РУ", 2, "cell_flag", "«2»"),
        ("objectivity_list", "Количество маркеров", 5, "cell_range", "«5»"),
        ("objectivity_list", "Год", 2105, "cell_year", "«2105»"),
        ("risk_profile", "Год", None, "cell_empty", "обязательно"),
        ("risk_profile", "Фактор риска", 11, "cell_not_listed", "допустимых: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10."),
        ("risk_profile", "Фактор риска", "скука", "cell_not_listed", "«скука»"),
        ("risk_profile", "Уровень риска", "критический", "cell_not_listed", "высокий, средний, низкий"),
        ("risk_profile", "Уровень риска", None, "cell_empty", "Уровень риска"),
        ("social_passport", "Обучающихся", "сто", "cell_not_a_number", "«сто»"),
        ("social_passport", "Обучающихся", 0, "cell_range", "«0»"),
        ("social_passport", "Обучающихся", None, "cell_empty", "Обучающихся"),
        ("social_passport", "Под опекой", 2.5, "cell_not_an_integer", "«2.5»"),
        ("social_passport", "Под опекой", -1, "cell_range", "«-1»"),
        ("social_passport", "Под опекой", 51, "cell_over_whole", "«51» больше, чем «Обучающихся» (50)"),
        ("recheck", "Процедура", "ЕГЭ", "cell_not_listed", "ВПР, ВсОШ, региональная работа"),
        ("recheck", "Предмет", "пение", "cell_subject", "«пение»"),
        ("recheck", "Класс", 12, "cell_range", "«12»"),
        ("recheck", "Балл до", "тридцать", "cell_not_a_number", "«тридцать»"),
        ("recheck", "Отметка после", 6, "cell_mark", "«6»"),
        ("recheck", "Дата проверки", "вчера", "cell_not_a_date", "«вчера»"),
        ("medallist", "Степень медали", "III", "cell_not_listed", "допустимых: I, II."),
        ("medallist", "№ п/п", None, "cell_empty", "№ п/п"),
        ("medallist", "ЕГЭ: русский язык", 101, "cell_range", "«101»"),
        ("medallist", "ЕГЭ: русский язык", "сдал", "cell_not_a_number", "«сдал»"),
        ("medallist", "ЕГЭ: математика базовая, отметка", 1, "cell_mark", "«1»"),
        ("medallist", "ЕГЭ: сколько других предметов", "много", "cell_not_a_number", "«много»"),
        ("risk_indicator", "Индикатор риска", None, "cell_empty", "Индикатор риска"),
        ("risk_indicator", "Дата установления", 7, "cell_not_a_date", "«7»"),
    ],
)
def test_a_bad_row_waits_in_quarantine_with_its_reason(
    tmp_path: Path, layout: str, header: str, cell: making.Cell, issue_type: str, word: str
) -> None:
    told = taken(tmp_path, changed(layout, header, cell))
    assert told.counts == (2, 1, 1)
    assert told.types in ({issue_type}, {issue_type, FOLLOWS.get((header, cell))})
    message, *_ = told.messages(issue_type)
    assert message.startswith(f"Файл «файл.xlsx», лист «Лист1», строка 3, столбец «{header}»")
    assert word in message
    assert told.quarantine["row"].tolist() == [3]
    assert told.facts[layout]["row"].tolist() == [2]


@pytest.mark.parametrize("layout", FORMS)
def test_a_missing_column_stops_the_file(tmp_path: Path, layout: str) -> None:
    told = taken(tmp_path, [row[1:] for row in rows(layout)])
    assert told.refusal is not None
    assert told.refusal.issue_type == "file_columns"
    assert "нет столбцов: «Год»" in told.refusal.message()
    assert told.facts == {}


@pytest.mark.parametrize("layout", FORMS)
def test_an_unknown_column_stops_the_file(tmp_path: Path, layout: str) -> None:
    header, *told_rows = rows(layout)
    told = taken(tmp_path, [[*header, "Учитель"], *([*row, "х"] for row in told_rows)])
    assert told.refusal is not None
    assert told.refusal.issue_type == "file_columns"
    assert "неизвестные столбцы: «Учитель»" in told.refusal.message()


# ---- a row said twice

OTHER = {
    "objectivity_list": ("4 МА", 1),
    "risk_profile": ("Уровень риска", "низкий"),
    "social_passport": ("Под опекой", 3),
    "recheck": ("Отметка после", 2),
    "medallist": ("ЕГЭ: русский язык", 60),
    "risk_indicator": ("Пояснение", "иное"),
    "certificate": ("Получили аттестат", 56),
}


@pytest.mark.parametrize("layout", FORMS)
def test_a_row_repeated_word_for_word_is_accepted_and_kept_once(tmp_path: Path, layout: str) -> None:
    header, first, second = rows(layout)
    told = taken(tmp_path, [header, first, second, first, first])
    assert told.counts == (4, 4, 0)
    assert told.facts[layout]["row"].tolist() == [2, 3]
    assert told.types == {"row_repeated"}
    assert told.issues["severity"].tolist() == ["info", "info"]
    assert told.issues["row"].tolist() == [4, 5]
    assert all("повторяет строку 2;" in message for message in told.messages("row_repeated"))


@pytest.mark.parametrize("layout", FORMS)
def test_another_row_of_the_same_record_is_refused(tmp_path: Path, layout: str) -> None:
    header, first, second = rows(layout)
    other = list(second)
    name, cell = OTHER[layout]
    other[header.index(name)] = cell
    told = taken(tmp_path, [header, first, second, other])
    assert told.counts == (3, 2, 1)
    assert "row_duplicate_key" in told.types
    assert told.quarantine["row"].tolist() == [4]


def test_blank_and_zero_are_the_same_row_of_the_list(tmp_path: Path) -> None:
    header, first, _ = rows("objectivity_list")
    blank = [None if cell == 0 else cell for cell in first]
    assert blank != first
    told = taken(tmp_path, [header, first, blank])
    assert (told.counts, told.types) == ((2, 2, 0), {"row_repeated"})
    assert len(told.facts["objectivity_list"]) == 1


def test_a_bad_row_repeated_is_refused_twice(tmp_path: Path) -> None:
    header, first, bad = changed("medallist", "ЕГЭ: русский язык", 101)
    told = taken(tmp_path, [header, first, bad, bad])
    assert (told.counts, told.types) == ((3, 1, 2), {"cell_range"})


@pytest.mark.parametrize(("count", "types"), [(1, set()), (None, set()), (2, {"row_markers_differ"})])
def test_a_number_of_markers_that_does_not_add_up_is_noted(tmp_path: Path, count: int | None, types: set[str]) -> None:
    told = taken(tmp_path, changed("objectivity_list", "Количество маркеров", count))
    assert (told.counts, told.types) == ((2, 2, 0), types)
    assert told.facts["objectivity_list"]["markers"].tolist() == [2, count]


def test_a_register_of_medallists_without_the_number_of_other_exams_is_taken_in(tmp_path: Path) -> None:
    told = taken(tmp_path, [row[:-1] for row in rows("medallist")])
    assert (told.counts, told.types) == ((2, 2, 0), set())
    assert told.facts["medallist"]["other_exams"].isna().all()


@pytest.mark.parametrize(("number", "types"), [(1, set()), (None, set()), (0, {"row_other_exams"})])
def test_who_sat_no_other_exam_has_no_score_of_one(tmp_path: Path, number: int | None, types: set[str]) -> None:
    told = taken(tmp_path, changed("medallist", "ЕГЭ: сколько других предметов", number))
    assert (told.counts, told.types) == ((2, 2, 0), types)
    second = told.facts["medallist"]["other_exams"].iloc[1]
    assert pd.isna(second) if number is None else second == number


# ---- people


def everything_kept(folder: Path) -> str:
    """All that taking a file in has left behind: cells, facts, issues, quarantine."""
    said = []
    for path in folder.rglob("*"):
        if path.suffix == ".arrow":
            with pyarrow.memory_map(str(path)) as source:
                table = pyarrow.ipc.open_file(source).read_all()
            said.append(str(table.to_pylist()) + str(table.schema.metadata))
        elif path.suffix == ".parquet":
            said.append(str(pd.read_parquet(path).to_dict("list")))
    return "\n".join(said)


@pytest.mark.parametrize("header", ["Эксперт", "ФИО эксперта", "Эксперт (подпись)"])
def test_the_expert_is_accepted_as_a_column_and_kept_nowhere(tmp_path: Path, header: str) -> None:
    table = changed("recheck", "Отметка после", 6)
    table[0] = [header if cell == "Эксперт" else cell for cell in table[0]]
    told = taken(tmp_path, table)
    assert told.counts == (2, 1, 1)
    kept = everything_kept(tmp_path / "файл.xlsx.taken")
    assert "edu190001" in kept
    assert "понижена" in kept
    assert "ТАЙНА" not in kept
    assert "ТАЙНА" not in str(told.quarantine.to_dict("list"))


@pytest.mark.parametrize("name", ["Образцов", "Образцов О. О.", "Образцов-5А", "40012 Образцов"])
def test_a_name_for_a_work_code_is_refused_and_not_repeated(tmp_path: Path, name: str) -> None:
    told = taken(tmp_path, changed("recheck", "Код работы", name))
    assert (told.counts, told.types) == ((2, 1, 1), {"cell_work_code"})
    said = str([told.issues.to_dict("list"), told.quarantine.to_dict("list"), told.facts["recheck"].to_dict("list")])
    assert "Образцов" not in said
    assert "edu190001" in said


@pytest.mark.parametrize("code", ["40012", "40012.0", "ru9-0007", "МА5/12", "В-17"])
def test_work_codes(code: str) -> None:
    assert work_code(code) == code.removesuffix(".0").upper()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("понижена, проверял Образцов О. О. повторно", False),
        ("проверял О.О. Образцов", False),
        ("учитель Образцова Проба Примеровна", False),
        ("СОШ № 3 города Черногорска: отметка понижена", True),
    ],
)
def test_names_in_remarks_are_hidden(written: str, kept: bool) -> None:
    assert (free_text(written) == written) is kept
    assert "Образцов" not in free_text(written)


# ---- which list holds


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    return Settings(home=tmp_path / "home", inbox_dir=inbox)


def send(settings: Settings, name: str, table: making.Rows) -> None:
    making.xlsx(settings.inbox / name, table)
    intake.receive(settings)
    intake.validate(settings, KINDS)
    file_status.mark_superseded(settings)


def held(settings: Settings, kind: str, year: int) -> list[str]:
    with engine.connect(settings) as connection:
        rows = holding.current(connection, settings, kind, [year])
        return [] if rows is None else sorted(engine.pandas(rows)["org_id"])


def test_a_later_list_replaces_the_whole_list_of_its_year(settings: Settings) -> None:
    header, first, second = rows("objectivity_list")
    send(settings, "первый.xlsx", [header, first, second])
    assert held(settings, "objectivity_list", 2025) == ["edu190001", "edu190002"]
    send(settings, "другой год.xlsx", [header, [2026, *first[1:]]])
    assert held(settings, "objectivity_list", 2025) == ["edu190001", "edu190002"]
    send(settings, "второй.xlsx", [header, [2025, "edu190009", *first[2:]]])
    assert held(settings, "objectivity_list", 2025) == ["edu190009"]
    assert held(settings, "objectivity_list", 2026) == ["edu190001"]
    status = {entry.name: entry.status for entry in ledger_of(settings).files()}
    assert status == {"первый.xlsx": "superseded", "другой год.xlsx": "accepted", "второй.xlsx": "accepted"}


def test_a_later_passport_replaces_its_own_school_only(settings: Settings) -> None:
    header, first, second = rows("social_passport")
    send(settings, "первый.xlsx", [header, first, second])
    send(settings, "второй.xlsx", [header, [*first[:3], 101, *first[4:]]])
    assert held(settings, "social_passport", 2025) == ["edu190001", "edu190002"]
    assert {entry.status for entry in ledger_of(settings).files()} == {"accepted"}


# ---- forms and the sample


def test_people_are_told_the_factors_that_the_reader_knows() -> None:
    spellings = [row["spelling"] for row in catalogue.rows("risk/codes.csv") if row["list"] == "factor"]
    about = forms()["risk_profile"].about
    for number, factor in enumerate(risk_files.FACTORS, 1):
        assert factor in spellings
        assert f"{number} {factor}" in about


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Taken]:
    """Every file of two years of a town where one school inflates, taken in; by path without the year."""
    folder = tmp_path_factory.mktemp("sample")
    found = {}
    for year in (LAST_YEAR - 1, LAST_YEAR):
        for name, content in risk_files.risk_files(town(0.8), year, 5):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            found[name] = take_in(path)
    return found


def town(inflation: float) -> list[Any]:
    schools = [replace(s, truth=replace(s.truth, inflation=0.0)) for s in make_schools(5, 8)]
    schools[2] = replace(schools[2], truth=replace(schools[2].truth, inflation=inflation))
    return schools


def test_the_sample_is_read_back_and_only_the_planted_rows_are_refused(sample: dict[str, Taken]) -> None:
    assert len(sample) == 16
    assert {name for name, told in sample.items() if told.refusal is not None} == set()
    assert {kind for told in sample.values() for kind in told.facts} == set(FORMS) - {
        "certificate"
    }  # the exams' own sample
    refused = {name: told.types for name, told in sample.items() if told.counts[2]}
    assert all(f"/{LAST_YEAR}/" in name for name in refused)
    assert sorted(map(tuple, refused.values())) == [("cell_mark",), ("cell_not_listed",), ("cell_over_whole",)]
    assert sum(told.counts[2] for told in sample.values()) == 3
    assert set().union(*(told.types for name, told in sample.items() if name not in refused)) == {"row_repeated"}


def test_the_sample_lists_those_who_inflate_and_nobody_else(sample: dict[str, Taken]) -> None:
    listed = [told for name, told in sample.items() if "Перечень" in name]
    assert len(listed) == 2
    for told in listed:
        assert told.counts == (2, 2, 0)
        assert told.facts["objectivity_list"]["org_id"].tolist() == ["edu190003"]
    assert not [name for name, _ in risk_files.risk_files(town(0.0), LAST_YEAR, 5) if "Перечень" in name]


def test_marks_come_down_where_a_school_inflates(sample: dict[str, Taken]) -> None:
    works = pd.concat([told.facts["recheck"] for name, told in sample.items() if "Протокол" in name])
    lowered = (works["mark_after"] < works["mark_before"]).groupby(works["org_id"]).mean()
    assert lowered.loc["edu190003"] > 0.5 > lowered.drop("edu190003").max()


def test_weaker_schools_of_the_sample_have_less_favourable_shares() -> None:
    schools = make_schools(5, 12)
    header, *told = risk_files.passports(schools, 2025, 5, dirty=False)
    table = pd.DataFrame(told, columns=list(header))
    ability = [school.truth.ability_in(2025) for school in schools]
    for title, sign in (("Из малообеспеченных семей", -1), ("Оба родителя с высшим образованием", 1)):
        share = (table[title] / table["Обучающихся"]).astype(float)
        assert sign * np.corrcoef(ability, share)[0, 1] > 0.7


def test_the_sample_has_the_same_bytes_for_the_same_seed() -> None:
    first, again, other = (dict(risk_files.risk_files(town(0.8), 2025, seed)) for seed in (5, 5, 6))
    assert first == again
    passports = f"{risk_files.FOLDER}/2025/Социальные паспорта школ 2025.xlsx"
    assert first[passports] != other[passports]
