"""ИСБШ and ШНСУ as small tables, and what the real town's context forms make of its schools."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.home import engine, store
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.publishing.stage import RENAMED
from msoko_pipeline.risk import social
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.kinds import KINDS, Kind
from schemas.marts import MARTS
from schemas.organisations import Context
from tests.real import TOWN, needs_town

RULE = {
    "mean": 50, "sd": 10, "low": 40, "quartile": 0.25, "unfavourable_from": 3, "max_age_years": 3, "least_schools": 5,
    "least_indicators": 3,
}  # fmt: skip
NAMES = ("a", "b", "c", "d")


def data(**changed: dict[str, Any]) -> dict[str, Any]:
    """Declared data: a, b, c are bad above 50 %, d is good and bad below 50 %; changed: of an indicator or `isbsh`."""
    plain = {"title": "Доля", "favourable": False, "beyond": 50, "weight": 1, "counts": True, "verified": False}
    indicators = {name: plain | {"favourable": name == "d"} | changed.get(name, {}) for name in NAMES}
    return {"isbsh": RULE | changed.get("isbsh", {}), "indicators": indicators}


def shares(**values: list[float | None]) -> pd.DataFrame:
    """Shares of schools 1, 2, 3… in 2022, one list an indicator; None: not told."""
    rows = [
        (2022, 2022, f"s{number:02d}", name, value, "passport")
        for name, told in values.items()
        for number, value in enumerate(told, 1)
        if value is not None
    ]
    frame = pd.DataFrame(rows, columns=["year", "data_year", "org_id", "indicator", "value", "source"])
    return frame.assign(numerator=None, denominator=None).astype(social.SHARES)[list(social.SHARES)]


def town(frame: pd.DataFrame, municipality: str | None = "m1") -> pd.DataFrame:
    return frame[["year", "org_id"]].drop_duplicates().assign(municipality_id=municipality)


def judged(frame: pd.DataFrame, declared: dict[str, Any] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows, schools = social.judge(frame, town(frame), declared or data())
    return rows.set_index(["org_id", "indicator"]), schools.set_index("org_id")


LINE = [50.0, 50.0, 52.0, 54.0, 54.0]  # mean 52, sum of squares 16, sd (n − 1) 2: z −1 −1 0 1 1


# ---- the index


def test_sd_is_of_the_sample_and_plus_is_favourable() -> None:
    rows, schools = judged(shares(a=LINE, b=LINE, c=LINE, d=LINE))
    told = rows.loc[("s01", "a")]
    assert (told["mean"], told["sd"], told["threshold"]) == pytest.approx((52, 2, 50))
    assert rows["z"].unstack()[["a", "d"]].round(9).values.tolist() == [[1, -1], [1, -1], [0, 0], [-1, 1], [-1, 1]]
    assert schools["isbsh"].tolist() == [55, 55, 50, 45, 45]  # (1 + 1 + 1 − 1) / 4 = ½ of the sd
    assert rows["isbsh"].groupby("org_id").first().tolist() == [55, 55, 50, 45, 45]
    assert (schools["indicators"] == 4).all()
    assert (schools["schools"] == 5).all()


def test_threshold_is_not_past_itself() -> None:
    rows, schools = judged(shares(a=LINE, b=LINE, c=LINE, d=[49.9, 50, 50.1, 80, 90]))
    assert rows["unfavourable"].unstack()["a"].tolist() == [False, False, True, True, True]
    assert rows["unfavourable"].unstack()["d"].tolist() == [True, False, False, False, False]
    assert schools["unfavourable"].tolist() == [1, 0, 3, 3, 3]


def test_weights() -> None:
    _, schools = judged(shares(a=LINE, b=LINE, c=LINE, d=LINE), data(d={"weight": 3}))
    assert schools["isbsh"].tolist() == [50] * 5  # (1 + 1 + 1 − 3) / 6


def test_equal_shares_tell_nothing_apart() -> None:
    """z = 0, not 0 / 0, nor the noise of a mean: that of five 100/13 is not quite 100/13."""
    rows, schools = judged(shares(a=[100 / 13] * 5, b=[0.1] * 5, c=[90] * 5, d=[90] * 5))
    assert rows["z"].tolist() == [0] * 20
    assert rows["sd"].tolist() == [0] * 20
    assert schools["isbsh"].tolist() == [50] * 5
    assert schools["shnsu"].tolist() == [False] * 5


def test_a_missing_share_is_left_out_not_zero() -> None:
    rows, schools = judged(shares(a=LINE, b=LINE, c=LINE, d=[None, *LINE[1:]]))
    assert ("s01", "d") not in rows.index
    assert schools.loc["s01", ["isbsh", "indicators"]].tolist() == [60, 3]
    assert schools.loc["s02", "indicators"] == 4


def test_a_share_that_does_not_count_is_published_only() -> None:
    rows, schools = judged(shares(a=LINE, b=LINE, c=LINE, d=LINE), data(d={"counts": False, "beyond": 90}))
    told = rows.loc[("s01", "d")]
    assert (told["z"], told["unfavourable"], told["counts"]) == (pytest.approx(-1), True, False)
    assert schools.loc["s01", ["isbsh", "indicators", "unfavourable"]].tolist() == [60, 3, 0]


def test_a_share_of_one_school_alone_has_no_z() -> None:
    rows, schools = judged(shares(a=LINE, b=LINE, c=LINE, d=[70]))
    assert rows.loc[("s01", "d"), ["mean", "value"]].tolist() == [70, 70]
    assert pd.isna(rows.loc[("s01", "d"), "z"])
    assert pd.isna(rows.loc[("s01", "d"), "sd"])
    assert schools.loc["s01", "indicators"] == 3


# ---- ШНСУ


def test_below_forty_is_and_forty_is_not() -> None:
    """Nobody is past a threshold: the index alone decides."""
    calm = data(**{name: {"beyond": 0 if name == "d" else 100} for name in NAMES})
    _, schools = judged(shares(a=LINE, b=LINE, c=LINE), calm)
    assert schools["isbsh"].tolist() == [60, 60, 50, 40, 40]
    assert schools["shnsu"].tolist() == [False] * 5
    other = [10.7, 10.7, 11.4, 12.1, 12.1]  # the same line, but its last index comes out as 39.99999999999996
    _, schools = judged(shares(a=other, b=other, c=other), calm)
    assert schools["shnsu"].tolist() == [False] * 5
    lower = [10.0, 10.0, 10.0, 10.0, 10.0, 60.0]  # z of the last: 50·5/6 / 20,41 = 2,04
    _, schools = judged(shares(a=lower, b=lower, c=lower), calm)
    assert schools["isbsh"].iloc[-1] == pytest.approx(50 - 10 * (50 * 5 / 6) / (2500 / 6) ** 0.5)
    assert schools["shnsu"].tolist() == [False] * 5 + [True]


QUARTER = [44.0, 44.0, 52.0, 52.0, 52.0, 52.0, 60.0, 60.0]  # z ±1,25: two of eight in the lowest quarter, above 40


@pytest.mark.parametrize(("past", "shnsu"), [(3, True), (2, False)])
def test_lowest_quarter_needs_three_unfavourable(past: int, shnsu: bool) -> None:
    values = {name: [v / 2 for v in QUARTER] for name in "abc"} | {"d": [70, 90, 90, 70, 90, 70, 90, 70]}
    beyond = {name: {"beyond": 29 if number <= past else 31} for number, name in enumerate("abc", 1)}
    _, schools = judged(shares(**values), data(**beyond, isbsh={"low": 30}))
    assert schools["unfavourable"].tolist() == [0] * 6 + [past] * 2
    assert schools["shnsu"].tolist() == [False] * 6 + [shnsu] * 2
    assert (schools["quartile"] >= schools["isbsh"].iloc[-1]).all()
    assert (schools["isbsh"] > 30).all()


def test_the_bound_of_the_lowest_quarter_belongs_to_it() -> None:
    """Of five schools the second lowest is the bound."""
    steps = [10.0, 20.0, 60.0, 70.0, 80.0]
    _, schools = judged(shares(a=steps, b=steps, c=steps), data(isbsh={"low": 0}))
    assert schools["quartile"].tolist() == [schools.loc["s04", "isbsh"]] * 5
    assert schools["shnsu"].tolist() == [False, False, False, True, True]


def test_three_unfavourable_above_the_lowest_quarter_are_not_enough() -> None:
    _, schools = judged(shares(**{name: [90 + v / 10 for v in QUARTER] for name in "abc"}), data(isbsh={"low": 0}))
    assert schools["unfavourable"].tolist() == [3] * 8
    assert schools["shnsu"].tolist() == [False] * 6 + [True] * 2


def test_fewer_than_five_schools_are_no_data() -> None:
    _, schools = judged(shares(a=[10, 10, 10, 90], b=[10, 10, 10, 90], c=[10, 10, 10, 90]))
    assert schools["schools"].tolist() == [4] * 4
    assert schools[["isbsh", "quartile", "shnsu"]].isna().all(axis=None)
    _, schools = judged(shares(a=[10, 10, 10, 10, 90], b=[10, 10, 10, 10, 90], c=[10, 10, 10, 10, 90]))
    assert schools["shnsu"].tolist() == [False] * 4 + [True]


def test_schools_without_enough_shares_are_not_counted_among_those_compared() -> None:
    """Six schools tell something, four of them enough."""
    _, schools = judged(shares(a=[*LINE, 50], b=[*LINE[:4], None, None], c=[*LINE[:4], None, None]))
    assert schools["schools"].tolist() == [4] * 6
    assert schools["shnsu"].isna().all()


@pytest.mark.parametrize(("told", "known"), [(1, False), (2, False), (3, True)])
def test_a_school_of_few_shares_is_no_data(told: int, known: bool) -> None:
    values = {name: [*LINE, 90.0 if number <= told else None] for number, name in enumerate("abc", 1)}
    rows, schools = judged(shares(**values))
    assert schools.loc["s06", "indicators"] == told
    assert schools["shnsu"].notna().tolist() == [True] * 5 + [known]
    assert schools["isbsh"].notna().tolist() == [True] * 5 + [known]
    assert rows["isbsh"].notna().loc["s06"].tolist() == [known] * told


def test_schools_are_compared_within_their_municipality_and_year() -> None:
    near, far = shares(a=LINE, b=LINE, c=LINE), shares(a=[v + 30 for v in LINE], b=LINE, c=LINE)
    far = far.assign(org_id="t" + far["org_id"])
    later = near.assign(year=2023, value=near["value"] + 7).astype(social.SHARES)
    places = pd.concat([town(near), town(far, "m2"), town(later, "m1")])
    rows, schools = social.judge(pd.concat([near, far, later]), places, data())
    assert sorted(schools["isbsh"].round(6)) == [40.0] * 6 + [50.0] * 3 + [60.0] * 6
    assert rows.groupby(["year", rows["org_id"].str[0]])["mean"].max().tolist() == [52, 82, 59]
    assert (schools["schools"] == 5).all()


def test_a_school_of_no_municipality_keeps_its_shares_and_one_unknown_has_none() -> None:
    frame = shares(a=LINE, b=LINE, c=LINE)
    places = town(frame).assign(municipality_id=[None, "m1", "m1", "m1", "m1"])
    rows, schools = social.judge(frame, places.iloc[:4], data())
    alone = rows[rows["org_id"] == "s01"]
    assert alone["value"].tolist() == [50, 50, 50]
    assert alone[["mean", "z", "isbsh"]].isna().all(axis=None)
    assert schools.set_index("org_id").loc["s01", "schools"] == 0
    assert schools["org_id"].tolist() == ["s01", "s02", "s03", "s04"]
    with pytest.raises(pd.errors.MergeError):
        social.judge(frame, pd.concat([places, places]), data())


def test_nothing_in_nothing_out() -> None:
    rows, schools = social.judge(shares(), town(shares()), data())
    assert (len(rows), list(rows), len(schools), list(schools)) == (0, list(social.CONTEXT), 0, list(social.SCHOOLS))


def test_the_frame_fits_the_mart() -> None:
    rows, _ = social.judge(frame := shares(a=LINE, b=LINE, c=LINE), town(frame), data())
    assert set(rows) == set(social.CONTEXT)
    rows = rows.rename(columns=RENAMED["school_context"])
    model = MARTS["school_context"]
    columns = list(model.to_schema().columns)
    plain = {name: column.dtype.type for name, column in model.to_schema().columns.items()}
    assert set(columns) == {"school_year", *rows}
    model.validate(rows.assign(school_year="2021/22").astype(plain)[columns])


# ---- years


def test_data_are_carried_forward_for_three_years_and_no_longer() -> None:
    own = shares(a=[10, 20]).drop(columns="year")
    found = social.carried(own, [2021, 2022, 2023, 2025, 2026], 3)
    assert found.groupby("year")["data_year"].unique().map(list).to_dict() == {2022: [2022], 2023: [2022], 2025: [2022]}
    assert found["value"].tolist() == [10, 20] * 3


def test_what_a_school_tells_anew_replaces_what_it_told_before() -> None:
    """Of each school and indicator for itself: a later form that asks less does not take the rest away."""
    early = shares(a=[10, 20], b=[30, 40])
    late = shares(a=[None, 25], c=[None, 50]).assign(data_year=2023, source="context").astype(social.SHARES)
    found = social.carried(pd.concat([early, late]), [2023], 3)
    told = found[["org_id", "indicator", "data_year", "value", "source"]].values.tolist()
    assert told == [
        ["s01", "a", 2022, 10, "passport"],
        ["s01", "b", 2022, 30, "passport"],
        ["s02", "a", 2023, 25, "context"],
        ["s02", "b", 2022, 40, "passport"],
        ["s02", "c", 2023, 50, "context"],
    ]


# ---- what schools say

COHORT = "Общее количество обучающихся 2005 года рождения"
ADAPTED = "из них обучаются по адаптированным образовательным программам"
EVENTS = "Как много родителей обучающихся обычно откликаются на приглашение?"
MEETINGS = "В классах основной школы"
TEACHERS = "Сколько всего в школе учителей?"


def told(year: int = 2021, **answers: str | None) -> dict[str, Any]:
    """Row of the only share that one school's answers give; {} where there is none. Names: as above, in lower case."""
    asked = {name: globals()[name.upper()] for name in answers}
    frame = pd.DataFrame(
        [(year, "edu190001", asked[name], answer) for name, answer in answers.items()],
        columns=["year", "org_id", "question", "answer"],
    )
    found = social.of_forms(frame, catalogue.social())
    assert len(found) <= 1
    return found.iloc[0].to_dict() if len(found) else {}


@pytest.mark.parametrize(
    ("part", "whole", "value"),
    [("3", "12", 25), ("0", "12", 0), ("12", "12", 100), ("3,0", "12.0", 25), (" 3 ", "1 200", 0.25)],
)
def test_counts_give_a_share(part: str, whole: str, value: float) -> None:
    found = told(cohort=whole, adapted=part)
    assert (found["value"], found["indicator"]) == (value, "adapted_programmes")
    assert found["denominator"] == float(whole.replace(" ", ""))


@pytest.mark.parametrize(
    ("part", "whole", "why"),
    [
        ("13", "12", "часть больше целого"),
        ("нет", "12", "не число"),
        ("3", "около сорока", "не число"),
        ("-3", "12", "отрицательное число"),
        ("3", None, "нет целого"),
        ("0", "0", "целое равно нулю"),
        ("3", "0", "часть больше целого"),
    ],
)
def test_what_cannot_be_is_no_data_and_named(part: str, whole: str | None, why: str) -> None:
    found = told(cohort=whole, adapted=part)
    assert found["why"] == why
    assert pd.isna([found["value"], found["numerator"], found["denominator"]]).all()
    assert part in found["answer"]


def test_a_question_not_answered_has_no_row() -> None:
    assert told(cohort="12", adapted=None) == {}
    assert told(cohort="12") == {}
    assert told(events=None) == {}
    assert told(year=2022, events="2.Примерно половина") == {}


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("1.Почти все, значительное большинство", 85),
        ("2. примерно  ПОЛОВИНА", 50),
        ("Лишь некоторые родители", 15),
        ("3) Лишь некоторые родители", 15),
    ],
)
def test_bands(answer: str, value: float) -> None:
    found = told(events=answer)
    assert found["value"] == value
    assert pd.isna([found["numerator"], found["denominator"]]).all()


@pytest.mark.parametrize("answer", ["Половина", "2", "85", "3.Лишь некоторые родители и дети"])
def test_an_unknown_wording_is_never_guessed(answer: str) -> None:
    found = told(events=answer)
    assert (pd.isna(found["value"]), found["why"]) == (True, "такого ответа нет в перечне")


@pytest.mark.parametrize(("answer", "value"), [("75", 75), ("75,5 %", 75.5), ("0", 0), ("101", None), ("все", None)])
def test_percent_as_told(answer: str, value: float | None) -> None:
    found = told(meetings=answer)
    assert found["value"] == value or (value is None and pd.isna(found["value"]) and found["why"])


def test_a_question_asked_twice_is_no_data() -> None:
    frame = pd.DataFrame({"year": 2021, "org_id": "edu190001", "question": MEETINGS, "answer": ["70", "80"]})
    found = social.of_forms(frame, catalogue.social())
    assert found[["indicator", "why"]].values.tolist() == [["parents_meetings", "вопрос стоит в форме дважды"]]


PASSPORT = [
    told_of["passport"]["part"] for told_of in catalogue.social()["indicators"].values() if "passport" in told_of
]


def passport(year: int, org_id: str, pupils: int, **counts: int | None) -> pd.DataFrame:
    row = {"row": 2, "year": year, "org_id": org_id, "pupils": pupils} | dict.fromkeys(PASSPORT) | counts
    return pd.DataFrame([row]).astype(dict.fromkeys(("pupils", *PASSPORT), "Int32"))


def test_passports() -> None:
    frame = passport(2024, "edu190001", 200, single_parent=50, on_register=0, parents_higher=201)
    found = social.of_passports(frame, catalogue.social()).set_index("indicator")
    assert found["value"].dropna().to_dict() == {"single_parent": 25, "on_register": 0}
    assert found["why"].dropna().to_dict() == {"parents_higher": "часть больше целого"}
    assert found.loc["single_parent", ["data_year", "numerator", "denominator"]].tolist() == [2024, 50, 200]


def test_passports_of_the_lake_stand_beside_forms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "social_passport", Kind("social_passport", Context, ("org_id",)))
    settings = Settings(home=tmp_path)
    form = {"row": 2, "year": 2021, "org_id": "edu190001", "question_no": 1, "question": MEETINGS, "answer": "70"}
    store.write_facts(settings.lake, "vpr_context", "a", 1, 1, 2, pd.DataFrame([form]))
    with engine.connect(settings) as connection:
        alone = social.read(connection, settings, [2021, 2022])
        assert alone[["year", "data_year", "value"]].values.tolist() == [[2021, 2021, 70], [2022, 2021, 70]]
        early = passport(2021, "edu190001", 100, low_income=10, guardianship=101)
        store.write_facts(settings.lake, "social_passport", "b", 1, 2, 2, early)
        both = social.read(connection, settings, [2022])
        assert both[["indicator", "value", "source"]].values.tolist() == [
            ["low_income", 10, "passport"],
            ["parents_meetings", 70, "context"],
        ]
        assert social.unread(connection, settings, [2021])["indicator"].tolist() == ["guardianship"]
        assert social.unread(connection, settings, [2022]).empty
        assert social.read(connection, settings, [2025]).empty
        assert list(social.read(connection, settings, [2025])) == list(social.SHARES)


def test_the_data_are_whole() -> None:
    declared = catalogue.social()
    assert set(declared["isbsh"]) == set(RULE) | {"title", "source", "verified"}
    assert set(declared["isbsh"]["verified"]) == set(RULE)
    for name, one in declared["indicators"].items():
        assert {"title", "favourable", "beyond", "weight", "counts", "source", "verified"} < set(one), name
        assert ("passport" in one) is not ("context" in one), name
        assert 0 < one["beyond"] < 100, name
        for lines in one.get("context", {}).values():
            for line in lines:
                assert set(line) in ({"part"}, {"part", "whole"}, {"part", "bands"}), name
                assert all(re.compile(line[side]) for side in ("part", "whole") if side in line), name
                assert line.get("bands") in {None, *declared["bands"]}, name
    for band in declared["bands"].values():
        assert set(band) == {"values", "source", "verified"}
        assert all(0 <= pct <= 100 for pct in band["values"].values())


# ---- the real town


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Shares of 2021, 2022 and 2026 and what could not be read, taken in by the project itself."""
    folder = tmp_path_factory.mktemp("social")
    (folder / "inbox").mkdir()
    for year in (2021, 2022):
        shutil.copy(TOWN / f"context_{year}.csv", folder / "inbox")
    settings = Settings(home=folder / "home", inbox_dir=folder / "inbox")
    intake.receive(settings)
    intake.validate(settings, KINDS)
    with engine.connect(settings) as connection:
        yield social.read(connection, settings, [2021, 2022, 2026]), social.unread(connection, settings, [2021, 2022])


@needs_town
def test_every_school_of_the_town_has_shares(real: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    found, _ = real
    assert set(found["year"]) == {2021, 2022}, "2022 is too old for 2026"
    told = found[found["year"] == found["data_year"]]
    assert found.groupby("year")["org_id"].nunique().to_dict() == {2021: 19, 2022: 19}
    assert found["value"].between(0, 100).all()
    assert told.groupby(["year", "indicator"]).size().to_dict() == {
        (2021, "adapted_programmes"): 19,
        (2021, "additional_education"): 19,
        (2021, "computers_obsolete"): 19,
        (2021, "parents_events"): 19,
        (2021, "parents_help"): 19,
        (2021, "parents_meetings"): 17,  # two boarding schools of the primary stage only
        (2021, "teachers_highest"): 17,  # two schools gave no number of teachers
        (2021, "teachers_retired"): 17,
        (2022, "adapted_programmes"): 16,
        (2022, "teachers_qualified"): 19,
    }


@needs_town
def test_answers_that_cannot_be_are_named(real: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    _, bad = real
    assert sorted(bad[["data_year", "org_id", "indicator", "answer", "why"]].values.tolist()) == [
        [2021, "edu228202", "teachers_highest", "0 из 0", "целое равно нулю"],
        [2021, "edu228202", "teachers_retired", "3 из 0", "часть больше целого"],
        [2021, "edu228435", "teachers_highest", "0 из 0", "целое равно нулю"],
        [2021, "edu228435", "teachers_retired", "0 из 0", "целое равно нулю"],
        [2022, "edu228202", "adapted_programmes", "0 из 0; 0 из 0", "целое равно нулю"],
        [2022, "edu228381", "adapted_programmes", "50 из 26; 0 из 41", "часть больше целого"],
        [2022, "edu228396", "adapted_programmes", "24 из 0; 13 из 0", "часть больше целого"],
    ]


@needs_town
def test_one_school_by_hand(real: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    found, _ = real
    school = found[(found["org_id"] == "edu228240") & (found["year"] == found["data_year"])].set_index(
        ["year", "indicator"]
    )["value"]
    by_hand = {
        (2021, "adapted_programmes"): 100 * 11 / 99,
        (2021, "additional_education"): 90,  # «Более 80%»
        (2021, "computers_obsolete"): 100,  # 19 of 19
        (2021, "parents_events"): 85,  # «Почти все»
        (2021, "parents_help"): 15,  # «Лишь некоторые»
        (2021, "parents_meetings"): 75,
        (2021, "teachers_highest"): 100 * 22 / 53,
        (2021, "teachers_retired"): 100 * 3 / 53,
        (2022, "adapted_programmes"): 100 * (7 + 13) / (85 + 100),
        (2022, "teachers_qualified"): 100 * 39 / 53,
    }
    assert school.to_dict() == pytest.approx(by_hand)


@needs_town
def test_the_town_is_judged_where_enough_was_asked(real: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """2021: five shares a school, nobody below 40; three unfavourable shares stand just above the lowest quarter.
    2022: the form asks for one share that counts; the others are carried over from the year before."""
    found, _ = real
    _, schools = social.judge(found, town(found), catalogue.social())
    first = schools[schools["year"] == 2021].set_index("org_id")
    assert first["shnsu"].notna().all()
    assert first.index[first["shnsu"].astype(bool)].tolist() == []
    assert first["isbsh"].nsmallest(5).round(1).to_dict() == {
        "edu228684": 41.3,
        "edu228363": 43.1,
        "edu228530": 43.9,
        "edu228526": 44.0,
        "edu228396": 45.4,
    }
    assert first.loc["edu228202", ["unfavourable", "isbsh"]].round(1).tolist() == [3, 45.9]
    assert first["quartile"].round(1).unique().tolist() == [45.6]
    second = schools[schools["year"] == 2022].set_index("org_id")
    assert second["isbsh"].nsmallest(2).round(1).to_dict() == {"edu228684": 41.3, "edu228363": 42.6}
    assert not second["shnsu"].any()
