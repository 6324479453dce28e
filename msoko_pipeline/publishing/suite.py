"""What is expected of a staged mart, derived from its declaration and from the rules of consistency, in words as well.

What belongs here: the list of expectations. Not here: Great Expectations itself, which judges them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from msoko_pipeline.privacy.allowed import personal
from msoko_pipeline.publishing.consistency import RULES, Rule
from schemas.fields import columns_of
from schemas.marts import MARTS

KEY = "(key)"
"""The judged column that holds one number per distinct key."""


WITHOUT_GAPS = ("organisation", "indicator", "school_risk")
"""Marts of which no row may be missing: others refer to them, and every school has a category."""


@dataclass(frozen=True, eq=False)
class Expected:
    """One expectation. column: what is judged (a column of the mart, KEY, or a rule's total); kind: not_null,
    unique, in_set, between, regex; says: what is expected, in Russian; shown: values may be given as examples; of: what
    is counted; is_structural: broken, it says that the table is wrong and not a row, and nothing is published."""

    column: str
    kind: str
    says: str
    arguments: dict[str, Any] = field(default_factory=dict)
    shown: bool = True
    of: str = "строк"
    is_structural: bool = False


@cache
def suite(mart: str) -> tuple[Expected, ...]:
    """Everything expected of a mart. Raises NotImplementedError for a declared check that has no expectation here."""
    expected = (*_declared(mart), *(_of_rule(rule) for rule in rules(mart)))
    keys = {KEY, *key_of(mart)}
    return tuple(
        replace(e, is_structural=e.is_structural or e.column in keys or mart in WITHOUT_GAPS) for e in expected
    )


def rules(mart: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if rule.mart == mart)


def key_of(mart: str) -> list[str]:
    return [spec.name for spec in columns_of(MARTS[mart]) if spec.key]


def _declared(mart: str) -> Iterator[Expected]:
    schema = MARTS[mart].to_schema()
    for spec in columns_of(MARTS[mart]):
        what, shown = f"«{spec.title}» ({spec.name})", spec.name not in personal(MARTS[mart])
        if not spec.nullable:
            yield Expected(spec.name, "not_null", f"{what}: заполнено в каждой строке", shown=shown)
        bounds: dict[str, Any] = {}
        for check in schema.columns[spec.name].checks:
            statistics: dict[str, Any] = dict(check.statistics or {})
            if check.name in ("greater_than_or_equal_to", "less_than_or_equal_to", "in_range"):
                bounds |= {name: value for name, value in statistics.items() if name in ("min_value", "max_value")}
            elif check.name == "isin":
                allowed = list(statistics["allowed_values"])
                says = f"{what}: только из списка {', '.join(map(str, allowed))}"
                yield Expected(spec.name, "in_set", says, {"value_set": allowed}, shown)
            elif check.name == "str_matches":
                pattern = getattr(statistics["pattern"], "pattern", statistics["pattern"])
                # pandera looks from the beginning of the text, Great Expectations anywhere in it
                yield Expected(spec.name, "regex", f"{what}: вида {pattern}", {"regex": f"^(?:{pattern})"}, shown)
            else:
                raise NotImplementedError(f"{mart}.{spec.name}: для проверки {check.name} нет ожидания")
        if bounds:
            yield Expected(spec.name, "between", f"{what}: {_range(**bounds)}", bounds, shown)
    if keys := key_of(mart):
        yield Expected(KEY, "unique", f"Ключ ({', '.join(keys)}) не повторяется", shown=False)


def _of_rule(rule: Rule) -> Expected:
    bounds = {name: value for name, value in (("min_value", rule.low), ("max_value", rule.high)) if value is not None}
    return Expected(rule.judged, "between", rule.title, bounds, of="групп строк" if rule.per else "строк",
                    is_structural=rule.is_structural)  # fmt: skip


def _range(min_value: float | None = None, max_value: float | None = None) -> str:
    if min_value is None:
        return f"не больше {max_value:g}"
    return f"не меньше {min_value:g}" if max_value is None else f"от {min_value:g} до {max_value:g}"
