"""`voicemail:` the caller leaves a message: a recording, and the request to deal with it.

    - voicemail: {queue: cards, prompts: after_the_beep, review: keep_or_again, done: thank_you}

What the caller has said is kept even if they hang up before anything else: that is how most people leave messages.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from ivr.base.located_yaml import Node
from ivr.menu import steps
from ivr.menu.actions import record, shapes
from ivr.menu.actions.leaving import SHAPES, LeavesRequest, fields_of, read_left
from ivr.menu.actions.record import TakesCaller, read_take
from ivr.menu.actions.scope import Parameters, Row, Scope
from ivr.menu.asking import Asker
from ivr.menu.collection import Entry, add_key, close
from ivr.menu.settings import Asking, Settings
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter

NAME = "voicemail"
KEEP, LISTEN, AGAIN = "1", "2", "3"
KEYS = (KEEP, LISTEN, AGAIN)


@dataclass(frozen=True)
class Review(Asking):
    """Asks what is to become of the message."""

    prompts: tuple[str, ...]
    settings: Settings

    def add_key(self, typed: str, digit: str) -> tuple[Entry, str]:
        return add_key(KEYS, "", typed, digit)

    def close(self, typed: str) -> Entry:
        return close(KEYS, typed)


@dataclass(frozen=True)
class Voicemail(LeavesRequest, TakesCaller):
    """Records a message and leaves it in a queue. `review` is asked of what was said; None: it is kept at once."""

    kind: ClassVar[Literal["voicemail"]] = "voicemail"
    why: ClassVar[Literal["voicemail"]] = "voicemail"
    review: Review | None = None

    @property
    def said(self) -> tuple[str, ...]:
        asked = (*self.review.prompts, *self.review.tapered) if self.review is not None else ()
        return (*self.heard, *asked, *self.left.meanwhile, *self.left.done)

    def recorded(self, menu: "Interpreter", now: float) -> list[Step]:
        return menu.ask(NAME, now) if self.review is not None else keep(menu, now)

    def message(self, recording: str) -> steps.LeaveRequest:
        """The request that goes with a recording."""
        return steps.LeaveRequest(self.kind, self.queue, self.subject, "", recording)

    def __str__(self) -> str:
        return f"voicemail {self.queue}"


# --- reading --------------------------------------------------------------------------------------------------------
def parse(scope: Scope, node: Node, parameters: Parameters) -> Voicemail | None:
    fields = fields_of(scope, node, "voicemail", (*record.FIELDS, "review"))
    if not fields:
        return None
    left, take = read_left(scope, node, fields, "voicemail"), read_take(scope, fields)
    asked = scope.reader.some_of(fields.get("review"), "prompt", scope.prompts)
    review = Review(asked, take.settings) if asked else None
    return Voicemail(take=take, left=left, review=review) if left is not None else None


# --- doing ----------------------------------------------------------------------------------------------------------
def perform(menu: "Interpreter", action: Voicemail, now: float) -> list[Step]:
    return record.perform(menu, action, now)


def keep(menu: "Interpreter", now: float) -> list[Step]:
    """Leave the message. Who does not answer what is asked of it has left it too."""
    menu.memory.asked, recording = "", menu.memory.taken
    menu.memory.taken = ""
    return menu.leave_request(_leaving(menu).message(recording), now)


def _leaving(menu: "Interpreter") -> Voicemail:
    action = menu.under_way()
    assert isinstance(action, Voicemail)
    return action


def _reviewed(menu: "Interpreter") -> Review:
    review = _leaving(menu).review
    assert review is not None
    return review


def _answered(menu: "Interpreter", keys: str, now: float) -> list[Step]:
    if keys == KEEP:
        return keep(menu, now)
    if keys == LISTEN:
        return menu.rehear(now)
    menu.memory.asked = ""
    return perform(menu, _leaving(menu), now)


ASKER = Asker(_reviewed, _answered, keep)
ROW = Row(Voicemail, parse, perform, "voicemail: {queue, prompts}", shape={"anyOf": [shapes.NAME, shapes.record(
    {**SHAPES, **record.SHAPES, "review": shapes.one_or_more(shapes.PROMPT)}, required=("queue",))]})
