"""Made-up people and ordinary words for measuring what is hidden: combinations from the morphology's own dictionary."""

from __future__ import annotations

import random
import re
from functools import cache
from itertools import product
from typing import Any

from schemas.vocabulary import vocabulary

LETTERS = "бвгдзклмнпрстфхчш"
EVERY = 5  # of the dictionary's words under a prefix
RARE = ("Abbr", "Arch", "Erro", "Slng", "Dist", "Infr")
ENDINGS = {"masc": ("ов", "ин", "ский", "енко", "ук"), "femn": ("ова", "ина", "ская", "енко", "ук")}
_NEW_WORDS = (
    "киберспорт хакатон вебинар медиацентр технопарк коворкинг стартап блогер онлайн-тест видеоролик мультстудия "
    "квест-игра флешмоб челлендж воркшоп тьюториал айти-клуб робофест инженериада экоурок наноград профориентир "
    "ФГОС ВПР ОГЭ ЕГЭ ГВЭ ВсОШ МКДО ШНОР ШНСУ ИОМ ВСОКО МБОУ ГБПОУ МКОУ ДОО ЦДО РДДМ ЮИД ПДН ППЭ РЦОКО ФИПИ СанПиН"
)
_SURNAMES = (
    "Ооржак Монгуш Куулар Ондар Донгак Хертек Салчак Тюлюш Кужугет Боргояков Майнагашев Чебодаев Тюкпиеков Ким Пак Цой "
    "Хван Югай Тен Мамедов Гаджиев Алиев Оганесян Саркисян Бериашвили Гогоберидзе Шевченко Ковальчук Петренко Абдуллаев"
)
_NAMES = (
    "Айдыс Чойгана Азияна Шораана Буян Начын Айлана Мерген Айнур Рустам Гульнара Динара Тимур Шамиль Руслан Айгуль "
    "Ден Чер Ен Хи Сын Мин Ашот Гаянэ Нурлан Бекзат Зарина Парвиз Далер Тарас Богдан"
)
NEW_WORDS, OTHER_SURNAMES, OTHER_NAMES = (text.split() for text in (_NEW_WORDS, _SURNAMES, _NAMES))
LATIN = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфхыэ", "abvgdeziyklmnoprstufhye", strict=True))
    | {"ё": "e", "ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya", "ь": "", "ъ": ""}
)
CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")


@cache
def _morphology() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer()


@cache
def lemmas() -> dict[str, list[Any]]:
    """Parses in the nominative by what they are: Surn, Name, Patr (masculine and feminine), NOUN, ADJF, VERB."""
    found: dict[str, list[Any]] = {sort: [] for sort in ("Surn", "Name", "Patr", "NOUN", "ADJF", "VERB")}
    for prefix in random.Random(7).sample([a + b + c for a, b, c in product(LETTERS, "аеиоу", LETTERS)], 150):
        for word in list(_morphology().dictionary.words.iterkeys(prefix))[::EVERY]:
            parse = _morphology().parse(word)[0]
            sort = _sort(parse)
            if sort is not None and len(parse.normal_form) > 3 and not any(rare in parse.tag for rare in RARE):
                found[sort].append(parse)
    return found


def _sort(parse: Any) -> str | None:
    named = next((sort for sort in ("Patr", "Surn", "Name") if sort in parse.tag), None)
    if named is not None:
        return named if {"nomn", "sing"} in parse.tag else None
    if parse.word != parse.normal_form or any(proper in parse.tag for proper in ("Geox", "Orgn", "Trad", "Poss")):
        return None
    return {"NOUN": "NOUN", "ADJF": "ADJF", "INFN": "VERB"}.get(str(parse.tag.POS))


def _inflected(parse: Any, case: str, gender: str) -> str:
    wanted = {case, "sing"} | ({gender} if "Surn" in parse.tag else set())
    told = parse.inflect(wanted) or parse
    return str(told.word)


def _cap(word: str) -> str:
    return "-".join(part[:1].upper() + part[1:] for part in word.split("-"))


def people(count: int, seed: int = 1) -> list[tuple[str, str]]:
    """(style, text) of made-up people: full, without a patronymic, with initials, inflected, in sentences, …"""
    chance, known = random.Random(seed), lemmas()
    gender_of = {
        gender: {
            sort: [p for p in known[sort] if gender in p.tag or sort == "Surn"] for sort in ("Surn", "Name", "Patr")
        }
        for gender in ENDINGS
    }
    made = []
    for number in range(count):
        gender, case = chance.choice(("masc", "femn")), chance.choice(CASES)
        surname, name, patronymic = (chance.choice(gender_of[gender][sort]) for sort in ("Surn", "Name", "Patr"))
        nominative = [_cap(_inflected(part, "nomn", gender)) for part in (surname, name, patronymic)]
        oblique = [_cap(_inflected(part, case, gender)) for part in (surname, name, patronymic)]
        second = _cap(_inflected(chance.choice(gender_of[gender]["Surn"]), "nomn", gender))
        other = f"{chance.choice(OTHER_SURNAMES)} {chance.choice(OTHER_NAMES)}"
        styles = {
            "full": " ".join(nominative),
            "two": " ".join(nominative[:2]),
            "two_reversed": " ".join(reversed(nominative[:2])),
            "initials": f"{nominative[0]} {nominative[1][0]}. {nominative[2][0]}.",
            "initials_before": f"{nominative[1][0]}.{nominative[2][0]}. {nominative[0]}",
            "inflected": " ".join(oblique),
            "sentence": f"выдано {' '.join(oblique[:2])}, 9 класс",
            "lower": " ".join(nominative).lower(),
            "lower_two": " ".join(nominative[:2]).lower(),
            "upper": " ".join(nominative).upper(),
            "double": f"{nominative[0]}-{second} {nominative[1]}",
            "other": f"{other} {number % 90 + 10}",
            "other_lower": other.lower(),
            "suffix": f"{other} {nominative[1]} {chance.choice(['оглы', 'кызы', 'улы'])}",
            "latin": " ".join(nominative[:2]).lower().translate(LATIN).title(),
            "file": f"Протокол_{'_'.join(nominative[:2])}_4А.xlsx",
            "surname": nominative[0],
            "made_up": f"{_made_up(chance, known, gender)} {nominative[1]}",
            "made_up_lone": _made_up(chance, known, gender),
            "made_up_lower": _made_up(chance, known, gender).lower(),
        }
        style = list(styles)[number % len(styles)]
        made.append((style, styles[style]))
    return made


def _made_up(chance: random.Random, known: dict[str, list[Any]], gender: str) -> str:
    """A surname that no dictionary has: the stem of a word and an ending of surnames."""
    while True:
        stem = re.sub("[аеиоуыэюяйьё]+$", "", chance.choice(known["NOUN"] + known["ADJF"]).word)[:9]
        word = stem + chance.choice(ENDINGS[gender])
        if len(stem) > 2 and not _morphology().word_is_known(word):
            return _cap(word)


def parts_left(text: str, shown: str) -> list[str]:
    """Words of a person that a text still has."""
    left = set(re.findall(r"[^\W\d_]+", shown))
    ours = {"выдано", "класс", "Протокол", "xlsx", "А"}
    return [word for word in re.findall(r"[^\W\d_]+", text) if word in left and len(word) > 1 and word not in ours]


def ordinary(count: int, seed: int = 1) -> list[tuple[str, str]]:
    """(style, text) of words that are nobody's: of the dictionary and of our layouts, in every case, in phrases."""
    chance, known = random.Random(seed), lemmas()
    ours = sorted(word for word in vocabulary() if len(word) > 3)
    made = []
    for number in range(count):
        noun, adjective = chance.choice(known["NOUN"]), chance.choice(known["ADJF"])
        gender = next((g for g in ("masc", "femn", "neut") if g in noun.tag), "masc")
        agreed = adjective.inflect({"nomn", "sing", gender}) or adjective
        word = chance.choice([p.word for p in (noun, adjective, chance.choice(known["VERB"]))])
        own = chance.choice(ours)
        styles = {
            "lower": word, "title": word.capitalize(), "upper": word.upper(), "own": own, "own_title": own.capitalize(),
            "own_upper": own.upper(), "phrase": f"{agreed.word} {noun.word}".capitalize(),
            "number": f"{word} {number % 9 + 1}",
            "inflected": _inflected(noun, chance.choice(CASES), gender), "new": chance.choice(NEW_WORDS),
        }  # fmt: skip
        style = list(styles)[number % len(styles)]
        made.append((style, styles[style]))
    return made
