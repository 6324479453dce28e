"""A column that is missing, and the one that its sender seems to have renamed."""

from __future__ import annotations

from pathlib import Path

import pytest

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading.differing import NAMED, differing
from msoko_pipeline.reading.header import recognise
from msoko_pipeline.reading.likeness import in_one, similar
from msoko_pipeline.reading.nearest import nearest
from schemas.layout import Column
from tests.unit.test_header import LAYOUTS, found_in, grid_of


@pytest.mark.parametrize(
    ("missing", "titles", "offered"),
    [
        ("код участника", ["Код уч."], "Код уч."),
        ("группы участников", ["Группы участ."], "Группы участ."),
        ("кол-во участников", ["Дата", "Количество участников"], "Количество участников"),
        ("полное наименование", ["Наименование полное"], "Наименование полное"),
        ("пользователь", ["Пользователль"], "Пользователль"),
        ("фамилия", ["Примечание", "Фамилии"], "Фамилии"),
        ("школа", ["Шк-а", "Класс"], "Шк-а"),
        ("5", ["Примечание"], None),
        ("статус", ["Дата рождения"], None),
        ("год", [], None),
        ("отчётный год", ["Отчетный  год."], "Отчетный  год."),
        ("оо", ["Наименование ОО (полное)"], "Наименование ОО (полное)"),
        ("класс", ["Классный руководитель"], None),
    ],
)
def test_the_title_that_is_offered(missing: str, titles: list[str], offered: str | None) -> None:
    assert similar({missing: [missing]}, titles).get(missing) == offered


@pytest.mark.parametrize(
    ("count", "told"), [(0, ""), (2, "неизвестные столбцы: «А1», «А2»"), (NAMED + 3, "«А10» и ещё 3")]
)
def test_so_many_unknown_columns_are_named(count: int, told: str) -> None:
    said = differing({}, [f"А{number}" for number in range(1, count + 1)])
    assert said.endswith(told)
    assert "А11" not in said


def test_a_column_that_may_be_missing_is_told_once() -> None:
    missing = {"вариант": Column(("вариант", "вар.*")), "5": Column(("5",))}
    said = differing(missing, ["Вариант №", "Прочее"], ["ОО"], spare=["№ п/п"])
    assert said == (
        "нет столбцов: «вариант» (есть похожий: «Вариант №»), «5»; "
        "неизвестные столбцы: «Прочее»; столбцы повторяются: «ОО»"
    )
    assert differing({}, [], spare=["№ п/п"]) == ""


NAMES = {"фамилия": ("фамилия",), "имя": ("имя",), "отчество": ("отчество",)}


@pytest.mark.parametrize(
    ("missing", "title", "names"),
    [
        ({"год": ("год",), "логин": ("логин",)}, "Год и логин", ("год", "логин")),
        ({"код мероприятия": ("код мероприятия",), "название": ("название",)}, "Код мероприятия, название", None),
        (NAMES, "Фамилия Имя", ("фамилия", "имя")),
        (NAMES, "Фамилия, имя, отчество", ("фамилия", "имя", "отчество")),
        (NAMES, "ФИО", ("фамилия", "имя", "отчество")),
        (NAMES, "Ф. И. О. ученика", ("фамилия", "имя", "отчество")),
        ({"отметка": ("отметка",), "отметка по журналу": ("отметка по журналу",)}, "Отметка по журналу (год)", ()),
        ({"балл": ("балл",), "класс": ("класс",)}, "Баллы по классам", ()),
        ({"5": ("5",), "4": ("4",)}, "5 и 4", ()),
    ],
)
def test_columns_put_into_one(missing: dict[str, tuple[str, ...]], title: str, names: tuple[str, ...] | None) -> None:
    expected = {title: names if names is not None else tuple(missing)}
    assert in_one(missing, [title]) == (expected if names != () else {})


def test_columns_put_into_one_are_to_be_parted() -> None:
    columns = {name: Column(words) for name, words in {**NAMES, "класс": ("класс",)}.items()}
    said = differing(columns, ["ФИО ученика", "Клас"])
    assert said == (
        "нет столбцов: «фамилия», «имя», «отчество» (слиты в столбце «ФИО ученика», разделите его), "
        "«класс» (есть похожий: «Клас»)"
    )


def test_a_slip_in_the_name_of_an_optional_column_is_told() -> None:
    columns = {"муниципалитет": Column(("муниципалитет",), is_optional=True)}
    assert differing(columns, ["Муниципалитт"]) == ("неизвестные столбцы: «Муниципалитт» (похож на «муниципалитет»)")
    assert differing(columns, []) == ""


def test_a_key_is_not_repeated(tmp_path: Path) -> None:
    key = "0123456789abcdef" * 4
    message = nearest([grid_of(tmp_path, [[key, "график дежурств"]])]).message()
    assert key[:16] not in message
    assert "график дежурств" in message


def test_a_title_is_offered_once() -> None:
    pairs = similar({"балл": ["балл"], "максимальный балл": ["максимальный балл"]}, ["Макс. балл", "Баллл"])
    assert pairs == {"балл": "Баллл", "максимальный балл": "Макс. балл"}


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_a_renamed_first_column_is_named(tmp_path: Path, layout: str) -> None:
    """Whatever column of the header is renamed: a refusal names it, never «100 %» and never nothing."""
    rows = LAYOUTS[layout]
    line = found_in(tmp_path, rows).header_row
    for number, cell in enumerate(rows[line]):
        if not cell or len(str(cell)) < 4 or str(cell)[0].isdigit():
            continue
        new = f"{str(cell)[:-1]}э"
        changed = [[new if (n, i) == (line, number) else v for i, v in enumerate(row)] for n, row in enumerate(rows)]
        grid = grid_of(tmp_path, changed)
        try:
            message = nearest([grid]).message() if recognise(grid) is None else ""
        except Refusal as refusal:
            message = refusal.message()
        assert "100 %" not in message
        if message and "ни одного знакомого" not in message and "не похоже" not in message:
            assert any(word in message.lower() for word in (new.lower(), str(cell).lower(), "похоже на имя")), message
