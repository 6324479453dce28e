"""The roadmap: the status of its 84 items, and the acts by which they are carried out."""

from __future__ import annotations

from schemas import cycle, types
from schemas.register import register
from schemas.rules import days_in_order
from schemas.types import Short, Text

TITLE = "дорожная карта"


@register(
    "roadmap_item",
    title="Дорожная карта, исполнение пунктов",
    file="Исполнение дорожной карты.xlsx",
    sheet="Пункты",
    about="Одна строка на пункт и отчётный период: год, а для пунктов со сроками «декабрь» и «июнь» — каждый из них. "
    "Если пункт исполняют организации и отчёт по каждой, строка на организацию.",
    known_by=("item", "period", "status"),
    replaces=("item",),
)
class RoadmapItem(cycle.Tracked):
    """Дорожная карта: исполнение пункта за период."""

    year: Short = types.year()
    item: Text = cycle.item(key=True)
    period: Text = types.code(
        "Период", types.spelled(cycle.DATA["periods"]), "год или месяц, которым период кончается", key=True,
        also=["Отчётный период", "За период"], example="год",
    )  # fmt: skip
    org_ref: Text = cycle.addressee("логин, код, ИНН или название; пусто — пункт исполняет управление образования")
    responsible: Text = types.words(
        "Ответственный", "отдел или должность, не имя; можно пусто", optional=True,
        also=["Исполнитель", "Ответственные", "Ответственные исполнители"], example="отдел общего образования",
    )  # fmt: skip
    due: Text = cycle.due()
    status: Text = cycle.status()
    done_on: Text = cycle.done_on()
    evidence: Text = cycle.evidence()
    as_of: Text = cycle.as_of()
    note: Text = types.words(
        "Пояснение", "почему так; без имён; можно пусто", optional=True, also=["Причина"], example="без замечаний"
    )


@register(
    "act",
    title="Акты дорожной карты",
    file="Акты дорожной карты.xlsx",
    sheet="Акты",
    about="Одна строка на акт и пункт дорожной карты, во исполнение которого он издан: приказ, программа, план, "
    "положение, протокол. Акт по нескольким пунктам — несколько строк с одним кодом.",
    known_by=("act_id", "act_kind"),
    replaces=("org_ref",),
)
class Act(cycle.Itemised):
    """Акты: вид, номер, дата, пункт дорожной карты."""

    year: Short = types.year("отчётный год, к которому относится пункт")
    act_id: Text = cycle.own_code("Код акта", "акт", "А-14", ["ID акта"])
    item: Text = cycle.item(key=True)
    act_kind: Text = types.code(
        "Вид акта", types.spelled(cycle.DATA["acts"]), required=True, also=["Вид документа"], example="приказ"
    )
    act_number: Text = types.words("Номер акта", "как в документе; можно пусто", also=["Номер"], example="1798а")
    dated: Text = types.date("Дата акта", required=True, also=["Дата документа", "Дата"], example="28.12.2025")
    title: Text = types.words(
        "Название акта", "как в документе, без имён", required=True, also=["Название", "Наименование", "О чём"],
        example="О проведении мониторинга",
    )  # fmt: skip
    org_ref: Text = cycle.addressee("чей акт; пусто — управления образования")
    valid_to: Text = types.date(
        "Действует до", "день.месяц.год; пусто — без срока", optional=True, also=["Срок действия"], example="31.12.2026"
    )
    link: Text = types.words("Ссылка", "адрес на сайте; можно пусто", optional=True, also=["URL", "Адрес документа"])

    _dates_in_order = days_in_order("dated", "valid_to")
