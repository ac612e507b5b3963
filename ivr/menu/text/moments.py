"""Dates and times as people write them: `31.12.2026`, `2026-12-31`, `31 декабря 2026 г.`, `December 31, 2026`; `14:30`,
`9.05`, `9:05 pm`, `7 вечера`."""

import re

from ivr.audio.spoken import english, russian

PIVOT = 69              # two digits below it are a year of this century, others one of the last (POSIX's strptime)
PART = re.compile(r"[0-9]+|[^\W\d_]+")           # 31st and 14ч30 are two and three
DATE_FILLING = frozenset(["of", "the", "st", "nd", "rd", "th", "го", "е", "ое", "г", "год", "года"])
HOUR_WORDS = frozenset(["ч", "час", "часа", "часов", "h", "oclock"])
TIME_FILLING = HOUR_WORDS | frozenset(["в", "at", "мин", "минут", "минута", "минуты", "min"])
# Half of the day: 0 for the first, 12 for the second.
HALVES = {"am": 0, "утра": 0, "ночи": 0, "pm": 12, "дня": 12, "вечера": 12}
NOMINATIVE = ("январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь",
              "декабрь")
MONTHS = tuple((of_month.removeprefix("of ").casefold(), genitive, nominative)
               for of_month, genitive, nominative in zip(english.MONTHS, russian.MONTHS, NOMINATIVE, strict=True))
LEAST_MONTH = 3         # letters that tell one from the others


def date_keys(plain: str) -> str | None:
    """Day, month and year of a cleaned text as callers type them, 31122026; None where it is no date. Whether there is
    such a day is not asked."""
    said: list[str] = [word for word in PART.findall(plain) if word not in DATE_FILLING]
    if len(said) == 1 and len(said[0]) == 8 and said[0].isdecimal():
        return said[0]
    if len(said) != 3:
        return None
    first, second, third = said
    if len(first) == 4 and first.isdecimal():
        first, third = third, first
    elif not first[0].isdecimal():
        first, second = second, first
    month, year = _month(second), _year(third)
    is_day = first.isdecimal() and len(first) <= 2
    return f"{int(first):02}{month:02}{year}" if is_day and month and year else None


def time_keys(plain: str) -> str | None:
    """Hour and minute of a cleaned text as callers type them, 0930; None where it is no time."""
    said: list[str] = PART.findall(plain.replace("a.m", "am").replace("p.m", "pm").replace("o'clock", "oclock"))
    half = next((HALVES[word] for word in said if word in HALVES), None)
    numbers = [word for word in said if word not in TIME_FILLING and word not in HALVES]
    if len(numbers) == 1 and len(numbers[0]) == 4 and half is None:
        return numbers[0] if numbers[0].isdecimal() else None
    if len(numbers) == 1 and (half is not None or HOUR_WORDS & set(said)):
        numbers.append("00")
    if len(numbers) != 2 or not all(number.isdecimal() for number in numbers):
        return None
    hour, minute = numbers
    if len(hour) > 2 or len(minute) != 2:
        return None
    return _on_the_clock(int(hour), minute, half)


def _on_the_clock(hour: int, minute: str, half: int | None) -> str | None:
    if half is None:
        return f"{hour:02}{minute}"
    return f"{hour % 12 + half:02}{minute}" if 1 <= hour <= 12 else None


def _month(word: str) -> int:
    """From 1; 0 for none."""
    if word.isdecimal():
        return int(word) if len(word) <= 2 else 0
    if len(word) < LEAST_MONTH:
        return 0
    return next((number for number, names in enumerate(MONTHS, 1) if any(name.startswith(word) for name in names)), 0)


def _year(word: str) -> str:
    """Four digits; "" for none."""
    if not word.isdecimal() or len(word) not in (2, 4):
        return ""
    return word if len(word) == 4 else f"{'20' if int(word) < PIVOT else '19'}{word}"
