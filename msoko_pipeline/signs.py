"""Signs that nobody sees: control signs, terminal escapes, those that turn the line round, those of no width.

In what is said to people they are spelt out, so that a name or a cell reads as it is and commands no terminal.
"""

from __future__ import annotations

import unicodedata

UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # Unicode: control, format (reversing the line too), surrogates, line ends
BREAKS = str.maketrans(dict.fromkeys("\t\n\v\f\r\x85\u2028\u2029", " "))


def visible(text: str) -> str:
    """A text whose unseen signs are spelt out: `\\x1b`, `\\u202e`."""
    if text.isprintable():
        return text
    return "".join(
        sign.encode("unicode_escape").decode() if unicodedata.category(sign) in UNSEEN else sign for sign in text
    )


def in_line(text: str) -> str:
    """A text of a cell as it is repeated in a message: in one line, unseen signs spelt out."""
    return text if text.isprintable() else visible(text.translate(BREAKS))


def in_json(text: str) -> str:
    """JSON with unseen signs in its own spelling: it reads back as the same data."""
    if text.isprintable():
        return text
    return "".join(
        f"\\u{ord(sign):04x}" if unicodedata.category(sign) in UNSEEN and ord(sign) < 0x10000 else sign for sign in text
    )
