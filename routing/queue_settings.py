"""What an admin sets for a queue."""

from dataclasses import dataclass

from routing.skills import Relaxation, Skills


@dataclass(frozen=True)
class Tier:
    """Operators who are asked when those of the tiers before are not enough: for calls that waited `after` seconds."""

    operators: tuple[str, ...]
    after: float = 0.0


@dataclass(frozen=True)
class QueueSettings:
    """What an admin sets for a queue. Times in seconds."""

    name: str
    operators: tuple[str, ...] = ()
    """Who serves the queue; names that no OperatorSettings has are passed over."""
    ring_time: float = 20.0
    """How long an operator's phone rings before the call goes on to the next."""
    max_wait: float = 600.0
    """The longest stay; after it the caller overflows, even while a phone rings."""
    max_waiting: int = 200
    """Callers in the queue at most, those being offered included; one more overflows unless somebody is free."""
    announce_first_after: float = 0.0
    """Seconds of music before the place is first told; 0 tells it on entering, while phones begin to ring."""
    announce_every: float = 30.0
    """From one announcement to the next; 0 for none at all."""
    retry_after: float = 5.0
    """How long an operator rests after an offer that came to nothing."""
    second_round_after: float = 30.0
    """How long a caller whom the free operators missed is kept for the busy ones, before the free are rung again."""
    empty_grace: float = 15.0
    """How long callers stay once nobody serves them: a phone that registers again within it loses no one."""
    wrap_up: float = 0.0
    """Time for notes after a call, before the next one."""
    wrap_up_until_saved: bool = False
    """The wrap-up ends earlier, when the request is saved (WrapUpDone); `wrap_up` is its bound."""
    strategy: str = "longest_idle"
    """Which free operator comes first: a name in routing.strategy.STRATEGIES."""
    tiers: tuple[Tier, ...] = ()
    """Further operators, who are asked after those of `operators` (tier 0). A tier opens for a call that waited so
    long, and at once while nobody of the tiers before is in service who could take it."""
    weight: float = 1.0
    """Between queues that share operators: a second of waiting here counts as so many."""
    skills: Skills = ()
    """What every caller of this queue asks for, besides what the call does."""
    match_language: bool = False
    """Operators must speak the caller's language."""
    relax: tuple[Relaxation, ...] = ()
    """What is given up for callers who wait."""
    sticky: float = 0.0
    """How long a call is kept for its preferred operator (CallQueued.preferred), while they are in service."""
    ring_at_most: int = 10
    """Operators that `ring_all` rings at one time for a call."""
    operator_weights: tuple[tuple[str, float], ...] = ()
    """For `weighted_random`; who is not named has 1."""

    @property
    def everybody(self) -> tuple[str, ...]:
        """All who serve the queue, tier by tier."""
        return (*self.operators, *(name for tier in self.tiers for name in tier.operators))
