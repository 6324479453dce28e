"""Columns of marts lead to columns of facts that there are, and to those that the declaration names."""

from __future__ import annotations

from assets import ASSETS
from msoko_pipeline.orchestration.lineage import of_mart
from schemas.fields import columns_of
from schemas.kinds import DECLARED_MARTS, KINDS


def sources(mart: str, column: str) -> set[str]:
    deps = of_mart(mart)["dagster/column_lineage"].deps_by_column.get(column, ())
    return {f"{dep.asset_key.to_user_string()}.{dep.column_name}" for dep in deps}


def test_a_column_comes_from_those_that_its_declaration_names() -> None:
    assert sources("career_guidance", "level") == set(), "what publishing adds"
    assert "validated/staff.org_ref" in sources("staff", "organisations"), "the organisation is matched by its name"
    share = sources("advanced_subjects", "senior_pct")
    assert share > sources("advanced_subjects", "senior_part") > set()
    assert "validated/contingent.pupils" in share


def test_a_column_says_it_in_its_description() -> None:
    (spec,) = [spec for asset in ASSETS for spec in asset.specs if spec.key.to_user_string() == "marts/staff"]
    described = {column.name: column.description for column in spec.metadata["dagster/column_schema"].columns}
    assert described["organisations"].endswith(" ← staff.org_ref")
    assert "←" not in described["year"]


def test_a_mart_of_made_rows_has_no_lineage() -> None:
    made = [name for name, declared in DECLARED_MARTS.items() if declared.register is None]
    assert made
    assert [of_mart(name) for name in (*made, "school_risk")] == [{}] * (len(made) + 1)


def test_every_column_is_there() -> None:
    columns = {kind.name: {column.name for column in columns_of(kind.model)} for kind in KINDS.values()}
    lineages = {name: of_mart(name)["dagster/column_lineage"] for name in DECLARED_MARTS if of_mart(name)}
    assert len(lineages) > 10
    for name, lineage in lineages.items():
        published = {column.name for column in columns_of(DECLARED_MARTS[name].model)}
        assert lineage.deps_by_column.keys() <= published
        for deps in lineage.deps_by_column.values():
            assert all(dep.column_name in columns[dep.asset_key.path[-1]] for dep in deps)
