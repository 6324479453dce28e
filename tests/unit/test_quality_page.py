"""The page of checks: everything is on it, nothing is fetched, nothing from the data becomes markup."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from msoko_pipeline.reporting.quality_page import write_quality_page
from msoko_pipeline.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, municipality="reg19_m019 Черногорск")


def keep(settings: Settings, year: int, mart: str, *failures: str, rows: int = 12345) -> None:
    """A result as `expectations.check` keeps it: three expectations, of which the failed ones come last."""
    results: list[dict[str, Any]] = [
        {"column": f"c{n}", "kind": "between", "says": f"Ожидание {n} у {mart}", "passed": n < 3 - len(failures)}
        for n in range(3)
    ]
    told = {
        "year": year, "mart": mart, "passed": not failures, "failures": failures, "results": results,
        "statistics": {"rows": rows, "expectations": 3, "kept": 3 - len(failures)},
        "title": f"Таблица {mart}", "checked_at": "2026-11-23T10:11:12Z",
    }  # fmt: skip
    path = settings.quality / f"year={year}" / f"{mart}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


class Tags(HTMLParser):
    """Every tag with its attributes, and what was left open."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(page: str) -> Tags:
    parser = Tags()
    parser.feed(page)
    parser.close()
    return parser


def text(settings: Settings) -> str:
    path = write_quality_page(settings)
    assert path == settings.quality / "index.html"
    return path.read_text(encoding="utf-8")


def test_before_any_check(settings: Settings) -> None:
    page = text(settings)
    assert "Проверок ещё не было" in page
    assert tags(page).open == []


def test_all_is_well(settings: Settings) -> None:
    keep(settings, 2021, "vpr_school")
    keep(settings, 2020, "vpr_task")
    page = text(settings)
    assert "Все таблицы прошли проверку: 2" in page
    assert "Что не так" not in page
    assert "Черногорск" in page
    assert "12\u202f345" in page
    assert page.count('class="cell good"') == 2
    assert page.count('class="cell faint"') == 2, "a mart without a result in a year is shown as such"
    assert 'class="cell bad"' not in page
    assert page.index(">2021<") < page.index(">2020<"), "the latest year first"


def test_failures_are_explained_and_linked(settings: Settings) -> None:
    keep(settings, 2021, "vpr_task", "Доля больше 100. Нарушено в 1 из 2 строк")
    keep(settings, 2021, "vpr_school")
    page = text(settings)
    assert "Не прошли проверку таблицы: 1 из 2" in page
    assert "Доля больше 100. Нарушено в 1 из 2 строк" in page
    assert '<a href="#2021-vpr_task">✗ 2 из 3</a>' in page
    assert 'id="2021-vpr_task"' in page
    assert page.count('class="cell good"') == page.count('class="cell bad"') == 1
    assert page.index("Таблица vpr_school") < page.index("Таблица vpr_task"), "in the order of publication"
    assert "✗ Ожидание 2 у vpr_task" in page
    assert "✓ Ожидание 1 у vpr_task" in page


def test_nothing_from_the_data_becomes_markup(settings: Settings) -> None:
    keep(settings, 2021, "vpr_task", "например: <script>alert(1)</script> & «x»")
    page = text(settings)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; «x»" in page
    assert not [tag for tag, _ in tags(page).seen if tag == "script"]


def test_the_page_is_whole_and_fetches_nothing(settings: Settings) -> None:
    keep(settings, 2021, "vpr_task", "не так")
    page = text(settings)
    found = tags(page)
    assert found.open == []
    links = [value for _, attributes in found.seen for name, value in attributes.items() if name in ("href", "src")]
    assert links
    assert all((link or "").startswith("#") for link in links)
    assert not re.search(r"https?:|//[a-z]|@import|url\(", page)
    assert '<html lang="ru">' in page
    for needed in ("prefers-color-scheme: dark", "@media print", 'charset="utf-8"'):
        assert needed in page


def test_a_table_that_could_not_be_read(settings: Settings) -> None:
    keep(settings, 2021, "vpr_task", "Таблица не подготовлена")
    path = settings.quality / "year=2021" / "vpr_task.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(told | {"results": []}, ensure_ascii=False), encoding="utf-8")
    page = text(settings)
    assert "✗ не читается</a>" in page
    assert tags(page).open == []
