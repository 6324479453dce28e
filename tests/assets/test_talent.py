"""The assets of talents as Dagster runs them, on the files of the sample: from the inbox to the staged marts."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from assets import ASSETS, organisations, risk
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.home.tables import path
from msoko_pipeline.indicators.organisations import steps as organisations_year
from msoko_pipeline.indicators.talent import steps as talent_year
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.matching import resolve
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.publishing.stage import staged
from msoko_pipeline.sample.registers import inn, register
from msoko_pipeline.sample.risk_files import risk_files
from msoko_pipeline.sample.talent_files import talent_files
from msoko_pipeline.sample.town import TOWN, make_schools
from msoko_pipeline.settings import Settings
from schemas.form import forms
from schemas.kinds import KINDS
from tests import making
from tests.making import placed
from tests.scanner import traces

YEARS = (2025, 2026)
SEED, SCHOOLS = 2026, 3
DIRT = {"contest": 3, "gifted": 2, "shift": 1}
"""Kind → rows of the last year that are planted to be refused."""
MARTS = ("contests", "gifted_bank", "shifts")


def files() -> dict[str, bytes]:
    """The register, the social passports and the registers of talents of the sample's town."""
    town = make_schools(SEED, SCHOOLS)
    told = {"Реестр ОО.xlsx": register(town)}
    for year in YEARS:
        told |= {name: kept for name, kept in risk_files(town, year, SEED) if "паспорт" in name}
        told |= dict(talent_files(town, year, SEED))
    return told


def rows_of(told: dict[str, bytes], title: str, year: int) -> pd.DataFrame:
    """A register of the sample as it stands in its file."""
    (name,) = [name for name in told if title in name and f"{year}.xlsx" in name]
    rows = list(openpyxl.load_workbook(io.BytesIO(told[name])).worksheets[0].values)
    return pd.DataFrame(rows[1:], columns=rows[0])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home in which the files have been taken in and the assets made."""
    folder = tmp_path_factory.mktemp("talents")
    settings = Settings(home=folder / "home", inbox_dir=folder / "inbox")
    placed(settings.inbox, files().items())
    intake.receive(settings)
    done = materialized(settings)
    assert done.success
    verdicts = {f"{e.asset_key.path[-1]}/{e.check_name}": e.passed for e in done.get_asset_check_evaluations()}
    dirty = {f"{kind}/every_row_accepted" for kind in (*DIRT, "social_passport")}
    assert {name for name, passed in verdicts.items() if not passed} == dirty
    return settings


def materialized(settings: Settings) -> dg.ExecuteInProcessResult:
    """The assets of talents with what they stand on, both years in one run."""
    chosen = dg.AssetSelection.tag("msoko/family", "talent") | dg.AssetSelection.assets(
        *(asset.key for asset in (organisations.organisation, risk.social_passport)),
        *(asset.key for asset in (organisations.organisations, organisations.org_match)),
    )
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("year", [str(year) for year in YEARS])
        pipeline = dg.ResourceDefinition.hardcoded_resource(Pipeline(settings))
        tags = {"dagster/asset_partition_range_start": "2025", "dagster/asset_partition_range_end": "2026"}
        known = {key for asset in ASSETS for key in asset.keys}
        outside = {key for asset in ASSETS for key in asset.dependency_keys} - known
        return dg.materialize(
            [*ASSETS, *(dg.AssetSpec(key) for key in outside)], resources={"pipeline": pipeline},
            instance=instance, tags=tags, selection=chosen,
        )  # fmt: skip


def mart(settings: Settings, name: str, year: int) -> pd.DataFrame:
    return pq.read_table(staged(settings, year, name)).to_pandas()


def town_row(found: pd.DataFrame, **where: Any) -> dict[str, Any]:
    """The town's row of all slices, but for what `where` says."""
    found = found[found["level"] == "municipality"]
    for name in {"contest_level", "criterion", "operator", "direction", "shift_id"} & set(found):
        found = found[found[name] == where.get(name, "ALL")]
    (row,) = found.to_dict("records")
    return row


def test_every_row_is_accounted_for(home: Settings) -> None:
    entries = [entry for entry in ledger_of(home).files() if entry.kind in DIRT]
    assert len(entries) == len(DIRT) * len(YEARS)
    for entry in entries:
        assert entry.rows_read == entry.rows_accepted + entry.rows_quarantined
        assert entry.rows_quarantined == (DIRT[entry.kind] if entry.years == {2026} else 0)


def test_schools_are_found_by_name_by_login_and_by_taxpayer_number(home: Settings) -> None:
    found = pd.concat([pq.read_table(path(home, year, "org_match")).to_pandas() for year in YEARS])
    assert set(found["status"]) == {"sure"}
    methods = {"contest": {"name_exact"}, "gifted": {"login"}, "shift": {"inn"}}
    assert {kind: set(told) for kind, told in found.groupby("kind")["method"]} == methods


@pytest.mark.parametrize("year", YEARS)
def test_contests_are_those_of_the_file(home: Settings, year: int) -> None:
    told = clean("Конкурсы", year)
    row = town_row(mart(home, "contests", year))
    assert row["unit_id"] == TOWN.code
    assert row["events"] == told["Код мероприятия"].nunique()
    assert row["participants"] == len(told)
    assert row["unique_pupils"] == len(told[["Школа", "ФИО ученика"]].drop_duplicates())
    assert row["winners"] == (told["Результат"] == "победитель").sum()
    assert row["prizewinners"] == (told["Результат"] == "призёр").sum()
    assert row["listed_participants"] == (told["В перечне Минпросвещения"] == "да").sum()
    national = town_row(mart(home, "contests", year), contest_level="national")
    assert national["participants"] == (told["Уровень"] == "всероссийский").sum()
    assert 0 < row["coverage_ci_low"] < row["coverage_pct"] < row["coverage_ci_high"] < 100


def clean(title: str, year: int) -> pd.DataFrame:
    """A register of the sample without its planted rows."""
    told = rows_of(files(), title, year)
    planted = {"Конкурсы": slice(3, None), "Банк": slice(1, -1), "смены": slice(1, None)}
    return told.iloc[planted[title]] if year == 2026 else told


def with_consent(year: int) -> pd.DataFrame:
    told = clean("Банк", year)
    return told[told["Согласие действует до"] == f"31.08.{year}"]


def people(told: pd.DataFrame) -> set[tuple[str, str]]:
    return set(told[["Школа", "ФИО ученика"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("year", YEARS)
def test_the_bank_counts_only_whoever_has_a_consent(home: Settings, year: int) -> None:
    listed, pupils = len(clean("Банк", year)), len(people(with_consent(year)))
    row = town_row(mart(home, "gifted_bank", year))
    assert (row["listed"], row["pupils"], row["without_consent"]) == (listed, pupils, listed - pupils)
    assert row["consent_pct"] == pytest.approx(100 * pupils / listed)


def test_who_came_who_stayed_and_who_left(home: Settings) -> None:
    before, now = people(with_consent(2025)), people(with_consent(2026))
    row = town_row(mart(home, "gifted_bank", 2026))
    assert (row["previous_pupils"], row["new_pupils"], row["kept_pupils"], row["left_pupils"]) == (
        len(before), len(now - before), len(now & before), len(before - now),
    )  # fmt: skip
    assert min(row["new_pupils"], row["kept_pupils"], row["left_pupils"]) > 0
    first = town_row(mart(home, "gifted_bank", 2025))
    assert pd.isna(first["previous_pupils"])
    assert pd.isna(first["kept_pct"])


def test_awards_of_the_register_confirm_the_bank(home: Settings) -> None:
    logins = {school.title: school.login for school in make_schools(SEED, SCHOOLS)}
    told = pd.concat([clean("Конкурсы", year) for year in YEARS])
    told = told[told["Результат"] != "участник"].assign(Школа=lambda frame: frame["Школа"].map(logins))
    strong = people(told[told["Уровень"].isin(["региональный", "всероссийский", "международный"])])
    awards = {"призёр МЭ и выше": strong | people(told[told["Уровень"] == "муниципальный"]), "призёр РЭ и выше": strong}
    bank = with_consent(2026)
    asked = {criterion: people(bank[bank["Критерий"] == criterion]) for criterion in awards}
    row = town_row(mart(home, "gifted_bank", 2026))
    assert row["confirmable"] == sum(map(len, asked.values())) > 0
    assert row["confirmed"] == sum(len(pupils & awards[criterion]) for criterion, pupils in asked.items()) > 0


def test_the_gifted_in_shifts_are_those_of_the_bank(home: Settings) -> None:
    logins = {inn(school): school.login for school in make_schools(SEED, SCHOOLS)}
    told = clean("смены", 2026).assign(Школа=lambda frame: frame["Школа"].map(logins))
    row = town_row(mart(home, "shifts", 2026))
    assert (row["participants"], row["unique_pupils"]) == (len(told), len(people(told)))
    assert row["gifted"] == len(people(told) & people(with_consent(2026))) > 0
    taken = told.groupby("Код смены").agg(took=("Школа", "size"), quota=("Квота", "max"))
    assert row["quota"] == taken["quota"].sum()
    assert row["quota_filled"] == taken["took"].sum()


def test_a_year_alone_is_computed_as_together_with_the_one_before(home: Settings) -> None:
    before = {name: pq.read_table(path(home, 2026, name)).to_pandas() for name in ("gifted_bank", "shifts")}
    talent_year.make_gifted(home, [2026])
    talent_year.make_shifts(home, [2026])
    for name, frame in before.items():
        pd.testing.assert_frame_equal(pq.read_table(path(home, 2026, name)).to_pandas(), frame)


@pytest.mark.parametrize("name", MARTS)
@pytest.mark.parametrize("year", YEARS)
def test_schools_add_up_to_the_town(home: Settings, name: str, year: int) -> None:
    found = mart(home, name, year)
    slices = [
        column for column in ("contest_level", "criterion", "operator", "direction", "shift_id") if column in found
    ]
    counted = "pupils" if name == "gifted_bank" else "unique_pupils"
    schools = found[found["level"] == "school"].groupby(slices)[counted].sum()
    town = found[found["level"] == "municipality"].set_index(slices)[counted]
    pd.testing.assert_series_equal(schools.astype("int64"), town.sort_index().astype("int64"))


def test_nobody_is_named_in_what_is_left(home: Settings) -> None:
    names = {name for year in YEARS for title in ("Конкурсы", "Банк", "смены")
             for name in rows_of(files(), title, year)["ФИО ученика"]}  # fmt: skip
    mentors = set(rows_of(files(), "Банк", 2026)["Наставник"].dropna())
    words = names | mentors | {name.split()[0] for name in names | mentors}
    assert len(words) > 40
    assert traces(home.home, words, home.home / "archive") == {}


def test_years_without_registers_have_empty_marts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox")
    settings.inbox.mkdir(parents=True)
    (settings.inbox / "Реестр ОО.xlsx").write_bytes(register(make_schools(SEED, SCHOOLS)))
    intake.receive(settings)
    assert materialized(settings).success
    assert mart(settings, "gifted_bank", 2026).empty
    for name in ("contests", "shifts"):  # made of kinds that never came
        assert not staged(settings, 2026, name).exists()


def test_a_mart_that_contradicts_itself_stops(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from msoko_pipeline.publishing import stage
    from msoko_pipeline.publishing.judging import check

    good: Callable[..., str] = stage.SOURCES["contests"]
    monkeypatch.setitem(
        stage.SOURCES, "contests", lambda *told: f"select * replace (0 as participants) from ({good(*told)})"
    )
    stage.stage(home, [2026], "contests")
    try:
        verdict = check(home, [2026], "contests")[2026]
        assert not verdict.passed
    finally:
        monkeypatch.undo()
        stage.stage(home, [2026], "contests")


@pytest.mark.parametrize(("stage", "confirmed"), [("РЭ", 1), ("МЭ", 0)])
def test_awards_of_olympiads_confirm_the_bank_as_well(tmp_path: Path, stage: str, confirmed: int) -> None:
    """A protocol of ВсОШ names a pupil of the bank of whom no contest knows."""
    settings, (school, *_) = Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox"), make_schools(SEED, SCHOOLS)
    settings.inbox.mkdir(parents=True)
    (settings.inbox / "Реестр ОО.xlsx").write_bytes(register(make_schools(SEED, SCHOOLS)))
    form = forms()["gifted"]
    pupil = {"Школа": school.login, "Критерий": "РЭ", "ФИО ученика": "Запискин Глеб Примерович"}
    row = [pupil.get(column.name, column.example) for column in form.columns]
    making.xlsx(settings.inbox / "банк.xlsx", [form.header, row])
    header = ["Фамилия", "Имя", "Отчество", "Полное наименование ОУ", "Предмет", "Класс", "Этап", "Статус", "Год"]
    line = [*pupil["ФИО ученика"].split(), school.title, "Химия", 9, stage, "призёр", "2024/25"]
    making.xlsx(settings.inbox / "ВсОШ.xlsx", [header, line])
    intake.receive(settings)
    intake.validate(settings, KINDS)
    for make in (
        organisations_year.make_organisations,
        resolve.make_org_match,
        talent_year.make_contests,
        talent_year.make_gifted,
    ):
        make(settings, [2025, 2026])
    found = town_row(pq.read_table(path(settings, 2026, "gifted_bank")).to_pandas())
    assert (found["pupils"], found["confirmable"], found["confirmed"]) == (1, 1, confirmed)
