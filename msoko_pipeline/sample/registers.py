"""Files that stand beside the results: the register of schools, the context form, manifests, the region's scores."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from msoko_pipeline.sample.pupils import parallel_sizes
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.tally import Tally
from msoko_pipeline.sample.town import TINY, School
from msoko_pipeline.sample.workbooks import Cell, Row, Sheet, xlsx
from msoko_pipeline.sample.works import Work

CONTEXT_YEAR = 2022  # the school year the context form asks about ends in it
REGISTER_HEADER = (
    "Логин ФИС ОКО",
    "Другие логины",
    "Краткое наименование",
    "Полное наименование",
    "Вид",
    "Код муниципалитета",
    "Муниципалитет",
    "ИНН",
    "Код ОГЭ",
    "Код ЕГЭ",
)
MANIFEST_HEADER = ("file", "year", "subject", "grade")
DISTRIBUTION_HEADER = ("year", "subject", "work_grade", "primary_score", "participants")


def text_csv(rows: Iterable[Row]) -> bytes:
    """UTF-8, semicolons between fields."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";", lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()


def saved_from_excel(rows: Iterable[Row]) -> bytes:
    """The same as a Russian Excel saves it: Windows-1251, every line as long as the longest, CR LF."""
    lines = [list(row) for row in rows]
    width = max(map(len, lines))
    padded = (line + [None] * (width - len(line)) for line in lines)
    return text_csv(padded).decode().replace("\n", "\r\n").encode("cp1251")


def register(schools: Sequence[School]) -> bytes:
    """`Реестр ОО.xlsx`: codes are texts, so that leading zeros stay."""
    rows: list[Row] = [REGISTER_HEADER]
    for school in schools:
        exam = f"19{school.number:04d}"
        town = school.municipality
        names = [school.title, school.full_title, school.kind.word]
        codes = [town.code, town.name, inn(school), exam, exam]
        rows.append([school.login, ", ".join(school.other_logins), *names, *codes])
    return xlsx(Sheet("Реестр ОО", rows))


def inn(school: School) -> str:
    """An invented taxpayer number: a tax office that does not exist (1900) and a true check digit."""
    digits = f"1900{school.number:05d}"
    check = sum(int(d) * w for d, w in zip(digits, (2, 4, 10, 3, 5, 9, 4, 6, 8), strict=True)) % 11 % 10
    return f"{digits}{check}"


def manifest(entries: Iterable[tuple[str, Work]], login: str | None = None) -> bytes:
    """`manifest.csv`: which work each file is; with `login` also whose."""
    whose: Row = () if login is None else (login,)
    rows: list[Row] = [(*MANIFEST_HEADER, *(() if login is None else ("login",)))]
    rows += [(name, work.year, work.subject, work.grade, *whose) for name, work in entries]
    return text_csv(rows)


def score_distribution(regions: Iterable[tuple[Work, Tally]]) -> bytes:
    """Participants with each primary score over the whole region; scores nobody got are left out."""
    rows: list[Row] = [DISTRIBUTION_HEADER]
    for work, region in regions:
        numbers = enumerate(region.distribution.tolist())
        rows += [(work.year, work.subject, work.grade, score, number) for score, number in numbers if number]
    return text_csv(rows)


def context_2022(schools: Sequence[School], seed: int) -> bytes:
    """The schools' answers to the context form of 2022, one row each, under the form's own questions."""
    rows: list[Row] = [("login", *CONTEXT_QUESTIONS)]
    for school in schools:
        rng = stream(seed, "context", school.login)
        grades = range(1, 12 if school.kind.senior else 10)
        sizes = [int(parallel_sizes([school], seed, CONTEXT_YEAR, grade)[0]) for grade in grades]
        teachers = max(4, round(sum(sizes) / 15))
        advanced = school.kind.advantage > 0
        adapted = school.kind is not TINY and bool(rng.random() < 0.8)
        cells: list[Cell] = [
            "1) Самостоятельное юридическое лицо (или головная ОО при наличии филиалов)",
            "Нет",
            "2) Муниципальная организация",
            "2) Город",
            "5) 50–100 тыс. человек",
            None,
            "Да" if adapted else "Нет",
            *(("Нет", "Нет", "Да") if adapted else (None, None, None)),
            "1) Только на русском языке",
            "Да" if advanced else "Нет",
            *(("Нет", "Да", "Да") if advanced else (None, None, None)),
            sum(sizes),
        ]
        for size in sizes[8:6:-1]:
            cells += [size, int(rng.binomial(size, 0.05)) if adapted else 0]
        cells += [teachers, round(teachers * 0.6), int(rng.binomial(teachers, 0.55))]
        rows.append([school.login, *cells])
    return text_csv(rows)


CONTEXT_QUESTIONS = (
    "9. Статус организации.",
    "10. У ОО есть филиалы?",
    "11. Организационно-правовая форма организации",
    "14. Где расположена образовательная организация?",
    "15. Каков размер населенного пункта, в котором расположена ОО?",
    "16. Какое из утверждений о возможности добраться общественным транспортом до ближайшего крупного города "
    "(численностью более 100 000 человек) наилучшим образом описывает положение ОО?",
    "17.1. Организация осуществляет образовательную деятельность по адаптированным образовательным программам (АОП)?",
    "17.2. ОО является отдельной организацией, осуществляющей образовательную деятельность по АОП (например, "
    "специальной (коррекционной) ОО?",
    "17.3. Образование обучающихся по АОП организовано в отдельных классах/группах?",
    "17.4. Образование обучающихся по АОП организовано совместно с другими обучающимися?",
    "18. На каких языках осуществляется образовательная деятельность в организации?",
    "19.1. Ведется ли в ОО углубленное изучение отдельных предметов?",
    "19.2. Есть ли предметы, углубленное изучение которых начинается с классов начальной школы (1–4 классов)?",
    "19.3. Есть ли предметы, углубленное изучение которых начинается с классов основной школы (5–9 классов)?",
    "19.4. Есть ли предметы, углубленное изучение которых начинается с классов средней школы (10–11 классов)?",
    "20. Укажите количество обучающихся в ОО в 2021/2022 учебном году (в сумме по всем классам/курсам)",
    "21. Общее количество обучающихся в 2021/2022 учебном году 2006 года рождения",
    "22. Количество обучающихся в 2021/2022 учебном году 2006 г. р., обучающихся по АОП, с ограниченными "
    "возможностями здоровья и/или инвалидов (всего)",
    "23. Общее количество обучающихся в 2021/2022 учебном году 2007 года рождения",
    "24. Количество обучающихся в 2021/2022 учебном году 2007 г. р., обучающихся по АОП, с ограниченными "
    "возможностями здоровья и/или инвалидов (всего)",
    "25. Сколько всего в ОО учителей/преподавателей?",
    "26. Сколько в ОО учителей, преподающих в 5–9 классах?",
    "27. Сколько всего в ОО учителей/преподавателей первой и высшей категорий?",
)
