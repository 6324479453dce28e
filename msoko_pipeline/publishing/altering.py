"""A table of PostgreSQL whose declaration has changed, changed in its place: what others have built on it lasts.

Its rows go, for they will be written again; table, owner, grants, policies, triggers, indexes and views stay. A column
of another type is a new column under the old name: each view and the like is made again on it, and where that cannot
be done it stays on the old column. A column that is declared no more stays, empty, as long as something is built on it.
What could not be kept, or is empty from now on, is said by name: docs/decisions/0031-what-others-build-on-marts.md.
"""

from __future__ import annotations

from itertools import count

import sqlalchemy as sa

from msoko_pipeline.publishing import dependants, shape
from msoko_pipeline.publishing.dependants import Changes, Thing, tried
from msoko_pipeline.publishing.warehouse import WarehouseError


def alter(connection: sa.Connection, table: sa.Table, changes: Changes, *, keeps_rows: bool = False) -> None:
    """Make a table as it is declared. keeps_rows: its rows follow from nothing else, and stay.

    Raises what PostgreSQL says where another session or a missing right stands in the way.
    """
    _Altered(connection, table, changes, keeps_rows).run()


class _Altered:
    def __init__(self, connection: sa.Connection, table: sa.Table, changes: Changes, keeps_rows: bool) -> None:
        self.connection, self.table, self.changes, self.keeps_rows = connection, table, changes, keeps_rows
        self.quote = connection.dialect.identifier_preparer
        self.name = self.quote.format_table(table)

    def run(self) -> None:
        self.execute(f"lock table {self.name} in access exclusive mode")
        inspector = sa.inspect(self.connection)
        there = {c["name"]: c for c in inspector.get_columns(self.table.name, schema=self.table.schema)}
        key = inspector.get_pk_constraint(self.table.name, schema=self.table.schema)
        retyped = [c.name for c in self.table.columns if c.name in there and not _is_alike(c, there[c.name])]
        wanted_key = [c.name for c in self.table.primary_key]
        is_key_new = key["constrained_columns"] != wanted_key or bool({*retyped} & {*wanted_key})
        aside = self.set_aside(is_key_new)
        if is_key_new and key["name"]:
            self.alter(f"drop constraint {self.quote.quote(key['name'])}")
        built = {name: dependants.of_columns(self.connection, self.name, [name]) for name in retyped}
        former = {name: self.rename(name, {*there, *self.table.c.keys()}) for name in retyped}
        if not self.keeps_rows:
            self.connection.execute(self.table.delete())
        for column in self.table.columns:
            self.make(column, there.get(column.name), former.get(column.name))
        if is_key_new and wanted_key:
            self.alter(f"add primary key ({', '.join(map(self.quote.quote, wanted_key))})")
        for name, groups in built.items():
            self.move(name, former[name], groups)
        for index in self.table.indexes:
            index.create(self.connection, checkfirst=True)
        self.bring_back(aside)
        for name, reflected in there.items():
            if name not in self.table.c and not shape.computes_itself(reflected):
                self.leave(name, is_ours=bool(reflected["comment"]))
        for new, name in former.items():
            self.leave(name, instead=new)

    def execute(self, statement: str) -> None:
        dependants.run(self.connection, statement)

    def alter(self, what: str) -> None:
        self.execute(f"alter table {self.name} {what}")

    def set_aside(self, is_key_new: bool) -> list[Thing]:
        """Drop what is in the way of the rows or of the key; it is made again at the end. Raises WarehouseError."""
        things = [] if self.keeps_rows else dependants.keys_to(self.connection, self.name)
        if is_key_new:
            things += [thing for group in dependants.of_key(self.connection, self.name) for thing in group]
        things = list(dict.fromkeys(things))
        for thing in reversed(things):
            if thing.drop and (wrong := tried(self.connection, [thing.drop])):
                raise WarehouseError(
                    f"Объявление таблицы {self.name} изменилось, а изменить её мешает {thing.name} ({wrong}). Удалите "
                    f"это на время ({thing.drop}), запустите снова и создайте заново ({'; '.join(thing.make)}); "
                    "опубликованное прежде не изменилось"
                )
        return things

    def rename(self, name: str, taken: set[str]) -> str:
        """Put a column of the wrong type out of the way; returns its name from now on."""
        former = next(spare for n in count(1) if (spare := f"{name}_former{n if n > 1 else ''}") not in taken)
        self.alter(f"rename column {self.quote.quote(name)} to {self.quote.quote(former)}")
        return former

    def make(self, column: sa.Column[object], there: shape.Column | None, former: str | None) -> None:
        """One declared column: added, or given its NULLs; of kept rows a former value is carried over."""
        name, kind = self.quote.quote(column.name), column.type.compile(self.connection.dialect)
        if there is None or former:
            self.alter(f"add column {name} {kind}")
            if self.keeps_rows:
                value = f"{self.quote.quote(former)}::{kind}" if former else "null"
                self.execute(
                    f"update {self.name} set {name} = {value if column.nullable else f'coalesce({value}, {BLANK})'}"
                )
        elif bool(there["nullable"]) is bool(column.nullable) and not shape.is_left(there):
            return
        self.alter(f"alter column {name} {'drop' if column.nullable else 'set'} not null")
        if there is None or former or shape.is_left(there):
            self.comment(column.name, column.comment or "")
        if former:
            for grant in dependants.column_grants(self.connection, self.name, self.name, [former]):
                anew = grant.replace(f"({self.quote.quote(former)})", f"({name})")
                if wrong := tried(self.connection, [anew]):
                    self.changes.notes.append(f"Таблица {self.name}: право не сохранено ({wrong}): {anew}")

    def comment(self, name: str, text: str) -> None:
        literal = self.connection.scalar(sa.select(sa.func.quote_literal(text)))
        self.execute(f"comment on column {self.name}.{self.quote.quote(name)} is {literal}")

    def move(self, name: str, former: str, groups: list[list[Thing]]) -> None:
        """Make again, on the new column, what was built on the former one; where that fails it stays where it is."""
        moved: list[str] = []
        for group in groups:
            drops = [thing.drop for thing in reversed(group) if thing.drop]
            wrong = "такое заново не создаётся"
            if all(thing.make for thing in group):
                wrong = tried(self.connection, [*drops, *(line for thing in group for line in thing.make)]) or ""
            if not wrong:
                moved += [thing.name for thing in group]
                self.changes.unfilled += [thing.filled for thing in group if thing.filled]
                continue
            names = ", ".join(thing.name for thing in group)
            self.changes.notes.append(
                f"Столбец {self.name}.{name} теперь другого типа, и не удалось создать заново: {names} ({wrong}). Оно "
                f"осталось на прежнем столбце, {former}, который больше не заполняется: перестройте его на {name}"
            )
        if moved:
            self.changes.notes.append(
                f"Столбец {self.name}.{name} теперь другого типа; создано заново: {', '.join(moved)}"
            )

    def bring_back(self, aside: list[Thing]) -> None:
        for thing in aside:
            if wrong := tried(self.connection, thing.make):
                self.changes.notes.append(
                    f"Таблица {self.name} изменилась, и не удалось создать заново: {thing.name} ({wrong}). "
                    f"Определение: {'; '.join(thing.make)}"
                )
            elif thing.filled:
                self.changes.unfilled.append(thing.filled)
            elif " not valid" in thing.make[0]:
                self.changes.notes.append(
                    f"Таблица {self.name} изменилась; {thing.name} создан заново и проверяет новые строки; прежние "
                    f"проверит alter table … validate constraint"
                )

    def leave(self, name: str, instead: str | None = None, *, is_ours: bool = True) -> None:
        """A column that is not declared: dropped, or left empty where something is built on it.

        instead: the column that has taken its place; then what is to be said has been said. is_ours: it once was
        declared, so that it may go without a word.
        """
        quoted, lost = self.quote.quote(name), dependants.dropped_with(self.connection, self.name, name)
        wrong = tried(self.connection, [f"alter table {self.name} drop column {quoted}"])
        if wrong is None:
            if (lost or not is_ours) and not instead:
                more = f"; с ним удалено: {'; '.join(lost)}" if lost else ""
                self.changes.notes.append(f"Столбец {self.name}.{name} удалён: в объявлении его нет{more}")
            return
        groups = dependants.of_columns(self.connection, self.name, [name])
        holders = ", ".join(dict.fromkeys(thing.name for group in groups for thing in group)) or wrong
        for unmade in ("not null", "default"):
            tried(self.connection, [f"alter table {self.name} alter column {quoted} drop {unmade}"])
        self.comment(name, f"{shape.LEFT}: нужен для: {holders}")
        if instead:
            return
        self.changes.notes.append(
            f"Столбец {self.name}.{name} больше не публикуется, но оставлен пустым: на нём построено {holders}. "
            f"Перестройте это без него и удалите столбец: alter table {self.name} drop column {quoted}"
        )


def _is_alike(column: sa.Column[object], there: shape.Column) -> bool:
    """Whether a column can take what is published in it."""
    return shape.is_alike(column, there) and not shape.computes_itself(there)


BLANK = "''"
"""What a kept row has in a new column that may not be empty: such columns are texts."""
