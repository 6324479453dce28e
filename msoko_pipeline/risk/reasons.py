"""Every rule that fired, in words: what was seen, against what, on how many pupils, how often chance gives as much."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.objectivity.sign_rows import ALL
from msoko_pipeline.text.russian import ru
from schemas import catalogue

COLUMNS = [
    "org_id", "about", "rule", "procedure", "subject", "grade", "value", "threshold", "basis_n", "tail_pct",
    "probability_pct", "text_ru", "source", "verified",
]  # fmt: skip
TYPES = dict.fromkeys(("org_id", "about", "rule", "procedure", "subject", "text_ru", "source"), "string") | {
    "grade": "Int64", "verified": "boolean", "value": "float64", "threshold": "float64", "basis_n": "float64",
    "tail_pct": "float64", "probability_pct": "float64", "year": "int64",
}  # fmt: skip
CHANGED = "без перемен такая же или большая разница бывает случайно"
POSSIBLE = "Возможный признак, требует проверки"
LEAD = "Повод посмотреть, но не признак"


def work(procedure: str, subject: str, grade: int) -> str:
    """«ВПР, математика, 5 класс»."""
    title = catalogue.subjects().get(subject, subject)
    name = catalogue.titles("procedure").get(procedure, procedure)
    if subject == ALL:
        return name
    lower = title if title[:2].isupper() else title[:1].lower() + title[1:]
    return f"{name}, {lower}" + (f", {grade} класс" if procedure not in catalogue.GRADES else "")


def of_categories(fired: pd.DataFrame, procedures: pd.DataFrame, rules: dict[str, Any]) -> pd.DataFrame:
    """Reasons of ШНОР and of the risk zone. fired: categories.FIRED; procedures: those of the year."""
    key = ["org_id", "procedure", "subject", "grade"]
    counts = ["failed", "n", "good", "fail_ci_low", "fail_ci_high", "town_fail_pct"]
    results = procedures[[*key, *counts]].astype({"grade": "Int64"})
    reasons = fired.merge(results.astype(dict.fromkeys(key[:3], "string")), on=key, how="left")
    reasons["text_ru"] = [_category(row, rules) for row in reasons.itertuples(index=False)]
    reasons["source"] = rules["source"]
    reasons["verified"] = reasons["rule"].map(lambda rule: bool(rules["verified"].get(rule, False)))
    return reasons.assign(about="category").reindex(columns=COLUMNS)


def _category(row: Any, rules: dict[str, Any]) -> str:
    title = rules[row.rule]["title"]
    if pd.isna(row.procedure):
        detail = f": {row.detail}" if pd.notna(row.detail) else ""
        value = f": {ru(row.value)} % при границе {ru(row.threshold)} %" if pd.notna(row.value) else ""
        return f"{title}{detail}{value}."
    where = work(row.procedure, row.subject, int(row.grade))
    if row.rule == "R4":
        now = row.good / row.n * 100
        return f"{title}. {where}: качество {ru(now)} % против {ru(row.previous)} % год назад{_change(row)}."
    if row.rule == "R6":
        return f"{title}. {where}: выполнение {ru(row.value)} % против {ru(row.threshold)} % по муниципалитету."
    text = f"{title}. {where}: ниже минимума {row.failed:.0f} из {row.n:.0f} ({ru(row.failed / row.n * 100)} %"
    text += f", 95 %-й интервал {ru(row.fail_ci_low)}–{ru(row.fail_ci_high)})"
    if row.rule == "R3":
        return f"{text}, год назад {ru(row.previous)} %{_change(row)}."
    text += f" при пороге {ru(row.threshold, 0)} %"
    if pd.notna(row.previous):
        text += f", год назад {ru(row.previous)} %"
    if pd.notna(row.tail_pct):
        share = f"при доле муниципалитета {ru(row.town_fail_pct)} % столько"
        share = "при долях муниципалитета этих лет в обоих столько" if row.rule == "SHNOR_B" else share
        text += f"; {share} же или больше бывает случайно {often(row.tail_pct)} случаев"
    return text + "."


_TRULY = {"R3": "доля «2» действительно выросла", "R4": "качество действительно упало"}


def _change(row: Any) -> str:
    """How sure a change is, in words: by the probability that it is true, or by how often chance gives as much."""
    if pd.isna(row.probability_pct):
        return f"; {CHANGED} {often(row.tail_pct)} случаев"
    moved = f", с изменением по муниципалитету ожидалось {ru(row.expected)} %" if pd.notna(row.expected) else ""
    beyond = " сверх этого" if moved else ""
    sure = f"{surely(row.probability_pct)} {_TRULY[row.rule]}{beyond} не менее чем на {ru(row.threshold, 0)} п.п."
    return f"{moved}; {sure}".removesuffix(".")


def surely(pct: float) -> str:
    """A probability that something is so: «с вероятностью 93 %», «с вероятностью более 99 %»."""
    if pct > 99:
        return "с вероятностью более 99 %"
    return "с вероятностью менее 1 %" if pct < 1 else f"с вероятностью {ru(pct, 0)} %"


def of_signs(signs: pd.DataFrame, statuses: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """Reasons of the objectivity status: every sign that makes it; of a school whose evidence is of one family alone,
    and so makes none, the same rows as leads (`objectivity_lead`), in these words.

    signs: status.evidence of the year; statuses: org_id, hit; declared: the year's `status` and `signs`.
    """
    rules, families = declared["signs"], declared["status"]["families"]
    reasons = signs[signs["hit"]].rename(columns={"sign": "rule"})
    making = reasons["org_id"].isin(statuses.loc[statuses["hit"], "org_id"])
    reasons = reasons.assign(
        about=np.where(making, "objectivity", "objectivity_lead"),
        text_ru=[
            _sign(row, rules[row.rule], families[row.family], is_making)
            for row, is_making in zip(reasons.itertuples(index=False), making, strict=True)
        ],
        source=reasons["rule"].map(lambda rule: rules[rule]["source"]),
        verified=reasons["rule"].map(lambda rule: all(rules[rule]["verified"].values())),
        tail_pct=reasons["p_value"] * 100,
    )
    return reasons.reindex(columns=COLUMNS)


def _sign(row: Any, declared: dict[str, Any], family: str, is_making: bool) -> str:
    title = declared["title"][:1].lower() + declared["title"][1:]
    text = f"{POSSIBLE if is_making else LEAD}: {title}. {work(row.procedure, row.subject, row.grade)}"
    text += f": {row.detail}" if pd.notna(row.detail) else ""
    if row.reference == "municipality":
        text += "; сравнение с муниципалитетом: данных региона нет"
    if pd.notna(row.p_value):
        text += f"; {declared['chance']} такое или большее бывает {often(row.p_value * 100)} случаев"
    if pd.notna(row.p_adjusted):
        text += f", а среди школ, отмеченных не слабее, ложных ожидается не больше {ru(row.p_adjusted * 100)} %"
    text += f". Род свидетельства: {family}"
    return text + ("." if is_making else "; другого рода нет, поэтому в статус школы это не входит.")


def often(pct: float) -> str:
    """A probability in words: «в 1,2 %», «менее чем в 0,1 %» (of cases)."""
    return "менее чем в 0,1 %" if pct < 0.1 else f"в {ru(pct)} %"


def of_quarantine(procedures: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """Why no category follows from a procedure of the year: too many of the school's rows are in quarantine."""
    reasons = procedures[procedures["listed"] & procedures["not_judged"].notna()]
    return reasons.assign(
        about="data", rule="QUARANTINE", threshold=float(declared["quarantined_most_pct"]), basis_n=reasons["n"],
        text_ru=[
            f"{work(row.procedure, row.subject, int(row.grade))}: {row.not_judged}; при доле больше "
            f"{declared['quarantined_most_pct']} % ни категории, ни признака, ни тенденции нет."
            for row in reasons.itertuples(index=False)
        ],
        source=declared["source"], verified=declared["verified"],
    ).reindex(columns=COLUMNS)  # fmt: skip


def of_conditions(schools: pd.DataFrame, shares: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """Reasons of ШНСУ: the index, and every unfavourable indicator that counts.

    schools: org_id, isbsh, quartile, unfavourable, shnsu, schools of one year; shares: org_id, title_ru, value, mean,
    threshold, unfavourable, counts of the same year.
    """
    limit = declared["isbsh"]
    low = schools[schools["shnsu"].fillna(False).astype(bool)]
    index = low.assign(
        about="shnsu", rule="ISBSH", value=low["isbsh"], threshold=float(limit["low"]), basis_n=low["schools"],
        text_ru=[
            f"Индекс социального благополучия школы {ru(row.isbsh)}: порог {limit['low']}, нижний квартиль "
            f"{ru(row.quartile)}; неблагоприятных показателей {row.unfavourable}, сравнивались {row.schools} школ."
            for row in low.itertuples(index=False)
        ],
    )  # fmt: skip
    bad = shares[
        shares["org_id"].isin(low["org_id"]) & shares["unfavourable"].fillna(False) & shares["counts"].fillna(False)
    ]
    details = bad.assign(
        about="shnsu", rule="ISBSH_" + bad["indicator"].astype(str), basis_n=bad["denominator"],
        text_ru=[
            f"{row.title_ru}: {ru(row.value)} %, по муниципалитету {ru(row.mean)} %, порог {ru(row.threshold, 0)} %."
            for row in bad.itertuples(index=False)
        ],
    )  # fmt: skip
    both = pd.concat([index, details], ignore_index=True)
    return both.assign(source=limit["source"], verified=False).reindex(columns=COLUMNS)


def shaped(frame: pd.DataFrame) -> pd.DataFrame:
    """COLUMNS and year in their types, with `reason_no`: the running number of a school's reason in the year."""
    reasons = frame.reindex(columns=[*COLUMNS, "year"]).astype(TYPES)
    reasons = reasons.sort_values(
        ["year", "org_id", "about", "rule", "procedure", "subject", "grade"], ignore_index=True
    )
    return reasons.assign(reason_no=reasons.groupby(["year", "org_id"]).cumcount() + 1)
