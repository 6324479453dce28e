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
    told = schools[(schools["category"] == "shnor") | schools["is_borderline"].fillna(False).astype(bool)]
    told = told[told["shnor_probability_pct"].notna()]
    is_shnor = others["org_id"].map(schools.set_index("org_id")["category"]) == "shnor"
    judged = others[(others["category"] != "no_data") & (others["variant"] != "official")]
    tried = judged.groupby("org_id").size()
    disagree = judged[(judged["category"] == "shnor") != is_shnor[judged.index]]
    named = disagree.groupby("org_id")["title_ru"].agg(list)
    return told.assign(
        about="certainty", rule="CERTAINTY", value=told["shnor_probability_pct"], threshold=float(sure),
        probability_pct=told["shnor_probability_pct"], basis_n=told["judged_procedures"],
        text_ru=[
            _certainty(row, sure, named.get(row.org_id, []), int(tried.get(row.org_id, 0)))
            for row in told.itertuples(index=False)
        ],
        source=rules["certainty"]["source"], verified=bool(rules["verified"].get("certainty", False)),
    ).reindex(columns=COLUMNS)  # fmt: skip


def _certainty(row: Any, sure: float, disagree: list[str], tried: int) -> str:
    meets = f"истинные доли школы отвечают условиям ШНОР {surely(row.shnor_probability_pct)}"
    if row.is_borderline:
        if row.category == "shnor":
            told = f"На границе: {meets} (уверенно — от {ru(sure, 0)} %)"
        else:
            told = f"На границе: школа не ШНОР, но {meets} (уверенно — до {ru(100 - sure, 0)} %)"
    else:
        told = f"Уверенно: {meets}"
    if not tried:
        return f"{told}."
    if not disagree:
        return f"{told}; так же по всем {tried} другим вариантам правил, по которым можно судить."
    is_one = "не ШНОР" if row.category == "shnor" else "ШНОР"
    names = "; ".join(title[:1].lower() + title[1:] for title in disagree)
    return f"{told}; {is_one} по {len(disagree)} из {tried} других вариантов правил ({names})."


def of_exits(schools: pd.DataFrame, moved: pd.DataFrame, rules: dict[str, Any]) -> pd.DataFrame:
    """A reason for every ШНОР of last year that is judged now: how likely it was to leave without any change.

    schools: org_id, municipality_id, category, exit_by_chance_pct; moved: exits.MOVEMENT of the municipalities.
    """
    told = schools[schools["exit_by_chance_pct"].notna()]
    towns = moved[moved["level"] == "municipality"].set_index("unit_id")["text_ru"]
    return told.assign(
        about="certainty", rule="MOVEMENT", value=told["exit_by_chance_pct"], basis_n=told["judged_procedures"],
        probability_pct=told["exit_by_chance_pct"],
        text_ru=[
            _exit(row, towns.get(row.municipality_id), 100 - rules["certainty"]["sure"])
            for row in told.itertuples(index=False)
        ],
        source=rules["certainty"]["source"], verified=bool(rules["verified"].get("certainty", False)),
    ).reindex(columns=COLUMNS)  # fmt: skip


def _exit(row: Any, town: str | None, often: float) -> str:
    chance = surely(row.exit_by_chance_pct)
    if row.category == "shnor":
        told = f"Осталась ШНОР; без перемен в школе вышла бы {chance}."
    else:
        often_so = row.exit_by_chance_pct >= often
        told = f"Вышла из ШНОР; без перемен в школе вышла бы {chance}"
        told += ": сам выход ещё не успех." if often_so else ": случайно так бывает редко."
    return f"{told} По муниципалитету: {town[:1].lower()}{town[1:]}" if town else told


def movement(row: Any) -> str:
    """«Из 7 ШНОР прошлого года вышли 3 (42,9 %); без перемен в школах ожидалось 2,8 …»."""
    lacking = row.shnor_before - row.judged
    unknown = f", о {lacking} нет данных" if lacking else ""
    if not row.judged:
        return f"ШНОР прошлого года: {row.shnor_before}{unknown}."
    told = f"Из {row.judged} ШНОР прошлого года, о которых можно судить{unknown}, вышли {row.left_shnor}"
    told += f" ({ru(row.left_pct)} %)"
    if pd.isna(row.expected_left):
        return f"{told}."
    told += f"; без перемен в школах вышли бы {ru(row.expected_left)} (95 %-й интервал "
    told += f"{row.expected_low:.0f}–{row.expected_high:.0f})"
    if row.left_shnor > row.expected_high:
        return f"{told}: больше, чем бывает случайно."
    if row.left_shnor < row.expected_low:
        return f"{told}: меньше, чем бывает случайно."
    return f"{told}: столько бывает и случайно."
