"""A ledger of every version that ever was becomes today's with its rows kept; one of a newer program is refused."""

from __future__ import annotations

import multiprocessing
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from msoko_pipeline.home import ledger_versions
from msoko_pipeline.home.ledger import Ledger, ledger_of
from msoko_pipeline.home.ledger_file import LedgerTrouble, NewerLedger
from msoko_pipeline.settings import Settings
from tests.assets.test_layers import GOOD, export
from tests.command import ROOT, Done, msoko_here

FILE = """
create table if not exists file (
    seq integer primary key autoincrement, sha256 text not null unique, name text not null, size integer not null,
    received_at text not null, declared text not null, kind text, layout text, year integer, subject text,
    grade integer, status text not null, rows_read integer not null default 0,
    rows_accepted integer not null default 0, rows_quarantined integer not null default 0,
    message_ru text, sheets text not null default '[]', notes text not null default '[]', refusal text,
    superseded_by text, validated_with text{added}
);
"""
WAITING = ", rows_waiting integer not null default 0"
SCHOOLS = WAITING + ",\n    schools text not null default '[]'"
WORK_TASK = """
create table if not exists work_task (
    year integer, subject text, grade integer, task text, position integer not null,
    primary key (year, subject, grade, task)
);
"""
ACT = "create table if not exists act (at text not null, what text not null, sha256 text not null);\n"
SETTING = "create table if not exists setting (name text primary key, value text not null);\n"
PRODUCT = """
create table if not exists product (path text primary key, owner text not null, digest text not null);
create index if not exists product_owner on product (owner);
"""
REPLACEMENT = """
create table if not exists replacement (
    seq integer not null, by_seq integer not null, kind text not null, year integer not null, rows integer not null,
    left_out integer not null
);
"""
CHANGED = REPLACEMENT.replace(
    "left_out integer not null\n",
    "left_out integer not null, same_rows integer not null default 0, changed_rows integer not null default 0,\n"
    "    changed_columns text not null default ''\n",
)
EVER = {
    "0001": FILE.format(added="") + WORK_TASK + ACT,
    "0002": FILE.format(added="") + WORK_TASK + ACT + PRODUCT,
    "0003": FILE.format(added=WAITING) + WORK_TASK + ACT + PRODUCT,
    "0004": FILE.format(added=WAITING) + WORK_TASK + ACT + SETTING + PRODUCT,
    "0005": FILE.format(added=SCHOOLS) + WORK_TASK + ACT + SETTING + PRODUCT,
    "0006": FILE.format(added=SCHOOLS) + WORK_TASK + REPLACEMENT + ACT + SETTING + PRODUCT,
    "0007": FILE.format(added=SCHOOLS) + WORK_TASK + CHANGED + ACT + SETTING + PRODUCT,
}
"""Version → the statements that programs of its time made a ledger with; none of them stamped it."""
BROKEN_OFF = {
    "tables of 0006, columns of 0001": (
        FILE.format(added="") + WORK_TASK + REPLACEMENT + ACT + SETTING + PRODUCT,
        "0002",
    ),
    "tables of 0006, columns of 0003": (
        FILE.format(added=WAITING) + WORK_TASK + REPLACEMENT + ACT + SETTING + PRODUCT,
        "0004",
    ),
}
"""Ledgers of programs that were killed between making tables and adding columns, and what they are recognised as."""


def made(path: Path, statements: str) -> Path:
    """A ledger of an earlier program, with a row in every table that it had."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("pragma journal_mode = wal")
        connection.executescript(statements)
        connection.execute(
            "insert into file (sha256, name, size, received_at, declared, status, sheets, validated_with) "
            "values ('ab', 'форма.xlsx', 5, '2025-05-05', '{}', 'accepted', '[{\"years\": [2021]}]', 'old')"
        )
        connection.execute("insert into work_task values (2021, 'MA', 4, '1', 1)")
        connection.execute("insert into act values ('2025-05-05', 'withdraw', 'ab')")
        if "setting" in statements:
            connection.execute("insert into setting values ('pseudonym_key', 'f0f0')")
        if "product" in statements:
            connection.execute("insert into product values ('vpr_result/year=2021/ab-0.parquet', 'ab', 'd')")
        if "replacement" in statements:
            connection.execute(
                "insert into replacement (seq, by_seq, kind, year, rows, left_out) "
                "values (1, 2, 'vpr_result', 2021, 3, 0)"
            )
    return path


def shape(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Columns of every table, with types, NULLs, defaults and keys; and the indexes."""
    with closing(sqlite3.connect(path)) as connection:
        names = [
            name for (name,) in connection.execute("select name from sqlite_master where type = 'table' order by 1")
        ]
        tables = {
            name: sorted(row[1:] for row in connection.execute(f"pragma table_info({name})"))
            for name in names
            if not name.startswith("sqlite_")
        }
        indexes = connection.execute(
            "select name, tbl_name from sqlite_master where type = 'index' order by 1"
        ).fetchall()
    return tables | {"indexes": [row for row in indexes if row[0] != "sqlite_autoindex_alembic_version_1"]}


def stamped(path: Path) -> str | None:
    with closing(sqlite3.connect(path)) as connection:
        return ledger_versions.version(connection)


# ---- upgrading


@pytest.mark.parametrize(
    ("statements", "number"),
    [*((statements, number) for number, statements in EVER.items()), *BROKEN_OFF.values()],
    ids=[*EVER, *BROKEN_OFF],
)
def test_a_ledger_of_every_version_becomes_todays(
    tmp_path: Path, statements: str, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made(tmp_path / "ledger.sqlite", statements)
    with closing(sqlite3.connect(path)) as connection:
        assert ledger_versions.recognised(ledger_versions.columns(connection)) == number
    ledger = Ledger(path)
    assert stamped(path) == ledger_versions.NEWEST
    Ledger(tmp_path / "new" / "ledger.sqlite")
    assert shape(path) == shape(tmp_path / "new" / "ledger.sqlite")
    (entry,) = ledger.files()
    assert (entry.name, entry.status, entry.years, entry.rows_waiting, entry.schools) == (
        "форма.xlsx", "accepted", {2021}, 0, [],
    )  # fmt: skip
    assert ledger.acts() == [("withdraw", "ab")]
    assert ledger.positions(2021, "MA", 4) == {"1": 1}
    assert len(ledger.products()) == ("product" in statements)
    assert ledger.setting("pseudonym_key") == ("f0f0" if "setting" in statements else None)
    assert len(ledger.replacements()) == ("replacement" in statements)
    kept = tmp_path / f"ledger.{number}.sqlite"
    said = capsys.readouterr().err
    if number == ledger_versions.NEWEST:
        assert not kept.exists()
        assert said == ""
    else:
        assert kept.stat().st_mode & 0o777 == 0o600
        assert shape(kept)["file"] == shape(made(tmp_path / "old" / "ledger.sqlite", statements))["file"]
        assert f"обновлён с версии {number} до 0007; прежний сохранён рядом: ledger.{number}.sqlite" in said
    Ledger(path)
    assert capsys.readouterr().err == ""


def test_the_versions_are_those_of_the_modules_and_make_what_a_new_ledger_is() -> None:
    folder = Path(ledger_versions.__file__).parent
    revisions = [script.revision for script in ScriptDirectory(str(folder)).walk_revisions()]
    assert tuple(reversed(revisions)) == ledger_versions.VERSIONS == tuple(ledger_versions.SIGNS)
    assert [path.name[:5] for path in sorted((folder / "versions").glob("v*.py"))] == [
        f"v{number}" for number in ledger_versions.VERSIONS
    ]


def test_an_upgrade_that_breaks_off_leaves_the_ledger_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from msoko_pipeline.home.ledger_versions import adding

    path = made(tmp_path / "ledger.sqlite", EVER["0001"])
    before = shape(path)

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(adding, "column", full)
        with pytest.raises(sqlite3.OperationalError, match="full"):
            Ledger(path)
    assert {name: columns for name, columns in shape(path).items() if name != "alembic_version"} == before
    assert Ledger(path).files()[0].rows_waiting == 0


def _open(path: Path, names: multiprocessing.Queue) -> None:  # type: ignore[type-arg]
    names.put([entry.name for entry in Ledger(path).files()])


@pytest.mark.parametrize("number", ["0001", None], ids=["of an earlier version", "new"])
def test_processes_that_open_it_at_once_upgrade_it_once(tmp_path: Path, number: str | None) -> None:
    path = tmp_path / "ledger.sqlite"
    if number:
        made(path, EVER[number])
    context = multiprocessing.get_context("fork")
    names = context.Queue()
    processes = [context.Process(target=_open, args=(path, names)) for _ in range(4)]
    for process in processes:
        process.start()
    assert [names.get(timeout=60) for _ in processes] == [["форма.xlsx"] if number else []] * 4
    for process in processes:
        process.join()


def test_alembic_is_loaded_for_an_older_ledger_alone(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from msoko_pipeline.home.ledger import Ledger; "
        "Ledger(Path(sys.argv[1])); print('alembic' in sys.modules, 'sqlalchemy' in sys.modules)"
    )
    old = made(tmp_path / "old.sqlite", EVER["0005"])
    of_today = made(tmp_path / "today.sqlite", EVER["0007"])
    for path, loaded in ((tmp_path / "new.sqlite", False), (of_today, False), (old, True), (old, False)):
        done = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.stdout.split() == [str(loaded)] * 2, path


# ---- refused


def test_a_ledger_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    unstamped = made(
        tmp_path / "unstamped.sqlite", EVER["0007"].replace("schools text", "of_tomorrow text, schools text")
    )
    with pytest.raises(NewerLedger, match=r"\(столбцы: of_tomorrow\)\. Обновите программу"):
        Ledger(unstamped)
    assert stamped(unstamped) is None
    newer = made(tmp_path / "newer.sqlite", EVER["0007"])
    Ledger(newer)
    with closing(sqlite3.connect(newer)) as connection, connection:
        connection.execute("update alembic_version set version_num = '0008'")
    with pytest.raises(NewerLedger, match=r"версия реестра 0008, здесь 0007\)\. Обновите программу"):
        Ledger(newer)
    assert stamped(newer) == "0008"


def test_another_database_is_no_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table bookmark (url text)")
    with pytest.raises(LedgerTrouble, match="внутри другая база"):
        Ledger(path)
    assert stamped(path) is None


# ---- a home of an earlier version


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("published")
    export(root / "inbox", "2021/4/Математика.csv", GOOD)
    assert run(root).returncode == 0
    return root


def run(root: Path) -> Done:
    return msoko_here("run", "--home", root / "home", "--inbox", root / "inbox")


def put_back(path: Path, number: str) -> None:
    """Make a ledger what a program of that version would have written: its tables and columns, its rules."""
    with closing(sqlite3.connect(path)) as new:
        rows = {
            name: (columns, new.execute(f"select {', '.join(columns)} from {name}").fetchall())
            for name, columns in ledger_versions.columns(new).items()
        }
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as old, old:
        old.executescript(EVER[number])
        for name, there in ledger_versions.columns(old).items():
            columns, values = rows[name]
            chosen = [column for column in columns if column in there]
            at = [[*columns].index(column) for column in chosen]
            old.executemany(
                f"insert into {name} ({', '.join(chosen)}) values ({', '.join('?' * len(chosen))})",
                [[row[place] for place in at] for row in values],
            )
        old.execute("update file set validated_with = '0.0.1-older'")


@pytest.mark.parametrize("number", ["0001", "0005"])
def test_a_home_of_an_earlier_version_runs_and_publishes(published: Path, tmp_path: Path, number: str) -> None:
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    settings = Settings(home=tmp_path / "home")
    put_back(settings.ledger, number)
    export(tmp_path / "inbox", "ещё/2021/4/Математика.csv", GOOD[:1])
    done = run(tmp_path)
    assert f"обновлён с версии {number}" in done.stderr
    assert "Опубликовано" in done.stdout
    assert done.returncode in (0, 3)
    entries = ledger_of(settings).files()
    assert [entry.name for entry in entries] == ["2021/4/Математика.csv", "ещё/2021/4/Математика.csv"]
    assert entries[0].status == "accepted"
    assert entries[0].validated_with != "0.0.1-older"
