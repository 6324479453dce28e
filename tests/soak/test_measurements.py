"""All the towns that the methodology page tells of, measured anew: to the last digit what is kept. `make soak`."""

from __future__ import annotations

import pytest

from benchmarks import kept

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("name", kept.MEASUREMENTS)
def test_all_towns_give_what_is_kept(name: str) -> None:
    assert kept.outdated(name, "whole") == []
