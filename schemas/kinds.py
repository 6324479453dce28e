"""The kinds of facts: name of the lake folder → model. One screen that shows what the pipeline takes in."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from schemas import gia, olympiads, organisations, sources, vpr
from schemas.declared import DECLARED_MARTS
from schemas.facts import Kind
from schemas.register import REGISTERS

__all__ = ["DECLARED", "DECLARED_MARTS", "KINDS", "REGISTERS", "SOURCES", "Kind"]


SOURCES = {
    "vpr": "ВПР",
    "gia": "ГИА",
    "olympiads": "ВсОШ",
    "talent": "конкурсы и таланты",
    "preschool": "дошкольное образование",
    "training": "качество подготовки",
    "risk": "риски и объективность",
    "organisations": "реестры организаций",
}
"""Source of facts, the module of that name that declares them → its title."""
for _source in SOURCES:
    import_module(f"{__package__}.{_source}")  # its registers declare themselves
DECLARED = tuple(sorted(module.name for module in iter_modules(sources.__path__)))
"""Sources that are declared whole, each in its own module of `schemas.sources`."""
SOURCES |= {name: import_module(f"{sources.__name__}.{name}").TITLE for name in DECLARED}

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
        Kind("gia11_appeal", gia.Gia11Appeal, (*_EXAM, "pupil_key"), is_whole=True),
        Kind(
            "olympiad_result", olympiads.OlympiadResult, ("stage", "subject", "grade", "org_ref"),
            part="direction", numbered_by_part=True, keyed="pupil_key",
        ),
        Kind("organisation", organisations.Organisation, ("org_id",), is_whole=True),
        Kind("vpr_context", organisations.Context, ("org_id",), is_whole=True),
        *(declared.kind for declared in REGISTERS.values()),
    )
}  # fmt: skip
