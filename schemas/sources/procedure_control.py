"""How procedures are controlled: video, observers, instruction, conflicts, visits, rechecks (roadmap 3.1–3.8).

Of venues, people, visits and rechecked works together; what a school did not send is NULL.
"""

from __future__ import annotations

from typing import Any

from schemas import procedures, types
from schemas.declared import MadeRows, mart
from schemas.fields import field
from schemas.measure import count, share, total
from schemas.types import Int, Text

TITLE = "контроль процедур"
SOURCE = "критерий проекта, docs/methodology.md: строки, где названы и часть, и целое"
OBJECTIVE_SOURCE = (
    "приказ Минобрнауки Республики Хакасия 08.02.2023 № 100-128, прил. 2: не менее 90 % работ ВПР оценены объективно; "
    "объективно — отметка не изменена: критерий проекта, docs/methodology.md"
)
VPR = {"procedure": "VPR"}


class Control(MadeRows):
    """День в месте проведения, участник проведения, выезд или перепроверенная работа: 0 и 1 — нет и да."""

    procedure: Text = field("Процедура", codes=types.spelled(procedures.HELD))
    held_on: Text = field("День процедуры")
    venue: Text = field("ППЭ")
    days: Int = field("Дней проведения")
    rooms: Int = field("Аудиторий")
    rooms_video: Int = field("С видео")
    rooms_online: Int = field("С видео онлайн")
    rooms_failed: Int = field("Со сбоем видео")
    observed: Int = field("С наблюдателем")
    observers_planned: Int = field("Наблюдателей по плану")
    observers_came: Int = field("Из них пришло")
    observers_present: Int = field("Наблюдателей присутствовало")
    observers_public: Int = field("Общественных")
    observers_independent: Int = field("Независимых")
    observers_federal: Int = field("Федеральных")
    observers_authority: Int = field("От органа управления")
    venue_violations: Int = field("Нарушений в местах проведения")
    works: Int = field("Работ")
    works_by_commission: Int = field("Проверено муниципальной комиссией")
    agreed: Int = field("Подходы согласованы")
    people: Int = field("Участников проведения")
    organisers: Int = field("Организаторов и руководителей")
    technicians: Int = field("Технических специалистов")
    instructed: Int = field("Проинструктирован до дня процедуры")
    declared: Int = field("Заявил о конфликте интересов или его отсутствии")
    conflicts: Int = field("Конфликт интересов")
    replaced: Int = field("Заменён")
    visits_planned: Int = field("Запланирован выезд")
    visits: Int = field("Состоялся выезд")
    unplanned: Int = field("Внеплановый выезд")
    visit_violations: Int = field("Нарушений при выездах")
    mended: Int = field("Нарушения устранены")
    rechecked: Int = field("Работ перепроверено")
    changed: Int = field("Отметка изменена")
    confirmed: Int = field("Отметка не изменена")


def _share(title: str, part: str, whole: str, item: str, unit: str = "чел.", better: str = "up", **rest: Any) -> Any:
    """A share of the rows that tell both columns."""
    return share(
        title, part=total(part, unit=unit), whole=total(whole, unit=unit), item=item, better=better,
        **{"source": SOURCE, **rest},
    )  # fmt: skip


@mart(
    "procedure_control",
    of=Control,
    made_of=("exam_venue", "procedure_person", "control_visit", "recheck"),
    title="Контроль процедур: видео, наблюдатели, инструктажи, конфликт интересов, выезды, перепроверки",
    slices=((), ("procedure",), ("procedure", "held_on"), ("procedure", "venue")),
)
class ProcedureControl:
    """Пусто — не прислано: ноль стоит там, где прислан ноль. Дни проведения — по местам: день в двух ППЭ — два. По дням
    и по ППЭ отдельно — только места проведения: участники, выезды и перепроверки в эти строки не входят."""

    organisations = count("Организаций, о которых прислано хоть что-то", "org_id", unit="ОО")
    days = total("days", "Дней проведения в местах", unit="дней")
    rooms = total("rooms", "Аудиторий за все дни", unit="аудиторий")
    video = _share("Доля аудиторий с видеонаблюдением", "rooms_video", "rooms", "3.1", "аудиторий")
    online = _share("Доля аудиторий с видеонаблюдением онлайн", "rooms_online", "rooms", "3.1", "аудиторий")
    failure = _share(
        "Доля аудиторий со сбоем среди аудиторий с видео", "rooms_failed", "rooms_video", "3.1", "аудиторий", "down"
    )
    observers_present = total("observers_present", "Наблюдателей присутствовало, за все дни")
    observers_public = total("observers_public", "Из них общественных")
    observers_independent = total("observers_independent", "Из них независимых")
    observers_federal = total("observers_federal", "Из них федеральных")
    observers_authority = total("observers_authority", "Из них от органа управления")
    observation = _share("Доля дней проведения с наблюдателем", "observed", "days", "3.2", "дней")
    attendance = _share("Доля пришедших среди назначенных наблюдателей", "observers_came", "observers_planned", "3.2")
    venue_violations = total("venue_violations", "Нарушений в местах проведения", unit="нарушений")
    people = total("people", "Участников проведения за все дни")
    instruction = _share("Доля проинструктированных до дня процедуры", "instructed", "people", "3.3")
    instruction_of_organisers = share(
        "Доля проинструктированных организаторов и руководителей",
        part=total("instructed", where={"organisers": 1}), whole=total("organisers"), item="3.3", better="up",
        source=SOURCE,
    )  # fmt: skip
    instruction_of_technicians = share(
        "Доля проинструктированных технических специалистов",
        part=total("instructed", where={"technicians": 1}), whole=total("technicians"), item="3.3", better="up",
        source=SOURCE,
    )  # fmt: skip
    declaration = _share("Доля заявивших о конфликте интересов или его отсутствии", "declared", "people", "3.6")
    conflict = _share("Доля участников проведения с конфликтом интересов", "conflicts", "people", "3.6", better="down")
    replacement = _share("Доля заменённых среди участников с конфликтом интересов", "replaced", "conflicts", "3.6")
    visits = total("visits", "Выездов состоялось", unit="выездов")
    unplanned_visits = total("unplanned", "Из них внеплановых", unit="выездов")
    planned_visits = _share(
        "Доля состоявшихся среди запланированных выездов", "visits", "visits_planned", "3.5", "выездов"
    )
    visit_violations = total("visit_violations", "Нарушений при выездах", unit="нарушений")
    mending = share(
        "Доля выездов, нарушения которых устранены",
        part=total("mended", unit="выездов"), whole=total("visits", unit="выездов"), item="3.5", better="up",
        source=SOURCE,
    )  # fmt: skip
    works = total("works", "Работ", unit="работ")
    commission = _share(
        "Доля работ, проверенных муниципальной комиссией", "works_by_commission", "works", "3.7", "работ"
    )
    agreement = _share("Доля дней проведения с согласованными подходами к оцениванию", "agreed", "days", "3.7", "дней")
    rechecked = total("rechecked", "Работ перепроверено", unit="работ")
    changed = total("changed", "Из них с изменённой отметкой", unit="работ")
    unchanged = _share(
        "Доля работ, отметка которых после перепроверки не изменена", "confirmed", "rechecked", "3.8", "работ"
    )
    objective = share(
        "Доля объективно оценённых среди перепроверенных работ ВПР",
        part=total("confirmed", unit="работ", where=VPR), whole=total("rechecked", unit="работ", where=VPR),
        item="3.8", better="up", source=OBJECTIVE_SOURCE, target=90.0,
    )  # fmt: skip
