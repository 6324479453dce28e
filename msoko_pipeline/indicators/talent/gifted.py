"""The bank of gifted pupils per school and town: consents, criteria, who is new, who stayed and who left.

A pupil is counted only with a consent in force; of the others there is a number and nothing else.
"""

from __future__ import annotations

import pandas as pd

from msoko_pipeline.home.tables import among
from msoko_pipeline.indicators.registers.unit_shares import UNIT, is_small, with_share
from msoko_pipeline.indicators.talent import slices
from schemas import catalogue
from schemas.talent import CRITERIA, consent_holds

DIMENSIONS = ["criterion", "direction"]
KEY = [*UNIT, *DIMENSIONS]
COUNTS = (
    "listed", "without_consent", "pupils", "schools", "with_programme", "with_mentor", "confirmable", "confirmed",
    "previous_pupils", "new_pupils", "kept_pupils", "left_pupils", "graduated_pupils", "contingent", "covered",
    "without_contingent",
)  # fmt: skip
FLOWS = ("previous_pupils", "new_pupils", "kept_pupils", "left_pupils", "graduated_pupils")
SHARES = ("consent", "coverage", "programme", "mentor", "confirmed", "kept")
COLUMNS = {
    **dict.fromkeys((*KEY, "contingent_source"), "string"), "year": "int64", **dict.fromkeys(COUNTS, "Int64"),
    **{f"{name}_{end}": "Float64" for name in SHARES for end in ("pct", "ci_low", "ci_high")},
    "small_base": "boolean",
}  # fmt: skip
"""Columns of `bank`: name → type."""
PUPILS = {
    **dict.fromkeys((*slices.PUPIL, *DIMENSIONS), "string"), "year": "int64", "pupil_grade": "Int64",
    **dict.fromkeys(("counted", "has_programme", "has_mentor"), "boolean"),
}  # fmt: skip
"""Columns of `pupils`: name → type."""


def pupils(rows: pd.DataFrame) -> pd.DataFrame:
    """PUPILS: each pupil of the year's bank once. counted: the consent is in force.

    rows: PUPIL, DIMENSIONS, pupil_grade, mentor_key, has_programme, consent_date, valid_to, rank.
    """
    members = slices.once(rows, slices.PUPIL)
    members = members.assign(counted=consent_holds(members), has_mentor=members["mentor_key"].notna())
    return members[list(PUPILS)].astype(PUPILS)


def bank(
    rows: pd.DataFrame, before: pd.DataFrame, prizes: pd.DataFrame, units: pd.DataFrame, contingent: pd.DataFrame
) -> pd.DataFrame:
    """COLUMNS, one row per unit for the whole bank, for each criterion and for each direction of it.

    rows, before: `pupils` of the years and of the years before them; prizes: `contests.PRIZES` of the same span;
    units: year, org_id, level, unit_id; contingent: `contingents.COLUMNS`.

    listed counts everybody in the bank, all else only those with a consent. confirmed are those of confirmable (whose
    criterion an award can prove) for whom the contests or ВсОШ have it. previous_pupils are those of the year
    before; new and kept ones make up pupils, kept and left ones previous_pupils, graduated_pupils are those of the left
    who were in the last grade; kept_pct is of those who could stay. Of a town without a bank a year before all five are
    NULL.
    """
    now = slices.slices(proved(rows, prizes), (), ("criterion",), ("direction",))
    counts = _counts(_joined(now, rows, before, units), units, contingent)
    counts = with_share(counts, "consent", counts["listed"] - counts["without_consent"], counts["listed"])
    counts = slices.with_coverage(counts, contingent, units)
    for name, part in (("programme", "with_programme"), ("mentor", "with_mentor")):
        counts = with_share(counts, name, counts[part], counts["pupils"])
    counts = with_share(counts, "confirmed", counts["confirmed"], counts["confirmable"])
    counts = with_share(counts, "kept", counts["kept_pupils"], counts["previous_pupils"] - counts["graduated_pupils"])
    counts["small_base"] = is_small(counts, "pupils")
    return counts.reindex(columns=list(COLUMNS)).astype(COLUMNS)


def proved(rows: pd.DataFrame, prizes: pd.DataFrame) -> pd.DataFrame:
    """The rows with confirmable and confirmed; both False for a year around which no awards are known."""
    within, proofs = catalogue.talent()["confirmed_within"], _proofs()
    recent_prizes = pd.concat(
        [prizes.assign(year=prizes["year"] + later) for later in range(within)], ignore_index=True
    )
    awards = recent_prizes.merge(proofs, on="award")
    key = [*slices.PUPIL, "criterion"]
    has = among(rows, awards.astype(PUPILS_KEY), key)
    has_prizes = rows["year"].isin(recent_prizes["year"].unique())
    confirmable = rows["criterion"].isin(proofs["criterion"].unique()) & has_prizes
    return rows.assign(confirmable=confirmable, confirmed=has & confirmable)


PUPILS_KEY = {name: PUPILS[name] for name in (*slices.PUPIL, "criterion")}


def _proofs() -> pd.DataFrame:
    """criterion, award: which awards prove which criterion."""
    proofs = {code: rule["confirmed_by"] for code, rule in CRITERIA.items() if "confirmed_by" in rule}
    pairs = [(code, award) for code, by in proofs.items() for award in (*by["levels"], *by["stages"])]
    return pd.DataFrame(pairs, columns=["criterion", "award"], dtype="string")


def _joined(now: pd.DataFrame, rows: pd.DataFrame, before: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """The slices of the year with those of the year before: flag columns of COUNTS, a row per slice and pupil.

    Of the year before only pupils of towns that have a bank this year count: where there is none, no pupil left it.
    """
    earlier = before[before["counted"].astype(bool)].assign(year=lambda members: members["year"] + 1)
    was = slices.slices(earlier, (), ("criterion",), ("direction",))
    key = [*slices.PUPIL, *DIMENSIONS]
    was = was[[*key, "pupil_grade"]].rename(columns={"pupil_grade": "grade_before"}).assign(was=True)
    sliced = now.assign(listed=True).merge(was, on=key, how="outer")
    flags = ("listed", "counted", "was", "has_programme", "has_mentor", "confirmable", "confirmed")
    sliced = sliced.assign(**{name: sliced[name].astype("boolean").fillna(False).astype(bool) for name in flags})
    sliced = sliced[sliced["listed"] | slices.of_towns(sliced, rows, units)]
    return sliced.assign(known=slices.of_towns(sliced, before.assign(year=before["year"] + 1), units))


def _counts(sliced: pd.DataFrame, units: pd.DataFrame, contingent: pd.DataFrame) -> pd.DataFrame:
    """Sums of the flags per unit and slice; the flows NULL where the year before is not known."""
    counted, was = sliced["counted"], sliced["was"] & sliced["known"]
    gone = was & ~counted
    last = (sliced["grade_before"].astype("Int64") >= catalogue.talent()["last_grade"]).fillna(False).astype(bool)
    flags = {
        "without_consent": sliced["listed"] & ~counted, "pupils": counted,
        "previous_pupils": was, "kept_pupils": was & counted,
        "new_pupils": counted & sliced["known"] & ~was, "left_pupils": gone, "graduated_pupils": gone & last,
        "covered": counted & slices.is_known(sliced, contingent),
        "with_programme": counted & sliced["has_programme"], "with_mentor": counted & sliced["has_mentor"],
        "confirmable": counted & sliced["confirmable"], "confirmed": counted & sliced["confirmed"],
    }  # fmt: skip
    unknown = counted & ~slices.is_known(sliced, contingent)
    sliced = sliced.assign(
        **flags, school=slices.where(counted, sliced["org_id"]), unknown=slices.where(unknown, sliced["org_id"])
    )
    whole = sliced.merge(units, on=["year", "org_id"])
    sums = {name: (name, "sum") for name in ("listed", *flags)}
    counts = whole.groupby(KEY, as_index=False).agg(
        **sums, known=("known", "any"), schools=("school", "nunique"), without_contingent=("unknown", "nunique")
    )
    for name in FLOWS:
        counts[name] = counts[name].astype("Int64").where(counts["known"])
    counts["confirmed"] = counts["confirmed"].astype("Int64").where(counts["confirmable"] > 0)
    return counts
