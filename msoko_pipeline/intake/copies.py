"""Reports whose rows are those of another work or school, cell by cell: a question on the later one (decision 0017).

The question is asked anew at each run, so that it is withdrawn with the file it refers to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from msoko_pipeline.home import store
from msoko_pipeline.home.ledger import Entry, Ledger
from msoko_pipeline.issues.refusals import said
from msoko_pipeline.privacy.repeating import unnamed_details
from msoko_pipeline.reading.procedures.work import Work
from schemas.layout import layouts

ISSUE, PART = "file_copy", "sheet_part_refused"
IN_NO_RESULT = ("superseded", "withdrawn")
_WORK = ("procedure", "year", "subject", "grade", "date", "stage")

Question = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class _Report:
    """A report that stands: its file, sheet, work, schools."""

    entry: Entry
    sheet: Mapping[str, Any]

    def contradicts(self, sheet: Mapping[str, Any]) -> bool:
        """Whether the same rows cannot be of both: another work, or the same of other schools."""
        if any(self.sheet["work"].get(name) != sheet["work"].get(name) for name in _WORK):
            return True
        ours, theirs = set(sheet["content"]["schools"]), set(self.sheet["content"]["schools"])
        return bool(ours and theirs) and not ours & theirs


def questions(entries: Iterable[Entry]) -> dict[str, dict[int, Question]]:
    """SHA-256 → number of a sheet → why it is not taken in. entries: of the ledger, in the order of receipt."""
    standing: dict[str, list[_Report]] = {}
    doubts: dict[str, dict[int, Question]] = {}
    for entry in entries:
        for sheet in entry.sheets if _counts(entry) else ():
            if not sheet.get("content") or not sheet["work"]:
                continue
            earlier = standing.setdefault(f"{sheet['kind']} {sheet['content']['digest']}", [])
            other = next((report for report in earlier if report.contradicts(sheet)), None)
            if other is None:
                earlier.append(_Report(entry, sheet))
            else:
                doubts.setdefault(entry.sha256, {})[sheet["number"]] = _question(entry, sheet, other)
    return doubts


def _counts(entry: Entry) -> bool:
    """Whether the rows of a file are in results, or would be but for such a question."""
    if entry.status in IN_NO_RESULT:
        return False
    return entry.refusal is None or entry.refusal[0] == ISSUE


def _question(entry: Entry, sheet: Mapping[str, Any], other: _Report) -> Question:
    place = f" листа «{other.sheet['sheet']}»" if other.sheet["sheet"] else ""
    of_file = "этого же файла" if other.entry is entry else f"файла «{other.entry.name}»"
    detail = (
        f"«{_title(sheet)}» — то же, что «{_title(other.sheet)}»{place} {of_file} (строк: {sheet['content']['rows']})"
    )
    details = {"sheet": sheet["sheet"], "detail": detail}
    return ISSUE, unnamed_details(details)


def _title(sheet: Mapping[str, Any]) -> str:
    return Work(**sheet["work"]).title()


def is_in_question(sheet: Mapping[str, Any]) -> bool:
    """Whether a sheet of the ledger is not taken in because of such a question."""
    return bool(sheet.get("question"))


def left_out(entry: Entry) -> list[Question]:
    """The issues about reports that are not taken in while others of their file are."""
    return [
        (PART, {"sheet": sheet["sheet"], "row": sheet["row"], "detail": said(issue, **details)})
        for sheet in entry.sheets if is_in_question(sheet) for issue, details in [sheet["question"]]
    ]  # fmt: skip


def changed(entries: Sequence[Entry], before: Sequence[Entry] = ()) -> list[Entry]:
    """The entries whose questions are others than the ledger has, with those of today in their sheets.

    before: entries of another ledger that came earlier.
    """
    doubts, differing = questions([*before, *entries]), list[Entry]()
    for entry in entries:
        if entry.status in IN_NO_RESULT or not entry.sheets:
            continue
        now = doubts.get(entry.sha256, {})
        sheets = [{**sheet, "question": now.get(sheet["number"])} for sheet in entry.sheets]
        if [_kept(sheet) for sheet in sheets] != [_kept(sheet) for sheet in entry.sheets]:
            differing.append(replace(entry, sheets=sheets))
    return differing


def _kept(sheet: Mapping[str, Any]) -> list[Any] | None:
    """The question of a sheet as the ledger keeps it."""
    return list(sheet["question"]) if sheet.get("question") else None


def settle(lake: Path, ledger: Ledger, rules: str, before: Sequence[Entry] = ()) -> None:
    """Ask today's questions: a file of which nothing is left is refused, another is validated without the reports in
    question; where a question is withdrawn, the file is validated again.
    """
    changes = [(entry.sha256, _answered(lake, entry, rules)) for entry in changed(ledger.files(), before)]
    for sha256 in ledger.update(changes):
        store.forget(lake, sha256)


def _answered(lake: Path, entry: Entry, rules: str) -> dict[str, Any]:
    """The ledger's columns of a file whose questions have changed."""
    values: dict[str, Any] = {
        "sheets": entry.sheets, "status": "received", "refusal": None, "message_ru": None, "validated_with": None,
        "rows_read": 0, "rows_accepted": 0, "rows_quarantined": 0, "products": {}, "schools": [],
    }  # fmt: skip
    main = [sheet for sheet in entry.sheets if not layouts()[sheet["layout"]].auxiliary]
    if not all(map(is_in_question, main)):
        store.forget(lake, entry.sha256)
        return values
    from msoko_pipeline.intake.sheets import write_refusal

    refusal = main[0]["question"]
    problems = [*((issue, details) for issue, details in entry.notes), *(sheet["question"] for sheet in main)]
    message = write_refusal(lake, entry.sha256, entry.name, problems)
    written = store.ops_digests(lake, entry.sha256)
    outcome = {"status": "refused", "refusal": refusal, "message_ru": message, "validated_with": rules}
    return values | outcome | {"products": written}
