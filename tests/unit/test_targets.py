"""Targets that the authority sets: read by code or title of the indicator, shown beside it in their year."""

from __future__ import annotations

from pathlib import Path

import pytest

from msoko_pipeline.facts.indicator_names import indicator_of
from msoko_pipeline.text.cells import Wrong
from schemas.indicators import indicators
from tests import making
from tests.making import Taken, form, take_in

BILET = "career_guidance_bilet"


def taken(folder: Path, *cells: str) -> Taken:
    rows = form("target", *({"Код или название показателя": cell} for cell in cells))
    return take_in(making.xlsx(folder / "цели.xlsx", rows))


@pytest.mark.parametrize(
    "word",
    [BILET, f" {BILET} ", indicators()[BILET]["title"], f"«{indicators()[BILET]['title']}»",
     indicators()[BILET]["title"].replace("Билет", "БИЛЕТ")],
)  # fmt: skip
def test_an_indicator_goes_by_its_code_and_its_title(tmp_path: Path, word: str) -> None:
    told = taken(tmp_path, word)
    assert told.counts == (1, 1, 0)
    assert told.facts["target"]["indicator_id"].tolist() == [BILET]


def test_another_word_is_refused_with_the_title_that_it_resembles(tmp_path: Path) -> None:
    title = indicators()["vpr_quality"]["title"]
    told = taken(tmp_path, title.replace("Качество", "Качетсво"), "успех", "Олимп")
    assert told.counts == (3, 0, 3)
    assert told.types == {"cell_indicator"}
    (first, *_) = told.issues["message_ru"]
    assert f"похоже на «{title}»" in first


def test_a_title_of_several_indicators_asks_for_the_code() -> None:
    titles = [declared["title"] for declared in indicators().values()]
    twice = next(title for title in titles if titles.count(title) > 1)
    with pytest.raises(Wrong) as wrong:
        indicator_of(twice)
    assert wrong.value.issue_type == "cell_indicator_several"


def test_every_code_is_read_as_itself() -> None:
    assert {name: indicator_of(name) for name in indicators()} == {name: name for name in indicators()}
