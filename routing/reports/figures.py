"""The figures of a report and their formulas, which are printed with them. Pure."""

from collections.abc import Callable
from typing import Literal

from routing.reports.estimates import ESTIMATES
from routing.reports.figure import Figure, ratio
from routing.reports.replies import REPLIES
from routing.reports.solved import RESOLUTION
from routing.reports.tally import Tally
from routing.reports.wilson import wilson


def _count(name: str, title: str, formula: str, value: Callable[[Tally], float]) -> Figure:
    return Figure(name, title, "count", formula, value)


def _share(name: str, title: str, formula: str, part: Callable[[Tally], float],
           whole: Callable[[Tally], float]) -> Figure:
    return Figure(name, title, "share", formula, lambda tally: ratio(part(tally), whole(tally)))


def _seconds(name: str, title: str, formula: str, total: Callable[[Tally], float],
             number: Callable[[Tally], float]) -> Figure:
    return Figure(name, title, "seconds", formula, lambda tally: ratio(total(tally), number(tally)))


def _sum(name: str, title: str, formula: str, total: Callable[[Tally], float]) -> Figure:
    return Figure(name, title, "seconds", formula, total)


def _outcome(outcome: str) -> Figure:
    return _count(f"visits_{outcome}", f"{outcome.replace('_', ' ')} visits", f"visits with the outcome `{outcome}`",
                  lambda tally: tally.outcomes[outcome])


def _ending(ending: str) -> Figure:
    return _count(ending, ending, f"stays in queues that ended as `{ending}`", lambda tally: tally.endings[ending])


OUTCOMES = ("answered", "abandoned", "self_served", "transferred", "overflow", "callback", "voicemail", "closed",
            "refused", "failed")
OTHER_ENDINGS = ("overflow", "callback", "voicemail", "transferred", "closed", "failed")

VISITS = (
    _count("visits", "visits", "calls and chats that came in", lambda tally: tally.visits),
    *map(_outcome, OUTCOMES),
    _count("in_progress", "in progress", "visits that are not over", lambda tally: tally.in_progress),
)
STAYS = (
    _count("offered", "offered", "O: stays in queues that began", lambda tally: tally.offered),
    _count("answered", "answered", "A: stays that an operator ended by answering", lambda tally: tally.answered),
    _count("abandoned", "abandoned", "B: stays that the caller ended by hanging up", lambda tally: tally.abandoned),
    _count("abandoned_short", "at once", "of B, those with w < S, the bound of a short wait",
           lambda tally: tally.abandoned_short),
    *map(_ending, OTHER_ENDINGS),
    _count("waiting", "waiting", "O - all endings: stays that are not over", lambda tally: tally.endings["waiting"]),
    _share("service_level", "SL", "A(w <= T) / O", lambda tally: tally.answered_in_time, lambda tally: tally.offered),
    _share("service_level_answered", "SL of answered", "A(w <= T) / A: hides the abandoned",
           lambda tally: tally.answered_in_time, lambda tally: tally.answered),
    _share("service_level_2", "SL2", "(A(w <= T) + B(w <= T)) / (A + B)",
           lambda tally: tally.answered_in_time + tally.abandoned_in_time,
           lambda tally: tally.answered + tally.abandoned),
    _seconds("speed_of_answer", "ASA s", "sum of w over answered / A", lambda tally: tally.wait_answered,
             lambda tally: tally.answered),
    _sum("longest_wait", "longest s", "greatest w of stays that are over", lambda tally: tally.longest_wait),
    _share("abandonment", "abandonment", "B / O; callbacks are not abandoned", lambda tally: tally.abandoned,
           lambda tally: tally.offered),
    _share("abandonment_short", "of that at once", "B(w < S) / O", lambda tally: tally.abandoned_short,
           lambda tally: tally.offered),
)
TALKS = (
    _count("handled", "handled", "talks of operators with callers", lambda tally: tally.handled),
    _seconds("talk_time", "talk s", "talk / handled", lambda tally: tally.talk, lambda tally: tally.handled),
    _seconds("hold_time", "hold s", "hold / handled", lambda tally: tally.hold, lambda tally: tally.handled),
    _seconds("wrap_up_time", "wrap-up s", "wrap-up / handled", lambda tally: tally.wrap_up,
             lambda tally: tally.handled),
    _seconds("handle_time", "handle s", "(talk + hold + wrap-up) / handled",
             lambda tally: tally.talk + tally.hold + tally.wrap_up, lambda tally: tally.handled),
)
OPERATORS = (
    _count("rung", "rung", "offers of a caller to the operator's phone", lambda tally: tally.rung),
    _count("missed", "missed", "offers that the operator did not take", lambda tally: tally.missed),
    *TALKS,
    _sum("on_call", "on calls s", "time on calls, wrap-up with it", lambda tally: tally.on_call + tally.wrapping),
    _sum("idle", "idle s", "time available, reachable and without a call; while rung, too",
         lambda tally: tally.idle + tally.ringing),
    _sum("on_break", "break s", "time on break", lambda tally: tally.on_break),
    _share("occupancy", "occupancy", "time on calls / (time on calls + idle available)",
           lambda tally: tally.on_call + tally.wrapping,
           lambda tally: tally.on_call + tally.wrapping + tally.idle + tally.ringing),
)
REQUESTS = (
    _count("closed_requests", "closed requests", "requests that an operator answered and that were closed, of callers "
           "whose number is known", lambda tally: tally.closed),
    _share("first_contact", "FCR", "requests closed without a repeat by the same caller on the same subject in 7 days "
           "/ closed requests", lambda tally: tally.closed - tally.repeated, lambda tally: tally.closed),
    _count("due_requests", "due", "D: requests for people to close whose time (`sla.close_h`) ended in the period",
           lambda tally: tally.due),
    _share("closed_in_time", "closed in time", "of D, closed before that / D", lambda tally: tally.due_in_time,
           lambda tally: tally.due),
)


def _bound(which: int, part: Callable[[Tally], int], whole: Callable[[Tally], int]) -> Callable[[Tally], float | None]:
    return lambda tally: wilson(part(tally), whole(tally))[which] if whole(tally) else None


CONTENT = (lambda tally: tally.content), (lambda tally: tally.marks)
RESPONSE = (lambda tally: tally.replied), (lambda tally: tally.asked)
LOWER, UPPER = "lower bound of Wilson's interval, 95 %", "upper bound of Wilson's interval, 95 %"


OPINIONS = (
    _share("satisfaction", "content", "answers 4 and 5 of 5 / answers", lambda tally: tally.content,
           lambda tally: tally.marks),
    Figure("satisfaction_low", "from", "share", LOWER, _bound(0, *CONTENT)),
    Figure("satisfaction_high", "to", "share", UPPER, _bound(1, *CONTENT)),
    _share("solved", "solved", "answers yes / (yes + no)", lambda tally: tally.solved,
           lambda tally: tally.solved + tally.unsolved),
    _count("asked", "asked", "questions of surveys that callers were asked", lambda tally: tally.asked),
    _share("response", "response", "questions answered / asked", lambda tally: tally.replied,
           lambda tally: tally.asked),
    Figure("response_low", "from", "share", LOWER, _bound(0, *RESPONSE)),
    Figure("response_high", "to", "share", UPPER, _bound(1, *RESPONSE)),
)
MENUS = (
    _count("entered", "entered", "calls that entered the menu, each counted once", lambda tally: tally.entered),
    _count("contained", "served", "calls that ended in it with success (`self_served`)",
           lambda tally: tally.contained),
    _count("left", "left", "calls that were given up in it, before any queue", lambda tally: tally.left),
    _count("to_queue", "to a queue", "calls that went from it into their first queue", lambda tally: tally.to_queue),
    _share("containment", "containment", "calls that ended in it with success / calls that entered",
           lambda tally: tally.contained, lambda tally: tally.entered),
)

Dimension = Literal["queue", "operator", "menu", "topic", "hour", "day", "line", "language", "channel"]
_OF_CALLERS = (*STAYS, *REPLIES, *TALKS, *REQUESTS, *RESOLUTION, *OPINIONS)
_OF_VISITS = (*VISITS, *_OF_CALLERS)
FIGURES: dict[Dimension, tuple[Figure, ...]] = {
    "queue": (*_OF_CALLERS, *ESTIMATES), "operator": (*OPERATORS, *REPLIES, *REQUESTS, *RESOLUTION, *OPINIONS),
    "menu": MENUS, "topic": _OF_VISITS, "hour": _OF_VISITS, "day": _OF_VISITS, "line": _OF_VISITS,
    "language": _OF_VISITS, "channel": _OF_VISITS,
}
EVERY = {figure.name: figure for figures in (VISITS, STAYS, REPLIES, OPERATORS, REQUESTS, RESOLUTION, OPINIONS, MENUS,
                                                        ESTIMATES) for figure in figures}
WORDS = "w wait, T threshold, S bound of a short wait; visits that began in the period, in the zone of their line"
