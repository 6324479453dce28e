"""Made-up people in every style in which people are written, and what of each must not be found again."""

from __future__ import annotations

from dataclasses import dataclass

NBSP, NARROW, HYPHEN, DASH = "\u00a0", "\u202f", "\u2011", "\u2013"


@dataclass(frozen=True)
class Plant:
    """A person as somebody wrote them down. needles: words and digits that must leave no trace."""

    style: str
    text: str
    needles: tuple[str, ...]


def _plant(style: str, text: str, *needles: str) -> Plant:
    return Plant(style, text, needles or tuple(text.split()))


PLANTS = [
    _plant("full", "Невидимкина Аристарха Потаёновна"),
    _plant("full, other case", "Незримовой Глафире Потаёновне"),
    _plant("two", "Неведомцев Аристарх"),
    _plant("two, name first", "Глафира Неоткрытова"),
    _plant("initials", "Безвестнов Э. Ю.", "Безвестнов"),
    _plant("initials first", "Э.Ю. Тайновский", "Тайновский"),
    _plant("upper case", "НЕЯВНОВА СТЕПАНИДА"),
    _plant("lower case", "скрытнева степанида потаёновна"),
    _plant("lower case, two", "прятальцев аристарх"),
    _plant("lone", "Укрытьева"),
    _plant("double", "Незаметнова-Утаённая Глафира", "Незаметнова", "Утаённая", "Глафира"),
    _plant("Latin", "Nevedomskaya Stepanida"),
    _plant("Latin, lower case", "podpolnova glafira"),
    _plant("sentence", "выдано Укромновой Степаниде", "Укромновой", "Степаниде"),
    _plant("Korean", "Цхой Ен Хи", "Цхой"),
    _plant("Tuvan", "Ооржак Чойгана", "Ооржак", "Чойгана"),
    _plant("Tuvan beside a number", "Кужугет 17", "Кужугет"),
    _plant("Turkic", "Небылиев Эльдар Азат оглы", "Небылиев", "Эльдар"),
    _plant("look-alikes", "Heзpимцeв Apиcтapx", "Heзpимцeв", "Apиcтapx"),
    _plant("beside a class", "Потайнов Аристарх 4Б", "Потайнов", "Аристарх"),
    _plant("mobile", "+7 (900) 555-35-01", "555-35-01"),
    _plant("mobile, bare", "89005553502", "89005553502", "9005553502"),
    _plant("mobile, no-break", f"8{NBSP}900{NBSP}555{HYPHEN}35{HYPHEN}03", f"555{HYPHEN}35{HYPHEN}03"),
    _plant("landline", "8(39031)2-00-04", "2-00-04"),
    _plant("landline, short", "тел. 2-00-05", "2-00-05"),
    _plant("mail", "nevidimkina.a@example.ru", "nevidimkina", "example.ru"),
    _plant("messenger", "t.me/nezrimova_g", "nezrimova_g"),
    _plant("address", "ул. Потаённая, д. 7, кв. 77", "Потаённая"),
    _plant("passport", "паспорт 8877 665501", "8877 665501", "665501"),
    _plant("passport, bare", "паспорт 8877665502", "8877665502"),
    _plant("birth certificate", "II-БЮ № 665503", "665503"),
    _plant("СНИЛС", "112-233-445 95", "112-233-445"),
    _plant("СНИЛС, no-break", f"112{DASH}233{DASH}445{NARROW}95", f"112{DASH}233{DASH}445"),
    _plant("СНИЛС, bare", "11223344595"),
    _plant("ИНН", "190100665504"),
    _plant("policy", "1900 6655 0566 5505", "6655 0566"),
    _plant("birth date", "дата рождения 09.09.2014", "09.09.2014"),
]
