"""Independent assessment of the conditions of organisations (НОК): the operator's table, checklists, answers, the plan
of mending (roadmap 2.7). Points are 0…100; what they are counted by is `layouts/nok/rules.yaml`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue, types
from schemas.declared import MadeRows, mart
from schemas.fields import field
from schemas.measure import KNOWN, count, label, mean, share, total
from schemas.register import Register, register
from schemas.rules import days_in_order
from schemas.types import Flag, Int, Number, Short, Text

TITLE = "независимая оценка качества"
DATA = catalogue.nok()
CRITERIA: dict[str, dict[str, Any]] = DATA["criteria"]
QUESTIONS: dict[str, dict[str, Any]] = DATA["questions"]
BLOCKS = types.spelled(DATA["blocks"])
SOURCE = "критерий проекта, docs/methodology.md: среднее организаций с НОК этого года; где есть, балл оператора"
PLAN_SOURCE = "критерий проекта, docs/methodology.md: недостатки, срок которых наступил ко дню отчёта о плане"
PARTS = types.spelled({
    name: [rule["title"].split(" ", 1)[0], rule["title"], rule["title"].split(" ", 1)[1], str(number)]
    for number, (name, rule) in enumerate(CRITERIA.items(), 1)
})  # fmt: skip
"""Spelling of a criterion, its number or title → its code."""


def _year() -> Short:
    declared: Short = types.year("год, в котором проведена НОК")
    return declared


def _points(name: str, example: str) -> Number:
    number, words = CRITERIA[name]["title"].split(" ", 1)
    declared: Number = types.count(
        f"{number} {words}", "баллов, от 0 до 100", unit="балл", le=100, example=example,
        also=[number, f"Критерий {number[1:]}", f"{number[1:]} критерий", words],
    )  # fmt: skip
    return declared


def mean_of_criteria(rows: pd.DataFrame) -> pd.Series:
    """The total that the five criteria give; NULL where one of them is not told. rows: CRITERIA."""
    mean: pd.Series = rows[list(CRITERIA)].astype("Float64").mean(axis=1, skipna=False)
    return mean


@register(
    "nok",
    title="НОК: итоги оператора",
    file="НОК, итоги.xlsx",
    sheet="Итоги",
    about="Одна строка на организацию: баллы из итоговой таблицы оператора, как на bus.gov.ru. Год — тот, в котором "
    "проведена оценка.",
    known_by=("openness", "score"),
    replaces=("org_ref",),
    is_whole=True,
)
class Nok(Register):
    """НОК: баллы организации по пяти критериям и итог оператора."""

    year: Short = _year()
    org_ref: Text = types.organisation()
    openness: Number = _points("openness", "95,4")
    comfort: Number = _points("comfort", "98")
    accessibility: Number = _points("accessibility", "62,5")
    courtesy: Number = _points("courtesy", "97,2")
    satisfaction: Number = _points("satisfaction", "96,1")
    score: Number = types.count(
        "Итоговая оценка НОК", "среднее пяти критериев, баллов", unit="балл", le=100, required=True, example="89,84",
        also=["S", "Итог НОК", "Общий балл", "Итоговое значение", "Итоговая оценка"],
    )  # fmt: skip
    recipients: Int = types.count(
        "Получателей услуг", "обучающихся или их родителей, всего; можно пусто", optional=True, least=1, example=640,
        also=["Численность получателей услуг", "Чобщ получателей"],
    )  # fmt: skip
    respondents: Int = types.count(
        "Опрошено", "анкет; можно пусто", optional=True, at_most="recipients", example=270,
        also=["Респондентов", "Число респондентов", "Количество анкет"],
    )  # fmt: skip

    @pa.dataframe_check(error="row_nok_total_differs")
    def _total_is_the_mean(cls, rows: pd.DataFrame) -> pd.Series:
        gap = (mean_of_criteria(rows) - rows["score"]).abs()
        return (gap <= DATA["comparison"]["tolerance"]).fillna(True).astype(bool)


@register(
    "nok_checklist",
    title="НОК: чек-лист организации",
    file="НОК, чек-листы.xlsx",
    sheet="Чек-лист",
    about="Одна строка на организацию и пункт чек-листа. Пункта, который от организации не требуется, не пишите или "
    "оставьте «Есть» пустым: требуемых пунктов столько, сколько ответов.",
    known_by=("block", "item", "is_there"),
    replaces=("org_ref",),
    is_whole=True,
)
class NokChecklist(Register):
    """НОК: есть ли у организации пункт чек-листа."""

    year: Short = _year()
    org_ref: Text = types.organisation()
    block: Text = types.code("Раздел чек-листа", BLOCKS, key=True, example="Стенд", also=["Раздел", "Блок"])
    item: Text = types.words(
        "Пункт чек-листа", "номер или название", key=True, example="3. Режим занятий",
        also=["Пункт", "Показатель чек-листа"],
    )  # fmt: skip
    is_there: Flag = types.yes_no("Есть", "да или 1 — есть, нет или 0 — нет; пусто — не требуется", also=["Наличие"])


def _question(name: str, example: str = "да") -> Flag:
    question = QUESTIONS[name]
    number = name[1:]
    declared: Flag = types.yes_no(
        question["title"], question["hint"], example=example, also=[f"v{number}", f"В{number}", f"Вопрос {number}"]
    )
    return declared


def unasked(rows: pd.DataFrame) -> pd.Series:
    """Whether a row answers a question that is asked only after a «да» to the one before it. rows: QUESTIONS."""
    pairs = [(name, question["asked_if"]) for name, question in QUESTIONS.items() if "asked_if" in question]
    wrong = [rows[name].notna() & rows[before].eq(False).fillna(False) for name, before in pairs]
    return pd.concat(wrong, axis=1).any(axis=1)


@register(
    "nok_answers",
    title="НОК: анкеты получателей услуг",
    file="НОК, анкеты.xlsx",
    sheet="Анкеты",
    about="Одна строка на анкету, вопросы v1–v14: да или нет, пусто — не ответил. Анкеты анонимны, имён не нужно.",
    known_by=("v5", "v12", "v14"),
    replaces=("org_ref",),
)
class NokAnswers(Register):
    """НОК: ответы одной анкеты, без имени."""

    year: Short = _year()
    org_ref: Text = types.organisation()
    number: Text = types.column(
        "Номер анкеты НОК", "порядковый в организации, цифры", key=True, reads="questionnaire",
        str_matches=r"^\d{1,8}$", example=1, also=["Номер анкеты", "№ анкеты", "№"],
    )  # fmt: skip
    v1: Flag = _question("v1")
    v2: Flag = _question("v2")
    v3: Flag = _question("v3")
    v4: Flag = _question("v4", "нет")
    v5: Flag = _question("v5")
    v6: Flag = _question("v6", "нет")
    v7: Flag = _question("v7", "")
    v8: Flag = _question("v8")
    v9: Flag = _question("v9")
    v10: Flag = _question("v10")
    v11: Flag = _question("v11")
    v12: Flag = _question("v12")
    v13: Flag = _question("v13")
    v14: Flag = _question("v14")

    @pa.dataframe_check(error="row_nok_unasked")
    def _only_what_was_asked(cls, rows: pd.DataFrame) -> pd.Series:
        return ~unasked(rows)


@register(
    "nok_plan",
    title="НОК: план устранения недостатков",
    file="НОК, план устранения недостатков.xlsx",
    sheet="План",
    about="Одна строка на недостаток организации. «По состоянию на» — день, на который заполнен отчёт о плане: "
    "что к этому дню не сделано, то не сделано.",
    known_by=("shortcoming", "as_of"),
    replaces=("org_ref",),
    is_whole=True,
)
class NokPlan(Register):
    """НОК: недостаток, мера, срок и исполнение."""

    year: Short = _year()
    org_ref: Text = types.organisation()
    criterion: Text = types.code(
        "Критерий НОК", PARTS, "К1…К5", key=True, example="К3", also=["Критерий", "Критерий оценки"]
    )  # fmt: skip
    shortcoming: Text = types.words(
        "Недостаток", "своими словами, без имён", key=True, example="нет пандуса у входа",
        also=["Недостатки", "Выявленный недостаток", "Недостатки, выявленные в ходе НОК"],
    )  # fmt: skip
    measure: Text = types.words(
        "Мера", "что сделать; можно пусто", optional=True, example="установить пандус",
        also=["Мероприятие", "Наименование мероприятия"],
    )  # fmt: skip
    due_on: Text = types.date(
        "Плановый срок", required=True, example="01.09.2026",
        also=["Срок", "Плановый срок реализации", "Срок устранения"],
    )  # fmt: skip
    done_on: Text = types.date(
        "Фактический срок", "день.месяц.год; пусто — не сделано", example="20.08.2026",
        also=["Исполнено", "Фактический срок реализации", "Дата исполнения"],
    )  # fmt: skip
    as_of: Text = types.date("По состоянию на", required=True, example="10.09.2026", also=["Дата отчёта"])

    _done_before_it_is_told = days_in_order("done_on", "as_of", "row_done_after_report")


class NokOfUnit(MadeRows):
    """НОК одной организации в строке единицы: её самой или территории, в которую она входит."""

    score: Number = field("Итоговая оценка НОК")
    openness: Number = field("К1")
    comfort: Number = field("К2")
    accessibility: Number = field("К3")
    courtesy: Number = field("К4")
    satisfaction: Number = field("К5")
    band: Text = field("Оценка", codes={title: code for code, title in DATA["bands"]["titles"].items()})
    differs: Flag = field("Расчёт расходится с таблицей оператора")
    is_few: Flag = field("Опрошено меньше нормы")
    recipients: Int = field("Получателей услуг")
    respondents: Int = field("Опрошено")
    has_any: Flag = field("Есть НОК за последние годы")
    is_due: Flag = field("Срок НОК — этот год")
    is_overdue: Flag = field("НОК просрочена")
    shortcomings: Int = field("Недостатков в плане")
    due: Int = field("Недостатков, срок которых наступил")
    on_time: Int = field("Из них устранено в срок")
    mended: Int = field("Недостатков устранено")
    single_band: Text = field("Оценка самой организации")
    last_year: Int = field("Год последней НОК")
    next_year: Int = field("Срок следующей НОК")
    operator_score: Number = field("Итог оператора")
    counted_score: Number = field("Итог по чек-листу и анкетам")
    counted_openness: Number = field("К1 по чек-листу и анкетам")
    counted_comfort: Number = field("К2 по анкетам и чек-листу")
    counted_accessibility: Number = field("К3 по чек-листу и анкетам")
    counted_courtesy: Number = field("К4 по анкетам")
    counted_satisfaction: Number = field("К5 по анкетам")


def _mean(name: str, title: str) -> Any:
    return mean(title, name, unit="балл", item="2.7", better="up", source=SOURCE, bounds=(0, DATA["most"]))


def _of_one(name: str, title: str, unit: str = "балл") -> Any:
    """A number that rows of organisations have and those of territories have not."""
    return total(name, f"{title} (только у организации)", unit=unit)


def _in_band(band: str) -> Any:
    title = DATA["bands"]["titles"][band]
    return count(f"Организаций с оценкой «{title}»", unit="ОО", where={"band": band}, among=ASSESSED)


ASSESSED = count("Организаций с НОК этого года", unit="ОО", where={"score": KNOWN})


@mart(
    "nok_summary",
    of=NokOfUnit,
    made_of=("nok", "nok_checklist", "nok_answers", "nok_plan"),
    title="Независимая оценка качества: критерии, итог, сроки, устранение недостатков",
    slices=((),),
    base="assessed",
)
class Assessment:
    """Балл организации — из таблицы оператора, без неё — расчёт по чек-листу и анкетам; балл территории — среднее."""

    organisations = count("Организаций реестра", unit="ОО")
    assessed = ASSESSED
    score = _mean("score", "Итоговая оценка НОК")
    openness = _mean("openness", "К1: открытость и доступность информации")
    comfort = _mean("comfort", "К2: комфортность условий")
    accessibility = _mean("accessibility", "К3: доступность для инвалидов")
    courtesy = _mean("courtesy", "К4: доброжелательность и вежливость")
    satisfaction = _mean("satisfaction", "К5: удовлетворённость условиями")
    band = label("Оценка (только у организации)", "single_band", by="level", isin=[*DATA["bands"]["titles"]])
    excellent = _in_band("excellent")
    good = _in_band("good")
    fair = _in_band("fair")
    below_average = _in_band("below_average")
    poor = _in_band("poor")
    high = share(
        "Доля организаций с оценкой «отлично» и «хорошо»",
        part=count("Организаций с оценкой «отлично» и «хорошо»", unit="ОО", where={"band": ["excellent", "good"]}),
        whole=ASSESSED, item="2.7", better="up", source=SOURCE,
    )  # fmt: skip
    recipients = total("recipients", "Получателей услуг, у назвавших их число")
    respondents = total("respondents", "Опрошено")
    few_respondents = count("Организаций, где опрошено меньше нормы", unit="ОО", where={"is_few": True}, among=ASSESSED)
    operator_score = _of_one("operator_score", "Итог по таблице оператора")
    counted_score = _of_one("counted_score", "Итог по чек-листу и анкетам")
    counted_openness = _of_one("counted_openness", "К1 по чек-листу и анкетам")
    counted_comfort = _of_one("counted_comfort", "К2 по чек-листу и анкетам")
    counted_accessibility = _of_one("counted_accessibility", "К3 по чек-листу и анкетам")
    counted_courtesy = _of_one("counted_courtesy", "К4 по анкетам")
    counted_satisfaction = _of_one("counted_satisfaction", "К5 по анкетам")
    differing = count(
        "Организаций, где расчёт расходится с таблицей оператора", unit="ОО", where={"differs": True}, among=ASSESSED
    )
    last_year = _of_one("last_year", "Год последней НОК", "год")
    next_year = _of_one("next_year", "Срок следующей НОК", "год")
    due_organisations = count("Организаций, которым НОК нужна в этом году", unit="ОО", where={"is_due": True})
    overdue = share(
        "Доля организаций с просроченной НОК среди тех, чья прошлая НОК известна",
        part=count("Организаций с просроченной НОК", unit="ОО", where={"is_overdue": True}),
        whole=count("Организаций, чья НОК этого или прошлых лет известна", unit="ОО", where={"has_any": True}),
        item="2.7", better="down", source="273-ФЗ, ст. 95.2: не реже одного раза в три года", verified=True,
    )  # fmt: skip
    shortcomings = total("shortcomings", "Недостатков в планах", unit="недостатков")
    mended = total("mended", "Из них устранено", unit="недостатков")
    on_time = share(
        "Доля недостатков, устранённых в срок, среди тех, чей срок наступил",
        part=total("on_time", unit="недостатков"), whole=total("due", unit="недостатков"),
        item="2.7", better="up", source=PLAN_SOURCE,
    )  # fmt: skip
