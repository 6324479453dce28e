"""The kinds of facts: name of the lake folder → model. One screen that shows what the pipeline takes in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandera.pandas as pa

from schemas import gia, olympiads, organisations, preschool, risk, talent, vpr
from schemas.fields import columns_of


@dataclass(frozen=True)
class Kind:
    """A kind of facts, and what a later file of it replaces (docs/decisions/0013).

    unit_key: columns that say whose facts a file brings; none: the whole year's. Within a unit a later file replaces
    the rows of the same `row_key`, and where it repeats a list, the whole list. part: the column that says which list
    of a unit a row stands in (class, ППЭ, group), NULL or "—" where nobody says. numbered_by_part: rows are numbered
    anew in each part, so that one number in two parts is two rows. keyed: the column of keys that are made of a name in
    some files and of a code in others (`#…`), which cannot be compared. is_whole: a unit's rows are one document, and
    the later one replaces all of it.
    """

    name: str
    model: type[pa.DataFrameModel]
    unit_key: tuple[str, ...]
    part: str | None = None
    numbered_by_part: bool = False
    keyed: str | None = None
    is_whole: bool = False

    @cached_property
    def row_key(self) -> tuple[str, ...]:
        """Columns that tell the rows of a unit apart within a file."""
        keys = [column.name for column in columns_of(self.model) if column.key]
        return tuple(name for name in keys if name not in ("row", "year", *self.unit_key))

    @property
    def source(self) -> str:
        """Where such facts come from, a key of SOURCES: the module that declares them."""
        return self.model.__module__.rsplit(".", 1)[1]


SOURCES = {
    "vpr": "ВПР",
    "gia": "ГИА",
    "olympiads": "ВсОШ",
    "talent": "конкурсы и таланты",
    "preschool": "дошкольное образование",
    "risk": "риски и объективность",
    "organisations": "реестры организаций",
}
"""Source of facts → its title."""

_WORK = ("subject", "grade")
_EXAM = ("procedure", "subject", "exam_date", "org_ref")
_UNIT = (*_WORK, "level", "unit_id")

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("vpr_result", vpr.VprResult, (*_WORK, "org_id"), part="class_label", numbered_by_part=True),
        Kind("vpr_marks", vpr.VprMarks, _UNIT, is_whole=True),
        Kind("vpr_journal", vpr.VprJournal, _UNIT, is_whole=True),
        Kind("vpr_distribution", vpr.VprDistribution, _UNIT, is_whole=True),
        Kind("vpr_task_performance", vpr.VprTaskPerformance, _UNIT, is_whole=True),
        Kind("vpr_task_group", vpr.VprTaskGroup, _UNIT, is_whole=True),
        Kind("vpr_planned", vpr.VprPlanned, _UNIT, is_whole=True),
        Kind("gia9", gia.Gia9, (*_EXAM, "oral"), part="ppe"),
        Kind("gia11", gia.Gia11, (*_EXAM, "oral"), part="ppe"),
        Kind("gia9_appeal", gia.Gia9Appeal, (*_EXAM, "pupil_key"), is_whole=True),
        Kind("certificate", gia.Certificate, ("org_id", "grade"), is_whole=True),
        Kind(
            "olympiad_result", olympiads.OlympiadResult, ("stage", "subject", "grade", "org_ref"),
            part="direction", numbered_by_part=True, keyed="pupil_key",
        ),
        Kind("olympiad_count", olympiads.OlympiadCount, ("stage", "subject", "org_id")),
        Kind("contingent", olympiads.Contingent, ("org_id",)),
        Kind("organisation", organisations.Organisation, ("org_id",), is_whole=True),
        Kind("vpr_context", organisations.Context, ("org_id",), is_whole=True),
        Kind("objectivity_list", risk.ObjectivityList, (), is_whole=True),
        Kind("risk_profile", risk.RiskProfile, ("org_id",), is_whole=True),
        Kind("social_passport", risk.SocialPassport, ("org_id",), is_whole=True),
        Kind("recheck", risk.Recheck, ("procedure", "org_id", *_WORK)),
        Kind("medallist", risk.Medallist, ("org_id",), part="medal", numbered_by_part=True),
        Kind("risk_indicator", risk.RiskIndicator, ("org_id",)),
        Kind("preschool_scale", preschool.PreschoolScale, ("org_id", "group_name", "source"), part="area"),
        Kind("preschool_passport", preschool.PreschoolPassport, ("org_id",), is_whole=True),
        Kind("preschool_survey", preschool.PreschoolSurvey, ("org_id",), part="group_age", numbered_by_part=True),
        Kind("preschool_expert", preschool.PreschoolExpert, ()),
        Kind("contest", talent.Contest, ("event_id", "org_ref")),
        Kind("gifted", talent.Gifted, ("org_ref",)),
        Kind("shift", talent.Shift, ("shift_id", "org_ref")),
    )
}  # fmt: skip
