"""Indicators as cells name them: by their code or by their title, in any case, with or without quotes."""

from __future__ import annotations

from functools import cache, lru_cache

from msoko_pipeline.reading.likeness import nearest_word
from msoko_pipeline.text.cells import Wrong, as_listed
from schemas.indicators import indicators


@lru_cache(10_000)
def indicator_of(word: str) -> str:
    """The id of the indicator that a cell names. Raises Wrong for another word, with the title that it resembles, and
    for a title that several indicators have.
    """
    named = _by_name().get(as_listed(word), ())
    if len(named) == 1:
        return named[0]
    if named:
        raise Wrong("cell_indicator_several", detail=", ".join(named))
    meant = nearest_word(word, [declared["title"] for declared in indicators().values()])
    raise Wrong("cell_indicator", detail=f"; похоже на «{meant}»" * (meant is not None))


@cache
def _by_name() -> dict[str, tuple[str, ...]]:
    """Name → the indicators of that id or title."""
    named: dict[str, tuple[str, ...]] = {}
    for name, declared in indicators().items():
        for text in {as_listed(name), as_listed(declared["title"])}:
            named[text] = (*named.get(text, ()), name)
    return named
