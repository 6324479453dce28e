"""Why somebody has no result, as people write it in the place of a score: «удалён», «н/я», «не завершил экзамен»."""

from __future__ import annotations

from functools import cache, lru_cache

from msoko_pipeline.text import linear as re
from msoko_pipeline.text.lookalikes import folded
from msoko_pipeline.text.spelling import normal
from schemas import catalogue


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {code: re.compile("|".join(declared["patterns"])) for code, declared in catalogue.outcomes().items()}


@lru_cache(10_000)
def outcome_of(word: str) -> str | None:
    """absent, removed, unfinished, annulled or none (a dash); None for a cell that says nothing of the kind."""
    plain = folded(normal(word)).rstrip(". ")
    return next((code for code, pattern in _patterns().items() if pattern.fullmatch(plain)), None)


def is_absent(word: str) -> bool:
    return outcome_of(word) == "absent"
