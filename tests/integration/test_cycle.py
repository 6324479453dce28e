"""The life of files: known, corrected, moved, withdrawn, questioned — through the command line."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from msoko_pipeline.senders.returned import COLOURS
from tests import making
from tests.assets.test_layers import BAD, GOOD, export, pupil
from tests.command import msoko_here as msoko


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """An empty inbox; the home is made beside it. An apostrophe and brackets in the path trouble nobody."""
    made = tmp_path / "О'Генри [1]" / "inbox"
    made.mkdir(parents=True)
    return made


def run(inbox: Path, *more: str, status: int = 0) -> str:
    done = msoko("run", "--inbox", inbox, "--home", inbox.parent / "home", *more)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def ask(inbox: Path, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(inbox.parent / "home" / "warehouse.sqlite")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def participants(inbox: Path, unit: str = "edu190003") -> list[tuple[Any, ...]]:
    return ask(inbox, f"select year, participants from mart_vpr_school where unit_id = '{unit}' order by year")


def test_the_same_file_twice_is_a_no_op_and_a_corrected_one_supersedes_it_for_its_school_only(inbox: Path) -> None:
    other = [pupil(k, "112111011210000", login="sch190007") for k in (1, 2)]
    path = export(inbox, "2021/4/Математика.csv", [*GOOD, *other])
    run(inbox)
    assert participants(inbox) == [(2021, 3)]
    shutil.copy(path, inbox / "2021" / "4" / "Математика (копия).csv")
    assert "Нового в папке приёма нет" in run(inbox)
    assert ask(inbox, "select count(*) from ops_file") == [(1,)]
    assert ask(inbox, "select count(*) from ops_publication") == [(1,)]
    export(inbox, "исправлено/2021/4/Математика.csv", [*GOOD, pupil(4, "112111011210000")])
    run(inbox)
    assert participants(inbox) == [(2021, 4)]
    assert participants(inbox, "edu190007") == [(2021, 2)]
    assert ask(inbox, "select count(*) from ops_file where status = 'superseded'") == [(0,)]  # half of it still holds
    export(inbox, "исправлено/ещё раз/2021/4/Математика.csv", other[:1])
    summary = run(inbox)
    assert participants(inbox, "edu190007") == [(2021, 1)]
    (first,) = ask(inbox, "select name, superseded_by, rows_replaced from ops_file where status = 'superseded'")
    assert (first[0], first[2]) == ("2021/4/Математика.csv", 5)
    assert len(first[1]) == 64
    assert "Заменено более поздними файлами строк: 5" in summary
    assert (
        "«исправлено/ещё раз/2021/4/Математика.csv» вместо «2021/4/Математика.csv»: 2, из них в новом нет: 1" in summary
    )
    told = ask(inbox, "select rows_replaced, rows_left_out from ops_replacement order by 1")
    assert told == [(2, 1), (3, 0)]
    repeated = ask(inbox, "select same_rows, changed_rows, changed_columns from ops_replacement order by rows_replaced")
    assert repeated == [(1, 0, None), (3, 0, None)]
    assert "«исправлено/2021/4/Математика.csv» вместо «2021/4/Математика.csv»: 3, из них без изменений: 3" in summary
    ((said,),) = ask(inbox, "select message_ru from ops_issue where issue_type = 'file_left_out'")
    assert said.startswith("Файл «исправлено/ещё раз/2021/4/Математика.csv»: список исправлен")
    assert "«2021/4/Математика.csv»: 1 (edu190007)" in said


def test_files_of_two_groups_count_both_and_a_few_corrected_rows_replace_only_themselves(inbox: Path) -> None:
    pupils = [pupil(k, "112111011210000") for k in range(1, 21)]
    export(inbox, "а/2021/4/Математика.csv", pupils[:10])
    export(inbox, "б/2021/4/Математика.csv", pupils[10:])
    run(inbox)
    assert participants(inbox) == [(2021, 20)]
    export(inbox, "исправлено/2021/4/Математика.csv", [pupil(k, "000000000000000") for k in (1, 2)])
    run(inbox)
    assert participants(inbox) == [(2021, 20)]
    assert ask(inbox, "select mark_2 from mart_vpr_school where level = 'school'") == [(2,)]
    kinds = ask(inbox, "select issue_type from ops_issue where issue_type like 'file%' order by 1")
    assert kinds == [("file_beside",), ("file_partly_replaced",)], "the third file repeats rows of the first alone"
    assert ask(inbox, "select count(*) from ops_file where status <> 'accepted'") == [(0,)]


def test_years_are_published_as_asked_corrected_and_withdrawn(inbox: Path) -> None:
    """One year is asked for, then both into another warehouse and into ours; the first is corrected, the second
    withdrawn.
    """
    export(inbox, "2021/4/Математика.csv", GOOD)
    export(inbox, "2022/4/Математика.csv", GOOD[::-1])  # the same file under two years would be a question
    run(inbox, "--year", "2022")
    assert participants(inbox) == [(2022, 3)]
    run(inbox)
    assert participants(inbox) == [(2021, 3), (2022, 3)]

    home, other = inbox.parent / "home", inbox.parent / "other.sqlite"
    run(inbox, "--warehouse", f"sqlite:///{other}")
    connection = sqlite3.connect(other)
    query = "select year, participants from mart_vpr_school where level = 'school' order by year"
    assert connection.execute(query).fetchall() == [(2021, 3), (2022, 3)]
    connection.close()

    export(inbox, "2021/4/Математика.csv", GOOD[:2])
    run(inbox)
    query = "select year, value, previous_value from mart_indicator_value where indicator_id = 'vpr_mean_primary' and level = 'school' order by year"  # noqa: E501
    (first, second) = ask(inbox, query)
    assert first[1] != second[1]
    assert second[2] == first[1], "a corrected year is compared with anew in the same run"

    told = json.loads(msoko("status", "--json", "--home", home).stdout)
    sha256 = next(f["sha256"] for f in told["files"] if f["year"] == 2022)
    assert msoko("withdraw", sha256[:12], "--home", home).returncode == 0
    run(inbox)
    assert participants(inbox) == [(2021, 2)]
    assert ask(inbox, f"select status from ops_file where sha256 = '{sha256}'") == [("withdrawn",)]
    assert "Нового в папке приёма нет" in run(inbox)
    assert msoko("withdraw", "0" * 64, "--home", home).returncode == 2


def test_each_file_is_refused_for_itself_and_a_manifest_answers_the_question_later(inbox: Path) -> None:
    """An export that does not say its work, one under another grade, an archive with a sound and a broken file."""
    export(inbox, "выгрузка.csv", GOOD)
    third = [pupil(k, "112111011210000", login="sch190007") for k in (1, 2)]
    export(inbox, "2021/5/Математика.csv", third)  # fifteen tasks and codes 4…: it is the fourth grade's
    path = export(inbox.parent / "outside", "x.csv", [pupil(1, "112111011210000", login="sch190008")])
    with zipfile.ZipFile(inbox / "пачка.zip", "w") as packed:
        packed.write(path, "2021/4/Математика.csv")
        packed.writestr("2021/4/битый.xlsx", b"PK\x03\x04 broken")
    said = run(inbox, status=3)
    assert "Какая это работа?" in said
    assert "не совпадает с работой в файле" in said
    contradicted = "select issue_type from ops_issue where name = '2021/5/Математика.csv'"
    assert ask(inbox, contradicted) == [("file_work_contradiction",)]
    assert participants(inbox, "edu190008") == [(2021, 1)]
    assert ask(inbox, "select name, status from ops_file order by name") == [
        ("2021/5/Математика.csv", "refused"),
        ("выгрузка.csv", "refused"),
        ("пачка.zip/2021/4/Математика.csv", "accepted"),
        ("пачка.zip/2021/4/битый.xlsx", "refused"),
    ]
    (inbox / "manifest.csv").write_text("file;year;subject;grade\nвыгрузка.csv;2021;МА;4\n", encoding="utf-8")
    run(inbox, status=3)
    assert participants(inbox) == [(2021, 3)]


def test_what_was_refused_before_is_counted_and_not_told_again(inbox: Path) -> None:
    export(inbox, "2021/4/Математика.csv", [*GOOD, BAD])
    (inbox / "битый.xlsx").write_bytes(b"PK\x03\x04 broken")
    first = run(inbox, status=3)
    assert "принято 1, из них не целиком 1, отказано 1, повторов 0; новых в этом запуске 2" in first
    assert "\nОтказано:\n  Файл «битый.xlsx»" in first
    assert "\nПриняты не целиком:\n  Файл «2021/4/Математика.csv»" in first
    assert "раньше" not in first
    again = run(inbox, status=3)
    assert "новых в этом запуске 0" in again
    assert "Отказано раньше, лежат в папке приёма: 1 — msoko status --refused" in again
    assert "Приняты не целиком раньше, лежат в папке приёма: 1 — msoko status --refused" in again
    assert "битый.xlsx" not in again
    (inbox / "ещё битый.xlsx").write_bytes(b"PK\x03\x04 broken too")
    export(inbox, "исправлено/2021/4/Математика.csv", [*GOOD, pupil(9, "112111011210000")])
    third = run(inbox, status=3)
    assert "\nОтказано:\n  Файл «ещё битый.xlsx»" in third
    assert "Отказано раньше, лежат в папке приёма: 1 " in third
    assert "принято 1, отказано 2, заменено более поздними 1, повторов 0; новых в этом запуске 2" in third
    assert "Строки всех принятых файлов, без заменённых: принято 4, в карантине 0\n  ВПР: файлов 1, строк 4\n" in third
    assert "Приняты не целиком" not in third, "what was replaced needs no mending"
    states = msoko("status", "--home", inbox.parent / "home").stdout
    assert "Файлов: 4. В том числе принято 1, отказано 2, заменено более поздними 1. Последняя" in states
    assert "заменён файлом «исправлено/2021/4/Математика.csv»\n" in states
    assert "Файлов: 2 из 4." in msoko("status", "--refused", "--home", inbox.parent / "home").stdout


def test_files_that_wait_say_for_what(inbox: Path) -> None:
    making.xlsx(inbox / "реестр.xlsx", making.table("Логин ФИС ОКО | Полное наименование\nedu190003 | МБОУ «СОШ № 3»"))
    export(
        inbox, "2021/4/Математика.csv", [*GOOD, *(pupil(k, "112111011210000", login=f"sch19900{k}") for k in (4, 5))]
    )
    summary = run(inbox, status=3)
    assert "из принятых ждут ответа, в показатели не вошли: 2" in summary
    assert "Файл «2021/4/Математика.csv»: ждут 2 из 5\n    строка" in summary
    states = msoko("status", "--home", inbox.parent / "home").stdout
    assert "ждут ответа: 2\n" in states
    assert "логина «edu199004» нет в реестре организаций (строк: 1) (и ещё вопросов: 1)\n" in states


def test_statuses_of_the_exit(inbox: Path) -> None:
    run(inbox)  # an empty inbox is nothing wrong
    export(inbox, "2021/4/Математика.csv", [*GOOD, BAD])
    said = run(inbox, status=3)
    assert "в карантине строк: 1 из 4" in said
    assert msoko("run", "--inbox", inbox / "нет такой").returncode == 2
    assert msoko("run", "--year", "двадцать").returncode == 2
    broken = msoko(
        "run", "--inbox", inbox, "--home", inbox.parent / "home", "--warehouse", "postgresql://u:secret@127.0.0.1:1/x"
    )
    assert broken.returncode == 1
    assert "Отказано" not in broken.stdout, "it was told by the run before"
    assert "secret" not in broken.stdout + broken.stderr


def test_check_says_what_to_mend_and_publishes_nothing(inbox: Path) -> None:
    good = export(inbox, "2021/4/Математика.csv", GOOD)
    bad = export(inbox, "2021/4/Русский язык.csv", [*GOOD, BAD])
    assert msoko("check", good).returncode == 0
    told = msoko("check", bad)
    assert told.returncode == 3
    assert "не совпадает с работой в файле" in told.stdout
    assert not (inbox.parent / "home").exists()


def test_check_returns_each_file_with_its_bad_cells_marked(inbox: Path, tmp_path: Path) -> None:
    good = export(inbox, "2021/4/Математика.csv", GOOD)
    bad = export(inbox, "2021/4/другая/Математика.csv", [*GOOD, pupil(4, "112111011210000", login="лицей")])
    back = tmp_path / "назад"
    told = msoko("check", good, bad, bad, "--return", back)
    assert told.returncode == 3, told.stdout + told.stderr
    names = sorted(path.name for path in back.iterdir())
    assert names == ["Математика — исправить (2).xlsx", "Математика — исправить.xlsx"]
    assert told.stdout.count("с отметками: ") == 2
    assert told.stdout.count("замечаний нет, возвращать нечего") == 1
    book = openpyxl.load_workbook(back / names[1])
    assert book.sheetnames[0] == "Что исправить"
    row = len(GOOD) + 2
    assert book["Что исправить"]["B2"].value == row
    page = book.worksheets[1]
    red = [cell for cells in page.iter_rows() for cell in cells if cell.fill.fgColor.rgb == COLOURS["error"]]
    assert [(cell.row, cell.value) for cell in red] == [(row, "лицей")]
    assert "не логин" in red[0].comment.text


def test_check_returns_nothing_to_where_files_are_taken_in(inbox: Path) -> None:
    bad = export(inbox, "2021/4/Математика.csv", [*GOOD, BAD])
    home = inbox.parent / "home"
    for folder in (inbox, inbox / "назад", home, home / "назад"):
        told = msoko("check", bad, "--return", folder, MSOKO_INBOX=str(inbox), MSOKO_HOME=str(home))
        assert told.returncode == 2
        assert "выберите другую" in told.stderr
    assert not (inbox / "назад").exists()
    assert not home.exists()


def test_check_says_where_it_cannot_write(inbox: Path, tmp_path: Path) -> None:
    bad = export(inbox, "2021/4/Математика.csv", [*GOOD, pupil(4, "112111011210000", login="лицей")])
    (tmp_path / "занято").write_text("")
    told = msoko("check", bad, "--return", tmp_path / "занято" / "назад")
    assert told.returncode == 1
    assert "не удалось записать книгу" in told.stderr


def test_a_region_has_municipalities_and_a_region_row(inbox: Path) -> None:
    """MSOKO_SCOPE=region: municipalities come from the register, all schools together are the region."""
    other = [pupil(k, "112111011210000", login="ksh190007") for k in (1, 2)]
    export(inbox, "2021/4/Математика.csv", [*GOOD, *other])
    (inbox / "реестр.csv").write_text(
        "Логин ФИС ОКО;Полное наименование;Код муниципалитета;Муниципалитет\n"
        "edu190003;МБОУ «СОШ № 3»;reg19_m001;Абакан\nedu190007;МБОУ «СОШ № 7»;reg19_m002;Саяногорск\n",
        encoding="utf-8",
    )
    done = msoko("run", "--inbox", inbox, "--home", inbox.parent / "home", MSOKO_SCOPE="region")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ask(inbox, "select level, unit_id, participants from mart_vpr_school order by level, unit_id") == [
        ("municipality", "reg19_m001", 3),
        ("municipality", "reg19_m002", 2),
        ("region", "19", 5),
        ("school", "edu190003", 3),
        ("school", "edu190007", 2),
    ]
    assert ask(inbox, "select org_id, municipality_name from mart_organisation order by org_id") == [
        ("edu190003", "Абакан"),
        ("edu190007", "Саяногорск"),
    ]


def test_a_report_that_differs_from_the_rows_is_told(inbox: Path) -> None:
    """Ф1 rows and a marks report of the same school: equal counts say nothing, other counts are an issue."""
    from msoko_pipeline.sample.workbooks import Sheet, xlsx

    export(inbox, "2021/4/Математика.csv", GOOD)  # one «2», two «4»

    def report(*shares: float) -> None:
        rows = [
            ["Статистика по отметкам"], [], ["ВПР 2021 Математика 4 класс"], ["Предмет:", "Математика"],
            ["Максимальный первичный балл:", 20], ["Дата:", "20.04.2021"], [],
            ["Группы участников", "Кол-во ОО", "Кол-во участников", 2, 3, 4, 5],
            ["МБОУ «СОШ № 3»(edu190003)", None, 3, *shares],
        ]  # fmt: skip
        (inbox / "отчёт.xlsx").write_bytes(xlsx(Sheet("МА 4 Статистика по отметкам", rows)))

    report(33.33, 0, 66.67, 0)
    run(inbox)
    assert ask(inbox, "select count(*) from ops_issue where issue_type = 'facts_differ'") == [(0,)]
    report(0, 33.33, 66.67, 0)
    run(inbox)
    ((message,),) = ask(inbox, "select message_ru from ops_issue where issue_type = 'facts_differ'")
    assert "отметок «2» 0 вместо 1" in message
    assert "отметок «3» 1 вместо 0" in message
    assert ask(inbox, "select mark_2, facts_source from mart_vpr_school where level = 'school'") == [(1, "individual")]


def test_a_report_that_counts_pupils_in_quarantine_says_which_rows_to_mend(inbox: Path) -> None:
    """Marks and groups of four pupils, of whom one is in quarantine: the issue says so, the groups count the others."""
    work = {"work": "ВПР 2021 Математика 4 класс", "top": 20}
    school = "МБОУ «СОШ № 3»(edu190003)"
    export(inbox, "2021/4/Математика.csv", [*GOOD, BAD])
    making.xlsx(inbox / "отметки.xlsx", making.marks_report(f"{school} | | 4 | 25 | 0 | 75 | 0", **work))
    group = "Ср.% вып. уч. гр.баллов"
    told = f"{school} | | |\n{group} 2 | 1 | 0 | 0\n{group} 4 | 3 | 100 | 100"
    making.xlsx(inbox / "группы.xlsx", making.groups_report(told, **work))
    run(inbox, status=3)
    ((kind, name, org_id, message),) = ask(
        inbox,
        "select issue_type, name, org_id, message_ru from ops_issue where issue_type like 'facts_differ%'",
    )
    assert (kind, name, org_id) == ("facts_differ_quarantine", "отметки.xlsx", "edu190003")
    assert message.endswith(
        "edu190003: отчёт расходится с индивидуальными результатами: участников 4 вместо 3; отметок «4» 3 вместо 2. "
        "Недостающих объясняют строки этой работы, не принятые из-за ошибок: 1; в файлах: «2021/4/Математика.csv» — 1. "
        "Отчёт скачивать заново не нужно: исправьте непринятые строки названных файлов (что в них не так, сказано "
        "в замечаниях к этим файлам) и пришлите файлы снова."
    )
    assert ask(inbox, "select mark_2, mark_4 from mart_vpr_school where level = 'school'") == [(1, 2)]
    groups = (
        "select distinct mark, participants, facts_source from mart_vpr_task_group where level = 'school' order by 1"
    )
    assert ask(inbox, groups) == [(2, 1, "individual"), (4, 2, "individual")]


def test_a_year_that_only_reports_tell_of(inbox: Path) -> None:
    """No pupil's row at all: schools, region and country from «Статистика по отметкам» and the distribution."""
    from msoko_pipeline.sample.workbooks import Sheet, xlsx

    frame = [
        ["ВПР 2026 Русский язык 4 класс"], ["Предмет:", "Русский язык"], ["Максимальный первичный балл:", 24],
        ["Дата:", "20.04.2026"], [],
    ]  # fmt: skip
    head = ["Группы участников", "Кол-во ОО", "Кол-во участников"]
    marks = [
        ["Статистика по отметкам"], [], *frame, [*head, 2, 3, 4, 5],
        ["Вся выборка", 35589, 1722202, "5,06", "32,92", "44,33", "17,69"],
        ["Республика Хакасия", 150, 6000, 6, 33, 44, 17],
        ["МБОУ «СОШ № 3»(edu190003)", None, 89, "12,36", "52,81", "26,97", "7,87"],
    ]  # fmt: skip
    spread = [
        ["Распределение первичных баллов"], [], *frame, [*head, *range(25)],
        ["Республика Хакасия", 150, 6000, *[4] * 25],
    ]  # fmt: skip
    (inbox / "1.xlsx").write_bytes(xlsx(Sheet("РУ 4 Статистика по отметкам", marks)))
    (inbox / "2.xlsx").write_bytes(xlsx(Sheet("РУ 4 Распределение первичных ба", spread)))
    run(inbox)
    told = ask(
        inbox,
        "select level, participants, mark_2, mark_5, round(mean_primary, 6), alpha, facts_source, scale_verified "
        "from mart_vpr_school order by participants",
    )
    assert told == [
        ("school", 89, 11, 7, None, None, "report", 1),
        ("region", 6000, 360, 1020, 12.0, None, "report", 1),
        ("country", 1722202, 87143, 304658, None, None, "report", 1),
    ]


def test_a_register_alone_is_taken_in(inbox: Path) -> None:
    (inbox / "реестр.csv").write_text(
        "Логин ФИС ОКО;Полное наименование\nedu190003;МБОУ «СОШ № 3»\n", encoding="utf-8-sig"
    )
    run(inbox)
    assert ask(inbox, "select kind, status from ops_file") == [("organisation", "accepted")]
