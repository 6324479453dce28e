"""`ops.file` and `ops.issue`: the school, the file's name and the year, wherever they are known."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from msoko_pipeline.home import store
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.intake import freshness
from msoko_pipeline.issues.whose import located
from msoko_pipeline.publishing import ops_rows
from msoko_pipeline.settings import Settings
from tests import making
from tests.unit.test_unknown_schools import computed, protocol, register, results


def published(home: Settings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of ops.file by the file's own name, and rows of ops.issue."""
    entries = ledger_of(home).files()
    years = sorted(freshness.inputs(home))
    known = ops_rows.schools_of(home, years)
    found = [store.issues_file(home.lake, entry.sha256) for entry in entries]
    found += [path for year in years for path in store.question_files(home.lake, year)]
    files = ops_rows.files(entries, known)
    issues = pq.read_table(ops_rows.issues(home, entries, [path for path in found if path.exists()], known)).to_pandas()
    return files.set_index(files["name"].map(lambda name: Path(name).name)), issues


def test_findings_name_the_school_of_their_row_by_its_own_login(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    register(inbox)
    path = results(inbox, "sch190001", "edu190005", "edu195555")
    rows = making.export_2021(
        """
        sch190001 | 1 | 50001 | 4 | м | а | 1 | 9 | 1 | 1 | 2 | 1 | 1 | 1 | 1 | 1 | 1) История | нет
        edu190005 | 2 | 50002 | 4 | м | а | 1 | 9 | Z | 1 | 2 | 1 | 1 | 1 | 1 | 1 | 1) История | нет
        edu195555 | 3 | 50003 | 7 | м | а | 1 | 9 | 1 | 1 | 2 | 1 | 1 | 1 | 1 | 1 | 1) История | нет
        """
    )
    making.xlsx(path, rows)
    files, issues = published(computed(tmp_path))
    by_type = issues.set_index("issue_type")
    assert by_type.loc["cell_score", ["name", "year", "org_id", "row"]].tolist() == [
        "2021/5/История.xlsx", 2021, "edu190005", 3,
    ]  # fmt: skip
    assert pd.isna(by_type.loc["cell_journal_mark", "org_id"])  # a login that nobody has is no known school
    assert by_type.loc["login_unknown", ["name", "year"]].tolist() == ["2021/5/История.xlsx", 2021]
    assert files.loc["История.xlsx", "year"] == 2021
    assert pd.isna(files.loc["История.xlsx", "org_id"])  # of several schools
    assert files.loc["История.xlsx", "rows_waiting"] == 1


def test_a_file_of_one_school_names_it_whatever_it_is_called_there(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    register(inbox)
    protocol(inbox, "0306", "306", 306.0)
    form = making.form_2026(making.PUPILS_2026.replace("40001 | 1 | 5", "40001 | 1 | 9"))
    making.xlsx(inbox / "2026" / "edu190005" / "Форма Математика 4 класс.xlsx", form)
    making.xlsx(inbox / "2026" / "edu190001" / "Русский язык 4 класс.xlsx", [["не таблица"], ["а"]])
    files, issues = published(computed(tmp_path))
    assert files.loc["протокол.xlsx", ["org_id", "year"]].tolist() == ["edu190001", 2026]
    assert files.loc["Форма Математика 4 класс.xlsx", "org_id"] == "edu190005"
    assert files.loc["Русский язык 4 класс.xlsx", ["status", "org_id"]].tolist() == ["refused", "edu190001"]
    assert set(issues.loc[issues["issue_type"] == "cell_score_over_maximum", "org_id"]) == {"edu190005"}
    assert set(issues.loc[issues["issue_type"] == "file_kind_unknown", "org_id"]) == {"edu190001"}


def test_rows_of_registers_tell_their_own_year(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    register(inbox)
    table = making.table(making.FLAT["recheck"].replace("| 14 |", "| Z |").replace("2025 | ВсОШ", "2024 | ВсОШ"))
    making.xlsx(inbox / "перепроверка.xlsx", table)
    files, issues = published(computed(tmp_path))
    assert pd.isna(files.loc["перепроверка.xlsx", "year"])
    wrong = issues[issues["issue_type"] == "cell_not_a_number"]
    assert wrong[["year", "org_id"]].to_numpy().tolist() == [[2025, "edu190001"]]


def test_findings_of_a_sheet_that_names_no_school_and_no_year_have_neither(tmp_path: Path) -> None:
    region = pd.DataFrame({"row": [2], "level": ["region"], "unit_id": [None]})
    for facts in (pd.DataFrame({"row": [2, 3]}), region):
        found = located(pd.DataFrame({"row": [2, None]}), facts)
        assert found.dtypes[["org_ref", "year"]].astype(str).tolist() == ["string", "Int64"]
        assert found[["org_ref", "year"]].isna().all(axis=None)
    one = located(pd.DataFrame({"row": [9, None]}), pd.DataFrame({"row": [2], "org_id": ["edu190001"], "year": [2021]}))
    assert one[["org_ref", "year"]].to_numpy().tolist() == [["edu190001", 2021]] * 2
