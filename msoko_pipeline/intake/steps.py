"""Takes the inbox in: receive → recognise → validate. Two steps, each callable alone and safe to repeat.

`receive` archives new files and keeps their cells; `validate` turns the cells of one kind and year into facts.
A file refused as a whole never stops the others.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msoko_pipeline.home import closed, failures, places, pseudonyms, store
from msoko_pipeline.home.audit import audit
from msoko_pipeline.home.ledger import Entry, Ledger, ledger_of
from msoko_pipeline.intake import PRELOADED, copies, manifests
from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.privacy.repeating import unnamed_details
from msoko_pipeline.reading import pool
from msoko_pipeline.reading.archive import receive as received_files
from msoko_pipeline.reading.extract import Extracted, extract
from msoko_pipeline.reading.kept import Received
from msoko_pipeline.reading.procedures.declared import Declared, from_path
from msoko_pipeline.settings import Settings
from msoko_pipeline.versions import judging
from schemas.kinds import KINDS
from schemas.layout import layouts

Progress = Callable[[str, int, int], None]
"""Called with a step's name, how many are done, how many there are."""

ARCHIVE_LOST = "file_archive_lost"  # the refusal of a file that must be sent again, and is welcome when it comes
ROUNDS = 3  # of reading: manifests, all others, those of which a manifest under another name has told since
FEW, SMALL = 5_000, 1_000_000  # rows, bytes of their texts that are judged sooner here than in processes of their own


def quiet(step: str, done: int, total: int) -> None:
    """No progress."""


@dataclass
class Intake:
    """What the inbox brought. new, old: names of its files; years: those of the new files."""

    new: list[str] = field(default_factory=list)
    old: list[str] = field(default_factory=list)
    years: set[int] = field(default_factory=set)


def incoming(settings: Settings) -> list[Received]:
    """Every file of the inbox, archived; what the pipeline itself keeps inside the inbox is none of them."""
    places.check(settings)
    return list(received_files(settings.inbox, settings.archive, places.left_out(settings), settings.reading))


def receive(settings: Settings, progress: Progress = quiet, came: Sequence[Received] | None = None) -> Intake:
    """Archive what is new in the inbox, recognise it, keep its cells; the ledger says what became of each file.

    The same content twice is a no-op. A file whose declared work has changed (a manifest came, the path was mended)
    is recognised again. Manifests are read first; one that was known only by its content counts in the third round.

    came: the files, where they do not come from the inbox.
    """
    pool.warm(*PRELOADED)
    closed.close(settings.archive, settings.cells, settings.lake, settings.ledger)
    ledger, result = ledger_of(settings), Intake()
    came = incoming(settings) if came is None else came
    first = _first(came)
    entries = {entry.sha256: entry for entry in ledger.files()}
    ledger.add(
        (item.sha256, item.shown, item.size, unnamed_details(from_path(item.name).to_json()))
        for item in first.values()
        if item.sha256 not in entries
    )
    seen: set[str] = set()
    for round_ in range(ROUNDS):
        entries = {entry.sha256: entry for entry in ledger.files()}
        todo = _to_read(came, entries)
        if round_ == 0:
            todo = [(item, declared) for item, declared in todo if manifests.is_named(item.name)]
        read(settings, todo, progress, "Чтение перечней файлов" if round_ == 0 else "Чтение файлов")
        seen |= {item.sha256 for item, _ in todo}
    validate(settings, [manifests.KIND], among=seen)
    copies.settle(settings.lake, ledger, judging())
    result.new = [item.shown for item in first.values() if item.sha256 in seen]
    result.old = [item.shown for item in came if item is not first[item.sha256] or item.sha256 not in seen]
    result.years = {year for entry in ledger.files() if entry.sha256 in seen for year in entry.years}
    return result


def _to_read(came: Sequence[Received], entries: Mapping[str, Entry]) -> list[tuple[Received, Declared]]:
    """Files that the ledger has not read as they are declared now. What the first name of a content does not tell, its
    other names may: a copy under a better name is the sender's answer to a refusal.
    """
    lines = manifests.Manifests(came, entries)
    declared: dict[str, Declared] = {}
    for item in came:
        of_name = lines.declared(item.name)
        first = declared.get(item.sha256)
        declared[item.sha256] = of_name if first is None else first.beside(item.shown, of_name)
    return [
        (item, declared[sha256])
        for sha256, item in _first(came).items()
        if sha256 not in entries or _again(entries[sha256], item.shown, declared[sha256])
    ]


def read(
    settings: Settings,
    items: Sequence[tuple[Received, Declared]],
    progress: Progress = quiet,
    step: str = "Чтение файлов",
) -> None:
    """Recognise archived files and keep their cells; the ledger, which knows them, says what became of each.

    step: what this is called in progress.
    """
    changes = [
        _recorded(settings, item, declared, _refused(item.refusal))
        for item, declared in items
        if item.refusal is not None
    ]
    broken = [(item.sha256, item.refusal) for item, _ in items if item.refusal is not None]
    readable = [(item, declared) for item, declared in items if item.refusal is None]
    secret = pseudonyms.key(settings) if readable else b""
    tasks = [(item.kept, item.name, declared, settings.cells / item.sha256, secret) for item, declared in readable]
    outcomes = pool.run(extract, tasks, **settings.reading)
    for number, ((item, declared), outcome) in enumerate(zip(readable, outcomes, strict=True), 1):
        if isinstance(outcome, Refusal):
            broken.append((item.sha256, outcome))
        extracted = _refused(outcome) if isinstance(outcome, Refusal) else outcome
        changes.append(_recorded(settings, item, declared, extracted))
        progress(step, number, len(readable))
    _log(settings, broken)
    _enter(settings, changes)


def _log(settings: Settings, refusals: Iterable[tuple[str, Refusal]]) -> None:
    """Keep where our own code failed, of the files (by SHA-256) that were refused for that."""
    failures.log(settings.home, judging(), [(sha256, refusal.trace) for sha256, refusal in refusals if refusal.trace])


def _enter(settings: Settings, changes: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Set the ledger's columns; of a file that was withdrawn meanwhile nothing stays in the lake."""
    for sha256 in ledger_of(settings).update(changes):
        store.forget(settings.lake, sha256)


def _refused(refusal: Refusal) -> Extracted:
    return Extracted(refusal=(refusal.issue_type, unnamed_details(refusal.details)))


def _first(incoming: Iterable[Received]) -> dict[str, Received]:
    """Of files with the same content the one that came first: its name and path count for all."""
    first: dict[str, Received] = {}
    for item in incoming:
        first.setdefault(item.sha256, item)
    return first


def _again(entry: Entry, name: str, declared: Declared) -> bool:
    """Whether a known file must be recognised anew: other rules may know it, or what is declared of it has changed.

    The name of a file of ВсОШ may tell its stage and year, so a renamed one is asked again.
    """
    if entry.status == "withdrawn":
        return False
    if entry.refusal is not None and (entry.validated_with != judging() or entry.refusal[0] == ARCHIVE_LOST):
        return True
    if entry.refusal is None and not entry.sheets:  # a run that broke off between receipt and reading
        return True
    sources = {layouts()[sheet["layout"]].work for sheet in entry.sheets}
    refused = str(entry.refusal[0]) if entry.refusal is not None else ""
    if "olympiad" in sources or refused == "file_olympiad_unknown":
        return entry.name != name
    is_asked = refused.startswith(("file_work_", "file_school_"))
    before, now = (unnamed_details({**Declared().to_json(), **each}) for each in (entry.declared, declared.to_json()))
    return before["other_work"] != now["other_work"] or (("declared" in sources or is_asked) and before != now)


def _recorded(settings: Settings, item: Received, declared: Declared, outcome: Extracted) -> tuple[str, dict[str, Any]]:
    """The ledger's columns of a file after reading; the issue of a refused one is written."""
    values: dict[str, Any] = {
        "name": item.shown, "declared": unnamed_details(declared.to_json()), "sheets": outcome.sheets,
        "notes": outcome.notes, "validated_with": None, "refusal": outcome.refusal,
        "rows_read": 0, "rows_accepted": 0, "rows_quarantined": 0, "superseded_by": None, "products": {}, "schools": [],
    }  # fmt: skip
    if outcome.refusal is not None:
        from msoko_pipeline.intake.sheets import write_refusal

        message = write_refusal(settings.lake, item.sha256, item.shown, [*outcome.notes, outcome.refusal])
        values |= {"status": "refused", "message_ru": message, "validated_with": judging()}
        values["products"] = store.ops_digests(settings.lake, item.sha256)
        values |= {"kind": None, "layout": None, "year": None, "subject": None, "grade": None}
    else:
        main = next((s for s in outcome.sheets if not layouts()[s["layout"]].auxiliary), outcome.sheets[0])
        work = main["work"] or {}
        year = work.get("year") or layouts()[main["layout"]].year
        values |= {"status": "received", "message_ru": None, "kind": main["kind"], "layout": main["layout"]}
        values |= {"year": year, "subject": work.get("subject") or None, "grade": work.get("grade") or None}
    return item.sha256, values


def unvalidated(settings: Settings, kinds: Iterable[str], years: Iterable[int] | None = None) -> list[Entry]:
    """Received files of these kinds (and years) whose facts are not there or were made by other rules."""
    among = None if years is None else set(years)
    waiting = ledger_of(settings).files_of(
        kinds, "status not in ('refused', 'withdrawn') and validated_with is not ?", judging()
    )
    return [entry for entry in waiting if among is None or not entry.years or entry.years & among]


def validate(
    settings: Settings,
    kinds: Iterable[str],
    years: Iterable[int] | None = None,
    progress: Progress = quiet,
    among: Container[str] | None = None,
    title: str = "",
) -> list[Entry]:
    """Validate what is not validated yet of these kinds (and years); returns the entries as they stand after.

    among: SHA-256 of the files it is about, where it is about some only; title: what the kinds are called in progress.
    """
    from msoko_pipeline.intake.sheets import Job, Outcome
    from msoko_pipeline.intake.sheets import validate as validate_file

    pool.warm(*PRELOADED)
    ledger = ledger_of(settings)
    todo = [entry for entry in unvalidated(settings, kinds, years) if among is None or entry.sha256 in among]
    jobs = [
        (
            Job(
                entry.sha256, entry.name, entry.seq,
                [(s["number"], _positions(ledger, s)) for s in entry.sheets if not copies.is_in_question(s)],
                [*((issue, details) for issue, details in entry.notes), *copies.left_out(entry)],
                settings.cells, settings.lake,
                settings.region_code,
            ),
        )
        for entry in todo
    ]  # fmt: skip
    sheets = [sheet for entry in todo for sheet in entry.sheets]
    few = sum(s["rows"] for s in sheets) < FEW and sum(s.get("bytes", SMALL) for s in sheets) < SMALL
    outcomes: Iterable[Outcome | Refusal] = (
        (validate_file(*job) for job in jobs)
        if few
        else pool.run(
            validate_file,
            jobs,
            workers=settings.workers,
            memory_mb=settings.reader_memory_mb,
            seconds=settings.reader_seconds,
        )
    )
    changes, broken = [], []
    for number, (entry, outcome) in enumerate(zip(todo, outcomes, strict=True), 1):
        if isinstance(outcome, Refusal):
            broken.append((entry.sha256, outcome))
        changes.append((entry.sha256, _judged(settings, entry, outcome)))
        progress(f"Проверка строк — {title}" if title else "Проверка строк", number, len(todo))
    _log(settings, broken)
    _enter(settings, changes)
    return [entry for entry in (ledger.get(sha256) for sha256, _ in changes) if entry]


def _positions(ledger: Ledger, sheet: dict[str, Any]) -> dict[str, int]:
    if sheet["kind"] != "vpr_result":
        return {}
    work = sheet["work"]
    return ledger.positions(work["year"], work["subject"], work["grade"], [task[0] for task in sheet["tasks"]])


def _judged(settings: Settings, entry: Entry, outcome: Any) -> dict[str, Any]:
    if isinstance(outcome, Refusal):
        from msoko_pipeline.intake.sheets import write_refusal

        message = write_refusal(settings.lake, entry.sha256, entry.name, [(outcome.issue_type, outcome.details)])
        return {
            "status": "refused", "message_ru": message, "validated_with": judging(),
            "refusal": (outcome.issue_type, outcome.details),
            "rows_read": 0, "rows_accepted": 0, "rows_quarantined": 0,
            "products": store.ops_digests(settings.lake, entry.sha256),
        }  # fmt: skip
    whole = not outcome.rows_quarantined and not outcome.left_out
    return {
        "status": "accepted" if whole else "partial", "message_ru": None if whole else _not_taken(outcome),
        "validated_with": judging(), "rows_read": outcome.rows_read, "rows_accepted": outcome.rows_accepted,
        "rows_quarantined": outcome.rows_quarantined, "products": outcome.products, "schools": outcome.schools,
    }  # fmt: skip


def _not_taken(outcome: Any) -> str:
    """What of a file is in no result, in words."""
    parts = [f"не принято отчётов: {outcome.left_out}"] * bool(outcome.left_out)
    if outcome.rows_quarantined:
        parts.append(f"в карантине строк: {outcome.rows_quarantined} из {outcome.rows_read}")
    return "; ".join(
        [*parts, f"замечаний: {outcome.issues}", *[f"прежде всего — {outcome.chief}"] * bool(outcome.chief)]
    )


def pending(settings: Settings) -> bool:
    """Whether there is anything to do: the inbox holds what the ledger has not seen, received files wait to be
    validated, or what lies on disk is not what was written."""
    ledger = ledger_of(settings)
    if not audit(settings, ledger).is_clean:
        return True
    if _to_read(incoming(settings), {entry.sha256: entry for entry in ledger.files()}):
        return True
    return bool(copies.changed(ledger.files()) or unvalidated(settings, [*KINDS, manifests.KIND]))


def withdraw(settings: Settings, sha256: str) -> Entry:
    """Take a file out of the facts; the archive keeps it and the act is recorded. Raises LookupError if unknown."""
    entry = only(settings, sha256)
    ledger = ledger_of(settings)
    ledger.withdraw(entry.sha256, judging())
    ledger.keep_copy()
    store.forget(settings.lake, entry.sha256)
    return entry


def readmit(settings: Settings, sha256: str) -> Entry:
    """Take a withdrawal back; the act is recorded. Raises LookupError if the file is unknown or was not withdrawn."""
    entry = only(settings, sha256)
    ledger = ledger_of(settings)
    if not ledger.readmit(entry.sha256):
        raise LookupError(f"файл «{entry.name}» не изъят, возвращать нечего")
    ledger.keep_copy()
    return entry


def only(settings: Settings, sha256: str) -> Entry:
    """The one file of the ledger whose SHA-256 begins so. Raises LookupError."""
    matching = ledger_of(settings).files("sha256 like ?", sha256.lower() + "%")
    if len(matching) != 1:
        raise LookupError(f"файл {sha256} в реестре не найден")
    return matching[0]
