"""Makes the collector of reference cycles look for garbage seldom, in the process that imports this module.

A process of a run holds hundreds of thousands of objects that stay: libraries, declarations, plans. At Python's own
pace, a look every 700 new objects, looking at them again and again takes 5 % of a run's processor time. Memory is freed
as before: tables of rows, and nearly all else, by the count of their references.
"""

from __future__ import annotations

import gc

OBJECTS = 100_000
"""New objects between two looks."""

gc.set_threshold(OBJECTS, *gc.get_threshold()[1:])
