"""How sure a category is and what leaving ШНОР means, in words: rows of reasons beside the rules that fired."""

from __future__ import annotations

from typing import Any

import pandas as pd

from msoko_pipeline.risk.reasons import COLUMNS, surely
from msoko_pipeline.text.russian import ru


def of_certainty(schools: pd.DataFrame, others: pd.DataFrame, rules: dict[str, Any]) -> pd.DataFrame:
    """A reason for every ШНОР and for every school on the border: P(ШНОР), and the variants of the rules that disagree.

    schools: org_id, category, shnor_probability_pct, is_borderline; others: sensitivity.SENSITIVITY of the year.
    """
    sure = rules["certainty"]["sure"]
    reasons = schools[(schools["category"] == "shnor") | schools["is_borderline"].fillna(False).astype(bool)]
    reasons = reasons[reasons["shnor_probability_pct"].notna()]
    is_shnor = others["org_id"].map(schools.set_index("org_id")["category"]) == "shnor"
    judged = others[(others["category"] != "no_data") & (others["variant"] != "official")]
    tried = judged.groupby("org_id").size()
    disagree = judged[(judged["category"] == "shnor") != is_shnor[judged.index]]
    named = disagree.groupby("org_id")["title_ru"].agg(list)
    return reasons.assign(
        about="certainty", rule="CERTAINTY", value=reasons["shnor_probability_pct"], threshold=float(sure),
        probability_pct=reasons["shnor_probability_pct"], basis_n=reasons["judged_procedures"],
        text_ru=[
            _certainty(row, sure, named.get(row.org_id, []), int(tried.get(row.org_id, 0)))
            for row in reasons.itertuples(index=False)
        ],
        source=rules["certainty"]["source"], verified=bool(rules["verified"].get("certainty", False)),
    ).reindex(columns=COLUMNS)  # fmt: skip


def _certainty(row: Any, sure: float, disagree: list[str], tried: int) -> str:
    meets = f"истинные доли школы отвечают условиям ШНОР {surely(row.shnor_probability_pct)}"
    if row.is_borderline:
        if row.category == "shnor":
            text = f"На границе: {meets} (уверенно — от {ru(sure, 0)} %)"
        else:
            text = f"На границе: школа не ШНОР, но {meets} (уверенно — до {ru(100 - sure, 0)} %)"
    else:
        text = f"Уверенно: {meets}"
    if not tried:
        return f"{text}."
    if not disagree:
        return f"{text}; так же по всем {tried} другим вариантам правил, по которым можно судить."
    is_one = "не ШНОР" if row.category == "shnor" else "ШНОР"
    names = "; ".join(title[:1].lower() + title[1:] for title in disagree)
    return f"{text}; {is_one} по {len(disagree)} из {tried} других вариантов правил ({names})."


def of_exits(schools: pd.DataFrame, moved: pd.DataFrame, rules: dict[str, Any]) -> pd.DataFrame:
    """A reason for every ШНОР of last year that is judged now: how likely it was to leave without any change.

    schools: org_id, municipality_id, category, exit_by_chance_pct; moved: exits.MOVEMENT of the municipalities.
    """
    reasons = schools[schools["exit_by_chance_pct"].notna()]
    towns = moved[moved["level"] == "municipality"].set_index("unit_id")["text_ru"]
    return reasons.assign(
        about="certainty", rule="MOVEMENT", value=reasons["exit_by_chance_pct"], basis_n=reasons["judged_procedures"],
        probability_pct=reasons["exit_by_chance_pct"],
        text_ru=[
            _exit(row, towns.get(row.municipality_id), 100 - rules["certainty"]["sure"])
            for row in reasons.itertuples(index=False)
        ],
        source=rules["certainty"]["source"], verified=bool(rules["verified"].get("certainty", False)),
    ).reindex(columns=COLUMNS)  # fmt: skip


def _exit(row: Any, town: str | None, often: float) -> str:
    chance = surely(row.exit_by_chance_pct)
    if row.category == "shnor":
        text = f"Осталась ШНОР; без перемен в школе вышла бы {chance}."
    else:
        often_so = row.exit_by_chance_pct >= often
        text = f"Вышла из ШНОР; без перемен в школе вышла бы {chance}"
        text += ": сам выход ещё не успех." if often_so else ": случайно так бывает редко."
    return f"{text} По муниципалитету: {town[:1].lower()}{town[1:]}" if town else text


def movement(row: Any) -> str:
    """«Из 7 ШНОР прошлого года вышли 3 (42,9 %); без перемен в школах ожидалось 2,8 …»."""
    lacking = row.shnor_before - row.judged
    unknown = f", о {lacking} нет данных" if lacking else ""
    if not row.judged:
        return f"ШНОР прошлого года: {row.shnor_before}{unknown}."
    text = f"Из {row.judged} ШНОР прошлого года, о которых можно судить{unknown}, вышли {row.left_shnor}"
    text += f" ({ru(row.left_pct)} %)"
    if pd.isna(row.expected_left):
        return f"{text}."
    text += f"; без перемен в школах вышли бы {ru(row.expected_left)} (95 %-й интервал "
    text += f"{row.expected_low:.0f}–{row.expected_high:.0f})"
    if row.left_shnor > row.expected_high:
        return f"{text}: больше, чем бывает случайно."
    if row.left_shnor < row.expected_low:
        return f"{text}: меньше, чем бывает случайно."
    return f"{text}: столько бывает и случайно."
