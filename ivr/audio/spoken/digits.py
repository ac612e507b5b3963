"""A number that is read out digit by digit, cut into groups as people say card and telephone numbers."""

import re
from collections.abc import Sequence

import phonenumbers

from ivr.audio.spoken.values import PAUSE, Words, number

LONGEST = 40                        # digits: more than any account, card or telephone number has
_SEPARATORS = re.compile(r"[\s().\u2010-\u2013-]")
_DIGITS = re.compile(r"\+?[0-9]+")
_SIZES = re.compile(r"[1-9][0-9]?(-[1-9][0-9]?)*")
_CARD_SIZES = {15: (4, 6, 5)}       # American Express; every other card has groups of four
_PHONE_SIZES = {10: (3, 3, 2, 2), 11: (1, 3, 3, 2, 2)}


def read(detail: str) -> str:
    """The detail: "", "card", "phone" or sizes of groups such as "3-3-4"."""
    kind = detail.strip()
    if kind in ("", "card", "phone") or _SIZES.fullmatch(kind):
        return kind
    raise ValueError(f"“{kind}” means nothing here: card, phone or the sizes of groups, such as 3-3-4, are allowed")


def groups(value: object, kind: str) -> list[str]:
    """["+7", "916", "123", "45", "67"] of "+7 916 123-45-67" as a phone. The last size holds for all that follow."""
    text = written(value)
    digits = text.removeprefix("+")
    if not kind:
        return [text]
    if kind == "phone":
        cut = _international(text) or _cut(digits, _phone_sizes(len(digits)))
    elif kind == "card":
        cut = _cut(digits, _CARD_SIZES.get(len(digits), (4,)))
    else:
        cut = _cut(digits, [int(size) for size in kind.split("-")])
    return ["+" + cut[0], *cut[1:]] if text.startswith("+") else cut


def written(value: object) -> str:
    """The digits alone, with the plus before them if there is one."""
    text = _SEPARATORS.sub("", value if isinstance(value, str) else _whole(value))
    if not _DIGITS.fullmatch(text):
        raise ValueError("it holds more than digits")
    if len(text) > LONGEST:
        raise ValueError(f"it has more than {LONGEST} digits")
    return text


def _whole(value: object) -> str:
    """A number as digits; asked for its size first, as 1e999999 is written in no time and read out in none."""
    exact = number(value)
    if exact < 0 or exact >= 10 ** LONGEST or exact != exact.to_integral_value():
        raise ValueError("it holds more than digits")
    return str(int(exact))


def words(cut: list[str], names: Sequence[str], plus: str) -> Words:
    """The groups in words with a pause between them; `names` has the ten digits."""
    said: list[str] = []
    for group in cut:
        said += [PAUSE] if said else []
        said += [plus if digit == "+" else names[int(digit)] for digit in group]
    return tuple(said)


def _cut(digits: str, sizes: Sequence[int]) -> list[str]:
    cut: list[str] = []
    at = 0
    while at < len(digits):
        size = sizes[min(len(cut), len(sizes) - 1)]
        cut.append(digits[at:at + size])
        at += size
    return cut


def _international(text: str) -> list[str]:
    """As its own country writes a number that begins with a plus; [] if no country has such a number."""
    if not text.startswith("+"):
        return []
    try:
        parsed = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return []
    shown = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    cut = re.findall("[0-9]+", shown)
    return cut if "".join(cut) == text[1:] else []


def _phone_sizes(length: int) -> Sequence[int]:
    """Up to four digits stay together; beyond, pairs from the end, three in front if the number is odd."""
    return _PHONE_SIZES.get(length) or ((length,) if length <= 4 else (2 + length % 2, 2))
