"""People on the staff of the made-up town: who works where as what in a year, and what became of them the year after.

A place on the staff has occupants one after another: somebody leaves, mostly the young, and another is hired. All is
drawn by the place alone, so that a person is the same in every register and every year.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from msoko_pipeline.sample.preschool_files import make_preschools
from msoko_pipeline.sample.pupil_names import BOYS, FATHERS, GIRLS, SURNAMES, Name
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import BASIC, TINY, School

FIRST_YEAR = 2015  # from which places are filled one after another
STAFF, SMALL_STAFF, TINY_STAFF, PRESCHOOL_STAFF = 44, 20, 14, 14  # of a school by its kind, of a preschool
LEAVES, YOUNG_LEAVES = 0.04, 0.14  # a year, of all and of those in their first three years
NEWCOMER = 0.6  # of those hired that have just begun
WOMEN = 0.85
NO_TEACHING, MENTORED = 0.06, 0.7
HIGHEST_FROM = 0.5  # of the person's own draw, who gets to the highest category at all
SUBJECTS = (
    "математика", "русский язык и литература", "начальные классы", "начальные классы", "иностранный язык",
    "история и обществознание", "физика", "начальные классы", "биология", "физическая культура", "химия",
    "начальные классы", "география", "информатика", "русский язык и литература", "математика", "технология",
    "музыка и изобразительное искусство", "иностранный язык", "ОБЗР",
)  # fmt: skip
OTHERS = ("педагог-психолог", "социальный педагог", "учитель-логопед", "педагог дополнительного образования",
          "советник директора")  # fmt: skip
CATEGORY_AFTER = ((12, "высшая"), (5, "первая"), (2, "соответствие занимаемой должности"))
"""Years of experience from which somebody has a category, from the highest; up to three years later."""


@dataclass(frozen=True)
class Drawn:
    """What chance gives a person, each 0–1."""

    before: float
    sex: float
    delay: float
    education: float
    age: float
    mentor: float
    newcomer: float
    own: float


@dataclass(frozen=True)
class Person:
    """A member of staff in a year. skill: logits around the town's mean; own: 0–1, the same in every year."""

    org: str
    name: Name
    post: str
    subject: str
    education: str
    category: str
    category_day: str | None
    birth_year: int
    hire_day: str
    experience: int
    is_mentored: bool
    skill: float
    own: float

    @property
    def is_managing(self) -> bool:
        return self.post in ("директор", "заведующий", "заместитель директора")


@dataclass(frozen=True)
class Workplace:
    """An organisation as the registers name it: its login or code, its short name, how many work there."""

    org: str
    title: str
    is_preschool: bool
    size: int


def workplaces(town: Sequence[School], seed: int) -> list[Workplace]:
    """Schools and preschools of the town."""
    schools = [
        Workplace(each.login, each.title, False, TINY_STAFF if each.kind is TINY else SMALL_STAFF
                  if each.kind is BASIC else STAFF) for each in town
    ]  # fmt: skip
    return schools + [Workplace(each.code, each.title, True, PRESCHOOL_STAFF) for each in make_preschools(seed)]


def staff(town: Sequence[School], year: int, seed: int) -> Iterator[Person]:
    """Everybody on the staff at the end of a school year."""
    for workplace in workplaces(town, seed):
        yield from staff_of(workplace, year, seed)


@lru_cache(1000)
def staff_of(workplace: Workplace, year: int, seed: int) -> tuple[Person, ...]:
    """The staff of an organisation; no two of it are ever namesakes."""
    women, men = len(SURNAMES) * len(GIRLS) * len(FATHERS), len(SURNAMES) * len(BOYS) * len(FATHERS)
    order = stream(seed, "staff names", workplace.org).permutation(min(women, men)).tolist()
    return tuple(_occupant(workplace, place, year, seed, order) for place in range(workplace.size))


def _occupant(workplace: Workplace, place: int, year: int, seed: int, order: list[int]) -> Person:
    """Who has a place in a year, found by going through the years from the first; the head stays."""
    rng = stream(seed, "staff", workplace.org, place)
    drawn, number = Drawn(*rng.random(8)), 0
    began = FIRST_YEAR - int(drawn.before * 25)
    hired = min(FIRST_YEAR, began + int(drawn.own * 3))
    for now in range(FIRST_YEAR + 1, year + 1):
        leaves, successor = rng.random(), Drawn(*rng.random(8))
        if place and leaves < (YOUNG_LEAVES if now - began <= 3 else LEAVES):
            drawn, number, hired = successor, number + 1, now
            began = now - (0 if drawn.newcomer < NEWCOMER else 1 + int(drawn.before * 20))
    experience, delay = year - began, int(drawn.delay * 4)
    category, since = next(
        (
            (title, began + least + delay)
            for least, title in CATEGORY_AFTER
            if experience >= least + delay and (title != "высшая" or drawn.own > HIGHEST_FROM)
        ),
        ("без категории", None),
    )
    post, subject = _post(workplace, place)
    return Person(
        org=workplace.org,
        name=_name(order[(place + number * workplace.size) % len(order)], drawn.sex < WOMEN),
        post=post,
        subject=subject,
        education=_education(workplace, drawn.education),
        category=category,
        category_day=f"15.12.{since - 1}" if since and category in ("первая", "высшая") else None,
        birth_year=began - 22 - int(drawn.age**2 * 24),
        hire_day=f"01.09.{hired - 1}",
        experience=experience,
        is_mentored=drawn.mentor < MENTORED,
        skill=2 * drawn.own - 1 + min(experience, 15) / 15 - 0.5,
        own=drawn.own,
    )


def _post(workplace: Workplace, place: int) -> tuple[str, str]:
    if place == 0:
        return ("заведующий" if workplace.is_preschool else "директор"), ""
    if workplace.is_preschool:
        return ("музыкальный руководитель" if place == 1 else "воспитатель"), "дошкольное образование"
    if place < 1 + workplace.size // 14:
        return "заместитель директора", ""
    if place >= workplace.size - workplace.size // 9:
        return OTHERS[place % len(OTHERS)], ""
    return "учитель", SUBJECTS[place % len(SUBJECTS)]


def _education(workplace: Workplace, drawn: float) -> str:
    if drawn < NO_TEACHING:
        return "высшее непедагогическое"
    is_middle = drawn < NO_TEACHING + (0.35 if workplace.is_preschool else 0.14)
    return "СПО педагогическое" if is_middle else "высшее педагогическое"


def _name(place: int, she: bool) -> Name:
    rest, surname = divmod(place, len(SURNAMES))
    father, first = divmod(rest, len(BOYS))
    if not she:
        return Name(SURNAMES[surname], BOYS[first], FATHERS[father])
    return Name(f"{SURNAMES[surname]}а", GIRLS[first], f"{FATHERS[father].removesuffix('ич')}на")
