"""Organisations: the register, lists of schools, the sheet «Классы» of the 2022 export."""

from __future__ import annotations

import pandas as pd

from msoko_pipeline.facts.body import Body
from msoko_pipeline.facts.enforce import columns_of, enforce
from msoko_pipeline.facts.frame_columns import Columns
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.text import cells
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.cells import parse
from msoko_pipeline.text.hidden import is_long_number
from schemas.organisations import Organisation


def facts(sheet: Sheet, body: Body) -> pd.DataFrame:
    """One row per organisation. A list that names a school on many lines (a line a class) keeps the first."""
    org_id, unread = parse(body.column("login"), cells.organisation, "string")
    body.findings.unread(unread, body.header("login"))
    columns: Columns = {"row": pd.array(body.rows, dtype="Int32"), "org_id": org_id}
    words = dict.fromkeys(("short_name", "org_kind", "aliases", "oge_code", "ege_code", "municipality_name"), _words)
    for name, how in {**words, "name": cells.bare_name}.items():
        columns[name], unread = parse(body.column(name), how, "string")
        body.findings.unread(unread, body.header(name))
    columns["inn"] = parse(body.column("inn"), _inn, "string")[0]
    columns["municipality_id"] = parse(body.column("municipality_id"), cells.municipality, "string")[0]
    if not body.has("municipality_name"):
        columns["municipality_name"] = parse(body.column("municipality_id"), cells.bare_name, "string")[0]
    spelled = pd.Series(body.column("login").values())
    columns["aliases"] = _joined(pd.Series(columns["aliases"]), spelled, pd.Series(org_id)).array
    enforce(columns, columns_of(Organisation), body.findings, _headers(body))
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(body)), copy=False)
    if sheet.recognised.layout == "vpr_classes":
        return frame.loc[~frame["org_id"].duplicated()]
    return frame


def _headers(body: Body) -> dict[str, str]:
    return {name: body.header({"org_id": "login"}.get(name, name)) for name in columns_of(Organisation)}


def _words(word: str) -> str:
    return re.sub(r"\s+", " ", word)


def _inn(word: str) -> str | None:
    """Digits of a taxpayer number; the leading zero that Excel takes from a number is put back. None for a number of
    twelve digits, a person's, which the reader has hidden.
    """
    if is_long_number(word):
        return None
    digits = re.sub(r"\D", "", cells.whole(word))
    return digits.zfill(len(digits) + 1) if len(digits) in (9, 11) else digits


def _joined(aliases: pd.Series, spelled: pd.Series, org_id: pd.Series) -> pd.Series:
    """Aliases of the register and the login as it was spelled, where it is not the canonical one."""
    plain = spelled.str.split(r"[\s|]", n=1, regex=True).str[0]
    other = plain.where(plain != org_id).astype("string")
    return aliases.fillna(other).where(aliases.isna() | other.isna(), aliases + "; " + other)
