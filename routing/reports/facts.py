"""What one visit was, read off its entries: stays in queues, talks, offers, menus, opinions. Pure; all of a report, and
the check that nobody was lost, rest on this reading and on nothing else.

    queued -> operator_offered -> offer_failed … -> stay_ended | bridged | overflowed | queue_left | ended: a stay

`stay_ended` says what the queue itself counts, offers with it; calls of earlier versions have none, and are read by the
others.
    bridged -> held, resumed … -> bridged | request_opened | survey_begun | menu_entered | ended: one talk
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

# Entries that this reading needs, of all that a visit has.
KINDS = ("queued", "operator_offered", "offer_failed", "bridged", "overflowed", "queue_left", "stay_ended", "held",
         "resumed", "transfer_requested", "transfer_failed", "request_opened", "menu_entered", "survey_begun",
         "survey_asked", "survey_answered", "ended")
MISSED = frozenset(("no_answer", "busy", "refused", "unreachable", "failed"))
WAITING = "waiting"     # instead of an ending: the stay goes on
UNANSWERED = "unanswered"     # instead of an ending: another stay began before this one ended, which must not be


class Step(NamedTuple):
    """An entry as far as it matters here."""

    position: int
    at: datetime
    kind: str
    details: Mapping[str, Any]


@dataclass(slots=True)
class Stay:
    """One caller in one queue. `ending` as of `routing.queue.Ending`; `operator`: who answered."""

    queue: str
    began_at: datetime
    ended_at: datetime | None = None
    ending: str = WAITING
    operator: str = ""

    @property
    def wait(self) -> float:
        """Seconds; 0 while it goes on."""
        return 0.0 if self.ended_at is None else (self.ended_at - self.began_at).total_seconds()


@dataclass(slots=True)
class Talk:
    """One operator with the caller; `talk` and `hold` in seconds, `hold` while the operator held the caller. `queue`:
    the last one that the caller waited in."""

    operator: str
    queue: str
    began_at: datetime
    talk: float = 0.0
    hold: float = 0.0


@dataclass(slots=True)
class Offer:
    """A phone rang for the caller. `failed`: why it was not taken up, as the entry says; "" if it was, or rings."""

    operator: str
    queue: str
    failed: str = ""

    @property
    def missed(self) -> bool:
        """It was the operator who did not take it; a caller who hung up is nobody's fault."""
        return self.failed in MISSED


@dataclass(slots=True)
class Visit:
    """One call with what was read off its entries. `menus`: entered, each once, in order; `last_menu`: the last; the
    answers are by survey and question, the later one if somebody was asked twice. Of a chat: when a person of ours
    wrote first, and who."""

    id: str
    line: str
    language: str
    began_at: datetime
    outcome: str | None
    topic: str = ""
    channel: str = "voice"
    replied_at: datetime | None = None
    replied_by: str = ""
    stays: list[Stay] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    menus: dict[str, None] = field(default_factory=dict)
    last_menu: str = ""
    menu_of_queue: str = ""             # the menu that led to the first queue
    asked: set[tuple[str, str]] = field(default_factory=set)
    answers: dict[tuple[str, str], str] = field(default_factory=dict)
    endings: list[str] = field(default_factory=list)        # outcomes of `ended` entries: exactly one, once it is over

    @property
    def queue(self) -> str:
        """The last that the caller waited in; "" for none."""
        return self.stays[-1].queue if self.stays else ""

    @property
    def operator(self) -> str:
        """Who talked with the caller last; "" for nobody."""
        return self.talks[-1].operator if self.talks else ""


def read(visit: Visit, steps: Iterable[Step]) -> Visit:
    """Fill in `visit` from its entries, in order of position."""
    reading = _Reading(visit)
    for step in steps:
        reading.take(step)
    return visit


class _Reading:
    """Where the visit stands after the entries so far."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._stay: Stay | None = None
        self._talk: Talk | None = None
        self._since: datetime | None = None       # of the present stretch of talk or hold; None: it pauses
        self._on_hold = False
        self._offers_before = 0         # those of earlier stays

    def take(self, step: Step) -> None:
        row = _ROWS.get(step.kind)
        if row is not None:
            row(self, step)

    # --- stays ------------------------------------------------------------------------------------------------------
    def queued(self, step: Step) -> None:
        self._end_stay(step, UNANSWERED)
        visit = self._visit
        self._stay = Stay(_text(step, "queue"), step.at)
        if not visit.stays:
            visit.menu_of_queue = visit.last_menu
        visit.stays.append(self._stay)
        self._offers_before = len(visit.offers)

    def _end_stay(self, step: Step, ending: str, operator: str = "") -> None:
        if self._stay is not None:
            self._stay.ended_at, self._stay.ending, self._stay.operator = step.at, ending, operator
            self._stay = None

    def overflowed(self, step: Step) -> None:
        self._end_stay(step, "overflow")

    def queue_left(self, step: Step) -> None:
        """By a key, into a menu: what that leads to is another fact."""
        self._end_stay(step, "transferred")

    def stay_ended(self, step: Step) -> None:
        """It may come after `ended`, which the caller's end was written with."""
        self._end_stay(step, _text(step, "ending") or "failed", _text(step, "operator"))
        if "offers" not in step.details:
            return
        queue = _text(step, "queue") or self._visit.queue
        self._visit.offers[self._offers_before:] = [
            Offer(str(operator), queue, "" if how == "answered" else str(how))
            for operator, how, times, _ in _offers(step) for _ in range(times)]
        self._offers_before = len(self._visit.offers)

    def offered(self, step: Step) -> None:
        self._visit.offers.append(Offer(_text(step, "operator"), self._visit.queue))

    def offer_failed(self, step: Step) -> None:
        operator = _text(step, "operator")
        for offer in reversed(self._visit.offers):      # several operators may be rung at one time
            if offer.operator == operator:
                offer.failed = offer.failed or _text(step, "reason")
                return

    # --- talks ------------------------------------------------------------------------------------------------------
    def bridged(self, step: Step) -> None:
        operator = _text(step, "operator")
        self._end_stay(step, "answered", operator)
        self._end_talk(step)
        if operator:
            self._talk = Talk(operator, self._visit.queue, step.at)
            self._since, self._on_hold = step.at, False
            self._visit.talks.append(self._talk)

    def held(self, step: Step) -> None:
        if _text(step, "by") != "caller":
            self._count(step)
            self._on_hold = True

    def resumed(self, step: Step) -> None:
        if _text(step, "by") != "caller":
            self._count(step)
            self._on_hold = False

    def transfer_requested(self, step: Step) -> None:
        self._count(step)
        self._since = None

    def transfer_failed(self, step: Step) -> None:
        """The caller is back with the operator, if they stayed."""
        if self._talk is not None:
            self._since = step.at

    def _count(self, step: Step) -> None:
        """What passed since the last change, as talk or as hold."""
        if self._talk is None or self._since is None:
            return
        seconds = (step.at - self._since).total_seconds()
        if self._on_hold:
            self._talk.hold += seconds
        else:
            self._talk.talk += seconds
        self._since = step.at

    def _end_talk(self, step: Step) -> None:
        self._count(step)
        self._talk = self._since = None


    # --- menus, opinions, the end -----------------------------------------------------------------------------------
    def menu_entered(self, step: Step) -> None:
        self._end_talk(step)
        self._visit.last_menu = _text(step, "menu")
        self._visit.menus.setdefault(self._visit.last_menu)

    def survey_asked(self, step: Step) -> None:
        self._visit.asked.add((_text(step, "survey"), _text(step, "question")))

    def survey_answered(self, step: Step) -> None:
        self._visit.answers[_text(step, "survey"), _text(step, "question")] = _text(step, "answer")

    def ended(self, step: Step) -> None:
        # As ivr.call.bridge tells the queue: who hangs up while waiting abandons, even after a talk before.
        self._end_stay(step, "abandoned" if _text(step, "by") == "caller" else "failed")
        self._end_talk(step)
        self._visit.endings.append(_text(step, "outcome"))


_ROWS = {
    "queued": _Reading.queued, "operator_offered": _Reading.offered,
    "offer_failed": _Reading.offer_failed, "bridged": _Reading.bridged,
    "overflowed": _Reading.overflowed, "queue_left": _Reading.queue_left,
    "stay_ended": _Reading.stay_ended, "held": _Reading.held, "resumed": _Reading.resumed,
    "transfer_requested": _Reading.transfer_requested, "transfer_failed": _Reading.transfer_failed,
    "request_opened": _Reading._end_talk, "survey_begun": _Reading._end_talk,
    "menu_entered": _Reading.menu_entered, "survey_asked": _Reading.survey_asked,
    "survey_answered": _Reading.survey_answered, "ended": _Reading.ended,
}


def _text(step: Step, name: str) -> str:
    """A detail of an entry; what another version wrote otherwise is no reason to stop."""
    value = step.details.get(name, "")
    return value if isinstance(value, str) else str(value)


def _offers(step: Step) -> list[tuple[Any, Any, int, Any]]:
    """[operator, how, times, seconds] each."""
    given = step.details.get("offers", ())
    return [(one[0], one[1], one[2], one[3]) for one in given if isinstance(one, list | tuple) and len(one) == 4
            and isinstance(one[2], int)] if isinstance(given, list | tuple) else []
