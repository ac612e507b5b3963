"""`record:` records what the caller says, and nothing of what they hear.

    - record: {into: complaint, prompts: tell_us, max_s: 60, silence_s: 3, end_keys: "#"}
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node
from ivr.base.reader import NAME as NAMED
from ivr.menu.actions import shapes
from ivr.menu.actions.action import ON_FAILURE, Action
from ivr.menu.actions.scope import Parameters, Row, Scope
from ivr.menu.expressions.values import Kind
from ivr.menu.model import Taper, Variable
from ivr.menu.settings import SHAPES as OF_SETTINGS
from ivr.menu.settings import Settings, read_settings
from ivr.menu.steps import Step
from ivr.menu.taking import BEEP

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter

NAME = "record"
INHERITED = ("attempts", "noinput")
FIELDS = ("prompts", "beep", "max_s", "silence_s", "min_s", "end_keys", *INHERITED)
SHAPES: Mapping[str, shapes.Shape] = {
    "prompts": shapes.one_or_more(shapes.PROMPT), "beep": shapes.FLAG,
    "max_s": {"type": "number", "minimum": 1, "maximum": 600},
    "silence_s": {"type": "number", "minimum": 0, "maximum": 60},
    "min_s": {"type": "number", "minimum": 0.1, "maximum": 60},
    "end_keys": {"type": "string", "pattern": "^[0-9*#]{0,12}$"},
    **{key: OF_SETTINGS[key] for key in INHERITED}}


@dataclass(frozen=True)
class Take:
    """How a recording is made; times in seconds. `silence` 0: it does not end by that."""

    prompts: tuple[str, ...]
    beep: bool
    most: float
    silence: float
    least: float
    end_keys: str
    settings: Settings


@dataclass(frozen=True)
class TakesCaller(Action):
    """An action that records the caller."""

    take: Take
    why: ClassVar[Literal["menu", "voicemail"]] = "menu"

    @property
    def prompts(self) -> tuple[str, ...]:
        return self.take.prompts

    @property
    def beep(self) -> bool:
        return self.take.beep

    @property
    def most(self) -> float:
        return self.take.most

    @property
    def silence(self) -> float:
        return self.take.silence

    @property
    def least(self) -> float:
        return self.take.least

    @property
    def end_keys(self) -> str:
        return self.take.end_keys

    @property
    def attempts(self) -> int:
        return self.take.settings.attempts

    @property
    def noinput(self) -> tuple[Taper, ...]:
        return self.take.settings.noinput

    @property
    def heard(self) -> tuple[str, ...]:
        """The prompts around the recording."""
        return (*self.take.prompts, *(prompt for taper in self.noinput for prompt in taper.prompts))

    @property
    def sounds(self) -> tuple[str, ...]:
        return (BEEP,) if self.take.beep else ()


@dataclass(frozen=True)
class Record(TakesCaller):
    """Records the caller; `into` ("": none) becomes what the record calls it."""

    into: str = ""
    on_failure: str = ""

    @property
    def queue(self) -> str:
        """Nobody is to work on it."""
        return ""

    @property
    def said(self) -> tuple[str, ...]:
        return self.heard

    @property
    def inner(self) -> tuple[str, ...]:
        return (self.on_failure,) if self.on_failure else ()

    def recorded(self, menu: "Interpreter", now: float) -> list[Step]:
        if self.into:
            menu.assign(self.into, menu.memory.taken)
        return menu.go_on(None, now)

    def __str__(self) -> str:
        return f"record {self.into}".strip()


# --- reading --------------------------------------------------------------------------------------------------------
def parse(scope: Scope, node: Node, parameters: Parameters) -> Record | None:
    fields = scope.reader.fields(node, "`record`", (*FIELDS, "into", ON_FAILURE))
    if not fields:
        return None
    into = _into(scope, fields.get("into"))
    on_failure = scope.failure(fields.get(ON_FAILURE), node.place, "`record`")
    return Record(read_take(scope, fields), into, on_failure)


def read_take(scope: Scope, fields: Mapping[str, Node]) -> Take:
    """How it is recorded."""
    reader = scope.reader
    own = {key: fields[key] for key in INHERITED if key in fields}
    settings = read_settings(reader, scope.prompts, own, scope.settings or Settings())
    most = reader.number(fields.get("max_s"), "max_s", 1, 600) or 120.0
    least = reader.number(fields.get("min_s"), "min_s", 0.1, 60) or 1.0
    silence = reader.number(fields.get("silence_s"), "silence_s", 0, 60)
    beep = reader.switch(fields.get("beep"), "beep")
    if least > most:
        reader.fault(fields.get("min_s", fields.get("max_s", next(iter(fields.values())))).place,
                     f"nobody can speak for {least:g} s where {most:g} s are the longest",
                     "`min_s` can't be more than `max_s`", code="record-never")
    return Take(reader.some_of(fields.get("prompts"), "prompt", scope.prompts), beep is not False, most,
                4.0 if silence is None else silence, least, _end_keys(scope, fields.get("end_keys")), settings)


def _end_keys(scope: Scope, node: Node | None) -> str:
    if node is None:
        return "#"
    keys = str(getattr(node, "text", "?"))
    if any(key not in "0123456789*#" for key in keys):
        scope.reader.fault(node.place, f"`{keys}` are no keys", 'digits, * and #, in quotes, such as "#"; "" for none',
                           code="key-invalid")
        return ""
    return keys


def _into(scope: Scope, node: Node | None) -> str:
    name = scope.reader.text(node, "`into`")
    if name is None or node is None:
        return ""
    variable = scope.variables.get(name)
    if variable is None or not NAMED.fullmatch(name):
        scope.reader.fault(node.place, f"`{name}` can't be a variable",
                           "a name has small Latin letters, digits and _, and begins with a letter",
                           code="name-invalid")
    elif variable.kind is not Kind.TEXT:
        scope.reader.fault(node.place, f"variable `{name}` is a {variable.kind.value}, and this is a text",
                           "give it another name", code="variable-kind")
    return name


def bring(node: YamlMapping) -> Iterator[Variable]:
    """The variable that names the recording need not be declared."""
    into = getattr(node.entries.get("into"), "text", "")
    if NAMED.fullmatch(into):
        yield Variable(into, Kind.TEXT)


# --- doing ----------------------------------------------------------------------------------------------------------
def perform(menu: "Interpreter", action: TakesCaller, now: float) -> list[Step]:
    menu.memory.noinput = 0
    return menu.lead((), now)


ROW = Row(Record, parse, perform, "record: {prompts}", shape=shapes.record({
    **SHAPES, "into": shapes.NAME, ON_FAILURE: shapes.ACTIONS}))
