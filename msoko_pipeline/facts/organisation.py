"""Organisations: the register, lists of schools, the sheet «Классы» of the 2022 export."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from msoko_pipeline.facts.body import Body
from msoko_pipeline.reading import cells
from msoko_pipeline.reading.cells import parse
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.validation.enforce import enforce
from schemas.organisations import Organisation


def facts(sheet: Sheet, body: Body) -> pd.DataFrame:
    """One row per organisation. A list that names a school on many lines (a line a class) keeps the first."""
    frame = pd.DataFrame(index=pd.RangeIndex(len(body)))
    frame["row"] = pd.array(body.rows, dtype="Int32")
    frame["org_id"], unread = parse(body.column("login"), cells.login, "string")
    body.findings.unread(unread, body.header("login"))
    for name in ("name", "short_name", "org_kind", "aliases", "oge_code", "ege_code", "municipality_name"):
        frame[name] = parse(body.column(name), _words, "string")[0]
    frame["name"] = parse(body.column("name"), cells.bare_name, "string")[0]
    frame["inn"] = parse(body.column("inn"), _digits, "string")[0]
    frame["municipality_id"] = parse(body.column("municipality_id"), cells.municipality, "string")[0]
    if not body.has("municipality_name"):
        frame["municipality_name"] = parse(body.column("municipality_id"), cells.bare_name, "string")[0]
    spelled = body.column("login").values()
    frame["aliases"] = _joined(frame["aliases"], spelled, frame["org_id"])
    enforce(frame, Organisation.to_schema(), body.findings, {"org_id": body.header("login")})
    good = np.flatnonzero(~body.findings.refused())
    if sheet.found.layout == "vpr_classes":
        frame["listed_again"] = frame["org_id"].duplicated()
        return frame.loc[~frame["listed_again"]].drop(columns="listed_again")
    again = good[frame["org_id"].iloc[good].duplicated().to_numpy()]
    body.findings.cells("row_duplicate_key", again, body.header("login"), frame["org_id"].iloc[again].tolist())
    return frame


def _words(word: str) -> str:
    return re.sub(r"\s+", " ", word)


def _digits(word: str) -> str:
    return re.sub(r"\.0$|\D", "", word)


def _joined(aliases: pd.Series, spelled: pd.Series, org_id: pd.Series) -> pd.Series:
    """Aliases of the register and the login as it was spelled, where it is not the canonical one."""
    plain = pd.Series(spelled).str.split(r"[\s|]", n=1, regex=True).str[0]
    other = plain.where(plain != org_id).astype("string")
    return aliases.fillna(other).where(aliases.isna() | other.isna(), aliases + "; " + other)
