"""What `msoko run` and `msoko status` say of files: counts by state, what is of this run, what is asked, progress."""

from __future__ import annotations

from typing import Any

import pytest

from msoko_pipeline import file_words
from msoko_pipeline.console import LONG, progress_shown
from msoko_pipeline.home.ledger import Entry, Replacement
from msoko_pipeline.orchestration import metadata


def entry(seq: int, status: str, accepted: int = 10, **more: Any) -> Entry:
    return Entry(seq, f"{seq:064}", f"{seq}.xlsx", 1, "2026-06-30", {}, "act", None, 2026, None, None, status,
                 rows_read=accepted, rows_accepted=accepted, **more)  # fmt: skip


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ([], "принято 0, отказано 0"),
        (["accepted", "accepted"], "принято 2, отказано 0"),
        (["accepted", "partial", "refused"], "принято 2, из них не целиком 1, отказано 1"),
        (["superseded", "withdrawn"], "принято 0, отказано 0, заменено более поздними 1, отозвано 1"),
        (["received"], "принято 0, отказано 0, получено, но ещё не проверено 1"),
    ],
)
def test_files_are_counted_by_state(states: list[str], words: str) -> None:
    assert file_words.counted([entry(n, state) for n, state in enumerate(states)]) == words


def test_rows_that_later_files_replaced_are_in_no_count() -> None:
    entries = [entry(1, "superseded"), entry(2, "partial"), entry(3, "withdrawn"), entry(4, "accepted")]
    replaced = [Replacement(1, 4, "act", 2026, 10, 0), Replacement(2, 4, "act", 2026, 3, 1)]
    assert file_words.standing_rows(entries, replaced) == {2: 7, 4: 10}


def test_what_a_run_has_not_judged_is_not_its_own() -> None:
    entries = [entry(n, "refused", validated_with="rules") for n in (1, 2, 3, 4)]
    before = file_words.states(entries[:1])
    before = {**before, entries[1].sha256: ("refused", "older rules"), entries[2].sha256: ("accepted", "rules")}
    assert [each.seq for each in file_words.of_this_run(entries, before)] == [2, 3, 4]


def test_a_question_is_shown_without_the_name_of_its_file() -> None:
    assert file_words.question(entry(1, "accepted"), "Файл «1.xlsx», строка 2: школа") == "строка 2: школа"
    assert file_words.question(entry(1, "accepted"), "Файл «1.xlsx»: школа") == "школа"
    assert file_words.in_short(entry(1, "accepted"), "Файл «1.xlsx»: школа; похожи: edu190001; edu190002") == "школа"


def test_metadata_count_files_whose_rows_hold_and_name_the_others() -> None:
    entries = [entry(1, "accepted"), entry(2, "superseded"), entry(3, "withdrawn"), entry(4, "partial", 5)]
    counts = metadata.judged(entries)
    assert (counts["files"], counts["rows_read"], counts["rows_accepted"]) == (2, 15, 15)
    assert (counts["files_refused"], counts["files_superseded"], counts["files_withdrawn"]) == (0, 1, 1)
    assert any("3.xlsx" in str(record) for record in counts["preview"].value.records)


@pytest.mark.parametrize(
    ("total", "lines"),
    [(1, ["готово"]), (200, ["200 из 200"]), (LONG + 50, ["100", "200", "300", "400", "500", "550"])],
)
def test_a_plain_step_is_one_line_at_its_end_unless_it_is_long(
    total: int, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with progress_shown() as progress:
        for done in range(1, total + 1):
            progress("Проверка строк — ВПР", done, total)
    shown = capsys.readouterr().err.splitlines()
    assert all(line.startswith(f"Проверка строк — ВПР: {begin}") for line, begin in zip(shown, lines, strict=True))
