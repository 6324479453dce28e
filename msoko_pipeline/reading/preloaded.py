"""What the process that children are forked from imports and loads once, so that none of them has to.

Nothing of ours imports this module: `pool.warm` names it to the fork server. What is loaded here stays for good, so the
collector of garbage leaves it alone, and the children share its memory.
"""

from __future__ import annotations

import gc

import fastexcel  # noqa: F401

import msoko_pipeline.reading.extract
import msoko_pipeline.validation.sheets  # noqa: F401
from msoko_pipeline.privacy import words

words.load()
gc.freeze()
