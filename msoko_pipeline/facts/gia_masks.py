"""How the protocols of the state exams write answers: a mask of short tasks and a list of scores of long ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from msoko_pipeline.reading.cells import Wrong

_LONG = re.compile(r"(\d+)\((\d+)\)")


@dataclass(frozen=True)
class ShortAnswer:
    """A task with a short answer: done in full, not done, or done in part for so many points."""

    result: Literal["full", "zero", "partial"]
    points: int | None


def short_answers(mask: str) -> list[ShortAnswer]:
    """`++-2+` → a task a character: `+` full (its points are the task's maximum), `-` zero, a digit partial points.

    Raises Wrong("cell_score") for any other character.
    """
    found = []
    for sign in mask.strip():
        if sign == "+":
            found.append(ShortAnswer("full", None))
        elif sign in "-−–":
            found.append(ShortAnswer("zero", 0))
        elif sign.isdigit():
            found.append(ShortAnswer("partial", int(sign)))
        else:
            raise Wrong("cell_score")
    return found


def long_answers(text: str) -> list[tuple[int, int]]:
    """`1(2)2(3)0(2)` → (score, maximum) of each task or criterion, балл.

    Raises Wrong("cell_score") where anything else stands, Wrong("cell_score_over_maximum") for a score above its own.
    """
    packed = re.sub(r"\s", "", text)
    if not re.fullmatch(rf"(?:{_LONG.pattern})*", packed):
        raise Wrong("cell_score")
    found = [(int(score), int(top)) for score, top in _LONG.findall(packed)]
    for score, top in found:
        if score > top:
            raise Wrong("cell_score_over_maximum", detail=top)
    return found
