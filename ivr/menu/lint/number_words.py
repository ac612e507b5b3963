"""Which keys a prompt's text names, and which it tells callers to press. English and Russian; digits in any language.

Heuristics: a number word anywhere counts as naming its key; one that follows "press", or a dash as in
"Кредиты — два.", is a key that callers are told to press.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

TOKEN = re.compile(r"[^\W\d_]+|\d+|[*#]|[—–-]|[.,;:!?]")
TEMPLATE = re.compile(r"\{[^}]*\}")      # a value that is spoken
JOINING = frozenset({"-", "or", "или", "либо"})
DASHES = frozenset("—–-")
ENDS = frozenset(".,;:!?")
UNITS = frozenset("123456789")


def _spread(words: Mapping[str, str]) -> dict[str, str]:
    return {word: keys for keys, spelled in words.items() for word in spelled.split()}


ENGLISH = _spread({
    "0": "zero nought", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven",
    "8": "eight", "9": "nine", "10": "ten", "11": "eleven", "12": "twelve", "13": "thirteen", "14": "fourteen",
    "15": "fifteen", "16": "sixteen", "17": "seventeen", "18": "eighteen", "19": "nineteen", "*": "star asterisk",
    "#": "hash pound",
})
RUSSIAN = _spread({
    "0": "ноль нуль ноля нуля", "1": "один одну одна единица единицу", "2": "два две двойка двойку",
    "3": "три тройка тройку", "4": "четыре четверка четверку", "5": "пять пятерка пятерку",
    "6": "шесть шестерка шестерку",
    "7": "семь семерка семерку", "8": "восемь восьмерка восьмерку", "9": "девять девятка девятку", "10": "десять",
    "11": "одиннадцать", "12": "двенадцать", "13": "тринадцать", "14": "четырнадцать", "15": "пятнадцать",
    "16": "шестнадцать", "17": "семнадцать", "18": "восемнадцать", "19": "девятнадцать",
    "*": "звездочка звездочку звезда звезду", "#": "решетка решетку",
})
ENGLISH_TENS = _spread({"2": "twenty", "3": "thirty", "4": "forty", "5": "fifty", "6": "sixty", "7": "seventy",
                        "8": "eighty", "9": "ninety"})
RUSSIAN_TENS = _spread({"2": "двадцать", "3": "тридцать", "4": "сорок", "5": "пятьдесят", "6": "шестьдесят",
                        "7": "семьдесят", "8": "восемьдесят", "9": "девяносто"})
WORDS = {"en": ENGLISH, "ru": RUSSIAN}
TENS = {"en": ENGLISH_TENS, "ru": RUSSIAN_TENS}
# What comes before a key that is to be pressed, and what may stand between.
ASKING = {"en": re.compile("press|pressing|push|dial|hit"), "ru": re.compile("(нажм|нажат|нажим|набер|набир|набра).*")}
BETWEEN = {"en": frozenset(["the", "key", "button", "digit", "number", "on"]),
           "ru": frozenset(["на", "клавишу", "кнопку", "цифру"])}


@dataclass(frozen=True)
class Named:
    """Numbers in a row in a text: each of them, where the last ends, and whether callers are told to press them."""

    numbers: tuple[str, ...]
    end: int
    asked: bool

    @property
    def keys(self) -> str:
        """What is typed if they are one option: "one two" is 12."""
        return "".join(self.numbers)


def understood(language: str) -> bool:
    """Whether the number words of a language are known."""
    return language in WORDS


def named_keys(text: str, language: str) -> list[Named]:
    """The numbers of a text, in its order; several in a row are one entry."""
    tokens = [(match.group().replace("ё", "е"), match.end()) for match in TOKEN.finditer(_plain(text))]
    return list(_numbers(tokens, language))


def mentioned(text: str, language: str) -> set[str]:
    """Every key, or keys of one option, that the text names in any way: "one two" names 1, 2 and 12."""
    return {keys for named in named_keys(text, language) for keys in (named.keys, *named.numbers)}


def _plain(text: str) -> str:
    """In small letters, values that are filled in blanked, every sign where it was."""
    return TEMPLATE.sub(lambda found: " " * len(found.group()), text).lower()


def _numbers(tokens: list[tuple[str, int]], language: str) -> Iterator[Named]:
    index, asked = 0, False
    while index < len(tokens):
        numbers, after = _run(tokens, index, language)
        if not numbers:
            asked = _asks(tokens, index, language, asked)
            index += 1
            continue
        before = _word(tokens, index - 1) if index else ""
        # "Press 1, 2 or 3" goes on behind the comma; "press 1, 24 hours a day" does not.
        sure = before != "," and before not in DASHES
        told = asked if sure else (asked or before in DASHES) and _closed(tokens, after)
        yield Named(numbers, tokens[after - 1][1], told)
        index = after


def _run(tokens: list[tuple[str, int]], index: int, language: str) -> tuple[tuple[str, ...], int]:
    """The numbers that stand here in a row, and the index after them."""
    numbers: list[str] = []
    while index < len(tokens) and (found := _number(tokens, index, language)):
        numbers.append(found[0])
        index = found[1]
    return tuple(numbers), index


def _number(tokens: list[tuple[str, int]], index: int, language: str) -> tuple[str, int] | None:
    """The number that stands here, if there is one, and the index after it."""
    word = tokens[index][0]
    words, tens = WORDS.get(language, {}), TENS.get(language, {})
    if word in tens:
        after = index + 2 if _word(tokens, index + 1) == "-" else index + 1
        unit = words.get(_word(tokens, after), "")
        return (tens[word] + unit, after + 1) if unit in UNITS else (f"{tens[word]}0", index + 1)
    keys = word if word.isdecimal() or word in "*#" else words.get(word)
    return None if keys is None else (keys, index + 1)


def _word(tokens: list[tuple[str, int]], index: int) -> str:
    return tokens[index][0] if index < len(tokens) else ""


def _asks(tokens: list[tuple[str, int]], index: int, language: str, asked: bool) -> bool:
    """Whether a number after this word is one to press."""
    word = tokens[index][0]
    if language in ASKING and ASKING[language].fullmatch(word):
        return True
    return asked and (word in JOINING or word == "," or word in BETWEEN.get(language, ()))


def _closed(tokens: list[tuple[str, int]], index: int) -> bool:
    """Whether nothing goes on behind a number: the sentence, or at least its part, ends there."""
    return index >= len(tokens) or tokens[index][0] in ENDS or tokens[index][0] in JOINING
