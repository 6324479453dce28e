"""What others say of a school's high results: a recheck, its exams, what kind of school it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from schemas import catalogue

WORDS = {"recheck": "перепроверка", "oge": "ОГЭ", "ege": "ЕГЭ", "kind": "вид школы"}


def confirmed(signs: pd.DataFrame, exams: pd.DataFrame, home: pd.DataFrame, year: int) -> pd.DataFrame:
    """org_id, results_confirmed, confirmed_by of the schools that a sign of the level flags in the year.

    signs: rows of the year; exams: see `exam_levels`; home: org_id, name, org_kind. A recheck confirms or refutes; an
    exam confirms where the school's level is not under the reference's, refutes where it is `exam_z` errors under it;
    a gymnasium or a lyceum explains a high level, and nothing beyond (`explaining_signs`). One refutation outweighs;
    the words name whoever made the answer. No row where nothing is known.
    """
    rule, declared = catalogue.signs(year)["status"], catalogue.signs(year)["signs"]
    flagged = signs[signs["flagged"].fillna(False).astype(bool)]
    high = flagged[flagged["sign"].map(lambda sign: declared[sign]["family"]) == "level"]
    voices = [_of_recheck(signs), _of_exams(exams, rule), _of_kind(high, home, rule)]
    every = pd.concat(voices, ignore_index=True)
    every = every[every["org_id"].isin(high["org_id"])]
    decisive = every[every["says"] == every.groupby("org_id")["says"].transform("min")]
    by_school = decisive.sort_values(["org_id", "place"]).groupby("org_id", as_index=False)
    return by_school.agg(
        results_confirmed=("says", "first"), confirmed_by=("who", lambda who: "; ".join(WORDS[w] for w in who))
    ).astype({"results_confirmed": "boolean", "confirmed_by": "string", "org_id": "string"})


def exam_levels(results: pd.DataFrame, rule: dict[str, Any], home: pd.DataFrame) -> pd.DataFrame:
    """School × exam (OGE, EGE): org_id, procedure, d (level in standard deviations of the region's pupils, else the
    town's, mean over `exams`), error.

    results: procedure, subject, level, unit_id, with_result, mean_test or mean_primary and their sd, of one year; home:
    org_id, municipality_id.
    """
    codes = pd.Series(["-".join(pair) for pair in zip(results["procedure"], results["subject"], strict=True)])
    exams = results[codes.isin(rule["exams"]).to_numpy(bool)].assign(
        mean=results["mean_test"].fillna(results["mean_primary"]), sd=results["sd_test"].fillna(results["sd_primary"])
    )
    exam = ["procedure", "subject"]
    schools = exams[exams["level"] == "school"].rename(columns={"unit_id": "org_id"}).merge(home, on="org_id")
    others = exams[exams["level"].isin(("region", "municipality"))][[*exam, "level", "unit_id", "mean", "sd"]]
    regions = others[others["level"] == "region"].drop_duplicates(exam)
    towns = others[others["level"] == "municipality"].rename(columns={"unit_id": "municipality_id"})
    compared = schools.merge(regions, on=exam, how="left", suffixes=("", "_region"))
    compared = compared.merge(towns, on=[*exam, "municipality_id"], how="left", suffixes=("", "_town"))
    mean, sd = (compared[f"{name}_region"].fillna(compared[f"{name}_town"]) for name in ("mean", "sd"))
    compared["d"], compared["error"] = (
        (compared["mean"] - mean) / sd,
        compared["sd"] / np.sqrt(compared["with_result"]) / sd,
    )
    levels = compared[compared["with_result"].gt(1) & sd.gt(0) & compared["d"].notna() & compared["error"].notna()]
    return levels.groupby(["org_id", "procedure"], as_index=False).agg(d=("d", "mean"), error=("error", "mean"))


def _voices(who: Any, place: int, org_id: Any, says: Any) -> pd.DataFrame:
    return pd.DataFrame({"org_id": org_id, "who": who, "place": place, "says": says}).astype(
        {"org_id": "string", "says": "bool"}
    )


def _of_recheck(signs: pd.DataFrame) -> pd.DataFrame:
    rechecks = signs[(signs["sign"] == "recheck") & signs["flagged"].notna()]
    hits = rechecks.assign(hit=rechecks["flagged"].astype(bool)).groupby("org_id")["hit"].any()
    return _voices("recheck", 1, hits.index, ~hits.to_numpy(bool))


def _of_exams(exams: pd.DataFrame, rule: dict[str, Any]) -> pd.DataFrame:
    z = exams["d"] / exams["error"]
    decisive = exams[(exams["d"] >= 0) | (z <= -rule["exam_z"])]
    return _voices(decisive["procedure"].str.lower(), 2, decisive["org_id"], decisive["d"] >= 0)


def _of_kind(high: pd.DataFrame, home: pd.DataFrame, rule: dict[str, Any]) -> pd.DataFrame:
    words = home["name"].fillna("").str.cat(home["org_kind"].fillna(""), sep=" ").str.lower()
    fitting = pd.Series(False, index=home.index)
    for word in rule["explaining_kinds"]:
        fitting |= words.str.contains(word, regex=False)
    beyond = high.loc[~high["sign"].isin(rule["explaining_signs"]), "org_id"]
    org_ids = home.loc[fitting & ~home["org_id"].isin(beyond), "org_id"]
    return _voices("kind", 3, org_ids, np.ones(len(org_ids), bool))
