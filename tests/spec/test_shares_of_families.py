"""No share of any family is below 0 or above 100 %, whatever numbers of different days and maxima its facts hold.

The facts are those that validation lets through: a score above a maximum that nobody confirmed, a mask with more points
than others print, shares that make 100,5 %. The ВПР of individual rows are in `test_shares`.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msoko_pipeline.home import engine
from msoko_pipeline.indicators.gia import results as gia
from msoko_pipeline.indicators.gia import tasks as gia_tasks
from msoko_pipeline.indicators.olympiads import formulas
from msoko_pipeline.indicators.olympiads.steps import CONTINGENT, COUNT, RESULT
from msoko_pipeline.indicators.organisations.contingents import COLUMNS as PUPILS
from msoko_pipeline.indicators.preschool.steps import quality
from msoko_pipeline.indicators.registers import measures as declared
from msoko_pipeline.indicators.talent import contests, gifted, shifts
from msoko_pipeline.indicators.talent import slices as talent
from msoko_pipeline.indicators.talent.steps import CONTESTS, GIFTED, SHIFTS
from msoko_pipeline.indicators.values import values
from msoko_pipeline.indicators.vpr import reports, results, tasks
from msoko_pipeline.risk import procedures, social
from schemas import catalogue
from schemas.fields import columns_of
from schemas.kinds import DECLARED_MARTS, KINDS
from schemas.marts import MARTS
from schemas.preschool import AREA_OF, LEVELS, NOT_APPLICABLE

SEEDS = pytest.mark.parametrize("seed", range(5))
ORGANISATIONS = ("a", "b", "c")
UNITS = pd.DataFrame(
    [(year, org, level, unit) for year in (2025, 2026) for org in ORGANISATIONS
     for level, unit in (("school", org), ("municipality", "town"))],
    columns=["year", "org_id", "level", "unit_id"],
).astype({"org_id": "string", "level": "string", "unit_id": "string"})  # fmt: skip
HOME = pd.DataFrame({"year": 2026, "org_id": ORGANISATIONS, "municipality_id": "town"})
THRESHOLDS = catalogue.thresholds(2026)
ELSEWHERE = {
    "vpr_school", "vpr_task", "vpr_task_group", "score_distribution",  # test_shares, and of reports here
    "planned_results",  # as the report prints them, bounded by its facts
    "certificates",  # parts that `at_most` holds to their whole
    "objectivity_school", "objectivity_index", "risk_reason", "risk_backtest", "risk_backtest_school",
    "school_risk", "risk_sensitivity", "risk_movement",  # of counts here
    "school_forecast", "forecast_calibration",  # test_forecast
}  # fmt: skip
HERE = {"gia9", "gia11", "olympiad", "gifted_bank", "preschool_quality", "school_procedure",
        "school_context", *DECLARED_MARTS}  # fmt: skip


def shares(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of shares and of bounds of shares."""
    return frame.filter(regex="_pct$|_ci_low$|_ci_high$|^funnel_")


def is_within(told: pd.DataFrame, most: float = 100) -> bool:
    """Whether all numbers that there are are shares (or scores up to `most`)."""
    numbers = told.astype("Float64").to_numpy(float, na_value=np.nan)
    known = numbers[~np.isnan(numbers)]
    return bool(((known >= 0) & (known <= most + 1e-9)).all())


def test_every_mart_with_shares_is_tried() -> None:
    with_shares = {name for name, mart in MARTS.items() if any(column.unit == "%" for column in columns_of(mart))}
    without = {name for name, declared in DECLARED_MARTS.items() if not declared.figures}
    assert with_shares | without == HERE | ELSEWHERE


# ---- reports of the ВПР

UNIT = {"year": 2026, "level": "school", "subject": "RU", "grade": 4}


def printed(connection: Any, seed: int) -> dict[str, engine.Relation]:
    """The three reports of some units, as far apart as their checks allow."""
    draw = np.random.default_rng(seed)
    marks, journal, scores = [], [], []
    for number in range(8):
        unit = UNIT | {"unit_id": f"u{number}"}
        four = draw.dirichlet([1, 1, 1, 1]) * draw.uniform(99.5, 100.5)
        four = np.array([0, 33.5, 33.5, 33.5]) if number == 0 else four
        named = {f"mark_{mark}_pct": round(float(share), 2) for mark, share in zip((2, 3, 4, 5), four, strict=True)}
        marks.append(unit | {"max_primary": 20, "participants": int(draw.choice([1, 2, 3, 7, 1000])), **named})
        counts = draw.integers(0, 50, 3)
        told = dict(zip(("lower", "equal", "higher"), counts.tolist(), strict=True))
        journal.append(unit | {"max_primary": 20, "participants": int(draw.integers(0, 90)), **told})
        people, top = int(draw.integers(1, 90)), int(draw.choice([10, 20, 38]))
        for score, share in enumerate(draw.dirichlet(np.ones(40)) * draw.uniform(99.5, 100.5)):
            line = {"max_primary": top, "participants": people, "primary_score": score, "share_pct": share}
            scores.append(unit | line | {"count": share * people / 100})
    return {
        name: engine.load(connection, pd.DataFrame(rows).astype({"max_primary": "Int64"}))
        for name, rows in (("vpr_marks", marks), ("vpr_journal", journal), ("vpr_distribution", scores))
    }


@SEEDS
@pytest.mark.parametrize(
    "kinds", [("vpr_marks",), ("vpr_distribution",), ("vpr_marks", "vpr_journal", "vpr_distribution")]
)
def test_reports_of_the_vpr(seed: int, kinds: tuple[str, ...]) -> None:
    connection = duckdb.connect()
    told = reports.cells(connection, {kind: rows for kind, rows in printed(connection, seed).items() if kind in kinds})
    missing = [name for name in ("spread", "tasks", "facts_source") if name not in told]
    numbers = dict.fromkeys((*reports.COUNTS, "max_primary", *missing), "Float64")
    connection.register("cells", engine.arrow(told.assign(**dict.fromkeys(missing)).astype(numbers)))
    found = results.results(engine.table(connection, "cells"), THRESHOLDS)
    whole = found.collect("pandas").to_native()
    assert is_within(shares(whole))
    assert is_within(whole[["mean_mark"]], 5)
    engine.keep(connection, found, "of_reports")
    listed = {name: each for name, each in catalogue.indicators().items() if each["procedure"] == "VPR"}
    connection.execute("create view works as select *, 'VPR' as procedure from of_reports")
    counts = values.of_works(engine.table(connection, "works"), listed, 95)
    told_values = values.values(counts, 1.0).collect("pandas").to_native()
    of_shares = told_values[told_values["indicator_id"].map(lambda name: listed[name]["unit"] == "%")]
    assert len(of_shares)
    assert is_within(of_shares[["value", "ci_low", "ci_high"]])


@pytest.mark.parametrize(
    ("told", "people", "counts"),
    [
        ((12.36, 52.81, 26.97, 7.87), 89, [11, 47, 24, 7]), ((0, 33.5, 33.5, 33.5), 1000, [0, 334, 333, 333]),
        ((0, 0, 50, 50), 1, [0, 0, 1, 0]), ((0, 0, 0, 0), 0, [0, 0, 0, 0]), ((25, 25, 25, 25), 2, [1, 1, 0, 0]),
        ((12, 53, None, 8), 89, [11, 47, None, 7]), ((None, 0, 50, 50), 1, [None, 0, 1, 0]),
        ((50.25, None, 50.25, 0), 1, [1, None, 0, 0]),
    ],
)  # fmt: skip
def test_counts_of_printed_shares_are_as_many_as_people(
    told: tuple[float | None, ...], people: int, counts: list[int | None]
) -> None:
    found = reports.counts_of(np.array([told], float), np.array([people], float))
    assert [None if np.isnan(count) else count for count in found[0]] == counts


# ---- state exams

EXAMS = (("OGE", "MA"), ("GVE9", "RU"), ("EGE", "MA"), ("EGE", "MB"), ("GVE11", "RU"))
sitting = st.fixed_dictionaries(
    {
        "org_id": st.sampled_from(ORGANISATIONS), "pupil_key": st.sampled_from("ABCDEFG"),
        "exam_date": st.sampled_from(("2026-05-20", "2026-06-03", "2026-09-04")),
        "primary_score": st.sampled_from((None, 0, 7, 20, 31, 40)), "mark": st.sampled_from((None, None, 2, 4, 5)),
        "test_score": st.sampled_from((None, 0, 36, 61, 100)),
        "outcome": st.sampled_from(("result", "removed", "absent", "none")),
        "short_answers": st.none() | st.text("+-012", min_size=1, max_size=4),
        "long_answers": st.none() | st.sampled_from(("1(1)2(2)", "0(1)3(4)", "4(4)0(1)", "1(2)")),
    }
)  # fmt: skip


def sittings(exam: tuple[str, str], drawn: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows of protocols: of an exam by marks no test scores, of one by test scores no marks."""
    procedure, subject = exam
    other = "mark" if procedure == "EGE" and subject != "MB" else "test_score"
    flags = {"oral": False, "resit": False}
    usual = {"year": 2026, "procedure": procedure, "subject": subject, "pupil_grade": None, other: None} | flags
    numbers = dict.fromkeys(("mark", "test_score", "primary_score", "pupil_grade"), "Int64")
    return pd.DataFrame([row | usual for row in drawn]).astype(numbers | dict.fromkeys(flags, "boolean"))


@pytest.mark.parametrize("exam", EXAMS)
@settings(max_examples=12, deadline=None)
@given(drawn=st.lists(sitting, min_size=5, max_size=8))
def test_state_exams(exam: tuple[str, str], drawn: list[dict[str, Any]]) -> None:
    rows = sittings(exam, drawn)
    appeals = rows.iloc[: len(rows) // 3][[*gia.EXAM, *gia.PUPIL, "exam_date", "primary_score", "mark"]]
    told = gia.judged(gia.attempts(rows, appeals), "19")
    assert is_within(shares(gia.results(told, UNITS, 10)))
    of_leavers = gia.leavers(told, UNITS)
    for name in of_leavers.filter(regex="^sum3_|^both_judged$"):
        assert (of_leavers[name] <= of_leavers["examined"]).all()
    assert (of_leavers["both_passed"] <= of_leavers["both_judged"]).fillna(True).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(sitting, min_size=1, max_size=8), st.sampled_from((0.0, 0.5, 0.9)))
def test_tasks_of_state_exams(drawn: list[dict[str, Any]], agree: float) -> None:
    """Whatever a «+» is found to be worth, and of whatever maxima the long answers are printed."""
    rows = sittings(EXAMS[0], drawn)
    answers = gia_tasks.matrix(rows["short_answers"], rows["long_answers"], rows["primary_score"], agree)
    codes, schools = pd.factorize(rows["org_id"])
    sums = gia_tasks.sums(answers, rows["primary_score"], np.asarray(codes, np.int64), len(schools))
    if len(sums):
        connection = duckdb.connect()
        numbers = dict.fromkeys(gia_tasks.SUMS, "float64") | {"max_score": "Float64"}
        connection.register("sums", engine.arrow(sums.assign(difficulty=None, max_verified=True).astype(numbers)))
        told = tasks.indicators(engine.table(connection, "sums"), THRESHOLDS)
        assert is_within(shares(told.collect("pandas").to_native()))


def test_a_long_answer_above_the_usual_maximum_counts_as_the_maximum() -> None:
    long = pd.Series(["1(2)", "2(2)", "3(4)"])
    answers = gia_tasks.matrix(pd.Series([None] * 3), long, pd.Series([1, 2, 3], dtype="Int64"), 0.9)
    assert answers.scores[:, 0].tolist() == [1, 2, 2]
    assert answers.full[:, 0].tolist() == [0, 1, 1]


def test_who_has_no_result_is_in_no_share_of_results() -> None:
    base = {"org_id": "a", "exam_date": "2026-06-03", "primary_score": 30, "test_score": None,
            "short_answers": None, "long_answers": None}  # fmt: skip
    rows = [base | {"pupil_key": "A", "mark": 5, "outcome": "result"}]
    rows += [base | {"pupil_key": key, "mark": None, "outcome": "removed"} for key in "BC"]
    no_appeals = pd.DataFrame(columns=[*gia.EXAM, *gia.PUPIL, "exam_date", "primary_score", "mark"])
    told = gia.judged(gia.attempts(sittings(("OGE", "MA"), rows), no_appeals), "19")
    found = gia.results(told, UNITS, 10).set_index("level").loc["school"]
    assert (found["participants"], found["with_result"], found["profile_pct"]) == (3, 1, 100)


# ---- olympiads and talents


def many(draw: np.random.Generator, count: int, **columns: Any) -> pd.DataFrame:
    """Rows with a value of each column drawn from those listed."""
    drawn = {name: [list_[at] for at in draw.integers(0, len(list_), count)] for name, list_ in columns.items()}
    return pd.DataFrame(drawn)


@SEEDS
def test_olympiads(seed: int) -> None:
    draw = np.random.default_rng(seed)
    scale = ("SHE", "ME", "RE")
    rows = many(
        draw, 60, year=[2026], stage=scale, subject=["MA", "TE"], org_id=ORGANISATIONS, direction=["—", "Прикладное"],
        pupil_key=[*"ABCDEFGHI", "#1"], status=["winner", "prizewinner", "participant", None], score=[0, 5, 30, None],
        max_score=[30, 50, None], completion_pct=[0, 24.9, 60, 100, None], grade=[5, 7, 9], seq=[1, 2], outcome=[None],
    ).astype(RESULT)  # fmt: skip
    told = many(draw, 20, year=[2026], stage=scale, subject=["MA", "PH", "ALL"], org_id=ORGANISATIONS, grade=[5, 7],
                participants=[0, 3, 40], winners=[0, 3, None], prizewinners=[0, None]).astype(COUNT)  # fmt: skip
    known = many(draw, 4, year=[2026], org_id=ORGANISATIONS, grade=[5, 7], pupils=[0, 1, 30]).astype(CONTINGENT)
    once, _ = formulas.participations(rows)
    with duckdb.connect() as connection:
        assert is_within(shares(formulas.of_units(connection, formulas.of_schools(once, told, known, UNITS), UNITS)))


@SEEDS
def test_contests_the_gifted_bank_and_shifts(seed: int) -> None:
    draw, declared = np.random.default_rng(seed), catalogue.talent()
    usual = {"year": [2026], "org_id": ORGANISATIONS, "pupil_key": list("ABCDEFG"), "rank": [1, 2],
             "direction": list(declared["directions"])}  # fmt: skip
    events = {"event_id": ["К-1", "К-2"], "contest_level": list(declared["levels"]), "in_minpros_list": [True, False]}
    took = many(draw, 40, **usual, **events, result=list(declared["results"]))
    took = talent.participations(took, CONTESTS)
    pupils = (
        many(draw, 3, year=[2026], org_id=ORGANISATIONS, pupils=[0, 1, 9], source=["contingent"])
        .astype(PUPILS)
        .drop_duplicates("org_id")
    )
    with duckdb.connect() as connection:
        assert is_within(shares(talent.measured(connection, CONTESTS, took, UNITS, pupils)))
    listed = {"criterion": list(declared["criteria"]), "mentor_key": ["m", None], "pupil_grade": [5, 11, None],
              "has_programme": [True, False, None], "consent_date": ["2025-09-01", None],
              "valid_to": ["2027-09-01", "2025-10-01", None]}  # fmt: skip
    years = usual | {"year": [2025, 2026]}
    both = gifted.pupils(many(draw, 30, **years, **listed).astype(GIFTED))
    now = both[both["year"] == 2026]
    assert is_within(shares(gifted.bank(now, both, contests.prizes(took), UNITS, pupils)))
    places = {"shift_id": ["С-1", "С-2"], "operator": list(declared["operators"]), "quota": [0, 1, 90, None],
              "result": list(declared["shift_results"]), "shift_name": ["Смена"], "starts": ["2026-02-01"],
              "ends": ["2026-02-20"]}  # fmt: skip
    came = talent.participations(many(draw, 30, **usual, **places), SHIFTS)
    with duckdb.connect() as connection:
        counted = talent.measured(connection, SHIFTS, shifts.with_bank(came, now, UNITS), UNITS, pupils)
    assert is_within(shares(shifts.with_places(counted, came, UNITS)))


# ---- preschools, risks


@SEEDS
def test_preschools(seed: int) -> None:
    """Levels above the criteria, more answers than families and questions, experts of several orders."""
    draw, data = np.random.default_rng(seed), catalogue.preschool()
    rows = many(draw, 40, year=[2026], org_id=ORGANISATIONS, group_name=["1", "2"], indicator=list(AREA_OF),
                age=[*data["ages"], None], source=data["sources"]["order"], level=[*LEVELS, NOT_APPLICABLE, None],
                **{f"criteria_{level}": ["3/3", "2/3", "0/1", None] for level in range(1, 6)})  # fmt: skip
    passports = _passports(draw)
    answers = many(draw, 200, year=[2026], org_id=ORGANISATIONS, survey_id=[str(number) for number in range(40)],
                   q_code=list(data["questions"]), answer=[*LEVELS[1:], "yes", "no", "none"])  # fmt: skip
    experts = many(draw, 9, year=[2026], expert_key=["a", "b"], trained=[True, False])
    with duckdb.connect() as connection:
        found, _ = quality(
            connection, rows.assign(area=rows["indicator"].map(AREA_OF)), passports, answers, experts, HOME, data
        )
    assert is_within(
        found.loc[found["kind"] == "score", ["score", "score_unweighted", "score_self", "score_expert"]],
        max(map(int, LEVELS)),
    )
    of_shares = found[found["kind"].isin(["share", "flag"]) | (found["unit"] == "%")]
    assert of_shares["value"].notna().any()
    assert is_within(of_shares[["value", "ci_low", "ci_high"]])
    assert is_within(found[["expert_pct", "response_pct"]])


def _passports(draw: np.random.Generator) -> pd.DataFrame:
    """Passports with any numbers that their validation takes: no part above its whole."""
    specs = [column for column in columns_of(KINDS["preschool_passport"].model) if column.name not in ("row", "org_id")]
    told = pd.DataFrame({"org_id": ORGANISATIONS})
    for spec in specs:
        numbers = pd.Series(draw.integers(1 if not spec.nullable else 0, 40, len(told)), dtype="Float64")
        told[spec.name] = numbers.mask(pd.Series(draw.random(len(told)) < 0.2)) if spec.nullable else numbers
        if spec.at_most:
            told[spec.name] = told[[spec.name, *spec.at_most]].min(axis=1, skipna=False)
    return told.assign(year=2026)


@pytest.mark.parametrize("name", [name for name in DECLARED_MARTS if name not in ("contests", "shifts")])
@SEEDS
def test_declared_measures(name: str, seed: int) -> None:
    """Numbers of different days: parts may exceed their wholes, schools may lack a contingent."""
    draw, mart = np.random.default_rng(seed), DECLARED_MARTS[name]
    size = 60
    rows = pd.DataFrame({"year": 2026, "org_id": draw.choice([*ORGANISATIONS, "stranger"], size)})
    for spec in mart.specs.values():
        if spec.codes:
            rows[spec.name] = draw.choice(sorted(set(spec.codes.values())), size)
        elif spec.dtype == "boolean":
            rows[spec.name] = draw.random(size) < 0.5
        elif spec.name not in ("row", "year", "org_id"):
            numbers = pd.Series(draw.integers(1, 12, size), dtype="Int64").mask(pd.Series(draw.random(size) < 0.1))
            rows[spec.name] = numbers if spec.dtype.startswith(("Int", "Float")) else numbers.fillna(0).astype(str)
    pupils = pd.DataFrame({"year": 2026, "org_id": "a", "grade": range(1, 12), "pupils": draw.integers(0, 60, 11)})
    with duckdb.connect() as connection:
        views = []
        for view, frame in (("facts", rows), ("units", UNITS), ("pupils", pupils)):
            connection.register(f"_{view}", engine.arrow(frame))
            connection.execute(f"create table {view} as select * from _{view}")
            views.append(engine.table(connection, view))
        facts, *others = views
        slices = declared.sliced(facts, others[0], mart)
        found = declared.measured(slices, *others, mart)
    assert set(found.columns) >= {f"{share}_pct" for share in mart.shares}
    if mart.shares and not mart.least:  # few people of these draws: their figures are withheld
        assert any(found[f"{share}_pct"].notna().any() for share in mart.shares)
    assert is_within(shares(found[[f"{share}_{end}" for share in mart.shares for end in ("pct", "ci_low", "ci_high")]]))
    for share in mart.shares:
        assert (found[f"{share}_ci_low"] <= found[f"{share}_pct"] + 1e-9)[found[f"{share}_pct"].notna()].all()


def test_an_expert_of_two_orders_is_trained_once() -> None:
    from msoko_pipeline.indicators.preschool import shares as preschool_shares

    experts = pd.DataFrame({"year": 2026, "expert_key": ["a", "a", "b"], "trained": [True, True, False]})
    (found,) = preschool_shares.of_experts(experts, HOME, catalogue.preschool()).to_dict("records")
    assert (found["numerator"], found["base"]) == (1, 2)


@SEEDS
def test_procedures_and_social_conditions(seed: int) -> None:
    draw = np.random.default_rng(seed)
    works = [("VPR", "RU", 5), ("OGE", "MA", 9), ("EGE", "RU", 11)]
    people = draw.integers(0, 60, (len(works), len(ORGANISATIONS)))
    lines = [
        {"year": 2026, "org_id": org, "municipality_id": "town", "procedure": work[0], "subject": work[1],
         "grade": work[2], "n": people[row, column], "failed": draw.integers(0, people[row, column] + 1), "good": 0,
         "completion_pct": draw.uniform(0, 100), "completion_se": draw.uniform(0, 5)}
        for row, work in enumerate(works) for column, org in enumerate(ORGANISATIONS)
    ]  # fmt: skip
    assert is_within(shares(procedures.procedures(pd.DataFrame(lines), catalogue.risk_rules("regulator_2025", 2026))))
    specs = columns_of(KINDS["social_passport"].model)
    numbers = {column.name: draw.integers(0, 50, 30) for column in specs if column.dtype.startswith(("Int", "Float"))}
    told = social.of_passports(
        pd.DataFrame(numbers | {"year": 2026, "org_id": [*map(str, range(30))]}), catalogue.social()
    )
    assert told["value"].notna().any()
    assert is_within(told[["value"]])
