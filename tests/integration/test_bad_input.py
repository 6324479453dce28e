"""An inbox with everything that people send by mistake, beside a few good files.

Each bad file or row is told about in Russian, by name and place, with what to do; nothing is lost, nothing raises, and
no file stops another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from msoko_pipeline.home import store
from msoko_pipeline.home.ledger import Entry, ledger_of
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.issues.refusals import advice
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS
from tests import making
from tests.making import Formula

WORK = "2021/История 5 класс"  # what the path tells of an export, which says nothing of itself


def export(*rows: list[making.Cell], number: int = 1) -> list[list[making.Cell]]:
    """Three good pupils and these rows; number: of the first one, so that no two files are the same."""
    header, first, *others = making.export_2021()
    return [header, [first[0], number, *first[2:]], *others, *rows]


def pupil(first_score: making.Cell = 1, total: making.Cell = 9) -> list[making.Cell]:
    """One more pupil."""
    row = making.export_2021()[1]
    return [*row[:2], 50009, *row[3:7], total, first_score, *row[9:]]


def shifted() -> list[making.Cell]:
    """A pupil whose scores have slipped one to the right: the first is empty, the last stands under «Учебник»."""
    row = pupil()
    return [*row[:8], None, *row[8:16], row[17]]


def spoilt(path: Path) -> Path:
    return making.rezip(path, lambda name, data: data[: len(data) // 2] if name.endswith("sheet1.xml") else data)


def cut(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def raw(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def huge(path: Path) -> Path:
    """A sheet of honest size whose cells reach from corner to corner."""
    cells = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="XFA{n}"><v>1</v></c></row>' for n in range(1, 90_000)
    )
    return making.raw_sheet(path, cells)


REFUSED: dict[str, tuple[Callable[[Path], object], str, str]] = {
    # name in the inbox: (how it is made, issue type, a piece of the message)
    "пусто.xlsx": (raw(b""), "file_empty", "файл пуст"),
    "книга без ячеек.xlsx": (lambda p: making.xlsx(p, [[None]]), "file_empty", "файл пуст"),
    "пустой архив.zip": (lambda p: making.zipped(p, {}), "file_empty", "файл пуст"),
    "письмо.docx": (lambda p: making.zipped(p, {"word/document.xml": "<w/>"}), "file_not_table", "документ Word"),
    "скан.pdf": (raw(b"%PDF-1.4 ..."), "file_not_table", "документ PDF"),
    "фото.jpg": (raw(b"\xff\xd8\xff\xe0 photo"), "file_not_table", "изображение"),
    "страница.xls": (raw(b"<html><body>login</body></html>"), "file_not_table", "веб-страница"),
    "архив.rar": (raw(b"Rar!\x1a\x07\x01\x00 ..."), "file_archive_kind", "Пришлите архив .zip"),
    "пароль.xlsx": (lambda p: making.locked_xlsx(p, making.REGISTER), "file_password", "Снимите пароль"),
    "пароль.xls": (lambda p: making.locked_xls(p, making.REGISTER), "file_password", "Снимите пароль"),
    "обрыв.xlsx": (lambda p: cut(making.xlsx(p, making.REGISTER)), "file_unreadable", "обрывается или испорчен"),
    "обрыв.zip": (lambda p: cut(making.zipped(p, {"a.csv": "1" * 999})), "file_unreadable", "обрывается или испорчен"),
    "испорчена внутри.xlsx": (lambda p: spoilt(making.xlsx(p, making.REGISTER)), "file_unreadable", "испорчена внутри"),
    "бомба.xlsx": (making.bomb, "file_bomb", "недопустимо велик"),
    "дальняя ячейка.xlsx": (making.far_cell, "file_too_large", "Ctrl+End"),
    "огромный лист.xlsx": (huge, "file_too_large", "Ctrl+End"),
    "кодировка.csv": (raw("логин;школа\nedu190001;лицей\n".encode("cp866")), "file_encoding", "CSV UTF-8"),
    "график.xlsx": (
        lambda p: making.xlsx(p, [["График дежурств"], ["день", "этаж"]]),
        "file_kind_unknown",
        "не распознан",
    ),
    "без рамки.xlsx": (
        lambda p: making.xlsx(p, making.marks_report()[7:]),
        "file_kind_unknown",
        "больше всего похоже на: «Статистика по отметкам»",
    ),
    f"{WORK} без столбца.csv": (
        lambda p: making.csv(p, [row[:5] + row[6:] for row in export()]),
        "file_columns",
        "нет столбцов: «класс»",
    ),
    f"{WORK} лишний столбец.xlsx": (
        lambda p: making.xlsx(p, [["ФИО", *export()[0]], *([None, *row] for row in export()[1:])]),
        "file_columns",
        "неизвестные столбцы: «ФИО»",
    ),
    f"{WORK} столбец дважды.csv": (
        lambda p: making.csv(p, [[*row[:9], *row[8:]] for row in export()]),
        "file_columns",
        "столбцы повторяются: «балл за 1»",
    ),
    "что это.csv": (lambda p: making.csv(p, export(number=2)), "file_work_unknown", "Какая это работа?"),
    "2021/Математика 5 класс.csv": (
        lambda p: making.csv(p, export(number=3)),
        "file_work_contradiction",
        "заданий 16, а в файле 8",
    ),
    "2023/История 4 класс.csv": (
        lambda p: making.csv(p, export(number=4)),
        "file_work_contradiction",
        "коды участников начинаются с 5",
    ),
    "2026/Русский язык 4 класс.xlsx": (
        lambda p: making.xlsx(p, making.form_2026()),
        "file_school_unknown",
        "укажите логин в столбце login",
    ),
    "edu190001/2026/Русский язык 4 класс.xlsx": (
        lambda p: making.xlsx(p, making.form_2026(making.NOBODY)),
        "file_form_empty",
        "нет ни одного участника",
    ),
    "отчёт без строк.xlsx": (lambda p: making.xlsx(p, making.marks_report()[:8]), "file_no_rows", "ни одной строки"),
    "отчёт будущего.xlsx": (
        lambda p: making.xlsx(p, making.marks_report(work="ВПР 2062 Математика 4 класс")),
        "file_year_unlikely",
        "2062 невозможен",
    ),
    "отчёт 99 класса.xlsx": (
        lambda p: making.xlsx(p, making.marks_report(work="ВПР 2026 Математика 99 класс")),
        "file_frame",
        "класс 99",
    ),
    "план с чужим столбцом.xlsx": (
        lambda p: making.xlsx(p, making.planned_report(units="Республика Хакасия | Прочее | РФ | 15")),
        "file_columns",
        "столбец повторяет другой: «Прочее»",
    ),
}

NOTED: dict[str, tuple[Callable[[Path], object], tuple[int, int, int], str, str]] = {
    # name in the inbox: (how it is made, rows read, accepted, quarantined, issue type, a piece of the message)
    f"{WORK} не то расширение.xls": (
        lambda p: making.xlsx(p, export()),
        (3, 3, 0),
        "file_wrong_extension",
        "Excel (.xlsx)",
    ),
    f"{WORK} лишний лист.xlsx": (
        lambda p: making.xlsx(p, {"Данные": export(), "Заметки": [["прочее"]]}),
        (3, 3, 0),
        "sheet_ignored",
        "лист «Заметки»: лист не распознан",
    ),
    f"{WORK} скрытый лист.xlsx": (
        lambda p: making.xlsx(p, {"Данные": export(), "Копия": export()}, hidden=["Копия"]),
        (3, 3, 0),
        "sheet_hidden",
        "лист «Копия»: лист скрыт и не прочитан",
    ),
    f"{WORK} пустой лист.xlsx": (
        lambda p: making.xlsx(p, {"Данные": export(), "Копия": export()[:1]}),
        (3, 3, 0),
        "sheet_no_rows",
        "лист «Копия»: на листе нет ни одной строки",
    ),
    f"{WORK} два листа.xlsx": (
        lambda p: making.xlsx(p, {"Данные": export(), "Копия": export()}),
        (6, 3, 3),
        "row_duplicate",
        "лист «Копия», строка 2, столбец «код обучающегося»",
    ),
    f"{WORK} два заголовка.csv": (
        lambda p: making.csv(p, [export()[0], *export()]),
        (3, 3, 0),
        "sheet_asides",
        "строки не относятся к данным и не учтены: повторённый заголовок — строка 2",
    ),
    f"{WORK} итоги.csv": (
        lambda p: making.csv(p, export(["Итого", *[None] * 6, 11, *[1] * 8, None, None])),
        (3, 3, 0),
        "sheet_asides",
        "строки не относятся к данным и не учтены: итоги — строка 5",
    ),
    f"{WORK} текст в балле.xlsx": (
        lambda p: making.xlsx(p, export(pupil("зачёт"))),
        (4, 4, 0),
        "cell_score",
        "строка 5, столбец «балл за 1»: «зачёт» — не балл и не X",
    ),
    f"{WORK} сдвиг.xlsx": (
        lambda p: making.xlsx(p, export(shifted())),
        (4, 3, 1),
        "cell_shift",
        "строка 5, столбец «Учебник»: «1» похоже на балл",
    ),
    f"{WORK} формулы.xlsx": (
        lambda p: making.forget_values(making.xlsx(p, export(pupil(Formula("=A1"))))),
        (4, 4, 0),
        "cell_formula_empty",
        "столбец «балл за 1»: формула без сохранённого значения: =A1",
    ),
    f"{WORK} ошибки.xlsx": (
        lambda p: making.xlsx(p, export(pupil(Formula("=1/0", "#DIV/0!")))),
        (4, 4, 0),
        "cell_error",
        "в ячейке ошибка Excel #DIV/0!",
    ),
    f"{WORK} отступ.xlsx": (
        lambda p: making.xlsx(
            p,
            export(pupil(Formula("=1/0", "#N/A"))),
            offset=(2, 1),
        ),
        (4, 4, 0),
        "cell_error",
        "строка 7, столбец «балл за 1»: в ячейке ошибка Excel #N/A",
    ),
    f"{WORK} рваные строки.csv": (
        lambda p: making.csv(p, [*export(), [], export()[1][:16], [*export()[1], "лишнее"]]),
        (5, 3, 2),
        "row_ragged",
        "строка 6: неверное число полей в строке: 16 вместо 18",
    ),
    f"{WORK} кавычки.csv": (
        lambda p: making.csv(p, [*export()[:2], ["sch190001", '"2', *export()[1][2:]], *export()[2:]]),
        (4, 3, 1),
        "row_quotes",
        "строка 3: кавычка в строке не закрыта",
    ),
    f"{WORK} переполнение.csv": (
        lambda p: making.csv(p, export(pupil(total=99999))),
        (4, 3, 1),
        "cell_range",
        "строка 5, столбец «всего баллов»: «99999» вне допустимых пределов",
    ),
    f"{WORK} минус.csv": (
        lambda p: making.csv(p, export(pupil(-1))),
        (4, 4, 0),
        "cell_score",
        "«-1» — не балл",
    ),
    f"{WORK} повтор.csv": (lambda p: making.csv(p, export(export()[1])), (4, 3, 1), "row_duplicate", "строка 5"),
    "ВПР 2025/отчёт другого года.xlsx": (
        lambda p: making.xlsx(p, making.marks_report()),
        (4, 4, 0),
        "file_year_differs",
        "год в заголовке и путь к файлу (2025) расходятся",
    ),
    "2020/Математика 5 класс.csv": (
        lambda p: making.csv(p, making.export_2020()),
        (3, 3, 0),
        "file_work_doubt",
        "в описании другого года заданий 16, в файле 8",
    ),
    "переполнение отчёта.xlsx": (
        lambda p: making.xlsx(p, making.marks_report(f"{making.SCHOOL} | | 99999999999 | 12 | 53 | 27 | 8")),
        (1, 0, 1),
        "cell_range",
        "столбец «Кол-во участников»: «‹скрыто: 11 цифр›» вне допустимых пределов",
    ),
}

CLEAN: dict[str, tuple[Callable[[Path], object], int]] = {
    f"{WORK} 1251.csv": (lambda p: making.csv(p, export(), encoding="cp1251", end="\r\n"), 3),
    f"{WORK} пустые строки.csv": (lambda p: making.csv(p, [part for row in export() for part in (row, [])]), 3),
    f"{WORK} хвост.csv": (lambda p: making.csv(p, [[*row, None] for row in export()]), 3),
    "2022/Физика 8 класс.xlsx": (
        lambda p: making.xlsx(p, {"Классы": making.CLASSES_2022, "Протокол": making.export_2022()}),
        3,
    ),
    "edu190001/2024/Литература 7 класс.xlsx": (lambda p: making.xlsx(p, making.form_2024()), 3),
    "2024/Форма.xlsx": (lambda p: making.xlsx(p, making.form_2024()[:3]), 2),  # told by the manifest beside it
    "2024/manifest.csv": (
        lambda p: making.csv(
            p, making.table("file | year | subject | grade | login\nФорма.xlsx | 2024 | Литература | 7 | sch190002")
        ),
        1,
    ),
    "пачка.zip": (
        lambda p: making.zipped(p, {"2021/История 5 класс.csv": as_csv(export()[:2])}),
        1,
    ),
    "Ф1.ods": (lambda p: making.ods(p, making.f1()), 2),
    "2849657.xls": (lambda p: making.xls(p, making.journal_report()), 2),
    "Реестр ОО.xlsx": (lambda p: making.xlsx(p, making.REGISTER), 2),
}


PACKED = "пачка.zip/2021/История 5 класс.csv"


def as_csv(rows: making.Rows) -> str:
    return "\n".join(";".join("" if cell is None else str(cell) for cell in row) for row in rows) + "\n"


@dataclass
class Inbox:
    settings: Settings
    entries: dict[str, Entry]

    def issues(self, name: str) -> pd.DataFrame:
        path = store.issues_file(self.settings.lake, self.entries[name].sha256)
        return pq.read_table(path).to_pandas() if path.exists() else pd.DataFrame(columns=["issue_type", "message_ru"])

    def messages(self, name: str, issue_type: str) -> list[str]:
        issues = self.issues(name)
        return issues.loc[issues["issue_type"] == issue_type, "message_ru"].tolist()


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    """Everything in one inbox, received and validated once."""
    folder = tmp_path_factory.mktemp("bad")
    for name, (make, *_) in {**REFUSED, **NOTED, **CLEAN}.items():
        path = folder / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        make(path)
    settings = Settings(home=folder / "home", inbox_dir=folder / "inbox", reader_memory_mb=2048)
    intake.receive(settings)
    intake.validate(settings, KINDS)
    return Inbox(settings, {entry.name: entry for entry in ledger_of(settings).files()})


def test_every_file_is_in_the_ledger(inbox: Inbox) -> None:
    assert set(inbox.entries) == {PACKED if name == "пачка.zip" else name for name in (*REFUSED, *NOTED, *CLEAN)}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_taken_is_refused_with_a_word(inbox: Inbox, name: str) -> None:
    _, issue_type, piece = REFUSED[name]
    entry = inbox.entries[name]
    assert entry.status == "refused"
    assert entry.refusal is None or entry.refusal[0] == issue_type
    (message,) = inbox.messages(name, issue_type)
    assert piece in message
    assert message.startswith(f"Файл «{name}»")
    assert advice(issue_type) in message
    assert entry.message_ru == message
    assert (entry.rows_read, entry.rows_accepted, entry.rows_quarantined) == (0, 0, 0)


@pytest.mark.parametrize("name", NOTED)
def test_what_is_wrong_in_a_file_is_told_by_place(inbox: Inbox, name: str) -> None:
    _, counts, issue_type, piece = NOTED[name]
    entry = inbox.entries[name]
    assert entry.status == ("partial" if counts[2] else "accepted")
    assert (entry.rows_read, entry.rows_accepted, entry.rows_quarantined) == counts
    message = inbox.messages(name, issue_type)[0]
    assert piece in message
    assert message.startswith(f"Файл «{name}»")
    assert advice(issue_type) in message


@pytest.mark.parametrize("name", CLEAN)
def test_good_files_beside_them_are_taken_whole(inbox: Inbox, name: str) -> None:
    rows = CLEAN[name][1]
    entry = inbox.entries[PACKED if name == "пачка.zip" else name]
    assert entry.status == "accepted"
    assert inbox.issues(entry.name)["message_ru"].tolist() == []
    assert (entry.rows_accepted, entry.rows_quarantined) == (rows if entry.kind in KINDS else entry.rows_accepted, 0)


def test_rows_read_are_accepted_or_quarantined(inbox: Inbox) -> None:
    for entry in inbox.entries.values():
        assert entry.rows_read == entry.rows_accepted + entry.rows_quarantined, entry.name
        path = store.quarantine_file(inbox.settings.lake, entry.sha256)
        held = pq.read_table(path).num_rows if path.exists() else 0
        assert held == entry.rows_quarantined, entry.name


def test_nothing_is_said_in_the_words_of_a_program(inbox: Inbox) -> None:
    for name in inbox.entries:
        for message in inbox.issues(name)["message_ru"]:
            assert not any(word in message for word in ("Error", "Traceback", "Exception", "None", "nan", "{", "_")), (
                message
            )


def test_no_fact_comes_from_a_refused_file(inbox: Inbox) -> None:
    refused = {entry.sha256 for entry in inbox.entries.values() if entry.status == "refused"}
    facts = {path.name.rsplit("-", 1)[0] for kind in KINDS for path in (inbox.settings.lake / kind).rglob("*.parquet")}
    assert facts
    assert not facts & refused


def test_once_more_changes_nothing(inbox: Inbox) -> None:
    assert intake.receive(inbox.settings).new == []
    assert intake.validate(inbox.settings, KINDS) == []
    assert not intake.pending(inbox.settings)
    assert {entry.name: entry for entry in ledger_of(inbox.settings).files()} == inbox.entries
