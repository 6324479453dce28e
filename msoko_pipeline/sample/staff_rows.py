"""Rows of the registers of teachers: the same people are on the staff, diagnosed, taught and in groups.

Who lacks something in a block is the likelier to be taught it, in the same year or the next. A diagnosis is of the
skill, with chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msoko_pipeline.sample.staff_people import SUBJECTS, Person, staff, workplaces
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import School
from msoko_pipeline.sample.workbooks import Row

DIAGNOSED, ABSENT = 0.3, 0.08  # of the teachers a year; of them who do not come
TRAINED, TRAINED_OF_LACK, RETRAINED = 0.28, 0.75, 0.03  # a year
LEVELS = ((-0.9, "ниже минимального"), (-0.3, "минимальный"), (0.7, "средний"))
BLOCKS = ("предметный", "методический", "ИКТ")
TOPIC_OF = {"предметный": "предмет", "методический": "методика", "ИКТ": "ИКТ"}
TOPICS = ("методика", "ФГОС", "функциональная грамотность", "оценивание", "талант", "ШНОР", "воспитание", "ОВЗ", "ИКТ",
          "предмет", "безопасность", "иное")  # fmt: skip
PROGRAMMES = {
    "предмет": "Трудные вопросы содержания предмета", "методика": "Методика современного урока",
    "ФГОС": "Обновлённые ФГОС в работе учителя", "функциональная грамотность": "Функциональная грамотность на уроке",
    "оценивание": "Критериальное оценивание", "талант": "Работа с одарёнными детьми",
    "ШНОР": "Преодоление учебной неуспешности", "воспитание": "Классный руководитель сегодня",
    "ОВЗ": "Инклюзивное образование", "ИКТ": "Цифровые инструменты педагога", "безопасность": "Первая помощь",
    "управление": "Менеджмент в образовании", "дошкольное образование": "ФОП ДО: планирование",
    "иное": "Педагогическое общение",
}  # fmt: skip
VACANT = 0.25  # of the kinds of posts that more than one holds
MEETINGS = ("05.11", "14.01", "18.03", "27.05")
AUTUMN = "09"


def staff_rows(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """Everybody's row; mentors are named of the same organisation."""
    leaders: dict[str, str] = {}
    for person in staff(town, year, seed):
        if person.is_managing:
            leaders[person.org] = person.name.full
        is_beginner = person.experience <= 3 and not person.is_managing
        mentor = leaders[person.org] if is_beginner and person.is_mentored else None
        answer = ("да" if mentor else "нет") if is_beginner else None
        yield [
            year, person.org, person.name.full, person.post, person.subject or None, person.education,
            person.category, person.category_day, person.birth_year, person.hire_day, person.experience,
            _load(person), answer, mentor,
        ]  # fmt: skip


def plan_rows(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """Posts that are filled, and now and then one more that is not."""
    filled: dict[tuple[str, str, str], float] = {}
    for person in staff(town, year, seed):
        place = (person.org, person.post, person.subject or "без предмета")
        filled[place] = filled.get(place, 0) + _load(person)
    for (org, post, subject), posts in filled.items():
        vacant = float(stream(seed, "vacancies", org, post, subject, year).random() < VACANT) * int(posts > 1)
        yield [year, org, post, subject, posts + vacant, vacant]


def _load(person: Person) -> float:
    return 1 if person.own < 0.8 else 0.5


def diagnosed(town: Sequence[School], year: int, seed: int) -> Iterator[tuple[Person, str, str | None]]:
    """Who was to be diagnosed in a year, the block and the level found; None: did not come."""
    for person in staff(town, year, seed):
        rng = stream(seed, "diagnosis", person.org, person.name.full, year)
        chance, noise = rng.random(2), rng.normal(0, 0.6, len(BLOCKS))
        if person.is_managing or chance[0] >= DIAGNOSED:
            continue
        for block, error in zip(BLOCKS, noise.tolist(), strict=True):
            if block != "предметный" or person.subject:
                seen = person.skill + error
                level = next((title for least, title in LEVELS if seen < least), "высокий")
                yield person, block, None if chance[1] < ABSENT else level


def deficit_rows(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row a block; the score agrees with the level."""
    bands = {"ниже минимального": 6, "минимальный": 12, "средний": 19, "высокий": 26}
    for person, block, level in diagnosed(town, year, seed):
        subject = person.subject or "без предмета"
        procedure = "региональная диагностика" if block == "ИКТ" else "федеральная оценка компетенций"
        score = bands[level] + int(person.own * 4) if level else None
        yield [
            year, person.org, person.name.full, procedure, subject, block, f"16.10.{year - 1}", score, 30, level,
            f"курс: {TOPIC_OF[block]}" if level in ("ниже минимального", "минимальный") else None,
        ]  # fmt: skip


def course_rows(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """Programmes finished in the year: first what somebody was found to lack, else whatever came."""
    lacks: dict[tuple[str, str], list[str]] = {}
    for back in (1, 0):
        for person, block, level in diagnosed(town, year - back, seed):
            if level in ("ниже минимального", "минимальный"):
                lacks.setdefault((person.org, person.name.full), []).append(TOPIC_OF[block])
    for person in staff(town, year, seed):
        rng = stream(seed, "courses", person.org, person.name.full, year)
        chance, place = rng.random(3), int(rng.integers(len(TOPICS)))
        lacking = lacks.get((person.org, person.name.full), [])
        topic = TOPICS[place]
        if person.is_managing:
            topic = "управление"
        elif person.subject == "дошкольное образование" and chance[2] < 0.5:
            topic = "дошкольное образование"
        if chance[1] < RETRAINED:
            yield _course(person, year, topic, "профессиональная переподготовка", (256, 300)[place % 2], place)
        if lacking and chance[0] < TRAINED_OF_LACK:
            yield _course(person, year, lacking[place % len(lacking)], "повышение квалификации", 36, place)
        elif chance[0] < TRAINED:
            yield _course(person, year, topic, "повышение квалификации", (16, 24, 36, 72)[place % 4], place)


def _course(person: Person, year: int, topic: str, kind: str, hours: int, place: int) -> Row:
    month, of_year = ((11, year - 1), (2, year), (3, year), (5, year))[place % 4]
    listed = "да" if person.own < 0.6 else "нет"
    days = [f"{3 + place:02d}.{month:02d}.{of_year}", f"{10 + place:02d}.{month:02d}.{of_year}"]
    first, last = days if hours < 250 else (f"15.09.{year - 1}", days[1])
    title = PROGRAMMES[topic] if hours < 250 else f"{PROGRAMMES[topic]}, переподготовка"
    return [year, person.org, person.name.full, title, "Институт развития образования", listed, hours, kind,
            topic, first, last]  # fmt: skip


def _groups(town: Sequence[School], year: int, seed: int) -> Iterator[tuple[str, str, list[Person]]]:
    """Code, subject and members of the municipal groups."""
    people = [person for person in staff(town, year, seed) if person.subject and person.own < 0.65]
    for number, subject in enumerate(dict.fromkeys((*SUBJECTS, "дошкольное образование")), 1):
        yield f"Г-{number}", subject, [person for person in people if person.subject == subject]


def group_rows(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """Members; the most experienced leads."""
    for code, subject, members in _groups(town, year, seed):
        leader = max(members, key=lambda person: person.experience, default=None)
        for person in members:
            is_leader = "да" if person is leader else "нет"
            yield [year, code, "ГМО", subject, person.org, person.name.full, is_leader]


def meeting_rows(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """Four meetings a group, in turn in the schools of the town."""
    for code, subject, members in _groups(town, year, seed):
        rng = stream(seed, "meetings", code, year)
        for place, day in enumerate(MEETINGS):
            if not members:
                continue
            of_year = year - 1 if day[3:] >= AUTUMN else year
            attended = int(rng.binomial(len(members), 0.75))
            orgs = len({person.org for person in members})
            host = town[int(rng.integers(len(town)))]
            yield [
                year, code, "ГМО", subject, host.title, f"{day}.{of_year}", f"Заседание {place + 1}", len(members),
                attended, int(rng.integers(0, 4)), min(orgs, max(1, attended)), None,
            ]  # fmt: skip


EVENTS = (
    ("М-1", "Семинар о работе с одарёнными детьми", "семинар", "муниципальный", "5.6", "20.11"),
    ("М-2", "Конкурс «Учитель года»", "конкурс", "муниципальный", "8.6", "12.02"),
    ("М-3", "Конкурс «Педагогический дебют»", "конкурс", "региональный", "8.6", "10.04"),
    ("М-4", "Семинар об объективном оценивании", "семинар", "муниципальный", "3.11", "05.03"),
    ("М-5", "Выезд в школы с низкими результатами", "выезд", "муниципальный", "8.7", "15.12"),
    ("М-6", "Консультации для молодых педагогов", "сопровождение", "муниципальный", "8.5", "22.10"),
    ("М-7", "Мастер-класс классных руководителей", "мастер-класс", "муниципальный", "9.2", "14.03"),
    ("М-8", "Семинар о профориентации", "семинар", "муниципальный", "6.6", "28.01"),
    ("М-9", "Всероссийский конкурс методических разработок", "конкурс", "всероссийский", "8.6", "20.05"),
)


def event_rows(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row an event and organisation of those that took part."""
    for code, title, kind, level, item, day in EVENTS:
        of_year = year - 1 if day[3:] >= AUTUMN else year
        for workplace in workplaces(town, seed):
            rng = stream(seed, "teacher events", code, workplace.org, year)
            chance, count = rng.random(4), 1 + int(rng.poisson(workplace.size / 15))
            if chance[0] > 0.65:
                continue
            is_contest = kind == "конкурс"
            winners = int(chance[1] < 0.12) if is_contest else None
            prizes = int(chance[2] < 0.25) * int(count > 1) if is_contest else None
            surveyed = None if is_contest or chance[3] < 0.3 else count
            satisfied = None if surveyed is None else int(rng.binomial(surveyed, 0.85))
            yield [
                year, code, title, kind, level, item, f"{day}.{of_year}", workplace.title, count, winners, prizes,
                surveyed, satisfied,
            ]  # fmt: skip


HEAD_POINTS = (
    ("компетенции руководителя", "1-1", "Переподготовка по управлению", 5),
    ("качество подготовки обучающихся", "2-1", "Доля получивших аттестат", 10),
    ("качество подготовки обучающихся", "2-2", "Участники муниципального этапа ВсОШ", 5),
    ("образование обучающихся с ОВЗ", "3-1", "Созданы специальные условия", 5),
    ("кадры", "4-1", "Доля педагогов с категорией", 10),
    ("кадры", "4-2", "Доля молодых педагогов", 5),
    ("условия", "5-1", "Паспорт безопасности", 5),
    ("ВСОКО", "6-1", "Положение и отчёт о ВСОКО", 10),
    ("воспитание", "7-1", "Рабочая программа воспитания", 5),
    ("открытость", "8-1", "Сайт и независимая оценка", 5),
    ("исполнительская дисциплина", "9-1", "Снято за нарушения сроков", 0),
)


def head_rows(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """The sheet of each organisation: a head has a strength, the same every year; some lose a point or two."""
    heads = {person.org: person for person in staff(town, year, seed) if person.post in ("директор", "заведующий")}
    for workplace in workplaces(town, seed):
        strength = 0.45 + 0.5 * stream(seed, "head", workplace.org).random()
        rng = stream(seed, "head points", workplace.org, year)
        for criterion, code, title, most in HEAD_POINTS:
            chance = rng.random()
            points = -int(chance * 3) if most == 0 else min(most, int(rng.binomial(most, strength)))
            yield [
                year,
                workplace.org,
                heads[workplace.org].name.full,
                criterion,
                code,
                title,
                None,
                points,
                most,
                None,
            ]


OWN_ROWS = {
    "course": course_rows,
    "deficit": deficit_rows,
    "head_points": head_rows,
    "method_group": group_rows,
    "method_meeting": meeting_rows,
    "staff": staff_rows,
    "staff_plan": plan_rows,
    "teacher_event": event_rows,
}
"""Register → its rows of a town, year and seed."""
