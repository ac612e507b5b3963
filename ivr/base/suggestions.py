"""Guesses what an admin meant."""

import difflib
import re
from collections.abc import Collection

NAMED_AT_MOST = 12        # a longer list hides the answer in the message
COMPARED_AT_MOST = 2000   # comparing costs some 10 µs a name; a file with more names than this gets no guess

# Russian letters that look like Latin ones: typed on the wrong layout they can't be seen in an editor.
RUSSIAN = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ")
LOOKALIKES = str.maketrans("асеорхуківАВСЕНКМОРТХ", "aceopxykibABCEHKMOPTX")


def nearest(word: str, allowed: Collection[str]) -> str | None:
    """The name out of `allowed` that `word` most likely stands for."""
    latin = word.translate(LOOKALIKES)
    if latin in allowed:
        return latin
    if len(allowed) > COMPARED_AT_MOST:
        return None
    near = difflib.get_close_matches(latin.lower(), allowed, n=1, cutoff=0.6)
    return near[0] if near else None


def guess(word: str, allowed: Collection[str]) -> str:
    """A question or a hint for `word`, which is none of `allowed`, or "" if none of them is near."""
    near = nearest(word, allowed)
    if near is not None and near == word.translate(LOOKALIKES):
        return f"a letter of it is Russian and only looks like Latin: type `{near}` anew;"
    if near is not None and near.translate(LOOKALIKES) == word:
        return f"there is `{near}`, of which a letter is Russian and only looks like Latin: type that one anew;"
    return f"did you mean `{near}`?" if near else ""


def lookalike(word: str, pattern: re.Pattern[str]) -> str:
    """A remedy for a word that only needs Latin letters to fit; "" for one that would not fit then either."""
    latin = word.translate(LOOKALIKES)
    return f"a letter of it is Russian and only looks like Latin: type `{latin}` anew" \
        if latin != word and pattern.fullmatch(latin) else ""


def did_you_mean(word: str, allowed: Collection[str]) -> str:
    """A remedy for `word`, which is none of `allowed`: the nearest one, and all of them if they are few."""
    if not allowed:
        return "none is defined"
    names = f"allowed: {', '.join(sorted(allowed))}" if len(allowed) <= NAMED_AT_MOST else ""
    return " ".join(part for part in (guess(word, allowed), names) if part).rstrip(";")
