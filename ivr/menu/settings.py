"""How long is waited, what ends an input and what is said when it fails: for a file, a menu or a `collect`; the nearest
that says something wins."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ivr.base.located_yaml import Node, Sequence
from ivr.base.reader import Reader
from ivr.menu.actions import shapes
from ivr.menu.model import Taper

TERM_CHARS = (*"#*0123456789", "")


@dataclass(frozen=True)
class Settings:
    """What is inherited. Unless a file says otherwise: VoiceXML's model with the figures of this house."""

    first_key: float = 5.0
    interdigit: float = 2.5
    term_char: str = "#"
    attempts: int = 3
    noinput: tuple[Taper, ...] = ()
    nomatch: tuple[Taper, ...] = ()


class Asking:
    """A question within a menu: its times and counts are those of its `settings`."""

    settings: Settings

    @property
    def first_key(self) -> float:
        return self.settings.first_key

    @property
    def interdigit(self) -> float:
        return self.settings.interdigit

    @property
    def attempts(self) -> int:
        return self.settings.attempts

    @property
    def noinput(self) -> tuple[Taper, ...]:
        return self.settings.noinput

    @property
    def nomatch(self) -> tuple[Taper, ...]:
        return self.settings.nomatch

    @property
    def tapered(self) -> tuple[str, ...]:
        """The prompts that are said to mistakes."""
        return tuple(prompt for taper in (*self.noinput, *self.nomatch) for prompt in taper.prompts)


SHAPES: Mapping[str, shapes.Shape] = {
    "first_key_s": {"type": "number", "minimum": 0.5, "maximum": 60},
    "interdigit_s": {"type": "number", "minimum": 0.5, "maximum": 30},
    "term_char": shapes.KEY,
    "attempts": shapes.whole(1, 9),
    "noinput": shapes.TAPERS,
    "nomatch": shapes.TAPERS,
}
KEYS = tuple(SHAPES)


def read_settings(reader: Reader, prompts: Collection[str], fields: Mapping[str, Node],
                  inherited: Settings) -> Settings:
    """What these fields say, and for the rest what is inherited."""
    attempts = reader.whole(fields.get("attempts"), "attempts", 1, 9) or inherited.attempts
    read: dict[str, Any] = {
        "first_key": reader.number(fields.get("first_key_s"), "first_key_s", 0.5, 60),
        "interdigit": reader.number(fields.get("interdigit_s"), "interdigit_s", 0.5, 30),
        "term_char": _term_char(reader, fields.get("term_char")),
        "attempts": attempts,
        "noinput": _tapers(reader, prompts, "noinput", fields.get("noinput"), attempts),
        "nomatch": _tapers(reader, prompts, "nomatch", fields.get("nomatch"), attempts),
    }
    return replace(inherited, **{key: value for key, value in read.items() if value is not None})


def _term_char(reader: Reader, node: Node | None) -> str | None:
    if node is None:
        return None
    char = getattr(node, "text", None)
    if char not in TERM_CHARS or not (char or getattr(node, "quoted", False)):
        reader.fault(node.place, "`term_char` must be one key", 'write it like "#", or "" for none, in quotes',
                     code="term-char-invalid")
        return None
    return str(char)


def _tapers(reader: Reader, prompts: Collection[str], key: str, node: Node | None,
            attempts: int) -> tuple[Taper, ...] | None:
    if node is None:
        return None
    if not isinstance(node, Sequence):
        reader.fault(node.place, f"`{key}` must be a list", "write each line like `- {count: 1, say: prompt}`",
                     code="taper-list")
        return None
    tapers: dict[int, Taper] = {}
    for item in node.items:
        fields = reader.fields(item, f"a line of `{key}`", ("count", "say"), required=("count", "say"))
        count = reader.whole(fields.get("count"), "count", 1, 9)
        said = reader.some_of(fields.get("say"), "prompt", prompts)
        if count is None:
            continue
        if count in tapers:
            reader.fault(fields["count"].place, f"count {count} stands twice in `{key}`", "keep one of the two",
                         code="taper-twice")
        elif count >= attempts:
            reader.fault(fields["count"].place, f"count {count} of `{key}` is never said",
                         f"`on_failure` is done at attempt {attempts} instead", code="taper-unsaid")
        tapers[count] = Taper(count, said)
    return tuple(tapers[count] for count in sorted(tapers))
