"""Protocols of ВсОШ as schools and municipalities keep them: the same pupils whatever the jury's table looks like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from msoko_pipeline.reading.persons import person_key
from msoko_pipeline.reading.procedures.declared import from_path
from msoko_pipeline.reading.procedures.olympiad_titles import class_of
from tests import making
from tests.making import Taken, take_in

FIRST, SECOND, THIRD = "Образцова Проба Примеровна", "Тестов Макет Образцович", "Шаблонова Ева Примеровна"
STAGE = "муниципального этапа всероссийской олимпиады школьников"
TITLE = f"Протокол заседания жюри {STAGE} по математике 2025/2026 учебный год"

PROTOCOLS: dict[str, tuple[str, Any, list[tuple[Any, ...]]]] = {
    "an order above, a jury below": (
        "МЭ/Математика.xlsx",
        [
            ["Приложение 1"],
            ["к приказу управления образования от 01.11.2024 № 123"],
            [TITLE],
            [],
            ["№ п/п", "ФИО", "ОО", "Класс", "Итого", "Статус"],
            [1, FIRST, "МБОУ «СОШ № 1»", "9А", 30, "победитель"],
            [2, SECOND, "Лицей", '9 "Б"', 20, "призёр"],
            [3, THIRD, "Гимназия", "10", 10, "участник"],
            [],
            ["Председатель жюри", None, "Образцова М.И."],
            ["Члены жюри:"],
            [None, "Пробников П.П."],
        ],
        [("MA", 9, 30.0, "winner"), ("MA", 9, 20.0, "prizewinner"), ("MA", 10, 10.0, "participant")],
    ),
    "no status, no title": (
        "ВсОШ/2025-2026/Муниципальный этап/Физика.xlsx",
        [
            [
                "№",
                "Ф.И.О. участника",
                "Образовательное учреждение",
                "Класс",
                "1",
                "2",
                "3",
                "4",
                "5",
                "Сумма",
                "%",
                "Рейтинг",
            ],
            [1, FIRST, "СОШ № 1", 9, 10, 10, 5, 0, 0, 25, 50, 1],
            [2, SECOND, "СОШ № 2", 9, 1, 1, 1, 1, 1, 5, 10, 2],
        ],
        [("FI", 9, 25.0, None), ("FI", 9, 5.0, None)],
    ),
    "a line of maxima, totals": (
        "ВсОШ/2025-2026/Муниципальный этап/Химия.xlsx",
        [
            [TITLE.replace("математике", "химии")],
            ["ФИО", "Школа", "Класс", "Задание 1", "Задание 2", "Задание 3", "Общий балл", "Место", "Статус"],
            ["Максимальный балл", None, None, 10, 20, 20, 50, None, None],
            [FIRST, "СОШ № 1", 9, 10, 10, 5, 25, 1, "Призер"],
            [SECOND, "СОШ № 2", 9, 1, 1, 1, 3, 2, "Участник"],
            ["Итого", None, None, None, None, None, 28],
        ],
        [("HI", 9, 25.0, "prizewinner"), ("HI", 9, 3.0, "participant")],
    ),
    "ciphers, the school by its folder": (
        "ВсОШ/2025-2026/Школьный этап/edu190001/Биология 7 класс.xlsx",
        [
            ["Протокол школьного этапа ВсОШ по биологии, 7 класс"],
            ["Шифр", "Класс", "Количество баллов", "Результат"],
            ["Б-7-01", 7, 40, "Победитель"],
            ["Б-7-02", 7, 30, "Призер"],
            ["Б-7-03", 7, 10, "Участник"],
        ],
        [("BI", 7, 40.0, "winner"), ("BI", 7, 30.0, "prizewinner"), ("BI", 7, 10.0, "participant")],
    ),
    "two classes": (
        "ВсОШ/2025-2026/Муниципальный этап.xlsx",
        {
            "Русский язык": [
                [
                    "ФИО участника",
                    "Наименование ОУ",
                    "Класс обучения",
                    "Класс участия",
                    "Итоговый балл",
                    "Максимальный балл",
                    "% выполнения",
                    "Статус участника",
                ],
                [FIRST, "СОШ № 1", 8, 9, 45, 60, 0.75, "победитель"],
                [SECOND, "СОШ № 2", 9, 9, 15, 60, 0.25, "участник"],
            ]
        },
        [("RU", 9, 45.0, "winner"), ("RU", 9, 15.0, "participant")],
    ),
    "a header of two lines": (
        "ВсОШ/2025-2026/Муниципальный этап/История.xlsx",
        [
            ["Участник", None, None, "Результаты", None, None],
            ["ФИО", "ОО", "Класс", "Балл", "% выполнения", "Статус"],
            [FIRST, "СОШ № 1", 9, 40, 80, "победитель"],
            [SECOND, "СОШ № 2", 10, 20, 40, "участник"],
        ],
        [("IS", 9, 40.0, "winner"), ("IS", 10, 20.0, "participant")],
    ),
    "technology with rounds": (
        "ВсОШ/2025-2026/Муниципальный этап/Технология.xlsx",
        [
            ["Протокол муниципального этапа ВсОШ по технологии"],
            [
                "№",
                "ФИО",
                "Школа",
                "Класс",
                "Направление",
                "Теоретический тур",
                "Практический тур",
                "Защита проекта",
                "Итого баллов",
                "Статус",
            ],
            [1, FIRST, "СОШ № 1", 8, "Культура дома", 20, 30, 40, 90, "победитель"],
            [2, SECOND, "СОШ № 2", 8, "Робототехника", 10, 10, 10, 30, "участник"],
        ],
        [("TE", 8, 90.0, "winner"), ("TE", 8, 30.0, "participant")],
    ),
    "physical culture, parts under rounds": (
        "ВсОШ/2025-2026/Муниципальный этап/Физическая культура.xlsx",
        [
            [
                "№",
                "Фамилия",
                "Имя",
                "Отчество",
                "ОО",
                "Класс",
                "Теоретический тур",
                None,
                "Практический тур",
                None,
                "Итог",
                "Рейтинг",
                "Тип диплома",
            ],
            [None, None, None, None, None, None, "балл", "зачётный балл", "гимнастика", "баскетбол", None, None, None],
            [1, "Образцова", "Проба", "Примеровна", "СОШ № 1", 8, 20, 18, 30, 40, 88, 1, "победитель"],
            [2, "Тестов", "Макет", "Образцович", "СОШ № 2", 8, 10, 9, 5, 5, 19, 2, None],
        ],
        [("FK", 8, 88.0, "winner"), ("FK", 8, 19.0, None)],
    ),
    "a sheet a class": (
        "ВсОШ/2025-2026/Школьный этап/edu190001/Математика.xlsx",
        {
            "5 класс": [
                ["Протокол школьного этапа по математике"],
                ["ФИО", "Балл", "Статус"],
                [FIRST, 20, "победитель"],
                [SECOND, 10, "участник"],
            ],
            "6 класс": [
                ["Протокол школьного этапа по математике"],
                ["ФИО", "Балл", "Статус"],
                [FIRST, 20, "победитель"],
                [THIRD, 10, "участник"],
            ],
        },
        [
            ("MA", 5, 20.0, "winner"),
            ("MA", 5, 10.0, "participant"),
            ("MA", 6, 20.0, "winner"),
            ("MA", 6, 10.0, "participant"),
        ],
    ),
    "classes between the rows": (
        "ВсОШ/2025-2026/Муниципальный этап/География.xlsx",
        [
            [TITLE.replace("математике", "географии")],
            ["№", "ФИО", "Краткое наименование ОО", "Сумма баллов", "Статус"],
            ["7 класс"],
            [1, FIRST, "СОШ № 1", 20, "победитель"],
            ["8 класс"],
            [1, SECOND, "СОШ № 2", 10, "участник"],
            [2, THIRD, "СОШ № 2", 9, "участник"],
        ],
        [("GG", 7, 20.0, "winner"), ("GG", 8, 10.0, "participant"), ("GG", 8, 9.0, "participant")],
    ),
    "absent and disqualified": (
        "ВсОШ/2025-2026/Муниципальный этап/ОБЖ.xlsx",
        [
            ["Протокол муниципального этапа ВсОШ по ОБЖ"],
            ["ФИО", "Школа", "Класс", "Балл", "Статус"],
            [FIRST, "СОШ № 1", 9, 20, "победитель"],
            [SECOND, "СОШ № 2", 9, None, "неявка"],
            [THIRD, "СОШ № 2", 9, "не явилась", None],
            ["Пробников Лев Образцович", "СОШ № 2", 9, 3, "дисквалифицирован"],
        ],
        [("OZ", 9, 20.0, "winner"), ("OZ", 9, None, None), ("OZ", 9, None, None), ("OZ", 9, 3.0, None)],
    ),
    "numbered columns, diplomas": (
        "ВсОШ/2025-2026/Муниципальный этап/Право.xlsx",
        [
            [TITLE.replace("математике", "праву")],
            [
                "№ п/п",
                "Фамилия Имя Отчество участника",
                "Муниципалитет",
                "Образовательная организация",
                "Класс",
                "Результат (балл)",
                "Диплом",
            ],
            [1, 2, 3, 4, 5, 6, 7],
            [1, FIRST, "г. Пробный", "СОШ № 1", 9, 20, "Диплом победителя"],
            [2, SECOND, "г. Пробный", "СОШ № 2", 9, 10, "Диплом призёра"],
            [3, THIRD, "г. Пробный", "СОШ № 2", 9, 1, None],
        ],
        [("PR", 9, 20.0, "winner"), ("PR", 9, 10.0, "prizewinner"), ("PR", 9, 1.0, None)],
    ),
    "the school in the title": (
        "ВсОШ/2025-2026/Школьный этап/Литература.xlsx",
        [
            ["Протокол школьного этапа ВсОШ по литературе в МБОУ «СОШ № 3» г. Пробного"],
            ["№", "ФИО", "Класс", "Баллы", "Статус"],
            [1, FIRST, "6а", 20, "победитель"],
            [2, SECOND, "6б", 10, "участник"],
        ],
        [("LI", 6, 20.0, "winner"), ("LI", 6, 10.0, "participant")],
    ),
    "English with its parts": (
        "ВсОШ/2025-2026/Муниципальный этап/Английский язык.xlsx",
        [
            ["Английский язык. Муниципальный этап"],
            [
                "Код участника",
                "ФИО",
                "ОУ",
                "Класс",
                "Аудирование",
                "Чтение",
                "Use of English",
                "Письмо",
                "Говорение",
                "Итого",
                "Статус",
            ],
            ["А-1", FIRST, "СОШ № 1", 9, 10, 10, 10, 10, 10, 50, "Победитель"],
            ["А-2", SECOND, "СОШ № 2", 9, 1, 1, 1, 1, 1, 5, "Участник"],
        ],
        [("EN", 9, 50.0, "winner"), ("EN", 9, 5.0, "participant")],
    ),
    "a column nobody knows": (
        "ВсОШ/2025-2026/Муниципальный этап/Астрономия.xlsx",
        [
            ["ФИО", "Школа", "Класс", "Балл", "Статус", "Комментарий организатора"],
            [FIRST, "СОШ № 1", 9, 10, "победитель", "молодец"],
            [SECOND, "СОШ № 2", 9, 1, "участник", None],
        ],
        [("AS", 9, 10.0, "winner"), ("AS", 9, 1.0, "participant")],
    ),
    "text numbers": (
        "ВсОШ/2025-2026/Муниципальный этап/Экология.xlsx",
        [
            ["Дата проведения: 14.11.2025"],
            [
                "ФИО обучающегося",
                "Полное наименование ОО",
                "Класс",
                "Кол-во баллов",
                "Процент выполнения",
                "Место",
                "Статус",
            ],
            [FIRST, "МБОУ «СОШ № 1»", 9, "36,5", "73%", "1", "Победитель"],
            [SECOND, "МБОУ «СОШ № 2»", 9, "5", "10%", "2", "Участник"],
        ],
        [("EL", 9, 36.5, "winner"), ("EL", 9, 5.0, "participant")],
    ),
    "Latin letters": (
        "ВсОШ/2025-2026/Муниципальный этап/Экономика.xlsx",
        [
            ["ФИO", "Шкoлa", "Kлacc", "Бaлл", "Cтaтуc"],
            [FIRST, "СОШ № 1", 9, 10, "пoбeдитeль"],
            [SECOND, "СОШ № 2", 9, 1, "участник"],
        ],
        [("EC", 9, 10.0, "winner"), ("EC", 9, 1.0, "participant")],
    ),
    "all subjects in one list": (
        "ВсОШ/2025-2026/Муниципальный этап итоги.xlsx",
        [
            ["Итоги муниципального этапа ВсОШ"],
            ["№", "Предмет", "ФИО", "ОО", "Класс", "Итоговый балл", "Статус"],
            [1, "Математика", FIRST, "СОШ № 1", 9, 10, "победитель"],
            [2, "Физика", FIRST, "СОШ № 1", 9, 1, "участник"],
        ],
        [("MA", 9, 10.0, "winner"), ("FI", 9, 1.0, "participant")],
    ),
    "results in words": (
        "ВсОШ/2025-2026/Муниципальный этап/Искусство (МХК).xlsx",
        [
            [TITLE.replace("математике", "искусству (МХК)")],
            ["ФИО", "ОО", "Класс", "Балл", "Результат"],
            [FIRST, "СОШ № 1", 9, 10, "Победитель"],
            [SECOND, "СОШ № 2", 9, 1, "Участник"],
        ],
        [("MK", 9, 10.0, "winner"), ("MK", 9, 1.0, "participant")],
    ),
    "the class competed for in brackets": (
        "ВсОШ/2025-2026/Муниципальный этап/Информатика.xlsx",
        [
            ["ФИО", "ОО", "Класс", "Балл", "Статус"],
            [FIRST, "СОШ № 1", "8 (за 9)", 10, "победитель"],
            [SECOND, "СОШ № 2", "9 класс", 1, "участник"],
        ],
        [("IN", 9, 10.0, "winner"), ("IN", 9, 1.0, "participant")],
    ),
}
"""What is unusual → path in the inbox, rows (or sheets), and subject, class, score and status of each pupil."""


def taken(folder: Path, name: str, rows: Any) -> Taken:
    return take_in(making.xlsx(folder / "книга.xlsx", rows), from_path(name), name)


@pytest.mark.parametrize("habit", PROTOCOLS)
def test_a_protocol_is_read_as_it_is_meant(tmp_path: Path, habit: str) -> None:
    name, rows, expected = PROTOCOLS[habit]
    told = taken(tmp_path, name, rows)
    assert set(told.layouts) == {"olympiad_protocol"}
    assert told.counts == (len(expected), len(expected), 0)
    found = told.facts["olympiad_result"][["subject", "grade", "score", "status"]].values.tolist()
    assert [[None if value != value else value for value in row] for row in found] == list(map(list, expected))
    left = " ".join(told.issues["message_ru"])
    assert not any(word in left for name in (FIRST, SECOND, THIRD) for word in name.split())


def test_who_was_absent_is_kept_with_the_reason(tmp_path: Path) -> None:
    told = taken(tmp_path, *PROTOCOLS["absent and disqualified"][:2])
    assert told.facts["olympiad_result"]["outcome"].tolist() == [None, "absent", "absent", "removed"]


def test_the_name_tells_whose_the_row_is_and_the_cipher_where_there_is_none(tmp_path: Path) -> None:
    named = taken(tmp_path / "a", *PROTOCOLS["English with its parts"][:2]).facts["olympiad_result"]["pupil_key"]
    coded = taken(tmp_path / "b", *PROTOCOLS["ciphers, the school by its folder"][:2])
    assert named.tolist()[0] == person_key(FIRST, making.SECRET)
    assert coded.facts["olympiad_result"]["pupil_key"].str.startswith("#").all()


def test_both_classes_of_a_pupil(tmp_path: Path) -> None:
    for habit in ("two classes", "the class competed for in brackets"):
        (first, *_) = taken(tmp_path / habit, *PROTOCOLS[habit][:2]).facts["olympiad_result"].to_dict("records")
        assert (first["pupil_grade"], first["grade"]) == (8, 9)


def test_the_greatest_score_of_a_line_under_the_header(tmp_path: Path) -> None:
    told = taken(tmp_path, *PROTOCOLS["a line of maxima, totals"][:2])
    assert told.facts["olympiad_result"]["max_score"].tolist() == [50, 50]
    assert "строка максимальных баллов — строка 3; итоги — строка 6" in told.messages("sheet_asides")[0]


@pytest.mark.parametrize(
    ("title", "grade"),
    [
        ("Класс: 9", 9), ("9 класс", 9), ('Математика, 7 "А" класс', 7), ("Параллель 8", 8), ("10-й класс", 10),
        ("11 кл.", 11), ("7 и 8 классы", None),
        ("5–6 классы", None), ("Классный час", None), ("2025/2026 учебный год", None), ("Задания 7 и 8", None),
    ],
)  # fmt: skip
def test_the_class_of_a_title(title: str, grade: int | None) -> None:
    assert class_of(title) == grade


def test_a_column_that_nobody_knows_is_told(tmp_path: Path) -> None:
    told = taken(tmp_path, *PROTOCOLS["a column nobody knows"][:2])
    assert "«Комментарий организатора»" in told.messages("sheet_columns_unread")[0]


def test_a_protocol_that_names_no_school_is_refused_in_words(tmp_path: Path) -> None:
    rows = [["Школьный этап ВсОШ 2025/2026 по математике"], ["ФИО", "Класс", "Балл"], [FIRST, 7, 10]]
    told = taken(tmp_path, "ВсОШ/протокол.xlsx", rows)
    assert told.refusal is not None
    assert told.refusal.issue_type == "file_school_unknown"


@pytest.mark.parametrize("name", ["contest", "gifted", "shift"])
def test_a_register_with_a_renamed_column_is_no_protocol(tmp_path: Path, name: str) -> None:
    path = making.filled_form(tmp_path, name)
    book = openpyxl.load_workbook(path)
    for cell in book.worksheets[0][1]:
        if cell.value in ("Код мероприятия", "Критерий", "Код смены"):
            cell.value = "Столбец"
    book.save(path)
    assert "olympiad_protocol" not in take_in(path).layouts


def test_the_columns_of_another_exam_make_no_protocol(tmp_path: Path) -> None:
    rows = [["ФИО", "Класс", "Вариант", "Балл"], [FIRST, 9, 1, 20]]
    assert taken(tmp_path, "ВсОШ/2025-2026/Муниципальный этап.xlsx", rows).layouts == []


def test_nobody_of_a_title_between_rows_or_of_an_unknown_header_is_kept(tmp_path: Path) -> None:
    rows = [
        ["ФИО", "ОО", "Балл", "Учила Секреткина Анна Петровна и другие"],
        ["8 класс, учитель Секреткина А.П."],
        [FIRST, "СОШ № 1", 10, "да"],
        ["Председатель жюри", "Секреткина А.П."],
    ]
    told = taken(tmp_path, "ВсОШ/2025-2026/Муниципальный этап/Физика.xlsx", rows)
    assert told.facts["olympiad_result"]["grade"].tolist() == [8]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "книга.xlsx.taken").rglob("*") if path.is_file())
    assert "Секреткин" not in kept.decode("utf-8", "ignore")
    assert "Секреткин" not in " ".join(told.issues["message_ru"])
