"""Members of associations, with the associations that a school does not name: of a school that lists its associations,
what the list lacks is not there, and of its children nobody is a member.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.indicators.registers.rows import makes
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.settings import Settings
from schemas.measure import ALL
from schemas.sources.associations import ASSOCIATIONS, Members

SCHOOL = ["year", "org_id"]


@makes(Members)
def make(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """The rows of the schools and those that they leave out."""
    return with_absent(resolved(connection, settings, "associations", years))


def with_absent(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with those of no members. rows: year, org_id, association, members, registered, children.

    A school that names one association at least, or says that all of them together have nobody, has none but those.
    """
    listing = rows[(rows["association"] != ALL) | (rows["members"] == 0)]
    schools = listing[SCHOOL].drop_duplicates()
    children = rows.groupby(SCHOOL, as_index=False)["children"].max()
    codes = pd.DataFrame({"association": [code for code in dict.fromkeys(ASSOCIATIONS.values()) if code != ALL]})
    whole = schools.merge(codes, how="cross").merge(children, on=SCHOOL).assign(members=0)
    every = pd.concat([rows, whole], ignore_index=True).drop_duplicates([*SCHOOL, "association"])
    return every.assign(is_there=every["members"] > 0)
