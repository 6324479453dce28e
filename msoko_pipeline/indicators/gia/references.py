"""What a table tells of an exam in the region and the country, as rows of the same results as those of protocols.

Counts are restored from per cent as those of the reports of ВПР are. Where the protocols themselves give the row of a
territory it wins, and a table that tells something else is asked about.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from msoko_pipeline.facts.units import COUNTRY
from msoko_pipeline.home.tables import among
from msoko_pipeline.indicators.gia.results import EXAM, KEY, formulas
from msoko_pipeline.indicators.vpr.reports import counts_of
from msoko_pipeline.issues.questions import Question
from schemas import catalogue
from schemas.gia import BANDS, MARKS, PARTS, by_mark

SCORES = np.arange(2, 6)
UNKNOWN = ("absent", "removed", "below_final", "resat", "annulled", "appealed", "appeal_changed", "profile")
"""What only protocols tell."""
ROUNDING = 0.0005  # of the participants: half a tenth of a per cent
HALF = 0.5  # of a pupil
TITLES = {"with_result": "участников"} | {name: title for name, (_, title) in PARTS.items()}
WORDS = {"region": "регион", "country": "страна"}


def of_territories(rows: pd.DataFrame, region: str, small_base: int) -> pd.DataFrame:
    """Columns of `results.results`, and seq and row: where it is told. rows: facts of `exam_reference`."""
    territories = rows[[*EXAM, "territory", "seq", "row"]].rename(columns={"territory": "level"})
    territories["unit_id"] = territories["level"].map({"region": region, "country": COUNTRY})
    people = rows["participants"].to_numpy(float, na_value=np.nan)
    territories["participants"] = territories["with_result"] = people
    for name, counts in _counts(rows, people).items():
        territories[name] = counts
    has_mark = by_mark(rows)
    one = territories["mark_2"].fillna(territories["below_minimum"]).where(has_mark)
    territories["mark_2"], territories["below_minimum"] = one, one.fillna(territories["below_minimum"])
    means = ["mean_mark", "sd_mark", "mean_primary", "sd_primary", "mean_test", "sd_test"]
    territories[means] = rows[means].astype("Float64")
    counted = _of_marks(territories[[*MARKS]].to_numpy(float, na_value=np.nan))
    for name, figures in zip(("mean_mark", "sd_mark"), counted, strict=True):
        territories[name] = pd.Series(figures, territories.index, "Float64").fillna(territories[name])
    maxima = [
        catalogue.exam_maximum(str(procedure), int(year), str(subject), region)
        for procedure, year, subject in zip(rows["procedure"], rows["year"], rows["subject"], strict=True)
    ]
    top = pd.Series([each[0] if each else None for each in maxima], territories.index, "Int64")
    territories["max_primary"] = top.mask((territories["mean_primary"] > top).fillna(False))
    is_judged = territories["below_minimum"].notna()
    territories["scale_verified"] = is_judged.astype("boolean").where(is_judged)
    territories = territories.assign(**dict.fromkeys(UNKNOWN, pd.NA), facts_source="report")
    counts = ["participants", "with_result", *MARKS, *BANDS, "below_minimum", *UNKNOWN]
    return formulas(territories.astype(dict.fromkeys(counts, "Float64")), small_base)


def _counts(rows: pd.DataFrame, people: np.ndarray) -> dict[str, pd.Series]:
    """Each of PARTS in people: as told, else of its per cent, all four marks together where all are told."""
    shares = rows[[f"{name}_pct" for name in PARTS]].to_numpy(float, na_value=np.nan)
    counts = np.floor(shares * people[:, None] / 100 + HALF)
    four = ~np.isnan(shares[:, : len(MARKS)]).any(axis=1)
    counts[four, : len(MARKS)] = counts_of(shares[four, : len(MARKS)], people[four])
    restored = pd.DataFrame(counts, rows.index, list(PARTS)).astype("Float64")
    return {name: rows[name].astype("Float64").fillna(restored[name]) for name in PARTS}


def _of_marks(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (n − 1) of marks, of their counts; NaN where one of the four is not told."""
    people = counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = counts @ SCORES / people
        sd = np.sqrt((counts * (SCORES - mean[:, None]) ** 2).sum(axis=1) / (people - 1))
    return mean, np.where(people > 1, sd, np.nan)


def beside(computed: pd.DataFrame, territories: pd.DataFrame) -> pd.DataFrame:
    """The computed results and those that only the table tells."""
    own = territories[~among(territories, computed, KEY)].drop(columns=["seq", "row"])
    return pd.concat([computed, own.reindex(columns=computed.columns)], ignore_index=True) if len(own) else computed


def differing(computed: pd.DataFrame, territories: pd.DataFrame) -> list[Question]:
    """A question a row of the table that tells other counts than the protocols do."""
    both = territories.merge(computed, on=KEY, suffixes=("", "_computed"))
    new_questions = []
    for line in both.to_dict("records"):
        words = [
            f"{title} {round(line[name])} вместо {round(line[f'{name}_computed'])}"
            for name, title in TITLES.items()
            if pd.notna(line[name]) and pd.notna(line[f"{name}_computed"])
            and abs(line[name] - line[f"{name}_computed"]) > HALF + ROUNDING * line["with_result"]
        ]  # fmt: skip
        if words:
            exam = catalogue.titles("procedure")[line["procedure"]], catalogue.subjects()[line["subject"]]
            what = f"{exam[0]} {line['year']}, {exam[1]}, {WORDS[line['level']]}: {'; '.join(words)}"
            details = {"detail": what}
            new_questions.append(
                Question(int(line["year"]), int(line["seq"]), "exam_reference_differs", details, int(line["row"]))
            )
    return new_questions
