"""Rows of НОК: what checklists and answers give, beside the operator's table; when an organisation is due; its plan.

How a criterion is counted is `layouts/nok/rules.yaml`; every step is rounded, as the calculation that operators use
does. A part that nobody could answer about is left out, and the weights of the others are divided by their sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.home import holding
from msoko_pipeline.home.tables import typed
from msoko_pipeline.indicators.organisations.register import units_of
from msoko_pipeline.indicators.registers.reached_levels import reached
from msoko_pipeline.indicators.registers.rows import makes
from msoko_pipeline.issues import questions
from msoko_pipeline.issues.questions import Question
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.settings import Settings
from msoko_pipeline.text.russian import ru
from schemas.sources.nok import CRITERIA, DATA, QUESTIONS, NokOfUnit

KEY = ["year", "org_id"]
POINTS = [*CRITERIA, "score"]
BANDS = DATA["bands"]["from"]
"""Least total of each band; one between two bands (80,5) has not reached the higher one."""
NEAR = 1e-9  # what binary fractions lose of a half
OF_KEY = {"year": "int64", "org_id": "string"}
OF_KINDS: dict[str, dict[str, str]] = {
    "nok": OF_KEY | dict.fromkeys(POINTS, "Float64") | dict.fromkeys(("recipients", "respondents", "seq"), "Int64"),
    "nok_checklist": OF_KEY | {"block": "string", "is_there": "boolean"},
    "nok_answers": OF_KEY | dict.fromkeys(QUESTIONS, "boolean"),
    "nok_plan": OF_KEY | dict.fromkeys(("due_on", "done_on", "as_of"), "string"),
}
"""Kind of facts → what is taken of it: column → type."""
OF_ONE = ["single_band", "last_year", "next_year", "operator_score", *(f"counted_{name}" for name in POINTS)]
"""Columns that only the row of the organisation itself has."""


@makes(NokOfUnit)
def of_units(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """A row for every organisation of the years' register in each unit that it belongs to; none where no file of НОК
    tells of these years or those before. Where table and calculation differ, it is asked about.
    """
    first = min(years) - DATA["schedule"]["years_back"]
    having = [
        year
        for year in range(first, max(years) + 1)
        if any(holding.are_there(settings, kind, [year]) for kind in OF_KINDS)
    ]
    if not having:
        questions.ask(settings, "nok", years, [])
        return pd.DataFrame({"year": [], "org_id": []})
    facts = {kind: typed(resolved(connection, settings, kind, having), types) for kind, types in OF_KINDS.items()}
    organisations = assessed(facts["nok"], facts["nok_checklist"], facts["nok_answers"])
    differing = organisations[organisations["differs"].fillna(False) & organisations["year"].isin(years)]
    questions.ask(settings, "nok", years, _asked(differing))
    return in_units(organisations, facts["nok_plan"], units_of(connection, settings, years))


def in_units(organisations: pd.DataFrame, plans: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """The columns of `NokOfUnit` for each organisation of the units (year, org_id, level, unit_id) in each of them.

    organisations: `assessed`; plans: year, org_id, due_on, done_on, as_of.
    """
    rows = units.merge(organisations, on=KEY, how="left").merge(planned(plans), on=KEY, how="left")
    rows = rows.merge(scheduled(organisations, units), on=KEY, how="left")
    rows = rows.assign(single_band=rows["band"])
    return rows.assign(**{name: rows[name].where(rows["level"] == "school") for name in OF_ONE})


def assessed(tables: pd.DataFrame, checklists: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """A row per year and organisation with any of the three: POINTS and respondents, of the operator's table where it
    has the organisation, else as counted; operator_score; counted_… of each; band; differs; is_few (asked fewer than
    the sample needs, NULL where the recipients are not told).
    """
    counted = points(checklists, answers)
    questionnaires = answers.groupby(KEY, as_index=False).size().rename(columns={"size": "asked"})
    counted = counted.merge(questionnaires, on=KEY, how="left").rename(
        columns={name: f"counted_{name}" for name in POINTS}
    )
    rows = tables.merge(counted, on=KEY, how="outer").assign(operator_score=lambda table: table["score"])
    is_told = rows["operator_score"].notna()
    gaps = pd.concat([(rows[name] - rows[f"counted_{name}"]).abs() for name in POINTS], axis=1)
    differs = gaps.gt(DATA["comparison"]["tolerance"]).any(axis=1).astype("boolean").where(gaps.notna().any(axis=1))
    own = {name: rows[name].where(is_told, rows[f"counted_{name}"]) for name in POINTS}
    respondents = rows["respondents"].fillna(rows["asked"].astype("Int64"))
    return rows.assign(
        **own, respondents=respondents, differs=differs, band=reached(own["score"], BANDS),
        is_few=is_few(rows["recipients"], respondents),
    )  # fmt: skip


def is_few(recipients: pd.Series, respondents: pd.Series) -> pd.Series:
    """Whether fewer were asked than the sample needs; NULL where either number is not told."""
    needed = np.ceil(recipients.astype("Float64") * DATA["sample"]["least_pct"] / 100)
    return (respondents < needed.clip(upper=DATA["sample"]["enough"])).astype("boolean")


def points(checklists: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """The five criteria and their mean of each year and organisation, NULL where it cannot be counted.

    checklists: year, org_id, block, is_there; answers: year, org_id, QUESTIONS.
    """
    organisations = pd.concat([checklists[KEY], answers[KEY]]).drop_duplicates().sort_values(KEY, ignore_index=True)
    place = pd.MultiIndex.from_frame(organisations)
    blocks, replies = _of_blocks(checklists, place), _of_answers(answers, place)
    columns = {name: _criterion(rule["parts"], blocks, replies) for name, rule in CRITERIA.items()}
    criteria = pd.DataFrame(columns, index=place).astype("Float64")
    score = rounded(criteria.mean(axis=1, skipna=False))
    return criteria.assign(score=score).reset_index()


def _criterion(
    parts: Sequence[Mapping[str, Any]], blocks: Mapping[str, pd.DataFrame], replies: Mapping[str, pd.DataFrame]
) -> pd.Series:
    """The weighted mean of a criterion's parts; NULL where one that counts is unknown."""
    values, weights = [], []
    for part in parts:
        value, counts = _part(part, blocks, replies)
        values.append(rounded(value))
        weights.append(counts * part["weight"])
    weight = sum(weights)
    whole = sum(value.where(share > 0, 0.0) * share for value, share in zip(values, weights, strict=True))
    return rounded(whole / weight.where(weight > 0))


def rounded(values: pd.Series) -> pd.Series:
    """To the decimals of the calculation, a half up."""
    tens: int = 10 ** DATA["digits"]
    return np.floor(values * tens + 0.5 + NEAR) / tens


def _part(
    part: Mapping[str, Any], blocks: Mapping[str, pd.DataFrame], replies: Mapping[str, pd.DataFrame]
) -> tuple[pd.Series, pd.Series]:
    """A part in points, NaN where it is unknown, and whether it counts: whether anybody could answer."""
    everyone = pd.Series(1.0, index=blocks["items"].index)
    if "points" in part:
        items, present = blocks["items"][part["of"]], blocks["present"][part["of"]]
        return (present * part["points"]).clip(upper=DATA["most"]).where(items > 0), everyone
    if "ratio" in part:
        items, present = blocks["items"][part["ratio"]], blocks["present"][part["ratio"]]
        return (present / items.where(items > 0)).mean(axis=1) * 100, everyone
    respondents, answered, yes = (replies[end][part["answers"]] for end in ("respondents", "answered", "yes"))
    shares = yes / answered.where(answered > 0)
    is_unknown = ((respondents > 0) & (answered == 0)).any(axis=1)
    return shares.mean(axis=1).where(~is_unknown) * 100, (respondents > 0).any(axis=1).astype(float)


def _of_blocks(checklists: pd.DataFrame, place: pd.MultiIndex) -> dict[str, pd.DataFrame]:
    """items: how many items of each block are told; present: how many of them are there."""
    rows = checklists[checklists["is_there"].notna()]
    rows = rows.assign(items=1.0, present=rows["is_there"].astype(float))
    sums = rows.groupby([*KEY, "block"])[["items", "present"]].sum()
    return {end: _wide(sums[end].unstack("block"), place, DATA["blocks"]) for end in ("items", "present")}


def _of_answers(answers: pd.DataFrame, place: pd.MultiIndex) -> dict[str, pd.DataFrame]:
    """respondents: how many were asked each question; answered: how many of them answered it; yes: how many said so.

    Of organisations without any questionnaire all questions are asked and nothing is known.
    """
    parts: dict[str, dict[str, pd.Series]] = {"respondents": {}, "answered": {}, "yes": {}}
    for name, question in QUESTIONS.items():
        is_asked = pd.Series(True, index=answers.index)
        if "asked_if" in question:
            is_asked = answers[question["asked_if"]].eq(True).fillna(False)
        reply = answers[name].where(is_asked)
        parts["respondents"][name] = is_asked.astype(float)
        parts["answered"][name] = reply.notna().astype(float)
        parts["yes"][name] = reply.eq(True).fillna(False).astype(float)
    keys = [answers["year"], answers["org_id"]]
    sums = {end: pd.DataFrame(columns).groupby(keys).sum() for end, columns in parts.items()}
    counts = {end: _wide(table, place, QUESTIONS) for end, table in sums.items()}
    has_sent = pd.Series(place.isin(sums["yes"].index), index=place)
    return counts | {"respondents": counts["respondents"].where(has_sent, 1.0)}


def _wide(table: pd.DataFrame, place: pd.MultiIndex, names: Mapping[str, Any]) -> pd.DataFrame:
    return table.reindex(index=place, columns=[*names]).astype(float).fillna(0.0)


def scheduled(organisations: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """When each organisation of the units was last assessed in or before the year, and when it is due: last_year,
    next_year, has_any, is_due (this year, and not yet assessed), is_overdue; without any НОК only has_any, False.
    """
    rule = DATA["schedule"]
    years = organisations.loc[organisations["score"].notna(), KEY].rename(columns={"year": "last_year"})
    wanted = units[KEY].drop_duplicates()
    before = wanted.merge(years, on="org_id", how="left")
    before = before[before["last_year"].between(before["year"] - rule["years_back"], before["year"])]
    last = before.groupby(KEY, as_index=False)["last_year"].max().astype({"last_year": "Int64"})
    rows = wanted.merge(last, on=KEY, how="left")
    following = rows["last_year"] + rule["every_years"]
    return rows.assign(
        next_year=following, has_any=rows["last_year"].notna(),
        is_due=following == rows["year"], is_overdue=following < rows["year"],
    )  # fmt: skip


def planned(plans: pd.DataFrame) -> pd.DataFrame:
    """Shortcomings of each plan: how many, mended, whose time has come by the day of the report, mended by then."""
    is_due = plans["due_on"] <= plans["as_of"]
    flags = {"shortcomings": True, "mended": plans["done_on"].notna(), "due": is_due,
             "on_time": is_due & (plans["done_on"] <= plans["due_on"]).fillna(False)}  # fmt: skip
    counts = {name: pd.Series(values, index=plans.index).astype("Int64") for name, values in flags.items()}
    return plans[KEY].assign(**counts).groupby(KEY, as_index=False)[[*flags]].sum()


def _asked(rows: pd.DataFrame) -> Iterator[Question]:
    """A question for each organisation whose table and calculation differ, of the criteria in which they do."""
    titles = {name: rule["title"].split(" ", 1)[0] for name, rule in CRITERIA.items()} | {"score": "итог"}
    for row in rows.to_dict("records"):
        apart = [
            f"{title}: {ru(row[f'{name}'])} и {ru(row[f'counted_{name}'])}"
            for name, title in titles.items()
            if abs(row[name] - row[f"counted_{name}"]) > DATA["comparison"]["tolerance"]
        ]
        details = {"value": row["org_id"], "detail": "; ".join(apart)}
        yield Question(int(row["year"]), int(row["seq"]), "nok_differs", details, None, row["org_id"])
