"""Limits scaled down for a test, so that a small input is beyond them. Children know the real ones: none is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from msoko_pipeline.issues.refusals import guarded
from msoko_pipeline.reading import pool
from schemas import catalogue


def limits(monkeypatch: pytest.MonkeyPatch, **values: int) -> None:
    """Limits of schemas/layouts/limits.yaml as they are, these ones changed; children's work is done here."""
    known = catalogue.limits() | values
    monkeypatch.setattr(catalogue, "limits", lambda: known)
    monkeypatch.setattr(pool, "run", _here)


def _here(work: Callable[..., Any], tasks: Iterable[tuple[Any, ...]], **_: Any) -> list[Any]:
    return [guarded(work, *task) for task in tasks]
