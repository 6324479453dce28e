"""A source that is told names a document that its reader has."""

from __future__ import annotations

import re

import pytest

from schemas import catalogue
from schemas.fields import columns_of
from schemas.marts import MARTS

INTERNAL = re.compile(r"domain|\bspec\b|§|\[[FRD]\b|принято здесь|\bпроект(?:а|ом)?$|проектом", re.IGNORECASE)
PAGE = "docs/methodology.md"


def is_internal(words: str) -> bool:
    """Whether a source names what nobody outside the project has, or a criterion without the page that tells it."""
    return bool(INTERNAL.search(words)) or ("критерий проекта" in words and PAGE not in words)


def test_sources_of_data_and_of_columns_can_be_found() -> None:
    told = catalogue.sources()
    told += [
        (mart, column.name, column.source)
        for mart, model in MARTS.items()
        for column in columns_of(model)
        if column.source
    ]
    assert len(told) > 150
    assert [line for line in told if is_internal(line[2])] == []


@pytest.mark.parametrize(
    "words", ["domain spec §4.2", "§3.4, по памяти", "принято здесь", "порог — критерий проекта", "поправка — проект"]
)
def test_an_internal_source_would_be_found(words: str) -> None:
    assert is_internal(words)


@pytest.mark.parametrize("words", ["ФИОКО, 2019, признаки 1–6", f"критерий проекта, {PAGE}", "проект «500+»"])
def test_a_document_is_no_internal_source(words: str) -> None:
    assert not is_internal(words)
