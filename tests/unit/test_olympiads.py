"""Protocols of ВсОШ: what each layout takes and refuses; stage, school year and subject; nobody is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.reading.persons import code_key
from msoko_pipeline.reading.procedures import olympiads
from msoko_pipeline.senders.rehearsal import rehearse
from msoko_pipeline.settings import Settings
from schemas import catalogue
from tests import making
from tests.making import Taken, take_in
from tests.unit.test_flat import everything_kept

SECRET_WORDS = ("Невидимкин", "Аристарх", "Потаёнович")
HEADER = making.OLYMPIAD_WORKBOOK
PUPIL = ("Математика", "МБОУ «СОШ № 3»", "МА-07-001", "Образцов", "Пётр", "Примерович", 8, 7, 30, 0.6, "победитель")
OTHER = ("Математика", "МБОУ «СОШ № 3»", "МА-07-002", "Шаблонова", "Анна", "Образцовна", 7, None, 12, 0.24, "участник")
PLACE = "ВсОШ/2025-2026/Муниципальный этап.xlsx"
FILLED_DOWN = {"Предмет": "Математика", "ОУ": "МБОУ «СОШ № 3»", "% выполнения": 0}
"""What stands in the rows of the workbook that nobody has filled in."""


def workbook(
    folder: Path, *rows: Any, header: Any = HEADER, sheet: str = "Математика", name: str = PLACE, above: Any = ()
) -> Taken:
    """The municipal workbook: fourteen rows of titles, the header, the rows, prefilled ones; a sheet of rules."""
    titles: list[Any] = [["Протокол всероссийской олимпиады школьников"], *above]
    blank: list[list[Any]] = [[None]] * (14 - len(titles))
    prefilled = [[cells.get(name) for name in header] for cells in [FILLED_DOWN] * 5]
    table = [*titles, *blank, list(header), *map(list, rows), *prefilled]
    return take_in(making.xlsx(folder / "книга.xlsx", {sheet: table, "Правила": [["Заполняйте построчно"]]}), name=name)


def changed(row: tuple[Any, ...], changes: dict[int, Any]) -> list[Any]:
    return [changes.get(place, cell) for place, cell in enumerate(row)]


def plain(told: Taken, *columns: str) -> list[list[Any]]:
    rows = told.facts["olympiad_result"]
    return [[None if value != value else value for value in row] for row in rows[list(columns)].to_numpy().tolist()]


# ---- the municipal workbook


def test_a_sheet_of_the_workbook_is_taken_in(tmp_path: Path) -> None:
    told = workbook(tmp_path, PUPIL, OTHER)
    assert (told.refusal, told.counts, told.layouts, told.types) == (None, (2, 2, 0), ["olympiad_workbook"], set())
    assert told.told.sheets[0]["years"] == [2026]
    columns = ("row", "stage", "subject", "direction", "grade", "pupil_grade", "completion_pct", "status")
    assert plain(told, *columns) == [
        [16, "ME", "MA", "—", 8, 7, 60, "winner"], [17, "ME", "MA", "—", 7, None, 24, "participant"],
    ]  # fmt: skip


def test_technology_has_directions_and_who_is_in_two_of_them_is_there_twice(tmp_path: Path) -> None:
    header = (*HEADER[:8], "Направление практики", *HEADER[8:])
    rows = [[*PUPIL[:8], direction, *PUPIL[8:]] for direction in ("Робототехника", "Культура дома")]
    told = workbook(tmp_path, *rows, header=header, sheet="Труды")
    assert told.counts == (2, 2, 0)
    assert plain(told, "subject", "direction") == [["MA", "Робототехника"], ["MA", "Культура дома"]]
    empty = [[None, *row[1:]] for row in rows]
    assert plain(workbook(tmp_path, *empty, header=header, sheet="Труды"), "subject") == [["TE"], ["TE"]]


def test_physical_education_has_rounds(tmp_path: Path) -> None:
    rounds = ("Теория предв.", "Теория итог.", "Практика предв.", "Практика итог.")
    header = (*HEADER[:6], "Пол", *HEADER[6:8], *rounds, *HEADER[8:])
    told = workbook(tmp_path, [None, *PUPIL[1:6], "м", 8, 8, 1, 2, 3, 4, 40, 0.8, "призер"], header=header,
                    sheet="Физкультура")  # fmt: skip
    assert plain(told, "subject", "score", "completion_pct", "status") == [["FK", 40, 80, "prizewinner"]]


def test_a_maximum_in_the_titles_is_that_of_the_sheet(tmp_path: Path) -> None:
    rows = (changed(PUPIL, {9: None}), changed(OTHER, {8: 60}))
    told = workbook(tmp_path, *rows, above=[["Максимальный балл: 50"]])
    assert told.counts == (2, 1, 1)
    assert plain(told, "score", "max_score", "completion_pct") == [[30, 50, 60]]
    assert "«60» больше, чем «Максимальный балл» (50)" in told.messages("cell_over_whole")[0]


def test_a_maximum_that_is_no_whole_number_is_not_taken_for_its_whole_part(tmp_path: Path) -> None:
    told = workbook(tmp_path, changed(PUPIL, {8: 62.5, 9: None}), above=[["Максимальный балл: 62,5"]])
    assert (told.counts, plain(told, "score", "max_score")) == ((1, 1, 0), [[62.5, None]])


@pytest.mark.parametrize(
    ("written", "read"),
    [([0.56, 1, 0, None], [56, 100, 0, None]), (["56 %", "0,5 %", "1%"], [56, 0.5, 1]), ([56, 40, 1], [56, 40, 1]),
     ([0.56, 0.2, "41 %"], [56, 20, 41])],
)  # fmt: skip
def test_a_column_of_shares_is_of_fractions_or_of_per_cent(tmp_path: Path, written: list[Any], read: list[Any]) -> None:
    rows = [changed(OTHER, {3: "Образцов" + "а" * number, 9: cell}) for number, cell in enumerate(written)]
    assert [value for (value,) in plain(workbook(tmp_path, *rows), "completion_pct")] == read


def test_profiles_of_informatics_are_directions(tmp_path: Path) -> None:
    profiles = ("Информатика (программирование)", "Информатика (робототехника)")
    told = workbook(tmp_path, *(changed(PUPIL, {0: profile}) for profile in profiles))
    assert told.counts == (2, 2, 0)
    assert plain(told, "subject", "direction") == [["IN", "программирование"], ["IN", "робототехника"]]


@pytest.mark.parametrize(
    ("changes", "issue", "word"),
    [
        ({6: 12}, "cell_range", "12"), ({6: "двенадцатый"}, "cell_class_of_pupil", "класс"),
        ({9: 1.4}, "cell_range", "140"), ({8: "много"}, "cell_not_a_number", "много"),
        ({10: "дипломант"}, "cell_not_listed", "победитель"), ({0: "Алхимия"}, "cell_subject", "Алхимия"),
        ({1: None}, "cell_empty", "обязательно"),
    ],
)  # fmt: skip
def test_a_bad_row_waits_in_quarantine(tmp_path: Path, changes: dict[int, Any], issue: str, word: str) -> None:
    told = workbook(tmp_path, PUPIL, changed(OTHER, changes))
    assert told.counts == (2, 1, 1)
    assert told.quarantine["row"].tolist() == [17]
    assert any(word in message for message in told.messages(issue)), told.issues["message_ru"].tolist()


@pytest.mark.parametrize(
    ("changes", "issue", "word"),
    [
        ({9: 0.5}, "cell_winner_half", "50 %"), ({6: 6, 7: 6}, "cell_grade_of_stage", "с 7 класса"),
        ({7: 9}, "cell_grade_below_own", "выступает за 8 класс, а учится в 9"),
    ],
)  # fmt: skip
def test_a_doubtful_row_is_taken_and_told(tmp_path: Path, changes: dict[int, Any], issue: str, word: str) -> None:
    told = workbook(tmp_path, changed(PUPIL, changes), OTHER)
    assert (told.counts, told.types) == ((2, 2, 0), {issue})
    assert word in told.messages(issue)[0]


def test_a_winner_with_more_than_half_is_no_doubt(tmp_path: Path) -> None:
    assert workbook(tmp_path, changed(PUPIL, {9: 0.51})).types == set()


def test_a_pupil_twice_is_refused_however_the_name_is_spelled(tmp_path: Path) -> None:
    again = changed(PUPIL, {3: "ОБРАЗЦОВ ", 4: "Петр", 5: "примерович", 8: 31})
    told = workbook(tmp_path, PUPIL, again)
    assert (told.counts, told.types) == ((2, 1, 1), {"row_duplicate_key"})


@pytest.mark.parametrize("place", [0, 1, 2, 6, 7, 8, 9, 10])
def test_nobody_is_named_wherever_a_name_stands(tmp_path: Path, place: int) -> None:
    name = dict(zip((3, 4, 5), SECRET_WORDS, strict=True))
    row = changed(PUPIL, {**name, place: " ".join(SECRET_WORDS)})
    told = workbook(tmp_path, row, OTHER, above=[["Председатель жюри Невидимкин Аристарх Потаёнович"]])
    kept = everything_kept(tmp_path) + str(told.facts) + str(told.issues.to_dict()) + str(told.quarantine.to_dict())
    assert [word for word in SECRET_WORDS if word in kept] == []
    assert sum(told.counts[1:]) == told.counts[0] == 2


# ---- which stage, year and subject


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2024/25", 2025), ("2024-2025", 2025), ("2024/2025 учебный год", 2025), ("15.11.2024", 2025),
        ("2025-01-20 00:00:00", 2025), ("2025", 2025), ("ШЭ_2024_2025", 2025), ("2024-11", 2024), ("сезон", None),
    ],
)  # fmt: skip
def test_school_years(text: str, year: int | None) -> None:
    assert olympiads.year_of(text) == year


@pytest.mark.parametrize(("text", "bare"), [("2025", True), ("2024/25", False), ("15.11.2024", False), ("этап", False)])
def test_a_year_alone_is_known_for_one(text: str, bare: bool) -> None:
    assert olympiads.is_bare(text) == bare


def test_every_subject_is_known_by_its_spellings() -> None:
    subjects = catalogue.subjects_of("vsosh")
    assert len(subjects) == 24
    for row in subjects.values():
        for spelling in filter(None, (row["code"], row["title"], row["short"], *row["spellings"].split("|"))):
            assert olympiads.subject_of(spelling.upper()) == row["code"]
    assert olympiads.subject_of("Все предметы") == "ALL"


@pytest.mark.parametrize(
    ("name", "above", "told"),
    [
        ("a.xlsx", [["Муниципальный этап ВсОШ 2024/25"]], ("ME", 2025)),
        ("ШЭ 2025-2026/a.xlsx", [["Муниципальный этап 2024/25 учебного года"]], ("ME", 2025)),
        ("ВсОШ/2025-2026/ШЭ/математика.xlsx", [], ("SHE", 2026)),
        ("ВсОШ/Региональный этап/от 20.01.2026.xlsx", [], ("RE", 2026)),
        ("a.xlsx", [["Протокол муниципального этапа олимпиады 2024/25"]], ("ME", 2025)),
        ("Призёры школьного этапа, приглашённые на МЭ, 2025-26.xlsx", [], ("SHE", 2026)),
    ],
)  # fmt: skip
def test_titles_go_before_the_path(tmp_path: Path, name: str, above: Any, told: tuple[str, int]) -> None:
    found = workbook(tmp_path, OTHER, name=name, above=above)
    assert (plain(found, "stage")[0][0], *found.told.sheets[0]["years"]) == told
    assert found.types <= {"cell_grade_of_stage"}


def test_a_year_alone_is_asked_about(tmp_path: Path) -> None:
    told = workbook(tmp_path, PUPIL, name="ВсОШ 2026/МЭ.xlsx")
    assert told.types == {"file_year_bare"}
    assert "отнесён к 2026 году" in told.messages("file_year_bare")[0]


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("Протокол по математике, 9 класс", "MA"), ("по предмету «Русский язык»", "RU"), ("Предмет: Право", "PR"),
        ("по физической культуре", "FK"), ("Итоги по праву", "PR"), ("по правилам проведения", None), ("Труды", "TE"),
    ],
)  # fmt: skip
def test_the_subject_of_a_title(tmp_path: Path, title: str, code: str | None) -> None:
    told = workbook(tmp_path, changed(OTHER, {0: None}), sheet="Лист1", above=[[title]])
    assert (plain(told, "subject") if code else told.types) == ([[code]] if code else {"cell_empty"})


@pytest.mark.parametrize(("name", "word"), [("ВсОШ 2025-2026.xlsx", "этап не назван"), ("МЭ.xlsx", "год не назван")])
def test_a_stage_or_a_year_that_nobody_tells_refuses_the_file(tmp_path: Path, name: str, word: str) -> None:
    told = workbook(tmp_path, PUPIL, name=name)
    assert told.refusal is not None
    assert told.refusal.issue_type == "file_olympiad_unknown"
    assert word in told.refusal.message()


def test_a_file_is_asked_again_when_its_name_begins_to_tell(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    path = making.xlsx(settings.inbox / "протокол.xlsx", {"Математика": [list(HEADER), list(PUPIL)]})
    intake.receive(settings)
    (entry,) = ledger_of(settings).files()
    assert (entry.status, entry.refusal and entry.refusal[0]) == ("refused", "file_olympiad_unknown")
    assert intake.receive(settings).new == []
    (settings.inbox / "ВсОШ 2025-26").mkdir()
    path.rename(settings.inbox / "ВсОШ 2025-26" / "МЭ.xlsx")
    assert intake.pending(settings)
    intake.receive(settings)
    (entry,) = ledger_of(settings).files()
    assert (entry.status, entry.years, entry.name) == ("received", {2026}, "ВсОШ 2025-26/МЭ.xlsx")
    assert intake.receive(settings).new == []


def test_a_dry_run_reads_the_folder_as_the_run_does(tmp_path: Path) -> None:
    path = making.xlsx(tmp_path / "ВсОШ 2025-26" / "МЭ.xlsx", {"Математика": [list(HEADER), list(PUPIL)]})
    verdict = rehearse(path, Settings(home=tmp_path))
    assert ("строк 1, годных 1, ждут ответа: 1" in verdict.title, verdict.messages) == (True, [])


# ---- the other layouts

FLAT = ("Фамилия", "Имя", "Отчество", "Пол", "Дата рождения", "Муниципалитет", "Полное наименование ОУ", "Предмет",
        "Класс", "Этап", "Статус", "Год")  # fmt: skip
LINE = ("Образцов", "Пётр", "Примерович", "м", "01.02.2010", "Черногорск", "МБОУ «СОШ № 3»", "История", "9", "РЭ",
        "призер", "2025/26")  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "xlsx"])
def test_the_list_in_each_form(tmp_path: Path, encoding: str) -> None:
    rows = [FLAT, LINE, changed(LINE, {0: "Шаблонова", 9: "ШЭ", 10: "Победитель", 11: "2024-2025"})]
    path = tmp_path / ("список.xlsx" if encoding == "xlsx" else "список.csv")
    if encoding == "xlsx":
        making.xlsx(path, [list(row) for row in rows])
    else:
        path.write_bytes("\r\n".join(";".join(map(str, row)) for row in rows).encode(encoding))
    told = take_in(path)
    assert (told.counts, told.types) == ((2, 2, 0), set())
    assert told.told.sheets[0]["years"] == [2025, 2026]
    assert sorted(plain(told, "stage", "subject", "grade", "status")) == [
        ["RE", "IS", 9, "prizewinner"], ["SHE", "IS", 9, "winner"],
    ]  # fmt: skip
    assert "2010" not in everything_kept(tmp_path)


def test_a_year_alone_in_the_list_is_asked_about_once(tmp_path: Path) -> None:
    rows = [FLAT, *(changed(LINE, {0: f"Образцов{letter}", 11: "2026"}) for letter in "абв")]
    told = take_in(making.xlsx(tmp_path / "список.xlsx", [list(row) for row in rows]))
    assert (told.counts, told.types, len(told.issues)) == ((3, 3, 0), {"cell_year_bare"}, 1)


@pytest.mark.parametrize(
    ("changes", "issue"),
    [
        ({8: "12"}, "cell_range"),
        ({9: "полуфинал"}, "cell_not_listed"),
        ({11: "прошлый"}, "cell_school_year"),
        ({11: "2025 Невидимкин"}, "cell_school_year"),
    ],
)
def test_a_bad_row_of_the_list(tmp_path: Path, changes: dict[int, Any], issue: str) -> None:
    told = take_in(making.xlsx(tmp_path / "список.xlsx", [list(FLAT), list(LINE), changed(LINE, {0: "Ё", **changes})]))
    assert told.counts == (2, 1, 1)
    assert issue in told.types
    assert "Невидимкин" not in everything_kept(tmp_path)


@pytest.mark.parametrize("year", ["2025/2026 учебный год", "2025-2026 уч. год", "2025/26 уч.г."])
def test_a_school_year_with_the_words_beside_it(tmp_path: Path, year: str) -> None:
    told = take_in(making.xlsx(tmp_path / "список.xlsx", [list(FLAT), changed(LINE, {11: year})]))
    assert (told.counts, told.told.sheets[0]["years"]) == ((1, 1, 0), [2026])


def test_scores_of_the_list_where_it_has_them(tmp_path: Path) -> None:
    table = [[*FLAT, "Балл", "Максимальный балл"], [*LINE, 64, 100], [*changed(LINE, {0: "Ё"}), 101, 100]]
    told = take_in(making.xlsx(tmp_path / "список.xlsx", table))
    assert (told.counts, told.types) == ((2, 1, 1), {"cell_over_whole"})
    assert plain(told, "score", "max_score", "completion_pct") == [[64, 100, 64]]


SIRIUS = making.OLYMPIAD_SIRIUS


def test_the_export_of_sirius_has_codes_and_they_are_not_kept(tmp_path: Path) -> None:
    rows = [["s-77-001", "edu190003", "Физика", 7, 8, 10, "победитель"],
            ["s-77-002", "edu190003", "Физика", "7Б", 4, 10, None]]  # fmt: skip
    told = take_in(making.xlsx(tmp_path / "сириус.xlsx", [list(SIRIUS), *rows]), name="ШЭ 2025-2026.xlsx")
    assert (told.counts, told.layouts, told.types) == ((2, 2, 0), ["olympiad_sirius"], set())
    assert plain(told, "stage", "subject", "grade", "completion_pct", "status") == [
        ["SHE", "FI", 7, 80, "winner"], ["SHE", "FI", 7, 40, None],
    ]  # fmt: skip
    assert plain(told, "pupil_key") == [[code_key(code, making.SECRET)] for code in ("s-77-001", "s-77-002")]
    assert "s-77-00" not in everything_kept(tmp_path)


def test_a_score_above_the_maximum_is_refused_and_the_code_not_told(tmp_path: Path) -> None:
    rows = [["Невидимкин", "edu190003", "Физика", 7, 11, 10, "победитель"]]
    told = take_in(making.xlsx(tmp_path / "сириус.xlsx", [list(SIRIUS), *rows]), name="ШЭ 2025-2026.xlsx")
    assert (told.counts, told.types) == ((1, 0, 1), {"cell_over_whole"})
    assert "Невидимкин" not in everything_kept(tmp_path) + str(told.issues.to_dict()) + str(told.quarantine.to_dict())


COUNT = ("Год", "Логин", "Этап", "Предмет", "Класс", "Участников", "Победителей", "Призёров")


def test_counts_of_a_stage(tmp_path: Path) -> None:
    rows = [
        [2026, "edu190003", "ШЭ", "Все предметы", 7, 40, 3, 9],
        [2026, "edu190003", "школьный этап", "Труды", 7, 5, 0, None],
        [2026, "edu190003", "ШЭ", "Химия", 8, 10, 6, 5],
    ]
    told = take_in(making.xlsx(tmp_path / "счёт.xlsx", [list(COUNT), *rows]))
    assert (told.counts, told.types) == ((3, 2, 1), {"row_awards_over"})
    assert told.facts["olympiad_count"][["stage", "subject", "participants"]].to_numpy().tolist() == [
        ["SHE", "ALL", 40], ["SHE", "TE", 5],
    ]  # fmt: skip


def test_a_contingent(tmp_path: Path) -> None:
    rows = [
        ["Год", "Логин", "Класс", "Обучающихся в параллели"],
        [2026, "edu190003", 4, 90],
        [2026, "edu190003", 12, 90],
    ]
    told = take_in(making.xlsx(tmp_path / "контингент.xlsx", rows))
    assert (told.counts, told.types) == ((2, 1, 1), {"cell_range"})


@pytest.mark.parametrize(
    ("above", "told"),
    [
        ("(Порядок, приказ Минпросвещения от 27.11.2020 № 678)", ("ME", 2026)),
        ("Проходной балл на региональный этап: 50", ("ME", 2026)),
        ("Кабинет по физике, начало 10:00", ("ME", 2026)),
    ],
)
def test_what_else_a_title_says_is_not_what_the_sheet_is(tmp_path: Path, above: str, told: tuple[str, int]) -> None:
    titles = [["Протокол муниципального этапа 2025/26"], [above]]
    found = workbook(tmp_path, changed(PUPIL, {0: None}), above=titles, name="книга.xlsx")
    assert (plain(found, "stage", "subject")[0], *found.told.sheets[0]["years"]) == ([told[0], "MA"], told[1])


@pytest.mark.parametrize("title", ["Максимальный балл (7-8 класс): 50", "Максимальный балл для 8 класса — 60",
                                   "Максимальный балл: 8 класс – 60, 9 класс – 70"])  # fmt: skip
def test_a_maximum_of_one_class_is_not_that_of_the_sheet(tmp_path: Path, title: str) -> None:
    told = workbook(tmp_path, PUPIL, above=[[title]])
    assert told.counts == (1, 1, 0)
    assert plain(told, "max_score") == [[None]]


def test_a_row_without_a_name_is_not_lost(tmp_path: Path) -> None:
    nobody = changed(OTHER, {1: None, 2: None, 3: None, 4: None, 5: None, 6: None, 9: None, 10: None})
    told = workbook(tmp_path, PUPIL, nobody)
    assert (told.counts, told.types) == ((2, 1, 1), {"row_without_key"})


@pytest.mark.parametrize("school", ["Невидимкин Аристарх, СОШ № 3", "СОШ № 3, Невидимкин А.П.",
                                    "Гимназия, НЕВИДИМКИН АРИСТАРХ ПЕТРОВИЧ"])  # fmt: skip
def test_a_person_beside_a_school_is_no_school(tmp_path: Path, school: str) -> None:
    told = workbook(tmp_path, changed(PUPIL, {1: school}))
    assert told.counts == (1, 0, 1)
    kept = everything_kept(tmp_path) + str(told.facts) + str(told.issues.to_dict()) + str(told.quarantine.to_dict())
    assert "невидимкин" not in kept.lower()


@pytest.mark.parametrize("grade", ["8 класс", "8 кл.", "8", "8А", "8 «А»"])
def test_a_class_in_its_spellings(tmp_path: Path, grade: str) -> None:
    told = workbook(tmp_path, changed(PUPIL, {6: grade, 7: None}))
    assert (told.counts, plain(told, "grade")) == ((1, 1, 0), [[8]])


@pytest.mark.parametrize("number", ["№", "№ п/п", "№п/п", "N п.п."])
def test_a_running_number_is_no_unknown_column(tmp_path: Path, number: str) -> None:
    told = take_in(
        making.xlsx(tmp_path / "счёт.xlsx", [[number, *COUNT], [1, 2026, "edu190003", "ШЭ", "Химия", 7, 4, 1, 1]])
    )
    assert told.counts == (1, 1, 0)


def test_a_sheet_that_bears_a_name_does_not_tell_it(tmp_path: Path) -> None:
    told = workbook(tmp_path, PUPIL, changed(OTHER, {6: 12}), sheet="Невидимкин А.П.")
    assert told.counts == (2, 1, 1)
    said = str(told.told.sheets) + str(told.issues.to_dict()) + str(told.quarantine.to_dict())
    assert "Невидимкин" not in said + everything_kept(tmp_path)
