"""`order:` closes lines, opens them, and has them announce something: what `hotline close` does, by telephone.

    - order: {close: all, say: moved, for_h: 2}
    - order: {open: ["100", "200"]}
    - order: {announce: outage, lines: all}
    - order: {end_announcement: all}

Only for callers whom the register knows that `orders_by` of the line names: `verify` comes before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ivr.base.located_yaml import Node, Sequence
from ivr.menu import steps
from ivr.menu.actions import shapes
from ivr.menu.actions.action import ON_FAILURE, Action
from ivr.menu.actions.scope import Parameters, Row, Scope, configured
from ivr.menu.asking import fail
from ivr.menu.events import LookUpAnswered
from ivr.menu.steps import Step
from ivr.menu.waiting import Waiter, wait

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter

NAME = "order"
EVERY = "all"
LONGEST = 24 * 365          # h
PATIENCE = 10.0             # s; it is written to the disk, which takes some ms
SECONDS = 3600.0
KINDS: Mapping[str, tuple[Literal["announcement", "closure"], bool]] = {
    "close": ("closure", True), "open": ("closure", False),
    "announce": ("announcement", True), "end_announcement": ("announcement", False)}
FIELDS = (*KINDS, "say", "lines", "for_h", ON_FAILURE)


@dataclass(frozen=True)
class Order(Action):
    """What is ordered for `lines`, numbers or EVERY. `word` is one of KINDS; an empty `prompt` of a closure is the
    usual one; `lasts` in seconds, None: until somebody takes it back. `own`: the prompt is one of this file."""

    word: str
    lines: tuple[str, ...]
    prompt: str = ""
    lasts: float | None = None
    on_failure: str = ""
    own: bool = False

    @property
    def said(self) -> tuple[str, ...]:
        return (self.prompt,) if self.own else ()

    @property
    def inner(self) -> tuple[str, ...]:
        return (self.on_failure,) if self.on_failure else ()

    def __str__(self) -> str:
        return " ".join(("order", self.word, *([self.prompt] if self.prompt else []), *self.lines))


# --- reading --------------------------------------------------------------------------------------------------------
def parse(scope: Scope, node: Node, parameters: Parameters) -> Order | None:
    reader = scope.reader
    fields = reader.fields(node, "`order`", FIELDS)
    words = [word for word in KINDS if word in fields]
    if len(words) != 1:
        reader.fault(node.place, "an order does one thing", f"write one of {', '.join(KINDS)}", code="order-what")
        return None
    (word,) = words
    _fitting(scope, fields, word)
    wanted = fields.get("lines") if word == "announce" else fields[word]
    lines = _lines(scope, wanted) if wanted is not None else (EVERY,)
    prompt = reader.text(fields.get("announce", fields.get("say")), "the name of a prompt") or ""
    hours = reader.number(fields.get("for_h"), "for_h", 0.1, LONGEST)
    on_failure = scope.failure(fields.get(ON_FAILURE), node.place, "`order`")
    if not lines:
        return None
    return Order(word, lines, prompt, hours * SECONDS if hours is not None else None, on_failure,
                 prompt in scope.prompts)


def _fitting(scope: Scope, fields: Mapping[str, Node], word: str) -> None:
    """Keys that mean nothing beside this word."""
    others = {"close": ("say", "for_h"), "announce": ("lines", "for_h")}.get(word, ())
    for key in ("say", "lines", "for_h"):
        if key in fields and key not in others:
            scope.reader.fault(fields[key].place, f"`{key}` means nothing beside `{word}`", "take it out",
                               code="entry-unknown")


def _lines(scope: Scope, node: Node) -> tuple[str, ...]:
    """Numbers that can be dialled, or EVERY."""
    known = scope.known.lines if scope.known else None
    nodes = node.items if isinstance(node, Sequence) else (node,)
    found = tuple(line for one in nodes if (line := configured(
        scope, one, "line", known if known is None else known | {EVERY})) is not None)
    if not nodes:
        scope.reader.fault(node.place, "an empty list of lines", f"name a number, or `{EVERY}`", code="list-empty")
    return found if len(found) == len(nodes) else ()


# --- doing ----------------------------------------------------------------------------------------------------------
def perform(menu: "Interpreter", action: Order, now: float) -> list[Step]:
    kind, given = KINDS[action.word]
    return wait(menu, lambda number: steps.Order(number, action.lines, kind, given, action.prompt, action.lasts), (),
                PATIENCE, now)


def _answered(menu: "Interpreter", event: LookUpAnswered, now: float) -> list[Step]:
    """The answer is the name of who ordered it."""
    action = menu.under_way()
    assert isinstance(action, Order)
    done = steps.Ordered(menu.choice.name, str(action), str(event.answer or ""), event.reason)
    return [done, *(fail(menu, action.on_failure, now) if event.reason else menu.go_on(None, now))]


WAITER = Waiter(_answered)
_LINES = shapes.one_or_more({"type": ["string", "integer"]})
ROW = Row(Order, parse, perform, "order: {close: all}", shape=shapes.record({
    "close": _LINES, "open": _LINES, "announce": shapes.PROMPT, "end_announcement": _LINES, "say": shapes.PROMPT,
    "lines": _LINES, "for_h": {"type": "number", "minimum": 0.1, "maximum": LONGEST}, ON_FAILURE: shapes.ACTIONS}))
