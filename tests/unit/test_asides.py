"""Lines that are no data: totals, signatures, notes, headers again; told as what they are, and never somebody's row."""

from __future__ import annotations

from pathlib import Path

import pytest

from msoko_pipeline.reading.asides import spoken
from tests import making
from tests.making import Taken, take_in

PUPILS = [
    ["Математика", "МБОУ «СОШ № 1»", f"К-{n}", surname, "Проба", "Примеровна", 7, 7, 20 + n, 0.4, "участник"]
    for n, surname in enumerate(("Образцова", "Тестова", "Шаблонова"))
]
TITLES = [["Протокол муниципального этапа всероссийской олимпиады школьников, 2025/2026 учебный год"], ["Математика"]]


def protocol(folder: Path, *below: list[making.Cell], above: tuple[list[making.Cell], ...] = ()) -> Taken:
    rows = [*TITLES, [], list(making.OLYMPIAD_WORKBOOK), *above, *PUPILS, *below]
    return take_in(making.xlsx(folder / "Протокол.xlsx", rows))


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ([None, None, None, "Итого участников:", 3, None, None, None, 21, 0.4], "итоги"),
        (["ИТОГО по школе", None, None, None, None, None, None, None, 63], "итоги"),
        ([None, "Средний балл", None, None, None, None, None, None, 21.5], "итоги"),
        (["Всего", 3], "итоги"),
        ([None, None, None, "Среднее", None, None, None, None, 21], "итоги"),
        ([None, "Количество участников: 3"], "итоги"),
        ([None, "Максимальный балл", None, None, None, None, None, None, 22], "итоги"),
        (["Ср. балл", None, None, None, None, None, None, None, 21], "итоги"),
        ([None, "Председатель жюри", None, "Образцова", "М.И."], "подписи"),
        (["Члены жюри: Пробников П.П., Тестова А.И."], "подписи"),
        ([None, None, None, "Директор школы", None, "Образцова П.П."], "подписи"),
        (["Исполнитель: Тестова А.И., тел. 2-00-00"], "подписи"),
        (["М.П."], "подписи"),
        (["_______________ /Образцова П.П./"], "подписи"),
        (["Зам. директора по УВР", None, None, "Тестова"], "подписи"),
        ([None, "Дата проведения:", None, "14.11.2025"], "дата под таблицей"),
        (["* Работа выполнена не полностью"], "примечания"),
        (["9 класс"], "подзаголовки"),
        ([None, None, None, '7 "А" класс'], "подзаголовки"),
        (list(making.OLYMPIAD_WORKBOOK), "повторённый заголовок"),
        (list(range(1, 12)), "нумерация столбцов"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(str(cell) for cell in value if cell),
)
def test_a_line_that_is_no_pupil(tmp_path: Path, line: list[making.Cell], title: str) -> None:
    """Under the table, and above its first pupil where people put it there."""
    for number, told in ((8, protocol(tmp_path / "a", line)), (5, protocol(tmp_path / "b", above=(line,)))):
        if number == 8 and title == "нумерация столбцов":
            continue  # columns are numbered under a header
        if number == 5 and "Максимальный балл" in line:
            title = "строка максимальных баллов"
        assert told.counts == (3, 3, 0)
        (message,) = told.messages("sheet_asides")
        assert f"строки не относятся к данным и не учтены: {title} — строка {number}" in message
        left = "".join(told.issues["message_ru"]) + "".join(told.quarantine["cells"].astype(str))
        assert not any(name in left for name in ("Образцова", "Тестова", "Пробников"))


def test_what_stands_under_a_signed_table_is_a_note(tmp_path: Path) -> None:
    told = protocol(tmp_path, [], [None, "Председатель жюри:"], [None, None, None, "Образцова М.И."], ["г. Пробный"])
    assert told.counts == (3, 3, 0)
    assert "подписи — строка 9; примечания — строки 10, 11" in told.messages("sheet_asides")[0]


@pytest.mark.parametrize(
    "row",
    [
        ["Математика", "МБОУ «СОШ № 1»", "К-9", "Итогова", "Проба", "Примеровна", 7, 7, 20, 0.4, "участник"],
        ["Математика", "МБОУ «СОШ № 1»", "К-9", "Директор", "Проба", "Примеровна", 7, 7, 20, 0.4, "участник"],
        ["Математика", "Средняя школа № 5", "К-9", "Жюри", "Проба", "Примеровна", 7, 7, 20, 0.4, "участник"],
        ["Математика", "МБОУ «СОШ № 1»", "К-9", "Членова", "Проба", "Примеровна", 7, 7, 20, 0.4, "участник"],
        ["Математика", "МБОУ «СОШ № 1»", "К-9", "Мак", "Проба", "Примеровна", 7, None, 20, None, None],
        [None, "Средняя школа № 5", "К-9", "Пробина", "Проба", "Примеровна", 7, None, 20, None, "участник"],
    ],
)
def test_a_pupil_is_a_pupil_whatever_the_name(tmp_path: Path, row: list[making.Cell]) -> None:
    told = protocol(tmp_path, row)
    assert told.counts == (4, 4, 0)
    assert "sheet_asides" not in told.types


def test_a_half_filled_pupil_waits_in_quarantine_and_is_no_note(tmp_path: Path) -> None:
    told = protocol(tmp_path, [None, None, None, "Пробина", "Проба", None, None, None, 12])
    assert told.counts == (4, 3, 1)
    assert "sheet_asides" not in told.types


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        (making.marks_report(f"{making.TOWN} | 12 | 900 | 6 | 34 | 44 | 16\nИтого | 12 | 900 | 6 | 34 | 44 | 16"), 1),
        ([*making.REGISTER, ["Итого", None, "2 школы"]], 2),
        ([*making.export_2021(), ["Всего", None, 3], [], ["Исполнитель Тестова А.И."]], 3),
        ([*making.export_2021()[:2], making.export_2021()[0], *making.export_2021()[2:]], 3),
        ([*making.form_2026(prefilled=0), [None, "Учитель:", "Тестова А.И."]], 3),
        ([*making.oge_regional(), [], ["Председатель комиссии", None, "Образцова"]], 1),
        ([*making.table(making.FLAT["medallist"]), ["Итого", None, 2], [None, "Директор", None, "Образцова"]], 2),
    ],
    ids=["report", "register", "export", "header again", "form", "exam", "flat"],
)
def test_in_every_kind(tmp_path: Path, rows: making.Rows, counts: int) -> None:
    is_form = rows[0][0] == "Код участника"
    told = take_in(making.xlsx(tmp_path / "a.xlsx", rows), making.declared(2026, "RU", 4) if is_form else None)
    assert told.counts == (counts, counts, 0)
    assert len(told.messages("sheet_asides")) == 1


def test_rows_are_spoken_of_in_runs() -> None:
    assert spoken([7]) == "строка 7"
    assert spoken([12, 10, 11, 15, 16]) == "строки 10–12, 15, 16"
