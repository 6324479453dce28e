"""The views in words: right numbers on a few schools drawn by hand, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import sqlalchemy as sa

from msoko_pipeline.publishing.sql_tables import prepare, warehouse
from msoko_pipeline.publishing.transaction import _renew_dimensions
from msoko_pipeline.publishing.views import declared
from msoko_pipeline.publishing.warehouse import connect, writing
from msoko_pipeline.senders.reminders import last_year, reminders
from msoko_pipeline.settings import Settings
from schemas.fields import columns_of
from schemas.marts import MARTS
from tests.postgres import database

Row = dict[str, Any]
BLANK = {"Int64": 1, "Float64": 0.0, "boolean": False}
STAMPS = {"rule_version": "1", "published_at": "2026-11-26T10:00:00.000Z"}


def row(mart: str, **told: Any) -> Row:
    """A row of a mart: what is not told is NULL, or anything where NULL may not stand."""
    blank = {c.name: None if c.nullable else BLANK.get(c.dtype, "-") for c in columns_of(MARTS[mart])}
    return blank | {"school_year": "2025/26"} | STAMPS | told


def school(org_id: str, year: int, **more: Any) -> Row:
    return row("organisation", org_id=org_id, year=year, name=f"Школа {org_id}", short_name=f"Ш-{org_id}",
               municipality_id="town", municipality_name="Город", **more)  # fmt: skip


def vpr(unit: str, year: int, subject: str, grade: int, marks: tuple[int, ...], **more: Any) -> Row:
    """A ВПР of a school, or of the town; marks: «2», «3», «4», «5»."""
    n = sum(marks)
    counts = dict(zip(("mark_2", "mark_3", "mark_4", "mark_5"), marks, strict=True))
    shares = {"success_pct": 100 * (n - marks[0]) / n, "quality_pct": 100 * (marks[2] + marks[3]) / n}
    work = {"cycle": f"vpr-{year}", "procedure": "VPR", "subject": subject, "grade": grade, "year": year}
    level = "municipality" if unit == "town" else "school"
    return row("vpr_school", **work, level=level, unit_id=unit, participants=n, marked=n, **counts, **shares,
               **{"small_base": False, **more})  # fmt: skip


def exam(mart: str, unit: str, year: int, subject: str, n: int, below: int, **more: Any) -> Row:
    procedure, grade = ("OGE", 9) if mart == "gia9" else ("EGE", 11)
    level = "municipality" if unit == "town" else "school"
    return row(mart, cycle=f"{procedure.lower()}-{year}", procedure=procedure, subject=subject, grade=grade, year=year,
               level=level, unit_id=unit, participants=n, with_result=n, below_minimum=below, **more)  # fmt: skip


def risk(org_id: str, year: int, category: str, previous: str | None = None, **more: Any) -> Row:
    return row("school_risk", org_id=org_id, year=year, municipality_id="town", category=category,
               previous_category=previous, **more)  # fmt: skip


def passport(org_id: str, year: int, pupils: int) -> Row:
    return row("school_context", org_id=org_id, year=year, data_year=year, indicator_id="low_income", source="passport",
               denominator=float(pupils))  # fmt: skip


def reason(org_id: str, year: int, rule: str) -> Row:
    return row("risk_reason", org_id=org_id, year=year, about="category", rule=rule, text_ru=f"{rule} сработало")


def stage(unit: str, year: int, pupils: int, awards: tuple[int, int], coverage: float | None = None) -> Row:
    level = "municipality" if unit == "town" else "school"
    return row("olympiad", cycle=f"vsosh-{year}", year=year, stage="SHE", subject="ALL", level=level, unit_id=unit,
               participants=pupils * 2, unique_pupils=pupils, winners=awards[0], prizewinners=awards[1],
               coverage_pct=coverage)  # fmt: skip


def indicator(table: str, indicator_id: str, procedure: str, subject: str, grade: int, **more: Any) -> Row:
    key = {"indicator_id": indicator_id, "procedure": procedure, "subject": subject, "grade": grade}
    return row(
        table, year=2026, cycle=f"{procedure.lower()}-2026", level="school", unit_id="A", value=50.0, **key, **more
    )


def town_indicator(table: str, indicator_id: str, value: float, **more: Any) -> Row:
    key = {"indicator_id": indicator_id, "procedure": "ALL", "subject": "ALL", "grade": 0, "cycle": "all-2026"}
    return row(table, year=2026, level="municipality", unit_id="town", value=value, **key, **more)


def of_units(mart: str, year: int, schools: dict[str, Row], town: Row, **key: Any) -> list[Row]:
    """Rows of a declared mart: of schools, and of the town."""
    units = [("school", unit, told) for unit, told in schools.items()] + [("municipality", "town", town)]
    return [row(mart, year=year, level=level, unit_id=unit, **key, **told) for level, unit, told in units]


def expected(org_id: str, grade: int, subjects: str, received: int, deadline: str, **more: Any) -> Row:
    subject = subjects if len(subjects) == 2 else "ALL"
    return row("completeness", year=2026, org_id=org_id, procedure="VPR", grade=grade, subjects=subjects,
               subject=subject, expected=1, received=received, starts="2026-04-20", ends="2026-05-20",
               deadline=deadline, **more)  # fmt: skip


TRAINING = "training_quality_indicators"
OF_STAFF = {"post": "ALL", "discipline": "ALL"}
TABLES: dict[str, list[Row]] = {
    "organisation": [school(org_id, year) for org_id in ("A", "B", "C") for year in (2024, 2025, 2026)],
    "vpr_school": [
        vpr("A", 2026, "RU", 4, (2, 4, 10, 4), quality_ci_low=48.1, quality_ci_high=85.5),
        vpr("A", 2026, "RU", 5, (8, 10, 2, 0), quality_ci_low=2.8, quality_ci_high=30.1),
        vpr("B", 2026, "RU", 4, (0, 5, 10, 5), quality_ci_low=53.1, quality_ci_high=88.8),
        vpr("C", 2026, "RU", 4, (16, 2, 2, 0), quality_ci_low=2.8, quality_ci_high=30.1),
        vpr("C", 2026, "BI", 6, (1, 2, 2, 0), small_base=True),
        vpr("town", 2026, "RU", 4, (18, 11, 22, 9)), vpr("town", 2026, "RU", 5, (8, 10, 2, 0)),
        vpr("A", 2025, "MA", 8, (2, 8, 8, 2)), vpr("town", 2025, "MA", 8, (4, 16, 12, 8)),
        vpr("A", 2025, "MU", 7, (0, 1, 5, 6)), vpr("A", 2025, "RU", 7, (0, 1, 5, 6)),
    ],
    "completeness": [
        expected("A", 4, "RU", 1, "2026-06-19", status="received", received_on="2026-06-01", is_late=False),
        expected("A", 4, "OM, LC", 0, "2026-06-19", status="missing"),
        expected("A", 5, "RU", 0, "2026-06-26", status="awaited"),
    ],
    "gia9": [
        exam("gia9", "A", 2026, "MA", 20, 2, mark_5=4, quality_pct=60.0, success_pct=90.0),
        exam("gia9", "town", 2026, "MA", 40, 2, mark_5=8, quality_pct=55.0, success_pct=95.0),
    ],
    "gia11": [
        exam("gia11", "A", 2026, "RU", 10, 1, band_81_99=2, band_100=1),
        exam("gia11", "town", 2026, "RU", 20, 1, band_81_99=4, band_100=1),
    ],
    "school_risk": [
        risk("A", 2025, "none"), risk("B", 2025, "risk_zone"), risk("C", 2025, "shnor"),
        risk("A", 2026, "shnor", "none"), risk("B", 2026, "shnor", "risk_zone"), risk("C", 2026, "none", "shnor"),
    ],
    "risk_reason": [reason("B", 2025, "R1"), reason("C", 2025, "SHNOR_A"), reason("A", 2026, "SHNOR_A")],
    "school_context": [
        passport("A", 2025, 100), passport("B", 2025, 200), passport("C", 2025, 100),
        passport("A", 2026, 100), passport("C", 2026, 100),
    ],
    "olympiad": [
        stage("A", 2024, 10, (1, 1)), stage("A", 2025, 12, (0, 2)), stage("A", 2026, 20, (3, 4), 25.0),
        stage("town", 2026, 50, (5, 9), 30.0),
    ],
    "indicator": [
        row("indicator", year=2026, indicator_id=name, title_ru=title)
        for name, title in (("vpr_quality", "Качество"), ("career_guidance_bilet", "Охват"))
    ] + [
        row("indicator", year=2026, indicator_id="staff_plan_vacancy", title_ru="Вакансии", roadmap_item="8.3",
            higher_is_better=False)
    ],
    TRAINING: [
        *of_units(TRAINING, 2026, {"A": {"base_pct": 60.0}, "B": {"base_pct": 70.0}}, {"base_pct": 80.0}),
        *of_units(TRAINING, 2025, {"A": {"base_pct": 75.0}}, {"base_pct": 81.0}),
    ],
    "staff": of_units("staff", 2026, {"A": {"people": 20, "category_pct": 40.0}}, {"category_pct": 55.0}, **OF_STAFF),
    "staff_plan": of_units("staff_plan", 2026, {"A": {"vacancy_pct": 12.0}}, {"vacancy_pct": 5.0}, **OF_STAFF),
    "teacher_development": of_units(
        "teacher_development", 2026, {"A": {"trained_pct": 50.0}}, {"trained_pct": 70.0}, **OF_STAFF
    ),
    **{
        table: [
            indicator(table, "vpr_quality", "VPR", "MA", 4),
            indicator(table, "career_guidance_bilet", "ALL", "ALL", 0, **target),
            indicator(table, "career_guidance_bilet", "ALL", "ALL", 9, **target),
        ]
        for table, target in (("indicator_value", {"target": 60.0}), ("dynamics_3y", {}))
    },
    "august_pack": [
        town_indicator("august_pack", "staff_plan_vacancy", 5.0, roadmap_item="8.3", target=4.0, is_on_target=False,
                       value_1=6.0, trend="better"),
        town_indicator("august_pack", "career_guidance_bilet", 30.0),
    ],
}  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """A warehouse with the rows of TABLES and all our views."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('words') / 'w.sqlite'}"
        else:
            url = stack.enter_context(database(request.getfixturevalue("postgres_server")))
        engine = connect(url)
        stack.callback(engine.dispose)
        with writing(engine) as connection:
            prepare(connection, views=declared(engine.dialect.name))
            tables = warehouse(engine.dialect.name)
            _renew_dimensions(connection, tables)
            for name, rows in TABLES.items():
                connection.execute(tables.marts[name.strip()].insert(), rows)
        yield engine


def ask(engine: sa.Engine, columns: str, view: str, rest: str = "") -> list[tuple[Any, ...]]:
    place = "mart." if engine.dialect.name == "postgresql" else ""
    with engine.connect() as connection:
        found = connection.exec_driver_sql(f"select {columns} from {place}{view} {rest}").all()
    return [tuple(float(cell) if type(cell).__name__ == "Decimal" else cell for cell in line) for line in found]


def test_base_and_high_level_over_all_procedures(drawn: sa.Engine) -> None:
    columns = "school, procedure_title, subject_title, participants, base_pct, town_base_pct, high_pct, town_high_pct"
    found = ask(
        drawn, columns, "v_base_and_high", "where year = 2026 and org_id = 'A' order by procedure desc, subject"
    )
    assert found == [
        ("Ш-A", "ВПР", "Русский язык", 40, 75.0, pytest.approx(100 * 54 / 80), 40.0, pytest.approx(100 * 33 / 80)),
        ("Ш-A", "ОГЭ", "Математика", 20, 90.0, 95.0, 20.0, 20.0),
        ("Ш-A", "ЕГЭ", "Русский язык", 10, 90.0, 95.0, 30.0, 25.0),
    ]


def test_vpr_beside_oge_of_the_next_year(drawn: sa.Engine) -> None:
    columns = (
        "school, subject_title, vpr_year, vpr_quality_pct, oge_quality_pct, quality_difference, town_quality_difference"
    )
    assert ask(drawn, columns, "v_vpr_beside_oge") == [("Ш-A", "Математика", 2025, 50.0, 60.0, 10.0, 5.0)]


def test_a_place_is_an_interval(drawn: sa.Engine) -> None:
    """A and B cannot be told apart; C is below both; a school alone has the whole interval of one."""
    found = ask(
        drawn, "org_id, grade, place_from, place_to, schools", "v_place", "where year = 2026 order by grade, org_id"
    )
    assert found == [("A", 4, 1, 2, 3), ("B", 4, 1, 2, 3), ("C", 4, 3, 3, 3), ("A", 5, 1, 1, 1)]


def test_who_has_not_sat_what_everybody_sits(drawn: sa.Engine) -> None:
    """Advanced mathematics is mathematics; a parallel goes on to the next class; class 9 sits no ВПР."""
    found = ask(drawn, "year, org_id, subject, grade", "v_not_sat", "order by 1, 2, 4, 3 desc")
    assert found == [
        (2025, "A", "RU", 8),
        (2026, "A", "MA", 4), (2026, "A", "MA", 5), (2026, "A", "RU", 8), (2026, "A", "MA", 8),
        (2026, "B", "MA", 4), (2026, "C", "MA", 4), (2026, "C", "RU", 6), (2026, "C", "MA", 6),
    ]  # fmt: skip


def test_pupils_of_schools_with_low_results(drawn: sa.Engine) -> None:
    """A school that did not tell its pupils leaves no share behind, where it is one of those schools."""
    columns = "year, schools, shnor_schools, schools_with_pupils, pupils, shnor_pupils, shnor_pupils_pct"
    assert ask(drawn, columns, "v_shnor_pupils", "order by year") == [
        (2025, 3, 1, 3, 400.0, 100.0, 25.0),
        (2026, 3, 2, 2, 200.0, 100.0, None),
    ]


def test_which_rule_warned_before(drawn: sa.Engine) -> None:
    columns = "year, school, previous_category_title, rule, said_a_year_before, warning"
    assert ask(drawn, columns, "v_warned_before", "order by org_id") == [
        (2026, "Ш-A", "без категории", None, None, "не предупреждало ни одно правило"),
        (2026, "Ш-B", "зона риска", "R1", "R1 сработало", "предупреждало"),
    ]


def test_three_years_of_olympiads(drawn: sa.Engine) -> None:
    columns = "unit_title, stage_title, unique_pupils, unique_pupils_1, unique_pupils_2, awards, awards_1, awards_2"
    columns += ", coverage_pct"
    assert ask(drawn, columns, "v_olympiad_3y", "where year = 2026 order by unit_id") == [
        ("Ш-A", "школьный этап", 20, 12, 10, 7, 2, 2, 25.0),
        ("Город", "школьный этап", 50, None, None, 14, None, None, 30.0),
    ]


def test_an_indicator_lacks_what_it_is_not_of(drawn: sa.Engine) -> None:
    columns = "indicator_title, procedure_title, subject_title, grade"
    expected = [
        ("Качество", "ВПР", "Математика", 4), ("Охват", "не оценочная процедура", None, 9),
        ("Охват", "не оценочная процедура", None, None),
    ]  # fmt: skip
    order = "order by indicator_title, coalesce(grade, 99)"
    assert ask(drawn, columns, "v_dynamics", order) == expected
    found = ask(drawn, f"{columns}, value, target", "v_indicators", f"where unit_id = 'A' {order}")
    assert found == [(*line, 50.0, target) for line, target in zip(expected, (None, 60.0, 60.0), strict=True)]


def test_a_work_stands_beside_its_town(drawn: sa.Engine) -> None:
    columns = "school, subject_title, success_pct, town_success_pct, region_success_pct"
    found = ask(drawn, columns, "v_works", "where year = 2026 and grade = 4 and org_id = 'A'")
    assert found == [("Ш-A", "Русский язык", 90.0, 70.0, None)]


def test_categories_and_reasons_are_in_words(drawn: sa.Engine) -> None:
    columns = "school, category_title, previous_category_title, reasons"
    assert ask(drawn, columns, "v_risk", "where year = 2026 and org_id = 'A'") == [("Ш-A", "ШНОР", "без категории", 1)]
    columns = "school, category_title, rule_title, text_ru"
    found = ask(drawn, columns, "v_reasons", "where year = 2026")
    assert found == [("Ш-A", "ШНОР", "Низкие результаты не менее чем в двух процедурах", "SHNOR_A сработало")]


def test_the_august_pack_is_of_the_town_with_its_targets(drawn: sa.Engine) -> None:
    columns = "roadmap_item, indicator_title, value, value_1, target, is_on_target, trend_title, procedure_title"
    found = ask(drawn, columns, "v_august_pack", "order by indicator_title")
    assert found == [
        ("8.3", "Вакансии", 5.0, 6.0, 4.0, False, "лучше", None), ("-", "Охват", 30.0, None, None, None, None, None),
    ]  # fmt: skip


def test_staff_and_courses_stand_beside_the_results_of_schools_at_risk(drawn: sa.Engine) -> None:
    columns = "school, category_title, base_pct, base_pct_1, town_base_pct, category_pct, town_category_pct"
    found = ask(drawn, columns, "v_risk_school_staff", "where year = 2026 order by school")
    assert found == [("Ш-A", "ШНОР", 60.0, 75.0, 80.0, 40.0, 55.0), ("Ш-B", "ШНОР", 70.0, None, 80.0, None, 55.0)]
    columns = "vacancy_pct, town_vacancy_pct, trained_pct, town_trained_pct, at_risk_pct"
    assert ask(drawn, columns, "v_risk_school_staff", "where year = 2026 and org_id = 'A'") == [(12, 5, 50, 70, None)]


def test_what_was_to_be_sent_and_who_is_reminded(drawn: sa.Engine) -> None:
    view = "mart.v_completeness" if drawn.dialect.name == "postgresql" else "v_completeness"
    with drawn.connect() as connection:
        query = f"select organisation, procedure_title, subject_title, status_title from {view} where received = 1"
        assert [*connection.exec_driver_sql(query)] == [("Ш-A", "ВПР", "Русский язык", "прислано")]
    url = drawn.url.render_as_string(hide_password=False)
    settings = Settings(warehouse_url=url, today=dt.date(2026, 6, 20))
    assert last_year(settings) == 2026
    (reminder,) = reminders(settings, 2026)
    assert (reminder.org_id, reminder.name) == ("A", "Ш-A")
    assert [work.subjects for work in reminder.late] == [("OM", "LC")]
    assert [(work.grade, work.subjects) for work in reminder.due] == [(5, ("RU",))]
    before = settings.model_copy(update={"today": dt.date(2026, 4, 19)})
    assert reminders(before, 2026) == [], "the procedure has not begun"
