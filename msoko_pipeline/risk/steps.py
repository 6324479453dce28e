"""The risk tables of the years, step by step: what the assets of the layer call.

procedures → conditions (ШНСУ) → categories with their reasons → the forecast of next year's ШНОР → the back-test of
last year's zone and forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import facts, path, path_of, table, typed, years_having
from msoko_pipeline.indicators import insufficient
from msoko_pipeline.issues import questions
from msoko_pipeline.issues.questions import Question
from msoko_pipeline.objectivity import confirmation, status
from msoko_pipeline.risk import backtest, certainty, exits, forecast, in_words, reasons, social
from msoko_pipeline.risk import categories as rules_of
from msoko_pipeline.risk.categories import Evidence
from msoko_pipeline.risk.procedures import KEY, procedures
from msoko_pipeline.risk.sensitivity import procedures_of, sensitivity
from msoko_pipeline.settings import Settings
from schemas import catalogue

PROCEDURES = {"marked": "n", "n2": "failed", "completion_pct": "completion_pct", "max_primary": "max_primary"}
"""Column of the results → what the rules call it."""
EXAMS = {
    "with_result": "n",
    "below_minimum": "failed",
    "completion_pct": "completion_pct",
    "max_primary": "max_primary",
}
"""The same of the results of exams."""
SCHOOLS = {
    "year": "int64", "org_id": "string", "municipality_id": "string", "category": "string", "rules": "string",
    "low_procedures": "Int64", "low_procedure_codes": "string", "judged_procedures": "Int64",
    "small_base_procedures": "Int64", "insufficient_procedures": "Int64",
    "shnsu": "boolean", "isbsh": "float64", "isbsh_data_year": "Int64",
    "objectivity_status": "string", "objectivity_2019": "string", "signs": "Int64", "sign_families": "Int64",
    "families_judged": "Int64", "sign_years": "Int64", "results_confirmed": "boolean", "confirmed_by": "string",
    "high_risk_factors": "Int64",
    "previous_category": "string", "movement": "string", "rules_variant": "string",
    "shnor_probability_pct": "float64", "is_borderline": "boolean", "exit_by_chance_pct": "float64",
}  # fmt: skip


def make_procedures(settings: Settings, years: Sequence[int]) -> int:
    """procedures: `procedures.procedures` of the years, by the rules in force in each. Works of schools with too many
    rows in quarantine are asked about.
    """
    with engine.connect(settings) as connection:
        home = table(connection, settings, years, "organisations")[["year", "org_id", "municipality_id"]]
        results = pd.concat(
            [_works(connection, settings, years), _exams(connection, settings, years)], ignore_index=True
        )
        results = results.merge(home, on=["year", "org_id"], how="left")
        lacking = insufficient.insufficient(connection, settings, years)
        results["not_judged"] = insufficient.noted(results, lacking).fillna(results.pop("marks_reason"))
        _ask(settings, years, lacking)
        of_years = [
            procedures(results[results["year"] == year], catalogue.risk_rules(settings.risk_rules, year))
            for year in years
        ]
        rows = pd.concat(of_years, ignore_index=True)
        return engine.write_frame(connection, rows, "procedures", years, path_of(settings, "procedures"))


def _ask(settings: Settings, years: Sequence[int], works: pd.DataFrame) -> None:
    """Ask about each work of a school by which nothing is judged, of the file with most of its refused rows."""
    of_works = [
        Question(
            int(row.year), int(row.seq), "work_insufficient",
            {"value": reasons.work(row.procedure, row.subject, row.grade), "org": row.org_id, "detail": row.reason},
            org_ref=row.org_id,
        )
        for row in works.itertuples(index=False)
    ]  # fmt: skip
    questions.ask(settings, "insufficient", years, of_works)


def _works(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """Schools in the ВПР works of the years, as `procedures.procedures` takes them."""
    results = table(connection, settings, years, "results")
    results = results[(results["level"] == "school") & results["marked"].gt(0) & results["n2"].notna()].rename(
        columns={"unit_id": "org_id"}
    )
    results = results.assign(procedure="VPR", good=results["n4"] + results["n5"])
    results["completion_se"] = results["se_primary"] / results["max_primary"] * 100
    results["marks_reason"] = insufficient.marks_reason(results)
    return results[[*KEY, *PROCEDURES, "good", "completion_se", "marks_reason"]].rename(columns=PROCEDURES)


def _exams(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """The same of ОГЭ and ЕГЭ: first attempts, below the minimum as the protocol's mark or the year's minimum tells."""
    results = table(connection, settings, years, "gia_results").rename(columns={"unit_id": "org_id"})
    results = results[
        (results["level"] == "school") & results["procedure"].isin(["OGE", "EGE"]) & results["below_minimum"].notna()
    ]
    results = results.assign(good=results["mark_4"] + results["mark_5"])
    results["completion_se"] = results["se_primary"] / results["max_primary"] * 100
    return results[[*KEY, *EXAMS, "good", "completion_se"]].rename(columns=EXAMS).assign(marks_reason=pd.NA)


def make_conditions(settings: Settings, years: Sequence[int]) -> dict[str, int]:
    """school_context and school_conditions: the two frames of `social.judge`."""
    with engine.connect(settings) as connection:
        home = table(connection, settings, years, "organisations")[["year", "org_id", "municipality_id"]]
        shares = social.read(connection, settings, years)
        frames = dict(
            zip(("school_context", "school_conditions"), social.judge(shares, home, catalogue.social()), strict=True)
        )
        return engine.write_frames(connection, frames, years, partial(path_of, settings))


def make_categories(settings: Settings, years: Sequence[int]) -> dict[str, int]:
    """school_risk: SCHOOLS, every school with its category; risk_reason: every rule that fired, in words;
    risk_sensitivity: the categories under other rules; risk_movement: who left ШНОР, beside who would have by chance.
    """
    with engine.connect(settings) as connection:
        tables = _Tables(connection, settings, years)
        made: dict[int, dict[str, pd.DataFrame]] = {}
        for year in sorted(years):
            before = made[year - 1]["school_risk"] if year - 1 in made else tables.categories(year - 1)
            made[year] = _year(tables, year, before)
        frames = {
            name: pd.concat([of_year[name] for of_year in made.values()], ignore_index=True)
            for name in ("school_risk", "risk_reason", "risk_sensitivity", "risk_movement")
        }
        return engine.write_frames(connection, frames, years, partial(path_of, settings))


class _Tables:
    """The tables that categories are made from, of the years asked and of those before that they look back to."""

    def __init__(self, connection: Any, settings: Settings, years: Sequence[int]) -> None:
        self.connection, self.settings = connection, settings
        back = sorted({year - ago for year in years for ago in range(3)})
        self.procedures = table(connection, settings, back, "procedures")
        self.signs = table(connection, settings, back, "signs")
        self.by_year: status.ByYear = {}
        exams = table(connection, settings, years, "gia_results")
        self.exams = exams[exams["facts_source"] == "individual"]
        self.home = table(connection, settings, years, "organisations")
        self.context = table(connection, settings, years, "school_context")
        self.conditions = table(connection, settings, years, "school_conditions")
        self.regulator = facts(connection, settings, "risk_indicator", years)
        self.profile = facts(connection, settings, "risk_profile", years)

    def categories(self, year: int) -> pd.DataFrame | None:
        """Categories of an earlier year, as they were computed then; None without that year."""
        if not path(self.settings, year, "school_risk").exists():
            return None
        return table(self.connection, self.settings, [year], "school_risk")


def _of(frame: pd.DataFrame, year: int) -> pd.DataFrame:
    return frame[frame["year"] == year]


def _year(tables: _Tables, year: int, before: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """The tables of `make_categories` of a year; before: school_risk of the year before."""
    rules = catalogue.risk_rules(tables.settings.risk_rules, year)
    variants = catalogue.risk_sensitivity()["variants"]
    home = _of(tables.home, year)
    home = home[~home["org_kind"].isin(rules["not_schools"])]
    statuses = status.statuses(tables.signs, year, tables.by_year)
    previous = before.set_index("org_id")["category"] if before is not None else pd.Series(dtype="string")
    procedures = certainty.with_posteriors(tables.procedures[tables.procedures["year"].between(year - 2, year)], rules)
    evidence = Evidence(
        year, rules, procedures, home["org_id"],
        shnor_before=frozenset(previous[previous == "shnor"].index),
        signs=frozenset(statuses.loc[statuses["hit"], "org_id"]),
        regulator=_of(tables.regulator, year), also=frozenset(procedures_of(variants, year)),
    )  # fmt: skip
    schools, fired = rules_of.categories(evidence)
    conditions = _of(tables.conditions, year)
    schools = schools.assign(year=year, rules_variant=tables.settings.risk_rules)
    schools["municipality_id"] = schools["org_id"].map(home.set_index("org_id")["municipality_id"])
    schools = schools.merge(statuses.drop(columns=["year", "hit"]), on="org_id", how="left")
    signs = _of(tables.signs, year)
    levels = confirmation.exam_levels(
        _of(tables.exams, year), catalogue.signs(year)["status"], home[["org_id", "municipality_id"]]
    )
    schools = schools.merge(confirmation.confirmed(signs, levels, home, year), on="org_id", how="left")
    schools = schools.merge(
        conditions[["org_id", "isbsh", "shnsu", "data_year"]].rename(columns={"data_year": "isbsh_data_year"}),
        on="org_id", how="left",
    )  # fmt: skip
    schools["previous_category"] = schools["org_id"].map(previous)
    schools["movement"] = rules_of.movement(schools["previous_category"], schools["category"])
    schools["shnor_probability_pct"] = schools["org_id"].map(certainty.shnor_pct(evidence.pairs, evidence.fired, rules))
    schools["is_borderline"] = certainty.is_borderline(schools["category"], schools["shnor_probability_pct"], rules)
    schools["exit_by_chance_pct"] = schools["org_id"].map(exits.exit_pct(evidence))
    others = sensitivity(evidence, variants, schools.set_index("org_id")["category"])
    moved = _movement(schools, tables.settings)
    profile = _of(tables.profile, year)
    high = profile[profile["level"] == "high"].groupby("org_id").size()
    profiled = schools["org_id"].isin(profile["org_id"])
    schools["high_risk_factors"] = schools["org_id"].map(high).fillna(0).where(profiled)
    parts = [
        reasons.of_categories(fired, _of(tables.procedures, year), rules),
        reasons.of_quarantine(_of(tables.procedures, year), catalogue.thresholds(year)["sufficiency"]),
        reasons.of_signs(status.evidence(tables.signs, year), statuses, catalogue.signs(year)),
        reasons.of_conditions(conditions, _of(tables.context, year), catalogue.social()),
        in_words.of_certainty(schools, others, rules),
        in_words.of_exits(schools, moved, rules),
    ]
    reason_rows = reasons.shaped(pd.concat(parts, ignore_index=True).assign(year=year))
    return {
        "school_risk": schools.astype(SCHOOLS)[list(SCHOOLS)],
        "risk_reason": reason_rows[reason_rows["org_id"].isin(schools["org_id"])],
        "risk_sensitivity": others,
        "risk_movement": typed(moved.assign(year=year), exits.MOVEMENT),
    }


def _movement(schools: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """exits.of_unit of every municipality, and of the region where all of it is here, in words."""
    units = [("municipality", unit, part) for unit, part in schools.groupby("municipality_id")]
    units += [("region", settings.region_code, schools)] if settings.scope == "region" else []
    none = pd.DataFrame(columns=list(exits.MOVEMENT))
    moved = pd.concat([none, *(exits.of_unit(part, level, unit) for level, unit, part in units)], ignore_index=True)
    return moved.assign(text_ru=[in_words.movement(row) for row in moved.itertuples(index=False)])


def make_forecast(settings: Settings, years: Sequence[int]) -> int:
    """school_forecast: `forecast.forecast` made in each year of what was known then."""
    with engine.connect(settings) as connection:
        back = sorted({year - ago for year in years for ago in range(catalogue.forecast(year)["years_back"])})
        results = table(connection, settings, back, "procedures")
        schools = table(connection, settings, years, "school_risk")
        parts = [
            forecast.forecast(
                results[results["year"] <= year], _of(schools, year), catalogue.risk_rules(settings.risk_rules, year),
                catalogue.forecast(year), year,
            )
            for year in years
        ]  # fmt: skip
        forecasts = pd.concat([forecast.NO_FORECASTS, *parts], ignore_index=True)
        return engine.write_frame(connection, forecasts, "school_forecast", years, path_of(settings, "school_forecast"))


def make_backtest(settings: Settings, years: Sequence[int]) -> dict[str, int]:
    """risk_backtest_school: `backtest.outcomes`; risk_backtest: `backtest.score`, forecast_calibration:
    `backtest.fifths`, both per municipality (and the region).
    """
    with engine.connect(settings) as connection:
        both = years_having(settings, sorted({year - ago for year in years for ago in (0, 1)}), "school_risk")
        schools = table(connection, settings, both, "school_risk")
        results = table(connection, settings, both, "procedures")
        chances = table(connection, settings, both, "school_forecast")
        judged = results[results["listed"] & results["judged"]]
        details, scores, fifths = [backtest.NO_OUTCOMES], [backtest.NO_SCORES], [backtest.NO_FIFTHS]
        for year in years:
            before, now = _of(schools, year - 1), _of(schools, year)
            if before.empty or now.empty:
                continue
            shares = _of(judged, year - 1).groupby("org_id", as_index=False)["fail_pct"].mean()
            units = [("municipality", unit, part) for unit, part in now.groupby("municipality_id")]
            units += [("region", settings.region_code, now)] if settings.scope == "region" else []
            for level, unit, part in units:
                outcomes = backtest.outcomes(
                    before[["org_id", "category"]], part[["org_id", "category"]], shares, _of(chances, year - 1)
                )
                if outcomes.empty:
                    continue
                scores.append(backtest.score(outcomes).assign(year=year, level=level, unit_id=unit))
                fifths.append(backtest.fifths(outcomes).assign(year=year, level=level, unit_id=unit))
                if level == "municipality":
                    details.append(outcomes.assign(year=year, municipality_id=unit))
        frames = {
            "risk_backtest_school": pd.concat(details, ignore_index=True),
            "risk_backtest": pd.concat(scores, ignore_index=True),
            "forecast_calibration": pd.concat(fifths, ignore_index=True),
        }
        return engine.write_frames(connection, frames, years, partial(path_of, settings))
