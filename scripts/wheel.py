"""Build hook: in the wheel `assets` and `schemas` stand inside `msoko_pipeline`, so that it takes no names of others.

In the repository they stand beside it and are imported as such; the copies of the wheel import them from where they are
there. Where each folder goes is said by `sources` of pyproject.toml.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Inside(BuildHookInterface):  # type: ignore[type-arg]
    """Puts copies with imports of the wheel in the place of modules that import what has moved."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        moved = {
            old.rstrip("/"): new.rstrip("/").replace("/", ".") for old, new in self.build_config.sources.items() if new
        }
        self._copies = TemporaryDirectory()
        root, copies = Path(self.root), Path(self._copies.name)
        for folder in self.build_config.only_include:
            for path in sorted((root / folder).rglob("*.py")):
                source = path.read_text(encoding="utf-8")
                if (copied := rewritten(source, moved)) == source:
                    continue
                place = path.relative_to(root)
                target = f"{moved.get(place.parts[0], place.parts[0]).replace('.', '/')}/{'/'.join(place.parts[1:])}"
                copy = copies / target
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text(copied, encoding="utf-8")
                build_data["force_include"][str(copy)] = target

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._copies.cleanup()


def rewritten(source: str, moved: Mapping[str, str]) -> str:
    """A module's source with imports of top packages (old name → new) under their new names; its lines stay its lines.

    Raises ValueError for `import <old name>` without `as`: the name that it binds is used all over the module.
    """
    lines = source.split("\n")
    for row, old in sorted(_imports(source, moved), reverse=True):
        head, _, tail = lines[row].partition(old)
        lines[row] = f"{head}{moved[old]}{tail}"
    return "\n".join(lines)


def _imports(source: str, moved: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Lines (from 0) on which a moved package is imported, and the package."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and not node.level:
            top = str(node.module).partition(".")[0]
            if top in moved:
                yield node.lineno - 1, top
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if bound := [name for name in names if name.partition(".")[0] in moved]:
            raise ValueError(f"line {node.lineno}: import {bound[0]}: write «from … import …»")
