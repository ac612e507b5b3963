"""Queues and operators as the estimate sees them: built from the dispatcher's events and effects alone.

So the estimate depends on what happened and not on how the dispatcher keeps it, and can be fed from the record as well.
"""

from bisect import bisect_left, insort
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from routing.dispatcher import QueueSettings, Settings, State, Status
from routing.estimate.learned import Pace
from routing.estimate.prediction import Prediction, Range
from routing.lines import Step, steps_of
from routing.skills import Demand, Profile, Profiles

PLAIN = Demand()            # asks for nothing
Class = tuple[int, Profile]
Key = tuple[float, ...]     # as of routing.strategy.rank: the lower is served sooner
Spot = tuple[Key, str]      # rank and call: where a call stands among others


@dataclass(slots=True)
class Made:
    """An estimate that waits for what comes of it."""

    at: float
    ahead: float
    prediction: Prediction
    range: Range


@dataclass(slots=True)
class Waiting:
    """A call in a queue."""

    call: str
    queue: str
    priority: int
    since: float
    rank: Key
    demand: Demand = PLAIN
    """What it asked for when it came."""
    plain: bool = True
    """Nothing."""
    virtual: bool = False
    """Nobody holds the line: to be called back. A caller ahead for others, without a wait that is estimated."""
    ringing: set[str] = field(default_factory=set)
    """Operators whose phones ring for it."""
    offered_at: float = 0.0
    said: int | None = None
    """The figure the caller heard last,"""
    left_by: int = 0
    """and how many operators had left the queue by then."""
    made: list[Made] = field(default_factory=list)


@dataclass(slots=True)
class Serving:
    """An operator: what counts is whether callers can hope for them, and whose call they are on."""

    queues: tuple[str, ...]
    profile: Profile
    status: Status = Status.LOGGED_OUT
    state: State = State.IDLE
    reachable: bool = False
    counted: bool = False
    """Among the servers of their queues."""
    queue: str = ""
    """Of the call they are rung for or on, or in wrap-up after; "" while free."""
    since: float = 0.0
    """When that began."""
    places: list[tuple["Line", Counter[str]]] = field(default_factory=list)
    """The lines they serve, and who is as they are in each."""

    @property
    def available(self) -> bool:
        return self.reachable and self.status is Status.AVAILABLE


class Line:
    """One queue: who waits without an offer, in order, and what its operators are busy with."""

    def __init__(self, name: str, now: float) -> None:
        self.name = name
        self.spots: list[Spot] = []
        self.pace = Pace(now)
        self.busy: Counter[str] = Counter()
        """Operators who serve this queue, by the queue of the call they are on; "" for those who are free."""
        self.servers = 0
        self.left = 0
        """How often one of them stopped serving it."""
        self.settings = QueueSettings(name)
        self.steps: tuple[Step, ...] = ()
        self.members: dict[str, Class] = {}
        """All who serve the queue, whenever they do."""
        self.classes: dict[Class, Counter[str]] = {}
        """`busy` by tier and profile."""
        self.alike = True
        """Every queue has the same weight."""
        self.asking: dict[Demand, list[Spot]] = {}
        """Of `spots` those that ask for something."""
        self.able: dict[tuple[Demand, int], Any] = {}
        """For asking: who can serve whom, as far as it was asked."""

        self.whole: Any = None
        """Of them the one for who asks for nothing."""

    def replace(self, settings: QueueSettings) -> None:
        """Its operators have to be told anew."""
        self.settings, self.steps = settings, steps_of(settings)
        self.members, self.classes, self.able, self.whole = {}, {}, {}, None

    def add(self, waiting: Waiting) -> None:
        insort(self.spots, (waiting.rank, waiting.call))
        if not waiting.plain:
            insort(self.asking.setdefault(waiting.demand, []), (waiting.rank, waiting.call))

    def discard(self, waiting: Waiting) -> None:
        _discard(self.spots, waiting)
        if not waiting.plain and waiting.demand in self.asking:
            _discard(self.asking[waiting.demand], waiting)
            if not self.asking[waiting.demand]:
                del self.asking[waiting.demand]

    def before(self, waiting: Waiting) -> int:
        """How many are served sooner."""
        return bisect_left(self.spots, (waiting.rank, waiting.call))


def _discard(spots: list[Spot], waiting: Waiting) -> None:
    place = bisect_left(spots, (waiting.rank, waiting.call))
    if place < len(spots) and spots[place][1] == waiting.call:
        del spots[place]


class Mirror:
    """All of it. Bounds: the dispatcher's own, of callers, operators and queues."""

    def __init__(self, settings: Settings, now: float) -> None:
        self.settings = settings
        self.lines: dict[str, Line] = {}
        self.operators: dict[str, Serving] = {}
        self.waiting: dict[str, Waiting] = {}
        self.assigned: dict[str, str] = {}
        """Operator -> the call that the queue gave them."""
        self.serial = 0
        self.replace(settings, now)

    def replace(self, settings: Settings, now: float) -> None:
        """New settings: what was learned of queues that stay, stays."""
        self.settings = settings
        for serving in self.operators.values():
            self._count(serving, False)
        self.lines = {queue.name: self.lines.get(queue.name) or Line(queue.name, now) for queue in settings.queues}
        profiles = Profiles()
        known, self.operators = self.operators, {}
        for each in settings.operators:
            profile = profiles.of(each.skills, each.languages)
            serving = self.operators[each.name] = known.get(each.name) or Serving((), profile, each.status)
            serving.profile, serving.queues, serving.places = profile, (), []
        for serving in (serving for name, serving in known.items() if name not in self.operators):
            if serving.queue in self.lines:     # their round is nobody's any more
                self.lines[serving.queue].pace.rounds.expose(-1, now)
        for queue in settings.queues:
            self._man(self.lines[queue.name], queue)
            self.lines[queue.name].alike = len({each.weight for each in settings.queues}) == 1
        for serving in self.operators.values():
            self.recount(serving)

    def _man(self, line: Line, queue: QueueSettings) -> None:
        line.replace(queue)
        for tier, names in enumerate((queue.operators, *(tier.operators for tier in queue.tiers))):
            for name in names:
                serving = self.operators.get(name)
                if serving is not None and name not in line.members:
                    line.members[name] = (tier, serving.profile)
                    serving.queues += (line.name,)
                    serving.places.append((line, line.classes.setdefault((tier, serving.profile), Counter())))

    def recount(self, serving: Serving) -> None:
        """Their status or phone is another now."""
        if serving.counted and not serving.available:
            for name in serving.queues:
                self.lines[name].left += 1
        self._count(serving, False)
        self._count(serving, serving.available)

    def occupy(self, serving: Serving, queue: str, now: float) -> None:
        """They begin with a call of this queue; "": they are free. Which is learned from."""
        was, counted = serving.queue, serving.counted
        if was != queue:
            self._count(serving, False)
            serving.queue = queue
            self._count(serving, counted)
            for name, more in ((was, -1), (queue, 1)):
                if name in self.lines:
                    self.lines[name].pace.rounds.expose(more, now)
        serving.since = now

    def _count(self, serving: Serving, counted: bool) -> None:
        if serving.counted == counted:
            return
        more = 1 if counted else -1
        for line, alike in serving.places:
            line.servers += more
            line.busy[serving.queue] += more
            alike[serving.queue] += more
        serving.counted = counted
