"""What looks like a person in a text: СНИЛС with its checksum, passports, full names; and what only resembles one."""

from __future__ import annotations

import pytest

from msoko_pipeline.privacy import personal
from msoko_pipeline.privacy.repeating import shown, unnamed


@pytest.mark.parametrize("text", ["112-233-445 95", "11223344595", "112 233 445 95", " 112-233-445-95 "])
def test_golden_7_a_snils_with_its_checksum(text: str) -> None:
    assert personal.found(f"перезвонить, {text.strip()}; срочно") == "СНИЛС"


@pytest.mark.parametrize("text", ["112-233-445 96", "112-233-445", "001-001-998 00", "1112-233-445 95", "1122334459"])
def test_golden_7_no_snils(text: str) -> None:
    assert personal.found(text) is None


@pytest.mark.parametrize(
    ("number", "control"), [("087654303", "00"), ("087654302", "00"), ("112233445", "95")], ids=["101", "100", "sum"]
)
def test_checksums_at_the_bounds(number: str, control: str) -> None:
    """Sums of 100 and 101 are both written 00."""
    weighted = sum(int(d) * w for d, w in zip(number, range(9, 0, -1), strict=True))
    expected = weighted % 101 % 100
    assert expected == int(control)
    assert personal.found(number + control) == "СНИЛС"
    assert personal.found(f"{number}{expected + 1:02d}") is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("9504 123456", "паспорт"), ("95 04 № 123456", "паспорт"), ("паспорт 9504123456", "паспорт"),
        ("серия 9504 номер 123456", "паспорт"), ("Образцов Пётр Примерович", "ФИО"),
        ("не явилась Шаблонова Анна Образцовна", "ФИО"), ("9504123456", None), ("1901012345", None),
        ("1027700566761", None), ("edu190001", None), ("Школа имени Образцова Петра Примеровича", None),
        ("Русский язык", None), ("2025-06-11 120000", None), ("МБОУ «СОШ № 179»", None), ("", None),
    ],
)  # fmt: skip
def test_passports_and_names(text: str, kind: str | None) -> None:
    """Ten digits may be an ИНН; a school may bear a name."""
    assert personal.found(text) == kind


def test_distinct_words_are_counted_by_kind() -> None:
    assert personal.counted(["112-233-445 95", None, "а", "Образцов Пётр Примерович"]) == {"СНИЛС": 1, "ФИО": 1}


def test_documents_leave_remarks_and_quarantine() -> None:
    told = unnamed("Вернуть: 112-233-445 95, паспорт 9504 123456, кабинет 204, тел. нет")
    assert told == "Вернуть: ‹скрыто: снилс›, паспорт ‹скрыто: документ›, кабинет 204, тел. нет"
    assert shown("снилс 112-233-445 95") == "снилс ‹скрыто: снилс›"
    assert shown("кабинет 204") == "кабинет 204"


@pytest.mark.parametrize(
    "name",
    [
        "Невидимкин А. П.", "НЕВИДИМКИН А.П.", "Невидимкин Пётр Ильич", "НЕВИДИМКИН АРИСТАРХ ПЕТРОВИЧ",
        "Невидимкиной Анны Петровны", "Невидимкину Петру Кузьмичу", "А. П. Невидимкин",
    ],
)  # fmt: skip
def test_nobody_is_left_in_a_remark(name: str) -> None:
    assert "невидимк" not in unnamed(f"вручено: {name}, 9 класс").lower()


@pytest.mark.parametrize(
    "text", ["МБОУ СОШ № 3", "Всероссийская олимпиада школьников", "ОЦ «Сириус», Сочи", "приказ № 12-о"]
)
def test_what_is_nobody_stays(text: str) -> None:
    assert unnamed(text) == text
