"""Values in English. Times have 24 hours unless the detail says 12."""

from typing import Any

from ivr.audio.spoken import digits
from ivr.audio.spoken.english_numbers import (
    AND,
    DIGITS,
    HUNDRED,
    MINUS,
    NUMERALS,
    POINT,
    SMALL,
    TENS,
    THOUSANDS,
    Noun,
    below_hundred,
    cardinal,
    counted,
    read_noun,
)
from ivr.audio.spoken.forms import Form, keywords, unique
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

CENT, KOPECK = Noun("cent", "cents"), Noun("kopeck", "kopecks")
MAJOR = {
    "RUB": Noun("rouble", "roubles"), "USD": Noun("dollar", "dollars"), "EUR": Noun("euro", "euros"),
    "GBP": Noun("pound", "pounds"), "KZT": Noun("tenge", "tenge"), "CNY": Noun("yuan", "yuan"),
    "BYN": Noun("Belarusian rouble", "Belarusian roubles"), "CHF": Noun("Swiss franc", "Swiss francs"),
    "JPY": Noun("yen", "yen"),
}
MINOR = {
    "RUB": KOPECK, "USD": CENT, "EUR": CENT, "BYN": KOPECK, "GBP": Noun("penny", "pence"),
    "KZT": Noun("tiyn", "tiyn"), "CNY": Noun("fen", "fen"), "CHF": Noun("centime", "centimes"),
}
LENGTHS = {"days": Noun("day", "days"), "hours": Noun("hour", "hours"), "minutes": Noun("minute", "minutes"),
           "seconds": Noun("second", "seconds")}
MONTHS = tuple(f"of {month}" for month in (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December"))
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
             "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth")
# A day is one word with its article: "the" alone is no sound to put before another.
DAYS = tuple(f"the {day}" for day in (
    *_ORDINALS, "twentieth", *(f"twenty {day}" for day in _ORDINALS[:9]), "thirtieth", "thirty first"))
OH = tuple(f"oh {digit}" for digit in DIGITS)                # in 9:05 and 1905
O_CLOCK, MIDNIGHT, NOON = "o'clock", "midnight", "noon"
HALVES = ("a.m.", "p.m.")


def signed(negative: bool, words: Words) -> Words:
    return (MINUS, *words) if negative else words


def count(value: object, noun: Noun | None) -> Words:
    """minus twenty one days; two point five days."""
    number = split(value)
    said = cardinal(number.whole)
    if number.fraction:
        said = (*said, POINT, *(DIGITS[int(digit)] for digit in number.fraction))
    if noun:
        said = (*said, noun.many if number.fraction else noun.after(number.whole))
    return signed(number.negative, said)


def spelled(value: object, kind: str) -> Words:
    return digits.words(digits.groups(value, kind), DIGITS, "plus")


def money(value: object, detail: Words) -> Words:
    """one hundred dollars and fifty cents; only what there is of either, and zero dollars if there is none."""
    total = sum_of(value, detail[0])
    major = counted(total.major, MAJOR[total.currency]) if total.major or not total.minor else ()
    minor = counted(total.minor, MINOR[total.currency]) if total.minor else ()
    return signed(total.negative, (*major, AND, *minor) if major and minor else major + minor)


def duration(value: object, detail: Words) -> Words:
    """one day two hours and five minutes."""
    length = length_of(value, detail[0] or "seconds")
    *first, last = [counted(count, LENGTHS[unit]) for unit, count in length.parts]
    said = tuple(word for part in first for word in part)
    return signed(length.negative, (*said, AND, *last) if said else last)


def date(value: object, detail: Words) -> Words:
    """the twenty third of November twenty twenty six."""
    day = day_of(value)
    said = (DAYS[day.day - 1], MONTHS[day.month - 1])
    return said if detail[0] else (*said, *_year(day.year))


def _year(year: int) -> Words:
    """nineteen hundred, nineteen oh one, two thousand and one, twenty ten, twenty one hundred."""
    century, rest = divmod(year, 100)
    if 2000 <= year < 2010:
        return cardinal(year)
    return (*below_hundred(century), *(_after_hour(rest) if rest else (HUNDRED,)))


def _after_hour(number: int) -> Words:
    return (OH[number],) if number < 10 else below_hundred(number)


def time(value: object, detail: Words) -> Words:
    """nine oh five, nine o'clock, twenty one hundred; with 12 nine oh five p.m."""
    hour, minute = hour_and_minute(value)
    if not minute and hour in (0, 12):
        return (NOON if hour else MIDNIGHT,)
    if detail[0]:
        return (*cardinal((hour - 1) % 12 + 1), *(_after_hour(minute) if minute else ()), HALVES[hour // 12])
    if not minute:
        return (*cardinal(hour), O_CLOCK if hour < 12 else HUNDRED)
    return (*cardinal(hour), *_after_hour(minute))


def _nouns(table: dict[str, Noun]) -> Words:
    return unique(*((noun.one, noun.many) for noun in table.values()))


FORMS: dict[str, Form[Any]] = {
    "count": Form(read_noun, count, unique(NUMERALS, (MINUS, POINT))),
    "digits": Form(digits.read, spelled, (*DIGITS, "plus", PAUSE)),
    "money": Form(keywords(MINOR_DIGITS), money, unique(NUMERALS, (MINUS, AND), _nouns(MAJOR), _nouns(MINOR))),
    "duration": Form(keywords(UNITS), duration, unique(THOUSANDS, (MINUS, AND), _nouns(LENGTHS))),
    "date": Form(keywords(("no_year",)), date, unique(
        DAYS, MONTHS, SMALL[1:], TENS, OH[1:], (HUNDRED, "thousand", f"thousand {AND}"))),
    "time": Form(keywords(("12",)), time, unique(
        SMALL, TENS[:6], OH[1:], HALVES, (O_CLOCK, MIDNIGHT, NOON, HUNDRED))),
}
