"""What can go wrong with a file as a whole: an exception that carries an issue type of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from msoko_pipeline.home import failures
from msoko_pipeline.text.signs import in_line
from msoko_pipeline.trouble import is_of_machine
from schemas import catalogue

T = TypeVar("T")


class Refusal(Exception):
    """The file is not taken in. issue_type: key of schemas/layouts/issues.yaml; the rest fills the message.

    trace: where our own code failed, if it did.
    """

    trace = ""

    def __init__(self, issue_type: str, **details: Any) -> None:
        self.issue_type = issue_type
        self.details = details
        super().__init__(issue_type, details)

    def __reduce__(self) -> Any:
        return (_again, (self.issue_type, self.details, self.trace))

    def message(self) -> str:
        """What is wrong and what to do, for the sender."""
        return f"{said(self.issue_type, **self.details)}. {advice(self.issue_type, to_sender=True)}"


def _again(issue_type: str, details: dict[str, Any], trace: str) -> Refusal:
    refusal = Refusal(issue_type, **details)
    refusal.trace = trace
    return refusal


def failed(error: Exception) -> Refusal:
    """The refusal of a file at which our own code failed."""
    return _again("file_failed", {"detail": failures.place_of(error)}, failures.trace_of(error))


def guarded(work: Callable[..., T], *task: Any) -> T | Refusal:
    """`work(*task)`; whatever it raises becomes the refusal of its task, so that the other tasks go on.

    A trouble of the machine (a full disk) is not the fault of any file and is raised.
    """
    try:
        return work(*task)
    except Refusal as refusal:
        return refusal
    except MemoryError:
        return Refusal("file_too_large", detail="не хватило памяти")
    except Exception as error:
        if is_of_machine(error):
            raise
        return failed(error)


def said(issue_type: str, **details: Any) -> str:
    """What is wrong, in Russian, for one issue of the catalogue."""
    return in_line(str(catalogue.issue_types()[issue_type]["says"].format_map(_Blank(details))))


def sentence(issue_type: str, **details: Any) -> str:
    """What is wrong and what to do."""
    return f"{said(issue_type, **details)}. {advice(issue_type)}"


def advice(issue_type: str, *, to_sender: bool = False) -> str:
    """What to do: for who runs the program, or for the sender, who knows nothing of its lists and settings."""
    declared = catalogue.issue_types()[issue_type]
    return str(declared["mend"] if to_sender else declared.get("ours", declared["mend"]))


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
