"""Why a report and the individual rows tell different counts: the reason follows from the size and the direction of the
difference (docs/decisions/0042). A difference is what the report tells minus what the rows do.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from msoko_pipeline.home.replacement import PRIORITY
from msoko_pipeline.indicators import insufficient
from msoko_pipeline.indicators.vpr.differences import COMPARED, NOBODY, causes, differences
from schemas.layout import layouts
from tests.spec.tables import load, table

WORK = {"year": 2026, "subject": "MA", "grade": 5}
TITLES = {"участников": "n", "«2»": "n2", "«3»": "n3", "понизили": "lower"}
ONE_SCHOOL, TERRITORY = (
    table(case["given"]).merge(table(case["gives"]), on="случай", validate="1:1")
    for case in load("differences")["cases"]
)


def reasons(found: pd.DataFrame, schools: pd.DataFrame, units: pd.DataFrame) -> pd.Series:
    told = causes(found.reindex(columns=[*found.columns.difference(COMPARED), *COMPARED]), schools, units)
    both = (told["cause"] == "quarantine") & told["has_forms"]
    return (
        told["cause"].replace({"": "отчёт", "quarantine": "карантин", "forms": "формы"}).mask(both, "карантин и формы")
    )


@pytest.mark.parametrize("case", ONE_SCHOOL["случай"])
def test_the_reason_at_a_school(case: str) -> None:
    line = ONE_SCHOOL[ONE_SCHOOL["случай"] == case].iloc[0]
    unit = WORK | {"level": "school", "unit_id": "a"}
    found = pd.DataFrame([unit | {ours: line[name] for name, ours in TITLES.items()}])
    told = {"quarantined": line["не принято"], "formed": line["из форм"], "n": line["всего строк"]}
    schools = pd.DataFrame([WORK | {"org_id": "a"} | told])
    units = pd.DataFrame([{"year": 2026, "org_id": "a", "level": "school", "unit_id": "a"}])
    assert reasons(found, schools, units).tolist() == [line["причина"]]
    other = units.assign(org_id="b", unit_id="b"), schools.assign(org_id="b")
    alone = reasons(found, other[1], other[0])
    assert alone.tolist() == ["отчёт"], "what another school has in quarantine explains nothing here"
    assert reasons(found, schools.assign(subject="RU"), units).tolist() == ["отчёт"], "nor does another work"


@pytest.mark.parametrize("case", TERRITORY["случай"])
def test_the_reason_in_a_territory(case: str) -> None:
    """Differences of participants of the town and its two schools (empty: no report tells of the school)."""
    line = TERRITORY[TERRITORY["случай"] == case].iloc[0]
    told = [("municipality", "town", line["город"]), ("school", "a", line["А"]), ("school", "b", line["Б"])]
    found = pd.DataFrame(
        [WORK | {"level": level, "unit_id": unit, "n": people} for level, unit, people in told if not np.isnan(people)]
    )
    counts = [("a", line["не принято А"], line["форма А"]), ("b", line["не принято Б"], line["форма Б"])]
    schools = pd.DataFrame(
        [
            WORK | {"org_id": org, "quarantined": quarantined, "formed": formed, "n": formed or 20}
            for org, quarantined, formed in [*counts, (NOBODY, line["не принято неизвестно чьих"], 0)]
        ]
    )
    units = pd.DataFrame(
        [{"year": 2026, "org_id": org, "level": "municipality", "unit_id": "town"} for org in ("a", "b", NOBODY)]
        + [{"year": 2026, "org_id": org, "level": "school", "unit_id": org} for org in ("a", "b")]
    )
    assert reasons(found, schools, units).iloc[0] == line["причина"]


HELD = table("""
 case                                            | file 1      | file 2    | refused of | rows hold of | counts
 the file's other rows hold                      | export_2022 | f1        | 1          | 1            | yes
 it was replaced                                 | f1          | f1        | 1          | 2            | no
 it is the last one, nothing of it was accepted  | f1          | f1        | 2          | 1            | yes
 it is the last one, a form after Ф1             | f1          | form_2026 | 2          | 1            | no
 it is the first one, Ф1 before a form           | f1          | form_2026 | 1          | 2            | yes
 nothing of the work was accepted                | f1          | f1        | 1          |              | yes
""")


@pytest.mark.parametrize("case", HELD["case"])
def test_rows_in_quarantine_of_files_that_hold_no_more_do_not_count(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    line = HELD[HELD["case"] == case].iloc[0]
    files = [SimpleNamespace(seq=seq, sheets=[{"layout": line[f"file {seq}"]}]) for seq in (1, 2)]
    monkeypatch.setattr(insufficient, "ledger_of", lambda settings: SimpleNamespace(files=lambda where: files))
    work = WORK | {"org_id": "a", "procedure": "VPR"}
    refused = pd.DataFrame([work | {"seq": int(line["refused of"]), "quarantined": 3}])
    monkeypatch.setattr(insufficient, "_refused", lambda *told, **more: refused)
    holding = [] if pd.isna(line["rows hold of"]) else [int(line["rows hold of"])]
    now = pd.DataFrame(
        [work | {"seq": seq, "rank": layouts()[line[f"file {seq}"]].priority * PRIORITY + seq} for seq in holding],
        columns=[*work, "seq", "rank"],
    ).astype({"seq": "int64", "rank": "int64"})
    waiting = insufficient.waiting(None, [2026], "vpr_result", now, NOBODY)  # type: ignore[arg-type]
    assert len(waiting) == (line["counts"] == "yes")


def test_counts_that_differ_are_named_and_equal_ones_are_not() -> None:
    unit = WORK | {"level": "school", "unit_id": "edu190001"}
    rows = {"n": 27, "n2": 3, "n3": 10, "n4": 10, "n5": 4, "lower": 0, "equal": 0, "higher": 0}
    report = {"n": 30, "n2": 4, "n3": 12, "n4": 10, "n5": 4, "lower": 2, "equal": 20, "higher": 8}
    own = pd.DataFrame([unit | rows | {"marked": 27, "journal_known": 0}])
    (found,) = differences(own, pd.DataFrame([unit | report | {"mark_source_report": "report"}])).to_dict("records")
    assert found["detail"] == (
        "ВПР 2026, Математика, 5 класс, edu190001: отчёт расходится с индивидуальными результатами: "
        "участников 30 вместо 27; отметок «2» 4 вместо 3; отметок «3» 12 вместо 10"
    )
    assert [found[name] for name in ("n", "n2", "n3", "n4")] == [3, 1, 2, 0]
    assert np.isnan(found["lower"]), "no row has a journal mark: nothing is compared"
    (same,) = differences(own, pd.DataFrame([unit | rows | {"mark_source_report": "scale"}])).to_dict("records")
    assert same["detail"] == ""
    assert np.isnan(same["n2"]), "marks by a scale are no marks of the report"
    none = differences(own.iloc[:0], pd.DataFrame([unit | report | {"mark_source_report": "report"}]))
    assert none.empty
