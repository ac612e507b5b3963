"""Reads what another system answered as JSON, and takes nothing that could hurt whoever computes with it."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

MAX_NUMBER = 40         # signs of a number, and digits before or behind its point: more of them are an attack
MAX_DEPTH = 40
# One that does not end goes on to the end: each of its quotes would be tried as a beginning else, for minutes.
STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
BRACKETS = re.compile(rb"[][{}]")


class NotTaken(Exception):
    """The answer is none, for this reason; nothing of what the other system wrote stands in it."""


def read_answer(body: bytes) -> Any:
    """The JSON that `body` is, fractions as Decimal; nothing at all (204) is an answer too. Takes a moment for a long
    one: for a thread. Raises NotTaken, and nothing else."""
    if not body:
        return {}
    if _is_deeper(STRINGS.sub(b"", body), MAX_DEPTH):
        raise NotTaken("the answer is nested too deeply")
    try:
        found = json.loads(body, parse_float=_number(Decimal), parse_int=_number(int), parse_constant=_constant,
                           object_pairs_hook=_object)
    except (ValueError, RecursionError, ArithmeticError):
        raise NotTaken("the answer is no JSON") from None
    if _has_half_signs(found):
        raise NotTaken("the answer is no JSON")
    return found


def _is_deeper(body: bytes, most: int) -> bool:
    """Whether more brackets stand within one another: asked first, as reading them goes as deep."""
    depth = 0
    for bracket in BRACKETS.finditer(body):
        depth += 1 if bracket.group() in b"[{" else -1
        if depth > most:
            return True
    return False


def _number(make: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if len(text) > MAX_NUMBER:
            raise NotTaken("a number of the answer is too long")
        number = make(text)
        # 1e9999 is short, and a whole number of ten thousand digits for whoever counts on.
        if number and not -MAX_NUMBER <= Decimal(text).adjusted() < MAX_NUMBER:
            raise NotTaken("a number of the answer is too long")
        return number or make("0")
    return read


def _constant(text: str) -> NoReturn:
    """NaN and Infinity, which Python takes and JSON does not have."""
    raise NotTaken("a number of the answer is none")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotTaken("the answer says one thing twice")       # and which of the two holds, nobody knows
    return found


def _has_half_signs(found: Any) -> bool:
    """A surrogate without its other half: such a text can't be written anywhere."""
    if isinstance(found, str):
        return not found.isascii() and any("\ud800" <= sign <= "\udfff" for sign in found)
    if isinstance(found, dict):
        return any(_has_half_signs(key) or _has_half_signs(value) for key, value in found.items())
    return isinstance(found, list) and any(map(_has_half_signs, found))
