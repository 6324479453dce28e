"""Organisations outside the register, in every kind of file: asked with suggestions, waiting, in no result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from msoko_pipeline.home import engine
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.home.tables import facts, path
from msoko_pipeline.indicators.management import records
from msoko_pipeline.indicators.organisations.steps import make_organisations
from msoko_pipeline.intake import freshness
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.issues import questions
from msoko_pipeline.matching.resolve import make_org_match, resolved
from msoko_pipeline.publishing import file_status
from msoko_pipeline.settings import Settings
from schemas.facts import NO_ORGANISATION
from schemas.kinds import KINDS
from tests import making

HEADER = "Логин ФИС ОКО | Другие логины | Краткое наименование | Полное наименование | Вид | Муниципалитет | Код ОГЭ\n"
SCHOOLS = """
    edu190001 | | СОШ № 1 | МБОУ «СОШ № 1» | СОШ | Черногорск | 0306
    edu190005 | | СОШ № 5 | МБОУ «СОШ № 5» | СОШ | Черногорск | 0305
"""
MARKS = f"""
    {making.TOWN} | 2 | 40 | 10 | 30 | 40 | 20
    МБОУ «СОШ № 1»(edu190001) | | 20 | 10 | 30 | 40 | 20
    МБОУ «СОШ № 5»(edu195555) | | 20 | 10 | 30 | 40 | 20
"""


def register(folder: Path, schools: str = SCHOOLS) -> Path:
    return making.xlsx(folder / "Реестр ОО.xlsx", making.table(HEADER + schools))


def results(folder: Path, *logins: str) -> Path:
    """The export of 2021 with one pupil of each login."""
    lines = [
        f"{login} | {n} | 5000{n} | 4 | м | а | 1 | 9 | 1 | 1 | 2 | 1 | 1 | 1 | 1 | 1 | 1) История | нет"
        for n, login in enumerate(logins, 1)
    ]
    return making.xlsx(folder / "2021" / "5" / "История.xlsx", making.export_2021("\n".join(lines)))


def protocol(folder: Path, *codes: Any) -> Path:
    """A protocol of ОГЭ with one pupil of each code."""
    place = making.oge_regional().index(making.spread(making.OGE_ROW, making.OGE_PLACES))
    rows = making.oge_regional()[:place]
    for number, code in enumerate(codes, 1):
        row = [*making.OGE_ROW[:6], f"Образцов{'а' * number}", *making.OGE_ROW[7:]]
        row[1] = code
        rows.append(making.spread(row, making.OGE_PLACES))
    return making.xlsx(folder / "ГИА" / "протокол.xlsx", rows)


def computed(folder: Path, **settings: Any) -> Settings:
    """A home in which the inbox has been taken in and the organisations of its years made."""
    home = Settings(home=folder / "home", inbox_dir=folder / "inbox", **settings)
    intake.receive(home)
    intake.validate(home, KINDS)
    years = sorted(freshness.inputs(home))
    make_organisations(home, years)
    make_org_match(home, years)
    file_status.mark_waiting(home)
    return home


def organisations(home: Settings, year: int) -> list[str]:
    return pq.read_table(path(home, year, "organisations"), partitioning=None)["org_id"].to_pylist()


def asked(home: Settings) -> dict[str, list[str]]:
    """Issue type → its messages, of the questions of all years."""
    found: dict[str, list[str]] = {}
    for topic in ("logins", "schools"):
        for year in freshness.inputs(home):
            file = questions.file_of(home, topic, year)
            for issue in pq.read_table(file).to_pylist() if file.exists() else []:
                found.setdefault(issue["issue_type"], []).append(issue["message_ru"])
    return found


def waiting(home: Settings) -> dict[str, int]:
    """Name of a file → its waiting rows, where there are any."""
    return {Path(e.name).name: e.rows_waiting for e in ledger_of(home).files() if e.rows_waiting}


def held(home: Settings, kind: str, year: int) -> pd.DataFrame:
    with engine.connect(home) as connection:
        return facts(connection, home, kind, [year])


def test_a_login_outside_the_register_is_no_new_school(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    register(inbox)
    results(inbox, "edu190001", "edu195555", "sch190005", "edu195555")
    making.xlsx(inbox / "Отметки.xlsx", making.marks_report(MARKS))
    making.csv(inbox / "контекст.csv", [*making.CONTEXT_2021[:2], ["edu190006", "Муниципальная", 4]])
    making.xlsx(inbox / "паспорт.xlsx", making.table(making.FLAT["social_passport"]))
    home = computed(tmp_path)

    for year in (2021, 2025, 2026):
        assert organisations(home, year) == ["edu190001", "edu190005"]
    found = asked(home)
    assert set(found) == {"login_unknown"}
    said = "\n".join(found["login_unknown"])
    unknown = "логина «edu195555» нет в реестре организаций"
    assert f"Файл «2021/5/История.xlsx», строка 3: {unknown} (строк: 2); похожи: edu190005" in said
    assert f"Файл «Отметки.xlsx», строка 11: {unknown} (строк: 1); похожи: edu190005 СОШ № 5" in said
    assert "«edu190006» нет в реестре организаций (строк: 1); похожи: edu190001 СОШ № 1; edu190005 СОШ № 5" in said
    assert "«edu190002»" in said
    assert waiting(home) == {"История.xlsx": 2, "Отметки.xlsx": 1, "контекст.csv": 1, "паспорт.xlsx": 1}
    assert held(home, "vpr_result", 2021)["org_id"].tolist() == ["edu190001", "edu190005"]
    assert set(held(home, "vpr_marks", 2026)["unit_id"]) == {"edu190001", "reg19_m019"}
    assert set(held(home, "vpr_context", 2021)["org_id"]) == {"edu190001"}
    for entry in ledger_of(home).files():
        assert entry.rows_read == entry.rows_accepted + entry.rows_quarantined


def test_an_answer_in_the_register_takes_the_rows_in(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    register(inbox, SCHOOLS.replace("edu190005 | ", "edu190005 | sch190005, еdu195555"))
    results(inbox, "edu190001", "edu195555", "edu190005")
    home = computed(tmp_path)
    assert (asked(home), waiting(home)) == ({}, {})
    assert sorted(held(home, "vpr_result", 2021)["org_id"]) == ["edu190001", "edu190005", "edu190005"]
    assert organisations(home, 2021) == ["edu190001", "edu190005"]


def test_codes_of_the_register_are_found_whatever_their_zeros(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    register(inbox)
    protocol(inbox, "0306", 306.0, "306", "305", "307")
    home = computed(tmp_path)
    with engine.connect(home) as connection:
        rows = resolved(connection, home, "gia9", [2026])
    assert sorted(rows["org_id"]) == ["edu190001"] * 3 + ["edu190005"]
    (question,) = asked(home)["school_unknown"]
    assert "школа «307» в реестре не найдена (строк: 1); похожи: edu190005 СОШ № 5; edu190001 СОШ № 1" in question
    assert waiting(home) == {"протокол.xlsx": 1}


def test_without_a_register_logins_and_codes_are_organisations_and_it_is_asked_for(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    results(inbox, "edu190001", "sch190005", "spo190003")
    making.csv(inbox / "контекст.csv", [*making.CONTEXT_2021, ["spo190007", "Государственная", 4]])
    protocol(inbox, "0306", "306", 190005)
    home = computed(tmp_path)
    assert organisations(home, 2021) == ["edu190001", "edu190002", "edu190005", "spo190003", "spo190007"]
    assert organisations(home, 2026) == ["ris190005", "ris306"]
    assert waiting(home) == {}
    found = asked(home)
    assert set(found) == {"register_missing"}
    assert any(
        "реестра организаций нет: взяты логины и коды из файлов (колледж" in line for line in found["register_missing"]
    )
    with engine.connect(home) as connection:
        assert sorted(resolved(connection, home, "gia9", [2026])["org_id"]) == ["ris190005", "ris306", "ris306"]
    kinds = (
        pq.read_table(path(home, 2021, "organisations"), partitioning=None).to_pandas().set_index("org_id")["org_kind"]
    )
    assert kinds["spo190003"] == "СПО"


def test_a_register_of_schools_asks_nothing_of_colleges(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    register(inbox)
    results(inbox, "edu190001", "spo190003")
    home = computed(tmp_path)
    assert organisations(home, 2021) == ["edu190001", "edu190005", "spo190003"]
    assert set(asked(home)) == {"register_lacks"}


@pytest.mark.parametrize("scope", ["municipality", "region"])
def test_many_unknown_logins_of_a_file_are_one_question(tmp_path: Path, scope: str) -> None:
    inbox = tmp_path / "inbox"
    register(inbox)
    results(inbox, "edu190001", *(f"edu19010{n}" for n in range(7)))
    home = computed(tmp_path, scope=scope)
    (question,) = asked(home)["logins_unknown"]
    assert "(строк: 7): edu190100, edu190101, edu190102, edu190103, edu190104 и ещё 2" in question
    assert waiting(home) == {"История.xlsx": 7}
    assert organisations(home, 2021) == ["edu190001", "edu190005"]


def test_schools_of_other_municipalities_are_none_of_a_towns(tmp_path: Path) -> None:
    """A region's export in a town's inbox: where it says whose each school is, the others' are left out and noted."""
    inbox = tmp_path / "inbox"
    header = HEADER.replace("Муниципалитет |", "Муниципалитет | Код муниципалитета |")
    row = "edu190001 | | СОШ № 1 | МБОУ «СОШ № 1» | СОШ | Черногорск | reg19_m019 | 0306"
    making.xlsx(inbox / "Реестр ОО.xlsx", making.table(header + row))
    theirs = making.FROM_2022.replace("edu190001", "edu190999").replace(
        "reg19_m019 ¦ Черногорск", "reg19_m001 ¦ Абакан"
    )
    pupils = making.PUPILS_2022.replace("ОТКУДА | 80002", f"{theirs} | 80002")
    making.xlsx(inbox / "2022" / "8" / "Физика.xlsx", making.export_2022(pupils))
    home = computed(tmp_path)
    assert organisations(home, 2022) == ["edu190001"]
    assert set(asked(home)) == {"schools_elsewhere"}
    assert waiting(home) == {}
    assert set(held(home, "vpr_result", 2022)["org_id"]) == {"edu190001"}


def test_a_withdrawn_file_waits_for_nothing(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    register(inbox)
    results(inbox, "edu190001", "edu195555")
    home = computed(tmp_path)
    (entry,) = [e for e in ledger_of(home).files() if e.rows_waiting]
    intake.withdraw(home, entry.sha256)
    assert waiting(home) == {}


def test_what_is_about_no_organisation_asks_of_none(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    register(inbox)
    schools = ("edu190001", None, "СОШ № 77")
    rows = making.form("recommendation", *({"Организация": school} for school in schools))
    making.xlsx(inbox / "рекомендации.xlsx", rows)
    home = computed(tmp_path)

    (found,) = asked(home).values()
    assert len(found) == 1
    assert "школа «СОШ № 77» в реестре не найдена (строк: 1)" in found[0]
    assert waiting(home) == {"рекомендации.xlsx": 1}
    assert held(home, "recommendation", 2026)["org_ref"].tolist() == ["edu190001", NO_ORGANISATION, "СОШ № 77"]
    with engine.connect(home) as connection:
        assert resolved(connection, home, "recommendation", [2026])["org_id"].tolist() == ["edu190001"]


@pytest.mark.parametrize(("scope", "territory"), [("municipality", "Черногорск"), ("region", "19")])
def test_what_is_about_no_organisation_is_the_territorys(tmp_path: Path, scope: str, territory: str) -> None:
    inbox = tmp_path / "inbox"
    register(inbox)
    rows = making.form("planned_measure", *({"Организация": school} for school in ("edu190001", "все школы")))
    making.xlsx(inbox / "меры.xlsx", rows)
    home = computed(tmp_path, scope=scope)
    with engine.connect(home) as connection:
        told = records.of_units(connection, home, "planned_measure", [2026])
        (of_school, of_all) = records.listed(connection, home, "planned_measure", [2026]).to_dict("records")
    of_nobody = told[told["addressee"].isna()]
    assert of_nobody[["level", "unit_id"]].to_numpy().tolist() == [[scope, territory]]
    assert set(told.loc[told["addressee"].notna(), "level"]) == {"school", scope}
    assert (of_all["unit_id"], of_school["unit_id"], of_school["org_id"]) == (territory, "edu190001", "edu190001")
    assert of_all["system"] == "2"
