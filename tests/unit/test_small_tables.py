"""Which files are judged in this process: few rows of little text; all others go to children, which have limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from msoko_pipeline.intake import steps as intake
from msoko_pipeline.reading import pool
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS
from tests import making

HEADER, PUPIL = making.export_2021()[:2]


@pytest.mark.parametrize(("small", "in_children"), [(100_000, False), (50, True)])
def test_more_text_is_judged_in_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int, *, in_children: bool
) -> None:
    monkeypatch.setattr(intake, "SMALL", small)
    settings = Settings(home=tmp_path / "дом", inbox_dir=tmp_path / "приём", pseudonym_key="00" * 32)
    rows = [[PUPIL[0], number, 50010 + number, *PUPIL[3:]] for number in range(3)]
    making.csv(tmp_path / "приём" / "2021" / "5" / "История.csv", [HEADER, PUPIL, *rows])
    intake.receive(settings)
    asked: list[int] = []
    run = pool.run

    def counting(work: Any, tasks: Any, **limits: Any) -> Any:
        asked.append(1)
        return run(work, tasks, **limits)

    monkeypatch.setattr(pool, "run", counting)
    (entry,) = intake.validate(settings, KINDS)
    assert bool(asked) is in_children
    assert entry.rows_read == entry.rows_accepted + entry.rows_quarantined == 4
