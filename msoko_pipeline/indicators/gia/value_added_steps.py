"""Value added of the years, from the exams of pupils to a Parquet table: what the asset calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import path, path_of, table, typed
from msoko_pipeline.indicators.gia import value_added
from msoko_pipeline.settings import Settings
from msoko_pipeline.text.russian import ru
from schemas import catalogue

COLUMNS = {
    "year": "int64", "org_id": "string", "procedure": "string", "subject": "string", "year_from": "int64",
    "procedure_from": "string", "subject_from": "string", "n": "Int64", "takers": "Int64", "value": "float64",
    "value_points": "float64", "ci_low": "float64", "ci_high": "float64", "p_adjusted": "float64", "lead": "string",
    "reference": "string", "reference_n": "Int64", "reference_schools": "Int64", "not_judged": "string",
    "text_ru": "string", "verified": "boolean",
}  # fmt: skip
LEADS = {"above": "выше ожидаемого", "below": "ниже ожидаемого", "none": "не отличается от ожидаемого уверенно"}


def make_value_added(settings: Settings, years: Sequence[int]) -> int:
    """value_added: COLUMNS, per school and later exam whose pupils are known in the earlier one, each year alone.

    Nothing where the earlier year was never computed: of pupils without a key nothing is claimed.
    """
    with engine.connect(settings) as connection:
        parts = [typed(pd.DataFrame(), COLUMNS)]
        for year in years:
            rules = catalogue.value_added(year)
            before = year - rules["pairs"]["years"]
            computed_years = [of for of in (before, year) if path(settings, of, "gia_pupils").exists()]
            if computed_years != [before, year]:
                continue
            home = table(connection, settings, [year], "organisations").set_index("org_id")["municipality_id"]
            pupils = table(connection, settings, computed_years, "gia_pupils")
            parts.append(typed(of_year(pupils, year, rules, home, settings.scope), COLUMNS))
        return engine.write_frame(
            connection, pd.concat(parts, ignore_index=True), "value_added", years, path_of(settings, "value_added")
        )


def of_year(pupils: pd.DataFrame, year: int, rules: dict[str, Any], home: pd.Series, scope: str) -> pd.DataFrame:
    """Rows of COLUMNS for a year.

    pupils: first attempts, `steps.PUPILS`; home: org_id → municipality; scope: `region` compares the schools of the
    region, `municipality` those of each municipality.
    """
    pair = rules["pairs"]
    attempts = pupils.assign(score=pupils["test_score"].fillna(pupils["primary_score"]).astype("Float64"))
    # alone: no namesake in the school
    attempts["alone"] = ~attempts.duplicated([*PUPIL, "year", "procedure", "subject"], keep=False)
    earlier = attempts[
        (attempts["year"] == year - pair["years"]) & (attempts["procedure"] == pair["from"]) & attempts["alone"]
    ]
    later = attempts[(attempts["year"] == year) & (attempts["procedure"] == pair["to"])]
    parts = []
    for subject, sat in later.groupby("subject"):
        subject_from = pair["foretold_by"].get(subject, subject)
        before = earlier.loc[earlier["subject"] == subject_from, [*PUPIL, "score"]]
        both = sat.loc[sat["alone"], [*PUPIL, "score"]].merge(before, on=PUPIL, how="right", suffixes=("", "_before"))
        both = both.rename(columns={"score": "later", "score_before": "earlier"})
        peers = pd.Series("region", index=both.index) if scope == "region" else both["org_id"].map(home)
        takers = sat.groupby("org_id").size()
        parts += [
            _of_exam(part, takers, rules).assign(subject=subject, subject_from=subject_from)
            for _, part in both.groupby(peers)
        ]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    whole = pd.concat(parts, ignore_index=True).assign(
        year=year, year_from=year - pair["years"], procedure=pair["to"], procedure_from=pair["from"],
        reference="region" if scope == "region" else "municipality", verified=all(rules["verified"].values()),
    )  # fmt: skip
    whole["text_ru"] = [_in_words(line, rules) for line in whole.to_dict("records")]
    return whole


PUPIL = ["org_id", "pupil_key"]


def _of_exam(part: pd.DataFrame, takers: pd.Series, rules: dict[str, Any]) -> pd.DataFrame:
    """The schools of one later exam that have pupils known in the earlier one, judged or with the reason why not.

    part: org_id, earlier, later (NaN of those who left); takers: of the later exam, by org_id.
    """
    both = part.dropna(subset=["earlier", "later"])
    schools = both.groupby("org_id").agg(n=("later", "size"))
    schools["takers"] = takers.reindex(schools.index)
    covered = schools["n"] * 100 >= rules["least_matched_pct"] * schools["takers"]
    usable = part[part["org_id"].isin(schools.index[covered])]
    judged = value_added.of_pupils(usable, rules).set_index("org_id").drop(columns="n")
    lines = schools.join(judged).reset_index()
    reference = both[both["org_id"].isin(judged.index)]
    lines["value_points"] = lines["value"] * float(reference["later"].astype(float).std(ddof=1))
    lines["reference_n"], lines["reference_schools"] = len(reference), reference["org_id"].nunique()
    lines["not_judged"] = None
    lines.loc[lines["value"].isna(), "not_judged"] = "few_schools"
    lines.loc[(lines["n"] < rules["least"]).to_numpy(), "not_judged"] = "few_pupils"
    lines.loc[~covered.to_numpy(), "not_judged"] = "few_matched"
    return lines


def _in_words(line: dict[str, Any], rules: dict[str, Any]) -> str:
    exams = (
        f"{catalogue.titles('procedure')[line[f'procedure{which}']]} {line[f'year{which}']} года "
        f"({catalogue.subjects()[line[f'subject{which}']]})"
        for which in ("_from", "")
    )
    before, after = exams
    basis = f"Сдавали здесь же {before} {line['n']} из {line['takers']} участников {after}"
    if line["not_judged"]:
        why = {
            "few_pupils": f"учеников меньше {rules['least']}",
            "few_matched": f"известны меньше {rules['least_matched_pct']} % участников",
            "few_schools": "школ или учеников для сравнения мало",
        }
        return f"{basis}. Судить нельзя: {why[line['not_judged']]}."
    low, high = (ru(end) for end in rules["reliability_range"])
    value, ci_low, ci_high = (ru(line[name], 2) for name in ("value", "ci_low", "ci_high"))
    return (
        f"{basis}. Результат {LEADS[line['lead']]}: {value} стандартного отклонения ученика, интервал от {ci_low} до "
        f"{ci_high}. Ожидаемое — по прежнему экзамену {line['reference_n']} учеников {line['reference_schools']} школ; "
        f"оценка стянута к середине школ, интервал верен при надёжности прежнего экзамена от {low} до {high}. "
        "Это ориентир для самой школы: не место среди школ и не оценка учителей; об ушедших после 9 класса не говорит."
    )
