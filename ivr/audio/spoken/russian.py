"""Values in Russian. Everything stands in the nominative; where a detail says so, in the accusative of things."""

from typing import Any

from ivr.audio.spoken import digits, russian_nouns
from ivr.audio.spoken.forms import Form, keywords, unique
from ivr.audio.spoken.russian_nouns import ACCUSATIVE
from ivr.audio.spoken.russian_numbers import (
    DIGITS,
    FRACTIONS,
    MINUS,
    NUMERALS,
    ONE,
    THOUSANDS,
    WHOLE,
    Gender,
    Noun,
    both,
    cardinal,
    counted,
    feminine,
    fraction,
)
from ivr.audio.spoken.values import (
    MINOR_DIGITS,
    PAUSE,
    UNITS,
    Words,
    day_of,
    hour_and_minute,
    length_of,
    split,
    sum_of,
)


def _plain(one: str, few: str, many: str) -> dict[bool, Noun]:
    """A masculine noun, which has one form for both cases; what is counted with it may still need the accusative."""
    return {case: Noun(one, few, many, accusative=case) for case in (False, True)}


CENT, KOPECK = _plain("цент", "цента", "центов"), feminine("копейка", "копейку", "копейки", "копеек")
MAJOR = {
    "RUB": _plain("рубль", "рубля", "рублей"),
    "USD": _plain("доллар", "доллара", "долларов"),
    "EUR": _plain("евро", "евро", "евро"),
    "GBP": _plain("фунт стерлингов", "фунта стерлингов", "фунтов стерлингов"),
    "KZT": _plain("тенге", "тенге", "тенге"),
    "CNY": _plain("юань", "юаня", "юаней"),
    "BYN": _plain("белорусский рубль", "белорусских рубля", "белорусских рублей"),
    "CHF": _plain("швейцарский франк", "швейцарских франка", "швейцарских франков"),
    "JPY": feminine("иена", "иену", "иены", "иен"),
}
MINOR = {
    "RUB": KOPECK, "USD": CENT, "EUR": CENT, "BYN": KOPECK,
    "GBP": _plain("пенс", "пенса", "пенсов"),
    "KZT": _plain("тиын", "тиына", "тиынов"),
    "CNY": _plain("фэнь", "фэня", "фэней"),
    "CHF": _plain("сантим", "сантима", "сантимов"),
}
HOUR, MINUTE = _plain("час", "часа", "часов"), feminine("минута", "минуту", "минуты", "минут")
LENGTHS = {"days": _plain("день", "дня", "дней"), "hours": HOUR, "minutes": MINUTE,
           "seconds": feminine("секунда", "секунду", "секунды", "секунд")}
MONTHS = ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
          "декабря")
# Ordinals in the genitive: двадцать третьего ноября две тысячи двадцать шестого года.
ORDINALS = ("", "первого", "второго", "третьего", "четвёртого", "пятого", "шестого", "седьмого", "восьмого",
            "девятого", "десятого", "одиннадцатого", "двенадцатого", "тринадцатого", "четырнадцатого", "пятнадцатого",
            "шестнадцатого", "семнадцатого", "восемнадцатого", "девятнадцатого")
ORDINAL_TENS = ("", "", "двадцатого", "тридцатого", "сорокового", "пятидесятого", "шестидесятого", "семидесятого",
                "восьмидесятого", "девяностого")
ROUND_YEARS = {1900: ("тысяча", "девятисотого"), 2000: ("двухтысячного",), 2100: ("две", "тысячи", "сотого")}
CENTURIES = {19: ("тысяча", "девятьсот"), 20: ("две", "тысячи"), 21: ("две", "тысячи", "сто")}
YEAR = "года"


def signed(negative: bool, words: Words) -> Words:
    return (MINUS, *words) if negative else words


def count(value: object, noun: Noun | None) -> Words:
    """минус двадцать одна минута; две целых пять десятых минуты."""
    number, noun = split(value), noun or Noun("", "", "")
    said = (*fraction(number, noun.accusative), noun.part) if number.fraction else counted(number.whole, noun)
    return signed(number.negative, tuple(word for word in said if word))


def spelled(value: object, kind: str) -> Words:
    return digits.words(digits.groups(value, kind), DIGITS, "плюс")


def money(value: object, detail: Words) -> Words:
    """сто рублей пятьдесят копеек; only what there is of either, and ноль рублей if there is none."""
    currency, case = detail
    total, accusative = sum_of(value, currency), bool(case)
    major = counted(total.major, MAJOR[total.currency][accusative]) if total.major or not total.minor else ()
    minor = counted(total.minor, MINOR[total.currency][accusative]) if total.minor else ()
    return signed(total.negative, major + minor)


def duration(value: object, detail: Words) -> Words:
    """два часа пять минут."""
    smallest, case = detail
    length = length_of(value, smallest or "seconds")
    said = [word for unit, count in length.parts for word in counted(count, LENGTHS[unit][bool(case)])]
    return signed(length.negative, tuple(said))


def ordinal(number: int) -> Words:
    """1 to 99 in the genitive."""
    tens, ones = divmod(number, 10)
    if number < len(ORDINALS):
        return (ORDINALS[number],)
    return (*cardinal(tens * 10), ORDINALS[ones]) if ones else (ORDINAL_TENS[tens],)


def date(value: object, detail: Words) -> Words:
    """двадцать третьего ноября две тысячи двадцать шестого года."""
    day = day_of(value)
    said = (*ordinal(day.day), MONTHS[day.month - 1])
    return said if detail[0] else (*said, *_year(day.year), YEAR)


def _year(year: int) -> Words:
    return ROUND_YEARS.get(year) or (*CENTURIES[year // 100], *ordinal(year % 100))


def time(value: object, detail: Words) -> Words:
    """девять часов пять минут; девять часов."""
    hour, minute = hour_and_minute(value)
    accusative = bool(detail[0])
    said = counted(hour, HOUR[accusative])
    return (*said, *counted(minute, MINUTE[accusative])) if minute else said


CASE = (ACCUSATIVE,)
FORMS: dict[str, Form[Any]] = {
    "count": Form(russian_nouns.read, count, unique(NUMERALS, (ONE[Gender.NEUTER], MINUS), both([WHOLE, *FRACTIONS]))),
    "digits": Form(digits.read, spelled, (*DIGITS, "плюс", PAUSE)),
    "money": Form(keywords(MINOR_DIGITS, CASE), money,
                  unique(NUMERALS, (MINUS,), both([*MAJOR.values(), *MINOR.values()]))),
    "duration": Form(keywords(UNITS, CASE), duration, unique(THOUSANDS, (MINUS,), both(LENGTHS.values()))),
    "date": Form(keywords(("no_year",)), date, unique(
        cardinal(20), cardinal(30), ORDINALS, ORDINAL_TENS, MONTHS, (YEAR,), *ROUND_YEARS.values(),
        *CENTURIES.values(), *(cardinal(tens) for tens in range(40, 100, 10)))),
    "time": Form(keywords(CASE), time, unique(
        *(cardinal(hour) for hour in range(24)), *(cardinal(minute, Gender.FEMININE, accusative)
                                                   for minute in range(60) for accusative in (False, True)),
        both([HOUR, MINUTE]))),
}
