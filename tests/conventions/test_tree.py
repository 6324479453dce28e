"""What must not be in the tree, and what must be fresh in it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from msoko_pipeline.orchestration.layers import GROUPS
from schemas.kinds import DECLARED_MARTS

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOT = ROOT / "tests" / "conventions" / "assets.json"
FOREIGN = re.compile(r"(^|[^A-Za-z0-9_.])/(w[o]rk|r[o]ot|f[a]rm|h[o]me)/|/t[m]p/[a-z]+/|--(extra-)?index-url")
LOCKS = {"uv.lock", "poetry.lock", "package-lock.json", "yarn.lock"}


def tracked() -> list[Path]:
    """Files that git tracks; every file where this is no checkout."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def foreign(text: str) -> list[str]:
    return [line for line in text.splitlines() if FOREIGN.search(line)]


def test_no_machine_paths_and_no_addresses_of_registries() -> None:
    found = {}
    for path in tracked():
        if path.suffix in {".png", ".svg", ".xlsx"} or path == Path(__file__).resolve():
            continue
        if lines := foreign(path.read_text(encoding="utf-8")):
            found[str(path.relative_to(ROOT))] = lines[:3]
    assert found == {}


@pytest.mark.parametrize("line", ["cd /" + "work/main", "see /" + "tmp/scratch/x", "pip install --index" + "-url x"])
def test_a_machine_path_would_be_found(line: str) -> None:
    assert foreign(line)


def test_no_foreign_locks_and_no_large_files() -> None:
    files = tracked()
    assert not [path for path in files if path.name in LOCKS]
    assert not [path for path in files if path.stat().st_size > 500 * 1024]


def cut_values(text: str) -> list[str]:
    """Words of YAML in braces that a comma has cut off from the value before it: `{title: Есть там, где есть дети}`."""

    def inside(node: yaml.Node) -> Iterator[str]:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if node.flow_style and isinstance(value, yaml.ScalarNode) and not value.value and not value.style:
                    yield f"{key.start_mark.line + 1}: {key.value}"
                yield from inside(key)
                yield from inside(value)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                yield from inside(item)

    return [line for told in yaml.compose_all(text, Loader=yaml.CSafeLoader) if told for line in inside(told)]


def test_no_comma_cuts_a_value_of_yaml() -> None:
    read = {path: path.read_text(encoding="utf-8") for path in tracked() if path.suffix in {".yaml", ".yml"}}
    assert len(read) > 20
    assert {path.name: lines for path, text in read.items() if (lines := cut_values(text))} == {}


def test_a_value_cut_by_a_comma_would_be_found() -> None:
    assert cut_values("a: {title: Есть там, где есть дети, better: true}") == ["1: где есть дети"]
    assert cut_values("a: {title: 'Есть там, где есть дети', better: null, said: ''}\nb:\n") == []


def test_generated_pages_are_fresh() -> None:
    import sys

    sys.path.insert(0, str(ROOT))
    from scripts.generate_docs import pages

    stale = [path.name for path, text in pages().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "make docs"


def specs() -> dict[str, object]:
    """Every asset with its group, partitions, kinds, owners, upstream and checks; every job and sensor."""
    from msoko_pipeline.definitions import build_definitions

    definitions = build_definitions()
    repository = definitions.get_repository_def()
    assets = {}
    for node in repository.asset_graph.asset_nodes:
        assets[node.key.to_user_string()] = {
            "group": node.group_name,
            "partitioned": node.partitions_def is not None,
            "kinds": sorted(node.kinds),
            "owners": sorted(node.owners),
            "tags": sorted(tag for tag in node.tags if "/kind/" not in tag),
            "from": sorted(key.to_user_string() for key in node.parent_keys),
            "checks": sorted(key.name for key in node.check_keys),
            "described": bool(node.description),
        }
    return {
        "assets": dict(sorted(assets.items())),
        "jobs": sorted(job for job in repository.job_names if not job.startswith("__")),
        "sensors": sorted(sensor.name for sensor in repository.sensor_defs),
    }


def test_the_asset_specs_are_as_reviewed() -> None:
    """A rename shows in review: `python -m tests.conventions.test_tree` writes the snapshot anew."""
    assert specs() == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_asset_says_what_it_is() -> None:
    assets = specs()["assets"]
    assert isinstance(assets, dict)
    groups = {told["group"] for told in assets.values()}
    assert groups == {*GROUPS}
    assert all(told["described"] and told["owners"] and told["kinds"] for told in assets.values())
    layers = {"raw", "validated", "indicators", "risk", "marts", "reports"}
    assert {key.split("/")[0] for key in assets} == layers


def backwards(assets: dict[str, Any]) -> set[tuple[str, str]]:
    """Edges of the graph of groups that lead to the same or an earlier layer."""
    groups = {key: told["group"] for key, told in assets.items()}
    edges = {(groups[parent], told["group"]) for told in assets.values() for parent in told["from"]}
    return {(a, b) for a, b in edges if a != b and GROUPS.index(a) > GROUPS.index(b)}


def test_the_graph_of_groups_has_no_cycle() -> None:
    assets = json.loads(SNAPSHOT.read_text(encoding="utf-8"))["assets"]
    assert backwards(assets) == set()
    assets["marts/vpr_school"]["group"] = "sources"
    assert ("indicators", "sources") in backwards(assets), "one that leads back would be found"


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(specs(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def late(assets: dict[str, Any], marts: Iterable[str]) -> list[str]:
    """Marts of measures whose steps are no ancestors of the step `values`, which draws indicators from them."""
    ancestors: set[str] = set()
    waiting = ["indicators/values"]
    while waiting:
        parents = {*assets[waiting.pop()]["from"]} - ancestors
        ancestors |= parents
        waiting += parents & assets.keys()
    steps = {mart: [key for key in assets[f"marts/{mart}"]["from"] if key.startswith("indicators/")] for mart in marts}
    return [mart for mart, keys in steps.items() if not keys or not ancestors.issuperset(keys)]


def test_values_wait_for_every_mart_of_measures() -> None:
    assets = json.loads(SNAPSHOT.read_text(encoding="utf-8"))["assets"]
    assert late(assets, DECLARED_MARTS) == []
    assert late(assets, ["school_risk"]) == ["school_risk"], "one that comes after them would be found"
