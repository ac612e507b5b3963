"""/api/board: the figures of now and of today, and what is wrong; for supervisors' pages and the wallboard."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from desk.alarms import Alarm, Level, Situation, alarms
from desk.board import FORMULAS, in_all, of_operators, of_queue, standing
from desk.problems import problems
from desk.state import Desk
from desk.who import DeskOf, Somebody
from ivr.base.titles import title_in
from ivr.drivers.control_link import ControlAway, ControlRefused

router = APIRouter(tags=["board"])
Name = Annotated[str, Field(max_length=64)]
OF_QUEUES = ("queue_unstaffed", "queue_waits_long", "requests_overdue")


class Figures(BaseModel):
    """Since midnight where the line is; null: nothing to divide by. Shares from 0 to 1, times in seconds."""

    offered: int
    answered: int
    abandoned: int
    answered_in_time: int
    service_level: Annotated[float | None, Field(description="Strict: A(w <= T) / O")]
    speed_of_answer: float | None
    abandonment: float | None
    longest_wait: float | None
    handle_time: float | None
    satisfaction: float | None
    response: float | None


class Now(BaseModel):
    """Of all queues together, or of those that were asked for; `today` is of all."""

    active: Annotated[int, Field(description="Calls in progress, wherever they are")]
    waiting: int
    chats_waiting: Annotated[int, Field(description="Of those who wait, who writes")]
    chats: Annotated[int, Field(description="Chats that operators are in")]
    callbacks: int
    longest_wait: float
    operators: Annotated[dict[str, int], Field(description="How many are free, ringing, on_call, wrap_up, unreachable, "
                                                           "on_break, logged_out: each counted once")]
    today: Figures | None


class QueueNow(BaseModel):
    """One queue."""

    name: str
    waiting: int
    chats_waiting: Annotated[int, Field(description="Of those who wait, who writes")]
    callbacks: int
    longest_wait: float
    operators: Annotated[dict[str, int], Field(description="As above, of those who serve it")]
    target_s: Annotated[float, Field(description="T of this queue")]
    today: Figures | None


class OperatorToday(BaseModel):
    """Of one operator, since midnight."""

    name: str
    handled: Annotated[int, Field(description="Talks with callers")]
    missed: int
    handle_time: float | None
    occupancy: float | None
    satisfaction: float | None


class AlarmWords(BaseModel):
    message: str
    remedy: str


class AlarmShown(BaseModel):
    """Something that is wrong now, or not usual (`info`)."""

    code: str
    level: Level
    subject: Annotated[str, Field(description="A queue, trunk, line or process; empty: the whole")]
    words: dict[Literal["en", "ru"], AlarmWords]


class Board(BaseModel):
    """`counted_s`: how old the figures of today are; null: they are not known."""

    node: str
    state: str
    now: Now
    queues: list[QueueNow]
    operators: Annotated[list[OperatorToday], Field(description="For supervisors; an operator sees their own")]
    alarms: Annotated[list[AlarmShown], Field(description="The worst first")]
    formulas: dict[str, str]
    counted_s: float | None


@router.get("/api/board", summary="Figures of now and of today, and what is wrong", responses=problems(401))
async def board(desk: DeskOf, who: Somebody, queue: Annotated[list[Name], Query(max_length=50)] = []) -> Board:     # noqa: B006
    shown = await _shown(desk)
    counted, age = await desk.today.figures()
    known = shown or {}
    return Board(
        node=str(known.get("node", desk.config.node)), state=str(known.get("state", "away")),
        now=Now(**in_all(known, frozenset(queue)), today=_figures(of_queue(counted, None))),
        queues=[_queue(desk, known, each, counted) for each in known.get("queues", ())],
        operators=[OperatorToday.model_validate(each) for each in of_operators(counted)
                   if who.may("supervisor") or who.is_person(each["name"])],
        alarms=[_alarm(desk, each) for each in alarms(_situation(desk, shown))],
        formulas=FORMULAS, counted_s=None if counted is None else round(age, 1))


async def _shown(desk: Desk) -> dict[str, Any] | None:
    """None: control is away, which is the first thing that a board has to say."""
    try:
        return await desk.snapshots.get()
    except (ControlAway, ControlRefused):
        return None


def _queue(desk: Desk, shown: dict[str, Any], queue: dict[str, Any], counted: dict[str, Any] | None) -> QueueNow:
    name = queue["name"]
    crew = [operator for operator in shown.get("operators", ()) if name in operator.get("queues", ())]
    configured = desk.config.queues.get(name)
    return QueueNow(name=name, waiting=queue.get("waiting", 0),
                    chats_waiting=queue.get("chats_waiting", 0), callbacks=queue.get("callbacks", 0),
                    longest_wait=queue.get("longest_wait", 0.0), operators=standing(crew),
                    target_s=configured.sla.answer_s if configured is not None else 20.0,
                    today=_figures(of_queue(counted, name)))


def _figures(counted: dict[str, Any] | None) -> Figures | None:
    return None if counted is None else Figures.model_validate(counted)


def _situation(desk: Desk, shown: dict[str, Any] | None) -> Situation:
    return Situation(shown, {name: queue.sla.answer_s for name, queue in desk.config.queues.items()},
                     {name: late.number for name, late in desk.overdue.late.items()},
                     len(desk.accounts.differences), desk.today.readable,
                     tuple(desk.channels.shown()))


def _alarm(desk: Desk, alarm: Alarm) -> AlarmShown:
    queue = desk.config.queues.get(alarm.subject) if alarm.code in OF_QUEUES else None
    languages: tuple[Literal["en", "ru"], ...] = ("en", "ru")
    said = {language: alarm.words(language, title_in(queue.title, language) if queue else "") for language in languages}
    return AlarmShown(code=alarm.code, level=alarm.level, subject=alarm.subject, words={
        language: AlarmWords(message=message, remedy=remedy) for language, (message, remedy) in said.items()})
