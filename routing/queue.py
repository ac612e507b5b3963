"""One queue: who waits in it, in which order, and what became of everybody who ever did."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from routing.crew import Crew
from routing.lines import Group, Line, Step, steps_of
from routing.ordered import Key, Ordered
from routing.queue_settings import QueueSettings
from routing.skills import Demand, Skills, demand_of

TimerKey = tuple[str, str, int]     # kind, whose it is, serial number: no two timers ever share a key
Ending = Literal["answered", "abandoned", "overflow", "callback", "voicemail", "transferred", "closed", "failed"]
OverflowReason = Literal["max_wait", "nobody_logged_in", "nobody_able", "full", "no_queue"]

SHOWN = 50              # waiting calls that a snapshot lists per queue; a screen shows fewer, the count is always exact
MOST_GROUPS = 256       # of a queue, before those nobody waits in are forgotten; distinct demands are few


@dataclass(slots=True)
class Offer:
    """A call that rings at an operator."""

    call: str
    operator: str
    since: float
    timer: TimerKey
    """End of the ring time."""


@dataclass(slots=True)
class Stay:
    """One call's stay in one queue, from CallQueued until it is answered, overflows or leaves."""

    call: str
    queue: str
    language: str
    priority: int
    since: float
    rank: Key
    """Lower is served sooner, in this queue; fixed when the caller enters."""
    skills: Skills = ()
    """As the call asked for them; the queue may ask for more."""
    preferred: str = ""
    virtual: bool = False
    """Nobody holds the line: to be called back."""
    held: bool = False
    """Kept for `preferred`: nobody else is rung."""
    stage: int = 0
    """Steps of the queue (tiers that opened, demands that fell) that the call has waited through."""
    offers: dict[str, Offer] = field(default_factory=dict)
    """By operator: whose phones ring for it now."""
    tried: set[str] = field(default_factory=set)
    """Operators to whom it was offered in vain in this round; at most all those of the queue."""
    max_wait_timer: TimerKey | None = None
    announce_timer: TimerKey | None = None
    round_timer: TimerKey | None = None
    """Runs while the call waits without an offer and somebody was tried."""
    step_timer: TimerKey | None = None
    """The next tier opens, or a demand falls."""
    sticky_timer: TimerKey | None = None
    group: Group | None = field(default=None, repr=False, compare=False)
    """Found by the queue."""

    @property
    def operator(self) -> str | None:
        """Whose phone rings for it now; of several the first."""
        return next(iter(self.offers), None)


class Queue:
    """The waiting calls of one queue in the order in which they are served, and its operators (`crew`).

    Calls stand in lines: those of one line ask for the same and reach the same tiers, so whether an operator can take
    one of them is asked of the line. A call kept for one operator stands in `held` instead.
    Bound: `max_waiting` callers, and one more for each operator who was free when that one came; and as many who are to
    be called back as whoever enters them allows.
    """

    def __init__(self, settings: QueueSettings) -> None:
        self.stays: dict[str, Stay] = {}
        self.order = Ordered()
        """All calls in the queue."""
        self.groups: dict[Demand, Group] = {}
        self.live: dict[Line, None] = {}
        """Lines in which a call waits without an offer."""
        self.held: dict[str, Ordered] = {}
        """By operator: calls without an offer that are kept for them."""
        self.virtual: set[str] = set()
        """Of them those on which nobody holds the line."""
        self.offered = 0
        self.ended: dict[str, int] = {"answered": 0, "abandoned": 0, "overflow": 0}
        self.last_rung: dict[int, str] = {}
        """By tier, for `round_robin`."""
        self.renew(settings)

    def renew(self, settings: QueueSettings) -> None:
        """Other settings. Who is free and who serves has to be told anew; so have the calls, by `enter`."""
        self.settings = settings
        self.steps: tuple[Step, ...] = steps_of(settings)
        self.crew = Crew(settings, self.last_rung)
        self.groups.clear()
        self.live.clear()
        self.held.clear()

    # --- calls ------------------------------------------------------------------------------------------------------
    def group_of(self, stay: Stay) -> Group:
        """Those who ask for the same as this call, whether it is in or not."""
        if stay.group is None:
            language = stay.language if self.settings.match_language else ""
            stay.group = self.group(demand_of(stay.skills, self.settings.skills, language))
        return stay.group

    def group(self, demand: Demand) -> Group:
        """Those who ask for this; a new group for the first."""
        group = self.groups.get(demand)
        if group is None:
            if len(self.groups) >= MOST_GROUPS:
                self.groups = {demand: kept for demand, kept in self.groups.items() if kept.calls}
            group = self.groups[demand] = Group(demand, self.steps, len(self.settings.tiers) + 1)
            for (tier, profile), number in self.crew.classes.items():
                group.count(tier, profile, number)
        return group

    def line_of(self, stay: Stay) -> Line:
        """Where the call stands, or would stand."""
        return self.group_of(stay).lines[stay.stage]

    def enter(self, stay: Stay) -> None:
        """The call is in, or is so under new settings; whether it has an offer is told by `wait`."""
        stay.group = None
        if stay.call not in self.stays:
            self.stays[stay.call] = stay
            self.order.add(stay.call, stay.rank)
            if stay.virtual:
                self.virtual.add(stay.call)
        self.group_of(stay).calls.add(stay.call)

    def move(self, stay: Stay, stage: int) -> None:
        """The call has waited through steps: it stands in another line now, with its offers or without one."""
        waits = self.waits(stay)
        self.unwait(stay)
        self.line_of(stay).joinable.discard(stay.call)
        stay.stage = stage
        self.note_offers(stay)
        if waits:
            self.wait(stay)

    def leave(self, stay: Stay, ending: Ending) -> None:
        self.unwait(stay)
        self.line_of(stay).joinable.discard(stay.call)
        self.group_of(stay).calls.discard(stay.call)
        del self.stays[stay.call]
        self.virtual.discard(stay.call)
        self.order.discard(stay.call)
        self.count(ending)

    def count(self, ending: Ending) -> None:
        self.ended[ending] = self.ended.get(ending, 0) + 1

    def waits(self, stay: Stay) -> bool:
        """Whether it stands without an offer."""
        if stay.held:
            return stay.call in self.held.get(stay.preferred, ())
        return stay.call in self.line_of(stay).unoffered

    @property
    def holding(self) -> int:
        """Callers who hold the line."""
        return len(self.stays) - len(self.virtual)

    def wait(self, stay: Stay) -> None:
        """No phone rings for the call."""
        if stay.held:
            line = self.held.setdefault(stay.preferred, Ordered())
            if stay.call not in line:
                line.add(stay.call, stay.rank)
            return
        into = self.line_of(stay)
        if stay.tried:
            into.missed.add(stay.call)
        if stay.call not in into.unoffered:
            into.unoffered.add(stay.call, stay.rank)
            self.live[into] = None

    def unwait(self, stay: Stay) -> None:
        """A phone rings for it, or it moves to another line, or it leaves."""
        if stay.held and (held := self.held.get(stay.preferred)) is not None:
            held.discard(stay.call)
            if not held:
                del self.held[stay.preferred]
        line = self.line_of(stay)
        line.unoffered.discard(stay.call)
        line.missed.discard(stay.call)
        if not line.unoffered:
            self.live.pop(line, None)

    def note_offers(self, stay: Stay) -> None:
        """After an offer began or ended: whether more operators may be rung for the call (`ring_all`)."""
        line = self.line_of(stay)
        joinable = bool(stay.offers) and self.rings_more(stay) and not stay.held
        if joinable and stay.call not in line.joinable:
            line.joinable.add(stay.call, stay.rank)
        elif not joinable:
            line.joinable.discard(stay.call)

    def rings_more(self, stay: Stay) -> bool:
        """Whether one operator more may be rung for the call."""
        most = self.settings.ring_at_most if self.settings.strategy == "ring_all" and not stay.held else 1
        return len(stay.offers) < most

    def place(self, call: str) -> int:
        """The call's place in the line; 1 is next. Calls for which a phone rings still count."""
        return self.order.ahead_of(call) + 1

    # --- who may be rung --------------------------------------------------------------------------------------------
    def reaches(self, operator: str, stay: Stay) -> bool:
        """Whether the operator's tier is open for the call; it always is for whom the call is kept."""
        if stay.held:
            return operator == stay.preferred
        return self.crew.tier_of(operator) <= self.line_of(stay).open

    def may_ring(self, operator: str, stay: Stay) -> bool:
        """Nobody is rung twice for a call before everybody in its reach was tried for it."""
        return operator not in stay.offers and (operator not in stay.tried or self.everybody_tried(stay))

    def everybody_tried(self, stay: Stay) -> bool:
        """Whether the call was offered in vain to all who are in service and could take it now."""
        line, serving = self.line_of(stay), self.crew.serving
        if not stay.tried or len(stay.tried) < line.in_reach:
            return False
        tried = 0
        for name in stay.tried:
            where = serving.get(name)
            if where is not None and where[0] <= line.open and line.accepts(where[1]):
                tried += 1
        return tried >= line.in_reach

    def call_for(self, operator: str, line: Ordered) -> Stay | None:
        """The first call of a line for which the operator may be rung. Those passed by are calls they missed."""
        for call in line:
            stay = self.stays[call]
            if (not stay.tried and not stay.offers) or self.may_ring(operator, stay):
                return stay
        return None

    # --- figures ----------------------------------------------------------------------------------------------------
    def unaccounted(self) -> int:
        """Calls offered less calls ended and waiting: always 0, or a caller was lost or counted twice."""
        return self.offered - sum(self.ended.values()) - len(self.stays)

    def unoffered(self) -> Iterator[Stay]:
        """Calls for which no phone rings, in the order of service."""
        return (stay for call in self.order if not (stay := self.stays[call]).offers)

    def snapshot(self, now: float) -> dict[str, Any]:
        """Plain data for screens and metrics; times are seconds until `now`."""
        stays = [self.stays[call] for call in islice(self.order, SHOWN)]
        waits = [now - stay.since for stay in self.stays.values() if not stay.virtual]
        return {
            "name": self.settings.name,
            "offered": self.offered,
            **self.ended,
            "waiting": self.holding,
            "callbacks": len(self.virtual),
            "ringing": sum(bool(stay.offers) for stay in self.stays.values()),
            "unaccounted": self.unaccounted(),
            "longest_wait": max(waits, default=0.0),
            "operators_in_service": len(self.crew.serving),
            "operators_idle": self.crew.idle,
            "calls": [
                {"call": stay.call, "place": place, "language": stay.language, "priority": stay.priority,
                 "wait_time": now - stay.since, "operator": stay.operator, "virtual": stay.virtual}
                for place, stay in enumerate(stays, 1)
            ],
        }
