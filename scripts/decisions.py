"""The form of a decision, and the index of all decisions made from their titles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

SUBJECTS = (
    "Files and people",
    "Which facts hold",
    "Figures",
    "Risk and objectivity",
    "Publication",
    "The house",
)
HEADINGS = ("Decided", "Why", "Considered", "Costs")
OPTIONAL = {"Considered"}
INDEX = "README.md"
FILE = re.compile(r"(\d{4})-[a-z0-9-]+\.md")
OPENING = re.compile(r"# (?P<number>\d{4})\. (?P<title>[A-ZА-ЯЁ`].*[^.\s])\nSubject: (?P<subject>.+)\n\n")
HEADING = re.compile(r"^\*\*(.+?)\.?\*\*", re.MULTILINE)
CYRILLIC_SHARE = 0.2
"""Of the letters of a decision: terms and quotations are Russian, the text is English."""


@dataclass(frozen=True)
class Decision:
    """A decision: its number of four digits, its title and the subject under which the index lists it."""

    number: str
    title: str
    subject: str
    file: str


def decision(file: str, text: str) -> Decision:
    """The decision in the text of a file. Raises ValueError where it has not the form (docs/decisions/README.md)."""
    named, opening = FILE.fullmatch(file), OPENING.match(text)
    if not named or not opening or opening["number"] != named[1]:
        raise ValueError(f"{file}: begins with «# NNNN. Title» (its own number), a line «Subject: …», an empty line")
    if opening["subject"] not in SUBJECTS:
        raise ValueError(f"{file}: the subject is one of {', '.join(SUBJECTS)}")
    headings = HEADING.findall(text)
    if [heading for heading in HEADINGS if heading in headings or heading not in OPTIONAL] != headings:
        raise ValueError(f"{file}: headings are {', '.join(HEADINGS)}, in this order, not {', '.join(headings)}")
    letters = re.findall(r"[^\W\d_]", text)
    if len(re.findall("[А-Яа-яЁё]", text)) > CYRILLIC_SHARE * len(letters):
        raise ValueError(f"{file}: decisions are written in English")
    return Decision(opening["number"], opening["title"], opening["subject"], file)


def decisions(folder: Path) -> list[Decision]:
    """Every decision of the folder by number. Raises ValueError for a wrong form and for a number used twice."""
    files = sorted(path for path in folder.glob("*.md") if path.name != INDEX)
    listed = [decision(path.name, path.read_text(encoding="utf-8")) for path in files]
    numbers = [each.number for each in listed]
    if twice := sorted({number for number in numbers if numbers.count(number) > 1}):
        raise ValueError(f"numbers used twice: {', '.join(twice)}")
    return listed


def index(listed: list[Decision]) -> str:
    """The page that lists the decisions by subject, with their titles as links."""
    lines = [
        "# Decisions",
        "",
        "<!-- Written by `make docs` from the titles of the decisions. -->",
        "",
        "One page for each decision that a newcomer would otherwise ask about. Each begins with a line `# NNNN. Title`",
        "and a line `Subject: …` (one of the headings below), then says what was decided, why, which alternatives were",
        "considered (where there were any) and what it costs. Numbers are never used again.",
    ]
    for subject in SUBJECTS:
        lines += ["", f"## {subject}", ""]
        lines += [f"* [{each.number}. {each.title}]({each.file})" for each in listed if each.subject == subject]
    return "\n".join(lines) + "\n"
