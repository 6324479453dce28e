"""The published tables (schema `mart`): what an analyst may rely on.

Keys are text; shares are 0…100 and named `*_pct`; counts are integers; NULL means no data and is never 0.
Each model's docstring begins with the table's Russian title; `MARTS` lists them in the order of publication.
"""

from __future__ import annotations

from collections.abc import Iterable

from schemas.kinds import DECLARED_MARTS
from schemas.marts import completeness, gia, indicators, management, nok, organisations, preschool, risk, talent, vpr
from schemas.published import LEVELS, Mart, Result

__all__ = ["KINDS_OF", "LEVELS", "MARTS", "Mart", "Result", "may_have_rows"]

MARTS: dict[str, type[Mart]] = {
    "organisation": organisations.Organisation,
    "org_match": organisations.OrgMatch,
    "indicator": indicators.Indicator,
    "indicator_value": indicators.IndicatorValue,
    "dynamics_3y": indicators.DynamicsThreeYears,
    "vpr_school": vpr.VprSchool,
    "vpr_task": vpr.VprTask,
    "vpr_task_group": vpr.VprTaskGroup,
    "planned_results": vpr.PlannedResults,
    "score_distribution": vpr.ScoreDistribution,
    "gia9": gia.Gia9,
    "gia11": gia.Gia11,
    "value_added": gia.ValueAdded,
    "school_procedure": risk.SchoolProcedure,
    "objectivity_school": risk.ObjectivitySchool,
    "objectivity_index": risk.ObjectivityIndex,
    "school_context": risk.SchoolContext,
    "risk_profile": risk.RiskProfile,
    "school_risk": risk.SchoolRisk,
    "risk_reason": risk.RiskReason,
    "risk_sensitivity": risk.RiskSensitivity,
    "risk_movement": risk.RiskMovement,
    "school_forecast": risk.SchoolForecast,
    "risk_backtest": risk.RiskBacktest,
    "risk_backtest_school": risk.RiskBacktestSchool,
    "forecast_calibration": risk.ForecastCalibration,
    "preschool_quality": preschool.PreschoolQuality,
    "nok": nok.Nok,
    "august_pack": indicators.AugustPack,
    "roadmap_status": management.RoadmapStatus,
    "mgmt_cycle": management.MgmtCycle,
    "recommendation": management.Recommendation,
    "decision": management.Decision,
    "completeness": completeness.Completeness,
    "gifted_bank": talent.GiftedBank,
    **{name: declared.model for name, declared in DECLARED_MARTS.items()},
}
"""Name of the published table → its model, in the order of publication."""

KINDS_OF: dict[str, tuple[str, ...]] = {
    **{name: declared.kinds for name, declared in DECLARED_MARTS.items() if declared.kinds},
    "nok": DECLARED_MARTS["nok_summary"].kinds,
    "recommendation": ("recommendation",),
    "decision": ("decision",),
    "roadmap_status": ("roadmap_item", "act"),
    "mgmt_cycle": ("act", "recommendation", "planned_measure", "decision", "effect", "target", "roadmap_item"),
    "risk_profile": ("risk_profile",),
}
"""Mart that is made of some kinds of facts alone → those kinds. Where none of them ever came, it has no rows."""


def may_have_rows(kinds_come: Iterable[str]) -> list[str]:
    """The marts, in the order of publication, without those of kinds that never came: they are neither computed nor
    staged, and published without rows. kinds_come: see `msoko_pipeline.home.store.kinds_come`.
    """
    come = {*kinds_come}
    return [mart for mart in MARTS if mart not in KINDS_OF or come & {*KINDS_OF[mart]}]
