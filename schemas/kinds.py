"""The kinds of facts: name of the lake folder → model. One screen that shows what the pipeline takes in."""

from __future__ import annotations

from dataclasses import dataclass

import pandera.pandas as pa

from schemas import gia, olympiads, organisations, preschool, risk, talent, vpr


@dataclass(frozen=True)
class Kind:
    """A kind of facts. unit_key: columns that say whose facts a file brings, the scope of a correction; none: a year's
    file is one whole."""

    name: str
    model: type[pa.DataFrameModel]
    unit_key: tuple[str, ...]

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
        Kind("vpr_result", vpr.VprResult, (*_WORK, "org_id")),
        Kind("vpr_marks", vpr.VprMarks, _UNIT),
        Kind("vpr_journal", vpr.VprJournal, _UNIT),
        Kind("vpr_distribution", vpr.VprDistribution, _UNIT),
        Kind("vpr_task_performance", vpr.VprTaskPerformance, _UNIT),
        Kind("vpr_task_group", vpr.VprTaskGroup, _UNIT),
        Kind("vpr_planned", vpr.VprPlanned, _UNIT),
        Kind("gia9", gia.Gia9, (*_EXAM, "oral")),
        Kind("gia11", gia.Gia11, (*_EXAM, "oral")),
        Kind("gia9_appeal", gia.Gia9Appeal, (*_EXAM, "pupil_key")),
        Kind("certificate", gia.Certificate, ("org_id", "grade")),
        Kind("olympiad_result", olympiads.OlympiadResult, ("stage", "subject", "direction", "grade", "org_ref")),
        Kind("olympiad_count", olympiads.OlympiadCount, ("stage", "subject", "org_id")),
        Kind("contingent", olympiads.Contingent, ("org_id",)),
        Kind("organisation", organisations.Organisation, ("org_id",)),
        Kind("vpr_context", organisations.Context, ("org_id",)),
        Kind("objectivity_list", risk.ObjectivityList, ()),
        Kind("risk_profile", risk.RiskProfile, ("org_id",)),
        Kind("social_passport", risk.SocialPassport, ("org_id",)),
        Kind("recheck", risk.Recheck, ("procedure", "org_id", *_WORK)),
        Kind("medallist", risk.Medallist, ("org_id",)),
        Kind("risk_indicator", risk.RiskIndicator, ("org_id",)),
        Kind("preschool_scale", preschool.PreschoolScale, ("org_id", "group_name", "source")),
        Kind("preschool_passport", preschool.PreschoolPassport, ("org_id",)),
        Kind("preschool_survey", preschool.PreschoolSurvey, ("org_id",)),
        Kind("preschool_expert", preschool.PreschoolExpert, ()),
        Kind("contest", talent.Contest, ("event_id", "org_ref")),
        Kind("gifted", talent.Gifted, ("org_ref",)),
        Kind("shift", talent.Shift, ("shift_id", "org_ref")),
    )
}
