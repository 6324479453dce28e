"""Information security: controls of an organisation, and of the procedures that it holds (roadmap 2.8, 3.4)."""

from __future__ import annotations

from schemas import procedures, types
from schemas.declared import mart
from schemas.measure import Count, count, share, total
from schemas.register import Register, register
from schemas.rules import days_of_the_school_year
from schemas.types import Int, Short, Text

TITLE = "информационная безопасность"
SOURCE = "критерий проекта, docs/methodology.md: выполненные из проверенных; «не относится» и пустое не считаются"
CONSENT_SOURCE = "критерий проекта, docs/methodology.md: согласия от числа тех, чьи данные обрабатываются по согласию"
GENERAL = "general"
"""The scope of what is of no procedure."""
SCOPES = types.spelled({
    GENERAL: ["организация в целом", "не процедура", "информационная безопасность", "ИБ", "защита информации",
              "персональные данные организации"],
    **procedures.HELD,
})  # fmt: skip
CONTROLS = types.spelled({
    "policy": ["политика и приказы", "политика обработки персональных данных", "локальные акты", "политика ПДн"],
    "officer": ["ответственный назначен", "ответственный за ПДн", "ответственный за защиту информации"],
    "access": ["разграничение доступа", "доступ", "права доступа", "учётные записи"],
    "access_review": ["пересмотр прав доступа", "пересмотр доступа", "ревизия доступа", "проверка прав доступа"],
    "passwords": ["пароли", "парольная защита", "смена паролей"],
    "antivirus": ["антивирус", "антивирусная защита"],
    "backup": ["резервное копирование", "копии", "резервные копии"],
    "consent": ["согласия", "согласия на обработку персональных данных", "согласие на обработку ПДн"],
    "training": ["обучение работников", "инструктаж по ИБ", "обучение"],
    "storage": ["хранение материалов", "хранение", "сейф", "хранение носителей"],
    "archives": ["защищённые архивы", "архивы с паролем", "запечатанные архивы", "запечатанные пакеты"],
    "transfer": ["передача по защищённому каналу", "защищённый канал", "передача материалов"],
    "destruction": ["уничтожение материалов", "уничтожение", "удаление данных"],
    "personal_data": ["персональные данные не раскрыты", "персональные данные", "ПДн", "обезличивание"],
    "other": ["иное", "другое"],
})  # fmt: skip
"""Controls, the first spelling is the title."""
RESULTS = types.spelled({
    "passed": ["выполнено", "да", "соответствует", "есть", "1", "+"],
    "partly": ["частично", "выполнено частично"],
    "failed": ["не выполнено", "нет", "не соответствует", "0"],
    "not_applicable": ["не относится", "не применимо", "не требуется", "н/п"],
})  # fmt: skip


@register(
    "security_check",
    title="Информационная безопасность: проверки",
    file="Информационная безопасность.xlsx",
    sheet="Проверки",
    about="Одна строка на организацию, область и контроль: что проверено и с каким итогом. Область — «организация в "
    "целом» или процедура. Инцидентов и согласий — только числа, без имён.",
    known_by=("control", "result"),
    replaces=("org_ref", "scope"),
)
class SecurityCheck(Register):
    """Информационная безопасность: итог проверки одного контроля."""

    year: Short = types.school_year()
    org_ref: Text = types.organisation()
    scope: Text = types.code(
        "Область", SCOPES, "«организация в целом» или процедура", key=True, example="ВПР",
        also=["Процедура", "Область проверки", "Что проверяли"],
    )  # fmt: skip
    control: Text = types.code("Контроль", CONTROLS, key=True, example="пароли", also=["Код контроля", "Мера защиты"])
    checked_on: Text = types.date("Дата проверки", key=True, example="15.04.2026", also=["Дата", "Проверено"])
    result: Text = types.code(
        "Итог проверки", RESULTS, "выберите из списка; пусто — не проверяли", example="выполнено",
        also=["Итог", "Результат", "Результат проверки"],
    )  # fmt: skip
    incidents: Int = types.count(
        "Инцидентов", "с прошлой проверки; 0 — не было", unit="инцидентов", example=0,
        also=["Инциденты", "Количество инцидентов"],
    )  # fmt: skip
    consents: Int = types.count(
        "Согласий", "получено; только в строке о согласиях", optional=True, at_most="consents_needed", example=610,
        also=["Согласий получено"],
    )  # fmt: skip
    consents_needed: Int = types.count(
        "Согласий нужно", "чьи данные обрабатываются по согласию; только в строке о согласиях", optional=True, least=1,
        example=640, also=["Нужно согласий", "Всего субъектов"],
    )  # fmt: skip

    _in_the_school_year = days_of_the_school_year("checked_on")


OF_PROCEDURES = tuple(procedures.HELD)
JUDGED = ("passed", "partly", "failed")


def _checks(title: str, scope: str | tuple[str, ...] | None, *results: str) -> Count:
    where = {"result": list(results)} | ({} if scope is None else {"scope": scope})
    counted: Count = count(title, unit="контролей", where=where)
    return counted


ASKED = count(
    "Организаций, где проверен пересмотр прав доступа", "org_id", unit="ОО",
    where={"control": "access_review", "result": list(JUDGED)},
)  # fmt: skip


@mart(
    "infosec",
    of=SecurityCheck,
    title="Информационная безопасность: контроли организаций и процедур, инциденты, согласия",
    slices=((), ("scope",), ("scope", "control")),
    base="checks",
)
class InformationSecurity:
    """Общая защита (2.8) и защита процедур (3.4) — отдельно; выполненные частично не считаются выполненными."""

    organisations = count("Организаций с проверками", "org_id", unit="ОО")
    checks = _checks("Контролей проверено", None, *JUDGED)
    passed = _checks("Из них выполнено", None, "passed")
    partly = _checks("Из них выполнено частично", None, "partly")
    failed = _checks("Из них не выполнено", None, "failed")
    general = share(
        "Доля выполненных контролей организации в целом",
        part=_checks("", GENERAL, "passed"), whole=_checks("", GENERAL, *JUDGED), item="2.8", better="up",
        source=SOURCE,
    )  # fmt: skip
    of_procedures = share(
        "Доля выполненных контролей процедур",
        part=_checks("", OF_PROCEDURES, "passed"), whole=_checks("", OF_PROCEDURES, *JUDGED), item="3.4",
        better="up", source=SOURCE,
    )  # fmt: skip
    incidents = total("incidents", "Инцидентов", unit="инцидентов")
    consent = share(
        "Доля полученных согласий на обработку персональных данных",
        part=total("consents"), whole=total("consents_needed"), item="2.8", better="up", source=CONSENT_SOURCE,
    )  # fmt: skip
    access_asked = ASKED
    access_reviews = count(
        "Из них пересмотрели", "org_id", unit="ОО", where={"control": "access_review", "result": "passed"}, among=ASKED
    )
    reviewed = share(
        "Доля организаций, пересмотревших права доступа, среди проверенных на это",
        part=access_reviews, whole=ASKED, item="2.8", better="up", source=SOURCE,
    )  # fmt: skip
