"""Equal findings of a file said once, with the rows of the others, in the order of its sheets and rows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import pandas as pd

from msoko_pipeline.intake.marks import Mark
from msoko_pipeline.issues.findings import place
from msoko_pipeline.issues.refusals import advice
from schemas import catalogue

LISTED = 20  # ranges of rows that are named; who has more to mend looks at the return workbook
FORMS = ("строка", "строки", "строк")


def messages(issues: Sequence[Mapping[str, Any]], file: str) -> list[str]:
    """What is said to the sender of a file. issues: rows of `ops.issue` about it."""
    first: dict[Hashable, Mapping[str, Any]] = {}
    others: dict[Hashable, list[int]] = {}
    for issue in _in_order(_gravest(issues)):
        folds = issue["row"] and catalogue.issue_types()[issue["issue_type"]].get("folds")
        value = None if folds else wrong(issue, file)
        key = (issue["issue_type"], issue["sheet"], issue["column"], value)
        if key in first and issue["row"]:
            others.setdefault(key, []).append(issue["row"])
        first.setdefault(key, issue)
    return [_said(issue, file, others.get(key, [])) for key, issue in first.items()]


def _gravest(issues: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The findings without the warnings about a cell that has an error: who mends it looks at the rest again."""
    wrong_cells = {
        _cell(issue) for issue in issues if issue["severity"] == "error" and issue["row"] and issue["column"]
    }
    return [issue for issue in issues if issue["severity"] != "warning" or _cell(issue) not in wrong_cells]


def _cell(issue: Mapping[str, Any]) -> tuple[Hashable, ...]:
    return issue["sheet"], issue["row"], issue["column"]


def _in_order(issues: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Findings about the file and its sheets, then those of rows, sheet by sheet; of a row errors first."""
    sheets = list(dict.fromkeys(issue["sheet"] for issue in issues if issue["row"]))

    def where(issue: Mapping[str, Any]) -> tuple[int, int, bool]:
        place = (sheets.index(issue["sheet"]), issue["row"]) if issue["row"] else (-1, 0)
        return (*place, issue["severity"] != "error")

    return sorted(issues, key=where)


def wrong(issue: Mapping[str, Any], file: str) -> str:
    """What is wrong, without the place and without what to do."""
    where = place(file, issue["sheet"], issue["row"], issue["column"])
    message = str(issue["message_ru"]).removeprefix(f"{where}: ")
    return message.removesuffix(f". {advice(issue['issue_type'])}")


def _said(issue: Mapping[str, Any], file: str, others: Sequence[int]) -> str:
    where = place(file, issue["sheet"], issue["row"], issue["column"])
    return f"{where}: {wrong(issue, file)}{also(others)}. {advice(issue['issue_type'], to_sender=True)}"


def chief(issues: pd.DataFrame, file: str) -> str | None:
    """The error that most rows have in one column, with the rows, in words; None without errors of rows."""
    errors = issues[(issues["severity"] == "error") & issues["row"].notna()]
    if errors.empty:
        return None
    lots = errors.groupby(["issue_type", "sheet", "column", "value"], dropna=False, sort=False).ngroup()
    lot = errors[lots == lots.value_counts(sort=False).idxmax()].sort_values("row")
    first = {column: None if pd.isna(value) else value for column, value in lot.iloc[0].items()}
    first["row"], *others = lot["row"].astype("int64").tolist()
    where = place("", first["sheet"], first["row"], first["column"]).partition(", ")[2]
    text = f"{where}: {wrong(first, file)}{also(others)}"
    alike = issues["row"].isna() & (issues["issue_type"] == first["issue_type"])
    for name in ("sheet", "column"):
        alike &= issues[name].isna() if first[name] is None else issues[name].eq(first[name]).fillna(False)
    further = [wrong(issue, file) for issue in issues[alike].astype(object).to_dict("records")]
    return "; ".join([text, *further])


def fold(marks: Iterable[Mark]) -> list[Mark]:
    """Marks as the sheet «Что исправить» lists them: one for all equal ones of a column, which names the other rows."""
    first: dict[Hashable, Mark] = {}
    others: dict[Hashable, list[int]] = {}
    for mark in marks:
        key = (mark.sheet, mark.column, mark.wrong, mark.mend)
        if key in first and mark.row:
            others.setdefault(key, []).append(mark.row)
        first.setdefault(key, mark)
    return [replace(mark, wrong=mark.wrong + also(others.get(key, []))) for key, mark in first.items()]


def also(rows: Sequence[int]) -> str:
    """` (ещё 4 строки: 8–10, 15)`; nothing where there are no others."""
    if not rows:
        return ""
    ranges = [_range(list(run)) for run in _runs(sorted(set(rows)))]
    more = f" и далее, до {max(rows)}" if len(ranges) > LISTED else ""
    return f" (ещё {counted(len(set(rows)), FORMS)}: {', '.join(ranges[:LISTED])}{more})"


def _runs(rows: Sequence[int]) -> Iterable[Iterable[int]]:
    """Rows that follow one another, together."""
    for _, run in groupby(enumerate(rows), lambda pair: pair[1] - pair[0]):
        yield [row for _, row in run]


def _range(run: Sequence[int]) -> str:
    return str(run[0]) if len(run) == 1 else f"{run[0]}{'–' if len(run) > 2 else ', '}{run[-1]}"


def counted(number: int, forms: tuple[str, str, str]) -> str:
    """`1 строка`, `4 строки`, `11 строк`."""
    tens, ones = number % 100, number % 10
    form = 2 if 10 < tens < 20 or ones > 4 or not ones else 0 if ones == 1 else 1
    return f"{number} {forms[form]}"
