"""Which work a sheet holds: from its title, its path or a manifest, held against the content."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading.header import Recognised, recognise
from msoko_pipeline.reading.procedures.declared import Declared, from_declared, from_path, school
from msoko_pipeline.reading.procedures.work import (
    Work,
    check_content,
    check_frame,
    from_title,
    possible_grades,
    report_date_year,
)
from msoko_pipeline.reading.workbook import Grid, read
from msoko_pipeline.text.logins import login_in
from msoko_pipeline.text.subjects import subject_of
from tests import making

PATHS = """
2021/4/Математика.xlsx                                              | 2021 | MA | 4  |
2021_4_Математика.xlsx                                              | 2021 | MA | 4  |
vpr2021_MA4.csv                                                     | 2021 | MA | 4  |
vpr2020_OM4.csv                                                     | 2020 | OM | 4  |
2022\\11\\Биология.xlsx                                             | 2022 | BI | 11 |
ВПР 2026/РУ 4 Статистика по отметкам.xlsx                           | 2026 | RU | 4  |
ВПР 2025/2849657.xlsx                                               | 2025 |    |    |
gg11 2021.xlsx                                                      | 2021 | GG | 11 |
okr4_2020.csv                                                       | 2020 | OM | 4  |
Форма сбора результатов Русский язык 5 класс ВПР 2024.xlsx          | 2024 | RU | 5  |
формы/edu190003/Форма сбора результатов Математика 4 класс ВПР 2026.xlsx | 2026 | MA | 4 | edu190003
пачка 2023.zip/8 класс/Физика.xlsx                                  | 2023 | FI | 8  |
2024/Литературное чтение 4-й класс.xlsx                             | 2024 | LC | 4  |
2024/Литература, 6 класс.xlsx                                       | 2024 | LI | 6  |
2021/Английский язык 7.csv                                          | 2021 | EN | 7  |
школа №7/2021/Химия 8 класс.xlsx                                    | 2021 | HI | 8  |
sch190012_2021_БИ_6.csv                                             | 2021 | BI | 6  | edu190012
2020/2021/История 5.xlsx                                            | 2021 | IS | 5  |
Реестр ОО.xlsx                                                      |      |    |    |
"""


def cell(text: str) -> str | None:
    return text.strip() or None


@pytest.mark.parametrize("line", PATHS.strip().splitlines(), ids=lambda line: line.split("|")[0].strip())
def test_what_a_path_tells(line: str) -> None:
    path, year, subject, grade, *login = line.split("|")
    said = from_path(path.strip())
    assert said == Declared(
        int(year) if cell(year) else None, cell(subject), int(grade) if cell(grade) else None, cell(*login or [""])
    )


@given(st.text(max_size=60))
def test_any_path_is_understood_or_tells_nothing(path: str) -> None:
    said = from_path(path)
    assert said.grade is None or 1 <= said.grade <= 11


@pytest.mark.parametrize(
    ("text", "code"),
    [("Русский язык", "RU"), ("РУ", "RU"), ("ru", "RU"), ("математике", "MA"), ("Окр мир.", "OM"), ("ОКР", "OM"),
     ("Иностранный язык (английский)", "EN"), ("Биология ", "BI"), ("пение", None), ("", None)],
)  # fmt: skip
def test_a_subject_in_its_spellings(text: str, code: str | None) -> None:
    assert subject_of(text) == code


# ---- from the title


def titled(*lines: str) -> Recognised:
    return Recognised("Лист1", "marks", 7, list(lines), [], {}, [])


@pytest.mark.parametrize(
    ("lines", "work"),
    [
        (["ВПР 2026 Русский язык 4 класс", "Максимальный первичный балл: 24"], Work(2026, "RU", 4, 24)),
        (["ВПР 2024. Математика. 8 класс"], Work(2024, "MA", 8)),
        (["впр  2025\u00a0Окружающий мир,  4 класс"], Work(2025, "OM", 4)),
    ],
)
def test_the_work_of_a_title(lines: list[str], work: Work) -> None:
    assert from_title(titled(*lines)) == work


@pytest.mark.parametrize(
    ("lines", "issue_type", "word"),
    [
        (["Статистика по отметкам"], "file_work_unknown", "нет строки вида «ВПР 2026"),
        (["ВПР 2026 Пение 4 класс"], "file_work_unknown", "предмет «пение» не распознан"),
        (["ВПР 2062 Математика 4 класс"], "file_year_unlikely", "отчётный год 2062 невозможен"),
        (["ВПР 1998 Математика 4 класс"], "file_year_unlikely", "1998"),
        (["ВПР 2026 Математика 99 класс"], "file_frame", "класс 99"),
        (["ВПР 2026 Математика 4 класс", "Максимальный первичный балл: 99999"], "file_frame", "99999"),
        (["ВПР 2026 Математика 4 класс", "Максимальный первичный балл: 0"], "file_frame", "балл 0"),
    ],
)
def test_a_title_that_cannot_be(lines: list[str], issue_type: str, word: str) -> None:
    with pytest.raises(Refusal) as refused:
        from_title(titled(*lines))
    assert refused.value.issue_type == issue_type
    assert word in refused.value.message()


@pytest.mark.parametrize(
    ("line", "year"),
    [("Дата: 20.04.2026", 2026), ("Дата:  2026-04-20 00:00:00", 2026), ("Дата: вчера", None), ("", None)],
)
def test_the_date_of_a_report_is_text_or_a_date_of_excel(line: str, year: int | None) -> None:
    assert report_date_year(titled(line)) == year


@pytest.mark.parametrize(("top", "doubts"), [(24, False), (25, True), (23, True)])
def test_the_printed_maximum_is_held_against_the_tasks(tmp_path: Path, top: int, doubts: bool) -> None:
    (grid,) = read(making.xlsx(tmp_path / "a.xlsx", making.f1(top=top)), "xlsx")
    found = recognise(grid)
    assert found is not None
    said = check_frame(from_title(found), found)
    assert (said is not None) == doubts
    assert said is None or f"балл {top}, а сумма максимумов заданий 24" in said


# ---- declared, and the content


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (Declared(None, "MA", 4), "неизвестны год"),
        (Declared(2021, None, None), "неизвестны предмет, класс"),
        (Declared(2021, "MA", 12), "класса 12 не бывает"),
    ],
)
def test_a_work_that_is_not_told_is_asked_for(said: Declared, word: str) -> None:
    with pytest.raises(Refusal) as refused:
        from_declared(said)
    assert refused.value.issue_type == "file_work_unknown"
    assert word in refused.value.message()
    assert refused.value.message().endswith("ВПР 2026.xlsx».")


def test_a_declared_work() -> None:
    assert from_declared(Declared(2021, "MA", 4, "edu190001")) == Work(2021, "MA", 4)
    with pytest.raises(Refusal):
        from_declared(Declared(dt.date.today().year + 2, "MA", 4))


def export(folder: Path, rows: making.Rows) -> tuple[Recognised, Grid]:
    (grid,) = read(making.xlsx(folder / "a.xlsx", rows), "xlsx")
    found = recognise(grid)
    assert found is not None
    return found, grid


@pytest.mark.parametrize(
    ("work", "word"),
    [
        (Work(2021, "IS", 5), None),
        (Work(2021, "IS", 6), "заданий 12, а в файле 8"),
        (Work(2021, "MA", 5), "заданий 16, а в файле 8"),
        (Work(2023, "IS", 4), "коды участников начинаются с 5"),
        (Work(2022, "IS", 4), None),  # an autumn sitting: pupils a grade older
        (Work(2023, "IS", 5), None),
    ],
    ids=lambda value: value.title() if isinstance(value, Work) else "",
)
def test_a_declared_work_is_held_against_the_content(tmp_path: Path, work: Work, word: str | None) -> None:
    found, grid = export(tmp_path, making.export_2021())
    if word is None:
        assert check_content(work, found, grid) is None
        return
    with pytest.raises(Refusal) as refused:
        check_content(work, found, grid)
    assert refused.value.issue_type == "file_work_contradiction"
    assert word in refused.value.message()


def test_the_sum_of_printed_maxima_is_held_against_the_codifier(tmp_path: Path) -> None:
    rows = [
        [f"{cell[8:]} (1б)" if str(cell).startswith("балл за") else cell for cell in line]
        for line in making.export_2021()
    ]
    header = rows[0]
    form = [
        ["Код", "Вариант", *header[8:16], "Класс", "Пол", making.JOURNAL, "Итого баллов"],
        [50001, 1, *[1] * 8, "а", "м", 4, 8],
    ]
    found, grid = export(tmp_path, form)
    with pytest.raises(Refusal) as refused:
        check_content(Work(2021, "IS", 5), found, grid)
    assert "максимум работы 15, а в файле 8" in refused.value.message()


def test_a_codifier_of_another_year_only_raises_a_doubt(tmp_path: Path) -> None:
    found, grid = export(tmp_path, making.export_2020())
    assert check_content(Work(2020, "IS", 5), found, grid) is None
    doubt = check_content(Work(2020, "MA", 5), found, grid)
    assert doubt is not None
    assert "заданий 16, в файле 8" in doubt


def test_the_autumn_of_2020_was_written_a_grade_later(tmp_path: Path) -> None:
    found, grid = export(tmp_path, making.export_2020())
    assert possible_grades(Work(2020, "IS", 5), found) == {6}
    with pytest.raises(Refusal) as refused:
        check_content(Work(2020, "IS", 6), found, grid)
    assert "осенью 2020 года работу писали на класс старше" in refused.value.message()


def test_codes_that_do_not_agree_among_themselves_prove_nothing(tmp_path: Path) -> None:
    mixed = "\n".join(f"sch190001 | 1 | {grade}0001 | | | | отсутствовал" for grade in (4, 5, 6)) + " |" * 11
    found, grid = export(
        tmp_path, making.export_2021(mixed.replace("отсутствовал\n", "отсутствовал" + " |" * 11 + "\n"))
    )
    assert check_content(Work(2021, "IS", 5), found, grid) is None


# ---- the school


@pytest.mark.parametrize(
    "text",
    [
        "edu190003",
        "sch190003",
        "KSH190003",
        " edu190003 ",
        "edu190003 | МБОУ «СОШ»",
        "МБОУ «СОШ № 1 (корпус 2)»(edu190003)",
        "EDU 190003",
        "edu-190003",
        "edu_190003.0",
        "еdu190003",  # Cyrillic е
        "увг190003",  # the Russian layout of the keyboard
        "edu19OOO3",  # letters for noughts
        "[edu190003]",
        "МБОУ «СОШ № 3», edu190003",
        "edu190003 (sch190003)",
    ],
)
def test_a_login_in_its_spellings_is_one_school(text: str) -> None:
    assert login_in(text) == "edu190003"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "190003",
        "edu19003",
        "edu1900031",
        "МБОУ «СОШ»",
        "edu190003edu190004",
        "reedu190003",
        "edu190003, edu190004",
        "eduОООООО",
    ],
)
def test_what_is_no_login(text: str) -> None:
    assert login_in(text) is None


@pytest.mark.parametrize(
    ("login", "word"), [(None, "не указано, какая это школа."), ("школа 5", "«школа 5» — не логин")]
)
def test_a_school_that_is_not_told_is_asked_for(login: str | None, word: str) -> None:
    with pytest.raises(Refusal) as refused:
        school(Declared(2026, "RU", 4, login))
    assert refused.value.issue_type == "file_school_unknown"
    assert word in refused.value.message()
    assert school(Declared(login="sch190001")) == "edu190001"
