"""The assets of ВсОШ as Dagster runs them, on the files of the sample: from the inbox to the staged mart."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from assets import ASSETS, organisations
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.issues import questions
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.publishing.stage import staged
from msoko_pipeline.sample.olympiad_files import ON_PAPER, ON_PLATFORM, olympiad_files
from msoko_pipeline.sample.registers import register
from msoko_pipeline.sample.town import TOWN, make_schools
from msoko_pipeline.settings import Settings
from schemas import catalogue
from tests.making import placed
from tests.scanner import traces

YEAR, SEED, SCHOOLS = 2026, 2026, 3
TOWNSPEOPLE = make_schools(SEED, SCHOOLS)
DIRT = {"Школьный этап, Сириус.xlsx": 1, "Муниципальный этап.xlsx": 2}
"""File → rows that are planted to be refused."""


def files() -> dict[str, bytes]:
    """The year of the sample by the file's own name."""
    return {name.rsplit("/", 1)[1]: content for name, content in olympiad_files(TOWNSPEOPLE, YEAR, SEED)}


def rows_of(name: str) -> pd.DataFrame:
    """A table of the sample as it stands in its file: of the workbook, all sheets together."""
    content = files()[name]
    if name.endswith(".csv"):
        return pd.read_csv(io.BytesIO(content), sep=";", encoding="cp1251")
    book = openpyxl.load_workbook(io.BytesIO(content))
    tables = []
    for sheet in book.worksheets:
        lines = [list(line) for line in sheet.values]
        head = next((number for number, line in enumerate(lines) if "Статус" in line or "Год" in line), None)
        if head is not None:
            tables.append(pd.DataFrame(lines[head + 1 :], columns=lines[head]))
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home in which the year has been taken in and the assets made."""
    folder = tmp_path_factory.mktemp("olympiads")
    settings = Settings(home=folder / "home", inbox_dir=folder / "inbox")
    placed(settings.inbox, [("Реестр ОО.xlsx", register(TOWNSPEOPLE)), *olympiad_files(TOWNSPEOPLE, YEAR, SEED)])
    intake.receive(settings)
    done = materialized(settings)
    assert done.success
    failed = {f"{e.asset_key.path[-1]}/{e.check_name}" for e in done.get_asset_check_evaluations() if not e.passed}
    assert failed == {"olympiad_result/every_row_accepted"}
    return settings


def materialized(settings: Settings) -> dg.ExecuteInProcessResult:
    """The assets of ВсОШ with what they stand on."""
    chosen = dg.AssetSelection.tag("msoko/family", "olympiads") | dg.AssetSelection.assets(
        organisations.organisation.key, organisations.organisations.key, organisations.org_match.key
    )
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("year", [str(YEAR)])
        pipeline = dg.ResourceDefinition.hardcoded_resource(Pipeline(settings))
        known = {key for asset in ASSETS for key in asset.keys}
        outside = {key for asset in ASSETS for key in asset.dependency_keys} - known
        return dg.materialize(
            [*ASSETS, *(dg.AssetSpec(key) for key in outside)], resources={"pipeline": pipeline},
            instance=instance, partition_key=str(YEAR), selection=chosen,
        )  # fmt: skip


@pytest.fixture(scope="module")
def mart(home: Settings) -> pd.DataFrame:
    return pq.read_table(staged(home, YEAR, "olympiad")).to_pandas()


def town(mart: pd.DataFrame, stage: str, subject: str = "ALL") -> dict[str, Any]:
    (row,) = mart[(mart["level"] == "municipality") & (mart["stage"] == stage) & (mart["subject"] == subject)].to_dict(
        "records"
    )
    assert row["unit_id"] == TOWN.code
    return row


def test_every_row_is_accounted_for(home: Settings) -> None:
    entries = [entry for entry in ledger_of(home).files() if entry.name.startswith("ВсОШ/")]
    assert {entry.name.rsplit("/", 1)[1] for entry in entries} == set(files())
    for entry in entries:
        assert entry.rows_read == entry.rows_accepted + entry.rows_quarantined
        assert entry.rows_quarantined == DIRT.get(entry.name.rsplit("/", 1)[1], 0)
        assert entry.years == {YEAR}


def test_the_municipal_stage_is_that_of_the_workbook(mart: pd.DataFrame) -> None:
    told = rows_of("Муниципальный этап.xlsx")
    pupil = ["ОУ", "Фамилия", "Имя", "Отчество"]
    plain = told[pupil].apply(lambda column: column.str.strip().str.lower())
    clean = told[(told["Класс, за который выступает"] <= 11) & ~plain.assign(s=told["Предмет"]).duplicated()]
    row = town(mart, "ME")
    assert (row["participants"], row["judged"]) == (len(clean), len(clean))
    assert row["unique_pupils"] == len(clean[pupil].drop_duplicates())
    assert row["winners"] == (clean["Статус"] == "победитель").sum()
    assert row["prizewinners"] == (clean["Статус"] == "призёр").sum()
    assert row["low"] == (clean["% выполнения"] < 0.25).sum()
    assert row["efficiency_ci_low"] < row["efficiency_pct"] < row["efficiency_ci_high"]


def test_the_school_stage_counts_each_pupil_once_by_the_schools_form(mart: pd.DataFrame) -> None:
    listed, counted = rows_of("Школьный этап, список.csv"), rows_of("Количественные данные школьного этапа.xlsx")
    coded = rows_of("Школьный этап, Сириус.xlsx")
    pupils = rows_of("Контингент.xlsx")
    row = town(mart, "SHE")
    assert row["participants"] == len(listed) + len(coded) - DIRT["Школьный этап, Сириус.xlsx"]
    assert row["unique_pupils"] == row["covered"] == counted["Участников"].sum() < row["participants"]
    assert row["contingent"] == pupils.loc[pupils["Класс"] >= 4, "Обучающихся в параллели"].sum()
    assert row["coverage_pct"] == pytest.approx(100 * row["covered"] / row["contingent"])


@pytest.mark.parametrize("subject", ON_PAPER)
def test_the_way_from_stage_to_stage_is_that_of_the_names(mart: pd.DataFrame, subject: str) -> None:
    title = catalogue.subjects()[subject]
    book = rows_of("Муниципальный этап.xlsx")
    here = {"TE": "Труды", "FK": "Физкультура"}.get(subject, title)
    came = book[(book["Предмет"] == here) & (book["Класс, за который выступает"] <= 11)]
    came = came[~came["Фамилия"].str.isupper()]
    listed = rows_of("Школьный этап, список.csv")
    row = town(mart, "SHE", subject)
    assert row["moving"] == ((listed["Предмет"] == title) & (listed["Класс"].astype(int) >= 7)).sum()
    assert row["moved"] == len(came), "whoever is there was at the school stage"
    assert row["conversion_pct"] == pytest.approx(100 * row["moved"] / row["moving"])


def test_codes_lead_nowhere(mart: pd.DataFrame) -> None:
    for subject in ON_PLATFORM:
        assert pd.isna(town(mart, "SHE", subject)["conversion_pct"])


def test_schools_are_found_by_name_and_by_login(home: Settings) -> None:
    from msoko_pipeline.home.tables import path

    found = pq.read_table(path(home, YEAR, "org_match")).to_pandas()
    assert set(found["status"]) == {"sure"}
    assert set(found["method"]) == {"name_exact", "login"}


def test_schools_add_up_to_the_town(mart: pd.DataFrame) -> None:
    key, counts = ["stage", "subject"], ["participants", "winners", "moved", "scored"]
    schools = mart[mart["level"] == "school"].groupby(key)[counts].sum()
    whole = mart[mart["level"] == "municipality"].set_index(key)[counts].fillna(0).sort_index()
    pd.testing.assert_frame_equal(schools.astype("int64"), whole.astype("int64"))


def test_a_stage_over_quota_is_told(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not questions.file_of(home, "olympiads", YEAR).exists()
    monkeypatch.setitem(catalogue.olympiad_rules(), "quota", 5)
    assert materialized(home).success
    issues = pq.read_table(questions.file_of(home, "olympiads", YEAR)).to_pandas()
    assert set(issues["issue_type"]) == {"olympiad_quota"}
    assert any("МЭ, Русский язык" in message and "при квоте 5 %" in message for message in issues["message_ru"])


def names() -> Iterator[str]:
    for table in map(rows_of, ("Школьный этап, список.csv", "Муниципальный этап.xlsx")):
        yield from table["Фамилия"].str.capitalize().unique()


def test_nobody_is_named_in_what_is_left(home: Settings) -> None:
    assert traces(home.home, set(names()), home.home / "archive") == {}


def test_a_year_without_protocols_has_an_empty_mart(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox")
    settings.inbox.mkdir(parents=True)
    (settings.inbox / "Реестр ОО.xlsx").write_bytes(register(TOWNSPEOPLE))
    intake.receive(settings)
    assert materialized(settings).success
    assert len(pq.read_table(staged(settings, YEAR, "olympiad"))) == 0
