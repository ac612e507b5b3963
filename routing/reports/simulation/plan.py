"""All that a simulated day is made of. Times in seconds from the day's beginning."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.dispatcher import Settings, Status
from routing.reports.simulation.arrivals import Source
from routing.reports.simulation.distributions import AT_ONCE, INFINITE, Distribution


@dataclass(frozen=True)
class QueueTraffic:
    """How callers of a queue behave, and how long operators have to do with them."""

    handle: Distribution
    """From the operator's answer to the end of the talk; the queue's wrap-up comes on top."""
    patience: Distribution = INFINITE
    """How long a caller waits for the operator's answer before hanging up."""
    retry_share: float = 0.0
    """Of those who gave up: how many call again,"""
    retry_after: Distribution = AT_ONCE
    """and after what time. They go the way they went."""


@dataclass(frozen=True)
class StatusChange:
    """The roster says that an operator begins, has a break, or goes."""

    at: float
    operator: str
    status: Status
    reason: str = ""


@dataclass(frozen=True)
class Plan:
    """Traffic, operators and rules. What happens between the sources' ends and the last caller's is simulated too."""

    settings: Settings
    traffic: Mapping[str, QueueTraffic]
    """By queue; every queue that a way or an overflow leads to."""
    sources: tuple[Source, ...]
    roster: tuple[StatusChange, ...]
    overflow: Mapping[str, str] = field(default_factory=dict)
    """Queue -> the queue that its overflowing callers enter; others hear a message and are gone."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Operator -> the group they are counted in."""
    answer: Distribution = AT_ONCE
    """How long an operator's phone rings before it is answered; longer than the queue's ring time is no answer."""
    missed_share: float = 0.0
    """Offers that nobody answers, whatever `answer` says."""
    threshold: float = 20.0
    """T of the service level: who is answered within it is answered in time."""
    until: float = 0.0
    """The end of the day: until then operators' time counts, and on until the last caller is gone."""
    batch: float = 0.0
    """0: the whole is one day and one tally. Else callers are counted by when they came, in spans of this length,
    for a system that runs for ever (method of batch means);"""
    warm_up: float = 0.0
    """those who came before it are not counted: the system began empty."""
