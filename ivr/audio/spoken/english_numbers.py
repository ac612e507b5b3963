"""English numerals, the British way: one hundred and one. "and" belongs to the word before it, as it is spoken."""

from dataclasses import dataclass

from ivr.audio.spoken.forms import noun_forms, unique
from ivr.audio.spoken.values import Words

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SMALL = (*DIGITS, "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
         "nineteen")
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
HUNDRED = "hundred"
SCALES = ((10 ** 9, "billion"), (10 ** 6, "million"), (10 ** 3, "thousand"))
AND = "and"
MINUS, POINT = "minus", "point"


@dataclass(frozen=True)
class Noun:
    one: str
    many: str

    def after(self, count: int) -> str:
        return self.one if count == 1 else self.many


def read_noun(detail: str) -> Noun | None:
    """The detail of `count`: `day|days`; None if empty. Raises ValueError."""
    forms = noun_forms(detail)
    if forms and (len(forms) != 2 or not all(forms)):
        raise ValueError("an English noun has two forms, such as day|days")
    return Noun(*forms) if forms else None


def cardinal(count: int) -> Words:
    """0 to 999,999,999,999."""
    said: list[str] = []
    rest = count
    for size, scale in SCALES:
        times, rest = divmod(rest, size)
        said += [*_below_thousand(times), scale] if times else []
    if said and 0 < rest < 100:
        said[-1] += " " + AND                                # one thousand and five
    return (*said, *_below_thousand(rest)) if count else (DIGITS[0],)


def _below_thousand(count: int) -> Words:
    hundreds, rest = divmod(count, 100)
    if not hundreds:
        return below_hundred(rest)
    return (DIGITS[hundreds], f"{HUNDRED} {AND}" if rest else HUNDRED, *below_hundred(rest))


def below_hundred(count: int) -> Words:
    """Nothing for 0."""
    if count < len(SMALL):
        return (SMALL[count],) if count else ()
    return unique((TENS[count // 10], SMALL[count % 10] if count % 10 else ""))


def counted(count: int, noun: Noun) -> Words:
    """twenty one days."""
    return (*cardinal(count), noun.after(count))


# The words of cardinal(): up to 999,999, and to the end.
THOUSANDS = unique(SMALL, TENS, *((word, f"{word} {AND}") for word in (HUNDRED, "thousand")))
NUMERALS = unique(THOUSANDS, *((word, f"{word} {AND}") for word in ("million", "billion")))
