"""The shape of tables: names, types, NULLs and keys of columns, as declared and as a database has them.

Light on purpose: `last_inputs` compares the two without importing pandas, from a copy of the declaration kept on disk.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from schemas import FOLDER

Shape = dict[str, list[Any]]
"""Full name of a table → its columns [name, type, nullable] by their names, then its primary key in its order."""

Column = Mapping[str, Any]
"""A column as SQLAlchemy's inspector tells it."""

LEFT = "Больше не заполняется"
"""How the comment of a column begins that is declared no more and was left for what others have built on it."""


def declared(tables: Iterable[sa.Table]) -> Shape:
    """The shape that the tables should have."""
    return {
        table.fullname: [sorted([c.name, _family(c.type), bool(c.nullable)] for c in table.columns),
                         [c.name for c in table.primary_key]]
        for table in tables
    }  # fmt: skip


def kind(dtype: str) -> str:
    """`Int64`, `Float64`, `boolean` or `str`, however pandas spells its text types."""
    return "str" if dtype.startswith("str") else dtype


def live(connection: sa.Connection, names: Iterable[str]) -> Shape:
    """The shape that those of the named tables have which are there.

    Left out are columns that are no difference: those left for others, and those that compute themselves.
    """
    inspector = sa.inspect(connection)
    by_table: Shape = {}
    for schema in {name.rpartition(".")[0] or None for name in names}:
        if schema and not inspector.has_schema(schema):
            continue
        keys = inspector.get_multi_pk_constraint(schema=schema)
        for place, columns in inspector.get_multi_columns(schema=schema).items():
            by_table[f"{schema}.{place[1]}" if schema else place[1]] = [
                sorted([c["name"], _family(c["type"]), bool(c["nullable"])] for c in columns if not _is_of_others(c)),
                list(keys[place]["constrained_columns"]),
            ]
    return {name: by_table[name] for name in names if name in by_table}


def is_alike(declared: sa.Column[Any], there: Column) -> bool:
    """Whether a column has the declared type."""
    return _family(declared.type) == _family(there["type"])


def is_left(there: Column) -> bool:
    """Whether a column was left for what others have built on it."""
    return (there.get("comment") or "").startswith(LEFT)


def computes_itself(there: Column) -> bool:
    """Whether a column takes no values of ours: it is generated from others, or numbers its rows."""
    return bool(there.get("computed") or there.get("identity"))


def _is_of_others(there: Column) -> bool:
    return is_left(there) or computes_itself(there)


def stale(connection: sa.Connection, marts: Shape, ours: Shape) -> bool:
    """True when some of our tables are there, but the marts are not as declared. An empty warehouse is not stale."""
    live_tables = live(connection, ours)
    return bool(live_tables) and any(live_tables.get(name) != columns for name, columns in marts.items())


def kept(path: Path, dialect: str) -> tuple[Shape, Shape] | None:
    """The declaration (marts, all tables) as `keep` left it; None when it was made from other sources."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        declaration = json.loads(path.read_text(encoding="utf-8"))
        if declaration["sources"] == _sources() and declaration["dialect"] == dialect:
            return declaration["marts"], declaration["all"]
    return None


def keep(path: Path, dialect: str, marts: Shape, ours: Shape) -> None:
    """Write the declaration where the next start finds it; a folder that cannot be written costs only time."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".tmp")
        declaration = {"sources": _sources(), "dialect": dialect, "marts": marts, "all": ours}
        partial.write_text(json.dumps(declaration, ensure_ascii=False), encoding="utf-8")
        partial.replace(path)


def _sources() -> str:
    """Hash of the code that the declaration follows from."""
    files = [*sorted(FOLDER.rglob("*.py")), Path(__file__), Path(__file__).with_name("sql_tables.py")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _family(kind: sa.types.TypeEngine[Any]) -> str:
    """`int`, `float`, `bool`, `str`: what tells our four types apart in any database."""
    try:
        return kind.python_type.__name__
    except NotImplementedError:
        return str(kind)
