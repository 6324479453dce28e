"""Forms of preschools: what each takes and refuses; no name of an expert and no lost row; whose code is whose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from msoko_pipeline.facts.flat import criteria, questionnaire
from msoko_pipeline.indicators.organisations.register import merged
from msoko_pipeline.indicators.preschool.shares import of_the_passport
from msoko_pipeline.indicators.preschool.steps import quality
from msoko_pipeline.reading.persons import person_key
from msoko_pipeline.sample import preschool_files
from msoko_pipeline.sample.town import LAST_YEAR
from msoko_pipeline.settings import Settings
from msoko_pipeline.text import cells
from msoko_pipeline.text.cells import Wrong
from schemas import catalogue
from schemas.form import forms
from schemas.preschool import AREA_OF, DATA
from tests import making
from tests.making import Taken, form, take_in
from tests.unit.test_flat import everything_kept

SEED = 2026
FORMS = {name: form for name, form in forms().items() if name.startswith("preschool_")}


def taken(folder: Path, kind: str, *changes: dict[str, Any]) -> Taken:
    return take_in(making.xlsx(folder / "форма.xlsx", form(kind, *changes)))


def test_a_row_of_the_scales_says_what_the_form_says(tmp_path: Path) -> None:
    (row,) = taken(tmp_path, "preschool_scale", {}).facts["preschool_scale"].to_dict("records")
    assert {name: row[name] for name in ("org_id", "group_name", "age", "area", "indicator", "source", "level")} == {
        "org_id": "doo190001", "group_name": "1", "age": "from_4", "area": "content", "indicator": "content_speech",
        "source": "expert", "level": "3",
    }  # fmt: skip
    assert [row[f"criteria_{level}"] for level in range(1, 6)] == ["4/4", "3/3", "1/1", "2/3", "0/1"]


@pytest.mark.parametrize(
    "told",
    [
        {"Есть ВСОКО": "нет", "Результаты ВСОКО размещены": "нет"}, {"Есть ВСОКО": None},
        {"Результаты ВСОКО размещены": None}, {"Есть РПВ": None}, {"Есть РПВ": "нет", "РПВ размещена": None},
    ],
)  # fmt: skip
def test_what_is_not_told_contradicts_nothing(tmp_path: Path, told: dict[str, object]) -> None:
    assert taken(tmp_path, "preschool_passport", told).counts == (1, 1, 0)


NO_CRITERIA = {f"Критерии уровня {level}": None for level in range(1, 6)}


@pytest.mark.parametrize(
    ("kind", "change", "issue_type", "word"),
    [
        ("preschool_scale", {"Уровень": 7}, "cell_not_listed", "«7» — нет в списке допустимых: 0, 1, 2, 3, 4, 5, НП"),
        ("preschool_scale", {"Область": 5}, "row_indicator_of_area", "не из этой области"),
        ("preschool_scale", {"Область": 11}, "cell_not_listed", "«11»"),
        ("preschool_scale", {"Показатель": "Пение"}, "cell_not_listed", "«Пение»"),
        ("preschool_scale", {"Источник": "сосед"}, "cell_not_listed", "«сосед»"),
        ("preschool_scale", {"Группа": None}, "cell_empty", "обязательно"),
        ("preschool_scale", {"Уровень": None, **NO_CRITERIA}, "row_level_missing", "ни уровня, ни критериев"),
        ("preschool_scale", {"Критерии уровня 1": "5 из 4"}, "cell_criteria", "«5 из 4»"),
        ("preschool_scale", {"Код ДОО": "сад"}, "cell_organisation", "doo190001"),
        ("preschool_passport", {"Педагогов с категорией": 19}, "cell_over_whole", "«19» больше"),
        ("preschool_passport", {"Ставок занято": 21}, "cell_over_whole", "«21"),
        ("preschool_passport", {"Семей участвует": 161}, "cell_over_whole", "«161»"),
        ("preschool_passport", {"Группа здоровья I": 41}, "row_health_over", "больше детей"),
        (
            "preschool_passport",
            {"Есть ВСОКО": "нет", "Результаты ВСОКО размещены": "да"},
            "row_vsoko_absent",
            "а ВСОКО нет",
        ),
        ("preschool_passport", {"Есть РПВ": "нет"}, "row_rpv_absent", "а её нет"),
        ("preschool_passport", {"Есть АОП": "может быть"}, "cell_not_listed", "да, нет"),
        ("preschool_passport", {"Воспитанников": None}, "cell_empty", "обязательно"),
        ("preschool_survey", {"Ответ": 6}, "cell_not_listed", "«6»"),
        ("preschool_survey", {"Ответ": None}, "cell_empty", "обязательно"),
        ("preschool_survey", {"Код вопроса": "Q9"}, "cell_not_listed", "«Q9»"),
        ("preschool_survey", {"Номер анкеты": "мама Пети"}, "cell_questionnaire", "не номер"),
        ("preschool_survey", {"Дата": "вчера"}, "cell_not_a_date", "«вчера»"),
        ("preschool_expert", {"Дата приказа": "31.02.2026"}, "cell_not_a_date", "31.02.2026"),
        ("preschool_expert", {"Обучен": None}, "cell_empty", "обязательно"),
    ],
)
def test_a_bad_row_waits_in_quarantine_with_its_reason(
    tmp_path: Path, kind: str, change: dict[str, Any], issue_type: str, word: str
) -> None:
    who = {"preschool_survey": {"Номер анкеты": 2}, "preschool_expert": {"Эксперт": "Макетова Вера Ивановна"}}
    other = who.get(kind, {"Код ДОО": "doo190002"})
    told = taken(tmp_path, kind, {}, {**other, **change})
    assert told.counts == (2, 1, 1)
    assert word in told.messages(issue_type)[0]
    assert told.quarantine["row"].tolist() == [3]
    assert told.facts[kind]["row"].tolist() == [2]


def test_a_row_with_a_wrong_cell_hears_of_that_cell_alone(tmp_path: Path) -> None:
    """A level that could not be read is not a level that was not told."""
    assert taken(tmp_path, "preschool_scale", {"Уровень": 7, **NO_CRITERIA}).types == {"cell_not_listed"}


@pytest.mark.parametrize(("level", "noted"), [("3", False), (None, False), ("4", True), ("0", True), ("НП", True)])
def test_a_level_that_criteria_do_not_confirm_is_noted_and_kept(tmp_path: Path, level: str | None, noted: bool) -> None:
    told = taken(tmp_path, "preschool_scale", {"Уровень": level})
    assert told.counts == (1, 1, 0)
    assert ("row_level_differs" in told.types) == noted


def test_an_expert_is_a_key_and_nothing_of_the_name_is_left(tmp_path: Path) -> None:
    told = taken(tmp_path, "preschool_expert", {}, {"Приказ": "Образцова Анна"}, {"Обучен": "?"})
    assert told.counts == (3, 1, 2)
    (row,) = told.facts["preschool_expert"].to_dict("records")
    assert row["expert_key"] == person_key("Образцова Анна Примеровна", making.SECRET)
    assert (row["order_no"], row["order_date"], row["trained"]) == ("12-о", "2026-01-15", True)
    assert "Образцова" not in everything_kept(tmp_path) + str(told.issues.to_dict("list"))


def test_one_answer_to_a_question_of_a_questionnaire(tmp_path: Path) -> None:
    told = taken(tmp_path, "preschool_survey", {}, {"Ответ": "НО"}, {"Код вопроса": "2", "Ответ": "да"})
    assert told.counts == (3, 2, 1)
    assert told.types == {"row_duplicate_key"}
    assert told.facts["preschool_survey"][["q_code", "answer"]].to_numpy().tolist() == [["Q1", "5"], ["Q2", "yes"]]


@pytest.mark.parametrize(
    ("written", "read"), [("3 из 4", "3/4"), ("3/4", "3/4"), ("да", "1/1"), ("Нет", "0/1"), ("1.0", "1/1")]
)
def test_criteria_in_their_spellings(written: str, read: str) -> None:
    assert criteria(written) == read


@pytest.mark.parametrize("written", ["5 из 4", "0 из 0", "2", "почти", "2026-04-03 00:00:00"])
def test_no_criteria(written: str) -> None:
    with pytest.raises(Wrong, match="cell_criteria"):
        criteria(written)


def test_a_questionnaire_has_a_number_and_no_name() -> None:
    assert questionnaire("17.0") == "17"
    with pytest.raises(Wrong, match="cell_questionnaire"):
        questionnaire("Образцова")


# ---- whose code


@pytest.mark.parametrize("written", ["doo190001", "DOO190001", "doo190001 | Сад", "МБДОУ «Сад»(doo190001)"])
def test_a_preschool_has_a_code_of_its_own_that_no_school_form_takes(written: str) -> None:
    assert cells.organisation(written) == "doo190001"
    with pytest.raises(Wrong, match="cell_login"):
        cells.login(written)


def test_the_register_takes_preschools_and_a_school_form_does_not(tmp_path: Path) -> None:
    header = making.REGISTER[0]
    told = take_in(making.xlsx(tmp_path / "реестр.xlsx", [header, ["doo190021", *[None] * (len(header) - 1)]]))
    assert told.facts["organisation"]["org_id"].tolist() == ["doo190021"]
    table = making.table(making.FLAT["social_passport"])
    table[1][1] = "doo190021"
    refused = take_in(making.xlsx(tmp_path / "паспорт.xlsx", table))
    assert (refused.counts, refused.types) == ((2, 1, 1), {"cell_login_kind"})
    assert "«doo190021» — детский сад" in refused.messages("cell_login_kind")[0]


@pytest.mark.parametrize("spelled", [None, "детский сад", "ДОО"])
def test_whoever_has_a_preschools_code_is_one(tmp_path: Path, spelled: str | None) -> None:
    """The rules of risk leave kinds out by name: a kind spelled otherwise must not make a school of a preschool."""
    register = pd.DataFrame({"org_id": ["doo190021", "edu190001"], "org_kind": [spelled, "СОШ"], "name": ["а", "б"]})
    found = merged(Settings(home=tmp_path), [2026], register, pd.DataFrame())
    assert found["org_kind"].tolist() == ["ДОО", "СОШ"]
    assert "ДОО" in catalogue.risk_rules("regulator_2025", 2026)["not_schools"]


# ---- data


def test_the_data_name_known_areas_and_columns() -> None:
    passport = of_the_passport()
    items = {told["item"] for told in (*DATA["areas"].values(), *passport.values())}
    assert items == {f"10.{number}" for number in range(2, 8)}
    assert [told["number"] for told in DATA["areas"].values()] == list(range(1, 11))
    names = [*AREA_OF, *passport, *(told["indicator"] for told in DATA["questions"].values())]
    assert len(names) == len(set(names))
    assert {told["area"] for told in (*passport.values(), *DATA["questions"].values())} <= set(DATA["areas"])
    for name in ("base_level", "survey", "sources", "expert"):
        assert DATA[name]["source"], name
        assert isinstance(DATA[name]["verified"], bool), name


# ---- the made-up preschools


def made(tmp_path: Path, year: int) -> dict[str, Taken]:
    """Kind → what became of its file of a made-up year."""
    found = {}
    for name, content in preschool_files.preschool_files(year, SEED):
        path = tmp_path / str(year) / name.rsplit("/", 1)[1]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        told = take_in(path)
        (kind,) = told.facts
        found[kind] = told
    return found


def test_the_made_up_year_has_its_planted_dirt_and_no_other(tmp_path: Path) -> None:
    clean, dirty = made(tmp_path, LAST_YEAR - 1), made(tmp_path, LAST_YEAR)
    assert set(clean) == set(dirty) == set(FORMS)
    assert {kind: told.counts[2] for kind, told in clean.items()} == dict.fromkeys(FORMS, 0)
    assert {kind: told.counts[2] for kind, told in dirty.items() if told.counts[2]} == {
        "preschool_scale": 1, "preschool_passport": 1,
    }  # fmt: skip
    assert "«7» — нет в списке допустимых" in dirty["preschool_scale"].messages("cell_not_listed")[0]
    assert "больше, чем «Педагогов»" in dirty["preschool_passport"].messages("cell_over_whole")[0]
    assert set().union(*(told.types for told in clean.values())) == set()


def test_the_made_up_scores_recover_the_truth_and_the_bias(tmp_path: Path) -> None:
    told = {kind: found.facts[kind].assign(year=LAST_YEAR) for kind, found in made(tmp_path, LAST_YEAR).items()}
    schools = preschool_files.make_preschools(SEED)
    home = pd.DataFrame({"year": LAST_YEAR, "org_id": [s.code for s in schools], "municipality_id": "town"})
    kinds = (f"preschool_{kind}" for kind in ("scale", "passport", "survey", "expert"))
    with duckdb.connect() as connection:
        found, held = quality(connection, *(told[kind] for kind in kinds), home, DATA)
    wholes = found[(found["area"] == "ALL") & (found["unit_level"] == "preschool")].set_index("org_id")
    for one in schools:
        bias = preschool_files.SELF_BIAS  # between none and all of it, as experts came to some groups only
        assert one.in_year(LAST_YEAR) - 0.3 <= wholes.loc[one.code, "score"] <= one.in_year(LAST_YEAR) + bias + 0.3
    assert wholes["self_gap"].mean() == pytest.approx(preschool_files.SELF_BIAS, abs=0.3)
    assert schools[-1].code in set(held["org_id"])
    assert held.set_index("org_id").loc[schools[-1].code, "responses"] == preschool_files.FEW
