"""Who is hidden and who is not: lists of made-up people and of ordinary words, and texts of every sort by hand."""

from __future__ import annotations

import ast
import re

import pandera.pandas as pa
import pytest

from msoko_pipeline.privacy import name_words as sorts
from msoko_pipeline.privacy.allowed import _rule, personal, rules, wordless
from msoko_pipeline.privacy.repeating import NAME, is_repeatable, kind_of, repeated, unnamed, unnamed_sheets
from msoko_pipeline.text.hidden import without_hidden
from schemas import catalogue
from schemas.fields import columns_of, field
from schemas.kinds import KINDS
from schemas.layout import layouts
from schemas.vocabulary import vocabulary
from tests import words
from tests.command import ROOT

PEOPLE, ORDINARY = 2_400, 2_400
LONE_LOWER = ("made_up_lower",)
"""A surname alone that no dictionary has, in lower case: in a text nothing tells it from a word."""


def share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


@pytest.fixture(scope="module")
def people() -> list[tuple[str, str]]:
    return words.people(PEOPLE)


@pytest.fixture(scope="module")
def ordinary() -> list[tuple[str, str]]:
    return words.ordinary(ORDINARY)


def test_people_are_hidden_in_texts(people: list[tuple[str, str]]) -> None:
    """Recall: every part of the name is gone."""
    gone = {(style, text): not words.parts_left(text, unnamed(text)) for style, text in people}
    assert share([is_gone for (style, _), is_gone in gone.items() if style not in LONE_LOWER]) >= 0.995
    assert share([is_gone for (style, _), is_gone in gone.items() if style in LONE_LOWER]) >= 0.5


def test_people_are_not_repeated_where_no_words_belong(people: list[tuple[str, str]]) -> None:
    assert share([not is_repeatable(text) for _, text in people]) >= 0.998


def test_ordinary_words_stay_in_texts(ordinary: list[tuple[str, str]]) -> None:
    """Precision's other side: of what is nobody's name so much is left as it stood."""
    assert share([unnamed(text) == text for _, text in ordinary]) >= 0.99


def test_ordinary_words_are_repeated_where_no_words_belong(ordinary: list[tuple[str, str]]) -> None:
    assert share([is_repeatable(text) for style, text in ordinary if style != "new"]) >= 0.98


def test_of_what_is_hidden_most_is_somebody(people: list[tuple[str, str]], ordinary: list[tuple[str, str]]) -> None:
    """Precision at even numbers of both."""
    hidden = [True] * sum(unnamed(text) != text for _, text in people)
    hidden += [False] * sum(unnamed(text) != text for _, text in ordinary)
    assert share(hidden) >= 0.99


@pytest.mark.parametrize("word", ["лауреат", "сорок", "хорошо учится", "Альтаир", "седьмой", "удалён", "галактический",
                                  "не завершил экзамен", "МБОУ СОШ № 3"])  # fmt: skip
def test_ordinary_words_are_a_clue(word: str) -> None:
    assert repeated(word) == word
    assert unnamed(word) == word


@pytest.mark.parametrize("slip", ["Победиель", "призерр"])
def test_a_slip_of_the_pen_in_a_word_of_a_list_is_repeated(slip: str) -> None:
    assert repeated(slip) == slip


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("89000000001", "11 цифр"), ("9504123456", "10 цифр"), ("Образцова Проба", "два слова с прописной"),
        ("образцов", "слово строчными, 8 букв"), ("ОБРАЗЦОВ", "слово прописными, 8 букв"),
        ("Мороз", "слово с прописной, 5 букв"), ("Ким 12", "слово с прописной, 3 буквы, 2 цифры"),
        ("proba@example.ru", "почта"), ("+7 (900) 000-00-01", "телефон"),
    ],
)  # fmt: skip
def test_of_another_cell_its_kind_is_named(cell: str, kind: str) -> None:
    assert kind_of(cell) == kind
    assert repeated(cell) == f"‹скрыто: {kind}›"


@pytest.mark.parametrize(
    "cell",
    ["12", "12,5", "40001", "-1", "1 234", "50 %", "2026-04-20 00:00:00", "20.04.2026", "10.09.25", "9А", "11 «Б»",
     "К-12", "edu190003", "EDU 190003", "reg19_m019", "MA5-0012", "X", "+", "#DIV/0!", "#ДЕЛ/0!",
     "=SUM(B1:C1)", "нет отметки"],
)  # fmt: skip
def test_numbers_codes_and_dates_are_repeated(cell: str) -> None:
    assert repeated(cell) == cell


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Протокол_Образцова_Проба_4А", f"Протокол_{NAME}_4А"),
        ("МБОУ «Лицей имени Н. Г. Образцова»", "МБОУ «Лицей имени Н. Г. Образцова»"),
        ("Кубок Гагарина", "Кубок Гагарина"),
        ("ИС 7 Статистика по отметкам", "ИС 7 Статистика по отметкам"),
        ("Ф6_Достижение планируемых результатов ИС 7", "Ф6_Достижение планируемых результатов ИС 7"),
        ("выдано Образцовой Пробе, 9 класс", f"выдано {NAME}, 9 класс"),
        ("список Мороз", f"список {NAME}"),
        ("элементов Д.И. Менделеева. Периоды и группы", "элементов Д.И. Менделеева. Периоды и группы"),
        ("Периодический закон Д. И. Менделеева", "Периодический закон Д. И. Менделеева"),
        ("Механика: законы Ньютона, силы в природе", "Механика: законы Ньютона, силы в природе"),
        ("элементов Д.И. Образцова. Периоды", f"элементов {NAME}"),
        ("элементов у Д.И. Образцова", f"элементов у {NAME}"),
        ("список Д.И. Менделеева", f"список {NAME}"),
        ("призёр конкурса А. Королёв", f"призёр конкурса {NAME}"),
        ("Ким Ден Чер, 4Б", f"{NAME}, 4Б"),
        ("Ооржак Чойгана 7", f"{NAME} 7"),
        ("Мамедов Рустам Али оглы", NAME),
        ("Obraztsova Anna", NAME),
        ("г. Черногорск, ул. Пробная, д. 1, кв. 2", "г. Черногорск, ‹скрыто: адрес›"),
        ("тел. 8 (39031) 2-00-01", "тел. ‹скрыто: телефон›"),
        ("СНИЛС 112\u2011233\u2011445\u00a095", "СНИЛС ‹скрыто: снилс›"),
        ("свидетельство I-ЖТ № 123456", "свидетельство ‹скрыто: документ›"),
        ("родился 01.02.2015", "‹скрыто: дата рождения›"),
        ("t.me/proba_p", "‹скрыто: страница в сети›"),
        ("Результаты ВПР 2026. Русский язык. 4 класс", "Результаты ВПР 2026. Русский язык. 4 класс"),
        ("Протокол 2026-05-12 10-15-30", "Протокол 2026-05-12 10-15-30"),
        ("ИНН 1903000000, ОГРН 1021900000000", "ИНН 1903000000, ОГРН 1021900000000"),
    ],
)  # fmt: skip
def test_texts_without_people(text: str, shown: str) -> None:
    assert unnamed(text) == shown
    assert unnamed(shown) == shown


def test_a_bare_number_is_a_document_in_a_column_called_so() -> None:
    assert unnamed("123456", "Номер паспорта") == "‹скрыто: документ›"
    assert unnamed("123456", "Код участника") == "123456"


@pytest.mark.parametrize("text", ["\U00017000", "\U00017000 Образцова", "学校", "ქართული", "\ud7ff", "Ԛ-ԛ", "'’-"])
def test_letters_that_no_dictionary_has_break_nothing(text: str) -> None:
    assert "Образцова" not in unnamed(text)
    assert "Образцова" not in repeated(text)


def test_sheets_that_would_be_alike_are_numbered() -> None:
    assert list(unnamed_sheets(["Образцова", "Шаблонова", "4 класс"]).values()) == [NAME, f"{NAME} (2)", "4 класс"]


def test_nobodys_name_is_an_ordinary_word_of_ours() -> None:
    """What only names somebody in the dictionary is no word of the layouts: examples and sources may name people."""
    lone = [word for word in vocabulary() if sorts.sort_of(word + "-") is sorts.Sort.NAME]
    assert lone == []


@pytest.mark.parametrize("layout", layouts())
def test_every_column_has_a_rule(layout: str) -> None:
    declared = layouts()[layout]
    assert set(rules(layout)) == set(declared.columns)
    for name in wordless(layout):
        assert "образцов" not in rules(layout)[name].repeated("образцова проба")


def test_the_date_of_an_experts_order_holds_no_words() -> None:
    assert {"order_no", "order_date"} <= wordless("preschool_expert")


@pytest.mark.parametrize(
    "cell", ["Образцов Проба", "образцов", "89000000001", "proba@example.ru", "ОБРАЗЦОВА", "Мороз 4"]
)
def test_what_is_hidden_is_not_hidden_again(cell: str) -> None:
    told = repeated(cell)
    assert repeated(told) == unnamed(told) == told
    assert without_hidden(f"лист {told}, строка 4") == "лист , строка 4"


@pytest.mark.parametrize(
    "cell",
    ["‹Образцов›", "‹скрыто: Образцов›", "‹скрыто: образцова проба›", "‹скрыто›‹Образцов›", "‹скрыто: 9504123456›"],
)
def test_nobody_passes_for_a_hidden_cell(cell: str) -> None:
    told = repeated(cell)
    assert told != cell
    assert not any(part in told.lower() for part in ("образцов", "проба", "9504"))


def test_columns_beside_the_models_are_no_columns_of_a_model() -> None:
    """What a model declares is not listed a second time, and what is listed is a column of a layout."""
    beside = catalogue.privacy()["columns"]["beside"]
    listed = {*beside["words"], *beside["places"], *beside["digits"]}
    assert set(beside["places"]) <= set(beside["words"])
    modelled = {spec.name for kind in KINDS.values() for spec in columns_of(kind.model)}
    for name in listed:
        of_kinds = {declared.kind for declared in layouts().values() if name in declared.columns}
        bare = {kind for kind in of_kinds if kind not in KINDS or name not in modelled_by(kind)}
        assert bare, f"{name}: every layout that has it has a model that declares it"
    assert listed - modelled >= {"login", "code", "school_name"}


def modelled_by(kind: str) -> set[str]:
    return {spec.name for spec in columns_of(KINDS[kind].model)}


class Declared(pa.DataFrameModel):
    """Columns whose content is declared in each way."""

    remark: str = field("Примечание", content="words")
    town: str = field("Город", content="place")
    answers: str = field("Ответы", content="answers")
    number: str = field("Номер", digits=9)
    plain: str = field("Код")
    secret: str = field("Пояснение", personal=True)


def test_the_rule_of_a_column_follows_from_its_declaration() -> None:
    made = {spec.name: _rule(spec.name, spec.title, spec) for spec in columns_of(Declared)}
    assert {name for name, rule in made.items() if rule.has_words} == {"remark", "town"}
    assert [name for name, rule in made.items() if rule.is_place] == ["town"]
    assert [name for name, rule in made.items() if rule.is_mask] == ["answers"]
    assert made["number"].repeated("123456789") == "123456789"
    assert made["plain"].repeated("123456789") == "‹скрыто: 9 цифр›"
    assert personal(Declared) == {"secret"}


def strings_with_marks(source: str) -> list[str]:
    """String constants with the marks of a hidden cell, docstrings apart."""
    tree = ast.parse(source)
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs]
    return [node.value for node in texts if isinstance(node.value, str) and set("‹›") & set(node.value)]


def test_one_module_writes_the_word_for_a_hidden_cell() -> None:
    code = [path for room in ("msoko_pipeline", "schemas", "assets") for path in (ROOT / room).rglob("*.py")]
    writers = {path.name for path in code if strings_with_marks(path.read_text(encoding="utf-8"))}
    assert writers == {"hidden.py"}


def test_one_room_says_which_columns_are_about_people() -> None:
    code = {path: path.read_text(encoding="utf-8") for path in (ROOT / "msoko_pipeline").rglob("*.py")}
    readers = {path.parent.name for path, source in code.items() if ".personal" in re.sub(r"from \S+", "", source)}
    assert readers == {"privacy", "handbook"}, "and the dictionary, which prints declarations"
