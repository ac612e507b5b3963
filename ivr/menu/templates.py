"""Prompts with values in them: "Your balance is {balance.amount:money}." is cut into what is recorded and what is said.

A value is `{name}`, `{name:form}` or `{name:form detail}`, such as {days:count day|days}; forms and details are those
of `ivr.audio.spoken`. What stands between values is a clip of its own: en/balance.1.wav, en/balance.2.wav …
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ivr.audio import spoken
from ivr.base.located_yaml import Scalar
from ivr.base.reader import Reader
from ivr.base.suggestions import did_you_mean
from ivr.menu.expressions.values import Kind, Value
from ivr.menu.facts import NAMES
from ivr.menu.model import Piece, Spoken, Variable
from ivr.menu.spots import Spots

VALUE = re.compile(r"\{([^{}]*)\}")
# Between a brace and its other one, without the white space at both ends. Nothing is tried twice (`*+`): a megabyte of
# white space inside would take days.
INSIDE = re.compile(r"(?P<name>[a-z][a-z0-9_.]*+)\s*+(?::\s*+(?P<form>[a-z]++)\b(?P<detail>.*+))?")
HEARD = re.compile(r"\w")               # a piece without any letter is no sound

# The form in which a value of a kind is said, unless the prompt names another; and who else takes it.
FORMS: Mapping[Kind, tuple[str, ...]] = {
    Kind.NUMBER: ("count", "digits", "money"), Kind.TEXT: ("digits",), Kind.MONEY: ("money",), Kind.DATE: ("date",),
    Kind.TIME: ("time",), Kind.DURATION: ("duration",),
}


@dataclass(frozen=True)
class Values:
    """What prompts of a file may say."""

    reader: Reader
    spots: Spots
    variables: Mapping[str, Variable]

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        return {**NAMES, **{name: variable.kind for name, variable in self.variables.items()}}


@dataclass(frozen=True)
class Template:
    """The text of a prompt in one language, as it stands in the file; its clip would be `clip`."""

    values: Values
    language: str
    clip: str
    scalar: Scalar

    def parts(self) -> tuple[Piece | Spoken, ...]:
        """Pieces and values in order; () for a text without values. Faults go to the reader."""
        found: list[Piece | Spoken] = []
        pieces = end = 0
        for match in VALUE.finditer(self.scalar.text):
            pieces += self._piece(found, self.scalar.text[end:match.start()], pieces)
            value = self._value(match[1], match.start())
            found += [value] if value is not None else []
            end = match.end()
        self._no_brace_alone()
        if end:
            self._piece(found, self.scalar.text[end:], pieces)
        return tuple(found)

    def _piece(self, found: list[Piece | Spoken], text: str, before: int) -> int:
        """Adds what is to be recorded; 1 if that is anything."""
        if not HEARD.search(text):
            return 0
        stem, _, ending = self.clip.rpartition(".")
        found.append(Piece(f"{stem}.{before + 1}.{ending}", " ".join(text.split())))
        return 1

    def _no_brace_alone(self) -> None:
        blank = VALUE.sub(lambda match: " " * len(match[0]), self.scalar.text)
        alone = next((offset for offset, char in enumerate(blank) if char in "{}"), None)
        if alone is not None:
            self._fault(alone, "a brace without its other one", "a value stands in both: {name}", "template-brace")

    def _value(self, inside: str, offset: int) -> Spoken | None:
        match = INSIDE.fullmatch(inside.strip())
        if match is None:
            self._fault(offset, f"`{{{inside}}}` is no value", "write {name}, {name:form} or {name:form detail}",
                        "template-value")
            return None
        name, kinds = match["name"], self.values.kinds
        if name not in kinds:
            self._fault(offset, f"there is no variable `{name}`", did_you_mean(name, kinds), "variable-unknown")
            return None
        if name in self.values.variables and self.values.variables[name].secret:
            self._fault(offset, f"`{name}` is secret: it can't be said aloud", "take it out", "secret-told")
            return None
        return self._in_form(name, kinds[name], match["form"], (match["detail"] or "").strip(), offset)

    def _in_form(self, name: str, kind: Kind, form: str | None, detail: str, offset: int) -> Spoken | None:
        forms = FORMS.get(kind, ())
        if not forms:
            self._fault(offset, f"`{name}` can't be said: it is {'yes or no' if kind is Kind.FLAG else 'a list'}",
                        "say one of two prompts with `switch`", "template-kind")
            return None
        form = form or forms[0]
        if form in spoken.FORMS and form not in forms:
            self._fault(offset, f"`{name}` is a {kind.value}: it can't be said as {form}",
                        f"allowed: {', '.join(forms)}", "template-kind")
            return None
        if kind is Kind.NUMBER and form == "money" and not detail:
            self._fault(offset, f"`{name}` has no currency", f"name it: {{{name}:money RUB}}", "template-form")
            return None
        try:
            spoken.check(self.language, form, detail)
        except ValueError as wrong:
            self._fault(offset, f"`{name}` can't be said so: {wrong}", "", "template-form")
            return None
        return Spoken(name, form, detail)

    def _fault(self, offset: int, message: str, remedy: str, code: str) -> None:
        self.values.reader.fault(self.values.spots.of(self.scalar)(offset), message, remedy, code=code)


def clips_of(parts: tuple[Piece | Spoken, ...], language: str, values: Mapping[str, Value]) -> tuple[str, ...]:
    """The clips that say these parts now. A sentence with a hole is worse than none: () if one of the values is
    missing, or is beyond what can be said."""
    found: list[str] = []
    for part in parts:
        if isinstance(part, Piece):
            found.append(part.clip)
            continue
        value = values.get(part.name)
        if value is None or isinstance(value, bool | tuple):
            return ()
        try:
            words = spoken.spoken(language, part.form, value, part.detail)
        except ValueError:
            return ()
        found += [spoken.clip_of(language, word) for word in words]
    return tuple(found)


def words_of(parts: tuple[Piece | Spoken, ...], language: str) -> tuple[tuple[str, str], ...]:
    """Every word that these parts may say, each with its clip before it."""
    said = [part for part in parts if isinstance(part, Spoken)]
    if not said:
        return ()
    nouns = [part.detail for part in said if part.form == "count" and part.detail]
    words = spoken.vocabulary(language, nouns, sorted({part.form for part in said}))
    return tuple((spoken.clip_of(language, word), word) for word in words)
