"""Who is rung for a call, and which call a free operator gets."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from routing.crew import Crew
from routing.operators import Operator
from routing.ordered import Allowed, Entry, Key, Ordered
from routing.queue import Queue, Stay

MASK = (1 << 64) - 1


class Choice(NamedTuple):
    """Among whom a strategy chooses: free operators of one tier who can take the call."""

    lines: Sequence[Ordered]
    """In the order of the strategy's key; those of one profile stand in one line."""
    allowed: Allowed | None
    """None: every one."""
    crew: Crew
    tier: int
    serial: int
    """What chance is drawn from: the same for the same history, so that a run can be repeated."""


@dataclass(frozen=True)
class Strategy:
    """`key` orders free operators; it is taken when they become free and fixed while they are. `pick` chooses."""

    key: Callable[[Operator, int], Key]
    pick: Callable[[Choice], str | None]


# --- orders: the operator, and their position among the queue's operators ---------------------------------------------
def longest_idle(operator: Operator, position: int = 0) -> Key:
    """Who has been free for longest; together free, the order in the configuration decides.

    Whoever may have several calls at a time comes after those with fewer.
    """
    return (operator.load, operator.idle_since, operator.order)


def fewest_calls(operator: Operator, position: int) -> Key:
    """Who has had the fewest calls from queues since they logged in; of those the longest idle."""
    return (operator.load, operator.taken, operator.idle_since, operator.order)


def least_talk(operator: Operator, position: int) -> Key:
    """Who has talked least since they logged in; of those the longest idle."""
    return (operator.load, operator.talked, operator.idle_since, operator.order)


def in_order(operator: Operator, position: int) -> Key:
    """As the queue names them; nobody ties."""
    return (position,)


# --- picks ------------------------------------------------------------------------------------------------------------
def lowest(choice: Choice) -> str | None:
    return _name(_first(choice.lines, choice.allowed))


def next_after_last(choice: Choice) -> str | None:
    """The next in the queue's order after the one whom it rang last in this tier, and round again."""
    last = choice.crew.position(choice.crew.last_rung.get(choice.tier, ""))
    return _name(_first(choice.lines, choice.allowed, (last,)) or _first(choice.lines, choice.allowed))


def by_chance(choice: Choice) -> str | None:
    """Each equally likely."""
    if choice.allowed is not None:
        names = _names(choice)
        return names[drawn(choice.serial) % len(names)] if names else None
    index = drawn(choice.serial) % sum(map(len, choice.lines))
    for line in _sorted(choice.lines):
        if index < len(line):
            return line[index]
        index -= len(line)
    return None


def by_weighted_chance(choice: Choice) -> str | None:
    """Each as likely as their weight says; who has weight 0 only if nobody else is there."""
    names = _names(choice)
    weights = [choice.crew.weights.get(name, 1.0) for name in names]
    total = sum(weights)
    if total <= 0:
        return names[drawn(choice.serial) % len(names)] if names else None
    left = drawn(choice.serial) / (MASK + 1) * total
    for name, weight in zip(names, weights, strict=True):
        left -= weight
        if left < 0:
            return name
    return max(zip(weights, names, strict=True))[1]     # rounding ate the last of it


def _first(lines: Sequence[Ordered], allowed: Allowed | None, beyond: Key | None = None) -> Entry | None:
    found = [entry for line in lines if (entry := line.first_allowed(allowed, beyond)) is not None]
    return min(found, default=None)


def _name(entry: Entry | None) -> str | None:
    return entry[1] if entry is not None else None


def _names(choice: Choice) -> list[str]:
    allowed = choice.allowed
    return [name for line in _sorted(choice.lines) for name in line if allowed is None or allowed(name)]


def _sorted(lines: Sequence[Ordered]) -> list[Ordered]:
    """In an order that does not tell which profile was free first."""
    return sorted(lines, key=lambda line: line[0])


def drawn(serial: int) -> int:
    """64 bits that look like chance: the mixing function of SplitMix64 (Steele, Lea, Flood 2014) over a counter."""
    mixed = serial * 0x9E3779B97F4A7C15 & MASK
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & MASK
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & MASK
    return mixed ^ mixed >> 31


STRATEGIES: Mapping[str, Strategy] = {
    "longest_idle": Strategy(longest_idle, lowest),
    "ring_all": Strategy(longest_idle, lowest),         # several of them: QueueSettings.ring_at_most
    "round_robin": Strategy(in_order, next_after_last),
    "fewest_calls": Strategy(fewest_calls, lowest),
    "least_talk": Strategy(least_talk, lowest),
    "linear": Strategy(in_order, lowest),
    "random": Strategy(in_order, by_chance),
    "weighted_random": Strategy(in_order, by_weighted_chance),
}


# --- which call -------------------------------------------------------------------------------------------------------
def rank(since: float, priority: int, priority_step: float, serial: int) -> Key:
    """A caller's place in the order of service within a queue.

    A step of priority counts as `priority_step` seconds of waiting. So the longest waiting goes first, weighted by
    priority, and yet nobody is passed by for ever. Callers of one priority keep the order in which they came.
    """
    return (since - priority * priority_step, serial)


def claim(queue: Queue, stay: Stay, now: float) -> Key:
    """A caller's place in the order of service between queues; the lowest goes first.

    Waiting, the steps of priority included, counts as often as the queue's weight says. So where queues share busy
    operators, their callers' waits come to stand to one another as the weights do the other way round; and the claim of
    any caller grows as they wait, so nobody is passed by for ever. Within a queue the order is that of `rank`.
    """
    return (-queue.settings.weight * (now - stay.rank[0]), *stay.rank)


def choose_operator(queue: Queue, stay: Stay, serial: int) -> str | None:
    """The operator to ring next for a call, of those who are free and may be: the lowest tier first."""
    line, crew = queue.line_of(stay), queue.crew
    if not crew.idle:
        return None
    if stay.held:
        return stay.preferred if crew.is_free(stay.preferred) and stay.preferred not in stay.offers else None
    allowed: Allowed | None = None
    if stay.tried or stay.offers:
        everybody_tried = queue.everybody_tried(stay)

        def allowed(name: str) -> bool:
            return name not in stay.offers and (everybody_tried or name not in stay.tried)
    pick = STRATEGIES[queue.settings.strategy].pick
    for tier in range(line.open + 1):
        lines = [free for profile, free in crew.free[tier].items() if line.accepts(profile)]
        if lines and (name := pick(Choice(lines, allowed, crew, tier, serial))) is not None:
            return name
    return None


def choose_call(queues: Iterable[Queue], operator: Operator, now: float) -> Stay | None:
    """The first to be served of the calls without an offer for which the operator may be rung, in all these queues; if
    there is none, of those that ring elsewhere and may ring here too."""
    first: tuple[Key, Stay] | None = None
    joined: tuple[Key, Stay] | None = None
    for queue in queues:
        for stay in _heads(queue, operator):
            if first is None or claim(queue, stay, now) < first[0]:
                first = claim(queue, stay, now), stay
        if first is None and queue.settings.strategy == "ring_all":
            for stay in _joinable(queue, operator):
                if joined is None or claim(queue, stay, now) < joined[0]:
                    joined = claim(queue, stay, now), stay
    chosen = first or joined
    return chosen[1] if chosen is not None else None


def _heads(queue: Queue, operator: Operator) -> Iterable[Stay]:
    """The first call that the operator could take of each line of a queue."""
    name = operator.name
    if queue.held and name in queue.held and (stay := queue.call_for(name, queue.held[name])):
        yield stay
    if not queue.live:
        return
    tier, profile = queue.crew.tier_of(name), operator.profile
    for line in queue.live:         # of which there may be thousands: what is known already costs no call
        if (tier <= line.open and (line.able[profile] if profile in line.able else line.accepts(profile))
                and (found := queue.call_for(name, line.unoffered)) is not None):
            yield found


def _joinable(queue: Queue, operator: Operator) -> Iterable[Stay]:
    tier, profile = queue.crew.tier_of(operator.name), operator.profile
    for group in queue.groups.values():
        for line in group.lines:
            if (line.joinable and tier <= line.open and line.accepts(profile)
                    and (stay := queue.call_for(operator.name, line.joinable)) is not None):
                yield stay
