"""One recogniser of subjects and classes: names of files as regions write them, titles, cells."""

from __future__ import annotations

import pytest

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading.header import Recognised
from msoko_pipeline.reading.procedures.declared import Declared, from_declared, from_path
from msoko_pipeline.reading.procedures.work import Work, from_title
from msoko_pipeline.text.grades import grades_in
from msoko_pipeline.text.subjects import GIA, VPR, VSOSH, profile_of, subject_of, subjects_in

NAMES = """
Проведение работы по русскому языку, 4 класс. ВПР 2021.xlsx | 2021 RU 4
Проведение работы по математике, 7 класс (углубленный уровень). ВПР 2025.xlsx | 2025 MU 7
2021/ВПР_4_класс_Окружающий_мир.csv | 2021 OM 4
ВПР 2022 по окружающему миру в четвёртых классах.xlsx | 2022 OM 4
2022/Биология 6-е классы.xlsx | 2022 BI 6
2022/по биологии, 6-х классов.xlsx | 2022 BI 6
2021/РЕЗУЛЬТАТЫ ВПР ПО ОБЩЕСТВОЗНАНИЮ 8 КЛАСС.xlsx | 2021 OB 8
2021/СВЕДЕНИЯ ОБ УЧАСТНИКАХ ВПР ПО ИСТОРИИ, 6 КЛ.xlsx | 2021 IS 6
ВПР-2021 рус.яз. 5 кл.xlsx | 2021 RU 5
2021/Рус.яз 5.xlsx | 2021 RU 5
2021/русск.яз_5кл.xlsx | 2021 RU 5
2021/рус-яз-5.xlsx | 2021 RU 5
2021/Окр. мир 4кл.xlsx | 2021 OM 4
2021/окр.мир-4.xlsx | 2021 OM 4
2021/Англ. яз. 7 класс.xlsx | 2021 EN 7
2021/Иностранный язык (английский), 7 класс.xlsx | 2021 EN 7
2021/иностранному языку (немецкому) 7 кл..xlsx | 2021 DE 7
2021/Ин.яз.(франц.) 7 класс.xlsx | 2021 FR 7
2021/иняз английский 11.xlsx | 2021 EN 11
2021/Лит.чтение 4 класс.xlsx | 2021 LC 4
2024/Литературному чтению, 4-й класс.xlsx | 2024 LC 4
vpr_2021_russkij_4.csv | 2021 RU 4
vpr_2021_russkiy_yazyk_4_klass.csv | 2021 RU 4
matematika_5_2021.csv | 2021 MA 5
2021/okruzhayushchij_mir_4.csv | 2021 OM 4
2021/obshchestvoznanie-8.csv | 2021 OB 8
2021/obshhestvoznanie-8.csv | 2021 OB 8
2021/istoriya 6.csv | 2021 IS 6
2021/istorija 6.csv | 2021 IS 6
2021/himiya8.csv | 2021 HI 8
2021/khimiya8.csv | 2021 HI 8
2021/po_fizike_8_klass.csv | 2021 FI 8
2021/anglijskij_yazyk_7.csv | 2021 EN 7
2021/geografiya_7.csv | 2021 GG 7
2021/МА7.xlsx | 2021 MA 7
2021/РУ_5.xlsx | 2021 RU 5
2021/РУ-5.xlsx | 2021 RU 5
2021/ФИ8 город.xlsx | 2021 FI 8
2021/PУ 5.xlsx | 2021 RU 5
2021/MA_7 данные.xlsx | 2021 MA 7
2021/IV класс/математика.xlsx | 2021 MA 4
2021/V кл русский язык.xlsx | 2021 RU 5
2021/для 4 классов по математике.xlsx | 2021 MA 4
2021/Математика в пятых классах.xlsx | 2021 MA 5
2021/Русский язык пятиклассники.xlsx | 2021 RU 5
2021/класс 4А математика.xlsx | 2021 MA 4
2021/Математика 4А класс.xlsx | 2021 MA 4
2021/Математика 4 «А» класс.xlsx | 2021 MA 4
2021/Математика 4-А.xlsx | 2021 MA 4
СОШ 5/2021/Математика 4 класс.xlsx | 2021 MA 4
СОШ № 5, 4 класс, математика 2021.xlsx | 2021 MA 4
школа 7 математика 4 класс 2021.xlsx | 2021 MA 4
МБОУ СОШ №8 ВПР 2021 Русский язык 6 класс вариант 2.xlsx | 2021 RU 6
2021/Математика 5 класс (2).xlsx | 2021 MA 5
2021/Математика 5 класс - копия (3).xlsx | 2021 MA 5
2021/5 класс/Математика 12.04.2021.xlsx | 2021 MA 5
2021/4/Математика от 15.03.2022.xlsx | 2021 MA 4
Русский язык 4 класс 2020-2021 учебный год.xlsx | 2021 RU 4
2021/04/Математика.xlsx | 2021 MA 4
2021/4 класс/Математика 5 класс.xlsx | 2021 MA ?
2021/Математика 4 и 5 классы.xlsx | 2021 MA ?
2021/Математика 4-8 классы.xlsx | 2021 MA ?
2021/Математика и русский язык 4 класс.xlsx | 2021 ? 4
2021/Русский язык/Математика 4 класс.xlsx | 2021 ? 4
2021/4 класс (РУ, МА)/Математика.xlsx | 2021 MA 4
Русский 4 (2021).csv | 2021 RU 4
2021/Русская гимназия/Математика 4 класс.xlsx | 2021 MA 4
2021/Физико-математический лицей/Химия 8 класс.xlsx | 2021 HI 8
2021/Математический лицей/Русский язык 8 класс.xlsx | 2021 RU 8
2021/Инф-ка 8 кл.xlsx | 2021 IN 8
2021/Мат-ка 8 кл.xlsx | 2021 MA 8
2021/матем. 8 кл.xlsx | 2021 MA 8
2021/матем 8 кл.xlsx | 2021 MA 8
2021/Общ-во 8 кл.xlsx | 2021 OB 8
2021/обществозн. 8 кл.xlsx | 2021 OB 8
2021/биол. 8 кл.xlsx | 2021 BI 8
2021/Геогр 8 кл.xlsx | 2021 GG 8
2021/хим. 8 кл.xlsx | 2021 HI 8
2021/Физика (углублённый) 8 класс.xlsx | 2021 FU 8
2021/8 класс углубл. Физика.xlsx | 2021 FU 8
2021/Физика базовый уровень 8 класс.xlsx | 2021 FI 8
2026/Математика с углублённым изучением 7 класс.xlsx | 2026 MU 7
2026/Математика 7 класс (с углублённым изучением математики).xlsx | 2026 MU 7
2026/Углублённая математика, 8 класс.xlsx | 2026 MU 8
2026/Математика (У) 7 класс.xlsx | 2026 MU 7
2026/МА7У.xlsx | 2026 MU 7
2026/МА_7_У.xlsx | 2026 MU 7
2026/МА(у) 7.xlsx | 2026 MU 7
2026/МАУ 7 класс.xlsx | 2026 MU 7
2026/ФИ8у город.xlsx | 2026 FU 8
2026/МУ 8.xlsx | 2026 MU 8
2026/matematika_uglublennaya_7.csv | 2026 MU 7
2026/Математика/Математика углубл. 7 класс.xlsx | 2026 MU 7
2026/углублённый уровень/Математика 7 класс.xlsx | 2026 MU 7
2026/7 класс, углублённый уровень/Физика.xlsx | 2026 FU 7
2026/базовый уровень/МА 7.xlsx | 2026 MA 7
2026/углублённый уровень/Русский язык 7.xlsx | 2026 RU 7
2026/МА 7Б.xlsx | 2026 MA 7
2026/РУ 7У.xlsx | 2026 RU 7
2026/Математика 7 класс у всех.xlsx | 2026 MA 7
МАУ СОШ 7/2026/Математика 8 класс.xlsx | 2026 MA 8
МАУ «Лицей № 7»/2026/8 класс.xlsx | 2026 - 8
СОШ с углублённым изучением отдельных предметов/2026/Математика 7 класс.xlsx | 2026 MA 7
СОШ № 3 с углубленным изучением математики/2026/Русский язык 7 класс.xlsx | 2026 RU 7
Лицей с углублённым изучением физики и математики, Русский язык 7 класс 2026.xlsx | 2026 RU 7
СОШ № 3 с углубленным изучением английского языка/2026/МА 7.xlsx | 2026 MA 7
СОШ № 3 Математика с углубленным изучением 7 класс 2026.xlsx | 2026 MU 7
2021/История (углубленный уровень) 8.xlsx | 2021 ? 8
2023/Единая проверочная работа по социально-гуманитарным предметам 11 класс.xlsx | 2023 SG 11
2023/Соц.-гум. 11 класс.xlsx | 2023 SG 11
2022/Родной (русский) язык 5 класс.xlsx | 2022 - 5
выгрузка_2022.zip/8_класс/физика/данные.csv | 2022 FI 8
2021/Informatika8.xlsx | 2021 IN 8
2021/math_5.csv | 2021 MA 5
2021/grade5_math.csv | 2021 MA 5
2021/английский_7_2021.xlsx | 2021 EN 7
Русский язык_5 класс_ВПР_2021_Республика.xlsx | 2021 RU 5
2021/04_РУ_5 класс.xlsx | 2021 RU 5
2021/1. Математика 4 класс.xlsx | 2021 MA 4
2021/5. Математика 4 класс.xlsx | 2021 MA 4
2021/4-е классы. Математика.xlsx | 2021 MA 4
2021/11-х классов История.xlsx | 2021 IS 11
2021/10 класс/География.xlsx | 2021 GG 10
2021/7 КЛАССОВ ПО НЕМЕЦКОМУ ЯЗЫКУ.xlsx | 2021 DE 7
2021/4-Х КЛАССОВ ПО МАТЕМАТИКЕ.xlsx | 2021 MA 4
2021/География, 7 «Б».xlsx | 2021 GG 7
2021/vpr 7 fizika.csv | 2021 FI 7
2021/Класс-4/Предмет-Математика.xlsx | 2021 MA 4
"""
"""Path | year, subject, class; ?: two are named, -: none is."""


@pytest.mark.parametrize("line", NAMES.strip().splitlines(), ids=lambda line: line.split(" | ")[0])
def test_a_name_of_a_file_tells_the_work(line: str) -> None:
    path, expected = line.split(" | ")
    declared = from_path(path)
    subject = declared.subject or ("?" if declared.subject_doubt else "-")
    grade = declared.grade or ("?" if declared.grade_doubt else "-")
    assert f"{declared.year} {subject} {grade}" == expected.strip()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("2021/4 класс/Математика 5 класс.xlsx", "названы классы 4, 5"),
        ("2021/Математика и русский язык 4 класс.xlsx", "«Математика», «Русский язык»"),
        ("2021/История (углубленный уровень) 8.xlsx", "«История» (углублённый уровень)"),
    ],
)
def test_two_of_a_kind_are_a_question(path: str, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        from_declared(from_path(path))
    assert refused.value.issue_type == "file_work_ambiguous"
    assert words in refused.value.message()


def test_a_manifest_settles_what_a_path_leaves_open() -> None:
    by_path = from_path("2021/4 класс/Математика и русский язык 5 класс.xlsx")
    assert from_declared(Declared(subject="RU", grade=4).completed(by_path)) == Work(2021, "RU", 4)


@pytest.mark.parametrize(
    ("text", "procedure", "code"),
    [
        ("Русскому языку", VPR, "RU"), ("Математика (углубленный уровень)", VPR, "MU"), ("Физика (У)", VPR, "FU"),
        ("Русский язык (У)", VPR, None), ("Математика (углубленный уровень)", GIA, "MA"), ("по биологии", VPR, "BI"),
        ("Математика (базовый уровень)", VPR, "MA"), ("Рус.яз", VPR, "RU"), ("иностранный язык", VPR, None),
        ("Математика и физика", VPR, None), ("Математика базового уровня", GIA, "MB"), ("Информатика и ИКТ", GIA, "IN"),
        ("Математика (профильная)", GIA, "MA"), ("Труд (технология)", VSOSH, "TE"), ("ОБЗР", VSOSH, "OZ"),
        ("Основам безопасности и защиты Родины", VSOSH, "OZ"), ("физ-ра", VSOSH, "FK"), ("история", VPR, "IS"),
        ("Родной язык (русский)", VPR, None), ("пение", VPR, None),
    ],
)  # fmt: skip
def test_a_cell_that_names_a_subject(text: str, procedure: str, code: str | None) -> None:
    assert subject_of(text, procedure) == code


def test_a_profile_stands_beside_a_subject() -> None:
    assert profile_of("Труд (технология): робототехника") == ("TE", "робототехника")
    assert profile_of("Информатика (программирование)") == ("IN", "программирование")
    assert profile_of("Математика, физика") == (None, None)


def test_words_that_only_look_like_subjects() -> None:
    for text in ("Русская гимназия", "Сведения об участниках", "физико-математический лицей", "Министерство труда"):
        assert subjects_in(text, VPR) == subjects_in(text, VSOSH) == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [("4–6 классы", (6, 5, 4)), ("классы: 4, 5", (4, 5)), ("школа 4, 5 класс", (5,)), ("в 4-х классах", (4,)),
     ("IV и V классы", (5, 4)), ("12.04.2021, 4 «Б» класс", (4,)), ("вариант 1 и 2, 4 класс", (4,))],
)  # fmt: skip
def test_classes_of_a_text(text: str, named: tuple[int, ...]) -> None:
    assert grades_in(text).named == named


@pytest.mark.parametrize(
    ("lines", "work"),
    [
        (["Проведение работы по русскому языку, 4 класс. ВПР 2021"], Work(2021, "RU", 4)),
        (["4 класс, ВПР 2025, математика (углублённый уровень)"], Work(2025, "MU", 4)),
        (["ВПР 2026 Математика с углублённым изучением 7 класс"], Work(2026, "MU", 7)),
        (["ВПР 2026 Математика 7 класс", "Предмет: Математика (углубленный уровень)"], Work(2026, "MU", 7)),
        (["ВПР 2026 Физика (базовый уровень) 8 класс", "Предмет: Физика"], Work(2026, "FI", 8)),
        (["Всероссийские проверочные работы 2023", "Предмет: История", "6-е классы"], Work(2023, "IS", 6)),
        (["ВПР 2026 ПО БИОЛОГИИ, 5 КЛАСС", "МБОУ «Гимназия русского языка»"], Work(2026, "BI", 5)),
    ],
)
def test_a_title_in_any_order(lines: list[str], work: Work) -> None:
    assert from_title(Recognised("Лист1", "marks", 7, lines, [], {}, [])) == work


def test_a_title_of_two_subjects_is_a_question() -> None:
    with pytest.raises(Refusal) as refused:
        from_title(Recognised("", "marks", 7, ["ВПР 2026 Русский язык 4 класс", "Предмет: Математика"], [], {}, []))
    assert refused.value.issue_type == "file_work_ambiguous"
