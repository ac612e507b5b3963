"""`queue: name`: the caller waits for an operator."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ivr.base.located_yaml import Node
from ivr.menu import steps
from ivr.menu.actions import shapes
from ivr.menu.actions.action import Ending
from ivr.menu.actions.scope import Parameters, Row, Scope, configured
from ivr.menu.actions.skills import SHAPE, Skills, read_skills
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter

MOST = 10       # steps of priority: an hour and forty minutes before others


@dataclass(frozen=True)
class Enqueue(Ending):
    """Lets the caller wait for an operator; `subject` is what the request will be about. A step of `priority` counts as
    ten minutes of waiting done already, so that nobody is passed by for ever. Only operators who have all
    `skills`, each at its level or better, are asked."""

    queue: str
    subject: str
    priority: int = 0
    skills: Skills = ()
    hands_over: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"queue {self.queue}"


def parse(scope: Scope, node: Node, parameters: Parameters) -> Enqueue | None:
    queue = configured(scope, node, "queue", scope.known.queues if scope.known else None)
    subject = scope.reader.text(parameters.get("subject"), "`subject`")
    priority = scope.reader.whole(parameters.get("priority"), "priority", 0, MOST)
    skills = read_skills(scope.reader, parameters.get("skills"), scope.known)
    return Enqueue(queue, subject or queue, priority or 0, skills) if queue else None


def perform(menu: "Interpreter", action: Enqueue, now: float) -> list[Step]:
    return menu.leave(steps.EnterQueue(action.queue, action.subject, action.priority, action.skills))


ROW = Row(Enqueue, parse, perform, "queue: name", ends=True, shape=shapes.NAME,
          parameters={"subject": shapes.TEXT, "priority": shapes.whole(0, MOST), "skills": SHAPE})
