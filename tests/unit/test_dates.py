"""Dates as people write them; what may be another day is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from msoko_pipeline.facts.flat import date
from msoko_pipeline.text.cells import Wrong
from msoko_pipeline.text.dates import american_order, date_of, excel_day, is_about_a_date
from tests import making
from tests.making import take_in


@pytest.mark.parametrize(
    "word",
    [
        "10.09.2025", "10.9.2025", "10.09.25", "10/09/2025", "10/9/25", "10-09-2025", "10 09 2025", "10,09,2025",
        "10. 09. 2025", "2025-09-10", "2025.09.10", "2025/09/10", "2025-09-10 00:00:00", "2025-09-10T00:00:00",
        "10.09.2025 0:00:00", "10.09.2025 00:00", "10.09.2025г.", "10.09.2025 г.", "10.09.2025 года", "10.09.2025.",
        "10 сентября 2025 г.", "10 сентября 2025", "10 сент. 2025", "10 сен 25", "10-сен-2025", "«10» сентября 2025 г.",
        "10 Сентября 2025 года", "10 ceнтября 2025",
    ],
)  # fmt: skip
def test_one_day_in_many_spellings(word: str) -> None:
    assert date(word) == "2025-09-10"
    assert is_about_a_date(word)


@pytest.mark.parametrize(
    ("word", "issue", "detail"),
    [
        ("45910", "cell_date_number", "10.09.2025"),
        ("45910.5", "cell_date_number", "10.09.2025"),
        ("09/25/2025", "cell_date_order", "25.09.2025"),
        ("сентябрь 2025", "cell_not_a_date", None),
        ("2025", "cell_not_a_date", None),
        ("31.02.2025", "cell_not_a_date", None),
        ("10.13.2025", "cell_not_a_date", None),
        ("12345678", "cell_not_a_date", None),
        ("10.09", "cell_not_a_date", None),
        ("да", "cell_not_a_date", None),
        ("10 Образцова 2025", "cell_not_a_date", None),
    ],
)
def test_what_is_no_day_is_named(word: str, issue: str, detail: str | None) -> None:
    with pytest.raises(Wrong) as wrong:
        date(word)
    assert (wrong.value.issue_type, wrong.value.details.get("detail")) == (issue, detail)


def test_a_column_in_american_order_is_asked_about() -> None:
    assert american_order(["10/09/2025", "09/25/2025"])
    assert not american_order(["10/09/2025", "25/09/2025", "10.13.2025"])
    assert date_of("10/09/2025", american=True) is None
    assert str(date_of("09/25/2025", american=True)) == "2025-09-25"
    assert str(date_of("10.09.2025", american=True)) == "2025-09-10"
    with pytest.raises(Wrong) as wrong:
        date("10/09/2025", american=True)
    assert wrong.value.details["detail"] == "10.09.2025 или 09.10.2025"


def test_the_number_of_a_day_in_excel() -> None:
    assert str(excel_day("45910")) == "2025-09-10"
    assert excel_day("1000") is None
    assert excel_day("99999") is None


def test_a_month_is_no_name_and_a_name_no_month() -> None:
    assert is_about_a_date("сентябрь 2025")
    assert not any(map(is_about_a_date, ("Мария 2025", "Августа", "Маева", "45910", "")))


def test_dates_of_a_register_are_read_and_numbers_named(tmp_path: Path) -> None:
    days = ("10.09.25", "10 сентября 2025 г.", "45910", "10.09.2025 0:00:00")
    rows = [["Год", "Логин", "Индикатор риска", "Дата установления", "Пояснение"]]
    rows += [["2025", f"edu19000{n}", "доля «2» выросла", day, ""] for n, day in enumerate(days, 1)]
    told = take_in(making.csv(tmp_path / "a.csv", rows))
    assert told.counts == (4, 3, 1)
    assert set(told.facts["risk_indicator"]["established_on"]) == {"2025-09-10"}
    assert "«45910» — число, которым Excel хранит дату 10.09.2025" in told.messages("cell_date_number")[0]
