"""`docs/methodology.md`: the rules, their sources, worked examples, and how often the rules are right.

Made of the rules themselves (`schemas/layouts/risk`), of the specification tables that the tests hold the code to, and
of what was measured on made-up schools whose truth is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msoko_pipeline.handbook.value_added_page import value_added
from msoko_pipeline.reporting.markdown import table
from msoko_pipeline.text.russian import ru
from schemas import catalogue
from schemas.kinds import DECLARED_MARTS, REGISTERS

Table = tuple[str, str, Sequence[Sequence[str]]]
"""Title, a sentence, and rows; the first row is the header."""

EVIDENCE = {
    "fioko": "методика ФИОКО 2019", "official": "внешнее заключение", "region": "практика регионов",
    "own": "критерий проекта",
}  # fmt: skip
MODES = {"any": "достаточно одного из SHNOR_A и SHNOR_B", "both": "нужны SHNOR_A и SHNOR_B вместе"}
EFFECTS = {
    "school": "школа", "fading": "школа, слабеет с годами", "slope": "наклон по годам", "subject": "предмет",
    "work": "работа (предмет и класс)", "cohort": "дети одного года (год − класс)",
    "subject_cohort": "дети одного года в предмете", "year": "год", "subject_year": "предмет в году",
    "noise": "прочее в работе года",
}  # fmt: skip
"""Component of the forecast's model → its name."""
INTRO = """\
Эта страница составлена из правил, по которым считает программа, из таблиц, на которых их проверяют тесты, и из
измерений на выдуманных школах, истинное положение которых известно. Вручную её не правят: её пишет
`make docs`.

* Признак необъективности — **возможный признак, требует проверки**, а не установленное нарушение.
* Результаты ВПР не служат оценкой учителей и руководителей.
* Порог без подтверждённого источника помечен «не подтверждён»: прежде чем на него опираться, сверьте его со своими
  документами и, если нужно, исправьте в `schemas/layouts/risk/`; в коде порогов нет.
* «Нет данных» не значит «всё хорошо»: при малой базе ответ пуст, а не равен нулю.
"""


def methodology(year: int, specifications: Sequence[dict[str, Any]], measured: Sequence[Table]) -> str:
    """The page for the rules in force in `year`. specifications: parsed `tests/spec/methodology/*.yaml`."""
    parts = [
        "# Методика: признаки необъективности и категории школ",
        INTRO.rstrip(),
        *_signs(year),
        *_categories(year),
        *_certainty(year),
        *_forecast(year),
        *value_added(year),
        *_conditions(),
        *_uncertainty(year),
        *_own_criteria(),
        "## Примеры работы правил",
        "Каждая таблица — проверка: тесты требуют от программы именно таких ответов.",
        *(line for specification in specifications for line in _specification(specification)),
        "## Насколько правила точны",
        "Измерено на выдуманных школах; таблицы, начальные значения генератора и день измерения хранятся в "
        "`docs/measurements/`. Тесты проверяют, что правила с тех пор не изменились, и измеряют заново первые из тех "
        "же городов; все города измеряет `make measure`.",
        *(line for measurement in measured for line in _measured(measurement)),
    ]
    return "\n\n".join(parts) + "\n"


def _signs(year: int) -> list[str]:
    declared = catalogue.signs(year)
    status = declared["status"]
    families = status["families"]
    rows = [("признак", "что значит", "правило", "чей", "род", "свидетельство", "работы", "пороги", "источник")]
    rows += [
        (
            f"`{sign}`", rule["title"], rule["formula"], EVIDENCE[rule["evidence"]], families[rule["family"]],
            ("да" if rule["counts"] else "нет") + ("" if rule["enabled"] else " (выключен)"),
            "любые" if rule["works"] == "any" else ", ".join(rule["works"]), _numbers(rule), rule["source"],
        )
        for sign, rule in declared["signs"].items()
    ]  # fmt: skip
    alone = " или ".join(families[name] for name in status["alone"])
    return [
        "## Признаки необъективности",
        f"**Статус проекта** (`objectivity_status`) требует в одном году свидетельств {status['families_from']} "
        f"независимых родов (столбец «род»; считаются признаки с пометкой «свидетельство»); достаточно и одного, "
        f"если это {alone}. `persistent` — так было в {status['persistent_from']} из последних {status['years']} лет, "
        "`signs` — только в этом году, `no_signs` — нет; пусто — о двух родах судить нельзя. Свидетельство одного рода "
        f"— только повод посмотреть (`objectivity_lead` в `risk_reason`). Источник: {status['source']}.",
        "**Методика 2019** (`objectivity_2019`) — статус по 14 признакам ФИОКО, как они опубликованы: достаточно "
        "любого; где есть официальный перечень года, решает он. Как часто этот статус верен, измерено ниже.",
        "`expected_false` (`objectivity_index`) — сколько школ было бы отмечено, если бы все школы территории были "
        "объективны; "
        "`is_confirmed` (`school_risk`) — подтверждают ли высокий результат перепроверка, ОГЭ, ЕГЭ и вид школы.",
        table(rows),
        "Сравнение — с регионом, где его результаты известны (отчёт, опорное распределение или сам регион), иначе с "
        "муниципалитетом; с чем именно, указано у каждого значения. Параллели сравниваются по имеющимся школам.",
    ]


TEXTS = {
    "title", "formula", "evidence", "family", "enabled", "counts", "works", "source", "verified", "chance", "count",
    "says", "digits", "chance_shared",
}  # fmt: skip


def _numbers(rule: dict[str, Any]) -> str:
    """Thresholds of a rule, each with its standing."""
    sure = rule["verified"]
    return "; ".join(
        f"{name} = {_plain(value)}" + ("" if sure.get(name, True) else " (не подтверждён)")
        for name, value in rule.items()
        if name not in TEXTS
    )


def _categories(year: int) -> list[str]:
    parts = ["## Категории школ"]
    for variant, declared in catalogue.risk_variants().items():
        rules = catalogue.risk_rules(variant, year)
        if "like" in declared:
            own = {
                name: value for start in declared if isinstance(start, int) for name, value in declared[start].items()
            }
            changed = "; ".join(f"`{name}`: {_plain(value)}" for name, value in own.items())
            parts.append(f"### Вариант `{variant}`\n\n{declared['title']}. Как `{declared['like']}`, кроме: {changed}.")
            continue
        sure = rules["verified"]
        rows = [("правило", "что значит", "числа", "подтверждено")]
        rows += [
            (f"`{name}`", rule["title"], _plain(rule), "да" if sure.get(name) else "нет")
            for name, rule in rules.items()
            if name.startswith(("SHNOR", "R")) and isinstance(rule, dict)
        ]
        parts += [
            f"### Вариант `{variant}` (по умолчанию)\n\n{declared['title']}. Низкий результат — не меньше "
            f"{rules['low']['from']} % участников ниже минимума (включительно) при не менее чем {rules['min_n']} "
            f"участниках; процедуры: {', '.join(rules['procedures'])}; {MODES[rules['mode']]}. "
            f"Источник: {rules['source']}. Другой вариант выбирает настройка `MSOKO_RISK_RULES`.",
            table(rows),
        ]
    return parts


def _plain(rule: Any) -> str:
    if not isinstance(rule, dict):
        return ", ".join(map(str, rule)) if isinstance(rule, list) else str(rule)
    shown = {name: value for name, value in rule.items() if name not in ("title", "enabled")}
    off = ["выключено"] if not rule.get("enabled", True) else []
    return "; ".join([*off, *(f"{name} = {value}" for name, value in shown.items())]) or "—"


def _forecast(year: int) -> list[str]:
    rules = catalogue.forecast(year)
    rows = [("составляющая", "медиана дисперсии логита", "разброс её логарифма")]
    rows += [(EFFECTS[name], limit["median"], limit["sd"]) for name, limit in rules["variances"].items()]
    moved = rules["shifts"]
    return [
        "## Прогноз ШНОР",
        "`school_forecast` — вероятность того, что школа через год окажется ШНОР. Логит доли «2» в работе — "
        "сумма эффекта работы этого года и эффектов школы (таблица); дисперсии оцениваются ограниченным правдоподобием "
        "по всем работам ВПР и экзаменам правил за последние "
        f"{rules['years_back']} года с априорными из таблицы: для большого города они почти не важны, для малого — "
        "существенны. Работы меняются от года к году: каждая сама по себе "
        f"(дисперсия {moved['work']['variance']}, вес {moved['work']['weight']} наблюдений) и все вместе "
        f"({moved['year']['variance']}, вес {moved['year']['weight']}). Писать будут дети параллели, что классом ниже; "
        "правила категорий те же, что в отчётном году. Интервал (95 %) — какой могла бы "
        "оказаться вероятность, если бы школа, работы и их изменчивость были известны точно: чем меньше лет, тем он "
        "шире. Снижение, которое длится третий год, модель продолжает лишь отчасти. Вероятность не меняет категорию и "
        f"не служит оценкой школы. Источник: {rules['source']} ({rules['measured']}).",
        table(rows),
    ]


def _certainty(year: int) -> list[str]:
    """How certain a category is, what leaving means, and the other rules with which the list is compared."""
    limit = catalogue.risk_rules(next(iter(catalogue.risk_variants())), year)["certainty"]
    least, most = limit["strength_between"]
    rows: list[Sequence[Any]] = [("вариант", "правила", "чем отличается")]
    for name, declared in catalogue.risk_sensitivity()["variants"].items():
        own = "; ".join(f"`{rule}`: {_plain(value)}" for rule, value in declared.get("rules", {}).items())
        rows.append(
            (f"`{name}`", declared["title"], own or (f"как `{declared['like']}`" if "like" in declared else "—"))
        )
    return [
        "## Насколько надёжна категория",
        "Истинная доля оценивается бета-биномиальной моделью: к наблюдённым прибавляются участники с долей "
        "муниципалитета в той же работе — столько, сколько следует из различий школ в работах процедуры "
        f"(от {least} до {most}; где меньше "
        f"{limit['schools_from']} школ — {limit['strength']}). `shnor_probability_pct` (`school_risk`) — вероятность, "
        "что истинные доли отвечают условиям ШНОР; на границе (`is_borderline`) — категория, вероятность которой ниже "
        f"{limit['sure']} %. Категорию вероятность не меняет. Прошлогодняя доля сравнивается с нынешней, сдвинутая "
        f"так, как сдвинулись остальные школы муниципалитета (не меньше {limit['others_from']}).",
        "Выход из ШНОР (`risk_movement`, `exit_by_chance_pct`): другие ученики сохраняют через год лишь часть отличия "
        f"школы от муниципалитета (обычно {ru(limit['persistence'])}) и сверх того отличаются (обычно на "
        f"{ru(limit['other_pupils'])} логита доли); обе величины берутся из всех работ, написанных в оба года, и весят "
        f"против обычных как {limit['persistence_pairs']} таких работ. Источник: {limit['source']}.",
        "Другие правила, с которыми сравнивается список (`risk_sensitivity`):",
        table(rows),
    ]


def _conditions() -> list[str]:
    rules = catalogue.social()
    limit = rules["isbsh"]
    rows = [("показатель", "благоприятен", "порог, %", "в индексе", "источник")]
    rows += [
        (
            indicator["title"], "больше" if indicator["favourable"] else "меньше", indicator["beyond"],
            "да" if indicator["counts"] else "нет",
            indicator["source"] + ("" if indicator["verified"] else " (не подтверждён)"),
        )
        for indicator in rules["indicators"].values()
    ]  # fmt: skip
    return [
        "## ШНСУ: социальные условия",
        f"ИСБШ = {limit['mean']} + {limit['sd']} · среднее отклонение долей школы от среднего по муниципалитету в "
        f"стандартных отклонениях, знак «+» — благополучнее. ШНСУ: ИСБШ ниже {limit['low']} или нижний квартиль и не "
        f"меньше {limit['unfavourable_from']} показателей за порогом. Меньше {limit['least_schools']} школ или "
        f"{limit['least_indicators']} показателей — нет данных; доля, которую школа не сообщила, берётся из последнего "
        f"года не старше {limit['max_age_years']} лет. {limit['source']}.",
        table(rows),
    ]


def _uncertainty(year: int) -> list[str]:
    first, second = catalogue.thresholds(year)["shrinkage"]["spread"]
    changes = catalogue.thresholds(year)["dynamics"]
    marked_least = catalogue.thresholds(year)["sufficiency"]["marked_least_pct"]
    return [
        "## Погрешность",
        "* Доли — с интервалом Уилсона (95 %), средние — со стандартной ошибкой.\n"
        "* `indicator_value.se` — стандартная ошибка каждого показателя: у школы — по ученикам; у муниципалитета и "
        "региона — по разбросу их школ (оценка отношения; Cochran, 1977), потому что ученики приходят школами; у строк "
        f"отчётов, школы которых неизвестны, — по ученикам, дисперсия умножена на {changes['design_effect']}: столько "
        "добавляли школы в работах города с 19 школами 2020–2022 годов (медиана 66 работ).\n"
        "* Изменение территории (`dynamics_3y`, `indicator_value.change`) — только по школам, сдававшим оба раза, и "
        f"только если в них не меньше {changes['matched_least_pct']} % участников каждого года; его ошибка — по "
        "разбросу изменений этих школ. «Лучше» и «хуже» говорится об изменении сверх региона, где оно известно (иначе "
        "сверх страны, у школы — сверх муниципалитета), с поправкой на все строки того же уровня за год (Benjamini, "
        f"Hochberg, 1995; α = {str(changes['alpha']).replace('.', ',')}), и только если оно не меньше "
        f"{changes['stable_pp']} % шкалы показателя. Региону и стране, которые сравнить не с чем, вывод не даётся; о "
        f"долях отметок — и там, где в одном из двух лет отметка известна меньше чем у {marked_least} % участников. "
        "Надёжность работы (альфа) — не качество обучения: у неё нет «лучше» и «хуже».\n"
        "* Доли реестров (`procedure` = ALL) считаются каждый год одинаково, и трудность в них не меняется: «лучше» и "
        "«хуже» говорится о самом изменении, в том числе у региона; поправка — на число проверок долей "
        "реестров того же уровня за год. Если часть больше целого (числа разных дней), доли нет.\n"
        "* Где часть параллели писала углублённую работу (математика, физика 7–8 классов) только в одном из двух лет, "
        "базовая работа школы не сравнивается: её писали другие ученики. Если в обоих, сравниваются обе работы, пока "
        f"доли параллели отличаются не больше чем на {changes['advanced_alike_pp']} пунктов. В изменении города такие "
        "школы не общие.\n"
        "* `school_procedure`: воронка 95 и 99,8 % вокруг доли муниципалитета при числе участников школы; рядом с "
        "сырой долей — стянутая к среднему муниципалитета (эмпирический Байес): чем меньше школа, тем сильнее. "
        "Доля различий между школами ρ — среднее её апостериорного распределения (правдоподобие бета-биномиальной "
        f"модели и Beta({first}, {second}) до данных), так что и в городе из двух школ ни одна не остаётся при своей "
        "сырой доле.\n"
        "* `chance_pct` (`school_procedure`, `objectivity_school`) — как часто правило сработало бы случайно при этой "
        "базе: у школы с долей муниципалитета, у объективной школы.\n"
        "* `tail_pct` (`risk_reason`, и та же вероятность в словах основания) — как часто случайно бывает столько же, "
        "сколько наблюдается, или больше: у школы с долей муниципалитета (низкий результат; для двух лет подряд — "
        "произведение), без перемен (рост «2», падение качества), у объективной школы (признаки, без поправки на число "
        "проверок).\n"
        "* `probability_pct` (`risk_reason`) — вероятность, что сказанное верно для истинных долей: рост «2» и падение "
        "качества (R3, R4), ШНОР (`CERTAINTY`); у `MOVEMENT` — что школа вышла бы из ШНОР без перемен в ней.\n"
        "* Критерии проекта скорректированы на число проверок (Бенджамини — Хохберг, 1995): среди отмеченных за год "
        "ложных ожидается не больше α. `p_adjusted` — наименьшая α, при которой признак был бы отмечен; `chance_pct` — "
        "как часто при числе отмеченных в этом году отмечается школа без причины.",
    ]


def _own_criteria() -> list[str]:
    """Numbers and lists that the project set itself, as no act gives them."""
    rows = [("где (`schemas/layouts/`)", "о чём", "источник")]
    rows += [
        (f"`{file}`", f"`{place}`" if place else "—", words)
        for file, place, words in catalogue.sources()
        if "критерий проекта" in words
    ]
    rows += [
        (f"`../sources/{declared.source}.py`", f"`{mart}.{name}`", share.source)
        for mart, declared in DECLARED_MARTS.items()
        for name, share in declared.shares.items()
        if "критерий проекта" in share.source
    ]
    return [
        "## Критерии проекта",
        "Чего не определяет ни один документ, определил проект. Город вправе заменить эти числа и перечни своими: они "
        "записаны в названных файлах, рядом с источником.",
        table(rows),
    ]


def _specification(specification: dict[str, Any]) -> list[str]:
    """One file of specifications: its cases as tables."""
    lines = [f"### {specification['title']}", specification["about"].strip()]
    if isinstance(specification.get("cases"), str):
        return [*lines, table(_drawn(specification["cases"]))]
    for case in (*specification.get("cases", ()), *specification.get("sections", ())):
        lines.append(f"**{case['title']}.** {case.get('says', '')}".rstrip())
        schools_by_sign = {
            name: case[name] for name in ("shnor_before", "signs", "regulator", "listed") if name in case
        }
        if schools_by_sign:
            words = {"shnor_before": "были ШНОР год назад", "signs": "признак необъективности",
                     "regulator": "индикатор Рособрнадзора", "listed": "в реестре"}  # fmt: skip
            lines.append(
                "; ".join(f"{words[name]}: {', '.join(schools)}" for name, schools in schools_by_sign.items()) + "."
            )
        if "register" in case:
            lines.append(f"Форма «{REGISTERS[case['register']].title}» и что по ней в `{case['mart']}`.")
        lines += [table(_drawn(case[name])) for name in ("given", "cases", "gives", "chances") if name in case]
        named = {"drop": "Резкое падение", "rise": "Резкий рост", "unjudged": "Судить нельзя"}
        sentences = [f"{words}: {', '.join(case[name]) or 'никто'}" for name, words in named.items() if name in case]
        lines += [". ".join(sentences) + "."] if sentences else []
        if "lift" in case:
            lines.append(f"Выигрыш зоны: {'нет данных' if case['lift'] is None else case['lift']}.")
    return lines


def _drawn(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


def _measured(measurement: Table) -> list[str]:
    title, says, rows = measurement
    return [f"### {title}", says, table(rows)]
