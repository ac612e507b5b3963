"""Russian numerals: they agree with the gender of what is counted, and it stands in the form that they ask for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ivr.audio.spoken.forms import unique
from ivr.audio.spoken.values import Split, Words


class Gender(StrEnum):
    MASCULINE = "masculine"
    FEMININE = "feminine"
    NEUTER = "neuter"


@dataclass(frozen=True)
class Noun:
    """день, дня, дней: after one, after two to four, after five and more; `part` after a fraction (genitive singular).

    Only `one` of a feminine noun differs in the accusative of things (минуту); `accusative` says that it is so.
    """

    one: str
    few: str
    many: str
    gender: Gender = Gender.MASCULINE
    part: str = ""
    accusative: bool = False

    def after(self, count: int) -> str:
        """The form behind this many: 1, 21 and 101, but not 11, have that of one."""
        if 11 <= count % 100 <= 14:
            return self.many
        return {1: self.one, 2: self.few, 3: self.few, 4: self.few}.get(count % 10, self.many)

    def words(self) -> Words:
        return unique((self.one, self.few, self.many, self.part))


ONE = {Gender.MASCULINE: "один", Gender.FEMININE: "одна", Gender.NEUTER: "одно"}
ONE_ACCUSATIVE = {**ONE, Gender.FEMININE: "одну"}
TWO = {Gender.MASCULINE: "два", Gender.FEMININE: "две", Gender.NEUTER: "два"}
DIGITS = ("ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять")
TEENS = ("десять", "одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать",
         "семнадцать", "восемнадцать", "девятнадцать")
TENS = ("", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто")
HUNDREDS = ("", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот")
MINUS = "минус"

BILLION = Noun("миллиард", "миллиарда", "миллиардов")
MILLION = Noun("миллион", "миллиона", "миллионов")


def feminine(one: str, accusative_one: str, few: str, many: str) -> Mapping[bool, Noun]:
    """A feminine noun by whether it stands in the accusative."""
    return {False: Noun(one, few, many, Gender.FEMININE),
            True: Noun(accusative_one, few, many, Gender.FEMININE, accusative=True)}


THOUSAND = feminine("тысяча", "тысячу", "тысячи", "тысяч")
WHOLE = feminine("целая", "целую", "целых", "целых")
FRACTIONS = (                       # by the number of decimals
    feminine("десятая", "десятую", "десятых", "десятых"),
    feminine("сотая", "сотую", "сотых", "сотых"),
    feminine("тысячная", "тысячную", "тысячных", "тысячных"),
    feminine("десятитысячная", "десятитысячную", "десятитысячных", "десятитысячных"))


def cardinal(count: int, gender: Gender = Gender.MASCULINE, accusative: bool = False) -> Words:
    """0 to 999,999,999,999, agreeing with what is counted."""
    said: list[str] = []
    rest = count
    for size, scale in ((10 ** 9, BILLION), (10 ** 6, MILLION), (10 ** 3, THOUSAND[accusative])):
        times, rest = divmod(rest, size)
        said += [*_below_thousand(times, scale.gender, accusative), scale.after(times)] if times else []
    return (*said, *_below_thousand(rest, gender, accusative)) if count else (DIGITS[0],)


def _below_thousand(count: int, gender: Gender, accusative: bool) -> Words:
    hundreds, rest = divmod(count, 100)
    tens, ones = divmod(rest, 10)
    if tens == 1:
        return unique((HUNDREDS[hundreds], TEENS[ones]))
    return unique((HUNDREDS[hundreds], TENS[tens], _digit(ones, gender, accusative)))


def _digit(digit: int, gender: Gender, accusative: bool) -> str:
    if digit == 1:
        return (ONE_ACCUSATIVE if accusative else ONE)[gender]
    return TWO[gender] if digit == 2 else DIGITS[digit] if digit else ""


def counted(count: int, noun: Noun) -> Words:
    """двадцать одна минута."""
    return (*cardinal(count, noun.gender, noun.accusative), noun.after(count))


def fraction(number: Split, accusative: bool) -> Words:
    """две целых пять десятых: both halves are feminine, whatever is counted."""
    part = FRACTIONS[len(number.fraction) - 1]
    return (*counted(number.whole, WHOLE[accusative]), *counted(int(number.fraction), part[accusative]))


def both(cases: Iterable[Mapping[bool, Noun]]) -> Words:
    """The words of nouns in both cases."""
    return unique(*(noun.words() for case in cases for noun in case.values()))


# The words of cardinal(): masculine and feminine in both cases, up to 999,999, and to the end.
THOUSANDS = unique(DIGITS, *((table[Gender.MASCULINE], table[Gender.FEMININE]) for table in (ONE, ONE_ACCUSATIVE, TWO)),
                   TEENS, TENS, HUNDREDS, both([THOUSAND]))
NUMERALS = unique(THOUSANDS, MILLION.words(), BILLION.words())
