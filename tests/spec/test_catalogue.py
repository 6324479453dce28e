"""The data beside the models agree with one another and with what the ministry printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas import catalogue
from schemas.kinds import KINDS
from schemas.layout import layouts

SCALES = catalogue.rows("vpr/scales.csv")
WORKS = sorted({(int(r["year"]), int(r["grade"]), r["subject"]) for r in catalogue.rows("vpr/tasks.csv")})


@pytest.mark.parametrize("row", SCALES, ids=lambda r: f"{r['year']}-{r['subject']}{r['grade']}")
def test_a_scale_rises_within_its_maximum(row: dict[str, str]) -> None:
    bounds = [int(row[name]) for name in ("min_3", "min_4", "min_5", "max_primary")]
    assert 0 < bounds[0] < bounds[1] < bounds[2] <= bounds[3]
    assert row["source"]


@pytest.mark.parametrize(("year", "grade", "subject"), WORKS)
def test_task_maxima_sum_to_the_scale(year: int, grade: int, subject: str) -> None:
    tasks, _ = catalogue.tasks(year, grade, subject)
    scale = catalogue.scale(year, grade, subject)
    assert [task["position"] for task in tasks] == list(range(1, len(tasks) + 1))
    if scale and all(task["verified"] for task in tasks):
        assert sum(task["max_score"] for task in tasks) == scale["max_primary"]


def test_the_overlapping_bound_of_geography_8_belongs_to_five() -> None:
    """Golden check 11: the description of 2021 prints 27–35 for «4» and 35–40 for «5»."""
    scale = catalogue.scale(2021, 8, "GG")
    assert scale is not None
    assert (scale["min_4"], scale["min_5"]) == (27, 35)


@pytest.mark.parametrize(("primary", "mark"), [(9, 2), (10, 3), (15, 3), (17, 4), (20, 4), (22, 5), (24, 5)])
def test_russian_4_of_2026(primary: int, mark: int) -> None:
    """Golden check 3: pairs of a real Ф1."""
    scale = catalogue.scale(2026, 4, "RU")
    assert scale is not None
    assert 2 + sum(primary >= scale[bound] for bound in ("min_3", "min_4", "min_5")) == mark


WORK = {"title", "declared", "rows", "layout", "exam", "exams", "olympiad", "school_years", "none"}


def test_every_layout_names_a_known_kind_and_every_issue_says_what_to_do() -> None:
    for name, told in layouts().items():
        assert told.kind in {*KINDS, "manifest"}, name
        assert told.work in WORK, name
    for name, issue in catalogue.issue_types().items():
        assert issue["severity"] in {"error", "warning", "info"}, name
        assert issue["responsibility"] in {"sender", "authority", "pipeline"}, name
        assert issue["mend"].endswith((".", "?")), name


def test_every_indicator_has_a_source() -> None:
    for name, told in catalogue.indicators().items():
        assert told["source"], name
        assert isinstance(told["verified"], bool), name


@pytest.mark.parametrize(
    ("year", "of_vpr", "school_year"), [(2021, True, "2020/21"), (2020, True, "2020/21"), (2020, False, "2019/20")]
)
def test_school_year(year: int, of_vpr: bool, school_year: str) -> None:
    assert catalogue.school_year(year, of_vpr=of_vpr) == school_year


class Strict(yaml.CSafeLoader):
    """A loader that refuses a key that stands twice: of the two the later would count, in silence."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"{node.start_mark}: {', '.join(twice)} twice")
        return super().construct_mapping(node, deep)


@pytest.mark.parametrize("path", sorted(catalogue.LAYOUTS.rglob("*.yaml")), ids=lambda path: path.name)
def test_no_key_of_the_data_stands_twice(path: Path) -> None:
    assert yaml.load(path.read_text(encoding="utf-8"), Loader=Strict)


def test_a_key_that_stands_twice_is_seen() -> None:
    with pytest.raises(ValueError, match="a twice"):
        yaml.load("{b: 1, c: {a: 1, a: 2}}", Loader=Strict)
