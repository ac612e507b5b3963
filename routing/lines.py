"""Calls of one queue that ask for the same, and the lines they stand in as they wait."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from routing.ordered import Ordered
from routing.queue_settings import QueueSettings
from routing.skills import Demand, Profile, Relaxation

if TYPE_CHECKING:
    from routing.queue import TimerKey


class Step(NamedTuple):
    """What holds for a call that has waited `at` seconds: the tiers that are open by then, and what was given up."""

    at: float
    tier: int
    relaxations: tuple[Relaxation, ...]


def steps_of(settings: QueueSettings) -> tuple[Step, ...]:
    """The first is for who has just come; those that the longest wait does not let happen are left out."""
    times = {0.0, *(tier.after for tier in settings.tiers), *(step.after for step in settings.relax)}
    return tuple(
        Step(at, max((number for number, tier in enumerate(settings.tiers, 1) if tier.after <= at), default=0),
             tuple(step for step in settings.relax if step.after <= at))
        for at in sorted(times) if at <= 0 or at < settings.max_wait)


class Line:
    """Calls of one queue that ask for the same now and reach the same tiers."""

    __slots__ = ("able", "by_time", "demand", "in_reach", "joinable", "missed", "open", "serving", "unoffered")

    def __init__(self, demand: Demand, by_time: int, tiers: int) -> None:
        self.demand = demand
        self.by_time = by_time
        """The highest tier that waiting alone has opened."""
        self.serving = [0] * tiers
        """By tier: operators in service who have what is asked for."""
        self.open = by_time
        """The highest tier that is open: also the lowest in which somebody is in service."""
        self.in_reach = 0
        """Operators in service in open tiers who have what is asked for."""
        self.unoffered = Ordered()
        """Calls for which no phone rings, and which are kept for nobody."""
        self.missed: set[str] = set()
        """Those of them that somebody missed."""
        self.joinable = Ordered()
        """Calls for which phones ring, and more may (`ring_all`)."""
        self.able: dict[Profile, bool] = {}
        """Whether operators of a profile have what is asked for, as far as anybody has asked: see `accepts`."""

    def accepts(self, profile: Profile) -> bool:
        """Whether operators of this profile have what is asked for."""
        able = self.able.get(profile)
        if able is None:
            able = self.able[profile] = self.demand.met_by(profile)
        return able

    def count(self, tier: int, number: int) -> bool:
        """So many more are in service in a tier. True: that opens another tier, or closes one."""
        before = self.serving[tier]
        self.serving[tier] += number
        if before and self.serving[tier]:       # somebody was there and still is: the same tiers are open
            if tier <= self.open:
                self.in_reach += number
            return False
        opened = self.open
        lowest = next((tier for tier, serving in enumerate(self.serving) if serving), 0)
        self.open = max(self.by_time, lowest)
        self.in_reach = sum(self.serving[:self.open + 1])
        return self.open != opened


class Group:
    """Calls of one queue that asked for the same when they came: a line for each step of their waiting.

    `hope` is what decides whether it makes sense to wait: operators in service who could take such a call after its
    last step.
    """

    __slots__ = ("calls", "demand", "empty_timer", "lines")

    def __init__(self, demand: Demand, steps: Sequence[Step], tiers: int) -> None:
        self.demand = demand
        self.lines = tuple(Line(demand.relaxed(step.relaxations), step.tier, tiers) for step in steps)
        self.calls: set[str] = set()
        self.empty_timer: TimerKey | None = None

    @property
    def hope(self) -> int:
        return sum(self.lines[-1].serving)

    def count(self, tier: int, profile: Profile, number: int) -> list[Line]:
        """So many more operators of a profile are in service in a tier. The lines in which a call may now be rung
        elsewhere: where a tier opened, and where everybody who is left may have been tried."""
        changed = []
        for line in self.lines:
            if line.accepts(profile) and (line.count(tier, number) or line.missed or line.joinable):
                changed.append(line)
        return changed
