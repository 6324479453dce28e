"""Social conditions of schools: shares from the context forms and the social passport, ИСБШ, ШНСУ.

Which shares there are, their directions, thresholds, weights and the wording of answers are data:
`schemas/layouts/risk/social.yaml`. What a school said is never mended: a part greater than its whole, a text for a
number, an answer that is not on the list are no data, and `unread` names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from msoko_pipeline.home import engine, holding, store
from msoko_pipeline.settings import Settings
from msoko_pipeline.text import cells
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.distinct import Text
from msoko_pipeline.text.spelling import normal
from schemas import catalogue
from schemas.kinds import KINDS

SHARES = {
    "year": "Int64", "data_year": "Int64", "org_id": "string", "indicator": "string", "numerator": "Float64",
    "denominator": "Float64", "value": "Float64", "source": "string",
}  # fmt: skip
"""Columns of `read`: name → type."""

UNREAD = {"data_year": "Int64", "org_id": "string", "indicator": "string", "answer": "string", "why": "string"}
"""Columns of `unread`: name → type."""

CONTEXT = SHARES | {
    "title_ru": "string", "higher_is_better": "boolean", "mean": "Float64", "sd": "Float64", "z": "Float64",
    "threshold": "Float64", "unfavourable": "boolean", "counts": "boolean", "verified": "boolean", "isbsh": "Float64",
}  # fmt: skip
"""Columns of the first frame of `judge`: name → type."""

SCHOOLS = {
    "year": "Int64", "org_id": "string", "data_year": "Int64", "isbsh": "Float64", "indicators": "Int64",
    "unfavourable": "Int64", "quartile": "Float64", "shnsu": "boolean", "schools": "Int64",
}  # fmt: skip
"""Columns of the second frame of `judge`: name → type."""

PLACES = 9  # digits of the index that are compared: equal is equal, in whatever order the sums were taken

_SHARE = ["data_year", "org_id", "indicator"]
_PAIR = [*_SHARE, "pair"]


def read(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """Shares of every school in these years, long: SHARES. value: 0…100 %; a share that is not known has no row.

    numerator, denominator: counts as told, NULL where the school told % or a band. source: context, passport.
    A share that a school does not tell in a year is taken from the latest earlier year, as `carried` says.
    """
    own = _own(connection, settings, years)
    return carried(own[own["why"].isna()], years, int(catalogue.social()["isbsh"]["max_age_years"]))


def unread(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """What schools said in these years that gives no share: UNREAD. answer: as it stands; why: in Russian."""
    own = _own(connection, settings, years)
    return own[own["why"].notna() & own["data_year"].isin(list(years))].astype(UNREAD)[list(UNREAD)]


def carried(own: pd.DataFrame, years: Sequence[int], max_age: int) -> pd.DataFrame:
    """The shares used for each of the years: of each school and indicator, those of the latest year that has them.

    own: SHARES without year. Data of later years and older than max_age years do not count.
    """
    every = own.drop(columns="year", errors="ignore").merge(pd.DataFrame({"year": list(years)}), how="cross")
    every = every[(every["year"] - every["data_year"]).between(0, max_age)]
    latest = every.groupby(["year", "org_id", "indicator"])["data_year"].transform("max")
    kept = every[every["data_year"] == latest].sort_values(["year", "org_id", "indicator"])
    return kept.astype(SHARES)[list(SHARES)].reset_index(drop=True)


def _own(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """What the facts of these years, and of those before that may stand for them, say: as `of_forms`, with source."""
    oldest = min(years) - int(catalogue.social()["isbsh"]["max_age_years"])
    back = [year for year in store.years(settings.lake) if oldest <= year <= max(years)]
    nobody = pd.DataFrame(columns=["year", "org_id", "question", "answer"])
    parts = [of_forms(nobody, catalogue.social()).assign(source="context")]
    answers = holding.current(connection, settings, "vpr_context", back)
    if answers is not None:
        answers = engine.pandas(answers.select("year", "org_id", "question", "answer"))
        parts.append(of_forms(answers, catalogue.social()).assign(source="context"))
    counts = holding.current(connection, settings, "social_passport", back) if "social_passport" in KINDS else None
    if counts is not None:
        parts.append(of_passports(engine.pandas(counts), catalogue.social()).assign(source="passport"))
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def of_forms(answers: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """Shares that the context forms tell: data_year, org_id, indicator, numerator, denominator, value, answer, why.

    answers: year, org_id, question, answer (text; NULL: not answered). why: reason in Russian where an answer cannot
    be used (value is NULL then). A question not answered has no row.
    """
    questions = pd.DataFrame(
        _asked(answers[["year", "question"]].drop_duplicates(), declared),
        columns=["year", "question", "indicator", "pair", "side", "bands", "is_count"],
    )
    sides = questions.astype({"year": answers["year"].dtype}).merge(answers, on=["year", "question"])
    sides = sides.rename(columns={"year": "data_year"})
    sides["why"] = pd.Series(None, index=sides.index, dtype="string")
    sides["number"] = np.nan
    for name, rows in sides.groupby("bands", dropna=False).groups.items():
        texts = sides.loc[rows, "answer"]
        bands = (
            None if pd.isna(name) else {normal(word): pct for word, pct in declared["bands"][name]["values"].items()}
        )
        sides.loc[rows, "number"] = number = _numbers(texts, bands)
        lacking = "такого ответа нет в перечне" if bands else "не число"
        sides.loc[rows, "why"] = pd.Series(lacking, index=rows, dtype="string").where(texts.notna() & number.isna())
    twice = sides.duplicated([*_PAIR, "side"], keep=False)
    sides.loc[twice, "why"] = "вопрос стоит в форме дважды"
    sides = sides.drop_duplicates([*_PAIR, "side"])
    part, whole = (
        sides.loc[sides["side"] == side, [*_PAIR, "is_count", "number", "answer", "why"]] for side in ("part", "whole")
    )
    pairs = part.merge(whole.drop(columns="is_count"), on=_PAIR, how="left", suffixes=("", "_whole"))
    return _shares(pairs)


def of_passports(counts: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """Shares that social passports tell, columns as `of_forms`. counts: year, org_id, pupils and parts (чел.)."""
    parts = [
        counts[["year", "org_id"]].assign(
            indicator=name, pair=0, is_count=True,
            number=counts[rule["passport"]["part"]].astype("float64"),
            number_whole=counts[rule["passport"]["whole"]].astype("float64"),
        )
        for name, rule in declared["indicators"].items()
        if "passport" in rule
    ]  # fmt: skip
    pairs = pd.concat(parts, ignore_index=True).rename(columns={"year": "data_year"})
    for side in ("", "_whole"):
        pairs[f"answer{side}"] = pairs[f"number{side}"].map("{:g}".format, na_action="ignore").astype("string")
        pairs[f"why{side}"] = pd.Series(None, index=pairs.index, dtype="string")
    return _shares(pairs)


def _asked(questions: pd.DataFrame, declared: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Every question of a form that a share is made of."""
    wordings = [(int(year), text, normal(text)) for year, text in questions.itertuples(index=False)]
    for name, rule in declared["indicators"].items():
        for year, lines in rule.get("context", {}).items():
            for number, line in enumerate(lines):
                for side in ("part", "whole"):
                    for form, text, wording in wordings:
                        if side in line and form == year and re.search(line[side], wording):
                            yield form, text, name, number, side, line.get("bands"), "whole" in line


def _numbers(answers: pd.Series, bands: dict[str, float] | None) -> pd.Series:
    """Answers as numbers: as written, or by the wordings of bands; NaN where they cannot be read."""

    def band(word: str) -> float | None:
        assert bands is not None
        return bands.get(re.sub(r"^\d+[.)] ?", "", normal(word)))

    text = Text.of(pa.array(answers.astype(object).where(answers.notna(), None), pa.string()).dictionary_encode())
    values, _ = cells.parse(text, cells.number if bands is None else band, "Float64")
    return pd.Series(values.to_numpy("float64", na_value=np.nan), index=answers.index)


def _shares(pairs: pd.DataFrame) -> pd.DataFrame:
    """Σ parts / Σ wholes · 100 of each indicator; one bad pair spoils it, an unanswered one is left out.

    pairs: _PAIR, is_count (False: the part is % itself), number, answer, why; the whole's with the suffix _whole.
    """
    pairs = pairs[pairs["answer"].notna()].copy()
    whole = pairs["number_whole"].where(pairs["is_count"].astype(bool), 100.0)
    impossible = {
        "нет целого": whole.isna(),
        "отрицательное число": (pairs["number"] < 0) | (whole < 0),
        "часть больше целого": pairs["number"] > whole,
    }
    why = pairs["why"].combine_first(pairs["why_whole"]).astype("string")
    for reason, is_so in impossible.items():
        why = why.where(why.notna() | ~is_so, reason)
    answers = pairs["answer"].astype("string") + (" из " + pairs["answer_whole"].astype("string")).fillna("")
    pairs = pairs.assign(part=pairs["number"], whole=whole, why=why, answer=answers)
    shares = pairs.groupby(_SHARE, as_index=False, sort=True).agg(
        numerator=("part", "sum"), denominator=("whole", "sum"), is_count=("is_count", "first"),
        answer=("answer", "; ".join), why=("why", "first"),
    )  # fmt: skip
    shares["why"] = shares["why"].astype("string")
    shares["why"] = shares["why"].where(shares["why"].notna() | (shares["denominator"] > 0), "целое равно нулю")
    shares["value"] = (100 * shares["numerator"] / shares["denominator"]).where(shares["why"].isna())
    counted = shares["is_count"].astype(bool) & shares["why"].isna()
    shares[["numerator", "denominator"]] = shares[["numerator", "denominator"]].where(counted)
    return shares.drop(columns="is_count")


def judge(
    shares: pd.DataFrame, municipalities: pd.DataFrame, declared: dict[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shares beside those of the municipality's other schools of the year; each school's index and whether it is ШНСУ.

    shares: SHARES. municipalities: year, org_id, municipality_id, one row a school; schools not among them are left
    out, those of no municipality are compared with nobody. declared: as `catalogue.social()`.

    First frame, CONTEXT, a row per share: mean, sd (n − 1) over the municipality's schools of the year; z = ±(value −
    mean) / sd, + favourable; 0 where all are equal, NULL where the school is alone. unfavourable: strictly past the
    threshold.
    Second frame, SCHOOLS, a row per school with any share: ИСБШ = 50 + 10 · Σ w·z / Σ w over the `indicators` that
    count; unfavourable: how many of those that count; schools: how many of the municipality have an index; quartile:
    the bound of its lowest quarter (linear between neighbours). ШНСУ: ИСБШ < low, or ИСБШ ≤ quartile and unfavourable
    ≥ unfavourable_from. With fewer indicators or schools than declared isbsh and shnsu are NULL: no data.
    Source: apni.ru/article/7500 for what the index is made of; formula and parameters are the project's, unverified.
    Raises pandas.errors.MergeError where a school of a year stands in `municipalities` twice.
    """
    rule = declared["isbsh"]
    indicators = pd.DataFrame(
        [
            (name, t["title"], t["favourable"], t["beyond"], t["weight"], t["counts"], t["verified"])
            for name, t in declared["indicators"].items()
        ],
        columns=["indicator", "title_ru", "higher_is_better", "threshold", "weight", "counts", "verified"],
    )
    places = municipalities[["year", "org_id", "municipality_id"]].astype({"year": "Int64", "org_id": "string"})
    frame = shares.merge(places, on=["year", "org_id"], validate="many_to_one")
    frame = frame.merge(indicators.astype({"indicator": "string"}), on="indicator").sort_values(
        ["year", "org_id", "indicator"]
    )
    frame["value"] = frame["value"].astype("float64")
    among = frame.groupby(["year", "municipality_id", "indicator"])["value"]
    differ = among.transform("max") > among.transform("min")
    frame["mean"], frame["sd"] = among.transform("mean"), among.transform("std")
    sign = np.where(frame["higher_is_better"].astype(bool), 1.0, -1.0)
    frame["z"] = (sign * (frame["value"] - frame["mean"]) / frame["sd"]).where(differ, frame["sd"])  # 0, or NULL
    frame["unfavourable"] = sign * (frame["value"] - frame["threshold"]) < 0
    counts = frame["counts"].astype(bool)
    frame["weight"] = frame["weight"].where(counts & frame["z"].notna(), 0.0)
    frame["weighted"] = (frame["weight"] * frame["z"]).fillna(0.0)
    frame["in_index"], frame["bad"] = frame["weight"] > 0, frame["unfavourable"] & counts

    schools = frame.groupby(["year", "org_id"], as_index=False).agg(
        municipality_id=("municipality_id", "first"), data_year=("data_year", "max"), indicators=("in_index", "sum"),
        unfavourable=("bad", "sum"), weighted=("weighted", "sum"), weight=("weight", "sum"),
    )  # fmt: skip
    mean_z = (schools["weighted"] / schools["weight"]).where(schools["indicators"] >= rule["least_indicators"])
    schools["isbsh"] = (rule["mean"] + rule["sd"] * mean_z).round(PLACES)
    town = schools.groupby(["year", "municipality_id"])["isbsh"]
    schools["schools"] = town.transform("count").fillna(0)
    schools["isbsh"] = schools["isbsh"].where(schools["schools"] >= rule["least_schools"])
    town = schools.groupby(["year", "municipality_id"])["isbsh"]
    schools["quartile"] = town.transform("quantile", rule["quartile"]).round(PLACES)
    lowest = (schools["isbsh"] <= schools["quartile"]) & (schools["unfavourable"] >= rule["unfavourable_from"])
    schools["shnsu"] = ((schools["isbsh"] < rule["low"]) | lowest).astype("boolean").where(schools["isbsh"].notna())

    frame = frame.merge(schools[["year", "org_id", "isbsh"]], on=["year", "org_id"])
    return frame.astype(CONTEXT)[list(CONTEXT)], schools.astype(SCHOOLS)[list(SCHOOLS)]
