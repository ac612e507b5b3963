"""What of the queues outlives the calls: how operators stand, counts, memories, and what the wait estimates learned.

Plain data, made anew each time it is to be written down. Times are of the clock that gave `now`; whoever takes it up in
another process says by how much that one's clock differs (`shift`, s). Bounds are for a file that somebody may have
written into: what does not keep to them is no state of ours.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from routing.queue import Ending

MOST_OPERATORS, MOST_QUEUES, MOST_TIERS = 5_000, 500, 1_000
Time = Annotated[float, Field(ge=-1e12, le=1e12)]
Span = Annotated[float, Field(ge=0, le=1e12)]
Count = Annotated[int, Field(ge=0, le=1 << 53)]
Text = Annotated[str, Field(max_length=400)]

STRICT = {"extra": "forbid", "allow_inf_nan": False}


@dataclass(frozen=True, slots=True)
class OperatorLasts:
    """One operator; fields as of `routing.operators.Operator`. Who is on a call is so for the last time: `wrap_up` (s)
    is what follows when it breaks, `wrap_up_until` when the one that runs is over. 0: none."""

    __pydantic_config__: ClassVar = STRICT

    name: Text
    status: Literal["available", "on_break", "logged_out"]
    reason: Text
    set_by: Text
    status_since: Time
    state_since: Time
    idle_since: Time
    wrap_up: Span
    wrap_up_until: Time
    until_saved: bool
    noted: Text
    rest_until: Time
    answered: Count
    missed: Count
    missed_in_a_row: Count
    taken: Count
    talked: Span


@dataclass(frozen=True, slots=True)
class QueueLasts:
    """One queue. Who waits counts as `failed`: nobody holds their line any more. Who is to be called back is not
    counted: they enter anew. `last_rung`: by tier."""

    __pydantic_config__: ClassVar = STRICT

    name: Text
    ended: dict[Ending, Count]
    last_rung: Annotated[dict[int, Text], Field(max_length=MOST_TIERS)]


@dataclass(frozen=True, slots=True)
class RateLasts:
    """As of `routing.estimate.learned.Rate`."""

    __pydantic_config__: ClassVar = STRICT

    events: Span
    exposure: Span
    at: Time


@dataclass(frozen=True, slots=True)
class BoundsLasts:
    """As of `routing.estimate.tracker.Bounds`."""

    __pydantic_config__: ClassVar = STRICT

    low: Annotated[float, Field(ge=-20, le=20)]
    high: Annotated[float, Field(ge=-20, le=20)]
    outcomes: Count


@dataclass(frozen=True, slots=True)
class TrackerLasts:
    """As of `routing.estimate.tracker.Tracker`, of callers who ask for the same: `skills` and `language`."""

    __pydantic_config__: ClassVar = STRICT

    skills: Annotated[list[tuple[Text, Annotated[int, Field(ge=0, le=100)]]], Field(max_length=100)]
    language: Text
    bounds: Annotated[list[BoundsLasts], Field(max_length=32)]
    waited: Annotated[float, Field(gt=0, le=1e12)]
    predicted: Annotated[float, Field(gt=0, le=1e12)]


@dataclass(frozen=True, slots=True)
class PaceLasts:
    """What the estimates of one queue learned: `routing.estimate.learned.Pace`, and from its callers."""

    __pydantic_config__: ClassVar = STRICT

    queue: Text
    rounds: RateLasts
    abandons: RateLasts
    coming: Annotated[dict[int, RateLasts], Field(max_length=32)]
    ring: Annotated[float, Field(ge=0, le=1e6)]
    spread: tuple[Annotated[float, Field(gt=0, le=1e6)], Annotated[float, Field(gt=0, le=1e12)], Span]
    """Weight, total, squares."""
    kinds: Annotated[list[TrackerLasts], Field(max_length=64)]


@dataclass(frozen=True, slots=True)
class ChatsLast:
    """All of it, as far as chats are concerned."""

    __pydantic_config__: ClassVar = STRICT

    operators: Annotated[list[OperatorLasts], Field(max_length=MOST_OPERATORS)]
    queues: Annotated[list[QueueLasts], Field(max_length=MOST_QUEUES)]
    paces: Annotated[list[PaceLasts], Field(max_length=MOST_QUEUES)]


@dataclass(frozen=True, slots=True)
class QueuesLast:
    """All of it: of calls, and apart from that of `chats`, which files of earlier versions have not."""

    __pydantic_config__: ClassVar = STRICT

    operators: Annotated[list[OperatorLasts], Field(max_length=MOST_OPERATORS)]
    queues: Annotated[list[QueueLasts], Field(max_length=MOST_QUEUES)]
    paces: Annotated[list[PaceLasts], Field(max_length=MOST_QUEUES)]
    chats: ChatsLast | None = None
