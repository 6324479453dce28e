"""Cells, one spelling at a time: the known fixes, the known junk, and the rest refused by name."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msoko_pipeline.facts import flat
from msoko_pipeline.facts.frame_columns import subject
from msoko_pipeline.text import cells
from msoko_pipeline.text.cells import Wrong, parse
from msoko_pipeline.text.distinct import Text


def column(*words: str | None) -> Text:
    return Text.of(pc.dictionary_encode(pa.array(words, pa.string())))


def plain_class(word: str) -> str | None:
    return cells.class_label(word, {8}, ordinal=False)


def numbered_class(word: str) -> str | None:
    return cells.class_label(word, {8}, ordinal=True)


def people(word: str) -> int:
    return cells.integer(word, "чел.")


level = flat.listed({"высокий": "high", "средний": "medium"})

GOOD: list[tuple[Callable[[str], Any], str, Any]] = [
    # how, what stands there, what it means
    (cells.integer, "5", 5),
    (cells.integer, "5,0", 5),
    (cells.integer, "5.00", 5),
    (cells.integer, "1 234", 1234),
    (cells.integer, "1\u00a0722\u00a0202", 1_722_202),
    (cells.integer, "-3", -3),
    (cells.number, "12,36", 12.36),
    (cells.number, "12.36 %", 12.36),
    (cells.number, "1 234,5", 1234.5),
    (cells.number, "0", 0.0),
    (cells.integer, "'24", 24),
    (cells.integer, "12.", 12),
    (cells.integer, "−5", -5),
    (people, "24 чел.", 24),
    (people, "1 024 ученика", 1024),
    (people, "24человека", 24),
    (people, "24,0 уч", 24),
    (flat.year, "2025", 2025),
    (flat.year, "2025.0", 2025),
    (flat.year, "'2025 г.", 2025),
    (flat.year, "2025 год", 2025),
    (flat.year, "2024/25", 2025),
    (flat.year, "24/25", 2025),
    (flat.year, "2024–2025 уч. г.", 2025),
    (flat.year, "2024-2025 учебный год", 2025),
    (flat.school_year, "24/25", 2025),
    (flat.flag, "Да.", True),
    (flat.flag, "+", True),
    (flat.flag, "V", True),
    (flat.flag, "истина", True),
    (flat.flag, "не имеется", False),
    (flat.register_code, "К–12", "К-12"),
    (flat.questionnaire, "№ 7.", "7"),
    (flat.criteria, "да.", "1/1"),
    (level, "«Высокий»", "high"),
    (cells.score, "2", 2),
    (cells.score, "2.0", 2),
    (cells.score, "X", 0),
    (cells.score, "x", 0),
    (cells.score, "Х", 0),  # cyrillic
    (cells.score, "х", 0),
    (cells.score, "не пройд.", 0),
    (cells.mark, "4", 4),
    (cells.mark, "4.0", 4),
    (cells.journal_mark, "5", 5),
    (cells.journal_mark, "5,0", 5),
    (cells.journal_mark, "нет отметки", None),
    (cells.journal_mark, "Н/А", None),
    (cells.journal_mark, "-", None),
    (cells.variant, "1", "1"),
    (cells.variant, "2.0", "2"),
    (cells.variant, "0", "0"),
    (cells.variant, "отсутствовал", None),
    (cells.variant, "Отсутствовала", None),
    (cells.gender, "м", "м"),
    (cells.gender, "Ж", "ж"),
    (cells.gender, "муж.", "м"),
    (cells.gender, "женский", "ж"),
    (cells.participant, "40001", "40001"),
    (cells.participant, "40001.0", "40001"),
    (cells.participant, "1003", "1003"),
    (cells.login, "ksh190002", "edu190002"),
    (cells.municipality, "город Черногорск(reg19_m019)", "reg19_m019"),
    (cells.municipality, "reg19_m019 | Черногорск", "reg19_m019"),
    (cells.municipality, "Черногорск", None),
    (cells.bare_name, "город Черногорск(reg19_m019)", "город Черногорск"),
    (cells.bare_name, "edu190001 | МБОУ «СОШ (корпус 2)»", "МБОУ «СОШ (корпус 2)»"),
    (plain_class, "а", "А"),
    (plain_class, '"Б"', "Б"),
    (plain_class, "8 в", "В"),
    (plain_class, "11а", "А"),
    (plain_class, "8-Г", "Г"),
    (plain_class, "8 класс", None),
    (plain_class, "8", None),
    (plain_class, "8.0", None),
    (plain_class, "1", "1"),
    (plain_class, "нет", None),
    (plain_class, "НЕТ", None),
    (plain_class, "ytn", None),
    (plain_class, "A", "А"),  # latin
    (numbered_class, "8", "8"),
    (numbered_class, "1.0", "1"),
]


@pytest.mark.parametrize(("how", "word", "meaning"), GOOD, ids=lambda value: getattr(value, "__name__", str(value)))
def test_known_spellings(how: Callable[[str], Any], word: str, meaning: Any) -> None:
    assert how(word) == meaning


WRONG: list[tuple[Callable[[str], Any], str, str]] = [
    (cells.integer, "5,5", "cell_not_an_integer"),
    (cells.integer, "пять", "cell_not_a_number"),
    (cells.integer, "1 2", "cell_not_a_number"),  # no thousands: two numbers
    (cells.integer, "1e3", "cell_not_a_number"),
    (cells.integer, "2026-05-10 00:00:00", "cell_date"),
    (cells.number, "inf", "cell_not_a_number"),
    (cells.number, "nan", "cell_not_a_number"),
    (cells.number, "1.2.3", "cell_not_a_number"),
    (cells.number, "9" * 400, "cell_range"),
    (cells.score, "зачёт", "cell_score"),
    (cells.score, "1 0", "cell_score"),
    (cells.score, "0,73", "cell_score"),
    (cells.score, "=A1", "cell_score"),
    (cells.score, "2026-02-01 00:00:00", "cell_date"),
    (cells.mark, "1", "cell_mark"),
    (cells.mark, "4,5", "cell_mark"),
    (cells.journal_mark, "6", "cell_journal_mark"),
    (cells.journal_mark, "4-", "cell_journal_mark"),
    (cells.variant, "первый", "cell_variant"),
    (cells.gender, "?", "cell_gender"),
    (cells.participant, "4-0001", "cell_code"),
    (cells.participant, "401", "cell_code"),
    (cells.participant, "٤٠٠٠١", "cell_code"),  # digits of another script
    (cells.login, "МБОУ", "cell_login"),
    (plain_class, "восьмой бэ", "cell_class"),
    (plain_class, "=[1]Протокол!U2", "cell_class"),
    (cells.integer, "—", "cell_no_value"),
    (cells.integer, "Нет данных.", "cell_no_value"),
    (cells.integer, "12 %", "cell_share"),
    (cells.integer, "1О", "cell_letter_for_digit"),  # cyrillic
    (cells.integer, "l2", "cell_letter_for_digit"),
    (cells.integer, "О", "cell_not_a_number"),
    (cells.integer, "24 чел.", "cell_not_a_number"),  # no unit of the column
    (people, "24 балла", "cell_not_a_number"),
    (people, "чел.", "cell_not_a_number"),
    (people, "12 13 чел.", "cell_not_a_number"),
    (flat.year, "25", "cell_year"),
    (flat.year, "2024/26", "cell_year"),
    (flat.year, "ВПР 2025", "cell_year"),
    (flat.year, "2014", "cell_year"),
    (flat.year, "2052", "cell_year"),
    (flat.year, "2025-01-01 00:00:00", "cell_year"),
    (flat.school_year, "2052", "cell_school_year"),
    (flat.flag, "-", "cell_flag"),
    (flat.flag, "x", "cell_flag"),
    (flat.register_code, "К 12", "cell_register_code"),
    (level, "огромный", "cell_not_listed"),
]


@pytest.mark.parametrize(("how", "word", "issue_type"), WRONG, ids=lambda value: getattr(value, "__name__", str(value)))
def test_other_spellings_are_refused_by_name(how: Callable[[str], Any], word: str, issue_type: str) -> None:
    with pytest.raises(Wrong) as wrong:
        how(word)
    assert wrong.value.issue_type == issue_type


@pytest.mark.parametrize(
    "word",
    [
        "Итого",
        "итого:",
        "ИТОГО ПО ШКОЛЕ",
        "Всего участников",
        "Среднее",
        "Средний балл",
        "среднее по школе",
        "В среднем",
    ],
)
def test_totals(word: str) -> None:
    assert cells.is_totals(word)


@pytest.mark.parametrize(
    "word",
    ["Средняя школа № 5(edu190005)", "Средняя общеобразовательная школа", "Всеволожский район(reg47_m004)", "40001",
     "Вся выборка", "Итоговый район(reg19_m001)", "итоговое"],
)  # fmt: skip
def test_a_unit_is_no_totals(word: str) -> None:
    assert not cells.is_totals(word)


@pytest.mark.parametrize(
    ("word", "is_score"), [("0", True), ("X", True), ("2.0", True), ("1) Моро", False), ("нет", False)]
)
def test_a_lone_score(word: str, is_score: bool) -> None:
    assert cells.is_score(word) == is_score


# ---- columns


def test_a_column_is_interpreted_once_per_word() -> None:
    asked = []

    def how(word: str) -> int:
        asked.append(word)
        return cells.integer(word)

    values, unread = parse(column(*["3", "4", None, "3"] * 1_000), how, "Int16")
    assert sorted(asked) == ["3", "4"]
    assert values[:4].tolist() == [3, 4, pd.NA, 3]
    assert unread == []


def test_the_unread_cells_are_named_by_their_rows() -> None:
    values, unread = parse(column("1", "два", None, "два"), cells.integer, "Int16")
    assert values.isna().tolist() == [False, True, True, True]
    (cell,) = unread
    assert (cell.value, cell.positions.tolist(), cell.wrong.issue_type) == ("два", [1, 3], "cell_not_a_number")


def test_the_text_of_a_formula_is_told_as_one() -> None:
    _, (unread,) = parse(column("5", "=A1+B1"), cells.integer, "Int16")
    assert (unread.value, unread.wrong.issue_type) == ("=A1+B1", "cell_formula_text")


@pytest.mark.parametrize(
    ("word", "meant"),
    [("высокй", "высокий"), ("выс.", "высокий"), ("сред", "средний"), ("прочее", None), ("в", None), ("", None)],
)
def test_a_word_that_a_list_nearly_has_is_offered(word: str, meant: str | None) -> None:
    with pytest.raises(Wrong) as wrong:
        level(word)
    assert wrong.value.details["detail"] == "высокий, средний" + (f"; похоже на «{meant}»" if meant else "")


def test_a_subject_misspelt_is_offered() -> None:
    with pytest.raises(Wrong) as wrong:
        subject("матиматика")
    assert wrong.value.details["detail"] == "; похоже на «Математика»"


@pytest.mark.parametrize(
    ("dtype", "fits", "too_great"),
    [("Int8", "127", "128"), ("Int16", "-32768", "99999"), ("Int32", "2147483647", "9" * 40)],
)
def test_a_number_too_great_for_its_column_is_a_finding(dtype: str, fits: str, too_great: str) -> None:
    values, unread = parse(column(fits, too_great), cells.integer, dtype)
    assert values[0] == int(fits)
    assert values[1] is pd.NA
    assert [cell.wrong.issue_type for cell in unread] == ["cell_range"]


@pytest.mark.parametrize("blank", ["", "  ", "\u00a0", "\u200b", "\ufeff ", None])
def test_a_cell_that_looks_empty_is_empty(blank: str | None) -> None:
    text = column("5", blank)
    assert text.filled.tolist() == [True, False]
    assert parse(text, cells.integer, "Int16")[0].isna().tolist() == [False, True]


def test_spaces_around_a_word_do_not_matter() -> None:
    assert parse(column(" 5\u00a0", "\u200b5", "5\t"), cells.integer, "Int8")[0].tolist() == [5, 5, 5]


def test_a_column_without_rows() -> None:
    text = Text.of(pa.chunked_array([], pa.dictionary(pa.int32(), pa.string())))
    assert len(text) == 0
    assert len(parse(text, cells.integer, "Int16")[0]) == 0
    assert len(parse(Text.empty(0), cells.login, "string")[0]) == 0


READERS: list[tuple[Callable[[str], Any], str]] = [
    (cells.integer, "Int8"),
    (cells.integer, "Int16"),
    (cells.number, "Float64"),
    (cells.score, "Int16"),
    (cells.mark, "Int8"),
    (cells.journal_mark, "Int8"),
    (cells.variant, "string"),
    (cells.gender, "string"),
    (cells.participant, "string"),
    (cells.login, "string"),
    (cells.municipality, "string"),
    (cells.bare_name, "string"),
    (plain_class, "string"),
    (numbered_class, "string"),
]
WORDS = st.one_of(st.none(), st.text(max_size=12), st.from_regex(r"[-+]?\d{1,12}([.,]\d{1,3})?", fullmatch=True))


@pytest.mark.parametrize(("how", "dtype"), READERS, ids=lambda value: getattr(value, "__name__", str(value)))
@given(words=st.lists(WORDS, max_size=6))
def test_no_text_whatever_breaks_a_reader(how: Callable[[str], Any], dtype: str, words: list[str | None]) -> None:
    """Every filled cell has a value, is known to mean none, or is named as unread; nothing raises."""
    text = column(*words)
    values, unread = parse(text, how, dtype)
    assert len(values) == len(words)
    named = np.zeros(len(words), bool)
    for cell in unread:
        assert not named[cell.positions].any()
        named[cell.positions] = True
    assert not (named & ~text.filled).any()
    assert not (named & ~values.isna()).any()


@given(st.floats(min_value=-1e9, max_value=1e9))
def test_a_written_number_is_read_back(value: float) -> None:
    written = f"{value:.4f}".replace(".", ",")
    assert math.isclose(cells.number(written), value, abs_tol=1e-4)
