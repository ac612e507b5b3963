"""A message as it is compared: bounded, in one spelling, without what nobody sees. Nothing makes it raise."""

import re
import unicodedata

LONGEST = 4096          # characters that arrive at most; what stands behind them is not read
LONGEST_ANSWER = 200    # characters of an answer: a longer message is a letter, and none of what is asked
DASHES = frozenset("‐‑‒–—―−﹘﹣－")
KEYCAP = "\u20e3"       # drawn around a digit
EDGES = " .,:;!?()[]«»\"'"
# Controls, what changes the direction, surrogates, private and unassigned characters, and the joiners of emoji.
UNSEEN = frozenset(["Cc", "Cf", "Cs", "Co", "Cn"])
WORD = re.compile(r"[^\W_]+")


def cleaned(text: str) -> str:
    """Small letters, ё as е, digits of any script as 0-9, every dash as -, single spaces; "" for what can't be an
    answer."""
    shown = "".join(map(_shown, text[:LONGEST].replace("№", " ")))
    if len(shown) > LONGEST_ANSWER * 2:
        shown = " ".join(shown.split())
        if len(shown) > LONGEST_ANSWER:
            return ""
    plain = unicodedata.normalize("NFKC", shown).casefold()
    found = " ".join("".join(map(_plain, plain)).split())
    return found if len(found) <= LONGEST_ANSWER else ""


def words(text: str) -> str:
    """The letters and digits of a cleaned text alone, with single spaces: as labels are compared."""
    return " ".join(WORD.findall(text))


def _shown(char: str) -> str:
    if char.isspace():
        return " "
    if char == KEYCAP or "\ufe00" <= char <= "\ufe0f" or unicodedata.category(char) in UNSEEN:
        return ""
    return char


def _plain(char: str) -> str:
    if char == "ё":
        return "е"
    if char in DASHES:
        return "-"
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return "" if unicodedata.category(char) in UNSEEN else char
