"""The quality of preschools in the years: facts → one table of scores, shares and their changes; what is not shown is
told to the issue log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import facts, path_of, table, years_having
from msoko_pipeline.indicators import insufficient
from msoko_pipeline.indicators.organisations import register
from msoko_pipeline.indicators.preschool import changes
from msoko_pipeline.indicators.preschool import scores as chain
from msoko_pipeline.indicators.preschool import shares as preschool_shares
from msoko_pipeline.indicators.registers import measures
from msoko_pipeline.issues import questions
from msoko_pipeline.issues.questions import Question
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.kinds import DECLARED_MARTS

TABLE = "preschool_quality"
KEY = ["unit_level", "org_id", "area", "indicator"]
COLUMNS = {
    "year": "int64", **dict.fromkeys(KEY, "string"), "roadmap_item": "string", "kind": "string", "title_ru": "string",
    "municipality_id": "string", "score": "Float64", "score_unweighted": "Float64", "score_self": "Float64",
    "score_expert": "Float64", "expert_pct": "Float64", "level": "Int64", "level_title": "string", "at_base": "Int64",
    "groups": "Int64", "ages": "string", "preschools": "Int64", "weighed": "Int64", "children": "Int64",
    "sources": "string", "self_gap": "Float64", "value": "Float64", "unit": "string", "numerator": "Float64",
    "base": "Float64", "ci_low": "Float64", "ci_high": "Float64", "small_base": "boolean", "responses": "Int64",
    "families": "Int64", "response_pct": "Float64", "published": "boolean", "higher_is_better": "boolean",
    "verified": "boolean", "not_judged": "string", "previous": "Float64",
    "change": "Float64", "change_se": "Float64", "matched": "Int64", "change_self": "Float64", "matched_self": "Int64",
    "change_expert": "Float64", "matched_expert": "Int64", "not_compared": "string",
}  # fmt: skip
"""Columns of the table: name → type."""


def make_preschool(settings: Settings, years: Sequence[int]) -> dict[str, int]:
    """preschool_quality: COLUMNS, a row per preschool (and the municipality) and area, indicator; see `quality`.
    preschool_passport, preschool_families: declared.
    """
    declared = catalogue.preschool()
    with engine.connect(settings) as connection:
        home = table(connection, settings, years, "organisations")[["year", "org_id", "municipality_id"]]
        rows, passports, answers, experts = (
            facts(connection, settings, f"preschool_{kind}", years)
            for kind in ("scale", "passport", "survey", "expert")
        )
        values, unpublished = quality(connection, rows, passports, answers, experts, home, declared)
        scales = rows.reindex(columns=["year", "org_id", "seq"]).astype({"year": "int64", "org_id": "string"})
        lacking = insufficient.of_kind(settings, years, "preschool_scale", scales, preschool_shares.UNIT)
        values = without_insufficient(values, lacking)
        questions.ask(settings, "surveys", years, _asked(unpublished.merge(_files(answers), on=["year", "org_id"])))
        questions.ask(settings, "insufficient_preschools", years, _lacking(lacking))
        earlier = years_having(settings, sorted({year - 1 for year in years} - set(years)), TABLE)
        before = table(connection, settings, earlier, TABLE).reindex(columns=list(COLUMNS)) if earlier else values[:0]
        compared = with_changes(values, before, declared["changes"])
        units = register.units_of(connection, settings, years)
        frames = {
            TABLE: compared,
            "preschool_passport": measures.of_frame(connection, passports, units, preschool_shares.PASSPORT),
            "preschool_families": measures.of_frame(
                connection, published_answers(values, declared), units, DECLARED_MARTS["preschool_families"]
            ),
        }
        return engine.write_frames(connection, frames, years, partial(path_of, settings))


def published_answers(values: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """Rows of `PublishedAnswers`: answers to a question of the preschools whose questionnaires are shown."""
    codes = {question["indicator"]: code for code, question in declared["questions"].items()}
    of_questions = (values["unit_level"] == "preschool") & values["indicator"].isin(codes) & values["published"]
    rows = values[of_questions].rename(columns={"numerator": "good", "base": "given"})
    return rows.assign(q_code=rows["indicator"].map(codes))[["year", "org_id", "q_code", "good", "given"]]


def quality(
    connection: Any, rows: pd.DataFrame, passports: pd.DataFrame, answers: pd.DataFrame, experts: pd.DataFrame,
    home: pd.DataFrame, declared: dict[str, Any],
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """COLUMNS without changes, and `shares.UNPUBLISHED`.

    rows, passports, answers, experts: facts of the four kinds; home: year, org_id, municipality_id.
    """
    children = passports[["year", "org_id", "contingent"]].rename(columns={"contingent": "children"})
    scores = chain.scores(rows, declared).merge(children, on=["year", "org_id"], how="left")
    towns = chain.of_towns(scores, home, declared["base_level"]["value"])
    of_survey, unpublished = preschool_shares.of_survey(answers, passports, declared)
    shares = pd.concat([preschool_shares.of_passports(connection, passports), of_survey], ignore_index=True)
    whole = [preschool_shares.of_towns(shares, home), preschool_shares.of_experts(experts, home, declared)]
    parts = [
        scores.assign(unit_level="preschool", kind="score"),
        towns.assign(unit_level="municipality", kind="score"),
        preschool_shares.valued(shares, whole=False).assign(unit_level="preschool"),
        preschool_shares.valued(pd.concat(whole, ignore_index=True), whole=True).assign(unit_level="municipality"),
    ]
    values = pd.concat([part.astype({"year": "int64"}) for part in parts], ignore_index=True)
    return _named(values, home, declared), unpublished


def _named(values: pd.DataFrame, home: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """COLUMNS of what is computed: titles, items, levels, municipality."""
    names = _names(declared)
    key = pd.MultiIndex.from_frame(values[["area", "indicator"]])
    for column in ("title_ru", "roadmap_item", "higher_is_better", "verified"):
        values[column] = names[column].reindex(key).to_numpy()
    is_score = values["kind"] == "score"
    values["level"], values["level_title"] = chain.level_of(values["score"].astype("Float64"), declared["levels"])
    values["unit"] = values["unit"].mask(is_score, "балл")
    values["published"] = values["published"].astype("boolean").fillna(True)
    least = values["year"].map(
        {year: catalogue.thresholds(int(year))["small_base"] for year in values["year"].unique()}
    )
    values["base"] = values["base"].mask(values["kind"] == "count")
    values["small_base"] = (values["base"].astype("Float64") < least).where(~is_score & values["base"].notna())
    places = home.drop_duplicates(["year", "org_id"]).set_index(["year", "org_id"])["municipality_id"]
    own = places.reindex(pd.MultiIndex.from_frame(values[["year", "org_id"]])).to_numpy()
    values["municipality_id"] = pd.Series(own, index=values.index).where(
        values["unit_level"] == "preschool", values["org_id"]
    )
    return values.reindex(columns=list(COLUMNS)).astype(COLUMNS)


def _names(declared: dict[str, Any]) -> pd.DataFrame:
    """area, indicator → title_ru, roadmap_item, higher_is_better, verified."""
    areas, of_areas = declared["areas"], declared["areas_source"]["verified"]
    lines = [(chain.ALL, chain.ALL, "Качество дошкольного образования", "10", True, of_areas)]
    for area, rule in areas.items():
        lines.append((area, chain.ALL, rule["title"], rule["item"], True, of_areas))
        lines += [(area, name, title, rule["item"], True, of_areas) for name, title in rule["indicators"].items()]
    for name, rule in preschool_shares.of_the_passport().items():
        lines.append((rule["area"], name, rule["title"], rule["item"], rule["better"], rule["verified"]))
    for rule in declared["questions"].values():
        line = (rule["area"], rule["indicator"], rule["title"], rule["item"], True)
        lines.append((*line, declared["questions_source"]["verified"]))
    expert = declared["expert"]
    lines.append((expert["area"], expert["indicator"], expert["title"], expert["item"], True, expert["verified"]))
    columns = ["area", "indicator", "title_ru", "roadmap_item", "higher_is_better", "verified"]
    return pd.DataFrame(lines, columns=columns).set_index(["area", "indicator"])


def without_insufficient(values: pd.DataFrame, lacking: pd.DataFrame) -> pd.DataFrame:
    """The rows without levels of preschools of whose scales too many rows are in quarantine; not_judged: why, in words.

    lacking: `insufficient.of_kind` by year and org_id.
    """
    is_score = (values["unit_level"] == "preschool") & (values["kind"] == "score")
    reason = insufficient.reasons_of(values, lacking, preschool_shares.UNIT).where(is_score)
    levels = {name: values[name].mask(reason.notna()) for name in ("level", "level_title")}
    return values.assign(**levels, not_judged=reason)


def with_changes(values: pd.DataFrame, before: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """COLUMNS of `changes.with_changes`."""
    return changes.with_changes(values, before, declared).astype(COLUMNS)[list(COLUMNS)]


def _files(answers: pd.DataFrame) -> pd.DataFrame:
    """year, org_id, seq: the last file that brought answers."""
    rows = answers.reindex(columns=["year", "org_id", "seq"]).astype({"year": "int64", "org_id": "string"})
    return rows.groupby(["year", "org_id"], as_index=False)["seq"].max()


def _lacking(preschools: pd.DataFrame) -> Iterator[Question]:
    """A question a preschool with too many rows in quarantine, about the file with most of them."""
    for row in preschools.itertuples():
        details = {"value": "Шкалы МКДО", "org": row.org_id, "detail": row.reason}
        yield Question(int(row.year), int(row.seq), "work_insufficient", details, None, row.org_id)


def _asked(unpublished: pd.DataFrame) -> Iterator[Question]:
    """A question a preschool whose questionnaires are not shown."""
    for line in unpublished.itertuples():
        issue = "survey_families" if pd.isna(line.needed) else "survey_few"
        details = {"value": line.org_id, "rows": line.responses, "detail": line.needed}
        yield Question(int(line.year), int(line.seq), issue, details, None, line.org_id)
