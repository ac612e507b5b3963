"""What `callback` and `voicemail` have in common: a request for a queue, left behind instead of waiting in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from ivr.base.located_yaml import Node, Scalar
from ivr.menu.actions import shapes
from ivr.menu.actions.action import ON_FAILURE, Action
from ivr.menu.actions.scope import Scope, configured

FIELDS = ("queue", "subject", "meanwhile", "done", ON_FAILURE)
SHAPES: Mapping[str, shapes.Shape] = {
    "queue": shapes.NAME, "subject": shapes.TEXT, "meanwhile": shapes.one_or_more(shapes.PROMPT),
    "done": shapes.one_or_more(shapes.PROMPT), ON_FAILURE: shapes.ACTIONS}


@dataclass(frozen=True)
class Left:
    """Where a request goes and what is said: `meanwhile` if keeping it takes long, `done` once it is kept."""

    queue: str
    subject: str
    meanwhile: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    on_failure: str = ""


@dataclass(frozen=True)
class LeavesRequest(Action):
    """An action that leaves a request in a queue."""

    left: Left
    kind: ClassVar[Literal["callback", "voicemail"]]

    @property
    def queue(self) -> str:
        return self.left.queue

    @property
    def subject(self) -> str:
        return self.left.subject

    @property
    def meanwhile(self) -> tuple[str, ...]:
        return self.left.meanwhile

    @property
    def done(self) -> tuple[str, ...]:
        return self.left.done

    @property
    def on_failure(self) -> str:
        return self.left.on_failure

    @property
    def said(self) -> tuple[str, ...]:
        return (*self.left.meanwhile, *self.left.done)

    @property
    def inner(self) -> tuple[str, ...]:
        return (self.on_failure,) if self.on_failure else ()


def fields_of(scope: Scope, node: Node, word: Literal["callback", "voicemail"], own: tuple[str, ...],
              required: tuple[str, ...] = ("queue",)) -> dict[str, Node]:
    """Its fields; the short form is the name of the queue alone."""
    if isinstance(node, Scalar):
        return {"queue": node}
    return scope.reader.fields(node, f"`{word}`", (*FIELDS, *own), required=required)


def read_left(scope: Scope, node: Node, fields: Mapping[str, Node], word: str) -> Left | None:
    """The part that both have; None without a queue."""
    reader, at = scope.reader, fields.get("queue")
    queue = configured(scope, at, "queue", scope.known.queues if scope.known else None) if at is not None else None
    subject = reader.text(fields.get("subject"), "`subject`")
    meanwhile, done = (reader.some_of(fields.get(key), "prompt", scope.prompts) for key in ("meanwhile", "done"))
    on_failure = scope.failure(fields.get(ON_FAILURE), node.place, f"`{word}`")
    return Left(queue, subject or queue, meanwhile, done, on_failure) if queue else None
