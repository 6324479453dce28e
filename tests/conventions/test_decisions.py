"""Every decision has one form, and the index lists them all (`scripts/decisions.py`)."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scripts.decisions import INDEX, SUBJECTS, decision, decisions, index  # noqa: E402

FOLDER = ROOT / "docs" / "decisions"
SOUND = "# 0007. Title of it\nSubject: Figures\n\n**Decided.** A.\n\n**Why.** B.\n\n**Costs.** C.\n"
LINK = re.compile(r"\((?:docs/decisions/)?(\d{4}-[^)#\s]+\.md)\)")


def test_every_decision_has_the_form_and_stands_in_the_index() -> None:
    listed = decisions(FOLDER)
    page = index(listed)
    assert len(listed) > 40
    assert {each.subject for each in listed} == set(SUBJECTS)
    assert sorted(LINK.findall(page)) == sorted(path.name for path in FOLDER.glob("*.md") if path.name != INDEX)


def test_a_sound_decision_is_read() -> None:
    read = decision("0007-it.md", SOUND)
    assert (read.number, read.title, read.subject) == ("0007", "Title of it", "Figures")
    assert decision("0007-it.md", SOUND.replace("**Costs", "**Considered.** D.\n\n**Costs")) == read


@pytest.mark.parametrize(
    ("there", "instead", "message"),
    [
        ("# 0007. ", "# 7. ", "begins with"),
        ("# 0007. ", "# 0008. ", "begins with"),
        ("Title of it", "Title of it.", "begins with"),
        ("Subject: Figures\n", "", "begins with"),
        ("Figures", "Numbers", "the subject is one of"),
        ("**Costs.** C.\n", "", "headings are"),
        ("**Why.**", "**Because.**", "headings are"),
        ("**Decided.** A.\n\n**Why.** B.", "**Why.** B.\n\n**Decided.** A.", "headings are"),
        ("**Why.** B.", "**Why.** Потому что так решено, и подробности ниже.", "in English"),
    ],
)
def test_a_decision_without_the_form_is_refused(there: str, instead: str, message: str) -> None:
    assert there in SOUND
    with pytest.raises(ValueError, match=message):
        decision("0007-it.md", SOUND.replace(there, instead))


def test_a_number_used_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0007-it.md").write_text(SOUND, encoding="utf-8")
    assert [each.number for each in decisions(tmp_path)] == ["0007"]
    (tmp_path / "0007-other.md").write_text(SOUND, encoding="utf-8")
    with pytest.raises(ValueError, match="numbers used twice: 0007"):
        decisions(tmp_path)


def test_links_between_decisions_lead_somewhere() -> None:
    pages = [*FOLDER.glob("*.md"), *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    links = [(page.name, link) for page in pages for link in LINK.findall(page.read_text(encoding="utf-8"))]
    assert len(links) > 50
    assert [(page, link) for page, link in links if not (FOLDER / link).is_file()] == []
