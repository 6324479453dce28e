"""Invisible signs: control signs, terminal escapes, those that reverse the line, those of no width.

Where a cell is read the first are replaced and reported, the last left out, so that no name of a school, class or task
brings them into facts, tables and pages. In what is said of files otherwise (their names, their sheets) they are spelt
out: it reads as it is and commands no terminal.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from msoko_pipeline.text import linear as re

if TYPE_CHECKING:
    import pyarrow as pa

NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
"""Signs that are no text: most no XML and so no workbook can hold, the first of them no PostgreSQL; the others come
from a wrong encoding or command a terminal."""
LOST = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffe\uffff]+")
"""Those of them that are no break of a line or a word either: what they stood for cannot be known."""
BREAKS_OF_OTHERS = str.maketrans(dict.fromkeys("\v\f\x1c\x1d\x1e\x1f\x85", " "))
PADDING = "".join(map(chr, (*range(9), *range(14, 28))))

UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # Unicode: control, format (reversing the line too), surrogates, line ends
BREAKS = str.maketrans(dict.fromkeys("\t\n\v\f\r\x85\u2028\u2029", " "))


def visible(text: str) -> str:
    """A text whose unseen signs are spelt out: `\\x1b`, `\\u202e`."""
    if text.isprintable():
        return text
    return "".join(
        sign.encode("unicode_escape").decode() if unicodedata.category(sign) in UNSEEN else sign for sign in text
    )


def as_text(text: str) -> str:
    """A text that every table can hold: breaks of other programs are spaces, padding at the ends is gone, «�» is in the
    place of what was lost.
    """
    return LOST.sub("\ufffd", text.translate(BREAKS_OF_OTHERS).strip(PADDING)) if NO_TEXT.search(text) else text


def without_format(words: pa.Array) -> pa.Array:
    """Texts without signs of no width and those that turn the line round; ends of lines and paragraphs are `\\n`."""
    import pyarrow.compute as pc

    if pc.all(pc.utf8_is_printable(words)).as_py() is not False:
        return words
    return pc.replace_substring_regex(pc.replace_substring_regex(words, r"[\p{Zl}\p{Zp}]", "\n"), r"\p{Cf}", "")


def in_one_line(text: str) -> str:
    """A text with spaces for its line ends and tabs."""
    return text if text.isprintable() else text.translate(BREAKS)


def in_line(text: str) -> str:
    """A text of a cell as it is repeated in a message: in one line, unseen signs spelt out."""
    return text if text.isprintable() else visible(in_one_line(text))


def in_json(text: str) -> str:
    """JSON with unseen signs in its own spelling: it reads back as the same data."""
    if text.isprintable():
        return text
    return "".join(
        f"\\u{ord(sign):04x}" if unicodedata.category(sign) in UNSEEN and ord(sign) < 0x10000 else sign for sign in text
    )
