"""Assessments as tables name them: the procedure, the subject or the direction of literacy, the wave of a year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from schemas import catalogue, types
from schemas.measure import ALL

DATA = catalogue.procedures()
STAGES = {
    f"VSOSH-{stage}": [f"ВсОШ, {rule['title']}", rule["short"], rule["title"], f"ВсОШ {rule['short']}",
                       f"{rule['short']} ВсОШ", f"{rule['title']} ВсОШ", f"ВсОШ, {rule['short']}"]
    for stage, rule in catalogue.olympiad_rules()["stages"].items()
}  # fmt: skip
"""Stages of ВсОШ, procedures of their own → their spellings, the title first."""
SPELLINGS: Mapping[str, list[str]] = {
    code: [catalogue.titles("procedure")[code], *others] for code, others in DATA["spellings"].items()
} | STAGES
"""Procedure → its spellings, the title first."""
HELD: Mapping[str, list[str]] = {
    **SPELLINGS, **{code: [catalogue.titles("procedure")[code], *others] for code, others in DATA["held"].items()}
}  # fmt: skip
"""The same with what is held and controlled and has no results of its own here."""
DIAGNOSTICS: tuple[str, ...] = tuple(DATA["diagnostics"])
"""Procedures that are neither ВПР nor an exam nor an olympiad."""


def _subjects() -> dict[str, str]:
    """Spelling → code of a subject or of a direction; the first spelling is the title."""
    titles = {title: code for code, title in catalogue.subjects().items()}
    others = {spelling: code for name in ("gia", "vpr") for spelling, code in catalogue.subject_spellings(name).items()}
    return titles | types.spelled(DATA["directions"]) | others


SUBJECTS = _subjects()
SUBJECTS_AND_ALL = SUBJECTS | dict.fromkeys(("все предметы", "все", "по выбору", "любой"), ALL)
WAVES = types.spelled({code: map(str, words) for code, words in DATA["waves"].items()})
TERRITORIES = types.spelled(DATA["territories"])
SITS = types.spelled(DATA["sits"])


def procedure(codes: Iterable[str] = tuple(SPELLINGS), example: str = "ВПР") -> Any:
    """Which assessment it is."""
    spelled = types.spelled({code: HELD[code] for code in codes})
    also = ["Оценочная процедура", "Вид работы", "Мероприятие"]
    return types.code("Процедура", spelled, key=True, also=also, example=example)


def subject(codes: Mapping[str, str] = SUBJECTS, example: str = "читательская грамотность") -> Any:
    """What it is about: a subject, or a direction of functional literacy."""
    also = ["Предмет", "Направление", "Предмет, направление", "Предмет / направление"]
    return types.code(
        "Предмет или направление", codes, "предмет, вид грамотности или «метапредметные результаты»", key=True,
        also=also, example=example,
    )  # fmt: skip


def wave() -> Any:
    """Which of the works of a year it is, where there are several."""
    return types.code(
        "Срез", WAVES, "входной, промежуточный, итоговый; одна работа в году — единственный", key=True,
        also=["Этап", "Этап диагностики", "Вид диагностики"], example="единственный",
    )  # fmt: skip
