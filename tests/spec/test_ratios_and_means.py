"""Ratios, means and marts of made rows on a few rows counted by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import pytest

from msoko_pipeline.indicators.registers.measures import measured, of_frame, sliced
from msoko_pipeline.indicators.registers.rows import made_rows, makes
from msoko_pipeline.indicators.values import changes
from msoko_pipeline.indicators.values.values import of_registers, values
from msoko_pipeline.numbers.expressions import Z95
from msoko_pipeline.settings import Settings
from schemas.declared import DECLARED_MARTS, MadeRows, mart
from schemas.fields import field
from schemas.indicators import indicators
from schemas.measure import ALL, contingent, mean, ratio, total

YEAR = 2026


class Places(MadeRows):
    """Rooms of a school."""

    room: str = field("Кабинет", isin=["big", "small"])
    pupils: pd.Int64Dtype = field("Учеников", unit="чел.")
    places: pd.Float64Dtype = field("Мест", unit="мест")


@pytest.fixture(scope="module", autouse=True)
def _toy() -> Iterator[None]:
    @mart("places", of=Places, title="Пример", slices=((), ("room",)), base="pupils")
    class Toy:
        """Пример."""

        pupils = total("pupils", "Учеников")
        counted = total("pupils", "Учеников, если их число назвали все", is_whole=True)
        density = ratio("Учеников на 10 мест", part=total("pupils"), whole=total("places", unit="мест"), per=10,
                        unit="чел.", item="5.6", better="down", source="пример", part_as=None)  # fmt: skip
        per_pupil = ratio("Мест на 100 учеников", part=total("places", unit="мест"), whole=contingent(1, 11), per=100,
                          unit="мест", item="5.6", better="up", source="пример")  # fmt: skip
        room_size = mean("Мест в кабинете", "places", unit="мест", item="5.6", better="up", source="пример",
                         bounds=(0, 30))  # fmt: skip

    yield
    del DECLARED_MARTS["places"]


def computed(*rows: tuple[str, str, int | None, float | None]) -> pd.DataFrame:
    """The mart of rows: org_id, room, pupils, places. Pupils of A: 50, of B: unknown."""
    connection = duckdb.connect()

    def relation(name: str, frame: pd.DataFrame) -> Any:
        connection.register(f"_{name}", frame)
        connection.execute(f"create table {name} as select * from _{name}")
        return nw.from_native(connection.table(name))

    facts = pd.DataFrame(rows, columns=["org_id", "room", "pupils", "places"]).assign(year=YEAR, grade=1)
    units = [(YEAR, org, level, org if level == "school" else "town")
             for org in ("A", "B") for level in ("school", "municipality")]  # fmt: skip
    of_units = relation("units", pd.DataFrame(units, columns=["year", "org_id", "level", "unit_id"]))
    pupils = relation("pupils", pd.DataFrame({"year": [YEAR], "org_id": ["A"], "grade": [1], "pupils": [50]}))
    declared = DECLARED_MARTS["places"]
    types = {"pupils": "Int64", "places": "Float64"}
    facts_of = relation("facts", facts.astype(types))
    return measured(sliced(facts_of, of_units, declared), of_units, pupils, declared)


def row(told: pd.DataFrame, unit: str, room: str = ALL) -> dict[str, Any]:
    (one,) = told[(told["unit_id"] == unit) & (told["room"] == room)].to_dict("records")
    return one


ROWS = (("A", "big", 20, 25.0), ("A", "small", 4, 7.5), ("B", "big", None, 30.0), ("B", "small", 10, None))


@pytest.mark.parametrize(
    ("unit", "name", "expected"),
    [
        ("A", "density", 24 / 32.5 * 10),
        ("B", "density", None),  # no row tells both
        ("town", "density", 24 / 32.5 * 10),
        ("A", "per_pupil", 32.5 / 50 * 100),
        ("B", "per_pupil", None),  # its contingent is unknown
        ("town", "per_pupil", 32.5 / 50 * 100),
        ("A", "room_size", 16.25),
        ("town", "room_size", 62.5 / 3),
        ("town", "room_size_rows", 3),
        ("B", "room_size_rows", 1),
        ("B", "room_size_ci_low", None),  # of one row there is no spread
        ("town", "room_size_ci_high", 30.0),  # no room has more
        ("A", "pupils", 24), ("A", "counted", 24),
        ("town", "pupils", 34), ("town", "counted", None),  # B does not tell all of them
    ],
)  # fmt: skip
def test_figures_of_places(unit: str, name: str, expected: float | None) -> None:
    value = row(computed(*ROWS), unit)[name]
    assert (None if pd.isna(value) else pytest.approx(value)) == expected


def test_the_bounds_of_a_mean_are_of_its_rows() -> None:
    told = row(computed(("A", "big", 1, 10.0), ("A", "small", 1, 12.0), ("A", "small", 1, 14.0)), "A")
    assert told["room_size_ci_low"] == pytest.approx(12 - Z95 * 2 / 3**0.5)
    assert told["room_size_sd"] == pytest.approx(2.0)


def test_a_column_may_be_called_own() -> None:
    """No column of the rows is taken for what the engine keeps beside a dimension."""

    class Kept(MadeRows):
        """Пример."""

        room: str = field("Кабинет", isin=["big", "small"])
        places: pd.Int64Dtype = field("Мест")
        own_places: pd.Int64Dtype = field("Своих мест")

    @mart("kept", of=Kept, title="Пример", slices=((), ("room",)))
    class Mart:
        """Пример."""

        places = total("places", "Мест", unit="мест")
        kept = total("own_places", "Своих мест", unit="мест")
        kept_small = total("places", "Малых мест", unit="мест", where={"room": "small", "places": [3]})

    rows = pd.DataFrame({
        "year": YEAR, "org_id": "A", "room": ["big", "small"], "places": [5, 3], "own_places": [2, 1]
    })  # fmt: skip
    units = pd.DataFrame({"year": [YEAR], "org_id": ["A"], "level": ["school"], "unit_id": ["A"]})
    with duckdb.connect() as connection:
        found = of_frame(connection, rows, units, DECLARED_MARTS.pop("kept")).set_index("room")
    assert Mart is not None
    assert found.loc[ALL, ["places", "kept", "kept_small"]].tolist() == [8, 3, 3]


def test_nothing_is_divided_by_nobody() -> None:
    told = row(computed(("A", "big", 3, 0.0)), "A")
    assert pd.isna(told["density"])


def test_figures_are_indicators_with_their_unit_and_formula() -> None:
    found = {name: each for name, each in indicators().items() if name.startswith("places_")}
    assert {name: (each["kind"], each["unit"], each["higher_is_better"]) for name, each in found.items()} == {
        "places_density": ("ratio", "чел.", False),
        "places_per_pupil": ("ratio", "мест", True),
        "places_room_size": ("mean", "мест", True),
    }
    assert found["places_density"]["formula"] == "Σ «Учеников» / Σ «Мест» · 10"
    assert found["places_room_size"]["formula"] == "среднее «Мест»"
    assert [changes.factor(each) for each in found.values()] == [10, 100, 1]


def test_values_of_ratios_have_no_interval_and_those_of_means_have_one() -> None:
    frame = pd.DataFrame({
        "year": YEAR, "procedure": ALL, "level": "school", "unit_id": "A", "subject": ALL, "grade": 0,
        "indicator_id": ["density", "size"], "kind": ["ratio", "mean"], "numerator": [24.0, 48.75],
        "denominator": [32.5, 3.0], "given": [7.4, 16.25], "sd": [None, 2.0], "least": [None, 0.0],
        "greatest": [None, 30.0],
    })  # fmt: skip
    connection = duckdb.connect()
    connection.register("shares", frame.astype({"sd": "Float64", "least": "Float64", "greatest": "Float64"}))
    rows = values(of_registers(nw.from_native(connection.table("shares")), 10), 1.0).collect().to_native()
    density, size = (rows.to_pandas().set_index("indicator_id").loc[[name]].iloc[0] for name in ("density", "size"))
    assert (density["value"], pd.isna(density["ci_low"]), pd.isna(density["se"])) == (7.4, True, True)
    assert (size["value"], round(size["ci_low"], 3)) == (16.25, round(16.25 - Z95 * 2 / 3**0.5, 3))


def test_rows_are_made_by_one_function_and_typed_as_they_are_declared() -> None:
    class Empty(MadeRows):
        """Пример."""

        room: str = field("Кабинет")
        seats: pd.Int64Dtype = field("Мест")

    with pytest.raises(LookupError, match="no function makes the rows Empty"):
        made_rows(Empty)

    @makes(Empty)
    def make(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
        return pd.DataFrame({"year": years, "org_id": "A", "room": "1", "more": 1})

    assert make is not None
    rows = made_rows(Empty)(None, Settings(), [YEAR])
    assert list(rows.dtypes.astype(str)) == ["int64", "string", "string", "Int64"]
    assert list(rows.columns) == ["year", "org_id", "room", "seats"]
    with pytest.raises(ValueError, match="made twice"):
        makes(Empty)(make)
