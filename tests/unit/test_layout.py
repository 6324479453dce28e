"""What a layout may be declared with: a mistyped key and a title cut at a comma stop the start, not a file."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.layout import Column, Layout, LayoutError, layouts

TOLD: dict[str, Any] = {
    "kind": "contingent", "title_ru": "Контингент", "priority": 1, "work": "rows", "header_has": ["логин"],
    "row_key": "org_id", "columns": {"org_id": ["логин", "код оо"], "pupils": ["обучающихся (всего)?"]}, "ignored": [],
}  # fmt: skip


def test_a_layout_knows_its_columns() -> None:
    layout = Layout.declared("list", TOLD)
    assert layout.columns == {
        "org_id": Column(("логин", "код оо")), "pupils": Column(("обучающихся (всего)",), is_optional=True),
    }  # fmt: skip
    assert (layout.lists_absent, layout.header_has, layout.people) == (True, ("логин",), [])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"header_hsa": ["логин"]}, "unknown keys header_hsa"),
        ({"row_key": "login"}, "no such columns: login"),
        ({"persons": {"pupil_key": ["surname"]}}, "no such columns: surname"),
        ({"prefilled": ["total"]}, "no such columns: total"),
        ({"columns": {"org_id": ["логин"], "on_register": ["на учете (вшк", "пдн", "кдн)"]}}, "cut at a comma"),
    ],
)
def test_what_is_declared_wrongly_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(LayoutError, match=says):
        Layout.declared("list", TOLD | change)


def test_a_layout_without_its_kind_is_refused() -> None:
    with pytest.raises(LayoutError, match="kind"):
        Layout.declared("list", {key: value for key, value in TOLD.items() if key != "kind"})


def test_every_layout_of_the_project_is_sound() -> None:
    assert len(layouts()) > 40
