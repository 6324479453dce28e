"""One contingent of a school for every coverage: whose number counts, and where two of them disagree."""

from __future__ import annotations

import pandas as pd
import pytest

from msoko_pipeline.indicators.organisations import contingents
from tests.spec.tables import table

ROWS = """
 школа | форма | паспорт | берётся | откуда          | вопрос
 а     | 500   | 500     | 500     | contingent      | нет
 б     | 567   |         | 567     | contingent      | нет
 в     |       | 300     | 300     | social_passport | нет
 г     | 100   | 105     | 100     | contingent      | нет
 д     | 100   | 106     | 100     | contingent      | да
 е     | 100   | 94      | 100     | contingent      | да
 ж     | 0     | 80      | 80      | social_passport | нет
 з     |       |         |         |                 | нет
"""


def told(column: str, seq: int, parts: int) -> pd.DataFrame:
    """Facts of one source, the number of a school in as many rows as it has grades there."""
    drawn = table(ROWS)
    rows = [
        {"year": 2026, "org_id": school, "pupils": int(count) // parts + (part < int(count) % parts), "seq": seq}
        for school, count in zip(drawn["школа"], drawn[column], strict=True) if not pd.isna(count)
        for part in range(parts)
    ]  # fmt: skip
    return contingents.together(pd.DataFrame(rows).astype(contingents.SOURCE_COLUMNS))


def test_the_form_counts_first_and_the_passport_where_there_is_none() -> None:
    sources = {"contingent": told("форма", 7, 11), "social_passport": told("паспорт", 9, 1)}
    found = contingents.of_schools(sources).set_index("org_id")
    drawn = table(ROWS).set_index("школа")
    wanted = drawn[drawn["откуда"].notna()]
    assert found["pupils"].to_dict() == wanted["берётся"].astype(int).to_dict()
    assert found["source"].to_dict() == wanted["откуда"].to_dict()
    asked = list(contingents.differing(sources))
    assert {question.org_ref for question in asked} == set(drawn.index[drawn["вопрос"] == "да"])
    assert {question.seq for question in asked} == {9}
    assert asked[0].details["detail"] == "форма контингента — 100, социальный паспорт — 106"


@pytest.mark.parametrize("lacking", ["contingent", "social_passport"])
def test_one_source_is_enough_and_asks_nothing(lacking: str) -> None:
    sources = {"contingent": told("форма", 7, 1), "social_passport": told("паспорт", 9, 1)}
    sources[lacking] = sources[lacking].iloc[:0]
    assert set(contingents.of_schools(sources)["source"]) == set(sources) - {lacking}
    assert list(contingents.differing(sources)) == []
