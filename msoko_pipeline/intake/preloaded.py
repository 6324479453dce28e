"""What the process that children are forked from imports and loads once, so that none of them has to.

Nothing of ours imports this module: the intake names it to the fork server. What is loaded here stays for good, so the
collector of garbage leaves it alone, and the children share its memory.
"""

from __future__ import annotations

import gc

import fastexcel  # noqa: F401

import msoko_pipeline.intake.sheets
import msoko_pipeline.reading.extract  # noqa: F401
from msoko_pipeline.privacy import name_words
from msoko_pipeline.privacy.repeating import unnamed
from msoko_pipeline.reading.header import sign_words
from msoko_pipeline.reading.procedures.declared import from_path
from msoko_pipeline.text.linear import SHORT

TITLE = "Протокол ВПР 2021, математика, 5 класс, школа № 1, 12 человек"
"""Words of a title and a path: looking for people, a work and a header in them makes every expression and list."""

name_words.load()
sign_words()
unnamed(TITLE)
unnamed(" ".join([TITLE] * (1 + SHORT // len(TITLE))))  # long texts have expressions of their own
from_path(f"{TITLE}.xlsx")
gc.freeze()
