"""Two locks with hashes: `requirements.lock` for running the program, `requirements-test.lock` for the test tools."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN, TEST = "requirements.lock", "requirements-test.lock"
WANTED = {
    RUN: [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"]],
    TEST: PROJECT["dependency-groups"]["test"],
}
ENTRY = re.compile(r"^(?P<pin>\S.*?)(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})*)$", re.MULTILINE)


def pins(text: str) -> dict[str, list[Requirement]]:
    """Package → its pins, one for each marker. Raises ValueError for a pin without a hash or an address."""
    found: dict[str, list[Requirement]] = {}
    for entry in ENTRY.finditer(re.sub(r"(?m)^ *#.*\n", "", text)):
        pin = Requirement(entry["pin"])
        if not entry["hashes"] or pin.url or "://" in text:
            raise ValueError(f"{pin} is not pinned by a hash alone")
        found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


LOCKS = {name: pins((ROOT / name).read_text(encoding="utf-8")) for name in WANTED}


@pytest.mark.parametrize("lock", WANTED)
def test_a_lock_pins_what_is_declared(lock: str) -> None:
    wanted = [Requirement(line) for line in WANTED[lock]]
    assert len(wanted) > 8
    for requirement in wanted:
        versions = [str(pin.specifier).removeprefix("==") for pin in LOCKS[lock][canonicalize_name(requirement.name)]]
        assert all(map(requirement.specifier.contains, versions)), requirement


def test_running_needs_no_test_tools() -> None:
    tools = {canonicalize_name(Requirement(line).name) for line in WANTED[TEST]}
    assert tools & LOCKS[TEST].keys() == tools
    assert tools & LOCKS[RUN].keys() == set()


def test_what_is_in_both_locks_is_the_same() -> None:
    both = LOCKS[RUN].keys() & LOCKS[TEST].keys()
    assert "numpy" in both
    differ = [
        name for name in both if {p.specifier for p in LOCKS[TEST][name]} - {p.specifier for p in LOCKS[RUN][name]}
    ]
    assert differ == []


@pytest.mark.parametrize(
    "text", ["numpy==2.4.6\n", "numpy @ https://example.org/n.whl \\\n    --hash=sha256:" + "0" * 64]
)
def test_a_pin_without_a_hash_or_with_an_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not pinned"):
        pins(text)
