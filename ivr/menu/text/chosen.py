"""Which of the offered answers a message means: its keys, or its words."""

import re
from collections.abc import Callable, Iterable, Mapping

from ivr.menu.text.cleaned import EDGES, cleaned, words

LEAST_PREFIX = 3        # letters of the beginning of a label: fewer mean nothing
KEYS = re.compile(r"[0-9*#]{1,12}")


def chosen(options: Mapping[str, tuple[str, ...]], text: str) -> str | None:
    """The keys of the one option (keys → its labels) that the text means: by its keys, by a whole label, by the
    beginning of one, or by one word of one. None if there is none, or more than one."""
    plain = cleaned(text)
    keys = _keys(plain)
    if keys in options:
        return keys
    said = words(plain)
    if not said:
        return None
    named = {keys: [words(cleaned(label)) for label in labels] for keys, labels in options.items()}
    for means in (_whole(said), _beginning(said), _one_word(said)):
        found = [keys for keys, labels in named.items() if means(keys, labels)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _keys(plain: str) -> str:
    """`1.`, `(1)` and `1 2` are keys; a dash and a word are none."""
    found = plain.strip(EDGES).replace(" ", "")
    return found if KEYS.fullmatch(found) else ""


Means = Callable[[str, Iterable[str]], bool]


def _whole(said: str) -> Means:
    """As in the list: also with the keys before it."""
    return lambda keys, labels: any(said in (label, f"{keys} {label}") for label in labels)


def _beginning(said: str) -> Means:
    return lambda keys, labels: len(said) >= LEAST_PREFIX and any(label.startswith(said) for label in labels)


def _one_word(said: str) -> Means:
    return lambda keys, labels: " " not in said and any(said in label.split() for label in labels)
